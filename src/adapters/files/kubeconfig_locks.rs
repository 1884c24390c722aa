//! client-go's locks of kubeconfigs: lock files beside them, which kubectl obeys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::adapters::files::error::{file_error, local};
use crate::adapters::files::held::{PATIENCE, is_held, patiently};
use crate::adapters::files::locks::POLL;
use crate::adapters::files::paths::{
    FileId, age, changeable, file_id, is_at, machine, no_folder, parent, path_id, plain, private_folder,
};
use crate::adapters::files::replace::temporary_in;
use crate::adapters::interrupt::Hold;
use crate::domain::text::shell_word;
use crate::error::{Error, Result};
use crate::ports::{KubeconfigLocks, ScopeGuard};

/// A lock file that was left behind by another program counts as one no longer than this.
const LEFT: Duration = Duration::from_secs(1);

pub fn lock_kubeconfigs(paths: &[PathBuf], wait: Duration) -> Result<KubeconfigLocks> {
    let mut locks = Vec::new();
    for path in paths {
        changeable(path)?;
        locks.push((lock_path(path), path));
    }
    locks.sort();
    let mut held = KubeLocks { files: Vec::new(), claims: Vec::new(), holds: Vec::new() };
    let mut unlocked: Vec<(PathBuf, Error)> = Vec::new();
    for (lock, path) in locks {
        // A second spelling of a file has the lock of the first.
        if held.files.contains(&lock) {
            continue;
        }
        match create_lock(&lock, wait) {
            Ok((hold, claim)) => {
                held_now(|held| held.push((lock.clone(), file_id(&claim))));
                held.holds.push(hold);
                held.claims.push(claim);
                held.files.push(lock);
            }
            Err(Unlocked::Refused(error)) => unlocked.push((path.clone(), error)),
            Err(Unlocked::Failed(error)) => return Err(error),
        }
    }
    Ok(KubeconfigLocks { held: Box::new(held), unlocked })
}

/// The lock files that this process has made. With `panic = "abort"` no destructor runs.
static HELD: Mutex<Vec<(PathBuf, FileId)>> = Mutex::new(Vec::new());

fn held_now(change: impl FnOnce(&mut Vec<(PathBuf, FileId)>)) {
    change(&mut HELD.lock().unwrap_or_else(PoisonError::into_inner));
}

/// From now on a panic removes the lock files of this process before anything else: a lock that outlives its maker stops
/// kubectl. For the program's `main`.
pub fn release_locks_on_panic() {
    let next = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        release_locks();
        next(panic);
    }));
}

fn release_locks() {
    // The panic may have come while they were noted down; then nothing is known for sure.
    let Ok(mut held) = HELD.try_lock() else { return };
    for (lock, id) in held.drain(..) {
        if id.is_some() && id == path_id(&lock) {
            _ = fs::remove_file(lock);
        }
    }
}

struct KubeLocks {
    files: Vec<PathBuf>,
    /// Closed after the files are removed: an open one says that its maker lives.
    #[allow(dead_code, reason = "held, not read")]
    claims: Vec<File>,
    /// Dropped after the files are removed: a signal that came is obeyed then.
    #[allow(dead_code, reason = "held, not read")]
    holds: Vec<Hold>,
}

impl ScopeGuard for KubeLocks {}

impl Drop for KubeLocks {
    fn drop(&mut self) {
        for (file, claim) in self.files.iter().zip(&self.claims) {
            // One that somebody removed is gone as wanted; what stands there now would be another's.
            if is_at(claim, file) {
                _ = patiently(file, || fs::remove_file(file));
            }
            held_now(|held| held.retain(|(lock, _)| lock != file));
        }
    }
}

/// client-go's lock beside a kubeconfig: `<file>.lock`, made with O_EXCL. Beside the path that the user names, as there,
/// though in one spelling of its folder: two spellings in KUBECONFIG must not wait for each other.
fn lock_path(path: &Path) -> PathBuf {
    let folder = fs::canonicalize(parent(path)).map_or_else(|_| parent(path).to_owned(), plain);
    let mut name = path.file_name().unwrap_or(path.as_os_str()).to_owned();
    name.push(".lock");
    folder.join(name)
}

/// Whether somebody holds the lock of a kubeconfig; a lock that was left behind is none after a while.
pub fn is_locked(path: &Path) -> bool {
    age(&lock_path(path)).is_some_and(|age| age < LEFT)
}

/// What our lock files hold, and nobody else's: those of kubectl are empty. The machine is named, as locks on open files
/// need not reach from one to another that share a folder.
fn claim_text() -> Vec<u8> {
    format!("eksso {}\n", machine()).into_bytes()
}

/// Why a lock was not made.
enum Unlocked {
    /// The folder takes no file from us.
    Refused(Error),
    Failed(Error),
}

/// Makes the lock file; signals wait from the moment it exists, and not while this still waits.
fn create_lock(lock: &Path, wait: Duration) -> Result<(Hold, File), Unlocked> {
    let refused =
        |error: &io::Error| matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem);
    let told = |error: &io::Error, told: Error| match refused(error) {
        true => Unlocked::Refused(told),
        false => Unlocked::Failed(told),
    };
    private_folder(parent(lock)).map_err(|error| told(&error, no_folder(lock, &error)))?;
    let start = Instant::now();
    loop {
        let hold = Hold::patient();
        match claim(lock) {
            Ok(claim) => return Ok((hold, claim)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && remove_stale(lock) => {}
            // On Windows a lock file that was removed refuses others until the last who has it open closes it.
            Err(error)
                if error.kind() == ErrorKind::AlreadyExists && start.elapsed() < wait
                    || is_held(lock, &error) && start.elapsed() < wait.min(PATIENCE) =>
            {
                drop(hold);
                thread::sleep(POLL);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let age = fs::metadata(lock)
                    .and_then(|metadata| metadata.modified())
                    .ok()
                    .and_then(|made| SystemTime::now().duration_since(made).ok())
                    .map_or_else(String::new, |age| format!(", made {} s ago", age.as_secs()));
                let error = local("the kubeconfig is locked by another program; nothing was changed".to_owned())
                    .cause(format!("{} exists{age}", lock.display()))
                    .hint(format!(
                        "if nothing else is changing it, remove the lock: rm {}",
                        shell_word(&lock.display().to_string())
                    ));
                return Err(Unlocked::Failed(error));
            }
            Err(error) => return Err(told(&error, file_error("lock", lock, &error))),
        }
    }
}

/// Makes a lock file that exists only with our claim in it and locked by us, so that one left by a killed process can be
/// told: its content is there, but nobody holds it.
fn claim(lock: &Path) -> io::Result<File> {
    if fs::symlink_metadata(lock).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let mut temp = temporary_in(parent(lock))?;
    temp.write_all(&claim_text())?;
    // Where files cannot be locked or linked, the lock is as good as kubectl's own.
    _ = temp.as_file().try_lock();
    match fs::hard_link(temp.path(), lock) {
        Ok(()) => Ok(temp.into_file()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => OpenOptions::new().write(true).create_new(true).open(lock),
    }
}

/// Removes a lock file of ours whose maker was killed. One that is held cannot even be read on Windows.
fn remove_stale(lock: &Path) -> bool {
    let Ok(mut file) = File::open(lock) else { return false };
    let mut content = Vec::new();
    let ours = io::Read::by_ref(&mut file).take(512).read_to_end(&mut content).is_ok() && content == claim_text();
    // Whoever holds it lives. Of two that find it abandoned, one removes it; the other must not remove what came after it.
    ours && file.try_lock().is_ok() && is_at(&file, lock) && fs::remove_file(lock).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Release builds abort on a panic: no destructor runs, only the hook.
    #[test]
    fn what_a_panic_calls_removes_the_locks_that_are_held_and_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
        let locks = lock_kubeconfigs(&[ours.clone(), theirs.clone()], Duration::ZERO).expect("locked");
        // Renamed and not removed: a name that is removed may be free on Windows only when the file is closed.
        fs::rename(lock_path(&theirs), folder.path().join("away")).expect("renamed");
        File::create(lock_path(&theirs)).expect("another's");
        release_locks();
        assert!(!(cfg!(unix) && lock_path(&ours).exists()) && lock_path(&theirs).exists());
        drop(locks);
        assert!(!lock_path(&ours).exists() && lock_path(&theirs).exists());
    }

    /// What a killed process leaves: its text, and no lock on the open file.
    #[test]
    fn a_lock_that_a_killed_eksso_left_is_taken_and_one_of_another_program_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config");
        let lock = |wait| lock_kubeconfigs(std::slice::from_ref(&path), Duration::from_millis(wait));
        fs::write(lock_path(&path), claim_text()).expect("written");
        drop(lock(0).expect("taken over"));
        assert!(!lock_path(&path).exists());
        let held = lock(0).expect("free");
        assert!(lock(50).is_err(), "whoever holds it lives");
        drop(held);
        fs::write(lock_path(&path), "").expect("written");
        assert!(lock(50).is_err(), "kubectl's are empty");
        assert!(lock_path(&path).exists());
    }
}
