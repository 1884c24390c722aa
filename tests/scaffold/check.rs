//! What a reviewer sees before anything is applied.

use crate::scaffold::seeds::{WHOLE, okta};
use crate::support::Desk;

#[test]
fn every_tier_may_what_it_is_for_and_nothing_else() {
    let desk = Desk::new();
    for text in [WHOLE.to_owned(), okta(), WHOLE[..WHOLE.find("[guard]").expect("a guard")].to_owned()] {
        let file = desk.write("access.toml", &text);
        let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", file.to_str().expect("a path")]).ok().json();
        let rows = rows.as_array().expect("rows");
        assert!(rows.len() >= 200, "{} rows", rows.len());
        let wrong: Vec<_> = rows.iter().filter(|row| row["state"] != "as_promised").collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

#[test]
fn the_matrix_shows_roles_beside_each_other_and_what_they_are_in_kubernetes() {
    let desk = Desk::new();
    let file = desk.write("access.toml", WHOLE);
    let out = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).ok().out;
    for words in [
        "payments (222222222222, eu-west-1, API)",
        "old (333333333333, eu-west-1, CONFIG_MAP)",
        "in Kubernetes EKSDeveloper: AmazonEKSEditPolicy in payments, payments-*",
        "in Kubernetes EKSOperators: operators as edit in default, kube-public",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn statements_of_ones_own_that_give_more_than_the_tier_is_for_are_a_finding() {
    let desk = Desk::new();
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]}"#;
    desk.write("own.json", all);
    let text = WHOLE.replacen("iam = \"developer\"", "iam_file = \"own.json\"", 1);
    let file = desk.write("access.toml", &text[..text.find("[guard]").expect("a guard")]);
    let outcome = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]);
    let outcome = outcome.fails(4, &["tier developer", "EKSDeveloper may make a cluster in payments"]);
    assert!(outcome.out.contains("YES!"));
}

#[test]
fn what_aws_would_refuse_at_the_end_is_refused_at_the_beginning() {
    let desk = Desk::new();
    for (from, to, words) in [
        ("session = \"8h\"", "session = \"8\"", "no session length"),
        ("access = \"Edit\"", "access = \"Editor\"", "no access policy"),
        ("kubernetes_groups = [\"operators\"]", "kubernetes_groups = [\"system:masters\"]", "system:masters"),
        ("roles = [\"EKSViewer\"]", "roles = [\"EKS Viewer\"]", "EKS Viewer"),
        ("namespaces = [\"payments\", \"payments-*\"]", "namespaces = []", "`namespaces` is empty"),
        ("access_pipeline = [\"role/eks-platform/access-pipeline\"]", "access_pipeline = []", "names nobody"),
    ] {
        let file = desk.write("access.toml", &WHOLE.replace(from, to));
        let path = file.to_str().expect("a path");
        for command in ["check", "write"] {
            let to = desk.path("out");
            let mut args = vec!["scaffold", command, "--file", path];
            if command == "write" {
                args.extend(["--to", to.to_str().expect("a path")]);
            }
            desk.run(&args).fails(2, &["line ", words]);
        }
    }
    assert!(!desk.path("out").exists(), "nothing was written");
    desk.run(&["scaffold", "check", "--file", "nowhere.toml"]).fails(5, &["nowhere.toml"]);
}

#[test]
fn a_tier_of_more_clusters_than_a_policy_takes_is_refused_with_its_line() {
    let desk = Desk::new();
    let clusters: String = (0..30)
        .map(|number| format!("[clusters.c{number}]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n"))
        .collect();
    let names: Vec<String> = (0..30).map(|number| format!("\"c{number}\"")).collect();
    let tier = format!(
        "[tiers.cluster-admin]\nroles = [\"Admin\"]\npeople = [\"Admins\"]\nclusters = [{}]\naccess = \"ClusterAdmin\"\niam = \"cluster-admin\"\n",
        names.join(", ")
    );
    let file = desk.write("access.toml", &format!("{clusters}{tier}"));
    let path = file.to_str().expect("a path");
    desk.run(&["scaffold", "check", "--file", path]).fails(2, &["line 91", "of 10240 characters"]);
}
