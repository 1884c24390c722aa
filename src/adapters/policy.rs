//! The policy of this machine, where only its administrators can write: a file of root's, or the registry's place for policies.
//!
//! The place stands in the code. No variable and no flag of a user moves it, or the policy would bind nobody.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::settings::policy::Policy;
#[cfg(unix)]
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};

#[cfg(unix)]
use std::fs::{self, File, Metadata};
#[cfg(unix)]
use std::io::{self, ErrorKind, Read};

/// No policy comes near.
#[cfg(unix)]
const MAX: u64 = 1 << 20;

/// A file that a policy is read from, and who alone may have written it.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// The file.
    pub path: PathBuf,
    /// The user whom it must belong to, and every folder above it.
    pub owner: u32,
    /// The last folder above it that is looked at.
    pub top: PathBuf,
}

/// What administrators decided for this machine.
///
/// # Errors
/// There is a policy, and it is not to be trusted or cannot be read: then nothing may be done, as nobody knows what it forbids.
#[cfg(unix)]
pub fn policy() -> Result<Arc<Policy>> {
    let folder = if cfg!(target_os = "macos") { "/Library/Application Support/eksso" } else { "/etc/eksso" };
    PolicyFile { path: Path::new(folder).join("policy.toml"), owner: 0, top: "/".into() }.read()
}

/// The same from the registry, whose place for policies only administrators can write.
#[cfg(windows)]
pub fn policy() -> Result<Arc<Policy>> {
    const PLACE: &str = r"HKLM\SOFTWARE\Policies\eksso\policy";
    match registry::read() {
        Ok(None) => Ok(Arc::default()),
        Ok(Some(text)) => parse(PLACE, &text),
        Err(error) => Err(unusable(PLACE).cause(error)),
    }
}

fn unusable(place: &str) -> Error {
    Error::new(Kind::LocalState, format!("the policy of this machine, {place}, cannot be used, so nothing is done"))
}

fn parse(place: &str, text: &str) -> Result<Arc<Policy>> {
    Policy::parse(place, text)
        .map(Arc::new)
        .map_err(|error| unusable(place).cause(error).hint("those who administer this machine must correct that line"))
}

#[cfg(unix)]
impl PolicyFile {
    /// Reads it. Where there is none, that costs a call for it, and one for each folder up to the first that is there.
    ///
    /// # Errors
    /// It is not to be trusted, or cannot be read.
    pub fn read(&self) -> Result<Arc<Policy>> {
        use std::os::unix::fs::OpenOptionsExt;
        let place = self.path.display().to_string();
        let mut options = File::options();
        // A link is refused by the kernel, and a pipe in its place does not make anybody wait.
        let opened = options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&self.path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.absent(),
            Err(error) => {
                let word = shell_word(&place).into_owned();
                return Err(unusable(&place)
                    .cause(error)
                    .hint(format!("ls -ld {word}  # it is a file that all may read")));
            }
        };
        let io = |error: io::Error| unusable(&place).cause(error);
        self.check(&self.path, &file.metadata().map_err(io)?, Metadata::is_file)?;
        for folder in self.path.ancestors().skip(1) {
            self.check(folder, &fs::symlink_metadata(folder).map_err(io)?, Metadata::is_dir)?;
            if folder == self.top {
                break;
            }
        }
        let mut text = String::new();
        file.take(MAX + 1).read_to_string(&mut text).map_err(io)?;
        if text.len() as u64 > MAX {
            return Err(unusable(&place).cause("it is larger than 1 MiB"));
        }
        parse(&place, &text)
    }

    /// There is no policy, where nothing but folders leads to its place. Behind a link that leads nowhere, such as to a disk that
    /// is not mounted, there may be one, and nobody knows what it forbids.
    fn absent(&self) -> Result<Arc<Policy>> {
        let (place, mut folders) = (self.path.display().to_string(), self.path.ancestors().skip(1));
        while let Some(folder) = folders.next().filter(|folder| folder.starts_with(&self.top)) {
            match fs::symlink_metadata(folder) {
                Ok(found) if found.is_dir() => break,
                Ok(_) => {
                    let (shown, word) = (folder.display(), shell_word(&folder.display().to_string()).into_owned());
                    return Err(unusable(&place)
                        .cause(format!("{shown} is no folder, but something else such as a link"))
                        .hint(format!("ls -ld {word}  # a folder, or nothing where there is no policy")));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(unusable(&place).cause(error)),
            }
        }
        Ok(Arc::default())
    }

    /// Whether nobody but the owner can have written what stands at a path.
    fn check(&self, path: &Path, found: &Metadata, is_kind: fn(&Metadata) -> bool) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let (shown, word) = (path.display().to_string(), shell_word(&path.display().to_string()).into_owned());
        let bad = |cause: String| unusable(&self.path.display().to_string()).cause(cause);
        if !is_kind(found) {
            let kind = if path == self.path { "file" } else { "folder" };
            return Err(bad(format!("{shown} is no {kind}, but something else such as a link")));
        }
        if found.uid() != self.owner {
            return Err(bad(format!("{shown} belongs to user {}, and not to user {}", found.uid(), self.owner))
                .hint(format!("sudo chown {} {word}", self.owner)));
        }
        // Of a file with an ACL the bits of the group are those of all it names.
        if found.mode() & 0o022 != 0 {
            return Err(bad(format!("{shown} can be written by others (mode {:04o})", found.mode() & 0o7777))
                .hint(format!("sudo chmod go-w {word}")));
        }
        Ok(())
    }
}

#[cfg(windows)]
impl PolicyFile {
    /// Reads it, for tests: what a user's account looks like has no meaning here.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> Result<Arc<Policy>> {
        let place = self.path.display().to_string();
        match std::fs::read_to_string(&self.path) {
            Ok(text) => parse(&place, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Arc::default()),
            Err(error) => Err(unusable(&place).cause(error)),
        }
    }
}

/// The registry.
#[cfg(windows)]
#[allow(unsafe_code, reason = "the registry has no safe interface in the standard library")]
mod registry {
    use std::io;
    use std::ptr::null_mut;

    use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS};
    use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_MULTI_SZ, RRF_RT_REG_SZ, RegGetValueW};

    /// More is no policy.
    const MAX: u32 = 1 << 20;

    /// The text of the policy: one string, or a list of lines.
    pub fn read() -> io::Result<Option<String>> {
        let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
        let (key, value) = (wide(r"SOFTWARE\Policies\eksso"), wide("policy"));
        let get = |data: *mut u16, bytes: &mut u32| {
            // SAFETY: both names end with a zero; `data` is null, or has room for as many bytes as `bytes` says.
            unsafe {
                RegGetValueW(
                    HKEY_LOCAL_MACHINE,
                    key.as_ptr(),
                    value.as_ptr(),
                    RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ,
                    null_mut(),
                    data.cast(),
                    bytes,
                )
            }
        };
        let failed = |code: u32| io::Error::from_raw_os_error(i32::try_from(code).unwrap_or(i32::MAX));
        let mut bytes = 0;
        match get(null_mut(), &mut bytes) {
            ERROR_SUCCESS => {}
            ERROR_FILE_NOT_FOUND => return Ok(None),
            code => return Err(failed(code)),
        }
        if bytes > MAX {
            return Err(io::Error::other("it is larger than 1 MiB"));
        }
        let mut data = vec![0_u16; bytes as usize / 2 + 1];
        bytes = u32::try_from(data.len() * 2).unwrap_or(MAX);
        match get(data.as_mut_ptr(), &mut bytes) {
            ERROR_SUCCESS => {}
            code => return Err(failed(code)),
        }
        data.truncate(bytes as usize / 2);
        let text = String::from_utf16(&data).map_err(|_| io::Error::other("it is not Unicode text"))?;
        Ok(Some(text.trim_end_matches('\0').replace('\0', "\n")))
    }
}
