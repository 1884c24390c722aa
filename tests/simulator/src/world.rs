//! The world that is simulated: accounts, roles, clusters, who is mapped where, and how generous the portal is.

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
    /// Which permission set may assume which role.
    pub assumable: Vec<(String, String)>,
    /// Sign-ins are approved by themselves after the first poll.
    pub approve: bool,
    /// Seconds between polls; asking sooner is answered with slow_down.
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
}

/// A permission set that a cluster lets in.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The permission set.
    pub role: String,
    /// The Kubernetes user; `{{SessionName}}` is filled in.
    pub username: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
}

impl Account {
    /// An account with roles that all may use EKS.
    pub fn new(id: &str, name: &str, roles: &[&str]) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            roles: roles.iter().map(|r| (*r).into()).collect(),
            without_eks: vec![],
        }
    }
}

impl Cluster {
    /// What tells it from all others.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.account, self.region, self.name)
    }

    /// An active cluster that lets the named roles in.
    pub fn new(account: &str, region: &str, name: &str, roles: &[&str]) -> Self {
        let mapping = |role: &&str| Mapping {
            role: (*role).into(),
            username: format!("{}:{{{{SessionName}}}}", role.to_lowercase()),
            groups: vec![format!("{}s", role.to_lowercase())],
        };
        Self {
            account: account.into(),
            region: region.into(),
            name: name.into(),
            status: "ACTIVE".into(),
            outpost_id: None,
            mappings: roles.iter().map(mapping).collect(),
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
            assumable: vec![("EKSAdmin".into(), "arn:aws:iam::444455556666:role/Deploy".into())],
            approve: true,
            interval: 1,
            code_life: 600,
            registration_life: 90 * 24 * 3600,
            access_token_life: 3600,
            role_life: 3600,
            page_size: 100,
            session_token_padding: 200,
            rotate: true,
        }
    }
}
