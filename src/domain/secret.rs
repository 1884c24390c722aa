//! A value that must not be seen: redacted in `Debug`, wiped from memory on drop, opened only by `expose`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Holds a secret; `{:?}` prints `[redacted]` and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// The usual secret: a token, a key, a passphrase.
pub type SecretString = Secret<String>;

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of the value from the moment it arrives.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Opens the secret. Each call is a place to review: the value leaves our protection here.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<&str> for SecretString {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for SecretString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
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
    fn debug_shows_nothing_of_the_value() {
        let secret = SecretString::from("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[redacted] Some([redacted])");
        assert_eq!(secret.expose(), "hunter2");
    }
}
