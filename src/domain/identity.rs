//! A role on a cluster: what a context stands for, and how its cluster is named everywhere.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AccountId, ClusterName, Region, RoleArn, RoleName, SessionName};

/// Cluster × role: what a context stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The sign-in place.
    pub session: SessionName,
    /// The account of the assigned role.
    pub account: AccountId,
    /// The assigned role: a permission set, or an IAM role behind Okta.
    pub role: RoleName,
    /// The region of the cluster.
    pub region: Region,
    /// The cluster's name.
    pub cluster: ClusterName,
    /// A role that is assumed from there and that the cluster gets to see.
    pub assume: Option<RoleArn>,
    /// The account of the cluster, where it is known to be another one than the assigned role's: with a role that is assumed.
    pub elsewhere: Option<AccountId>,
}

/// What a role is told from others by in an account: the name of one that is assigned there, the ARN of one that is assumed
/// from an assigned one, which has a name that an assigned one may have, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKey {
    /// Assigned.
    Assigned(RoleName),
    /// Assumed from an assigned one.
    Assumed(RoleArn),
}

impl RoleKey {
    /// The role's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Assigned(name) => name.as_str(),
            Self::Assumed(arn) => arn.name(),
        }
    }
}

impl Identity {
    /// The kubeconfig user: unique for each identity, so that two roles on one cluster never share a credential.
    pub fn user_name(&self) -> String {
        let Self { session, account, role, region, cluster, assume, elsewhere: _ } = self;
        let name = format!("eksso/{session}/{account}/{role}/{region}/{cluster}");
        assume.as_ref().map_or(name.clone(), |arn| format!("{name}/{arn}"))
    }

    /// The account of its cluster.
    pub fn cluster_account(&self) -> &AccountId {
        self.elsewhere.as_ref().unwrap_or(&self.account)
    }

    /// The ARN of its cluster.
    pub fn cluster_arn(&self) -> String {
        cluster_arn(self.cluster_account(), &self.region, &self.cluster)
    }

    /// What its role is told from others by in the account of its cluster.
    pub fn role_key(&self) -> RoleKey {
        self.assume.clone().map_or_else(|| RoleKey::Assigned(self.role.clone()), RoleKey::Assumed)
    }

    /// The name of the role that its cluster gets to see, as people call it.
    pub fn role_name(&self) -> &str {
        self.assume.as_ref().map_or(self.role.as_str(), RoleArn::name)
    }

    /// The kubeconfig user of a use that has an end, beside the one that has none.
    pub fn bounded_user_name(&self) -> String {
        format!("{}/until", self.user_name())
    }
}

/// A cluster's ARN.
pub fn cluster_arn(account: &AccountId, region: &Region, cluster: &ClusterName) -> String {
    let partition = region.partition().arn();
    format!("arn:{partition}:eks:{region}:{account}:cluster/{cluster}")
}
