//! The real host names of every partition, FIPS and dual stack, as they arrive at a proxy; trust, proxy, and vanity start
//! URLs on the way there.

use crate::support::Desk;
use eksso_simulator::World;

/// Runs all that talks to AWS; answers the hosts of sign-in, portal, EKS and STS.
fn hosts(region: &str, fips: bool, dual_stack: bool) -> Vec<String> {
    let mut desk = Desk::proxied(World::small(), region);
    desk.set("AWS_USE_FIPS_ENDPOINT", &fips.to_string()).set("AWS_USE_DUALSTACK_ENDPOINT", &dual_stack.to_string());
    desk.run(&["login"]).ok();
    desk.run(&["roles"]).ok();
    desk.run(&["clusters", "--account=Production", "--role=EKSAdmin"]);
    desk.run(&[
        "credentials",
        "--account=111122223333",
        "--role=EKSAdmin",
        "--assume-role",
        "arn:aws:iam::444455556666:role/Deploy",
    ])
    .ok();
    let mut hosts: Vec<String> = Vec::new();
    for host in desk.hosts() {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

#[test]
fn every_client_goes_to_the_hosts_of_its_partition() {
    let cases: [(&str, bool, bool, [&str; 4]); 15] = [
        (
            "eu-west-1",
            false,
            false,
            ["oidc.R.amazonaws.com", "portal.sso.R.amazonaws.com", "eks.R.amazonaws.com", "sts.R.amazonaws.com"],
        ),
        (
            "us-east-1",
            true,
            false,
            [
                "oidc-fips.R.amazonaws.com",
                "portal.sso-fips.R.amazonaws.com",
                "fips.eks.R.amazonaws.com",
                "sts-fips.R.amazonaws.com",
            ],
        ),
        ("eu-west-1", false, true, ["oidc.R.api.aws", "portal.sso.R.api.aws", "eks.R.api.aws", "sts.R.api.aws"]),
        (
            "us-east-1",
            true,
            true,
            ["oidc-fips.R.api.aws", "portal.sso-fips.R.api.aws", "eks-fips.R.api.aws", "sts-fips.R.api.aws"],
        ),
        (
            "cn-north-1",
            false,
            false,
            [
                "oidc.R.amazonaws.com.cn",
                "portal.sso.R.amazonaws.com.cn",
                "eks.R.amazonaws.com.cn",
                "sts.R.amazonaws.com.cn",
            ],
        ),
        (
            "cn-north-1",
            false,
            true,
            [
                "oidc.R.api.amazonwebservices.com.cn",
                "portal.sso.R.api.amazonwebservices.com.cn",
                "eks.R.api.amazonwebservices.com.cn",
                "sts.R.api.amazonwebservices.com.cn",
            ],
        ),
        (
            "us-gov-west-1",
            false,
            false,
            ["oidc.R.amazonaws.com", "portal.sso.R.amazonaws.com", "eks.R.amazonaws.com", "sts.R.amazonaws.com"],
        ),
        (
            "us-gov-west-1",
            true,
            false,
            ["oidc.R.amazonaws.com", "portal.sso.R.amazonaws.com", "eks.R.amazonaws.com", "sts.R.amazonaws.com"],
        ),
        ("us-gov-west-1", false, true, ["oidc.R.api.aws", "portal.sso.R.api.aws", "eks.R.api.aws", "sts.R.api.aws"]),
        (
            "eusc-de-east-1",
            false,
            false,
            ["oidc.R.amazonaws.eu", "portal.sso.R.amazonaws.eu", "eks.R.amazonaws.eu", "sts.R.amazonaws.eu"],
        ),
        (
            "eusc-de-east-1",
            true,
            false,
            [
                "oidc-fips.R.amazonaws.eu",
                "portal.sso-fips.R.amazonaws.eu",
                "eks-fips.R.amazonaws.eu",
                "sts-fips.R.amazonaws.eu",
            ],
        ),
        (
            "us-iso-east-1",
            false,
            false,
            ["oidc.R.c2s.ic.gov", "portal.sso.R.c2s.ic.gov", "eks.R.c2s.ic.gov", "sts.R.c2s.ic.gov"],
        ),
        (
            "us-isob-east-1",
            false,
            false,
            ["oidc.R.sc2s.sgov.gov", "portal.sso.R.sc2s.sgov.gov", "eks.R.sc2s.sgov.gov", "sts.R.sc2s.sgov.gov"],
        ),
        (
            "eu-isoe-west-1",
            false,
            false,
            ["oidc.R.cloud.adc-e.uk", "portal.sso.R.cloud.adc-e.uk", "eks.R.cloud.adc-e.uk", "sts.R.cloud.adc-e.uk"],
        ),
        (
            "us-isof-south-1",
            false,
            false,
            ["oidc.R.csp.hci.ic.gov", "portal.sso.R.csp.hci.ic.gov", "eks.R.csp.hci.ic.gov", "sts.R.csp.hci.ic.gov"],
        ),
    ];
    for (region, fips, dual_stack, expected) in cases {
        let expected = expected.map(|host| format!("{}:443", host.replace('R', region)));
        assert_eq!(hosts(region, fips, dual_stack), expected, "{region} fips {fips} dual stack {dual_stack}");
    }
}

#[test]
fn the_token_names_the_sts_host_of_its_partition_whatever_the_endpoints_say() {
    use base64::Engine;
    for (region, fips, dual_stack, host) in [
        ("eu-west-1", false, false, "sts.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws"),
        ("cn-north-1", true, false, "sts-fips.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", false, true, "sts.eusc-de-east-1.api.amazonwebservices.eu"),
    ] {
        let mut desk = Desk::signed_in();
        let elsewhere = desk.simulator.url().to_owned();
        desk.set("AWS_ENDPOINT_URL_STS", &elsewhere);
        desk.set("AWS_USE_FIPS_ENDPOINT", &fips.to_string()).set("AWS_USE_DUALSTACK_ENDPOINT", &dual_stack.to_string());
        let region = format!("--region={region}");
        let reply =
            desk.run(&["token", "--account=111122223333", "--role=EKSAdmin", "--cluster=web", &region]).ok().json();
        let token = reply["status"]["token"].as_str().expect("a token").trim_start_matches("k8s-aws-v1.").to_owned();
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).expect("base64url");
        assert!(String::from_utf8_lossy(&url).starts_with(&format!("https://{host}/?")), "{host}");
    }
}

#[test]
fn no_proxy_and_a_foreign_ca_are_respected() {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.set("NO_PROXY", "oidc.eu-west-1.amazonaws.com.invalid,.amazonaws.com");
    // Nothing of the kind is reachable from a test; what matters is that the proxy was not asked.
    desk.run(&["login"]).fails(6, &["the sign-in service cannot be reached"]);
    assert!(desk.hosts().is_empty());
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.env.remove("AWS_CA_BUNDLE");
    desk.run(&["login"]).fails(
        6,
        &["the sign-in service shows a certificate that is not trusted here", "UnknownIssuer", "AWS_CA_BUNDLE"],
    );
}

#[test]
fn the_roots_of_the_system_are_trusted_as_ssl_cert_file_names_them() {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    let bundle = desk.env.remove("AWS_CA_BUNDLE").expect("a bundle");
    let login = |bundle: &str| {
        let mut command = crate::process::eksso(&desk);
        command.arg("login").env("SSL_CERT_FILE", bundle).env("SSL_CERT_DIR", "/nonexistent").output().expect("started")
    };
    let words = |said: &std::process::Output| String::from_utf8_lossy(&said.stderr).into_owned();
    let said = login(&bundle);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let none = login("/nonexistent");
    assert_eq!(none.status.code(), Some(7), "{}", words(&none));
    assert!(words(&none).contains("SSL_CERT_FILE: /nonexistent is not a file of PEM"), "{}", words(&none));
    let none = login("");
    assert_eq!(none.status.code(), Some(7), "{}", words(&none));
    assert!(words(&none).contains("no trusted CA certificates"), "{}", words(&none));
}

#[test]
fn a_vanity_start_url_leads_to_its_portal_and_names_its_region() {
    let portal = "https://ssoins-1234567890abcdef.portal.eu-west-1.app.aws/start?x=1#/";
    let world = World { vanity: vec![("sso.corp.example".into(), portal.into())], ..World::small() };
    let desk = Desk::proxied(world, "eu-west-1");
    desk.run(&["login", "own", "--start-url", "https://sso.corp.example/"]).ok();
    let config = desk.read(".config/eksso/config.toml");
    assert!(config.contains("start_url = \"https://sso.corp.example\"\nregion = \"eu-west-1\""), "{config}");
    let state = desk.simulator.state();
    let started = state.requests.iter().find(|r| r.operation == "StartDeviceAuthorization").expect("started");
    assert!(
        started.body.contains("https://ssoins-1234567890abcdef.portal.eu-west-1.app.aws/start\""),
        "{}",
        started.body
    );
    drop(state);
    desk.run(&["roles", "--session", "own"]).ok();
}

#[test]
fn a_vanity_start_url_that_leads_elsewhere_is_refused() {
    for target in ["https://evil.example/start", "https://localhost/start", "http://corp.awsapps.com/start", "/start"] {
        let world = World { vanity: vec![("sso.corp.example".into(), target.into())], ..World::small() };
        let desk = Desk::proxied(world, "eu-west-1");
        desk.run(&["login", "--start-url", "https://sso.corp.example", "--sso-region", "eu-west-1"])
            .fails(1, &["is not an AWS access portal", "HTTP 302"]);
    }
}
