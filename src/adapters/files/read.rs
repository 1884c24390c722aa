//! Reading files, also those that another program is writing. Functions without words of their own are those of
//! [`Files`](crate::ports::Files), here and in the modules beside.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::adapters::files::error::{file_error, local};
use crate::adapters::files::held::patiently;
use crate::adapters::files::kubeconfig_locks::is_locked;
use crate::adapters::files::paths::{age, changeable, is_absent, looks, parent};
use crate::error::Result;

/// How much of a file is looked at at once: as much as stays in a processor's cache.
const PIECE: usize = 128 << 10;

/// How often a file that is being written is looked at.
const POLL: Duration = Duration::from_millis(5);

/// How long a kubeconfig may look as if it were being written before it is taken as it is.
const UNSETTLED: Duration = Duration::from_secs(1);

/// A file that was emptied just now may be about to be written.
const JUST_NOW: Duration = Duration::from_millis(200);

pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let folder = || local(format!("{} is a folder, not a file", path.display()));
    let file = match patiently(path, || File::open(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        // Windows opens none.
        Err(_) if cfg!(windows) && path.is_dir() => return Err(folder()),
        Err(error) => return Err(file_error("read", path, &error)),
    };
    let metadata = file.metadata().map_err(|error| file_error("read", path, &error))?;
    if metadata.is_dir() {
        return Err(folder());
    }
    // With room for an edit in place.
    let mut content = Vec::with_capacity(usize::try_from(metadata.len().min(limit)).unwrap_or_default() + 4096);
    file.take(limit + 1).read_to_end(&mut content).map_err(|error| file_error("read", path, &error))?;
    if content.len() as u64 > limit {
        let size = if limit < 1 << 20 { format!("{} KiB", limit >> 10) } else { format!("{} MiB", limit >> 20) };
        return Err(local(format!("{} is larger than {size}", path.display())));
    }
    Ok(Some(content))
}

pub fn any_piece(path: &Path, overlap: usize, is_it: &dyn Fn(&[u8]) -> bool) -> Result<bool> {
    let failed = |error: io::Error| file_error("read", path, &error);
    let mut file = match patiently(path, || File::open(path)) {
        Err(error) if is_absent(&error) => return Ok(false),
        opened => opened.map_err(failed)?,
    };
    let (mut piece, mut kept) = (vec![0; PIECE + overlap], 0);
    loop {
        let read = match file.read(&mut piece[kept..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read.map_err(failed)?,
        };
        let filled = kept + read;
        match read {
            0 => return Ok(false),
            _ if is_it(&piece[..filled]) => return Ok(true),
            _ => kept = overlap.min(filled),
        }
        piece.copy_within(filled - kept..filled, 0);
    }
}

/// What pipes and devices gave. It comes once, so it is kept for who asks again.
static STREAMS: Mutex<BTreeMap<PathBuf, Vec<u8>>> = Mutex::new(BTreeMap::new());

fn read_stream(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(content) = streams.get(path) {
        return Ok(Some(content.clone()));
    }
    let content = read(path, limit)?;
    streams.extend(content.clone().map(|content| (path.to_owned(), content)));
    Ok(content)
}

pub fn read_settled(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    if changeable(path).is_err() {
        return read_stream(path, limit);
    }
    let start = Instant::now();
    loop {
        // kubectl makes its lock file, empties the kubeconfig, writes it, removes the lock file. The AWS CLI does the
        // same without a lock.
        let before = (is_locked(path), looks(path));
        let content = read(path, limit)?;
        let torn = before.0 || is_locked(path) || looks(path) != before.1;
        let emptied = content.as_ref().is_some_and(Vec::is_empty) && age(path).is_some_and(|age| age < JUST_NOW);
        let patience = if torn { UNSETTLED } else { JUST_NOW };
        if !(torn || emptied) || start.elapsed() > patience {
            return Ok(content);
        }
        thread::sleep(POLL);
    }
}

/// What was changed longer ago than this was read whole.
const RECENT: Duration = Duration::from_secs(5);

/// A file that was not changed for so long is not being written any more.
const RESTING: Duration = Duration::from_millis(150);

/// The AWS CLI empties a file first, and then makes the text of some thousand contexts for more than a second.
const EMPTIED: Duration = Duration::from_secs(2);

/// For how long one that goes on changing is waited for: the AWS CLI takes seconds to write some thousand contexts.
const RESTLESS: Duration = Duration::from_secs(10);

pub fn is_restless(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    // One that is new and empty is nobody's yet.
    let is_older = || metadata.created().is_ok_and(|made| metadata.modified().is_ok_and(|written| made < written));
    let resting = if metadata.len() == 0 && is_older() { EMPTIED } else { RESTING };
    let is_fresh = age(path).is_some_and(|age| age < resting);
    is_fresh && changeable(path).is_ok() && !was_put_there_whole(&metadata)
}

/// Whether a file got its name, or its mode, after it was written: who replaces a file writes the new one beside it first.
#[cfg(unix)]
fn was_put_there_whole(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime(), metadata.ctime_nsec()) > (metadata.mtime(), metadata.mtime_nsec())
}

/// Not told.
#[cfg(not(unix))]
fn was_put_there_whole(_: &fs::Metadata) -> bool {
    false
}

pub fn rest(path: &Path) -> bool {
    // Editors put the old file aside before they write the new one.
    if age(path).is_none() {
        let is_gone_now = age(parent(path)).is_some_and(|age| age < RESTING);
        if is_gone_now {
            thread::sleep(RESTING);
        }
        return is_gone_now;
    }
    if changeable(path).is_err() || age(path).is_none_or(|age| age > RECENT) {
        return false;
    }
    let start = Instant::now();
    while start.elapsed() < RESTLESS && is_restless(path) {
        thread::sleep(POLL);
    }
    true
}

#[cfg(unix)]
pub fn stamp(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    /// File systems tick in milliseconds, some in two seconds.
    const SETTLED: Duration = Duration::from_secs(3);
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Some("none".to_owned()),
        found => found.ok()?,
    };
    // Within one tick of the file system's clock a file can change twice and look the same.
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(metadata.ctime()).ok()?);
    let settled = SystemTime::now().duration_since(changed).ok()? > SETTLED;
    let (m, c) = ((metadata.mtime(), metadata.mtime_nsec()), (metadata.ctime(), metadata.ctime_nsec()));
    let id = (metadata.dev(), metadata.ino(), metadata.len());
    settled.then(|| format!("{id:?} {m:?} {c:?}"))
}

#[cfg(not(unix))]
pub fn stamp(_: &Path) -> Option<String> {
    None
}

pub fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(file_error("read", folder, &error)),
    };
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_stands_in_a_file_read_in_pieces() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let holds = |piece: &[u8]| memchr::memmem::find(piece, b"--until").is_some();
        let found = || any_piece(&path, "--until".len(), &holds).expect("read");
        assert!(!found(), "there is none");
        for at in (0..9).chain(PIECE - 9..PIECE + 9).chain(2 * PIECE - 9..2 * PIECE + 20) {
            for behind in [0, 1, PIECE] {
                let text = [&vec![b'x'; at][..], b"--until", &vec![b'y'; behind]].concat();
                fs::write(&path, &text).expect("written");
                assert!(found(), "at {at}, {behind} behind it");
                fs::write(&path, String::from_utf8_lossy(&text).replace("--until", "--untie")).expect("written");
                assert!(!found(), "at {at}, {behind} behind it");
            }
        }
    }
}
