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
    let left: Vec<_> =
        desk.files().into_iter().filter(|(_, content)| !content.is_empty()).map(|(path, _)| path).collect();
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
