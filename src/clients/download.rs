//! A small text from a server that nobody vouches for: bounded in size, time and redirects, and never anything but https.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::clients::failure::{Failure, FailureKind};
use crate::clients::http::{ClockWatch, client};
use crate::clients::trust::CaBundle;
use crate::domain::url::{Origin, is_safe_url};
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// For all that is asked for, redirects included.
const PATIENCE: Duration = Duration::from_secs(20);
const MAX_REDIRECTS: usize = 3;
/// A settings file has a few KiB.
pub const MAX_TEXT: usize = 256 << 10;

/// Gets texts.
pub struct Download {
    connector: SharedHttpConnector,
}

impl Download {
    /// With the trust and the proxy of this machine.
    ///
    /// # Errors
    /// One of them makes no sense.
    pub fn new(world: &World, ca_bundle: Option<&CaBundle>) -> Result<Self> {
        let watch = ClockWatch::new(world.clock.clone());
        let (_, connector) = client(world.env.as_ref(), world.files.as_ref(), ca_bundle, &watch)?;
        Ok(Self { connector })
    }

    /// The text behind a URL.
    ///
    /// # Errors
    /// It cannot be got, is too large, or is no text.
    pub async fn text(&self, url: &str) -> Result<String> {
        match timeout(PATIENCE, self.followed(url)).await {
            Ok(got) => got,
            Err(_) => Err(Error::new(Kind::Unavailable, format!("{url} cannot be got"))
                .cause(format!("no answer within {} s", PATIENCE.as_secs()))
                .hint("check the URL, the network and HTTPS_PROXY")),
        }
    }

    async fn followed(&self, url: &str) -> Result<String> {
        let bad = |cause: String| Error::new(Kind::Failed, format!("{url} cannot be got")).cause(cause);
        let mut at = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            if !is_safe_url(&at) {
                return Err(bad(format!("it leads to {at}, which is no https URL")));
            }
            let answer = self.asked(url, &at).await?;
            let status = answer.status().as_u16();
            if (300..400).contains(&status) {
                let target = answer.headers().get("location").unwrap_or_default();
                at = led(&at, target).ok_or_else(|| bad(format!("it leads to `{target}`, which is no https URL")))?;
                continue;
            }
            if status != 200 {
                return Err(bad(format!("{at} answers HTTP {status}")));
            }
            let large = || bad(format!("it is larger than {} KiB", MAX_TEXT >> 10));
            let length = answer.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
            if length.is_some_and(|length| length > MAX_TEXT as u64) {
                return Err(large());
            }
            return text(answer.into_body(), &large, &bad).await;
        }
        Err(bad(format!("it leads on more than {MAX_REDIRECTS} times")))
    }

    async fn asked(&self, url: &str, at: &str) -> Result<HttpResponse> {
        let unreachable = |cause: &dyn std::fmt::Display| {
            Error::new(Kind::Unavailable, format!("{url} cannot be got"))
                .cause(cause)
                .hint("check the URL, the network and HTTPS_PROXY")
        };
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(at).map_err(|error| unreachable(&error))?;
        request.headers_mut().insert("user-agent", concat!("eksso/", env!("CARGO_PKG_VERSION")));
        self.connector.call(request).await.map_err(|error| match Failure::unconnected("the server", &error) {
            failure if failure.kind == FailureKind::Untrusted => failure.into(),
            failure => unreachable(&failure.reason),
        })
    }
}

/// Reads a body piece by piece, so that one without an end fills nothing.
async fn text(mut body: SdkBody, large: &dyn Fn() -> Error, bad: &dyn Fn(String) -> Error) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| bad(format!("its answer ends early: {error}")))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > MAX_TEXT {
            return Err(large());
        }
    }
    String::from_utf8(bytes).map_err(|_| bad("it is no text".to_owned()))
}

/// Where a redirect leads: to an https URL, or to another path of the same server. From https nothing leads to plain http.
fn led(at: &str, target: &str) -> Option<String> {
    let next = match target.starts_with('/') && !target.starts_with("//") {
        true => format!("{}{target}", at.parse::<Origin>().ok()?),
        false => target.to_owned(),
    };
    let plain = at.starts_with("http://");
    (is_safe_url(&next) && (plain || next.starts_with("https://"))).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_to_https_only() {
        let at = "https://example.com/a/b.toml";
        for (target, wanted) in [
            ("/c.toml", Some("https://example.com/c.toml")),
            ("https://cdn.example.com/x", Some("https://cdn.example.com/x")),
            ("http://cdn.example.com/x", None),
            ("http://127.0.0.1/x", None),
            ("//evil.example/x", None),
            ("file:///etc/passwd", None),
            ("c.toml", None),
            ("", None),
        ] {
            assert_eq!(led(at, target).as_deref(), wanted, "{target}");
        }
        assert!(led("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/y").is_some());
    }
}
