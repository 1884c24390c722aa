//! The HTTP client of all SDKs and of our own requests: the trust the user names, the proxy of the environment, answers of
//! bounded size. HTTP/1.1, which all of these services speak.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::SignedDuration;
use rustls::pki_types::ServerName;

use crate::clients::dial::{Dial, DialError, Proxies, Reason};
use crate::clients::trust::{CaBundle, Trust, unchecked};
use crate::error::{Error, Kind, Result};
use crate::ports::{Clock, Env, Files};

/// No answer of these services comes near.
pub const MAX_ANSWER: usize = 4 << 20;
/// How long a connection may take, with its proxy and TLS, where nobody says otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The same for servers with settings of their own: there may be a thousand clusters behind a VPN that is off.
const PINNED_TIMEOUT: Duration = Duration::from_secs(3);

/// Builds the client of the SDKs, and a connector for requests of our own.
pub fn client(
    env: &dyn Env,
    files: &dyn Files,
    configured: Option<&CaBundle>,
    watch: &ClockWatch,
) -> Result<(SharedHttpClient, SharedHttpConnector)> {
    let tls = Trust::of(env, files, configured)?.tls()?;
    let dial = Dial::new(tls, Proxies::of_environment(env)?, CONNECT_TIMEOUT);
    let stack = Stack { dial, wires: Arc::default(), watch: watch.clone() };
    let own = stack.wire(CONNECT_TIMEOUT);
    Ok((stack.into_shared(), own.into_shared()))
}

/// How a server is connected to that has settings of its own, such as a cluster of a kubeconfig.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pinned<'a> {
    /// `certificate-authority-data`, PEM: trusted in place of this machine's certificates.
    pub ca: Option<&'a [u8]>,
    /// `insecure-skip-tls-verify`: any certificate is taken.
    pub insecure: bool,
    /// `tls-server-name`: the name that the certificate must be for, in place of the host's.
    pub server_name: Option<&'a str>,
    /// `proxy-url`, in place of HTTPS_PROXY and NO_PROXY.
    pub proxy: Option<&'a str>,
}

/// A connector for such a server.
///
/// # Errors
/// One of the settings makes no sense.
pub fn pinned(env: &dyn Env, wanted: &Pinned<'_>) -> Result<SharedHttpConnector> {
    let bad = |cause: String| Error::new(Kind::LocalState, "the cluster's CA is no PEM certificate").cause(cause);
    let mut tls = match wanted.ca {
        _ if wanted.insecure => unchecked()?,
        Some(pem) => Trust::pem(pem, "the cluster's own CA certificates".to_owned()).map_err(bad)?.tls()?,
        None => Trust::machine()?.tls()?,
    };
    if let Some(name) = wanted.server_name {
        let invalid = |error| Error::usage(format!("tls-server-name: `{name}` is no host's name")).cause(error);
        tls.server_name = Some(ServerName::try_from(name.to_owned()).map_err(invalid)?);
    }
    let proxies = match wanted.proxy {
        Some(url) => Proxies::one("proxy-url", url)?,
        None => Proxies::of_environment(env)?,
    };
    Ok(Wire::new(Dial::new(tls, proxies, PINNED_TIMEOUT), None).into_shared())
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

/// Connections by how long they may take to open: the SDKs ask for different ones.
#[derive(Debug)]
struct Stack {
    dial: Dial,
    wires: Arc<Mutex<Vec<(Duration, Wire)>>>,
    watch: ClockWatch,
}

impl Stack {
    fn wire(&self, patience: Duration) -> Wire {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, wire)) = wires.iter().find(|(known, _)| *known == patience) {
            return wire.clone();
        }
        let wire = Wire::new(self.dial.within(patience), Some(self.watch.clone()));
        wires.push((patience, wire.clone()));
        wire
    }
}

impl HttpClient for Stack {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.wire(settings.connect_timeout().unwrap_or(CONNECT_TIMEOUT)).into_shared()
    }
}

/// Sends requests; ends answers that grow too large instead of filling the memory, and looks at their date.
#[derive(Debug, Clone)]
struct Wire {
    client: Client<Dial, SdkBody>,
    watch: Option<ClockWatch>,
}

impl Wire {
    fn new(dial: Dial, watch: Option<ClockWatch>) -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        // A request is sent again only where it can be told that nothing of it was sent: the server had closed an idle
        // connection. All other retries are the caller's.
        Self { client: client.pool_timer(TokioTimer::new()).build(dial), watch }
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let (answer, watch) = (self.client.request(request), self.watch.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(failed)?;
            let answer = answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, MAX_ANSWER)));
            let answer = HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))?;
            if let Some(watch) = watch {
                watch.see(answer.headers().get("date"));
            }
            Ok(answer)
        })
    }
}

/// What the SDKs may try again, they are told apart by: not what a proxy or a certificate says no to.
fn failed(error: ClientError) -> ConnectorError {
    match DialError::within(&error).map(|error| error.kind) {
        Some(Reason::Untrusted | Reason::Refused) => ConnectorError::other(error.into(), None),
        Some(Reason::Silent) => ConnectorError::timeout(error.into()),
        Some(Reason::Network) | None => ConnectorError::io(error.into()),
    }
}
