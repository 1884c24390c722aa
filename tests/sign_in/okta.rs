//! Okta straight into AWS: the sign-in, which of the apps, and the session from its renewals to the sign-out.

use crate::support::{Desk, both};
use eksso_simulator::{App, Fault, World};

pub const TOKEN: [&str; 5] =
    ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

pub fn okta() -> World {
    let [_, okta] = both();
    okta
}

pub fn signed_in(world: World) -> Desk {
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk
}

/// The session of the desk's settings with one more line.
pub fn with_line(desk: &Desk, line: &str) {
    desk.write(".config/eksso/config.toml", &format!("{}{line}\n", desk.config()));
}

#[test]
fn one_sign_in_leads_to_contexts_and_tokens_as_with_identity_center() {
    let desk = Desk::new();
    let desk = Desk { simulator: std::sync::Arc::new(eksso_simulator::Simulator::start(okta())), ..desk };
    let url = desk.simulator.url().to_owned();
    let desk = {
        let mut desk = desk;
        for (name, value) in desk.simulator.env() {
            desk.set(&name, &value);
        }
        for service in ["STS", "ACCOUNT"] {
            desk.set(&format!("AWS_ENDPOINT_URL_{service}"), &url);
        }
        desk
    };
    let login = desk.run(&["login", "corp", "--okta", &url, "--client-id", "0oaclient"]).ok();
    for words in ["check that it shows the code", "/activate?user_code=", "Signed in to `corp` as jane@example.com"] {
        assert!(login.err.contains(words), "{words}: {}", login.err);
    }
    assert_eq!(login.out, "");
    let config = desk.read(".config/eksso/config.toml");
    for line in ["provider = \"okta\"", &format!("org_url = \"{url}\""), "client_id = \"0oaclient\""] {
        assert!(config.contains(line), "{config}");
    }
    let status = desk.run(&["status", "-o", "json"]).ok().json();
    let row = &status[0];
    assert_eq!(
        (&row["provider"], &row["user"], &row["renewable"]),
        (&"okta".into(), &"jane@example.com".into(), &true.into())
    );
    assert_eq!((row["start_url"].as_str(), row["region"].is_null()), (Some(url.as_str()), true));
    assert!(desk.run(&["status"]).ok().out.contains("signed in as jane@example.com, renewable"));
    let roles = desk.run(&["roles", "-o", "name"]).ok().out;
    assert_eq!(roles, "111122223333/EKSAdmin\n111122223333/EKSViewer\n444455556666/Billing\n444455556666/EKSAdmin\n");
    let clusters = desk.run(&["clusters", "-o", "json", "--region=eu-west-1", "--region=us-east-1"]).ok().json();
    let mapped: Vec<_> = clusters.as_array().expect("rows").iter().map(|row| row["mapped"].as_str()).collect();
    assert_eq!(mapped.iter().filter(|mapped| **mapped == Some("yes")).count(), 4, "{clusters}");
    desk.run(&["add", "--account=111122223333", "--role=*", "--region=eu-west-1", "--cluster=web", "--use"]).ok();
    let token = desk.run(&TOKEN).ok().json();
    let text = token["status"]["token"].as_str().expect("a token");
    let user = desk.simulator.authenticate("111122223333", "eu-west-1", "web", text).expect("let in");
    assert_eq!(user["username"], "eksadmin:jane-example.com");
    let whoami = desk.run(&["whoami", "-o", "json"]).ok().out;
    assert!(whoami.contains(":assumed-role/EKSAdmin/jane@example.com"), "{whoami}");
    // Everything above came of one response, and nothing secret was ever part of an address.
    assert_eq!((desk.simulator.count("OktaExchange"), desk.simulator.count("OktaSso")), (1, 1));
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 0);
    let state = desk.simulator.state();
    for request in &state.requests {
        let leaked = state.secrets.iter().find(|secret| request.target.contains(secret.as_str()));
        // The presigned address of a token carries a session token: that is what a token is.
        assert!(leaked.is_none() || request.target.contains("X-Amz-Signature"), "{}", request.target);
    }
    let saml = state.requests.iter().filter(|request| request.operation == "AssumeRoleWithSAML");
    assert!(
        saml.clone().count() >= 2 && saml.clone().all(|r| r.headers.iter().all(|(name, _)| name != "authorization"))
    );
}

#[test]
fn the_interval_is_kept_slow_down_obeyed_and_a_dead_network_survived() {
    let desk = Desk::configured(World { approve: false, ..okta() });
    desk.simulator.state().world.approve = true;
    desk.fault("poll", 2, Fault::Error(400, "", r#"{"error":"slow_down","error_description":"x"}"#));
    desk.fault("poll", 2, Fault::CutBody);
    desk.fault("poll", 1, Fault::Error(429, "", r#"{"errorCode":"E0000047","errorSummary":"limit"}"#));
    let before = desk.simulator.state().now();
    desk.run(&["login"]).ok();
    // 1 s at first; each slow_down, and the limit, make it 5 s more for good.
    assert!(
        desk.simulator.state().now() - before >= 6 + 11 + 11 + 11 + 16,
        "{}",
        desk.simulator.state().now() - before
    );
    let started =
        desk.simulator.state().requests.iter().find(|r| r.operation == "OktaDeviceAuthorize").map(|r| r.body.clone());
    assert!(
        started
            .expect("a body")
            .contains("scope=openid+okta.apps.sso+okta.apps.read+okta.users.read.self+offline_access")
    );
}

#[test]
fn a_renewal_asks_for_what_was_granted_and_no_more() {
    let desk = signed_in(okta());
    let (path, item) = desk.item();
    // Okta leaves out scopes that the client is not granted, without a word.
    std::fs::write(path, item.replace(" okta.users.read.self", "")).expect("a file");
    desk.age_tokens();
    desk.simulator.advance(400);
    desk.run(&TOKEN).ok();
    let state = desk.simulator.state();
    let renewal = state.requests.iter().find(|request| request.operation == "OktaRefresh").expect("a renewal");
    assert!(
        renewal.body.ends_with("&scope=openid+okta.apps.sso+okta.apps.read+offline_access"),
        "{}",
        renewal.body.len()
    );
}

fn two_apps() -> World {
    let mut world = okta();
    world.okta.apps = vec![
        App { accounts: vec!["111122223333".into()], ..App::new("0oaprod", "AWS Production") },
        App { accounts: vec!["444455556666".into()], ..App::new("0oatest", "AWS \u{1b}[2JTest") },
    ];
    world
}

#[test]
fn of_several_apps_one_is_chosen_once_or_configured() {
    let desk = Desk::configured(two_apps());
    desk.run(&["login"]).fails(2, &["several AWS apps", "0oaprod = `AWS Production`", "app_id ="]);
    assert!(!desk.simulator.state().can_be_renewed(), "what nobody keeps is revoked");
    desk.simulator.advance(3600);
    desk.person().present = true;
    desk.person().answers = vec!["3".into(), "2".into()];
    let login = desk.run(&["login", "--no-browser", "-q"]);
    assert_eq!((login.code, login.err.contains("  1  AWS Production (0oaprod)")), (0, true), "{}", login.err);
    assert!(!login.err.contains('\u{1b}'), "{:?}", login.err);
    desk.person().present = false;
    assert!(desk.run(&["roles", "-o", "name"]).ok().out.starts_with("444455556666/"));
    // The choice holds for the next sign-in.
    desk.run(&["login", "--force"]).ok();
    assert!(desk.run(&["roles", "-o", "name"]).ok().out.starts_with("444455556666/"));
    with_line(&desk, "app_id = \"0oaprod\"");
    desk.run(&["roles"]).fails(3, &["eksso login corp"]);
    let before = desk.simulator.count("OktaAppLinks");
    desk.run(&["login"]).ok();
    assert!(desk.run(&["roles", "-o", "name"]).ok().out.starts_with("111122223333/"));
    assert_eq!(desk.simulator.count("OktaAppLinks"), before, "a configured app is not looked for");
}

#[test]
fn without_refresh_tokens_the_end_is_told_ahead_and_then_asks_for_a_sign_in() {
    let mut world = okta();
    world.okta.refresh = false;
    let desk = Desk::configured(world);
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("it cannot be renewed: sign in again by then"), "{}", login.err);
    assert_eq!(desk.simulator.count("OktaDeviceAuthorize"), 2, "first with the wish for one");
    let status = desk.run(&["status", "-o", "json"]).ok().json();
    assert_eq!((&status[0]["renewable"], &status[0]["refreshable_until"]), (&false.into(), &serde_json::Value::Null));
    desk.simulator.advance(3600 - 600);
    let roles = desk.run(&["roles"]).ok();
    assert!(roles.err.contains("cannot be renewed; `eksso login corp --force`"), "{}", roles.err);
    desk.run(&TOKEN).ok();
    desk.simulator.advance(700);
    let asked = desk.simulator.total();
    desk.run(&["credentials", "--account=444455556666", "--role=Billing"])
        .fails(3, &["the sign-in has ended", "eksso login corp"]);
    assert_eq!(desk.simulator.total(), asked);
    // What was had before goes on to serve.
    desk.run(&TOKEN).ok();
}

#[test]
fn signed_out_of_okta_is_told_once_and_remembered() {
    for refresh in [true, false] {
        let mut world = okta();
        world.okta.refresh = refresh;
        let desk = signed_in(world);
        desk.simulator.state().end_okta_session();
        desk.simulator.advance(400);
        desk.run(&TOKEN).fails(3, &["eksso login corp"]);
        let asked = desk.simulator.total();
        desk.run(&TOKEN).fails(3, &["the sign-in has ended", "eksso login corp"]);
        assert_eq!(desk.simulator.total(), asked, "what is known to be over is not asked about again");
        assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], false);
        desk.run(&["login"]).ok();
        desk.run(&TOKEN).ok();
    }
}

#[test]
fn logout_revokes_at_okta_and_leaves_no_secret_behind() {
    let desk = signed_in(okta());
    desk.run(&TOKEN).ok();
    desk.run(&["logout"]).ok();
    let bodies: Vec<String> = desk
        .simulator
        .state()
        .requests
        .iter()
        .filter(|r| r.operation == "OktaRevoke")
        .map(|r| r.body.clone())
        .collect();
    assert!(bodies.len() == 2 && bodies[0].contains("token_type_hint=refresh_token"), "{bodies:?}");
    let secrets = desk.simulator.state().secrets.clone();
    for (path, content) in desk.files() {
        let text = String::from_utf8_lossy(&content).into_owned();
        assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{}", path.display());
    }
    // The response went with it: nothing can be had any more.
    desk.run(&TOKEN).fails(3, &["eksso login corp"]);
}

#[test]
fn another_person_gets_nothing_of_the_first_ones() {
    let desk = signed_in(okta());
    desk.run(&TOKEN).ok();
    desk.simulator.state().world.user = "joe@example.com".into();
    desk.run(&["login", "--force"]).ok();
    let before = desk.simulator.count("AssumeRoleWithSAML");
    let text = desk.run(&TOKEN).ok().json()["status"]["token"].as_str().expect("a token").to_owned();
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), before + 1);
    let user = desk.simulator.authenticate("111122223333", "eu-west-1", "web", &text).expect("let in");
    assert_eq!(user["username"], "eksadmin:joe-example.com");
}

#[test]
fn another_person_gets_nothing_even_where_nobody_can_read_who_it_is() {
    let mut world = okta();
    world.okta.shape.encrypted = true;
    let desk = Desk::configured(world);
    with_line(
        &desk,
        "roles = [\"arn:aws:iam::111122223333:role/eks/EKSAdmin,arn:aws:iam::111122223333:saml-provider/Okta\"]",
    );
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    desk.run(&["login", "--force"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 2, "each sign-in has a key of its own");
    desk.simulator.state().world.user = "joe@example.com".into();
    desk.run(&["login", "--force"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 3);
}

#[test]
fn a_page_that_cannot_be_had_costs_no_sign_in_and_who_it_was_is_known_later() {
    let desk = Desk::configured(okta());
    desk.simulator.fault("OktaSso", 3, Fault::Error(503, "", ""));
    desk.run(&["login"]).ok();
    assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["user"], serde_json::Value::Null);
    desk.run(&TOKEN).ok();
    assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["user"], "jane@example.com");
}

#[test]
fn what_follows_a_sign_in_in_the_same_process_uses_its_tokens() {
    let desk = signed_in(okta());
    desk.simulator.advance(400);
    let assurance = r#"{"error":"invalid_grant","error_description":"The application's assurance requirements are not met by the 'subject_token'."}"#;
    desk.simulator.fault("OktaExchange", 1, Fault::Error(400, "", assurance));
    desk.simulator.fault("OktaSso", 3, Fault::Error(503, "", ""));
    desk.person().present = true;
    // Asked whether the old sign-in is good, which it is not; then a new one, which goes on to look for clusters.
    desk.run(&["login", "--no-browser"]);
    let state = desk.simulator.state();
    let actor = |body: &str| body.split('&').find(|field| field.starts_with("actor_token=")).map(str::to_owned);
    let exchanges: Vec<_> =
        state.requests.iter().filter(|r| r.operation == "OktaExchange").map(|r| actor(&r.body)).collect();
    let [_, old, new @ .., last] = exchanges.as_slice() else { panic!("{} exchanges", exchanges.len()) };
    assert!(new.len() == 3 && new.iter().all(|token| token != old && token == last), "{}", new.len());
}

#[test]
fn an_app_that_is_named_later_does_not_keep_logout_from_revoking() {
    let desk = Desk::configured(two_apps());
    desk.person().present = true;
    desk.person().answers = vec!["2".into()];
    desk.run(&["login", "--no-browser", "-q"]);
    desk.person().present = false;
    with_line(&desk, "app_id = \"0oaprod\"");
    desk.run(&["roles"]).fails(3, &["eksso login corp"]);
    desk.run(&["logout"]).ok();
    assert_eq!(desk.simulator.count("OktaRevoke"), 2);
}

#[test]
fn a_person_without_a_session_is_asked_and_may_name_an_org() {
    let desk = Desk::new();
    desk.person().present = true;
    desk.person().answers = vec!["https://corp-admin.okta.com".into(), "corp.okta.com".into(), "0oa 1".into()];
    let login = desk.run(&["login"]);
    for words in ["or Okta org (https://….okta.com):", "without `-admin`", "Client id", "is not a valid Okta id"] {
        assert!(login.err.contains(words), "{words}: {}", login.err);
    }
}

#[test]
fn accounts_are_called_as_the_settings_call_them() {
    let desk = Desk::configured(okta());
    with_line(&desk, "account_names = { 111122223333 = \"Production\" }");
    desk.run(&["login"]).ok();
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
    assert!(desk.read(".kube/config").contains("name: Production/web:EKSAdmin"), "{}", desk.read(".kube/config"));
}

#[test]
fn real_host_names_are_asked_regional_sts_too() {
    let desk = Desk::proxied(okta(), "eu-west-1");
    desk.write(
        ".config/eksso/config.toml",
        "regions = [\"eu-central-1\"]\n[sessions.corp]\nprovider = \"okta\"\norg_url = \"https://sim.okta.com\"\nclient_id = \"0oaclient\"\n",
    );
    desk.run(&["login"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.hosts(), ["sim.okta.com:443", "sts.eu-central-1.amazonaws.com:443"]);
}
