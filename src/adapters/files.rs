//! Files on disk: private from birth, replaced whole (temp beside the target, fsync, rename), locked before changed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::adapters::interrupt::Hold;
use crate::adapters::lock_text;
use crate::domain::text::{hex, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, Guard, Holder};

const POLL: Duration = Duration::from_millis(20);
/// What takes milliseconds, and does not end within this, may be stopped.
const LOOK_AT_HOLDER: Duration = Duration::from_millis(500);
/// How files begin that are being written.
const TEMPORARY: &str = ".eksso-";
/// File systems tick in milliseconds, some in two seconds.
const SETTLED: Duration = Duration::from_secs(3);
/// Writing takes milliseconds; after this its process is dead.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The file system.
#[derive(Debug)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble("read", path, &error)),
        };
        let metadata = file.metadata().map_err(|error| trouble("read", path, &error))?;
        if metadata.is_dir() {
            return Err(local(format!("{} is a folder, not a file", path.display())));
        }
        // With room for an edit in place.
        let mut content = Vec::with_capacity(usize::try_from(metadata.len().min(limit)).unwrap_or_default() + 4096);
        file.take(limit + 1).read_to_end(&mut content).map_err(|error| trouble("read", path, &error))?;
        if content.len() as u64 > limit {
            return Err(local(format!("{} is larger than {} MiB", path.display(), limit >> 20)));
        }
        Ok(Some(content))
    }

    fn write_private(&self, path: &Path, content: &[u8]) -> Result<()> {
        private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
        put(path, content, None, true).map_err(|error| trouble("write", path, &error))?;
        sweep(parent(path));
        Ok(())
    }

    fn write_fleeting(&self, path: &Path, content: &[u8]) -> Result<()> {
        private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
        put(path, content, None, false).map_err(|error| trouble("write", path, &error))
    }

    #[cfg(unix)]
    fn stamp(&self, path: &Path) -> Option<String> {
        use std::os::unix::fs::MetadataExt;
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
    fn stamp(&self, _: &Path) -> Option<String> {
        None
    }

    fn replace(&self, path: &Path, content: &[u8]) -> Result<()> {
        let target = resolve(path).map_err(|error| trouble("write", path, &error))?;
        let old = match fs::metadata(&target) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(trouble("write", path, &error)),
        };
        if let Some(metadata) = &old {
            regular(path, metadata)?;
        }
        if old.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
            let fact = format!("{} is read-only; nothing was changed", path.display());
            return Err(local(fact).hint(format!("chmod u+w {}", shell_word(&path.display().to_string()))));
        }
        if old.is_none() {
            private_folder(parent(&target)).map_err(|error| no_folder(path, &error))?;
        }
        put(&target, content, old.as_ref(), true).map_err(|error| trouble("write", path, &error))?;
        sweep(parent(&target));
        Ok(())
    }

    fn keep(&self, path: &Path, at: &Path) -> Result<Option<String>> {
        let failed = |error: io::Error| trouble("keep a copy of", path, &error);
        let target = resolve(path).map_err(failed)?;
        let metadata = match fs::metadata(&target) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        regular(path, &metadata)?;
        private_folder(parent(at)).map_err(|error| no_folder(at, &error))?;
        // `replace` gives the path a new file, so that the old one may live on under our name: no copy of 10 MB. A file
        // that has other names already could be changed through them.
        if !only_name(&metadata) || fs::hard_link(&target, at).is_err() {
            let mut content = Vec::new();
            File::open(&target).and_then(|mut file| file.read_to_end(&mut content)).map_err(failed)?;
            put(at, &content, None, true).map_err(|error| trouble("write", at, &error))?;
        }
        digest(at).map(Some).map_err(failed)
    }

    fn remove_folder(&self, folder: &Path) -> Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(trouble("remove", folder, &error)),
            _ => Ok(()),
        }
    }

    fn remove(&self, path: &Path) -> Result<bool> {
        let target = resolve(path).map_err(|error| trouble("remove", path, &error))?;
        match fs::remove_file(target) {
            Ok(()) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(trouble("remove", path, &error)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(trouble("read", folder, &error)),
        };
        Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
    }

    fn probe(&self, path: &Path) -> Result<()> {
        let target = resolve(path).map_err(|error| trouble("write", path, &error))?;
        match fs::metadata(&target) {
            Ok(metadata) => {
                regular(path, &metadata)?;
                if metadata.permissions().readonly() {
                    let fact = format!("{} is read-only", path.display());
                    return Err(local(fact).hint(format!("chmod u+w {}", shell_word(&path.display().to_string()))));
                }
            }
            Err(_) => private_folder(parent(&target)).map_err(|error| no_folder(path, &error))?,
        }
        let write = || {
            let mut temp = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(parent(&target))?;
            temp.write_all(&[0; 4096])?;
            temp.as_file().sync_all()
        };
        write().map_err(|error| trouble("write", path, &error))
    }

    fn try_lock(&self, path: &Path, doing: &str) -> Result<Option<Box<dyn Guard>>> {
        let failed = |error: io::Error| {
            let error = trouble("lock", path, &error);
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

    fn holder(&self, path: &Path) -> Option<Holder> {
        lock_text::read(path)
    }

    fn lock(&self, path: &Path, wait: Duration) -> Result<Box<dyn Guard>> {
        let start = Instant::now();
        let doing = path.file_name().map(|name| format!("busy with {}", name.display())).unwrap_or_default();
        loop {
            if let Some(guard) = self.try_lock(path, &doing)? {
                return Ok(guard);
            }
            let holder = (start.elapsed() >= wait.min(LOOK_AT_HOLDER)).then(|| self.holder(path)).flatten();
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

    fn lock_kubeconfigs(&self, paths: &[PathBuf], wait: Duration) -> Result<Box<dyn Guard>> {
        for path in paths {
            if let Ok(metadata) = fs::metadata(path) {
                regular(path, &metadata)?;
            }
        }
        let mut locks: Vec<PathBuf> = paths.iter().map(|path| lock_path(path)).collect();
        locks.sort();
        locks.dedup();
        let mut held = KubeLocks { files: Vec::new(), claims: Vec::new(), holds: Vec::new() };
        for lock in locks {
            let (hold, claim) = create_lock(&lock, wait)?;
            held.holds.push(hold);
            held.claims.push(claim);
            held.files.push(lock);
        }
        Ok(Box::new(held))
    }
}

/// The lock lives as long as the file is open.
struct OwnLock(File);

impl Guard for OwnLock {}

impl Drop for OwnLock {
    fn drop(&mut self) {
        lock_text::clear(&self.0);
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

impl Guard for KubeLocks {}

impl Drop for KubeLocks {
    fn drop(&mut self) {
        for (file, claim) in self.files.iter().zip(&self.claims) {
            // One that somebody removed is gone as wanted; what stands there now would be another's.
            if is_at(claim, file) {
                _ = fs::remove_file(file);
            }
        }
    }
}

/// client-go's lock beside a kubeconfig: `<file>.lock`, made with O_EXCL; the path is the one the user names, as there.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// What our lock files hold, and nobody else's: those of kubectl are empty. The machine is named, as locks on open files
/// need not reach from one to another that share a folder.
#[cfg(unix)]
fn claim_text() -> Vec<u8> {
    format!("eksso {}\n", rustix::system::uname().nodename().to_string_lossy()).into_bytes()
}

#[cfg(not(unix))]
fn claim_text() -> Vec<u8> {
    b"eksso\n".to_vec()
}

/// Whether an open file is the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().ok().map(id) == fs::symlink_metadata(path).ok().map(id)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Makes the lock file; signals wait from the moment it exists, and not while this still waits.
fn create_lock(lock: &Path, wait: Duration) -> Result<(Hold, File)> {
    private_folder(parent(lock)).map_err(|error| no_folder(lock, &error))?;
    let start = Instant::now();
    loop {
        let hold = Hold::patient();
        match claim(lock) {
            Ok(claim) => return Ok((hold, claim)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && remove_stale(lock) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists && start.elapsed() < wait => {
                drop(hold);
                thread::sleep(POLL);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let age = fs::metadata(lock)
                    .and_then(|metadata| metadata.modified())
                    .ok()
                    .and_then(|made| SystemTime::now().duration_since(made).ok())
                    .map_or_else(String::new, |age| format!(", made {} s ago", age.as_secs()));
                return Err(local("the kubeconfig is locked by another program; nothing was changed".to_owned())
                    .cause(format!("{} exists{age}", lock.display()))
                    .hint(format!(
                        "if nothing else is changing it, remove the lock: rm {}",
                        shell_word(&lock.display().to_string())
                    )));
            }
            Err(error) => return Err(trouble("lock", lock, &error)),
        }
    }
}

/// Makes a lock file that exists only with our claim in it and locked by us, so that one left by a killed process can be
/// told: its content is there, but nobody holds it.
fn claim(lock: &Path) -> io::Result<File> {
    if fs::symlink_metadata(lock).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let mut temp = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(parent(lock))?;
    temp.write_all(&claim_text())?;
    // Where files cannot be locked or linked, the lock is as good as kubectl's own.
    _ = temp.as_file().try_lock();
    match fs::hard_link(temp.path(), lock) {
        Ok(()) => Ok(temp.into_file()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => OpenOptions::new().write(true).create_new(true).open(lock),
    }
}

/// Removes a lock file of ours whose maker was killed.
#[cfg(unix)]
fn remove_stale(lock: &Path) -> bool {
    let Ok(mut file) = File::open(lock) else { return false };
    let mut content = Vec::new();
    let ours = io::Read::by_ref(&mut file).take(512).read_to_end(&mut content).is_ok() && content == claim_text();
    // Whoever holds it lives. Of two that find it abandoned, one removes it; the other must not remove what came after it.
    ours && file.try_lock().is_ok() && is_at(&file, lock) && fs::remove_file(lock).is_ok()
}

#[cfg(not(unix))]
fn remove_stale(_: &Path) -> bool {
    false
}

/// Whether there is nothing, as also in a folder where something else stands.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Removes what a killed process left of its writing in a folder; may fail, and then the next one does it.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let unfinished = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY));
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|made| SystemTime::now().duration_since(made).ok());
        if unfinished && age.is_some_and(|age| age > ABANDONED) {
            _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes beside the target and renames over it; takes mode and owner from what was there.
fn put(target: &Path, content: &[u8], old: Option<&fs::Metadata>, durable: bool) -> io::Result<()> {
    // A signal between creation and rename would leave the temporary file behind.
    let _hold = Hold::firm();
    let mut temp = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(parent(target))?;
    temp.write_all(content)?;
    if let Some(old) = old {
        temp.as_file().set_permissions(old.permissions())?;
        keep_owner(temp.as_file(), old)?;
    }
    if durable {
        temp.as_file().sync_all()?;
    }
    temp.persist(target).map_err(|error| error.error)?;
    if !durable {
        return Ok(());
    }
    // The rename itself must survive a power cut; file systems that cannot sync a folder lose nothing by it.
    if let Ok(folder) = File::open(parent(target)) {
        _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(unix)]
fn only_name(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 1
}

#[cfg(not(unix))]
fn only_name(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Where a path really leads, also when its last symlink points to nothing yet.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = parent(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Devices and pipes are not replaced by files, and have no content to keep.
fn regular(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    if metadata.is_file() || metadata.is_dir() {
        return Ok(());
    }
    Err(local(format!("{} is not a file that can be changed; nothing was changed", path.display()))
        .hint("name another with --kubeconfig or KUBECONFIG"))
}

/// SHA-256 of a file, read piece by piece.
fn digest(path: &Path) -> io::Result<String> {
    use sha2::Digest;
    let (mut file, mut hash, mut piece) = (File::open(path)?, sha2::Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn local(fact: String) -> Error {
    Error::new(Kind::LocalState, fact)
}

fn no_folder(path: &Path, error: &io::Error) -> Error {
    local(format!("cannot create the folder {}", parent(path).display()))
        .cause(error)
        .hint("check HOME, and who may write there")
}

fn trouble(verb: &str, path: &Path, error: &io::Error) -> Error {
    local(format!("cannot {verb} {}", path.display())).cause(error)
}
