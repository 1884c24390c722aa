//! The part of the world that says who may do what: IAM, the directory, permission sets and who is assigned them, the
//! organization, what EKS says of clusters, and what stands in clusters. Everything has a default that fits the accounts and
//! clusters of the world: each permission set that is assigned in an account has its IAM role there, with Identity Center's trust.

use serde_json::json;

use crate::state::hash;
use crate::world::{NODE_ROLE, Policy, World, partition};

/// When roles were made: before the entries that name them (1,780,000,000).
pub(crate) const ROLE_MADE: i64 = 1_700_000_000;
/// When a role was made again under its name: after those.
const MADE_AGAIN: i64 = 1_786_000_000;
const PROVIDER: &str = "AWSSSO_0123456789abcdef_DO_NOT_DELETE";
/// The Identity Center instance.
pub(crate) const INSTANCE: &str = "ssoins-0123456789abcdef";
/// Its directory.
pub const STORE: &str = "d-1234567890";

/// Who may do what, beside what follows from accounts and clusters.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// IAM roles beside those of permission sets, nodes and clusters, or in place of one with the same account and name.
    pub roles: Vec<IamRole>,
    /// Roles, as account and name, that are not there although something names them.
    pub gone_roles: Vec<(String, String)>,
    /// IAM users.
    pub users: Vec<IamUser>,
    /// IAM groups.
    pub groups: Vec<IamGroup>,
    /// Managed policies of accounts: account, name (with its path, without the first slash), document.
    pub policies: Vec<(String, String, String)>,
    /// SAML providers beside Identity Center's and Okta's: account, name, end as Unix seconds.
    pub saml_providers: Vec<(String, String, i64)>,
    /// SAML providers, as account and name, that are not there.
    pub gone_providers: Vec<(String, String)>,
    /// OIDC providers: account and issuer without `https://`.
    pub oidc_providers: Vec<(String, String)>,
    /// Account aliases: account, alias.
    pub aliases: Vec<(String, String)>,
    /// Permission sets, beside those that are only assigned: they have an hour and no policies.
    pub sets: Vec<PermissionSet>,
    /// Who is assigned what; without it, the person who signs in is assigned what the accounts list.
    pub assignments: Option<Vec<Assignment>>,
    /// Sets whose latest version is not in an account: account, set.
    pub unprovisioned: Vec<(String, String)>,
    /// The directory's users, beside the person who signs in.
    pub people: Vec<DirectoryUser>,
    /// The directory's groups.
    pub directory_groups: Vec<DirectoryGroup>,
    /// The organization.
    pub organization: Organization,
    /// Who may use which role by the account access manager: role's ARN, who.
    pub entitlements: Vec<(String, Who)>,
    /// What permission sets or assumed roles are denied: role, action; a `*` at the end of either stands for any rest.
    pub denied: Vec<(String, String)>,
    /// Which role's credentials, by its name, may assume which role: runners, which are no permission set's.
    pub runs: Vec<(String, String)>,
    /// The token of a runner, and the ARN of the role that it is for.
    pub web_identity: Option<(String, String)>,
    /// Access keys that need no session: those of an IAM user or a runner. Key, secret, account, role.
    pub keys: Vec<(String, String, String, String)>,
}

/// An IAM role.
#[derive(Debug, Clone)]
pub struct IamRole {
    /// Its account.
    pub account: String,
    /// Its path, from slash to slash.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Unix seconds.
    pub created: i64,
    /// The trust policy: JSON.
    pub trust: String,
    /// Inline policies: name and JSON.
    pub inline: Vec<(String, String)>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
    /// ARN of the boundary.
    pub boundary: Option<String>,
    /// Seconds.
    pub max_session: u32,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

impl IamRole {
    /// A role without permissions.
    pub fn new(account: &str, path: &str, name: &str, trust: &serde_json::Value) -> Self {
        Self {
            account: account.into(),
            path: path.into(),
            name: name.into(),
            created: ROLE_MADE,
            trust: trust.to_string(),
            inline: vec![],
            attached: vec![],
            boundary: None,
            max_session: 3600,
            tags: vec![],
        }
    }

    /// Its ARN.
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::{}:role{}{}", self.account, self.path, self.name)
    }
}

/// An IAM user.
#[derive(Debug, Clone)]
pub struct IamUser {
    /// Its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Inline policies: name and JSON.
    pub inline: Vec<(String, String)>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
    /// Names of its groups.
    pub groups: Vec<String>,
}

/// An IAM group.
#[derive(Debug, Clone)]
pub struct IamGroup {
    /// Its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Inline policies: name and JSON.
    pub inline: Vec<(String, String)>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
}

/// A permission set.
#[derive(Debug, Clone)]
pub struct PermissionSet {
    /// Its name.
    pub name: String,
    /// `PT1H`; none where it does not say.
    pub session: Option<String>,
    /// The inline policy: JSON.
    pub inline: Option<String>,
    /// ARNs of AWS's managed policies.
    pub attached: Vec<String>,
    /// Policies of the accounts' own: `/path/Name`.
    pub customer_managed: Vec<String>,
    /// The boundary: an ARN of AWS's, or `/path/Name`.
    pub boundary: Option<String>,
}

impl PermissionSet {
    /// A set of an hour without policies.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            session: Some("PT1H".into()),
            inline: None,
            attached: vec![],
            customer_managed: vec![],
            boundary: None,
        }
    }
}

/// Who is assigned something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user, by id.
    User(String),
    /// A group, by id.
    Group(String),
}

/// A permission set that somebody has in an account.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The account.
    pub account: String,
    /// The set's name.
    pub set: String,
    /// Who.
    pub who: Who,
}

/// A user of the directory.
#[derive(Debug, Clone)]
pub struct DirectoryUser {
    /// The id.
    pub id: String,
    /// The user name.
    pub name: String,
    /// Whether they may sign in.
    pub enabled: bool,
}

impl DirectoryUser {
    /// One who may sign in; the id follows from the name.
    pub fn new(name: &str) -> Self {
        Self { id: directory_id(name), name: name.into(), enabled: true }
    }
}

/// A group of the directory.
#[derive(Debug, Clone)]
pub struct DirectoryGroup {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Ids of users.
    pub members: Vec<String>,
}

impl DirectoryGroup {
    /// A group of users, by name; the ids follow from the names.
    pub fn new(name: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|name| directory_id(name)).collect();
        Self { id: directory_id(name), name: name.into(), members }
    }
}

/// The id that the directory gives to a user or a group of a name.
pub fn directory_id(name: &str) -> String {
    let id = hash(name);
    format!("{:08x}-{:04x}-4000-8000-{:012x}", id >> 32, (id >> 16) & 0xffff, id & 0xffff_ffff)
}

/// An organization.
#[derive(Debug, Clone, Default)]
pub struct Organization {
    /// The accounts are in none.
    pub absent: bool,
    /// The management account; else the first account of the world.
    pub management: Option<String>,
    /// Accounts that administer Identity Center by delegation.
    pub delegated: Vec<String>,
    /// Accounts beside those of the world: id and name.
    pub others: Vec<(String, String)>,
    /// Organizational units: id and the id of what they are in.
    pub units: Vec<(String, String)>,
    /// Accounts that are in a unit; the others are in the root.
    pub placed: Vec<(String, String)>,
    /// Service control policies are not enabled: nothing has any, not even FullAWSAccess.
    pub uncontrolled: bool,
    /// Service control policies beside FullAWSAccess, which is everywhere.
    pub policies: Vec<ControlPolicy>,
}

/// The root's id.
pub const ROOT: &str = "r-sim1";

/// A service control policy.
#[derive(Debug, Clone)]
pub struct ControlPolicy {
    /// `p-…`
    pub id: String,
    /// JSON.
    pub document: String,
    /// Ids of roots, units and accounts.
    pub targets: Vec<String>,
}

/// What EKS says of a cluster beside its mode and its mappings.
#[derive(Debug, Clone)]
pub struct EksSettings {
    /// Unix seconds.
    pub created: i64,
    /// Whether its creator was made an admin; `None` where EKS does not say.
    pub creator_admin: Option<bool>,
    /// ARN of the cluster's role; else `role/eks-cluster` of its account.
    pub role: Option<String>,
    /// The issuer of service account tokens.
    pub issuer: Option<String>,
    /// Whether the internet reaches it.
    pub public: bool,
    /// Whether its network reaches it.
    pub private: bool,
    /// From where the internet reaches it.
    pub cidrs: Option<Vec<String>>,
    /// Logs that are on.
    pub logs: Vec<String>,
    /// Auto Mode.
    pub auto_mode: bool,
    /// Whether it is a registered cluster.
    pub registered: bool,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Access entries beside those of the mappings.
    pub entries: Vec<RawEntry>,
    /// `mapRoles`, `mapUsers`, `mapAccounts` as they are, in place of what follows from the mappings.
    pub aws_auth: Option<[String; 3]>,
    /// Further keys of that ConfigMap: the authenticator looks none of them up.
    pub other_keys: Vec<(String, String)>,
    /// Identity providers.
    pub identity_providers: Vec<IdentityProvider>,
    /// Capabilities.
    pub capabilities: Vec<Capability>,
    /// Pod identity associations.
    pub pod_identities: Vec<PodIdentity>,
    /// Node groups: name and role.
    pub nodegroups: Vec<(String, String)>,
    /// Fargate profiles: name and role.
    pub fargate: Vec<(String, String)>,
}

impl Default for EksSettings {
    fn default() -> Self {
        Self {
            created: 1_770_000_000,
            creator_admin: None,
            role: None,
            issuer: None,
            public: true,
            private: false,
            cidrs: Some(vec!["0.0.0.0/0".into()]),
            logs: vec![],
            auto_mode: false,
            registered: false,
            tags: vec![],
            entries: vec![],
            aws_auth: None,
            other_keys: vec![],
            identity_providers: vec![],
            capabilities: vec![],
            pod_identities: vec![],
            nodegroups: vec![],
            fargate: vec![],
        }
    }
}

/// An access entry of any principal.
#[derive(Debug, Clone)]
pub struct RawEntry {
    /// The principal's ARN.
    pub principal: String,
    /// `STANDARD`, `EC2_LINUX`, …
    pub kind: String,
    /// The Kubernetes user.
    pub username: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// Access policies.
    pub policies: Vec<Policy>,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds.
    pub modified: i64,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

impl RawEntry {
    /// An entry for people, with the user name that EKS gives by default.
    pub fn new(principal: &str) -> Self {
        let (account, name) =
            (principal.split(':').nth(4).unwrap_or_default(), principal.rsplit('/').next().unwrap_or_default());
        Self {
            principal: principal.into(),
            kind: "STANDARD".into(),
            username: format!("arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"),
            groups: vec![],
            policies: vec![],
            created: 1_780_000_000,
            modified: 1_785_000_000,
            tags: vec![],
        }
    }
}

/// An OIDC provider of a cluster.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// Its name.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// What stands before users' names.
    pub username_prefix: Option<String>,
    /// What stands before groups' names.
    pub groups_prefix: Option<String>,
}

/// A capability of a cluster.
#[derive(Debug, Clone)]
pub struct Capability {
    /// Its name.
    pub name: String,
    /// `ACK`, `KRO`, `ARGOCD`.
    pub kind: String,
    /// Its role.
    pub role: String,
    /// Argo CD's roles and who has them.
    pub argo: Vec<(String, Who)>,
}

/// A pod identity association.
#[derive(Debug, Clone)]
pub struct PodIdentity {
    /// The namespace.
    pub namespace: String,
    /// The service account.
    pub service_account: String,
    /// The role.
    pub role: String,
    /// The role in another account.
    pub target: Option<String>,
}

/// What stands in a cluster.
#[derive(Debug, Clone)]
pub struct Rbac {
    /// Roles; those without a namespace are ClusterRoles.
    pub roles: Vec<KubeRole>,
    /// Bindings; those without a namespace are ClusterRoleBindings.
    pub bindings: Vec<KubeBinding>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Service accounts: namespace, name, the role of their annotation.
    pub service_accounts: Vec<(String, String, Option<String>)>,
    /// Permission sets that may list each of `clusterroles`, `roles`, `clusterrolebindings`, `rolebindings`, `namespaces`,
    /// `serviceaccounts`, or read `namespaces/NAME`; `None`: all that are let in may list everything.
    pub readers: Option<Vec<(String, String)>>,
    /// How many of the next continue tokens are too old.
    pub expired: usize,
}

/// A Role or ClusterRole.
#[derive(Debug, Clone)]
pub struct KubeRole {
    /// Empty for a ClusterRole.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// As in a manifest.
    pub rules: serde_json::Value,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone)]
pub struct KubeBinding {
    /// Empty for a ClusterRoleBinding.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// `ClusterRole` or `Role`, and its name.
    pub role: (String, String),
    /// Kind, name, and namespace of a service account.
    pub subjects: Vec<(String, String, String)>,
}

impl KubeRole {
    /// A ClusterRole with rules as in a manifest.
    pub fn cluster(name: &str, rules: serde_json::Value) -> Self {
        Self { namespace: String::new(), name: name.into(), labels: vec![], rules }
    }
}

impl KubeBinding {
    /// A ClusterRoleBinding of a ClusterRole to a group.
    pub fn cluster(name: &str, role: &str, group: &str) -> Self {
        Self {
            namespace: String::new(),
            name: name.into(),
            labels: vec![],
            role: ("ClusterRole".into(), role.into()),
            subjects: vec![("Group".into(), group.into(), String::new())],
        }
    }

    /// A RoleBinding of a ClusterRole to a group in a namespace.
    pub fn in_namespace(namespace: &str, name: &str, role: &str, group: &str) -> Self {
        Self { namespace: namespace.into(), ..Self::cluster(name, role, group) }
    }
}

impl Default for Rbac {
    /// What each cluster has: Kubernetes' own roles and bindings, shortened.
    fn default() -> Self {
        let own = vec![("kubernetes.io/bootstrapping".to_owned(), "rbac-defaults".to_owned())];
        let role = |name: &str, rules| KubeRole { labels: own.clone(), ..KubeRole::cluster(name, rules) };
        let binding =
            |name: &str, group: &str| KubeBinding { labels: own.clone(), ..KubeBinding::cluster(name, name, group) };
        let reads = json!(["get", "list", "watch"]);
        let all = json!(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
        let core = json!(["pods", "services", "configmaps", "persistentvolumeclaims", "serviceaccounts"]);
        let view = json!([{ "apiGroups": [""], "resources": core, "verbs": reads },
            { "apiGroups": ["apps"], "resources": ["deployments", "daemonsets", "statefulsets"], "verbs": reads }]);
        let edit = json!([{ "apiGroups": [""], "resources": core, "verbs": all },
            { "apiGroups": [""], "resources": ["secrets", "pods/exec", "pods/portforward"], "verbs": all },
            { "apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"] },
            { "apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"] },
            { "apiGroups": ["apps"], "resources": ["deployments", "daemonsets", "statefulsets"], "verbs": all }]);
        let mut admin = edit.as_array().expect("rules").clone();
        admin.push(
            json!({ "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": all }),
        );
        let review = json!([{ "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews",
            "selfsubjectrulesreviews"], "verbs": ["create"] }]);
        let paths = |paths: serde_json::Value| json!([{ "nonResourceURLs": paths, "verbs": ["get"] }]);
        let everything = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }, { "nonResourceURLs": ["*"], "verbs": ["*"] }]);
        let mut public = binding("system:public-info-viewer", "system:authenticated");
        public.subjects.push(("Group".into(), "system:unauthenticated".into(), String::new()));
        Self {
            roles: vec![
                role("cluster-admin", everything),
                role("admin", admin.into()),
                role("edit", edit),
                role("view", view),
                role("system:basic-user", review),
                role("system:discovery", paths(json!(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/version"]))),
                role("system:public-info-viewer", paths(json!(["/healthz", "/livez", "/readyz", "/version"]))),
            ],
            bindings: vec![
                binding("cluster-admin", "system:masters"),
                binding("system:basic-user", "system:authenticated"),
                binding("system:discovery", "system:authenticated"),
                public,
            ],
            namespaces: vec!["default".into(), "kube-system".into()],
            service_accounts: vec![
                ("default".into(), "default".into(), None),
                ("kube-system".into(), "default".into(), None),
            ],
            readers: None,
            expired: 0,
        }
    }
}

impl World {
    /// The roles of an account, as IAM lists them.
    pub fn iam_roles(&self, account: &str) -> Vec<IamRole> {
        let partition = partition(&self.region);
        let mut roles: Vec<IamRole> =
            self.access.roles.iter().filter(|role| role.account == account).cloned().collect();
        let mut add = |role: IamRole| {
            if roles.iter().all(|known| known.name != role.name) {
                roles.push(role);
            }
        };
        for set in self.sets_in(account) {
            add(self.set_role(account, partition, &set));
        }
        for (set, arn) in self.assumable.iter().filter(|(_, arn)| arn.split(':').nth(4) == Some(account)) {
            let callers: Vec<String> =
                self.accounts.iter().map(|account| self.role_arn(&account.id, partition, set)).collect();
            let (path, name) = arn
                .split_once(":role/")
                .map_or(("", arn.as_str()), |(_, rest)| rest.rsplit_once('/').unwrap_or(("", rest)));
            let path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
            let trust = trusting(&json!({ "AWS": callers }), "sts:AssumeRole", None);
            add(IamRole { attached: vec![managed("ReadOnlyAccess")], ..IamRole::new(account, &path, name, &trust) });
        }
        if self.clusters.iter().any(|cluster| cluster.account == account) {
            let nodes = trusting(&json!({ "Service": "ec2.amazonaws.com" }), "sts:AssumeRole", None);
            let cluster = trusting(&json!({ "Service": "eks.amazonaws.com" }), "sts:AssumeRole", None);
            let attached = |name: &str| vec![managed(name)];
            add(IamRole {
                attached: attached("AmazonEKSWorkerNodePolicy"),
                ..IamRole::new(account, "/", NODE_ROLE, &nodes)
            });
            add(IamRole {
                attached: attached("AmazonEKSClusterPolicy"),
                ..IamRole::new(account, "/", CLUSTER_ROLE, &cluster)
            });
        }
        roles.retain(|role| !self.access.gone_roles.contains(&(account.to_owned(), role.name.clone())));
        roles.sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
        roles
    }

    /// The names of the sets that have a role in an account.
    fn sets_in(&self, account: &str) -> Vec<String> {
        let listed = self.accounts.iter().filter(|known| known.id == account).flat_map(|account| account.roles.clone());
        let assigned = self.access.assignments.iter().flatten().filter(|assignment| assignment.account == account);
        let mut sets: Vec<String> = listed.chain(assigned.map(|assignment| assignment.set.clone())).collect();
        sets.sort();
        sets.dedup();
        sets
    }

    fn set_role(&self, account: &str, partition: &str, set: &str) -> IamRole {
        let arn = self.role_arn(account, partition, set);
        let (path, name) = arn.split_once(":role/").and_then(|(_, rest)| rest.rsplit_once('/')).unwrap_or(("", set));
        let provider = if self.dedicated { "Okta" } else { PROVIDER };
        let provider = json!({ "Federated": format!("arn:{partition}:iam::{account}:saml-provider/{provider}") });
        let audience = json!({ "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } });
        let mut trust = trusting(&provider, "sts:AssumeRoleWithSAML", Some(audience));
        if !self.dedicated {
            trust["Statement"][0]["Action"] = json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]);
        }
        let again = |mapping: &crate::Mapping| mapping.kind == crate::MappingKind::StaleEntry && mapping.role == set;
        let own = |cluster: &&crate::Cluster| cluster.account == account;
        let is_again = self.clusters.iter().filter(own).any(|cluster| cluster.mappings.iter().any(again));
        let known = self.access.sets.iter().find(|known| known.name == set);
        let inline = known.and_then(|set| set.inline.clone()).map(|inline| ("AwsSSOInlinePolicy".to_owned(), inline));
        let policy = |named: &String| match named.starts_with('/') {
            true => format!("arn:{partition}:iam::{account}:policy{named}"),
            false => named.clone(),
        };
        IamRole {
            created: if is_again { MADE_AGAIN } else { ROLE_MADE },
            max_session: if self.dedicated { u32::try_from(self.longest(set)).unwrap_or(3600) } else { 43200 },
            inline: inline.into_iter().collect(),
            attached: known
                .map(|set| set.attached.iter().cloned().chain(set.customer_managed.iter().map(policy)).collect())
                .unwrap_or_default(),
            boundary: known.and_then(|set| set.boundary.as_ref()).map(policy),
            ..IamRole::new(account, &format!("/{path}/"), name, &trust)
        }
    }

    /// All permission sets.
    pub(crate) fn sets(&self) -> Vec<PermissionSet> {
        let mut sets = self.access.sets.clone();
        if self.dedicated {
            return sets;
        }
        let listed = self.accounts.iter().flat_map(|account| account.roles.clone());
        let assigned = self.access.assignments.iter().flatten().map(|assignment| assignment.set.clone());
        for name in listed.chain(assigned) {
            if sets.iter().all(|set| set.name != name) {
                sets.push(PermissionSet::new(&name));
            }
        }
        sets
    }

    /// Who is assigned what.
    pub(crate) fn assignments(&self) -> Vec<Assignment> {
        let own = || {
            let who = Who::User(directory_id(&self.user));
            let of = |account: &crate::Account| {
                let assignment =
                    |set: &String| Assignment { account: account.id.clone(), set: set.clone(), who: who.clone() };
                account.roles.iter().map(assignment).collect::<Vec<_>>()
            };
            self.accounts.iter().flat_map(of).collect()
        };
        self.access.assignments.clone().unwrap_or_else(own)
    }

    /// The directory's users.
    pub(crate) fn people(&self) -> Vec<DirectoryUser> {
        let mut people = self.access.people.clone();
        if people.iter().all(|user| user.name != self.user) {
            people.insert(0, DirectoryUser::new(&self.user));
        }
        people
    }

    /// The management account.
    pub(crate) fn management(&self) -> String {
        let first = || self.accounts.first().map(|account| account.id.clone()).unwrap_or_default();
        self.access.organization.management.clone().unwrap_or_else(first)
    }

    /// Whether an account may administer Identity Center, and ask Organizations.
    pub(crate) fn administers(&self, account: &str) -> bool {
        self.management() == account || self.access.organization.delegated.iter().any(|known| known == account)
    }

    /// Whether a role is denied an action.
    pub(crate) fn denies(&self, role: &str, action: &str) -> bool {
        let is = |pattern: &str, text: &str| match pattern.strip_suffix('*') {
            Some(start) => text.starts_with(start),
            None => pattern == text,
        };
        self.access.denied.iter().any(|(of, what)| is(of, role) && is(what, action))
    }

    /// The SAML providers of an account: name and end.
    pub(crate) fn saml_providers(&self, account: &str) -> Vec<(String, i64)> {
        let usual = if self.dedicated { "Okta" } else { PROVIDER };
        let own = self.access.saml_providers.iter().filter(|(of, ..)| of == account);
        let own = own.map(|(_, name, until)| (name.clone(), *until));
        let all = std::iter::once((usual.to_owned(), 4_900_000_000)).chain(own);
        let gone = |name: &str| self.access.gone_providers.contains(&(account.to_owned(), name.to_owned()));
        all.filter(|(name, _)| !gone(name)).collect()
    }
}

/// The role of clusters that name no other.
pub(crate) const CLUSTER_ROLE: &str = "eks-cluster";

/// The ARN of a managed policy of AWS's own.
pub fn managed(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

/// A trust policy of one statement.
pub fn trusting(
    principal: &serde_json::Value,
    action: &str,
    condition: Option<serde_json::Value>,
) -> serde_json::Value {
    let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": action });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// The ARN of a permission set.
pub(crate) fn set_arn(name: &str) -> String {
    format!("arn:aws:sso:::permissionSet/{INSTANCE}/ps-{:016x}", hash(name))
}
