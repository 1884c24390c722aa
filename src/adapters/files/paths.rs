//! Where a path leads, and what stands there.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::adapters::files::error::local;
use crate::error::{Error, Result};

/// The folder of a file.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A path as people write it: Windows' canonical ones begin with `\\?\`, which the programs that a hint names do not all take.
pub fn plain(path: PathBuf) -> PathBuf {
    let short = path.to_str().and_then(|path| path.strip_prefix(r"\\?\"));
    // What follows is `C:\…`, or `UNC\SERVER\…` and the like, which are not the same without it.
    match short.filter(|rest| rest.as_bytes().get(1) == Some(&b':')) {
        Some(rest) => PathBuf::from(rest),
        None => path,
    }
}

/// Where a path really leads, also when its last symlink points to nothing yet.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = parent(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Whether what stands at a path, if anything does, is [`regular`].
pub fn changeable(path: &Path) -> Result<()> {
    fs::metadata(path).map_or(Ok(()), |metadata| regular(path, &metadata))
}

/// Devices and pipes are not replaced by files, and have no content to keep.
pub fn regular(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    if metadata.is_file() || metadata.is_dir() {
        return Ok(());
    }
    Err(local(format!("{} is not a file that can be changed; nothing was changed", path.display()))
        .hint("name another with --kubeconfig or KUBECONFIG"))
}

/// Whether there is nothing, as also in a folder where something else stands.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Makes a folder, and those above it, that are for this user only.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The error of a folder that [`private_folder`] could not make for a file.
pub fn no_folder(path: &Path, error: &io::Error) -> Error {
    local(format!("cannot create the folder {}", parent(path).display()))
        .cause(error)
        .hint("check HOME, and who may write there")
}

/// Device and inode of a file, volume and index on Windows, where there are such.
pub type FileId = Option<(u64, u64)>;

#[cfg(unix)]
pub fn id(metadata: &fs::Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// Metadata has none there: files must be open for that.
#[cfg(not(unix))]
pub fn id(_: &fs::Metadata) -> FileId {
    None
}

/// Whether two looks were at one file.
pub fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    id(one).is_some_and(|one| id(other) == Some(one))
}

/// That of an open file.
#[cfg(windows)]
#[allow(unsafe_code, reason = "the standard library's way of asking for it is not stable")]
pub fn file_id(file: &File) -> FileId {
    use std::os::windows::io::AsRawHandle;

    use windows_sys::Win32::Storage::FileSystem::{BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle};
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the struct outlives the call.
    let told = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } != 0;
    let index = u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow);
    told.then(|| (u64::from(found.dwVolumeSerialNumber), index))
}

/// That of an open file.
#[cfg(not(windows))]
pub fn file_id(file: &File) -> FileId {
    file.metadata().ok().and_then(|metadata| id(&metadata))
}

/// That of what stands at a path.
#[cfg(windows)]
pub fn path_id(path: &Path) -> FileId {
    file_id(&File::open(path).ok()?)
}

/// That of what stands at a path, also a symlink.
#[cfg(not(windows))]
pub fn path_id(path: &Path) -> FileId {
    fs::symlink_metadata(path).ok().and_then(|metadata| id(&metadata))
}

/// Whether an open file is the one at a path.
pub fn is_at(file: &File, path: &Path) -> bool {
    file_id(file).is_some_and(|id| path_id(path) == Some(id))
}

/// This machine's name on its network; empty where it has none.
pub fn machine() -> String {
    #[cfg(unix)]
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let machine = std::env::var("COMPUTERNAME").unwrap_or_default();
    machine
}

/// How many names a file has.
#[cfg(unix)]
pub fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

/// Not known: nothing is linked here, and everything replaced.
#[cfg(not(unix))]
pub fn names(_: &fs::Metadata) -> u64 {
    1
}

/// How long ago a file was written.
pub fn age(path: &Path) -> Option<Duration> {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    Some(SystemTime::now().duration_since(written).unwrap_or_default())
}

/// The file, its length, and when it was written.
pub type Looks = (FileId, u64, Option<SystemTime>);

/// What tells a file from the same one written again.
pub fn looks(path: &Path) -> Option<Looks> {
    let metadata = fs::metadata(path).ok()?;
    Some((id(&metadata), metadata.len(), metadata.modified().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_paths_of_windows_are_shown_as_people_write_them() {
        let shown = |path: &str| plain(path.into()).display().to_string();
        assert_eq!(shown(r"\\?\C:\Users\u\.kube"), r"C:\Users\u\.kube");
        for same in [r"\\?\UNC\server\share", r"C:\x", "/home/u", r"\\?\"] {
            assert_eq!(shown(same), same);
        }
    }
}
