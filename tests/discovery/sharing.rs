//! Searches that are under way at the same time, and lists that are not trusted blindly.

use std::process::{Child, Command, Stdio};

use crate::support::Desk;
use eksso_simulator::{Fault, World};

/// The real program, as only processes share.
fn start(desk: &Desk, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eksso"));
    let home = desk.home.path();
    command.args(args).env_clear().envs(&desk.env).env("HOME", home);
    command.env("XDG_CONFIG_HOME", home.join(".config")).env("XDG_CACHE_HOME", home.join(".cache"));
    command.env("XDG_STATE_HOME", home.join(".local/state")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("eksso")
}

#[test]
fn eight_searches_at_once_share_one() {
    for args in [
        &["clusters", "--region=eu-west-1", "-o", "name"][..],
        &["clusters", "--region=eu-west-1", "--refresh", "-o", "name"],
    ] {
        let desk = Desk::configured(World::large(25, 2, 1, 1));
        assert!(start(&desk, &["login"]).wait().expect("an end").success());
        let one = {
            let before = desk.simulator.total();
            assert!(start(&desk, args).wait().expect("an end").success());
            desk.simulator.total() - before
        };
        std::fs::remove_dir_all(desk.path(".cache/eksso/index")).expect("an index");
        let before = desk.simulator.total();
        let all: Vec<Child> = (0..8).map(|_| start(&desk, args)).collect();
        for child in all {
            let ended = child.wait_with_output().expect("an end");
            let words = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert!(ended.status.success(), "{words}");
            assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), 25, "{words}");
        }
        let eight = desk.simulator.total() - before;
        assert!(eight * 10 <= one * 11, "{eight} calls for eight searches, {one} for one: {args:?}");
    }
}

const SEARCH: [&str; 4] = ["clusters", "--region=eu-west-1", "-o", "name"];

/// A search of 25 accounts that has looked at some of them.
fn in_the_middle_of_a_search() -> (Desk, std::process::Child) {
    let desk = Desk::configured(World::large(25, 2, 1, 1));
    assert!(start(&desk, &["login"]).wait().expect("an end").success());
    let first = start(&desk, &SEARCH);
    while desk.simulator.count("ListAccountRoles") < 5 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    (desk, first)
}

#[test]
fn a_search_that_is_killed_leaves_its_turn_to_the_next() {
    let (desk, mut first) = in_the_middle_of_a_search();
    let second = start(&desk, &SEARCH);
    std::thread::sleep(std::time::Duration::from_millis(300));
    first.kill().expect("a process");
    first.wait().expect("an end");
    let ended = second.wait_with_output().expect("an end");
    assert!(ended.status.success());
    assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), 25);
}

#[test]
fn a_list_that_repeats_itself_is_an_error_and_removes_nothing() {
    let desk = Desk::signed_in();
    desk.run(&["sync"]).ok();
    let before = desk.read(".kube/config");
    let again = r#"{"accountList":[{"accountId":"111122223333","accountName":"Production"}],"nextToken":"again"}"#;
    desk.simulator.fault("ListAccounts", 99, Fault::Error(200, "", again));
    desk.run(&["sync", "--prune"]).fails(6, &["list of accounts has no end", "repeats itself"]);
    assert!(desk.simulator.count("ListAccounts") < 10);
    assert_eq!(desk.read(".kube/config"), before);
    let desk = Desk::signed_in();
    let again = r#"{"roleList":[{"roleName":"EKSAdmin"}],"nextToken":"again"}"#;
    desk.simulator.fault_where("ListAccountRoles", "111122223333", 99, Fault::Error(200, "", again));
    let roles = desk.run(&["roles"]).ok();
    assert!(roles.err.contains("list of roles has no end"), "{}", roles.err);
    let desk = Desk::signed_in();
    let again = r#"{"clusters":["web"],"nextToken":"again"}"#;
    desk.simulator.fault_where("ListClusters", "/eu-west-1/eks/", 99, Fault::Error(200, "", again));
    let found = desk.run(&["clusters", "-o", "name"]).ok();
    assert!(found.err.contains("warning") && found.err.contains("repeats itself"), "{}", found.err);
    assert_eq!(found.out, "arn:aws:eks:us-east-1:111122223333:cluster/batch\n");
}

#[test]
fn the_table_grows_as_rows_come_on_a_terminal() {
    // As many calls as take some seconds at 20 a second.
    for (args, accounts) in [(&["clusters", "--region=eu-west-1"][..], 35), (&["roles"], 70)] {
        let (desk, rows) = (Desk::signed_in_to(World::large(accounts, 2, 1, 1)), 2 * accounts);
        desk.person().reads = true;
        desk.person().written = 0;
        let grown = desk.run(args).ok();
        // What was there in the first second comes at once, so that columns are as wide as they need; then each as it comes.
        let written = desk.person().written;
        assert!(written > 10 && written <= rows, "{written} times: {}", grown.out);
        // Once all is known it is shown at once, in order; the rows are the same.
        desk.person().written = 0;
        let known = desk.run(args).ok();
        assert_eq!(desk.person().written, 1);
        let words = |text: &str| {
            let mut lines: Vec<String> =
                text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            lines[1..].sort();
            lines
        };
        assert_eq!(words(&grown.out), words(&known.out));
        assert_eq!(grown.out.lines().count(), rows + 1, "{}", grown.out);
    }
}

#[cfg(unix)]
#[test]
fn a_search_that_was_stopped_keeps_nobody_waiting() {
    let (desk, mut first) = in_the_middle_of_a_search();
    let process = rustix::process::Pid::from_child(&first);
    rustix::process::kill_process(process, rustix::process::Signal::STOP).expect("a signal");
    let began = std::time::Instant::now();
    let ended = start(&desk, &SEARCH).wait_with_output().expect("an end");
    assert!(ended.status.success());
    assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), 25);
    assert!(began.elapsed() < std::time::Duration::from_secs(40), "{:?}", began.elapsed());
    first.kill().expect("a process");
    first.wait().expect("an end");
}
