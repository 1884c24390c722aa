//! Waiting for a lock of our own without blocking anything else in this process.

use std::time::Duration;

use crate::error::Result;
use crate::ports::{Guard, World};

const POLL: Duration = Duration::from_millis(20);

/// Takes the lock called `name`, waiting at most `wait`; `None` when another process keeps it for that long.
pub async fn wait_for(world: &World, name: &str, wait: Duration) -> Result<Option<Box<dyn Guard>>> {
    let path = world.folders.state.join("locks").join(name);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(guard) = world.files.try_lock(&path)? {
            return Ok(Some(guard));
        }
        if waited >= wait {
            return Ok(None);
        }
        world.clock.sleep(POLL).await;
        waited += POLL;
    }
}
