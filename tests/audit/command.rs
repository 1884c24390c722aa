//! The command where nobody is asked anything: rules, explanations, policies, and files that cannot be used.

use std::time::{Duration, Instant};

use eksso_simulator::{Fault, World};

use crate::support::Desk;

#[test]
fn the_rules_are_listed_with_what_tools_need() {
    let rows = Desk::new().run(&["audit", "rules", "-o", "json"]).ok().json();
    let rows = rows.as_array().expect("an array");
    assert_eq!(rows.len(), 76);
    for row in rows {
        assert!(
            row["id"].is_string() && row["title"].is_string() && row["tags"].is_array() && row["offline"].is_boolean(),
            "{row}"
        );
        assert!(
            ["info", "low", "medium", "high", "critical"].contains(&row["severity"].as_str().expect("a word")),
            "{row}"
        );
    }
    let outcome = Desk::new().run(&["audit", "rules"]).ok();
    assert!(
        outcome.out.contains("trust-account") && outcome.err.contains("role-unused is left out"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_rule_is_explained_and_a_name_that_is_none_is_guessed_at() {
    let desk = Desk::new();
    let out = desk.run(&["audit", "explain", "trust-account"]).ok().out;
    for word in ["severity: high", "why: ", "when: ", "fix: ", "aws:PrincipalArn"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    for id in desk.run(&["audit", "rules", "-o", "name"]).ok().out.lines() {
        let out = desk.run(&["audit", "explain", id]).ok().out;
        let widest = out.lines().skip(2).map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= 70, "{widest} columns: {out}");
    }
    desk.run(&["audit", "explain", "trust-acount"]).fails(2, &["did you mean `trust-account`"]);
    desk.run(&["audit", "explain", "role-unused"]).fails(2, &["it is left out"]);
    desk.run(&["audit", "--rule", "nonsense-rule"]).fails(2, &["there is no rule `nonsense-rule`"]);
}

#[test]
fn the_rights_that_a_run_needs_are_printed_without_a_sign_in() {
    let desk = Desk::new();
    let policy = desk.run(&["audit", "--print-policy", "iam"]).ok().json();
    assert_eq!(policy["Version"], "2012-10-17");
    let role = desk.run(&["audit", "--print-policy", "kubernetes"]).ok().out;
    assert!(
        role.contains("kind: ClusterRole\n") && role.contains("eksso-auditors") && !role.contains("secrets"),
        "{role}"
    );
}

#[test]
fn a_file_that_cannot_be_used_is_told_with_line_and_key_before_anybody_is_asked() {
    let desk = Desk::new();
    let file = desk.write("access.toml", "[clusters.prod]\naccount = \"222222222222\"\nregon = \"eu-west-1\"\n");
    let path = file.to_str().expect("a path");
    desk.run(&["audit", "--file", path]).fails(2, &["line 3", "regon"]);
    let file =
        desk.write("access.toml", "[[suppress]]\nrule = \"masters\"\nresource = \"*\"\nexpires = \"2027-01-01\"\n");
    desk.run(&["audit", "--file", file.to_str().expect("a path")]).fails(2, &["line 1", "reason"]);
    desk.run(&["audit", "--file", "nowhere.toml"]).fails(5, &["nowhere.toml"]);
    desk.run(&["roles", "-o", "sarif"]).fails(2, &["eksso audit -o sarif"]);
    desk.run(&["audit", "-o", "json", "--html", "x.html"]).fails(2, &["--html and -o"]);
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

/// Nothing answers: the cause is told once, and the run ends soon.
#[test]
fn an_audit_without_a_network_tells_the_cause_once_and_ends_soon() {
    let mut desk = Desk::signed_in_to(World::large(20, 2, 2, 2));
    desk.run(&["clusters"]).ok();
    for service in
        ["EKS", "STS", "IAM", "SSO", "SSO_OIDC", "SSO_ADMIN", "IDENTITYSTORE", "ORGANIZATIONS", "ACCOUNT_ACCESS"]
    {
        desk.set(&format!("AWS_ENDPOINT_URL_{service}"), "http://127.0.0.1:9");
    }
    for (args, what) in [(&["audit"][..], "EKS"), (&["access"], "EKS"), (&["audit", "-o", "json"], "EKS")] {
        let began = Instant::now();
        let outcome = desk.run(args).fails(6, &[&format!("{what} cannot be reached"), "http://127.0.0.1:9"]);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(8), "{args:?}: {took:?}");
        assert!(
            !outcome.err.contains("not checked") && outcome.out.is_empty(),
            "{args:?}: {}{}",
            outcome.out,
            outcome.err
        );
    }
}

#[test]
fn an_audit_that_one_region_does_not_answer_tells_that_once() {
    let desk = Desk::signed_in_to(World::large(4, 2, 2, 2));
    desk.run(&["clusters"]).ok();
    for operation in [
        "DescribeCluster",
        "ListIdentityProviderConfigs",
        "ListCapabilities",
        "ListAccessEntries",
        "ListPodIdentityAssociations",
        "ListNodegroups",
        "ListFargateProfiles",
    ] {
        let down = Fault::Error(503, "ServiceUnavailableException", "{}");
        desk.simulator.fault_where(operation, "/us-east-1/eks/", 999, down);
    }
    let outcome = desk.run(&["audit"]);
    let told: Vec<&str> = outcome.err.lines().filter(|line| line.contains("EKS in us-east-1")).collect();
    assert!(matches!(told.as_slice(), [line] if line.contains("and 3 more: its")), "{}", outcome.err);
    assert!(told[0].contains("has a problem of its own") && told[0].ends_with("more rules)"), "{}", told[0]);
}
