//! Many that want to sign in, renew or fetch at once are one; and after a denial nobody begins again in a loop.

use std::process::Stdio;
use std::time::Duration;

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const ROLES: [&str; 2] = ["roles", "-q"];

#[test]
fn a_denied_or_expired_sign_in_holds_back_those_that_nobody_asked_for() {
    for world in both() {
        let desk = Desk::configured(world);
        let denied = Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#);
        desk.fault("poll", 2, denied);
        desk.run(&["login"]).fails(4, &["denied in the browser"]);
        let asked = desk.simulator.state().requests.len();
        let held = desk
            .run(&["login"])
            .fails(3, &["was denied in the browser", "the next one may begin in", "eksso login corp"]);
        assert_eq!((held.out.as_str(), desk.simulator.state().requests.len()), ("", asked));
        desk.run(&ROLES).fails(3, &["cause: the last sign-in was denied in the browser", "eksso login corp"]);
        // It may be tried again after a while, and the next pause is longer.
        desk.simulator.advance(31);
        desk.run(&["login"]).fails(4, &["denied in the browser"]);
        desk.simulator.advance(31);
        desk.run(&["login"]).fails(3, &["may begin in"]);
        // A person at a terminal is never held back; success forgets it all.
        desk.person().present = true;
        desk.run(&["login"]).ok();
        desk.person().present = false;
        desk.run(&["login", "--force"]).ok();
    }
}

/// Starts so many processes at once and answers their exit codes and all they said.
fn at_once(desk: &Desk, number: usize, args: &[&str]) -> Vec<(Option<i32>, String)> {
    let start = || eksso(desk).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let children: Vec<_> = (0..number).map(|_| start()).collect();
    let ended = children.into_iter().map(|child| child.wait_with_output().expect("ended"));
    ended.map(|output| (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())).collect()
}

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

#[test]
fn two_hundred_tokens_at_once_with_all_expired_make_one_renewal_and_one_fetch() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.age_tokens();
        // All that could be used without the tokens is gone, too.
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        let before = (desk.count("renew"), desk.count("credentials"));
        for (code, err) in at_once(&desk, 200, &TOKEN) {
            assert_eq!(code, Some(0), "{err}");
        }
        let after = (desk.count("renew"), desk.count("credentials"));
        assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1));
        assert_eq!(desk.count("start"), 1, "nobody was asked");
    }
}

#[test]
fn two_hundred_tokens_at_once_with_nobody_signed_in_ask_for_nothing_and_open_nothing() {
    for world in both() {
        let mut desk = Desk::configured(world);
        let trap = desk.write("opened", "");
        desk.set("BROWSER", &format!("sh -c 'echo opened >> {}'", trap.display())).set("DISPLAY", ":9");
        for (code, err) in at_once(&desk, 200, &TOKEN) {
            assert_eq!(code, Some(3), "{err}");
            assert_eq!(err.matches("eksso login corp").count(), 1, "{err}");
        }
        assert!(desk.simulator.state().requests.is_empty());
        assert_eq!(desk.read("opened"), "");
    }
}

#[test]
fn two_hundred_tokens_at_once_after_the_session_ended_ask_once() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.end_session();
        desk.age_tokens();
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        let before = desk.count("renew");
        for (code, err) in at_once(&desk, 200, &TOKEN) {
            assert_eq!(code, Some(3), "{err}");
        }
        assert_eq!(desk.count("renew") - before, 1, "the first refusal is known to all others");
    }
}

/// What lies in the folders of what searches find. How far one is names nothing, and goes with `--forget`.
fn found(desk: &Desk, forget: bool) -> Vec<String> {
    let all = desk.files().into_iter().map(|(path, _)| path.to_string_lossy().into_owned());
    let folders = &["/index/", "/access/", "/searches/"][..if forget { 3 } else { 2 }];
    all.filter(|path| folders.iter().any(|folder| path.contains(folder))).collect()
}

#[test]
fn what_a_search_finds_after_its_sign_in_has_ended_is_not_kept() {
    for (args, end) in [
        (["clusters", "--refresh"], ["logout", "corp"].as_slice()),
        (["clusters", "--refresh"], &["logout", "corp", "--forget"]),
        (["access", "--refresh"], &["logout", "corp", "--forget"]),
    ] {
        let desk = Desk::signed_in();
        desk.run(&args).ok();
        assert!(!found(&desk, true).is_empty(), "it is kept while the sign-in goes on");
        let before = desk.simulator.count("ListClusters");
        desk.simulator.fault("ListClusters", 99, Fault::Late(Duration::from_secs(2)));
        let searching = || eksso(&desk).args(args).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let searches: Vec<_> = (0..3).map(|_| searching().expect("started")).collect();
        while desk.simulator.count("ListClusters") == before {
            std::thread::sleep(Duration::from_millis(10));
        }
        desk.run(end).ok();
        for search in searches {
            _ = search.wait_with_output().expect("ended");
        }
        assert_eq!(found(&desk, end.len() > 2), Vec::<String>::new(), "{args:?} {end:?}");
    }
}

/// Starts so many sign-ins that wait for a person; answers them and the codes that are shown.
fn queue(desk: &Desk, number: usize, args: &[&str]) -> (Vec<std::process::Child>, Vec<String>) {
    let start = || eksso(desk).args(args).stderr(Stdio::piped()).spawn().expect("started");
    let children: Vec<_> = (0..number).map(|_| start()).collect();
    while desk.simulator.state().waiting().is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let waiting = desk.simulator.state().waiting();
    (children, waiting)
}

fn codes(children: Vec<std::process::Child>) -> Vec<Option<i32>> {
    let ended = children.into_iter().map(|child| child.wait_with_output().expect("ended").status.code());
    let mut codes: Vec<_> = ended.collect();
    codes.sort();
    codes
}

#[test]
fn sign_ins_at_once_are_one_sign_in_and_all_share_it() {
    for world in both() {
        let desk = Desk::configured(World { approve: false, ..world });
        let (children, waiting) = queue(&desk, 8, &["login"]);
        assert_eq!(waiting.len(), 1);
        assert!(desk.simulator.decide(&waiting[0], true));
        for child in children {
            let output = child.wait_with_output().expect("ended");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(desk.count("start"), 1);
    }
}

#[test]
fn those_who_waited_for_a_sign_in_that_was_denied_do_not_start_their_own() {
    for world in both() {
        let desk = Desk::configured(World { approve: false, ..world });
        let (children, waiting) = queue(&desk, 5, &["login"]);
        assert!(desk.simulator.decide(&waiting[0], false));
        assert_eq!(codes(children), [Some(3), Some(3), Some(3), Some(3), Some(4)]);
        assert_eq!(desk.count("start"), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_killed_holder_of_a_lock_never_blocks_the_next() {
    for world in both() {
        let desk = Desk::configured(World { approve: false, ..world });
        let mut holder = eksso(&desk).arg("login").stderr(Stdio::null()).spawn().expect("started");
        while desk.simulator.state().waiting().is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        holder.kill().expect("killed");
        _ = holder.wait();
        desk.simulator.state().world.approve = true;
        desk.run(&["login"]).ok();
    }
}

#[test]
fn a_renewal_is_not_taken_for_the_sign_in_that_was_waited_for() {
    for world in both() {
        let desk = Desk::configured(world);
        desk.run(&["login"]).ok();
        desk.simulator.state().world.approve = false;
        let (children, waiting) = queue(&desk, 2, &["login", "--force"]);
        desk.simulator.state().revoke_access_tokens();
        desk.run(&ROLES).ok();
        assert!(desk.simulator.decide(&waiting[0], false));
        assert_eq!(codes(children), [Some(3), Some(4)]);
    }
}

#[test]
fn a_start_url_that_is_refused_holds_back_a_loop_too() {
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &desk.config().replace("/start\"", "/strat\""));
    desk.run(&["login"]).fails(1, &["is not accepted as a start URL"]);
    let asked = desk.simulator.state().requests.len();
    desk.run(&["login"]).fails(3, &["is not accepted as a start URL", "may begin in"]);
    assert_eq!(desk.simulator.state().requests.len(), asked);
    desk.simulator.fault("RegisterClient", 9, Fault::Error(503, "", ""));
    desk.simulator.advance(31);
    desk.run(&["login"]).fails(6, &["has a problem of its own"]);
}

#[test]
fn a_mistyped_passphrase_seals_nothing_and_loses_nothing() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "right");
    desk.run(&["login"]).ok();
    desk.set("EKSSO_PASSPHRASE", "wrong");
    let asked = desk.simulator.count("StartDeviceAuthorization");
    desk.run(&["login", "--force"]).fails(7, &["does not open the keyring", "eksso logout --force"]);
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), asked, "nobody is asked to approve for nothing");
    desk.run(&["logout"]).fails(1, &["does not open the keyring", "the provider could not be told"]);
    desk.set("EKSSO_PASSPHRASE", "right");
    assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], false, "somebody is signing out");
    desk.run(&["logout"]).ok();
    assert_eq!(desk.simulator.count("Logout"), 1);
    desk.run(&["login"]).ok();
    desk.run(&ROLES).ok();
}

#[test]
fn those_who_wait_for_credentials_share_a_failure_with_its_own_exit_code() {
    let desk = Desk::configured(World::small());
    desk.run(&["login"]).ok();
    let down = || Fault::Error(503, "ServiceUnavailable", "{}");
    desk.simulator.fault("GetRoleCredentials", 1, Fault::Delay(Duration::from_secs(2)));
    desk.simulator.fault("GetRoleCredentials", 999, down());
    // The first answer takes a while, in which all others come to wait for it.
    desk.simulator.state().world.accounts[0].roles.retain(|role| role != "EKSAdmin");
    for (code, err) in at_once(&desk, 20, &TOKEN) {
        assert_eq!(code, Some(4), "{err}");
        assert!(err.contains("you are not assigned the role"), "{err}");
    }
    assert_eq!(desk.simulator.count("GetRoleCredentials"), 1);
    // A failure is shared with those who waited for it, not with those who come later.
    for (code, err) in at_once(&desk, 8, &TOKEN) {
        assert_eq!(code, Some(6), "{err}");
    }
}
