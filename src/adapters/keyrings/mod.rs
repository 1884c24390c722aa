//! Where secrets are kept: the platform's keyring, the kernel's, or files, chosen by name or the best that works here.

mod file;
#[cfg(target_os = "linux")]
pub(super) mod keyutils;
pub(super) mod native;
#[cfg(target_os = "linux")]
mod seal;
#[cfg(target_os = "linux")]
mod secret_service;
mod service;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::adapters::keyrings::file::{FileStore, Sealing};
use crate::adapters::keyrings::native::NativeStore;

use crate::adapters::sealed_cache::SealedCache;
use crate::domain::secret::SecretString;
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::settings::policy::Policy;
use crate::error::{Error, Kind, Result};
use crate::ports::{CredentialCache, Keyring, Keyrings, SecretStore};

#[cfg(target_os = "linux")]
pub use crate::adapters::keyrings::keyutils::use_session_keyring;

/// Only Linux has one.
#[cfg(not(target_os = "linux"))]
pub fn use_session_keyring() {}

/// The keyrings of this machine and user.
#[derive(Debug)]
pub struct SystemKeyrings {
    /// The state folder: secrets in files, and the registers of sign-ins.
    pub state: PathBuf,
    /// The cache folder: sealed role credentials.
    pub cache: PathBuf,
    /// Opens the `passphrase` store; asked for once when it is not given.
    pub passphrase: OnceCell<SecretString>,
    /// How long a call may take: longer when a person is there to unlock the keyring.
    pub patience: Duration,
    /// Which of them may be used.
    pub policy: Arc<Policy>,
}

impl Keyrings for SystemKeyrings {
    fn open(&self, Keyring { backend, ask, ends, .. }: Keyring) -> Result<Box<dyn SecretStore + '_>> {
        let none = Policy::default();
        let policy = if ends { &none } else { &*self.policy };
        policy.keyring(backend)?;
        match backend {
            Backend::Auto => self.best(policy),
            Backend::SecretService | Backend::Keychain | Backend::Wincred => {
                if native::PLATFORM != Some(backend) {
                    return Err(no_keyring(format!("there is no `{}` keyring on this system", backend.name())));
                }
                NativeStore::open(backend, self.patience).map(|store| Box::new(store) as _)
            }
            Backend::Keyutils => self.keyutils(),
            Backend::Passphrase => {
                let sealing = Sealing::Passphrase { known: &self.passphrase, ask };
                Ok(Box::new(FileStore { folder: self.secrets("sealed"), sealing }))
            }
            Backend::Plaintext => Ok(Box::new(FileStore { folder: self.secrets("plaintext"), sealing: Sealing::None })),
        }
    }

    fn automatic(&self) -> Vec<Backend> {
        let kernel = cfg!(target_os = "linux").then_some(Backend::Keyutils);
        native::PLATFORM.into_iter().chain(kernel).filter(|backend| self.policy.keyring(*backend).is_ok()).collect()
    }

    fn sealed(&self, keyring: Keyring, session: &Session) -> Box<dyn CredentialCache + '_> {
        Box::new(SealedCache::new((&self.cache, &self.state), self, keyring, session))
    }
}

impl SystemKeyrings {
    fn secrets(&self, kind: &str) -> PathBuf {
        self.state.join("secrets").join(kind)
    }

    /// The platform's own; on Linux, where it may be absent, the kernel's instead.
    fn best(&self, policy: &Policy) -> Result<Box<dyn SecretStore>> {
        let Some(platform) = native::PLATFORM else {
            return Err(no_keyring("this system has no known keyring".into()));
        };
        let opened = match policy.keyring(platform) {
            Ok(()) => NativeStore::open(platform, self.patience),
            Err(refused) => {
                return if cfg!(target_os = "linux") && policy.keyring(Backend::Keyutils).is_ok() {
                    self.keyutils()
                } else {
                    Err(refused.into())
                };
            }
        };
        match opened {
            Err(absent) if cfg!(target_os = "linux") && absent.kind() == Kind::NotFound => policy
                .keyring(Backend::Keyutils)
                .map_err(Error::from)
                .and_then(|()| self.keyutils())
                .map_err(|also| no_keyring("no keyring can be used here".to_owned()).cause(&absent).cause(&also)),
            Err(absent) if absent.kind() == Kind::NotFound => Err(no_keyring(absent.to_string())),
            opened => opened.map(|store| Box::new(store) as _),
        }
    }

    #[cfg(target_os = "linux")]
    fn keyutils(&self) -> Result<Box<dyn SecretStore>> {
        keyutils::KeyutilsStore::open(self.secrets("keyutils")).map(|store| Box::new(store) as _)
    }

    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::unused_self, reason = "the same call on every platform")]
    fn keyutils(&self) -> Result<Box<dyn SecretStore>> {
        Err(no_keyring("the `keyutils` keyring is the Linux kernel's".to_owned()))
    }
}

fn no_keyring(fact: String) -> Error {
    Error::new(Kind::LocalState, fact).hint(
        "choose one with EKSSO_KEYRING or `keyring` in config.toml: secret-service, keychain, wincred, keyutils, \
         passphrase, plaintext",
    )
}
