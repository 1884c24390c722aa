//! Secrets in files of our own: sealed with a passphrase, or in plain text for those who chose that by name.

use std::cell::OnceCell;
use std::io;
use std::path::PathBuf;

use argon2::Argon2;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::adapters::files::DiskFiles;
#[cfg(unix)]
use crate::adapters::foreground::Unechoed;
#[cfg(unix)]
use crate::adapters::interrupt::Hold;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::settings::keyring::Backend;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, SecretStore};

const MAGIC: &[u8] = b"eksso-sealed-1\n";
const SALT: usize = 16;
const NONCE: usize = 24;
const MAX_ITEM: u64 = 1 << 20;
/// An item that says nothing: whether a passphrase opens the keyring.
const CHECK: &str = "check";

/// How items are protected.
#[derive(Debug)]
pub enum Sealing<'k> {
    /// Not at all, but for the file mode.
    None,
    /// With a key derived (argon2id) from a passphrase.
    Passphrase {
        /// The passphrase, once it is known to this process.
        known: &'k OnceCell<SecretString>,
        /// Whether a person may be asked for it.
        ask: bool,
    },
}

/// A folder with one file an item.
#[derive(Debug)]
pub struct FileStore<'k> {
    /// The folder.
    pub folder: PathBuf,
    /// The protection.
    pub sealing: Sealing<'k>,
}

impl FileStore<'_> {
    fn path(&self, item: &str) -> PathBuf {
        self.folder.join(&digest(item)[..32])
    }

    /// Opens what is there already before anything is sealed beside it: a mistyped passphrase would shut its owner out of the
    /// one or the other. What eksso 0.1.0 left has no check; there the item that is to be replaced is one.
    fn check(&self, item: &str, passphrase: &SecretString) -> Result<()> {
        for known in [CHECK, item] {
            if let Some(content) = DiskFiles.read(&self.path(known), MAX_ITEM)? {
                return open(&content, known, passphrase).map(|_| ());
            }
        }
        DiskFiles.write_private(&self.path(CHECK), &seal(CHECK.as_bytes(), CHECK, passphrase)?)
    }

    /// The passphrase, asked for once a process, and twice for a new keyring: a slip would seal it for good.
    fn passphrase(&self, known: &OnceCell<SecretString>, ask: bool) -> Result<SecretString> {
        let refuse = |fact: &str| Err(Error::new(Kind::LocalState, fact).hint("set EKSSO_PASSPHRASE, or try again"));
        if let Some(passphrase) = known.get() {
            return Ok(passphrase.clone());
        }
        if !ask {
            let fact = "the `passphrase` keyring needs its passphrase, and nobody may be asked";
            return Err(Error::new(Kind::LocalState, fact).hint("set EKSSO_PASSPHRASE"));
        }
        let passphrase = prompt("passphrase of the eksso keyring: ")?;
        if passphrase.expose().is_empty() {
            return refuse("an empty passphrase protects nothing");
        }
        if DiskFiles.list(&self.folder)?.is_empty() && prompt("the same again: ")? != passphrase {
            return refuse("the two passphrases differ");
        }
        Ok(known.get_or_init(|| passphrase).clone())
    }
}

impl SecretStore for FileStore<'_> {
    fn backend(&self) -> Backend {
        match self.sealing {
            Sealing::None => Backend::Plaintext,
            Sealing::Passphrase { .. } => Backend::Passphrase,
        }
    }

    fn get(&self, item: &str) -> Result<Option<SecretString>> {
        let Some(content) = DiskFiles.read(&self.path(item), MAX_ITEM)?.map(Secret::new) else { return Ok(None) };
        let plain = match &self.sealing {
            Sealing::None => content,
            Sealing::Passphrase { known, ask } => open(content.expose(), item, &self.passphrase(known, *ask)?)?,
        };
        Ok(std::str::from_utf8(plain.expose()).ok().map(SecretString::from))
    }

    fn set(&self, item: &str, secret: &SecretString) -> Result<()> {
        let content = match &self.sealing {
            Sealing::None => secret.expose().as_bytes().to_vec(),
            Sealing::Passphrase { known, ask } => {
                let passphrase = self.passphrase(known, *ask)?;
                self.check(item, &passphrase)?;
                seal(secret.expose().as_bytes(), item, &passphrase)?
            }
        };
        DiskFiles.write_private(&self.path(item), &Zeroizing::new(content))
    }

    fn delete(&self, item: &str) -> Result<bool> {
        let there = DiskFiles.remove(&self.path(item))?;
        // An empty keyring takes any passphrase again.
        if DiskFiles.list(&self.folder)? == [self.path(CHECK)] {
            DiskFiles.remove(&self.path(CHECK))?;
        }
        Ok(there)
    }

    fn has(&self, item: &str) -> Result<bool> {
        Ok(self.path(item).exists())
    }
}

/// Asks with the echo off: before the question is there, as `rpassword` does it the other way round.
#[cfg(unix)]
fn hidden(question: &str) -> io::Result<String> {
    // Ctrl-C ends the program once the terminal is as it was: this is dropped last.
    let _hold = Hold::patient();
    let terminal = Unechoed::switch()?;
    terminal.write(question)?;
    rpassword::read_password()
}

#[cfg(not(unix))]
fn hidden(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

fn prompt(question: &str) -> Result<SecretString> {
    hidden(question)
        .map(Secret::new)
        .map_err(|error| Error::new(Kind::LocalState, "the passphrase cannot be read from the terminal").cause(error))
}

fn key(passphrase: &SecretString, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    Argon2::default()
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
        .map_err(|error| Error::new(Kind::LocalState, "the passphrase cannot be used").cause(error))?;
    Ok(key)
}

fn seal(plain: &[u8], item: &str, passphrase: &SecretString) -> Result<Vec<u8>> {
    let mut random = [0; SALT + NONCE];
    getrandom::fill(&mut random)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    let key = key(passphrase, &random[..SALT])?;
    let sealed = XChaCha20Poly1305::new(Key::from_slice(key.as_ref()))
        .encrypt(XNonce::from_slice(&random[SALT..]), Payload { msg: plain, aad: item.as_bytes() })
        .map_err(|error| Error::new(Kind::LocalState, "the secret cannot be sealed").cause(error))?;
    Ok([MAGIC, &random, &sealed].concat())
}

fn open(content: &[u8], item: &str, passphrase: &SecretString) -> Result<Secret<Vec<u8>>> {
    let damaged = || {
        Error::new(Kind::LocalState, "an item of the `passphrase` keyring is damaged")
            .hint("sign in again with `eksso login --force`")
    };
    let body = content.strip_prefix(MAGIC).filter(|body| body.len() > SALT + NONCE).ok_or_else(damaged)?;
    let (salt, rest) = body.split_at(SALT);
    let (nonce, sealed) = rest.split_at(NONCE);
    XChaCha20Poly1305::new(Key::from_slice(key(passphrase, salt)?.as_ref()))
        .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: item.as_bytes() })
        .map(Secret::new)
        .map_err(|_| {
            Error::new(Kind::LocalState, "the passphrase does not open the keyring")
                .hint("check EKSSO_PASSPHRASE; if it is forgotten, `eksso logout --force` removes what it sealed")
        })
}
