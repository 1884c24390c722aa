//! Each way in which Okta, its page, or AWS after it can refuse: in its own words, with its own fix.

use super::okta::{TOKEN, okta, signed_in};
use crate::support::Desk;
use eksso_simulator::{Fault, World};

#[test]
fn nobody_who_approves_is_an_end_and_a_denial_is_told() {
    let desk = Desk::configured(World { approve: false, code_life: 30, ..okta() });
    desk.run(&["login"]).fails(3, &["nobody approved the sign-in in time", "eksso login corp"]);
    desk.simulator.advance(60);
    desk.fault("poll", 1, Fault::Error(400, "", r#"{"error":"access_denied","error_description":"no"}"#));
    desk.run(&["login"]).fails(4, &["denied in the browser", "eksso login corp"]);
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
fn a_sign_in_that_failed_holds_back_no_other_place_app_or_client_and_names_commands_that_run() {
    let mut world = okta();
    world.okta.apps[0].allows_client = true;
    let desk = Desk::with(world);
    let url = desk.simulator.url().to_owned();
    let login = |rest: &[&str]| desk.run(&[&["login", "--okta", &url, "--client-id"], rest].concat());
    login(&["0oawrong"]).fails(1, &["does not know the client `0oawrong`"]);
    let again = format!("hint: in a terminal, at once: eksso login sso --okta {url} --client-id 0oawrong\n");
    login(&["0oawrong"]).fails(3, &["the next one may begin in", &again]);
    desk.run(&["login", "sso", "--okta", &url, "--client-id", "0oawrong"]).fails(3, &["the next one may begin in"]);
    login(&["0oaclient", "--app-id", "0oawrong"]).fails(4, &["`0oawrong`"]);
    let again = format!("eksso login sso --okta {url} --client-id 0oaclient --app-id 0oawrong\n");
    login(&["0oaclient", "--app-id", "0oawrong"]).fails(3, &["the next one may begin in", &again]);
    login(&["0oaclient"]).ok();
    // What was corrected in the settings is another attempt, too.
    let desk = Desk::configured(okta());
    desk.write(".config/eksso/config.toml", &desk.config().replace("0oaclient", "0oawrong"));
    desk.run(&["login"]).fails(1, &["does not know the client `0oawrong`"]);
    desk.run(&["login"]).fails(3, &["the next one may begin in", "at once: eksso login corp\n"]);
    desk.write(".config/eksso/config.toml", &desk.config());
    desk.run(&["login"]).ok();
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
fn an_app_that_is_not_assigned_or_wants_proofs_is_told_as_that() {
    let desk = Desk::configured(okta());
    desk.simulator.state().world.okta.assigned = false;
    desk.run(&["login"]).fails(4, &["has not assigned the client `0oaclient` to you", "Assignments"]);
    desk.simulator.advance(600);
    desk.simulator.state().world.okta.assigned = true;
    desk.simulator.state().world.okta.dpop = true;
    desk.run(&["login"]).fails(1, &["proof of possession (DPoP)", "the native app must not require DPoP"]);
    desk.simulator.advance(600);
    desk.simulator.state().world.okta.dpop = false;
    let unassigned =
        r#"{"error":"access_denied","error_description":"User is not assigned to the client application."}"#;
    desk.simulator.fault("OktaExchange", 1, Fault::Error(400, "", unassigned));
    desk.run(&["login"]).fails(4, &["has not assigned the AWS app `0oaaws`"]);
}

/// A desk whose org is at a domain of its own, and leads on to another host.
fn led_to(host: &str, alternate: Option<&str>) -> Desk {
    let mut world = okta();
    world.okta.redirects = 2;
    world.okta.leads_to = Some(host.into());
    world.okta.alternate = alternate.map(str::to_owned);
    let desk = Desk::proxied(world, "eu-west-1");
    let config =
        "[sessions.corp]\nprovider = \"okta\"\norg_url = \"https://login.corp.example\"\nclient_id = \"0oaclient\"\n";
    desk.write(".config/eksso/config.toml", config);
    desk
}

#[test]
fn a_redirect_is_followed_to_the_hosts_that_the_org_says_are_its_own_and_to_no_other() {
    let desk = led_to("corp.okta.com", Some("https://corp.okta.com"));
    desk.run(&["login"]).ok();
    let hosts = desk.hosts();
    assert!(hosts.contains(&"corp.okta.com:443".to_owned()), "{hosts:?}");
    let state = desk.simulator.state();
    let moved: Vec<_> = state.requests.iter().filter(|request| request.operation == "OktaSsoPage").collect();
    assert_eq!(moved.len(), 2);
    assert!(moved[0].headers.iter().all(|(name, _)| name != "cookie"), "cookies of one host are not for another");
    drop(state);
    for (host, alternate) in [
        ("evil.example", None),
        ("evil.okta.com", Some("https://corp.okta.com")),
        ("corp.okta.com.evil.example", Some("https://corp.okta.com")),
        ("corp.okta.com@evil.example", Some("https://corp.okta.com")),
    ] {
        let desk = led_to(host, alternate);
        desk.run(&["login"]).fails(4, &["holds no SAML response", "it leads to another place"]);
        assert!(desk.hosts().iter().all(|known| !known.contains("evil")), "{host}: {:?}", desk.hosts());
    }
}

#[test]
fn another_role_of_an_account_begins_with_what_its_other_roles_took() {
    let desk = signed_in(World { role_max: vec![], ..okta() });
    desk.run(&TOKEN).ok();
    let first = desk.count("credentials");
    assert!(first > 2, "longer times were refused: {first}");
    let other = TOKEN.map(|word| if word.starts_with("--role=") { "--role=EKSViewer" } else { word });
    desk.run(&other).ok();
    assert_eq!(desk.count("credentials"), first + 1);
}
