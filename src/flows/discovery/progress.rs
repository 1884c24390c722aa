//! How far a search is, what it could not look at, and who is told.

use std::collections::BTreeMap;

use crate::domain::discovery::index::RoleChanges;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::Error;

/// How far the search is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Accounts that are to be looked at, as far as they are known.
    pub accounts: usize,
    /// Those of them that are done.
    pub accounts_done: usize,
    /// Roles whose entries are to be checked.
    pub checks: usize,
    /// Those of them that are done.
    pub checks_done: usize,
    /// Clusters that were looked at.
    pub clusters: usize,
}

/// What has just become known.
#[derive(Debug, Clone, Copy)]
pub enum Step<'s> {
    /// Accounts, or the roles of one.
    Account,
    /// A cluster, and who is let in as far as that is known without further looks.
    Cluster(&'s AccountId, &'s Region, &'s ClusterName),
    /// Which IAM role stands behind a role, or what one cluster said to it.
    Role(&'s AccountId, &'s RoleName, Option<(&'s Region, &'s ClusterName)>),
}

/// What could not be looked at.
#[derive(Debug, Default)]
pub struct Problems {
    /// Places where no role may list clusters.
    pub denied: usize,
    /// Places that are not enabled.
    pub off: usize,
    /// Everything else that failed.
    pub failed: Vec<Error>,
    /// Calls that were not made because their region did not answer others.
    pub unasked: BTreeMap<Region, usize>,
    /// Pairs of a cluster and a role that were to be asked themselves and could not.
    pub unverified: usize,
    /// Roles that came and went, by account.
    pub news: Vec<(AccountId, RoleChanges)>,
}
