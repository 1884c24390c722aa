//! The HTTP client of all SDKs: rustls, the trust the user names, the proxy of the environment, answers of bounded size.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Limited;
use jiff::SignedDuration;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::{Error, Kind, Result};
use crate::ports::{Clock, Env, Files};

/// No answer of these services comes near.
pub const MAX_ANSWER: usize = 4 << 20;
const MAX_BUNDLE: u64 = 16 << 20;

/// Builds the client of the SDKs, and a connector for requests of our own.
pub fn client(env: &dyn Env, files: &dyn Files, watch: &ClockWatch) -> Result<(SharedHttpClient, SharedHttpConnector)> {
    let trust = trust(env, files)?;
    let context = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| Error::new(Kind::LocalState, "TLS cannot be set up").cause(error))?;
    let proxy = proxy(env)?;
    let builder = move || {
        Connector::builder()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone())
            .proxy_config(proxy.clone())
    };
    let own = builder().build();
    let inner = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = builder();
        if let Some(settings) = settings {
            connector = connector.connector_settings(settings.clone());
        }
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    });
    let watched = |inner| Bounded { inner, watch: watch.clone() };
    let connector = Bounded { inner: own.into_shared(), watch: watch.clone() };
    Ok((watched(inner).into_shared(), connector.into_shared()))
}

/// A connector that trusts these certificates only, for a server with a CA of its own.
pub fn pinned(env: &dyn Env, pem: &[u8]) -> Result<SharedHttpConnector> {
    let bad = |cause: String| Error::new(Kind::LocalState, "the cluster's CA is no PEM certificate").cause(cause);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|error| bad(error.to_string()))?).map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("it holds none".to_owned()));
    }
    let context = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(pem)).build();
    let context = context.map_err(|error| bad(error.to_string()))?;
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .proxy_config(proxy(env)?)
        .build();
    Ok(connector.into_shared())
}

/// AWS_CA_BUNDLE instead of the system's roots, as in the AWS CLI. Checked here: the TLS layer takes only good ones.
fn trust(env: &dyn Env, files: &dyn Files) -> Result<TrustStore> {
    let Some(path) = env.var("AWS_CA_BUNDLE") else {
        // Read here, once, and handed over: the TLS layer would read them all again, and takes none for a bug.
        let mut roots = RootCertStore::empty();
        let mut bundle = String::new();
        for certificate in rustls_native_certs::load_native_certs().certs {
            if roots.add(certificate.clone()).is_ok() {
                let body = STANDARD.encode(&certificate);
                bundle.extend(["-----BEGIN CERTIFICATE-----\n", &body, "\n-----END CERTIFICATE-----\n"]);
            }
        }
        if roots.is_empty() {
            return Err(Error::new(Kind::LocalState, "this machine has no trusted CA certificates")
                .hint("install the package `ca-certificates`, or set AWS_CA_BUNDLE to a PEM file"));
        }
        return Ok(TrustStore::empty().with_pem_certificate(bundle.into_bytes()));
    };
    let bad = |cause: String| {
        Error::new(Kind::LocalState, format!("AWS_CA_BUNDLE: {path} is not a file of PEM certificates"))
            .cause(cause)
            .hint("unset AWS_CA_BUNDLE")
    };
    let bundle = files.read(path.as_ref(), MAX_BUNDLE)?.ok_or_else(|| bad("there is no such file".to_owned()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        roots.add(certificate.map_err(|error| bad(error.to_string()))?).map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    Ok(TrustStore::empty().with_pem_certificate(bundle))
}

fn proxy(env: &dyn Env) -> Result<ProxyConfig> {
    let var = |upper: &str| env.var(upper).or_else(|| env.var(&upper.to_lowercase()));
    let Some(url) = var("HTTPS_PROXY").or_else(|| var("ALL_PROXY")) else { return Ok(ProxyConfig::disabled()) };
    // The URL may hold a password: it is not repeated in the error.
    let config = ProxyConfig::https(url.as_str()).map_err(|_| Error::usage("HTTPS_PROXY is not a proxy's URL"))?;
    Ok(config.no_proxy(var("NO_PROXY").unwrap_or_default()))
}

/// Compares this machine's clock with the `Date` of AWS's answers.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    clock: Arc<dyn Clock>,
    /// Seconds that AWS is ahead of us; zero before the first answer.
    ahead: Arc<AtomicI64>,
}

impl ClockWatch {
    /// Watches a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ahead: Arc::default() }
    }

    /// How far AWS's clock was ahead of this machine's in the last answer.
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed))
    }

    fn see(&self, date: Option<&str>) {
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let seconds = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok());
        if let Some(seconds) = seconds.and_then(|since| i64::try_from(since.as_secs()).ok()) {
            self.ahead.store(seconds - self.clock.now().as_second(), Ordering::Relaxed);
        }
    }
}

/// Ends answers that grow too large instead of filling the memory, and looks at their date.
#[derive(Debug)]
struct Bounded<T> {
    inner: T,
    watch: ClockWatch,
}

impl HttpClient for Bounded<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        Bounded { inner, watch: self.watch.clone() }.into_shared()
    }
}

impl HttpConnector for Bounded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, watch) = (self.inner.call(request), self.watch.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            watch.see(answer.headers().get("date"));
            Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, MAX_ANSWER))))
        })
    }
}
