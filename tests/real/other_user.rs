//! As another user than root: what the kernel keeps from processes of the same user, and a home that cannot be written.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::parts::{at, good, said};
use crate::support::Desk;
use eksso_simulator::Fault;

const TOKEN: &str = "token --cluster=web --region=eu-west-1 --account=111122223333 --role=EKSAdmin";
/// `nobody`, on most systems.
const OTHER: &str = "65534";

/// A shell's line at the desk, run as another user who may dump programs of any size.
fn as_other(desk: &Desk, line: &str) -> Command {
    let mut command = at(desk, Path::new("sh"));
    let script = format!(
        "ulimit -Hc unlimited && ulimit -Sc unlimited && cd {} && exec setpriv --reuid={OTHER} --regid={OTHER} --clear-groups sh -c \"$0\"",
        desk.path("dumps").display()
    );
    command.args(["-c", &script, line]).stdin(Stdio::null());
    command
}

/// Gives the whole desk to that user.
fn give(desk: &Desk) {
    std::fs::create_dir_all(desk.path("dumps")).expect("a folder");
    good(Command::new("chown").args(["-R", &format!("{OTHER}:{OTHER}")]).arg(desk.home.path()));
}

fn started(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started")
}

fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "waiting: {what}");
        sleep(Duration::from_millis(10));
    }
}

fn end(child: &mut Child, signal: &str) {
    good(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]));
    child.wait().expect("ended");
}

/// All dumps that there are, in one, and no more.
fn take_dumps(desk: &Desk) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(desk.path("dumps")).expect("a folder") {
        let path = entry.expect("an entry").path();
        all.extend(std::fs::read(&path).expect("a dump"));
        std::fs::remove_file(path).expect("removed");
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

fn runs(child: &Child, program: &str) -> bool {
    std::fs::read_link(format!("/proc/{}/exe", child.id())).is_ok_and(|exe| exe.ends_with(program))
}

/// An eksso that has sent its access token and waits for the answer.
fn with_the_token(desk: &Desk) -> Child {
    _ = std::fs::remove_dir_all(desk.path(".cache"));
    let before = desk.count("credentials");
    desk.fault("credentials", 1, Fault::Delay(Duration::from_secs(60)));
    let child = started(as_other(desk, &format!("exec eksso {TOKEN}")));
    until("a request with the token", || desk.count("credentials") > before && runs(&child, "eksso"));
    child
}

#[test]
#[ignore = "real part: root (setpriv, a core_pattern of plain files)"]
fn a_program_that_is_dumped_holds_the_token_in_its_dump_and_eksso_is_not_dumped() {
    let desk = Desk::signed_in();
    let secret = serde_json::from_str::<serde_json::Value>(&desk.item().1).expect("JSON")["access_token"].clone();
    let secret = secret.as_str().expect("text").to_owned();
    give(&desk);
    // The control: another program with the same token in its memory.
    let mut control = started(as_other(&desk, &format!("CANARY={secret} exec sleep 60")));
    until("the control", || runs(&control, "sleep"));
    end(&mut control, "ABRT");
    assert!(holds(&take_dumps(&desk), &secret), "this machine writes no dumps: /proc/sys/kernel/core_pattern");
    for signal in ["ABRT", "SEGV", "QUIT"] {
        let mut child = with_the_token(&desk);
        end(&mut child, signal);
        let dump = take_dumps(&desk);
        assert!(dump.is_empty(), "{signal}: {} bytes, the token in them: {}", dump.len(), holds(&dump, &secret));
    }
}

#[test]
#[ignore = "real part: root (setpriv)"]
fn other_processes_of_the_user_cannot_read_the_memory_of_eksso_and_those_it_runs_are_as_ever() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin", "--use"])
        .ok();
    give(&desk);
    let can = |what: &str, process: u32| {
        let line = match what {
            "mem" => format!("exec 3< /proc/{process}/mem"),
            "attach" => format!("strace -p {process} -o /dev/null & sleep 0.5; kill -0 $! && kill $!"),
            file => format!("cat /proc/{process}/{file} > /dev/null"),
        };
        as_other(&desk, &line).stderr(Stdio::null()).status().expect("started").success()
    };
    let mut control = started(as_other(&desk, "exec sleep 60"));
    until("the control", || runs(&control, "sleep"));
    for what in ["mem", "environ", "attach"] {
        assert!(can(what, control.id()), "{what}: this machine forbids it for all programs");
    }
    end(&mut control, "KILL");
    let mut child = with_the_token(&desk);
    for what in ["mem", "environ", "attach"] {
        assert!(!can(what, child.id()), "{what}");
    }
    end(&mut child, "KILL");
    // What it runs is dumped and read as if it had been started without eksso.
    let context = desk.kubeconfig()["current-context"].as_str().expect("a context").to_owned();
    let line = format!("exec eksso exec '{context}' -- sh -c 'echo $(ulimit -Sc) $(stat -c %u /proc/self/environ)'");
    let output = as_other(&desk, &line).output().expect("started");
    assert_eq!(said(&output), format!("unlimited {OTHER}\n"));
}

#[test]
#[ignore = "real part: root (setpriv)"]
fn in_a_home_that_cannot_be_written_a_good_token_works_and_a_sign_in_says_why_it_cannot() {
    let desk = Desk::signed_in();
    give(&desk);
    good(Command::new("find").arg(desk.home.path()).args(["-type", "d", "-exec", "chown", "root", "{}", "+"]));
    good(Command::new("find").arg(desk.home.path()).args(["-type", "d", "-exec", "chmod", "555", "{}", "+"]));
    let run = |line: &str| as_other(&desk, line).output().expect("started");
    for _ in 0..2 {
        let token = run(&format!("exec eksso {TOKEN}"));
        assert!(token.status.success() && token.stderr.is_empty(), "{}", said(&token));
    }
    let login = run("exec eksso login --force");
    let words = said(&login);
    assert_eq!((login.status.code(), desk.count("start")), (Some(7), 1), "{words}");
    assert!(words.contains("error: cannot ") && words.contains("Permission denied"), "{words}");
}
