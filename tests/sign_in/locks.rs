//! Locks whose holder does not go on, clocks that are set meanwhile, and places that have no locks.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
/// Two seconds for one that is stopped to go on, for each of the two locks on the way, and what the machine adds.
const SOON: Duration = Duration::from_secs(15);

/// A process that is stopped while it does something.
struct Stopped(Child);

impl Stopped {
    fn when(desk: &Desk, args: &[&str], busy: impl Fn() -> bool) -> Self {
        let mut command = eksso(desk);
        let child = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        let deadline = Instant::now() + Duration::from_secs(30);
        while !busy() {
            assert!(Instant::now() < deadline, "waiting for its request");
            thread::sleep(Duration::from_millis(5));
        }
        let stopped = Self(child);
        stopped.send("STOP");
        stopped
    }

    fn send(&self, signal: &str) {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.0.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    fn goes_on(mut self) -> Option<i32> {
        self.send("CONT");
        self.0.wait().expect("ended").code()
    }

    fn words(&self, doing: &str) -> [String; 2] {
        let process = self.0.id();
        [format!("process {process} has been {doing} since "), format!("hint: kill -CONT {process}")]
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Desk {
    #[track_caller]
    fn is_kept_from(&self, args: &[&str], stopped: &Stopped, doing: &str) {
        let (began, words) = (Instant::now(), stopped.words(doing));
        self.run(args).fails(7, &["another eksso keeps session `corp` busy", &words[0], ", and is stopped", &words[1]]);
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
}

#[test]
fn a_stopped_sign_in_is_named_to_those_who_wait_for_it_within_seconds_and_can_go_on() {
    for world in both() {
        let desk = Desk::configured(World { approve: false, ..world });
        let stopped = Stopped::when(&desk, &["login"], || desk.count("poll") > 0);
        desk.is_kept_from(&["login"], &stopped, "signing in");
        desk.simulator.state().world.approve = true;
        assert_eq!(stopped.goes_on(), Some(0));
        desk.run(&TOKEN).ok();
    }
}

#[test]
fn a_stopped_renewal_is_named_within_seconds_and_loses_nothing_when_it_goes_on() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.age_tokens();
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        let before = desk.count("renew");
        desk.fault("renew", 1, Fault::Late(Duration::from_secs(1)));
        let stopped = Stopped::when(&desk, &TOKEN, || desk.count("renew") > before);
        desk.is_kept_from(&TOKEN, &stopped, "renewing the sign-in");
        assert_eq!(stopped.goes_on(), Some(0));
        desk.run(&TOKEN).ok();
        assert_eq!((desk.count("renew"), desk.count("start")), (before + 1, 1));
    }
}

#[test]
fn those_who_can_do_without_a_stopped_process_do() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&["roles"]).ok();
        desk.fault("credentials", 1, Fault::Delay(Duration::from_secs(90)));
        let before = desk.count("credentials");
        let stopped = Stopped::when(&desk, &TOKEN, || desk.count("credentials") > before);
        let began = Instant::now();
        desk.run(&TOKEN).ok();
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        // And with what is there now, at once.
        let began = Instant::now();
        desk.run(&TOKEN).ok();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        drop(stopped);
    }
}

#[test]
fn a_clock_that_is_set_forward_ends_no_wait() {
    let desk = Desk::signed_in();
    let locks = std::fs::read_dir(desk.path(".local/state/eksso/locks")).expect("a folder");
    let lock = locks.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(".sign-in"));
    let lock = std::fs::File::open(lock.expect("the lock of a sign-in")).expect("a file");
    lock.lock().expect("locked");
    let simulator = std::sync::Arc::clone(&desk.simulator);
    let holder = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        simulator.advance(3000);
        thread::sleep(Duration::from_millis(700));
        drop(lock);
    });
    // It waits 11 minutes by no clock that anybody sets.
    desk.run(&["login", "--force"]).ok();
    holder.join().expect("ended");
}

#[test]
fn a_lock_says_who_holds_it_only_while_it_is_held() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let texts = || {
        let locks = desk.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("/locks/"));
        let texts = locks.map(|(_, content)| String::from_utf8(content).expect("text"));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let mut child = eksso(&desk).arg("login").stderr(Stdio::null()).spawn().expect("started");
    while desk.count("poll") == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    let text: serde_json::Value = serde_json::from_str(&texts().concat()).expect("one lock");
    assert_eq!((&text["process"], &text["doing"]), (&child.id().into(), &"signing in".into()));
    desk.simulator.state().world.approve = true;
    assert!(child.wait().expect("ended").success());
    assert_eq!(texts(), Vec::<String>::new());
}

/// A file system without locks, as strace shows it: `flock` fails as on some network shares.
#[test]
#[ignore = "real part: strace"]
fn where_files_cannot_be_locked_a_good_token_works_and_a_sign_in_says_why_it_cannot() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        let without_locks = |args: &[&str]| {
            let plain = eksso(&desk);
            let mut command = Command::new("strace");
            command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=flock:error=ENOLCK"]);
            let output = command.arg(env!("CARGO_BIN_EXE_eksso")).args(args).output().expect("strace: run tests/run");
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        assert_eq!(without_locks(&TOKEN), (Some(0), String::new()), "it gets credentials with the token that is there");
        assert_eq!(without_locks(&TOKEN), (Some(0), String::new()), "it has them");
        let (code, err) = without_locks(&["login", "--force"]);
        assert_eq!(code, Some(7), "{err}");
        for word in ["cannot lock ", "No locks available", "hint: XDG_STATE_HOME"] {
            assert!(err.contains(word), "{word}: {err}");
        }
    }
}
