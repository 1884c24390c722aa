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
const VARIETY: usize = 5;

/// Fingerprints of the parts of all secrets of this process. Hashes only: the secrets themselves are wiped as ever.
static PRINTS: Mutex<HashSet<u64, BuildHasherDefault<Hashed>>> =
    Mutex::new(HashSet::with_hasher(BuildHasherDefault::new()));

/// The hasher of what is a hash already: every warm `eksso token` leaves some hundred.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = print(bytes);
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
    if bytes.len() < SHORTEST || text.contains("://") || !bytes.iter().copied().all(is_of_token) {
        return;
    }
    let mut prints = PRINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let parts = bytes.chunks_exact(PART).chain([&bytes[bytes.len() - PART..]]);
    prints.extend(parts.filter(|part| varies(part)).map(print));
}

/// The text without the secrets of this process, whole or in part, also percent-encoded or with JSON's backslashes: a run of
/// characters as tokens have them goes altogether when a part of it is known.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let prints = PRINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut out, mut done, mut at) = (String::new(), 0, 0);
    while at < text.len() {
        let length = text.as_bytes()[at..].iter().take_while(|byte| is_of_token(**byte)).count();
        if length >= PART {
            let run = &text[at..at + length];
            let known = |bytes: &[u8]| bytes.windows(PART).any(|part| prints.contains(&print(part)));
            if known(run.as_bytes()) || decoded(run).is_some_and(|run| known(&run)) {
                out.push_str(&text[done..at]);
                out.push_str(REDACTED);
                done = at + length;
            }
        }
        at += length.max(1);
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The characters of base64 in its variants, of percent-encoding and JSON's escapes, and what tokens are joined with.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'%' | b':' | b'\\')
}

/// Of characters of tokens, which are ASCII.
fn varies(part: &[u8]) -> bool {
    let seen = part.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7f));
    seen.count_ones() as usize >= VARIETY
}

/// FNV-1a.
fn print(part: &[u8]) -> u64 {
    part.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
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
