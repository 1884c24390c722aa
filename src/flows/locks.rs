//! Waiting for a lock of our own without blocking anything else in this process.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::ports::{Holder, ScopeGuard, World};

/// The pause between two looks grows from the one to the other.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(50);
/// How often it is asked whether the holder is stopped, and how long one that is gets to go on.
const HOLDER_LOOK: Duration = Duration::from_millis(500);
const STOPPED_WAIT: Duration = Duration::from_secs(2);

/// How waiting for a lock ended.
pub enum Waited<T> {
    /// The lock is ours.
    Held(Box<dyn ScopeGuard>),
    /// Its holder did what we wanted it for.
    Done(T),
    /// Another process keeps it, or is stopped and would keep it for ever: [`busy`] names it.
    Busy,
}

/// Takes the lock called `name`, waiting at most `wait`; `None` when another process keeps it for that long. `doing` tells
/// others what it is held for, in words that follow "it has been".
pub async fn wait_for(world: &World, name: &str, doing: &str, wait: Duration) -> Result<Option<Box<dyn ScopeGuard>>> {
    Ok(match wait_unless(world, name, doing, wait, || None::<()>).await? {
        Waited::Held(guard) => Some(guard),
        _ => None,
    })
}

/// The same, but ends as soon as `done` answers something: what the lock was wanted for may be done by its holder.
pub async fn wait_unless<T>(
    world: &World,
    name: &str,
    doing: &str,
    wait: Duration,
    done: impl Fn() -> Option<T>,
) -> Result<Waited<T>> {
    let path = path(world, name);
    // Not the time of day: somebody may set it meanwhile.
    let began = world.clock.monotonic();
    let (mut pause, mut next_look, mut stopped_since) = (FIRST_LOOK, HOLDER_LOOK, None);
    loop {
        if let Some(guard) = world.files.try_lock(&path, doing)? {
            return Ok(Waited::Held(guard));
        }
        let waited = world.clock.monotonic().saturating_sub(began);
        if waited >= next_look {
            next_look = waited + HOLDER_LOOK;
            let stopped = world.files.holder(&path).is_some_and(|holder| holder.stopped);
            stopped_since = stopped.then(|| stopped_since.unwrap_or(waited));
        }
        let stopped_for = stopped_since.map(|since| waited.saturating_sub(since));
        if waited >= wait || stopped_for.is_some_and(|time| time >= STOPPED_WAIT) {
            return Ok(Waited::Busy);
        }
        world.clock.sleep(pause).await;
        pause = (pause * 3 / 2).min(LAST_LOOK);
        if let Some(done) = done() {
            return Ok(Waited::Done(done));
        }
    }
}

/// Who holds the lock called `name`, where it is not free. What a killed process left in it is nobody's.
pub fn holder(world: &World, name: &str) -> Option<Holder> {
    let path = path(world, name);
    let holder = world.files.holder(&path)?;
    let is_free = matches!(world.files.try_lock(&path, "looking whether it is free"), Ok(Some(_)));
    (!is_free).then_some(holder)
}

/// The error of a lock that another process keeps: which one, what it does, and how to end that.
pub fn busy(world: &World, name: &str, what: &str) -> Error {
    let error = Error::new(Kind::LocalState, format!("another eksso keeps {what} busy"));
    let Some(holder) = world.files.holder(&path(world, name)) else {
        return error.hint("finish or stop the other `eksso`, then try again");
    };
    let process = holder.process;
    let on = holder.machine.as_ref().map(|machine| format!(" on `{machine}`")).unwrap_or_default();
    let stopped = if holder.stopped { ", and is stopped" } else { "" };
    let since = holder.since.strftime("%F %TZ");
    let error = error.cause(format!("process {process}{on} has been {} since {since}{stopped}", holder.doing));
    match holder.machine {
        Some(_) => error.hint("finish it there, then try again"),
        None if holder.stopped => error.hint(format!("kill -CONT {process}  # lets it go on")),
        None if cfg!(windows) => error.hint(format!("taskkill /PID {process}")),
        None => error.hint(format!("kill {process}")),
    }
}

fn path(world: &World, name: &str) -> PathBuf {
    world.folders.state.join("locks").join(name)
}
