//! The settings about the keyring: where secrets are kept, and how long the kernel keeps a copy of a key.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::text;

/// A place that keeps secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// The platform's own store; on Linux Secret Service, else the kernel keyring.
    #[default]
    Auto,
    /// Secret Service over D-Bus (GNOME Keyring, KWallet, KeePassXC).
    SecretService,
    /// macOS Keychain.
    Keychain,
    /// Windows Credential Manager.
    Wincred,
    /// The Linux kernel's user keyring: gone at reboot.
    Keyutils,
    /// Files sealed with a passphrase.
    Passphrase,
    /// Files in plain text, 0600.
    Plaintext,
}

impl Backend {
    /// All backends with the names the user knows.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("auto", Self::Auto),
        ("secret-service", Self::SecretService),
        ("keychain", Self::Keychain),
        ("wincred", Self::Wincred),
        ("keyutils", Self::Keyutils),
        ("passphrase", Self::Passphrase),
        ("plaintext", Self::Plaintext),
    ];

    /// The name the user knows.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, backend)| *backend == self).map_or("auto", |(name, _)| name)
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, backend)| *backend).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is no keyring; choose one of {}", names.join(", "))
        })
    }
}

/// How long the kernel keeps a copy of a sign-in's key: `kernel_key_cache = "12h"`, or `"off"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KernelCopy(pub Option<Duration>);

impl fmt::Display for KernelCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.map_or_else(|| "off".to_owned(), text::duration_text))
    }
}

impl Default for KernelCopy {
    fn default() -> Self {
        Self(Some(Duration::from_secs(12 * 3600)))
    }
}

impl TryFrom<String> for KernelCopy {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self(None)),
            text => text::duration(text).map(|time| Self(Some(time))).ok_or_else(|| {
                format!("`{text}` is no time; `kernel_key_cache` takes `\"off\"`, or such as `\"12h\"` and `\"30m\"`")
            }),
        }
    }
}
