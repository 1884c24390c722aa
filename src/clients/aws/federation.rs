//! The federation endpoint of the AWS console: a sign-in token for role credentials.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use serde::Deserialize;
use tokio::time::timeout;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind, request_id, root_cause};
use crate::domain::secret::SecretString;

const SERVICE: &str = "the AWS sign-in service";
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    signin_token: SecretString,
}

impl Aws {
    /// getSigninToken. The address holds the credentials: nothing of it is in what fails.
    pub async fn sign_in_token(&self, url: &SecretString) -> Result<SecretString, Failure> {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url.expose().as_str()).map_err(|_| Failure::nonsense(SERVICE, "its address is none"))?;
        let exchange = async {
            let answer = self.connector().call(request).await;
            let answer = answer.map_err(|error| Failure::unasked(SERVICE, root_cause(&error)))?;
            let status = answer.status().as_u16();
            let id = request_id(|name| answer.headers().get(name));
            let body = answer.into_body().collect().await.map_err(|error| Failure::nonsense(SERVICE, error))?;
            Ok((status, id, body.to_bytes()))
        };
        let (status, id, body) = timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(Failure::silent(SERVICE)))?;
        let kind = match status {
            200 => match serde_json::from_slice::<Answer>(&body) {
                Ok(answer) if !answer.signin_token.expose().is_empty() => return Ok(answer.signin_token),
                _ => FailureKind::Nonsense,
            },
            // What it says to credentials that are not good, or may not.
            400 | 401 | 403 => FailureKind::Refused,
            429 => FailureKind::Throttled,
            500.. => FailureKind::Server,
            _ => FailureKind::Nonsense,
        };
        let reason = format!("HTTP {status}");
        Err(Failure { service: SERVICE, kind, code: None, reason, retry_after: None, unsent: false, request_id: id })
    }
}
