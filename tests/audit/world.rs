//! A small organisation as the practice wants it, as facts that a reading gives: nothing in it is a finding. One account holds two
//! clusters, another Identity Center; people come by permission sets and by Okta, a pipeline by OIDC.

use std::collections::{BTreeMap, BTreeSet};

use eksso::domain::access::answers::Rule;
use eksso::domain::access::aws_auth::AwsAuth;
use eksso::domain::access::facts::{
    AccessEntry, Account, Assignee, Assignments, Binding, Cluster, ClusterSettings, Directory, EntryDetails, Fact,
    Facts, Group, IamRole, Objects, PermissionSet, Permissions, PodIdentity, RbacRole, RbacSubject, SamlProvider,
    ServiceAccount, Source, User,
};
use eksso::domain::access::grants::grants;
use eksso::domain::access::{AuthMode, Policy};
use eksso::domain::audit::finding::Report;
use eksso::domain::audit::{read, run};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The account of the clusters.
pub const WORK: &str = "222222222222";
/// The management account, which holds Identity Center.
pub const HOME: &str = "111111111111";
pub const NOW: &str = "2026-11-26T12:00:00Z";
pub const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1111111111111111";

/// What `audit` is given.
#[derive(Clone)]
pub struct World {
    pub facts: Facts,
    /// `access.toml`
    pub file: String,
}

impl World {
    /// The report of all rules.
    pub fn report(&self) -> Report {
        let file = read(&self.file).unwrap_or_else(|error| panic!("access.toml: {error}"));
        run(&self.facts, &grants(&self.facts), &file, time(NOW), &|_| true)
    }

    pub fn payments(&mut self) -> &mut Cluster {
        &mut self.facts.clusters[1]
    }

    /// The cluster that takes aws-auth, too.
    pub fn legacy(&mut self) -> &mut Cluster {
        &mut self.facts.clusters[0]
    }

    pub fn account(&mut self, id: &str) -> &mut Account {
        self.facts.accounts.get_mut(&id.parse().expect("an id")).expect("an account")
    }

    /// A role of the clusters' account by the start of its name.
    pub fn role(&mut self, name: &str) -> &mut IamRole {
        seen_mut(&mut self.account(WORK).roles)
            .iter_mut()
            .find(|role| role.arn.contains(&format!("/{name}")))
            .expect("a role")
    }

    pub fn entry(&mut self, name: &str) -> &mut AccessEntry {
        let entries = seen_mut(&mut self.payments().entries);
        entries.iter_mut().find(|entry| entry.principal.contains(&format!("/{name}"))).expect("an entry")
    }

    pub fn details(&mut self, name: &str) -> &mut EntryDetails {
        seen_mut(&mut self.entry(name).details)
    }

    pub fn settings(&mut self) -> &mut ClusterSettings {
        seen_mut(&mut self.payments().settings)
    }

    /// Adds a statement to a role's own policy.
    pub fn allow(&mut self, name: &str, statement: &Value) {
        let policies = &mut seen_mut(&mut self.role(name).permissions).inline;
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        policies.push(("added".to_owned(), text));
    }

    /// Changes a role's trust policy.
    pub fn trust(&mut self, name: &str, statements: &Value) {
        self.role(name).trust = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    }

    /// Adds a role of Kubernetes to the cluster `payments` and binds it, in a namespace or in the whole cluster, to the developers' group.
    pub fn bind(&mut self, namespace: &str, name: &str, rules: Vec<Rule>) {
        let role = RbacRole { namespace: namespace.to_owned(), name: name.to_owned(), rules, ..RbacRole::default() };
        let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
        let binding = binding(namespace, name, kind, name, &[("Group", "developers")]);
        let cluster = self.payments();
        let (roles, bindings) = match namespace {
            "" => (&mut cluster.roles.cluster, &mut cluster.bindings.cluster),
            _ => (&mut cluster.roles.namespaced, &mut cluster.bindings.namespaced),
        };
        seen_mut(roles).push(role);
        seen_mut(bindings).push(binding);
    }
}

pub fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn source(call: &str) -> Source {
    Source { call: call.to_owned(), by: format!("{WORK}/SecurityAudit"), at: time("2026-11-26T11:59:00Z") }
}

pub fn seen<T>(value: T, call: &str) -> Fact<T> {
    Fact::seen(value, source(call))
}

pub fn hidden<T>(why: &str) -> Fact<T> {
    Fact::hidden(why, source("test:denied"))
}

/// The value of a fact that was seen.
pub fn seen_mut<T>(fact: &mut Fact<T>) -> &mut T {
    match &mut fact.answer {
        eksso::domain::access::Listed::Seen(value) => value,
        _ => panic!("nobody saw it"),
    }
}

pub fn rule(verbs: &[&str], groups: &[&str], resources: &[&str]) -> Rule {
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Rule { verbs: list(verbs), api_groups: list(groups), resources: list(resources), ..Rule::default() }
}

pub fn binding(namespace: &str, name: &str, role_kind: &str, role: &str, subjects: &[(&str, &str)]) -> Binding {
    let subject = |(kind, name): &(&str, &str)| RbacSubject {
        kind: (*kind).to_owned(),
        name: (*name).to_owned(),
        namespace: String::new(),
    };
    let subjects = subjects.iter().map(subject).collect();
    Binding {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        role_kind: role_kind.to_owned(),
        role: role.to_owned(),
        subjects,
        ..Binding::default()
    }
}

fn default_binding(name: &str, role: &str, subjects: &[(&str, &str)]) -> Binding {
    let labels = BTreeMap::from([("kubernetes.io/bootstrapping".to_owned(), "rbac-defaults".to_owned())]);
    Binding { labels, ..binding("", name, "ClusterRole", role, subjects) }
}

fn cluster_role(name: &str, rules: Vec<Rule>) -> RbacRole {
    RbacRole { name: name.to_owned(), rules, ..RbacRole::default() }
}

/// The roles and bindings that every cluster of EKS has, as far as rules look at them.
fn own_rbac() -> (Objects<RbacRole>, Objects<Binding>) {
    let secrets =
        || rule(&["get", "list", "watch", "create", "delete"], &[""], &["secrets", "configmaps", "pods", "pods/exec"]);
    let accounts = || rule(&["impersonate"], &[""], &["serviceaccounts"]);
    let token = || rule(&["create"], &[""], &["serviceaccounts/token"]);
    let roles = vec![
        cluster_role("cluster-admin", vec![rule(&["*"], &["*"], &["*"])]),
        cluster_role(
            "admin",
            vec![
                secrets(),
                accounts(),
                token(),
                rule(&["create", "get"], &["rbac.authorization.k8s.io"], &["roles", "rolebindings"]),
            ],
        ),
        cluster_role("edit", vec![secrets(), accounts(), token()]),
        cluster_role("view", vec![rule(&["get", "list", "watch"], &[""], &["pods", "configmaps", "services"])]),
        cluster_role(
            "system:basic-user",
            vec![rule(&["create"], &["authorization.k8s.io"], &["selfsubjectaccessreviews"])],
        ),
        cluster_role("system:discovery", Vec::new()),
        cluster_role("system:public-info-viewer", Vec::new()),
        cluster_role("eks:addon-manager", vec![rule(&["*"], &["*"], &["*"])]),
        cluster_role("eks:podsecuritypolicy:privileged", vec![rule(&["use"], &["policy"], &["podsecuritypolicies"])]),
        cluster_role("aws-node", vec![rule(&["*"], &["crd.k8s.amazonaws.com"], &["*"])]),
    ];
    let authenticated = ("Group", "system:authenticated");
    let bindings = vec![
        default_binding("cluster-admin", "cluster-admin", &[("Group", "system:masters")]),
        default_binding("system:basic-user", "system:basic-user", &[authenticated]),
        default_binding("system:discovery", "system:discovery", &[authenticated]),
        default_binding(
            "system:public-info-viewer",
            "system:public-info-viewer",
            &[authenticated, ("Group", "system:unauthenticated")],
        ),
        binding("", "eks:addon-manager", "ClusterRole", "eks:addon-manager", &[("User", "eks:addon-manager")]),
        binding("", "aws-node", "ClusterRole", "aws-node", &[("ServiceAccount", "aws-node")]),
        binding(
            "",
            "eks:podsecuritypolicy:authenticated",
            "ClusterRole",
            "eks:podsecuritypolicy:privileged",
            &[authenticated],
        ),
    ];
    let empty = Vec::new();
    (
        Objects {
            cluster: seen(roles, "kubernetes:list clusterroles"),
            namespaced: seen(Vec::new(), "kubernetes:list roles"),
        },
        Objects {
            cluster: seen(bindings, "kubernetes:list clusterrolebindings"),
            namespaced: seen(empty, "kubernetes:list rolebindings"),
        },
    )
}

pub fn set_arn(account: &str, set: &str) -> String {
    format!(
        "arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{set}_0123456789abcdef"
    )
}

pub fn entry(principal: &str, groups: &[&str], policies: &[(&str, &[&str])]) -> AccessEntry {
    let name = principal.rsplit('/').next().unwrap_or_default();
    let account = principal.split(':').nth(4).unwrap_or_default();
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let details = EntryDetails {
        kind: "STANDARD".into(),
        user: format!("arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"),
        groups: list(groups),
        created: Some(time("2026-03-01T10:00:00Z")),
        modified: Some(time("2026-03-01T10:00:00Z")),
        tags: BTreeMap::new(),
    };
    let policies = policies
        .iter()
        .map(|(name, namespaces)| Policy { name: format!("AmazonEKS{name}Policy"), namespaces: list(namespaces) });
    AccessEntry {
        principal: principal.to_owned(),
        details: seen(details, "eks:DescribeAccessEntry"),
        policies: seen(policies.collect(), "eks:ListAssociatedAccessPolicies"),
    }
}

fn node_entry(principal: &str) -> AccessEntry {
    let details = EntryDetails {
        kind: "EC2_LINUX".into(),
        user: "system:node:{{EC2PrivateDNSName}}".into(),
        groups: vec!["system:nodes".into()],
        ..EntryDetails::default()
    };
    AccessEntry {
        principal: principal.to_owned(),
        details: seen(details, "eks:DescribeAccessEntry"),
        policies: seen(Vec::new(), "eks:ListAssociatedAccessPolicies"),
    }
}

fn cluster(name: &str, mode: AuthMode, entries: Vec<AccessEntry>, aws_auth: AwsAuth) -> Cluster {
    let settings = ClusterSettings {
        status: "ACTIVE".into(),
        version: "1.35".into(),
        platform_version: "eks.3".into(),
        mode: Some(mode),
        creator_was_made_admin: Some(false),
        created: Some(time("2026-02-01T10:00:00Z")),
        role_arn: format!("arn:aws:iam::{WORK}:role/eks/{name}/cluster"),
        oidc_issuer: Some("https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF".into()),
        public: true,
        private: true,
        public_cidrs: Some(vec!["203.0.113.0/24".into()]),
        logs: BTreeSet::from(["audit".to_owned(), "authenticator".to_owned()]),
        ..ClusterSettings::default()
    };
    let (roles, bindings) = own_rbac();
    Cluster {
        account: WORK.parse().expect("an id"),
        region: "eu-west-1".parse().expect("a region"),
        name: name.parse().expect("a name"),
        settings: seen(settings, "eks:DescribeCluster"),
        entries: seen(entries, "eks:ListAccessEntries"),
        aws_auth: seen(aws_auth, "kubernetes:get configmap aws-auth"),
        identity_providers: seen(Vec::new(), "eks:ListIdentityProviderConfigs"),
        capabilities: seen(Vec::new(), "eks:ListCapabilities"),
        pod_identities: seen(Vec::new(), "eks:ListPodIdentityAssociations"),
        machine_roles: seen(BTreeSet::from([node_role()]), "eks:DescribeNodegroup"),
        roles,
        bindings,
        namespaces: seen(
            ["default", "kube-system", "payments", "payments-batch"].map(str::to_owned).to_vec(),
            "kubernetes:list namespaces",
        ),
        service_accounts: seen(Vec::new(), "kubernetes:list serviceaccounts"),
    }
}

fn node_role() -> String {
    format!("arn:aws:iam::{WORK}:role/eks/payments/node")
}

/// A statement that trusts a SAML provider.
pub fn saml(provider: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Federated": format!("arn:aws:iam::{WORK}:saml-provider/{provider}")},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}})
}

/// A statement that trusts a service.
pub fn service(name: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"})
}

/// A statement that trusts jobs of GitHub.
pub fn github(subject: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Federated": format!("arn:aws:iam::{WORK}:oidc-provider/token.actions.githubusercontent.com")},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": subject}}})
}

pub fn iam_role(arn: &str, trust: &[Value], statements: &[Value]) -> IamRole {
    let inline = if statements.is_empty() {
        Vec::new()
    } else {
        vec![("own".to_owned(), json!({"Version": "2012-10-17", "Statement": statements}).to_string())]
    };
    IamRole {
        arn: arn.to_owned(),
        id: "AROAEXAMPLE".into(),
        created: Some(time("2026-01-01T10:00:00Z")),
        trust: json!({"Version": "2012-10-17", "Statement": trust}).to_string(),
        permissions: seen(Permissions { inline, ..Permissions::default() }, "iam:GetAccountAuthorizationDetails"),
        max_session: Some(if arn.contains("aws-reserved") { 43200 } else { 3600 }),
        tags: BTreeMap::new(),
    }
}

fn look() -> Value {
    json!({"Effect": "Allow", "Action": ["eks:DescribeCluster", "eks:ListClusters"], "Resource": "*"})
}

/// What a cluster admin has: everything on its clusters, but what hands out access. Source: access.md 5.3.
fn cluster_admin() -> Vec<Value> {
    let own: Vec<String> = ["cluster/payments", "nodegroup/payments/*", "addon/payments/*"]
        .map(|name| format!("arn:aws:eks:eu-west-1:{WORK}:{name}"))
        .to_vec();
    vec![
        json!({"Sid": "Look", "Effect": "Allow", "Action": ["eks:List*", "eks:Describe*"], "Resource": "*"}),
        json!({"Sid": "RunOwnClusters", "Effect": "Allow", "Action": "eks:*", "Resource": own}),
        json!({"Sid": "ClustersAreMadeElsewhere", "Effect": "Deny", "Action": ["eks:CreateCluster", "eks:RegisterCluster", "eks:DeleteCluster", "eks:DeregisterCluster"], "Resource": "*"}),
        json!({"Sid": "HandOutNothing", "Effect": "Deny", "Action": ["eks:CreateAccessEntry", "eks:UpdateAccessEntry", "eks:DeleteAccessEntry", "eks:AssociateAccessPolicy",
            "eks:DisassociateAccessPolicy", "eks:AssociateIdentityProviderConfig", "eks:DisassociateIdentityProviderConfig", "eks:CreatePodIdentityAssociation",
            "eks:UpdatePodIdentityAssociation", "eks:CreateCapability", "eks:UpdateCapability"], "Resource": "*"}),
        json!({"Sid": "ModeStaysApi", "Effect": "Deny", "Action": "eks:UpdateClusterConfig", "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"eks:authenticationMode": "API"}, "Null": {"eks:authenticationMode": "false"}}}),
        json!({"Sid": "AuditLogStays", "Effect": "Deny", "Action": "eks:UpdateClusterConfig", "Resource": "*", "Condition": {"Bool": {"eks:loggingType/audit": "false"}}}),
        json!({"Sid": "PassNodeRoles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": format!("arn:aws:iam::{WORK}:role/eks/payments/*"),
            "Condition": {"StringEquals": {"iam:PassedToService": ["eks.amazonaws.com", "ec2.amazonaws.com"]}}}),
    ]
}

fn access_admin() -> Vec<Value> {
    let cluster = format!("arn:aws:eks:eu-west-1:{WORK}:cluster/payments");
    let entries = format!("arn:aws:eks:eu-west-1:{WORK}:access-entry/payments/*");
    let of_sets = format!("arn:aws:iam::{WORK}:role/aws-reserved/sso.amazonaws.com/*");
    let view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    vec![
        look(),
        json!({"Sid": "MakeEntries", "Effect": "Allow", "Action": "eks:CreateAccessEntry", "Resource": cluster, "Condition": {"ArnLike": {"eks:principalArn": [of_sets]}}}),
        json!({"Sid": "GiveView", "Effect": "Allow", "Action": "eks:AssociateAccessPolicy", "Resource": entries, "Condition": {"ArnEquals": {"eks:policyArn": [view]}}}),
    ]
}

fn work_roles() -> Vec<IamRole> {
    let sso = || vec![saml("AWSSSO_0123456789abcdef_DO_NOT_DELETE")];
    let set = |name: &str, statements: &[Value]| iam_role(&set_arn(WORK, name), &sso(), statements);
    let own = |name: &str| format!("arn:aws:iam::{WORK}:role/eks/{name}");
    vec![
        set("EKSAdmin", &cluster_admin()),
        set("EKSAccessAdmin", &access_admin()),
        set("EKSBreakGlass", &[look()]),
        set("EKSDeveloper", &[look()]),
        set("EKSViewer", &[look()]),
        iam_role(&own("OktaDeveloper"), &[saml("Okta")], &[look()]),
        iam_role(&own("OktaLegacy"), &[saml("Okta")], &[look()]),
        iam_role(&own("ci-deploy"), &[github("repo:corp/payments:ref:refs/heads/main")], &[look()]),
        iam_role(&own("payments/node"), &[service("ec2.amazonaws.com")], &[]),
        iam_role(
            &own("payments/pods"),
            &[service("pods.eks.amazonaws.com")],
            &[json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::receipts/*"})],
        ),
        iam_role(
            &own("payments/powerful"),
            &[service("pods.eks.amazonaws.com")],
            &[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})],
        ),
        iam_role(
            &format!("arn:aws:iam::{WORK}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"),
            &[service("eks.amazonaws.com")],
            &[],
        ),
    ]
}

fn work_account() -> Account {
    let provider = |name: &str| SamlProvider {
        arn: format!("arn:aws:iam::{WORK}:saml-provider/{name}"),
        valid_until: Some(time("2036-01-01T00:00:00Z")),
    };
    let details = "iam:GetAccountAuthorizationDetails";
    Account {
        name: "payments".into(),
        roles: seen(work_roles(), details),
        users: seen(Vec::new(), details),
        groups: seen(Vec::new(), details),
        policies: seen(BTreeMap::new(), details),
        saml_providers: seen(
            vec![provider("Okta"), provider("AWSSSO_0123456789abcdef_DO_NOT_DELETE")],
            "iam:ListSAMLProviders",
        ),
        oidc_providers: seen(Vec::new(), "iam:ListOpenIDConnectProviders"),
        entitlements: seen(Vec::new(), "account-access:ListEntitlements"),
        unprovisioned: seen(Vec::new(), "sso:ListPermissionSetsProvisionedToAccount"),
    }
}

fn home_account() -> Account {
    let assign = json!({"Effect": "Allow", "Action": ["sso:*", "identitystore:*"], "Resource": "*"});
    let trust = json!({"Effect": "Allow", "Principal": {"Federated": format!("arn:aws:iam::{HOME}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE")},
        "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}});
    let roles = vec![
        iam_role(&set_arn(HOME, "EKSAccessAdmin"), std::slice::from_ref(&trust), &[assign]),
        iam_role(&set_arn(HOME, "Billing"), &[trust], &[look()]),
    ];
    Account { name: "management".into(), roles: seen(roles, "iam:GetAccountAuthorizationDetails"), ..work_account() }
}

/// The permission sets, each with the group that has it.
const SETS: [(&str, &str, u32); 5] = [
    ("EKSAdmin", "EKS Admins", 3600),
    ("EKSAccessAdmin", "EKS Access Admins", 3600),
    ("EKSBreakGlass", "EKS Break Glass", 3600),
    ("EKSDeveloper", "EKS Developers", 28800),
    ("EKSViewer", "EKS Viewers", 43200),
];

pub fn permission_set(name: &str) -> String {
    format!("arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-{name}")
}

fn directory() -> Directory {
    let user = |id: &str, name: &str| User {
        id: id.into(),
        name: name.into(),
        display_name: name.into(),
        emails: Vec::new(),
        enabled: Some(true),
    };
    let members = |group: &str| match group {
        "EKS Break Glass" => Vec::new(),
        "EKS Viewers" => vec!["u-jane".to_owned(), "u-joe".to_owned()],
        _ => vec!["u-jane".to_owned()],
    };
    Directory {
        instance: INSTANCE.into(),
        store: "d-1111111111".into(),
        region: "eu-west-1".into(),
        owner: HOME.into(),
        sets: seen(
            SETS.iter()
                .map(|(name, _, session)| PermissionSet {
                    arn: permission_set(name),
                    name: (*name).to_owned(),
                    session: Some(*session),
                    inline: seen(None, "sso:GetInlinePolicyForPermissionSet"),
                    attached: seen(Vec::new(), "sso:ListManagedPoliciesInPermissionSet"),
                    customer_managed: seen(Vec::new(), "sso:ListCustomerManagedPolicyReferencesInPermissionSet"),
                    boundary: seen(None, "sso:GetPermissionsBoundaryForPermissionSet"),
                })
                .collect(),
            "sso:DescribePermissionSet",
        ),
        assignments: SETS
            .iter()
            .map(|(name, group, _)| Assignments {
                account: WORK.parse().expect("an id"),
                set: permission_set(name),
                set_name: (*name).to_owned(),
                assignees: seen(vec![Assignee::Group(format!("g-{group}"))], "sso:ListAccountAssignments"),
            })
            .collect(),
        groups: seen(
            SETS.iter()
                .map(|(_, name, _)| Group {
                    id: format!("g-{name}"),
                    name: (*name).to_owned(),
                    members: seen(members(name), "identitystore:ListGroupMemberships"),
                })
                .collect(),
            "identitystore:ListGroups",
        ),
        users: seen(
            vec![user("u-jane", "jane@corp.example"), user("u-joe", "joe@corp.example")],
            "identitystore:ListUsers",
        ),
    }
}

const FILE: &str = r#"[clusters.payments]
account = "222222222222"
region = "eu-west-1"

[clusters.legacy]
account = "222222222222"
region = "eu-west-1"
mode = "API_AND_CONFIG_MAP"

[tiers.cluster-admin]
roles = ["EKSAdmin"]
people = ["EKS Admins"]
clusters = ["payments", "legacy"]
access = "ClusterAdmin"

[tiers.access-admin]
roles = ["EKSAccessAdmin"]
clusters = ["payments"]
access = "View"

[tiers.break-glass]
roles = ["EKSBreakGlass"]
clusters = ["payments"]
access = "ClusterAdmin"

[tiers.developer]
roles = ["EKSDeveloper", "OktaDeveloper"]
clusters = ["payments"]
access = "Edit"
namespaces = ["payments", "payments-*"]

[tiers.viewer]
roles = ["EKSViewer", "OktaLegacy"]
clusters = ["payments", "legacy"]
access = "View"

[tiers.ci]
roles = ["ci-deploy"]
clusters = ["payments"]
kubernetes_groups = ["deployers"]
"#;

/// The clean world.
pub fn clean() -> World {
    let mut payments = cluster(
        "payments",
        AuthMode::Api,
        vec![
            entry(&set_arn(WORK, "EKSAdmin"), &[], &[("ClusterAdmin", &[])]),
            entry(&set_arn(WORK, "EKSAccessAdmin"), &[], &[("View", &["payments"])]),
            entry(&set_arn(WORK, "EKSBreakGlass"), &[], &[("ClusterAdmin", &[])]),
            entry(&set_arn(WORK, "EKSDeveloper"), &["developers"], &[("Edit", &["payments", "payments-*"])]),
            entry(&set_arn(WORK, "EKSViewer"), &[], &[("View", &[])]),
            entry(&format!("arn:aws:iam::{WORK}:role/eks/OktaDeveloper"), &[], &[("Edit", &["payments"])]),
            entry(&format!("arn:aws:iam::{WORK}:role/eks/ci-deploy"), &["deployers"], &[]),
            node_entry(&node_role()),
            entry(
                &format!("arn:aws:iam::{WORK}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"),
                &[],
                &[("ClusterInsights", &[])],
            ),
        ],
        AwsAuth::default(),
    );
    seen_mut(&mut payments.bindings.namespaced).push(binding(
        "payments",
        "deployers",
        "ClusterRole",
        "edit",
        &[("Group", "deployers")],
    ));
    seen_mut(&mut payments.bindings.namespaced).push(binding(
        "payments",
        "developers",
        "Role",
        "queues",
        &[("Group", "developers")],
    ));
    seen_mut(&mut payments.roles.namespaced).push(RbacRole {
        namespace: "payments".into(),
        name: "queues".into(),
        rules: vec![rule(&["get", "list"], &["queues.example.com"], &["queues"])],
        ..RbacRole::default()
    });
    seen_mut(&mut payments.pod_identities).push(PodIdentity {
        namespace: "payments".into(),
        service_account: "api".into(),
        role_arn: format!("arn:aws:iam::{WORK}:role/eks/payments/pods"),
        target_role_arn: None,
    });
    seen_mut(&mut payments.service_accounts).push(ServiceAccount {
        namespace: "payments".into(),
        name: "api".into(),
        role_arn: None,
    });
    let nodes = format!(
        "- rolearn: arn:aws:iam::{WORK}:role/node\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:bootstrappers, system:nodes]\n"
    );
    let people = format!(
        "- rolearn: arn:aws:iam::{WORK}:role/OktaLegacy\n  username: okta:{{{{SessionName}}}}\n  groups: [legacy-viewers]\n"
    );
    let auth = AwsAuth { roles: nodes + &people, ..AwsAuth::default() };
    let mut legacy = cluster(
        "legacy",
        AuthMode::Both,
        vec![node_entry(&node_role()), entry(&set_arn(WORK, "EKSAdmin"), &[], &[("ClusterAdmin", &[])])],
        auth,
    );
    seen_mut(&mut legacy.bindings.namespaced).push(binding(
        "payments",
        "legacy-viewers",
        "ClusterRole",
        "view",
        &[("Group", "legacy-viewers")],
    ));
    let mut facts = Facts { clusters: vec![legacy, payments], ..Facts::default() };
    facts.accounts.insert(WORK.parse().expect("an id"), work_account());
    facts.accounts.insert(HOME.parse().expect("an id"), home_account());
    facts.directories.push(directory());
    let organization = &mut facts.organization;
    organization.id = seen("o-example".into(), "organizations:DescribeOrganization");
    organization.management = seen(HOME.parse().expect("an id"), "organizations:DescribeOrganization");
    let accounts = [(WORK, "payments"), (HOME, "management"), ("333333333333", "pipelines")];
    organization.accounts = seen(
        accounts.iter().map(|(id, name)| (id.parse().expect("an id"), (*name).to_owned())).collect(),
        "organizations:ListAccounts",
    );
    organization.delegated = seen(BTreeSet::new(), "organizations:ListDelegatedAdministrators");
    let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        .to_string();
    organization
        .control_policies
        .insert(WORK.parse().expect("an id"), seen(vec![vec![all]], "organizations:ListPoliciesForTarget"));
    World { facts, file: FILE.to_owned() }
}
