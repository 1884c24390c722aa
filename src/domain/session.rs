//! Sessions, the tokens of a signed-in one, and the role credentials they buy.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{Region, SessionName};
use super::secret::{Secret, SecretString};
use super::url::StartUrl;

/// How long before their end tokens and role credentials are renewed (as botocore does).
pub const RENEW_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// Device authorization: a page and a code, in any browser on any machine.
    #[default]
    Device,
    /// Authorization code with PKCE: a browser on this machine comes back by itself.
    Pkce,
}

/// One sign-in place: an IAM Identity Center portal with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the user calls it.
    pub name: SessionName,
    /// The access portal.
    pub start_url: StartUrl,
    /// The region of the Identity Center instance (not of the clusters).
    pub region: Region,
    /// How to sign in when nobody says otherwise.
    pub flow: Flow,
    /// Whether the device flow may be used at all: its codes can be phished, and an administrator may forbid it.
    pub device_flow: bool,
}

impl Session {
    /// A session that signs in as most do.
    pub fn new(name: SessionName, start_url: StartUrl, region: Region) -> Self {
        Self { name, start_url, region, flow: Flow::Device, device_flow: true }
    }
}

/// A moment without its fraction, as formats that count seconds have it.
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Whether something with an end is still good at a moment.
pub fn fresh(expires_at: Timestamp, now: Timestamp, ahead: SignedDuration) -> bool {
    expires_at.duration_since(now) > ahead
}

/// The OAuth client that eksso is towards the portal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// Public part.
    pub client_id: String,
    /// Secret part.
    pub client_secret: SecretString,
    /// When the service forgets the client (about 90 days).
    pub expires_at: Timestamp,
    /// What the client was registered for; it may not be used for the other.
    #[serde(default)]
    pub flow: Flow,
}

/// What a sign-in gives: kept as one item in the keyring.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SsoTokens {
    /// The portal these tokens belong to; a session that was pointed elsewhere must not use them.
    start_url: String,
    region: String,
    /// Bearer token of the portal.
    pub access_token: SecretString,
    /// End of the access token (about an hour); not the end of the session.
    pub expires_at: Timestamp,
    /// Renews the access token until the portal session ends. Absent for clients without the account scope.
    pub refresh_token: Option<SecretString>,
    /// The client the tokens were given to.
    pub registration: Registration,
    /// Whether the access token is also kept where the AWS CLI looks for it.
    #[serde(default)]
    pub shared: bool,
    /// When the person signed in: renewals keep it, so that a sign-in can be told from one.
    #[serde(default)]
    pub signed_in_at: Timestamp,
}

impl SsoTokens {
    /// Ties fresh tokens to the session that got them.
    pub fn new(
        session: &Session,
        access_token: SecretString,
        expires_at: Timestamp,
        refresh_token: Option<SecretString>,
        registration: Registration,
        signed_in_at: Timestamp,
    ) -> Self {
        Self {
            start_url: session.start_url.as_str().to_owned(),
            region: session.region.as_str().to_owned(),
            access_token,
            expires_at,
            refresh_token,
            registration,
            shared: false,
            signed_in_at,
        }
    }

    /// The same sign-in with a new access token; without a new refresh token the old one stays good.
    #[must_use]
    pub fn renewed(
        &self,
        access_token: SecretString,
        expires_at: Timestamp,
        refresh_token: Option<SecretString>,
        registration: Registration,
    ) -> Self {
        let refresh_token = refresh_token.or_else(|| self.refresh_token.clone());
        Self { access_token, expires_at, refresh_token, registration, ..self.clone() }
    }

    /// What is left when the portal has ended the session: the client for the next sign-in, and whether that is shared.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Self {
        Self { access_token: "".into(), expires_at: now, refresh_token: None, ..self.clone() }
    }

    /// Tokens that the AWS CLI signed in for: good until their end, and not ours to revoke.
    pub fn borrowed(session: &Session, access_token: SecretString, expires_at: Timestamp, now: Timestamp) -> Self {
        let nobody = Registration {
            client_id: String::new(),
            client_secret: "".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            flow: Flow::Device,
        };
        Self::new(session, access_token, expires_at, None, nobody, now)
    }

    /// Whether another program signed in for these.
    pub fn is_borrowed(&self) -> bool {
        self.registration.client_id.is_empty()
    }

    /// Reads a keyring item; anything that is not a current item of this very portal is as good as absent.
    pub fn from_item(item: &SecretString, session: &Session) -> Option<Self> {
        let tokens: Self = serde_json::from_str(item.expose()).ok()?;
        (tokens.start_url == session.start_url.as_str() && tokens.region == session.region.as_str()).then_some(tokens)
    }

    /// The keyring item: JSON.
    pub fn to_item(&self) -> SecretString {
        #[derive(Serialize)]
        struct Item<'a> {
            version: u8,
            start_url: &'a str,
            region: &'a str,
            access_token: &'a str,
            expires_at: Timestamp,
            refresh_token: Option<&'a str>,
            registration: Client<'a>,
            shared: bool,
            signed_in_at: Timestamp,
        }
        #[derive(Serialize)]
        struct Client<'a> {
            client_id: &'a str,
            client_secret: &'a str,
            expires_at: Timestamp,
            flow: Flow,
        }
        secret_json(&Item {
            version: 1,
            start_url: &self.start_url,
            region: &self.region,
            access_token: self.access_token.expose(),
            expires_at: self.expires_at,
            refresh_token: self.refresh_token.as_ref().map(|token| token.expose().as_str()),
            registration: Client {
                client_id: &self.registration.client_id,
                client_secret: self.registration.client_secret.expose(),
                expires_at: self.registration.expires_at,
                flow: self.registration.flow,
            },
            shared: self.shared,
            signed_in_at: self.signed_in_at,
        })
    }

    /// Whether the access token may be had anew without a person: there is a refresh token and its client is known.
    pub fn refreshable(&self, now: Timestamp) -> bool {
        self.refresh_token.is_some() && fresh(self.registration.expires_at, now, SignedDuration::ZERO)
    }

    /// Whether these can still lead to a good access token without a person.
    pub fn usable(&self, now: Timestamp) -> bool {
        self.refresh_token.is_some() || fresh(self.expires_at, now, SignedDuration::ZERO)
    }
}

/// Short-lived AWS credentials of one role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RoleCredentials {
    /// Names the key; not a secret, but kept out of logs all the same.
    pub access_key_id: String,
    /// Signs.
    pub secret_access_key: SecretString,
    /// Proves that the key is a session's.
    pub session_token: SecretString,
    /// End of the three above.
    pub expires_at: Timestamp,
}

impl RoleCredentials {
    /// Reads what `to_json` wrote; anything else is a miss.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The plain form that the sealed cache encrypts.
    pub fn to_json(&self) -> SecretString {
        #[derive(Serialize)]
        struct Plain<'a> {
            access_key_id: &'a str,
            secret_access_key: &'a str,
            session_token: &'a str,
            expires_at: Timestamp,
        }
        secret_json(&Plain {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            session_token: self.session_token.expose(),
            expires_at: self.expires_at,
        })
    }
}

/// JSON in a buffer that is large enough not to leave copies behind while it grows, and is wiped in the end.
pub fn secret_json(value: &impl Serialize) -> SecretString {
    let mut json = Vec::with_capacity(16 << 10);
    // Structs of text and times always serialize, into memory.
    _ = serde_json::to_writer(&mut json, value);
    Secret::new(String::from_utf8(json).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(url: &str) -> Session {
        Session::new("corp".parse().expect("name"), url.parse().expect("url"), "eu-west-1".parse().expect("region"))
    }

    #[test]
    fn tokens_survive_the_keyring_and_belong_to_one_portal() {
        let at = Timestamp::from_second(1_800_000_000).expect("time");
        let registration =
            Registration { client_id: "id".into(), client_secret: "cs".into(), expires_at: at, flow: Flow::Pkce };
        let here = session("https://corp.awsapps.com/start");
        let tokens = SsoTokens::new(&here, "at".into(), at, Some("rt".into()), registration, at);
        let item = tokens.to_item();
        assert_eq!(SsoTokens::from_item(&item, &here), Some(tokens));
        assert_eq!(SsoTokens::from_item(&item, &session("https://other.awsapps.com/start")), None);
        assert_eq!(SsoTokens::from_item(&"{".into(), &here), None);
    }

    #[test]
    fn fresh_means_more_than_the_margin_is_left() {
        let now = Timestamp::from_second(1_800_000_000).expect("time");
        let end = now + RENEW_AHEAD;
        assert!(!fresh(end, now, RENEW_AHEAD));
        assert!(fresh(end + SignedDuration::from_secs(1), now, RENEW_AHEAD));
    }
}
