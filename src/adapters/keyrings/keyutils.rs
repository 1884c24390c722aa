//! The Linux kernel's user keyring: needs no daemon, is gone at reboot, holds little (20,000 bytes a user by default).

use linux_keyutils::{Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};

use zeroize::Zeroizing;

use crate::adapters::keyrings::service::SERVICE;
use crate::domain::secret::SecretString;
use crate::domain::settings::config::Backend;
use crate::error::{Error, Kind, Result};
use crate::ports::SecretStore;

/// Larger than a cache key; a session's tokens may need more.
const USUAL_SIZE: usize = 512;

/// The keyring `@u` of this user.
#[derive(Debug)]
pub struct KernelStore(KeyRing);

impl KernelStore {
    /// Opens it, where the kernel and its filters (containers) allow.
    pub fn open() -> Result<Self> {
        KeyRing::from_special_id(KeyRingIdentifier::User, true).map(Self).map_err(|error| refused(&error))
    }

    /// An item that ends by itself after so many seconds.
    pub fn set_for(&self, item: &str, secret: &SecretString, seconds: usize) -> Result<()> {
        self.add(item, secret).and_then(|key| key.set_timeout(seconds)).map_err(|error| refused(&error))
    }

    fn add(&self, item: &str, secret: &SecretString) -> Result<Key, KeyError> {
        let key = self.0.add_key(&description(item), secret.expose().as_bytes())?;
        // The user's other login sessions do not possess the key: let them in by user id.
        let user = KeyPermissionsBuilder::builder().posessor(Permission::ALL).user(Permission::ALL).build();
        key.set_perms(user)?;
        Ok(key)
    }

    fn find(&self, item: &str) -> Result<Option<Key>> {
        match self.0.search(&description(item)) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_absent(error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }
}

impl SecretStore for KernelStore {
    fn backend(&self) -> Backend {
        Backend::Keyutils
    }

    fn get(&self, item: &str) -> Result<Option<SecretString>> {
        let Some(key) = self.find(item)? else { return Ok(None) };
        match read(&key) {
            Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().map(SecretString::from)),
            Err(error) if is_absent(error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn set(&self, item: &str, secret: &SecretString) -> Result<()> {
        self.add(item, secret).map(|_| ()).map_err(|error| refused(&error))
    }

    fn delete(&self, item: &str) -> Result<bool> {
        let Some(key) = self.find(item)? else { return Ok(false) };
        match key.invalidate() {
            Err(error) if !is_absent(error) => Err(refused(&error)),
            _ => Ok(true),
        }
    }
}

/// Reads a key into a buffer of about its size. The crate's own takes 64 KiB, and wiping those shows in a warm
/// `eksso token`.
fn read(key: &Key) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut bytes = Zeroizing::new(vec![0; USUAL_SIZE]);
    let size = key.read(&mut bytes)?;
    if size > bytes.len() {
        return key.read_to_vec().map(Zeroizing::new);
    }
    bytes.truncate(size);
    Ok(bytes)
}

fn description(item: &str) -> String {
    format!("{SERVICE}:{item}")
}

fn is_absent(error: KeyError) -> bool {
    matches!(
        error,
        KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked | KeyError::MissingFileOrDirectory
    )
}

fn refused(error: &KeyError) -> Error {
    match error {
        KeyError::QuotaExceeded => Error::new(Kind::LocalState, "the kernel keyring of this user is full")
            .hint("remove unused sessions with `eksso logout --all`, or use EKSSO_KEYRING=passphrase"),
        error => Error::new(Kind::LocalState, "the kernel keyring cannot be used here")
            .cause(error)
            .hint("containers often forbid it; use EKSSO_KEYRING=passphrase"),
    }
}
