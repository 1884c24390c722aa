//! The few Kubernetes calls we make: who a token is, what it may do, and the ConfigMap `aws-auth`.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::clients::dial::{DialError, Reason, root_cause};
use crate::clients::http::{MAX_ANSWER, Pinned, pinned};
use crate::domain::access::answers::{Refusal, Rule, Rules, User};
use crate::domain::access::aws_auth::AwsAuth;
use crate::domain::ids::Namespace;
use crate::domain::secret::{SecretString, scrub};
use crate::domain::url::is_safe_url;
use crate::error::Result;
use crate::ports::Env;

/// A private endpoint that cannot be reached from here often just does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a cluster is reached and what is trusted there, in the words of a kubeconfig's cluster entry.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The CA, PEM; without it the machine's own trust, as in client-go.
    pub ca: Option<Vec<u8>>,
    /// `proxy-url`; without it the environment's.
    pub proxy: Option<String>,
    /// `tls-server-name`: the name its certificate is checked for.
    pub server_name: Option<String>,
    /// `insecure-skip-tls-verify`
    pub insecure: bool,
}

/// One cluster's API, as one token.
#[derive(Debug)]
pub struct Kube {
    connector: SharedHttpConnector,
    endpoint: String,
    token: SecretString,
}

impl Kube {
    /// A client for a cluster.
    pub fn new(env: &dyn Env, endpoint: &str, route: &Route, token: SecretString) -> Result<Self> {
        let Route { ca, proxy, server_name, insecure } = route;
        let connector = pinned(
            env,
            &Pinned {
                ca: ca.as_deref(),
                insecure: *insecure,
                server_name: server_name.as_deref(),
                proxy: proxy.as_deref(),
            },
        )?;
        Ok(Self { connector, endpoint: endpoint.trim_end_matches('/').to_owned(), token })
    }

    /// SelfSubjectReview, v1 or, on Kubernetes 1.27, v1beta1.
    pub async fn whoami(&self) -> Result<User, Refusal> {
        let review = |version: &str| json!({ "kind": "SelfSubjectReview", "apiVersion": format!("authentication.k8s.io/{version}") });
        let path = |version: &str| format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews");
        let answer = match self.call("POST", &path("v1"), Some(&review("v1"))).await {
            Err(Refusal::Missing) => self.call("POST", &path("v1beta1"), Some(&review("v1beta1"))).await?,
            answer => answer?,
        };
        field(&answer, "/status/userInfo")
    }

    /// SelfSubjectRulesReview for a namespace.
    pub async fn rules(&self, namespace: &Namespace) -> Result<Rules, Refusal> {
        let review = json!({
            "kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1",
            "spec": { "namespace": namespace.as_str() },
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
        let answer = self.call("POST", path, Some(&review)).await?;
        let mut rules: Vec<Rule> = Vec::new();
        for list in ["/status/resourceRules", "/status/nonResourceRules"] {
            if answer.pointer(list).is_some_and(|rules| !rules.is_null()) {
                rules.extend(field::<Vec<Rule>>(&answer, list)?);
            }
        }
        Ok(Rules {
            rules,
            incomplete: answer.pointer("/status/incomplete").and_then(Value::as_bool).unwrap_or_default(),
            error: answer
                .pointer("/status/evaluationError")
                .and_then(Value::as_str)
                .filter(|error| !error.is_empty())
                .map(str::to_owned),
        })
    }

    /// The ConfigMap `kube-system/aws-auth`.
    pub async fn aws_auth(&self) -> Result<AwsAuth, Refusal> {
        let answer = self.call("GET", "/api/v1/namespaces/kube-system/configmaps/aws-auth", None).await?;
        let data =
            |key: &str| answer.pointer(&format!("/data/{key}")).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(AwsAuth { roles: data("mapRoles"), users: data("mapUsers"), accounts: data("mapAccounts") })
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        let unreachable = |reason: String| Refusal::Unreachable(reason);
        if !is_safe_url(&self.endpoint) {
            return Err(unreachable("its address is not an https URL".to_owned()));
        }
        let bad = |error: &dyn std::fmt::Display| unreachable(error.to_string());
        let body = body.map_or_else(SdkBody::empty, |body| SdkBody::from(body.to_string()));
        let mut request = HttpRequest::new(body);
        request.set_uri(format!("{}{path}", self.endpoint)).map_err(|error| bad(&error))?;
        request.set_method(method).map_err(|error| bad(&error))?;
        let headers = request.headers_mut();
        headers.insert("accept", "application/json");
        headers.insert("content-type", "application/json");
        headers
            .try_insert("authorization", format!("Bearer {}", self.token.expose()))
            .map_err(|_| unreachable("its token cannot be sent in a header".to_owned()))?;
        let exchange = async {
            let answer = self.connector.call(request).await.map_err(|error| match DialError::within(&error) {
                Some(why) if why.kind == Reason::Untrusted => Refusal::Untrusted(why.to_string()),
                _ => unreachable(root_cause(&error)),
            })?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|error| bad(&error))?;
            let body = body.to_bytes();
            let json: Value = serde_json::from_slice(&body).unwrap_or_default();
            // A proxy on the way may refuse with a page of its own, which says nothing of the cluster. The API server has
            // plain words for paths that it does not know.
            let is_its_own = json["kind"] == "Status" || status == 404 && body.starts_with(b"404 page not found");
            Ok((status, json, is_its_own))
        };
        let (status, json, is_its_own) = match timeout(PATIENCE, exchange).await {
            Ok(answered) => answered?,
            Err(_) => return Err(unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
        };
        match status {
            200..300 if json.is_object() => Ok(json),
            401 if is_its_own => Err(Refusal::Unauthorized),
            403 if is_its_own => {
                Err(Refusal::Forbidden(scrub(json["message"].as_str().unwrap_or("forbidden")).into_owned()))
            }
            404 if is_its_own => Err(Refusal::Missing),
            _ => Err(unreachable(format!("HTTP {status}, and no answer of Kubernetes"))),
        }
    }
}

fn field<T: serde::de::DeserializeOwned>(answer: &Value, pointer: &str) -> Result<T, Refusal> {
    let found = answer.pointer(pointer).cloned().unwrap_or_default();
    serde_json::from_value(found).map_err(|error| Refusal::Unreachable(format!("an answer without {pointer}: {error}")))
}
