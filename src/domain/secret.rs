//! A value that must not be seen: redacted in `Debug`, wiped from memory on drop, opened only by `expose`.
//!
//! Services quote requests in their errors, tokens and all. So each secret leaves fingerprints of its parts here when it is
//! made, and [`scrub`] takes out of any text what bears one. Errors and everything that is shown go through it, whoever wrote
//! the text; there is nothing to remember at the places that read it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Holds a secret; `{:?}` prints `[redacted]` and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// The usual secret: a token, a key, a passphrase.
pub type SecretString = Secret<String>;

/// What can be a secret.
pub trait Content: Zeroize {
    /// Leaves the fingerprints by which [`scrub`] knows it.
    fn leave_prints(&self);
}

impl Content for String {
    fn leave_prints(&self) {
        leave_prints(self);
    }
}

/// Bytes are what texts are made of here, or sealed: they are in no request.
impl Content for Vec<u8> {
    fn leave_prints(&self) {}
}

impl<T: Content> Secret<T> {
    /// Takes ownership of the value from the moment it arrives.
    pub fn new(value: T) -> Self {
        value.leave_prints();
        Self(Zeroizing::new(value))
    }
}

impl<T: Zeroize> Secret<T> {
    /// Opens the secret. Each call is a place to review: the value leaves our protection here.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<&str> for SecretString {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for SecretString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// JSON in a buffer that is large enough not to leave copies behind while it grows, and is wiped in the end.
pub fn secret_json(value: &impl Serialize) -> SecretString {
    let mut json = Vec::with_capacity(16 << 10);
    // Structs of text and times always serialize, into memory.
    _ = serde_json::to_writer(&mut json, value);
    Secret::new(String::from_utf8(json).unwrap_or_default())
}

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// A shorter secret has no fingerprint: it could be a word, and taking words out would tell it.
const SHORTEST: usize = 16;
/// The parts that are known by a fingerprint: every quotation of twice that length holds one, also a cut one.
const PART: usize = 12;
/// A part with fewer different characters is padding.
const VARIETY: u32 = 5;

/// Fingerprints of the parts of all secrets of this process. Hashes only: the secrets themselves are wiped as ever.
static PRINTS: Mutex<Prints> = Mutex::new(Prints::new());

/// What is left is only noted, and sorted into a set when a text is scrubbed: a warm `eksso token` leaves some hundred and
/// scrubs nothing.
struct Prints {
    noted: Vec<u64>,
    known: HashSet<u64, BuildHasherDefault<Hashed>>,
}

impl Prints {
    const fn new() -> Self {
        Self { noted: Vec::new(), known: HashSet::with_hasher(BuildHasherDefault::new()) }
    }

    fn known(&mut self) -> &HashSet<u64, BuildHasherDefault<Hashed>> {
        self.known.extend(self.noted.drain(..));
        &self.known
    }
}

/// The hasher of what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Leaves the fingerprints of a token, a key or a cookie. Documents that hold some among other words (the items of a keyring)
/// have none: what they hold is made a secret of its own.
fn leave_prints(text: &str) {
    let bytes = text.as_bytes();
    if bytes.len() < SHORTEST || !bytes.iter().copied().all(is_of_token) || text.contains("://") {
        return;
    }
    let (parts, _) = bytes.as_chunks::<PART>();
    let last = bytes.last_chunk::<PART>();
    let mut prints = PRINTS.lock().unwrap_or_else(PoisonError::into_inner);
    prints.noted.extend(parts.iter().chain(last).filter(|part| varies(part)).map(print));
}

/// The text without the secrets of this process, whole or in part, also percent-encoded or with JSON's backslashes: a run of
/// characters as tokens have them goes altogether when a part of it is known.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let mut prints = PRINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let prints = prints.known();
    let (mut out, mut done, mut at) = (String::new(), 0, 0);
    // At each turn a run may begin at `at`, and none goes on over it. Most are shorter than a part and end with a look or two.
    while let Some(first) = text.as_bytes().get(at..at + PART) {
        if let Some(gap) = first.iter().rposition(|byte| !is_of_token(*byte)) {
            at += gap + 1;
            continue;
        }
        let more = text.as_bytes()[at + PART..].iter().take_while(|byte| is_of_token(**byte)).count();
        let length = PART + more;
        let run = &text[at..at + length];
        let known = |bytes: &[u8]| bytes.array_windows().any(|part| prints.contains(&print(part)));
        if known(run.as_bytes()) || decoded(run).is_some_and(|run| known(&run)) {
            out.push_str(&text[done..at]);
            out.push_str(REDACTED);
            done = at + length;
        }
        at += length;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The characters of base64 in its variants, of percent-encoding and JSON's escapes, and what tokens are joined with.
fn is_of_token(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let (mut table, mut byte) = ([false; 256], 0);
        while byte < 128 {
            let joins = matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'%' | b':' | b'\\');
            table[byte as usize] = byte.is_ascii_alphanumeric() || joins;
            byte += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
}

/// Of characters of tokens, which are ASCII.
fn varies(part: &[u8; PART]) -> bool {
    // Most parts show it already in the lower six bits.
    let few = part.iter().fold(0_u64, |seen, byte| seen | 1 << (byte & 0x3f));
    let all = || part.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7f));
    few.count_ones() >= VARIETY || all().count_ones() >= VARIETY
}

/// 64 bits of a part: both halves of the product of its two, each mixed with digits of pi, as wyhash mixes.
fn print(part: &[u8; PART]) -> u64 {
    let [a, b, c, d, e, f, g, h, rest @ ..] = *part;
    let first = u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ 0x243f_6a88_85a3_08d3;
    let second = u64::from(u32::from_le_bytes(rest)) ^ 0x1319_8a2e_0370_7344;
    let product = u128::from(first) * u128::from(second);
    let [low, high] = [product, product >> 64].map(|half| (half & u128::from(u64::MAX)) as u64);
    low ^ high
}

/// A run without its percent-encoding and backslashes; `None` where it has none.
fn decoded(run: &str) -> Option<Vec<u8>> {
    if !run.contains(['%', '\\']) {
        return None;
    }
    let bytes = run.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| run.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                if bytes[at] != b'\\' {
                    out.push(bytes[at]);
                }
                at += 1;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let secret = SecretString::from("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[redacted] Some([redacted])");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_secret_is_taken_out_of_any_text_whole_cut_or_encoded() {
        let secret = "aorAAAAAGnZ3/k+2x9Qw==.MGUCMQDbQ7/p1Y+zV8tLr0sKc";
        let held = SecretString::from(secret);
        let percent = secret.replace('/', "%2F").replace('+', "%2b").replace('=', "%3D");
        let text = |quoted: &str| format!("no token «{quoted}» & more, it said");
        for quoted in [secret, &percent, &secret.replace('/', "\\/"), &secret[5..30], &secret[20..]] {
            assert_eq!(scrub(&text(quoted)), text("[redacted]"), "{quoted}");
        }
        assert_eq!(scrub(&format!("Bearer {secret}")), "Bearer [redacted]");
        // Wiped or not, what was a secret once stays one.
        drop(held);
        assert_eq!(scrub(&text(secret)), text("[redacted]"));
    }

    #[test]
    fn other_words_stay() {
        let _held = [
            SecretString::from("short word"),
            SecretString::from("invalid_grant"),
            SecretString::from(r#"{"start_url":"https://corp.awsapps.com/start"}"#),
            SecretString::from("https://corp.awsapps.com/start/of/a/page"),
            SecretString::from("token.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ];
        let text = "short word: invalid_grant, https://corp.awsapps.com/start, xxxxxxxxxxxxxxxxxxxxx; ünïcödé";
        assert!(matches!(scrub(text), Cow::Borrowed(same) if same == text));
    }
}
