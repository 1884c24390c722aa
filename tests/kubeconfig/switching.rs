//! `eksso use` with other roles, `eksso ns`, and contexts that are guarded.

use super::desk::{context, current, desk_with_all, names, run_in};
use crate::support::Desk;

// ---- roles and namespaces

#[test]
fn use_role_switches_to_the_same_cluster_with_another_role() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let before = desk.simulator.state().requests.len();
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    assert_eq!(desk.simulator.state().requests.len(), before, "a context that is there asks nobody");
    desk.run(&["use", "Production/batch:EKSViewer", "--role", "EKSAdmin"]).ok();
    assert_eq!(current(&desk), "Production/batch:EKSAdmin");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSViewer");
}

#[test]
fn use_role_writes_the_context_when_the_role_is_assigned() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web", "--use"]).ok();
    desk.run(&["ns", "team-a", "--force"]).ok();
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    let config = desk.kubeconfig();
    let (admin, viewer) = (context(&config, "Production/web:EKSAdmin"), context(&config, "Production/web:EKSViewer"));
    assert_eq!(admin["cluster"], viewer["cluster"]);
    assert_eq!(viewer["user"], "eksso/corp/111122223333/EKSViewer/eu-west-1/web");
    assert_eq!(config["users"].as_sequence().expect("users").len(), 2);
    desk.run(&["use", "--role", "EKSAdmni"]).fails(4, &["you are not assigned the role", "did you mean `EKSAdmin`"]);
    desk.run(&["use", "--role", "no spaces"]).fails(2, &["is not a valid role"]);
    desk.run(&["logout"]).ok();
    desk.run(&["use", "--role", "EKSAdmin"]).ok();
}

#[test]
fn a_context_of_others_has_no_known_roles() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "contexts:\n- name: kind\n  context: {cluster: c, user: u}\ncurrent-context: kind\n");
    desk.run(&["use", "--role", "EKSAdmin"]).fails(2, &["was not written by eksso", "eksso import"]);
    desk.write(
        ".config/eksso/config.toml",
        &format!("{}\n[contexts.kind]\nread_only_role = \"View\"\n", desk.config()),
    );
    desk.run(&["use", "kind"]).fails(2, &["config.toml wants the role `View` for it"]);
    desk.write(".config/eksso/config.toml", &desk.config());
    desk.run(&["use", "-o", "json"]).ok();
}

#[test]
fn namespaces_switch_go_back_and_touch_one_line() {
    let desk = desk_with_all();
    desk.run(&["ns"]).fails(5, &["no current context"]);
    desk.run(&["use", "Production/web:EKSAdmin", "-n", "one"]).ok();
    assert_eq!(desk.run(&["ns"]).ok().out, "one\n");
    let before = desk.read(".kube/config");
    desk.run(&["ns", "two", "--force"]).ok();
    assert_eq!(desk.read(".kube/config"), before.replace("namespace: one", "namespace: two"));
    desk.run(&["ns", "-"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
    desk.run(&["ns", "-"]).ok();
    assert_eq!(desk.run(&["ns"]).ok().out, "two\n");
    desk.run(&["ns", "No_Good"]).fails(2, &["is not a valid namespace"]);
    desk.run(&["use", "Production/batch:EKSAdmin"]).ok();
    assert_eq!(desk.run(&["ns"]).ok().out, "default\n");
    desk.run(&["ns", "-"]).fails(5, &["no previous namespace of `Production/batch:EKSAdmin`"]);
}

#[test]
fn use_lists_the_contexts_for_completions_and_scripts() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(names(&desk).contains(&"Production/web:EKSViewer".to_owned()));
    let rows = desk.run(&["use", "-o", "json"]).ok().json();
    let row = rows.as_array().expect("rows").iter().find(|row| row["current"] == true).expect("the current one");
    assert_eq!((row["context"].as_str(), row["role"].as_str()), (Some("Production/web:EKSAdmin"), Some("EKSAdmin")));
}

// ---- guards

fn guarded(rules: &str) -> Desk {
    let desk = desk_with_all();
    desk.write(".config/eksso/config.toml", &format!("{}\n{rules}", desk.config()));
    desk
}

/// What a context may do whose role is assumed from another one, the first role's name does not tell.
#[test]
fn a_read_only_role_is_not_the_one_that_is_assumed_from_it() {
    let desk = guarded("[contexts.\"Production/web:EKSViewer\"]\nread_only_role = \"EKSViewer\"\n");
    let text = desk.read(".kube/config");
    let changed =
        text.replacen("- EKSViewer\n", "- EKSViewer\n      - --assume-role=arn:aws:iam::111122223333:role/Admin\n", 1);
    assert_ne!(text, changed, "{text}");
    desk.write(".kube/config", &changed);
    let shown = desk.run(&["exec", "Production/web:EKSViewer", "--", "sh", "-c", "cat $KUBECONFIG"]).ok().out;
    assert!(!shown.contains("assume"), "{shown}");
}

#[test]
fn a_guarded_context_asks_and_without_anybody_to_ask_refuses() {
    let desk = guarded("[contexts.\"Production/*\"]\nconfirm = true\n[help]\ndenied = \"https://wiki.example.com\"\n");
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    let switch = ["use", "Production/web:EKSAdmin"];
    // A refusal, as one of the policy is, but nobody is to be asked for access.
    let refused = desk.run(&switch).fails(4, &["config.toml says to ask first", "--yes"]);
    assert!(!refused.err.contains("wiki"), "{}", refused.err);
    desk.person().present = true;
    for (answer, code) in [("", 130), ("n", 130), ("yes", 0)] {
        desk.person().answers = vec![answer.into()];
        let outcome = desk.run(&switch);
        assert_eq!(outcome.code, code, "{answer}: {}", outcome.err);
    }
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
    assert!(desk.run(&["status"]).ok().err.contains("Current context: Production/web:EKSAdmin (confirm)"));
    desk.person().present = false;
    desk.run(&["use", "Production/batch:EKSAdmin", "--yes"]).ok();
    desk.run(&["use", "Production/web:EKSAdmin", "--dry-run"]).ok();
    desk.run(&["exec", "Production/*", "--", "true"])
        .fails(4, &["`Production/web:EKSAdmin`, `Production/web:EKSViewer`"]);
    desk.run(&["exec", "Production/web:EKSAdmin", "--yes", "--", "true"]).ok();
    // The way back leads to one that is guarded, too.
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.run(&["undo"]).fails(4, &["config.toml says to ask first", "--yes"]);
    assert_eq!(current(&desk), "Staging/web:EKSAdmin");
    desk.run(&["undo", "--yes"]).ok();
    assert_eq!(current(&desk), "Production/batch:EKSAdmin");
    desk.run(&["use", "Production/nope"]).fails(5, &["there is no context"]);
}

#[test]
fn a_guard_is_not_passed_by_a_detour() {
    let desk = guarded("[contexts.\"*:EKSAdmin\"]\nconfirm = true\n");
    let asks = |args: &[&str]| _ = desk.run(args).fails(4, &["config.toml says to ask first"]);
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    asks(&["use", "--role", "EKSAdmin"]);
    asks(&["exec", "Production/web:EKSViewer", "--role=EKSAdmin", "--", "true"]);
    asks(&["env", "Production/web:EKSViewer", "--role=EKSAdmin"]);
    asks(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web", "--use"]);
    desk.run(&["use", "Production/web:EKSAdmin", "--yes"]).ok();
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    asks(&["use", "-"]);
    // A context that is not there yet is known by the name it would get.
    desk.write(".kube/config", "");
    desk.run(&["add", "--account=Production", "--role=EKSViewer", "--region=eu-west-1", "--cluster=web", "--use"]).ok();
    asks(&["use", "--role", "EKSAdmin"]);
    asks(&["shell", "Production/web:EKSViewer", "--role=EKSAdmin"]);
    desk.run(&["use", "--role", "EKSAdmin", "--yes"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
}

#[test]
fn a_read_only_role_is_taken_unless_another_is_named() {
    let desk = guarded("[contexts.\"Production/*\"]\nread_only_role = \"EKSViewer\"\n");
    let told = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(told.err.contains("the role that your settings prefer"), "{}", told.err);
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    desk.run(&["use", "Production/web:EKSAdmin", "--role", "EKSAdmin"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
    let show = "echo \"$EKSSO_CONTEXT $EKSSO_GUARD\"; grep -A2 -e --role $KUBECONFIG";
    let out = run_in(&desk, &["exec", "Production/web:EKSAdmin"], show);
    assert!(out.starts_with("Production/web:EKSViewer read-only\n") && out.contains("EKSViewer\n"), "{out}");
    let out = run_in(&desk, &["exec", "Production/web:EKSAdmin", "--role=EKSAdmin"], show);
    assert!(out.starts_with("Production/web:EKSAdmin \n") && out.contains("EKSAdmin\n"), "{out}");
    assert!(!desk.run(&["status"]).ok().err.contains("(read-only)"), "the admin role is not read-only");
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert!(desk.run(&["status"]).ok().err.contains("Production/web:EKSViewer (read-only)"));
    desk.write(".config/eksso/config.toml", "[contexts.x]\nconfrim = true\n");
    desk.run(&["status"]).fails(2, &["line 2", "confrim"]);
}

#[test]
fn a_question_says_why_it_is_asked_and_what_is_used_in_place_of_what_was_named() {
    let guards =
        "[contexts.\"*:EKSAdmin\"]\nconfirm = true\n[contexts.\"Production/*\"]\nread_only_role = \"EKSViewer\"\n";
    let desk = guarded(guards);
    let instead = "`Production/web:EKSAdmin` is used as EKSViewer, the role that your settings prefer for it (read_only_role); \
                   --role names another.";
    let why = "config.toml has `confirm` for \"*:EKSAdmin\"";
    desk.run(&["use", "Production/web:EKSAdmin"]).fails(4, &[&format!("cause: {why}\n")]);
    desk.person().present = true;
    let asked = |args: &[&str], question: &str| {
        desk.person().answers = vec!["n".into()];
        desk.run(args).fails(130, &[question]).err
    };
    let question = format!("{instead} Switch to `Production/web:EKSViewer`? {why}. [y/N]");
    asked(&["use", "Production/web:EKSAdmin"], &question);
    let ran = asked(&["exec", "Production/web:EKSAdmin", "--", "true"], &format!("{instead}\n"));
    assert!(ran.contains(&format!("Run this in `Production/web:EKSViewer`? {why}. [y/N]")), "{ran}");
    asked(&["use", "Staging/web:EKSAdmin"], &format!("Switch to `Staging/web:EKSAdmin`? {why}. [y/N]"));
    desk.person().answers = vec!["y".into()];
    let switched = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(switched.err.contains(&format!("Switched to `Production/web:EKSViewer`. {instead}\n")), "{}", switched.err);
    // What was asked for needs no reason.
    for args in [&["use", "Production/web:EKSViewer"][..], &["exec", "Production/web:EKSViewer", "--", "true"]] {
        let plain = desk.run(args).ok().err;
        assert!(!plain.contains("prefer"), "{args:?}: {plain}");
    }
}

#[test]
fn leaving_a_read_only_shell_asks_and_status_says_what_is_current_in_it() {
    let mut desk = guarded("[contexts.\"Production/*\"]\nread_only_role = \"EKSViewer\"\n");
    let env: serde_json::Value = desk.run(&["env", "Production/web:EKSAdmin", "--shell=nushell"]).ok().json();
    for (name, value) in env.as_object().expect("variables") {
        desk.set(name, value.as_str().unwrap_or_default());
    }
    assert_eq!(env["EKSSO_GUARD"], "read-only");
    desk.run(&["use", "--role", "EKSAdmin"]).fails(4, &["`Production/web:EKSAdmin`", "--yes"]);
    desk.person().present = true;
    desk.person().answers = vec!["n".into()];
    let left = desk.run(&["use", "--role", "EKSAdmin"]).fails(130, &["Leave the read-only role of this shell for"]);
    assert!(left.out.is_empty());
    desk.run(&["use", "--role", "EKSAdmin", "--yes"]).ok();
    let status = desk.run(&["status"]).ok().err;
    assert!(status.contains("Current context: Production/web:EKSAdmin\n"), "{status}");
    assert!(status.contains("This shell was opened for: Production/web:EKSViewer"), "{status}");
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert!(desk.run(&["status"]).ok().err.contains("Production/web:EKSViewer (read-only)"));
    let unset = desk.run(&["env", "--unset", "--shell=bash"]).ok().out;
    assert!(unset.starts_with("unset KUBECONFIG\nunset EKSSO_CONTEXT\n"), "it was not set before: {unset}");
}

#[test]
fn credentials_of_a_guarded_context_are_asked_for() {
    let desk = guarded("[contexts.\"Production/*\"]\nconfirm = true\n");
    desk.run(&["credentials", "Production/web:EKSAdmin"]).fails(4, &["config.toml says to ask first", "--yes"]);
    desk.run(&["credentials", "Production/web:EKSAdmin", "--yes"]).ok();
    desk.run(&["credentials", "Staging/web:EKSAdmin"]).ok();
}

#[test]
fn a_glob_that_means_several_contexts_is_a_question_for_shell_and_env() {
    let desk = desk_with_all();
    for command in ["shell", "env"] {
        desk.run(&[command, "Production/web*"])
            .fails(2, &["means 2 contexts: Production/web:EKSAdmin, Production/web:EKSViewer", "CONTEXT"]);
    }
    let told = desk.run(&["env", "Production/web:EKSV*", "--shell=bash"]).ok().out;
    assert!(told.contains("EKSSO_CONTEXT=Production/web:EKSViewer"), "{told}");
    {
        let mut person = desk.person();
        person.present = true;
        person.picks = Some("Admin".into());
    }
    let told = desk.run(&["env", "Production/web*", "--shell=bash"]).ok().out;
    assert!(told.contains("EKSSO_CONTEXT=Production/web:EKSAdmin"), "{told}");
    assert_eq!(desk.person().offered.len(), 2);
}

#[test]
fn each_list_of_kubeconfigs_has_a_way_back_of_its_own() {
    let mut desk = desk_with_all();
    let [first, second, third] = ["Production/web:EKSAdmin", "Production/web:EKSViewer", "Staging/web:EKSAdmin"];
    desk.run(&["use", first]).ok();
    desk.run(&["use", second]).ok();
    let other = desk.write("other", &desk.read(".kube/config"));
    let other = other.display().to_string();
    desk.run(&["--kubeconfig", &other, "use", "-"]).fails(5, &["no previous context"]);
    desk.run(&["--kubeconfig", &other, "use", third]).ok();
    desk.run(&["--kubeconfig", &other, "use", first]).ok();
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), first);
    // By whichever way the same file is named.
    let same = desk.path(".kube/config").display().to_string();
    desk.set("KUBECONFIG", &same);
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), second);
    // What was remembered for all of them together, before 0.2.
    desk.write(".local/state/eksso/previous-context", &format!("{third}\n"));
    std::fs::remove_dir_all(desk.path(".local/state/eksso/previous-contexts")).expect("there");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), third);
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), second);
}
