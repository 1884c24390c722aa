//! The SSO OIDC service: registers the client, starts device authorizations, hands out and renews tokens.

use std::fmt::Display;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ParamsBuilder, ResolveEndpoint};
use aws_sdk_ssooidc::operation::create_token::CreateTokenOutput;
use aws_sdk_ssooidc::operation::create_token::builders::CreateTokenFluentBuilder;
use jiff::{SignedDuration, Timestamp};

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind};
use crate::clients::http::CONNECT_TIMEOUT;
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::session::Flow;
use crate::domain::sign_in::device::{Answer, DeviceCode};
use crate::domain::sign_in::pkce::{Proof, REGISTERED_REDIRECT, authorize_url};
use crate::domain::sign_in::tokens::{Granted, Registration};
use crate::domain::url::StartUrl;

const SERVICE: &str = Service::SsoOidc.called();
/// Without this scope there is no refresh token and a fixed life of 8 hours.
const SCOPE: &str = "sso:account:access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REFRESH_GRANT: &str = "refresh_token";
/// How long a renewal may take; Ctrl-C waits for it.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the answer to a code may take.
const REDEEM_TIMEOUT: Duration = Duration::from_secs(45);
const CODE_GRANT: &str = "authorization_code";

/// SSO OIDC in one region.
#[derive(Debug)]
pub struct Oidc {
    client: Client,
    endpoint: ParamsBuilder,
}

impl Oidc {
    /// A client; the calls are not signed.
    pub fn new(aws: &Aws, region: &Region) -> Self {
        let named = aws.endpoints.oidc.as_ref();
        let endpoint = Params::builder()
            .region(region.as_str())
            .use_fips(aws.host.fips && named.is_none())
            .use_dual_stack(aws.host.dual_stack && named.is_none())
            .set_endpoint(named.cloned());
        Self { client: Client::new(&aws.config(region, named, None)), endpoint }
    }

    /// RegisterClient, for one of the flows.
    pub async fn register(&self, flow: Flow, start_url: &StartUrl) -> Result<Registration, Failure> {
        let request = self.client.register_client().client_name("eksso").client_type("public").scopes(SCOPE);
        let request = match flow {
            Flow::Device => request,
            Flow::Pkce | Flow::Auto => request
                .grant_types(CODE_GRANT)
                .grant_types(REFRESH_GRANT)
                .redirect_uris(REGISTERED_REDIRECT)
                .issuer_url(start_url.as_str()),
        };
        let reply = request.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        Ok(Registration {
            client_id: reply.client_id.unwrap_or_default(),
            client_secret: Secret::new(reply.client_secret.unwrap_or_default()),
            expires_at: Timestamp::from_second(reply.client_secret_expires_at).unwrap_or_default(),
            flow,
        })
    }

    /// StartDeviceAuthorization.
    pub async fn start(&self, client: &Registration, start_url: &StartUrl) -> Result<DeviceCode, Failure> {
        let request = self.client.start_device_authorization().client_id(&client.client_id);
        let request = request.client_secret(client.client_secret.expose()).start_url(start_url.as_str());
        let reply = request.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        let verification_uri = reply.verification_uri.unwrap_or_default();
        Ok(DeviceCode {
            device_code: Secret::new(reply.device_code.unwrap_or_default()),
            user_code: reply.user_code.unwrap_or_default(),
            verification_uri_complete: reply.verification_uri_complete.unwrap_or(verification_uri),
            expires_in: reply.expires_in,
            interval: (reply.interval > 0).then_some(reply.interval),
        })
    }

    /// CreateToken with a device code: the tokens, or what to do instead.
    pub async fn poll(
        &self,
        client: &Registration,
        code: &SecretString,
        now: Timestamp,
    ) -> Result<Result<Granted, Answer>, Failure> {
        let request = self.create_token(client).grant_type(DEVICE_GRANT).device_code(code.expose());
        let failure = match sent_once(request, REDEEM_TIMEOUT, now).await {
            Ok(granted) => return Ok(Ok(granted)),
            Err(failure) => failure,
        };
        use FailureKind::{Network, Server, Throttled};
        match failure.code.as_deref() {
            Some("AuthorizationPendingException" | "authorization_pending") => Ok(Err(Answer::Pending)),
            Some("SlowDownException" | "slow_down") => Ok(Err(Answer::SlowDown)),
            Some("ExpiredTokenException" | "expired_token") => Ok(Err(Answer::Expired)),
            Some("AccessDeniedException" | "access_denied") => Ok(Err(Answer::Denied)),
            Some("InvalidGrantException" | "invalid_grant") => Ok(Err(Answer::Spent)),
            _ if matches!(failure.kind, Network | Server | Throttled) => Ok(Err(Answer::Lost)),
            _ => Err(failure),
        }
    }

    /// The page of the PKCE flow, on the host that the service's other calls go to.
    pub async fn authorize_url(&self, client: &Registration, back: &str, proof: &Proof) -> Result<String, Failure> {
        let endpoint = self.endpoint.clone().build().map_err(nonsense)?;
        let found = DefaultResolver::new().resolve_endpoint(&endpoint).await;
        let endpoint = found.map_err(nonsense)?;
        Ok(authorize_url(endpoint.url(), &client.client_id, back, proof, SCOPE))
    }

    /// CreateToken with an authorization code.
    pub async fn redeem_code(
        &self,
        client: &Registration,
        code: &SecretString,
        back: &str,
        verifier: &SecretString,
        now: Timestamp,
    ) -> Result<Granted, Failure> {
        let request = self.create_token(client).grant_type(CODE_GRANT).code(code.expose()).redirect_uri(back);
        sent_once(request.code_verifier(verifier.expose()), REDEEM_TIMEOUT, now).await
    }

    fn create_token(&self, client: &Registration) -> CreateTokenFluentBuilder {
        self.client.create_token().client_id(&client.client_id).client_secret(client.client_secret.expose())
    }

    /// CreateToken with a refresh token.
    pub async fn refresh(
        &self,
        client: &Registration,
        token: &SecretString,
        now: Timestamp,
    ) -> Result<Granted, Failure> {
        let request = self.create_token(client).grant_type(REFRESH_GRANT).refresh_token(token.expose());
        sent_once(request, REFRESH_TIMEOUT, now).await
    }
}

/// Sends what may be good for one use: no second attempt, whatever becomes of the first. An answer that is late or lost on
/// the way may have spent the code or the refresh token, and services that find one used twice end the whole sign-in.
async fn sent_once(request: CreateTokenFluentBuilder, patience: Duration, now: Timestamp) -> Result<Granted, Failure> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .disable_operation_attempt_timeout()
        .operation_timeout(patience)
        .build();
    let once = aws_sdk_ssooidc::Config::builder().timeout_config(timeouts).retry_config(RetryConfig::disabled());
    let reply = request.customize().config_override(once).send().await;
    granted(reply.map_err(|error| Failure::new(SERVICE, &error))?, now)
}

fn granted(reply: CreateTokenOutput, now: Timestamp) -> Result<Granted, Failure> {
    let access_token = reply.access_token.filter(|token| !token.is_empty());
    let access_token = access_token.ok_or_else(|| nonsense("the answer holds no access token"))?;
    Ok(Granted {
        access_token: Secret::new(access_token),
        granted_at: now,
        expires_at: now + SignedDuration::from_secs(i64::from(reply.expires_in.clamp(0, 12 * 3600))),
        refresh_token: reply.refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
    })
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}
