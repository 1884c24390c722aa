//! Signing in with a browser that comes back (PKCE), and which flow is taken when.

use crate::support::Desk;
use eksso_simulator::{Fault, World};

const ROLES: [&str; 2] = ["roles", "-q"];

pub fn with_browser(world: World) -> Desk {
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
fn a_denial_at_the_last_step_of_pkce_is_a_denial() {
    let desk = with_browser(World::small());
    let denied = Fault::Error(400, "AccessDeniedException", r#"{"error":"access_denied"}"#);
    desk.simulator.fault("CreateToken", 1, denied);
    desk.run(&["login", "--flow", "pkce"]).fails(4, &["denied in the browser"]);
}
