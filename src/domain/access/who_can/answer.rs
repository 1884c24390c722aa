//! What is answered to `--who-can` and `--who`: data; the words for people are the command's.

use serde::Serialize;

use crate::domain::access::Listed;
use crate::domain::access::facts::Assignee;
use crate::domain::access::grant::{ClusterRef, Grant, Right, WayIn};

/// What is answered to `--who-can`, for all clusters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoCan<'a> {
    /// What was taken for granted in reading the question, in words: a kind that eksso does not know, a namespace that does not count.
    pub notes: Vec<String>,
    /// One row a grant, in the order of the grants.
    pub rows: Vec<Row<'a>>,
    /// RBAC subjects that no mapping reaches and that may do it: service accounts, and users and groups of other authenticators.
    pub others: Vec<Other>,
    /// What could not be looked at, so that there may be more who can.
    pub gaps: Vec<Gap>,
}

/// What is answered for one grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row<'a> {
    /// The mapping, with its people and ways in.
    pub grant: &'a Grant,
    /// Whether it may.
    pub answer: Answer,
}

/// Whether a mapping may do what is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "can", content = "by")]
pub enum Answer {
    /// Yes, by each of these.
    Yes(Vec<Path>),
    /// Not all that was asked: in some namespaces, for objects of some names, or in sessions of one name.
    Partly(Vec<Path>),
    /// No; why, where it is not just that nothing allows it.
    No(Option<String>),
    /// It cannot be told.
    Unknown {
        /// What could not be read.
        why: String,
        /// What it may at least: not all that was asked.
        at_least: Vec<Path>,
    },
}

/// How a mapping comes to a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Path {
    /// The access policy, or the role with its binding and the group or user that the binding names. Its namespaces are those where it holds.
    pub right: Right,
    /// The objects' names that it is limited to, where the question names none; empty for no limit.
    pub names: Vec<String>,
    /// The session's name that makes the user that the binding names; none where every session has the right.
    pub session: Option<String>,
}

/// A subject of bindings that no mapping reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Other {
    /// The cluster.
    pub cluster: ClusterRef,
    /// `ServiceAccount`, `User`, `Group`
    pub kind: String,
    /// The namespace of a service account; empty for the others.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether it may all that was asked.
    pub all: bool,
    /// By what.
    pub paths: Vec<Path>,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// The cluster; none for what lies outside of clusters.
    pub cluster: Option<ClusterRef>,
    /// What, in words: `access entries`.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// What is answered to `--who`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reach<'a> {
    /// What the word names; empty where nothing is known under it.
    pub found: Vec<Found>,
    /// The grants that it reaches, in the order of the grants. The dead ones are among them.
    pub grants: Vec<Reached<'a>>,
    /// For a person of the directory who may not sign in, or whom it does not know: what is left to do.
    pub off_boarding: Option<OffBoarding<'a>>,
    /// What could not be looked at, so that there may be more.
    pub gaps: Vec<Gap>,
}

/// What a word names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Found {
    /// A user of a directory.
    Person {
        /// The directory's id.
        id: String,
        /// The user name.
        name: String,
        /// Whether it may sign in; `None` where the directory does not say.
        enabled: Option<bool>,
    },
    /// A group of a directory.
    Group {
        /// The directory's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A permission set; its name.
    PermissionSet {
        /// Its name.
        name: String,
    },
    /// An IAM role or user; its ARN.
    Principal {
        /// Its ARN.
        arn: String,
    },
}

/// A grant that is reached, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached<'a> {
    /// The mapping.
    pub grant: &'a Grant,
    /// The steps between the word and the mapping's principal, in words: `group EKS Developers`, `permission set Dev`, `role arn:…`.
    pub by: Vec<String>,
    /// Whether the last step only may be: the account's own policies decide who takes it.
    pub maybe: bool,
    /// Its rights, without those of bindings to another person's session.
    pub rights: Listed<Vec<Right>>,
}

/// What is left when somebody leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OffBoarding<'a> {
    /// What the directory says of the person.
    pub standing: Standing,
    /// What may still live, and until when at most.
    pub living: Vec<Living>,
    /// What to take away.
    pub revoke: Vec<Revoke>,
    /// Ways into clusters that do not pass the directory: whoever knows them gets in without it.
    pub other_ways: Vec<OtherWay<'a>>,
}

/// What the directory says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is there and may not sign in.
    Disabled,
    /// No directory that could be read knows it.
    Absent,
}

/// What may live on after somebody was locked out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Living {
    /// The portal session, as long as the administrators of Identity Center set it: no call of eksso's tells how long.
    PortalSession {
        /// The instance's ARN.
        instance: String,
    },
    /// Sessions of a role.
    RoleSession {
        /// The account.
        account: String,
        /// The permission set or the role's ARN.
        role: String,
        /// The longest time that one lasts, in seconds.
        seconds: u32,
        /// Whether that is the role's own setting; else it is the longest that there can be.
        exact: bool,
    },
    /// Tokens for clusters, made before.
    ClusterToken {
        /// The longest time that one lasts, in seconds.
        seconds: u32,
    },
}

/// What to take away from somebody who left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Revoke {
    /// Its portal sessions.
    PortalSessions {
        /// The identity store's id.
        store: String,
        /// The user's id; empty where the directory no longer knows it.
        user: String,
    },
    /// Its membership in a group that is assigned something.
    Membership {
        /// The identity store's id.
        store: String,
        /// The group's id.
        group: String,
        /// Its name.
        group_name: String,
        /// The user's id.
        user: String,
    },
    /// An assignment of a permission set.
    Assignment {
        /// The instance's ARN.
        instance: String,
        /// The permission set's ARN.
        set: String,
        /// Its name.
        set_name: String,
        /// The account.
        account: String,
        /// The person or the group that is assigned.
        assignee: Assignee,
    },
    /// An entitlement of the account access manager.
    Entitlement {
        /// The role's ARN.
        role_arn: String,
        /// The person or the group that is entitled.
        assignee: Assignee,
    },
    /// A binding to its user name in a cluster.
    Binding {
        /// The cluster.
        cluster: ClusterRef,
        /// The namespace; empty for a ClusterRoleBinding.
        namespace: String,
        /// The binding's name.
        binding: String,
        /// The user that it names.
        user: String,
    },
}

/// A way into a cluster that does not pass the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherWay<'a> {
    /// The mapping that it leads to.
    pub grant: &'a Grant,
    /// The way; none where it is not known who can become the principal.
    pub way: Option<WayIn>,
    /// Whether the name of the user or session looks like the person's.
    pub is_named_alike: bool,
}
