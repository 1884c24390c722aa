//! Files on disk: private from birth, replaced whole (temp beside the target, fsync, rename), locked before changed.

mod lock_text;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::adapters::interrupt::Hold;
use crate::domain::text::{hex, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, Guard, Holder, KubeconfigLocks};

const POLL: Duration = Duration::from_millis(20);
/// What takes milliseconds, and does not end within this, may be stopped.
const LOOK_AT_HOLDER: Duration = Duration::from_millis(500);
/// How files begin that are being written.
const TEMPORARY: &str = ".eksso-";
/// File systems tick in milliseconds, some in two seconds.
const SETTLED: Duration = Duration::from_secs(3);
/// How long a kubeconfig may look as if it were being written before it is taken as it is.
const UNSETTLED: Duration = Duration::from_secs(1);
/// A file that was emptied just now may be about to be written.
const JUST_NOW: Duration = Duration::from_millis(200);
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

    fn read_settled(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        let start = Instant::now();
        loop {
            // kubectl makes its lock file, empties the kubeconfig, writes it, removes the lock file. The AWS CLI does the
            // same without a lock.
            let before = (is_locked(path), seen(path));
            let content = self.read(path, limit)?;
            let torn = before.0 || is_locked(path) || seen(path) != before.1;
            let emptied = content.as_ref().is_some_and(Vec::is_empty) && age(path).is_some_and(|age| age < JUST_NOW);
            let patience = if torn { UNSETTLED } else { JUST_NOW };
            if !(torn || emptied) || start.elapsed() > patience {
                return Ok(content);
            }
            thread::sleep(POLL / 4);
        }
    }

    fn write_private(&self, path: &Path, content: &[u8]) -> Result<()> {
        private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
        put(path, content, None, true).map_err(|failed| trouble("write", path, &failed.error))?;
        sweep(parent(path));
        Ok(())
    }

    fn write_fleeting(&self, path: &Path, content: &[u8]) -> Result<()> {
        private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
        put(path, content, None, false).map_err(|failed| trouble("write", path, &failed.error))
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
        let (target, old) = writable(path)?;
        put(&target, content, old.as_ref(), true).map_err(|failed| trouble("write", path, &failed.error))?;
        sweep(parent(&target));
        Ok(())
    }

    fn try_replace(&self, path: &Path, content: &[u8], backup: Option<&Path>) -> Result<bool> {
        let (target, old) = writable(path)?;
        if let Some(old) = &old {
            let ours = backup.and_then(|backup| fs::metadata(backup).ok()).is_some_and(|backup| is_same(&backup, old));
            if names(old) > 1 + u64::from(ours) {
                return Ok(false);
            }
        }
        match put(&target, content, old.as_ref(), true) {
            Ok(()) => {
                sweep(parent(&target));
                Ok(true)
            }
            Err(failed) if old.is_some() && failed.another_way => Ok(false),
            Err(failed) => Err(trouble("write", path, &failed.error)),
        }
    }

    fn overwrite(&self, path: &Path, content: &[u8], before: &str) -> Result<()> {
        let failed = |error: io::Error| trouble("write", path, &error);
        let (target, old) = writable(path)?;
        let Some(old) = old else { return Err(failed(ErrorKind::NotFound.into())) };
        // Ctrl-C waits: the file is neither the old nor the new one until this ends.
        let _hold = Hold::firm();
        let mut file = OpenOptions::new().read(true).write(true).open(&target).map_err(failed)?;
        let changed = || {
            local("another program has just changed the kubeconfig; nothing was changed".to_owned())
                .cause(path.display())
                .hint("try again")
        };
        if !file.metadata().is_ok_and(|now| is_same(&now, &old)) {
            return Err(changed());
        }
        let mut now = Vec::new();
        file.read_to_end(&mut now).map_err(failed)?;
        if sha_256(&now) != before {
            return Err(changed());
        }
        reserve(&file, content.len()).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.write_all(content).map_err(failed)?;
        file.set_len(content.len() as u64).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    fn part_from(&self, own: &Path) -> Result<()> {
        let failed = |error: io::Error| trouble("write", own, &error);
        match fs::metadata(own) {
            Ok(metadata) if names(&metadata) > 1 => {}
            Err(error) if !is_absent(&error) => return Err(failed(error)),
            _ => return Ok(()),
        }
        let content = fs::read(own).map_err(failed)?;
        put(own, &content, None, true).map_err(|failed| trouble("write", own, &failed.error))
    }

    #[cfg(unix)]
    fn is_shared(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        // With an ACL the bits of the group are those of all it names.
        let others = |metadata: fs::Metadata| {
            metadata.mode() & 0o022 != 0 || metadata.uid() != rustix::process::geteuid().as_raw()
        };
        fs::metadata(path).is_ok_and(others)
    }

    #[cfg(not(unix))]
    fn is_shared(&self, _: &Path) -> bool {
        false
    }

    fn is_writable(&self, folder: &Path) -> bool {
        private_folder(folder).is_ok() && tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).is_ok()
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
        if !cfg!(unix) || names(&metadata) > 1 || fs::hard_link(&target, at).is_err() {
            let mut content = Vec::new();
            File::open(&target).and_then(|mut file| file.read_to_end(&mut content)).map_err(failed)?;
            put(at, &content, None, true).map_err(|failed| trouble("write", at, &failed.error))?;
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

    fn lock_kubeconfigs(&self, paths: &[PathBuf], wait: Duration) -> Result<KubeconfigLocks> {
        let mut locks = Vec::new();
        for path in paths {
            if let Ok(metadata) = fs::metadata(path) {
                regular(path, &metadata)?;
            }
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
        if id == path_id(&lock) {
            _ = fs::remove_file(lock);
        }
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
            held_now(|held| held.retain(|(lock, _)| lock != file));
        }
    }
}

/// client-go's lock beside a kubeconfig: `<file>.lock`, made with O_EXCL. Beside the path that the user names, as there,
/// though in one spelling of its folder: two spellings in KUBECONFIG must not wait for each other.
fn lock_path(path: &Path) -> PathBuf {
    let folder = fs::canonicalize(parent(path)).unwrap_or_else(|_| parent(path).to_owned());
    let mut name = path.file_name().unwrap_or(path.as_os_str()).to_owned();
    name.push(".lock");
    folder.join(name)
}

/// Whether somebody holds the lock of a kubeconfig; a lock that was left behind is none after a while.
fn is_locked(path: &Path) -> bool {
    age(&lock_path(path)).is_some_and(|age| age < UNSETTLED)
}

/// How long ago a file was written.
pub(super) fn age(path: &Path) -> Option<Duration> {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    Some(SystemTime::now().duration_since(written).unwrap_or_default())
}

/// Device and inode of a file, where there are such.
type FileId = Option<(u64, u64)>;

/// The file, its length, and when it was written.
type Seen = (FileId, u64, Option<SystemTime>);

/// What tells a file from the same one written again.
fn seen(path: &Path) -> Option<Seen> {
    let metadata = fs::metadata(path).ok()?;
    Some((id(&metadata), metadata.len(), metadata.modified().ok()))
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
fn is_at(file: &File, path: &Path) -> bool {
    file_id(file) == path_id(path)
}

fn file_id(file: &File) -> FileId {
    file.metadata().ok().and_then(|metadata| id(&metadata))
}

fn path_id(path: &Path) -> FileId {
    fs::symlink_metadata(path).ok().and_then(|metadata| id(&metadata))
}

#[cfg(unix)]
fn id(metadata: &fs::Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(_: &fs::Metadata) -> FileId {
    None
}

fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    id(one).is_some_and(|one| id(other) == Some(one))
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
                let error = local("the kubeconfig is locked by another program; nothing was changed".to_owned())
                    .cause(format!("{} exists{age}", lock.display()))
                    .hint(format!(
                        "if nothing else is changing it, remove the lock: rm {}",
                        shell_word(&lock.display().to_string())
                    ));
                return Err(Unlocked::Failed(error));
            }
            Err(error) => return Err(told(&error, trouble("lock", lock, &error))),
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

/// Why a file was not replaced.
struct NotPut {
    error: io::Error,
    /// Whether it can still be written in place: the file or its folder cannot be replaced, and nothing else is wrong.
    another_way: bool,
}

impl NotPut {
    /// Where a temporary file is refused, or may not have the owner and the ACL of the old one.
    fn refused(error: io::Error) -> Self {
        let another_way = matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem);
        Self { error, another_way }
    }

    /// Where it cannot take the old one's place: that is a mount point, or somebody else's in a folder like /tmp.
    fn renamed(error: io::Error) -> Self {
        let another_way =
            matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices | ErrorKind::PermissionDenied);
        Self { error, another_way }
    }
}

impl From<io::Error> for NotPut {
    fn from(error: io::Error) -> Self {
        Self { error, another_way: false }
    }
}

/// Writes beside the target and renames over it; takes mode, owner, ACL and attributes from what was there.
fn put(target: &Path, content: &[u8], old: Option<&fs::Metadata>, durable: bool) -> Result<(), NotPut> {
    // A signal between creation and rename would leave the temporary file behind.
    let _hold = Hold::firm();
    let mut temp = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(parent(target)).map_err(NotPut::refused)?;
    temp.write_all(content)?;
    if let Some(old) = old {
        keep_owner(temp.as_file(), old).map_err(NotPut::refused)?;
        temp.as_file().set_permissions(old.permissions()).map_err(NotPut::refused)?;
        keep_attributes(target, temp.as_file()).map_err(|error| NotPut { error, another_way: true })?;
    }
    if durable {
        temp.as_file().sync_all()?;
    }
    temp.persist(target).map_err(|error| NotPut::renamed(error.error))?;
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

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Gives a new file the attributes of an old one, its ACL among them, and none that its folder hands down.
#[cfg(target_os = "linux")]
fn keep_attributes(old: &Path, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fremovexattr, fsetxattr};
    let old = File::open(old)?;
    let (theirs, ours) = (attributes(&old)?, attributes(new)?);
    for (name, value) in &theirs {
        if ours.iter().any(|own| own == &(name.clone(), value.clone())) {
            continue;
        }
        match fsetxattr(new, name.as_str(), value, XattrFlags::empty()) {
            // Labels of the security modules are the kernel's to give.
            Err(_) if name.starts_with("security.") || name.starts_with("trusted.") => {}
            set => set?,
        }
    }
    let kept = |name: &str| theirs.iter().any(|(their, _)| their == name) || name.starts_with("security.");
    for (name, _) in ours.iter().filter(|(name, _)| !kept(name)) {
        fremovexattr(new, name.as_str())?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

/// The extended attributes of a file; none where its file system has no such thing.
#[cfg(target_os = "linux")]
fn attributes(file: &File) -> io::Result<Vec<(String, Vec<u8>)>> {
    use rustix::fs::{fgetxattr, flistxattr};
    use rustix::io::Errno;
    // The kernel's own limits for a list of names and for a value.
    let mut list = vec![0; 1 << 16];
    let length = match flistxattr(file, &mut list[..]) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Vec::new()),
        length => length?,
    };
    let names = list[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let mut found = Vec::new();
    for name in names {
        let name = String::from_utf8_lossy(name).into_owned();
        let mut value = vec![0; 1 << 16];
        let length = fgetxattr(file, name.as_str(), &mut value[..])?;
        value.truncate(length);
        found.push((name, value));
    }
    Ok(found)
}

/// Reserves the space of a content, so that writing it cannot fail half-way for lack of it.
#[cfg(target_os = "linux")]
fn reserve(file: &File, length: usize) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    if length == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, length as u64) {
        // File systems that reserve nothing, such as NFS.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        reserved => Ok(reserved?),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: usize) -> io::Result<()> {
    Ok(())
}

/// How many names a file has.
#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

/// Not known: nothing is linked here, and everything replaced.
#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

/// Where a user's file is, and what stands there: something that may be written, or nothing yet.
fn writable(path: &Path) -> Result<(PathBuf, Option<fs::Metadata>)> {
    let target = resolve(path).map_err(|error| trouble("write", path, &error))?;
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(trouble("write", path, &error)),
    };
    if let Some(metadata) = &old {
        regular(path, metadata)?;
        if metadata.permissions().readonly() {
            let fact = format!("{} is read-only; nothing was changed", path.display());
            return Err(local(fact).hint(format!("chmod u+w {}", shell_word(&path.display().to_string()))));
        }
    } else {
        private_folder(parent(&target)).map_err(|error| no_folder(path, &error))?;
    }
    Ok((target, old))
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

fn sha_256(content: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(content))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Release builds abort on a panic: no destructor runs, only the hook.
    #[test]
    fn what_a_panic_calls_removes_the_locks_that_are_held_and_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
        let locks = DiskFiles.lock_kubeconfigs(&[ours.clone(), theirs.clone()], Duration::ZERO).expect("locked");
        fs::remove_file(lock_path(&theirs)).expect("removed");
        File::create(lock_path(&theirs)).expect("another's");
        release_locks();
        assert!(!lock_path(&ours).exists() && lock_path(&theirs).exists());
        drop(locks);
        assert!(lock_path(&theirs).exists());
    }
}
