//! Roles with an end: `--for` on `use`, `exec`, `shell` and `env`, what is refused afterwards, and what is put back.

use super::desk::{ADD_ALL, context, current, desk_with_all, run_in};
use crate::support::{Desk, Outcome};
use serde_yaml::Value;

const VIEWER: &str = "Production/web:EKSViewer";
const ADMIN: &str = "Production/web:EKSAdmin";
const WEB: [&str; 4] = ["add", "--account=Production", "--region=eu-west-1", "--cluster=web"];

/// A desk that knows the viewer of one cluster alone, which is current.
fn viewer() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&[&WEB[..], &["--role=EKSViewer", "--use"]].concat()).ok();
    desk
}

/// What kubectl runs for a context of a kubeconfig.
fn args(config: &Value, name: &str) -> Vec<String> {
    let user = context(config, name)["user"].as_str().expect("a user").to_owned();
    let users = config["users"].as_sequence().expect("users");
    let user = users.iter().find(|entry| entry["name"] == user.as_str()).unwrap_or_else(|| panic!("no {user}"));
    let args = user["user"]["exec"]["args"].as_sequence().expect("args");
    args.iter().map(|arg| arg.as_str().expect("a word").to_owned()).collect()
}

/// What kubectl gets in a context.
fn token(desk: &Desk, name: &str) -> Outcome {
    let args = args(&desk.kubeconfig(), name);
    desk.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn users(desk: &Desk) -> usize {
    desk.kubeconfig()["users"].as_sequence().map_or(0, Vec::len)
}

#[test]
fn an_elevation_ends_token_refuses_and_what_was_there_before_is_put_back() {
    let desk = viewer();
    let before = desk.kubeconfig();
    let told = desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    assert!(told.err.contains("Switched to `Production/web:EKSAdmin`, for another "), "{}", told.err);
    assert_eq!(current(&desk), ADMIN);
    assert!(desk.run(&["status"]).ok().err.contains("EKSAdmin, for another 30 min"));
    let until = args(&desk.kubeconfig(), ADMIN).pop().expect("the end");
    assert!(until.ends_with('Z') && !until.contains('.'), "{until}");
    let row = desk.run(&["use", "-c", "-o", "json"]).ok().json();
    assert_eq!(row[0]["until"].as_str().map(|at| &at[..19]), Some(&until[..19]));
    let reply = token(&desk, ADMIN).ok().json();
    assert!(reply["status"]["expirationTimestamp"].as_str().expect("a time") < until.as_str(), "{reply}");
    desk.simulator.advance(20 * 60);
    let reply = token(&desk, ADMIN).ok().json();
    assert_eq!(reply["status"]["expirationTimestamp"], until, "no credential goes on behind the end");
    desk.simulator.advance(10 * 60);
    let asked = desk.simulator.state().requests.len();
    let refused = token(&desk, ADMIN).fails(4, &["the use of the role `EKSAdmin` ended at", "hint: eksso use -"]);
    assert_eq!((refused.out.as_str(), desk.simulator.state().requests.len()), ("", asked));
    assert_eq!(current(&desk), ADMIN, "nothing runs in the background");
    let back = desk.run(&["use", "-"]).ok();
    assert!(back.err.contains("has ended; back in `Production/web:EKSViewer`"), "{}", back.err);
    assert_eq!(desk.kubeconfig(), before, "nothing of it stays");
    desk.run(&["use", "-"]).fails(5, &["no previous context"]);
}

#[test]
fn status_and_sync_put_back_too_and_a_context_that_was_there_keeps_its_own_user() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER, "-n", "team"]).ok();
    for command in [&["status"][..], &["sync"], &["use", "Staging/web:EKSAdmin"], &["use", "-c"], &["use"]] {
        desk.run(&["use", VIEWER]).ok();
        let before = desk.kubeconfig();
        desk.run(&["use", "--role=EKSAdmin", "--for=1h"]).ok();
        assert_eq!(users(&desk), before["users"].as_sequence().expect("users").len() + 1, "its own is not touched");
        desk.simulator.advance(3600);
        token(&desk, ADMIN).fails(4, &["ended at"]);
        let said = desk.run(command).ok().err;
        assert!(said.contains("The use of `Production/web:EKSAdmin` has ended; back in"), "{said}");
        desk.run(&["use", VIEWER]).ok();
        assert_eq!(desk.kubeconfig(), before, "{command:?}");
        token(&desk, ADMIN).ok();
    }
}

#[test]
fn sync_and_add_keep_the_end_and_what_they_write_stays_behind_it() {
    let desk = viewer();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    let end = args(&desk.kubeconfig(), ADMIN);
    desk.run(&ADD_ALL).ok();
    let synced = desk.run(&["sync"]).ok();
    assert!(!synced.err.contains("keeps its"), "{}", synced.err);
    assert_eq!(args(&desk.kubeconfig(), ADMIN), end);
    desk.simulator.advance(1800);
    desk.run(&["status"]).ok();
    assert_eq!(current(&desk), VIEWER);
    assert_eq!(context(&desk.kubeconfig(), ADMIN)["user"], "eksso/corp/111122223333/EKSAdmin/eu-west-1/web");
    token(&desk, ADMIN).ok();
    assert!(!desk.read(".kube/config").contains("until"));
    assert!(!desk.read(".kube/config").contains("eksso-elevation"));
}

#[test]
fn an_elevation_is_prolonged_left_and_taken_back_like_any_switch() {
    let desk = viewer();
    let before = desk.read(".kube/config");
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    let first = args(&desk.kubeconfig(), ADMIN);
    desk.simulator.advance(600);
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    assert!(args(&desk.kubeconfig(), ADMIN) > first);
    desk.run(&["undo", "--yes"]).ok();
    assert_eq!(args(&desk.kubeconfig(), ADMIN), first);
    desk.run(&["undo", "--yes"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
    // Left before its end, it goes with it, and the current context is whatever it is.
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    desk.run(&["use", VIEWER]).ok();
    desk.simulator.advance(3600);
    let said = desk.run(&["status"]).ok().err;
    assert!(said.contains("The use of `Production/web:EKSAdmin` has ended.\n"), "{said}");
    assert_eq!(desk.run(&["use", "-o", "name"]).ok().out, format!("{VIEWER}\n"));
    assert_eq!(users(&desk), 1);
}

#[test]
fn without_anything_to_go_back_to_the_context_stays_and_is_refused() {
    let desk = viewer();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    desk.run(&["rm", VIEWER]).ok();
    desk.simulator.advance(1800);
    let said = desk.run(&["status"]).ok().err;
    assert!(said.contains("Current context: Production/web:EKSAdmin, ended"), "{said}");
    token(&desk, ADMIN).fails(4, &["ended at", "hint: eksso use CONTEXT"]);
    desk.run(&["credentials"]).fails(4, &["the use of `Production/web:EKSAdmin` ended at", "hint: eksso use CONTEXT"]);
    // It was made for this use: there is no user that it had before.
    let before = desk.read(".kube/config");
    let hint = "hint: eksso use Production/web:EKSAdmin --role EKSAdmin --for 30m";
    desk.run(&["use", ADMIN]).fails(4, &["ended at", "was made for it", hint]);
    desk.run(&["use", "-"]).fails(5, &["no previous context"]);
    assert_eq!(desk.read(".kube/config"), before);
    desk.run(&["use", ADMIN, "--role", "EKSAdmin", "--for", "30m"]).ok();
    token(&desk, ADMIN).ok();
}

/// A desk where the use of the admin's role has ended, and nothing tells the context to go back to.
fn astray(how: &str) -> Desk {
    let desk = desk_with_all();
    if how != "there was no current context" {
        desk.run(&["use", VIEWER]).ok();
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    } else {
        desk.run(&["use", VIEWER, "--role", "EKSAdmin", "--for", "30m"]).ok();
    }
    match how {
        "it was removed" => _ = desk.run(&["rm", VIEWER]).ok(),
        "the record was dropped" => {
            let text = desk.read(".kube/config").replace("former_context: Production/web:EKSViewer", "x: y");
            desk.write(".kube/config", &text);
        }
        _ => {}
    }
    desk.simulator.advance(1800);
    desk
}

const ASTRAY: [&str; 3] = ["it was removed", "the record was dropped", "there was no current context"];

#[test]
fn naming_a_context_whose_role_has_ended_gives_it_its_own_user_again() {
    for how in ASTRAY {
        let desk = astray(how);
        token(&desk, ADMIN).fails(4, &["ended at", "hint: eksso use CONTEXT"]);
        let said = desk.run(&["use", ADMIN, "-n", "team"]).ok().err;
        assert!(said.contains("Switched to `Production/web:EKSAdmin`, namespace `team`.\n"), "{how}: {said}");
        let text = desk.read(".kube/config");
        assert!(!text.contains("until") && !text.contains("eksso-elevation"), "{how}: {text}");
        assert_eq!(context(&desk.kubeconfig(), ADMIN)["namespace"], "team");
        assert_eq!(current(&desk), ADMIN);
        token(&desk, ADMIN).ok();
    }
}

#[test]
fn another_context_leaves_nothing_of_a_role_that_has_ended_behind() {
    for how in ASTRAY {
        let desk = astray(how);
        let before = desk.read(".kube/config");
        let other = "Staging/web:EKSAdmin";
        let said = desk.run(&["use", other]).ok().err;
        assert!(said.contains("The use of `Production/web:EKSAdmin` has ended.\n"), "{how}: {said}");
        assert_eq!(current(&desk), other);
        let text = desk.read(".kube/config");
        assert!(!text.contains("until") && !text.contains("eksso-elevation"), "{how}: {text}");
        // Nobody took that role again.
        assert!(!desk.run(&["use", "-"]).err.contains("EKSAdmin`"), "{how}");
        desk.write(".kube/config", &before);
        desk.run(&["use", "Nowhere/web:None"]).fails(5, &["there is no context"]);
        assert_eq!(desk.read(".kube/config"), before, "{how}");
    }
}

#[test]
fn kubectl_is_told_the_way_back_that_there_is() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    desk.simulator.advance(1800);
    token(&desk, ADMIN).fails(4, &["hint: eksso use -\n"]);
    // kubectl --context names it, and another one is current.
    let text = desk.read(".kube/config");
    let other = text.replace("current-context: Production/web:EKSAdmin", "current-context: Staging/web:EKSAdmin");
    desk.write(".kube/config", &other);
    token(&desk, ADMIN).fails(4, &["hint: eksso status"]);
    // Of another kubeconfig nothing is known.
    let words = args(&desk.kubeconfig(), ADMIN);
    desk.write(".kube/config", "");
    desk.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).fails(4, &["hint: eksso use CONTEXT"]);
}

#[test]
fn credentials_of_a_role_with_an_end_are_announced_until_then() {
    let desk = viewer();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "5m"]).ok();
    let until = args(&desk.kubeconfig(), ADMIN).pop().expect("the end");
    let json = desk.run(&["credentials"]).ok().json();
    assert_eq!(json["Expiration"], until);
}

#[test]
fn an_end_is_a_minute_to_twelve_hours_away_and_needs_a_role() {
    let desk = viewer();
    let before = desk.read(".kube/config");
    for (span, why) in [("59s", "at least 1m"), ("13h", "at most 12h"), ("soon", "such as 30m"), ("-5m", "")] {
        desk.run(&["use", "--role", "EKSAdmin", "--for", span]).fails(2, &[why]);
        desk.run(&["exec", VIEWER, "--for", span, "--", "true"]).fails(2, &[why]);
    }
    desk.run(&["use", VIEWER, "--for", "30m"]).fails(2, &["--for goes with --role"]);
    desk.run(&["use", "--role", "EKSViewer", "--for", "30m"]).fails(2, &["has no end", "no former role"]);
    desk.run(&["use", "--role", "EKSAdmni", "--for", "30m"]).fails(4, &["you are not assigned the role"]);
    assert_eq!(desk.read(".kube/config"), before);
    desk.run(&["token", "--cluster=c", "--region=r", "--account=1", "--role=R", "--until=now"]).fails(2, &["--until"]);
}

#[test]
fn guards_ask_before_an_elevation_as_before_any_switch() {
    let desk = viewer();
    let rules = "[contexts.\"*:EKSAdmin\"]\nconfirm = true\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{rules}", desk.config()));
    let elevate = ["use", "--role=EKSAdmin", "--for=30m"];
    desk.run(&elevate).fails(4, &["config.toml says to ask first"]);
    desk.run(&["exec", VIEWER, "--role=EKSAdmin", "--for=30m", "--", "true"]).fails(4, &["ask first"]);
    desk.person().present = true;
    desk.person().answers = vec!["n".into()];
    desk.run(&elevate).fails(130, &["nothing was done"]);
    assert_eq!(current(&desk), VIEWER);
    desk.person().present = false;
    desk.run(&[&elevate[..], &["--yes"]].concat()).ok();
    assert_eq!(current(&desk), ADMIN);
    desk.simulator.advance(1800);
    desk.run(&["status"]).ok();
    assert_eq!(current(&desk), VIEWER, "the way back asks nobody: it gives a role up");
}

#[test]
fn a_program_gets_one_context_one_role_and_one_end() {
    let desk = desk_with_all();
    for with in [&["exec", VIEWER, "--for=30m"][..], &["exec", VIEWER, "--role=EKSAdmin", "--for=30m"]] {
        let text = run_in(&desk, with, "cat $KUBECONFIG");
        let config: Value = serde_yaml::from_str(&text).expect("YAML");
        for list in ["clusters", "users", "contexts"] {
            assert_eq!(config[list].as_sequence().expect(list).len(), 1);
        }
        let name = config["current-context"].as_str().expect("a name").to_owned();
        let words = args(&config, &name);
        assert_eq!(words[words.len() - 2], "--until");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        desk.run(&words).ok();
        desk.simulator.advance(1800);
        desk.run(&words).fails(4, &["ended at"]);
    }
    assert!(!run_in(&desk, &["exec", VIEWER], "cat $KUBECONFIG").contains("--until"), "nothing of it is kept");
    desk.write(".kube/config", "contexts:\n- name: s\n  context: {cluster: c, user: u}\nclusters: [{name: c, cluster: {server: x}}]\nusers: [{name: u, user: {token: t}}]\n");
    desk.run(&["exec", "s", "--for=30m", "--", "true"]).fails(2, &["`s` cannot be given an end"]);
}

#[test]
fn in_a_kubeconfig_with_an_end_no_other_role_has_a_later_one() {
    let mut desk = desk_with_all();
    let env: serde_json::Value = desk.run(&["env", VIEWER, "--for=30m", "--shell=nushell"]).ok().json();
    for (name, value) in env.as_object().expect("variables") {
        desk.set(name, value.as_str().unwrap_or_default());
    }
    let file = desk.env["KUBECONFIG"].clone();
    let read = || serde_yaml::from_str::<Value>(&std::fs::read_to_string(&file).expect("there")).expect("YAML");
    let end = args(&read(), VIEWER).pop();
    desk.run(&["use", "--role=EKSAdmin"]).ok();
    assert_eq!(args(&read(), ADMIN).pop(), end);
    desk.run(&["use", "--role=EKSAdmin", "--for=2h"]).ok();
    assert_eq!(args(&read(), ADMIN).pop(), end);
    desk.simulator.advance(1800);
    desk.run(&["use", "--role=EKSAdmin", "--for=2h"]).fails(4, &["ended at", "--for"]);
    let words = args(&read(), VIEWER);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    desk.run(&words).fails(4, &["hint: exit, and start it again"]);
}

#[test]
fn removing_and_renaming_reckon_with_what_a_role_with_an_end_goes_back_to() {
    let elevated = || {
        let desk = desk_with_all();
        desk.run(&["use", VIEWER]).ok();
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        desk
    };
    let user = "eksso/corp/111122223333/EKSAdmin/eu-west-1/web";
    let has = |desk: &Desk, user: &str| {
        let config = desk.kubeconfig();
        config["users"].as_sequence().expect("users").iter().any(|entry| entry["name"] == user)
    };
    // Both of its users go with it: nothing else names the one that it had before.
    let desk = elevated();
    let before = desk.read(".kube/config");
    desk.run(&["rm", ADMIN]).ok();
    assert!(!has(&desk, user) && !has(&desk, &format!("{user}/until")), "{}", desk.read(".kube/config"));
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
    // Another context of that user goes, and the user stays: it is gone back to.
    let twin = format!(
        "contexts:\n- name: twin\n  context: {{cluster: 'arn:aws:eks:eu-west-1:111122223333:cluster/web', user: {user}}}\n"
    );
    desk.write(".kube/config", &before.replacen("contexts:\n", &twin, 1));
    desk.run(&["rm", "twin"]).ok();
    assert!(has(&desk, user));
    // The context that is gone back to has got another name.
    desk.run(&["rename", VIEWER, "view"]).ok();
    desk.simulator.advance(1800);
    let told = desk.run(&["status"]).ok();
    assert!(told.err.contains("back in `view`"), "{}", told.err);
    assert_eq!(current(&desk), "view");
    assert_eq!(context(&desk.kubeconfig(), ADMIN)["user"], user);
    // One with an end may get another name itself.
    let desk = elevated();
    desk.run(&["rename", ADMIN, "admin"]).ok();
    desk.simulator.advance(1800);
    desk.run(&["status"]).ok();
    assert_eq!((current(&desk).as_str(), context(&desk.kubeconfig(), "admin")["user"].as_str()), (VIEWER, Some(user)));
}

#[test]
fn what_is_written_into_the_list_meanwhile_stays() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    let before = desk.read(".kube/config");
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    let note =
        "    # do not touch\n    - name: team/note   # by hand\n      extension: &note {owner: 'jane', hex: 0x1F}\n";
    let text = desk.read(".kube/config");
    let at = text.find("    - name: eksso-elevation").or_else(|| text.find("    - extension:")).expect("the record");
    desk.write(".kube/config", &format!("{}{note}{}", &text[..at], &text[at..]));
    desk.simulator.advance(1800);
    desk.run(&["status"]).ok();
    let after = desk.read(".kube/config");
    assert!(after.contains(note), "{after}");
    assert_eq!(after.replace(note, ""), before);
}

/// A desk whose kubeconfig is changed by hand before the admin's role is taken, and what is there then.
fn by_hand(change: impl Fn(&str) -> String) -> (Desk, String) {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    let before = change(&desk.read(".kube/config"));
    desk.write(".kube/config", &before);
    (desk, before)
}

/// The kubeconfig with lines put into the body of the admin's context.
fn with_lines(text: &str, lines: &str) -> String {
    let (head, tail) =
        text.split_once("    user: eksso/corp/111122223333/EKSAdmin/eu-west-1/web\n").expect("the context");
    // In the place of what eksso wrote there.
    let own = tail.split_inclusive('\n').take_while(|line| {
        ["    extensions:\n", "    - "].iter().any(|start| line.starts_with(start)) || line.starts_with("      ")
    });
    let tail = &tail[own.map(str::len).sum::<usize>()..];
    format!("{head}    user: \"eksso/corp/111122223333/EKSAdmin/eu-west-1/web\"\n{lines}{tail}")
}

#[test]
fn what_is_put_back_is_byte_for_byte_what_was_there() {
    let note = "    extensions: # mine\n    # do not touch\n    - name: team/note   # by hand\n      extension: &note {owner: 'jane', hex: 0x1F}\n    # the end\n";
    let pretty =
        |text: &str| serde_json::to_string_pretty(&serde_yaml::from_str::<Value>(text).expect("YAML")).expect("JSON");
    let spaced = |text: &str| pretty(text).replace("\n", " ") + "\n";
    let shared = |text: &str| {
        let text = with_lines(text, note);
        let viewer = "    user: eksso/corp/111122223333/EKSViewer/eu-west-1/web\n    extensions:\n";
        let alias = format!("{viewer}    - name: x\n      extension: *note\n");
        text.replacen(viewer, &alias, 1)
    };
    type Change<'c> = (&'c str, &'c dyn Fn(&str) -> String);
    let changes: [Change<'_>; 8] = [
        ("comments and anchors", &|text| with_lines(text, note)),
        ("an alias elsewhere", &shared),
        ("an empty list", &|text| with_lines(text, "    extensions: []\n")),
        ("a blank list", &|text| with_lines(text, "    extensions: [ ] # none\n")),
        ("a flow list", &|text| with_lines(text, "    extensions: [{name: a, extension: {b: 0x1F}} ]\n")),
        ("no list", &|text| with_lines(text, "")),
        ("pretty JSON", &pretty),
        ("spaced JSON", &|text| spaced(&with_lines(text, note))),
    ];
    for (what, change) in changes {
        let (desk, before) = by_hand(change);
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        assert_eq!(current(&desk), ADMIN, "{what}");
        desk.simulator.advance(1800);
        desk.run(&["status"]).ok();
        assert_eq!(desk.read(".kube/config"), before, "{what}");
    }
}

#[test]
fn sync_puts_back_though_nothing_matches_or_nobody_is_signed_in() {
    for (signed_in, code) in [(true, 5), (false, 3)] {
        let desk = desk_with_all();
        desk.run(&["use", VIEWER]).ok();
        let before = desk.read(".kube/config");
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        desk.simulator.advance(1800);
        if !signed_in {
            desk.run(&["logout"]).ok();
        }
        desk.run(&["sync", "--cluster", "nothing"]).fails(code, &["The use of", "has ended; back in"]);
        assert_eq!(desk.read(".kube/config"), before);
    }
}

#[test]
fn undo_names_the_role_that_was_taken() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    let told = desk.run(&["undo"]).ok();
    assert!(told.err.contains("Took back `use Production/web:EKSViewer --role EKSAdmin`;"), "{}", told.err);
}

#[test]
fn the_current_context_and_the_list_tell_no_role_whose_end_has_come() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    for (question, is_told) in [
        (&["use", "-c"][..], &(|out: &Outcome| out.out == format!("{VIEWER}\n")) as &dyn Fn(&Outcome) -> bool),
        (&["use", "-c", "-o", "json"], &|out| out.json()[0]["context"] == VIEWER),
        (&["use", "-o", "json"], &|out| {
            let rows = out.json();
            let rows = rows.as_array().expect("rows");
            rows.iter().all(|row| row["current"] == (row["context"] == VIEWER) && row["until"].is_null())
        }),
    ] {
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        desk.simulator.advance(1800);
        let told = desk.run(question).ok();
        assert!(is_told(&told), "{question:?}: {told:?}");
        assert_eq!(current(&desk), VIEWER);
    }
}

/// Whether a dry run shows what the command does: the diff of what it leaves behind.
fn shows_what_it_does(desk: &Desk, args: &[&str]) {
    let before = desk.read(".kube/config");
    let shown = desk.run(&[args, &["--dry-run"]].concat()).ok().out;
    assert_eq!(desk.read(".kube/config"), before, "{args:?}: nothing is written");
    desk.run(args).ok();
    let after = desk.read(".kube/config");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let of = |sign: char| {
        let changed =
            shown.lines().filter(move |line| line.starts_with(sign) && !line.starts_with(&sign.to_string().repeat(3)));
        changed.map(|line| line[1..].to_owned()).collect::<Vec<_>>()
    };
    let (gone, new) = (of('-'), of('+'));
    assert!(!gone.is_empty(), "{args:?}: {shown}");
    let (mut old, mut now) = (lines(&before), lines(&after));
    for (lines, some) in [(&mut old, &gone), (&mut now, &new)] {
        for line in some {
            let place = lines.iter().position(|known| known == line);
            lines.remove(place.unwrap_or_else(|| panic!("{args:?}: {line} is not in it: {shown}")));
        }
    }
    old.sort();
    now.sort();
    assert_eq!(old, now, "{args:?}: {shown}");
    desk.write(".kube/config", &before);
}

#[test]
fn a_dry_run_shows_what_the_end_of_a_role_brings_with_it() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    desk.simulator.advance(1800);
    for args in
        [&["sync"][..], &["use", "Staging/web:EKSAdmin"], &["use", "-"], &["use", ADMIN], &["use", VIEWER, "-n", "x"]]
    {
        shows_what_it_does(&desk, args);
    }
    let desk = astray("it was removed");
    for args in [&["use", "Staging/web:EKSAdmin"][..], &["use", ADMIN, "-n", "x"]] {
        shows_what_it_does(&desk, args);
    }
}

#[test]
fn an_elevation_that_is_removed_is_back_where_its_end_would_lead_to() {
    let elevated = || {
        let desk = desk_with_all();
        desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
        desk.run(&["use", VIEWER]).ok();
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        desk
    };
    let desk = elevated();
    let before = desk.read(".kube/config");
    shows_what_it_does(&desk, &["rm", ADMIN]);
    let said = desk.run(&["rm", ADMIN]).ok().err;
    assert!(said.contains("back in `Production/web:EKSViewer`") && !said.contains("chooses another"), "{said}");
    assert_eq!(current(&desk), VIEWER);
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
    // With both gone there is nothing to go back to.
    let said = desk.run(&["rm", ADMIN, VIEWER]).ok().err;
    assert!(said.contains("`eksso use` chooses another"), "{said}");
    assert_eq!(current(&desk), ADMIN);
    // The role is not assigned any more.
    let desk = elevated();
    for account in &mut desk.simulator.state().world.accounts {
        account.roles.retain(|role| role != "EKSAdmin");
    }
    let said = desk.run(&["sync", "--prune", "--yes"]).ok().err;
    assert!(said.contains("back in `Production/web:EKSViewer`"), "{said}");
    assert_eq!(current(&desk), VIEWER);
}

#[test]
fn no_list_is_left_in_a_file_that_had_none() {
    for with_admin in [true, false] {
        let mut desk = if with_admin { desk_with_all() } else { viewer() };
        desk.run(&["use", VIEWER]).ok();
        let first = desk.write("first", &format!("current-context: {VIEWER}\n"));
        let others = desk.path(".kube/config");
        let before = [desk.read("first"), desk.read(".kube/config")];
        desk.set("KUBECONFIG", &format!("{}:{}", first.display(), others.display()));
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        assert_eq!(desk.read("first"), format!("current-context: {ADMIN}\n"));
        token(&desk, ADMIN).ok();
        desk.simulator.advance(1800);
        desk.run(&["status"]).ok();
        assert_eq!([desk.read("first"), desk.read(".kube/config")], before);
    }
}

#[test]
fn an_end_that_is_written_with_escapes_comes_all_the_same() {
    for escaped in [r"--\u0075ntil", r"--\x75ntil"] {
        let desk = desk_with_all();
        desk.run(&["use", VIEWER]).ok();
        desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
        let text = desk.read(".kube/config").replacen("'--until'", &format!("\"{escaped}\""), 1);
        assert!(text.contains(escaped) && !text.contains("--until"), "{text}");
        desk.write(".kube/config", &text);
        token(&desk, ADMIN).ok();
        desk.simulator.advance(1800);
        desk.run(&["status"]).ok();
        assert_eq!(current(&desk), VIEWER);
        assert!(!desk.read(".kube/config").contains("ntil"));
    }
}

#[test]
fn no_program_is_started_in_a_context_whose_role_has_ended() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    for again in [false, true] {
        let run = desk.run(&["exec", ADMIN, "--", "true"]);
        if again {
            run.fails(4, &["the use of `Production/web:EKSAdmin` ended at", "hint: eksso status"])
        } else {
            run.ok()
        };
        desk.simulator.advance(1800);
    }
    desk.run(&["env", ADMIN, "--shell=bash"]).fails(4, &["ended at"]);
    desk.run(&["exec", ADMIN, "--for=1h", "--", "true"]).fails(4, &["ended at"]);
    // Of several, the others go on.
    let said = desk.run(&["exec", "Production/web:*", "--", "true"]);
    assert!(said.code == 4 && said.err.contains("1 done, 1 failed"), "{said:?}");
    desk.run(&["status"]).ok();
    desk.run(&["exec", ADMIN, "--", "true"]).ok();
}

#[test]
fn the_way_back_takes_no_role_anew_whose_end_came_behind_ones_back() {
    let desk = desk_with_all();
    desk.run(&["use", VIEWER]).ok();
    desk.run(&["use", "--role", "EKSAdmin", "--for", "30m"]).ok();
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.simulator.advance(1800);
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), VIEWER);
}
