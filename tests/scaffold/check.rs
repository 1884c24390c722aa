//! What a reviewer sees before anything is applied.

use serde_json::Value;

use crate::scaffold::seeds::{WHOLE, auditing, okta};
use crate::support::Desk;

#[test]
fn every_tier_may_what_it_is_for_and_nothing_else() {
    let desk = Desk::new();
    for text in [WHOLE.to_owned(), okta(), WHOLE[..WHOLE.find("[guard]").expect("a guard")].to_owned()] {
        let file = desk.write("access.toml", &text);
        // The auditor has no `iam`, the pipeline's role is made elsewhere: of those alone not all is known.
        let outcome = desk.run(&["scaffold", "check", "-o", "json", "--file", file.to_str().expect("a path")]);
        let rows = outcome.fails(6, &["not checked"]).json();
        let rows = rows.as_array().expect("rows");
        assert!(rows.len() >= 200, "{} rows", rows.len());
        let part = ["SecurityAudit", "ci-deploy", ""];
        let good = |row: &serde_json::Value| {
            row["state"] == "as_promised"
                || (row["state"] == "unknown" && part.contains(&row["role"].as_str().expect("a role")))
        };
        let wrong: Vec<_> = rows.iter().filter(|row| !good(row)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

#[test]
fn the_matrix_shows_roles_beside_each_other_and_what_they_are_in_kubernetes() {
    let desk = Desk::new();
    let file = desk.write("access.toml", WHOLE);
    // Of the auditor and of the pipeline not all is known.
    let out = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).fails(6, &[]).out;
    for words in [
        "payments (222222222222, eu-west-1, API)",
        "old (333333333333, eu-west-1, CONFIG_MAP)",
        "in Kubernetes EKSDeveloper: AmazonEKSEditPolicy in payments, payments-*",
        "in Kubernetes EKSOperators: operators as edit in default, kube-public",
        "in Kubernetes SecurityAudit: groups eksso-auditors\n",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    // On a terminal of 80 columns no line is longer, and no answer is left out.
    desk.person().reads = true;
    let shown = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).fails(6, &[]).out;
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let answers = |text: &str| text.split_whitespace().filter(|word| ["yes", "?"].contains(word)).count();
    assert!(answers(&out) > 20 && answers(&shown) == answers(&out), "{shown}");
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
fn a_tier_without_iam_is_told_of_as_what_its_people_may_is_not_known() {
    let desk = Desk::new();
    let file = desk.write("access.toml", WHOLE);
    let outcome = desk.run(&["scaffold", "check", "-o", "json", "--file", file.to_str().expect("a path")]);
    let outcome = outcome.fails(6, &["no `iam`: what AWS lets its people do is not in this file"]);
    assert_eq!(outcome.err.matches("no `iam`").count(), 1, "{}", outcome.err);
    let rows = outcome.json();
    let own = rows.as_array().expect("rows").iter().filter(|row| row["role"] == "SecurityAudit");
    assert!(
        own.clone().count() > 20
            && own
                .into_iter()
                .filter(|row| row["question"] != "get into the cluster")
                .all(|row| row["state"] == "unknown" && row["allowed"].is_null())
    );
}

#[test]
fn an_auditor_has_what_a_run_needs_and_no_finding() {
    let desk = Desk::new();
    let printed: Value =
        serde_json::from_str(&desk.run(&["audit", "--print-policy", "iam"]).ok().out).expect("a policy");
    let to = desk.path("out");
    for text in [auditing(WHOLE), auditing(&okta())] {
        let file = desk.write("access.toml", &text);
        let path = file.to_str().expect("a path");
        // Of the pipeline's role, which is made elsewhere, not all is known.
        let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", path]).fails(6, &["ci-deploy"]).json();
        let own: Vec<&Value> =
            rows.as_array().expect("rows").iter().filter(|row| row["role"] == "SecurityAudit").collect();
        assert!(own.len() > 20 && own.iter().all(|row| row["state"] == "as_promised"), "{own:?}");
        let may: std::collections::BTreeSet<&str> =
            own.iter().filter(|row| row["allowed"] == true).filter_map(|row| row["question"].as_str()).collect();
        let looks = [
            "describe another cluster",
            "describe the cluster",
            "get into the cluster",
            "list clusters",
            "see somebody's entry",
        ];
        assert_eq!(may.into_iter().collect::<Vec<_>>(), looks);
        // What is made of it is what `audit --print-policy iam` prints, and no boundary takes part of it away.
        _ = std::fs::remove_dir_all(&to);
        desk.run(&["scaffold", "write", "--file", path, "--to", to.to_str().expect("a path")]).ok();
        let (file, policy) = match text.contains("saml_provider") {
            true => ("roles-222222222222", "Policies"),
            false => ("management", "InlinePolicy"),
        };
        let template: Value =
            serde_yaml::from_str(&desk.read(&format!("out/cloudformation/{file}.yaml"))).expect("YAML");
        let mut all = template["Resources"].as_object().expect("resources").values().map(|one| &one["Properties"]);
        let is = |one: &&Value| one["Name"] == "SecurityAudit" || one["RoleName"] == "SecurityAudit";
        let made = all.find(is).unwrap_or_else(|| panic!("{template}"));
        let document = if policy == "Policies" { &made[policy][0]["PolicyDocument"] } else { &made[policy] };
        assert_eq!(*document, printed);
        assert!(made.get("PermissionsBoundary").is_none(), "{made}");
        let elsewhere = if text.contains("saml_provider") { "a role" } else { "the permission set" };
        let readme = desk.read("out/README.md");
        assert!(readme.contains(&format!("organization: {elsewhere} SecurityAudit")), "{readme}");
        let why = "What `eksso access` and `eksso audit` ask for";
        assert!(desk.read(&format!("out/cloudformation/{file}.yaml")).contains(why));
    }
    // The commented example holds such a tier: alone, nothing is found and nothing is left unchecked.
    desk.run(&["scaffold", "init", "--no-input", desk.path("new.toml").to_str().expect("a path")]).ok();
    let example = desk.read("new.toml");
    let start = example.find("# [tiers.auditor]").expect("the tier");
    let tier: String = example[start..].split("\n\n").next().expect("the tier").replace("# ", "");
    let clusters = &example[example.find("[clusters.").expect("a cluster")..];
    let clusters = clusters.split("\n\n").next().expect("a cluster");
    let file = desk.write("only.toml", &format!("{clusters}\n\n{tier}\n"));
    let said = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).ok().err;
    assert!(said.contains("1 role, 1 cluster: 0 findings."), "{said}");
}

#[test]
fn a_tier_that_has_no_way_into_its_clusters_is_a_finding_unless_it_only_hands_out_access() {
    let desk = Desk::new();
    desk.write(
        "own.json",
        &allowing("{}").replace(",\"Condition\":{}", "").replace("\"*\",\"R", "\"eks:ListClusters\",\"R"),
    );
    let head = &ONE[..ONE.find("[tiers").expect("a tier")];
    let names = [
        "auditor",
        "viewer",
        "developer",
        "namespace-admin",
        "ci",
        "cluster-admin",
        "break-glass",
        "access-admin",
        "mine",
    ];
    for tier in names {
        for iam in [
            format!("iam = \"{}\"", if tier == "mine" { "viewer" } else { tier }),
            "iam_file = \"own.json\"".into(),
            String::new(),
        ] {
            let text =
                format!("{head}[tiers.{tier}]\nroles = [\"R\"]\npeople = [\"P\"]\nclusters = [\"payments\"]\n{iam}\n");
            let file = desk.write("access.toml", &text);
            let path = file.to_str().expect("a path");
            let outcome = desk.run(&["scaffold", "check", "--file", path]);
            let words = format!("tier {tier} (line 5): R may not get into the cluster in payments");
            if tier == "access-admin" {
                assert!([0, 6].contains(&outcome.code) && !outcome.err.contains("get into"), "{}", outcome.err);
                continue;
            }
            let outcome = outcome.fails(4, &[&words, "neither `access` nor `kubernetes_groups`"]);
            assert!(outcome.out.lines().any(|line| line.contains("get into the cluster") && line.contains("NO!")));
            let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", path]).fails(4, &[]).json();
            let row = rows.as_array().expect("rows").iter().find(|row| row["question"] == "get into the cluster");
            let row = row.expect("the question");
            assert_eq!(
                (&row["state"], &row["allowed"], &row["promised"]),
                (&"finding".into(), &false.into(), &true.into())
            );
        }
    }
}

/// One cluster and a viewer, who has the statements of a file.
const ONE: &str = "[clusters.payments]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n\n[tiers.viewer]\nroles = [\"EKSViewer\"]\n\
    people = [\"EKS Viewers\"]\nclusters = [\"payments\"]\naccess = \"View\"\niam_file = \"own.json\"\n";

fn allowing(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
    )
}

#[test]
fn what_depends_on_where_somebody_is_counts_as_allowed_where_it_is_not_meant() {
    let desk = Desk::new();
    desk.write("own.json", &allowing(r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
    let file = desk.write("access.toml", ONE);
    let path = file.to_str().expect("a path");
    let outcome = desk.run(&["scaffold", "check", "--file", path]);
    let outcome = outcome.fails(4, &["EKSViewer may (where aws:SourceIp", "make a cluster in payments"]);
    assert!(outcome.out.contains("YES!"), "{}", outcome.out);
    let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", path]).json();
    let row = |question: &str| {
        let mut all = rows.as_array().expect("rows").iter();
        all.find(|row| row["question"] == question).expect("the question").clone()
    };
    assert_eq!(row("make a cluster")["state"], "finding");
    // What it is for it has at some times only.
    assert_eq!(row("describe the cluster")["state"], "unknown");
}

#[test]
fn what_depends_on_what_is_not_known_is_a_question_mark_and_said_and_never_clean() {
    let desk = Desk::new();
    desk.write("own.json", &allowing(r#"{"StringEquals":{"aws:ResourceTag/team":"payments"}}"#));
    let file = desk.write("access.toml", ONE);
    let path = file.to_str().expect("a path");
    let outcome = desk.run(&["scaffold", "check", "--file", path]);
    let outcome = outcome.fails(6, &["tier viewer", "depends on aws:ResourceTag/team", "0 findings; "]);
    let line = outcome.out.lines().find(|line| line.contains("make a cluster")).expect("the question");
    assert!(line.trim_end().ends_with(" ?"), "{}", outcome.out);
    let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", path]).fails(6, &[]).json();
    let mut asked = rows.as_array().expect("rows").iter().filter(|row| row["action"] != "");
    assert!(asked.all(|row| row["state"] == "unknown" && row["allowed"].is_null()), "{rows}");
    // Without the condition all is known.
    desk.write(
        "own.json",
        &allowing("{}").replace(",\"Condition\":{}", "").replace("\"*\",\"R", "\"eks:DescribeCluster\",\"R"),
    );
    desk.run(&["scaffold", "check", "--file", path]).fails(4, &["describe another cluster"]);
}

#[test]
fn what_a_file_does_not_say_of_a_tier_is_told_and_is_not_nothing() {
    let desk = Desk::new();
    let head = &ONE[..ONE.find("[tiers").expect("a tier")];
    for (tier, words) in [
        (
            "[tiers.platform]\nroles = [\"platform-admin\"]\nmade_elsewhere = true\nclusters = [\"payments\"]\naccess = \"View\"\niam = \"viewer\"\n",
            "platform-admin is made elsewhere: whom it trusts",
        ),
        (
            "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"V\"]\nclusters = [\"payments\"]\nkubernetes_groups = [\"g\"]\nrbac = \"superuser\"\niam = \"viewer\"\n",
            "what the ClusterRole superuser grants",
        ),
        (
            "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"V\"]\nclusters = [\"payments\"]\nkubernetes_groups = [\"g\"]\niam = \"viewer\"\n",
            "what the group g is bound to",
        ),
    ] {
        let file = desk.write("access.toml", &format!("{head}{tier}"));
        let path = file.to_str().expect("a path");
        desk.run(&["scaffold", "check", "--file", path]).fails(6, &[words]);
        let rows = desk.run(&["scaffold", "check", "-o", "json", "--file", path]).fails(6, &[words]).json();
        let said = |row: &serde_json::Value| {
            row["state"] == "unknown" && row["fact"].as_str().is_some_and(|fact| fact.contains(words))
        };
        assert!(rows.as_array().expect("rows").iter().any(said), "{words}: {rows}");
    }
    // What is bound besides is judged, too, and shown beside the role; a Role's rules stand in the cluster.
    let tier = "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"V\"]\nclusters = [\"payments\"]\nkubernetes_groups = [\"g\"]\niam = \"viewer\"\n";
    let binding =
        |rest: &str| format!("{head}{tier}[[bindings]]\ngroups = [\"g\"]\nclusters = [\"payments\"]\n{rest}\n");
    for (rest, code, words) in [
        ("rbac = \"view\"", 0, "in Kubernetes V: g as view in the whole cluster"),
        ("rbac = \"cluster-admin\"", 4, "in Kubernetes V: g as cluster-admin in the whole cluster"),
        ("role = \"pods\"\nnamespaces = [\"web\"]", 6, "in Kubernetes V: g as Role pods in web"),
    ] {
        let file = desk.write("access.toml", &binding(rest));
        let outcome = desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]);
        assert!(outcome.code == code && outcome.out.contains(words), "{rest}: {} {}", outcome.out, outcome.err);
    }
    for (from, to, words) in [
        ("groups = [\"g\"]\nclus", "groups = [\"h\"]\nclus", "names `h`, which no tier of the cluster payments has"),
        ("groups = [\"g\"]\nclus", "groups = [\"system:masters\"]\nclus", "are not for people"),
        ("groups = [\"g\"]\nclus", "groups = []\nclus", "`groups` is empty"),
        ("clusters = [\"payments\"]\nrbac", "clusters = [\"paymints\"]\nrbac", "did you mean `payments`?"),
        ("rbac = \"view\"", "role = \"view\"", "a Role stands in one"),
        ("rbac = \"view\"", "", "either `rbac`"),
        ("rbac = \"view\"", "rbac = \"a/b\"", "no name of a role"),
        ("rbac = \"view\"", "rbac = \"view\"\nnamespaces = [\"a-*\"]", "takes no `*`"),
        ("rbac = \"view\"", "rbac = \"view\"\nnamespace = [\"a\"]", "unknown field"),
    ] {
        let text = binding("rbac = \"view\"").replace(from, to);
        let file = desk.write("access.toml", &text);
        desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).fails(2, &["line 1", words]);
    }
    // A ClusterRole of Kubernetes' own is known.
    let known = "[tiers.viewer]\nroles = [\"V\"]\npeople = [\"V\"]\nclusters = [\"payments\"]\nkubernetes_groups = [\"g\"]\nrbac = \"view\"\niam = \"viewer\"\n";
    let file = desk.write("access.toml", &format!("{head}{known}"));
    desk.run(&["scaffold", "check", "--file", file.to_str().expect("a path")]).ok();
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
    let said = desk.run(&["scaffold", "check", "--file", path]).fails(6, &[]).err;
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
