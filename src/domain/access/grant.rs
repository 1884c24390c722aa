//! What follows from the facts: who reaches a cluster, by which way, as whom, and with which rights. One grant is one mapping of a
//! cluster: an access entry, a line of `aws-auth`, the hidden creator or another identity provider.

use serde::{Deserialize, Serialize};

use crate::domain::access::facts::Source;
use crate::domain::access::{Listed, Policy};
use crate::domain::ids::{AccountId, ClusterName, Region};

/// A cluster's name in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClusterRef {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: ClusterName,
}

/// One mapping of a cluster and all that follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The cluster.
    pub cluster: ClusterRef,
    /// The IAM principal as it stands in the mapping: an ARN, an account's id for `mapAccounts`, an issuer for an identity provider; empty for the
    /// hidden creator.
    pub principal: String,
    /// What kind of principal that is.
    pub kind: PrincipalKind,
    /// Where it is mapped.
    pub mapped_by: MappedBy,
    /// The Kubernetes user, templates as written; empty where it could not be seen.
    pub user: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// The access policies.
    pub policies: Vec<Policy>,
    /// Why the details could not be read, where the mapping is only known to be listed.
    pub unread: Option<String>,
    /// What it may do in Kubernetes; hidden where roles or bindings could not be read.
    pub rights: Listed<Vec<Right>>,
    /// Who can become the principal: from its trust policy.
    pub ways_in: Listed<Vec<WayIn>>,
    /// The people and groups behind it, where the directory may be read.
    pub people: Listed<Vec<Person>>,
    /// Whether the mapping lets anybody in.
    pub life: Life,
    /// AWS's own: never a finding (access.md 2.9).
    pub aws_own: bool,
    /// Which calls said so.
    pub sources: Vec<Source>,
}

/// What a mapping names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PrincipalKind {
    /// The role of a permission set.
    PermissionSet {
        /// The permission set's name.
        set: String,
    },
    /// Another IAM role.
    Role,
    /// An IAM user.
    User,
    /// A whole account.
    Account,
    /// Machines: nodes and Fargate.
    Node,
    /// A role of AWS's services.
    Service,
    /// Users of an identity provider beside IAM.
    IdentityProvider,
    /// The cluster's creator, whom no list names.
    Creator,
    /// Something that eksso does not know.
    Unknown,
}

/// Where a cluster names a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedBy {
    /// An access entry.
    AccessEntry,
    /// A line of `aws-auth`.
    AwsAuth,
    /// No list: it made the cluster.
    Creation,
    /// An identity provider configuration.
    IdentityProvider,
}

/// One right and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Right {
    /// `AmazonEKSViewPolicy`, or the name of a ClusterRole or Role.
    pub role: String,
    /// The binding that gives it; empty for an access policy.
    pub binding: String,
    /// The group or user that the binding names; empty for an access policy.
    pub subject: String,
    /// Where it holds; empty for the whole cluster.
    pub namespaces: Vec<String>,
}

/// Who can become a principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum WayIn {
    /// Identity Center; the permission set.
    IdentityCenter(String),
    /// The account access manager, for those entitled.
    AccessManager(String),
    /// A SAML provider; its ARN.
    Saml(String),
    /// An OIDC provider; its issuer.
    Oidc(String),
    /// Another role or user; its ARN.
    Principal(String),
    /// Whoever an account lets; its id.
    Account(String),
    /// An AWS service.
    Service(String),
    /// Anybody in AWS.
    Anyone,
    /// Access keys or a password of the IAM user itself.
    Keys,
}

/// A person or a group who can use a principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// `user` or `group`
    pub kind: String,
    /// The directory's id.
    pub id: String,
    /// User name or name of the group; empty where the directory no longer knows the id.
    pub name: String,
    /// The group that brings it; empty for who is assigned directly, and for groups.
    pub through: String,
    /// Whether it may sign in; `None` where that is not known.
    pub enabled: Option<bool>,
    /// For a group: why its members could not be read; then there may be more people than are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_unread: Option<String>,
}

/// Whether a mapping lets anybody in. Rules: access.md 2.11.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
pub enum Life {
    /// Its principal is there.
    Alive,
    /// It lets nobody in; why.
    Dead(String),
    /// It could not be told; why.
    Unknown(String),
}
