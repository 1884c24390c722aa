//! A role on a cluster: what a context stands for, and how its cluster is named everywhere.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AccountId, ClusterName, Region, RoleArn, RoleName, SessionName};

/// Cluster × role: what a context stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The sign-in place.
    pub session: SessionName,
    /// The account of the cluster and of the role.
    pub account: AccountId,
    /// The permission set.
    pub role: RoleName,
    /// The region of the cluster.
    pub region: Region,
    /// The cluster's name.
    pub cluster: ClusterName,
    /// A role that is assumed from there and that the cluster gets to see.
    pub assume: Option<RoleArn>,
}

impl Identity {
    /// The kubeconfig user: unique for each identity, so that two roles on one cluster never share a credential.
    pub fn user_name(&self) -> String {
        let Self { session, account, role, region, cluster, assume } = self;
        let name = format!("eksso/{session}/{account}/{role}/{region}/{cluster}");
        assume.as_ref().map_or(name.clone(), |arn| format!("{name}/{arn}"))
    }

    /// The ARN of its cluster.
    pub fn cluster_arn(&self) -> String {
        cluster_arn(&self.account, &self.region, &self.cluster)
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
