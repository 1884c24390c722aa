//! Where lines of the audit trail go: files of the user's own, systemd's journal, the system log.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::adapters::files::{DiskFiles, no_folder, private_folder, trouble};
use crate::domain::settings::trail::Sink;
use crate::error::{Error, Kind, Result};
use crate::ports::{Files, Trail};

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

    fn file(&self, day: &str, line: &str) -> Result<()> {
        let path = self.folder.join(format!("{day}.jsonl"));
        let mut file = match open(&path, true) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                private_folder(&self.folder).map_err(|error| no_folder(&path, &error))?;
                open(&path, true)
            }
            opened => opened,
        }
        .map_err(|error| trouble("write", &path, &error))?;
        // One call for the whole line: the system puts it behind what others write at the same time, in one piece.
        let written = loop {
            match file.write(line.as_bytes()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        match written {
            Ok(length) if length == line.len() => Ok(()),
            Ok(_) => Err(trouble("write", &path, &ErrorKind::StorageFull.into())),
            Err(error) => Err(trouble("write", &path, &error)),
        }
    }
}

/// Opens a file to append to it, or one that is there; a new one is this user's alone. What is no file keeps nothing, and a pipe would make this
/// process wait for whoever reads it.
fn open(path: &Path, new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(new);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is no file, but something else such as a pipe")),
    }
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
        let path = self.folder.join(format!("{day}.jsonl"));
        match sink {
            Sink::Off => Ok(()),
            Sink::File => match open(&path, false) {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound && DiskFiles.is_writable(&self.folder) => Ok(()),
                Err(error) => Err(trouble("write", &path, &error)),
            },
            Sink::Journald => connect(&self.journal, sink),
            Sink::Syslog => connect(&self.syslog, sink),
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
