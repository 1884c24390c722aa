//! What can go wrong with an AWS call, read from any of the SDKs' errors in one place.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::SignedDuration;

pub use crate::clients::dial::root_cause;
use crate::clients::dial::{DialError, Reason};
use crate::domain::secret::scrub;
use crate::error::{Answer, Error, Kind};

const NO_ANSWER: &str = "no answer in time";

/// The kinds that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// 401, or credentials that are expired or unknown.
    Unauthorized,
    /// 403: known, but not allowed.
    Forbidden,
    /// 404.
    NotFound,
    /// 429 and its relatives, after retries.
    Throttled,
    /// 5xx, after retries.
    Server,
    /// No connection, a broken one, or no answer in time.
    Network,
    /// A server whose certificate is of an issuer that is not trusted.
    Untrusted,
    /// An answer that is not this service's: HTML, half a JSON, a redirect, too much.
    Nonsense,
    /// Any other refusal; the code says which.
    Refused,
}

/// One failed call.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The service as people call it.
    pub service: &'static str,
    /// What went wrong.
    pub kind: FailureKind,
    /// The error code: the AWS shape name, or the OAuth code.
    pub code: Option<String>,
    /// The reason in words, from the service or the network.
    pub reason: String,
    /// When the service wants to be asked again.
    pub retry_after: Option<SignedDuration>,
    /// Whether the service cannot have seen the request: there was no connection to it.
    pub unsent: bool,
    /// What the service calls the request, where it answered.
    pub request_id: Option<String>,
}

impl Answer for Failure {
    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// The headers in which services name a request.
const REQUEST_IDS: [&str; 4] = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id", "x-okta-request-id"];
/// Longer than any is.
const MAX_REQUEST_ID: usize = 128;

/// What a service calls a request, read from the headers of its answer. It is one word, or it is none.
pub fn request_id<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Option<String> {
    let id = REQUEST_IDS.iter().find_map(|name| header(name))?;
    (id.len() <= MAX_REQUEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic())).then(|| id.to_owned())
}

impl Failure {
    /// Reads an SDK error.
    pub fn new<E>(service: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let retry_after = error.raw_response().and_then(retry_after);
        let id = error.raw_response().and_then(|raw| request_id(|name| raw.headers().get(name)));
        let failure = |kind, code: Option<String>, reason: String| {
            // Kept and shown in many ways, so without what it quotes of the request from here on.
            let (code, reason) = (code.map(|code| scrub(&code).into_owned()), scrub(&reason).into_owned());
            Self { service, kind, code, reason, retry_after, unsent: false, request_id: id.clone() }
        };
        match error {
            SdkError::ServiceError(context) => {
                let (raw, meta) = (context.raw(), context.err().meta());
                let (status, body) = (raw.status().as_u16(), raw.body().bytes().unwrap_or_default());
                let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
                let field = |name: &str| json.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
                let code = meta.code().map(str::to_owned).or_else(|| field("error")).map(|code| shape_name(&code));
                let message = meta.message().map(str::to_owned).or_else(|| field("error_description"));
                let known = code.is_some() || json.is_object();
                let reason = message.unwrap_or_else(|| format!("HTTP {status}"));
                match kind_of(status, code.as_deref(), known) {
                    FailureKind::Nonsense => failure(FailureKind::Nonsense, code, describe(raw)),
                    kind => failure(kind, code, reason),
                }
            }
            SdkError::ResponseError(context) => failure(FailureKind::Nonsense, None, describe(context.raw())),
            SdkError::TimeoutError(_) => failure(FailureKind::Network, None, NO_ANSWER.to_owned()),
            other => Self::unconnected(service, other),
        }
    }

    /// An answer of a service that is called without an SDK: by its code, as services of the JSON protocol send 400 with all
    /// their errors (access.md 1.1).
    pub fn answered(
        service: &'static str,
        status: u16,
        code: Option<&str>,
        message: &str,
        retry_after: Option<SignedDuration>,
    ) -> Self {
        let code = code.map(|code| scrub(&shape_name(code)).into_owned());
        let is = |known: &[&str]| code.as_deref().is_some_and(|code| known.contains(&code));
        let kind = match kind_of(status, code.as_deref(), code.is_some()) {
            kind @ (FailureKind::Throttled | FailureKind::Server) => kind,
            _ if is(&DEAD_CREDENTIALS) => FailureKind::Unauthorized,
            _ if is(&["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]) => FailureKind::Forbidden,
            _ if is(&["NoSuchEntity", "ResourceNotFoundException"]) => FailureKind::NotFound,
            kind => kind,
        };
        let reason = if message.is_empty() { format!("HTTP {status}") } else { scrub(message).into_owned() };
        Self { service, kind, code, reason, retry_after, unsent: false, request_id: None }
    }

    /// A request that found no server, or lost it.
    pub fn unconnected(service: &'static str, error: &(dyn StdError + 'static)) -> Self {
        let why = DialError::within(error).map(|error| error.kind);
        let kind = if why == Some(Reason::Untrusted) { FailureKind::Untrusted } else { FailureKind::Network };
        Self { kind, unsent: why.is_some(), ..Self::nonsense(service, root_cause(error)) }
    }

    /// An answer without what it must hold.
    pub fn nonsense(service: &'static str, reason: impl fmt::Display) -> Self {
        let (kind, reason) = (FailureKind::Nonsense, scrub(&reason.to_string()).into_owned());
        Self { service, kind, code: None, reason, retry_after: None, unsent: false, request_id: None }
    }

    /// A service that was not asked, because it did not answer others.
    pub fn unasked(service: &'static str, reason: impl fmt::Display) -> Self {
        Self { kind: FailureKind::Network, ..Self::nonsense(service, reason) }
    }

    /// A service that did not answer for as long as one waits.
    pub fn silent(service: &'static str) -> Self {
        Self::unasked(service, NO_ANSWER)
    }

    /// Whether nobody answered for as long as one waits, so that asking again costs as long again.
    pub fn is_silence(&self) -> bool {
        self.kind == FailureKind::Network && self.reason == NO_ANSWER
    }

    /// Whether the service is out of order or out of reach, rather than saying no.
    pub fn is_outage(&self) -> bool {
        matches!(self.kind, FailureKind::Network | FailureKind::Server)
    }

    /// Whether the code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) if *code != self.reason => write!(f, "{code}: {}", self.reason),
            _ => f.write_str(&self.reason),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let service = failure.service;
        let error = |kind, fact| Self::new(kind, fact).answer(&failure);
        match failure.kind {
            FailureKind::Unauthorized => {
                error(Kind::Denied, format!("{service} does not accept the credentials it gave"))
                    .hint("check this machine's clock; `eksso logout`, then `eksso login` gets new ones")
            }
            FailureKind::Forbidden => error(Kind::Denied, format!("{service} denied access")),
            FailureKind::NotFound => error(Kind::NotFound, format!("{service} does not know that")),
            FailureKind::Throttled => error(Kind::Unavailable, format!("{service} is limiting our requests"))
                .hint("wait a minute, then try again"),
            FailureKind::Server => error(Kind::Unavailable, format!("{service} has a problem of its own"))
                .hint("try again in a while; https://health.aws.amazon.com shows known problems"),
            FailureKind::Network => error(Kind::Unavailable, format!("{service} cannot be reached"))
                .hint("check the network, HTTPS_PROXY, and that the region is right"),
            FailureKind::Untrusted => {
                error(Kind::Unavailable, format!("{service} shows a certificate that is not trusted here"))
                    .hint("a network that inspects TLS has a CA of its own: put its PEM file into AWS_CA_BUNDLE, or `ca_bundle` of ~/.aws/config")
            }
            FailureKind::Nonsense => error(Kind::Unavailable, format!("{service} gave an answer that makes no sense"))
                .hint("a proxy or a sign-in page of the network may have answered in its place"),
            FailureKind::Refused => error(Kind::Failed, format!("{service} refused the request")),
        }
    }
}

/// Retry-After in seconds, as services send it; dates are not taken.
fn retry_after(raw: &HttpResponse) -> Option<SignedDuration> {
    raw.headers()
        .get("retry-after")?
        .trim()
        .parse::<u32>()
        .ok()
        .map(|seconds| SignedDuration::from_secs(seconds.into()))
}

/// The codes of credentials that are expired, unknown, or of another machine's time.
const DEAD_CREDENTIALS: [&str; 5] = [
    "ExpiredTokenException",
    "ExpiredToken",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
];

fn kind_of(status: u16, code: Option<&str>, known: bool) -> FailureKind {
    match status {
        _ if code.is_some_and(|code| {
            ["Throttl", "TooManyRequests", "SlowDown", "slow_down"].iter().any(|word| code.contains(word))
        }) =>
        {
            FailureKind::Throttled
        }
        403 if code.is_some_and(|code| DEAD_CREDENTIALS.contains(&code)) => FailureKind::Unauthorized,
        429 => FailureKind::Throttled,
        500.. => FailureKind::Server,
        _ if !known => FailureKind::Nonsense,
        401 => FailureKind::Unauthorized,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        _ => FailureKind::Refused,
    }
}

/// `aws.x#Shape:http://…` → `Shape`.
fn shape_name(code: &str) -> String {
    let name = code.split(':').next().unwrap_or(code);
    name.rsplit('#').next().unwrap_or(name).to_owned()
}

fn describe(raw: &HttpResponse) -> String {
    let kind = raw.headers().get("content-type").unwrap_or("no content type");
    let target = raw.headers().get("location").map(|to| format!(", redirect to {to}")).unwrap_or_default();
    format!("HTTP {}, {kind}{target}", raw.status().as_u16())
}
