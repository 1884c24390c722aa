//! No secret leaves: every token, key and code the simulator ever issued is searched for in all that a run shows or writes.

use crate::support::{Desk, both};
use eksso_simulator::Fault;

#[test]
fn no_secret_is_shown_or_written_in_plain_text() {
    for world in both() {
        let mut desk = Desk::signed_in_to(world);
        // In the sealed file store nothing may be readable; the plain-text store is the user's own choice.
        desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "canary-passphrase");
        desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
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
            &["profiles", "--role=EKS*", "-vv"],
            &["profiles", "--dry-run", "--undo", "-vv"],
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
        let trail = desk.run(&["log", "-o", "json"]).ok();
        assert!(trail.json().as_array().expect("an array").len() >= 4, "{}", trail.out);
        shown += &trail.out;
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

/// Services, proxies and gateways quote the requests they refuse, with all headers and the body. Whatever it was that they
/// were asked, nothing of it is shown, noted for other processes, or kept for the next call.
#[test]
fn an_error_that_quotes_its_request_shows_and_keeps_none_of_its_secrets() {
    let token = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin", "-vv"];
    let assumed = [&token[..], &["--assume-role=arn:aws:iam::111122223333:role/deploy"]].concat();
    let whoami = ["whoami", "-vv"];
    let clusters = ["clusters", "-vv", "-o", "json", "--refresh"];
    let login = ["login", "--force", "-vv"];
    let cases: [(&str, &[&str]); 16] = [
        ("StartDeviceAuthorization", &login),
        ("CreateToken", &login),
        ("CreateToken", &token),
        ("ListAccounts", &["roles", "-vv"]),
        ("ListAccountRoles", &["roles", "-vv"]),
        ("GetRoleCredentials", &token),
        ("GetRoleCredentials", &clusters),
        ("ListClusters", &clusters),
        ("OktaDeviceToken", &login),
        ("OktaRefresh", &token),
        ("OktaExchange", &token),
        ("OktaSso", &token),
        ("AssumeRoleWithSAML", &token),
        ("AssumeRole", &assumed),
        ("Logout", &["logout", "-vv"]),
        ("OktaRevoke", &["logout", "-vv"]),
    ];
    for world in both() {
        for (status, name) in [(400, "ValidationException"), (401, "UnauthorizedException")] {
            let desk = Desk::signed_in_to(world.clone());
            desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=*", "--role=EKSAdmin", "--use"]).ok();
            let (mut quoted, mut redacted) = (Vec::new(), 0);
            for (operation, args) in cases.iter().chain(&[("Kubernetes", &whoami[..])]) {
                let before = desk.simulator.count(operation);
                desk.simulator.fault(operation, 9, Fault::Echo(status, name));
                if operation.contains("CreateToken") || operation.contains("Refresh") {
                    desk.age_tokens();
                }
                if *operation != "Kubernetes" {
                    _ = std::fs::remove_dir_all(desk.path(".cache"));
                }
                let outcome = desk.run(args);
                if desk.simulator.count(operation) > before {
                    quoted.push(*operation);
                }
                desk.simulator.clear_faults();
                let secrets = desk.simulator.state().secrets.clone();
                let leaks = |text: &str| secrets.iter().any(|secret| text.contains(&secret[..secret.len().min(24)]));
                redacted += usize::from(outcome.err.contains("[redacted]"));
                assert!(!leaks(&outcome.err), "{operation} {status}: {}", outcome.err);
                assert!(outcome.code == 0 || !leaks(&outcome.out), "{operation} {status}: {}", outcome.out);
                for (path, content) in desk.files() {
                    // The plain keyring is there for them.
                    let kept = path.to_string_lossy().contains("/secrets/plaintext/");
                    assert!(kept || !leaks(&String::from_utf8_lossy(&content)), "{operation}: {}", path.display());
                }
                // What was noted is of no use to the next case.
                _ = std::fs::remove_dir_all(desk.path(".local/state/eksso/sign-ins"));
                _ = std::fs::remove_dir_all(desk.path(".cache/eksso/failures"));
                if args[0] == "logout" || outcome.code == 3 {
                    desk.run(&["login", "--force"]).ok();
                }
            }
            let all: &[&str] = match desk.is_okta() {
                true => &["OktaDeviceToken", "OktaRefresh", "AssumeRoleWithSAML", "OktaRevoke", "Kubernetes"],
                false => &["CreateToken", "ListAccounts", "GetRoleCredentials", "Logout", "Kubernetes"],
            };
            assert!(redacted >= 3, "{redacted} errors quoted their request");
            assert!(all.iter().all(|operation| quoted.contains(operation)), "asked for: {quoted:?}");
        }
    }
}

#[test]
fn debug_of_what_holds_secrets_shows_none() {
    use eksso::domain::role_credentials::RoleCredentials;
    let credentials = RoleCredentials {
        made_at: None,
        access_key_id: "ASIA".into(),
        secret_access_key: "canary-key".into(),
        session_token: "canary-token".into(),
        expires_at: jiff::Timestamp::UNIX_EPOCH,
    };
    assert!(!format!("{credentials:?} {credentials:#?}").contains("canary"));
}

/// Neither the credentials nor the token of the endpoint are in a file, an argument, or what is said, while a command is
/// served and after it.
#[cfg(target_os = "linux")]
#[test]
fn what_is_served_to_a_command_is_nowhere_but_in_the_answer() {
    use crate::credentials::endpoint::beside;
    let mut desk = Desk::signed_in();
    desk.set("EKSSO_KEYRING", "passphrase").set("EKSSO_PASSPHRASE", "canary-passphrase");
    std::fs::remove_dir_all(desk.path(".local")).expect("the state");
    std::fs::remove_dir_all(desk.path(".cache")).ok();
    desk.run(&["login", "--force"]).ok();
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=*", "--role=EKSAdmin"]).ok();
    let (mut token, mut looked) = (String::new(), 0);
    let outcome = beside(&desk, &["Production/web:EKSAdmin", "-vv"], |place| {
        assert_eq!(place.ask(&place.token).0, 200);
        let mut secrets = place.simulator.state().secrets.clone();
        secrets.push(place.token.clone());
        let mut texts = Vec::new();
        for entry in walk(&place.home) {
            // Our own test's note of what the command was told.
            if !entry.ends_with("told") {
                texts.push((entry.clone(), std::fs::read(&entry).unwrap_or_default()));
            }
        }
        for process in std::fs::read_dir("/proc").expect("/proc").flatten() {
            let line = process.path().join("cmdline");
            texts.extend(std::fs::read(&line).ok().map(|text| (line, text)));
        }
        for (path, text) in &texts {
            let text = String::from_utf8_lossy(text);
            looked += 1;
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{}: {secret}", path.display());
            }
        }
        token = place.token;
    })
    .ok();
    assert!(looked > 20, "the search has something to search in");
    let mut secrets = desk.simulator.state().secrets.clone();
    secrets.push(token);
    let shown = outcome.out + &outcome.err;
    assert!(secrets.iter().all(|secret| !shown.contains(secret.as_str())), "{shown}");
}

/// All files below a folder.
#[cfg(target_os = "linux")]
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}
