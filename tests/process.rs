//! What only a real process shows: exit codes, streams, signals, environment.

use std::process::{Command, Output, Stdio};

use crate::support::Desk;
use eksso_simulator::World;

pub fn eksso(desk: &Desk) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eksso"));
    command.env_clear().envs(&desk.env).env("HOME", desk.home.path()).env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command
}

fn text(output: &Output) -> (String, String) {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (words(&output.stdout), words(&output.stderr))
}

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

#[test]
fn the_binary_signs_in_and_makes_a_token_that_is_accepted() {
    let desk = Desk::configured(World::small());
    let login = eksso(&desk).arg("login").output().expect("started");
    assert!(login.status.success() && login.stdout.is_empty(), "{:?}", text(&login));
    let token = eksso(&desk).args(TOKEN).output().expect("started");
    assert!(token.status.success() && token.stderr.is_empty(), "{:?}", text(&token));
    let reply: serde_json::Value = serde_json::from_slice(&token.stdout).expect("JSON");
    let token = reply["status"]["token"].as_str().expect("text");
    assert!(desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).is_ok());
}

#[test]
fn signed_out_the_plugin_fails_with_3_and_an_empty_stdout() {
    let desk = Desk::configured(World::small());
    let failed = eksso(&desk).args(TOKEN).output().expect("started");
    assert_eq!((failed.status.code(), failed.stdout.len()), (Some(3), 0));
    assert!(text(&failed).1.contains("hint: eksso login corp"), "{:?}", text(&failed));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    let mut child = eksso(&desk).args(["man"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("ended");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{:?}", text(&ended));
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_waiting_exits_with_130_and_leaves_nothing_half_written() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let child = eksso(&desk).arg("login").stderr(Stdio::piped()).spawn().expect("started");
    while desk.simulator.count("CreateToken") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let ended = child.wait_with_output().expect("ended");
    assert_eq!(ended.status.code(), Some(130), "{:?}", text(&ended));
    // Locks may say who held them.
    let counts = |path: &std::path::Path, content: &[u8]| {
        !content.is_empty() && !path.starts_with(desk.path(".local/state/eksso/locks"))
    };
    let left: Vec<_> =
        desk.files().into_iter().filter(|(path, content)| counts(path, content)).map(|(path, _)| path).collect();
    assert_eq!(left, [desk.path(".config/eksso/config.toml")]);
    desk.simulator.state().world.approve = true;
    assert!(eksso(&desk).arg("login").status().expect("started").success(), "no lock is left behind");
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_waiting_for_a_lock_exits_at_once_and_leaves_the_lock_of_the_other() {
    let desk = Desk::signed_in();
    let lock = desk.write(".kube/config.lock", "");
    let child = eksso(&desk).args(["use", "x"]).stderr(Stdio::piped()).spawn().expect("started");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let ended = child.wait_with_output().expect("ended");
    assert_eq!(ended.status.code(), Some(130), "{:?}", text(&ended));
    assert!(lock.exists());
}

#[cfg(unix)]
#[test]
fn exec_hands_a_request_to_end_on_and_a_killed_one_is_cleaned_up_after() {
    let desk = Desk::new();
    desk.write(".kube/config", "contexts:\n- name: a\n  context: {cluster: c, user: u}\nclusters: [{name: c, cluster: {server: 'https://x'}}]\nusers: [{name: u, user: {}}]\n");
    let files = || std::fs::read_dir(desk.path("run/eksso/kubeconfig")).map_or(0, |all| all.count());
    let start = |line: &str| {
        let mut command = eksso(&desk);
        command.env("XDG_RUNTIME_DIR", desk.path("run")).args(["exec", "a", "--", "sh", "-c", line]);
        let child = command.spawn().expect("started");
        while !desk.path("ready").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        std::fs::remove_file(desk.path("ready")).expect("removed");
        child
    };
    let signal = |name: &str, id: u32| {
        assert!(Command::new("kill").args([name, &id.to_string()]).status().expect("kill").success())
    };
    let ready = desk.path("ready").display().to_string();
    let mut child = start(&format!("trap 'exit 9' TERM; touch {ready}; while :; do sleep 0.05; done"));
    assert_eq!(files(), 1);
    signal("-TERM", child.id());
    assert_eq!(child.wait().expect("ended").code(), Some(9), "the program decides how it ends");
    assert_eq!(files(), 0);
    let mut child = start(&format!("touch {ready}; sleep 2"));
    signal("-KILL", child.id());
    child.wait().expect("ended");
    assert_eq!(files(), 1);
    let mut next = eksso(&desk);
    let next =
        next.env("XDG_RUNTIME_DIR", desk.path("run")).args(["exec", "a", "--", "true"]).status().expect("started");
    assert!(next.success());
    assert_eq!(files(), 0);
}

/// A disk that is full, as a limit on the size of files shows it, and a state folder on another device.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing_and_another_device_is_no_obstacle() {
    let desk = Desk::new();
    let text = format!("contexts:\n- name: a\n- name: b\ncurrent-context: a\n# {}\n", "x".repeat(60_000));
    desk.write(".kube/config", &text);
    let plain = eksso(&desk);
    let mut full = Command::new("sh");
    full.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    full.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" use b", env!("CARGO_BIN_EXE_eksso")]);
    let output = full.output().expect("started");
    let (_, err) = crate::process::text(&output);
    assert_eq!(output.status.code(), Some(7), "{err}");
    assert!(err.contains("cannot write") && err.contains("File too large"), "{err}");
    let files = desk.files().into_iter().map(|(path, _)| path.display().to_string());
    let files: Vec<String> = files.filter(|path| !path.contains("/locks/")).collect();
    assert_eq!((desk.read(".kube/config"), files.len()), (text.clone(), 1), "{files:?}");
    let elsewhere = tempfile::tempdir_in("/dev/shm").expect("another device");
    let output = eksso(&desk).env("XDG_STATE_HOME", elsewhere.path()).args(["use", "b"]).output().expect("started");
    assert!(output.status.success(), "{:?}", crate::process::text(&output));
    let output = eksso(&desk).env("XDG_STATE_HOME", elsewhere.path()).args(["undo"]).output().expect("started");
    assert!(output.status.success(), "{:?}", crate::process::text(&output));
    assert_eq!(desk.read(".kube/config"), text);
}

#[test]
fn relative_paths_mean_the_same_when_kubeconfig_itself_is_relative() {
    let desk = Desk::new();
    desk.write("kube/config", "contexts:\n- name: a\n  context: {cluster: c, user: u}\nclusters: [{name: c, cluster: {server: 'https://x', certificate-authority: ca.pem}}]\nusers: [{name: u, user: {client-key: k, client-certificate: ../c, exec: {command: ./plugin}}}]\n");
    let mut command = eksso(&desk);
    command.current_dir(desk.home.path()).env("KUBECONFIG", "kube/config");
    let output = command.args(["exec", "a", "--", "sh", "-c", "cat $KUBECONFIG"]).output().expect("started");
    let (out, err) = text(&output);
    for path in ["kube/ca.pem", "kube/k", "kube/../c", "kube/plugin"] {
        assert!(out.contains(&format!(": {}\n", desk.path(path).display())), "{path}: {out}{err}");
    }
}

#[cfg(unix)]
#[test]
fn the_absolute_command_is_the_name_that_outlives_an_upgrade() {
    let desk = Desk::configured(World::small());
    assert!(eksso(&desk).arg("login").status().expect("started").success());
    let (cellar, bin) = (desk.path("Cellar/eksso/0.1.0/bin"), desk.path("bin"));
    std::fs::create_dir_all(&cellar).expect("a folder");
    std::fs::create_dir_all(&bin).expect("a folder");
    let real = cellar.join("eksso");
    std::fs::copy(env!("CARGO_BIN_EXE_eksso"), &real).expect("a copy");
    std::os::unix::fs::symlink("../Cellar/eksso/0.1.0/bin/eksso", bin.join("eksso")).expect("a link");
    std::fs::create_dir_all(desk.path("other")).expect("a folder");
    std::fs::copy("/bin/true", desk.path("other/eksso")).expect("another program of the name");
    let path = format!("{}:{}:/usr/bin:/bin", desk.path("other").display(), bin.display());
    let stable = bin.join("eksso").display().to_string();
    for program in [real.display().to_string(), stable.clone()] {
        let mut command = Command::new(program);
        let plain = eksso(&desk);
        command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", &path);
        command.args(["add", "--cluster=batch", "--role=EKSAdmin", "--absolute-command"]);
        let output = command.output().expect("started");
        assert!(output.status.success(), "{:?}", text(&output));
        assert!(desk.read(".kube/config").contains(&format!("command: {stable}\n")), "{}", desk.read(".kube/config"));
        std::fs::remove_file(desk.path(".kube/config")).expect("removed");
    }
    // Found by a relative folder of PATH, it is the path in there, and not what its link leads to.
    let plain = eksso(&desk);
    let mut command = Command::new("/bin/sh");
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", "PATH=.:/usr/bin:/bin; eksso add --cluster=batch --role=EKSAdmin --absolute-command"]);
    let output = command.current_dir(&bin).output().expect("started");
    assert!(output.status.success(), "{:?}", text(&output));
    assert!(desk.read(".kube/config").contains(&format!("command: {stable}\n")), "{}", desk.read(".kube/config"));
}

/// A desk with contexts a, b and c, and a folder for isolated kubeconfigs.
#[cfg(unix)]
fn with_three() -> Desk {
    let desk = Desk::new();
    let contexts = ["a", "b", "c"].map(|name| format!("- name: {name}\n  context: {{cluster: c, user: u}}\n")).concat();
    desk.write(".kube/config", &format!("contexts:\n{contexts}clusters: [{{name: c, cluster: {{server: 'https://x'}}}}]\nusers: [{{name: u, user: {{}}}}]\n"));
    desk
}

#[cfg(unix)]
#[test]
fn after_a_signal_exec_starts_nothing_new_and_hands_it_to_what_runs() {
    for (signal, code, ends) in [("TERM", 143, 9), ("INT", 130, 8), ("HUP", 129, 7), ("QUIT", 131, 6)] {
        let desk = with_three();
        let folder = desk.home.path().display();
        let line = format!(
            "trap 'exit 9' TERM; trap 'exit 8' INT; trap 'exit 7' HUP; trap 'exit 6' QUIT; touch {folder}/$EKSSO_CONTEXT.ran; while :; do sleep 0.05; done"
        );
        let mut command = eksso(&desk);
        command.env("XDG_RUNTIME_DIR", desk.path("run")).args(["exec", "*", "-j1", "--", "sh", "-c", &line]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        while !desk.path("a.ran").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().expect("kill").success()
        );
        let ended = child.wait_with_output().expect("ended");
        let (_, err) = text(&ended);
        assert_eq!(ended.status.code(), Some(code), "{signal}: {err}");
        assert!(
            err.contains("0 done, 1 failed, 2 not started") && err.contains(&format!("a: exit code {ends}")),
            "{err}"
        );
        assert!(!desk.path("b.ran").exists() && !desk.path("c.ran").exists(), "{signal}");
        assert_eq!(std::fs::read_dir(desk.path("run/eksso/kubeconfig")).map_or(0, |all| all.count()), 0);
        // Of one program alone the code is the program's.
        let desk = with_three();
        let line = line.replace(&folder.to_string(), &desk.home.path().display().to_string());
        let mut child = eksso(&desk).args(["exec", "a", "--", "sh", "-c", &line]).spawn().expect("started");
        while !desk.path("a.ran").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().expect("kill").success()
        );
        assert_eq!(child.wait().expect("ended").code(), Some(ends), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn exec_ends_with_its_reader_and_keeps_no_more_than_a_slow_one_has_room_for() {
    use std::io::{BufRead, BufReader};
    let desk = with_three();
    let mut child = eksso(&desk)
        .args(["exec", "*", "--", "yes", &"x".repeat(1000)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a process");
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(peak.expect("a size") < 100_000, "{peak:?} kB");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut first).expect("a line");
    assert!(first.contains(" | xxx"), "{first}");
    // The reader is gone by now.
    let start = std::time::Instant::now();
    while child.try_wait().expect("a process").is_none() {
        assert!(start.elapsed() < std::time::Duration::from_secs(10), "it goes on without a reader");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
