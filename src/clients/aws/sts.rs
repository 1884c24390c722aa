//! STS: who role credentials are, and roles assumed from them or by a SAML assertion.

use std::fmt::Display;

use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials;
use jiff::Timestamp;

use crate::clients::aws::Aws;
use crate::clients::failure::Failure;
use crate::domain::assignments::SamlRole;
use crate::domain::ids::{Region, RoleArn};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};

const SERVICE: &str = "STS";

/// Who role credentials are.
#[derive(Debug, Clone)]
pub struct Caller {
    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`
    pub arn: String,
    /// The IAM role's name, without its path.
    pub role: String,
    /// The session name, which for a portal's roles is the user's name.
    pub session: String,
}

/// STS in one region, as one role.
#[derive(Debug)]
pub struct Sts(Client);

impl Sts {
    /// A client that signs as the role.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Client::new(&aws.config(region, aws.endpoints.sts.as_ref(), Some(credentials))))
    }

    /// GetCallerIdentity. No permission is needed for it, and none can be taken away.
    pub async fn caller(&self) -> Result<Caller, Failure> {
        let reply = self.0.get_caller_identity().send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        let arn = reply.arn.unwrap_or_default();
        let name = arn.split_once(":assumed-role/").and_then(|(_, name)| name.split_once('/'));
        let Some((role, session)) = name.filter(|(role, session)| !role.is_empty() && !session.is_empty()) else {
            return Err(nonsense("the answer names no assumed role"));
        };
        let (role, session) = (role.to_owned(), session.to_owned());
        Ok(Caller { role, session, arn })
    }

    /// AssumeRole, for as long as AWS lets a chained role last: an hour.
    pub async fn assume(&self, arn: &RoleArn, session_name: &str) -> Result<RoleCredentials, Failure> {
        let call = self.0.assume_role().role_arn(arn.as_str()).role_session_name(session_name).duration_seconds(3600);
        let reply = call.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        credentials(reply.credentials)
    }
}

/// AssumeRoleWithSAML, for so many seconds: not signed, as the assertion says who asks. More than the role's maximum is
/// refused, not cut.
pub async fn assume_with_saml(
    aws: &Aws,
    region: &Region,
    role: &SamlRole,
    response: &SecretString,
    seconds: i32,
) -> Result<RoleCredentials, Failure> {
    let client = Client::new(&aws.config(region, aws.endpoints.sts.as_ref(), None));
    let call = client.assume_role_with_saml().role_arn(role.arn.as_str()).principal_arn(role.provider.as_str());
    let reply = call.saml_assertion(response.expose()).duration_seconds(seconds).send().await;
    credentials(reply.map_err(|error| Failure::new(SERVICE, &error))?.credentials)
}

fn credentials(found: Option<Credentials>) -> Result<RoleCredentials, Failure> {
    let found = found.ok_or_else(|| nonsense("the answer holds no credentials"))?;
    let end = Timestamp::from_second(found.expiration.secs());
    Ok(RoleCredentials {
        access_key_id: found.access_key_id,
        secret_access_key: Secret::new(found.secret_access_key),
        // Old samples wrap it over lines.
        session_token: Secret::new(found.session_token.split_whitespace().collect()),
        expires_at: end.map_err(|_| nonsense("the answer holds no expiration"))?,
    })
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}
