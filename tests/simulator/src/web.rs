//! The AWS side: finds the operation, records the request, lets faults happen, then answers.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State as Extract;
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::sigv4::{decode, pairs};
use crate::state::{Recorded, Shared};
use crate::{
    account, account_access, eks, iam, identity_center, oidc, okta, organizations, page, portal, saml, signin, sts,
};

/// A request, read whole.
pub(crate) struct Call {
    pub parts: Parts,
    pub body: Bytes,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub fn raw_query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        pairs(self.raw_query())?.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn form(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(&self.body).ok()?;
        pairs(body)?.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A field of the JSON body as text.
    pub fn text(&self, name: &str) -> String {
        self.json().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The router of everything but Kubernetes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

async fn serve(Extract(shared): Extract<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let mut response = respond(&shared, request).await;
    let state = shared.state();
    let date =
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs((state.now() + state.date_skew).unsigned_abs()));
    response.headers_mut().insert(header::DATE, date.parse().expect("a date"));
    // Okta has a name of its own for this header.
    let name = if state.world.dedicated { "x-okta-request-id" } else { "x-amzn-requestid" };
    response.headers_mut().insert(name, format!("req-{}", state.requests.len()).parse().expect("a word"));
    response
}

async fn respond(shared: &Shared, request: Request<Body>) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    // HTTP/2 names the host in `:authority`; signatures call it `host` all the same.
    if let Some(host) = parts.uri.authority().and_then(|authority| authority.as_str().parse().ok()) {
        parts.headers.entry(header::HOST).or_insert(host);
    }
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let call = Call { parts, body };
    let operation = operation(&call);
    let (latency, throttled, fault) = {
        let mut state = shared.state();
        let headers = call.parts.headers.iter();
        state.requests.push(Recorded {
            operation: operation.clone(),
            target: call.parts.uri.to_string(),
            headers: headers
                .map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
                .collect(),
            body: String::from_utf8_lossy(&call.body).into_owned(),
        });
        // Identity Center counts all its calls together.
        let portal = ["ListAccounts", "ListAccountRoles", "GetRoleCredentials"].contains(&operation.as_str());
        let admin = ["sso:", "identitystore:"].iter().any(|service| operation.starts_with(service));
        let throttled = ((portal || admin) && !state.within_rate()).then(|| match portal {
            true => too_many(state.world.retry_after),
            false => json_error(
                400,
                "ThrottlingException",
                "There are too many requests processing. Please try again later.",
            ),
        });
        let header = |name: &str| call.header(name).unwrap_or_default();
        let text = format!("{} {} {}", call.parts.uri, header("authorization"), header("host"));
        let fault = if throttled.is_some() { None } else { state.due_fault(&operation, &text) };
        (state.world.latency, throttled, fault)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if let Some(response) = throttled {
        return response;
    }
    if let Some(fault) = &fault {
        if matches!(fault, Fault::Hang) {
            return std::future::pending().await;
        }
        if let Some(time) = fault.delay() {
            tokio::time::sleep(time).await;
        }
        if let Fault::Echo(status, name) = fault {
            return echo(&call, *status, name);
        }
        if let Some(response) = fault.response() {
            return response;
        }
    }
    let response = answer(shared, &operation, &call);
    match fault {
        Some(Fault::Late(time)) => tokio::time::sleep(time).await,
        // Ends the task of this connection, and so the connection; unlike `panic!` without words on stderr.
        Some(Fault::Lost) => std::panic::resume_unwind(Box::new("the answer is lost")),
        _ => {}
    }
    response
}

fn operation(call: &Call) -> String {
    let (method, path) = (&call.parts.method, call.path());
    // Slashes inside a label arrive percent-encoded.
    let labels: Vec<&str> = path.split('/').skip(1).collect();
    if let (&Method::GET, ["clusters", _, rest @ ..]) = (method, labels.as_slice()) {
        let name = match rest {
            [] => "DescribeCluster",
            ["access-entries"] => "ListAccessEntries",
            ["access-entries", _] => "DescribeAccessEntry",
            ["access-entries", _, "access-policies"] => "ListAssociatedAccessPolicies",
            ["identity-provider-configs"] => "ListIdentityProviderConfigs",
            ["capabilities"] => "ListCapabilities",
            ["capabilities", _] => "DescribeCapability",
            ["pod-identity-associations"] => "ListPodIdentityAssociations",
            ["pod-identity-associations", _] => "DescribePodIdentityAssociation",
            ["node-groups"] => "ListNodegroups",
            ["node-groups", _] => "DescribeNodegroup",
            ["fargate-profiles"] => "ListFargateProfiles",
            ["fargate-profiles", _] => "DescribeFargateProfile",
            _ => path,
        };
        return name.to_owned();
    }
    if let (&Method::POST, ["clusters", _, "identity-provider-configs", "describe"]) = (method, labels.as_slice()) {
        return "DescribeIdentityProviderConfig".to_owned();
    }
    if let Some((service, name)) = call.header("x-amz-target").and_then(|target| target.split_once('.')) {
        let service = match service {
            "SWBExternalService" => "sso",
            "AWSIdentityStore" => "identitystore",
            "AWSOrganizationsV20161128" => "organizations",
            other => other,
        };
        return format!("{service}:{name}");
    }
    if let Some(name) = okta::operation(call) {
        return name.to_owned();
    }
    let name = match (method, path) {
        (&Method::POST, "/client/register") => "RegisterClient",
        (&Method::POST, "/device_authorization") => "StartDeviceAuthorization",
        (&Method::POST, "/token") => "CreateToken",
        (&Method::GET, "/assignment/accounts") => "ListAccounts",
        (&Method::GET, "/assignment/roles") => "ListAccountRoles",
        (&Method::GET, "/federation/credentials") => "GetRoleCredentials",
        (&Method::POST, "/logout") => "Logout",
        (&Method::GET, "/clusters") => "ListClusters",
        (&Method::POST, "/listRegions") => "ListRegions",
        (&Method::POST, "/applications-list") => "account-access:ListApplications",
        (&Method::POST, "/entitlements-list") => "account-access:ListEntitlements",
        (_, "/") => {
            let action = call.form("Action").or_else(|| call.query("Action")).unwrap_or_default();
            let is_iam = call.form("Version").as_deref() == Some("2010-05-08");
            return if is_iam { format!("iam:{action}") } else { action };
        }
        (_, other) => other,
    };
    name.to_owned()
}

fn answer(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let host = call.header("host").unwrap_or_default();
    let vanity = shared.state().world.vanity.iter().find(|(known, _)| known == host).cloned();
    if let Some((_, target)) = vanity {
        let builder = Response::builder().status(302).header(header::LOCATION, target);
        return builder.body(Body::empty()).expect("a response");
    }
    match operation {
        "RegisterClient" => oidc::register(shared, call),
        "StartDeviceAuthorization" => oidc::start(shared, call),
        "CreateToken" => oidc::token(shared, call),
        "ListAccounts" => portal::accounts(shared, call),
        "ListAccountRoles" => portal::roles(shared, call),
        "GetRoleCredentials" => portal::credentials(shared, call),
        "Logout" => portal::logout(shared, call),
        "ListClusters" => eks::list(shared, call),
        "DescribeCluster" => eks::describe(shared, call),
        "ListAccessEntries" => eks::entries(shared, call),
        "DescribeAccessEntry" => eks::entry(shared, call),
        "ListAssociatedAccessPolicies" => eks::policies(shared, call),
        "ListIdentityProviderConfigs" => eks::identity_providers(shared, call),
        "DescribeIdentityProviderConfig" => eks::identity_provider(shared, call),
        "ListCapabilities" => eks::capabilities(shared, call),
        "DescribeCapability" => eks::capability(shared, call),
        "ListPodIdentityAssociations" => eks::pod_identities(shared, call),
        "DescribePodIdentityAssociation" => eks::pod_identity(shared, call),
        "ListNodegroups" | "ListFargateProfiles" => eks::machines(shared, call, operation),
        "DescribeNodegroup" | "DescribeFargateProfile" => eks::machine(shared, call, operation),
        "AssumeRoleWithWebIdentity" => sts::assume_with_web_identity(shared, call),
        "ListRegions" => account::regions(shared, call),
        "GetCallerIdentity" => sts::caller_identity(shared, call),
        "AssumeRole" => sts::assume_role(shared, call),
        "AssumeRoleWithSAML" => saml::assume_role(shared, call),
        name if name.starts_with("Okta") => okta::answer(shared, name, call),
        name if name.contains(':') => match name.split_once(':') {
            Some(("iam", name)) => iam::answer(shared, name, call),
            Some(("sso", name)) => identity_center::admin(shared, name, call),
            Some(("identitystore", name)) => identity_center::directory(shared, name, call),
            Some(("organizations", name)) => organizations::answer(shared, name, call),
            Some(("account-access", name)) => account_access::answer(shared, name, call),
            _ => aws_error(404, "UnknownOperationException", "the simulator does not know this service"),
        },
        "/device" | "/activate" => page::serve(shared, call),
        "/authorize" => page::authorize(shared, call),
        "/federation" => signin::federation(shared, call),
        "/favicon.ico" => Response::builder().status(StatusCode::NO_CONTENT).body(Body::empty()).expect("a response"),
        _ => aws_error(404, "UnknownOperationException", "the simulator does not know this operation"),
    }
}

/// A JSON answer.
pub(crate) fn ok(body: &Value) -> Response<Body> {
    let builder = Response::builder().header(header::CONTENT_TYPE, "application/json");
    builder.body(body.to_string().into()).expect("a response")
}

/// An error as the REST-JSON services send it.
pub(crate) fn aws_error(status: u16, name: &str, message: &str) -> Response<Body> {
    error(status, name, &json!({ "message": message }))
}

/// An error as the services of JSON 1.1 send it: the code is in the body.
pub(crate) fn json_error(status: u16, name: &str, message: &str) -> Response<Body> {
    let mut response = ok(&json!({ "__type": format!("com.amazonaws.simulated#{name}"), "message": message }));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

/// An error with a body of choice.
pub(crate) fn error(status: u16, name: &str, body: &Value) -> Response<Body> {
    let mut response = ok(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert("x-amzn-errortype", name.parse().expect("a header"));
    response
}

/// What a request holds, in one line.
pub(crate) fn quotation(parts: &Parts, body: &[u8]) -> String {
    let headers =
        parts.headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    format!(
        "I cannot read {} {} with {}",
        parts.uri,
        headers.collect::<Vec<_>>().join(", "),
        String::from_utf8_lossy(body)
    )
}

/// A refusal that quotes its request, in JSON as OAuth, Okta and REST services say it, or in STS's XML.
fn echo(call: &Call, status: u16, name: &str) -> Response<Body> {
    let words = quotation(&call.parts, &call.body);
    if call.form("Action").is_none() {
        let body = json!({
            "message": words, "error": name, "error_description": words, "errorCode": name, "errorSummary": words,
        });
        return error(status, name, &body);
    }
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let xml = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{name}</Code>\
         <Message>{words}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    );
    let builder = Response::builder().status(status).header(header::CONTENT_TYPE, "text/xml");
    builder.body(xml.into()).expect("a response")
}

/// The portal's refusal of calls that come too fast.
fn too_many(retry_after: Option<u32>) -> Response<Body> {
    let kind = "com.amazonaws.switchboard.portal#TooManyRequestsException";
    let mut response = ok(&json!({ "message": "HTTP 429 Unknown Code", "__type": kind }));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The page of a list that a token names, and the token of the next.
pub(crate) fn page<'a, T>(all: &'a [T], token: Option<&str>, size: usize) -> (&'a [T], Option<String>) {
    let start: usize = token.and_then(|token| decode(token)?.strip_prefix("page-")?.parse().ok()).unwrap_or(0);
    let rest = all.get(start..).unwrap_or_default();
    let next = (rest.len() > size).then(|| format!("page-{}", start + size));
    (&rest[..size.min(rest.len())], next)
}
