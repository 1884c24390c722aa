//! The registers of sign-ins on disk. Who changes one holds its lock; who reads one needs none: it is replaced whole.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::ids::SessionName;
use crate::domain::session::Session;
use crate::domain::sign_in::register::{Register, VERSION, file, folder};
use crate::error::{Error, Kind, Result};
use crate::ports::{ScopeGuard, World};

const MAX_REGISTER: u64 = 1 << 20;
/// Writing takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// The register of a session's name. One that cannot be read is as good as empty: its items are found again when they are
/// used.
pub(super) fn load(world: &World, name: &SessionName) -> Register {
    let read = || Register::from_json(&world.files.read(&file(&world.folders.state, name), MAX_REGISTER).ok()??);
    read().unwrap_or_else(|| Register::new(name))
}

/// The register of a session's name for one that looks often: read again only after it has changed, as its stamp tells.
pub(super) struct Watched<'w> {
    world: &'w World,
    name: SessionName,
    known: RefCell<Option<(String, Rc<Register>)>>,
}

impl<'w> Watched<'w> {
    /// Nothing is read yet.
    pub fn new(world: &'w World, name: &SessionName) -> Self {
        Self { world, name: name.clone(), known: RefCell::new(None) }
    }

    /// The register as it is now.
    pub fn load(&self) -> Rc<Register> {
        // Before it is read: what changes meanwhile is read next time.
        let stamp = self.world.files.stamp(&file(&self.world.folders.state, &self.name));
        let known = self
            .known
            .borrow()
            .as_ref()
            .filter(|(known, _)| Some(known) == stamp.as_ref())
            .map(|(_, it)| Rc::clone(it));
        known.unwrap_or_else(|| {
            let read = Rc::new(load(self.world, &self.name));
            self.known.replace(stamp.map(|stamp| (stamp, Rc::clone(&read))));
            read
        })
    }
}

/// All registers.
pub(super) fn all(world: &World) -> Vec<Register> {
    let files = world.files.list(&folder(&world.folders.state)).unwrap_or_default();
    let read = |path| Register::from_json(&world.files.read(path, MAX_REGISTER).ok()??);
    files.iter().filter_map(|path| read(path)).collect()
}

/// Keeps the register of a session as it is. Held for milliseconds.
///
/// # Errors
/// Another process keeps it, or its file cannot be made.
pub(super) fn lock(world: &World, session: &Session) -> Result<Box<dyn ScopeGuard>> {
    let lock = world.folders.state.join("locks").join(format!("{}.register", session.file_name()));
    world.files.lock(&lock, LOCK_WAIT)
}

/// Changes a session's register. One that a newer eksso wrote is left alone.
///
/// # Errors
/// It cannot be written, or is newer.
pub(super) fn change(world: &World, session: &Session, change: impl FnOnce(&mut Register)) -> Result<()> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let path = file(&world.folders.state, &session.name);
    let _lock = lock(world, session)?;
    let json = world.files.read(&path, MAX_REGISTER)?.unwrap_or_default();
    let version = serde_json::from_slice(&json).map_or(0, |Versioned { version }| version);
    if version > VERSION {
        let fact = format!("a newer eksso has signed in to session `{}`", session.name);
        return Err(Error::new(Kind::LocalState, fact)
            .cause(path.display())
            .hint("use the newer eksso, or remove that file"));
    }
    let mut register = Register::from_json(&json).unwrap_or_else(|| Register::new(&session.name));
    change(&mut register);
    if register.items.is_empty() {
        return world.files.remove(&path).map(|_| ());
    }
    world.files.write_private(&path, &register.to_json())
}
