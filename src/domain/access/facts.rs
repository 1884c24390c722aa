//! What was read about who may do what: AWS's and the clusters' answers, before anything is concluded from them.
//!
//! Each answer says which call gave it, as whom and when; what could not be read says why. Nothing here is a secret.
//! Source of the calls: access.md 1.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::access::answers::Rule;
use crate::domain::access::aws_auth::AwsAuth;
use crate::domain::access::{AuthMode, Listed, Policy};
use crate::domain::ids::{AccountId, ClusterName, Region};

/// Which call said so, as whom, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// `eks:ListAccessEntries`, `iam:GetAccountAuthorizationDetails`, `kubernetes:list clusterroles`, …
    pub call: String,
    /// The role that asked, as `ACCOUNT/ROLE`; `environment` for the credentials of the environment.
    pub by: String,
    /// When it was answered.
    pub at: Timestamp,
}

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// What was said.
    pub answer: Listed<T>,
    /// Who said it, or refused to; `None` where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self { answer: Listed::Unasked, source: None }
    }
}

impl<T> Fact<T> {
    /// An answer.
    pub fn seen(value: T, source: Source) -> Self {
        Self { answer: Listed::Seen(value), source: Some(source) }
    }

    /// A refusal; why.
    pub fn hidden(why: impl Into<String>, source: Source) -> Self {
        Self { answer: Listed::Hidden(why.into()), source: Some(source) }
    }

    /// What was said, if anything was.
    pub fn get(&self) -> Option<&T> {
        match &self.answer {
            Listed::Seen(value) => Some(value),
            Listed::Hidden(_) | Listed::Unasked => None,
        }
    }

    /// Why there is no answer; `None` where there is one.
    pub fn missing(&self) -> Option<&str> {
        match &self.answer {
            Listed::Seen(_) => None,
            Listed::Hidden(why) => Some(why),
            Listed::Unasked => Some("nobody asked"),
        }
    }
}

/// All that one reading gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The clusters, by account, region and name.
    pub clusters: Vec<Cluster>,
    /// The accounts that hold a cluster, or a role that a cluster names, and that of Identity Center.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The Identity Center instances.
    pub directories: Vec<Directory>,
    /// The organization, where it may be read.
    pub organization: Organization,
    /// Documents of AWS's own managed policies, by ARN.
    pub aws_policies: BTreeMap<String, Fact<String>>,
    /// Where clusters could not be looked for, in words: there may be more than these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsearched: Vec<String>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: ClusterName,
    /// DescribeCluster.
    pub settings: Fact<ClusterSettings>,
    /// ListAccessEntries, each with its details.
    pub entries: Fact<Vec<AccessEntry>>,
    /// The ConfigMap `kube-system/aws-auth`; `Seen` and empty where there is none.
    pub aws_auth: Fact<AwsAuth>,
    /// Identity providers beside IAM.
    pub identity_providers: Fact<Vec<IdentityProvider>>,
    /// Capabilities (ACK, kro, Argo CD).
    pub capabilities: Fact<Vec<Capability>>,
    /// Pod identity associations.
    pub pod_identities: Fact<Vec<PodIdentity>>,
    /// ARNs of the roles of node groups and Fargate profiles.
    pub machine_roles: Fact<BTreeSet<String>>,
    /// ClusterRoles and Roles.
    pub roles: Objects<RbacRole>,
    /// ClusterRoleBindings and RoleBindings.
    pub bindings: Objects<Binding>,
    /// Names of its namespaces.
    pub namespaces: Fact<Vec<String>>,
    /// Its service accounts.
    pub service_accounts: Fact<Vec<ServiceAccount>>,
}

/// Kubernetes objects of one kind, of the whole cluster and of namespaces: each list may be hidden alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objects<T> {
    /// ClusterRoles, ClusterRoleBindings.
    pub cluster: Fact<Vec<T>>,
    /// Roles, RoleBindings, of all namespaces.
    pub namespaced: Fact<Vec<T>>,
}

/// How EKS describes a cluster. Source: access.md 1.6.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterSettings {
    /// `ACTIVE`, …
    pub status: String,
    /// `1.35`
    pub version: String,
    /// `eks.3`
    pub platform_version: String,
    /// Where it looks for who may come in.
    pub mode: Option<AuthMode>,
    /// Whether its creator was made an admin, as was said at creation; it never changes.
    pub creator_was_made_admin: Option<bool>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The cluster's own role.
    pub role_arn: String,
    /// The issuer of its service account tokens.
    pub oidc_issuer: Option<String>,
    /// Whether the internet reaches its API.
    pub public: bool,
    /// Whether its network reaches its API.
    pub private: bool,
    /// `publicAccessCidrs`; `None` where EKS did not say, which means open.
    pub public_cidrs: Option<Vec<String>>,
    /// `audit`, `authenticator`, …: the logs that are switched on.
    pub logs: BTreeSet<String>,
    /// Whether it runs in Auto Mode.
    pub auto_mode: bool,
    /// Whether it is a registered cluster, which has no access entries.
    pub registered: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An access entry: listed, and described as far as that is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// The principal's ARN.
    pub principal: String,
    /// DescribeAccessEntry.
    pub details: Fact<EntryDetails>,
    /// ListAssociatedAccessPolicies.
    pub policies: Fact<Vec<Policy>>,
}

/// What DescribeAccessEntry says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryDetails {
    /// `STANDARD`, `EC2_LINUX`, …
    pub kind: String,
    /// The Kubernetes user.
    pub user: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was changed last.
    pub modified: Option<Timestamp>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An OIDC provider that a cluster takes users from, beside IAM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentityProvider {
    /// Its name.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// What stands before its user names; empty for nothing.
    pub username_prefix: String,
    /// What stands before its groups; empty for nothing.
    pub groups_prefix: String,
    /// The claim that names groups; empty for none.
    pub groups_claim: String,
}

/// A capability that EKS runs for a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capability {
    /// Its name.
    pub name: String,
    /// `ACK`, `KRO`, `ARGOCD`.
    pub kind: String,
    /// The role it acts as.
    pub role_arn: String,
    /// Argo CD's roles and who has them: `ADMIN`, `EDITOR`, `VIEWER` with a user's or group's id in the directory.
    pub argo_roles: Vec<(String, Assignee)>,
}

/// A role that pods of a service account get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodIdentity {
    /// The namespace.
    pub namespace: String,
    /// The service account.
    pub service_account: String,
    /// The role.
    pub role_arn: String,
    /// The role in another account that it goes on to.
    pub target_role_arn: Option<String>,
}

/// A Role or a ClusterRole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RbacRole {
    /// The namespace of a Role; empty for a ClusterRole.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it grants; aggregated ClusterRoles hold theirs.
    pub rules: Vec<Rule>,
}

/// A RoleBinding or a ClusterRoleBinding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Binding {
    /// The namespace of a RoleBinding; empty for a ClusterRoleBinding.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// `Role` or `ClusterRole`.
    pub role_kind: String,
    /// The role's name.
    pub role: String,
    /// Who has it.
    pub subjects: Vec<RbacSubject>,
}

/// A subject of a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RbacSubject {
    /// `User`, `Group`, `ServiceAccount`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// A service account's namespace; empty for the binding's.
    pub namespace: String,
}

/// A service account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `eks.amazonaws.com/role-arn`: the role that its pods get.
    pub role_arn: Option<String>,
}

/// What IAM says of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Its name, where it is known.
    pub name: String,
    /// All roles.
    pub roles: Fact<Vec<IamRole>>,
    /// All users.
    pub users: Fact<Vec<IamUser>>,
    /// All IAM groups.
    pub groups: Fact<Vec<IamGroup>>,
    /// Documents of the account's own managed policies (default versions), by ARN.
    pub policies: Fact<BTreeMap<String, String>>,
    /// SAML providers.
    pub saml_providers: Fact<Vec<SamlProvider>>,
    /// ARNs of OIDC providers.
    pub oidc_providers: Fact<Vec<String>>,
    /// Who may use which role by the account access manager.
    pub entitlements: Fact<Vec<Entitlement>>,
    /// Permission sets whose latest version is not in the account yet: ARNs.
    pub unprovisioned: Fact<Vec<String>>,
}

/// An IAM role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IamRole {
    /// Its ARN, with its path.
    pub arn: String,
    /// `AROA…`
    pub id: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The trust policy: JSON.
    pub trust: String,
    /// Its policies; `Hidden` where only the role itself could be listed.
    pub permissions: Fact<Permissions>,
    /// The longest session, in seconds. Of a permission set's role it says nothing (access.md 2.2).
    pub max_session: Option<u32>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The policies of a role, a user or a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// Inline policies: name and JSON.
    pub inline: Vec<(String, String)>,
    /// ARNs of attached policies: their documents stand in the account's `policies` or in `aws_policies`.
    pub attached: Vec<String>,
    /// ARN of the boundary.
    pub boundary: Option<String>,
}

/// An IAM user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IamUser {
    /// Its ARN.
    pub arn: String,
    /// `AIDA…`
    pub id: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its own policies.
    pub permissions: Fact<Permissions>,
    /// Names of its IAM groups.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// An IAM group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IamGroup {
    /// Its name.
    pub name: String,
    /// Its policies.
    pub permissions: Permissions,
}

/// A SAML provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamlProvider {
    /// Its ARN.
    pub arn: String,
    /// Until when its metadata is good.
    pub valid_until: Option<Timestamp>,
}

/// A user or group of the directory that may use a named role (account access manager).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// The role's ARN.
    pub role_arn: String,
    /// The user or the group.
    pub assignee: Assignee,
}

/// A user or a group of a directory, by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Assignee {
    /// A user.
    User(String),
    /// A group.
    Group(String),
}

/// An Identity Center instance with its directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Directory {
    /// The instance's ARN.
    pub instance: String,
    /// The identity store's id.
    pub store: String,
    /// The region of the instance; empty where it is not known.
    pub region: String,
    /// The account that owns it.
    pub owner: String,
    /// The permission sets that clusters know, or all.
    pub sets: Fact<Vec<PermissionSet>>,
    /// Who is assigned which of them in which account.
    pub assignments: Vec<Assignments>,
    /// The groups.
    pub groups: Fact<Vec<Group>>,
    /// The users.
    pub users: Fact<Vec<User>>,
}

/// A permission set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PermissionSet {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// How long its sessions are, in seconds; one hour where it says nothing.
    pub session: Option<u32>,
    /// The inline policy: JSON.
    pub inline: Fact<Option<String>>,
    /// ARNs of AWS's managed policies.
    pub attached: Fact<Vec<String>>,
    /// Managed policies of the accounts' own, each with its path: `/eks/Developer`. Each account has its own document of that name.
    pub customer_managed: Fact<Vec<String>>,
    /// The boundary: the ARN of a policy of AWS's, or the path and name of one of the accounts' own.
    pub boundary: Fact<Option<String>>,
}

/// Who is assigned a permission set in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignments {
    /// The account.
    pub account: AccountId,
    /// The permission set's ARN.
    pub set: String,
    /// Its name.
    pub set_name: String,
    /// ListAccountAssignments.
    pub assignees: Fact<Vec<Assignee>>,
}

/// A group of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Ids of its members; asked for groups that are assigned something.
    pub members: Fact<Vec<String>>,
}

/// A user of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Its id.
    pub id: String,
    /// The user name, often an e-mail address.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Whether it may sign in; `None` where the directory does not say.
    pub enabled: Option<bool>,
}

/// What AWS Organizations says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// `o-…`
    pub id: Fact<String>,
    /// The management account, which no service control policy binds.
    pub management: Fact<AccountId>,
    /// Its accounts: ids and names.
    pub accounts: Fact<BTreeMap<AccountId, String>>,
    /// Accounts that administer Identity Center by delegation.
    pub delegated: Fact<BTreeSet<AccountId>>,
    /// Service control policies by account: a level of the tree each, from the root down to the account, each with its
    /// documents. A request must be allowed at each level.
    pub control_policies: BTreeMap<AccountId, Fact<Vec<Vec<String>>>>,
}
