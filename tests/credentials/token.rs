//! `eksso token`: accepted by a verifier that is not ours, refused with reasons, silent on stdout unless it succeeds.

use crate::support::{Desk, Outcome};
use eksso_simulator::{Cluster, Fault, World};

fn token(desk: &Desk, account: &str, role: &str, region: &str, cluster: &str) -> Outcome {
    desk.run(&[
        "token",
        "--session",
        "corp",
        "--account",
        account,
        "--role",
        role,
        "--region",
        region,
        "--cluster",
        cluster,
    ])
}

fn text(outcome: &Outcome) -> String {
    outcome.json()["status"]["token"].as_str().expect("a token").to_owned()
}

#[test]
fn two_roles_on_one_cluster_and_one_name_in_two_accounts_are_four_different_users() {
    let desk = Desk::signed_in();
    let cases = [
        ("111122223333", "EKSAdmin", "eksadmin:jane-example.com"),
        ("111122223333", "EKSViewer", "eksviewer:jane-example.com"),
        ("444455556666", "EKSAdmin", "eksadmin:jane-example.com"),
    ];
    let mut arns = std::collections::HashSet::new();
    for (account, role, user) in cases {
        let token = text(&token(&desk, account, role, "eu-west-1", "web").ok());
        let info = desk.simulator.authenticate(account, "eu-west-1", "web", &token).expect(role);
        assert_eq!(info["username"], user);
        arns.insert(info["extra"]["arn"].to_string());
    }
    assert_eq!(arns.len(), 3);
    let batch = text(&token(&desk, "111122223333", "EKSAdmin", "us-east-1", "batch").ok());
    assert!(desk.simulator.authenticate("111122223333", "us-east-1", "batch", &batch).is_ok());
}

#[test]
fn a_token_opens_its_own_cluster_only_and_only_for_mapped_roles() {
    let desk = Desk::signed_in();
    let web = text(&token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok());
    let elsewhere =
        desk.simulator.authenticate("111122223333", "us-east-1", "batch", &web).expect_err("another cluster");
    assert!(elsewhere.contains("host") || elsewhere.contains("SignatureDoesNotMatch"), "{elsewhere}");
    let other_account = desk.simulator.authenticate("444455556666", "eu-west-1", "web", &web);
    assert!(other_account.expect_err("another account").contains("not mapped"));
    let billing = text(&token(&desk, "444455556666", "Billing", "eu-west-1", "web").ok());
    assert!(
        desk.simulator
            .authenticate("444455556666", "eu-west-1", "web", &billing)
            .expect_err("unmapped")
            .contains("not mapped")
    );
    desk.simulator.advance(901);
    assert!(
        desk.simulator.authenticate("111122223333", "eu-west-1", "web", &web).expect_err("old").contains("expired")
    );
}

#[test]
fn the_reply_is_what_client_go_wants_in_both_versions() {
    let mut desk = Desk::signed_in();
    for version in ["v1", "v1beta1"] {
        let api = format!("client.authentication.k8s.io/{version}");
        desk.set(
            "KUBERNETES_EXEC_INFO",
            &format!(r#"{{"kind":"ExecCredential","apiVersion":"{api}","spec":{{"interactive":false}}}}"#),
        );
        let reply = token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok();
        assert_eq!(reply.json()["apiVersion"], api.as_str());
        assert_eq!(reply.err, "");
        assert_eq!(reply.out.lines().count(), 1);
    }
    desk.set("KUBERNETES_EXEC_INFO", "");
    assert_eq!(
        token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok().json()["apiVersion"],
        "client.authentication.k8s.io/v1beta1"
    );
    for (info, word) in [
        ("{", "not an ExecCredential object"),
        (r#"{"apiVersion":"client.authentication.k8s.io/v1alpha1"}"#, "v1alpha1"),
    ] {
        desk.set("KUBERNETES_EXEC_INFO", info);
        let refused = token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").fails(2, &[word]);
        assert_eq!(refused.out, "");
    }
}

#[test]
fn names_outside_their_patterns_are_refused_before_anything_is_signed() {
    let desk = Desk::signed_in();
    let requests = desk.simulator.state().requests.len();
    for (account, role, region, cluster, word) in [
        ("1111", "EKSAdmin", "eu-west-1", "web", "account id"),
        ("111122223333", "EKS/Admin", "eu-west-1", "web", "role name"),
        ("111122223333", "EKSAdmin", "eu-west-1.evil.example", "web", "region"),
        ("111122223333", "EKSAdmin", "eu-west-1", "web\nx", "cluster name"),
    ] {
        let refused = token(&desk, account, role, region, cluster).fails(2, &[word]);
        assert_eq!(refused.out, "");
    }
    desk.run(&[
        "token",
        "--session=corp",
        "--account=111122223333",
        "--role=R",
        "--region=eu-west-1",
        "--cluster=web",
        "--cluster-id=web",
    ])
    .fails(2, &["cluster id"]);
    assert_eq!(desk.simulator.state().requests.len(), requests);
}

#[test]
fn a_token_over_4096_bytes_is_refused_with_the_reason() {
    let desk = Desk::configured(World { session_token_padding: 3000, ..World::small() });
    desk.run(&["login"]).ok();
    let refused = token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web")
        .fails(1, &["EKS takes at most 4096", "session tags"]);
    assert_eq!(refused.out, "");
}

#[test]
fn ambient_aws_variables_do_not_change_who_a_context_is() {
    let mut desk = Desk::signed_in();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIABOGUS"),
        ("AWS_SECRET_ACCESS_KEY", "bogus"),
        ("AWS_SESSION_TOKEN", "bogus"),
        ("AWS_PROFILE", "no-such-profile"),
        ("AWS_DEFAULT_PROFILE", "no-such-profile"),
        ("AWS_REGION", "ap-south-1"),
        ("AWS_DEFAULT_REGION", "ap-south-1"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/bogus"),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
    ] {
        desk.set(name, value);
    }
    let token = text(&token(&desk, "111122223333", "EKSViewer", "eu-west-1", "web").ok());
    let info = desk.simulator.authenticate("111122223333", "eu-west-1", "web", &token).expect("accepted");
    assert!(info["extra"]["arn"].to_string().contains("AWSReservedSSO_EKSViewer_"));
    desk.run(&["clusters"]).ok();
}

#[test]
fn a_local_cluster_on_an_outpost_is_signed_for_by_its_id() {
    let mut world = World::small();
    let id = "0a1b2c3d-1234-1234-1234-123456789012";
    world.clusters.push(Cluster {
        outpost_id: Some(id.into()),
        ..Cluster::new("111122223333", "eu-west-1", "edge", &["EKSAdmin"])
    });
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=edge"]).ok();
    let kubeconfig = desk.read(".kube/config");
    assert!(kubeconfig.contains("--cluster-id") && kubeconfig.contains(id), "{kubeconfig}");
    let reply = desk.run(&[
        "token",
        "--session=corp",
        "--account=111122223333",
        "--role=EKSAdmin",
        "--region=eu-west-1",
        "--cluster=edge",
        "--cluster-id",
        id,
    ]);
    assert!(desk.simulator.authenticate("111122223333", "eu-west-1", "edge", &text(&reply.ok())).is_ok());
}

#[test]
fn nothing_is_on_stdout_when_it_fails_late() {
    let desk = Desk::signed_in();
    for fault in [Fault::Html, Fault::HalfJson, Fault::Error(403, "ForbiddenException", r#"{"message":"No access"}"#)] {
        desk.simulator.fault("GetRoleCredentials", 1, fault);
        let failed = token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web");
        assert_ne!(failed.code, 0);
        assert_eq!(failed.out, "");
    }
}

#[test]
fn signed_out_it_exits_with_3_and_names_the_command_without_any_request() {
    let desk = Desk::configured(World::small());
    let failed = token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").fails(3, &["eksso login corp"]);
    assert_eq!(failed.out, "");
    assert!(desk.simulator.state().requests.is_empty());
}

#[test]
fn a_warm_call_makes_no_request() {
    let desk = Desk::signed_in();
    token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok();
    let before = desk.simulator.state().requests.len();
    token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok();
    assert_eq!(desk.simulator.state().requests.len(), before);
}

#[test]
fn fips_and_dual_stack_choose_the_real_host_of_the_partition() {
    let mut desk = Desk::signed_in();
    desk.set("AWS_USE_FIPS_ENDPOINT", "true");
    let fips = text(&token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").ok());
    assert!(desk.simulator.authenticate("111122223333", "eu-west-1", "web", &fips).is_ok());
    desk.set("AWS_USE_FIPS_ENDPOINT", "yes");
    token(&desk, "111122223333", "EKSAdmin", "eu-west-1", "web").fails(2, &["AWS_USE_FIPS_ENDPOINT is `yes`"]);
}
