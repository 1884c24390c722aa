//! Facts made by hand, as a reading would give them.

use std::collections::{BTreeMap, BTreeSet};

use eksso::domain::access::answers::Rule;
use eksso::domain::access::aws_auth::AwsAuth;
use eksso::domain::access::facts::{
    AccessEntry, Account, Assignee, Assignments, Binding, Cluster, ClusterSettings, Directory, EntryDetails, Fact,
    Facts, Group, IamRole, Objects, PermissionSet, RbacRole, RbacSubject, Source, User,
};
use eksso::domain::access::{AuthMode, Policy};
use jiff::Timestamp;

pub const ACCOUNT: &str = "111122223333";
/// SAML trust of Identity Center.
pub const SSO_TRUST: &str = r#"{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}"#;

pub fn seen<T>(value: T) -> Fact<T> {
    Fact::seen(value, Source { call: "x:Read".into(), by: "111122223333/Audit".into(), at: day(20) })
}

pub fn hidden<T>() -> Fact<T> {
    let source = Source { call: "x:Read".into(), by: "111122223333/Audit".into(), at: day(20) };
    Fact::hidden("access denied", source)
}

/// A day of November 2026.
pub fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    start + jiff::SignedDuration::from_hours(24 * (number - 1))
}

pub fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// A cluster of which all could be read, with nothing in it.
pub fn cluster(name: &str, mode: AuthMode) -> Cluster {
    let settings = ClusterSettings { status: "ACTIVE".into(), mode: Some(mode), ..ClusterSettings::default() };
    Cluster {
        account: ACCOUNT.parse().expect("an account"),
        region: "eu-west-1".parse().expect("a region"),
        name: name.parse().expect("a name"),
        settings: seen(settings),
        entries: seen(Vec::new()),
        aws_auth: seen(AwsAuth::default()),
        identity_providers: seen(Vec::new()),
        capabilities: seen(Vec::new()),
        pod_identities: seen(Vec::new()),
        machine_roles: seen(BTreeSet::new()),
        roles: Objects { cluster: seen(Vec::new()), namespaced: seen(Vec::new()) },
        bindings: Objects { cluster: seen(Vec::new()), namespaced: seen(Vec::new()) },
        namespaces: seen(Vec::new()),
        service_accounts: seen(Vec::new()),
    }
}

pub fn role_arn(path_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{path_and_name}")
}

/// The ARN of a permission set's role in IAM.
pub fn sso_arn(set: &str, suffix: &str) -> String {
    role_arn(&format!("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{set}_{suffix}"))
}

/// An entry made on the 10th.
pub fn entry(principal: &str, user: &str, groups: &[&str], policies: &[(&str, &[&str])]) -> AccessEntry {
    let details = EntryDetails {
        kind: "STANDARD".into(),
        user: user.into(),
        groups: words(groups),
        created: Some(day(10)),
        modified: Some(day(10)),
        ..EntryDetails::default()
    };
    let policy = |(name, namespaces): &(&str, &[&str])| Policy {
        name: format!("AmazonEKS{name}Policy"),
        namespaces: words(namespaces),
    };
    AccessEntry {
        principal: principal.into(),
        details: seen(details),
        policies: seen(policies.iter().map(policy).collect()),
    }
}

/// `VERBS GROUPS RESOURCES [NAMES]`, each with commas; `-` for the core group.
pub fn rule(text: &str) -> Rule {
    let mut parts = text.split(' ').map(|part| part.split(',').map(|word| word.trim_matches('-').to_owned()).collect());
    let mut next = || parts.next().unwrap_or_default();
    Rule { verbs: next(), api_groups: next(), resources: next(), resource_names: next(), ..Rule::default() }
}

pub fn cluster_role(name: &str, rules: &[&str]) -> RbacRole {
    RbacRole { name: name.into(), rules: rules.iter().map(|text| rule(text)).collect(), ..RbacRole::default() }
}

/// A binding to a ClusterRole of subjects such as `Group:team`; in a namespace, if that is not empty.
pub fn binding(namespace: &str, name: &str, role: &str, subjects: &[&str]) -> Binding {
    let subject = |text: &&str| {
        let (kind, name) = text.split_once(':').expect("KIND:NAME");
        RbacSubject { kind: kind.into(), name: name.into(), ..RbacSubject::default() }
    };
    Binding {
        namespace: namespace.into(),
        name: name.into(),
        role_kind: "ClusterRole".into(),
        role: role.into(),
        subjects: subjects.iter().map(subject).collect(),
        ..Binding::default()
    }
}

/// A role made on a day, with a trust policy.
pub fn iam_role(arn: &str, made: i64, trust: &str) -> IamRole {
    IamRole { arn: arn.into(), created: Some(day(made)), trust: trust.into(), ..IamRole::default() }
}

/// The facts of clusters in one account with these roles, all of which could be read.
pub fn facts(clusters: Vec<Cluster>, roles: Vec<IamRole>) -> Facts {
    let account = Account {
        roles: seen(roles),
        users: seen(Vec::new()),
        groups: seen(Vec::new()),
        policies: seen(BTreeMap::new()),
        entitlements: seen(Vec::new()),
        ..Account::default()
    };
    Facts { clusters, accounts: BTreeMap::from([(ACCOUNT.parse().expect("an account"), account)]), ..Facts::default() }
}

/// A directory in which Jane and Joe, who may not sign in, are developers, and Ann is assigned the set `Ops` by herself, as is somebody who is gone.
pub fn directory() -> Directory {
    let user = |id: &str, name: &str, enabled: bool| User {
        id: id.into(),
        name: name.into(),
        display_name: name.into(),
        emails: vec![name.to_owned()],
        enabled: Some(enabled),
    };
    let assigned = |set: &str, assignees: &[Assignee]| Assignments {
        account: ACCOUNT.parse().expect("an account"),
        set: format!("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-{set}"),
        set_name: set.into(),
        assignees: seen(assignees.to_vec()),
    };
    let set = |name: &str, session: Option<u32>| PermissionSet {
        arn: format!("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-{name}"),
        name: name.into(),
        session,
        ..PermissionSet::default()
    };
    let (user_id, group_id) = (|id: &str| Assignee::User(id.into()), |id: &str| Assignee::Group(id.into()));
    Directory {
        instance: "arn:aws:sso:::instance/ssoins-0123456789abcdef".into(),
        store: "d-1234567890".into(),
        region: "eu-west-1".into(),
        owner: ACCOUNT.into(),
        sets: seen(vec![set("Dev", Some(4 * 3600)), set("Ops", None)]),
        assignments: vec![
            assigned("Dev", &[group_id("g-dev")]),
            assigned("Ops", &[user_id("u-ann"), user_id("u-gone")]),
        ],
        groups: seen(vec![Group {
            id: "g-dev".into(),
            name: "Developers".into(),
            members: seen(words(&["u-jane", "u-joe"])),
        }]),
        users: seen(vec![
            user("u-jane", "jane@example.com", true),
            user("u-joe", "joe@example.com", false),
            user("u-ann", "ann@example.com", true),
        ]),
    }
}
