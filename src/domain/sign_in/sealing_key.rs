//! The key of one sign-in: it seals the role credentials that are got with it.
//!
//! Each sign-in has a key of its own, with an id. The id stands in every sealed file and in the name of every copy of the
//! key, so that what belongs to another sign-in (another person's, an adopted one, one in another keyring) opens nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::secret::{Secret, SecretString};
use crate::domain::text::hex;

/// Bytes of a key.
pub const KEY: usize = 32;
const ID: usize = 16;
/// The random bytes that a new one is made of.
pub const RANDOM: usize = KEY + ID;

/// A key and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// 32 hexadecimal digits; no secret.
    pub id: String,
    /// 32 bytes in base64.
    pub key: SecretString,
}

impl SealingKey {
    /// Makes one of random bytes.
    pub fn new(random: &Zeroizing<[u8; RANDOM]>) -> Self {
        let (key, id) = random.split_at(KEY);
        Self { id: hex(id), key: Secret::new(STANDARD_NO_PAD.encode(key)) }
    }

    /// Takes what was stored; `None` for anything that is no id and key.
    pub fn from_parts(id: String, key: SecretString) -> Option<Self> {
        let is_id = id.len() == 2 * ID && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let found = Self { id, key };
        (is_id && found.bytes().is_some()).then_some(found)
    }

    /// Reads it out of the keyring item of a session's tokens.
    pub fn from_item(item: &SecretString) -> Option<Self> {
        #[derive(Deserialize)]
        struct Item {
            sign_in: Parts,
        }
        #[derive(Deserialize)]
        struct Parts {
            id: String,
            key: SecretString,
        }
        let Parts { id, key } = serde_json::from_str::<Item>(item.expose()).ok()?.sign_in;
        Self::from_parts(id, key)
    }

    /// The key itself.
    pub fn bytes(&self) -> Option<Zeroizing<[u8; KEY]>> {
        let bytes = Zeroizing::new(STANDARD_NO_PAD.decode(self.key.expose()).ok()?);
        Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_anything_else_is_none() {
        let made = SealingKey::new(&Zeroizing::new([7; RANDOM]));
        let item = format!(r#"{{"place":"x","sign_in":{{"id":"{}","key":"{}"}}}}"#, made.id, made.key.expose());
        assert_eq!(SealingKey::from_item(&item.as_str().into()), Some(made.clone()));
        for other in ["{}", "", r#"{"sign_in":{"id":"../x","key":"AAAA"}}"#, &item.replace(&made.id, "7")] {
            assert_eq!(SealingKey::from_item(&other.into()), None, "{other}");
        }
        assert!(!format!("{made:?}").contains(made.key.expose()));
    }
}
