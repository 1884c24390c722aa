//! How far a search is, what it could not look at, and who is told.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::discovery::index::RoleChanges;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::Error;

/// How far the search is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl Add for Progress {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            accounts: self.accounts + other.accounts,
            accounts_done: self.accounts_done + other.accounts_done,
            checks: self.checks + other.checks,
            checks_done: self.checks_done + other.checks_done,
            clusters: self.clusters + other.clusters,
        }
    }
}

/// What has just become known.
#[derive(Debug, Clone, Copy)]
pub enum Step<'s> {
    /// How far it is.
    Account,
    /// The roles of an account.
    Roles(&'s AccountId),
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
    /// When the first of the denials that this is believed from was met, where they were not asked about again.
    pub denied_at: Option<Timestamp>,
    /// Places where config.toml leaves no role to look with.
    pub barred: usize,
    /// Places that a service control policy closes.
    pub closed: usize,
    /// Places that are not enabled.
    pub off: usize,
    /// Roles that may do everything and were used to look, as no other could.
    pub wide: BTreeSet<(AccountId, RoleName)>,
    /// Everything else that failed.
    pub failed: Vec<Error>,
    /// Calls that were not made because a region of a service did not answer others.
    pub unasked: BTreeMap<(&'static str, Region), usize>,
    /// Pairs of a cluster and a role that were to be asked themselves and could not.
    pub unverified: usize,
    /// Why it could not be read which accounts are below the organizational units that are to be left out.
    pub units: Option<String>,
    /// Roles that came and went, by account.
    pub role_changes: Vec<(AccountId, RoleChanges)>,
}
