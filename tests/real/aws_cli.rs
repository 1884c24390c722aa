//! AWS CLI v2: the simulator is AWS to it, its requests are ours, and sign-ins are shared with it.

use std::path::Path;
use std::process::Stdio;

use super::parts::{at, good, part, through_the_proxy};
use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::World;
use serde_json::{Value, json};

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_takes_the_simulators_assertion_and_asks_as_we_do() {
    let [_, world] = both();
    let desk = Desk::signed_in_to(world);
    desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let body = |desk: &Desk| -> Vec<(String, String)> {
        let state = desk.simulator.state();
        let last = state.requests.iter().rfind(|request| request.operation == "AssumeRoleWithSAML").expect("a request");
        let mut pairs: Vec<_> = form_urlencoded::parse(last.body.as_bytes()).into_owned().collect();
        pairs.sort();
        pairs
    };
    let ours = body(&desk);
    let field = |name: &str| ours.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).expect(name);
    let mut aws = at(&desk, &part("aws"));
    aws.env("AWS_ENDPOINT_URL_STS", desk.simulator.url()).env("AWS_EC2_METADATA_DISABLED", "true");
    let reply = good(aws.args(["--region", "eu-west-1", "sts", "assume-role-with-saml", "--output", "json"]).args([
        "--role-arn",
        &field("RoleArn"),
        "--principal-arn",
        &field("PrincipalArn"),
        "--saml-assertion",
        &field("SAMLAssertion"),
        "--duration-seconds",
        &field("DurationSeconds"),
    ]));
    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    assert_eq!(reply["AssumedRoleUser"]["Arn"], "arn:aws:sts::111122223333:assumed-role/EKSAdmin/jane@example.com");
    assert_eq!(body(&desk), ours, "the same request, field by field");
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_works_against_the_simulator() {
    let desk = Desk::new();
    let (config, kubeconfig) = (desk.path(".aws/config"), desk.path("aws-kubeconfig"));
    desk.write(
        ".aws/config",
        "[sso-session corp]\nsso_start_url = https://sim.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n\n\
         [profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\nregion = eu-west-1\n",
    );
    let aws = || {
        let mut command = at(&desk, &part("aws"));
        command.env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", "dev").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    };
    good(aws().args(["sso", "login", "--use-device-code", "--no-browser"]));
    let clusters: Value =
        serde_json::from_str(&good(aws().args(["eks", "list-clusters", "--output", "json"]))).expect("JSON");
    assert_eq!(clusters["clusters"], json!(["web"]));
    let identity = good(aws().env("AWS_ENDPOINT_URL_STS", desk.simulator.url()).args([
        "sts",
        "get-caller-identity",
        "--output",
        "json",
    ]));
    assert!(identity.contains("AWSReservedSSO_EKSAdmin_"), "{identity}");
    good(aws().args(["eks", "update-kubeconfig", "--name", "web", "--kubeconfig"]).arg(&kubeconfig));
    let token: Value =
        serde_json::from_str(&good(aws().args(["eks", "get-token", "--cluster-name", "web", "--output", "json"])))
            .expect("JSON");
    let token = token["status"]["token"].as_str().expect("a token");
    let user = desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).expect("accepted");
    assert_eq!(user["username"], "eksadmin:jane-example.com");
    // Our contexts share the cluster entry that the AWS CLI wrote, and leave its user and context alone.
    desk.run(&[
        "login",
        "corp",
        "--start-url",
        &format!("{}/start", desk.simulator.url()),
        "--sso-region",
        "eu-west-1",
    ])
    .fails(2, &["is of another place"]);
    let ours = desk.write("eksso.toml", &desk.config());
    let before: Value = serde_yaml::from_str(&std::fs::read_to_string(&kubeconfig).expect("a file")).expect("YAML");
    let args = ["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];
    good(eksso(&desk).args(["login", "--config"]).arg(&ours));
    good(eksso(&desk).args(args).arg("--config").arg(&ours).arg("--kubeconfig").arg(&kubeconfig));
    let after: Value = serde_yaml::from_str(&std::fs::read_to_string(&kubeconfig).expect("a file")).expect("YAML");
    assert_eq!(after["clusters"], before["clusters"]);
    assert_eq!(after["current-context"], before["current-context"]);
    assert_eq!(after["contexts"].as_array().expect("contexts").len(), 2);
}

const DEV: &str = "[sso-session corp]\nsso_start_url = https://sim.awsapps.com/start\nsso_region = eu-west-1\n\
    sso_registration_scopes = sso:account:access\n\n[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\n\
    sso_role_name = EKSAdmin\nregion = eu-west-1\n\n[profile ours]\nregion = eu-west-1\n\
    credential_process = eksso credentials --session corp --account 111122223333 --role EKSViewer\n";

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_unmodified_aws_cli_meets_the_simulator_at_the_real_hosts() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    let aws = |args: &[&str]| {
        let mut command = through_the_proxy(&desk, &part("aws"));
        good(command.env("AWS_PROFILE", "dev").args(args))
    };
    aws(&["sso", "login", "--use-device-code", "--no-browser"]);
    assert!(aws(&["sts", "get-caller-identity"]).contains("AWSReservedSSO_EKSAdmin_"));
    assert!(aws(&["eks", "list-clusters"]).contains("web"));
    let hosts = desk.hosts();
    for host in ["oidc.eu-west-1", "portal.sso.eu-west-1", "sts.eu-west-1", "eks.eu-west-1"] {
        assert!(hosts.contains(&format!("{host}.amazonaws.com:443")), "{host}: {hosts:?}");
    }
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_is_signed_in_by_a_shared_sign_in_and_takes_our_credential_process() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    good(through_the_proxy(&desk, Path::new(env!("CARGO_BIN_EXE_eksso"))).args([
        "login",
        "corp",
        "--share-with-aws-cli",
    ]));
    for (profile, role) in [("dev", "AWSReservedSSO_EKSAdmin_"), ("ours", "AWSReservedSSO_EKSViewer_")] {
        let mut aws = through_the_proxy(&desk, &part("aws"));
        let who = good(aws.args(["sts", "get-caller-identity", "--output", "json", "--profile", profile]));
        assert!(who.contains(role), "{profile}: {who}");
    }
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 1, "signed in once");
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_signs_in_with_pkce_at_the_simulator_as_eksso_does() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    let mut aws = at(&desk, &part("aws"));
    aws.args(["sso", "login", "--no-browser", "--profile", "dev"]).env("PYTHONUNBUFFERED", "1");
    let mut login = aws.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(login.stdout.take().expect("a pipe")));
    let page = lines.find_map(|line| line.ok().filter(|line| line.contains("/authorize?"))).expect("a page to open");
    ureq::get(page.trim()).call().expect("approved and led back");
    assert!(login.wait().expect("ended").success());
    // The same two requests as ours, field by field.
    let theirs = sign_in_requests(&desk);
    let desk = Desk::configured(World::small());
    let mut ours = eksso(&desk);
    let mut ours =
        ours.args(["login", "--flow", "pkce"]).env("BROWSER", "true").stderr(Stdio::piped()).spawn().expect("started");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(ours.stderr.take().expect("a pipe")));
    let page = lines.find_map(|line| line.ok().filter(|line| line.contains("/authorize?"))).expect("a page to open");
    ureq::get(page.trim()).call().expect("approved and led back");
    assert!(ours.wait().expect("ended").success());
    assert_eq!(sign_in_requests(&desk), theirs);
}

/// The names (and where they are fixed, the values) of what RegisterClient, /authorize and CreateToken were sent.
fn sign_in_requests(desk: &Desk) -> Vec<String> {
    let state = desk.simulator.state();
    let mut seen = Vec::new();
    for request in &state.requests {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let fields = body.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let mut fields: Vec<String> = match request.target.split_once("/authorize?") {
            Some((_, query)) => {
                query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_owned()).collect()
            }
            None => fields,
        };
        fields.sort();
        let fixed =
            ["grantType", "grantTypes", "redirectUris", "scopes", "clientType"].map(|name| body[name].to_string());
        if ["RegisterClient", "CreateToken", "/authorize"].contains(&request.operation.as_str()) {
            seen.push(format!("{} {fields:?} {fixed:?}", request.operation));
        }
    }
    seen
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_works_with_the_profiles_that_eksso_wrote() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    let own = |args: &[&str]| good(through_the_proxy(&desk, Path::new(env!("CARGO_BIN_EXE_eksso"))).args(args));
    own(&["login", "corp"]);
    own(&["profiles", "--role=EKS*"]);
    for role in ["EKSAdmin", "EKSViewer"] {
        let mut aws = through_the_proxy(&desk, &part("aws"));
        let profile = format!("Production/{role}");
        let who = good(
            aws.args(["sts", "get-caller-identity", "--output", "json", "--region", "eu-west-1"])
                .env("AWS_PROFILE", profile),
        );
        assert!(who.contains(&format!("AWSReservedSSO_{role}_")), "{who}");
    }
    // What it could read before, it reads still.
    let mut aws = through_the_proxy(&desk, &part("aws"));
    let who = good(aws.args(["sts", "get-caller-identity", "--profile", "ours"]));
    assert!(who.contains("AWSReservedSSO_EKSViewer_"), "{who}");
    assert!(desk.read(".aws/config").starts_with(DEV));
}
