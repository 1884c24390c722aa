//! Files replaced whole: written beside the target, on the disk, renamed over it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use crate::adapters::files::attributes::{keep_attributes, keep_owner};
use crate::adapters::files::error::{file_error, just_changed, local};
use crate::adapters::files::held::patiently_with;
use crate::adapters::files::paths::{is_same, looks, names, no_folder, parent, private_folder, regular, resolve};
use crate::adapters::interrupt::Hold;
use crate::domain::text::shell_word;
use crate::error::Result;
use crate::ports::Seen;

/// How files begin that are being written; six letters and digits follow. Other files of ours begin so, too, and stay.
pub const TEMPORARY: &str = ".eksso-";

/// Writing takes milliseconds; after this its process is dead.
const ABANDONED: Duration = Duration::from_secs(3600);

pub fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
    put(path, content, None, true).map_err(|failed| file_error("write", path, &failed.error))?;
    sweep(parent(path));
    Ok(())
}

pub fn write_fleeting(path: &Path, content: &[u8]) -> Result<()> {
    private_folder(parent(path)).map_err(|error| no_folder(path, &error))?;
    put(path, content, None, false).map_err(|failed| file_error("write", path, &failed.error))
}

pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let (target, old) = writable(path)?;
    put(&target, content, old.as_ref(), true).map_err(|failed| file_error("write", path, &failed.error))?;
    sweep(parent(&target));
    Ok(())
}

pub fn seen(path: &Path) -> Option<Seen> {
    look_at(&resolve(path).ok()?)
}

fn look_at(target: &Path) -> Option<Seen> {
    looks(target).map(|looks| Seen(format!("{looks:?}")))
}

pub fn try_replace(path: &Path, content: &[u8], seen: Option<&Seen>, backup: Option<&Path>) -> Result<bool> {
    let (target, old) = writable(path)?;
    if let Some(old) = &old {
        let ours = backup.and_then(|backup| fs::metadata(backup).ok()).is_some_and(|backup| is_same(&backup, old));
        if names(old) > 1 + u64::from(ours) {
            return Ok(false);
        }
    }
    let is_as_seen = || look_at(&target).as_ref() == seen;
    match put_if(&is_as_seen, &target, content, old.as_ref(), true) {
        Ok(true) => {
            sweep(parent(&target));
            Ok(true)
        }
        Ok(false) => Err(just_changed(path)),
        // Windows refuses for other reasons: somebody has the file open.
        Err(failed) if old.is_some() && failed.another_way && cfg!(unix) => Ok(false),
        Err(failed) => Err(file_error("write", path, &failed.error)),
    }
}

/// Where a user's file is, and what stands there: something that may be written, or nothing yet.
pub fn writable(path: &Path) -> Result<(PathBuf, Option<fs::Metadata>)> {
    let target = resolve(path).map_err(|error| file_error("write", path, &error))?;
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(file_error("write", path, &error)),
    };
    if let Some(metadata) = &old {
        regular(path, metadata)?;
        if metadata.permissions().readonly() {
            return Err(
                local(format!("{} is read-only; nothing was changed", path.display())).hint(make_writable(path))
            );
        }
    } else {
        private_folder(parent(&target)).map_err(|error| no_folder(path, &error))?;
    }
    Ok((target, old))
}

/// The command that makes a file one that may be written.
fn make_writable(path: &Path) -> String {
    let path = path.display().to_string();
    if cfg!(windows) { format!("attrib -r {}", shell_word(&path)) } else { format!("chmod u+w {}", shell_word(&path)) }
}

/// Why a file was not replaced.
pub struct NotPut {
    pub error: io::Error,
    /// Whether it can still be written in place: the file or its folder cannot be replaced, and nothing else is wrong.
    pub another_way: bool,
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
pub fn put(target: &Path, content: &[u8], old: Option<&fs::Metadata>, durable: bool) -> Result<(), NotPut> {
    put_if(&|| true, target, content, old, durable).map(|_| ())
}

/// The same, if `may` says so when all but the renaming is done: syncing a file takes long enough for others to write theirs.
fn put_if(
    may: &dyn Fn() -> bool,
    target: &Path,
    content: &[u8],
    old: Option<&fs::Metadata>,
    durable: bool,
) -> Result<bool, NotPut> {
    // A signal between creation and rename would leave the temporary file behind.
    let _hold = Hold::firm();
    let mut temp = temporary_in(parent(target)).map_err(NotPut::refused)?;
    temp.write_all(content)?;
    if let Some(old) = old {
        keep_owner(temp.as_file(), old).map_err(NotPut::refused)?;
        temp.as_file().set_permissions(old.permissions()).map_err(NotPut::refused)?;
        keep_attributes(target, temp.as_file()).map_err(|error| NotPut { error, another_way: true })?;
    }
    if durable {
        temp.as_file().sync_all()?;
    }
    if !may() {
        return Ok(false);
    }
    let persist = |temp: NamedTempFile| temp.persist(target).map_err(|failed| (failed.error, failed.file));
    patiently_with(target, temp, persist).map_err(NotPut::renamed)?;
    if !durable {
        return Ok(true);
    }
    // The rename itself must survive a power cut; file systems that cannot sync a folder lose nothing by it.
    if let Ok(folder) = File::open(parent(target)) {
        _ = folder.sync_all();
    }
    Ok(true)
}

/// A temporary file beside a target, by a name that [`sweep`] knows.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)
}

/// Removes what a killed process left of its writing in a folder; may fail, and then the next one does it.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_random = |rest: &str| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let name = entry.file_name();
        let unfinished = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)).is_some_and(is_random);
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|made| SystemTime::now().duration_since(made).ok());
        if unfinished && age.is_some_and(|age| age > ABANDONED) {
            _ = fs::remove_file(entry.path());
        }
    }
}

pub fn probe(path: &Path) -> Result<()> {
    let target = resolve(path).map_err(|error| file_error("write", path, &error))?;
    match fs::metadata(&target) {
        Ok(metadata) => {
            regular(path, &metadata)?;
            if metadata.permissions().readonly() {
                return Err(local(format!("{} is read-only", path.display())).hint(make_writable(path)));
            }
        }
        Err(_) => private_folder(parent(&target)).map_err(|error| no_folder(path, &error))?,
    }
    let write = || {
        let mut temp = temporary_in(parent(&target))?;
        temp.write_all(&[0; 4096])?;
        temp.as_file().sync_all()
    };
    write().map_err(|error| file_error("write", path, &error))
}

pub fn is_writable(folder: &Path) -> bool {
    private_folder(folder).is_ok() && temporary_in(folder).is_ok()
}
