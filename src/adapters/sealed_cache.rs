//! Role credentials, and what they are got with, on disk: one sealed file each, readable only with a random key that lives in the keyring.
//!
//! On Linux the kernel keeps a copy of the key for some hours, so that a warm call needs neither D-Bus nor a passphrase.
//! A file that cannot be opened, for whatever reason, is a miss: the credentials are simply fetched again.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::adapters::files::DiskFiles;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::config::Backend;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{CredentialCache, Files, Keyring, Keyrings};

const MAGIC: &[u8] = b"eksso-credentials-1\n";
const NONCE: usize = 24;
/// A SAML response is the largest of what is kept.
const MAX_FILE: u64 = 1 << 18;
/// The keyring item of the key.
const KEY_ITEM: &str = "cache-key";
/// How long the kernel keeps its copy of the key.
#[cfg(target_os = "linux")]
const KERNEL_COPY_SECONDS: usize = 12 * 3600;

/// The sealed files of one cache folder.
pub struct SealedCache<'k> {
    /// The folder; one sub-folder a session.
    pub folder: PathBuf,
    /// Where the key is kept.
    pub keyrings: &'k dyn Keyrings,
    /// In which of them.
    pub keyring: Keyring,
    /// The key, once it is known: whoever waits for credentials looks often.
    pub known: OnceCell<SecretString>,
}

impl CredentialCache for SealedCache<'_> {
    fn read(&self, scope: &str, key: &str) -> Option<SecretString> {
        let path = self.path(scope, key);
        let content = DiskFiles.read(&path, MAX_FILE).ok()??;
        unseal(&content, &path, &self.key().ok()??)
    }

    fn write(&self, scope: &str, key: &str, secret: &SecretString) -> Result<()> {
        let path = self.path(scope, key);
        // A key that cannot be read (a forgotten passphrase) is replaced: all it could open can be fetched again.
        let sealing_key = match self.key() {
            Ok(Some(found)) => found,
            Ok(None) | Err(_) => self.new_key()?,
        };
        DiskFiles.write_private(&path, &seal(secret, &path, &sealing_key)?)
    }

    fn forget(&self, scope: &str) -> Result<usize> {
        let files = DiskFiles.list(&self.scope(scope))?;
        files.iter().try_fold(0, |gone, file| Ok(gone + usize::from(DiskFiles.remove(file)?)))
    }

    fn ends(&self, scope: &str) -> Vec<Timestamp> {
        let files = DiskFiles.list(&self.scope(scope)).unwrap_or_default();
        let Some(key) = (!files.is_empty()).then(|| self.key().ok().flatten()).flatten() else { return Vec::new() };
        files
            .iter()
            .filter_map(|path| {
                let plain = unseal(&DiskFiles.read(path, MAX_FILE).ok()??, path, &key)?;
                Some(RoleCredentials::from_json(plain.expose().as_bytes())?.expires_at)
            })
            .collect()
    }
}

impl SealedCache<'_> {
    fn scope(&self, scope: &str) -> PathBuf {
        self.folder.join(&digest(scope)[..16])
    }

    fn path(&self, scope: &str, key: &str) -> PathBuf {
        self.scope(scope).join(&digest(key)[..32])
    }

    fn key(&self) -> Result<Option<SecretString>> {
        if let Some(key) = self.known.get().cloned().or_else(|| self.kernel_copy()) {
            return Ok(Some(self.known.get_or_init(|| key).clone()));
        }
        let key = self.keyrings.open(self.keyring)?.get(KEY_ITEM)?.filter(|key| decode(key).is_some());
        if let Some(key) = &key {
            self.keep_in_kernel(key);
            self.known.get_or_init(|| key.clone());
        }
        Ok(key)
    }

    fn new_key(&self) -> Result<SecretString> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|error| no_random(&error))?;
        let key = Secret::new(STANDARD_NO_PAD.encode(bytes.as_ref()));
        self.keyrings.open(self.keyring)?.set(KEY_ITEM, &key)?;
        self.keep_in_kernel(&key);
        Ok(key)
    }

    /// Stores whose key costs a round trip, a thread or a passphrase get a copy in the kernel; the others need none.
    #[cfg(target_os = "linux")]
    fn kernel_item(&self) -> Option<String> {
        let slow = matches!(self.keyring.backend, Backend::Auto | Backend::SecretService | Backend::Passphrase);
        slow.then(|| format!("{KEY_ITEM}:{}", &digest(&self.folder.to_string_lossy())[..16]))
    }

    #[cfg(target_os = "linux")]
    fn kernel_copy(&self) -> Option<SecretString> {
        use crate::adapters::keyrings::keyutils::KernelStore;
        use crate::ports::SecretStore;
        let item = self.kernel_item()?;
        KernelStore::open().ok()?.get(&item).ok()?.filter(|key| decode(key).is_some())
    }

    #[cfg(target_os = "linux")]
    fn keep_in_kernel(&self, key: &SecretString) {
        use crate::adapters::keyrings::keyutils::KernelStore;
        if let Some(item) = self.kernel_item()
            && let Ok(kernel) = KernelStore::open()
        {
            // Only speed is lost when the kernel does not take it.
            _ = kernel.set_for(&item, key, KERNEL_COPY_SECONDS);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn kernel_copy(&self) -> Option<SecretString> {
        None
    }

    #[cfg(not(target_os = "linux"))]
    fn keep_in_kernel(&self, _: &SecretString) {}
}

fn decode(key: &SecretString) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(STANDARD_NO_PAD.decode(key.expose()).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

/// What a sealed file is bound to: format and place, so that files cannot be swapped.
fn bound_to(path: &Path) -> Vec<u8> {
    let place: PathBuf = path.iter().rev().take(2).collect();
    [MAGIC, place.to_string_lossy().as_bytes()].concat()
}

fn seal(secret: &SecretString, path: &Path, key: &SecretString) -> Result<Vec<u8>> {
    let failed = || Error::new(Kind::LocalState, "the role credentials cannot be sealed");
    let key = decode(key).ok_or_else(failed)?;
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|error| no_random(&error))?;
    let payload = Payload { msg: secret.expose().as_bytes(), aad: &bound_to(path) };
    let cipher = XChaCha20Poly1305::new(Key::from_slice(key.as_ref()));
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| failed())?;
    Ok([MAGIC, &nonce, &sealed].concat())
}

fn unseal(content: &[u8], path: &Path, key: &SecretString) -> Option<SecretString> {
    let body = content.strip_prefix(MAGIC).filter(|body| body.len() > NONCE)?;
    let (nonce, sealed) = body.split_at(NONCE);
    let key = decode(key)?;
    let payload = Payload { msg: sealed, aad: &bound_to(path) };
    let cipher = XChaCha20Poly1305::new(Key::from_slice(key.as_ref()));
    // Sealed by us, so it is text.
    String::from_utf8(cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?).ok().map(Secret::new)
}

fn no_random(error: &getrandom::Error) -> Error {
    Error::new(Kind::LocalState, "the system gives no random numbers").cause(error)
}
