//! The index on disk: one file a session in the cache folder. Losing it costs requests, nothing else.

use std::path::PathBuf;

use crate::domain::discovery::index::Index;
use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::sign_in::found::Found;
use crate::ports::World;

/// Some 100,000 clusters.
const MAX_INDEX: u64 = 256 << 20;

/// What loading found.
#[derive(Debug)]
pub enum Loaded {
    /// An index.
    Index(Box<Index>),
    /// None yet, or one of another version, which is as good as none.
    Nothing,
    /// Something that is none.
    Corrupt,
}

/// Reads a session's index.
pub fn load(world: &World, session: &Session) -> Loaded {
    match world.files.read(&path(world, session), MAX_INDEX) {
        Ok(Some(content)) => match Index::from_file(&content) {
            Some(index) => Loaded::Index(Box::new(index)),
            None if Index::is_of_another_version(&content) => Loaded::Nothing,
            None => Loaded::Corrupt,
        },
        Ok(None) => Loaded::Nothing,
        Err(_) => Loaded::Corrupt,
    }
}

/// Writes it, while the sign-in goes on that it was found with.
pub(super) fn save(world: &World, session: &Session, found: &Found<'_>, index: &Index) -> Result<()> {
    let content = index.to_file();
    let content = content.map_err(|error| Error::new(Kind::Failed, "the index cannot be written").cause(error))?;
    found.keep(&path(world, session), &content)
}

/// Forgets it.
pub fn forget(world: &World, session: &Session) -> Result<()> {
    world.files.remove_own(&path(world, session)).map(|_| ())
}

fn path(world: &World, session: &Session) -> PathBuf {
    // A session of the same name at another portal is another one.
    world.folders.cache.join("index").join(format!("{}.json", session.file_name()))
}
