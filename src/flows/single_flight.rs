//! What many processes want at the same time is done by one of them; the others share its result, good or bad.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::flows::locks::{Waited, wait_unless};
use crate::ports::World;

/// How long a call waits for another process that does the same.
const WAIT: Duration = Duration::from_secs(60);
const MAX_FAILURE: u64 = 1 << 16;

/// Does `work` under the lock called `name`, unless `look` finds its result there already. With an `ending` result, which
/// still serves, nobody is waited for, and only a refusal is an error.
pub(in crate::flows) async fn single_flight<T>(
    world: &World,
    name: &str,
    look: impl Fn() -> Option<T>,
    ending: Option<T>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let wait = if ending.is_some() { Duration::ZERO } else { WAIT };
    let began = world.clock.now();
    let done = || look().map(Ok).or_else(|| failed_since(world, name, began).map(Err));
    let (_lock, ending) = match (wait_unless(world, name, wait, done).await, ending) {
        (Ok(Waited::Done(result)), _) => return result,
        (Ok(Waited::Busy), Some(found)) => return Ok(found),
        (Ok(Waited::Held(lock)), ending) => match done() {
            Some(result) => return result,
            None => (Some(lock), ending),
        },
        // A holder that takes too long, or a lock that cannot be made (read-only home), costs requests, not the result.
        (Ok(Waited::Busy) | Err(_), ending) => (None, ending),
    };
    match (work.await, ending) {
        (Ok(found), _) => Ok(found),
        // Renewing early may fail without harm, unless we are told that it is no longer ours.
        (Err(error), Some(found)) if error.kind() != Kind::Denied => {
            drop(error);
            Ok(found)
        }
        (Err(error), _) => {
            // For those who wait: what cannot be noted costs them requests.
            _ = note_failure(world, name, &error);
            Err(error)
        }
    }
}

/// How the last attempt ended, for those who waited for it. Errors hold no secrets.
#[derive(Debug, Serialize, Deserialize)]
struct Failed {
    at: Timestamp,
    error: Error,
}

fn failure_path(world: &World, name: &str) -> PathBuf {
    world.folders.cache.join("failures").join(name)
}

fn note_failure(world: &World, name: &str, error: &Error) -> Result<()> {
    let failed = Failed { at: world.clock.now(), error: error.clone() };
    let json = serde_json::to_vec(&failed)
        .map_err(|error| Error::new(Kind::Failed, "the failure cannot be noted").cause(error))?;
    world.files.write_private(&failure_path(world, name), &json)
}

fn failed_since(world: &World, name: &str, began: Timestamp) -> Option<Error> {
    let bytes = world.files.read(&failure_path(world, name), MAX_FAILURE).ok()??;
    let failed: Failed = serde_json::from_slice(&bytes).ok()?;
    (failed.at >= began).then_some(failed.error)
}
