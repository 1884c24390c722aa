//! What became of the last sign-in of a session, where it came to nothing: remembered for the back-off.

use std::path::PathBuf;

use crate::domain::session::Session;
use crate::domain::sign_in::back_off::BackOff;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

const MAX_BACK_OFF: u64 = 1 << 12;

/// Where it is remembered.
pub(super) fn back_off_path(world: &World, session: &Session) -> PathBuf {
    world.folders.state.join("sign-ins").join(format!("{}.json", session.file_name()))
}

/// The last sign-in of a session, if it did not succeed; a damaged record is none, and so is one of another place that had
/// the same name: names are made up before anything is saved.
pub fn back_off(world: &World, session: &Session) -> Option<BackOff> {
    let bytes = world.files.read(&back_off_path(world, session), MAX_BACK_OFF).ok()??;
    serde_json::from_slice(&bytes).ok().filter(|known: &BackOff| known.attempt == session.attempt())
}

/// Remembers it.
pub(super) fn remember(world: &World, session: &Session, back_off: &BackOff) -> Result<()> {
    let json = serde_json::to_vec(back_off)
        .map_err(|error| Error::new(Kind::Failed, "the failed sign-in cannot be noted").cause(error))?;
    world.files.write_private(&back_off_path(world, session), &json)
}
