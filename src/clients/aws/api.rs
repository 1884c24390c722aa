//! Requests of our own to services of which only a few reads are needed: IAM, Identity Center, its directory, Organizations
//! and the account access manager. They go through the same connector as the SDKs' and are signed by `aws-sigv4`.
//!
//! Not by SDKs: each would bring types and (de)serializers of a whole service into the binary, of which between two and eight
//! reads are needed here, and the binary's size is bounded (issue 17: 14 MiB). Sizes of SDKs: design, dependencies.md.
//!
//! One request is one attempt. Pauses, turns and further attempts are the rate limiter's (`flows/rate_limiter.rs`), which all
//! calls of a service share; turns that are evenly spaced need no jitter.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use roxmltree::Document;
use serde_json::Value;
use tokio::time::timeout;

use crate::clients::aws::{ATTEMPT_TIMEOUT, Aws};
use crate::clients::failure::{Failure, request_id};
use crate::domain::access::actions::operation;
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::role_credentials::RoleCredentials;
use crate::ports::Clock;

/// One service in one region, as one role.
#[derive(Debug)]
pub(in crate::clients::aws) struct Api {
    /// As people call it.
    pub name: &'static str,
    connector: SharedHttpConnector,
    clock: Arc<dyn Clock>,
    url: String,
    /// What requests are signed for: the service's short name, and a region.
    scope: (&'static str, String),
    credentials: RoleCredentials,
}

impl Api {
    pub fn new(
        aws: &Aws,
        (name, service, signing_name): (&'static str, Service, &'static str),
        region: &Region,
        credentials: &RoleCredentials,
    ) -> Self {
        let (host, signed_for) = service.host(region, aws.host.fips, aws.host.dual_stack);
        let named = aws.endpoints.named(service).map(|url| url.trim_end_matches('/').to_owned());
        Self {
            name,
            connector: aws.connector.clone(),
            clock: Arc::clone(&aws.clock),
            url: named.unwrap_or_else(|| format!("https://{host}")),
            scope: (signing_name, signed_for),
            credentials: credentials.clone(),
        }
    }

    /// JSON 1.1: the operation stands in `X-Amz-Target`.
    pub async fn json(&self, target: &str, action: &str, body: &Value) -> Result<Value, Failure> {
        let target = format!("{target}.{}", operation(action));
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        parsed(self.name, &self.send("/", &headers, body.to_string()).await?)
    }

    /// REST-JSON by POST, as the account access manager has its lists.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        parsed(self.name, &self.send(path, &[("content-type", "application/json")], body.to_string()).await?)
    }

    /// The query protocol: a form, answered by XML.
    pub async fn query(&self, action: &str, version: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", operation(action)).append_pair("Version", version);
        form.extend_pairs(parameters);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send("/", &kind, form.finish()).await
    }

    async fn send(&self, path: &str, headers: &[(&str, &str)], body: String) -> Result<String, Failure> {
        let request = self.signed(path, headers, body)?;
        let exchange = async {
            let answer = self.connector.call(request).await;
            let answer = answer.map_err(|error| Failure::unconnected(self.name, &error))?;
            let status = answer.status().as_u16();
            let header = |name: &str| answer.headers().get(name).map(str::to_owned);
            let (code, after) = (header("x-amzn-errortype"), header("retry-after"));
            let id = request_id(|name| answer.headers().get(name));
            let kind = header("content-type").unwrap_or_default();
            let body = answer.into_body().collect().await;
            let body = body.map_err(|error| Failure::nonsense(self.name, format!("its answer broke off: {error}")))?;
            let body = String::from_utf8(body.to_bytes().into());
            Ok((status, code, after, kind, id, body.map_err(|_| Failure::nonsense(self.name, "it is not UTF-8 text"))?))
        };
        let answered = timeout(ATTEMPT_TIMEOUT, exchange).await.unwrap_or_else(|_| Err(Failure::silent(self.name)));
        let (status, code, after, kind, id, body) = answered?;
        match status {
            200..300 if looks_right(&body) => Ok(body),
            300.. => Err(Failure { request_id: id, ..refusal(self.name, status, code, after.as_deref(), &body) }),
            _ => Err(Failure::nonsense(self.name, format!("HTTP {status}, {kind}"))),
        }
    }

    fn signed(&self, path: &str, headers: &[(&str, &str)], body: String) -> Result<HttpRequest, Failure> {
        let bad = |error: &dyn std::fmt::Display| Failure::nonsense(self.name, format!("not sent: {error}"));
        let credentials = &self.credentials;
        let token = credentials.session_token.expose();
        let identity = Credentials::new(
            credentials.access_key_id.as_str(),
            credentials.secret_access_key.expose().as_str(),
            (!token.is_empty()).then(|| token.clone()),
            None,
            "eksso",
        )
        .into();
        let seconds = u64::try_from(self.clock.now().as_second()).unwrap_or(0);
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.scope.1)
            .name(self.scope.0)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| bad(&error))?
            .into();
        let url = format!("{}{path}", self.url);
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url.as_str(), headers.iter().copied(), signable);
        let (instructions, _) =
            sign(signable.map_err(|error| bad(&error))?, &parameters).map_err(|error| bad(&error))?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_uri(url).map_err(|error| bad(&error))?;
        request.set_method("POST").map_err(|error| bad(&error))?;
        let sent = request.headers_mut();
        for (name, value) in headers {
            sent.try_insert((*name).to_owned(), (*value).to_owned()).map_err(|error| bad(&error))?;
        }
        for header in instructions.into_parts().0 {
            sent.try_insert(header.name(), header.value().to_owned()).map_err(|error| bad(&error))?;
        }
        Ok(request)
    }
}

/// JSON or XML; a page of a proxy or of a hotel's network is neither.
fn looks_right(body: &str) -> bool {
    let text = body.trim_start();
    text.starts_with('{')
        || text.is_empty()
        || (text.starts_with('<') && !text.chars().take(64).collect::<String>().to_lowercase().contains("html"))
}

/// What a refusal says: JSON with the code in `__type` or a header, or XML.
fn refusal(name: &'static str, status: u16, header: Option<String>, after: Option<&str>, body: &str) -> Failure {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let (mut code, mut message) = (header, text("message").or_else(|| text("Message")).unwrap_or_default().to_owned());
    code = code.or_else(|| text("__type").or_else(|| text("code")).map(str::to_owned));
    // Which key the denial is about, where the directory is encrypted with the customer's own.
    if let Some(why) = text("Reason").filter(|why| !why.is_empty()) {
        message = format!("{message} ({why})");
    }
    if json.is_null()
        && let Ok(xml) = Document::parse(body)
    {
        let find = |tag: &str| {
            let found = xml.descendants().find(|node| node.tag_name().name() == tag);
            found.and_then(|node| node.text()).map(str::to_owned)
        };
        code = code.or_else(|| find("Code"));
        message = find("Message").unwrap_or_default();
    }
    let after = after.and_then(|after| after.trim().parse::<u32>().ok());
    let after = after.map(i64::from).or_else(|| json.get("RetryAfterSeconds").and_then(Value::as_i64));
    let after = after.map(|seconds| SignedDuration::from_secs(seconds.clamp(0, 3600)));
    Failure::answered(name, status, code.as_deref(), &message, after)
}

fn parsed(name: &'static str, body: &str) -> Result<Value, Failure> {
    let json: Value = serde_json::from_str(body).map_err(|error| Failure::nonsense(name, error))?;
    if json.is_object() { Ok(json) } else { Err(Failure::nonsense(name, "it is no JSON object")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_html_is_told_whatever_characters_it_has() {
        // A character of several bytes lies across each of the first 64 bytes in turn.
        for before in 0..64 {
            assert!(looks_right(&format!("<{}é\u{1F600}", "x".repeat(before))), "{before}");
            assert!(!looks_right(&format!("<!DOCTYPE html><title>{}é\u{1F600}", "x".repeat(before))), "{before}");
        }
        assert!(looks_right("{}") && looks_right("") && !looks_right("denied"));
    }
}
