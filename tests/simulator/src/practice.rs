//! A world as it should be: who may do what follows access.md 5.3, and an audit finds nothing. Tests seed one mistake each.

use serde_json::{Value, json};

use crate::access::{
    Access, Assignment, ControlPolicy, DirectoryGroup, DirectoryUser, EksSettings, IamRole, KubeBinding, KubeRole,
    Organization, PermissionSet, PodIdentity, ROOT, RawEntry, Rbac, Who, directory_id, managed, trusting,
};
use crate::world::{Account, Cluster, Mapping, MappingKind, NODE_ROLE, Policy, World};

/// The management account.
pub const MANAGEMENT: &str = "111111111111";
/// The account of the cluster `payments`.
pub const PRODUCTION: &str = "222222222222";
/// The account of the cluster `staging`.
pub const STAGING: &str = "333333333333";
const REGION: &str = "eu-west-1";
const RUNNER: &str = "token.actions.githubusercontent.com";

impl World {
    /// Two clusters in two accounts, `payments` and `staging`, beside a management account; tiers cluster-admin, developer,
    /// viewer, ci, break-glass and access-admin; the person who signs in audits, as `SecurityAudit`, and is let in to read RBAC.
    pub fn practice() -> Self {
        let account = |id: &str, name: &str| Account::new(id, name, &["SecurityAudit"]);
        Self {
            user: "jane@example.com".into(),
            accounts: vec![
                account(MANAGEMENT, "Management"),
                account(PRODUCTION, "Production"),
                account(STAGING, "Staging"),
            ],
            clusters: vec![
                cluster(PRODUCTION, "payments", &["payments", "payments-web"]),
                cluster(STAGING, "staging", &["payments"]),
            ],
            assumable: vec![],
            access: access(),
            ..Self::small()
        }
    }

    /// The same before the practice was applied: clusters, accounts and people are there, and so are the roles of pods and of the pipeline; only
    /// the person who signs in is assigned something, to read. Its clusters decide who may do what.
    pub fn before_practice() -> Self {
        let mut world = Self::practice();
        let access = &mut world.access;
        access.sets.retain(|set| set.name == "SecurityAudit");
        if let Some(assignments) = &mut access.assignments {
            assignments.retain(|one| one.set == "SecurityAudit" && one.account == MANAGEMENT);
        }
        access.organization.policies.clear();
        for role in access.roles.iter_mut().filter(|role| role.name == "ci-deploy") {
            role.inline.clear();
        }
        for cluster in &mut world.clusters {
            cluster.decides = true;
            cluster.mappings.clear();
            cluster.readers.clear();
            cluster.eks.entries.retain(|entry| entry.principal.contains("/aws-service-role/"));
            let bare = Rbac::default();
            (cluster.rbac.roles, cluster.rbac.bindings) = (bare.roles, bare.bindings);
        }
        let user = world.user.clone();
        world.signs_in(&user);
        world
    }

    /// The access.toml that belongs to it.
    pub fn practice_file() -> &'static str {
        PRACTICE_FILE
    }
}

const PRACTICE_FILE: &str = r#"[clusters.payments]
account = "222222222222"
region = "eu-west-1"
mode = "API"

[clusters.staging]
account = "333333333333"
region = "eu-west-1"
mode = "API"

[tiers.cluster-admin]
roles = ["EKSClusterAdmin"]
people = ["EKS Admins"]
session = "1h"
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "cluster-admin"

[tiers.developer]
roles = ["EKSDeveloper"]
people = ["EKS Developers"]
session = "8h"
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments"]
iam = "developer"

[tiers.viewer]
roles = ["EKSViewer"]
people = ["EKS Viewers"]
session = "8h"
clusters = ["payments", "staging"]
access = "View"
iam = "viewer"

[tiers.auditor]
roles = ["SecurityAudit"]
people = ["Security"]
session = "1h"
clusters = ["payments", "staging"]
kubernetes_groups = ["eksso-auditors"]

[tiers.ci]
roles = ["ci-deploy"]
session = "1h"
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments"]
iam = "ci"

[tiers.break-glass]
roles = ["EKSBreakGlass"]
people = ["EKS Break Glass"]
session = "1h"
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "cluster-admin"

[tiers.access-admin]
roles = ["EKSAccessAdmin"]
people = ["EKS Access Admins"]
session = "1h"
clusters = ["payments", "staging"]
iam = "access-admin"
"#;

fn policy(name: &str, namespaces: &[&str]) -> Policy {
    Policy { name: name.into(), namespaces: namespaces.iter().map(|text| (*text).into()).collect() }
}

fn cluster(account: &str, name: &str, namespaces: &[&str]) -> Cluster {
    let entry = |set: &str, groups: &[&str], policies: Vec<Policy>| Mapping {
        username: format!("{}:{{{{SessionName}}}}", set.to_lowercase()),
        groups: groups.iter().map(|text| (*text).into()).collect(),
        policies,
        ..Mapping::new(set, MappingKind::Entry)
    };
    let role = |name: &str| format!("arn:aws:iam::{account}:role/{name}");
    let ci = RawEntry {
        policies: vec![policy("AmazonEKSEditPolicy", &["payments"])],
        ..RawEntry::new(&role("eks/ci-deploy"))
    };
    let service = RawEntry {
        username: String::new(),
        ..RawEntry::new(&role("aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"))
    };
    let mut rbac = Rbac::default();
    rbac.namespaces.extend(namespaces.iter().map(|text| (*text).to_owned()));
    rbac.service_accounts.push((
        "kube-system".into(),
        "lb-controller".into(),
        Some(role(&format!("eks/{name}/lb-controller"))),
    ));
    rbac.roles.push(auditor());
    rbac.bindings.push(KubeBinding::cluster("eksso-auditor", "eksso-auditor", "eksso-auditors"));
    rbac.bindings.push(KubeBinding::cluster("platform-view", "view", "platform"));
    Cluster {
        mappings: vec![
            entry("EKSClusterAdmin", &["platform"], vec![policy("AmazonEKSClusterAdminPolicy", &[])]),
            entry("EKSDeveloper", &[], vec![policy("AmazonEKSEditPolicy", &["payments"])]),
            entry("EKSViewer", &[], vec![policy("AmazonEKSViewPolicy", &[])]),
            entry("EKSBreakGlass", &[], vec![policy("AmazonEKSClusterAdminPolicy", &[])]),
            entry("SecurityAudit", &["eksso-auditors"], vec![]),
        ],
        readers: vec!["SecurityAudit".into()],
        eks: EksSettings {
            creator_admin: Some(false),
            issuer: Some(format!("https://oidc.eks.{REGION}.amazonaws.com/id/{name}")),
            private: true,
            cidrs: Some(vec!["203.0.113.0/24".into()]),
            logs: vec!["api".into(), "audit".into(), "authenticator".into()],
            tags: vec![("team".into(), "payments".into())],
            entries: vec![ci, service],
            nodegroups: vec![("workers".into(), role(NODE_ROLE))],
            pod_identities: vec![PodIdentity {
                namespace: "kube-system".into(),
                service_account: "cluster-autoscaler".into(),
                role: role(&format!("eks/{name}/autoscaler")),
                target: None,
            }],
            ..EksSettings::default()
        },
        rbac,
        ..Cluster::new(account, REGION, name, &[])
    }
}

/// The ClusterRole that a run of `eksso audit` needs.
fn auditor() -> KubeRole {
    KubeRole::cluster(
        "eksso-auditor",
        json!([
            { "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles", "clusterrolebindings", "roles", "rolebindings"], "verbs": ["get", "list"] },
            { "apiGroups": [""], "resources": ["namespaces", "serviceaccounts"], "verbs": ["list"] },
            { "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["aws-auth"], "verbs": ["get"] },
        ]),
    )
}

fn allow(sid: &str, actions: Value, resource: Value) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
}

fn deny(sid: &str, actions: Value) -> Value {
    json!({ "Sid": sid, "Effect": "Deny", "Action": actions, "Resource": "*" })
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

const CLUSTERS: [(&str, &str); 2] = [(PRODUCTION, "payments"), (STAGING, "staging")];

fn cluster_arns() -> Value {
    CLUSTERS.iter().map(|(account, name)| format!("arn:aws:eks:{REGION}:{account}:cluster/{name}")).collect()
}

/// Everything of EKS that belongs to the clusters.
fn own_arns() -> Value {
    let kinds =
        ["nodegroup", "addon", "fargateprofile", "identityproviderconfig", "access-entry", "podidentityassociation"];
    let own = CLUSTERS.iter().flat_map(|(account, name)| {
        let of = |kind: &&str| format!("arn:aws:eks:{REGION}:{account}:{kind}/{name}/*");
        let cluster = format!("arn:aws:eks:{REGION}:{account}:cluster/{name}");
        std::iter::once(cluster).chain(kinds.iter().map(of)).collect::<Vec<_>>()
    });
    own.collect()
}

fn entry_arns(role: &str) -> Value {
    let arn = |(account, name): &(&str, &str)| format!("arn:aws:eks:{REGION}:{account}:access-entry/{name}/{role}");
    CLUSTERS.iter().map(arn).collect()
}

const ENTRY_VERBS: [&str; 5] = [
    "eks:CreateAccessEntry",
    "eks:UpdateAccessEntry",
    "eks:DeleteAccessEntry",
    "eks:AssociateAccessPolicy",
    "eks:DisassociateAccessPolicy",
];

/// The statements of access.md 5.3.
fn cluster_admin() -> String {
    let mut hand_out: Vec<&str> = ENTRY_VERBS.to_vec();
    hand_out.extend([
        "eks:AssociateIdentityProviderConfig",
        "eks:DisassociateIdentityProviderConfig",
        "eks:CreatePodIdentityAssociation",
        "eks:UpdatePodIdentityAssociation",
        "eks:CreateCapability",
        "eks:UpdateCapability",
    ]);
    let elsewhere = json!(["eks:CreateCluster", "eks:RegisterCluster", "eks:DeleteCluster", "eks:DeregisterCluster"]);
    let mut mode = deny("ModeStaysApi", json!("eks:UpdateClusterConfig"));
    mode["Condition"] = json!({
        "StringNotEqualsIfExists": { "eks:authenticationMode": "API" }, "Null": { "eks:authenticationMode": "false" },
    });
    let mut log = deny("AuditLogStays", json!("eks:UpdateClusterConfig"));
    log["Condition"] = json!({ "Bool": { "eks:loggingType/audit": "false" } });
    let roles: Value =
        CLUSTERS.iter().map(|(account, name)| format!("arn:aws:iam::{account}:role/eks/{name}/*")).collect();
    let mut pass = allow("PassNodeRoles", json!("iam:PassRole"), roles);
    pass["Condition"] = json!({ "StringEquals": {
        "iam:PassedToService": ["eks.amazonaws.com", "ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com"],
    } });
    document(&[
        allow("Look", json!(["eks:List*", "eks:Describe*"]), json!("*")),
        allow("RunOwnClusters", json!("eks:*"), own_arns()),
        deny("ClustersAreMadeElsewhere", elsewhere),
        deny("HandOutNothing", json!(hand_out)),
        mode,
        log,
        pass,
    ])
}

fn reaching(sees_entries: bool, set: &str) -> String {
    let mut reach = vec!["eks:DescribeCluster"];
    if sees_entries {
        reach.push("eks:ListAccessEntries");
    }
    let own = entry_arns(&format!("role/*/AWSReservedSSO_{set}_*/*"));
    document(&[
        allow("FindClusters", json!("eks:ListClusters"), json!("*")),
        allow("ReachOwnClusters", json!(reach), cluster_arns()),
        allow("SeeOwnMapping", json!(["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"]), own),
    ])
}

fn access_admin() -> String {
    let principals: Value = CLUSTERS
        .iter()
        .flat_map(|(account, _)| {
            let role = |path: &str| format!("arn:aws:iam::{account}:role/{path}/*");
            [role("aws-reserved/sso.amazonaws.com"), role("eks")]
        })
        .collect();
    let mut make = allow("MakeEntries", json!("eks:CreateAccessEntry"), cluster_arns());
    make["Condition"] =
        json!({ "StringEquals": { "eks:accessEntryType": "STANDARD" }, "ArnLike": { "eks:principalArn": principals } });
    let change = json!(["eks:UpdateAccessEntry", "eks:DeleteAccessEntry", "eks:DisassociateAccessPolicy"]);
    let mut give = allow("GiveListedPolicies", json!("eks:AssociateAccessPolicy"), entry_arns("*"));
    let policy = |name: &str| format!("arn:aws:eks::aws:cluster-access-policy/{name}");
    give["Condition"] =
        json!({ "ArnEquals": { "eks:policyArn": [policy("AmazonEKSViewPolicy"), policy("AmazonEKSEditPolicy")] } });
    let mut never = deny("NeverClusterWideEdit", json!("eks:AssociateAccessPolicy"));
    never["Condition"] = json!({
        "StringEquals": { "eks:accessScope": "cluster" }, "ArnEquals": { "eks:policyArn": policy("AmazonEKSEditPolicy") },
    });
    document(&[
        allow("Look", json!(["eks:List*", "eks:Describe*", "iam:ListRoles", "iam:GetRole"]), json!("*")),
        make,
        allow("ChangeEntries", change, entry_arns("*")),
        give,
        never,
    ])
}

fn access() -> Access {
    let set = |name: &str, session: &str, inline: Option<String>, attached: &[&str]| PermissionSet {
        session: Some(session.into()),
        inline,
        attached: attached.iter().map(|name| managed(name)).collect(),
        ..PermissionSet::new(name)
    };
    let groups = [
        ("EKS Admins", "EKSClusterAdmin", &["alice@example.com"][..]),
        ("EKS Developers", "EKSDeveloper", &["bob@example.com", "carol@example.com"]),
        ("EKS Viewers", "EKSViewer", &["carol@example.com", "dave@example.com"]),
        ("EKS Break Glass", "EKSBreakGlass", &[]),
        ("EKS Access Admins", "EKSAccessAdmin", &["erin@example.com"]),
        ("Security", "SecurityAudit", &["jane@example.com"]),
    ];
    let assigned = |account: &str| {
        let of = |(group, set, _): &(&str, &str, &[&str])| Assignment {
            account: account.into(),
            set: (*set).into(),
            who: Who::Group(directory_id(group)),
        };
        groups.iter().map(of).collect::<Vec<_>>()
    };
    let audit = Assignment {
        account: MANAGEMENT.into(),
        set: "SecurityAudit".into(),
        who: Who::Group(directory_id("Security")),
    };
    let names = ["alice", "bob", "carol", "dave", "erin", "jane"];
    Access {
        roles: CLUSTERS.iter().flat_map(|(account, name)| roles(account, name)).collect(),
        oidc_providers: CLUSTERS
            .iter()
            .flat_map(|(account, name)| {
                let own = format!("oidc.eks.{REGION}.amazonaws.com/id/{name}");
                [((*account).to_owned(), RUNNER.to_owned()), ((*account).to_owned(), own)]
            })
            .collect(),
        sets: vec![
            set("EKSClusterAdmin", "PT1H", Some(cluster_admin()), &[]),
            set("EKSDeveloper", "PT8H", Some(reaching(true, "EKSDeveloper")), &[]),
            set("EKSViewer", "PT8H", Some(reaching(false, "EKSViewer")), &[]),
            set("EKSBreakGlass", "PT1H", Some(cluster_admin()), &[]),
            set("EKSAccessAdmin", "PT1H", Some(access_admin()), &[]),
            set("SecurityAudit", "PT1H", None, &["SecurityAudit"]),
        ],
        assignments: Some([vec![audit], assigned(PRODUCTION), assigned(STAGING)].concat()),
        people: names.iter().map(|name| DirectoryUser::new(&format!("{name}@example.com"))).collect(),
        directory_groups: groups.iter().map(|(name, _, members)| DirectoryGroup::new(name, members)).collect(),
        organization: Organization {
            management: Some(MANAGEMENT.into()),
            units: vec![("ou-sim1-work".into(), ROOT.into())],
            placed: CLUSTERS.iter().map(|(account, _)| ((*account).to_owned(), "ou-sim1-work".to_owned())).collect(),
            policies: vec![ControlPolicy {
                id: "p-guard".into(),
                document: guard(),
                targets: vec!["ou-sim1-work".into()],
            }],
            ..Organization::default()
        },
        ..Access::default()
    }
}

/// The guard of access.md 5.3: only the access admin grants, clusters are made by the pipeline.
fn guard() -> String {
    let mut grants = deny("OnlyTheAccessAdminGrants", json!(ENTRY_VERBS));
    let role = |name: &str| format!("arn:aws:iam::*:role/{name}");
    grants["Condition"] = json!({
        "ArnNotLike": { "aws:PrincipalArn": [
            role("aws-reserved/sso.amazonaws.com*/AWSReservedSSO_EKSAccessAdmin_*"), role("eks-platform/access-pipeline"),
        ] },
        "Bool": { "aws:PrincipalIsAWSService": "false" },
    });
    let mut made = deny("ClustersOnlyByThePipeline", json!("eks:CreateCluster"));
    made["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": role("eks-platform/cluster-pipeline") } });
    document(&[grants, made])
}

/// The roles of an account that are no permission set's.
fn roles(account: &str, cluster: &str) -> Vec<IamRole> {
    let oidc = |issuer: &str| json!({ "Federated": format!("arn:aws:iam::{account}:oidc-provider/{issuer}") });
    let runner = json!({ "StringEquals": {
        format!("{RUNNER}:aud"): "sts.amazonaws.com", format!("{RUNNER}:sub"): "repo:example/payments:ref:refs/heads/main",
    } });
    let own = format!("oidc.eks.{REGION}.amazonaws.com/id/{cluster}");
    let workload = json!({ "StringEquals": {
        format!("{own}:aud"): "sts.amazonaws.com", format!("{own}:sub"): "system:serviceaccount:kube-system:lb-controller",
    } });
    let inline = |actions: Value| vec![("own".to_owned(), document(&[allow("Own", actions, json!("*"))]))];
    let path = format!("/eks/{cluster}/");
    let mut pods = trusting(&json!({ "Service": "pods.eks.amazonaws.com" }), "sts:AssumeRole", None);
    pods["Statement"][0]["Action"] = json!(["sts:AssumeRole", "sts:TagSession"]);
    let service = trusting(&json!({ "Service": "eks.amazonaws.com" }), "sts:AssumeRole", None);
    let by_runner = trusting(&oidc(RUNNER), "sts:AssumeRoleWithWebIdentity", Some(runner));
    let by_pod = trusting(&oidc(&own), "sts:AssumeRoleWithWebIdentity", Some(workload));
    let describe = allow("ReachOwnClusters", json!("eks:DescribeCluster"), cluster_arns());
    vec![
        IamRole {
            inline: vec![("ci".into(), document(&[describe]))],
            ..IamRole::new(account, "/eks/", "ci-deploy", &by_runner)
        },
        IamRole {
            inline: inline(json!(["elasticloadbalancing:Describe*", "elasticloadbalancing:RegisterTargets"])),
            ..IamRole::new(account, &path, "lb-controller", &by_pod)
        },
        IamRole {
            inline: inline(json!(["autoscaling:DescribeAutoScalingGroups", "autoscaling:SetDesiredCapacity"])),
            ..IamRole::new(account, &path, "autoscaler", &pods)
        },
        IamRole::new(account, "/aws-service-role/eks.amazonaws.com/", "AWSServiceRoleForAmazonEKS", &service),
    ]
}
