//! No secret leaves: every token, key and code the simulator ever issued is searched for in all that a run shows or writes.

use crate::support::{Desk, both};
use eksso_simulator::Fault;

#[test]
fn no_secret_is_shown_or_written_in_plain_text() {
    for world in both() {
        let mut desk = Desk::signed_in_to(world);
        // In the sealed file store nothing may be readable; the plain-text store is the user's own choice.
        desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "canary-passphrase");
        std::fs::remove_dir_all(desk.path(".local")).expect("the state");
        std::fs::remove_dir_all(desk.path(".cache")).ok();
        let mut shown = String::new();
        let token =
            ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin", "-vv"];
        for args in [
            &["login", "-vv"][..],
            &["login", "--force", "-vv"],
            &["status", "-vv", "-o", "json"],
            &["roles", "-vv"],
            &["clusters", "-vv", "-o", "json"],
            &["add", "--cluster=web", "--region=eu-west-1", "--account=*", "--role=*", "--use", "-vv"],
        ] {
            let outcome = desk.run(args).ok();
            shown += &(outcome.out + &outcome.err);
        }
        let reply = desk.run(&token).ok();
        shown += &reply.err;
        for operation in [
            "GetRoleCredentials",
            "ListAccounts",
            "ListClusters",
            "CreateToken",
            "Logout",
            "OktaRefresh",
            "OktaExchange",
            "OktaRevoke",
        ] {
            desk.simulator.fault(
                operation,
                1,
                Fault::Error(400, "InvalidRequestException", r#"{"message":"refused"}"#),
            );
        }
        desk.simulator.advance(3500);
        for args in [&token[..], &["roles"], &["clusters"], &["login", "--force"], &["logout"]] {
            let outcome = desk.run(args);
            shown += &(outcome.out + &outcome.err);
        }
        let mut secrets = desk.simulator.state().secrets.clone();
        assert!(secrets.len() > 10, "the search has something to search for");
        secrets.push("canary-passphrase".into());
        for secret in &secrets {
            assert!(!shown.contains(secret.as_str()), "shown: {secret}\n{shown}");
            for (path, content) in desk.files() {
                assert!(!String::from_utf8_lossy(&content).contains(secret.as_str()), "{}", path.display());
            }
        }
        // The token itself holds the session token, and only stdout of `token` may carry it.
        let text = reply.json()["status"]["token"].as_str().expect("text").to_owned();
        assert!(!shown.contains(&text));
    }
}

#[test]
fn debug_of_what_holds_secrets_shows_none() {
    use eksso::domain::role_credentials::RoleCredentials;
    let credentials = RoleCredentials {
        access_key_id: "ASIA".into(),
        secret_access_key: "canary-key".into(),
        session_token: "canary-token".into(),
        expires_at: jiff::Timestamp::UNIX_EPOCH,
    };
    assert!(!format!("{credentials:?} {credentials:#?}").contains("canary"));
}
