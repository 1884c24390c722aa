//! The shared vectors: tokens that botocore and aws-iam-authenticator would make, and requests as botocore signs them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eksso::domain::credentials::eks_token::{HostKind, make, sts_host};
use eksso::domain::role_credentials::RoleCredentials;
use eksso_simulator::sigv4::{Signed, pairs, sha256_hex};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("vectors")).expect("JSON");
    all["cases"].as_array().expect("cases").clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn every_token_vector_is_met_to_the_byte() {
    let mut met = 0;
    for case in cases("eks_tokens.json") {
        let (input, expect, name) = (&case["in"], &case["expect"], text(&case, "name"));
        let now: Timestamp = text(input, "utc").parse().expect("time");
        let mode = text(input, "endpoint_mode");
        let credentials = RoleCredentials {
            made_at: None,
            access_key_id: text(input, "access_key").into(),
            secret_access_key: text(input, "secret_key").into(),
            session_token: text(input, "session_token").into(),
            expires_at: now + SignedDuration::from_hours(1),
        };
        let region = text(input, "region").parse().expect("region");
        let host = HostKind { fips: mode.contains("fips"), dual_stack: mode.contains("dualstack") };
        if mode == "global" {
            // The legacy host is not something eksso makes; that case is for verifiers.
            assert_ne!(sts_host(&region, host), text(expect, "host"));
            continue;
        }
        let token = make(&credentials, &region, text(input, "cluster"), host, now).expect(name);
        assert_eq!(token.text.expose(), text(expect, "token_sorted_query"), "{name}");
        assert_eq!(token.expires_at.to_string(), text(expect, "exec_expiration_timestamp"), "{name}");
        met += 1;
    }
    assert_eq!(met, 16);
}

#[test]
fn the_simulators_verifier_agrees_with_botocore_on_tokens() {
    for case in cases("eks_tokens.json") {
        let (input, expect) = (&case["in"], &case["expect"]);
        let token = text(expect, "token_sorted_query").trim_start_matches("k8s-aws-v1.");
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(token).expect("base64")).expect("text");
        let mut query = pairs(url.split_once('?').expect("a query").1).expect("pairs");
        query.retain(|(name, _)| name != "X-Amz-Signature");
        let value = |name: &str| query.iter().find(|(key, _)| key == name).expect(name).1.clone();
        let (date, credential) = (value("X-Amz-Date"), value("X-Amz-Credential"));
        let headers =
            vec![("host".into(), text(expect, "host").into()), ("x-k8s-aws-id".into(), text(input, "cluster").into())];
        let scope = credential.split_once('/').expect("a scope").1;
        let signed =
            Signed { method: "GET", path: "/", query, headers, payload_hash: sha256_hex(b""), date: &date, scope };
        assert_eq!(signed.string_to_sign(), text(expect, "string_to_sign"));
        assert_eq!(signed.signature(text(input, "secret_key")), text(expect, "signature"));
    }
}

#[test]
fn the_simulators_verifier_agrees_with_botocore_on_header_signed_requests() {
    let all = cases("sigv4_requests.json");
    assert_eq!(all.len(), 16);
    for case in all {
        let (input, expect) = (&case["in"], &case["expect"]);
        let values = expect["signed_header_values"].as_object().expect("headers");
        let headers: Vec<(String, String)> =
            values.iter().map(|(k, v)| (k.clone(), v.as_str().expect("text").to_owned())).collect();
        let date = text(&expect["signed_header_values"], "x-amz-date");
        let authorization = text(expect, "authorization");
        let scope = authorization.split(['/', ',']).skip(1).take(4).collect::<Vec<_>>().join("/");
        let signed = Signed {
            method: text(expect, "method"),
            path: text(expect, "request_path"),
            query: pairs(text(expect, "query")).expect("pairs"),
            headers,
            payload_hash: sha256_hex(text(expect, "body").as_bytes()),
            date,
            scope: &scope,
        };
        assert_eq!(signed.canonical_request(), text(expect, "canonical_request"), "{}", text(&case, "name"));
        assert!(authorization.ends_with(&signed.signature(text(input, "secret_key"))), "{}", text(&case, "name"));
    }
}
