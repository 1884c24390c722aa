//! What may be good for one use is sent once: whoever sends a spent code or refresh token again may lose the whole sign-in.

use super::pkce::with_browser;
use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

#[test]
fn a_refresh_token_whose_answer_is_lost_is_not_sent_twice() {
    for desk in both().map(Desk::signed_in_to) {
        let polls = desk.simulator.count("CreateToken");
        desk.age_tokens();
        desk.fault("renew", 9, Fault::Lost);
        let roles = desk.run(&["roles"]).fails(6, &["cannot be reached"]);
        let renewals = desk.count("renew") - if desk.is_okta() { 0 } else { polls };
        assert_eq!(renewals, 1, "{}", roles.err);
    }
}

#[test]
fn an_authorization_code_whose_answer_is_lost_is_not_sent_twice() {
    let desk = with_browser(World::small());
    desk.simulator.fault("CreateToken", 9, Fault::Lost);
    let login = desk.run(&["login", "--flow", "pkce"]).fails(6, &["the sign-in service cannot be reached"]);
    assert_eq!(desk.simulator.count("CreateToken"), 1, "{}", login.err);
}

#[test]
fn a_device_code_that_was_redeemed_by_an_answer_that_got_lost_is_told_as_that() {
    for desk in both().map(Desk::configured) {
        // The first poll finds nobody, the second has the tokens.
        desk.fault("poll", 1, Fault::Delay(std::time::Duration::ZERO));
        desk.fault("poll", 1, Fault::Lost);
        let login =
            desk.run(&["login"]).fails(3, &["does not know the code", "an answer of it was lost", "eksso login corp"]);
        assert_eq!(desk.count("poll"), 3, "one poll a turn: {}", login.err);
    }
}
