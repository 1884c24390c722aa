//! Signals: nothing that cannot be got again is lost to one, and everything else ends at once.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
/// Signals and the codes that shells count.
const SIGNALS: [(&str, i32); 4] = [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)];

fn start(desk: &Desk, args: &[&str]) -> Child {
    let mut command = eksso(desk);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started")
}

fn send(child: &Child, signal: &str) {
    // One that has ended already is what some of these want to see.
    _ = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).stderr(Stdio::null()).status();
}

fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < deadline, "waiting: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// The exit code, which must be there within so many seconds.
fn code_within(child: &mut Child, seconds: u64) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code();
        }
        if Instant::now() > deadline {
            child.kill().expect("killed");
            panic!("it did not end within {seconds} s");
        }
        sleep(Duration::from_millis(5));
    }
}

/// The answer is decided, so the old refresh token is spent, and on its way for a while. Each signal comes thrice.
#[test]
fn no_signal_loses_a_renewal_whose_answer_is_on_its_way() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        for (signal, code) in SIGNALS {
            desk.age_tokens();
            _ = std::fs::remove_dir_all(desk.path(".cache"));
            let before = desk.count("renew");
            desk.fault("renew", 1, Fault::Late(Duration::from_millis(600)));
            let mut child = start(&desk, &TOKEN);
            until("the renewal", || desk.count("renew") > before);
            for _ in 0..3 {
                send(&child, signal);
                sleep(Duration::from_millis(50));
            }
            assert_eq!(code_within(&mut child, 10), Some(code), "{signal}");
            // What was renewed is stored: nobody is asked, and nothing is renewed again.
            desk.run(&TOKEN).ok();
            assert_eq!(desk.count("renew"), before + 1, "{signal}");
        }
        assert_eq!(desk.count("start"), 1, "nobody had to sign in again");
    }
}

#[test]
fn no_signal_loses_a_sign_in_that_was_approved() {
    for world in both() {
        let desk = Desk::configured(World { interval: 0, ..world });
        for (signal, code) in SIGNALS {
            let before = desk.count("poll");
            desk.fault("poll", 1, Fault::Late(Duration::from_millis(600)));
            let mut child = start(&desk, &["login", "--force"]);
            until("the poll", || desk.count("poll") > before);
            for _ in 0..3 {
                send(&child, signal);
                sleep(Duration::from_millis(50));
            }
            assert_eq!(code_within(&mut child, 10), Some(code), "{signal}");
            let (polls, started) = (desk.count("poll"), desk.count("start"));
            desk.run(&TOKEN).ok();
            assert_eq!((desk.count("poll"), desk.count("start")), (polls, started), "{signal}");
            desk.run(&["logout"]).ok();
        }
    }
}

#[test]
fn each_signal_ends_a_sign_in_that_nobody_approved_with_its_own_code_and_leaves_no_lock() {
    for (signal, code) in SIGNALS {
        let desk = Desk::configured(World { approve: false, ..World::small() });
        let mut child = start(&desk, &["login"]);
        until("a poll", || desk.count("poll") > 0);
        send(&child, signal);
        assert_eq!(code_within(&mut child, 5), Some(code), "{signal}");
        desk.simulator.state().world.approve = true;
        desk.run(&["login"]).ok();
    }
}

/// `nohup eksso …` goes on when the terminal closes.
#[test]
fn a_program_that_was_told_to_outlive_its_terminal_does() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let plain = eksso(&desk);
    let mut command = Command::new("sh");
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", "trap '' HUP; exec \"$0\" login", env!("CARGO_BIN_EXE_eksso")]).stderr(Stdio::null());
    let mut child = command.spawn().expect("started");
    until("a poll", || desk.count("poll") > 0);
    send(&child, "HUP");
    desk.simulator.state().world.approve = true;
    assert_eq!(code_within(&mut child, 30), Some(0));
}

/// Programs in several contexts are waited for: the first signal is for them, and a second one ends eksso.
#[test]
fn where_others_are_waited_for_a_second_signal_ends_the_program() {
    let desk = Desk::new();
    let context = |name: &str| format!("- name: {name}\n  context: {{cluster: c, user: u}}\n");
    desk.write(
        ".kube/config",
        &format!(
            "contexts:\n{}{}clusters: [{{name: c, cluster: {{server: 'https://x'}}}}]\nusers: [{{name: u, user: {{}}}}]\n",
            context("a"),
            context("b")
        ),
    );
    let ready = desk.path("ready");
    let mut child = start(
        &desk,
        &["exec", "a", "b", "--", "sh", "-c", &format!("trap '' TERM; touch {}; exec sleep 5", ready.display())],
    );
    until("the programs", || ready.exists());
    send(&child, "TERM");
    sleep(Duration::from_millis(300));
    assert!(child.try_wait().expect("a child").is_none(), "the first one waits");
    send(&child, "TERM");
    assert_eq!(code_within(&mut child, 2), Some(143));
}

/// A process that is suspended in the middle of a renewal goes on after somebody has signed out.
#[test]
fn a_renewal_that_ends_after_a_sign_out_does_not_bring_the_sign_in_back() {
    for world in both() {
        let desk = Desk::signed_in_to(World { rotate: true, ..world });
        desk.age_tokens();
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        desk.fault("renew", 1, Fault::Late(Duration::from_millis(800)));
        let mut child = start(&desk, &TOKEN);
        until("the renewal", || desk.count("renew") > 0);
        send(&child, "STOP");
        _ = desk.run(&["logout"]);
        send(&child, "CONT");
        assert_eq!(code_within(&mut child, 60), Some(3));
        assert!(!desk.simulator.state().can_be_renewed(), "what came too late was revoked");
        desk.run(&TOKEN).fails(3, &["eksso login"]);
    }
}
