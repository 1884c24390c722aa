//! Where a path leads, and what stands there.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::adapters::files::failure::local;
use crate::error::{Error, Result};

/// The folder of a file.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

/// Device and inode of a file, where there are such.
pub type FileId = Option<(u64, u64)>;

#[cfg(unix)]
pub fn id(metadata: &fs::Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub fn id(_: &fs::Metadata) -> FileId {
    None
}

/// Whether two looks were at one file.
pub fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    id(one).is_some_and(|one| id(other) == Some(one))
}

/// That of an open file.
pub fn file_id(file: &File) -> FileId {
    file.metadata().ok().and_then(|metadata| id(&metadata))
}

/// That of what stands at a path, also a symlink.
pub fn path_id(path: &Path) -> FileId {
    fs::symlink_metadata(path).ok().and_then(|metadata| id(&metadata))
}

/// Whether an open file is the one at a path.
pub fn is_at(file: &File, path: &Path) -> bool {
    file_id(file) == path_id(path)
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
