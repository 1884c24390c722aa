//! The lock of the offer to sign in at kubectl's terminal: one process asks a person, and once.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::locks::wait_for;
use crate::ports::{ScopeGuard, World};

/// After an answer nobody asks for so long, so that a loop over contexts takes one answer.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
const MAX_NOTE: u64 = 1 << 10;

/// When a person was asked last, and for which program. kubectl calls its plugin again after a refusal, five times or more: it
/// is asked for once in its life.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    at: Timestamp,
    caller: String,
}

/// The right to ask. While a process holds it, other processes neither ask nor wait.
pub struct OfferLock<'w> {
    world: &'w World,
    note: PathBuf,
    _lock: Box<dyn ScopeGuard>,
}

impl<'w> OfferLock<'w> {
    /// Takes it; `None` where another process has it, or a person was asked already.
    ///
    /// # Errors
    /// There is no place for the lock.
    pub async fn take(world: &'w World, session: &Session) -> Result<Option<Self>> {
        let name = format!("{}.offer", session.file_name());
        let lock = wait_for(world, &name, "asking whether to sign in", Duration::ZERO).await?;
        let note = world.folders.state.join("sign-ins").join(format!("{}.asked", session.file_name()));
        Ok(lock.map(|lock| Self { world, note, _lock: lock }).filter(|lock| !lock.was_asked()))
    }

    /// Whether a person was asked for the same program, or just now for another one. A note that cannot be read is none.
    fn was_asked(&self) -> bool {
        let note = self.world.files.read(&self.note, MAX_NOTE).ok().flatten();
        let Some(asked) = note.and_then(|note| serde_json::from_slice::<Asked>(&note).ok()) else { return false };
        let since = self.world.clock.now().duration_since(asked.at);
        asked.caller == self.world.processes.caller().to_string() || !since.is_negative() && since < PAUSE
    }

    /// Notes that the person is asked: before the question, as a process that is killed has asked, too.
    ///
    /// # Errors
    /// It cannot be noted. Then nobody may be asked: it would be again and again.
    pub fn begin(&self) -> Result<()> {
        let asked = Asked { at: self.world.clock.now(), caller: self.world.processes.caller().to_string() };
        let json = serde_json::to_vec(&asked)
            .map_err(|error| Error::new(Kind::Failed, "the question cannot be noted").cause(error))?;
        self.world.files.write_private(&self.note, &json)
    }

    /// Forgets it: who agreed and signed in may be asked when that sign-in ends.
    pub fn end(self) {
        // What stays costs a question that is not asked.
        _ = self.world.files.remove(&self.note);
    }
}
