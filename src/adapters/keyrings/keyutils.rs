//! The Linux kernel's user keyring: needs no daemon, is gone at reboot, holds little (20,000 bytes a user by default).
//!
//! So it holds keys only. An item of the `keyutils` keyring is a file sealed with such a key: no quota bounds it, and a
//! container that shares the kernel keyring of its user gets a key without the file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use linux_keyutils::{Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};
use zeroize::Zeroizing;

use crate::adapters::files::{DiskFiles, age};
use crate::adapters::keyrings::seal::{self, KEY};
use crate::adapters::keyrings::service::SERVICE;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::keyring::Backend;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, SecretStore};

/// Larger than a key; what eksso 0.1.0 kept here needs more.
const USUAL_SIZE: usize = 512;
const MAX_ITEM: u64 = 1 << 20;
/// A file this young may be one that is just being stored.
const BEING_STORED: Duration = Duration::from_secs(60);

/// Whether the keyring of the session is used in place of the user's.
static OF_SESSION: AtomicBool = AtomicBool::new(false);

/// Makes this process keep its keys in the keyring of its session (`@s`). For tests, which must neither see nor touch what
/// the person who runs them keeps.
pub fn use_session_keyring() {
    OF_SESSION.store(true, Ordering::Relaxed);
}

/// The keyring `@u` of this user.
#[derive(Debug)]
pub struct KernelKeys(KeyRing);

impl KernelKeys {
    /// Opens it, where the kernel and its filters (containers) allow.
    pub fn open() -> Result<Self> {
        let of_session = OF_SESSION.load(Ordering::Relaxed);
        let place = if of_session { KeyRingIdentifier::Session } else { KeyRingIdentifier::User };
        KeyRing::from_special_id(place, true).map(Self).map_err(|error| refused(&error))
    }

    /// A key's text; `None` when there is none.
    pub fn read(&self, name: &str) -> Result<Option<SecretString>> {
        let Some(key) = self.find(name)? else { return Ok(None) };
        match read(&key) {
            Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().map(SecretString::from)),
            Err(error) if is_absent(error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Stores a key over whatever was there; it ends by itself after `time`.
    pub fn write(&self, name: &str, secret: &SecretString, time: Option<Duration>) -> Result<()> {
        let write = || {
            let key = self.0.add_key(&description(name), secret.expose().as_bytes())?;
            // The user's other login sessions do not possess the key: let them in by user id.
            let user = KeyPermissionsBuilder::builder().posessor(Permission::ALL).user(Permission::ALL).build();
            key.set_perms(user)?;
            match time.map(|time| usize::try_from(time.as_secs()).unwrap_or(usize::MAX)) {
                Some(seconds) => key.set_timeout(seconds),
                None => Ok(()),
            }
        };
        write().map_err(|error| refused(&error))
    }

    /// Removes a key. Answers whether it was there.
    pub fn remove(&self, name: &str) -> Result<bool> {
        let Some(key) = self.find(name)? else { return Ok(false) };
        match key.invalidate() {
            Err(error) if !is_absent(error) => Err(refused(&error)),
            _ => Ok(true),
        }
    }

    fn find(&self, name: &str) -> Result<Option<Key>> {
        match self.0.search(&description(name)) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_absent(error) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }
}

/// The `keyutils` keyring.
#[derive(Debug)]
pub struct KeyutilsStore {
    kernel: KernelKeys,
    folder: PathBuf,
}

impl KeyutilsStore {
    /// Opens it, with the folder of its sealed files.
    pub fn open(folder: PathBuf) -> Result<Self> {
        KernelKeys::open().map(|kernel| Self { kernel, folder })
    }

    fn path(&self, item: &str) -> PathBuf {
        self.folder.join(&digest(item)[..32])
    }
}

/// What the kernel holds under an item's name.
enum Held {
    /// The key of the item's file.
    Key(Zeroizing<[u8; KEY]>),
    /// The item itself, as eksso 0.1.0 kept it.
    Item(SecretString),
}

impl Held {
    fn read(text: SecretString) -> Self {
        let bytes = STANDARD_NO_PAD.decode(text.expose()).map(Zeroizing::new);
        match bytes.ok().and_then(|bytes| bytes.as_slice().try_into().ok()) {
            Some(key) => Self::Key(Zeroizing::new(key)),
            None => Self::Item(text),
        }
    }
}

impl SecretStore for KeyutilsStore {
    fn backend(&self) -> Backend {
        Backend::Keyutils
    }

    fn get(&self, item: &str) -> Result<Option<SecretString>> {
        let key = match self.kernel.read(item)?.map(Held::read) {
            Some(Held::Key(key)) => key,
            Some(Held::Item(old)) => return Ok(Some(old)),
            None => {
                // The kernel forgot the key, as it does at reboot: nothing opens the file any more. A folder that cannot be
                // written keeps it; it is of no use to anybody. A new file gets its key a moment later.
                let path = self.path(item);
                if age(&path).is_some_and(|age| age > BEING_STORED) {
                    _ = DiskFiles.remove(&path);
                }
                return Ok(None);
            }
        };
        let Some(content) = DiskFiles.read(&self.path(item), MAX_ITEM)? else { return Ok(None) };
        // A file that the key does not open belongs to another key: as good as none.
        let plain = seal::open(&content, item, &key);
        Ok(plain.and_then(|plain| std::str::from_utf8(plain.expose()).ok().map(SecretString::from)))
    }

    /// The file before a new key: whoever dies in between has left a file that nothing opens, and no item that lacks one.
    fn set(&self, item: &str, secret: &SecretString) -> Result<()> {
        let known = match self.kernel.read(item)?.map(Held::read) {
            Some(Held::Key(key)) => Some(key),
            Some(Held::Item(_)) | None => None,
        };
        let key = known.clone().map_or_else(seal::new_key, Ok)?;
        let content = seal::close(secret.expose().as_bytes(), item, &key)?;
        DiskFiles.write_private(&self.path(item), &content)?;
        match known {
            Some(_) => Ok(()),
            None => self.kernel.write(item, &Secret::new(STANDARD_NO_PAD.encode(key.as_ref())), None),
        }
    }

    fn delete(&self, item: &str) -> Result<bool> {
        let there = self.kernel.remove(item)?;
        DiskFiles.remove(&self.path(item))?;
        Ok(there)
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
