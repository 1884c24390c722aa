//! The AWS SDKs: one HTTP client, one place for endpoints, trust, proxy, retries and time limits.
//!
//! Nothing is read from AWS profiles or `AWS_*` credentials: who a call is made as is always an argument.

pub mod account;
pub mod eks;
pub mod oidc;
pub mod portal;
pub mod sts;
mod vanity;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};

use jiff::SignedDuration;

use crate::clients::http;
use crate::domain::credentials::eks_token::HostKind;
use crate::domain::ids::Region;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::url::is_safe_url;
use crate::error::{Error, Result};
use crate::ports::{Clock, Env, Files};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
const CALL_TIMEOUT: Duration = Duration::from_secs(45);
const ATTEMPTS: u32 = 3;

/// What all AWS clients share.
#[derive(Debug, Clone)]
pub struct Aws {
    http: SharedHttpClient,
    connector: SharedHttpConnector,
    watch: http::ClockWatch,
    clock: Arc<dyn Clock>,
    host: HostKind,
    endpoints: Endpoints,
}

#[derive(Debug, Clone)]
struct Endpoints {
    oidc: Option<String>,
    portal: Option<String>,
    eks: Option<String>,
    sts: Option<String>,
    account: Option<String>,
}

impl Aws {
    /// The variables that name other endpoints.
    pub const ENDPOINTS: [&str; 5] = [
        "AWS_ENDPOINT_URL_SSO_OIDC",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_ENDPOINT_URL_EKS",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_ACCOUNT",
    ];

    /// Reads the environment's words on endpoints, trust and proxy.
    pub fn new(env: &dyn Env, files: &dyn Files, clock: Arc<dyn Clock>) -> Result<Self> {
        let [oidc, portal, eks, sts, account] = Self::ENDPOINTS;
        let watch = http::ClockWatch::new(clock.clone());
        let (http, connector) = http::client(env, files, &watch)?;
        Ok(Self {
            http,
            connector,
            watch,
            clock,
            host: HostKind::from_env(|name| env.var(name)).map_err(Error::usage)?,
            endpoints: Endpoints {
                oidc: endpoint(env, oidc)?,
                portal: endpoint(env, portal)?,
                eks: endpoint(env, eks)?,
                sts: endpoint(env, sts)?,
                account: endpoint(env, account)?,
            },
        })
    }

    /// The connector for requests of our own: the same trust, proxy and bounds.
    pub(in crate::clients) fn connector(&self) -> &SharedHttpConnector {
        &self.connector
    }

    /// How far AWS's clock was ahead of this machine's, as of the last answer.
    pub fn ahead(&self) -> SignedDuration {
        self.watch.ahead()
    }

    /// Which STS host tokens are signed for.
    pub fn host_kind(&self) -> HostKind {
        self.host
    }

    fn config(&self, region: &Region, endpoint: Option<&String>, credentials: Option<&RoleCredentials>) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(250))
            .with_max_backoff(Duration::from_secs(5));
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .http_client(self.http.clone())
            .time_source(ClockSource(Arc::clone(&self.clock)))
            .timeout_config(timeouts)
            .retry_config(retries)
            // A named endpoint is what it is; the SDKs refuse to combine it with these.
            .use_fips(self.host.fips && endpoint.is_none())
            .use_dual_stack(self.host.dual_stack && endpoint.is_none());
        if let Some(url) = endpoint {
            config = config.endpoint_url(url);
        }
        if let Some(credentials) = credentials {
            let credentials = Credentials::new(
                credentials.access_key_id.as_str(),
                credentials.secret_access_key.expose().as_str(),
                Some(credentials.session_token.expose().clone()),
                None,
                "eksso",
            );
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        config.build()
    }
}

fn endpoint(env: &dyn Env, name: &str) -> Result<Option<String>> {
    match env.var(name) {
        Some(url) if !is_safe_url(&url) => {
            Err(Error::usage(format!("{name} is not an https URL (http is taken for loopback addresses only)")))
        }
        url => Ok(url),
    }
}

/// The SDK's clock is ours.
#[derive(Debug)]
struct ClockSource(Arc<dyn Clock>);

impl TimeSource for ClockSource {
    fn now(&self) -> SystemTime {
        let since = Duration::from_millis(u64::try_from(self.0.now().as_millisecond()).unwrap_or(0));
        SystemTime::UNIX_EPOCH + since
    }
}
