//! Asking a cluster itself, as a role: who it is there, and what `aws-auth` says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clients::aws::Aws;
use crate::clients::kube::Kube;
use crate::domain::access::answers::Refusal;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{Entry, Listed, Review, aws_auth};
use crate::domain::credentials::eks_token;
use crate::domain::ids::{ClusterId, Region};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// Where a cluster's API is, and what its tokens are signed for.
#[derive(Debug)]
pub struct Address {
    /// `https://…`
    pub endpoint: String,
    /// Its CA, PEM.
    pub ca: Vec<u8>,
    /// The cluster's name, or its id on an Outpost.
    pub signed_for: String,
}

impl Address {
    /// From what EKS says.
    pub fn of(cluster: &Cluster) -> Result<Self> {
        let ca = STANDARD.decode(&cluster.certificate_authority);
        let ca = ca.map_err(|error| Error::new(Kind::Failed, "the cluster's CA is not base64").cause(error))?;
        let signed_for = cluster.id.as_ref().map_or(cluster.name.as_str(), ClusterId::as_str).to_owned();
        Ok(Self { endpoint: cluster.endpoint.clone(), ca, signed_for })
    }

    /// Its API, as a role.
    pub fn open(&self, world: &World, aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Result<Kube> {
        let token = eks_token::make(credentials, region, &self.signed_for, aws.host_kind(), world.clock.now());
        let token = token.map_err(|error| Error::new(Kind::Failed, error.to_string()))?;
        Kube::new(world.env.as_ref(), &self.endpoint, &self.ca, token.text)
    }
}

/// A described cluster's API, as a role.
pub fn kube(
    world: &World,
    aws: &Aws,
    region: &Region,
    cluster: &Cluster,
    credentials: &RoleCredentials,
) -> Result<Kube> {
    Address::of(cluster)?.open(world, aws, region, credentials)
}

/// What the cluster makes of the role.
pub async fn review(kube: Result<Kube>) -> Review {
    match kube {
        Ok(kube) => match kube.whoami().await {
            Ok(user) => Review::Known(user.username, user.groups),
            Err(Refusal::Unauthorized) => Review::Refused,
            Err(Refusal::Unreachable(why)) => Review::Unreachable(format!("the cluster cannot be reached: {why}")),
            // Known, though nobody says as whom: Kubernetes before 1.27 has no such review.
            Err(Refusal::Forbidden(_) | Refusal::Missing) => Review::Known(String::new(), Vec::new()),
        },
        Err(error) => Review::Unreachable(error.to_string()),
    }
}

/// The lines of `aws-auth` that this role may see; the flag says whether asking as another role may help.
pub async fn config_map(kube: Result<Kube>, partition: &str) -> (Listed<Vec<Entry>>, bool) {
    let hidden = |why: String, others: bool| (Listed::Hidden(why), others);
    match kube {
        Err(error) => hidden(error.to_string(), false),
        Ok(kube) => match kube.aws_auth().await {
            Ok((roles, accounts)) => match aws_auth::parse(&roles, &accounts, partition) {
                Ok(lines) => (Listed::Seen(lines), false),
                Err(why) => hidden(why, false),
            },
            Err(Refusal::Missing) => (Listed::Seen(Vec::new()), false),
            Err(Refusal::Unreachable(why)) => hidden(format!("the cluster cannot be reached: {why}"), false),
            Err(Refusal::Unauthorized | Refusal::Forbidden(_)) => {
                hidden("none of your roles that were asked may read aws-auth".to_owned(), true)
            }
        },
    }
}
