//! Identity Center in several regions: where the first does not answer, the next one serves.

use crate::support::Desk;
use eksso_simulator::{Fault, World};

const TOKEN: [&str; 5] = ["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];

/// Signed in, at the real hosts, with a second region.
fn desk() -> Desk {
    let desk = Desk::proxied(World::small(), "eu-west-1");
    let config = desk.read(".config/eksso/config.toml");
    desk.write(".config/eksso/config.toml", &format!("{config}fallback_regions = [\"us-east-1\"]\n"));
    desk.run(&["login"]).ok();
    desk
}

fn down(desk: &Desk, operation: &str, fault: &Fault) {
    desk.simulator.fault_where(operation, "eu-west-1.amazonaws.com", 99, fault.clone());
}

#[test]
fn the_next_region_serves_where_the_first_does_not_answer_and_that_is_said_once() {
    for fault in [Fault::Error(503, "ServiceUnavailable", "{}"), Fault::Lost] {
        let desk = desk();
        down(&desk, "ListAccounts", &fault);
        down(&desk, "ListAccountRoles", &fault);
        let roles = desk.run(&["roles"]).ok();
        let said = roles.err.matches("does not answer").count();
        assert_eq!(said, 1, "{}", roles.err);
        assert!(
            roles.err.contains("the SSO portal in eu-west-1") && roles.err.contains("using us-east-1"),
            "{}",
            roles.err
        );
        assert!(!desk.run(&["-q", "roles"]).ok().err.contains("does not answer"));
        down(&desk, "GetRoleCredentials", &fault);
        let token = desk.run(&TOKEN).ok();
        assert_eq!(token.err, "", "kubectl's plugin has no words beside its token");
    }
}

#[test]
fn renewal_goes_to_the_next_region_unless_the_token_may_have_been_spent() {
    let desk = desk();
    desk.age_tokens();
    down(&desk, "CreateToken", &Fault::Error(503, "ServiceUnavailable", "{}"));
    desk.run(&TOKEN).ok();
    // An answer that was lost may have spent the token: it is not sent anywhere else.
    let desk = self::desk();
    desk.age_tokens();
    let before = desk.simulator.count("CreateToken");
    down(&desk, "CreateToken", &Fault::Lost);
    desk.run(&TOKEN).fails(6, &["cannot be reached"]);
    assert_eq!(desk.simulator.count("CreateToken"), before + 1);
}

#[test]
fn a_refusal_is_an_answer_and_one_of_another_region_ends_nothing() {
    let desk = desk();
    desk.simulator.fault_where("ListAccounts", "eu-west-1", 9, Fault::Error(403, "ForbiddenException", "{}"));
    let roles = desk.run(&["roles"]).fails(4, &[]);
    assert!(!roles.err.contains("us-east-1"), "{}", roles.err);
    let desk = self::desk();
    desk.age_tokens();
    down(&desk, "CreateToken", &Fault::Error(503, "ServiceUnavailable", "{}"));
    let grant = Fault::Error(400, "InvalidGrantException", r#"{"error":"invalid_grant"}"#);
    desk.simulator.fault_where("CreateToken", "us-east-1.amazonaws.com", 9, grant);
    desk.run(&TOKEN).fails(6, &["problem of its own"]);
    assert_eq!(desk.run(&["status", "-o", "json"]).json()[0]["signed_in"], true, "the sign-in is still there");
}
