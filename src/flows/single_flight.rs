//! Single flight: what many processes want at the same time is done by one of them; the others share its result, good or bad.
//!
//! By locks of their own, as they wait otherwise, the same is done in `sign_in/login.rs`, `sign_in/renewal.rs` and
//! `discovery/single_flight.rs`.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::flows::locks::{Waited, wait_unless};
use crate::ports::World;

/// How long a call waits for another process that does the same.
const WAIT: Duration = Duration::from_secs(60);
const MAX_FAILURE: u64 = 1 << 16;
/// After a failure nobody tries early again for so long.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// Does `work` under the lock called `name`, unless `look` finds its result there already. With an `ending` result, which
/// still serves, nobody is waited for, and only a refusal is an error.
pub(super) async fn single_flight<T: Clone>(
    world: &World,
    name: &str,
    look: impl Fn() -> Option<T>,
    ending: Option<T>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    if let Some(found) = ending.as_ref().filter(|_| failed_lately(world, name)) {
        return Ok(found.clone());
    }
    let wait = if ending.is_some() { Duration::ZERO } else { WAIT };
    let began = world.clock.now();
    let done = || look().map(Ok).or_else(|| failed_since(world, name, began).map(Err));
    let (_lock, ending) = match (wait_unless(world, name, "getting credentials", wait, done).await, ending) {
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
            // What cannot be noted costs requests.
            _ = note_failure(world, name, &error);
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

/// Notes how an attempt failed.
pub(super) fn note_failure(world: &World, name: &str, error: &Error) -> Result<()> {
    let failed = Failed { at: world.clock.now(), error: error.clone() };
    let json = serde_json::to_vec(&failed)
        .map_err(|error| Error::new(Kind::Failed, "the failure cannot be noted").cause(error))?;
    world.files.write_private(&failure_path(world, name), &json)
}

/// The failure of an attempt that ended since `began`.
pub(super) fn failed_since(world: &World, name: &str, began: Timestamp) -> Option<Error> {
    let failed = last_failure(world, name)?;
    (failed.at >= began && failed.at <= world.clock.now()).then_some(failed.error)
}

/// Whether an attempt failed so lately that trying early is of no use.
pub(super) fn failed_lately(world: &World, name: &str) -> bool {
    let passed = |failed: Failed| world.clock.now().duration_since(failed.at);
    last_failure(world, name).map(passed).is_some_and(|passed| !passed.is_negative() && passed < PAUSE)
}

fn last_failure(world: &World, name: &str) -> Option<Failed> {
    serde_json::from_slice(&world.files.read(&failure_path(world, name), MAX_FAILURE).ok()??).ok()
}
