//! The AWS CLI's token cache, `~/.aws/sso/cache`: files that it and the SDKs share, one a session or start URL.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::domain::lifetime::whole_second;
use crate::domain::secret::{Secret, SecretString, secret_json};
use crate::domain::session::IdentityCenter;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::text::hex;
use crate::domain::url::StartUrl;

/// The file of a session name, or of a start URL in profiles without a session: its SHA-1.
pub fn cache_file(key: &str) -> String {
    format!("{}.json", hex(&Sha1::digest(key.as_bytes())))
}

/// Our access token as those programs read it. The refresh token stays with us: it is good for one use, and two programs
/// that renew with the same one would sign each other out.
pub fn to_file(portal: &IdentityCenter, tokens: &SsoTokens) -> SecretString {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct File<'a> {
        start_url: &'a str,
        region: &'a str,
        access_token: &'a str,
        /// RFC 3339 to the second, with `Z`: what the strictest of the readers takes.
        expires_at: Timestamp,
    }
    secret_json(&File {
        start_url: portal.start_url.as_str(),
        region: portal.region.as_str(),
        access_token: tokens.access_token.expose(),
        expires_at: whole_second(tokens.expires_at),
    })
}

/// An access token that another program left.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The token.
    pub access_token: SecretString,
    /// Its end.
    pub expires_at: Timestamp,
}

/// Reads such a file. Anything else in that folder, or a token of another portal, is `None`.
pub fn from_file(content: &[u8], portal: &IdentityCenter) -> Option<Found> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        start_url: Option<String>,
        region: Option<String>,
        access_token: SecretString,
        expires_at: String,
    }
    let file: File = serde_json::from_slice(content).ok()?;
    let same = file.start_url?.parse::<StartUrl>().ok()? == portal.start_url && file.region? == portal.region.as_str();
    // Old versions of the AWS CLI wrote `UTC` for `Z`.
    let end = file.expires_at.replace("UTC", "Z").parse().ok()?;
    (same && !file.access_token.expose().is_empty())
        .then_some(Found { access_token: file.access_token, expires_at: end })
}

/// The access token of such a file, whatever portal it is of.
pub fn access_token(content: &[u8]) -> Option<SecretString> {
    let file: serde_json::Value = serde_json::from_slice(content).ok()?;
    file.get("accessToken")?.as_str().map(|token| Secret::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::Session;

    fn portal() -> IdentityCenter {
        let url = "https://my-portal.awsapps.com/start".parse().expect("url");
        IdentityCenter::new(url, "eu-west-1".parse().expect("region"))
    }

    #[test]
    fn files_are_named_as_the_aws_cli_names_them() {
        assert_eq!(cache_file("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
        let url = "https://my-portal.awsapps.com/start";
        assert_eq!(cache_file(url), "79461503020acf8488a5104359fd5c903aa41b8b.json");
    }

    #[test]
    fn what_is_written_is_what_all_readers_take_and_holds_no_refresh_token() {
        let end = Timestamp::from_millisecond(1_800_000_000_250).expect("time");
        let session = Session::new("my-sso".parse().expect("name"), portal().start_url, portal().region);
        let mut tokens = SsoTokens::borrowed(&session, "at".into(), end, end);
        tokens.refresh_token = Some("rt".into());
        let file = to_file(&portal(), &tokens);
        assert_eq!(
            file.expose(),
            r#"{"startUrl":"https://my-portal.awsapps.com/start","region":"eu-west-1","accessToken":"at","expiresAt":"2027-01-15T08:00:00Z"}"#
        );
        let found = from_file(file.expose().as_bytes(), &portal()).expect("readable");
        assert_eq!((found.access_token, found.expires_at.as_second()), ("at".into(), 1_800_000_000));
    }

    #[test]
    fn old_times_are_read_and_strangers_are_not() {
        let file = |url: &str, end: &str| {
            format!(r#"{{"startUrl":"{url}","region":"eu-west-1","accessToken":"at","expiresAt":"{end}","x":1}}"#)
        };
        let read = |text: &str| from_file(text.as_bytes(), &portal());
        assert!(read(&file("https://my-portal.awsapps.com/start#/", "2027-01-15T08:00:00UTC")).is_some());
        assert!(read(&file("https://other.awsapps.com/start", "2027-01-15T08:00:00Z")).is_none());
        assert!(read(&file("https://my-portal.awsapps.com/start", "tomorrow")).is_none());
        assert!(read(r#"{"clientId":"id","clientSecret":"cs","expiresAt":"2027-01-15T08:00:00Z"}"#).is_none());
        assert!(read("{\"accessToken").is_none());
    }
}
