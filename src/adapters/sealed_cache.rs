//! Role credentials, and what they are got with, on disk: one sealed file each, readable only with the key of the sign-in
//! that they were got with. That key lies in the keyring, in the item of the session's tokens.
//!
//! A copy of the key is kept for a limited time where the system has a place for it ([`key_copies`]), so that a warm call needs
//! neither D-Bus nor a passphrase.
//! A file that cannot be opened, for whatever reason, is a miss: the credentials are simply fetched again.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use jiff::Timestamp;

use crate::adapters::files::DiskFiles;
use crate::adapters::key_copies;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::register::{self, Register};
use crate::domain::sign_in::sealing_key::SealingKey;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{CredentialCache, Files, Keyring, Keyrings};

const MAGIC: &[u8] = b"eksso-sealed-2\n";
const NONCE: usize = 24;
/// A SAML response is the largest of what is kept.
const MAX_FILE: u64 = 1 << 18;
const MAX_REGISTER: u64 = 1 << 20;

/// The sealed files of a session.
pub struct SealedCache<'k> {
    /// Where they lie.
    folder: PathBuf,
    /// Where eksso 0.1.0 kept its own.
    old: PathBuf,
    register: PathBuf,
    session: Session,
    keyrings: &'k dyn Keyrings,
    keyring: Keyring,
    /// The key that was used last: whoever waits for credentials looks often.
    known: RefCell<Option<SealingKey>>,
}

impl<'k> SealedCache<'k> {
    /// Those of a session, in a cache folder; the register of its sign-ins lies in the state folder.
    pub fn new(
        (cache, state): (&Path, &Path),
        keyrings: &'k dyn Keyrings,
        keyring: Keyring,
        session: &Session,
    ) -> Self {
        Self {
            folder: cache.join("sealed").join(&digest(&session.scope())[..16]),
            old: cache.join("credentials"),
            register: register::file(state, &session.name),
            session: session.clone(),
            keyrings,
            keyring,
            known: RefCell::new(None),
        }
    }

    /// Role credentials are named `ACCOUNT/ROLE …`; what else is kept can be told from them by its file's name.
    fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.join(&digest(name)[..32]);
        if name.contains('/') { path } else { path.with_extension("other") }
    }

    /// The current sign-in: its keyring and its id.
    fn current(&self) -> Option<(Backend, String)> {
        let register = Register::from_json(&DiskFiles.read(&self.register, MAX_REGISTER).ok()??)?;
        let item = match self.keyring.backend {
            Backend::Auto => register.find(&self.session, &self.keyrings.automatic())?,
            named => register.find(&self.session, &[named])?,
        };
        Some((item.keyring()?, item.id.clone()?))
    }

    /// The key of the current sign-in, where a file was sealed with it.
    fn key_of(&self, content: &[u8], (keyring, id): &(Backend, String)) -> Option<SealingKey> {
        if !is_sealed_with(content, id) {
            return None;
        }
        if let Some(known) = self.known.borrow().as_ref().filter(|known| known.id == *id) {
            return Some(known.clone());
        }
        let copy = self.keyring.kernel_copy.and_then(|_| key_copies::read(*keyring, id));
        let key = copy.or_else(|| {
            let store = self.keyrings.open(Keyring { backend: *keyring, ..self.keyring }).ok()?;
            let key = SealingKey::from_item(&store.get(&self.session.keyring_item()).ok()??)?;
            self.keep_copy(*keyring, &key);
            Some(key)
        });
        let key = key.filter(|key| key.id == *id)?;
        self.known.replace(Some(key.clone()));
        Some(key)
    }

    fn keep_copy(&self, keyring: Backend, key: &SealingKey) {
        if let Some(time) = self.keyring.kernel_copy {
            key_copies::keep(keyring, key, time);
        }
    }
}

impl CredentialCache for SealedCache<'_> {
    fn read(&self, name: &str) -> Option<SecretString> {
        let path = self.path(name);
        let content = DiskFiles.read(&path, MAX_FILE).ok()??;
        unseal(&content, &path, &self.key_of(&content, &self.current()?)?)
    }

    fn write(&self, name: &str, secret: &SecretString, key: &SealingKey) -> Result<()> {
        let path = self.path(name);
        DiskFiles.write_private(&path, &seal(secret, &path, key)?)
    }

    fn remove(&self, name: &str) -> Result<()> {
        DiskFiles.remove(&self.path(name)).map(|_| ())
    }

    fn forget(&self, but: Option<&SealingKey>) -> Result<usize> {
        self.known.take();
        let mut gone = 0;
        // eksso 0.1.0 sealed all of a session with one key: role credentials, and beside them what they were got with.
        let old = |scope: String| self.old.join(&digest(&scope)[..16]);
        let (credentials, sources) = (old(self.session.scope()), old(format!("{}\nsources", self.session.scope())));
        for folder in [&self.folder, &credentials, &sources] {
            for file in DiskFiles.list(folder)? {
                let content = DiskFiles.read(&file, MAX_FILE).ok().flatten().unwrap_or_default();
                if but.is_some_and(|but| is_sealed_with(&content, &but.id)) {
                    continue;
                }
                let counts = file.extension().is_none() && *folder != sources;
                gone += usize::from(DiskFiles.remove(&file)? && counts);
            }
        }
        Ok(gone)
    }

    fn keep_key(&self, keyring: Backend, key: &SealingKey) {
        if self.known.borrow().as_ref().is_none_or(|known| known.id != key.id) {
            self.keep_copy(keyring, key);
            self.known.replace(Some(key.clone()));
        }
    }

    fn forget_key(&self, keyring: Backend, id: &str) {
        key_copies::forget(keyring, id);
    }

    fn ends(&self) -> Vec<Timestamp> {
        let files = DiskFiles.list(&self.folder).unwrap_or_default();
        let Some(current) = (!files.is_empty()).then(|| self.current()).flatten() else { return Vec::new() };
        let end = |path: &PathBuf| {
            let content = DiskFiles.read(path, MAX_FILE).ok()??;
            let plain = unseal(&content, path, &self.key_of(&content, &current)?)?;
            Some(RoleCredentials::from_json(plain.expose().as_bytes())?.expires_at)
        };
        files.iter().filter_map(end).collect()
    }
}

fn is_sealed_with(content: &[u8], id: &str) -> bool {
    content.strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(id.as_bytes()))
}

/// What a sealed file is bound to: format, sign-in and place, so that files cannot be swapped.
fn bound_to(path: &Path, id: &str) -> Vec<u8> {
    let place: PathBuf = path.iter().rev().take(2).collect();
    [MAGIC, id.as_bytes(), place.to_string_lossy().as_bytes()].concat()
}

/// `MAGIC`, the id of the sign-in, a nonce, the sealed text (XChaCha20-Poly1305).
fn seal(secret: &SecretString, path: &Path, key: &SealingKey) -> Result<Vec<u8>> {
    let failed = || Error::new(Kind::LocalState, "the role credentials cannot be sealed");
    let bytes = key.bytes().ok_or_else(failed)?;
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    let payload = Payload { msg: secret.expose().as_bytes(), aad: &bound_to(path, &key.id) };
    let cipher = XChaCha20Poly1305::new(Key::from_slice(bytes.as_ref()));
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| failed())?;
    Ok([MAGIC, key.id.as_bytes(), &nonce, &sealed].concat())
}

fn unseal(content: &[u8], path: &Path, key: &SealingKey) -> Option<SecretString> {
    let body = content.strip_prefix(MAGIC)?.strip_prefix(key.id.as_bytes()).filter(|body| body.len() > NONCE)?;
    let (nonce, sealed) = body.split_at(NONCE);
    let bytes = key.bytes()?;
    let payload = Payload { msg: sealed, aad: &bound_to(path, &key.id) };
    let cipher = XChaCha20Poly1305::new(Key::from_slice(bytes.as_ref()));
    // Sealed by us, so it is text.
    String::from_utf8(cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?).ok().map(Secret::new)
}
