//! The platform's keyring through the keyring crates: Secret Service, macOS Keychain or Windows Credential Manager.
//!
//! `keyring-core` with its store crates rather than `keyring` itself: programs that choose among stores are told to do so
//! by `keyring`'s own documentation.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error as KeyringError};
use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
use crate::adapters::keyrings::secret_service::Reader;
use crate::adapters::keyrings::service::SERVICE;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::keyring::Backend;
use crate::error::{Error, Kind, Result};
use crate::ports::SecretStore;

/// The backend of this platform.
pub const PLATFORM: Option<Backend> = if cfg!(target_os = "linux") {
    Some(Backend::SecretService)
} else if cfg!(target_os = "macos") {
    Some(Backend::Keychain)
} else if cfg!(windows) {
    Some(Backend::Wincred)
} else {
    None
};

/// Windows takes 2,560 bytes an item; larger secrets are split below that.
const CHUNK: Option<usize> = if cfg!(windows) { Some(2400) } else { None };

/// Windows' default (CRED_PERSIST_ENTERPRISE) takes items to every machine that a roaming user logs on to.
const PERSISTENCE: Option<&str> = if cfg!(windows) { Some("local") } else { None };

/// Begins an item that is split; what follows is `GENERATION:NUMBER` of its parts.
const SPLIT: &str = "eksso-split:";
/// More parts than any secret of ours has.
const MAX_PARTS: usize = 64;

/// An open platform keyring.
pub struct NativeStore {
    backend: Backend,
    /// Connected when it is first needed where something else answers most reads.
    store: OnceCell<Arc<CredentialStore>>,
    #[cfg(target_os = "linux")]
    reader: Option<Arc<Reader>>,
    patience: Duration,
    chunk: Option<usize>,
    persistence: Option<&'static str>,
}

impl NativeStore {
    /// Connects. A keyring that is not there is `Kind::NotFound`.
    pub fn open(backend: Backend, patience: Duration) -> Result<Self> {
        #[cfg(target_os = "linux")]
        {
            let reader = bounded(backend, patience, Reader::connect)?.map_err(|error| absent(backend, error))?;
            let (store, reader) = (OnceCell::new(), Some(Arc::new(reader)));
            Ok(Self { backend, store, reader, patience, chunk: CHUNK, persistence: PERSISTENCE })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let store = bounded(backend, patience, platform_store)?;
            let store = store.map_err(|error| absent(backend, describe(&error)))?;
            Ok(Self { backend, store: OnceCell::from(store), patience, chunk: CHUNK, persistence: PERSISTENCE })
        }
    }

    /// Credential Manager, with items that are gone when the user logs off.
    #[cfg(windows)]
    pub fn of_logon(patience: Duration) -> Result<Self> {
        Ok(Self { persistence: Some("session"), ..Self::open(Backend::Wincred, patience)? })
    }

    fn store(&self) -> Result<Arc<CredentialStore>> {
        if let Some(store) = self.store.get() {
            return Ok(Arc::clone(store));
        }
        let connected = bounded(self.backend, self.patience, platform_store)?;
        let connected = connected.map_err(|error| {
            // The service is there, as reading it shows.
            let fact = format!("{} cannot be written", title(self.backend));
            Error::new(Kind::LocalState, fact).cause(describe(&error)).hint(others(self.backend))
        })?;
        Ok(Arc::clone(self.store.get_or_init(|| connected)))
    }

    fn call<T: Send + 'static>(
        &self,
        item: &str,
        work: impl FnOnce(Entry) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<Option<T>> {
        let store = self.store()?;
        let name = item.to_owned();
        let modifiers = self.persistence.map(|persistence| HashMap::from([("persistence", persistence)]));
        let done = bounded(self.backend, self.patience, move || {
            let entry = store.build(SERVICE, &name, modifiers.as_ref())?;
            work(entry)
        })?;
        match done {
            Ok(value) => Ok(Some(value)),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(self.refused(&error)),
        }
    }

    fn refused(&self, error: &KeyringError) -> Error {
        let name = title(self.backend);
        match error {
            KeyringError::NoStorageAccess(_) => {
                Error::new(Kind::LocalState, format!("{name} is locked, or it refused us"))
                    .cause(describe(error))
                    .hint(unlock(self.backend))
                    .hint(others(self.backend))
            }
            // That it is locked, and nobody can be asked (errSecInteractionNotAllowed), as in an SSH session, is among these.
            KeyringError::PlatformFailure(_) if self.backend == Backend::Keychain => {
                Error::new(Kind::LocalState, format!("{name} failed"))
                    .cause(describe(error))
                    .hint(unlock(self.backend))
                    .hint(others(self.backend))
            }
            KeyringError::TooLong(_, limit) => {
                Error::new(Kind::LocalState, format!("the secret is too large for {name} (at most {limit} bytes)"))
                    .hint("EKSSO_KEYRING=passphrase keeps secrets of any size")
            }
            KeyringError::Ambiguous(_) => {
                Error::new(Kind::LocalState, format!("{name} holds two items of one name for eksso"))
                    .hint("remove the items of the service `eksso` in its manager, then sign in again")
            }
            _ => Error::new(Kind::LocalState, format!("{name} failed")).cause(describe(error)),
        }
    }
}

impl NativeStore {
    fn read(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>> {
        #[cfg(target_os = "linux")]
        if let Some(reader) = self.reader.clone() {
            let item = name.to_owned();
            if let Some(answer) = bounded(self.backend, self.patience, move || reader.read(&item))? {
                return Ok(answer);
            }
        }
        self.call(name, |entry| entry.get_secret().map(Secret::new))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let bytes = Secret::new(bytes.to_vec());
        self.call(name, move |entry| entry.set_secret(bytes.expose())).map(|_| ())
    }

    fn remove(&self, name: &str) -> Result<bool> {
        Ok(self.call(name, |entry| entry.delete_credential())?.is_some())
    }

    /// The names of the parts that a head speaks of.
    fn parts(item: &str, head: Option<&Secret<Vec<u8>>>) -> Vec<String> {
        let head = head.and_then(|head| std::str::from_utf8(head.expose()).ok());
        let split = head.and_then(|head| head.strip_prefix(SPLIT)?.split_once(':'));
        let Some((generation, number)) = split else { return Vec::new() };
        let number = number.parse::<usize>().unwrap_or_default().min(MAX_PARTS);
        (0..number).map(|part| format!("{item}#{generation}.{part}")).collect()
    }
}

impl SecretStore for NativeStore {
    fn backend(&self) -> Backend {
        self.backend
    }

    fn get(&self, item: &str) -> Result<Option<SecretString>> {
        let head = self.read(item)?;
        let parts = Self::parts(item, head.as_ref());
        if parts.is_empty() {
            return Ok(head.as_ref().and_then(text));
        }
        let mut whole = Zeroizing::new(Vec::with_capacity(parts.len() * self.chunk.unwrap_or_default()));
        for part in parts {
            let Some(piece) = self.read(&part)? else { return Ok(None) };
            whole.extend_from_slice(piece.expose());
        }
        Ok(std::str::from_utf8(&whole).ok().map(SecretString::from))
    }

    /// A large secret goes into parts of a new generation, then the head names it, then the old parts go: whoever reads
    /// or dies in between has the old secret or the new one, whole.
    fn set(&self, item: &str, secret: &SecretString) -> Result<()> {
        let bytes = secret.expose().as_bytes();
        let old = self.chunk.map_or(Ok(None), |_| self.read(item))?;
        match self.chunk.filter(|chunk| bytes.len() > *chunk) {
            None => self.put(item, bytes)?,
            Some(chunk) => {
                let generation = format!("{:08x}", getrandom::u32().unwrap_or_default());
                let head = format!("{SPLIT}{generation}:{}", bytes.chunks(chunk).count());
                let names = Self::parts(item, Some(&Secret::new(head.clone().into_bytes())));
                for (name, part) in names.iter().zip(bytes.chunks(chunk)) {
                    self.put(name, part)?;
                }
                self.put(item, head.as_bytes())?;
            }
        }
        Self::parts(item, old.as_ref()).iter().try_for_each(|part| self.remove(part).map(|_| ()))
    }

    fn delete(&self, item: &str) -> Result<bool> {
        let old = self.chunk.map_or(Ok(None), |_| self.read(item))?;
        let gone = self.remove(item)?;
        Self::parts(item, old.as_ref()).iter().try_for_each(|part| self.remove(part).map(|_| ()))?;
        Ok(gone)
    }
}

/// Does blocking work on a thread of its own and gives up on it after `patience`: a keyring may wait for a person, or hang.
fn bounded<T: Send + 'static>(
    backend: Backend,
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || _ = sender.send(work()));
    receiver.recv_timeout(patience).map_err(|error| {
        let name = title(backend);
        let fact = match error {
            RecvTimeoutError::Timeout => format!("{name} did not answer within {} s", patience.as_secs()),
            RecvTimeoutError::Disconnected => format!("{name} failed unexpectedly"),
        };
        Error::new(Kind::LocalState, fact)
            .cause("it may be locked and waiting for you to unlock it, or it hangs")
            .hint(unlock(backend))
            .hint(others(backend))
    })
}

fn absent(backend: Backend, why: String) -> Error {
    Error::new(Kind::NotFound, format!("{} is not here", title(backend))).cause(why)
}

fn text(bytes: &Secret<Vec<u8>>) -> Option<SecretString> {
    std::str::from_utf8(bytes.expose()).ok().map(SecretString::from)
}

/// The reason without the secret that some variants of the error carry.
fn describe(error: &KeyringError) -> String {
    match error {
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => "the item is damaged".to_owned(),
        other => other.to_string(),
    }
}

/// How one is unlocked.
fn unlock(backend: Backend) -> &'static str {
    match backend {
        Backend::Keychain => "security unlock-keychain  # asks for its password; it is locked in an SSH session",
        Backend::SecretService => "unlock it (log in to the desktop, or open its manager), then try again",
        // Source: CredRead, ERROR_NO_SUCH_LOGON_SESSION.
        _ => "log on with your password: network logons (SSH with a key, services) have no Credential Manager",
    }
}

/// What there is in its place.
fn others(backend: Backend) -> &'static str {
    match backend {
        Backend::SecretService => "without a desktop: EKSSO_KEYRING=keyutils or EKSSO_KEYRING=passphrase",
        _ => "or choose another keyring: EKSSO_KEYRING=passphrase",
    }
}

fn title(backend: Backend) -> &'static str {
    match backend {
        Backend::SecretService => "the Secret Service keyring",
        Backend::Keychain => "the macOS Keychain",
        _ => "the Windows Credential Manager",
    }
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<CredentialStore>, KeyringError> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<CredentialStore>, KeyringError> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn platform_store() -> Result<Arc<CredentialStore>, KeyringError> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform_store() -> Result<Arc<CredentialStore>, KeyringError> {
    Err(KeyringError::NoDefaultStore)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(chunk: Option<usize>) -> NativeStore {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().expect("a mock");
        NativeStore {
            backend: Backend::Wincred,
            store: OnceCell::from(store),
            #[cfg(target_os = "linux")]
            reader: None,
            patience: Duration::from_secs(5),
            chunk,
            persistence: None,
        }
    }

    #[test]
    fn secrets_that_are_too_large_for_an_item_are_split_and_come_back_whole() {
        let store = store(Some(10));
        for secret in ["short", "exactly10!", &"ü long one ".repeat(20), "short again"] {
            store.set("session/corp", &secret.into()).expect("stored");
            assert_eq!(store.get("session/corp").expect("read"), Some(secret.into()));
        }
        assert!(store.delete("session/corp").expect("deleted"));
        assert!(!store.delete("session/corp").expect("nothing left"));
        assert_eq!(store.get("session/corp").expect("read"), None);
    }

    #[test]
    fn a_new_secret_never_overwrites_parts_of_the_old_and_leaves_none_behind() {
        let store = store(Some(10));
        store.set("item", &"a".repeat(35).as_str().into()).expect("stored");
        let old = NativeStore::parts("item", store.read("item").expect("read").as_ref());
        assert_eq!(old.len(), 4);
        store.set("item", &"b".repeat(15).as_str().into()).expect("stored");
        let new = NativeStore::parts("item", store.read("item").expect("read").as_ref());
        assert!(new.len() == 2 && !new.iter().any(|part| old.contains(part)));
        assert!(old.iter().all(|part| store.read(part).expect("read").is_none()));
    }

    #[test]
    fn locked_too_large_and_twice_there_are_different_answers() {
        let told = |error| store(None).refused(&error).render(false);
        assert!(told(KeyringError::NoStorageAccess("x".into())).contains("is locked"));
        assert!(told(KeyringError::TooLong("secret".into(), 2560)).contains("at most 2560 bytes"));
        assert!(told(KeyringError::Ambiguous(Vec::new())).contains("two items"));
        assert!(!told(KeyringError::BadEncoding(b"canary".to_vec())).contains("canary"));
        let keychain = NativeStore { backend: Backend::Keychain, ..store(None) };
        let locked = keychain.refused(&KeyringError::PlatformFailure("User interaction is not allowed.".into()));
        let locked = locked.render(false);
        assert!(locked.contains("User interaction is not allowed") && locked.contains("security unlock-keychain"));
        assert!(!locked.contains("keyutils"), "the kernel of Linux is elsewhere: {locked}");
    }

    #[cfg(windows)]
    #[test]
    fn what_is_kept_stays_on_this_machine() {
        let store = NativeStore::open(Backend::Wincred, Duration::from_secs(5)).expect("Credential Manager");
        let item = format!("test/{}", std::process::id());
        // As eksso 0.1.0 kept it, and so what it left.
        let roaming = platform_store().and_then(|store| store.build(SERVICE, &item, None)).expect("an entry");
        roaming.set_secret(b"old").expect("stored");
        let persistence = || roaming.get_attributes().expect("attributes")["persistence"].clone();
        assert_eq!(persistence(), "Enterprise");
        store.set(&item, &"new".into()).expect("stored");
        assert_eq!(persistence(), "Local");
        assert_eq!(store.get(&item).expect("read"), Some("new".into()));
        assert!(store.delete(&item).expect("removed"));
    }

    #[test]
    fn a_keyring_that_hangs_is_given_up_on() {
        let patience = Duration::from_millis(30);
        let error =
            bounded(Backend::SecretService, patience, || thread::sleep(Duration::from_secs(30))).expect_err("hangs");
        assert_eq!(error.kind(), Kind::LocalState);
    }
}
