//! The AWS SDKs: one HTTP client, one place for endpoints, trust, proxy, retries and time limits.
//!
//! Nothing is read from AWS profiles or `AWS_*` credentials: who a call is made as is always an argument.

pub mod account;
pub mod account_access;
mod api;
pub mod eks;
mod federation;
pub mod iam;
pub mod identity_store;
pub mod oidc;
pub mod organizations;
pub mod portal;
pub mod sso_admin;
pub mod sts;
mod vanity;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use jiff::SignedDuration;
use tokio::time::timeout;

use crate::clients::failure::Failure;
use crate::clients::http::{self, CONNECT_TIMEOUT};
use crate::clients::trust::CaBundle;
use crate::domain::credentials::eks_token::HostKind;
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::url::Origin;
use crate::error::{Error, Result};
use crate::ports::{Clock, Env, Files};

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
const CALL_TIMEOUT: Duration = Duration::from_secs(45);
const ATTEMPTS: u32 = 3;
const REACH_TIMEOUT: Duration = Duration::from_secs(10);

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

/// What the settings say of the network, beside the environment.
#[derive(Debug, Default)]
pub struct Configured {
    /// Endpoints that variables may name, beside AWS's own.
    pub endpoints: Vec<Origin>,
    /// Where those are written.
    pub file: PathBuf,
    /// `ca_bundle` of ~/.aws/config.
    pub ca_bundle: Option<CaBundle>,
}

#[derive(Debug, Clone)]
struct Endpoints {
    oidc: Option<String>,
    portal: Option<String>,
    eks: Option<String>,
    sts: Option<String>,
    account: Option<String>,
    iam: Option<String>,
    sso_admin: Option<String>,
    identity_store: Option<String>,
    organizations: Option<String>,
    account_access: Option<String>,
}

impl Endpoints {
    /// The endpoint that the environment names for a service that is called without an SDK.
    fn named(&self, service: Service) -> Option<&String> {
        match service {
            Service::Iam => self.iam.as_ref(),
            Service::SsoAdmin => self.sso_admin.as_ref(),
            Service::IdentityStore => self.identity_store.as_ref(),
            Service::Organizations => self.organizations.as_ref(),
            Service::AccountAccess => self.account_access.as_ref(),
            Service::SsoOidc | Service::Sso | Service::Eks | Service::Sts | Service::Account => None,
        }
    }
}

impl Aws {
    /// Reads the environment's words on endpoints, trust and proxy.
    ///
    /// # Errors
    /// One of them makes no sense, or may not be used.
    pub fn new(env: &dyn Env, files: &dyn Files, clock: Arc<dyn Clock>, configured: &Configured) -> Result<Self> {
        let watch = http::ClockWatch::new(clock.clone());
        let endpoint = |service| endpoint(env, service, configured);
        let endpoints = Endpoints {
            oidc: endpoint(Service::SsoOidc)?,
            portal: endpoint(Service::Sso)?,
            eks: endpoint(Service::Eks)?,
            sts: endpoint(Service::Sts)?,
            account: endpoint(Service::Account)?,
            iam: endpoint(Service::Iam)?,
            sso_admin: endpoint(Service::SsoAdmin)?,
            identity_store: endpoint(Service::IdentityStore)?,
            organizations: endpoint(Service::Organizations)?,
            account_access: endpoint(Service::AccountAccess)?,
        };
        let (http, connector) = http::client(env, files, configured.ca_bundle.as_ref(), &watch)?;
        let host = HostKind::from_env(|name| env.var(name)).map_err(Error::usage)?;
        Ok(Self { http, connector, watch, clock, host, endpoints })
    }

    /// The connector for requests of our own: the same trust, proxy and bounds.
    pub(in crate::clients) fn connector(&self) -> &SharedHttpConnector {
        &self.connector
    }

    /// Whether a server can be spoken to: its name, the way to it, its certificate. Whatever it answers will do.
    ///
    /// # Errors
    /// There is no connection, or what is there does not speak HTTP.
    pub async fn reach(&self, url: &str) -> Result<(), Failure> {
        const SERVER: &str = "the server";
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).map_err(|error| Failure::nonsense(SERVER, error))?;
        let answer = timeout(REACH_TIMEOUT, self.connector.call(request)).await;
        match answer.map_err(|_| Failure::silent(SERVER))? {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::unconnected(SERVER, &error)),
        }
    }

    /// Where a service is called: the endpoint that the environment names, else AWS's own for the region.
    pub fn url(&self, service: Service, region: &Region) -> String {
        let named = match service {
            Service::SsoOidc => self.endpoints.oidc.as_ref(),
            Service::Sso => self.endpoints.portal.as_ref(),
            Service::Eks => self.endpoints.eks.as_ref(),
            Service::Sts => self.endpoints.sts.as_ref(),
            Service::Account => self.endpoints.account.as_ref(),
            other => self.endpoints.named(other),
        };
        named
            .cloned()
            .unwrap_or_else(|| format!("https://{}", service.host(region, self.host.fips, self.host.dual_stack).0))
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
                // Keys of a user, which only the environment can bring, have none.
                Some(credentials.session_token.expose().clone()).filter(|token| !token.is_empty()),
                None,
                "eksso",
            );
            config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        config.build()
    }
}

/// The endpoint that a variable names. A folder's environment file may set it, and what goes there are tokens and assertions:
/// hosts other than AWS's own for that very service must be allowed by the user's settings.
fn endpoint(env: &dyn Env, service: Service, configured: &Configured) -> Result<Option<String>> {
    let name = service.variable();
    let Some(url) = env.var(name) else { return Ok(None) };
    let origin: Origin = url
        .parse()
        .map_err(|_| Error::usage(format!("{name} is not an https URL (http is taken for loopback addresses only)")))?;
    if origin.is_loopback() || service.has_host(origin.host()) || configured.endpoints.contains(&origin) {
        return Ok(Some(url));
    }
    Err(Error::usage(format!("{name} names {}, which is not a host of AWS for that service", origin.host()))
        .cause("tokens would go there, and whoever sets an environment variable need not be you")
        .hint(format!("unset {name}"))
        .hint(format!(
            "if it is yours, as a private endpoint: add endpoints = [\"{origin}\"] to {} (a file that EKSSO_CONFIG or \
             --config names does not count)",
            configured.file.display()
        )))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::partition::Partition;

    /// The endpoint rules of each SDK, for all kinds of hosts in each partition.
    #[tokio::test]
    async fn all_hosts_that_the_endpoint_rules_make_are_allowed() {
        let (mut seen, mut others) = (0, Vec::new());
        for region in Partition::ALL.iter().flat_map(|partition| partition.eks_regions()) {
            for (fips, dual_stack) in [(false, false), (true, false), (false, true), (true, true)] {
                macro_rules! check {
                    ($sdk:ident, $service:expr) => {{
                        use $sdk::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
                        let params = Params::builder().region(*region).use_fips(fips).use_dual_stack(dual_stack);
                        let params = params.build().expect("parameters");
                        // Not every partition has every kind.
                        if let Ok(found) = DefaultResolver::new().resolve_endpoint(&params).await {
                            let origin: Origin = found.url().parse().expect("a URL");
                            assert!($service.has_host(origin.host()), "{origin}");
                            let own = $service.host(&region.parse().expect("a region"), fips, dual_stack).0;
                            // The account service has one host for all regions, and is called by its SDK alone.
                            if own != origin.host() && $service != Service::Account {
                                others.push(format!("{own} for {}", origin.host()));
                            }
                            seen += 1;
                        }
                    }};
                }
                check!(aws_sdk_ssooidc, Service::SsoOidc);
                check!(aws_sdk_sso, Service::Sso);
                check!(aws_sdk_eks, Service::Eks);
                check!(aws_sdk_sts, Service::Sts);
                check!(aws_sdk_account, Service::Account);
            }
        }
        assert!(seen > 500, "{seen} hosts");
        assert!(others.is_empty(), "the SDKs call others: {others:#?}");
    }
}
