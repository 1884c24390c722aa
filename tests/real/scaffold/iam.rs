//! The IAM documents: the truth table judged by iam-simulate, what they are written like by parliament.

use std::path::Path;
use std::process::Command;

use eksso::domain::audit::access_file::Level;
use eksso::domain::scaffold::plan::Plan;
use eksso::domain::scaffold::policies::{boundary, document, guard, is_bounded, statements, trust};
use eksso::domain::scaffold::role::Made;
use eksso::domain::scaffold::table::{role_arn, table};
use serde_json::{Map, Value, json};

use crate::real::parts::{good, part};
use crate::real::scaffold::judge;
use crate::scaffold::seeds::{WHOLE, auditing, files, okta, plan};
use crate::support::Desk;

/// Every role in every cluster, its trust policy, and who is bound by the guard, in the form of tests/access/iam_table.json.
fn rows(plan: &Plan) -> Value {
    let (mut policies, mut trusts, mut principals, mut rows) = (Map::new(), Map::new(), Map::new(), Vec::new());
    let everything = json!({"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"});
    policies.insert("everything".into(), document(&[everything]));
    let guard = guard(plan);
    policies.extend(guard.clone().map(|guard| ("guard".to_owned(), guard)));
    let levels = match guard {
        Some(_) => json!([["everything", "guard"]]),
        None => json!([]),
    };
    // The way into a cluster is no question to IAM.
    for line in table(plan).expect("a table").into_iter().filter(|line| !line.question.action.is_empty()) {
        let (role, cluster) = (line.role, &plan.clusters[line.cluster]);
        let account = &cluster.account;
        let who = format!("role:{}/{account}", role.name);
        let (action, on, keys) = line.question.request(plan, cluster);
        let keys: Map<String, Value> = keys.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        rows.push(json!({"who": who, "action": action, "on": on, "keys": keys, "is": line.allowed() == Some(true)}));
        if principals.contains_key(&who) {
            continue;
        }
        let of = (role.made != Made::Set).then_some(account);
        policies.insert(who.clone(), document(&statements(plan, role, of)));
        let mut principal = json!({"arn": role_arn(plan, role, cluster), "policies": [who], "levels": levels});
        if is_bounded(role) {
            policies.insert(format!("boundary/{account}"), boundary(plan, account));
            principal["boundary"] = json!(format!("boundary/{account}"));
        }
        if let (Some(trust), Made::Okta(provider)) = (trust(plan, role, account), &role.made) {
            trusts.insert(who.clone(), trust);
            for (provider, audience, is) in [
                (provider.as_str(), "https://signin.aws.amazon.com/saml", true),
                (provider.as_str(), "https://evil.example/saml", false),
                ("Other", "https://signin.aws.amazon.com/saml", false),
            ] {
                rows.push(json!({"who": format!("saml:arn:aws:iam::{account}:saml-provider/{provider}"), "action": "sts:AssumeRoleWithSAML",
                    "on": role_arn(plan, role, cluster), "keys": {"SAML:aud": audience}, "trust": who, "is": is}));
            }
        }
        principals.insert(who, principal);
    }
    // Who is an administrator is bound by the guard, too; a set whose name only begins like the access admin's is.
    let sso = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/";
    for (name, arn, grants, makes) in [
        ("admin", "arn:aws:iam::222222222222:role/Admin".to_owned(), false, false),
        ("alike", format!("{sso}AWSReservedSSO_EKSAccessAdmin_Evil_0123456789abcdef"), false, false),
        ("pipeline", "arn:aws:iam::222222222222:role/eks-platform/access-pipeline".to_owned(), true, false),
        ("maker", "arn:aws:iam::222222222222:role/eks-platform/cluster-pipeline".to_owned(), false, true),
    ] {
        principals.insert(name.to_owned(), json!({"arn": arn, "policies": ["everything"], "levels": levels}));
        let cluster = "arn:aws:eks:eu-west-1:222222222222:cluster/payments";
        rows.push(json!({"who": name, "action": "eks:CreateAccessEntry", "on": cluster, "keys": {}, "is": grants}));
        let keys = json!({"eks:authenticationMode": "API", "eks:bootstrapClusterCreatorAdminPermissions": "false"});
        rows.push(json!({"who": name, "action": "eks:CreateCluster", "on": "*", "keys": keys, "is": makes}));
        let hidden = json!({"eks:authenticationMode": "API", "eks:bootstrapClusterCreatorAdminPermissions": "true"});
        rows.push(json!({"who": name, "action": "eks:CreateCluster", "on": "*", "keys": hidden, "is": false}));
        let role = "arn:aws:iam::222222222222:role/eks/EKSDeveloper";
        rows.push(json!({"who": name, "action": "iam:PutRolePolicy", "on": role, "keys": {}, "is": grants || makes}));
    }
    assert!(plan.roles.iter().any(|role| role.level == Level::BreakGlass));
    json!({"policies": policies, "trusts": trusts, "principals": principals, "rows": rows})
}

#[test]
#[ignore = "real part: iam-simulate"]
fn iam_simulate_finds_each_tier_able_to_do_what_the_table_says() {
    let parts = part("kubectl-1.35").ancestors().nth(2).expect("the parts").join("clients/iam-simulate");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/clients/iam_simulate.mjs");
    for text in [auditing(WHOLE), auditing(&okta())] {
        let table = rows(&plan(&text));
        let desk = Desk::new();
        let file = desk.write("table.json", &table.to_string());
        let answers = good(Command::new("node").arg(&script).arg(&parts).arg(file));
        let rows = table["rows"].as_array().expect("rows");
        let answers: Vec<&str> = answers.lines().collect();
        assert!(rows.len() >= 400 && answers.len() == rows.len(), "{} rows, {} answers", rows.len(), answers.len());
        let wrong: Vec<String> = rows
            .iter()
            .zip(answers)
            .filter(|(row, answer)| {
                !["allowed", "denied", "none"].contains(answer) || (row["is"] == true) != (*answer == "allowed")
            })
            .map(|(row, answer)| format!("{row}: {answer}"))
            .collect();
        assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    }
}

/// What parliament may say: services, actions and keys that are younger than it; lists, which take no resource but `*`; and an auditor, who
/// reads everything there is.
const KNOWN: [(&str, &str); 10] = [
    ("UNKNOWN_PREFIX", "account-access"),
    ("UNKNOWN_ACTION", "eks:ListCapabilities"),
    ("UNKNOWN_ACTION", "Capability"),
    ("UNKNOWN_CONDITION_FOR_ACTION", "eks:loggingType/audit"),
    ("RESOURCE_STAR", "eks:"),
    ("RESOURCE_STAR", "[\"iam:GetPolicy\", \"iam:GetPolicyVersion\"]"),
    (
        "RESOURCE_STAR",
        "[\"identitystore:ListGroupMemberships\", \"identitystore:ListGroups\", \"identitystore:ListUsers\"]",
    ),
    ("RESOURCE_STAR", "[\"organizations:DescribePolicy\"]"),
    ("RESOURCE_STAR", "[\"sso:DescribePermissionSet\", \"sso:Get"),
    ("RESOURCE_MISMATCH", "eks:CreateCluster"),
];

#[test]
#[ignore = "real part: parliament"]
fn parliament_finds_no_policy_malformed_and_no_action_or_key_that_it_should_know() {
    let desk = Desk::new();
    let script = "import json, sys, parliament\nfor line in open(sys.argv[1]):\n  for one in parliament.analyze_policy_string(line).findings:\n    print(one.issue, json.dumps(one.detail, default=str))";
    let mut documents = Vec::new();
    for (_, text) in files().into_iter().filter(|(name, _)| *name != "many") {
        let plan = plan(&text);
        for account in plan.accounts().into_keys() {
            for role in plan.roles_in(account) {
                let of = (role.made != Made::Set).then_some(account);
                let statements = statements(&plan, role, of);
                documents.extend((!statements.is_empty()).then(|| document(&statements)));
            }
            documents.push(boundary(&plan, account));
        }
        documents.extend(guard(&plan));
    }
    assert!(documents.len() > 50, "{}", documents.len());
    let lines = documents.iter().map(|one| format!("{one}\n")).collect::<String>();
    let file = desk.write("policies.jsonl", &lines);
    let said = good(judge(desk.home.path(), "python").args(["-W", "ignore", "-c", script]).arg(file));
    let is_known = |line: &&str| KNOWN.iter().any(|(issue, words)| line.starts_with(issue) && line.contains(words));
    let wrong: Vec<&str> = said.lines().filter(|line| !is_known(line)).collect();
    assert!(wrong.is_empty() && said.contains("UNKNOWN_ACTION"), "{}", wrong.join("\n"));
}
