//! EKS: the clusters of an account and region, where they answer, and who is let in by what.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{
    AssociatedAccessPolicy, Capability as SdkCapability, Cluster as SdkCluster, IdentityProviderConfig, SsoIdentity,
    SsoIdentityType,
};
use aws_smithy_types::DateTime;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join;
use jiff::Timestamp;

use crate::clients::aws::Aws;
use crate::clients::failure::Failure;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::facts::{
    Assignee, Capability, ClusterSettings, EntryDetails, IdentityProvider, PodIdentity,
};
use crate::domain::access::{AuthMode, Entry, Policy};
use crate::domain::endpoints::Service;
use crate::domain::ids::{ClusterName, Region};
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::url::is_safe_url;

const SERVICE: &str = Service::Eks.called();
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

    /// DescribeCluster: what a kubeconfig needs.
    pub async fn cluster(&self, name: &ClusterName) -> Result<Cluster, Failure> {
        Self::known(name, self.described(name).await?)
    }

    /// DescribeCluster: the same, and what it says of who may come in.
    pub async fn cluster_settings(&self, name: &ClusterName) -> Result<(Cluster, ClusterSettings), Failure> {
        let found = self.described(name).await?;
        let settings = settings(&found);
        Ok((Self::known(name, found)?, settings))
    }

    async fn described(&self, name: &ClusterName) -> Result<SdkCluster, Failure> {
        let reply = self.0.describe_cluster().name(name.as_str()).send().await;
        let found = reply.map_err(|error| Failure::new(SERVICE, &error))?.cluster;
        found.ok_or_else(|| nonsense("the answer holds no cluster"))
    }

    fn known(name: &ClusterName, found: SdkCluster) -> Result<Cluster, Failure> {
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

    /// DescribeAccessEntry alone.
    pub async fn entry_details(&self, cluster: &ClusterName, principal: &str) -> Result<EntryDetails, Failure> {
        let call = self.0.describe_access_entry().cluster_name(cluster.as_str()).principal_arn(principal).send();
        let found = call.await.map_err(|error| Failure::new(SERVICE, &error))?.access_entry;
        let found = found.ok_or_else(|| nonsense("the answer holds no access entry"))?;
        Ok(EntryDetails {
            kind: found.r#type.unwrap_or_default(),
            user: found.username.unwrap_or_default(),
            groups: found.kubernetes_groups.unwrap_or_default(),
            created: time(found.created_at),
            modified: time(found.modified_at),
            tags: sorted(found.tags),
        })
    }

    /// ListAssociatedAccessPolicies, all pages.
    pub async fn policies(&self, cluster: &ClusterName, principal: &str) -> Result<Vec<Policy>, Failure> {
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

/// All pages of a list: `$call` makes the request for a page, `$field` holds what is listed.
macro_rules! all_pages {
    ($call:expr, $field:ident) => {{
        let (mut found, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let page = $call.max_results(PAGE).set_next_token(next).send().await;
            let page = page.map_err(|error| Failure::new(SERVICE, &error))?;
            found.extend(page.$field.unwrap_or_default());
            next = pages.next(page.next_token).map_err(nonsense)?;
            if next.is_none() {
                break found;
            }
        }
    }};
}

impl Eks {
    /// ListIdentityProviderConfigs and DescribeIdentityProviderConfig.
    pub async fn identity_providers(&self, cluster: &ClusterName) -> Result<Vec<IdentityProvider>, Failure> {
        let listed = all_pages!(
            self.0.list_identity_provider_configs().cluster_name(cluster.as_str()),
            identity_provider_configs
        );
        let mut providers = Vec::new();
        for IdentityProviderConfig { name, r#type, .. } in listed {
            let config = IdentityProviderConfig::builder().name(&name).r#type(r#type).build().map_err(nonsense)?;
            let call = self.0.describe_identity_provider_config().cluster_name(cluster.as_str());
            let found = call.identity_provider_config(config).send().await;
            let found = found.map_err(|error| Failure::new(SERVICE, &error))?;
            let found = found.identity_provider_config.and_then(|config| config.oidc);
            let found = found.ok_or_else(|| nonsense("an identity provider of a kind that is not OIDC"))?;
            let issuer = found.issuer_url.unwrap_or_default();
            let claim = found.username_claim.as_deref().unwrap_or("sub");
            providers.push(IdentityProvider {
                name,
                username_prefix: username_prefix(&issuer, claim, found.username_prefix.as_deref().unwrap_or_default()),
                issuer,
                groups_prefix: found.groups_prefix.unwrap_or_default(),
                groups_claim: found.groups_claim.unwrap_or_default(),
            });
        }
        Ok(providers)
    }

    /// ListCapabilities and DescribeCapability.
    pub async fn capabilities(&self, cluster: &ClusterName) -> Result<Vec<Capability>, Failure> {
        let listed = all_pages!(self.0.list_capabilities().cluster_name(cluster.as_str()), capabilities);
        let mut capabilities = Vec::new();
        for summary in listed {
            let name = summary.capability_name.unwrap_or_default();
            let call = self.0.describe_capability().cluster_name(cluster.as_str()).capability_name(name).send();
            let found = call.await.map_err(|error| Failure::new(SERVICE, &error))?.capability;
            capabilities.push(capability(found.ok_or_else(|| nonsense("the answer holds no capability"))?));
        }
        Ok(capabilities)
    }

    /// ListPodIdentityAssociations: their ids. The list says no role.
    pub async fn pod_identity_ids(&self, cluster: &ClusterName) -> Result<Vec<String>, Failure> {
        let listed = all_pages!(self.0.list_pod_identity_associations().cluster_name(cluster.as_str()), associations);
        Ok(listed.into_iter().filter_map(|summary| summary.association_id).collect())
    }

    /// DescribePodIdentityAssociation.
    pub async fn pod_identity(&self, cluster: &ClusterName, id: &str) -> Result<PodIdentity, Failure> {
        let call = self.0.describe_pod_identity_association().cluster_name(cluster.as_str()).association_id(id).send();
        let found = call.await.map_err(|error| Failure::new(SERVICE, &error))?.association;
        let found = found.ok_or_else(|| nonsense("the answer holds no pod identity association"))?;
        Ok(PodIdentity {
            namespace: found.namespace.unwrap_or_default(),
            service_account: found.service_account.unwrap_or_default(),
            role_arn: found.role_arn.unwrap_or_default(),
            target_role_arn: found.target_role_arn.filter(|arn| !arn.is_empty()),
        })
    }

    /// ListNodegroups and DescribeNodegroup: their roles.
    pub async fn nodegroup_roles(&self, cluster: &ClusterName) -> Result<BTreeSet<String>, Failure> {
        let listed = all_pages!(self.0.list_nodegroups().cluster_name(cluster.as_str()), nodegroups);
        let mut roles = BTreeSet::new();
        for name in listed {
            let call = self.0.describe_nodegroup().cluster_name(cluster.as_str()).nodegroup_name(name).send();
            let found = call.await.map_err(|error| Failure::new(SERVICE, &error))?.nodegroup;
            roles.extend(found.and_then(|group| group.node_role));
        }
        Ok(roles)
    }

    /// ListFargateProfiles and DescribeFargateProfile: their roles.
    pub async fn fargate_roles(&self, cluster: &ClusterName) -> Result<BTreeSet<String>, Failure> {
        let listed = all_pages!(self.0.list_fargate_profiles().cluster_name(cluster.as_str()), fargate_profile_names);
        let mut roles = BTreeSet::new();
        for name in listed {
            let call =
                self.0.describe_fargate_profile().cluster_name(cluster.as_str()).fargate_profile_name(name).send();
            let found = call.await.map_err(|error| Failure::new(SERVICE, &error))?.fargate_profile;
            roles.extend(found.and_then(|profile| profile.pod_execution_role_arn));
        }
        Ok(roles)
    }
}

/// What a cluster says of who may come in. Source: access.md 1.6.
fn settings(found: &SdkCluster) -> ClusterSettings {
    let (access, network) = (found.access_config.as_ref(), found.resources_vpc_config.as_ref());
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let logs = found.logging.as_ref().and_then(|logging| logging.cluster_logging.as_deref()).unwrap_or_default();
    // Those that are on and those that are off come as items of their own.
    let on = logs.iter().filter(|setup| setup.enabled == Some(true)).flat_map(|setup| setup.types.iter().flatten());
    let issuer =
        found.identity.as_ref().and_then(|identity| identity.oidc.as_ref()).and_then(|oidc| oidc.issuer.clone());
    let mode = access.and_then(|access| access.authentication_mode.as_ref());
    ClusterSettings {
        status: found.status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        version: text(&found.version),
        platform_version: text(&found.platform_version),
        mode: mode.and_then(|mode| AuthMode::parse(mode.as_str())),
        creator_was_made_admin: access.and_then(|access| access.bootstrap_cluster_creator_admin_permissions),
        created: time(found.created_at),
        role_arn: text(&found.role_arn),
        oidc_issuer: issuer,
        public: network.is_some_and(|network| network.endpoint_public_access),
        private: network.is_some_and(|network| network.endpoint_private_access),
        public_cidrs: network.and_then(|network| network.public_access_cidrs.clone()).filter(|all| !all.is_empty()),
        logs: on.map(|kind| kind.as_str().to_owned()).collect(),
        auto_mode: found.compute_config.as_ref().is_some_and(|compute| compute.enabled == Some(true)),
        registered: found.connector_config.is_some(),
        tags: sorted(found.tags.clone()),
    }
}

fn capability(found: SdkCapability) -> Capability {
    let argo = found.configuration.and_then(|configuration| configuration.argo_cd);
    let mappings = argo.and_then(|argo| argo.rbac_role_mappings).unwrap_or_default();
    let assignee = |identity: SsoIdentity| match identity.r#type {
        SsoIdentityType::SsoGroup => Assignee::Group(identity.id),
        _ => Assignee::User(identity.id),
    };
    let roles = mappings.into_iter().flat_map(|mapping| {
        let role = mapping.role.as_str().to_owned();
        mapping.identities.into_iter().map(move |identity| (role.clone(), assignee(identity)))
    });
    Capability {
        name: found.capability_name.unwrap_or_default(),
        kind: found.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        role_arn: found.role_arn.unwrap_or_default(),
        argo_roles: roles.collect(),
    }
}

fn time(found: Option<DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(found?.secs()).ok()
}

fn sorted(tags: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    tags.unwrap_or_default().into_iter().collect()
}

fn policy(found: AssociatedAccessPolicy) -> Policy {
    let arn = found.policy_arn.unwrap_or_default();
    let scope = found.access_scope.and_then(|scope| scope.namespaces);
    Policy { name: arn.rsplit('/').next().unwrap_or(&arn).to_owned(), namespaces: scope.unwrap_or_default() }
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}

/// What a cluster really puts before user names: `-` is for nothing, and without any it is the issuer, unless the name is an e-mail
/// address. Source: Kubernetes `--oidc-username-prefix`; EKS user guide, authenticate-oidc-identity-provider.
fn username_prefix(issuer: &str, claim: &str, given: &str) -> String {
    match given {
        "-" => String::new(),
        "" if claim != "email" => format!("{issuer}#"),
        given => given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_prefix_of_user_names_is_what_the_cluster_puts_there() {
        let prefix = |claim: &str, given: &str| username_prefix("https://id", claim, given);
        assert_eq!(prefix("sub", ""), "https://id#");
        assert_eq!((prefix("email", ""), prefix("sub", "-"), prefix("email", "-")), Default::default());
        assert_eq!((prefix("sub", "okta:"), prefix("email", "okta:")), ("okta:".into(), "okta:".into()));
    }
}
