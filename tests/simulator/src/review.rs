//! Reviews of access that clients send to a cluster, as JSON or as Kubernetes' protobuf. kubectl 1.35 sends the latter, and does not come back
//! with JSON when it is answered 415. Source: k8s.io/apimachinery pkg/runtime/serializer/protobuf and pkg/runtime/generated.proto.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Map, Value, json};

use crate::kube::status;

/// Before each object in protobuf.
const MAGIC: &[u8] = b"k8s\0";
/// What stands behind that: kind and version, and the object itself in the field `raw`. Source: `message Unknown`.
const RAW: u64 = 2;
/// Of a review: `metadata`, `spec`, `status`. Source: k8s.io/api/authorization/v1/generated.proto.
const SPEC: u64 = 2;

/// Fields of messages by their numbers in generated.proto; those with fields of their own name them.
struct Message(&'static [(u64, &'static str, Option<&'static Message>)]);

const RESOURCE: Message = Message(&[
    (1, "namespace", None),
    (2, "verb", None),
    (3, "group", None),
    (4, "version", None),
    (5, "resource", None),
    (6, "subresource", None),
    (7, "name", None),
]);
const PATH: Message = Message(&[(1, "path", None), (2, "verb", None)]);
/// `SelfSubjectAccessReviewSpec`
pub(crate) const ACCESS: &Spec =
    &Spec(Message(&[(1, "resourceAttributes", Some(&RESOURCE)), (2, "nonResourceAttributes", Some(&PATH))]));
/// `SelfSubjectRulesReviewSpec`
pub(crate) const RULES: &Spec = &Spec(Message(&[(1, "namespace", None)]));

/// What a kind of review asks.
pub(crate) struct Spec(Message);

/// A review as it would stand in JSON; the refusal of what cannot be read.
pub(crate) fn read(spec: &Spec, content_type: &str, body: &[u8]) -> Result<Value, Box<Response<Body>>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let found = match kind {
        "" | "application/json" => serde_json::from_slice(body).ok(),
        "application/vnd.kubernetes.protobuf" => protobuf(spec, body),
        _ => {
            let known = "application/json, application/vnd.kubernetes.protobuf";
            let said =
                format!("the body of the request was in an unknown format - accepted media types include: {known}");
            return Err(Box::new(status(415, "UnsupportedMediaType", &said)));
        }
    };
    found.ok_or_else(|| Box::new(status(400, "BadRequest", "the object provided is unrecognized")))
}

fn protobuf(spec: &Spec, body: &[u8]) -> Option<Value> {
    let whole = fields(body.strip_prefix(MAGIC)?)?;
    let raw = fields(last(&whole, RAW)?)?;
    Some(json!({ "spec": value(&spec.0, last(&raw, SPEC).unwrap_or_default())? }))
}

/// Texts that are empty are left out, as JSON has them.
fn value(message: &Message, bytes: &[u8]) -> Option<Value> {
    let (found, mut out) = (fields(bytes)?, Map::new());
    for (number, name, of) in message.0 {
        let Some(bytes) = last(&found, *number) else { continue };
        let value = match of {
            Some(of) => value(of, bytes)?,
            None if bytes.is_empty() => continue,
            None => std::str::from_utf8(bytes).ok()?.into(),
        };
        out.insert((*name).to_owned(), value);
    }
    Some(out.into())
}

/// Of a field that is there several times the last one counts. Source: protobuf.dev, "Encoding", "Last One Wins".
fn last<'b>(fields: &[(u64, &'b [u8])], number: u64) -> Option<&'b [u8]> {
    fields.iter().rev().find(|(own, _)| *own == number).map(|(_, bytes)| *bytes)
}

/// The fields of a message that have a length; numbers are passed over. `None` for what is no message.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (own, rest) = bytes.split_at_checked(length)?;
        if tag & 7 == 2 {
            found.push((tag >> 3, own));
        }
        bytes = rest;
    }
    Some(found)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
    /// What kubectl 1.35 sent for `kubectl auth can-i create pods -n apps` and for `kubectl auth can-i --list -n apps`.
    const CAN_I: &[u8] = b"k8s\0\n2\n\x17authorization.k8s.io/v1\x12\x17SelfSubjectAccessReview\x12<\n\x10\n\0\x12\0\x1a\0\"\0*\x002\08\0B\0\x12\x1e\n\x1c\n\x04apps\x12\x06create\x1a\0\"\0*\x04pods2\0:\0\x1a\x08\x08\0\x12\0\x1a\0 \0\x1a\0\"\0";
    const LIST: &[u8] = b"k8s\0\n1\n\x17authorization.k8s.io/v1\x12\x16SelfSubjectRulesReview\x12 \n\x10\n\0\x12\0\x1a\0\"\0*\x002\08\0B\0\x12\x06\n\x04apps\x1a\x04\x18\0\"\0\x1a\0\"\0";

    #[test]
    fn what_kubectl_sends_says_the_same_in_either_form() {
        let asked =
            json!({"spec": {"resourceAttributes": {"namespace": "apps", "verb": "create", "resource": "pods"}}});
        assert_eq!(read(ACCESS, PROTOBUF, CAN_I).expect("a review"), asked);
        assert_eq!(read(ACCESS, "application/json; charset=utf-8", asked.to_string().as_bytes()).expect("JSON"), asked);
        assert_eq!(read(RULES, PROTOBUF, LIST).expect("a review"), json!({"spec": {"namespace": "apps"}}));
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_never_taken_for_an_empty_question() {
        let code = |kind: &str, body: &[u8]| read(ACCESS, kind, body).expect_err("refused").status().as_u16();
        assert_eq!(code("application/yaml", b"spec: {}"), 415);
        assert_eq!(code("application/json", b"{"), 400);
        assert_eq!(code(PROTOBUF, b"{}"), 400);
        for end in MAGIC.len() + 1..CAN_I.len() - 4 {
            assert_eq!(code(PROTOBUF, &CAN_I[..end]), 400, "{end}");
        }
    }
}
