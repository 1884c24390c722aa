//! Connections: straight or by way of a proxy, then TLS. The one place that opens them.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use zeroize::Zeroizing;

use crate::domain::proxy::{NoProxy, Protocol, Proxy, authority};
use crate::error::{Error, Result};
use crate::ports::Env;

/// The answer to CONNECT, head and what a proxy adds to a refusal.
const MAX_HEAD: usize = 16 << 10;
const MAX_HEADERS: usize = 100;

/// Why there is no connection; it is the last word of the errors around it.
#[derive(Debug)]
pub struct DialError {
    /// What kind of reason it is.
    pub kind: Reason,
    words: String,
}

/// The reasons that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody there, or what is there does not speak as it should.
    Network,
    /// Nobody answered in time.
    Silent,
    /// The server's certificate is of an issuer that is not trusted.
    Untrusted,
    /// A proxy says no; asking again changes nothing.
    Refused,
}

impl DialError {
    fn new(kind: Reason, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }

    /// The one that an error is about.
    pub fn within<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Self> {
        error.downcast_ref().or_else(|| error.source().and_then(Self::within))
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl StdError for DialError {}

/// The innermost reason of an error.
pub fn root_cause(error: &dyn StdError) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// A proxy with the name of the setting that it comes from.
#[derive(Debug)]
struct Way {
    proxy: Proxy,
    origin: &'static str,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} of {}", self.proxy, self.origin)
    }
}

/// Which hosts are reached by which proxy.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    way: Option<Arc<Way>>,
    without: Option<NoProxy>,
}

impl Proxies {
    /// HTTPS_PROXY and NO_PROXY, also in lower case. Not ALL_PROXY: kubectl and botocore do not read it either.
    ///
    /// # Errors
    /// The value is no proxy's URL. It is not repeated, as it may hold a password.
    pub fn of_environment(env: &dyn Env) -> Result<Self> {
        let set = |name: &'static str| Some((name, env.var(name).filter(|value| !value.trim().is_empty())?));
        let Some((origin, text)) = set("HTTPS_PROXY").or_else(|| set("https_proxy")) else {
            return Ok(Self::default());
        };
        let list = env.var("NO_PROXY").or_else(|| env.var("no_proxy")).unwrap_or_default();
        Ok(Self { without: Some(NoProxy::parse(&list)), ..Self::one(origin, &text)? })
    }

    /// One proxy for everything, as a setting of that name says.
    ///
    /// # Errors
    /// The value is no proxy's URL.
    pub fn one(origin: &'static str, text: &str) -> Result<Self> {
        let proxy = Proxy::parse(text).map_err(|why| {
            Error::usage(format!("{origin} is not a proxy's URL"))
                .cause(why)
                .hint("such as http://proxy.example.com:3128, https://…, socks5://…, or host:port alone")
        })?;
        Ok(Self { way: Some(Arc::new(Way { proxy, origin })), without: None })
    }

    fn way(&self, host: &str, port: u16) -> Option<&Arc<Way>> {
        self.way.as_ref().filter(|_| !self.without.as_ref().is_some_and(|without| without.covers(host, port)))
    }
}

/// What TLS checks a server with, and what that is called.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The checks.
    pub config: Arc<ClientConfig>,
    /// Whose certificates are trusted.
    pub trusted: Arc<str>,
    /// The name that the certificate must be for, in place of the host's.
    pub server_name: Option<ServerName<'static>>,
}

/// A byte stream in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

type Stream = Box<dyn Duplex>;

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Opens connections for the HTTP client.
#[derive(Debug, Clone)]
pub struct Dial {
    tcp: HttpConnector,
    tls: Tls,
    proxies: Proxies,
    patience: Duration,
}

impl Dial {
    /// A dialler that gives up after `patience`.
    pub fn new(tls: Tls, proxies: Proxies, patience: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        Self { tcp, tls, proxies, patience }
    }

    /// The same with another patience.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    async fn dial(self, uri: Uri) -> Result<Stream, DialError> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let encrypted = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let way = self.proxies.way(host, port).cloned();
        let opened = timeout(self.patience, self.open(host, port, encrypted, way.as_deref())).await;
        // What was called shows a region or a host that is mistyped. A proxy is named by the words of its own failures.
        let named = |error: DialError| match (&way, error.kind) {
            (None, Reason::Network) => {
                let usual = if encrypted { 443 } else { 80 };
                let scheme = uri.scheme_str().unwrap_or_default();
                let at = if port == usual { host.to_owned() } else { authority(host, port) };
                DialError { words: format!("{scheme}://{at}: {error}"), ..error }
            }
            _ => error,
        };
        opened.map(|opened| opened.map_err(named)).unwrap_or_else(|_| {
            let by = way.map(|way| format!(" by {way}")).unwrap_or_default();
            let words = format!("no connection to {host}{by} within {} s", self.patience.as_secs());
            Err(DialError::new(Reason::Silent, words))
        })
    }

    async fn open(&self, host: &str, port: u16, encrypted: bool, way: Option<&Way>) -> Result<Stream, DialError> {
        let stream = match way {
            // Plain text goes to this machine only.
            Some(way) if encrypted => {
                let Proxy { protocol, host: proxy, port: at, .. } = &way.proxy;
                let lost = |error: DialError| DialError { words: format!("{way}: {error}"), ..error };
                let mut stream = self.tcp(proxy, *at).await.map_err(lost)?;
                if *protocol == Protocol::Https {
                    let name = named(proxy).map_err(lost)?;
                    stream = self.tls(name, stream).await.map_err(lost)?;
                }
                let spoken = match protocol {
                    Protocol::Socks5 => socks(&mut stream, &way.proxy, host, port).await,
                    _ => connect(&mut stream, &way.proxy, host, port).await,
                };
                spoken.map_err(|said| said.told(way))?;
                stream
            }
            _ => self.tcp(host, port).await?,
        };
        if !encrypted {
            return Ok(stream);
        }
        let name = self.tls.server_name.clone().map_or_else(|| named(host), Ok)?;
        self.tls(name, stream).await
    }

    async fn tcp(&self, host: &str, port: u16) -> Result<Stream, DialError> {
        let network = |error: &(dyn StdError + 'static)| DialError::new(Reason::Network, root_cause(error));
        let uri: Uri = format!("http://{}", authority(host, port)).parse().map_err(|error| network(&error))?;
        // It tries IPv6 and IPv4 side by side (RFC 8305).
        let stream = self.tcp.clone().call(uri).await.map_err(|error| network(&error))?;
        Ok(Box::new(stream.into_inner()))
    }

    async fn tls(&self, name: ServerName<'static>, stream: Stream) -> Result<Stream, DialError> {
        let done = TlsConnector::from(Arc::clone(&self.tls.config)).connect(name, stream).await;
        done.map(|stream| Box::new(stream) as Stream).map_err(|error| {
            let known = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match known {
                // A network that inspects TLS shows an issuer that nobody knows, or one of a known name with another key.
                Some(
                    known @ rustls::Error::InvalidCertificate(
                        CertificateError::UnknownIssuer | CertificateError::BadSignature,
                    ),
                ) => {
                    let words = format!("{known}; trusted are {}", self.tls.trusted);
                    DialError::new(Reason::Untrusted, words)
                }
                Some(rustls::Error::InvalidCertificate(why)) => {
                    DialError::new(Reason::Network, format!("invalid peer certificate: {}", certificate_words(why)))
                }
                _ => DialError::new(Reason::Network, root_cause(&error)),
            }
        })
    }
}

/// Why a certificate is not taken, for a person: rustls has words for programmers, and the seconds of 1970.
fn certificate_words(why: &CertificateError) -> String {
    let moment = |time: &UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).map_or_else(|_| "an unknown time".to_owned(), |moment| moment.to_string())
    };
    match why {
        CertificateError::ExpiredContext { not_after, .. } => format!("it ended at {}", moment(not_after)),
        CertificateError::NotValidYetContext { not_before, time } => {
            format!("it begins at {}, and this machine's clock says {}", moment(not_before), moment(time))
        }
        CertificateError::Other(other) => match other.0.to_string().as_str() {
            "CaUsedAsEndEntity" => "it is that of a CA, and a server's is wanted (CaUsedAsEndEntity)".to_owned(),
            other => other.to_owned(),
        },
        other => other.to_string(),
    }
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Stream>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move { dial.dial(uri).await.map(TokioIo::new) })
    }
}

fn named(host: &str) -> Result<ServerName<'static>, DialError> {
    let invalid = |_| DialError::new(Reason::Network, format!("`{host}` is no name that a certificate can be for"));
    ServerName::try_from(host.to_owned()).map_err(invalid)
}

/// What became of the talk with a proxy.
enum Said {
    /// Its answer, which is a no.
    No(String),
    /// Nothing that can be understood.
    Lost(String),
}

impl Said {
    fn told(self, way: &Way) -> DialError {
        match self {
            Self::No(answer) => DialError::new(Reason::Refused, format!("{way} answered {answer}")),
            Self::Lost(why) => DialError::new(Reason::Network, format!("{way} gave no answer that makes sense: {why}")),
        }
    }
}

impl From<io::Error> for Said {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Lost("it closed the connection".to_owned()),
            _ => Self::Lost(root_cause(&error)),
        }
    }
}

/// CONNECT. Source: RFC 9110, 9.3.6.
async fn connect(stream: &mut Stream, proxy: &Proxy, host: &str, port: u16) -> Result<(), Said> {
    let target = authority(host, port);
    let mut head = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"));
    if let Some((name, password)) = &proxy.user {
        let pair = Zeroizing::new(format!("{name}:{}", password.expose()));
        let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        head.push_str("Proxy-Authorization: Basic ");
        head.push_str(&encoded);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&answer) {
            Ok(httparse::Status::Complete(_)) => {
                let code = response.code.unwrap_or_default();
                // What follows a good answer is the server's, and it waits for us to begin.
                return match code {
                    200..300 => Ok(()),
                    _ => {
                        let words = StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason());
                        Err(Said::No(format!("{code} {}", words.unwrap_or_default()).trim_end().to_owned()))
                    }
                };
            }
            Ok(httparse::Status::Partial) if answer.len() < MAX_HEAD => {}
            _ => return Err(Said::Lost("it does not speak HTTP".to_owned())),
        }
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(Said::Lost("it closed the connection".to_owned()));
        }
    }
}

/// SOCKS 5, with user name and password where the proxy wants them. Source: RFC 1928, RFC 1929.
async fn socks(stream: &mut Stream, proxy: &Proxy, host: &str, port: u16) -> Result<(), Said> {
    const NONE: u8 = 0;
    const PASSWORD: u8 = 2;
    let short = |what: &str, text: &str| {
        u8::try_from(text.len()).map_err(|_| Said::Lost(format!("{what} is longer than SOCKS allows")))
    };
    let offer: &[u8] = if proxy.user.is_some() { &[5, 2, NONE, PASSWORD] } else { &[5, 1, NONE] };
    stream.write_all(offer).await?;
    stream.flush().await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, &proxy.user) {
        ([5, NONE], _) => {}
        ([5, PASSWORD], Some((name, password))) => {
            let (name_size, password_size) = (short("the user name", name)?, short("the password", password.expose())?);
            let mut login = Zeroizing::new(Vec::with_capacity(3 + name.len() + password.expose().len()));
            login.extend_from_slice(&[1, name_size]);
            login.extend_from_slice(name.as_bytes());
            login.push(password_size);
            login.extend_from_slice(password.expose().as_bytes());
            stream.write_all(&login).await?;
            stream.flush().await?;
            let mut verdict = [0; 2];
            stream.read_exact(&mut verdict).await?;
            if verdict[1] != 0 {
                return Err(Said::No("that it does not take this user name and password".to_owned()));
            }
        }
        ([5, _], None) => return Err(Said::No("that it wants a user name and a password".to_owned())),
        ([5, _], Some(_)) => return Err(Said::No("that it takes no user name and password".to_owned())),
        _ => return Err(Said::Lost("it does not speak SOCKS 5".to_owned())),
    }
    let mut request = vec![5, 1, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            request.push(1);
            request.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(4);
            request.extend_from_slice(&address.octets());
        }
        Err(_) => {
            request.extend_from_slice(&[3, short("the host's name", host)?]);
            request.extend_from_slice(host.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await?;
    match reply {
        [5, 0, ..] => {}
        [5, code, ..] => {
            let words = match code {
                2 => "not allowed by its rules",
                3 => "network unreachable",
                4 => "host unreachable",
                5 => "connection refused",
                6 => "no answer in time",
                _ => "failed",
            };
            return Err(Said::No(format!("for {}: {words} (SOCKS {code})", authority(host, port))));
        }
        _ => return Err(Said::Lost("it does not speak SOCKS 5".to_owned())),
    }
    // Where it connected from: of no use, but in the way.
    let bound = match reply[3] {
        1 => 4,
        4 => 16,
        3 => usize::from(stream.read_u8().await?),
        _ => return Err(Said::Lost("it does not speak SOCKS 5".to_owned())),
    };
    let mut rest = vec![0; bound + 2];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::OtherError;

    #[test]
    fn why_a_certificate_is_not_taken_is_said_in_words() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let inner = |text: &str| CertificateError::Other(OtherError(Arc::new(io::Error::other(text.to_owned()))));
        for (why, words) in [
            (inner("CaUsedAsEndEntity"), "it is that of a CA, and a server's is wanted (CaUsedAsEndEntity)"),
            (inner("UnsupportedCertVersion"), "UnsupportedCertVersion"),
            (CertificateError::ExpiredContext { time: at(60), not_after: at(0) }, "it ended at 1970-01-01T00:00:00Z"),
            (
                CertificateError::NotValidYetContext { time: at(0), not_before: at(60) },
                "it begins at 1970-01-01T00:01:00Z, and this machine's clock says 1970-01-01T00:00:00Z",
            ),
            (CertificateError::Revoked, "Revoked"),
        ] {
            assert_eq!(certificate_words(&why), words);
        }
    }
}
