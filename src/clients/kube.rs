//! The few Kubernetes calls we make: who a token is, what it may do, the ConfigMap `aws-auth`, and the lists that say who may
//! do what.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::clients::dial::{DialError, Reason, root_cause};
use crate::clients::http::{MAX_ANSWER, Pinned, pinned};
use crate::domain::access::answers::{Refusal, Rule, Rules, User};
use crate::domain::access::aws_auth::AwsAuth;
use crate::domain::access::facts::{Binding, RbacRole, RbacSubject, ServiceAccount};
use crate::domain::ids::Namespace;
use crate::domain::pages::Pages;
use crate::domain::secret::{SecretString, scrub};
use crate::domain::url::is_safe_url;
use crate::error::Result;
use crate::ports::Env;

/// A private endpoint that cannot be reached from here often just does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// A page of a long list takes a busy API server longer.
const LIST_PATIENCE: Duration = Duration::from_secs(20);
/// Objects of a page. ClusterRoles of operators are several KiB each, and a page must stay below the largest answer taken.
const PAGE: u32 = 250;
/// How often a list may expire under way before it is given up: each time, the server goes on with what is there now.
const EXPIRIES: u32 = 5;
/// Names and annotations are all that is wanted: the server leaves out the rest. Source: access.md 1.8.
const NAMES_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
/// The annotation of a service account whose pods get a role by OIDC.
const ROLE_ARN: &str = "eks.amazonaws.com/role-arn";

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
        let data = answer.get("data").and_then(Value::as_object).into_iter().flatten();
        Ok(AwsAuth::of(data.filter_map(|(key, text)| Some((key.as_str(), text.as_str()?)))))
    }

    /// ClusterRoles, or Roles of all namespaces.
    pub async fn roles(&self, of_cluster: bool) -> Result<Vec<RbacRole>, Refusal> {
        let resource = if of_cluster { "clusterroles" } else { "roles" };
        self.list(&format!("{RBAC}/{resource}"), "application/json", |item| {
            let rules = item.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            RbacRole {
                namespace: meta(item, "namespace"),
                name: meta(item, "name"),
                labels: labels(item),
                rules: rules.iter().map(rule).collect(),
            }
        })
        .await
    }

    /// ClusterRoleBindings, or RoleBindings of all namespaces.
    pub async fn bindings(&self, of_cluster: bool) -> Result<Vec<Binding>, Refusal> {
        let resource = if of_cluster { "clusterrolebindings" } else { "rolebindings" };
        self.list(&format!("{RBAC}/{resource}"), "application/json", |item| {
            let subjects = item.get("subjects").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let subject = |found: &Value| RbacSubject {
                kind: text(found, "kind"),
                name: text(found, "name"),
                namespace: text(found, "namespace"),
            };
            let role = item.get("roleRef").unwrap_or(&Value::Null);
            Binding {
                namespace: meta(item, "namespace"),
                name: meta(item, "name"),
                labels: labels(item),
                role_kind: text(role, "kind"),
                role: text(role, "name"),
                subjects: subjects.iter().map(subject).collect(),
            }
        })
        .await
    }

    /// The names of the namespaces.
    pub async fn namespaces(&self) -> Result<Vec<String>, Refusal> {
        self.list("/api/v1/namespaces", NAMES_ONLY, |item| meta(item, "name")).await
    }

    /// Whether there is a namespace of a name: what a role may ask that lists none.
    pub async fn has_namespace(&self, name: &Namespace) -> Result<bool, Refusal> {
        match self.call("GET", &format!("/api/v1/namespaces/{name}"), None).await {
            Ok(found) if meta(&found, "name") == name.as_str() => Ok(true),
            Ok(_) => Err(Refusal::Failed("an answer that is no namespace".to_owned())),
            Err(Refusal::Missing) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// The service accounts of all namespaces.
    pub async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, Refusal> {
        self.list("/api/v1/serviceaccounts", NAMES_ONLY, |item| {
            let annotations = item.pointer("/metadata/annotations").unwrap_or(&Value::Null);
            ServiceAccount {
                namespace: meta(item, "namespace"),
                name: meta(item, "name"),
                role_arn: Some(text(annotations, ROLE_ARN)).filter(|arn| !arn.is_empty()),
            }
        })
        .await
    }

    /// A list in pages. A page's token may expire under way (410): the answer then holds a fresh one, and the list goes on with
    /// what is there now. Objects that came twice by that are kept once. Source: access.md 1.8.
    async fn list<T: PartialEq>(
        &self,
        path: &str,
        accept: &str,
        item: impl Fn(&Value) -> T,
    ) -> Result<Vec<T>, Refusal> {
        let (mut found, mut pages, mut expiries) = (Vec::new(), Pages::default(), 0);
        let mut next: Option<String> = None;
        loop {
            let token = next.as_deref().map(|next| {
                let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
                format!("&continue={encoded}")
            });
            let target = format!("{path}?limit={PAGE}{}", token.unwrap_or_default());
            let answered = self.exchange("GET", &target, None, accept, LIST_PATIENCE).await?;
            let fresh = text(answered.json.get("metadata").unwrap_or(&Value::Null), "continue");
            if answered.status == 410 && answered.is_its_own && expiries < EXPIRIES && !fresh.is_empty() {
                expiries += 1;
                next = Some(fresh);
                continue;
            }
            let page = answered.checked()?;
            let Some(items) = page.get("items").map(|items| items.as_array().map(Vec::as_slice).unwrap_or_default())
            else {
                return Err(Refusal::Failed("an answer that is no list".to_owned()));
            };
            let items = items.iter().map(&item);
            match expiries {
                0 => found.extend(items),
                _ => items.for_each(|item| {
                    if !found.contains(&item) {
                        found.push(item);
                    }
                }),
            }
            next = pages.next(Some(fresh)).map_err(|endless| Refusal::Failed(endless.to_string()))?;
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        self.exchange(method, path, body, "application/json", PATIENCE).await?.checked()
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        accept: &str,
        patience: Duration,
    ) -> Result<Answered, Refusal> {
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
        headers.insert("accept", accept.to_owned());
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
            Ok(Answered { status, json, is_its_own })
        };
        match timeout(patience, exchange).await {
            Ok(answered) => answered,
            Err(_) => Err(unreachable(format!("no answer within {} s", patience.as_secs()))),
        }
    }
}

/// Whether a server's name leads to private addresses only, as that of a cluster does whose public endpoint is off; `None`
/// where its name is not known here.
pub async fn is_private(endpoint: &str) -> Option<bool> {
    let uri: http::Uri = endpoint.parse().ok()?;
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    let found = timeout(PATIENCE, lookup_host((host, uri.port_u16().unwrap_or(443)))).await.ok()?.ok()?;
    let private = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    let addresses: Vec<IpAddr> = found.map(|socket| socket.ip()).collect();
    (!addresses.is_empty()).then(|| addresses.into_iter().all(private))
}

/// An answer, and whether it is the API server's own.
struct Answered {
    status: u16,
    json: Value,
    is_its_own: bool,
}

impl Answered {
    fn checked(self) -> Result<Value, Refusal> {
        let Self { status, json, is_its_own } = self;
        match status {
            200..300 if json.is_object() => Ok(json),
            401 if is_its_own => Err(Refusal::Unauthorized),
            403 if is_its_own => {
                Err(Refusal::Forbidden(scrub(json["message"].as_str().unwrap_or("forbidden")).into_owned()))
            }
            404 if is_its_own => Err(Refusal::Missing),
            410 if is_its_own => Err(Refusal::Failed("the list expired again and again".to_owned())),
            _ if is_its_own && json["message"].is_string() => {
                let message = scrub(json["message"].as_str().unwrap_or_default()).into_owned();
                Err(Refusal::Failed(format!("HTTP {status}: {message}")))
            }
            _ => Err(Refusal::Failed(format!("HTTP {status}, and no answer of Kubernetes"))),
        }
    }
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn meta(item: &Value, field: &str) -> String {
    item.get("metadata").map(|meta| text(meta, field)).unwrap_or_default()
}

fn labels(item: &Value) -> BTreeMap<String, String> {
    let labels = item.pointer("/metadata/labels").and_then(Value::as_object);
    let label = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    labels.into_iter().flatten().filter_map(label).collect()
}

/// A list that is not there is `null` in Go's JSON.
fn rule(found: &Value) -> Rule {
    let texts = |field: &str| {
        let list = found.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    Rule {
        verbs: texts("verbs"),
        api_groups: texts("apiGroups"),
        resources: texts("resources"),
        resource_names: texts("resourceNames"),
        urls: texts("nonResourceURLs"),
    }
}

fn field<T: serde::de::DeserializeOwned>(answer: &Value, pointer: &str) -> Result<T, Refusal> {
    let found = answer.pointer(pointer).cloned().unwrap_or_default();
    serde_json::from_value(found).map_err(|error| Refusal::Failed(format!("an answer without {pointer}: {error}")))
}
