//! The fast reader of block-style kubeconfigs, as kubectl, the AWS CLI and eksso write them: one pass over the lines, no
//! tree. It knows a strict part of YAML and answers `None` to everything outside of it, which is then for the parser.
//! Whatever it accepts means the same to a YAML parser; a fuzz target holds the two against each other.

use std::collections::HashSet;

use memchr::{memchr, memchr_iter};

use crate::domain::kubeconfig::edit::List;
use crate::domain::kubeconfig::layout::{Entry, Items, Key, Layout, Name, Span};

/// The skeleton of a kubeconfig in plain block style.
pub(super) fn scan(text: &str) -> Option<Layout> {
    let kinds = Kinds::of(text.as_bytes());
    if kinds.control {
        return None;
    }
    let returns = kinds.returns;
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    if kinds.wide && body.chars().any(is_line_break_or_unprintable) {
        return None;
    }
    let mut scanner = Scanner::new(text);
    let mut start = text.len() - body.len();
    while start < text.len() {
        let rest = &text.as_bytes()[start..];
        let end = start + memchr(b'\n', rest).unwrap_or(rest.len());
        let mut line = &text[start..end];
        if returns {
            line = line.strip_suffix('\r').unwrap_or(line);
            if line.contains('\r') {
                return None;
            }
        }
        scanner.line(start, line)?;
        start = end + 1;
    }
    scanner.finish()
}

/// Which kinds of bytes a text holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kinds {
    /// Control characters of ASCII but line ends.
    control: bool,
    /// `\r`
    returns: bool,
    /// What is not ASCII.
    wide: bool,
}

impl Kinds {
    /// Eight bytes at a time: certificates make this the larger part of the work, and a build for size does not make wide
    /// instructions of a loop over bytes.
    fn of(bytes: &[u8]) -> Self {
        let (chunks, rest) = bytes.as_chunks::<32>();
        let mut kinds = Self::default();
        for chunk in chunks {
            let (words, _) = chunk.as_chunks::<8>();
            let suspects = words.iter().fold(0, |suspects, word| suspects | suspects_of(u64::from_ne_bytes(*word)));
            if suspects & HIGHS != 0 {
                words.iter().for_each(|word| kinds.add(u64::from_ne_bytes(*word)));
            }
        }
        for piece in rest.chunks(8) {
            let mut word = [b' '; 8];
            word[..piece.len()].copy_from_slice(piece);
            kinds.add(u64::from_ne_bytes(word));
        }
        kinds
    }

    fn add(&mut self, word: u64) {
        // The highest bit of each byte: no sum of two numbers below 128 reaches the next byte.
        let is = |byte: u8| !((word ^ repeat(byte)) & LOWS).wrapping_add(LOWS) & !(word ^ repeat(byte)) & HIGHS;
        let below_space = !(word & LOWS).wrapping_add(repeat(0x80 - b' ')) & !word & HIGHS;
        let returns = is(b'\r');
        self.control |= (below_space & !is(b'\n') & !returns) | is(0x7f) != 0;
        self.returns |= returns != 0;
        self.wide |= word & HIGHS != 0;
    }
}

const HIGHS: u64 = repeat(0x80);
const LOWS: u64 = repeat(0x7f);

const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Has the highest bit of a byte set where one of eight bytes is no printable ASCII; also above such a byte, which does not matter.
fn suspects_of(word: u64) -> u64 {
    word | word.wrapping_sub(repeat(b' ')) | (word ^ LOWS).wrapping_sub(repeat(1))
}

/// What some YAML versions take for the end of a line, or refuse.
fn is_line_break_or_unprintable(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[derive(Clone, Copy)]
struct Level {
    column: usize,
    sequence: bool,
}

struct Scanner<'t> {
    text: &'t str,
    layout: Layout,
    /// Open collections, outermost first. The root is level 1, a list 2, an entry 3.
    stack: Vec<Level>,
    /// The last line ended with a key or a dash whose value may follow: its column, and whether it is a key.
    pending: Option<(usize, bool)>,
    /// A plain scalar that may go on: the column it must exceed.
    fold: Option<usize>,
    /// A block scalar: the column it must exceed, and its own once known.
    block: Option<(usize, Option<usize>)>,
    blank: usize,
    end: usize,
    named: bool,
    bodied: bool,
}

/// What stands behind a key or a dash.
enum Found {
    Nothing,
    /// Text on one line; whether it is a string for sure, without escapes.
    Scalar(Span, bool),
    /// The same, which may go on in the next lines.
    Plain(Span, bool),
    /// `{}` or `[]`.
    Empty(Span),
    Block(Span),
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            layout: Layout::default(),
            stack: Vec::with_capacity(16),
            pending: None,
            fold: None,
            block: None,
            blank: 0,
            end: 0,
            named: false,
            bodied: false,
        }
    }

    fn line(&mut self, start: usize, line: &str) -> Option<()> {
        let indent = line.bytes().take_while(|byte| *byte == b' ').count();
        let content = &line[indent..];
        if content.is_empty() {
            self.blank = self.blank.max(indent);
            // Spaces beyond its own column belong to a block scalar, also behind its last line.
            return self.block.is_none_or(|(_, own)| own.is_none_or(|own| indent <= own)).then_some(());
        }
        let blank = std::mem::take(&mut self.blank);
        if let Some((column, own)) = self.block {
            if indent > column {
                // Spaces on blank lines before the first line must not exceed its own.
                let own = own.or_else(|| (blank <= indent).then_some(indent))?;
                if indent < own {
                    return None;
                }
                self.block = Some((column, Some(own)));
                self.end = start + line.trim_end_matches(' ').len();
                return Some(());
            }
            self.block = None;
        }
        if content.starts_with('#') {
            self.fold = None;
            return Some(());
        }
        let content = trim_end(content);
        if self.fold.take().is_some_and(|column| indent > column) {
            return self.folded(start + indent, content);
        }
        if indent == 0 && (content.starts_with("---") || content.starts_with("...")) {
            let first = self.stack.is_empty() && self.layout.start == 0 && content == "---";
            self.layout.start = start + 3;
            return first.then_some(());
        }
        self.content(start + indent, indent, content)
    }

    /// A further line of a plain scalar. Of names and other short ones there is none.
    fn folded(&mut self, at: usize, content: &str) -> Option<()> {
        let column = self.stack.last()?.column;
        if self.stack.len() <= 3 || !is_plain(content) || content.contains(" #") {
            return None;
        }
        self.end = at + content.len();
        self.fold = Some(column);
        Some(())
    }

    fn content(&mut self, at: usize, indent: usize, content: &str) -> Option<()> {
        let dash = content == "-" || content.starts_with("- ");
        while self.stack.last().is_some_and(|level| level.column > indent) {
            self.stack.pop();
        }
        match self.pending.take() {
            Some((column, _)) if indent > column => self.open(indent, dash, at)?,
            // A list may stand in the column of its key.
            Some((column, true)) if indent == column && dash => self.open(indent, true, at)?,
            _ if self.stack.is_empty() && self.layout.keys.is_empty() && !dash => self.open(indent, false, at)?,
            _ => {}
        }
        // Behind such a list the mapping of its key goes on.
        if !dash && self.stack.last().is_some_and(|level| level.sequence) {
            self.stack.pop();
        }
        let level = *self.stack.last()?;
        if level.column != indent || level.sequence != dash {
            return None;
        }
        if !dash {
            return self.key(at, indent, content);
        }
        let rest = content[1..].trim_start_matches(' ');
        let (item, column) = (at + content.len() - rest.len(), indent + content.len() - rest.len());
        let key = key_length(rest);
        if self.stack.len() == 2 && self.layout.keys.last()?.items.is_some() {
            key?;
            self.entry(at, indent, item)?;
        }
        if key.is_some() {
            self.open(column, false, item)?;
            return self.key(item, column, rest);
        }
        if rest.is_empty() || rest.starts_with('#') {
            self.pending = Some((indent, false));
            self.end = at + 1;
            return Some(());
        }
        if rest.starts_with("- ") || rest == "-" {
            return None;
        }
        let found = self.value(item, rest)?;
        self.after(found, indent);
        Some(())
    }

    fn open(&mut self, column: usize, sequence: bool, at: usize) -> Option<()> {
        self.stack.push(Level { column, sequence });
        match self.stack.len() {
            1 if sequence => return None,
            1 => (self.layout.column, self.layout.start) = (column, at),
            2 => {
                let key = self.layout.keys.last_mut()?;
                key.value = Span { start: at, end: at };
                if let Some(items) = &mut key.items {
                    (items.entries.is_empty() && sequence).then_some(())?;
                }
            }
            _ => {}
        }
        // Nobody nests a kubeconfig so deep.
        (self.stack.len() < 64).then_some(())
    }

    fn key(&mut self, at: usize, column: usize, content: &str) -> Option<()> {
        let length = key_length(content)?;
        let rest = content[length + 1..].trim_start_matches(' ');
        let value_at = at + content.len() - rest.len();
        let (name, key) = (&content[..length], Span { start: at, end: at + length });
        let depth = self.stack.len();
        if depth == 1 {
            self.close_key();
            let items = List::ALL.iter().any(|list| list.key() == name).then(Items::default);
            if self.layout.keys.iter().any(|known| known.name.of(self.text) == name) {
                return None;
            }
            let value = Span { start: value_at, end: value_at };
            self.layout.keys.push(Key { name: Name::Verbatim(key), key, value, items });
        }
        self.end = at + length + 1;
        let found = self.value(value_at, rest)?;
        let in_list = self.layout.keys.last()?.items.is_some();
        match &found {
            Found::Scalar(span, _) | Found::Plain(span, _) | Found::Empty(span) | Found::Block(span) if depth == 1 => {
                // A list is a list, or not there at all.
                (!in_list || span.of(self.text) == "[]").then_some(())?;
                self.layout.keys.last_mut()?.value = *span;
            }
            _ => {}
        }
        if depth == 3 && in_list {
            let body = List::ALL.iter().any(|list| list.body_key() == name);
            if (name == "name" && std::mem::replace(&mut self.named, true))
                || (body && std::mem::replace(&mut self.bodied, true))
            {
                return None;
            }
            if name == "name" {
                let (Found::Scalar(span, true) | Found::Plain(span, true)) = &found else { return None };
                self.layout.keys.last_mut()?.items.as_mut()?.entries.last_mut()?.name = Name::Verbatim(*span);
            }
        }
        if matches!(found, Found::Nothing) {
            self.pending = Some((column, true));
        }
        self.after(found, column);
        Some(())
    }

    fn after(&mut self, found: Found, column: usize) {
        match found {
            Found::Nothing => {}
            Found::Scalar(span, _) | Found::Empty(span) => self.end = span.end,
            Found::Plain(span, _) => (self.end, self.fold) = (span.end, Some(column)),
            Found::Block(span) => (self.end, self.block) = (span.end, Some((column, None))),
        }
    }

    /// Reads what is left of a line. Comments are allowed behind it.
    fn value(&self, at: usize, rest: &str) -> Option<Found> {
        let span = |length: usize| Span { start: at, end: at + length };
        let ends = |behind: &str| behind.is_empty() || (behind.starts_with(' ') && is_comment(behind));
        let first = rest.bytes().next();
        Some(match first {
            None | Some(b'#') => Found::Nothing,
            Some(b'"') => {
                let close = rest[1..].find('"')? + 1;
                (!rest[..close].contains('\\') && ends(&rest[close + 1..])).then_some(())?;
                self.quoted(span(close + 1))
            }
            Some(b'\'') => {
                let close = rest[1..].find('\'')? + 1;
                ends(&rest[close + 1..]).then_some(())?;
                self.quoted(span(close + 1))
            }
            Some(b'|' | b'>') => {
                // With `+` the blank lines behind it are part of it.
                let header = rest[1..].strip_prefix('-').unwrap_or(&rest[1..]);
                ends(header).then_some(())?;
                Found::Block(span(rest.len() - header.len()))
            }
            Some(b'{' | b'[') => {
                (rest.starts_with("{}") || rest.starts_with("[]")).then_some(())?;
                ends(&rest[2..]).then_some(())?;
                Found::Empty(span(2))
            }
            _ => {
                let plain = match memchr(b'#', rest.as_bytes()) {
                    Some(_) => rest.split(" #").next()?,
                    None => rest,
                };
                let text = trim_end(plain);
                is_plain(text).then_some(())?;
                let (span, string) = (span(text.len()), is_string(text));
                if plain.len() == rest.len() { Found::Plain(span, string) } else { Found::Scalar(span, string) }
            }
        })
    }

    /// The span with its quotes, or without, where only the content matters.
    fn quoted(&self, span: Span) -> Found {
        let inner = Span { start: span.start + 1, end: span.end - 1 };
        // Names are kept without quotes; whatever else is quoted is only skipped, except `current-context`, at level 1.
        if self.stack.len() == 3 { Found::Scalar(inner, true) } else { Found::Scalar(span, true) }
    }

    fn entry(&mut self, dash: usize, column: usize, start: usize) -> Option<()> {
        self.close_entry();
        let key = self.layout.keys.last_mut()?;
        let items = key.items.as_mut()?;
        let nowhere = Span { start: dash, end: dash };
        items.entries.push(Entry { name: Name::Verbatim(nowhere), span: Span { start, end: start }, dash, column });
        (self.named, self.bodied) = (false, false);
        Some(())
    }

    fn close_entry(&mut self) {
        let entry = self.layout.keys.last_mut().and_then(|key| key.items.as_mut()?.entries.last_mut());
        if let Some(entry) = entry {
            entry.span.end = self.end;
        }
    }

    fn close_key(&mut self) {
        self.close_entry();
        if let Some(key) = self.layout.keys.last_mut() {
            key.value.end = self.end.max(key.value.start);
        }
    }

    fn finish(mut self) -> Option<Layout> {
        // A block scalar that the file's end cuts off has no last line break; whatever is added behind it gives it one.
        if self.layout.keys.is_empty() || (self.block.is_some() && !self.text.ends_with('\n')) {
            return None;
        }
        self.close_key();
        self.layout.end = self.end;
        for items in self.layout.keys.iter().filter_map(|key| key.items.as_ref()) {
            let mut seen = HashSet::with_capacity(items.entries.len());
            for entry in &items.entries {
                let name = entry.name.of(self.text);
                // An entry without a name has the span of nothing.
                if name.is_empty() || !seen.insert(name) {
                    return None;
                }
            }
        }
        Some(self.layout)
    }
}

/// The bytes that plain keys are made of.
const IN_KEY: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'.' | b'-' | b'/');
        byte += 1;
    }
    table
};

/// The length of a plain key at the start of a line, where one is.
fn key_length(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let length = bytes.iter().position(|byte| !IN_KEY[usize::from(*byte)]).unwrap_or(bytes.len());
    let starts = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let ends = bytes.get(length) == Some(&b':') && bytes.get(length + 1).is_none_or(|byte| *byte == b' ');
    // YAML ends a key on one line after 1,024 characters.
    (starts && ends && length < 256).then_some(length)
}

/// A text without the spaces at its end; mostly there are none.
fn trim_end(text: &str) -> &str {
    if text.ends_with(' ') { text.trim_end_matches(' ') } else { text }
}

fn is_comment(behind: &str) -> bool {
    let rest = behind.trim_start_matches(' ');
    rest.is_empty() || rest.starts_with('#')
}

/// Whether this is a plain scalar for every YAML parser.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let first = match bytes.first() {
        None => false,
        Some(b'-' | b'?' | b':') => bytes.get(1).is_some_and(|byte| *byte != b' '),
        Some(byte) => !b",[]{}#&*!|>'\"%@`".contains(byte),
    };
    let is_key = |at: usize| bytes.get(at + 1).is_none_or(|next| *next == b' ');
    first && !memchr_iter(b':', bytes).any(is_key)
}

/// Whether no YAML version takes this plain scalar for anything but a string.
pub(super) fn is_string(text: &str) -> bool {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "none"];
    const LONGEST: usize = "false".len();
    let Some(first) = text.chars().next() else { return false };
    match first {
        'a'..='z' | 'A'..='Z' => text.len() > LONGEST || !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)),
        '/' => true,
        _ if !first.is_ascii() => true,
        '0'..='9' => text.contains(['/', '@']),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_bytes_are_seen_wherever_they_stand() {
        for byte in 0..=u8::MAX {
            for filling in [b'a', b'\n', b'\r', b' ', 0x80, 0xff] {
                for (length, place) in (1..70).flat_map(|length| (0..length).map(move |place| (length, place))) {
                    let mut bytes = vec![filling; length];
                    bytes[place] = byte;
                    let holds = |is: &dyn Fn(u8) -> bool| bytes.iter().any(|byte| is(*byte));
                    let wanted = Kinds {
                        control: holds(&|byte| byte.is_ascii_control() && byte != b'\n' && byte != b'\r'),
                        returns: holds(&|byte| byte == b'\r'),
                        wide: holds(&|byte| !byte.is_ascii()),
                    };
                    assert_eq!(Kinds::of(&bytes), wanted, "{byte:#x} among {filling:#x}: {place} of {length}");
                }
            }
        }
    }
}
