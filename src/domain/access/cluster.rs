//! A cluster, as EKS describes it.

use std::collections::BTreeMap;

use crate::domain::access::AuthMode;
use crate::domain::ids::{ClusterId, ClusterName};

/// What a kubeconfig needs to know of a cluster, and what a list shows.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// `ACTIVE`, `UPDATING`, `CREATING`, …
    pub status: String,
    /// Kubernetes version.
    pub version: String,
    /// `https://…`; empty while it is being created.
    pub endpoint: String,
    /// Base64 PEM, as EKS gives it.
    pub certificate_authority: String,
    /// Only for local clusters on Outposts: what their tokens are signed for.
    pub id: Option<ClusterId>,
    /// Where the cluster looks for who may come in.
    pub mode: Option<AuthMode>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}
