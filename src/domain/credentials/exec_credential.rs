//! The exec credential protocol of client-go: KUBERNETES_EXEC_INFO in, one ExecCredential object out.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::lifetime::whole_second;
use crate::domain::secret::{Secret, SecretString};

/// The API versions that carry a token the same way; client-go insists on getting the one it is configured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    /// `client.authentication.k8s.io/v1`
    V1,
    /// `client.authentication.k8s.io/v1beta1`
    V1Beta1,
}

impl ApiVersion {
    /// As it stands in `apiVersion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "client.authentication.k8s.io/v1",
            Self::V1Beta1 => "client.authentication.k8s.io/v1beta1",
        }
    }

    /// Reads the version out of KUBERNETES_EXEC_INFO; without the variable it is v1beta1, as for `aws eks get-token`.
    pub fn from_exec_info(exec_info: Option<&str>) -> Result<Self, ExecInfoError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct ExecInfo {
            api_version: String,
        }
        let Some(text) = exec_info.filter(|text| !text.trim().is_empty()) else { return Ok(Self::V1Beta1) };
        let info: ExecInfo = serde_json::from_str(text).map_err(|error| ExecInfoError::Malformed(error.to_string()))?;
        [Self::V1, Self::V1Beta1]
            .into_iter()
            .find(|version| version.as_str() == info.api_version)
            .ok_or(ExecInfoError::Unsupported(info.api_version))
    }
}

/// Why KUBERNETES_EXEC_INFO cannot be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum ExecInfoError {
    /// Not the JSON object that client-go sends.
    Malformed(String),
    /// A version without a token reply that we know.
    Unsupported(String),
}

impl fmt::Display for ExecInfoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => write!(f, "KUBERNETES_EXEC_INFO is not an ExecCredential object: {reason}"),
            Self::Unsupported(version) => write!(
                f,
                "KUBERNETES_EXEC_INFO asks for `{version}`; eksso speaks `{}` and `{}`",
                ApiVersion::V1.as_str(),
                ApiVersion::V1Beta1.as_str()
            ),
        }
    }
}

/// The reply: one line of JSON.
pub fn render(version: ApiVersion, token: &SecretString, expires_at: Timestamp) -> SecretString {
    let second = whole_second(expires_at);
    // By hand, so that the token is copied once and into a buffer that is wiped; neither value needs escaping.
    Secret::new(format!(
        "{{\"apiVersion\":\"{}\",\"kind\":\"ExecCredential\",\"status\":{{\"expirationTimestamp\":\"{second}\",\"token\":\"{}\"}}}}\n",
        version.as_str(),
        token.expose()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_echoed_and_v1beta1_is_the_default() {
        let from = ApiVersion::from_exec_info;
        let v1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true,"new":1}}"#;
        assert_eq!(from(None), Ok(ApiVersion::V1Beta1));
        assert_eq!(from(Some(" ")), Ok(ApiVersion::V1Beta1));
        assert_eq!(from(Some(v1)), Ok(ApiVersion::V1));
        assert_eq!(from(Some(&v1.replace("/v1", "/v1beta1"))), Ok(ApiVersion::V1Beta1));
        assert!(matches!(from(Some(&v1.replace("/v1", "/v1alpha1"))), Err(ExecInfoError::Unsupported(_))));
        assert!(matches!(from(Some("{")), Err(ExecInfoError::Malformed(_))));
        assert!(matches!(from(Some("[]")), Err(ExecInfoError::Malformed(_))));
    }

    #[test]
    fn the_reply_is_one_json_object() {
        let at = Timestamp::from_millisecond(1_800_000_000_250).expect("time");
        let reply = render(ApiVersion::V1, &"k8s-aws-v1.abc".into(), at);
        let value: serde_json::Value = serde_json::from_str(reply.expose()).expect("JSON");
        assert_eq!(value["status"]["expirationTimestamp"], "2027-01-15T08:00:00Z");
        assert_eq!(value["status"]["token"], "k8s-aws-v1.abc");
        assert_eq!(value["kind"], "ExecCredential");
    }
}
