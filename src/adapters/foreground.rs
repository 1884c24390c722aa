//! The terminal of this process, where another program started it: whether a person there can be asked, and their answer.
//!
//! Only for Unix: elsewhere it cannot be told which of the programs of a console the person is typing to, so nobody is asked.

use std::io;
use std::time::Duration;

use crate::ports::Reply;

/// How often it is looked whether the terminal is still at hand while an answer is waited for.
#[cfg(unix)]
const LOOK: Duration = Duration::from_millis(250);

/// Whether stdin and stderr are the terminal whose foreground this process is in, and that edits lines and echoes them; and
/// what is typed there is not for the program that started this one.
#[cfg(unix)]
pub fn is_at_hand() -> bool {
    is_in_front() && !caller_reads_stdin()
}

#[cfg(unix)]
fn is_in_front() -> bool {
    use rustix::process::getpgrp;
    use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

    let (stdin, stderr, own) = (io::stdin(), io::stderr(), getpgrp());
    // Fails for what is no terminal, and for a terminal that is not the one of this session.
    let in_front = |group: rustix::io::Result<_>| group.is_ok_and(|group| group == own);
    let edits_lines = LocalModes::ICANON | LocalModes::ECHO;
    in_front(tcgetpgrp(&stdin))
        && in_front(tcgetpgrp(&stderr))
        && tcgetattr(&stdin).is_ok_and(|mode| mode.local_modes.contains(edits_lines))
}

/// Whether the program that started this one was told to read stdin, as `kubectl apply -f -`: by `-`, also behind a `=` or
/// small flags in one word (`-f-`, `-Rf-`), or by one of the names of its stdin in `/dev` and `/proc`. Of a terminal kubectl says all the
/// same that its plugin may use it (seen with 1.35: the client that validates is not told): the rest of a manifest that is
/// pasted there would be thrown away as typed ahead. Told on Linux only.
#[cfg(unix)]
fn caller_reads_stdin() -> bool {
    let caller = std::os::unix::process::parent_id();
    let words = std::fs::read(format!("/proc/{caller}/cmdline")).unwrap_or_default();
    words.split(|byte| *byte == 0).skip(1).any(means_stdin)
}

/// Whether a word of a command line stands for its stdin.
#[cfg(unix)]
fn means_stdin(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 3] = [b"/dev/stdin", b"/dev/tty", b"/fd/0"];
    let flags = |word: &[u8]| match word {
        [b'-', flags @ .., b'-'] => !flags.is_empty() && flags.iter().all(u8::is_ascii_alphabetic),
        _ => false,
    };
    word == b"-" || flags(word) || word.ends_with(b"=-") || NAMES.iter().any(|name| word.ends_with(name))
}

/// The terminal of this session while it echoes nothing and hands each key over as it is; it is as before when this goes.
#[cfg(unix)]
pub struct Unechoed {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Unechoed {
    /// Switches it off. Before a question for a secret is written: who sees the question may type at once.
    pub fn switch() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

        let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        // All that `rpassword` switches, so that a Ctrl-C in between is a key that it reads, and leaves no silent terminal.
        let mut mode = before.clone();
        mode.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &mode)?;
        Ok(Self { terminal, before })
    }

    /// Writes there.
    pub fn write(&self, text: &str) -> io::Result<()> {
        io::Write::write_all(&mut &self.terminal, text.as_bytes())
    }
}

#[cfg(unix)]
impl Drop for Unechoed {
    fn drop(&mut self) {
        _ = rustix::termios::tcsetattr(&self.terminal, rustix::termios::OptionalActions::Now, &self.before);
    }
}

/// Throws away what was typed and not read yet.
#[cfg(unix)]
pub fn forget_typed() -> io::Result<()> {
    rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush)?;
    Ok(())
}

/// A whole line that is typed within a while, or why there is none. Read past the buffer of `io::stdin`, so that nothing of a
/// later answer is taken with it.
#[cfg(unix)]
pub fn line(patience: Duration, longest: usize) -> io::Result<Reply> {
    use std::time::Instant;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{Errno, read};

    let (stdin, began) = (io::stdin(), Instant::now());
    loop {
        let left = patience.saturating_sub(began.elapsed()).min(LOOK);
        if !is_in_front() {
            return Ok(Reply::Taken);
        }
        if left.is_zero() {
            return Ok(Reply::Silence);
        }
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&wait)) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = vec![0; longest];
        let length = match read(&stdin, &mut bytes) {
            Ok(length) => length,
            Err(Errno::INTR | Errno::AGAIN) => continue,
            // The terminal is gone.
            Err(Errno::IO) => return Ok(Reply::Left),
            Err(error) => return Err(error.into()),
        };
        // Ctrl-D ends no line, nor does a key in a terminal that another program has taken meanwhile. What is no text is a
        // line all the same: no answer that anything agrees with.
        let line = bytes[..length].strip_suffix(b"\n");
        return Ok(match line {
            Some(line) => Reply::Line(String::from_utf8_lossy(line).into_owned()),
            None if !is_in_front() => Reply::Taken,
            None => Reply::Left,
        });
    }
}

#[cfg(not(unix))]
pub fn is_at_hand() -> bool {
    false
}

#[cfg(not(unix))]
pub fn forget_typed() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn line(_: Duration, _: usize) -> io::Result<Reply> {
    Ok(Reply::Taken)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_stdin_are_known() {
        for word in
            ["-", "-f-", "-Rf-", "-f=-", "--filename=-", "/dev/stdin", "-f/dev/stdin", "/proc/self/fd/0", "/dev/tty"]
        {
            assert!(means_stdin(word.as_bytes()), "{word}");
        }
        for word in ["", "-f", "-Rf", "--", "--watch", "get", "a-", "-n=team", "-nteam-1-", "pod/web-", "/dev/null"] {
            assert!(!means_stdin(word.as_bytes()), "{word}");
        }
    }
}
