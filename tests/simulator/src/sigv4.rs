//! Signature Version 4 from the verifier's side, written from AWS's description and no SDK.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What a signature covers, as taken from a request.
#[derive(Debug, Clone)]
pub struct Signed<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The path exactly as it was sent.
    pub path: &'a str,
    /// The query as (name, value), decoded, without `X-Amz-Signature`.
    pub query: Vec<(String, String)>,
    /// The signed headers, names in lower case, in any order.
    pub headers: Vec<(String, String)>,
    /// Hex SHA-256 of the body.
    pub payload_hash: String,
    /// `yyyymmddThhmmssZ`
    pub date: &'a str,
    /// `yyyymmdd/region/service/aws4_request`
    pub scope: &'a str,
}

impl Signed<'_> {
    /// The canonical request. Every service but S3 encodes the path once more than it was sent.
    pub fn canonical_request(&self) -> String {
        let path = self.path.split('/').map(encode).collect::<Vec<_>>().join("/");
        let mut query: Vec<String> = self.query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        query.sort();
        let mut headers = self.headers.clone();
        headers.sort();
        let mut lines = String::new();
        for (name, value) in &headers {
            let folded = value.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(lines, "{name}:{folded}").expect("writing to a string");
        }
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let (method, names, hash) = (self.method, names.join(";"), &self.payload_hash);
        format!("{method}\n{path}\n{}\n{lines}\n{names}\n{hash}", query.join("&"))
    }

    /// The string to sign.
    pub fn string_to_sign(&self) -> String {
        format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", self.date, self.scope, sha256_hex(self.canonical_request().as_bytes()))
    }

    /// The signature that the owner of the secret key makes.
    pub fn signature(&self, secret: &str) -> String {
        let key = self.scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
        hex(&hmac(&key, &self.string_to_sign()))
    }
}

/// Hex SHA-256.
pub fn sha256_hex(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// Percent-encodes all but the unreserved characters.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("writing to a string"),
        }
    }
    out
}

/// Percent-decodes; `None` for broken escapes or text that is not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

/// A query as decoded pairs.
pub fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
