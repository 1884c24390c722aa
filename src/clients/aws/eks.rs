//! EKS: the clusters of an account and region, and where they answer.

use std::fmt::Display;

use aws_sdk_eks::Client;
use aws_sdk_eks::types::AssociatedAccessPolicy;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join;

use crate::clients::aws::Aws;
use crate::clients::failure::Failure;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{AuthMode, Entry, Policy};
use crate::domain::ids::{ClusterName, Region};
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::url::is_safe_url;

const SERVICE: &str = "EKS";
/// The type of access entries for people.
const FOR_PEOPLE: &str = "STANDARD";
const PAGE: i32 = 100;

/// EKS in one region, as one role.
#[derive(Debug)]
pub struct Eks(Client);

impl Eks {
    /// A client that signs as the role.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Client::new(&aws.config(region, aws.endpoints.eks.as_ref(), Some(credentials))))
    }

    /// ListClusters, all pages.
    pub async fn clusters(&self) -> Result<Vec<ClusterName>, Failure> {
        let (mut names, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let call = self.0.list_clusters().max_results(PAGE).set_next_token(next);
            let page = call.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
            for name in page.clusters.unwrap_or_default() {
                names.push(name.parse().map_err(nonsense)?);
            }
            next = pages.next(page.next_token).map_err(nonsense)?;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    /// DescribeCluster.
    pub async fn cluster(&self, name: &ClusterName) -> Result<Cluster, Failure> {
        let reply = self.0.describe_cluster().name(name.as_str()).send().await;
        let found = reply.map_err(|error| Failure::new(SERVICE, &error))?.cluster;
        let found = found.ok_or_else(|| nonsense("the answer holds no cluster"))?;
        let certificate_authority = found.certificate_authority.and_then(|ca| ca.data).unwrap_or_default();
        let endpoint = found.endpoint.unwrap_or_default();
        if !endpoint.is_empty() && !is_safe_url(&endpoint) {
            return Err(nonsense("the cluster's endpoint is not an https URL"));
        }
        STANDARD.decode(&certificate_authority).map_err(|_| nonsense("the cluster's CA is not base64"))?;
        let local = found.outpost_config.is_some();
        let mode = found.access_config.and_then(|access| access.authentication_mode);
        Ok(Cluster {
            name: name.clone(),
            status: found.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            version: found.version.unwrap_or_default(),
            endpoint,
            certificate_authority,
            mode: mode.and_then(|mode| AuthMode::parse(mode.as_str())),
            id: found.id.filter(|_| local).map(|id| id.parse()).transpose().map_err(nonsense)?,
            tags: found.tags.unwrap_or_default().into_iter().collect(),
        })
    }
}

impl Eks {
    /// ListAccessEntries, all pages: the ARNs of the principals that have one.
    pub async fn access_entries(&self, cluster: &ClusterName) -> Result<Vec<String>, Failure> {
        let (mut principals, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let call = self.0.list_access_entries().cluster_name(cluster.as_str()).max_results(PAGE);
            let page = call.set_next_token(next).send().await.map_err(|error| Failure::new(SERVICE, &error))?;
            principals.extend(page.access_entries.unwrap_or_default());
            next = pages.next(page.next_token).map_err(nonsense)?;
            if next.is_none() {
                return Ok(principals);
            }
        }
    }

    /// DescribeAccessEntry and ListAssociatedAccessPolicies: what a principal is in a cluster.
    pub async fn access_entry(&self, cluster: &ClusterName, principal: &str) -> Result<Entry, Failure> {
        let call = self.0.describe_access_entry().cluster_name(cluster.as_str()).principal_arn(principal).send();
        let described = async { call.await.map_err(|error| Failure::new(SERVICE, &error)) };
        let (found, policies) = try_join(described, self.policies(cluster, principal)).await?;
        let found = found.access_entry.ok_or_else(|| nonsense("the answer holds no access entry"))?;
        Ok(Entry {
            principal: principal.to_owned(),
            user: found.username.unwrap_or_default(),
            groups: found.kubernetes_groups.unwrap_or_default(),
            policies,
            kind: found.r#type.filter(|kind| kind != FOR_PEOPLE),
            unread: None,
        })
    }

    async fn policies(&self, cluster: &ClusterName, principal: &str) -> Result<Vec<Policy>, Failure> {
        let (mut policies, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let call = self.0.list_associated_access_policies().cluster_name(cluster.as_str()).principal_arn(principal);
            let page = call.max_results(PAGE).set_next_token(next).send().await;
            let page = page.map_err(|error| Failure::new(SERVICE, &error))?;
            policies.extend(page.associated_access_policies.unwrap_or_default().into_iter().map(policy));
            next = pages.next(page.next_token).map_err(nonsense)?;
            if next.is_none() {
                return Ok(policies);
            }
        }
    }
}

fn policy(found: AssociatedAccessPolicy) -> Policy {
    let arn = found.policy_arn.unwrap_or_default();
    let scope = found.access_scope.and_then(|scope| scope.namespaces);
    Policy { name: arn.rsplit('/').next().unwrap_or(&arn).to_owned(), namespaces: scope.unwrap_or_default() }
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}
