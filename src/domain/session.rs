//! Sessions, and the role credentials that a signed-in one gets.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::ids::SessionName;
use crate::domain::provider::Provider;
use crate::domain::secret::{Secret, SecretString};

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

/// One sign-in place with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the user calls it.
    pub name: SessionName,
    /// Where, and how.
    pub provider: Provider,
}

/// A moment without its fraction, as formats that count seconds have it.
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Whether something with an end is still good at a moment.
pub fn fresh(expires_at: Timestamp, now: Timestamp, ahead: SignedDuration) -> bool {
    expires_at.duration_since(now) > ahead
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

    #[test]
    fn fresh_means_more_than_the_margin_is_left() {
        let now = Timestamp::from_second(1_800_000_000).expect("time");
        let end = now + RENEW_AHEAD;
        assert!(!fresh(end, now, RENEW_AHEAD));
        assert!(fresh(end + SignedDuration::from_secs(1), now, RENEW_AHEAD));
    }
}
