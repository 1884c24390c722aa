//! STS: who role credentials are, and roles assumed from them or by a SAML assertion.

use std::error::Error as StdError;
use std::fmt::Display;
use std::time::Duration;

use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind, request_id, root_cause};
use crate::domain::assignments::SamlRole;
use crate::domain::credentials::eks_token::EksToken;
use crate::domain::endpoints::Service;
use crate::domain::ids::{AccountId, Region, RoleArn};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::aws_config::AssumeOptions;

const SERVICE: &str = Service::Sts.called();
/// As long as the authenticator waits for STS.
const JUDGED_WITHIN: Duration = Duration::from_secs(10);

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
        caller(reply.arn.unwrap_or_default())
    }

    /// GetCallerIdentity of whatever it is: the account, and the ARN.
    pub async fn identity(&self) -> Result<(AccountId, String), Failure> {
        let reply = self.0.get_caller_identity().send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        let arn = reply.arn.filter(|arn| !arn.is_empty()).ok_or_else(|| nonsense("the answer holds no ARN"))?;
        Ok((reply.account.unwrap_or_default().parse().map_err(nonsense)?, arn))
    }

    /// AssumeRole, for as long as AWS lets a chained role last, an hour, where nothing else is wanted.
    pub async fn assume(
        &self,
        arn: &RoleArn,
        session_name: &str,
        options: &AssumeOptions,
    ) -> Result<RoleCredentials, Failure> {
        let seconds = options.duration_seconds.unwrap_or(3600);
        let call = self.0.assume_role().role_arn(arn.as_str()).role_session_name(session_name);
        let call = call.duration_seconds(seconds).set_external_id(options.external_id.clone());
        let reply = call.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        credentials(reply.credentials)
    }
}

/// Sends a token to STS as a cluster does, to learn whether STS takes it. Source: aws-iam-authenticator
/// `pkg/token/token.go`, Verify: the presigned URL as it is, GET, the cluster's name in `x-k8s-aws-id`, JSON asked for.
pub async fn judge(aws: &Aws, token: &EksToken, cluster: &str) -> Result<Caller, Failure> {
    let url = token.url().ok_or_else(|| nonsense("the token holds no URL"))?;
    let (host, rest) = url.strip_prefix("https://").and_then(|url| url.split_once('/')).unwrap_or_default();
    let base = aws.endpoints.sts.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let base = base.unwrap_or_else(|| format!("https://{host}"));
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(Zeroizing::new(format!("{base}/{rest}")).as_str()).map_err(nonsense)?;
    let headers = request.headers_mut();
    // The signed host, also where another address answers for STS.
    headers.try_insert("host", host.to_owned()).map_err(nonsense)?;
    headers.try_insert("x-k8s-aws-id", cluster.to_owned()).map_err(nonsense)?;
    headers.insert("accept", "application/json");
    let exchange = async {
        let network = |error: &(dyn StdError + 'static)| Failure::unasked(SERVICE, root_cause(error));
        let answer = aws.connector().call(request).await.map_err(|error| network(&error))?;
        let status = answer.status().as_u16();
        let id = request_id(|name| answer.headers().get(name));
        let body = answer.into_body().collect().await.map_err(nonsense)?.to_bytes();
        Ok((status, id, String::from_utf8_lossy(&body).into_owned()))
    };
    let (status, id, body) =
        timeout(JUDGED_WITHIN, exchange).await.unwrap_or_else(|_| Err(Failure::silent(SERVICE)))?;
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    if status == 200 {
        let arn = json.pointer("/GetCallerIdentityResponse/GetCallerIdentityResult/Arn").and_then(Value::as_str);
        return caller(arn.unwrap_or_default().to_owned());
    }
    let code = json.pointer("/Error/Code").and_then(Value::as_str).or_else(|| {
        let (_, rest) = body.split_once("<Code>")?;
        Some(rest.split_once("</Code>")?.0)
    });
    let kind = match status {
        // The authenticator tells throttling by this word, whatever the status.
        _ if status == 429 || body.contains("Throttling") => FailureKind::Throttled,
        400..500 if code.is_some() => FailureKind::Refused,
        500.. => FailureKind::Server,
        _ => FailureKind::Nonsense,
    };
    let reason = format!("HTTP {status}");
    Err(Failure {
        service: SERVICE,
        kind,
        code: code.map(str::to_owned),
        reason,
        retry_after: None,
        unsent: false,
        request_id: id,
    })
}

fn caller(arn: String) -> Result<Caller, Failure> {
    let name = arn.split_once(":assumed-role/").and_then(|(_, name)| name.split_once('/'));
    let Some((role, session)) = name.filter(|(role, session)| !role.is_empty() && !session.is_empty()) else {
        return Err(nonsense("the answer names no assumed role"));
    };
    let (role, session) = (role.to_owned(), session.to_owned());
    Ok(Caller { role, session, arn })
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

/// AssumeRoleWithWebIdentity: not signed, as the token says who asks.
pub async fn assume_with_web_identity(
    aws: &Aws,
    region: &Region,
    role: &RoleArn,
    session_name: &str,
    token: &SecretString,
) -> Result<RoleCredentials, Failure> {
    let client = Client::new(&aws.config(region, aws.endpoints.sts.as_ref(), None));
    let call = client.assume_role_with_web_identity().role_arn(role.as_str()).role_session_name(session_name);
    let reply = call.web_identity_token(token.expose()).send().await;
    credentials(reply.map_err(|error| Failure::new(SERVICE, &error))?.credentials)
}

fn credentials(found: Option<Credentials>) -> Result<RoleCredentials, Failure> {
    let found = found.ok_or_else(|| nonsense("the answer holds no credentials"))?;
    let end = Timestamp::from_second(found.expiration.secs());
    Ok(RoleCredentials {
        made_at: None,
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
