//! Where lines of the audit trail go: files of the user's own, systemd's journal, the system log.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::adapters::files::{DiskFiles, file_error, no_folder, private_folder, reserve};
use crate::domain::settings::sink::Sink;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, Trail};

/// The longest line: what a file must have room for.
const MAX_LINE: u64 = 4096;

/// The trail of this user on this machine.
#[derive(Debug)]
pub struct SystemTrail {
    /// The folder of its files.
    pub folder: PathBuf,
    /// The socket of systemd's journal.
    pub journal: PathBuf,
    /// The socket of the system log.
    pub syslog: PathBuf,
}

impl SystemTrail {
    /// With the sockets of this system.
    pub fn new(state: &Path) -> Self {
        let syslog = if cfg!(target_os = "macos") { "/var/run/syslog" } else { "/dev/log" };
        Self { folder: state.join("trail"), journal: "/run/systemd/journal/socket".into(), syslog: syslog.into() }
    }

    fn path(&self, day: &str) -> PathBuf {
        self.folder.join(format!("{day}.jsonl"))
    }

    fn file(&self, day: &str, line: &str) -> Result<()> {
        let path = self.path(day);
        let append = || open(&path, OpenOptions::new().append(true).create(true));
        let mut file = match append() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                private_folder(&self.folder).map_err(|error| no_folder(&path, &error))?;
                append()
            }
            opened => opened,
        }
        .map_err(|error| not_opened("write", &path, &error))?;
        // One call for the whole line: the system puts it behind what others write at the same time, in one piece.
        let written = loop {
            match file.write(line.as_bytes()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        match written {
            Ok(length) if length == line.len() => Ok(()),
            Ok(_) => Err(file_error("write", &path, &ErrorKind::StorageFull.into())),
            Err(error) => Err(file_error("write", &path, &error)),
        }
    }
}

/// Opens a file of the trail, to read or to append; a new one is this user's alone. Only a regular file is one: behind a link
/// the lines would be where somebody else chose, and a pipe would make this process wait for its other end.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    // The link itself is opened, which is no regular file.
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        options.custom_flags(windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT);
    }
    let other =
        || io::Error::new(ErrorKind::InvalidInput, "it is no file, but something else such as a link or a pipe");
    match options.open(path) {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(other()),
        Err(_) if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) => Err(other()),
        Err(error) => Err(error),
    }
}

/// Why a file was not opened, and what ends that. What stands in its place is moved away, whatever it is, and nothing of it is
/// lost; what belongs to somebody else, as after a call with sudo, is given back.
fn not_opened(verb: &str, path: &Path, error: &io::Error) -> Error {
    let (failed, shown) = (file_error(verb, path, error), path.display().to_string());
    match error.kind() {
        ErrorKind::InvalidInput => {
            failed.hint(format!("mv {} {}", shell_word(&shown), shell_word(&format!("{shown}.other"))))
        }
        ErrorKind::PermissionDenied => {
            let places = [path.parent(), Some(path)].into_iter().flatten();
            places.filter_map(given_back).fold(failed, Error::hint)
        }
        _ => failed,
    }
}

/// The command that lets this user read and write what stands at a path.
#[cfg(unix)]
fn given_back(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let (found, own) = (std::fs::symlink_metadata(path).ok()?, rustix::process::geteuid().as_raw());
    let (place, wanted) = (path.display().to_string(), if found.is_dir() { 0o700 } else { 0o600 });
    match found.uid() == own {
        false => Some(format!("sudo chown {own} {}", shell_word(&place))),
        true if found.mode() & wanted != wanted => Some(format!("chmod u+rwX {}", shell_word(&place))),
        true => None,
    }
}

#[cfg(not(unix))]
fn given_back(_: &Path) -> Option<String> {
    None
}

impl Trail for SystemTrail {
    fn append(&self, sink: Sink, day: &str, line: &str) -> Result<()> {
        let text = line.trim_end();
        match sink {
            Sink::Off => Ok(()),
            Sink::File => self.file(day, line),
            // Source: systemd, "Native Journal Protocol": `FIELD=value`, a line each.
            Sink::Journald => {
                let message = format!("MESSAGE={text}\nPRIORITY=6\nSYSLOG_IDENTIFIER=eksso\n");
                send(&self.journal, sink, &message)
            }
            // Source: RFC 3164, section 4.1.1: facility 10 (authpriv), severity 6. The receiver knows the time and the host.
            Sink::Syslog => send(&self.syslog, sink, &format!("<86>eksso[{}]: {text}", std::process::id())),
        }
    }

    fn reach(&self, sink: Sink, day: &str) -> Result<()> {
        let path = self.path(day);
        match sink {
            Sink::Off => Ok(()),
            Sink::File => match open(&path, OpenOptions::new().append(true)) {
                // A line that was written to try would stay in the trail, where it says nothing that happened. Room for one is
                // all that can be missing, and stays reserved for the next.
                Ok(file) => match file.metadata().and_then(|found| reserve(&file, found.len(), MAX_LINE)) {
                    Ok(true) => Ok(()),
                    Ok(false) => DiskFiles.probe(&path),
                    Err(error) => Err(file_error("write", &path, &error)),
                },
                Err(error) if error.kind() == ErrorKind::NotFound => DiskFiles.probe(&path),
                Err(error) => Err(not_opened("write", &path, &error)),
            },
            Sink::Journald => connect(&self.journal, sink),
            Sink::Syslog => connect(&self.syslog, sink),
        }
    }

    fn read(&self, day: &str, limit: u64) -> Result<Vec<u8>> {
        let (path, mut content) = (self.path(day), Vec::new());
        let file = match open(&path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            // Another process has just removed what is old.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(content),
            Err(error) => return Err(not_opened("read", &path, &error)),
        };
        file.take(limit + 1).read_to_end(&mut content).map_err(|error| file_error("read", &path, &error))?;
        if content.len() as u64 > limit {
            let fact = format!("{} is larger than {} MiB", path.display(), limit >> 20);
            return Err(Error::new(Kind::LocalState, fact));
        }
        Ok(content)
    }

    fn size(&self, day: &str) -> Result<u64> {
        let path = self.path(day);
        match open(&path, OpenOptions::new().read(true)).and_then(|file| file.metadata()) {
            Ok(found) => Ok(found.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(not_opened("read", &path, &error)),
        }
    }
}

#[cfg(unix)]
fn connect(socket: &Path, sink: Sink) -> Result<()> {
    use std::os::unix::net::UnixDatagram;
    let connected = UnixDatagram::unbound().and_then(|own| own.connect(socket));
    connected.map_err(|error| unreachable(sink).cause(format!("{}: {error}", socket.display())))
}

#[cfg(unix)]
fn send(socket: &Path, sink: Sink, message: &str) -> Result<()> {
    use std::os::unix::net::UnixDatagram;
    let sent = UnixDatagram::unbound().and_then(|own| own.send_to(message.as_bytes(), socket));
    sent.map(|_| ()).map_err(|error| unreachable(sink).cause(format!("{}: {error}", socket.display())))
}

#[cfg(not(unix))]
fn connect(_: &Path, sink: Sink) -> Result<()> {
    Err(unreachable(sink).cause("this system has none"))
}

#[cfg(not(unix))]
fn send(_: &Path, sink: Sink, _: &str) -> Result<()> {
    Err(unreachable(sink).cause("this system has none"))
}

fn unreachable(sink: Sink) -> Error {
    Error::new(Kind::LocalState, format!("{sink} cannot be written to"))
}
