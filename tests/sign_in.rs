//! Signing in with a browser that comes back (PKCE), and many that want to sign in at once.

use std::process::Stdio;
use std::time::Duration;

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const ROLES: [&str; 2] = ["roles", "-q"];

fn with_browser(world: World) -> Desk {
    let desk = Desk::configured(world);
    {
        let mut person = desk.person();
        (person.present, person.browser, person.follows) = (true, true, true);
    }
    desk
}

#[test]
fn pkce_signs_in_through_the_browser_and_comes_back() {
    let desk = with_browser(World::small());
    let login = desk.run(&["login", "--flow", "pkce"]).ok();
    assert!(login.err.contains("/authorize?response_type=code&client_id="), "{}", login.err);
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 0);
    let state = desk.simulator.state();
    let registered = &state.requests.iter().find(|r| r.operation == "RegisterClient").expect("a registration").body;
    for word in ["\"authorization_code\"", "\"refresh_token\"", "\"http://127.0.0.1/oauth/callback\"", "\"issuerUrl\""]
    {
        assert!(registered.contains(word), "{word}: {registered}");
    }
    drop(state);
    // Renewed as any other session.
    desk.simulator.advance(7200);
    desk.run(&ROLES).ok();
}

#[test]
fn registrations_of_one_flow_are_not_used_for_the_other() {
    let desk = with_browser(World::small());
    desk.run(&["login"]).ok();
    desk.run(&["login", "--force", "--flow", "pkce"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2);
    desk.run(&["login", "--force", "--flow", "pkce"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2, "the same flow reuses it");
    desk.run(&["login", "--force", "--flow", "device"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 3);
}

#[test]
fn a_registration_near_its_end_is_not_used_for_another_sign_in() {
    let desk = Desk::configured(World { registration_life: 600, ..World::small() });
    desk.run(&["login"]).ok();
    desk.run(&["login", "--force"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2);
}

#[test]
fn a_client_forgotten_by_the_service_costs_a_second_round_not_the_sign_in() {
    let desk = with_browser(World::small());
    desk.run(&["login", "--flow", "pkce"]).ok();
    let refusal = Fault::Error(401, "InvalidClientException", r#"{"error":"invalid_client"}"#);
    desk.simulator.fault("CreateToken", 1, refusal);
    desk.run(&["login", "--force", "--flow", "pkce"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2);
}

#[test]
fn where_no_browser_can_come_back_the_device_flow_serves_and_says_so() {
    let desk = with_browser(World::small());
    desk.person().obstacle = Some("this is an SSH session: a browser would open on another machine");
    let login = desk.run(&["login", "--flow", "pkce"]).ok();
    assert!(login.err.contains("Using the device flow: this is an SSH session"), "{}", login.err);
    desk.person().obstacle = None;
    desk.person().browser = false;
    desk.person().follows = false;
    let login = desk.run(&["login", "--force", "--flow", "pkce"]).ok();
    assert!(login.err.contains("Using the device flow: no browser could be opened"), "{}", login.err);
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2);
}

#[test]
fn an_administrator_may_forbid_the_device_flow() {
    let desk = with_browser(World::small());
    desk.write(".config/eksso/config.toml", &format!("{}forbid_device_flow = true\n", desk.config()));
    desk.run(&["login"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 0, "pkce without being asked for");
    desk.run(&["login", "--force", "--flow", "device"]).fails(4, &["does not allow the device flow", "--flow pkce"]);
    desk.person().obstacle = Some("there is no display for a browser here");
    desk.run(&["login", "--force"]).fails(4, &["does not allow the device flow", "there is no display"]);
    let both = format!("{}flow = \"device\"\nforbid_device_flow = true\n", desk.config());
    desk.write(".config/eksso/config.toml", &both);
    desk.run(&["status"]).fails(2, &["line 3", "exclude each other"]);
}

#[test]
fn a_session_of_a_new_start_url_keeps_its_flow() {
    let desk = with_browser(World::small());
    std::fs::remove_file(desk.path(".config/eksso/config.toml")).expect("removed");
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "work", "--start-url", &url, "--sso-region", "eu-west-1", "--flow", "pkce"]).ok();
    assert!(desk.read(".config/eksso/config.toml").contains("flow = \"pkce\""));
    desk.run(&["login", "work", "--force"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 0);
}

#[test]
fn a_start_url_alone_needs_a_host_that_names_its_region() {
    let desk = Desk::new();
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "--start-url", &url]).fails(2, &["the region of", "--sso-region"]);
}

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
        let desk = Desk::configured(World { access_token_life: 60, ..world });
        desk.run(&["login"]).ok();
        // All that could be used without the tokens is gone, too.
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        let before = (desk.count("renew"), desk.count("credentials"));
        // 60 s are less than the margin, so the first call has to renew; its successors see a life of an hour.
        desk.simulator.state().world.access_token_life = 3600;
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
fn a_denial_at_the_last_step_of_pkce_is_a_denial() {
    let desk = with_browser(World::small());
    let denied = Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#);
    desk.simulator.fault("CreateToken", 1, denied);
    desk.run(&["login", "--flow", "pkce"]).fails(4, &["denied in the browser"]);
}

#[test]
fn a_mistyped_passphrase_ends_no_session() {
    let mut desk = Desk::configured(World::small());
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "right");
    desk.run(&["login"]).ok();
    desk.set("EKSSO_PASSPHRASE", "wrong");
    let denied = Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#);
    desk.simulator.fault("CreateToken", 1, denied);
    desk.run(&["login", "--force"]).fails(4, &["denied in the browser"]);
    desk.set("EKSSO_PASSPHRASE", "right");
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
