//! URLs that come from outside: the access portal's, and which schemes and hosts are taken at all.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::{Invalid, Region};

/// The access portal's URL. Reading one forgives what people paste: blanks, `#/`, a closing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartUrl(String);

impl StartUrl {
    /// The cleaned URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        host_of(self.as_str()).unwrap_or_default()
    }
}

/// Hosts of AWS's own access portals. Source: aws-cli v2 `awscli/customizations/sso/resolve.py`.
const PORTALS: [&str; 12] = [
    ".awsapps.com",
    ".awsapps.cn",
    ".app.aws",
    ".portal.amazonaws.com",
    ".portal.amazonaws.com.cn",
    ".app.amazonwebservices.com.cn",
    ".portal.amazonaws.eu",
    ".api.amazonwebservices.eu",
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

impl StartUrl {
    /// Whether it is a portal itself, rather than an address of the organisation that redirects to one. This machine's
    /// loopback addresses count as portals (local tools, tests).
    pub fn is_portal(&self) -> bool {
        is_loopback(self.host()) || self.is_aws()
    }

    /// Whether its host is one of AWS's own.
    pub fn is_aws(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let owned = |known: &&str| if known.starts_with('.') { host.ends_with(*known) } else { host == **known };
        PORTALS.iter().any(owned)
    }

    /// The region that the host of a portal names: `ID.portal.REGION.app.aws`, `ID.REGION.portal.amazonaws.com`.
    pub fn region(&self) -> Option<Region> {
        let host = self.host().to_ascii_lowercase();
        // What comes first is chosen by the organisation, whatever it looks like.
        self.is_aws().then(|| host.split('.').skip(1).find_map(|label| label.parse().ok())).flatten()
    }
}

impl FromStr for StartUrl {
    type Err = Invalid;

    fn from_str(value: &str) -> Result<Self, Invalid> {
        let clean = value.trim();
        let clean = clean.split(['#', '?']).next().unwrap_or(clean).trim_end_matches('/');
        if !is_start_url(clean) {
            let rule = "it is an https URL such as https://example.awsapps.com/start";
            return Err(Invalid { what: "start URL", value: value.to_owned(), rule });
        }
        Ok(Self(clean.to_owned()))
    }
}

impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The URL of an Okta org. Reading one forgives what people paste: blanks, a missing scheme, a closing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgUrl(String);

/// Domains in which Okta gives orgs their names. Source: Okta's documentation, "Okta domains", and its sovereign clouds.
const OKTA: [&str; 6] =
    [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil", ".trexcloud.com"];

impl OrgUrl {
    /// The cleaned URL: scheme and host.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        host_of(self.as_str()).unwrap_or_default()
    }
}

/// Whether a URL, or a host alone, is one of Okta's own.
pub fn is_okta(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let host = if text.contains("://") { host_of(&text).unwrap_or_default() } else { &text };
    OKTA.iter().any(|known| host.ends_with(known))
}

impl FromStr for OrgUrl {
    type Err = Invalid;

    fn from_str(value: &str) -> Result<Self, Invalid> {
        let invalid = |rule| Invalid { what: "Okta org", value: value.to_owned(), rule };
        let clean = value.trim().trim_end_matches('/');
        // Nothing but a scheme and a host, in which case means nothing.
        let clean = clean.to_ascii_lowercase();
        let url = if clean.contains("://") { clean } else { format!("https://{clean}") };
        if !is_start_url(&url) || url.splitn(4, '/').nth(3).is_some() || url.contains(['?', '#', '@']) {
            return Err(invalid("it is the org's URL alone, such as https://example.okta.com"));
        }
        let host = host_of(&url).unwrap_or_default();
        if is_okta(host) && host.split('.').next().is_some_and(|name| name.ends_with("-admin")) {
            return Err(invalid("people sign in at the same name without `-admin`"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for OrgUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Scheme, host and port of a server that is spoken to with a URL; two of them are the same server or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The host without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl FromStr for Origin {
    type Err = Invalid;

    fn from_str(value: &str) -> Result<Self, Invalid> {
        let rule = "it is an https URL such as https://sts.example.com (http for loopback addresses only)";
        let invalid = || Invalid { what: "endpoint", value: value.to_owned(), rule };
        let url = value.trim();
        let host = host_of(url).filter(|_| is_safe_url(url)).ok_or_else(invalid)?;
        let secure = url.starts_with("https://");
        let after = url.split_once("://").and_then(|(_, rest)| rest.get(host.len()..)).unwrap_or_default();
        let port = after.strip_prefix(':').and_then(|rest| rest.split(['/', '?', '#']).next()?.parse().ok());
        Ok(Self { secure, host: host.to_ascii_lowercase(), port: port.unwrap_or(if secure { 443 } else { 80 }) })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.secure, self.port) {
            (true, 443) => write!(f, "https://{}", self.host),
            (true, port) => write!(f, "https://{}:{port}", self.host),
            (false, port) => write!(f, "http://{}:{port}", self.host),
        }
    }
}

fn is_start_url(url: &str) -> bool {
    url.len() <= 512 && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`<>\\^{|}".contains(&b)) && is_safe_url(url)
}

/// Whether a URL is https, or plain http to this machine's loopback addresses (local tools, tests).
pub fn is_safe_url(url: &str) -> bool {
    let Some(host) = host_of(url) else { return false };
    url.starts_with("https://") || is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => (&authority[..colon], &authority[colon + 1..]),
        _ => (authority, "443"),
    };
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let valid = (plain && !host.is_empty() && !host.starts_with(['.', '-'])) || host == "[::1]";
    (valid && port.parse::<u16>().is_ok_and(|p| p > 0)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(values: &[&str]) {
        for v in values {
            assert!(v.parse::<StartUrl>().is_ok(), "{v:?} should be accepted");
        }
    }

    fn refused(values: &[&str]) {
        for v in values {
            assert!(v.parse::<StartUrl>().is_err(), "{v:?} should be refused");
        }
    }

    #[test]
    fn start_urls_are_https_and_cleaned() {
        let url: StartUrl = " https://corp.awsapps.com/start/#/ ".parse().expect("valid");
        assert_eq!((url.as_str(), url.host()), ("https://corp.awsapps.com/start", "corp.awsapps.com"));
        ok(&["https://d-1234567890.awsapps.com/start", "http://127.0.0.1:8080/start", "https://[::1]:1/start"]);
        refused(&[
            "http://corp.awsapps.com/start",
            "corp.awsapps.com/start",
            "https://",
            "https:///start",
            "https://user@corp.awsapps.com/start",
            "http://127.0.0.1.evil.example/start",
            "ftp://corp/start",
            "https://corp.awsapps.com:99999/start",
            "https://corp.awsapps.com/st art",
        ]);
    }

    #[test]
    fn orgs_are_a_scheme_and_a_host() {
        for (text, url) in [
            (" https://Corp.okta.com/ ", "https://corp.okta.com"),
            ("corp.oktapreview.com", "https://corp.oktapreview.com"),
            ("https://login.corp.example", "https://login.corp.example"),
            ("http://127.0.0.1:4711", "http://127.0.0.1:4711"),
        ] {
            assert_eq!(text.parse::<OrgUrl>().map(|org| org.to_string()).as_deref(), Ok(url), "{text}");
        }
        for bad in [
            "https://corp-admin.okta.com",
            "http://corp.okta.com",
            "https://corp.okta.com/oauth2/default",
            "https://corp.okta.com?x",
            "https://user@corp.okta.com",
            "",
            "corp okta",
        ] {
            assert!(bad.parse::<OrgUrl>().is_err(), "{bad}");
        }
        assert!(is_okta("https://corp.okta.com/app/x") && is_okta("Corp.OKTA.com"));
        assert!(!is_okta("https://okta.com.evil.example") && !is_okta("https://corp.awsapps.com/start"));
    }

    #[test]
    fn two_urls_of_one_server_have_one_origin() {
        let origin = |text: &str| text.parse::<Origin>().expect(text);
        assert_eq!(origin("https://VPCE-1.example.com/"), origin("https://vpce-1.example.com:443"));
        assert_ne!(origin("https://vpce-1.example.com:8443/x"), origin("https://vpce-1.example.com"));
        assert_eq!(origin("https://vpce-1.example.com:8443/x").to_string(), "https://vpce-1.example.com:8443");
        assert_eq!(origin("http://[::1]:8080/x?y").to_string(), "http://[::1]:8080");
        assert!("http://vpce-1.example.com".parse::<Origin>().is_err() && "vpce".parse::<Origin>().is_err());
    }

    #[test]
    fn portals_are_told_from_vanity_addresses_and_may_name_their_region() {
        let url = |text: &str| text.parse::<StartUrl>().expect(text);
        for (text, portal, region) in [
            ("https://corp.awsapps.com/start", true, None),
            ("https://eu-west-1.awsapps.com/start", true, None),
            ("https://ssoins-1234567890abcdef.portal.us-east-1.app.aws", true, Some("us-east-1")),
            ("https://ssoins-1234567890abcdef.eu-central-1.portal.amazonaws.com", true, Some("eu-central-1")),
            ("https://identitycenter.amazonaws.com/ssoins-1234567890abcdef", true, None),
            ("https://evil-identitycenter.amazonaws.com/x", false, None),
            ("https://awsapps.com.evil.example/start", false, None),
            ("https://sso.corp.example", false, None),
            ("http://127.0.0.1:4711/start", true, None),
        ] {
            let url = url(text);
            assert_eq!((url.is_portal(), url.region().as_ref().map(Region::as_str)), (portal, region), "{text}");
        }
    }
}
