//! aws-iam-authenticator: its tokens at the simulator, and our tokens before its verifier.

use super::parts::{at, good, part, said, through_the_proxy};
use crate::support::{Desk, both};
use eksso_simulator::World;
use serde_json::Value;

#[test]
#[ignore = "real part: aws-iam-authenticator"]
fn a_token_of_aws_iam_authenticator_is_accepted_by_the_simulator() {
    let desk = Desk::signed_in();
    desk.run(&["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let (key, issued) =
        desk.simulator.state().issued().next().map(|(k, i)| (k.clone(), i.clone())).expect("credentials");
    let mut command = at(&desk, &part("aws-iam-authenticator"));
    command.args(["token", "-i", "web"]).env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", &issued.secret);
    let reply = good(command.env("AWS_SESSION_TOKEN", &issued.token).env("AWS_REGION", "eu-west-1"));
    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    let token = reply["status"]["token"].as_str().expect("a token");
    desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).expect("accepted");
}

/// What `aws-iam-authenticator verify` and the simulator make of a token for the cluster `web`: both must agree.
#[test]
#[ignore = "real part: aws-iam-authenticator"]
fn the_real_verifier_accepts_our_tokens_and_refuses_what_the_simulator_refuses() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use eksso::domain::credentials::eks_token::{HostKind, make};
    use eksso::domain::role_credentials::RoleCredentials;

    let judge = |desk: &Desk, name: &str, token: &str| {
        let mut command = through_the_proxy(desk, &part("aws-iam-authenticator"));
        let output = command.args(["verify", "-i", "web", "-o", "json", "-t", token]).output().expect("started");
        let ours = desk.simulator.authenticate("111122223333", "eu-west-1", "web", token);
        assert_eq!(output.status.success(), ours.is_ok(), "{name}: {} / {ours:?}", said(&output));
        if output.status.success() {
            let identity: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let role =
                if desk.simulator.state().world.dedicated { "role/EKSAdmin/" } else { "role/AWSReservedSSO_EKSAdmin_" };
            assert!(identity["ARN"].as_str().is_some_and(|arn| arn.contains(role)), "{identity}");
        }
        output.status.success()
    };
    for (world, padding) in both().into_iter().flat_map(|world| [(world.clone(), 0), (world, 2000)]) {
        let desk = Desk::signed_in_to(World { session_token_padding: padding, ..world });
        let args = ["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1"];
        let token = |cluster: &'static str| {
            let reply = desk.run(&[&args[..], &[cluster]].concat()).ok().json();
            reply["status"]["token"].as_str().expect("a token").to_owned()
        };
        let good = token("--cluster=web");
        assert!(judge(&desk, "ours", &good), "padding {padding}");
        let (key, issued) =
            desk.simulator.state().issued().next().map(|(k, i)| (k.clone(), i.clone())).expect("issued");
        let credentials = RoleCredentials {
            made_at: None,
            access_key_id: key,
            secret_access_key: issued.secret.as_str().into(),
            session_token: issued.token.as_str().into(),
            expires_at: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1),
        };
        let region = "eu-west-1".parse().expect("a region");
        let made_at = |minutes: i64| {
            let when = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
            make(&credentials, &region, "web", HostKind::default(), when).expect("made").text.expose().clone()
        };
        let url =
            String::from_utf8(URL_SAFE_NO_PAD.decode(&good["k8s-aws-v1.".len()..]).expect("base64")).expect("text");
        let wrap = |url: &str| format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url));
        assert!(judge(&desk, "fourteen minutes old", &made_at(14)));
        let signature = url.split("X-Amz-Signature=").nth(1).expect("a signature").to_owned();
        let flipped = if signature.starts_with('0') { "1" } else { "0" };
        for (name, token) in [
            ("for another cluster", token("--cluster=batch")),
            ("sixteen minutes old", made_at(16)),
            ("tampered signature", wrap(&url.replace(&signature, &format!("{flipped}{}", &signature[1..])))),
            ("tampered key", wrap(&url.replace("ASIA", "ASIB"))),
            ("4,097 bytes", format!("{good}{}", "A".repeat(4097 - good.len()))),
            ("without its prefix", good["k8s-aws-v1.".len()..].to_owned()),
            ("padded base64", format!("{good}=")),
            ("http", wrap(&url.replacen("https", "http", 1))),
            ("another path", wrap(&url.replacen("/?", "/x?", 1))),
            ("no path", wrap(&url.replacen("/?", "?", 1))),
            ("another host", wrap(&url.replacen("sts.eu-west-1.amazonaws.com", "sts.evil.example", 1))),
            ("a port", wrap(&url.replacen(".com/", ".com:443/", 1))),
            ("a host in capitals", wrap(&url.replacen("sts.eu", "STS.eu", 1))),
            ("another action", wrap(&url.replacen("GetCallerIdentity", "GetSessionToken", 1))),
            ("one key more", wrap(&format!("{url}&X-Id=1"))),
            ("a key twice", wrap(&format!("{url}&action=GetCallerIdentity"))),
            ("expires too large", wrap(&url.replacen("X-Amz-Expires=60", "X-Amz-Expires=901", 1))),
            ("no expires", wrap(&url.replacen("&X-Amz-Expires=60", "", 1))),
            ("unsigned cluster header", wrap(&url.replacen("host%3Bx-k8s-aws-id", "host", 1))),
            ("a date that is none", wrap(&url.replacen("X-Amz-Date=2", "X-Amz-Date=x", 1))),
            ("nothing", String::new()),
            ("not a URL", wrap("%%%")),
        ] {
            assert!(!judge(&desk, name, &token), "{name} was accepted");
        }
    }
}
