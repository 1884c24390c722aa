//! The audit trail: what it holds, who may read it, and that nothing of it is lost.

use serde_json::Value;

use crate::support::{Desk, POLICY, both};
use eksso_simulator::World;

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

/// A desk with a trail, not signed in.
fn with_trail(world: World, sink: &str) -> Desk {
    let desk = Desk::configured(world);
    desk.write(".config/eksso/config.toml", &format!("trail = \"{sink}\"\n{}", desk.config()));
    desk
}

/// The lines, as `eksso log` shows them.
fn lines(desk: &Desk, args: &[&str]) -> Vec<Value> {
    let args = [&["log", "-o", "json"], args].concat();
    desk.run(&args).ok().json().as_array().expect("an array").clone()
}

fn events(lines: &[Value]) -> Vec<String> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or("-").to_owned();
    lines.iter().map(|line| format!("{} {}", text(line, "event"), text(line, "result"))).collect()
}

#[test]
fn it_is_off_unless_somebody_turns_it_on() {
    let desk = Desk::signed_in();
    desk.run(&TOKEN).ok();
    assert!(!desk.path(".local/state/eksso/trail").exists());
    let told = desk.run(&["log"]).ok();
    assert!(told.out.is_empty() && told.err.contains("There is no audit trail"), "{}", told.err);
}

#[test]
fn a_trail_that_is_off_now_is_told_from_none_whatever_is_looked_for() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    let off = desk.config();
    desk.write(".config/eksso/config.toml", &off);
    for (args, rows) in [(&["log"][..], 2), (&["log", "--event", "token"], 0), (&["log", "--since", "2099-01-01"], 0)] {
        let told = desk.run(args).ok();
        assert!(
            told.err.contains("The audit trail is off now") && !told.err.contains("no audit trail"),
            "{}",
            told.err
        );
        assert!(told.out.lines().count() == rows, "{args:?}: {}", told.out);
    }
}

#[test]
fn each_sign_in_and_each_time_credentials_are_asked_for_is_a_line() {
    for world in both() {
        let desk = with_trail(world, "file");
        desk.run(&TOKEN).fails(3, &[]);
        desk.run(&["login"]).ok();
        desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin", "--use"])
            .ok();
        let token = desk.run(&TOKEN).ok();
        assert!(token.err.is_empty(), "{}", token.err);
        let credentials = desk.run(&["credentials", "--format=json"]).ok().json();
        let other = [&TOKEN[..4], &["--role=Nobody"]].concat();
        assert_ne!(desk.run(&other).code, 0);
        let found = lines(&desk, &[]);
        let (first, rest) = found.split_at(4);
        assert_eq!(events(first), ["token sign_in_needed", "sign_in ok", "token ok", "credentials ok"]);
        assert!(rest[0]["result"] == "denied" || rest[0]["result"] == "not_found", "{}", rest[0]);
        for line in &found {
            assert_eq!(line["session"], "corp");
            assert!(line["time"].as_str().expect("a time").ends_with('Z'));
            assert!(line["parent_process"].is_u64() || cfg!(not(unix)), "{line}");
        }
        // An assertion of Okta knows accounts by their numbers.
        let account = if desk.is_okta() { "111122223333" } else { "Production" };
        let context = &*format!("{account}/web:EKSAdmin");
        let token = &found[2];
        for (key, value) in
            [("account_id", "111122223333"), ("role", "EKSAdmin"), ("region", "eu-west-1"), ("cluster", "web")]
        {
            assert_eq!(token[key], value, "{token}");
            assert_eq!(found[3][key], value, "{}", found[3]);
        }
        // What was not recorded is not shown as if it was: kubectl passes no context's name.
        assert!(token["context"].is_null() && token["context_now"] == context, "{token}");
        assert!(found[3]["context"] == context && found[3]["context_now"].is_null(), "{}", found[3]);
        let table = desk.run(&["log", "--event", "token", "--result", "ok"]).ok().out;
        assert!(table.contains(&format!(" ({context}) ")), "{table}");
        assert_eq!(
            token["access_key_id"], credentials["access_key_id"],
            "it can be joined with the cluster's audit log"
        );
        assert!(found[0]["access_key_id"].is_null() && rest[0]["access_key_id"].is_null());
        #[cfg(target_os = "linux")]
        {
            let own = std::fs::read_link(format!("/proc/{}/exe", std::os::unix::process::parent_id()));
            assert_eq!(token["parent"].as_str(), own.ok().as_ref().and_then(|path| path.to_str()));
        }
        // The table, and the filters.
        let table = desk.run(&["log"]).ok().out;
        assert!(table.starts_with("TIME") && table.lines().count() == found.len() + 1, "{table}");
        let key = credentials["access_key_id"].as_str().expect("an id");
        for (args, count) in [
            (&["--event", "sign_in"][..], 1),
            (&["--event", "token"], 3),
            (&["--result", "ok"], 3),
            (&["--key", key], 2),
            (&["--role", "EKS*", "--result", "ok"], 2),
            (&["--context", "*/WEB:*", "-n", "1"], 1),
            (&["--cluster", "batch"], 0),
            (&["--account", "1111*"], 4),
            (&["--since", "1h"], 5),
            (&["--since", "2099-01-01"], 0),
            (&["--session", "lab"], 0),
        ] {
            assert_eq!(lines(&desk, args).len(), count, "{args:?}");
        }
        desk.run(&["log", "--since", "soon"]).fails(2, &["`soon` is no time", "--since 2h"]);
    }
}

#[test]
fn what_is_refused_here_is_a_line_of_its_own_that_says_what_it_was_about() {
    const WEB: &str = "Production/web:EKSAdmin";
    let desk = with_trail(World::small(), "file");
    let plain = desk.read(".config/eksso/config.toml");
    desk.run(&["login"]).ok();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKS*"]).ok();
    let far = format!("--until={}", jiff::Timestamp::now() + jiff::SignedDuration::from_mins(40));
    let confirm = "[contexts.\"*Admin\"]\nconfirm = true\n";
    let only = "[contexts.\"*Admin\"]\nread_only_role = \"EKSViewer\"\n";
    let (never, span, flow) = ("never_roles = [\"Deploy\"]\n", "longest_elevation = \"30m\"\n", "flow = \"pkce\"\n");
    let deploy = "--assume-role=arn:aws:iam::444455556666:role/Deploy";
    let past = "--until=2026-01-01T00:00:00Z";
    fn token(more: &str) -> Vec<&str> {
        [&TOKEN[..], &[more]].concat()
    }
    // The policy; config.toml's guards; the call; its exit code and its line: event, result, context, role.
    type Case<'c> = (&'c str, &'c str, Vec<&'c str>, u8, [&'c str; 4]);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        (only, "", vec!["use", WEB, "--role=EKSAdmin"], 4, ["use", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["exec", WEB, "--role=EKSAdmin", "--", "true"], 4, ["exec", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["shell", WEB, "--role=EKSAdmin"], 4, ["shell", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["env", WEB, "--role=EKSAdmin", "--shell=bash"], 4, ["env", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["credentials", WEB], 4, ["credentials", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["console", WEB, "--print"], 4, ["console", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["rename", WEB, "mine"], 4, ["rename", "denied", WEB, "EKSAdmin"]),
        (only, "", vec!["add", "--use", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"], 4, ["add", "denied", WEB, "EKSAdmin"]),
        (span, "", vec!["use", WEB, "--role=EKSViewer", "--for=31m"], 4, ["use", "denied", WEB, "EKSViewer"]),
        (span, "", vec!["exec", WEB, "--for=31m", "--", "true"], 4, ["exec", "denied", WEB, "EKSAdmin"]),
        (span, "", token(&far), 4, ["token", "denied", "-", "EKSAdmin"]),
        ("", "", token(past), 4, ["token", "denied", "-", "EKSAdmin"]),
        (never, "", token(deploy), 4, ["token", "denied", "-", "EKSAdmin"]),
        (flow, "", vec!["login", "--force", "--flow=device"], 4, ["sign_in", "denied", "-", "-"]),
        ("start_urls = []\n", "", vec!["login"], 4, ["sign_in", "denied", "-", "-"]),
        (confirm, "", vec!["use", WEB, "--yes"], 4, ["use", "denied", WEB, "EKSAdmin"]),
        ("", confirm, vec!["use", WEB], 4, ["use", "denied", WEB, "EKSAdmin"]),
        ("", confirm, vec!["exec", WEB, "--", "true"], 4, ["exec", "denied", WEB, "EKSAdmin"]),
        ("", confirm, vec!["credentials", WEB], 4, ["credentials", "denied", WEB, "EKSAdmin"]),
        ("", confirm, vec!["console", WEB, "--print"], 4, ["console", "denied", WEB, "EKSAdmin"]),
        ("", confirm, vec!["use", WEB], 130, ["use", "interrupted", WEB, "EKSAdmin"]),
    ];
    for (policy, guards, args, code, [event, result, context, role]) in cases {
        desk.write(POLICY, policy);
        desk.write(".config/eksso/config.toml", &format!("{plain}{guards}"));
        desk.person().present = code == 130;
        desk.person().answers = vec!["n".into()];
        let before = lines(&desk, &[]).len();
        let told = desk.run(&args);
        assert_eq!(told.code, code, "{args:?}: {}", told.err);
        desk.person().present = false;
        desk.write(POLICY, "");
        let found = lines(&desk, &[]);
        assert_eq!(found.len(), before + 1, "{args:?}: one line");
        let line = found.last().expect("a line");
        let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        assert_eq!(
            ["event", "result", "context", "role"].map(text),
            [event, result, context, role],
            "{args:?}: {line}"
        );
        // Filters find it by whatever it is about.
        assert_eq!(line["session"], "corp", "{line}");
        if !["sign_in", "token"].contains(&event) {
            let whose = ["account_id", "region", "cluster"].map(|key| line[key].as_str().unwrap_or("-"));
            assert_eq!(whose, ["111122223333", "eu-west-1", "web"], "{args:?}: {line}");
        }
        assert!(line["access_key_id"].is_null());
    }
    // The end of a use, as kubectl and others meet it.
    desk.write(".config/eksso/config.toml", &plain);
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    desk.run(&["use", "--role=EKSAdmin", "--for=10m"]).ok();
    desk.simulator.advance(601);
    desk.run(&["credentials", WEB]).fails(4, &["ended at"]);
    let line = lines(&desk, &[]).pop().expect("a line");
    assert_eq!(
        (&line["event"], &line["result"], &line["context"]),
        (&"credentials".into(), &"denied".into(), &WEB.into())
    );
}

#[test]
fn of_several_contexts_each_that_is_refused_has_its_line() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]).ok();
    desk.write(
        POLICY,
        "trail = \"file\"\nnever_roles = [\"EKSViewer\"]\n[contexts.\"Staging/*\"]\nread_only_role = \"EKSViewer\"\n",
    );
    let ran = desk.run(&["exec", "*Admin", "--", "true"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let found = lines(&desk, &["--event=exec"]);
    let names: Vec<_> = found.iter().map(|line| line["context"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Staging/web:EKSAdmin"]);
    let account =
        |line: &Value| (line["account_id"].as_str().map(str::to_owned), line["role"].as_str().map(str::to_owned));
    assert_eq!(account(&found[0]), (Some("444455556666".into()), Some("EKSAdmin".into())), "{}", found[0]);
    // One that is made for the use is in no kubeconfig.
    desk.write(POLICY, "trail = \"file\"\n[contexts.\"*\"]\nconfirm = true\nread_only_role = \"Billing\"\n");
    // The second time it is a kept one.
    for _ in 0..2 {
        desk.run(&["exec", "Staging/web:EKSAdmin", "--", "true"]).fails(4, &["a person is to be asked first"]);
        let made = lines(&desk, &["--event=exec"]).pop().expect("a line");
        assert_eq!((&made["context"], &made["session"]), (&"Staging/web:Billing".into(), &"corp".into()), "{made}");
        assert_eq!(account(&made), (Some("444455556666".into()), Some("Billing".into())), "{made}");
    }
}

#[test]
fn links_shared_sign_ins_and_those_of_the_aws_cli_are_lines_too() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login", "--share-with-aws-cli"]).ok();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    desk.run(&["console", "Production/web:EKSAdmin", "--print"]).ok();
    let found = lines(&desk, &[]);
    assert_eq!(events(&found), ["sign_in ok", "share ok", "console ok"]);
    let link = &found[2];
    assert_eq!((&link["context"], &link["role"]), (&"Production/web:EKSAdmin".into(), &"EKSAdmin".into()));
    assert!(link["access_key_id"].is_null(), "the portal hands them out, not eksso: {link}");
    // Without its line there is none.
    std::fs::remove_dir_all(desk.path(".local/state/eksso/trail")).expect("removed");
    desk.write(".local/state/eksso/trail", "no folder");
    let refused = desk.run(&["console", "Production/web:EKSAdmin", "--print"]).fails(7, &["nothing is handed out"]);
    assert!(refused.out.is_empty());
    // As if the AWS CLI had signed in and eksso never had.
    std::fs::remove_dir_all(desk.path(".local")).expect("the state");
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    assert!(desk.run(&["login"]).ok().err.contains("The AWS CLI is signed in"));
    desk.person().present = false;
    let adopted = lines(&desk, &[]);
    assert_eq!((events(&adopted), &adopted[0]["session"]), (vec!["sign_in ok".to_owned()], &"corp".into()));
}

#[cfg(unix)]
#[test]
fn its_files_are_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    let folder = desk.path(".local/state/eksso/trail");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
    assert!(files.len() == 1 && mode(&files[0].path()) == 0o600);
}

#[test]
fn the_policy_of_the_machine_turns_it_on_whatever_the_settings_say() {
    let desk = with_trail(World::small(), "off");
    desk.write(POLICY, "trail = \"file\"\n");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(events(&lines(&desk, &[])), ["sign_in ok", "token ok"]);
}

#[test]
fn what_the_trail_does_not_take_is_not_handed_out() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    std::fs::remove_dir_all(desk.path(".local/state/eksso/trail")).expect("removed");
    desk.write(".local/state/eksso/trail", "no folder");
    for args in [&TOKEN[..], &["credentials", "--account=111122223333", "--role=EKSAdmin"]] {
        let refused = desk.run(args).fails(7, &["cannot", "trail", "nothing is handed out without its line"]);
        assert!(refused.out.is_empty());
    }
    // Nobody listens there.
    for sink in ["journald", "syslog"] {
        desk.write(".config/eksso/config.toml", &format!("trail = \"{sink}\"\n{}", desk.config()));
        let refused = desk.run(&TOKEN).fails(7, &[sink, "cannot be written to"]);
        assert!(refused.out.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_makes_nobody_wait() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let folder = desk.path(".local/state/eksso/trail");
    let file = std::fs::read_dir(&folder).expect("a folder").flatten().next().expect("a file").path();
    std::fs::remove_file(&file).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo");
    assert!(made.success());
    let refused = desk.run(&TOKEN).fails(7, &["cannot", "trail", "nothing is handed out without its line"]);
    assert!(refused.out.is_empty());
    desk.run(&["log"]).fails(7, &["cannot read", "it is no file"]);
    // Somebody reads it.
    let _reader = std::fs::File::options().read(true).write(true).open(&file).expect("a pipe");
    let refused = desk.run(&TOKEN).fails(7, &["it is no file", "nothing is handed out without its line"]);
    assert!(refused.out.is_empty());
}

#[cfg(unix)]
#[test]
fn what_is_removed_in_a_folder_of_eksso_is_a_link_and_never_what_it_leads_to() {
    let desk = with_trail(World::small(), "file");
    let theirs = desk.write("theirs", "precious");
    std::fs::create_dir_all(desk.path(".local/state/eksso/trail")).expect("a folder");
    let (old, managed) =
        (desk.path(".local/state/eksso/trail/2020-01-01.jsonl"), desk.path(".config/eksso/managed.toml"));
    std::os::unix::fs::symlink(&theirs, &old).expect("a link");
    desk.run(&["login"]).ok();
    assert!(!old.is_symlink() && desk.read("theirs") == "precious");
    std::os::unix::fs::symlink(&theirs, &managed).expect("a link");
    desk.run(&["setup", "--remove"]).ok();
    assert!(!managed.is_symlink() && desk.read("theirs") == "precious");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_file_is_followed_by_nobody() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let (file, text) = day_file(&desk);
    for target in [desk.write("theirs", &text), "/dev/full".into(), "/dev/null".into(), desk.path("nothing")] {
        std::fs::remove_file(&file).expect("removed");
        std::os::unix::fs::symlink(&target, &file).expect("a link");
        let moves = format!("mv {0} {0}.other", file.display());
        let refused = desk.run(&TOKEN).fails(7, &["such as a link", "nothing is handed out without its line", &moves]);
        assert!(refused.out.is_empty());
        let read = desk.run(&["log"]).fails(7, &["cannot read", "such as a link", &moves]);
        assert!(read.out.is_empty());
    }
    assert!(!desk.path("nothing").exists());
    assert_eq!(desk.read("theirs"), text);
    // The command that is shown mends it.
    let other = format!("{}.other", file.display());
    std::fs::rename(&file, other).expect("renamed");
    desk.run(&TOKEN).ok();
    assert_eq!(lines(&desk, &[]).len(), 1);
}

#[cfg(unix)]
#[test]
fn the_journal_and_the_system_log_get_the_lines_in_their_own_form() {
    use std::os::unix::net::UnixDatagram;
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    std::fs::create_dir_all(desk.path("run")).expect("a folder");
    for (sink, socket, begins) in [
        ("journald", "run/journal", "MESSAGE={\"time\":\"".to_owned()),
        ("syslog", "run/log", format!("<86>eksso[{}]: {{\"time\":\"", std::process::id())),
    ] {
        desk.write(".config/eksso/config.toml", &format!("trail = \"{sink}\"\n{}", desk.config()));
        let receiver = UnixDatagram::bind(desk.path(socket)).expect("a socket");
        desk.run(&TOKEN).ok();
        let mut buffer = vec![0; 8192];
        let length = receiver.recv(&mut buffer).expect("a message");
        let message = String::from_utf8_lossy(&buffer[..length]);
        assert!(message.starts_with(&begins), "{message}");
        assert!(message.contains("\"event\":\"token\"") && message.contains("\"result\":\"ok\""), "{message}");
        if sink == "journald" {
            assert!(message.ends_with("}\nPRIORITY=6\nSYSLOG_IDENTIFIER=eksso\n"), "{message}");
        }
        let told = desk.run(&["log"]).ok();
        assert!(told.err.contains("The lines go to the"), "{}", told.err);
    }
}

#[test]
fn old_days_are_removed_and_nothing_else() {
    let desk = with_trail(World::small(), "file");
    let (old, foreign) = (".local/state/eksso/trail/2020-01-01.jsonl", ".local/state/eksso/trail/notes.txt");
    desk.write(old, "");
    desk.write(foreign, "mine");
    desk.run(&["login"]).ok();
    assert!(!desk.path(old).exists() && desk.path(foreign).exists());
}

/// The one file of a trail, and what it holds.
fn day_file(desk: &Desk) -> (std::path::PathBuf, String) {
    let mut files = std::fs::read_dir(desk.path(".local/state/eksso/trail")).expect("a folder").flatten();
    let path = files.next().expect("a file").path();
    let text = std::fs::read_to_string(&path).expect("text");
    (path, text)
}

#[test]
fn a_line_that_was_cut_short_is_told_and_costs_no_other() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let (file, text) = day_file(&desk);
    std::fs::write(&file, format!("{text}{}", &text[..40])).expect("written");
    desk.run(&TOKEN).ok();
    let told = desk.run(&["log", "-o", "json"]).ok();
    assert_eq!(told.json().as_array().expect("an array").len(), 3);
    assert!(told.err.contains("1 line cut short"), "{}", told.err);
}

#[test]
fn a_refusal_that_the_trail_does_not_take_is_told() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=Production", "--region=eu-west-1", "--cluster=web", "--role=EKSAdmin"]).ok();
    let config = format!("trail = \"file\"\n{}\n[contexts.\"*\"]\nconfirm = true\n", desk.config());
    desk.write(".config/eksso/config.toml", &config);
    desk.write(".local/state/eksso/trail", "in the way of the folder");
    desk.run(&["use", "Production/web:EKSAdmin"]).fails(4, &["says to ask first", "warning", "trail"]);
    // The same of what the policy refuses, whoever calls.
    desk.write(POLICY, "never_roles = [\"EKSAdmin\"]\n");
    let lost = &["is never used on this machine", "warning", "the audit trail is on"];
    desk.run(&TOKEN).fails(4, lost);
    desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin"]).fails(4, lost);
    desk.run(&["console", "Production/web:EKSAdmin", "--print", "--yes"]).fails(4, lost);
}

#[test]
fn a_line_that_somebody_changed_is_told_by_its_place_and_not_called_harmless() {
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let (file, text) = day_file(&desk);
    std::fs::write(&file, text.replace("\"result\":\"ok\"", "\"result\":ok")).expect("written");
    let told = desk.run(&["log"]).ok();
    let place = format!("2 lines cannot be read, and what was in there is not known: {}:1 and others", file.display());
    assert!(told.err.contains(&place) && !told.err.contains("cut short"), "{}", told.err);
}

/// Fifty processes at once, again and again, every third of them killed at some moment: who printed a token has a line, and
/// every line is whole.
#[cfg(unix)]
#[test]
fn fifty_writers_and_kill_9_lose_and_tear_no_line() {
    use std::process::Stdio;
    use std::time::Duration;

    use crate::process::eksso;
    const WRITERS: usize = 50;
    const ROUNDS: usize = 4;
    let desk = with_trail(World::small(), "file");
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    let before = lines(&desk, &["--event", "token"]).len();
    let command = || {
        let mut command = eksso(&desk);
        command.args(TOKEN).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let (mut printed, mut killed) = (0, 0);
    for round in 0..ROUNDS {
        let children: Vec<_> = (0..WRITERS).map(|_| command().spawn().expect("started")).collect();
        for (place, mut child) in children.into_iter().enumerate() {
            if place % 3 == 0 {
                std::thread::sleep(Duration::from_micros((place * 37 + round * 211) as u64 % 900));
                _ = child.kill();
            }
            let output = child.wait_with_output().expect("ended");
            assert!(output.status.success() || place % 3 == 0, "{}", String::from_utf8_lossy(&output.stderr));
            killed += usize::from(!output.status.success());
            printed += usize::from(!output.stdout.is_empty());
        }
    }
    let told = desk.run(&["log", "--event", "token", "-o", "json"]).ok();
    assert!(told.err.is_empty(), "{}", told.err);
    let found = told.json().as_array().expect("an array").len() - before;
    assert!(printed <= found && found <= WRITERS * ROUNDS, "{printed} tokens, {found} lines, {killed} killed");
    assert!(printed >= WRITERS * ROUNDS * 2 / 3 - 1);
}
