//! Asking a cluster itself, as a role: who it is there, and what `aws-auth` says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clients::aws::Aws;
use crate::clients::aws::sts::judge;
use crate::clients::failure::FailureKind;
use crate::clients::kube::Kube;
pub use crate::clients::kube::Route;
use crate::domain::access::answers::{Refusal, User};
use crate::domain::access::aws_auth::{Lines, parse};
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{Judgement, Review};
use crate::domain::credentials::eks_token::{self, EksToken};
use crate::domain::ids::{ClusterId, Region};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// Where a cluster's API is, and what its tokens are signed for.
#[derive(Debug)]
pub struct Address {
    /// `https://…`
    pub endpoint: String,
    /// How it is reached, and what is trusted there.
    pub route: Route,
    /// The cluster's name, or its id on an Outpost.
    pub signed_for: String,
}

impl Address {
    /// From what EKS says.
    pub fn of(cluster: &Cluster) -> Result<Self> {
        let ca = STANDARD.decode(&cluster.certificate_authority);
        let ca = ca.map_err(|error| Error::new(Kind::Failed, "the cluster's CA is not base64").cause(error))?;
        let signed_for = cluster.id.as_ref().map_or(cluster.name.as_str(), ClusterId::as_str).to_owned();
        let route = Route { ca: Some(ca), ..Route::default() };
        Ok(Self { endpoint: cluster.endpoint.clone(), route, signed_for })
    }

    /// Its API, as a role.
    pub fn open<'a>(
        &'a self,
        world: &World,
        aws: &'a Aws,
        region: &Region,
        credentials: &RoleCredentials,
    ) -> Result<Visit<'a>> {
        let token = eks_token::make(credentials, region, &self.signed_for, aws.host_kind(), world.clock.now());
        let token = token.map_err(|error| Error::new(Kind::Failed, error.to_string()))?;
        let kube = Kube::new(world.env.as_ref(), &self.endpoint, &self.route, token.text.clone())?;
        Ok(Visit { kube, token, aws, signed_for: &self.signed_for })
    }
}

/// A cluster's API, as one role, and the token it is asked with.
#[derive(Debug)]
pub struct Visit<'a> {
    /// The API.
    pub kube: Kube,
    token: EksToken,
    aws: &'a Aws,
    signed_for: &'a str,
}

/// What a cluster made of a role.
#[derive(Debug)]
pub struct Reviewed {
    /// Its answer.
    pub review: Review,
    /// The IAM role behind it, which the answer tells by the way.
    pub iam_role: Option<String>,
    /// Whether no role would get an answer there now.
    pub is_down: bool,
}

impl Reviewed {
    /// Of a cluster that was not asked.
    pub fn unasked(why: impl Into<String>) -> Self {
        Self { review: Review::Unreachable(why.into()), iam_role: None, is_down: false }
    }
}

impl Visit<'_> {
    /// Who the role is there.
    pub async fn whoami(&self) -> Result<User, Refusal> {
        self.kube.whoami().await
    }

    /// What STS makes of the token, and the IAM role it names.
    pub async fn judge(&self) -> (Judgement, Option<String>) {
        match judge(self.aws, &self.token, self.signed_for).await {
            Ok(caller) => (Judgement::Good, Some(caller.role)),
            Err(failure) => match (failure.kind, failure.code.clone()) {
                (FailureKind::Refused, Some(code)) => (Judgement::Bad(code), None),
                _ => (Judgement::Silent(failure.to_string()), None),
            },
        }
    }

    /// What the cluster makes of the role; of a refusal, whether the token is to blame.
    pub async fn review(&self) -> Reviewed {
        let known =
            |user: String, groups, iam_role| Reviewed { review: Review::Known(user, groups), iam_role, is_down: false };
        match self.whoami().await {
            Ok(user) => {
                let iam_role = user.iam_role().map(str::to_owned);
                known(user.username, user.groups, iam_role)
            }
            // Let in, though it does not say as whom: a hardened cluster without system:basic-user, or Kubernetes before 1.27.
            Err(Refusal::Forbidden(_) | Refusal::Missing) => known(String::new(), Vec::new(), None),
            Err(Refusal::Unauthorized) => {
                let (judgement, iam_role) = self.judge().await;
                Reviewed { review: Review::Refused(judgement), iam_role, is_down: false }
            }
            Err(Refusal::Unreachable(why)) => Reviewed {
                review: Review::Unreachable(format!("the cluster cannot be reached: {why}")),
                iam_role: None,
                is_down: true,
            },
            Err(Refusal::Failed(why)) => Reviewed {
                review: Review::Unreachable(format!("the cluster answered with an error: {why}")),
                iam_role: None,
                is_down: true,
            },
            Err(Refusal::Untrusted(why)) => Reviewed {
                review: Review::Unreachable(format!("its certificate is not of the CA that EKS names: {why}")),
                iam_role: None,
                is_down: true,
            },
        }
    }

    /// The lines of `aws-auth`.
    pub async fn lines(&self) -> Result<Lines, Refusal> {
        match self.kube.aws_auth().await {
            Ok(data) => Ok(parse(&data)),
            Err(Refusal::Missing) => Ok(Lines::default()),
            Err(refusal) => Err(refusal),
        }
    }
}
