//! Answers of Okta, read: what a refusal says, and when it wants to be asked again.

use std::error::Error as StdError;

use http_body_util::LengthLimitError;
use jiff::SignedDuration;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::clients::failure::{Failure, FailureKind, request_id};
use crate::domain::secret::scrub;

/// What errors call it.
pub const SERVICE: &str = "Okta";

/// An answer, read whole.
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The values of a header.
    pub fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let named = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Whether an answer was cut because of its size, rather than by the network.
pub(super) fn is_too_large(error: &(dyn StdError + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_large)
}

pub(super) fn nonsense(reason: impl std::fmt::Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}

/// The JSON of a good answer.
pub(super) fn json(reply: &Reply) -> Result<Value, Failure> {
    match (reply.status, serde_json::from_slice(&reply.body)) {
        (200, Ok(json)) => Ok(json),
        (200, Err(_)) => Err(nonsense(describe(reply))),
        _ => Err(failure(reply)),
    }
}

/// Reads a refusal: OAuth's `error` and `error_description`, the management API's `errorCode` and `errorSummary`, or the
/// WWW-Authenticate header, which says it best where there is one.
pub(super) fn failure(reply: &Reply) -> Failure {
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let field = |names: [&str; 2]| names.iter().find_map(|name| json[*name].as_str()).map(str::to_owned);
    let challenge = reply.header("www-authenticate").unwrap_or_default();
    let code = parameter(challenge, "error").or_else(|| field(["error", "errorCode"]));
    let reason = parameter(challenge, "error_description").or_else(|| field(["error_description", "errorSummary"]));
    let kind = match reply.status {
        429 => FailureKind::Throttled,
        500.. => FailureKind::Server,
        _ if code.is_none() => FailureKind::Nonsense,
        401 => FailureKind::Unauthorized,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        _ => FailureKind::Refused,
    };
    let reason = reason.filter(|_| kind != FailureKind::Nonsense).unwrap_or_else(|| describe(reply));
    let code = code.map(|code| scrub(&code).into_owned());
    let request_id = request_id(|name| reply.header(name));
    Failure { kind, code, retry_after: retry_after(reply), request_id, ..nonsense(reason) }
}

/// What came, without anything of its body.
pub(super) fn describe(reply: &Reply) -> String {
    let kind = reply.header("content-type").unwrap_or("no content type");
    format!("HTTP {}, {kind}", reply.status)
}

/// Okta names the second in which its limit is lifted; proxies say Retry-After.
fn retry_after(reply: &Reply) -> Option<SignedDuration> {
    let number = |name: &str| reply.header(name)?.trim().parse::<i64>().ok();
    let date = reply.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let date = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
    let reset = number("x-rate-limit-reset")
        .zip(date)
        .map(|(reset, date)| reset.saturating_sub(i64::try_from(date.as_secs()).unwrap_or_default()));
    number("retry-after").or(reset).map(|seconds| SignedDuration::from_secs(seconds.clamp(0, 3600)))
}

/// A parameter of a WWW-Authenticate challenge. Source: RFC 9110, 11.6.1.
fn parameter(challenge: &str, wanted: &str) -> Option<String> {
    let mut rest = challenge.split_once(' ')?.1;
    loop {
        let (name, after) = rest.trim_start_matches([',', ' ']).split_once('=')?;
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => {
                let mut value = String::new();
                let mut characters = quoted.char_indices();
                let end = loop {
                    match characters.next()? {
                        (at, '"') => break at + 1,
                        (_, '\\') => value.push(characters.next()?.1),
                        (_, other) => value.push(other),
                    }
                };
                (value, &quoted[end..])
            }
            None => {
                let end = after.find([',', ' ']).unwrap_or(after.len());
                (after[..end].to_owned(), &after[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_with_their_quotes() {
        let challenge = r#"Bearer authorization_uri="http://x/a?b=c,d", realm=x, error="insufficient_scope", error_description="say \"no\", twice""#;
        assert_eq!(parameter(challenge, "error").as_deref(), Some("insufficient_scope"));
        assert_eq!(parameter(challenge, "error_description").as_deref(), Some("say \"no\", twice"));
        assert_eq!(parameter(challenge, "realm").as_deref(), Some("x"));
        for odd in ["", "Bearer", "Bearer error", "Bearer error=\"", "Bearer error=\"\\", "Bearer é=\"ü\", x"] {
            assert_eq!(parameter(odd, "error_description"), None, "{odd}");
        }
    }
}
