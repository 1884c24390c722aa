//! Copies of sign-ins' keys outside of the keyring, for a limited time, so that a warm call opens what they sealed without
//! asking the keyring. Only speed is lost without one. A copy is named by keyring and sign-in, so that it is never taken for
//! another one's; two calls that keep one at once keep the same.
//!
//! Linux: the kernel's keyring, for all keyrings but plain files, which cost no more to read. It forgets by itself.
//!
//! Windows: Credential Manager, for this logon session alone (CRED_PERSIST_SESSION: never on the disk, gone at log-off.
//! Source: CREDENTIALW), and only for the `passphrase` keyring, whose key derivation is made to be slow. The `wincred` keyring
//! is Credential Manager, so that a copy there would be of no use. The time is ours to keep: it stands in the copy.
//!
//! macOS: none. There is no place that forgets: items of the Keychain lie on the disk, over a restart, until somebody removes
//! them. So `keychain` is asked each time, and `passphrase` derives its key each time.

pub use self::system::{forget, keep, read};

#[cfg(target_os = "linux")]
mod system {
    use std::time::Duration;

    use crate::adapters::key_copies::name;
    use crate::adapters::keyrings::keyutils::KernelKeys;
    use crate::domain::settings::keyring::Backend;
    use crate::domain::sign_in::sealing_key::SealingKey;

    /// Reading a plain file costs no more than asking the kernel; all other keyrings do.
    fn kernel(keyring: Backend) -> Option<KernelKeys> {
        (keyring != Backend::Plaintext).then(KernelKeys::open)?.ok()
    }

    /// The copy of a sign-in's key.
    pub fn read(keyring: Backend, id: &str) -> Option<SealingKey> {
        let key = kernel(keyring)?.read(&name(keyring, id)).ok()??;
        SealingKey::from_parts(id.to_owned(), key)
    }

    /// Keeps one, where it can be kept.
    pub fn keep(keyring: Backend, key: &SealingKey, time: Duration) {
        _ = kernel(keyring).map(|kernel| kernel.write(&name(keyring, &key.id), &key.key, Some(time)));
    }

    /// Removes one. Where it cannot be asked for, there is none.
    pub fn forget(keyring: Backend, id: &str) {
        _ = kernel(keyring).map(|kernel| kernel.remove(&name(keyring, id)));
    }
}

#[cfg(windows)]
mod system {
    use std::time::Duration;

    use jiff::Timestamp;

    use crate::adapters::key_copies::{in_time, name, with_end};
    use crate::adapters::keyrings::native::NativeStore;
    use crate::domain::settings::keyring::Backend;
    use crate::domain::sign_in::sealing_key::SealingKey;
    use crate::ports::SecretStore;

    /// Credential Manager answers in less than a millisecond, or does not at all.
    const PATIENCE: Duration = Duration::from_secs(5);

    fn logon(keyring: Backend) -> Option<NativeStore> {
        (keyring == Backend::Passphrase).then(|| NativeStore::of_logon(PATIENCE))?.ok()
    }

    /// The copy of a sign-in's key.
    pub fn read(keyring: Backend, id: &str) -> Option<SealingKey> {
        let store = logon(keyring)?;
        let copy = store.get(&name(keyring, id)).ok()??;
        let Some(key) = in_time(&copy, Timestamp::now()) else {
            _ = store.delete(&name(keyring, id));
            return None;
        };
        SealingKey::from_parts(id.to_owned(), key)
    }

    /// Keeps one, where it can be kept.
    pub fn keep(keyring: Backend, key: &SealingKey, time: Duration) {
        let end = Timestamp::now() + time;
        _ = logon(keyring).map(|store| store.set(&name(keyring, &key.id), &with_end(&key.key, end)));
    }

    /// Removes one. Where it cannot be asked for, there is none.
    pub fn forget(keyring: Backend, id: &str) {
        _ = logon(keyring).map(|store| store.delete(&name(keyring, id)));
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod system {
    use std::time::Duration;

    use crate::domain::settings::keyring::Backend;
    use crate::domain::sign_in::sealing_key::SealingKey;

    /// There is none.
    pub fn read(_: Backend, _: &str) -> Option<SealingKey> {
        None
    }

    /// Keeps none.
    pub fn keep(_: Backend, _: &SealingKey, _: Duration) {}

    /// There is none.
    pub fn forget(_: Backend, _: &str) {}
}

#[cfg(any(target_os = "linux", windows))]
fn name(keyring: crate::domain::settings::keyring::Backend, id: &str) -> String {
    format!("cache-key:{}:{id}", keyring.name())
}

/// A key with its end in front: seconds since 1970.
#[cfg(any(windows, test))]
fn with_end(key: &crate::domain::secret::SecretString, end: jiff::Timestamp) -> crate::domain::secret::SecretString {
    crate::domain::secret::Secret::new(format!("{} {}", end.as_second(), key.expose()))
}

/// The key of a copy whose end is still to come.
#[cfg(any(windows, test))]
fn in_time(
    copy: &crate::domain::secret::SecretString,
    now: jiff::Timestamp,
) -> Option<crate::domain::secret::SecretString> {
    let (end, key) = copy.expose().split_once(' ')?;
    (end.parse::<i64>().ok()? > now.as_second()).then(|| key.into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_copy_opens_nothing_after_its_end() {
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        let copy = with_end(&"key".into(), now + Duration::from_secs(60));
        assert_eq!(in_time(&copy, now), Some("key".into()));
        assert_eq!(in_time(&copy, now + Duration::from_secs(60)), None);
        assert_eq!(in_time(&"key".into(), now), None);
    }

    #[cfg(windows)]
    #[test]
    fn the_key_of_a_passphrase_is_kept_for_this_logon_and_those_of_other_keyrings_are_not() {
        use zeroize::Zeroizing;

        use crate::domain::settings::keyring::Backend;
        use crate::domain::sign_in::sealing_key::{RANDOM, SealingKey};
        let mut random = Zeroizing::new([0; RANDOM]);
        getrandom::fill(random.as_mut()).expect("random numbers");
        let key = SealingKey::new(&random);
        keep(Backend::Passphrase, &key, Duration::from_secs(60));
        assert_eq!(read(Backend::Passphrase, &key.id), Some(key.clone()));
        forget(Backend::Passphrase, &key.id);
        assert_eq!(read(Backend::Passphrase, &key.id), None);
        keep(Backend::Passphrase, &key, Duration::ZERO);
        assert_eq!(read(Backend::Passphrase, &key.id), None);
        keep(Backend::Wincred, &key, Duration::from_secs(60));
        assert_eq!(read(Backend::Wincred, &key.id), None);
    }
}
