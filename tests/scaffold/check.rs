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

#[test]
fn statements_of_ones_own_that_would_be_functions_of_cloudformation_are_refused() {
    let desk = Desk::new();
    let text = WHOLE.replacen("iam = \"developer\"", "iam_file = \"own.json\"", 1);
    let file = desk.write("access.toml", &text);
    for condition in [r#"{"StringEquals":{"Ref":"InstanceArn"}}"#, r#"{"StringEquals":{"Fn::ImportValue":"x"}}"#] {
        let statement =
            format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{condition}}}"#);
        desk.write("own.json", &format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#));
        desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")])
            .fails(2, &["line ", "CloudFormation"]);
    }
}

#[test]
fn a_tier_without_iam_is_told_of_as_its_people_could_not_even_find_the_cluster() {
    let desk = Desk::new();
    let file = desk.write("access.toml", WHOLE);
    let said = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).ok().err;
    assert!(said.contains("tier auditor has no `iam`"), "{said}");
    assert_eq!(said.matches("has no `iam`").count(), 1, "{said}");
}

#[test]
fn clusters_whose_names_differ_in_capitals_only_are_refused_as_their_folders_may_be_one() {
    let desk = Desk::new();
    let cluster = "[clusters.Payments]\naccount = \"333333333333\"\nregion = \"eu-west-1\"\n";
    let file = desk.write("access.toml", &format!("{WHOLE}{cluster}"));
    desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).fails(2, &["line ", "capitals"]);
}

#[test]
fn a_limit_of_cloudformation_is_told_and_does_not_stop_who_takes_terraform() {
    let desk = Desk::new();
    let groups: Vec<String> = (0..250).map(|number| format!("\"Group {number}\"")).collect();
    let text = WHOLE.replace("people = [\"EKS Viewers\"]", &format!("people = [{}]", groups.join(", ")));
    let file = desk.write("access.toml", &text);
    let (path, to) = (file.to_str().expect("a path"), desk.path("out"));
    let to = to.to_str().expect("a path");
    let said = desk.run(&["scaffold", "check", "--file", path]).ok().err;
    assert!(said.contains("CloudFormation takes") && said.contains("--terraform"), "{said}");
    desk.run(&["scaffold", "write", "--file", path, "--to", to, "--terraform"]).ok();
    desk.run(&["scaffold", "write", "--file", path, "--to", to]).fails(2, &["--terraform"]);
}

#[test]
fn a_boundary_that_names_too_many_roles_is_refused_with_its_line() {
    let desk = Desk::new();
    let roles: Vec<String> = (0..90).map(|number| format!("\"EKS-Break-Glass-Of-Team-{number:030}\"")).collect();
    let text = okta().replace("[\"EKSBreakGlass\"]", &format!("[{}]", roles.join(", ")));
    let file = desk.write("access.toml", &text[..text.find("[guard]").expect("a guard")]);
    desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")])
        .fails(2, &["line ", "of 6144 characters"]);
}

#[test]
fn what_the_file_holds_wrongly_is_told_with_line_and_key_in_words_for_people() {
    let desk = Desk::new();
    for (from, to, words) in [
        ("people = [\"EKS Admins\"]", "people = \"EKS Admins\"", &["`people`: a list is wanted"][..]),
        ("region = \"us-east-1\"", "region = 1", &["`region`: a text in quotes is wanted"]),
        ("account = \"222222222222\"", "account = \"22\"", &["`account`: ", "12 digits"]),
        ("roles = [\"EKSViewer\"]", "roles = [\"EKS Viewer\"]", &["`roles`: ", "role name"]),
    ] {
        let file = desk.write("access.toml", &WHOLE.replace(from, to));
        desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")])
            .fails(2, &[&["line "], words].concat());
    }
}
