//! Which flow is taken, which browser is opened, and who is said to have signed in.

use super::pkce::with_browser;
use crate::support::{Desk, both};
use eksso_simulator::World;

fn settings(desk: &Desk, all: &str, session: &str) {
    desk.write(".config/eksso/config.toml", &format!("{all}\n{}{session}\n", desk.config()));
}

fn by_device(desk: &Desk) -> bool {
    let before = desk.simulator.count("StartDeviceAuthorization");
    desk.run(&["login", "--force"]).ok();
    desk.simulator.count("StartDeviceAuthorization") > before
}

#[test]
fn the_device_flow_is_the_default_and_the_settings_choose_another() {
    let desk = with_browser(World::small());
    for (all, session, device) in [
        ("", "", true),
        ("flow = \"pkce\"", "", false),
        ("flow = \"pkce\"", "flow = \"device\"", true),
        ("flow = \"device\"", "flow = \"pkce\"", false),
        ("flow = \"device\"", "forbid_device_flow = true", false),
        ("flow = \"auto\"", "", false),
        ("", "flow = \"auto\"", false),
    ] {
        settings(&desk, all, session);
        assert_eq!(by_device(&desk), device, "{all} {session}");
    }
    settings(&desk, "flow = \"phone\"", "");
    desk.run(&["status"]).fails(2, &["line 1", "phone"]);
}

#[test]
fn the_setting_for_all_is_also_for_sessions_of_the_aws_config_and_new_ones() {
    let desk = with_browser(World::small());
    desk.write(".config/eksso/config.toml", "flow = \"pkce\"\n");
    let text = format!("[sso-session own]\nsso_start_url = {}/start\nsso_region = eu-west-1\n", desk.simulator.url());
    desk.write(".aws/config", &text);
    desk.run(&["login", "own"]).ok();
    let url = format!("{}/start", desk.simulator.url());
    desk.run(&["login", "new", "--start-url", &url, "--sso-region", "us-east-1"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 0);
    assert!(!desk.read(".config/eksso/config.toml").contains("[sessions.new]\nflow"), "it is not copied");
}

#[test]
fn auto_takes_the_device_flow_where_no_browser_can_be_opened_here() {
    let desk = with_browser(World::small());
    settings(&desk, "flow = \"auto\"", "");
    desk.person().obstacle = Some("there is no display for a browser here");
    assert!(by_device(&desk));
    desk.person().obstacle = None;
    desk.run(&["login", "--force", "--no-browser"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 2);
    desk.person().present = false;
    assert!(by_device(&desk), "nobody is there to look at a browser");
    settings(&desk, "", "");
    desk.person().present = true;
    desk.run(&["login", "--force", "--flow", "auto"]).ok();
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 3, "a browser can be opened");
    // Where the device flow is forbidden there is one way only.
    settings(&desk, "flow = \"auto\"", "forbid_device_flow = true");
    desk.person().obstacle = Some("there is no display for a browser here");
    desk.run(&["login", "--force"]).fails(4, &["does not allow the device flow"]);
}

#[test]
fn auto_and_the_setting_for_all_leave_okta_to_its_only_flow() {
    let [_, okta] = both();
    let desk = with_browser(okta);
    for all in ["flow = \"pkce\"", "flow = \"auto\""] {
        settings(&desk, all, "");
        desk.run(&["login", "--force"]).ok();
    }
    desk.run(&["login", "--force", "--flow", "auto"]).ok();
}

#[test]
fn a_session_opens_its_own_browser_without_a_shell() {
    for world in both() {
        let desk = with_browser(world);
        settings(&desk, "", "browser = \"firefox -P 'my work' {url} --new-window\"");
        desk.run(&["login"]).ok();
        let person = desk.person();
        let command = person.browsers.last().expect("opened").clone();
        assert_eq!(command[..3], ["firefox", "-P", "my work"].map(str::to_owned));
        assert!(command[3].contains("user_code=") && command[4] == "--new-window", "{command:?}");
    }
    let desk = with_browser(World::small());
    settings(&desk, "", "browser = \"firefox 'x\"");
    desk.run(&["status"]).fails(2, &["line", "quote"]);
}

#[test]
fn a_browser_that_could_not_be_opened_is_told_with_the_reason() {
    let desk = with_browser(World::small());
    desk.person().browser = false;
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("No browser could be opened: `xdg-open` is not there."), "{}", login.err);
    assert!(!login.err.contains("A browser was opened"), "{}", login.err);
}

#[test]
fn login_says_who_signed_in_where_sts_can_tell() {
    let desk = with_browser(World::small());
    let user = desk.simulator.state().world.user.clone();
    for flow in ["device", "pkce"] {
        let login = desk.run(&["login", "--force", "--flow", flow]).ok();
        assert!(login.err.contains(&format!("Signed in to `corp` as {user} ")), "{}", login.err);
    }
    // A courtesy: where it cannot be told, the sign-in is as good.
    let denied = eksso_simulator::Fault::Error(403, "ForbiddenException", "{}");
    desk.simulator.fault("GetRoleCredentials", 1, denied);
    let login = desk.run(&["login", "--force"]).ok();
    assert!(login.err.contains("Signed in to `corp` for"), "{}", login.err);
    // A script has nobody to tell.
    desk.person().present = false;
    let before = desk.simulator.count("GetRoleCredentials");
    desk.run(&["login", "--force"]).ok();
    assert_eq!(desk.simulator.count("GetRoleCredentials"), before);
}
