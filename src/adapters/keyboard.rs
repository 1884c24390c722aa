//! The keyboard of a picker: bytes of the terminal as keys.
//!
//! Read here and not by a library, as three things must not happen: a reply of the terminal (OSC, DCS) that is taken for
//! typed text, pasted lines that choose, and a terminal that has vanished (each read answers nothing) that is asked for ever.

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::time::Duration;

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A letter with Ctrl.
    Ctrl(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    /// Text that was pasted, on one line.
    Paste(String),
}

/// How often there may be nothing to read before what has begun is dropped: a reply of the terminal may come in parts.
#[cfg(any(unix, test))]
const PATIENCE: u32 = 10;
/// More of a paste is not taken.
#[cfg(any(unix, test))]
const MAX_PASTE: usize = 4096;

/// Reads keys out of bytes, whatever the parts in which they come.
#[cfg(any(unix, test))]
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    idle: u32,
}

/// What stands at the beginning of some bytes.
#[cfg(any(unix, test))]
enum Part {
    /// So many bytes, which are a key or nothing.
    Whole(usize, Option<Key>),
    /// Its end has not come yet.
    Begun,
}

#[cfg(any(unix, test))]
impl Decoder {
    /// Takes bytes that came together; answers the keys that are complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.idle = 0;
        let is_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
        // Nobody types on behind Enter at once: several lines in one piece were pasted, into a terminal that does not say so.
        let lines = bytes.iter().position(is_line).is_some_and(|at| bytes[at..].iter().any(|byte| *byte > b' '));
        if self.buffer.is_empty() && lines && !bytes.contains(&0x1b) {
            return vec![Key::Paste(one_line(bytes))];
        }
        self.buffer.extend_from_slice(bytes);
        let mut keys = Vec::new();
        while !self.buffer.is_empty() {
            match part(&self.buffer) {
                Part::Whole(length, key) => {
                    self.buffer.drain(..length);
                    keys.extend(key);
                }
                Part::Begun => break,
            }
        }
        keys
    }

    /// For a while nothing came: a lone Esc is the key, and what never ends is dropped.
    pub fn rest(&mut self) -> Option<Key> {
        if self.buffer == [0x1b] {
            self.buffer.clear();
            return Some(Key::Esc);
        }
        self.idle += 1;
        if self.idle > PATIENCE {
            self.buffer.clear();
        }
        None
    }
}

#[cfg(any(unix, test))]
fn part(bytes: &[u8]) -> Part {
    let whole = |length, key| Part::Whole(length, Some(key));
    match bytes {
        [0x1b] => Part::Begun,
        // Esc and then a key, typed faster than it was looked.
        [0x1b, 0x00..0x20 | 0x7f, ..] => whole(1, Key::Esc),
        [0x1b, b'[', ..] => sequence(bytes),
        [0x1b, b'O'] => Part::Begun,
        [0x1b, b'O', letter, ..] => Part::Whole(3, letter_key(*letter)),
        // Strings of the terminal: OSC, DCS, SOS, PM, APC; they end with BEL or with ESC \.
        [0x1b, b']' | b'P' | b'X' | b'^' | b'_', text @ ..] => {
            let bell = text.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
            let end = text.windows(2).position(|pair| pair == [0x1b, b'\\']).map(|at| at + 2);
            [bell, end].into_iter().flatten().min().map_or(Part::Begun, |end| Part::Whole(2 + end, None))
        }
        // A key with Alt means nothing here.
        [0x1b, rest @ ..] => match part(rest) {
            Part::Whole(length, _) => Part::Whole(1 + length, None),
            Part::Begun => Part::Begun,
        },
        [b'\r', ..] => whole(1, Key::Enter),
        [b'\t', ..] => whole(1, Key::Tab),
        [0x7f, ..] => whole(1, Key::Backspace),
        [control @ 0x01..=0x1a, ..] => whole(1, Key::Ctrl(char::from(control - 1 + b'a'))),
        [0x00..0x20, ..] => Part::Whole(1, None),
        _ => character(bytes),
    }
}

#[cfg(any(unix, test))]
fn character(bytes: &[u8]) -> Part {
    let length = match bytes[0] {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Part::Whole(1, None),
    };
    match bytes.get(..length) {
        None => Part::Begun,
        Some(found) => match std::str::from_utf8(found).ok().and_then(|text| text.chars().next()) {
            Some(c) => Part::Whole(length, Some(Key::Char(c))),
            None => Part::Whole(1, None),
        },
    }
}

/// `ESC [`, parameters, a letter.
#[cfg(any(unix, test))]
fn sequence(bytes: &[u8]) -> Part {
    const PASTE: &[u8] = b"\x1b[200~";
    const PASTED: &[u8] = b"\x1b[201~";
    if bytes.starts_with(PASTE) {
        let end = bytes.windows(PASTED.len()).position(|window| window == PASTED);
        return match end {
            Some(end) => Part::Whole(end + PASTED.len(), Some(Key::Paste(one_line(&bytes[PASTE.len()..end])))),
            None => Part::Begun,
        };
    }
    // The function keys of the Linux console: `ESC [ [ A`.
    if bytes.get(2) == Some(&b'[') {
        return if bytes.len() > 3 { Part::Whole(4, None) } else { Part::Begun };
    }
    let Some(end) = bytes[2..].iter().position(|byte| !(0x20..=0x3f).contains(byte)).map(|at| at + 2) else {
        return Part::Begun;
    };
    let number = || std::str::from_utf8(&bytes[2..end]).ok().and_then(|text| text.split(';').next());
    let key = match bytes[end] {
        b'~' => match number() {
            Some("1" | "7") => Some(Key::Home),
            Some("4" | "8") => Some(Key::End),
            Some("5") => Some(Key::PageUp),
            Some("6") => Some(Key::PageDown),
            _ => None,
        },
        letter => letter_key(letter),
    };
    Part::Whole(end + 1, key)
}

#[cfg(any(unix, test))]
fn letter_key(letter: u8) -> Option<Key> {
    match letter {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'H' => Some(Key::Home),
        b'F' => Some(Key::End),
        // Enter of the number block.
        b'M' => Some(Key::Enter),
        _ => None,
    }
}

/// Text on one line, without what controls a terminal.
#[cfg(any(unix, test))]
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_PASTE)]).into_owned();
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The keyboard behind stdin.
#[cfg(unix)]
#[derive(Debug, Default)]
pub struct Keyboard(Decoder);

#[cfg(unix)]
impl Keyboard {
    /// The keys that come within a while.
    ///
    /// # Errors
    /// `UnexpectedEof` once the terminal is gone: then reading answers nothing, at once and for ever.
    pub fn keys(&mut self, wait: Duration) -> io::Result<Vec<Key>> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        use rustix::io::{Errno, read};

        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
        match poll(&mut fds, Some(&wait)) {
            Ok(0) => return Ok(self.0.rest().into_iter().collect()),
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 1024];
        match read(&stdin, &mut bytes) {
            Ok(0) | Err(Errno::IO) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => Ok(self.0.feed(&bytes[..length])),
            Err(Errno::INTR | Errno::AGAIN) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
pub use events::Keyboard;

/// Where a terminal speaks in events.
#[cfg(not(unix))]
mod events {
    use std::io;
    use std::time::Duration;

    use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

    use crate::adapters::keyboard::Key;

    /// The keyboard of the console.
    #[derive(Debug, Default)]
    pub struct Keyboard(());

    impl Keyboard {
        /// The keys that come within a while.
        pub fn keys(&mut self, wait: Duration) -> io::Result<Vec<Key>> {
            if !event::poll(wait)? {
                return Ok(Vec::new());
            }
            let key = match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => key,
                Event::Paste(text) => {
                    let lines = text.split(char::is_control).filter(|part| !part.is_empty());
                    return Ok(vec![Key::Paste(lines.collect::<Vec<_>>().join(" "))]);
                }
                _ => return Ok(Vec::new()),
            };
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            // AltGr, which types characters, is both together there.
            let alone = key.modifiers.contains(KeyModifiers::ALT) && !control;
            Ok(Vec::from_iter(match key.code {
                KeyCode::Char(c) if control && !key.modifiers.contains(KeyModifiers::ALT) => Some(Key::Ctrl(c)),
                KeyCode::Char(_) if alone => None,
                KeyCode::Char(c) => Some(Key::Char(c)),
                KeyCode::Enter => Some(Key::Enter),
                KeyCode::Esc => Some(Key::Esc),
                KeyCode::Tab => Some(Key::Tab),
                KeyCode::Backspace => Some(Key::Backspace),
                KeyCode::Up => Some(Key::Up),
                KeyCode::Down => Some(Key::Down),
                KeyCode::PageUp => Some(Key::PageUp),
                KeyCode::PageDown => Some(Key::PageDown),
                KeyCode::Home => Some(Key::Home),
                KeyCode::End => Some(Key::End),
                _ => None,
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let whole = decoder.feed(bytes);
        let mut parts = Decoder::default();
        if !whole.iter().any(|key| matches!(key, Key::Paste(_))) {
            let split: Vec<Key> = bytes.iter().flat_map(|byte| parts.feed(&[*byte])).collect();
            assert_eq!(split, whole, "in whatever parts they come: {bytes:?}");
        }
        whole
    }

    #[test]
    fn keys_are_told_apart() {
        let text = [Key::Char('a'), Key::Char('ż'), Key::Char('数')];
        assert_eq!(keys("aż数".as_bytes()), text);
        assert_eq!(
            keys(b"\x1b[A\x1b[B\x1bOA\x1b[5~\x1b[6~"),
            [Key::Up, Key::Down, Key::Up, Key::PageUp, Key::PageDown]
        );
        assert_eq!(keys(b"\x1b[H\x1b[4~\x1b[1;5B"), [Key::Home, Key::End, Key::Down]);
        assert_eq!(keys(b"\t\x7f\x03\r"), [Key::Tab, Key::Backspace, Key::Ctrl('c'), Key::Enter]);
        assert_eq!(keys(b"\x1bx\x1b[3~\x1b[[A\x1b[15~\xff\x80"), []);
    }

    #[test]
    fn a_reply_of_the_terminal_is_no_key() {
        let colour = b"\x1b]11;rgb:1e1e/1e1e/1e1e";
        assert_eq!(keys(&[&colour[..], b"\x07x"].concat()), [Key::Char('x')]);
        assert_eq!(keys(&[&colour[..], b"\x1b\\x"].concat()), [Key::Char('x')]);
        assert_eq!(keys(b"\x1bP1$r0m\x1b\\\x1b[?62;22c\x1b[12;40R"), []);
        // One that comes in parts, slowly, and one that never ends.
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b]11;rgb:"), []);
        assert_eq!(decoder.rest(), None);
        assert_eq!(decoder.feed(b"1e1e\x07"), []);
        assert_eq!(decoder.feed(b"\x1b]11;"), []);
        (0..=PATIENCE).for_each(|_| assert_eq!(decoder.rest(), None));
        assert_eq!(decoder.feed(b"x"), [Key::Char('x')]);
    }

    #[test]
    fn escape_is_a_key_when_nothing_follows() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b"), []);
        assert_eq!(decoder.rest(), Some(Key::Esc));
        assert_eq!(decoder.feed(b"\x1b\r"), [Key::Esc, Key::Enter]);
    }

    #[test]
    fn pasted_lines_are_text() {
        let pasted = Key::Paste("web prod".to_owned());
        assert_eq!(keys(b"\x1b[200~web\r\nprod\n\x1b[201~"), std::slice::from_ref(&pasted));
        assert_eq!(keys(b"web\rprod\r"), [pasted], "also where the terminal does not say that it is a paste");
        assert_eq!(keys(b"web\r").last(), Some(&Key::Enter));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[200~we"), []);
        assert_eq!(decoder.feed(b"b\r\x1b[201~\r"), [Key::Paste("web".to_owned()), Key::Enter]);
    }
}
