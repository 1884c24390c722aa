//! Signatures of minisign. Source: <https://jedisct1.github.io/minisign/>, "Signature format": the file's BLAKE2b-512 digest
//! (or, of old, the file) is signed with Ed25519; the signature and the trusted comment are signed once more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest};
use ring::signature::{ED25519, UnparsedPublicKey};

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    id: [u8; 8],
    key: [u8; 32],
}

impl std::str::FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no minisign key: it is the second line of the .pub file, and begins with RW");
        let bytes: [u8; 42] =
            STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(bad)?;
        let [b'E', b'd', rest @ ..] = bytes else { return Err(bad()) };
        let (id, key) = rest.split_at(8);
        match (id.try_into(), key.try_into()) {
            (Ok(id), Ok(key)) => Ok(Self { id, key }),
            _ => Err(bad()),
        }
    }
}

impl Key {
    /// Whether a signature, as its file has it, is this key's for these bytes.
    ///
    /// # Errors
    /// Why not.
    pub fn verify(&self, signed: &[u8], signature: &str) -> Result<(), &'static str> {
        let mut lines = signature.lines();
        let mut line = |what| lines.next().ok_or(what);
        let broken = "its signature is no file of minisign";
        line(broken)?.strip_prefix("untrusted comment:").ok_or(broken)?;
        let first: [u8; 74] = decoded(line(broken)?).ok_or(broken)?;
        let comment = line(broken)?.strip_prefix("trusted comment: ").ok_or(broken)?;
        let second: [u8; 64] = decoded(line(broken)?).ok_or(broken)?;
        let (kind, rest) = first.split_at(2);
        let (id, own) = rest.split_at(8);
        if id != self.id {
            return Err("it is signed with another key");
        }
        let key = UnparsedPublicKey::new(&ED25519, &self.key);
        let is_own = match kind {
            b"ED" => key.verify(&Blake2b512::digest(signed), own),
            b"Ed" => key.verify(signed, own),
            _ => return Err(broken),
        };
        is_own.map_err(|_| "its signature is of another file")?;
        key.verify(&[own, comment.as_bytes()].concat(), &second).map_err(|_| "the comment of its signature was changed")
    }
}

fn decoded<const N: usize>(line: &str) -> Option<[u8; N]> {
    STANDARD.decode(line.trim()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From minisign-verify's documentation: the text `test`, signed by minisign itself.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1556193335\tfile:test
y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==";

    #[test]
    fn a_signature_of_minisign_itself_is_taken_and_no_other() {
        let key: Key = KEY.parse().expect("a key");
        assert_eq!(key.verify(b"test", SIGNATURE), Ok(()));
        assert!(key.verify(b"test ", SIGNATURE).is_err());
        assert!(key.verify(b"test", &SIGNATURE.replace("1556193335", "1556193336")).is_err());
        assert!(key.verify(b"test", &SIGNATURE.replace("559r3g", "559r3h")).is_err());
        assert!(key.verify(b"test", "").is_err() && key.verify(b"test", "<html>").is_err());
        let other: Key = KEY.replace("RWQf6L", "RWQf7L").parse().expect("a key");
        assert_eq!(other.verify(b"test", SIGNATURE), Err("it is signed with another key"));
        for bad in ["", "RW", "RUQf6LRCGA9i559r", &KEY[1..]] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
