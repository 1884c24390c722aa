//! Makes text from AWS, from files and from other people safe to show on a terminal.

use std::borrow::Cow;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Replaces control characters and the invisible direction marks by `\u{..}`, so that a name can neither move the
/// cursor nor reorder a line. What joins emoji to one stays: it does neither.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut joins = || c == JOINER && before.is_some_and(is_emoji) && rest.peek().copied().is_some_and(is_emoji);
        if is_dangerous(c) && !joins() {
            out.extend(c.escape_unicode())
        } else {
            out.push(c)
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

/// Whether there is nothing but the characters from blank to `~`: eight at a time, as a list of a large organisation has
/// millions of them.
pub fn is_plain(text: &str) -> bool {
    const EACH: u64 = u64::MAX / 0xff;
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    // The highest bit of a byte is set in one that is no ASCII, by one more for DEL, and by a blank less for what is below it.
    let is_plain = |eight: &[u8; 8]| {
        let eight = u64::from_le_bytes(*eight);
        (eight | eight.wrapping_add(EACH) | eight.wrapping_sub(EACH * 0x20)) & (EACH * 0x80) == 0
    };
    eights.iter().all(is_plain) && rest.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// Cuts text to `max` characters, with an ellipsis where something was cut.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// Lays a line out over rows of `width` characters, of which none is left out. Rows after the first begin with an ellipsis, so
/// that blanks in a line cannot make its end look like a line of its own.
pub fn wrap(line: &str, width: usize) -> Vec<String> {
    let all: Vec<char> = line.chars().collect();
    let (first, rest) = all.split_at(all.len().min(width.max(2)));
    let more = rest.chunks(width.max(2) - 1).map(|row| std::iter::once('…').chain(row.iter().copied()).collect());
    std::iter::once(first.iter().collect()).chain(more).collect()
}

/// SHA-256 in hex: a file name for any text, which tells nothing of it and fits every file system.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The digest that tells contents of files apart: SHA-256 in hex, of what is given piece by piece. By ring, as fast also where
/// the processor has no instructions for it: kubeconfigs of megabytes are hashed at each change.
#[derive(Clone)]
pub struct ContentDigest(ring::digest::Context);

impl Default for ContentDigest {
    fn default() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
}

impl ContentDigest {
    /// Adds what follows.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

/// The [`ContentDigest`] of a whole content.
pub fn digest_of(content: &[u8]) -> String {
    let mut digest = ContentDigest::default();
    digest.add(content);
    digest.finish()
}

/// Bytes in hex, lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// A time as people write it, such as `90s`, `30m`, `12h`; `None` for anything else, for nothing and for more than a year.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len().checked_sub(1).filter(|at| text.is_char_boundary(*at))?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let whole = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=366 * 24 * 3600).contains(&whole).then(|| Duration::from_secs(whole))
}

/// A duration as settings have it (`12h`), in the largest unit that is whole.
pub fn duration_text(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(24 * 3600, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let whole = units.into_iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
}

/// `1 cluster`, `2 clusters`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Quotes a word for a command line that a person may paste into a POSIX shell.
pub fn shell_word(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

/// The names in `known` that a person who typed `wanted` may have meant, nearest first, at most three.
pub fn near_misses<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            // Two letters in the wrong order are one slip.
            let distance = strsim::osa_distance(&wanted, &lower);
            let close = distance <= 1 + wanted.chars().count() / 4;
            let within = wanted.len() >= 3 && lower.contains(&wanted);
            (close || within).then_some((if within { 0 } else { distance }, name))
        })
        .collect();
    scored.sort();
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Zero width joiner.
const JOINER: char = '\u{200d}';

/// An emoji, its colour, or the sign that makes one of another character.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2190}'..='\u{23ff}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0f}')
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{061c}')
}

/// A URL as it may be shown: without a user name and a password, which may hold an `@` that nobody encoded.
pub fn without_password(url: &str) -> Cow<'_, str> {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, place))) if rest.contains('@') => format!("{scheme}://REDACTED@{place}").into(),
        _ => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_told_from_all_other_wherever_a_character_stands() {
        for code in 0..=0xff_u32 {
            let one = char::from_u32(code).expect("a character");
            for (before, after) in (0..20).flat_map(|before| [(before, 0), (before, 3), (before, 17)]) {
                let text = format!("{}{one}{}", "x".repeat(before), "~".repeat(after));
                assert_eq!(is_plain(&text), (' '..='~').contains(&one), "{text:?}");
            }
        }
        assert!(is_plain(""));
    }

    #[test]
    fn control_and_direction_characters_become_visible() {
        assert_eq!(escape("prod\u{1b}[2J\u{202e}"), "prod\\u{1b}[2J\\u{202e}");
        assert_eq!(escape("Žižka 数"), "Žižka 数");
        let family = "👩\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈";
        assert_eq!(escape(family), family);
        assert_eq!(escape("pro\u{200d}d👩\u{200d}"), "pro\\u{200d}d👩\\u{200d}");
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        for text in ["90s", "30m", "12h", "2d"] {
            assert_eq!(duration(text).map(duration_text).as_deref(), Some(text));
        }
    }

    #[test]
    fn near_misses_offer_what_was_meant() {
        let known = ["prod/web:Admin", "prod/web:View", "staging"];
        assert_eq!(near_misses("stagin", known), ["staging"]);
        assert_eq!(near_misses("wbe", ["web", "batch"]), ["web"]);
        assert_eq!(near_misses("prod/web:Veiw", known), ["prod/web:View", "prod/web:Admin"]);
        assert_eq!(near_misses("web", known), ["prod/web:Admin", "prod/web:View"]);
        assert!(near_misses("nothing-like-it", known).is_empty());
    }

    #[test]
    fn shell_words_are_quoted_only_when_they_must_be() {
        assert_eq!(shell_word("prod/web:Admin"), "prod/web:Admin");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
