//! What lies in a folder, reached from the folder itself and never through a link: a link below it would lead reads and writes to files of
//! others. The folder's own path may be one, as who named it meant that.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
#[cfg(unix)]
use std::{
    io::{ErrorKind, Write},
    os::fd::OwnedFd,
    path::Path,
};

#[cfg(unix)]
use rustix::fs::{AtFlags, FileType, Mode, OFlags, mkdirat, open, openat, renameat, statat, unlinkat};
#[cfg(unix)]
use rustix::io::Errno;
#[cfg(unix)]
use tempfile::Builder;

#[cfg(unix)]
use crate::adapters::files::attributes::{copy_attributes, keep_owner};
use crate::adapters::files::error::{file_error, local};
#[cfg(not(unix))]
use crate::adapters::files::held::patiently;
use crate::adapters::files::paths::private_folder;
#[cfg(not(unix))]
use crate::adapters::files::paths::{is_absent, parent};
#[cfg(unix)]
use crate::adapters::files::replace::TEMPORARY;
#[cfg(not(unix))]
use crate::adapters::files::replace::put;
#[cfg(unix)]
use crate::adapters::interrupt::Hold;
use crate::domain::text::shell_word;
use crate::error::{Error, Result};
use crate::ports::Folder;

/// A folder.
#[derive(Debug)]
pub struct Within(pub PathBuf);

impl Folder for Within {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let whole = self.whole(path)?;
        let found = self.open(path).map_err(|stop| self.stopped("read", path, stop))?;
        let Some(file) = found else { return Ok(None) };
        let mut content = Vec::new();
        file.take(limit + 1).read_to_end(&mut content).map_err(|error| file_error("read", &whole, &error))?;
        if content.len() as u64 > limit {
            return Err(local(format!("{} is larger than {} MiB", whole.display(), limit >> 20)));
        }
        Ok(Some(content))
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        self.whole(path)?;
        self.put(path, content).map_err(|stop| self.stopped("write", path, stop))
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.whole(path)?;
        self.take_away(path).map_err(|stop| self.stopped("remove", path, stop))
    }
}

/// What stands in the way.
#[derive(Debug)]
enum Stop {
    /// A link, at a path below the folder.
    Link(PathBuf),
    /// What is no file.
    NoFile,
    /// A file that may not be written.
    ReadOnly,
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[cfg(unix)]
impl From<rustix::io::Errno> for Stop {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Io(error.into())
    }
}

impl Within {
    /// The whole path of what lies in the folder, if it is one.
    fn whole(&self, path: &str) -> Result<PathBuf> {
        // Names only: no `..`, no root, nothing that Windows takes for a drive or a stream.
        let is_name = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', ':', '\0']);
        match path.split('/').all(is_name) {
            true => Ok(path.split('/').fold(self.0.clone(), |folder, name| folder.join(name))),
            false => Err(local(format!("{path} is no path below {}", self.0.display()))),
        }
    }

    fn stopped(&self, verb: &str, path: &str, stop: Stop) -> Error {
        let whole = path.split('/').fold(self.0.clone(), |folder, name| folder.join(name));
        match stop {
            Stop::Link(link) => {
                let link = self.0.join(link);
                let to = std::fs::read_link(&link).map(|to| format!(" to {}", to.display())).unwrap_or_default();
                let shown = link.display().to_string();
                local(format!("{shown} is a link{to}, and links below {} are not followed", self.0.display()))
                    .cause("what is written through it would lie elsewhere, where it may be somebody else's")
                    .hint(format!(
                        "{} {}   # the link alone",
                        if cfg!(windows) { "del" } else { "rm" },
                        shell_word(&shown)
                    ))
            }
            Stop::NoFile => {
                local(format!("{} is no file", whole.display())).hint("move it away, or write to another folder")
            }
            Stop::ReadOnly => local(format!("{} is read-only", whole.display())).hint(match cfg!(windows) {
                true => format!("attrib -r {}", shell_word(&whole.display().to_string())),
                false => format!("chmod u+w {}", shell_word(&whole.display().to_string())),
            }),
            Stop::Io(error) => file_error(verb, &whole, &error),
        }
    }
}

/// By handles: each folder on the way is opened from the one above it, so that nothing that changes meanwhile leads elsewhere.
#[cfg(unix)]
impl Within {
    /// The folder of a path, opened, and the path's last name; `None` where there is none and none is to be made.
    fn folder<'p>(&self, path: &'p str, make: bool) -> Result<Option<(OwnedFd, &'p str)>, Stop> {
        const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
        if make {
            private_folder(&self.0)?;
        }
        let mut folder =
            match open(if self.0.as_os_str().is_empty() { Path::new(".") } else { &self.0 }, FOLDER, Mode::empty()) {
                Err(Errno::NOENT) if !make => return Ok(None),
                opened => opened?,
            };
        let names: Vec<&str> = path.split('/').collect();
        let (last, above) = names.split_last().unwrap_or((&"", &[]));
        for (at, name) in above.iter().enumerate() {
            let next = || openat(&folder, *name, FOLDER | OFlags::NOFOLLOW, Mode::empty());
            let opened = match next() {
                Err(Errno::NOENT) if make => {
                    match mkdirat(&folder, *name, Mode::RWXU) {
                        // Somebody else has just made it.
                        Ok(()) | Err(Errno::EXIST) => next(),
                        Err(error) => Err(error),
                    }
                }
                Err(Errno::NOENT) => return Ok(None),
                opened => opened,
            };
            folder = match opened {
                // Systems differ in what they say of a link where a folder is wanted.
                Err(_) if is_link(&folder, name) => return Err(Stop::Link(names[..=at].iter().collect())),
                opened => opened?,
            };
        }
        Ok(Some((folder, last)))
    }

    /// The file of a path, opened for reading.
    fn open(&self, path: &str) -> Result<Option<File>, Stop> {
        let Some((folder, name)) = self.folder(path, false)? else { return Ok(None) };
        opened(&folder, name, path)
    }

    /// Writes beside what is there and renames over it: a file with other names keeps its content under those.
    fn put(&self, path: &str, content: &[u8]) -> Result<(), Stop> {
        let Some((folder, name)) = self.folder(path, true)? else { return Err(Stop::Io(ErrorKind::NotFound.into())) };
        let old = opened(&folder, name, path)?;
        if old.as_ref().is_some_and(|old| old.metadata().is_ok_and(|old| old.permissions().readonly())) {
            return Err(Stop::ReadOnly);
        }
        // A signal between creation and rename would leave the temporary file behind.
        let _hold = Hold::firm();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let make = |path: &Path| {
            let own = path.file_name().map(ToOwned::to_owned).unwrap_or_default();
            let file = openat(&folder, &own, flags, Mode::RUSR | Mode::WUSR)?;
            Ok((File::from(file), own))
        };
        // Only its names are used: the file is made below the handle.
        let named = Builder::new().prefix(TEMPORARY).disable_cleanup(true).make_in("", make)?;
        let (mut temp, own) = named.into_parts().0;
        let mut write = || -> Result<(), Stop> {
            temp.write_all(content)?;
            if let Some(old) = &old {
                let metadata = old.metadata()?;
                keep_owner(&temp, &metadata)?;
                temp.set_permissions(metadata.permissions())?;
                copy_attributes(old, &temp)?;
            }
            temp.sync_all()?;
            renameat(&folder, &own, &folder, name)?;
            Ok(())
        };
        let written = write();
        if written.is_err() {
            _ = unlinkat(&folder, &own, AtFlags::empty());
        }
        // The rename itself must survive a power cut; file systems that cannot sync a folder lose nothing by it.
        _ = rustix::fs::fsync(&folder);
        written
    }

    fn take_away(&self, path: &str) -> Result<(), Stop> {
        let Some((folder, name)) = self.folder(path, false)? else { return Ok(()) };
        match unlinkat(&folder, name, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            removed => Ok(removed?),
        }
    }
}

/// Opens a regular file in a folder for reading.
#[cfg(unix)]
fn opened(folder: &OwnedFd, name: &str, path: &str) -> Result<Option<File>, Stop> {
    // A pipe would wait for who writes to it.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(folder, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        Err(_) if is_link(folder, name) => return Err(Stop::Link(path.split('/').collect())),
        file => File::from(file?),
    };
    if !file.metadata()?.is_file() {
        return Err(Stop::NoFile);
    }
    Ok(Some(file))
}

#[cfg(unix)]
fn is_link(folder: &OwnedFd, name: &str) -> bool {
    let found = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    found.is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::Symlink)
}

/// By looking first: the standard library opens nothing from a handle there.
#[cfg(not(unix))]
impl Within {
    fn checked(&self, path: &str) -> Result<PathBuf, Stop> {
        let mut below = PathBuf::new();
        for name in path.split('/') {
            below.push(name);
            // Junctions count as links, too.
            if std::fs::symlink_metadata(self.0.join(&below)).is_ok_and(|found| found.is_symlink()) {
                return Err(Stop::Link(below));
            }
        }
        Ok(self.0.join(below))
    }

    fn open(&self, path: &str) -> Result<Option<File>, Stop> {
        let whole = self.checked(path)?;
        match patiently(&whole, || File::open(&whole)) {
            Err(error) if is_absent(&error) => Ok(None),
            Err(_) if whole.is_dir() => Err(Stop::NoFile),
            file => Ok(Some(file?)),
        }
    }

    fn put(&self, path: &str, content: &[u8]) -> Result<(), Stop> {
        let whole = self.checked(path)?;
        private_folder(parent(&whole))?;
        let old = match std::fs::metadata(&whole) {
            Ok(old) if !old.is_file() => return Err(Stop::NoFile),
            Ok(old) if old.permissions().readonly() => return Err(Stop::ReadOnly),
            old => old.ok(),
        };
        put(&whole, content, old.as_ref(), true).map_err(|failed| Stop::Io(failed.error))
    }

    fn take_away(&self, path: &str) -> Result<(), Stop> {
        let whole = self.checked(path)?;
        match patiently(&whole, || std::fs::remove_file(&whole)) {
            Err(error) if !is_absent(&error) => Err(Stop::Io(error)),
            _ => Ok(()),
        }
    }
}
