//! What a held lock says of its holder, so that those who wait can name it: its process, what it does, and since when.
//!
//! The lock itself is the kernel's and ends with the process; the text is only words. It is removed when the lock is let go,
//! and stays behind after a kill, when nobody asks for it: the lock is free.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::adapters::files::paths::machine;
use crate::ports::Holder;

const VERSION: u32 = 1;
const MAX: u64 = 4096;

#[derive(Serialize, Deserialize)]
struct Text {
    version: u32,
    process: u32,
    /// Where that number means something: locks reach into containers, and other machines, whose processes are others.
    place: String,
    machine: String,
    since: Timestamp,
    doing: String,
}

/// Writes into a lock that was just taken. Fails where nothing can be written (full disk): the lock is held all the same.
pub fn write(mut file: &File, doing: &str) -> io::Result<()> {
    let (machine, place) = here();
    let process = std::process::id();
    let text = Text { version: VERSION, process, place, machine, since: Timestamp::now(), doing: doing.to_owned() };
    // Of one that was killed.
    file.set_len(0)?;
    file.write_all(&serde_json::to_vec(&text)?)
}

/// Removes the text from a lock that is let go.
pub fn clear(file: &File) {
    _ = file.set_len(0);
}

/// The holder of a lock that is held; `None` where it does not say.
pub fn read(path: &Path) -> Option<Holder> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(File::open(path).ok()?, MAX), &mut bytes).ok()?;
    let text: Text = serde_json::from_slice(&bytes).ok().filter(|text: &Text| text.version == VERSION)?;
    let is_here = here() == (text.machine.clone(), text.place);
    Some(Holder {
        process: text.process,
        machine: (!is_here).then_some(text.machine),
        doing: text.doing,
        since: text.since,
        stopped: is_here && is_stopped(text.process),
    })
}

/// The machine, and the set of processes on it that this one is among.
fn here() -> (String, String) {
    let place = fs::read_link("/proc/self/ns/pid").map(|place| place.to_string_lossy().into_owned());
    (machine(), place.unwrap_or_default())
}

/// Whether a process was stopped by a signal, or by a debugger. Told on Linux only.
fn is_stopped(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in parentheses may hold anything; the state follows it.
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['T', 't']))
}
