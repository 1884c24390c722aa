//! What is compared with what, and for which clusters.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{Cluster, Facts, IamRole};
use crate::domain::audit::access_file::PlannedCluster;
use crate::domain::ids::AccountId;
use crate::domain::role_arn::{Principal, permission_set};
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::role::{Made, Role};

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// What the file wants.
    pub plan: &'a Plan,
    /// What there is.
    pub facts: &'a Facts,
    /// The clusters that are meant, by their names in the file.
    pub clusters: &'a BTreeSet<String>,
}

impl<'a> Look<'a> {
    /// The clusters of a role that are meant.
    pub fn clusters_of(&self, role: &Role, account: Option<&AccountId>) -> Vec<(&'a str, &'a PlannedCluster)> {
        let all = self.plan.clusters_of(role, account);
        all.into_iter().filter(|(key, _)| self.clusters.contains(*key)).collect()
    }

    /// The accounts with clusters that are meant.
    pub fn accounts(&self) -> BTreeSet<&'a AccountId> {
        self.planned().values().map(|cluster| &cluster.account).collect()
    }

    /// The clusters that are meant.
    pub fn planned(&self) -> BTreeMap<&'a str, &'a PlannedCluster> {
        let all = self.plan.clusters.iter().map(|(key, cluster)| (key.as_str(), cluster));
        all.filter(|(key, _)| self.clusters.contains(*key)).collect()
    }

    /// The roles that get something in a cluster.
    pub fn roles_in(&self, key: &str) -> Vec<&'a Role> {
        self.plan.roles.iter().filter(|role| role.clusters.iter().any(|own| own == key)).collect()
    }

    /// A cluster as it was read.
    pub fn found(&self, cluster: &PlannedCluster) -> Option<&'a Cluster> {
        self.facts.clusters.iter().find(|found| {
            (&found.account, &found.region, &found.name) == (&cluster.account, &cluster.region, &cluster.name)
        })
    }

    /// The roles of an account, or why they are not known.
    pub fn iam(&self, account: &AccountId) -> Result<&'a [IamRole], String> {
        let found = self.facts.accounts.get(account).ok_or_else(|| format!("account {account} was not read"))?;
        match found.roles.get() {
            Some(roles) => Ok(roles),
            None => Err(found.roles.missing().unwrap_or("nobody asked").to_owned()),
        }
    }

    /// Whether an IAM role is the plan's role, present or past.
    pub fn is_role(&self, role: &Role, account: &AccountId, arn: &str) -> bool {
        let Some(found) = Principal::parse(arn).filter(|found| found.account == account.as_str()) else { return false };
        match role.made {
            Made::Set => found.has_portal_path() && permission_set(found.name) == Some(role.name.as_str()),
            Made::Okta(_) | Made::Entitled(_) | Made::Runner(_) => {
                arn == self.plan.role_pattern(role, account.as_str())
            }
            Made::Elsewhere => found.name == role.name,
        }
    }
}

/// The user name that EKS gives where nobody names one, and that the file's entries have. Source: protocols.md E.4.
pub fn usual(look: &Look<'_>, principal: &str) -> Option<String> {
    let found = Principal::parse(principal)?;
    let (partition, account, name) = (look.plan.partition.arn(), found.account, found.name);
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"))
}
