//! Locks of our own: of the kernel, so that one ends with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::adapters::files::error::{file_error, local};
use crate::adapters::files::lock_text;
use crate::adapters::files::paths::{no_folder, parent, private_folder};
use crate::error::Result;
use crate::ports::{Holder, ScopeGuard};

/// How often a lock is tried.
pub const POLL: Duration = Duration::from_millis(20);

/// What takes milliseconds, and does not end within this, may be stopped.
const LOOK_AT_HOLDER: Duration = Duration::from_millis(500);

pub fn try_lock(path: &Path, doing: &str) -> Result<Option<Box<dyn ScopeGuard>>> {
    let failed = |error: io::Error| {
        let error = file_error("lock", path, &error);
        let movable = cfg!(target_os = "linux");
        if movable { error.hint("XDG_STATE_HOME can name a folder on a disk that takes locks") } else { error }
    };
    private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // On a full disk it is held without words.
            _ = lock_text::write(&file, doing);
            Ok(Some(Box::new(OwnLock(file))))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

pub fn holder(path: &Path) -> Option<Holder> {
    lock_text::read(path)
}

pub fn lock(path: &Path, wait: Duration) -> Result<Box<dyn ScopeGuard>> {
    let start = Instant::now();
    let doing = path.file_name().map(|name| format!("busy with {}", name.display())).unwrap_or_default();
    loop {
        if let Some(guard) = try_lock(path, &doing)? {
            return Ok(guard);
        }
        let holder = (start.elapsed() >= wait.min(LOOK_AT_HOLDER)).then(|| holder(path)).flatten();
        let stopped = holder.as_ref().is_some_and(|holder| holder.stopped);
        if start.elapsed() < wait && !stopped {
            thread::sleep(POLL);
            continue;
        }
        let error = local(format!("{} is locked by another eksso", path.display()));
        return Err(match holder {
            Some(holder) if stopped => error
                .cause(format!("its process {} is stopped", holder.process))
                .hint(format!("kill -CONT {}  # lets it go on", holder.process)),
            Some(holder) => error.cause(format!("process {} has been {}", holder.process, holder.doing)),
            None => error,
        });
    }
}

/// The lock lives as long as the file is open.
struct OwnLock(File);

impl ScopeGuard for OwnLock {}

impl Drop for OwnLock {
    fn drop(&mut self) {
        lock_text::clear(&self.0);
    }
}
