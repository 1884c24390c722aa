//! Vanity start URLs: an address of the organisation's own that redirects to its access portal.
//!
//! As the AWS CLI v2 resolves them (`awscli/customizations/sso/resolve.py`): one HEAD, or GET where HEAD is not taken; one
//! redirect; its target must be an https address of AWS.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use tokio::time::timeout;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::ids::Region;
use crate::domain::url::StartUrl;
use crate::error::{Error, Kind, Result};

const PATIENCE: Duration = Duration::from_secs(10);

impl Aws {
    /// The portal behind a start URL, and its region where the host names it. A portal's own URL is not asked about.
    pub async fn portal(&self, start_url: &StartUrl) -> Result<(StartUrl, Option<Region>)> {
        if start_url.is_portal() {
            return Ok((start_url.clone(), start_url.region()));
        }
        let mut answer = self.ask("HEAD", start_url).await?;
        if matches!(answer.status().as_u16(), 405 | 501) {
            answer = self.ask("GET", start_url).await?;
        }
        let target = answer.headers().get("location").unwrap_or_default();
        let portal = target.parse::<StartUrl>().ok();
        let portal = portal.filter(|portal| portal.is_aws() && portal.as_str().starts_with("https://"));
        match portal {
            Some(portal) if (300..400).contains(&answer.status().as_u16()) => {
                let region = portal.region();
                Ok((portal, region))
            }
            _ => {
                let status = answer.status().as_u16();
                let led = if target.is_empty() { String::new() } else { format!(", redirect to {target}") };
                Err(Error::new(
                    Kind::Failed,
                    format!("{start_url} is not an AWS access portal, and does not lead to one"),
                )
                .cause(format!("it answered HTTP {status}{led}"))
                .hint("use the portal's own URL, such as https://d-1234567890.awsapps.com/start"))
            }
        }
    }

    async fn ask(&self, method: &str, url: &StartUrl) -> Result<HttpResponse> {
        let unreachable = |cause: String| {
            Error::new(Kind::Unavailable, format!("{url} cannot be reached"))
                .cause(cause)
                .hint("check the start URL, the network and HTTPS_PROXY")
        };
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url.as_str()).map_err(|error| unreachable(error.to_string()))?;
        request.set_method(method).map_err(|error| unreachable(error.to_string()))?;
        match timeout(PATIENCE, self.connector.call(request)).await {
            Ok(answer) => answer.map_err(|error| match Failure::unconnected("the start URL's host", &error) {
                failure if failure.kind == FailureKind::Untrusted => failure.into(),
                failure => unreachable(failure.reason),
            }),
            Err(_) => Err(unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
}
