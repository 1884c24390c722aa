//! The credentials of the environment, for runs in CI, where nobody signs in: access keys, or a web identity token as runners
//! with OIDC have one; and the role that is assumed with them in each account. Only `access`, `audit` and `scaffold diff` offer
//! this: all other commands ignore these variables (product.md, "The identity is in the arguments").

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::SignedDuration;

use crate::clients::aws::Aws;
use crate::clients::aws::eks::Eks;
use crate::clients::aws::organizations::Organizations;
use crate::clients::aws::sts::{Sts, assume_with_web_identity};
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::aws_config::AssumeOptions;
use crate::domain::settings::config::AssumedName;
use crate::error::{Error, Kind, Result};
use crate::flows::access::gather::looker::Looker;
use crate::flows::sign_in::portal;
use crate::ports::World;

const MAX_TOKEN: u64 = 64 << 10;
/// What STS and CloudTrail know the sessions by.
const SESSION: &str = "eksso";
/// Keys without an end in the environment are asked about again before this.
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Credentials of the environment, and what they lead to.
#[derive(Debug)]
pub struct Environment<'a> {
    /// The AWS clients.
    pub aws: Aws,
    /// The account that they are of.
    pub account: AccountId,
    /// Whose they are: the user's ARN, or the role's session's without the session's name, which each run chooses anew.
    pub identity: String,
    /// The region whose STS and whose partition are asked.
    pub region: Region,
    base: RoleCredentials,
    assume: Option<&'a AssumedName>,
}

impl<'a> Environment<'a> {
    /// Takes the credentials and asks STS whose they are.
    ///
    /// # Errors
    /// There are none, or AWS does not take them.
    pub async fn take(world: &World, region: &Region, assume: Option<&'a AssumedName>) -> Result<Self> {
        let aws = portal::aws(world)?;
        let base = base(world, &aws, region).await?;
        let (account, arn) =
            Sts::new(&aws, region, &base).identity().await.map_err(|failure| refused(world, failure))?;
        let role =
            arn.contains(":assumed-role/").then(|| arn.rsplit_once('/')).flatten().map(|(role, _)| role.to_owned());
        let identity = role.unwrap_or(arn);
        Ok(Self { aws, account, identity, region: region.clone(), base, assume })
    }

    /// The role that looks in an account: the one to assume there; without it, the credentials themselves in their own account.
    pub fn lookers(&self, account: &AccountId) -> Vec<Looker> {
        let role = self.assume.and_then(|assume| assume.as_str().rsplit('/').next()?.parse::<RoleName>().ok());
        let assumed = role.map(|role| Looker { account: account.clone(), role: Some(role) });
        let own = (*account == self.account).then(|| Looker { account: account.clone(), role: None });
        assumed.into_iter().chain(own).collect()
    }

    /// The credentials of one of them.
    ///
    /// # Errors
    /// The role may not be assumed.
    pub async fn credentials(&self, looker: &Looker) -> Result<RoleCredentials> {
        let (Some(assume), Some(_)) = (self.assume, &looker.role) else { return Ok(self.base.clone()) };
        let arn = assume.arn(self.region.partition(), &looker.account)?;
        let sts = Sts::new(&self.aws, &self.region, &self.base);
        sts.assume(&arn, SESSION, &AssumeOptions::NONE).await.map_err(|failure| {
            Error::from(failure).within(&format!("{arn}")).hint(
                "its trust policy must name the role of the environment; `[access] assume` in config.toml names it",
            )
        })
    }

    /// The accounts of the organization, by id, where it may be listed; the own account where it may not.
    pub async fn accounts(&self) -> Result<BTreeMap<AccountId, String>, Failure> {
        Organizations::new(&self.aws, &self.region, &self.base).accounts().await
    }

    /// The accounts below organizational units.
    pub async fn below(&self, units: &[String]) -> Result<BTreeSet<AccountId>, Failure> {
        Organizations::new(&self.aws, &self.region, &self.base).below(units).await
    }

    /// The clusters of an account and a region.
    ///
    /// # Errors
    /// Nobody may list them, or AWS does not answer.
    pub async fn clusters(&self, looker: &Looker, region: &Region) -> Result<Vec<ClusterName>> {
        let credentials = self.credentials(looker).await?;
        let listed = Eks::new(&self.aws, region, &credentials).clusters().await;
        listed.map_err(|failure| Error::from(failure).within(&format!("account {}, {region}", looker.account)))
    }
}

/// Why AWS does not answer to the credentials of the environment. Nobody signed in for them, so no new sign-in mends them.
fn refused(world: &World, failure: Failure) -> Error {
    if failure.kind != FailureKind::Unauthorized {
        return Error::from(failure).within("the credentials of the environment");
    }
    let has_keys = world.env.var("AWS_ACCESS_KEY_ID").is_some();
    let from = if has_keys { "AWS_ACCESS_KEY_ID" } else { "AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN" };
    Error::new(Kind::Denied, format!("AWS does not accept the credentials of the environment ({from})"))
        .answer(&failure)
        .hint("aws sts get-caller-identity asks the same with the same variables")
        .hint("they are expired, of another partition, or not meant for this: the job that runs eksso has to get new ones")
}

/// What the variables hold: keys first, then a web identity token and the role that it is for, as in the SDKs.
async fn base(world: &World, aws: &Aws, region: &Region) -> Result<RoleCredentials> {
    let var = |name: &str| world.env.var(name);
    if let (Some(key), Some(secret)) = (var("AWS_ACCESS_KEY_ID"), var("AWS_SECRET_ACCESS_KEY")) {
        return Ok(RoleCredentials {
            access_key_id: key,
            secret_access_key: SecretString::from(secret.as_str()),
            session_token: SecretString::from(var("AWS_SESSION_TOKEN").unwrap_or_default().as_str()),
            made_at: None,
            expires_at: world.clock.now() + LIFE,
        });
    }
    let (Some(file), Some(role)) = (var("AWS_WEB_IDENTITY_TOKEN_FILE"), var("AWS_ROLE_ARN")) else {
        return Err(Error::new(Kind::SignInNeeded, "there are no AWS credentials in the environment")
            .cause("neither AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY nor AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN is set")
            .hint("without `--credentials environment` your own session is used: eksso login"));
    };
    world.policy()?.role(role.rsplit('/').next().unwrap_or(&role))?;
    let token = world.files.read(Path::new(&file), MAX_TOKEN)?;
    let missing =
        || Error::new(Kind::NotFound, format!("there is no file {file}, which AWS_WEB_IDENTITY_TOKEN_FILE names"));
    let token = String::from_utf8(token.ok_or_else(missing)?);
    let token = token.map_err(|_| Error::new(Kind::Failed, format!("{file} holds no token: it is not UTF-8 text")))?;
    let token: SecretString = Secret::new(token.trim().to_owned());
    let name = var("AWS_ROLE_SESSION_NAME").unwrap_or_else(|| SESSION.to_owned());
    let assumed = assume_with_web_identity(aws, region, &role.parse()?, &name, &token).await;
    assumed.map_err(|failure| refused(world, failure))
}
