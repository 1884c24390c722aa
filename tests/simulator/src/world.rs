//! The world that is simulated: accounts, roles, clusters, who is mapped where, and how generous the portal is.

use std::time::Duration;

use crate::access::{Access, EksSettings, Rbac, Who, directory_id};
use crate::okta::Org;
use crate::state::hash;

/// Everything that can differ between tests.
#[derive(Debug, Clone)]
pub struct World {
    /// The region of the Identity Center instance.
    pub region: String,
    /// Who signs in: the session name of assumed roles.
    pub user: String,
    /// The accounts the user is assigned roles in.
    pub accounts: Vec<Account>,
    /// The clusters there are.
    pub clusters: Vec<Cluster>,
    /// Addresses of the organisation and where they redirect to.
    pub vanity: Vec<(String, String)>,
    /// The user name and the password that the proxies want.
    pub proxy_login: Option<(String, String)>,
    /// The status with which the proxies refuse everything.
    pub proxy_status: Option<u16>,
    /// Which permission set may assume which role.
    pub assumable: Vec<(String, String)>,
    /// What their trust policies ask for as `sts:ExternalId`.
    pub external_id: Option<String>,
    /// The session name that they ask for; else the person's.
    pub role_session_name: Option<String>,
    /// Sign-ins are approved by themselves after the first poll.
    pub approve: bool,
    /// Seconds between polls; asking sooner is answered with slow_down. 0: what is approved by itself is so at once.
    pub interval: i64,
    /// Seconds a device code lives.
    pub code_life: i64,
    /// Seconds a registration lives.
    pub registration_life: i64,
    /// Seconds an access token lives.
    pub access_token_life: i64,
    /// Seconds role credentials live.
    pub role_life: i64,
    /// Entries of a page of a list.
    pub page_size: usize,
    /// Characters added to session tokens, to make them long.
    pub session_token_padding: usize,
    /// Whether a refresh hands out a new refresh token and spends the old one.
    pub rotate: bool,
    /// How long the AWS side takes for each answer.
    pub latency: Duration,
    /// How many calls of ListAccounts, ListAccountRoles and GetRoleCredentials together the portal takes in a second.
    pub portal_rate: Option<u32>,
    /// The Retry-After of the portal's refusals, in seconds.
    pub retry_after: Option<u32>,
    /// How many of the clusters listen on a port of their own; the others cannot be reached.
    pub cluster_ports: usize,
    /// The IAM role behind a role is the role itself, with the path `eks/`, and no permission set's.
    pub dedicated: bool,
    /// Permission sets whose last assignment was removed and made again: another IAM role stands behind each of them.
    pub recreated: Vec<String>,
    /// Longest sessions by role, in seconds; 3600 for roles that are not listed.
    pub role_max: Vec<(String, i64)>,
    /// The Okta org.
    pub okta: Org,
    /// Who may do what, beside what follows from the rest.
    pub access: Access,
}

/// An account and the permission sets assigned in it.
#[derive(Debug, Clone)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// As the portal shows it.
    pub name: String,
    /// Permission set names.
    pub roles: Vec<String>,
    /// Permission sets without any EKS permission.
    pub without_eks: Vec<String>,
    /// Permission sets that may not describe clusters.
    pub without_describe: Vec<String>,
    /// Permission sets that may not read access entries.
    pub without_entries: Vec<String>,
    /// The enabled regions; `None` where nobody may list them.
    pub regions: Option<Vec<String>>,
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The account it is in.
    pub account: String,
    /// The region it is in.
    pub region: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `CREATING`, …
    pub status: String,
    /// The id of a local cluster on an Outpost.
    pub outpost_id: Option<String>,
    /// Which roles Kubernetes knows.
    pub mappings: Vec<Mapping>,
    /// Where it looks for roles: `API`, `API_AND_CONFIG_MAP`, `CONFIG_MAP`.
    pub mode: String,
    /// Permission sets that may read the aws-auth ConfigMap.
    pub readers: Vec<String>,
    /// It decides by what stands in it and by access policies who may do what; else whoever is let in may read what there is.
    pub decides: bool,
    /// What everybody who is let in may do.
    pub rules: Vec<Rule>,
    /// Why the rules are not all, as an authorizer that is not RBAC says it.
    pub evaluation_error: Option<String>,
    /// It cannot ask STS: every token is refused.
    pub cut_off: bool,
    /// Permission sets that are refused although they are mapped: their entry is seconds old.
    pub not_yet: Vec<String>,
    /// Permission sets that may not ask who they are: there is no system:basic-user.
    pub hushed: Vec<String>,
    /// Where it answers, instead of at a port of the simulator.
    pub endpoint: Option<String>,
    /// `mapRoles` is no YAML, so that none of its lines counts.
    pub broken_map_roles: bool,
    /// What EKS says of it beside its mode and mappings.
    pub eks: EksSettings,
    /// What stands in it.
    pub rbac: Rbac,
}

/// What RBAC grants.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `get`, `list`, …
    pub verbs: Vec<String>,
    /// API groups; the core group is empty.
    pub groups: Vec<String>,
    /// `pods`, `services`, …
    pub resources: Vec<String>,
}

/// How a cluster knows a permission set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingKind {
    /// An access entry that works.
    Entry,
    /// An access entry of an earlier role, whose name had another suffix; `-old` for dedicated roles.
    OldEntry,
    /// An access entry of an earlier role with the very ARN of today's.
    StaleEntry,
    /// A line of aws-auth that works.
    AwsAuth,
    /// A line of aws-auth whose ARN has a path, so that it matches nobody.
    AwsAuthWithPath,
    /// A line of aws-auth whose ARN is written in capitals; it works.
    AwsAuthInCapitals,
    /// A line of aws-auth that takes user and groups from another by a YAML merge key; it works.
    AwsAuthMerged,
    /// A line of aws-auth with the same ARN and a user of its own, behind one of kind `AwsAuth` that it overrides.
    AwsAuthAgain,
    /// A line of `mapUsers` that names the role; it works.
    UserLine,
    /// A line of aws-auth for nodes: its user can be filled in for instances only.
    NodeLine,
    /// An access entry for nodes.
    NodeEntry,
    /// The whole account, in `mapAccounts`.
    Account,
    /// An access entry of an IAM role that is named like the permission set and is another one.
    NamesakeEntry,
    /// The same as a line of aws-auth.
    NamesakeLine,
    /// No list names it: it made the cluster.
    Creator,
}

/// An EKS access policy of an access entry.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `AmazonEKSViewPolicy`, …
    pub name: String,
    /// The namespaces it holds in; the whole cluster if empty.
    pub namespaces: Vec<String>,
}

/// A permission set that a cluster knows.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The permission set.
    pub role: String,
    /// The Kubernetes user; `{{SessionName}}` is filled in.
    pub username: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// Where it is written down, and whether it works.
    pub kind: MappingKind,
    /// What EKS itself grants to it.
    pub policies: Vec<Policy>,
}

impl MappingKind {
    /// Whether it is an access entry, working or not.
    pub(crate) fn is_entry(self) -> bool {
        matches!(self, Self::Entry | Self::OldEntry | Self::StaleEntry | Self::NodeEntry | Self::NamesakeEntry)
    }
}

impl Mapping {
    /// A role `Admin` as the user `admin:SESSION` in the group `admins`.
    pub fn new(role: &str, kind: MappingKind) -> Self {
        let name = role.to_lowercase();
        Self {
            role: role.into(),
            username: format!("{name}:{{{{SessionName}}}}"),
            groups: vec![format!("{name}s")],
            kind,
            policies: vec![],
        }
    }
}

impl Account {
    /// An account with roles that all may use EKS.
    pub fn new(id: &str, name: &str, roles: &[&str]) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            roles: roles.iter().map(|r| (*r).into()).collect(),
            without_eks: vec![],
            without_describe: vec![],
            without_entries: vec![],
            regions: None,
        }
    }
}

impl Cluster {
    /// What tells it from all others.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.account, self.region, self.name)
    }

    /// Whether access entries count.
    pub(crate) fn has_entries(&self) -> bool {
        self.mode.starts_with("API")
    }

    /// Whether aws-auth counts.
    pub(crate) fn has_aws_auth(&self) -> bool {
        self.mode.ends_with("CONFIG_MAP")
    }

    /// An active cluster that lets the named roles in.
    pub fn new(account: &str, region: &str, name: &str, roles: &[&str]) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            name: name.into(),
            status: "ACTIVE".into(),
            outpost_id: None,
            mappings: roles.iter().map(|role| Mapping::new(role, MappingKind::Entry)).collect(),
            mode: "API".into(),
            readers: vec![],
            decides: false,
            rules: vec![Rule {
                verbs: texts(&["get", "list", "watch"]),
                groups: texts(&[""]),
                resources: texts(&["pods", "services"]),
            }],
            evaluation_error: None,
            cut_off: false,
            not_yet: vec![],
            hushed: vec![],
            endpoint: None,
            broken_map_roles: false,
            eks: EksSettings::default(),
            rbac: Rbac::default(),
        }
    }
}

impl World {
    /// A small organisation: two roles on one cluster, one cluster name in two accounts, a role that is mapped nowhere.
    pub fn small() -> Self {
        Self {
            region: "eu-west-1".into(),
            user: "jane@example.com".into(),
            accounts: vec![
                Account::new("111122223333", "Production", &["EKSAdmin", "EKSViewer"]),
                Account::new("444455556666", "Staging", &["EKSAdmin", "Billing"]),
            ],
            clusters: vec![
                Cluster::new("111122223333", "eu-west-1", "web", &["EKSAdmin", "EKSViewer"]),
                Cluster::new("111122223333", "us-east-1", "batch", &["EKSAdmin"]),
                Cluster::new("444455556666", "eu-west-1", "web", &["EKSAdmin"]),
            ],
            vanity: vec![],
            proxy_login: None,
            proxy_status: None,
            assumable: vec![("EKSAdmin".into(), "arn:aws:iam::444455556666:role/Deploy".into())],
            external_id: None,
            role_session_name: None,
            approve: true,
            interval: 1,
            code_life: 600,
            registration_life: 90 * 24 * 3600,
            access_token_life: 3600,
            role_life: 3600,
            page_size: 100,
            session_token_padding: 200,
            rotate: true,
            latency: Duration::ZERO,
            portal_rate: None,
            retry_after: None,
            cluster_ports: usize::MAX,
            dedicated: false,
            recreated: vec![],
            role_max: vec![],
            okta: Org::default(),
            access: Access::default(),
        }
    }

    /// A large organisation: so many accounts, roles and regions in each account, clusters in each region.
    ///
    /// Two roles are let in everywhere, `Billing` may do nothing with EKS, and no cluster can be reached.
    pub fn large(accounts: usize, roles: usize, regions: usize, clusters: usize) -> Self {
        let roles = named(roles, &["EKSAdmin", "EKSViewer", "Billing", "ReadOnly"], "Role");
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        let clusters = named(clusters, &["web", "batch", "data", "search", "mail", "build"], "cluster-");
        let policy = |name: &str, namespaces: &[&str]| Policy { name: name.into(), namespaces: texts(namespaces) };
        let entry = |role: &str, policy| Mapping { policies: vec![policy], ..Mapping::new(role, MappingKind::Entry) };
        let mappings = vec![
            entry("EKSAdmin", policy("AmazonEKSClusterAdminPolicy", &[])),
            entry("EKSViewer", policy("AmazonEKSViewPolicy", &["default", "web"])),
        ];
        let mut world =
            Self { accounts: vec![], clusters: vec![], assumable: vec![], cluster_ports: 0, ..Self::small() };
        for number in 0..accounts {
            let id = (100_000_000_000 + number).to_string();
            let name = format!("team-{:04}", number + 1);
            for region in REGIONS.iter().take(regions) {
                let cluster =
                    |name: &String| Cluster { mappings: mappings.clone(), ..Cluster::new(&id, region, name, &[]) };
                world.clusters.extend(clusters.iter().map(cluster));
            }
            world.accounts.push(Account { without_eks: texts(&["Billing"]), ..Account::new(&id, &name, &roles) });
        }
        world
    }

    /// The small organisation behind Okta: dedicated IAM roles, which trust the org's SAML provider.
    pub fn okta() -> Self {
        Self { dedicated: true, ..Self::small() }
    }

    /// Who signs in from now on; the portal shows what their groups and they themselves are assigned. For worlds that name the assignments.
    pub fn signs_in(&mut self, user: &str) {
        user.clone_into(&mut self.user);
        let own = directory_id(user);
        let groups = self.access.directory_groups.iter().filter(|group| group.members.contains(&own));
        let groups: Vec<&String> = groups.map(|group| &group.id).collect();
        let is = |who: &Who| match who {
            Who::User(id) => *id == own,
            Who::Group(id) => groups.contains(&id),
        };
        let assigned: Vec<(String, String)> = self
            .access
            .assignments
            .iter()
            .flatten()
            .filter(|one| is(&one.who))
            .map(|one| (one.account.clone(), one.set.clone()))
            .collect();
        for account in &mut self.accounts {
            account.roles.clear();
            for (_, set) in assigned.iter().filter(|(of, _)| *of == account.id) {
                if !account.roles.contains(set) {
                    account.roles.push(set.clone());
                }
            }
        }
    }

    /// The ARN of the role behind a permission set, or of a role that can be assumed, with its path.
    pub(crate) fn role_arn(&self, account: &str, partition: &str, role: &str) -> String {
        let plain = format!("arn:{partition}:iam::{account}:role/{role}");
        if self.assumable.iter().chain(&self.access.runs).any(|(_, arn)| *arn == plain) {
            return plain;
        }
        // A role of its own, which is no permission set's.
        if let Some(own) = self.access.roles.iter().find(|own| own.account == account && own.name == role) {
            return own.arn(partition);
        }
        self.arn_with_path(account, partition, &self.iam_role(role))
    }

    /// The ARN of the role that was there before that one.
    pub(crate) fn old_role_arn(&self, account: &str, partition: &str, role: &str) -> String {
        self.arn_with_path(account, partition, &self.old_iam_role(role))
    }

    fn arn_with_path(&self, account: &str, partition: &str, name: &str) -> String {
        if self.dedicated {
            return dedicated_arn(account, partition, name);
        }
        let region = if self.region == "us-east-1" { String::new() } else { format!("{}/", self.region) };
        format!("arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/{region}{name}")
    }

    /// The IAM role behind a permission set: stable for a world. A dedicated role is its own.
    pub(crate) fn iam_role(&self, role: &str) -> String {
        let suffix =
            if self.recreated.iter().any(|name| name == role) { hash(role).rotate_left(7) } else { hash(role) };
        if self.dedicated { role.to_owned() } else { format!("AWSReservedSSO_{role}_{suffix:016x}") }
    }

    /// The role it had before that one.
    pub fn old_iam_role(&self, role: &str) -> String {
        let suffix = if self.recreated.iter().any(|name| name == role) { hash(role) } else { !hash(role) };
        if self.dedicated { format!("{role}-old") } else { format!("AWSReservedSSO_{role}_{suffix:016x}") }
    }

    /// How many seconds a session of a role may last.
    pub(crate) fn longest(&self, role: &str) -> i64 {
        self.role_max.iter().find(|(name, _)| name == role).map_or(3600, |(_, seconds)| *seconds)
    }
}

/// The ARN of a role that was made for one purpose, with its path.
pub(crate) fn dedicated_arn(account: &str, partition: &str, role: &str) -> String {
    format!("arn:{partition}:iam::{account}:role/eks/{role}")
}

/// The role of the nodes, which each cluster knows.
pub(crate) const NODE_ROLE: &str = "eks-nodes";
/// Who a node is in Kubernetes.
pub(crate) const NODE_USER: &str = "system:node:{{EC2PrivateDNSName}}";

/// Regions in the order in which they are used.
const REGIONS: [&str; 17] = [
    "eu-west-1",
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "us-east-2",
    "us-west-1",
    "ca-central-1",
    "sa-east-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
];

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

/// So many names: the known ones first, then numbered ones.
fn named(count: usize, known: &[&str], prefix: &str) -> Vec<String> {
    let name = |n: usize| known.get(n).map_or_else(|| format!("{prefix}{}", n + 1), |name| (*name).to_owned());
    (0..count).map(name).collect()
}

/// The partition a region is in.
pub(crate) fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
