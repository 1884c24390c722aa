//! From end to end: the world as it should be is clean, and each mistake that is put into it is that finding and no other.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use eksso::domain::audit::rules;
use eksso_simulator::access::{
    Assignment, Capability, IamRole, IamUser, IdentityProvider, KubeBinding, KubeRole, RawEntry, Who, directory_id,
    trusting,
};
use eksso_simulator::practice::{MANAGEMENT, PRODUCTION, STAGING};
use eksso_simulator::{Cluster, Mapping, MappingKind, Policy, World};
use serde_json::{Value, json};

use crate::audit::seeds::expected;
use crate::support::Desk;

const RUNNER: &str = "token.actions.githubusercontent.com";

/// Judges a world with a file; answers exit code, rules found, and what was not checked.
fn audit(world: World, file: &str) -> (u8, BTreeSet<String>, Vec<String>) {
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", file);
    let outcome = desk.run(&["audit", "-o", "json", "--file", path.to_str().expect("a path")]);
    assert!([0, 4, 6].contains(&outcome.code), "{}: {}", outcome.code, outcome.err);
    let rows = outcome.json();
    let (mut found, mut unchecked) = (BTreeSet::new(), Vec::new());
    for row in rows.as_array().expect("an array") {
        let rule = row["rule"].as_str().expect("a rule").to_owned();
        match row["state"].as_str() {
            Some("finding") => _ = found.insert(rule),
            _ if rule == "creator-hidden" => {}
            _ => unchecked.push(format!("{rule}: {} {}", row["resource"], row["fact"])),
        }
    }
    (outcome.code, found, unchecked)
}

fn payments(world: &mut World) -> &mut Cluster {
    world.clusters.iter_mut().find(|cluster| cluster.name == "payments").expect("the cluster")
}

fn mapping<'w>(world: &'w mut World, set: &str) -> &'w mut Mapping {
    payments(world).mappings.iter_mut().find(|mapping| mapping.role == set).expect("a mapping")
}

fn role<'w>(world: &'w mut World, name: &str) -> &'w mut IamRole {
    world.access.roles.iter_mut().find(|role| role.account == PRODUCTION && role.name == name).expect("a role")
}

fn policy(name: &str, namespaces: &[&str]) -> Policy {
    Policy {
        name: format!("AmazonEKS{name}Policy"),
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The pipeline's role trusts something else.
fn trust(world: &mut World, statements: &Value) {
    role(world, "ci-deploy").trust = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
}

fn saml(condition: &Value) -> Value {
    let provider = format!("arn:aws:iam::{PRODUCTION}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE");
    json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML", "Condition": condition})
}

fn audience() -> Value {
    json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})
}

fn aws(principal: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
}

fn service(name: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"})
}

/// Developers may something more, and no service control policy forbids it.
fn allow(world: &mut World, statement: &Value) {
    world.access.organization.policies.clear();
    let set = world.access.sets.iter_mut().find(|set| set.name == "EKSDeveloper").expect("a set");
    let mut document: Value = serde_json::from_str(set.inline.as_deref().expect("a policy")).expect("JSON");
    document["Statement"].as_array_mut().expect("statements").push(statement.clone());
    set.inline = Some(document.to_string());
}

/// Developers are in a group that has a role of these rules, in the whole cluster or in `payments`.
fn bind(world: &mut World, namespace: &str, rules: Value) {
    let mut role = KubeRole::cluster("seeded", rules);
    let mut binding = KubeBinding::cluster("seeded", "seeded", "developers");
    if !namespace.is_empty() {
        role.namespace = namespace.into();
        binding.namespace = namespace.into();
        binding.role.0 = "Role".into();
    }
    mapping(world, "EKSDeveloper").groups.push("developers".into());
    payments(world).rbac.roles.push(role);
    payments(world).rbac.bindings.push(binding);
}

/// The cluster takes aws-auth, too: one line lets people of another role in. Answers the line.
fn with_lines(world: &mut World) -> String {
    let role = IamRole::new(
        PRODUCTION,
        "/",
        "okta-legacy",
        &json!({"Version": "2012-10-17", "Statement": [saml(&audience())]}),
    );
    world.access.roles.push(role);
    let cluster = payments(world);
    cluster.mode = "API_AND_CONFIG_MAP".into();
    cluster.rbac.bindings.push(KubeBinding::in_namespace("payments", "legacy", "view", "legacy"));
    let line = format!(
        "- rolearn: arn:aws:iam::{PRODUCTION}:role/okta-legacy\n  username: legacy:{{{{SessionName}}}}\n  groups: [legacy]\n"
    );
    lines(world, &line);
    line
}

fn lines(world: &mut World, roles: &str) {
    payments(world).eks.aws_auth = Some([roles.to_owned(), String::new(), String::new()]);
}

/// Only the auditor is let in, by a line.
fn config_map_only(world: &mut World) {
    let cluster = payments(world);
    cluster.mode = "CONFIG_MAP".into();
    cluster.mappings.retain(|mapping| mapping.role == "SecurityAudit");
    cluster.mappings[0].kind = MappingKind::AwsAuth;
    cluster.eks.entries.clear();
    cluster.rbac.bindings.retain(|binding| binding.name != "platform-view");
}

type Seed = (&'static str, fn(&mut World));

const TRUST: &[Seed] = &[
    ("trust-anyone", |world| trust(world, &json!([aws("*")]))),
    ("trust-anyone", |world| {
        let mut statement = aws("*");
        let names = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_*";
        statement["Condition"] = json!({"ArnLike": {"aws:PrincipalArn": names}});
        trust(world, &json!([statement]));
    }),
    ("trust-account", |world| trust(world, &json!([aws(&format!("arn:aws:iam::{PRODUCTION}:root"))]))),
    ("trust-other-account", |world| trust(world, &json!([aws("arn:aws:iam::444444444444:root")]))),
    ("trust-saml-no-aud", |world| trust(world, &json!([saml(&json!({"StringLike": {"SAML:sub": "jane"}}))]))),
    ("trust-saml-odd-aud", |world| {
        trust(world, &json!([saml(&json!({"StringLike": {"SAML:aud": "https://*/saml"}}))]))
    }),
    ("trust-saml-provider", |world| {
        let mut statement = saml(&audience());
        statement["Principal"]["Federated"] = json!(format!("arn:aws:iam::{PRODUCTION}:saml-provider/Gone"));
        trust(world, &json!([statement]));
    }),
    ("trust-mixed", |world| trust(world, &json!([saml(&audience()), service("ec2.amazonaws.com")]))),
    ("trust-dangling", |world| trust(world, &json!([saml(&audience()), aws("AROAEXAMPLEEXAMPLE123")]))),
    ("trust-oidc-open", |world| {
        let condition = json!({"StringEquals": {format!("{RUNNER}:aud"): "sts.amazonaws.com"}, "StringLike": {format!("{RUNNER}:sub"): "repo:example/*"}});
        let provider = json!({"Federated": format!("arn:aws:iam::{PRODUCTION}:oidc-provider/{RUNNER}")});
        role(world, "ci-deploy").trust =
            trusting(&provider, "sts:AssumeRoleWithWebIdentity", Some(condition)).to_string();
    }),
    ("trust-access-manager", |world| {
        trust(world, &json!([saml(&audience()), service("account-access.amazonaws.com")]))
    }),
    ("principal-not-federated", |world| trust(world, &json!([service("ec2.amazonaws.com")]))),
];

const ENTRIES: &[Seed] = &[
    ("user-mapped", |world| {
        let user = IamUser {
            account: PRODUCTION.into(),
            name: "jane".into(),
            inline: vec![],
            attached: vec![],
            groups: vec![],
        };
        world.access.users.push(user);
        let entry = RawEntry {
            policies: vec![policy("View", &["payments"])],
            ..RawEntry::new(&format!("arn:aws:iam::{PRODUCTION}:user/jane"))
        };
        payments(world).eks.entries.push(entry);
    }),
    ("account-mapped", |world| {
        let entry = RawEntry {
            policies: vec![policy("View", &["payments"])],
            ..RawEntry::new(&format!("arn:aws:iam::{PRODUCTION}:root"))
        };
        payments(world).eks.entries.push(entry);
    }),
    ("entry-dead-set", |world| mapping(world, "EKSViewer").kind = MappingKind::OldEntry),
    ("entry-dead-recreated", |world| mapping(world, "EKSViewer").kind = MappingKind::StaleEntry),
    ("entry-dead-principal", |world| {
        let entry = RawEntry {
            policies: vec![policy("View", &["payments"])],
            ..RawEntry::new(&format!("arn:aws:iam::{PRODUCTION}:role/gone"))
        };
        payments(world).eks.entries.push(entry);
    }),
    ("aws-auth-path", |world| {
        let line = with_lines(world);
        lines(world, &line.replace("role/okta", "role/eks/okta"));
    }),
    ("aws-auth-ignored", |world| {
        with_lines(world);
        payments(world).mode = "API".into();
        payments(world).rbac.bindings.retain(|binding| binding.name != "legacy");
    }),
    ("aws-auth-broken", |world| {
        with_lines(world);
        payments(world).eks.aws_auth.as_mut().expect("lines")[1] = "userarn: x".into();
    }),
    ("mapped-twice", |world| {
        with_lines(world);
        let entry = RawEntry {
            policies: vec![policy("View", &["payments"])],
            ..RawEntry::new(&format!("arn:aws:iam::{PRODUCTION}:role/okta-legacy"))
        };
        payments(world).eks.entries.push(entry);
        payments(world).rbac.bindings.retain(|binding| binding.name != "legacy");
    }),
    ("aws-auth-duplicate", |world| {
        let line = with_lines(world);
        lines(world, &format!("{line}{line}"));
    }),
    ("config-map-only", config_map_only),
    ("config-map-leftover", |world| payments(world).mode = "API_AND_CONFIG_MAP".into()),
    ("creator-admin", |world| payments(world).eks.created = 1_780_000_000),
    ("creator-hidden", config_map_only),
    ("masters", |world| {
        let line = with_lines(world);
        lines(world, &line.replace("[legacy]", "[legacy, \"system:masters\"]"));
    }),
    ("masters", |world| {
        let people = with_lines(world);
        let nodes = json!({"Version": "2012-10-17", "Statement": [service("ec2.amazonaws.com")]});
        world.access.roles.push(IamRole::new(PRODUCTION, "/", "own-nodes", &nodes));
        let line = format!(
            "- rolearn: arn:aws:iam::{PRODUCTION}:role/own-nodes\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [\"system:nodes\", \"system:masters\"]\n"
        );
        lines(world, &(people + &line));
    }),
    ("system-group", |world| {
        let line = with_lines(world);
        lines(world, &line.replace("[legacy]", "[legacy, \"system:node-proxier\"]"));
    }),
    ("username-claims", |world| {
        let line = with_lines(world);
        lines(world, &line.replace("username: legacy", "username: system:legacy"));
    }),
    ("username-shared", |world| mapping(world, "EKSViewer").username = "viewers".into()),
    ("entry-empty", |world| mapping(world, "EKSViewer").policies.clear()),
    ("node-role-human", |world| {
        let cluster = payments(world);
        let node = cluster.eks.nodegroups[0].1.rsplit('/').next().expect("a name").to_owned();
        let both = json!({"Version": "2012-10-17", "Statement": [service("ec2.amazonaws.com"), saml(&audience())]});
        world.access.roles.push(IamRole::new(PRODUCTION, "/", &node, &both));
    }),
    ("cross-account-entry", |world| {
        let entry = RawEntry {
            policies: vec![policy("View", &["payments"])],
            ..RawEntry::new(&format!("arn:aws:iam::{STAGING}:role/eks/ci-deploy"))
        };
        payments(world).eks.entries.push(entry);
    }),
];

const RIGHTS: &[Seed] = &[
    ("admin-too-many", |world| mapping(world, "EKSDeveloper").policies = vec![policy("ClusterAdmin", &[])]),
    ("edit-cluster-wide", |world| mapping(world, "EKSDeveloper").policies = vec![policy("Edit", &[])]),
    ("secrets-to-viewers", |world| mapping(world, "EKSViewer").policies = vec![policy("AdminView", &[])]),
    ("scope-reaches-system", |world| {
        mapping(world, "EKSDeveloper").policies = vec![policy("Edit", &["payments", "kube-*"])]
    }),
    ("scope-missing-namespace", |world| {
        mapping(world, "EKSDeveloper").policies = vec![policy("Edit", &["payments", "paymnets"])]
    }),
    ("admin-policy-cannot-bind", |world| {
        mapping(world, "EKSDeveloper").policies = vec![policy("Admin", &["payments"])]
    }),
    ("group-unbound", |world| mapping(world, "EKSDeveloper").groups.push("nobody-bound-me".into())),
    ("binding-nobody", |world| {
        payments(world).rbac.bindings.push(KubeBinding::in_namespace("payments", "old", "view", "old-team"))
    }),
    ("binding-no-role", |world| {
        payments(world).rbac.bindings.push(KubeBinding::in_namespace("payments", "gone", "gone", "platform"))
    }),
    ("cluster-admin-bound", |world| {
        mapping(world, "EKSDeveloper").groups.push("developers".into());
        payments(world).rbac.bindings.push(KubeBinding::cluster("developers", "cluster-admin", "developers"));
    }),
    ("cluster-admin-bound", |world| {
        mapping(world, "EKSDeveloper").groups.push("developers".into());
        payments(world).rbac.bindings.push(KubeBinding::cluster("eks:debug", "cluster-admin", "developers"));
    }),
    ("anonymous-bound", |world| {
        payments(world).rbac.bindings.push(KubeBinding::cluster("open", "view", "system:unauthenticated"))
    }),
    ("everybody-bound", |world| {
        payments(world).rbac.bindings.push(KubeBinding::cluster("open", "view", "system:authenticated"))
    }),
    ("rbac-escalation", |world| {
        bind(
            world,
            "",
            json!([{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["escalate"]}]),
        )
    }),
    ("rbac-wildcard", |world| {
        bind(world, "payments", json!([{"apiGroups": ["queues.example.com"], "resources": ["queues"], "verbs": ["*"]}]))
    }),
    ("rbac-node-proxy", |world| {
        bind(world, "", json!([{"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}]))
    }),
    ("rbac-webhooks", |world| {
        bind(
            world,
            "",
            json!([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingwebhookconfigurations"], "verbs": ["create"]}]),
        );
    }),
    ("rbac-token-create", |world| {
        bind(
            world,
            "payments",
            json!([{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}]),
        )
    }),
    ("rbac-pv-create", |world| {
        bind(world, "", json!([{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]}]))
    }),
    ("rbac-csr-approve", |world| {
        bind(world, "", json!([{"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "verbs": ["approve"]}]))
    }),
    ("aws-auth-writers", |world| {
        with_lines(world);
        let rules = json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["aws-auth"], "verbs": ["patch"]}]);
        let role = KubeRole { namespace: "kube-system".into(), ..KubeRole::cluster("maps", rules) };
        let mut binding = KubeBinding::in_namespace("kube-system", "maps", "maps", "legacy");
        binding.role.0 = "Role".into();
        payments(world).rbac.roles.push(role);
        payments(world).rbac.bindings.push(binding);
    }),
    ("unknown-policy", |world| mapping(world, "EKSViewer").policies = vec![policy("Newest", &[])]),
    ("policy-name-collides", |world| mapping(world, "EKSDeveloper").policies = vec![policy("View", &[])]),
];

const IAM: &[Seed] = &[
    ("policy-eks-star", |world| {
        allow(world, &json!({"Effect": "Allow", "Action": "eks:CreateCluster", "Resource": "*"}));
    }),
    ("policy-self-grant", |world| {
        let own = format!("arn:aws:eks:eu-west-1:{PRODUCTION}:access-entry/payments/*");
        allow(world, &json!({"Effect": "Allow", "Action": "eks:AssociateAccessPolicy", "Resource": own}));
    }),
    ("policy-grant-beyond", |world| {
        let other = format!("arn:aws:eks:eu-west-1:{PRODUCTION}:access-entry/another*/*");
        allow(
            world,
            &json!({"Effect": "Allow", "Action": ["eks:AssociateAccessPolicy", "eks:CreateAccessEntry"], "Resource": [other, format!("arn:aws:eks:eu-west-1:{PRODUCTION}:cluster/e*")]}),
        );
    }),
    ("policy-side-door", |world| {
        allow(world, &json!({"Effect": "Allow", "Action": "eks:AssociateIdentityProviderConfig", "Resource": "*"}))
    }),
    ("policy-passrole-star", |world| {
        allow(world, &json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}))
    }),
    ("policy-iam-escalation", |world| {
        let own = format!("arn:aws:iam::{PRODUCTION}:role/eks/ci-deploy");
        allow(world, &json!({"Effect": "Allow", "Action": "iam:UpdateAssumeRolePolicy", "Resource": own}));
    }),
    ("assign-too-many", |world| {
        let mut role = IamRole::new(
            MANAGEMENT,
            "/",
            "onboarding",
            &json!({"Version": "2012-10-17", "Statement": [service("lambda.amazonaws.com")]}),
        );
        let statement = json!({"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": "*"});
        role.inline.push(("assign".into(), json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()));
        world.access.roles.push(role);
    }),
    ("assign-too-many", |world| {
        world.access.organization.delegated.push(STAGING.into());
        let mut role = IamRole::new(
            STAGING,
            "/",
            "onboarding",
            &json!({"Version": "2012-10-17", "Statement": [service("lambda.amazonaws.com")]}),
        );
        let statement = json!({"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": "*"});
        role.inline.push(("assign".into(), json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()));
        world.access.roles.push(role);
    }),
    ("policy-assume-star", |world| {
        allow(world, &json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}))
    }),
    ("policy-mfa-federated", |world| {
        allow(
            world,
            &json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
        );
    }),
    ("set-not-provisioned", |world| world.access.unprovisioned.push((PRODUCTION.into(), "EKSViewer".into()))),
];

const PEOPLE: &[Seed] = &[
    ("session-long", |world| {
        world.access.sets.iter_mut().find(|set| set.name == "EKSClusterAdmin").expect("a set").session =
            Some("PT8H".into());
    }),
    ("set-unassigned", |world| {
        // The role stays: the set is provisioned without an assignment.
        world
            .access
            .assignments
            .as_mut()
            .expect("assignments")
            .retain(|one| (one.account.as_str(), one.set.as_str()) != (PRODUCTION, "EKSViewer"));
        world
            .accounts
            .iter_mut()
            .find(|account| account.id == PRODUCTION)
            .expect("an account")
            .roles
            .push("EKSViewer".into());
    }),
    ("assigned-to-user", |world| assign(world, Who::User(directory_id("carol@example.com")))),
    ("assignee-gone", |world| assign(world, Who::Group(directory_id("a group that was deleted")))),
];

fn assign(world: &mut World, who: Who) {
    let assignment = Assignment { account: PRODUCTION.into(), set: "EKSViewer".into(), who };
    world.access.assignments.as_mut().expect("assignments").push(assignment);
}

const CLUSTER: &[Seed] = &[
    ("endpoint-open", |world| payments(world).eks.cidrs = Some(vec!["0.0.0.0/0".into()])),
    ("no-audit-log", |world| payments(world).eks.logs.retain(|log| log != "audit")),
    ("no-authenticator-log", |world| payments(world).eks.logs.retain(|log| log != "authenticator")),
    ("oidc-provider", |world| {
        let prefix = || Some("okta:".to_owned());
        let provider = IdentityProvider {
            name: "okta".into(),
            issuer: "https://corp.okta.com".into(),
            username_prefix: prefix(),
            groups_prefix: prefix(),
        };
        payments(world).eks.identity_providers.push(provider);
    }),
    ("argocd-admins", |world| {
        let argo = vec![
            ("ADMIN".to_owned(), Who::Group(directory_id("EKS Developers"))),
            ("ADMIN".to_owned(), Who::Group(directory_id("EKS Admins"))),
        ];
        let role = format!("arn:aws:iam::{PRODUCTION}:role/eks/payments/argo");
        payments(world).eks.capabilities.push(Capability { name: "argo".into(), kind: "ARGOCD".into(), role, argo });
    }),
    ("workload-admin", |world| {
        let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        role(world, "autoscaler").inline = vec![("all".into(), all.to_string())];
    }),
];

/// Not made from end to end: 2,701 entries take minutes, and the facts of it are judged in `audit::rules`.
const ELSEWHERE: [&str; 2] = ["entry-limit", "suppression-expired"];

/// How many worlds are read at once: most of the time a reading waits, as it is polite to Identity Center.
const AT_ONCE: usize = 8;

fn each(seeds: &[Seed]) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while let Some((rule, seed)) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let said = one(rule, *seed);
                    wrong.lock().expect("no panic").extend(said);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with what is said of a mistake.
fn one(rule: &str, seed: fn(&mut World)) -> Option<String> {
    let mut world = World::practice();
    seed(&mut world);
    let (code, found, unchecked) = audit(world, World::practice_file());
    let wanted: BTreeSet<String> = expected(rule).into_iter().map(str::to_owned).collect();
    let is_info = |rule: &String| rules().any(|known| known.id == rule && known.severity.word() == "info");
    let counts = !wanted.iter().all(is_info);
    let right = found == wanted && unchecked.is_empty() && (code == 4) == counts;
    (!right).then(|| format!("{rule}: exit code {code}, found {found:?}, not checked {unchecked:?}"))
}

#[test]
fn the_world_as_it_should_be_is_clean_and_all_of_it_was_checked() {
    assert_eq!(audit(World::practice(), World::practice_file()), (0, BTreeSet::new(), vec![]));
}

#[test]
fn each_mistake_of_trust_is_its_finding_and_no_other() {
    each(TRUST);
}

#[test]
fn each_mistake_of_entries_is_its_finding_and_no_other() {
    each(ENTRIES);
}

#[test]
fn each_mistake_of_rights_is_its_finding_and_no_other() {
    each(RIGHTS);
}

#[test]
fn each_mistake_of_iam_is_its_finding_and_no_other() {
    each(IAM);
}

#[test]
fn each_mistake_of_people_and_clusters_is_its_finding_and_no_other() {
    each(PEOPLE);
    each(CLUSTER);
}

#[test]
fn every_rule_is_made_from_end_to_end_or_elsewhere() {
    let made =
        [TRUST, ENTRIES, RIGHTS, IAM, PEOPLE, CLUSTER].into_iter().flatten().map(|(rule, _)| *rule).chain(ELSEWHERE);
    assert_eq!(made.collect::<BTreeSet<_>>(), rules().map(|rule| rule.id).collect());
}

#[test]
fn a_suppression_that_expired_is_a_finding_from_end_to_end() {
    let file = format!(
        "{}\n[[suppress]]\nrule = \"masters\"\nresource = \"*\"\nreason = \"ticket 1\"\nexpires = \"2020-01-31\"\n",
        World::practice_file()
    );
    let (code, found, _) = audit(World::practice(), &file);
    assert_eq!((code, found), (4, BTreeSet::from(["suppression-expired".to_owned()])));
}

#[test]
fn what_a_role_may_not_read_is_listed_and_the_exit_code_says_so() {
    let mut world = World::practice();
    world.access.denied.push(("SecurityAudit".into(), "eks:DescribeAccessEntry".into()));
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", World::practice_file());
    let outcome = desk
        .run(&["audit", "--file", path.to_str().expect("a path")])
        .fails(6, &["not checked", "account-mapped", "more rules", "No finding"]);
    assert!(outcome.out.is_empty(), "{}", outcome.out);
    // Programs are told each rule.
    let rows = desk.run(&["audit", "--file", path.to_str().expect("a path"), "-o", "json"]).fails(6, &["not checked"]);
    assert!(rows.out.contains("\"username-shared\""), "{}", rows.out);
    // A threshold hides nothing that was not checked, and a rule that needs no entries is judged.
    desk.run(&["audit", "--file", path.to_str().expect("a path"), "--min-severity", "critical"])
        .fails(6, &["not checked"]);
    desk.run(&["audit", "--file", path.to_str().expect("a path"), "--rule", "no-audit-log"]).ok();
}

#[test]
fn the_threshold_decides_the_exit_code() {
    let mut world = World::practice();
    payments(&mut world).eks.logs.retain(|log| log != "authenticator");
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", World::practice_file());
    let args = ["audit", "--file", path.to_str().expect("a path")];
    let outcome = desk.run(&args).fails(4, &["1 finding: 1 medium"]);
    assert!(
        outcome.out.contains("no-authenticator-log") && outcome.out.contains("aws eks update-cluster-config"),
        "{}",
        outcome.out
    );
    desk.run(&[&args[..], &["--min-severity", "high"]].concat()).ok();
    let page = desk.path("findings.html");
    desk.run(&[&args[..], &["--html", page.to_str().expect("a path")]].concat()).fails(4, &["Wrote"]);
    let html = std::fs::read_to_string(&page).expect("the page");
    assert!(html.contains("no-authenticator-log") && html.contains("EKSDeveloper"), "findings, and who is let in");
    let sarif = desk.run(&[&args[..], &["-o", "sarif"]].concat());
    assert_eq!((sarif.code, &sarif.json()["runs"][0]["results"][0]["ruleId"]), (4, &json!("no-authenticator-log")));
}

#[test]
fn the_file_that_was_judged_by_is_named_and_its_clusters_are_not_taken_for_others_of_their_names() {
    let desk = Desk::signed_in_to(World::practice());
    let audit = |file: &str| {
        let path = desk.write("live.toml", file).display().to_string();
        (desk.run(&["audit", "--file", &path]), path)
    };
    let (clean, path) = audit(World::practice_file());
    assert!(clean.ok().err.contains(&format!("Judged by {path}: 2 clusters, ")));
    let moved = World::practice_file().replacen("222222222222", "444455556666", 1);
    let (other, _) = audit(&moved);
    let words = format!(
        "`payments` of {path}, line 1, is the one in account 444455556666, eu-west-1; that in account 222222222222, \
         eu-west-1 is another cluster, of which the file says nothing\n"
    );
    let other = other.fails(4, &[&words]);
    let fact = "live.toml names it in no tier for this cluster; its `payments` is in account 444455556666, eu-west-1";
    let flat = other.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(fact), "{}", other.out);
    assert!(!other.err.contains("`staging` of"), "{}", other.err);
    let said = format!("{flat} {}", other.err);
    assert!(!said.contains("access.toml"), "no other file is named: {said}");
    let page = desk.path("page.html");
    desk.run(&["audit", "--file", &path, "--html", &page.display().to_string()]).fails(4, &["Wrote"]);
    let html = std::fs::read_to_string(&page).expect("the page");
    assert!(html.contains("judged by live.toml") && html.contains("is the one in account 444455556666"), "{html}");
    let names = ["payments", "staging"];
    let none = names.iter().fold(moved, |file, name| {
        file.replacen(
            &format!("[clusters.{name}]\n"),
            &format!("[clusters.{name}]\ncluster = \"{name}-of-others\"\n"),
            1,
        )
    });
    let (none, _) = audit(&none);
    none.fails(4, &[&format!("none of the clusters of {path} was read")]);
}

#[test]
fn a_fix_names_the_context_that_its_cluster_has_here() {
    let mut world = World::practice();
    RIGHTS.iter().find(|(rule, _)| *rule == "binding-nobody").expect("a seed").1(&mut world);
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", World::practice_file()).display().to_string();
    let fixes = |more: &[&str]| {
        let args = ["audit", "--rule", "binding-nobody", "--file", &path];
        desk.run(&[&args, more].concat()).fails(4, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(fixes(&[]).contains("--context CONTEXT-OF-payments "), "{}", fixes(&[]));
    desk.run(&["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    let names = desk.run(&["use", "-o", "name"]).ok().out;
    let own = names.lines().find(|name| name.contains("/payments:")).expect("a context");
    assert!(fixes(&[]).contains(&format!("kubectl --context {own} ")), "{}: {own}", fixes(&[]));
    assert!(fixes(&["-o", "json"]).contains("--context CONTEXT-OF-payments "), "what others read names none of ours");
}
