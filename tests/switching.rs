//! Contexts in use: roles, namespaces, guards, undo, dry runs, sync, import, and contexts for one shell or command.

use std::path::{Path, PathBuf};

use crate::support::Desk;
use serde_yaml::Value;

const ADD_ALL: [&str; 6] = ["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"];

fn desk_with_all() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&ADD_ALL).ok();
    desk
}

fn current(desk: &Desk) -> String {
    desk.kubeconfig()["current-context"].as_str().unwrap_or_default().to_owned()
}

fn names(desk: &Desk) -> Vec<String> {
    desk.run(&["use", "-o", "name"]).ok().out.lines().map(str::to_owned).collect()
}

fn context<'a>(config: &'a Value, name: &str) -> &'a Value {
    let contexts = config["contexts"].as_sequence().expect("contexts");
    &contexts.iter().find(|context| context["name"] == name).unwrap_or_else(|| panic!("no {name}"))["context"]
}

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
    desk.run(&["ns", "team-a"]).ok();
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    let config = desk.kubeconfig();
    let (admin, viewer) = (context(&config, "Production/web:EKSAdmin"), context(&config, "Production/web:EKSViewer"));
    assert_eq!(admin["cluster"], viewer["cluster"]);
    assert_eq!(viewer["user"], "eksso/corp/111122223333/EKSViewer/eu-west-1/web");
    assert_eq!(config["users"].as_sequence().expect("users").len(), 2);
    desk.run(&["use", "--role", "EKSAdmni"]).fails(4, &["is not assigned to you", "did you mean `EKSAdmin`"]);
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
    desk.run(&["ns", "two"]).ok();
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

#[test]
fn a_guarded_context_asks_and_without_anybody_to_ask_refuses() {
    let desk = guarded("[contexts.\"Production/*\"]\nconfirm = true\n");
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    let switch = ["use", "Production/web:EKSAdmin"];
    desk.run(&switch).fails(2, &["config.toml says to ask first", "--yes"]);
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
        .fails(2, &["`Production/web:EKSAdmin`, `Production/web:EKSViewer`"]);
    desk.run(&["exec", "Production/web:EKSAdmin", "--yes", "--", "true"]).ok();
    desk.run(&["use", "Production/nope"]).fails(5, &["there is no context"]);
}

#[test]
fn a_guard_is_not_passed_by_a_detour() {
    let desk = guarded("[contexts.\"*:EKSAdmin\"]\nconfirm = true\n");
    let asks = |args: &[&str]| _ = desk.run(args).fails(2, &["config.toml says to ask first"]);
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
    assert!(told.err.contains("the role that config.toml prefers"), "{}", told.err);
    assert_eq!(current(&desk), "Production/web:EKSViewer");
    desk.run(&["use", "Production/web:EKSAdmin", "--role", "EKSAdmin"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
    let show = "echo \"$EKSSO_CONTEXT $EKSSO_GUARD\"; grep -A2 -e --role $KUBECONFIG";
    let out = run_in(&desk, &["exec", "Production/web:EKSAdmin"], show);
    assert!(out.starts_with("Production/web:EKSViewer read-only\n") && out.contains("EKSViewer\n"), "{out}");
    let out = run_in(&desk, &["exec", "Production/web:EKSAdmin", "--role=EKSAdmin"], show);
    assert!(out.starts_with("Production/web:EKSAdmin \n") && out.contains("EKSAdmin\n"), "{out}");
    assert!(desk.run(&["status"]).ok().err.contains("(read-only)"));
    desk.write(".config/eksso/config.toml", "[contexts.x]\nconfrim = true\n");
    desk.run(&["status"]).fails(2, &["line 2", "confrim"]);
}

/// Runs a shell line in a context; what it wrote to a file.
fn run_in(desk: &Desk, args: &[&str], line: &str) -> String {
    let out = desk.path("out");
    let line = format!("{{ {line}; }} >{}", out.display());
    desk.run(&[args, &["--", "sh", "-c", &line]].concat()).ok();
    std::fs::read_to_string(out).expect("written")
}

// ---- one shell, one command

fn private_files(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.path("run/eksso/kubeconfig");
    std::fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

#[cfg(unix)]
#[test]
fn exec_gives_a_command_one_context_and_leaves_nothing_behind() {
    use std::os::unix::fs::PermissionsExt;
    let desk = desk_with_all();
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    let before = desk.read(".kube/config");
    let seen = run_in(
        &desk,
        &["exec", "Production/web:EKSViewer", "-n", "team"],
        "cp $KUBECONFIG copy; stat -c %a $KUBECONFIG; pwd; echo $EKSSO_CONTEXT"
            .replace("copy", &desk.path("copy").display().to_string())
            .as_str(),
    );
    assert!(seen.starts_with("600\n") && seen.ends_with("Production/web:EKSViewer\n"), "{seen}");
    let private: Value = serde_yaml::from_str(&desk.read("copy")).expect("YAML");
    for list in ["clusters", "users", "contexts"] {
        assert_eq!(private[list].as_sequence().expect(list).len(), 1);
    }
    assert_eq!(private["current-context"], "Production/web:EKSViewer");
    assert_eq!(context(&private, "Production/web:EKSViewer")["namespace"], "team");
    assert_eq!(private_files(&desk), Vec::<PathBuf>::new());
    assert_eq!(desk.read(".kube/config"), before);
    assert_eq!(desk.path("run/eksso/kubeconfig").metadata().expect("there").permissions().mode() & 0o777, 0o700);
}

#[test]
fn exec_passes_the_exit_code_on() {
    let desk = desk_with_all();
    let exec = |line: &str| desk.run(&["exec", "Production/web:EKSViewer", "--", "sh", "-c", line]).code;
    assert_eq!((exec("exit 0"), exec("exit 7"), exec("kill -TERM $$")), (0, 7, 143));
    desk.run(&["exec", "Production/web:EKSViewer", "--", "no-such-program"]).fails(5, &["there is no program"]);
    desk.run(&["exec", "nope", "--", "true"]).fails(5, &["there is no context `nope`"]);
    desk.run(&["exec", "nope*", "--", "true"]).fails(5, &["there is no context `nope*`"]);
    desk.run(&["exec", "Production/web:EKSViewer"]).fails(2, &["COMMAND"]);
    assert_eq!(private_files(&desk), Vec::<PathBuf>::new());
}

#[test]
fn exec_over_many_contexts_tells_their_lines_apart_and_sums_up() {
    let desk = desk_with_all();
    let line = "case $EKSSO_CONTEXT in *batch*) echo bad >&2; exit 9;; *) printf 'one\\ntwo';; esac";
    let outcome = desk.run(&["exec", "Production/*", "-j", "2", "--", "sh", "-c", line]);
    assert_eq!(outcome.code, 9);
    let mut lines: Vec<&str> = outcome.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines[0], "Production/web:EKSAdmin    | one");
    assert_eq!(lines.len(), 4, "{}", outcome.out);
    assert!(outcome.err.contains("Production/batch:EKSViewer | bad\n"), "{}", outcome.err);
    assert!(
        outcome.err.contains("4 contexts: 2 done, 2 failed\n  Production/batch:EKSAdmin: exit code 9\n"),
        "{}",
        outcome.err
    );
    assert_eq!(private_files(&desk), Vec::<PathBuf>::new());
    let quiet = desk.run(&["exec", "-q", "Production/*", "--", "true"]).ok();
    assert_eq!(quiet.err, "");
}

#[test]
fn what_killed_processes_left_is_swept() {
    let desk = desk_with_all();
    let dead = std::process::Command::new("true").spawn().and_then(|mut child| child.wait().map(|_| child.id()));
    let left = desk.write(&format!("run/eksso/kubeconfig/{}-x.yaml", dead.expect("a process")), "");
    let ours = desk.write(&format!("run/eksso/kubeconfig/{}-x.yaml", std::process::id()), "");
    desk.run(&["exec", "Production/web:EKSViewer", "--", "true"]).ok();
    assert!(!left.exists() && ours.exists());
}

#[test]
fn env_speaks_the_language_of_each_shell() {
    let mut desk = desk_with_all();
    let env = |desk: &Desk, shell: &str| desk.run(&["env", "Production/web:EKSViewer", "--shell", shell]).ok().out;
    let bash = env(&desk, "bash");
    assert!(bash.contains("export EKSSO_CONTEXT=Production/web:EKSViewer\nunset EKSSO_GUARD\n"), "{bash}");
    assert_eq!(env(&desk, "zsh"), bash);
    assert!(env(&desk, "fish").contains("set -gx EKSSO_CONTEXT 'Production/web:EKSViewer'\nset -e EKSSO_GUARD\n"));
    assert!(env(&desk, "powershell").contains("$env:EKSSO_CONTEXT = 'Production/web:EKSViewer'\n"));
    let nushell: serde_json::Value = serde_json::from_str(&env(&desk, "nushell")).expect("JSON");
    let file = PathBuf::from(nushell["KUBECONFIG"].as_str().expect("a path"));
    assert!(file.starts_with(desk.path("run/eksso")) && file.exists());
    assert_eq!(private_files(&desk).len(), 1, "the same context in the same terminal is one file");
    desk.set("SHELL", "/usr/bin/fish");
    assert!(desk.run(&["env", "Production/web:EKSViewer"]).ok().out.starts_with("set -gx KUBECONFIG"));
    desk.run(&["env"]).fails(5, &["no current context"]);
    // Inside: other contexts are found outside, and back leads `--unset`.
    let outer = desk.path(".kube/config").display().to_string();
    desk.set("KUBECONFIG", &file.display().to_string()).set("EKSSO_KUBECONFIG", &outer);
    assert!(desk.run(&["env", "Staging/web:EKSAdmin"]).ok().out.contains("Staging/web:EKSAdmin"));
    desk.run(&["add", "--account=Staging", "--role=*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    assert_eq!(names(&desk), ["Production/web:EKSViewer"], "inside there is one context");
    desk.run(&["use", "Staging/web:EKSAdmin"])
        .fails(5, &["this shell has one context, `Production/web:EKSViewer`", "eksso shell Staging/web:EKSAdmin"]);
    let unset = desk.run(&["env", "--unset", "--shell=bash"]).ok().out;
    assert!(unset.starts_with(&format!("export KUBECONFIG={outer}\nunset EKSSO_CONTEXT\n")), "{unset}");
}

#[test]
fn a_shell_gets_the_context_and_its_exit_code_comes_back() {
    let mut desk = desk_with_all();
    let shell =
        desk.write("shell", &format!("#!/bin/sh\necho $EKSSO_CONTEXT >{}\nexit 3\n", desk.path("seen").display()));
    #[cfg(unix)]
    std::fs::set_permissions(&shell, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("mode");
    desk.set("SHELL", &shell.display().to_string());
    let outcome = desk.run(&["shell", "Production/web:EKSViewer"]);
    assert_eq!((outcome.code, desk.read("seen").as_str()), (3, "Production/web:EKSViewer\n"));
    assert!(outcome.err.contains("`exit` leaves it"));
    desk.run(&["shell"]).fails(2, &["nobody to ask"]);
}

/// A kubeconfig that has not changed is not read again, and one that has is.
#[test]
fn exec_remembers_contexts_without_secrets_while_the_file_stays_as_it_is() {
    let desk = desk_with_all();
    let server = || run_in(&desk, &["exec", "Production/web:EKSViewer"], "grep server: $KUBECONFIG");
    let kept = || std::fs::read_dir(desk.path(".cache/eksso/contexts")).map_or(0, |all| all.count());
    let first = server();
    assert_eq!(kept(), 0, "a file that was written just now is not trusted");
    let age = |file: &str| {
        // Only the file system sets the time that counts.
        std::thread::sleep(std::time::Duration::from_millis(3100));
        assert!(desk.path(file).exists());
    };
    age(".kube/config");
    assert_eq!((server(), kept()), (first.clone(), 1));
    assert_eq!(server(), first);
    desk.write(".kube/config", &desk.read(".kube/config").replace("127.0.0.1", "127.0.0.2"));
    assert_eq!(server(), first.replace("127.0.0.1", "127.0.0.2"));
    desk.write(".kube/config", "contexts:\n- name: s\n  context: {cluster: c, user: u}\nclusters: [{name: c, cluster: {server: x}}]\nusers: [{name: u, user: {token: s3cr3t}}]\n");
    age(".kube/config");
    assert!(run_in(&desk, &["exec", "s"], "cat $KUBECONFIG").contains("s3cr3t"));
    assert_eq!(kept(), 1, "what may hold a secret is not kept");
    desk.run(&["exec", "Production/web:EKSViewer", "--", "true"]).fails(5, &["there is no context"]);
}

#[test]
fn relative_paths_of_other_contexts_still_lead_there() {
    let desk = Desk::new();
    desk.write(".kube/config", "clusters:\n- name: c\n  cluster: {server: 'https://x', certificate-authority: ca.pem}\nusers:\n- name: u\n  user: {client-key: keys/k, client-certificate: /abs}\ncontexts:\n- name: kind\n  context: {cluster: c, user: u}\n");
    let text = run_in(&desk, &["exec", "kind"], "cat $KUBECONFIG");
    let home = desk.path(".kube");
    for part in [home.join("ca.pem"), home.join("keys/k"), Path::new("/abs").to_owned()] {
        assert!(text.contains(&part.display().to_string()), "{text}");
    }
    desk.write(".kube/config", "contexts:\n- name: kind\n  context: {cluster: c, user: u}\n");
    desk.run(&["exec", "kind", "--", "true"]).fails(7, &["lacks its cluster"]);
}

// ---- dry runs and undo

#[test]
fn every_change_can_be_tried_and_taken_back_byte_for_byte() {
    let desk = Desk::signed_in();
    let texts = |desk: &Desk| {
        desk.files().into_iter().filter(|(path, _)| path.ends_with(".kube/config")).map(|(_, text)| text).next()
    };
    let mut states = vec![texts(&desk)];
    let changes: [&[&str]; 6] = [
        &ADD_ALL,
        &["use", "Production/web:EKSAdmin"],
        &["ns", "team"],
        &["use", "--role", "EKSViewer", "-n", "x"],
        &["add", "--account=Production", "--role=EKSViewer", "--region=*", "--cluster=batch", "--use"],
        &["sync", "--unmapped", "--account=Staging", "--role=*"],
    ];
    for change in changes {
        let before = texts(&desk);
        let diff = desk.run(&[change, &["--dry-run"]].concat()).ok().out;
        assert_eq!(texts(&desk), before, "{change:?}");
        desk.run(change).ok();
        let after = texts(&desk);
        assert_eq!(diff.is_empty(), after == before, "{change:?}: {diff}");
        if after != before {
            assert!(diff.contains("\n@@ ") && diff.contains("\n+"), "{change:?}: {diff}");
            states.push(after);
        }
    }
    assert!(states.len() > 4);
    while states.len() > 1 {
        assert_eq!(texts(&desk), states.pop().expect("a state"));
        let shown = desk.run(&["undo"]).ok();
        assert!(shown.err.contains("@@ ") && shown.err.contains("Took back `"), "{}", shown.err);
        assert_eq!(texts(&desk), states[states.len() - 1], "{}", shown.err);
    }
    desk.run(&["undo"]).fails(5, &["there is no change of eksso to take back in "]);
}

#[test]
fn undo_is_taken_back_with_redo_until_something_new_is_done() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let after = desk.read(".kube/config");
    desk.run(&["undo", "--dry-run"]).ok();
    assert_eq!(desk.read(".kube/config"), after);
    desk.run(&["undo"]).ok();
    assert_ne!(desk.read(".kube/config"), after);
    desk.run(&["undo", "--redo"]).ok();
    assert_eq!(desk.read(".kube/config"), after);
    desk.run(&["undo", "--redo"]).fails(5, &["nothing has been taken back"]);
    desk.run(&["undo"]).ok();
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.run(&["undo", "--redo"]).fails(5, &[]);
}

#[test]
fn undo_asks_a_person_and_respects_what_others_changed_since() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let text = desk.read(".kube/config") + "# a note of mine\n";
    desk.write(".kube/config", &text);
    desk.run(&["undo"]).fails(7, &["-# a note of mine", "another program has changed", "eksso undo --force"]);
    assert_eq!(desk.read(".kube/config"), text);
    desk.person().present = true;
    desk.person().answers = vec!["no".into()];
    desk.run(&["undo", "--force"]).fails(130, &["nothing was changed"]);
    desk.person().answers = vec!["y".into()];
    desk.run(&["undo", "--force"]).ok();
    assert!(!desk.read(".kube/config").contains("note of mine"));
    desk.run(&["undo", "--redo", "--yes"]).ok();
    assert_eq!(desk.read(".kube/config"), text, "with what others had changed");
}

#[test]
fn the_ring_keeps_the_last_twenty_and_private_copies() {
    let desk = desk_with_all();
    for turn in 0..15 {
        desk.run(&["use", "Production/web:EKSAdmin"]).ok();
        desk.run(&["ns", &format!("n{turn}")]).ok();
        desk.run(&["use", "Production/web:EKSViewer"]).ok();
    }
    let folder = desk.path(".local/state/eksso/kubeconfig-backups");
    assert_eq!(std::fs::read_dir(&folder).expect("the ring").count(), 20);
    for _ in 0..20 {
        desk.run(&["undo"]).ok();
    }
    desk.run(&["undo"]).fails(5, &[]);
}

#[cfg(unix)]
#[test]
fn a_backup_never_follows_the_file_that_others_write_in_place() {
    let desk = desk_with_all();
    let before = desk.read(".kube/config");
    // Another name of the same file, through which it could be changed.
    std::fs::hard_link(desk.path(".kube/config"), desk.path("other-name")).expect("a link");
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    desk.write("other-name", "rubbish");
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
}

/// The folders of the ring, oldest first.
fn ring(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.path(".local/state/eksso/kubeconfig-backups");
    let mut folders: Vec<_> =
        std::fs::read_dir(folder).expect("the ring").flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// An undo that is killed at its very end has put the file back and not noted it down.
#[test]
fn a_change_that_is_taken_back_already_does_not_come_again() {
    let desk = desk_with_all();
    let mut states = vec![desk.read(".kube/config")];
    for context in ["Production/web:EKSAdmin", "Staging/web:EKSAdmin", "Production/batch:EKSAdmin"] {
        desk.run(&["use", context]).ok();
        states.push(desk.read(".kube/config"));
    }
    desk.run(&["undo"]).ok();
    let record = ring(&desk).pop().expect("a change").join("change.json");
    let text = std::fs::read_to_string(&record).expect("a record");
    std::fs::write(&record, text.replace("\"undone\":true", "\"undone\":false")).expect("written");
    for state in [&states[1], &states[0]] {
        desk.run(&["undo"]).ok();
        assert_eq!(desk.read(".kube/config"), *state);
    }
    desk.run(&["undo", "--redo"]).ok();
    assert_eq!(desk.read(".kube/config"), states[1]);
}

/// Killed after its backup and before its write, a change leaves a backup that is the living file.
#[cfg(unix)]
#[test]
fn a_backup_that_is_the_living_file_is_no_change_to_take_back() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let good = desk.read(".kube/config");
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.write(".kube/config", &(good.clone() + "# in place\n"));
    let backup = ring(&desk).pop().expect("a change").join("0.before");
    std::fs::remove_file(&backup).expect("removed");
    std::fs::hard_link(desk.path(".kube/config"), backup).expect("a link");
    desk.run(&["undo"]).fails(7, &["another program has changed the kubeconfig since", "-# in place"]);
    desk.write(".kube/config", &good);
    desk.run(&["undo"]).ok();
    assert!(!desk.read(".kube/config").contains("current-context"), "the change before that");
}

#[test]
fn a_backup_that_is_gone_or_damaged_is_told_and_the_kubeconfig_stays() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let text = desk.read(".kube/config");
    let backup = ring(&desk).pop().expect("a change").join("0.before");
    std::fs::write(&backup, "damaged").expect("written");
    desk.run(&["undo", "--force"]).fails(7, &["cannot be taken back", "0.before"]);
    std::fs::remove_file(&backup).expect("removed");
    desk.run(&["undo", "--force"]).fails(7, &["cannot be taken back"]);
    assert_eq!(desk.read(".kube/config"), text);
}

#[test]
fn what_others_changed_comes_back_from_a_forced_redo_too() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    desk.run(&["undo"]).ok();
    let foreign = desk.read(".kube/config") + "# theirs\n";
    desk.write(".kube/config", &foreign);
    desk.run(&["undo", "--redo"]).fails(7, &["eksso undo --redo --force"]);
    desk.run(&["undo", "--redo", "--force"]).ok();
    assert!(!desk.read(".kube/config").contains("theirs"));
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), foreign);
}

#[cfg(unix)]
#[test]
fn links_stay_and_what_is_no_file_is_not_replaced_by_one() {
    let desk = Desk::signed_in();
    std::fs::create_dir_all(desk.path(".kube")).expect("a folder");
    std::os::unix::fs::symlink("../real", desk.path(".kube/config")).expect("a link");
    desk.run(&ADD_ALL).ok();
    assert!(desk.path(".kube/config").is_symlink() && desk.path("real").is_file());
    desk.run(&["undo"]).ok();
    assert!(desk.path(".kube/config").is_symlink() && !desk.path("real").exists());
    desk.run(&["undo", "--redo"]).ok();
    assert!(desk.path(".kube/config").is_symlink() && desk.path("real").is_file());
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    desk.run(&["--kubeconfig", &pipe.display().to_string(), "use", "a"])
        .fails(7, &["is not a file that can be changed"]);
    assert!(!desk.path("pipe.lock").exists());
}

#[cfg(unix)]
#[test]
fn a_write_that_fails_loses_nothing_and_leaves_no_record() {
    let desk = desk_with_all();
    let before = desk.read(".kube/config");
    let ring = || std::fs::read_dir(desk.path(".local/state/eksso/kubeconfig-backups")).expect("the ring").count();
    let records = ring();
    let mut permissions = desk.path(".kube/config").metadata().expect("there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(desk.path(".kube/config"), permissions).expect("set");
    desk.run(&["use", "Production/web:EKSAdmin"]).fails(7, &["read-only; nothing was changed", "chmod u+w"]);
    assert_eq!((desk.read(".kube/config"), ring()), (before, records));
}

#[test]
fn undo_is_about_the_files_of_the_call() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let other = desk.write("other", "contexts:\n- name: a\n  context: {cluster: c, user: u}\n").display().to_string();
    desk.run(&["--kubeconfig", &other, "use", "a"]).ok();
    desk.run(&["undo"]).ok();
    assert_eq!((current(&desk).as_str(), desk.read("other").contains("current-context: a")), ("", true));
    desk.run(&["--kubeconfig", &other, "undo"]).ok();
    assert!(!desk.read("other").contains("current-context"));
}

#[test]
fn a_diff_shows_no_secret() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "users:\n- name: u\n  user:\n    token: s3cr3t-t0ken\ncurrent-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n- name: b\n  context: {cluster: c, user: u}\n");
    let shown = desk.run(&["use", "b", "--dry-run"]).ok();
    assert!(shown.out.contains("token: REDACTED") && !shown.out.contains("s3cr3t"), "{}", shown.out);
    desk.run(&["use", "b"]).ok();
    let shown = desk.run(&["undo"]).ok();
    assert!(!shown.err.contains("s3cr3t") && desk.read(".kube/config").contains("s3cr3t"), "{}", shown.err);
}

// ---- sync

#[test]
fn sync_writes_everything_and_prunes_only_what_is_certainly_gone() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "contexts:\n- name: mine\n  context: {cluster: c, user: u}\ncurrent-context: mine\n");
    desk.run(&["sync", "--unmapped"]).ok();
    let all = names(&desk);
    assert!(all.len() > 4 && current(&desk) == "mine");
    assert!(desk.run(&["sync", "--unmapped", "--prune"]).ok().err.contains("0 of them new"));
    assert_eq!(names(&desk), all);
    // A cluster is deleted; a role of another account is taken away.
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    let staging: Vec<String> = all.iter().filter(|name| name.starts_with("Staging/")).cloned().collect();
    desk.simulator.state().world.accounts.retain(|account| account.name != "Staging");
    desk.run(&["sync", "--unmapped"]).ok();
    assert_eq!(names(&desk), all, "without --prune nothing goes");
    let dry = desk.run(&["sync", "--unmapped", "--prune", "--dry-run"]).ok();
    assert!(
        dry.out.contains("-  name: Production/batch:EKSAdmin") || dry.out.contains("Production/batch:EKSAdmin"),
        "{}",
        dry.out
    );
    assert_eq!(names(&desk), all);
    let pruned = desk.run(&["sync", "--unmapped", "--prune"]).ok();
    assert!(pruned.err.contains("Removed `Production/batch:EKSAdmin`"), "{}", pruned.err);
    let left = names(&desk);
    assert!(
        left.contains(&"mine".into()) && left.iter().all(|name| !name.contains("batch") && !staging.contains(name)),
        "{left:?}"
    );
    let users = desk.kubeconfig()["users"].as_sequence().expect("users").len();
    assert_eq!(users, left.len() - 1, "users go with their contexts");
    desk.run(&["undo"]).ok();
    assert_eq!(names(&desk), all);
}

#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    let desk = Desk::signed_in();
    desk.run(&["sync", "--unmapped"]).ok();
    let all = names(&desk);
    let denied = eksso_simulator::Fault::Error(403, "AccessDeniedException", r#"{"message":"no"}"#);
    desk.simulator.fault("ListClusters", 1000, denied);
    _ = desk.run(&["sync", "--unmapped", "--prune"]);
    assert_eq!(names(&desk), all);
    desk.simulator.state().world.clusters.clear();
    _ = desk.run(&["sync", "--unmapped", "--prune"]);
    assert_eq!(names(&desk), all);
}

#[test]
fn prune_says_when_the_current_context_went() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/batch:EKSAdmin"]).ok();
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    let pruned = desk.run(&["sync", "--unmapped", "--prune", "--role=EKSAdmin"]).ok();
    assert!(pruned.err.contains("the current context `Production/batch:EKSAdmin` was removed"), "{}", pruned.err);
    assert_eq!(current(&desk), "Production/batch:EKSAdmin", "nothing switches but `use`");
    assert!(names(&desk).contains(&"Production/batch:EKSViewer".to_owned()), "the filter spares other roles");
}

// ---- import

const AWS_KUBECONFIG: &str = r#"# written by aws eks update-kubeconfig
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: QUJD
    server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
  name: arn:aws:eks:eu-west-1:111122223333:cluster/web
contexts:
- context:
    cluster: arn:aws:eks:eu-west-1:111122223333:cluster/web
    namespace: team-a
    user: arn:aws:eks:eu-west-1:111122223333:cluster/web
  name: my-web # mine
- context:
    cluster: kind
    user: kind
  name: kind
- context:
    cluster: arn:aws:eks:eu-west-1:111122223333:cluster/web
    user: static
  name: static
current-context: my-web
kind: Config
preferences: {}
users:
- name: arn:aws:eks:eu-west-1:111122223333:cluster/web
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --region
      - eu-west-1
      - eks
      - get-token
      - --cluster-name
      - web
      - --output
      - json
      command: aws
      env:
      - name: AWS_PROFILE
        value: dev
      - name: HTTPS_PROXY
        value: http://proxy
- name: kind
  user:
    token: abc
- name: static
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args: [token, -i, web]
      command: aws-iam-authenticator
      env: [{name: AWS_PROFILE, value: keys}]
"#;

#[test]
fn import_takes_over_what_it_understands_and_keeps_the_rest() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", AWS_KUBECONFIG);
    let profile = "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n[sso-session corp]\nsso_start_url = x\nsso_region = eu-west-1\n[profile keys]\naws_access_key_id = A\n";
    desk.write(".aws/config", &profile.replace("= x", &format!("= {}/start", desk.simulator.url())));
    let dry = desk.run(&["import", "--dry-run"]).ok();
    assert!(dry.out.contains("-      command: aws\n") && dry.out.contains("+      command: eksso\n"), "{}", dry.out);
    assert_eq!(desk.read(".kube/config"), AWS_KUBECONFIG);
    let done = desk.run(&["import"]).ok();
    assert_eq!(done.out, "my-web\n");
    assert!(done.err.contains("`static` stays as it is:") && done.err.contains("eksso undo"), "{}", done.err);
    let config = desk.kubeconfig();
    assert_eq!((current(&desk).as_str(), context(&config, "my-web")["namespace"].as_str()), ("my-web", Some("team-a")));
    assert_eq!(context(&config, "my-web")["user"], "arn:aws:eks:eu-west-1:111122223333:cluster/web");
    let text = desk.read(".kube/config");
    for line in [
        "# written by aws eks update-kubeconfig",
        "  name: my-web # mine",
        "      command: aws-iam-authenticator",
        "        value: http://proxy",
    ] {
        assert!(text.lines().any(|kept| kept == line), "{line} is gone:\n{text}");
    }
    assert!(!text.contains("value: dev"), "no profile of the environment decides who it is");
    // It is a context of eksso now: it has roles, and adding it again changes nothing but the cluster's facts.
    let rows = desk.run(&["use", "-o", "json"]).ok().json();
    assert_eq!((rows[0]["context"].as_str(), rows[0]["role"].as_str()), (Some("my-web"), Some("EKSAdmin")));
    let add = desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
    assert_eq!(add.out, "my-web\n");
    assert_eq!(desk.kubeconfig()["users"].as_sequence().expect("users").len(), 3, "the imported user is kept");
    desk.run(&["undo"]).ok();
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), AWS_KUBECONFIG);
}

#[test]
fn import_reads_roles_and_says_why_not() {
    let desk = Desk::signed_in();
    let role = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_EKSViewer_0123456789abcdef";
    let exec = |args: &str| {
        format!(
            "exec: {{apiVersion: v1, command: aws, args: [--region, eu-west-1, eks, get-token, --cluster-name, web{args}]}}"
        )
    };
    let user = |name: &str, body: &str| format!("- name: {name}\n  user:\n    {body}\n");
    let context = |name: &str| format!("- name: {name}\n  context: {{cluster: c, user: {name}}}\n");
    let names = ["sso", "assumed", "nobody"];
    let text = format!(
        "contexts:\n{}users:\n{}{}{}",
        names.map(context).concat(),
        user("sso", &exec(&format!(", --role, '{role}'"))),
        user("assumed", &exec(", --profile, dev, --role-arn, 'arn:aws:iam::111122223333:role/deploy'")),
        user("nobody", &exec(""))
    );
    desk.write(".kube/config", &text);
    let profile = format!(
        "[profile dev]\nsso_start_url = {}/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n",
        desk.simulator.url()
    );
    desk.write(".aws/config", &profile);
    let rows = desk.run(&["import", "-o", "json"]).ok();
    assert!(rows.err.contains("`nobody` stays as it is: there is no profile `default`"), "{}", rows.err);
    let config = desk.kubeconfig();
    let mark = |name: &str| context_mark(&config, name);
    assert_eq!(mark("sso")["role"], "EKSViewer");
    assert_eq!(mark("assumed")["assume_role"], "arn:aws:iam::111122223333:role/deploy");
    let text = desk.read(".kube/config");
    assert!(text.contains("--assume-role"), "{text}");
    // A `default` profile is no guess to make for a cluster that may be another account's.
    desk.write(".aws/config", &profile.replace("[profile dev]", "[default]"));
    desk.run(&["import", "nobody"]).fails(5, &["names no profile"]);
    desk.write(".aws/config", &profile);
    desk.run(&["import", "nobody"]).fails(5, &["no context could be taken over"]);
    assert!(desk.run(&["import", "sso"]).ok().err.contains("nothing was changed"));
}

fn context_mark<'a>(config: &'a Value, name: &str) -> &'a Value {
    &context(config, name)["extensions"][0]["extension"]
}
