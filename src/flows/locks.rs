//! Waiting for a lock of our own without blocking anything else in this process.

use std::time::Duration;

use crate::error::Result;
use crate::ports::{Guard, World};

/// The pause between two looks grows from the one to the other.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(50);

/// How waiting for a lock ended.
pub enum Waited<T> {
    /// The lock is ours.
    Held(Box<dyn Guard>),
    /// Its holder did what we wanted it for.
    Done(T),
    /// Another process keeps it.
    Busy,
}

/// Takes the lock called `name`, waiting at most `wait`; `None` when another process keeps it for that long.
pub async fn wait_for(world: &World, name: &str, wait: Duration) -> Result<Option<Box<dyn Guard>>> {
    Ok(match wait_unless(world, name, wait, || None::<()>).await? {
        Waited::Held(guard) => Some(guard),
        _ => None,
    })
}

/// The same, but ends as soon as `done` answers something: what the lock was wanted for may be done by its holder.
pub async fn wait_unless<T>(
    world: &World,
    name: &str,
    wait: Duration,
    done: impl Fn() -> Option<T>,
) -> Result<Waited<T>> {
    let path = world.folders.state.join("locks").join(name);
    let began = world.clock.now();
    let (mut waited, mut pause) = (Duration::ZERO, FIRST_LOOK);
    loop {
        if let Some(guard) = world.files.try_lock(&path)? {
            return Ok(Waited::Held(guard));
        }
        if waited >= wait {
            return Ok(Waited::Busy);
        }
        world.clock.sleep(pause).await;
        // Looking takes time too; a clock that is set back ends nothing later.
        let passed = Duration::try_from(world.clock.now().duration_since(began)).unwrap_or_default();
        waited = (waited + pause).max(passed);
        pause = (pause * 3 / 2).min(LAST_LOOK);
        if let Some(done) = done() {
            return Ok(Waited::Done(done));
        }
    }
}
