//! The EKS token: a presigned STS GetCallerIdentity URL, base64url-encoded behind `k8s-aws-v1.`.
//!
//! The rules are those of aws-iam-authenticator's verifier (`pkg/token/token.go`): which query keys may be there, which
//! headers are signed, how long the text may be.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SessionTokenMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::domain::ids::Region;
use crate::domain::lifetime::whole_second;
use crate::domain::partition::Partition;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};

/// The server refuses longer tokens unread.
pub const MAX_BYTES: usize = 4096;

/// The server takes a token for 15 minutes from its date; clients are told one less.
const LIFE: SignedDuration = SignedDuration::from_mins(14);

/// Ignored by STS; authenticators up to 0.3 want 0 to 60.
const EXPIRES_PARAMETER: Duration = Duration::from_secs(60);

const PREFIX: &str = "k8s-aws-v1.";
const CLUSTER_HEADER: &str = "x-k8s-aws-id";

/// Which of a region's STS hosts the URL names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostKind {
    /// The FIPS-validated host.
    pub fips: bool,
    /// The host that also has an IPv6 address.
    pub dual_stack: bool,
}

impl HostKind {
    /// As the variables of the AWS SDKs choose it.
    ///
    /// # Errors
    /// In words, where one of them is neither `true` nor `false`.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let flag = |name: &str| match var(name).map(|value| value.to_lowercase()).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(format!("{name} is `{other}`; it takes `true` or `false`")),
        };
        Ok(Self { fips: flag("AWS_USE_FIPS_ENDPOINT")?, dual_stack: flag("AWS_USE_DUALSTACK_ENDPOINT")? })
    }
}

/// A token and its announced end.
#[derive(Debug)]
pub struct EksToken {
    /// `k8s-aws-v1.…`
    pub text: SecretString,
    /// X-Amz-Date + 14 min, or the end of the role credentials when that comes first.
    pub expires_at: Timestamp,
}

impl EksToken {
    /// The presigned URL inside.
    pub fn url(&self) -> Option<Zeroizing<String>> {
        let encoded = self.text.expose().strip_prefix(PREFIX)?;
        Some(Zeroizing::new(String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?))
    }
}

/// Why no token could be made.
#[derive(Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The text would have this many bytes, over [`MAX_BYTES`].
    TooLarge(usize),
    /// Signing failed; the reason holds no secret.
    Signing(String),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "the token would have {bytes} bytes, EKS takes at most {MAX_BYTES}"),
            Self::Signing(reason) => write!(f, "the token could not be signed: {reason}"),
        }
    }
}

/// Makes a token that lets `credentials` into the cluster that knows itself as `cluster` (its name; its id for a local
/// cluster on an Outpost). `now` becomes X-Amz-Date.
pub fn make(
    credentials: &RoleCredentials,
    region: &Region,
    cluster: &str,
    host: HostKind,
    now: Timestamp,
) -> Result<EksToken, TokenError> {
    let url = presign(credentials, region, cluster, &sts_host(region, host), now)?;
    let text = Secret::new(format!("{PREFIX}{}", *Zeroizing::new(URL_SAFE_NO_PAD.encode(url.as_bytes()))));
    if text.expose().len() > MAX_BYTES {
        return Err(TokenError::TooLarge(text.expose().len()));
    }
    Ok(EksToken { text, expires_at: (whole_second(now) + LIFE).min(credentials.expires_at) })
}

/// The STS host of a region. GovCloud's FIPS host is its ordinary one.
pub fn sts_host(region: &Region, kind: HostKind) -> String {
    let partition = region.partition();
    let own_fips_host = kind.dual_stack || partition != Partition::AwsUsGov;
    let prefix = if kind.fips && own_fips_host { "sts-fips" } else { "sts" };
    let suffix = if kind.dual_stack { partition.dual_stack_suffix() } else { partition.dns_suffix() };
    format!("{prefix}.{region}.{suffix}")
}

fn presign(
    credentials: &RoleCredentials,
    region: &Region,
    cluster: &str,
    host: &str,
    now: Timestamp,
) -> Result<Zeroizing<String>, TokenError> {
    let failed = |error: &dyn fmt::Display| TokenError::Signing(error.to_string());
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(EXPIRES_PARAMETER);
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.session_token_mode = SessionTokenMode::Include;
    let token = credentials.session_token.expose();
    let identity = Credentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose().as_str(),
        (!token.is_empty()).then(|| token.clone()),
        None,
        "eksso",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name("sts")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0)))
        .settings(settings)
        .build()
        .map_err(|e| failed(&e))?
        .into();
    let base = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
    let request =
        SignableRequest::new("GET", base.as_str(), [(CLUSTER_HEADER, cluster)].into_iter(), SignableBody::Bytes(&[]))
            .map_err(|e| failed(&e))?;
    let (instructions, _signature) = sign(request, &params).map_err(|e| failed(&e))?.into_parts();
    let (_headers, mut query) = instructions.into_parts();
    // Sorted by name with the signature last: byte for byte what aws-iam-authenticator emits.
    query.sort_by_key(|(name, _)| (*name == "X-Amz-Signature", *name));
    let mut url = Zeroizing::new(String::with_capacity(base.len() + 600 + token.len() * 3));
    url.push_str(&base);
    for (name, value) in query {
        let value = Zeroizing::new(value.into_owned());
        url.push('&');
        url.push_str(name);
        url.push('=');
        percent_encode(&value, &mut url);
    }
    Ok(url)
}

/// Appends `value` with everything but `A-Za-z0-9-_.~` percent-encoded, as SigV4 wants it.
fn percent_encode(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]);
        }
    }
}
