//! Several sessions at once: `login --all`, and `status --check` for scripts.

use crate::support::Desk;
use eksso_simulator::{Fault, World};

/// A desk with the sessions `corp` and `lab` of one portal.
fn two() -> Desk {
    let desk = Desk::configured(World::small());
    let url = desk.simulator.url().to_owned();
    let lab = format!("\n[sessions.lab]\nstart_url = \"{url}/start\"\nregion = \"us-east-1\"\n");
    desk.write(".config/eksso/config.toml", &format!("{}{lab}", desk.config()));
    desk
}

#[test]
fn login_all_signs_in_to_every_session_that_has_ended_one_after_the_other() {
    let desk = two();
    desk.run(&["login", "lab"]).ok();
    let all = desk.run(&["login", "--all"]).ok();
    assert!(
        all.err.contains("Signing in to `corp` …") && all.err.contains("Already signed in to `lab`"),
        "{}",
        all.err
    );
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2);
    desk.run(&["login", "--all"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2, "nothing had ended");
    desk.run(&["login", "--all", "--force"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 4);
    desk.run(&["login", "--all", "corp"]).fails(2, &["--all"]);
    Desk::new().run(&["login", "--all"]).fails(3, &["there is no session yet"]);
}

#[test]
fn what_fails_of_many_is_told_and_the_highest_need_is_the_exit_code() {
    let desk = two();
    desk.simulator.fault("StartDeviceAuthorization", 3, Fault::Error(503, "ServiceUnavailable", "{}"));
    let all = desk.run(&["login", "--all"]).fails(6, &["`corp`: ", "1 of 2 sessions could not be signed in to: corp"]);
    assert!(all.err.contains("Signed in to `lab`"), "the others go on: {}", all.err);
    let desk = two();
    desk.simulator.fault("StartDeviceAuthorization", 3, Fault::Error(503, "ServiceUnavailable", "{}"));
    desk.simulator.state().world.approve = false;
    desk.simulator.state().world.code_life = 30;
    desk.run(&["login", "--all"]).fails(3, &["2 of 2 sessions could not be signed in to: corp, lab"]);
}

#[test]
fn status_check_answers_scripts_by_its_exit_code() {
    let desk = two();
    desk.run(&["login", "corp"]).ok();
    let signed_in = desk.run(&["status", "--check", "corp"]).ok();
    assert!(signed_in.out.contains("corp") && !signed_in.out.contains("lab"), "{}", signed_in.out);
    let not = desk.run(&["status", "--check", "lab"]).fails(3, &[]);
    assert!(not.out.contains("signed out"), "{}", not.out);
    for (name, code) in [("corp", 0), ("lab", 3)] {
        let quiet = desk.run(&["-q", "status", "--check", name]);
        assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (code, "", ""), "{name}");
    }
    desk.run(&["status", "--check"]).fails(2, &["there are several sessions"]);
    desk.run(&["status", "--check", "nope"]).fails(5, &["there is no session `nope`"]);
    desk.run(&["--session", "lab", "status", "--check"]).fails(3, &[]);
    assert!(desk.run(&["status", "lab"]).ok().out.contains("lab"), "without --check it is no question");
    assert_eq!(desk.run(&["status", "--check", "corp", "-o", "json"]).ok().json()[0]["signed_in"], true);
    Desk::new().run(&["status", "--check"]).fails(3, &[]);
    assert_eq!(desk.simulator.count("ListAccounts"), 0, "nobody is asked");
}
