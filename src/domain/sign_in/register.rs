//! The register of a session's sign-ins: which keyrings hold one, at which place, and which sign-in is current there.
//!
//! One small file a session. The current id is replaced before new tokens can be used and taken out first when somebody
//! signs out: what is sealed under another id is a miss, whatever else went wrong.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::SessionName;
use crate::domain::session::{Place, Session};
use crate::domain::settings::keyring::Backend;
use crate::domain::text::digest;

/// The form of the file. A newer one is left alone and says nothing to us.
pub const VERSION: u32 = 1;

/// The folder of registers, in the state folder.
pub fn folder(state: &Path) -> PathBuf {
    state.join("sessions")
}

/// The register of a session.
pub fn file(state: &Path, session: &SessionName) -> PathBuf {
    folder(state).join(format!("{}.json", &digest(session.as_str())[..32]))
}

/// All sign-ins of a session's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    version: u32,
    /// The session.
    pub session: SessionName,
    /// Its items in keyrings, the newest last.
    pub items: Vec<Item>,
}

/// An item of a keyring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The keyring, by the name that users know.
    keyring: String,
    /// Where it is signed in.
    place: Place,
    /// Which sign-in is current; absent once it is being ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When the person signed in.
    pub at: Timestamp,
    /// Digests of the access tokens that were shared with the AWS CLI: only files that hold one of them are ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<String>,
}

impl Item {
    /// The keyring; `None` for one that this version does not know.
    pub fn keyring(&self) -> Option<Backend> {
        self.keyring.parse().ok()
    }

    /// The session as it was when somebody signed in to it.
    pub fn session(&self, name: &SessionName) -> Option<Session> {
        self.place.session(name)
    }
}

impl Register {
    /// One without items.
    pub fn new(session: &SessionName) -> Self {
        Self { version: VERSION, session: session.clone(), items: Vec::new() }
    }

    /// Reads a file; `None` for anything but a register of this form.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|register: &Self| register.version == VERSION)
    }

    /// The file's content.
    pub fn to_json(&self) -> Vec<u8> {
        // Text and times always serialize.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The item of a session in one of these keyrings; of several the newest.
    pub fn find(&self, session: &Session, keyrings: &[Backend]) -> Option<&Item> {
        let place = Place::of(session);
        let fits = |item: &&Item| item.place == place && item.keyring().is_some_and(|own| keyrings.contains(&own));
        self.items.iter().filter(fits).max_by_key(|item| item.at)
    }

    /// The same, to be changed.
    pub fn find_mut(&mut self, session: &Session, keyring: Backend) -> Option<&mut Item> {
        let place = Place::of(session);
        self.items.iter_mut().find(|item| item.place == place && item.keyring() == Some(keyring))
    }

    /// Makes a sign-in the current one of its keyring. A keyring holds one item of a session's name, so that items of other
    /// places in it are gone.
    pub fn set(&mut self, session: &Session, keyring: Backend, id: &str, at: Timestamp) {
        let shared = self.find_mut(session, keyring).map(|item| std::mem::take(&mut item.shared)).unwrap_or_default();
        self.remove(keyring);
        let (keyring, place) = (keyring.name().to_owned(), Place::of(session));
        self.items.push(Item { keyring, place, id: Some(id.to_owned()), at, shared });
    }

    /// Takes out what a keyring holds.
    pub fn remove(&mut self, keyring: Backend) {
        self.items.retain(|item| item.keyring() != Some(keyring));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(url: &str) -> Session {
        Session::new("corp".parse().expect("name"), url.parse().expect("url"), "eu-west-1".parse().expect("region"))
    }

    #[test]
    fn a_sign_in_is_found_by_place_and_keyring_and_can_be_ended_without_settings() {
        let (one, two) = (session("https://a.awsapps.com/start"), session("https://b.awsapps.com/start"));
        let at = Timestamp::UNIX_EPOCH;
        let mut register = Register::new(&one.name);
        register.set(&one, Backend::Keyutils, "1", at);
        register.set(&one, Backend::SecretService, "2", at + jiff::SignedDuration::from_secs(1));
        let read = Register::from_json(&register.to_json()).expect("readable");
        let id = |keyrings: &[Backend]| read.find(&one, keyrings).and_then(|item| item.id.as_deref());
        assert_eq!(id(&[Backend::Keyutils, Backend::SecretService]), Some("2"), "the newest");
        assert_eq!(id(&[Backend::Keyutils]), Some("1"));
        assert_eq!(id(&[Backend::Plaintext]), None);
        assert!(read.find(&two, &[Backend::Keyutils]).is_none());
        assert_eq!(read.items[0].session(&read.session), Some(Session { is_saved: false, ..one.clone() }));
        register.set(&two, Backend::Keyutils, "3", at);
        assert!(register.find(&one, &[Backend::Keyutils]).is_none(), "a keyring holds one item of a name");
        assert_eq!(Register::from_json(b"{\"version\":9,\"session\":\"corp\",\"items\":[]}"), None);
    }
}
