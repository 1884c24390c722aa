//! Reads from Secret Service over a plain session; everything else is the keyring crate's.
//!
//! That crate's session encrypts each secret on its way over the bus, and the Diffie-Hellman key exchange takes 3.8 of
//! 6.2 ms of a lookup (secret-service 5.2, GNOME Keyring 42; plain: 2.4 ms; libsecret's own tool: 8 ms). The bus is a
//! socket of this user in memory of this machine. Who may listen there (the user, root) may ask the service for the secret
//! itself, so that the encryption keeps nothing from anybody, and kubectl waits for it.

use std::collections::HashMap;

use secret_service::EncryptionType;
use secret_service::blocking::SecretService;

use crate::adapters::keyrings::service::SERVICE;
use crate::domain::secret::Secret;

/// A plain session.
pub struct Reader(SecretService<'static>);

impl Reader {
    /// Connects; the reason in words where there is no such service.
    pub fn connect() -> Result<Self, String> {
        SecretService::connect(EncryptionType::Plain).map(Self).map_err(|error| error.to_string())
    }

    /// `Some` answer about an item that lies open or is not there at all; `None` for what is locked, ambiguous or goes
    /// wrong, which the keyring crate unlocks or explains.
    pub fn read(&self, item: &str) -> Option<Option<Secret<Vec<u8>>>> {
        let found = self.0.search_items(HashMap::from([("service", SERVICE), ("username", item)])).ok()?;
        match (found.unlocked.as_slice(), found.locked.is_empty()) {
            ([], true) => Some(None),
            ([only], true) => only.get_secret().ok().map(|secret| Some(Secret::new(secret))),
            _ => None,
        }
    }
}
