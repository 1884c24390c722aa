//! Files written in place, where they cannot be replaced.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::adapters::files::error::{file_error, just_changed};
use crate::adapters::files::paths::is_same;
use crate::adapters::files::replace::writable;
use crate::adapters::interrupt::Hold;
use crate::domain::text::digest_of;
use crate::error::Result;

pub fn overwrite(path: &Path, content: &[u8], before: &str) -> Result<()> {
    let failed = |error: io::Error| file_error("write", path, &error);
    let (target, old) = writable(path)?;
    let Some(old) = old else { return Err(failed(ErrorKind::NotFound.into())) };
    // Ctrl-C waits: the file is neither the old nor the new one until this ends.
    let _hold = Hold::firm();
    let mut file = OpenOptions::new().read(true).write(true).open(&target).map_err(failed)?;
    if !file.metadata().is_ok_and(|now| is_same(&now, &old)) {
        return Err(just_changed(path));
    }
    let mut now = Vec::new();
    file.read_to_end(&mut now).map_err(failed)?;
    if digest_of(&now) != before {
        return Err(just_changed(path));
    }
    // So that it cannot fail half-way.
    reserve(&file, 0, content.len() as u64).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.set_len(content.len() as u64).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Reserves space of a file, whose size stays as it is, so that writing there cannot fail for lack of it. Answers whether that
/// could be done.
#[cfg(target_os = "linux")]
pub fn reserve(file: &File, from: u64, length: u64) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    if length == 0 {
        return Ok(true);
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, from, length) {
        // File systems that reserve nothing, such as NFS.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        reserved => Ok(reserved.map(|()| true)?),
    }
}

#[cfg(not(target_os = "linux"))]
pub fn reserve(_: &File, _: u64, _: u64) -> io::Result<bool> {
    Ok(false)
}
