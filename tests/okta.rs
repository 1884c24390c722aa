//! Okta straight into AWS: sign-in, SAML, roles, credentials, and each way in which that can be refused.

use crate::support::{Desk, both};
use eksso_simulator::{App, Fault, World};

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

fn okta() -> World {
    let [_, okta] = both();
    okta
}

fn signed_in(world: World) -> Desk {
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk
}

/// The session of the desk's settings with one more line.
fn with_line(desk: &Desk, line: &str) {
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
fn a_role_with_a_path_is_asked_for_by_its_arn_and_its_provider() {
    let desk = signed_in(okta());
    desk.run(&TOKEN).ok();
    let state = desk.simulator.state();
    let request = state.requests.iter().find(|request| request.operation == "AssumeRoleWithSAML").expect("a request");
    let body = request.body.replace("%3A", ":").replace("%2F", "/");
    assert!(body.contains("RoleArn=arn:aws:iam::111122223333:role/eks/EKSAdmin&"), "{body}");
    assert!(body.contains("PrincipalArn=arn:aws:iam::111122223333:saml-provider/Okta&"), "{body}");
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

#[test]
fn nobody_who_approves_is_an_end_and_a_denial_is_told() {
    let desk = Desk::configured(World { approve: false, code_life: 30, ..okta() });
    desk.run(&["login"]).fails(3, &["nobody approved the sign-in in time", "eksso login corp"]);
    desk.simulator.advance(60);
    desk.fault("poll", 1, Fault::Error(400, "", r#"{"error":"access_denied","error_description":"no"}"#));
    desk.run(&["login"]).fails(4, &["denied in the browser", "eksso login corp"]);
}

#[test]
fn one_response_serves_all_roles_in_all_processes_while_it_lives() {
    let desk = signed_in(okta());
    for (account, role) in [("111122223333", "EKSAdmin"), ("111122223333", "EKSViewer"), ("444455556666", "EKSAdmin")] {
        desk.run(&["credentials", "--account", account, "--role", role]).ok();
    }
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("AssumeRoleWithSAML")), (1, 3));
    // It has ended: one more, and nobody is asked.
    desk.simulator.advance(400);
    desk.run(&["credentials", "--account=444455556666", "--role=Billing"]).ok();
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("OktaDeviceAuthorize")), (2, 1));
    // Near its end it is not begun with.
    desk.simulator.advance(280);
    desk.simulator.state().requests.clear();
    desk.run(&["roles", "--refresh"]).ok();
    assert_eq!(desk.simulator.count("OktaSso"), 1);
}

#[test]
fn twenty_roles_at_once_share_one_response() {
    let mut world = okta();
    let roles: Vec<String> = (0..20).map(|n| format!("Role{n}")).collect();
    world.accounts[0].roles.clone_from(&roles);
    world.role_max = roles.iter().map(|role| (role.clone(), 43200)).collect();
    let desk = signed_in(world);
    desk.simulator.state().requests.clear();
    // The response of the sign-in is gone.
    std::fs::remove_dir_all(desk.path(".cache")).expect("the cache");
    let start = |role: &String| {
        let mut command = crate::process::eksso(&desk);
        command.args(["credentials", "--account=111122223333", "--role", role]).stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::piped()).spawn().expect("started")
    };
    let children: Vec<_> = roles.iter().map(start).collect();
    for child in children {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!((desk.simulator.count("OktaSso"), desk.simulator.count("AssumeRoleWithSAML")), (1, 20));
}

#[test]
fn responses_are_read_however_they_are_written() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 7] = [
        ("role first", |world| world.okta.shape.role_first = true),
        ("blanks", |world| world.okta.shape.blanks = true),
        ("prefix saml", |world| world.okta.shape.prefix = "saml".into()),
        ("no prefix", |world| world.okta.shape.prefix = String::new()),
        ("single quotes", |world| world.okta.shape.single_quotes = true),
        ("value first", |world| world.okta.shape.value_first = true),
        ("by way of other pages", |world| world.okta.redirects = 3),
    ];
    for (name, change) in changes {
        let mut world = okta();
        change(&mut world);
        let desk = Desk::configured(world);
        let login = desk.run(&["login"]);
        assert_eq!(login.code, 0, "{name}: {}", login.err);
        let roles = desk.run(&["roles", "-o", "name"]);
        assert_eq!(roles.out.lines().count(), 4, "{name}: {}", roles.err);
        let token = desk.run(&TOKEN);
        assert_eq!(token.code, 0, "{name}: {}", token.err);
    }
}

#[test]
fn odd_role_values_are_left_out_and_told_and_cannot_move_the_cursor() {
    let mut world = okta();
    world.okta.shape.odd_names = true;
    let desk = Desk::configured(world);
    let login = desk.run(&["login"]);
    let roles = desk.run(&["roles"]);
    for said in [&login.err, &roles.out, &roles.err] {
        assert!(!said.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{said:?}");
    }
    // Control characters are no characters of XML: then all of it is refused, in words.
    match login.code {
        0 => assert!(login.err.contains("Left out"), "{}", login.err),
        _ => assert!(login.code == 1 && login.err.contains("SAML response cannot be read"), "{}", login.err),
    }
}

#[test]
fn many_roles_are_listed_and_too_many_for_aws_are_told() {
    let mut world = okta();
    world.okta.shape.extra_roles = 300;
    let desk = signed_in(world);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out.lines().count(), 304);
    desk.run(&TOKEN).ok();
    let mut world = okta();
    world.okta.shape.extra_roles = 5000;
    let desk = signed_in(world);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out.lines().count(), 5004);
    desk.run(&TOKEN).fails(1, &["too large for AWS", "5004 roles", "group filter"]);
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 0);
}

#[test]
fn roles_of_other_partitions_are_wanted_only_where_the_settings_say_so() {
    let mut world = okta();
    world.okta.shape.partition = Some("aws-us-gov".into());
    for cluster in &mut world.clusters {
        cluster.region = "us-gov-west-1".into();
    }
    let desk = Desk::configured(world);
    desk.run(&["login"])
        .fails(4, &["all your roles are in aws-us-gov, and none in aws", "partitions = [\"aws-us-gov\"]"]);
    desk.simulator.advance(3600);
    let config = desk.config().replace("\"eu-west-1\", \"us-east-1\"", "\"us-gov-west-1\", \"eu-west-1\"");
    desk.write(".config/eksso/config.toml", &format!("{config}partitions = [\"aws-us-gov\", \"aws\"]\n"));
    desk.run(&["login"]).ok();
    let clusters = desk.run(&["clusters", "-o", "json"]).ok();
    let found = clusters.json();
    assert!(found.as_array().is_some_and(|rows| !rows.is_empty()), "{}", clusters.err);
    for row in found.as_array().expect("rows") {
        assert_eq!(
            (row["region"].as_str(), row["mapped"].as_str() != Some("unknown")),
            (Some("us-gov-west-1"), true),
            "{row}"
        );
    }
    // No role is taken to a region of another partition.
    let state = desk.simulator.state();
    let signed =
        state.requests.iter().flat_map(|request| &request.headers).filter(|(_, value)| value.starts_with("AWS4"));
    assert!(signed.clone().count() > 0 && signed.clone().all(|(_, value)| value.contains("/us-gov-west-1/")));
}

#[test]
fn an_encrypted_assertion_is_told_and_roles_of_the_settings_serve() {
    let mut world = okta();
    world.okta.shape.encrypted = true;
    let desk = Desk::configured(world);
    desk.run(&["login"]).fails(1, &["only AWS can read", "roles = [\"ROLE_ARN,SAML_PROVIDER_ARN\"]"]);
    desk.simulator.advance(3600);
    with_line(
        &desk,
        "roles = [\"arn:aws:iam::111122223333:role/eks/EKSAdmin,arn:aws:iam::111122223333:saml-provider/Okta\"]",
    );
    let login = desk.run(&["login"]).ok();
    assert!(login.err.contains("the roles are those of config.toml"), "{}", login.err);
    assert_eq!(desk.run(&["roles", "-o", "name"]).ok().out, "111122223333/EKSAdmin\n");
    desk.run(&TOKEN).ok();
    desk.run(&["credentials", "--account=111122223333", "--role=EKSViewer"])
        .fails(4, &["you are not assigned the role"]);
}

#[test]
fn a_duration_over_the_roles_maximum_is_lowered_once_and_remembered() {
    let mut world = okta();
    world.okta.shape.session_ends = None;
    world.role_max = vec![("EKSAdmin".into(), 14400)];
    let desk = signed_in(world);
    let end = |desk: &Desk| -> i64 {
        let credentials = desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin", "--format=json"]).ok();
        let end: jiff::Timestamp = credentials.json()["expires_at"].as_str().expect("text").parse().expect("a time");
        end.as_second() - desk.simulator.state().now()
    };
    let life = end(&desk);
    assert!((14_390..=14_400).contains(&life), "{life}");
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 4, "12, 8, 6 and 4 hours");
    desk.simulator.advance(14_000);
    assert!((14_390..=14_400).contains(&end(&desk)));
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 5, "the maximum was remembered");
    // After a week it is tried again: it may have been raised.
    desk.simulator.state().world.role_max = vec![("EKSAdmin".into(), 28800)];
    desk.simulator.advance(8 * 24 * 3600);
    assert!((28_790..=28_800).contains(&end(&desk)));
}

#[test]
fn what_the_assertion_says_of_the_console_bounds_nothing() {
    let mut world = okta();
    world.okta.shape.session_duration = Some(900);
    let desk = signed_in(world);
    desk.run(&TOKEN).ok();
    assert!(desk.simulator.state().requests.iter().any(|request| request.body.contains("DurationSeconds=43200")));
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
fn classic_orgs_and_what_is_no_org_are_told_at_once() {
    let mut world = okta();
    world.okta.pipeline = "v1".into();
    let desk = Desk::configured(world);
    desk.run(&["login"]).fails(1, &["Okta Classic org", "Identity Engine"]);
    assert_eq!(desk.simulator.total(), 1);
    for (fault, words) in [
        (Fault::Html, "does not answer like an Okta org"),
        (Fault::Error(404, "", "<html>no</html>"), "does not answer like an Okta org"),
        (Fault::HalfJson, "does not answer like an Okta org"),
        (Fault::Redirect("https://elsewhere.example/".into()), "does not answer like an Okta org"),
    ] {
        let desk = Desk::configured(okta());
        desk.simulator.fault("OktaOrganization", 1, fault);
        desk.run(&["login"]).fails(1, &[words, "-admin"]);
    }
    let desk = Desk::configured(okta());
    desk.simulator.fault("OktaOrganization", 1, Fault::Error(503, "", ""));
    desk.run(&["login"]).fails(6, &["Okta has a problem of its own", "status.okta.com"]);
    desk.write(".config/eksso/config.toml", &desk.config().replace(desk.simulator.url(), "http://127.0.0.1:1"));
    desk.run(&["login"]).fails(6, &["http://127.0.0.1:1 cannot be reached"]);
}

#[test]
fn each_refusal_of_okta_has_its_own_words_and_its_own_fix() {
    let refusal = |text: &str| text.to_owned();
    let assurance = refusal("The target application's assurance requirements are not met by the 'subject_token'.");
    type Change<'c> = Box<dyn Fn(&mut World) + 'c>;
    let cases: [(Change<'_>, u8, &[&str]); 6] = [
        (
            Box::new(|world| world.okta.refusal = Some(assurance.clone())),
            4,
            &["wants a stronger sign-in", "authentication policy", "device state"],
        ),
        (Box::new(|world| world.okta.grants_exchange = false), 4, &["may not exchange tokens", "Token Exchange"]),
        (
            Box::new(|world| world.okta.apps[0].allows_client = false),
            4,
            &["does not take sign-ins of the client", "Allowed Web SSO Client: 0oaclient"],
        ),
        (Box::new(|world| world.okta.reads_apps = false), 4, &["list your AWS apps", "okta.users.read.self", "app_id"]),
        (Box::new(|world| world.okta.apps.clear()), 4, &["none of your apps", "eksso login --start-url"]),
        (
            Box::new(|world| world.okta.client_id = "0oaother".into()),
            1,
            &["does not know the client `0oaclient`", "client_id"],
        ),
    ];
    for (change, code, words) in cases {
        let mut world = okta();
        change(&mut world);
        let desk = Desk::configured(world);
        desk.run(&["login"]).fails(code, words);
        assert!(!desk.run(&["status"]).ok().out.contains("signed in"), "{words:?}");
    }
}

#[test]
fn refusals_of_the_page_are_told_by_its_title() {
    let mut world = okta();
    world.okta.shape.html = Some("<title>Set up \u{1b}[2Jmultifactor</title><form><input name=x></form>".into());
    let desk = Desk::configured(world);
    let login = desk.run(&["login"]).fails(4, &["holds no SAML response", "multifactor", "dashboard"]);
    assert!(!login.err.contains('\u{1b}'));
    let mut world = okta();
    world.okta.shape.xml = Some(
        "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\"><p:Status><p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:RequestDenied\"/></p:Status></p:Response>"
            .into(),
    );
    let desk = Desk::configured(world);
    desk.run(&["login"]).fails(1, &["holds no assertion, but `RequestDenied`"]);
}

#[test]
fn hostile_pages_and_assertions_end_in_words_soon() {
    let entities = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><r>&c;</r>";
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let wide = format!("<r>{}</r>", "<a/>".repeat(300_000));
    for xml in [entities, &deep, &wide, "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>", "not xml", ""] {
        let mut world = okta();
        world.okta.shape.xml = Some(xml.to_owned());
        let desk = Desk::configured(world);
        let begun = std::time::Instant::now();
        desk.run(&["login"]).fails(1, &["SAML response cannot be read"]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
    let tags = "<div ".repeat(400_000);
    let nested = "<b><i>".repeat(400_000);
    for html in [tags, nested, "\u{0}".repeat(1000), "<input name=SAMLResponse".into(), "x".repeat(3 << 20)] {
        let mut world = okta();
        world.okta.shape.html = Some(html);
        let desk = Desk::configured(world);
        let begun = std::time::Instant::now();
        desk.run(&["login"]).fails(4, &["holds no SAML response"]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
    let mut world = okta();
    world.okta.shape.html = Some("x".repeat(10 << 20));
    let desk = Desk::configured(world);
    desk.run(&["login"]).fails(6, &["larger than any that makes sense"]);
}

#[test]
fn each_refusal_of_aws_has_its_own_words() {
    for (code, status, words) in [
        ("AccessDenied", 403, &["does not let arn:aws:iam::111122223333:saml-provider/Okta", "SAML:aud"]),
        ("InvalidIdentityToken", 400, &["does not take Okta's assertion", "metadata"]),
        ("IDPRejectedClaim", 403, &["rejects what Okta says", "login --force"]),
        ("RegionDisabledException", 403, &["STS is off in eu-west-1", "`regions`"]),
        ("PackedPolicyTooLarge", 400, &["session tags", "PrincipalTag"]),
    ] {
        let desk = signed_in(okta());
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>simulated</Message></Error></ErrorResponse>"
        );
        desk.fault("credentials", 9, Fault::Error(status, "", Box::leak(body.into_boxed_str())));
        desk.run(&TOKEN).fails(4, words);
    }
    let mut world = okta();
    world.okta.shape.audience = Some("urn:other".into());
    let desk = signed_in(world);
    desk.run(&TOKEN).fails(4, &["does not take Okta's assertion", "it is made for `urn:other`"]);
}

#[test]
fn an_assertion_that_ended_on_the_way_is_fetched_once_more() {
    let desk = signed_in(okta());
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>simulated</Message></Error></ErrorResponse>";
    desk.fault("credentials", 1, Fault::Error(400, "", body));
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("OktaSso"), 2);
    let mut world = okta();
    world.okta.shape.expired = true;
    let desk = signed_in(world);
    desk.run(&TOKEN).fails(7, &["had ended when AWS saw it", "clock"]);
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
fn a_policy_that_wants_a_fresher_sign_in_later_on_asks_for_one() {
    let desk = signed_in(okta());
    desk.simulator.advance(7200);
    desk.simulator.state().world.okta.refusal =
        Some("The target application's assurance requirements are not met by the 'subject_token'.".into());
    desk.run(&TOKEN).fails(3, &["fresher or stronger sign-in", "eksso login corp --force"]);
    // It is not taken for the end: another app, or the same with another policy, may take it.
    desk.simulator.state().world.okta.refusal = None;
    desk.run(&TOKEN).ok();
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
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 1, "the same person goes on with what there is");
    desk.simulator.state().world.user = "joe@example.com".into();
    desk.run(&["login", "--force"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("AssumeRoleWithSAML"), 2);
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
fn a_client_that_is_switched_off_for_a_while_ends_no_sign_in() {
    let desk = signed_in(okta());
    desk.simulator.advance(400);
    let off = r#"{"error":"invalid_client","error_description":"The client is not active."}"#;
    desk.simulator.fault("OktaExchange", 1, Fault::Error(401, "", off));
    desk.run(&TOKEN).fails(1, &["does not know the client", "client_id"]);
    desk.run(&TOKEN).ok();
    assert_eq!(desk.simulator.count("OktaDeviceAuthorize"), 1);
}

#[test]
fn what_is_refused_right_after_the_approval_is_a_denial_that_holds_back_loops() {
    let gone = r#"{"error":"invalid_grant","error_description":"The 'subject_token' is invalid."}"#;
    let html = "<html><title>User is not assigned to this application</title></html>";
    let policy = r#"{"error":"access_denied","error_description":"Policy evaluation failed for this request, please check the policy configurations."}"#;
    for (operation, fault, words) in [
        ("OktaExchange", Fault::Error(400, "", gone), "does not take the sign-in that was just made"),
        ("OktaSso", Fault::Error(403, "", html), "it is called `User is not assigned to this application` (HTTP 403"),
        (
            "OktaSso",
            Fault::Redirect("https://elsewhere.example/x?secret=1".into()),
            "it leads to another place, https://elsewhere.example/x\n",
        ),
        ("OktaDeviceToken", Fault::Error(400, "", policy), "a policy of Okta does not let you sign in"),
    ] {
        let desk = Desk::configured(okta());
        desk.simulator.fault(operation, 1, fault);
        desk.run(&["login"]).fails(4, &[words]);
        desk.run(&["login"]).fails(3, &["the next one may begin in"]);
    }
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
fn the_three_things_called_okta_are_told_apart() {
    let desk = Desk::new();
    let login = |args: &[&str]| desk.run(&[&["login"], args].concat());
    let both =
        &["is an Okta org", "eksso login --start-url https://YOUR-PORTAL", "eksso login --okta https://corp.okta.com"];
    login(&["--start-url", "https://corp.okta.com/", "--sso-region", "eu-west-1"]).fails(2, both);
    login(&["--okta", "https://corp.awsapps.com/start", "--client-id", "0oa1"])
        .fails(2, &["is an AWS access portal", "eksso login --start-url https://corp.awsapps.com/start"]);
    login(&["--okta", "https://corp.okta.com/oauth2/default", "--client-id", "0oa1"])
        .fails(2, &["OIDC issuer", "kubectl oidc-login"]);
    login(&["--okta", "https://corp.okta.com/home/amazon_aws_sso/0oa2/1", "--client-id", "0oa1"])
        .fails(2, &["IAM Identity Center", "--start-url"]);
    login(&["--okta", "https://corp.okta.com/home/amazon_aws/0oa2/272", "--client-id", "0oa1"])
        .fails(2, &["eksso login --okta https://corp.okta.com --client-id 0oa1 --app-id 0oa2"]);
    let app = login(&["--okta", "https://corp.okta.com/app/amazon_aws/exk2/sso/saml", "--client-id", "0oa1"]);
    assert!(!app.fails(2, &["--client-id 0oa1\n"]).err.contains("exk2"), "the id in that address is another one");
    login(&["--okta", "https://corp-admin.okta.com", "--client-id", "0oa1"]).fails(2, &["without `-admin`"]);
    login(&["--okta", "https://corp.okta.com"]).fails(2, &["which of its clients", "--client-id ID"]);
    login(&["--okta", "https://corp.okta.com", "--client-id", "0oa1", "--partition", "mars"])
        .fails(2, &["no partition", "aws-us-gov"]);
    login(&["--client-id", "0oa1"]).fails(2, &["--okta"]);
    let desk = Desk::configured(okta());
    let url = desk.simulator.url();
    desk.run(&["login", "--okta", url, "--client-id", "0oaclient", "--partition", "aws-us-gov"])
        .fails(2, &["with other partitions", "change `partitions`"]);
    desk.run(&["login", "--share-with-aws-cli"]).fails(2, &["credential_process = eksso credentials"]);
    desk.run(&["login", "--flow", "pkce"]).fails(2, &["device flow only"]);
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
fn a_role_may_be_assumed_from_an_okta_role_under_the_users_own_name() {
    let desk = signed_in(okta());
    let arn = "arn:aws:iam::444455556666:role/Deploy";
    desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin", "--assume-role", arn]).ok();
    assert_eq!(desk.simulator.count("AssumeRole"), 1);
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
