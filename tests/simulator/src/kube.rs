//! A Kubernetes API over TLS for each cluster. It lets in a bearer token that passes the checks of
//! aws-iam-authenticator's verifier, whose signature our own verifier recomputes, and whose role is mapped.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Extract;
use axum::http::{Method, Request, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::{Value, json};

use crate::authorizer;
use crate::eks::entries_of;
use crate::fault::Fault;
use crate::rbac;
use crate::review;
use crate::sigv4::pairs;
use crate::state::{Recorded, Shared, State};
use crate::sts::{Caller, presigned_caller, unix};
use crate::web::{ok, quotation};
use crate::world::{Cluster, Mapping, MappingKind, NODE_ROLE, NODE_USER, Rule, partition};

const MAX_TOKEN: usize = 4096;
const CREATED: &str = "2026-01-01T00:00:00Z";

/// The CA of the clusters and the server's certificate.
#[derive(Debug)]
pub(crate) struct Authority {
    pub certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
    known: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// The name in certificates of the clusters, which are reached by address.
const LOOPBACK: &str = "127.0.0.1";

impl Authority {
    pub fn new() -> Self {
        let ca_key = KeyPair::generate().expect("a key");
        let mut ca = CertificateParams::default();
        // Without names of their own, issuer and server would look like one self-signed certificate.
        ca.distinguished_name.push(DnType::CommonName, "eksso simulator CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = ca.self_signed(&ca_key).expect("a certificate");
        Self { certificate_pem: certificate.pem(), issuer: Issuer::new(ca, ca_key), known: Mutex::default() }
    }

    /// A certificate for a host, made when it is first asked for.
    fn certificate(&self, host: &str) -> Arc<CertifiedKey> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(host.to_owned()).or_insert_with(|| {
            let names =
                if host == LOOPBACK { vec![LOOPBACK.into(), "localhost".into()] } else { vec![host.to_owned()] };
            let key = KeyPair::generate().expect("a key");
            let mut server = CertificateParams::new(names).expect("names");
            server.distinguished_name.push(DnType::CommonName, host);
            server.use_authority_key_identifier_extension = true;
            let server = server.signed_by(&key, &self.issuer).expect("a certificate");
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
            let key = rustls::crypto::ring::sign::any_supported_type(&key).expect("a usable key");
            Arc::new(CertifiedKey::new(vec![server.der().clone()], key))
        });
        Arc::clone(made)
    }

    /// A certificate and its key, PEM, of the CA: for a server on the loopback interface, or for a user of a group.
    pub fn issue(&self, user: Option<(&str, &str)>) -> (String, String) {
        let names = if user.is_some() { vec![] } else { vec![LOOPBACK.to_owned(), "localhost".to_owned()] };
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(names).expect("names");
        let (name, group) = user.unwrap_or((LOOPBACK, "servers"));
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, group);
        let purposes = [ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.extended_key_usages = purposes.to_vec();
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// TLS for whatever host a client names.
    pub fn server_config(self: Arc<Self>) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certificate(hello.server_name().unwrap_or(LOOPBACK)))
    }
}

pub(crate) fn router(shared: Arc<Shared>, cluster: String) -> Router {
    Router::new().fallback(serve).with_state((shared, cluster))
}

async fn serve(Extract((shared, key)): Extract<(Arc<Shared>, String)>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let mut state = shared.state();
    state.requests.push(Recorded {
        operation: "Kubernetes".to_owned(),
        target: parts.uri.to_string(),
        headers: Vec::new(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    match state.due_fault("Kubernetes", parts.uri.path()) {
        Some(Fault::Echo(code, reason)) => return status(code, reason, &quotation(&parts, &body)),
        // A proxy on the way, with a page of its own.
        Some(Fault::Error(code, _, page)) => {
            let mut response = Response::new(Body::from(page));
            *response.status_mut() = StatusCode::from_u16(code).expect("a status");
            return response;
        }
        _ => {}
    }
    let Some(cluster) = state.world.clusters.iter().find(|cluster| cluster.key() == key) else {
        return status(404, "NotFound", "the cluster is gone");
    };
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let list = rbac::asked(parts.uri.path(), parts.uri.query().unwrap_or_default(), text("accept"));
    let list = list.filter(|_| parts.method == Method::GET);
    let goes_on = list.as_ref().is_some_and(rbac::List::goes_on);
    if let (Some(list), true, true) = (&list, goes_on, cluster.rbac.expired > 0) {
        let own = state.world.clusters.iter_mut().find(|cluster| cluster.key() == key).expect("the same cluster");
        own.rbac.expired -= 1;
        return list.expired();
    }
    let page_size = state.world.page_size;
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let admitted = admit(&state, cluster, token);
    let answered = admitted.map(|(caller, user)| {
        let decided = cluster.decides.then(|| decide(&state, cluster, &caller, &user, &parts, &body)).flatten();
        decided.unwrap_or_else(|| match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/api/v1/namespaces/kube-system/configmaps/aws-auth") => {
                aws_auth(&state, cluster, &caller, &user)
            }
            (&Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews") => {
                match review::read(review::RULES, text("content-type"), &body) {
                    Ok(review) => rules(cluster, &review),
                    Err(refusal) => *refusal,
                }
            }
            (_, path) if path.ends_with("/selfsubjectreviews") && cluster.hushed.contains(&caller.role) => {
                status(403, "Forbidden", "selfsubjectreviews.authentication.k8s.io is forbidden")
            }
            (&Method::GET, path)
                if path.strip_prefix("/api/v1/namespaces/").is_some_and(|name| !name.contains('/')) =>
            {
                rbac::namespace(cluster, &caller.role, user["username"].as_str().unwrap_or_default(), path)
            }
            (_, path) => match &list {
                Some(list) => {
                    list.answer(cluster, &caller.role, user["username"].as_str().unwrap_or_default(), page_size)
                }
                None => answer(path, &user),
            },
        })
    });
    answered.unwrap_or_else(|reason| {
        // The API server tells the client nothing; why it was refused is for the tests to read.
        state.requests.last_mut().expect("just pushed").headers.push(("x-refused".into(), reason));
        status(401, "Unauthorized", "Unauthorized")
    })
}

/// Who a token is in a cluster, as a Kubernetes UserInfo.
pub(crate) fn user(state: &State, cluster: &Cluster, token: &str) -> Result<Value, String> {
    admit(state, cluster, token).map(|(_, user)| user)
}

fn admit(state: &State, cluster: &Cluster, token: &str) -> Result<(Caller, Value), String> {
    let caller = verify(state, cluster, token)?;
    if cluster.cut_off {
        return Err("STS cannot be reached".to_owned());
    }
    if cluster.not_yet.contains(&caller.role) {
        return Err("the entry is not there yet".to_owned());
    }
    let partition = partition(&cluster.region);
    let canonical = format!("arn:{partition}:iam::{}:role/{}", caller.account, caller.iam_role);
    let mapped = mapped(state, cluster, &caller, &canonical)?;
    let user = &state.world.user;
    let session = user.replace('@', "-");
    let fill = |template: &String| {
        let filled = template.replace("{{AccountID}}", &caller.account).replace("{{SessionName}}", &session);
        filled.replace("{{SessionNameRaw}}", user).replace("{{AccessKeyID}}", &caller.access_key)
    };
    if std::iter::once(&mapped.username).chain(&mapped.groups).any(|text| text.contains("{{EC2PrivateDNSName}}")) {
        return Err("SessionName did not contain an instance id".to_owned());
    }
    let groups: Vec<String> = mapped.groups.iter().map(fill).collect();
    let id = caller.user_id(user);
    let info = json!({
        "username": fill(&mapped.username),
        "groups": groups.iter().map(String::as_str).chain(["system:authenticated"]).collect::<Vec<_>>(),
        "uid": format!("aws-iam-authenticator:{}:{}", caller.account, id.split(':').next().unwrap_or_default()),
        "extra": {
            "arn": [caller.session_arn(user)],
            "canonicalArn": [canonical],
            "sessionName": [session],
            "accessKeyId": [caller.access_key],
        },
    });
    Ok((caller, info))
}

/// Who a role is to a cluster, templates not filled in: by its access entry, else as aws-iam-authenticator maps it (roles,
/// users, accounts; ARNs without regard to case; the last of two with one ARN), else as the maker of the cluster.
fn mapped(state: &State, cluster: &Cluster, caller: &Caller, canonical: &str) -> Result<Line, String> {
    let own_arn = state.world.role_arn(&caller.account, partition(&cluster.region), &caller.role);
    if cluster.has_entries() {
        let entries = entries_of(state, cluster);
        let found = entries.iter().find(|entry| entry.arn == own_arn);
        match found.and_then(|entry| entry.mapping) {
            // Bound to a role that is gone.
            Some(mapping) if mapping.kind == MappingKind::StaleEntry => {}
            // One of its own: no permission set's.
            None if found.is_some_and(|entry| entry.raw.is_some_and(|raw| raw.kind == "STANDARD")) => {
                let raw = found.and_then(|entry| entry.raw).expect("just seen");
                return Ok(Line { arn: own_arn, username: raw.username.clone(), groups: raw.groups.clone() });
            }
            Some(mapping) => {
                let is_nodes = mapping.kind == MappingKind::NodeEntry;
                let username = if is_nodes { NODE_USER.to_owned() } else { mapping.username.clone() };
                return Ok(Line { arn: own_arn, username, groups: mapping.groups.clone() });
            }
            None => {}
        }
    }
    if cluster.has_aws_auth() {
        let is_own = |line: &&Line| line.arn.eq_ignore_ascii_case(canonical);
        let (roles, users) = (role_lines(state, cluster), user_lines(state, cluster));
        let roles = if cluster.broken_map_roles { Vec::new() } else { roles };
        if let Some(line) = roles.iter().rev().find(is_own).or_else(|| users.iter().rev().find(is_own)) {
            return Ok(line.clone());
        }
        if accounts(cluster).contains(&caller.account) {
            return Ok(Line { arn: own_arn, username: canonical.to_owned(), groups: Vec::new() });
        }
    }
    let made = |mapping: &Mapping| mapping.kind == MappingKind::Creator && mapping.role == caller.role;
    // Where there are entries, the maker has one.
    if !cluster.has_entries() && caller.account == cluster.account && cluster.mappings.iter().any(made) {
        let (username, groups) = ("kubernetes-admin".to_owned(), vec!["system:masters".to_owned()]);
        return Ok(Line { arn: own_arn, username, groups });
    }
    Err(format!("{} is not mapped", caller.role))
}

/// A line of aws-auth.
#[derive(Debug, Clone)]
struct Line {
    arn: String,
    username: String,
    groups: Vec<String>,
}

/// The ARN of the role behind a permission set, without its path.
fn bare_arn(state: &State, cluster: &Cluster, role: &str) -> String {
    let (account, partition) = (&cluster.account, partition(&cluster.region));
    let with_path = state.world.role_arn(account, partition, role);
    format!("arn:{partition}:iam::{account}:role/{}", with_path.rsplit('/').next().unwrap_or_default())
}

/// `mapRoles`, but for the nodes.
fn role_lines(state: &State, cluster: &Cluster) -> Vec<Line> {
    let line = |mapping: &Mapping| {
        let bare = bare_arn(state, cluster, &mapping.role);
        let arn = match mapping.kind {
            MappingKind::AwsAuth | MappingKind::AwsAuthMerged | MappingKind::AwsAuthAgain | MappingKind::NodeLine => {
                bare
            }
            MappingKind::AwsAuthInCapitals => bare.to_uppercase(),
            MappingKind::AwsAuthWithPath => {
                state.world.role_arn(&cluster.account, partition(&cluster.region), &mapping.role)
            }
            MappingKind::NamesakeLine => {
                format!("arn:{}:iam::{}:role/{}", partition(&cluster.region), cluster.account, mapping.role)
            }
            _ => return None,
        };
        let username = match mapping.kind {
            MappingKind::NodeLine => NODE_USER.to_owned(),
            MappingKind::AwsAuthAgain => format!("again:{}", mapping.username),
            _ => mapping.username.clone(),
        };
        Some(Line { arn, username, groups: mapping.groups.clone() })
    };
    cluster.mappings.iter().filter_map(line).collect()
}

/// `mapUsers`.
fn user_lines(state: &State, cluster: &Cluster) -> Vec<Line> {
    let users = cluster.mappings.iter().filter(|mapping| mapping.kind == MappingKind::UserLine);
    let line = |mapping: &Mapping| Line {
        arn: bare_arn(state, cluster, &mapping.role),
        username: mapping.username.clone(),
        groups: mapping.groups.clone(),
    };
    users.map(line).collect()
}

/// `mapAccounts`.
fn accounts(cluster: &Cluster) -> Vec<String> {
    let whole = cluster.mappings.iter().any(|mapping| mapping.kind == MappingKind::Account);
    whole.then(|| cluster.account.clone()).into_iter().collect()
}

/// The checks of aws-iam-authenticator `pkg/token/token.go` Verify, in its order, then what STS itself checks.
fn verify(state: &State, cluster: &Cluster, token: &str) -> Result<Caller, String> {
    let refuse = |reason: &str| Err(reason.to_owned());
    if token.len() > MAX_TOKEN {
        return refuse("token is too large");
    }
    let Some(encoded) = token.strip_prefix("k8s-aws-v1.") else { return refuse("token is missing its prefix") };
    let Ok(decoded) = URL_SAFE_NO_PAD.decode(encoded) else { return refuse("token is not base64url") };
    let Ok(url) = String::from_utf8(decoded) else { return refuse("token is not text") };
    let Some(rest) = url.strip_prefix("https://") else { return refuse("scheme is not https") };
    let Some((host, query)) = rest.split_once("/?") else { return refuse("path is not /") };
    let region = &cluster.region;
    let hosts = ["sts", "sts-fips"]
        .iter()
        .flat_map(|s| [format!("{s}.{region}.amazonaws.com"), format!("{s}.{region}.api.aws")]);
    if host != "sts.amazonaws.com" && !hosts.into_iter().any(|known| known == host) {
        return Err(format!("unexpected host {host}"));
    }
    let Some(pairs) = pairs(query) else { return refuse("query does not parse") };
    let allowed = [
        "action",
        "version",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
    ];
    let mut seen = std::collections::HashMap::new();
    for (name, value) in &pairs {
        let name = name.to_lowercase();
        if !allowed.contains(&name.as_str()) {
            return Err(format!("non-whitelisted query parameter {name}"));
        }
        if seen.insert(name.clone(), value.as_str()).is_some() {
            return Err(format!("query parameter {name} twice"));
        }
    }
    let get = |name: &str| seen.get(name).copied().unwrap_or_default();
    if get("action") != "GetCallerIdentity" {
        return refuse("unexpected action");
    }
    if get("version") != "2011-06-15" {
        return refuse("STS does not know this version");
    }
    if !get("x-amz-signedheaders").to_lowercase().split(';').any(|name| name == "x-k8s-aws-id") {
        return refuse("client did not sign the x-k8s-aws-id header");
    }
    if !get("x-amz-expires").parse::<i64>().is_ok_and(|seconds| (0..=900).contains(&seconds)) {
        return refuse("X-Amz-Expires is not in 0..900");
    }
    let Some(made) = unix(get("x-amz-date")) else { return refuse("X-Amz-Date does not parse") };
    if state.now() > made + 900 {
        return refuse("token is expired");
    }
    let own_id = cluster.outpost_id.as_deref().unwrap_or(&cluster.name);
    presigned_caller(state, query, &[("host", host), ("x-k8s-aws-id", own_id)]).map_err(|code| format!("STS: {code}"))
}

/// What a cluster that decides by itself says of a request: a refusal, the answer to a review, an empty list; `None` where others answer.
fn decide(
    state: &State,
    cluster: &Cluster,
    caller: &Caller,
    user: &Value,
    parts: &axum::http::request::Parts,
    body: &[u8],
) -> Option<Response<Body>> {
    let own_arn = state.world.role_arn(&caller.account, partition(&cluster.region), &caller.role);
    let entries = entries_of(state, cluster);
    let policies = entries.iter().find(|entry| entry.arn == own_arn).map(|entry| entry.policies().to_vec());
    let groups: Vec<String> =
        user["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let name = user["username"].as_str().unwrap_or_default();
    let may = |request: &authorizer::Request| {
        authorizer::may(cluster, name, &groups, &policies.clone().unwrap_or_default(), request)
    };
    let resource = |name: &str, kind: &str, namespaced: bool| json!({ "name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["create", "get", "list"] });
    let discovered = |version: &str, resources: Value| {
        ok(&json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources }))
    };
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, path) if path.ends_with("/selfsubjectaccessreviews") => {
            let kind = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let review = match review::read(review::ACCESS, kind, body) {
                Ok(review) => review,
                Err(refusal) => return Some(*refusal),
            };
            let allowed = may(&authorizer::Request::of(&review));
            let mut response = ok(&json!({
                "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": review["spec"],
                "status": { "allowed": allowed },
            }));
            *response.status_mut() = StatusCode::CREATED;
            Some(response)
        }
        (&Method::GET, "/api/v1") => Some(discovered(
            "v1",
            json!([
                resource("namespaces", "Namespace", false),
                resource("pods", "Pod", true),
                resource("secrets", "Secret", true),
                resource("configmaps", "ConfigMap", true),
            ]),
        )),
        (&Method::GET, "/apis") => {
            let version = json!({ "groupVersion": "rbac.authorization.k8s.io/v1", "version": "v1" });
            let group =
                json!({ "name": "rbac.authorization.k8s.io", "versions": [version], "preferredVersion": version });
            Some(ok(&json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [group] })))
        }
        (&Method::GET, "/apis/rbac.authorization.k8s.io/v1") => Some(discovered(
            "rbac.authorization.k8s.io/v1",
            json!([
                resource("rolebindings", "RoleBinding", true),
                resource("clusterrolebindings", "ClusterRoleBinding", false),
            ]),
        )),
        // Whoever is let in may ask about themselves: ClusterRole system:basic-user.
        (&Method::POST, path) if path.ends_with("reviews") => None,
        (method, path) => {
            let request = authorizer::Request::of_path(method.as_str(), path)?;
            if !may(&request) {
                return Some(status(403, "Forbidden", &request.refusal(name)));
            }
            if method != Method::GET {
                return None;
            }
            let kind = [("pods", "PodList"), ("secrets", "SecretList"), ("configmaps", "ConfigMapList")];
            let (_, kind) =
                kind.iter().find(|(resource, _)| *resource == request.resource && request.name.is_empty())?;
            Some(ok(&json!({ "kind": kind, "apiVersion": "v1", "metadata": {}, "items": [] })))
        }
    }
}

fn answer(path: &str, user: &Value) -> Response<Body> {
    match path {
        "/version" => {
            ok(&json!({ "major": "1", "minor": "35", "gitVersion": "v1.35.0-simulated", "platform": "linux/amd64" }))
        }
        "/api" => ok(&json!({ "kind": "APIVersions", "versions": ["v1"] })),
        "/apis" => ok(&json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [] })),
        "/api/v1" => ok(&json!({ "kind": "APIResourceList", "groupVersion": "v1", "resources": [
            { "name": "namespaces", "singularName": "namespace", "shortNames": ["ns"], "namespaced": false, "kind": "Namespace", "verbs": ["get", "list"] },
        ]})),
        // Where helm looks for its releases.
        path if path.starts_with("/api/v1/") && path.ends_with("/secrets") => {
            ok(&json!({ "kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": [] }))
        }
        path if path.starts_with("/apis/authentication.k8s.io/") && path.ends_with("/selfsubjectreviews") => {
            let version = path.trim_start_matches("/apis/").trim_end_matches("/selfsubjectreviews");
            let mut response = ok(
                &json!({ "kind": "SelfSubjectReview", "apiVersion": version, "metadata": { "creationTimestamp": CREATED }, "status": { "userInfo": user } }),
            );
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        _ => status(404, "NotFound", "the simulator does not serve this"),
    }
}

/// The ConfigMap kube-system/aws-auth, for those whom RBAC lets read it.
fn aws_auth(state: &State, cluster: &Cluster, caller: &Caller, user: &Value) -> Response<Body> {
    if !cluster.decides && !cluster.readers.contains(&caller.role) {
        let name = user["username"].as_str().unwrap_or_default();
        let message = format!(
            "configmaps \"aws-auth\" is forbidden: User \"{name}\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"kube-system\""
        );
        return status(403, "Forbidden", &message);
    }
    let config_map = |roles: &str, users: &str, accounts: &str| {
        let mut data = json!({ "mapRoles": roles, "mapUsers": users, "mapAccounts": accounts });
        cluster.eks.other_keys.iter().for_each(|(key, text)| data[key] = json!(text));
        ok(&json!({
            "kind": "ConfigMap", "apiVersion": "v1",
            "metadata": { "name": "aws-auth", "namespace": "kube-system", "creationTimestamp": CREATED },
            "data": data,
        }))
    };
    if let Some([roles, users, accounts]) = &cluster.eks.aws_auth {
        return config_map(roles, users, accounts);
    }
    if !cluster.has_aws_auth() {
        return status(404, "NotFound", "configmaps \"aws-auth\" not found");
    }
    let (account, partition) = (&cluster.account, partition(&cluster.region));
    let mut lines = format!(
        "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:{partition}:iam::{account}:role/{NODE_ROLE}\n  username: {NODE_USER}\n"
    );
    // JSON is YAML.
    let merged = cluster.mappings.iter().any(|mapping| mapping.kind == MappingKind::AwsAuthMerged);
    for Line { arn, username, groups } in role_lines(state, cluster) {
        let (username, groups) = (json!(username), json!(groups));
        if merged {
            let base = format!(
                "- &base\n  rolearn: arn:aws:iam::000000000000:role/base\n  username: {username}\n  groups: {groups}\n"
            );
            write!(lines, "{base}- <<: *base\n  rolearn: {arn}\n").expect("writing to a string");
        } else {
            write!(lines, "- rolearn: {arn}\n  username: {username}\n  groups: {groups}\n")
                .expect("writing to a string");
        }
    }
    let users = user_lines(state, cluster).into_iter();
    let users: Vec<Value> =
        users.map(|line| json!({ "userarn": line.arn, "username": line.username, "groups": line.groups })).collect();
    let roles = if cluster.broken_map_roles { "- [" } else { &lines };
    config_map(roles, &json!(users).to_string(), &json!(accounts(cluster)).to_string())
}

/// What the caller may do in a namespace: the same in each.
fn rules(cluster: &Cluster, review: &Value) -> Response<Body> {
    if review["spec"]["namespace"].as_str().is_none_or(str::is_empty) {
        return status(400, "BadRequest", "no namespace on request");
    }
    let rule = |rule: &Rule| json!({ "verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources });
    let mut response = ok(&json!({
        "kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1",
        "metadata": { "creationTimestamp": null }, "spec": {},
        "status": {
            "resourceRules": cluster.rules.iter().map(rule).collect::<Vec<_>>(),
            "nonResourceRules": [{ "verbs": ["get"], "nonResourceURLs": ["/healthz"] }],
            "incomplete": cluster.evaluation_error.is_some(),
            "evaluationError": cluster.evaluation_error.clone().unwrap_or_default(),
        },
    }));
    *response.status_mut() = StatusCode::CREATED;
    response
}

pub(crate) fn status(code: u16, reason: &str, message: &str) -> Response<Body> {
    let mut response = ok(&json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code,
    }));
    *response.status_mut() = StatusCode::from_u16(code).expect("a status");
    response
}
