//! Owner, ACL and extended attributes of a user's file, which its replacement keeps.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::ports::Exposure;

#[cfg(unix)]
pub fn keep_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
pub fn keep_owner(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Gives a new file the attributes of an old one, its ACL among them, and none that its folder hands down.
#[cfg(target_os = "linux")]
pub fn keep_attributes(old: &Path, new: &File) -> io::Result<()> {
    copy_attributes(&File::open(old)?, new)
}

/// The same from an open file.
#[cfg(target_os = "linux")]
pub fn copy_attributes(old: &File, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fremovexattr, fsetxattr};
    let (theirs, ours) = (attributes(old)?, attributes(new)?);
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
pub fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

/// The same from an open file.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn copy_attributes(_: &File, _: &File) -> io::Result<()> {
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

#[cfg(unix)]
pub fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // With an ACL the bits of the group are those of all it names.
    let others =
        |metadata: fs::Metadata| metadata.mode() & 0o022 != 0 || metadata.uid() != rustix::process::geteuid().as_raw();
    fs::metadata(path).is_ok_and(others)
}

#[cfg(not(unix))]
pub fn is_shared(_: &Path) -> bool {
    false
}

pub fn exposure(path: &Path) -> Option<Exposure> {
    let found = fs::symlink_metadata(path).ok()?;
    if found.is_symlink() {
        return Some(Exposure::Link);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = rustix::process::geteuid().as_raw();
        // root may change everything in any case.
        if found.uid() != own && found.uid() != 0 {
            return Some(Exposure::Owner { user: found.uid(), own });
        }
        if found.mode() & 0o022 != 0 {
            return Some(Exposure::Mode(found.mode() & 0o7777));
        }
    }
    None
}
