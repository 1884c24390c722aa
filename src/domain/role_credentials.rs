//! Role credentials: what a signed-in session gets of AWS for one role.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::lifetime::{fresh, renewal_lead};
use crate::domain::secret::{SecretString, secret_json};

/// Short-lived AWS credentials of one role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RoleCredentials {
    /// Names the key; not a secret, but kept out of logs all the same.
    pub access_key_id: String,
    /// The secret access key, which signs requests.
    pub secret_access_key: SecretString,
    /// Proves that the key is a session's.
    pub session_token: SecretString,
    /// When they came. Absent where nobody noted it.
    pub made_at: Option<Timestamp>,
    /// End of the three above.
    pub expires_at: Timestamp,
}

impl RoleCredentials {
    /// Reads what `to_json` wrote; anything else is a miss.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Whether they are good and not to be renewed yet.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        fresh(self.expires_at, now, renewal_lead(self.made_at, self.expires_at))
    }

    /// The plain form that the sealed cache encrypts.
    pub fn to_json(&self) -> SecretString {
        #[derive(Serialize)]
        struct Plain<'a> {
            access_key_id: &'a str,
            secret_access_key: &'a str,
            session_token: &'a str,
            made_at: Option<Timestamp>,
            expires_at: Timestamp,
        }
        secret_json(&Plain {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            session_token: self.session_token.expose(),
            made_at: self.made_at,
            expires_at: self.expires_at,
        })
    }
}
