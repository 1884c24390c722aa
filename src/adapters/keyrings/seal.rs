//! Files sealed with a key of 32 bytes (XChaCha20-Poly1305), bound to the item that they hold.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::domain::secret::Secret;
use crate::error::{Error, Kind, Result};

/// Bytes of a key.
pub const KEY: usize = 32;
const MAGIC: &[u8] = b"eksso-keyed-1\n";
const NONCE: usize = 24;

/// A new random key.
pub fn new_key() -> Result<Zeroizing<[u8; KEY]>> {
    let mut key = Zeroizing::new([0; KEY]);
    fill(key.as_mut())?;
    Ok(key)
}

/// Random bytes.
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))
}

/// Seals an item's text: `MAGIC`, a nonce, the sealed text.
pub fn close(plain: &[u8], item: &str, key: &[u8; KEY]) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    let payload = Payload { msg: plain, aad: &bound_to(item) };
    let sealed = XChaCha20Poly1305::new(Key::from_slice(key))
        .encrypt(XNonce::from_slice(&nonce), payload)
        .map_err(|error| Error::new(Kind::LocalState, "the secret cannot be sealed").cause(error))?;
    Ok([MAGIC, &nonce, &sealed].concat())
}

/// Opens what was sealed; `None` for anything that this key did not seal for this item.
pub fn open(content: &[u8], item: &str, key: &[u8; KEY]) -> Option<Secret<Vec<u8>>> {
    let body = content.strip_prefix(MAGIC).filter(|body| body.len() > NONCE)?;
    let (nonce, sealed) = body.split_at(NONCE);
    let payload = Payload { msg: sealed, aad: &bound_to(item) };
    XChaCha20Poly1305::new(Key::from_slice(key)).decrypt(XNonce::from_slice(nonce), payload).ok().map(Secret::new)
}

fn bound_to(item: &str) -> Vec<u8> {
    [MAGIC, item.as_bytes()].concat()
}
