//! Contexts for one shell or one command: `eksso exec`, `shell` and `env`, and the files they leave or do not leave.

use std::path::{Path, PathBuf};

#[cfg(unix)]
use super::desk::context;
use super::desk::{desk_with_all, names, run_in};
use crate::support::Desk;
use serde_yaml::Value;

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
    desk.run(&["exec", "Production/web:EKSViewer", "--", "no-such-program"]).fails(127, &["there is no program"]);
    let plain = desk.write("plain", "x");
    desk.run(&["exec", "Production/web:EKSViewer", "--", plain.to_str().expect("text")])
        .fails(126, &["is not executable"]);
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
    // Of a process that had our number before us, such as before a restart.
    let before = desk.write(&format!("run/eksso/kubeconfig/{}.1-x.yaml", std::process::id()), "");
    desk.run(&["exec", "Production/web:EKSViewer", "--", "true"]).ok();
    assert!(!left.exists() && ours.exists());
    assert_eq!(before.exists(), !cfg!(any(target_os = "linux", target_os = "macos", windows)));
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
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    // Inside: other contexts are found outside, and back leads `--unset`.
    let outer = desk.path(".kube/config").display().to_string();
    desk.set("KUBECONFIG", &file.display().to_string()).set("EKSSO_KUBECONFIG", &outer);
    assert!(desk.run(&["env", "Staging/web:EKSAdmin"]).ok().out.contains("Staging/web:EKSAdmin"));
    // Without a name the shell's own context is meant, and not the one that other shells have.
    for (args, comes_to) in
        [(["--role", "EKSAdmin"], "Production/web:EKSAdmin"), (["-n", "payments"], "Production/web:EKSViewer")]
    {
        let inside: serde_json::Value = desk.run(&[&["env", "--shell=nushell"], &args[..]].concat()).ok().json();
        assert_eq!(inside["EKSSO_CONTEXT"], comes_to, "{args:?}");
    }
    desk.run(&["add", "--account=Staging", "--role=*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    assert_eq!(names(&desk), ["Production/web:EKSViewer"], "inside there is one context");
    desk.run(&["use", "Staging/web:EKSAdmin"])
        .fails(5, &["this shell has one context, `Production/web:EKSViewer`", "eksso shell Staging/web:EKSAdmin"]);
    let unset = desk.run(&["env", "--unset", "--shell=bash"]).ok().out;
    assert!(unset.starts_with("unset KUBECONFIG\nunset EKSSO_CONTEXT\n"), "it was not set before: {unset}");
    desk.set("KUBECONFIG", "mine:~/other").set("EKSSO_KUBECONFIG", "");
    let outside = desk.run(&["env", "--unset", "--shell=bash"]).ok().out;
    assert!(outside.starts_with("export KUBECONFIG='mine:~/other'\n"), "{outside}");
    desk.set("KUBECONFIG", &outer);
    let env: serde_json::Value = desk.run(&["env", "Staging/web:EKSAdmin", "--shell=nushell"]).ok().json();
    for (name, value) in env.as_object().expect("variables") {
        desk.set(name, value.as_str().unwrap_or_default());
    }
    let unset = desk.run(&["env", "--unset", "--shell=bash"]).ok().out;
    assert!(unset.starts_with(&format!("export KUBECONFIG={outer}\nunset EKSSO_CONTEXT\n")), "{unset}");
    desk.set("SHELL", "/usr/bin/oilish");
    desk.run(&["env", "Staging/web:EKSAdmin"]).fails(2, &["`oilish` is not known", "--shell bash"]);
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

/// An isolated kubeconfig as it means: what kubectl reads.
fn isolated(desk: &Desk, context: &str) -> Value {
    serde_yaml::from_str(&run_in(desk, &["exec", context], "cat $KUBECONFIG")).expect("YAML")
}

#[test]
fn merge_keys_yaml_1_1_and_nobody_mean_the_same_in_a_private_kubeconfig() {
    let desk = Desk::new();
    desk.write(
        ".kube/config",
        "x-cluster: &cluster {server: 'https://x', proxy-url: 'socks5://p', certificate-authority-data: QUJD}\n\
         x-user: &user {token: t, as: jane, as-groups: [team]}\n\
         clusters:\n- name: c\n  cluster:\n    <<: *cluster\n    server: https://y\n\
         - name: open\n  cluster: {server: 'https://z', insecure-skip-tls-verify: yes}\n\
         users:\n- name: u\n  user:\n    <<: *user\n    token: own\n\
         contexts:\n- name: merged\n  context: {cluster: c, user: u}\n- name: nobody\n  context: {cluster: open}\n\
         - name: gone\n  context: {cluster: open, user: gone}\n",
    );
    let merged = isolated(&desk, "merged");
    let (cluster, user) = (&merged["clusters"][0]["cluster"], &merged["users"][0]["user"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let seen = [
        &cluster["server"],
        &cluster["proxy-url"],
        &cluster["certificate-authority-data"],
        &user["token"],
        &user["as"],
    ];
    assert_eq!(seen.map(text), ["https://y", "socks5://p", "QUJD", "own", "jane"]);
    assert_eq!((user["as-groups"][0].as_str(), user.get("<<"), cluster.get("<<")), (Some("team"), None, None));
    let nobody = isolated(&desk, "nobody");
    assert_eq!(nobody["clusters"][0]["cluster"]["insecure-skip-tls-verify"], true);
    assert_eq!(nobody["users"].as_sequence().map(Vec::len), Some(0));
    desk.run(&["exec", "gone", "--", "true"]).fails(7, &["lacks its user"]);
}

#[test]
fn what_a_person_added_to_a_user_stays_with_another_role() {
    let desk = desk_with_all();
    let text = desk.read(".kube/config").replacen(
        "      - '--role'\n      - EKSAdmin\n",
        "      - '--role'\n      - EKSAdmin\n      - -q\n",
        1,
    );
    let only: Value = serde_yaml::from_str(&text).expect("YAML");
    let user = only["users"][0]["name"].as_str().expect("a name").to_owned();
    let context =
        only["contexts"].as_sequence().expect("contexts").iter().find(|c| c["context"]["user"] == user.as_str());
    let name = context.expect("one")["name"].as_str().expect("a name").to_owned();
    desk.write(".kube/config", &text);
    let out = run_in(&desk, &["exec", &name, "--role", "Fresh"], "cat $KUBECONFIG");
    assert!(out.contains("- Fresh\n") && out.contains("- '-q'\n") && !out.contains("EKSAdmin"), "{out}");
}

#[test]
fn exec_runs_once_in_each_context_that_globs_and_a_role_come_to() {
    let desk = desk_with_all();
    let ran = |args: &[&str]| {
        let done = desk.run(&[&["exec"], args, &["--", "sh", "-c", "echo $EKSSO_CONTEXT"]].concat()).ok();
        let mut lines: Vec<String> =
            done.out.lines().map(|line| line.split(" | ").last().expect("a name").to_owned()).collect();
        lines.sort();
        lines
    };
    let wanted = ["Production/batch:EKSViewer", "Production/web:EKSViewer"];
    assert_eq!(ran(&["Production/*", "--role=EKSViewer"]), wanted);
    assert_eq!(
        ran(&["Production/*", "Production/web*", "--role=Fresh"]),
        ["Production/batch:Fresh", "Production/web:Fresh"]
    );
    desk.write(
        ".config/eksso/config.toml",
        &format!("{}\n[contexts.\"Production/*\"]\nread_only_role = \"EKSViewer\"\n", desk.config()),
    );
    assert_eq!(ran(&["Production/*"]), wanted);
}

#[test]
fn exec_over_a_glob_goes_on_past_a_dangling_context_and_says_so() {
    let desk = Desk::new();
    desk.write(".kube/config", "clusters: [{name: c, cluster: {server: 'https://x'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n- name: b\n  context: {cluster: gone, user: u}\n");
    let done = desk.run(&["exec", "*", "--", "sh", "-c", "echo $EKSSO_CONTEXT"]);
    assert_eq!((done.code, done.out.as_str()), (7, "a | a\n"), "{}", done.err);
    assert!(
        done.err.contains("2 contexts: 1 done, 1 failed\n  b: left out: the context `b` lacks its cluster"),
        "{}",
        done.err
    );
    desk.run(&["exec", "b", "a", "--", "true"]).fails(7, &["`b` lacks its cluster"]);
    desk.run(&["exec", "b*", "--", "true"]).fails(7, &["`b` lacks its cluster"]);
}

#[test]
fn exec_lists_what_it_would_run_in_and_runs_nothing() {
    let desk = desk_with_all();
    let rules = "[contexts.\"Production/*\"]\nconfirm = true\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{rules}", desk.config()));
    let listed = |args: &[&str]| desk.run(&[&["exec", "--list"], args].concat()).ok().out;
    assert_eq!(listed(&["Production/web*"]), "Production/web:EKSAdmin\nProduction/web:EKSViewer\n");
    let rows = desk.run(&["exec", "--list", "Production/web*", "-o", "json"]).ok().json();
    assert_eq!(rows[1]["context"], "Production/web:EKSViewer", "{rows}");
    let fresh = listed(&["Production/*", "--role=Fresh"]);
    let mut fresh: Vec<&str> = fresh.lines().collect();
    fresh.sort_unstable();
    assert_eq!(fresh, ["Production/batch:Fresh", "Production/web:Fresh"]);
    desk.run(&["exec", "--list", "nope"]).fails(5, &["there is no context `nope`"]);
    // Put before a command that is typed already: that is not run.
    let mark = desk.path("ran").display().to_string();
    assert_eq!(listed(&["Production/web*", "--", "touch", &mark]).lines().count(), 2);
    assert!(!desk.path("ran").exists());
    assert_eq!(private_files(&desk), Vec::<PathBuf>::new());
}

#[test]
fn exec_stops_at_the_first_failure_only_where_that_is_asked_for() {
    let desk = desk_with_all();
    let line = "echo $EKSSO_CONTEXT; exit 3";
    let run = |how: &[&str]| desk.run(&[&["exec", "Production/*", "-j1"], how, &["--", "sh", "-c", line]].concat());
    let fast = run(&["--fail-fast"]);
    assert_eq!((fast.code, fast.out.lines().count()), (3, 1), "{}", fast.out);
    assert!(fast.err.contains("4 contexts: 0 done, 1 failed, 3 not started"), "{}", fast.err);
    for how in [&[][..], &["--keep-going"]] {
        let all = run(how);
        assert_eq!((all.code, all.out.lines().count()), (3, 4), "{}", all.out);
    }
    desk.run(&["exec", "a", "--keep-going", "--fail-fast", "--", "true"]).fails(2, &["cannot be used with"]);
}

#[test]
fn each_isolated_shell_has_a_way_back_of_its_own() {
    let mut desk = desk_with_all();
    let (viewer, admin, other) = ("Production/web:EKSViewer", "Production/web:EKSAdmin", "Staging/web:EKSAdmin");
    desk.run(&["use", other]).ok();
    desk.run(&["use", viewer]).ok();
    let shell = |desk: &Desk| {
        let env: serde_json::Value = desk.run(&["env", viewer, "--shell=nushell"]).ok().json();
        env["KUBECONFIG"].as_str().expect("a path").to_owned()
    };
    let inner = shell(&desk);
    // Two shells have two files, by the process and by what is in them.
    let second = inner.replace(".yaml", "0.yaml");
    std::fs::copy(&inner, &second).expect("a second shell");
    let outer = desk.path(".kube/config").display().to_string();
    let current = |desk: &Desk| desk.run(&["use", "-c"]).ok().out.trim_end().to_owned();
    desk.set("KUBECONFIG", &inner).set("EKSSO_KUBECONFIG", &outer);
    desk.run(&["use", "-"]).fails(5, &["no previous context"]);
    desk.run(&["use", "--role=EKSAdmin"]).ok();
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), viewer);
    desk.set("KUBECONFIG", &second);
    desk.run(&["use", "-"]).fails(5, &["no previous context"]);
    desk.run(&["use", "--role=EKSAdmin"]).ok();
    desk.set("KUBECONFIG", &inner);
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), admin);
    // Outside, nothing of it is known.
    desk.set("KUBECONFIG", &outer).set("EKSSO_KUBECONFIG", "");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), other);
}

#[test]
fn what_a_shell_was_asked_to_remember_goes_with_it() {
    let desk = desk_with_all();
    let line = "touch ${KUBECONFIG%.yaml}.previous; ls $(dirname $KUBECONFIG)";
    assert_eq!(run_in(&desk, &["exec", "Production/web:EKSViewer"], line).lines().count(), 2);
    assert_eq!(private_files(&desk), Vec::<PathBuf>::new());
}

/// Start files of a shell that is started in a shell of `eksso shell`, and aliases, are not ours to hold.
#[test]
fn where_kubectl_does_not_use_the_context_of_a_shell_status_use_and_exec_say_so() {
    let mut desk = desk_with_all();
    let other =
        desk.write("other", "current-context: evil\ncontexts: [{name: evil, context: {}}]\n").display().to_string();
    let own = desk.write("run/eksso/kubeconfig/1-a.yaml", "").display().to_string();
    let said = "this is a shell for `Staging/web:EKSAdmin`, and kubectl does not use that context here: KUBECONFIG was changed in it: kubectl uses";
    let words = |desk: &Desk, args: &[&str]| desk.run(args).err.split_whitespace().collect::<Vec<_>>().join(" ");
    desk.set("SHELL", "/usr/bin/fish");
    desk.set("EKSSO_CONTEXT", "Staging/web:EKSAdmin");
    desk.set("EKSSO_ISOLATED_KUBECONFIG", &own);
    let calls = [&["status"][..], &["use", "-c"], &["exec", "Production/web:EKSViewer", "--", "true"]];
    for args in calls {
        let usual = words(&desk, args);
        assert!(usual.contains(&format!("{said} kubectl's usual file")), "{args:?}: {usual}");
        assert!(usual.contains("to have it back: "), "{args:?}: {usual}");
    }
    desk.set("KUBECONFIG", &other);
    for args in calls {
        assert!(words(&desk, args).contains(&format!("{said} `{other}`")), "{args:?}");
        // A file that was named is the one that is meant.
        let named = [&["--kubeconfig", &other], args].concat();
        assert!(!words(&desk, &named).contains("this is a shell for"), "{args:?}");
    }
    std::fs::remove_file(&own).expect("removed");
    assert!(words(&desk, &["use", "-c"]).contains("to have it back: eksso shell Staging/web:EKSAdmin"));
    desk.set("KUBECONFIG", &own);
    assert!(!words(&desk, &["status"]).contains("this is a shell for"));
}
