//! Role credentials: what a signed-in session gets of AWS for one role.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::secret::{SecretString, secret_json};

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
