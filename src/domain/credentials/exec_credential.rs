//! The exec credential protocol of client-go: KUBERNETES_EXEC_INFO in, one ExecCredential object out.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::api_version::ApiVersion;
use crate::domain::lifetime::whole_second;
use crate::domain::secret::{Secret, SecretString};

/// The version that KUBERNETES_EXEC_INFO asks for. Without the variable, and where it names none, `instead` says it: several
/// clients set no variable and compare the answer with what their kubeconfig names.
pub fn version_asked(exec_info: Option<&str>, instead: ApiVersion) -> Result<ApiVersion, ExecInfoError> {
    let Some(text) = exec_info.filter(|text| !text.trim().is_empty()) else { return Ok(instead) };
    let malformed = |reason: String| ExecInfoError::Malformed(reason);
    let info: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    let named = match &info {
        Value::Null => return Ok(instead),
        Value::Object(fields) => fields.get("apiVersion"),
        _ => return Err(malformed("it is not a JSON object".to_owned())),
    };
    match named {
        None | Some(Value::Null) => Ok(instead),
        Some(Value::String(text)) if text.is_empty() => Ok(instead),
        Some(Value::String(text)) => ApiVersion::of(text).ok_or_else(|| ExecInfoError::Unsupported(text.clone())),
        Some(_) => Err(malformed("its apiVersion is not a string".to_owned())),
    }
}

/// Whether the client says that its plugin may ask the person: it has a terminal for stdin, and needs that not itself, as
/// `kubectl apply -f -` does. Whose the terminal is at the moment, it does not say.
pub fn is_interactive(exec_info: Option<&str>) -> bool {
    let info: Option<Value> = exec_info.and_then(|text| serde_json::from_str(text).ok());
    info.is_some_and(|info| info.pointer("/spec/interactive") == Some(&Value::Bool(true)))
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
    fn the_version_is_echoed_and_what_names_none_gets_the_default() {
        let from = |text: Option<&str>| version_asked(text, ApiVersion::V1Beta1);
        let v1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true,"new":1}}"#;
        for nothing in ["", " ", "null", "{}", r#"{"apiVersion":null}"#, r#"{"apiVersion":""}"#, r#"{"spec":{}}"#] {
            assert_eq!(from(Some(nothing)), Ok(ApiVersion::V1Beta1), "{nothing}");
            assert_eq!(version_asked(Some(nothing), ApiVersion::V1), Ok(ApiVersion::V1), "{nothing}");
        }
        assert_eq!(from(None), Ok(ApiVersion::V1Beta1));
        assert_eq!(from(Some(v1)), Ok(ApiVersion::V1));
        assert_eq!(version_asked(Some(&v1.replace("/v1", "/v1beta1")), ApiVersion::V1), Ok(ApiVersion::V1Beta1));
        for other in ["client.authentication.k8s.io/v1alpha1", "v1", "client.authentication.k8s.io/v2"] {
            let info = format!(r#"{{"apiVersion":"{other}"}}"#);
            assert_eq!(from(Some(&info)), Err(ExecInfoError::Unsupported(other.to_owned())));
        }
        for bad in ["{", "[]", "1", r#"{"apiVersion":1}"#] {
            assert!(matches!(from(Some(bad)), Err(ExecInfoError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn only_a_client_that_says_so_has_a_plugin_that_may_ask() {
        let info = |spec: &str| format!(r#"{{"kind":"ExecCredential","spec":{spec}}}"#);
        assert!(is_interactive(Some(&info(r#"{"interactive":true}"#))));
        for no in [r#"{"interactive":false}"#, r#"{"interactive":"true"}"#, r#"{"interactive":1}"#, "{}", "null"] {
            assert!(!is_interactive(Some(&info(no))), "{no}");
        }
        assert!([None, Some(""), Some("null"), Some("{")].into_iter().all(|none| !is_interactive(none)));
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
