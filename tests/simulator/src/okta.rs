//! An Okta org: device authorization, tokens, and the single sign-on that leads to AWS.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{Method, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::saml::{Claims, encrypted, receiver};
use crate::state::{Shared, SignIn, State, hash, random};
use crate::web::{Call, ok};
use crate::world::dedicated_arn;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const SSO_TOKEN: &str = "urn:okta:oauth:token-type:web_sso_token";
const SSO_LIFE: i64 = 300;
const READ_APPS: &str = "okta.users.read.self";

/// An Okta org.
#[derive(Debug, Clone)]
pub struct Org {
    /// `idx` for Identity Engine, `v1` for Classic, which knows nothing of all this.
    pub pipeline: String,
    /// The id of the OIDC native app.
    pub client_id: String,
    /// The AWS Account Federation apps that are assigned to the user.
    pub apps: Vec<App>,
    /// Whether the client may ask for `offline_access`.
    pub refresh: bool,
    /// Whether the client has the grant Token Exchange.
    pub grants_exchange: bool,
    /// Whether the client may read the user's apps.
    pub reads_apps: bool,
    /// What the exchange says instead of handing out a token.
    pub refusal: Option<String>,
    /// What pages and assertions look like.
    pub shape: Shape,
    /// Seconds an assertion may be used.
    pub assertion_life: i64,
    /// How many redirects lead from the single sign-on to its page.
    pub redirects: usize,
    /// The host that the first of them leads to.
    pub leads_to: Option<String>,
    /// Another address that the org says it has.
    pub alternate: Option<String>,
    /// Whether the person is assigned the native app.
    pub assigned: bool,
    /// Whether the native app wants proofs of possession.
    pub dpop: bool,
}

impl Default for Org {
    fn default() -> Self {
        Self {
            pipeline: "idx".into(),
            client_id: "0oaclient".into(),
            apps: vec![App::new("0oaaws", "AWS Account Federation")],
            refresh: true,
            grants_exchange: true,
            reads_apps: true,
            refusal: None,
            shape: Shape::default(),
            assertion_life: 300,
            redirects: 0,
            leads_to: None,
            alternate: None,
            assigned: true,
            dpop: false,
        }
    }
}

/// An app that leads to AWS.
#[derive(Debug, Clone)]
pub struct App {
    /// Its id.
    pub id: String,
    /// As the dashboard shows it.
    pub label: String,
    /// The kind of app, `amazon_aws`.
    pub name: String,
    /// The ids of the accounts it leads to; all if empty.
    pub accounts: Vec<String>,
    /// Whether the client may ask for a web SSO token for it.
    pub allows_client: bool,
}

impl App {
    /// An app for all accounts, which allows the client.
    pub fn new(id: &str, label: &str) -> Self {
        Self { id: id.into(), label: label.into(), name: "amazon_aws".into(), accounts: vec![], allows_client: true }
    }
}

/// What pages and assertions look like.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The role before the provider, as AWS documents it; Okta puts the provider first.
    pub role_first: bool,
    /// Blanks and line ends around the ARNs.
    pub blanks: bool,
    /// The prefix of the assertion's namespace; the default namespace if empty.
    pub prefix: String,
    /// Single quotes in the page.
    pub single_quotes: bool,
    /// The value before the name in the tags of the page.
    pub value_first: bool,
    /// An assertion that only AWS can read.
    pub encrypted: bool,
    /// Another audience, which is the recipient, too.
    pub audience: Option<String>,
    /// An assertion that is too old already.
    pub expired: bool,
    /// So many more roles in invented accounts.
    pub extra_roles: usize,
    /// More role values: some with characters that a terminal could obey, some that are no pair of ARNs.
    pub odd_names: bool,
    /// What is served instead of the page.
    pub html: Option<String>,
    /// What is encoded instead of the response.
    pub xml: Option<String>,
    /// The attribute SessionDuration, in seconds.
    pub session_duration: Option<i64>,
    /// `SessionNotOnOrAfter`, so many seconds after the assertion was made.
    pub session_ends: Option<i64>,
    /// No attribute RoleSessionName.
    pub no_user: bool,
    /// Another partition than `aws`.
    pub partition: Option<String>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            role_first: false,
            blanks: false,
            prefix: "saml2".into(),
            single_quotes: false,
            value_first: false,
            encrypted: false,
            audience: None,
            expired: false,
            extra_roles: 0,
            odd_names: false,
            html: None,
            xml: None,
            session_duration: None,
            session_ends: None,
            no_user: false,
            partition: None,
        }
    }
}

/// What the org remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The scope of device authorizations that wait for a person, by device code.
    pub devices: HashMap<String, String>,
    /// Access tokens and ID tokens.
    pub tokens: HashMap<String, Token>,
    pub refresh_tokens: HashMap<String, Grant>,
    /// Web SSO tokens: the app and the end.
    passes: HashMap<String, (String, i64)>,
    /// Ways through redirects, by cookie: the app and the next step.
    visits: HashMap<String, (String, usize)>,
    /// What encrypted responses stand for.
    pub sealed: HashMap<String, String>,
}

/// What a person granted; all its tokens share an id.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    id: String,
    scope: String,
}

/// An access token or an ID token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    grant: Grant,
    is_access: bool,
    ends: i64,
    /// Whether the Okta session behind it lasts.
    pub session: bool,
}

/// The name of a request to the org.
pub(crate) fn operation(call: &Call) -> Option<&'static str> {
    Some(match (&call.parts.method, call.path()) {
        (&Method::GET, "/.well-known/okta-organization") => "OktaOrganization",
        (&Method::POST, "/oauth2/v1/device/authorize") => "OktaDeviceAuthorize",
        (&Method::POST, "/oauth2/v1/token") => match call.form("grant_type").unwrap_or_default().as_str() {
            DEVICE_CODE => "OktaDeviceToken",
            TOKEN_EXCHANGE => "OktaExchange",
            "refresh_token" => "OktaRefresh",
            _ => "OktaToken",
        },
        (&Method::POST, "/oauth2/v1/revoke") => "OktaRevoke",
        (&Method::GET, "/api/v1/users/me/appLinks") => "OktaAppLinks",
        (_, "/login/token/sso") => "OktaSso",
        (_, path) if path.starts_with("/app/") && path.ends_with("/sso/saml") => "OktaSsoPage",
        _ => return None,
    })
}

pub(crate) fn answer(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    let base = base(shared, call);
    if operation == "OktaOrganization" {
        return organization(&state, &base);
    }
    if state.world.okta.pipeline != "idx" {
        return page(404, "Page not found", "<h1>404</h1><p>The page you requested was not found.</p>");
    }
    let kind = call.header("content-type").unwrap_or_default();
    if call.parts.method == Method::POST && !kind.starts_with("application/x-www-form-urlencoded") {
        return oauth(400, "invalid_request", "The accept and/or content-type headers are not supported.");
    }
    let state = &mut state;
    match operation {
        "OktaDeviceAuthorize" => authorize(state, call, &base),
        "OktaAppLinks" => app_links(state, call, &base),
        "OktaSso" => sso(shared, state, call),
        "OktaSsoPage" => sso_page(shared, state, call),
        _ if call.form("client_id").as_ref() != Some(&state.world.okta.client_id) => {
            oauth(401, "invalid_client", "Invalid value for 'client_id' parameter.")
        }
        "OktaDeviceToken" => device(state, call, &base),
        "OktaExchange" => exchange(state, call),
        "OktaRefresh" => refresh(state, call, &base),
        "OktaRevoke" => revoke(state, call),
        _ => oauth(400, "unsupported_grant_type", "The authorization grant type is not supported."),
    }
}

/// The org's URL as the client knows it.
fn base(shared: &Shared, call: &Call) -> String {
    let host = call.header("host").unwrap_or_default();
    match host {
        "" => shared.url.clone(),
        host if host.starts_with("127.0.0.1") || host.starts_with("localhost") => format!("http://{host}"),
        host => format!("https://{host}"),
    }
}

fn json_with(status: u16, body: &Value) -> Response<Body> {
    let mut response = ok(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn oauth(status: u16, error: &str, description: &str) -> Response<Body> {
    json_with(status, &json!({ "error": error, "error_description": description }))
}

fn management(status: u16, code: &str, summary: &str) -> Response<Body> {
    let id = format!("oae{}", random(8));
    let body =
        json!({ "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": id, "errorCauses": [] });
    json_with(status, &body)
}

fn html(status: u16, body: String) -> Response<Body> {
    let builder = Response::builder().status(status).header(header::CONTENT_TYPE, "text/html;charset=utf-8");
    builder.body(body.into()).expect("a response")
}

fn page(status: u16, title: &str, body: &str) -> Response<Body> {
    html(
        status,
        format!("<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body>{body}</body></html>"),
    )
}

fn organization(state: &State, base: &str) -> Response<Body> {
    ok(&json!({
        "id": "00osimulated",
        "cell": "ok1",
        "_links": { "organization": { "href": base }, "alternate": { "href": state.world.okta.alternate } },
        "pipeline": state.world.okta.pipeline,
        "settings": { "analyticsCollectionEnabled": false, "bugReportingEnabled": true, "omEnabled": false },
    }))
}

fn has(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|one| one == wanted)
}

fn authorize(state: &mut State, call: &Call, base: &str) -> Response<Body> {
    let scope = call.form("scope").unwrap_or_default();
    if call.form("client_id").as_ref() != Some(&state.world.okta.client_id) {
        return management(400, "invalid_client", "Invalid value for 'client_id' parameter.");
    }
    let offline = has(&scope, "offline_access") && !state.world.okta.refresh;
    if offline || !has(&scope, "openid") || !has(&scope, "okta.apps.sso") {
        let description = "One or more scopes are not configured for the authorization server resource.";
        return oauth(400, "invalid_scope", description);
    }
    let (user_code, device_code) = (random(4).to_uppercase(), state.secret("odc", 0));
    let (life, interval) = (state.world.code_life, state.world.interval);
    let ends = state.now() + life;
    let sign_in = SignIn { user_code: user_code.clone(), ends, interval, last_poll: None, decision: None };
    state.sign_ins.insert(device_code.clone(), sign_in);
    state.okta.devices.insert(device_code.clone(), scope);
    ok(&json!({
        "device_code": device_code, "user_code": user_code,
        "verification_uri": format!("{base}/activate"),
        "verification_uri_complete": format!("{base}/activate?user_code={user_code}"),
        "expires_in": life, "interval": interval,
    }))
}

fn device(state: &mut State, call: &Call, base: &str) -> Response<Body> {
    if state.world.okta.dpop {
        return oauth(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.");
    }
    if !state.world.okta.assigned {
        return oauth(400, "access_denied", "User is not assigned to the client application.");
    }
    let code = call.form("device_code").unwrap_or_default();
    let polled = if state.okta.devices.contains_key(&code) { state.poll(&code) } else { Err("invalid_grant") };
    if let Err(error) = polled {
        let description = match error {
            "authorization_pending" => "The device authorization is pending. Please try again later.",
            "slow_down" => "The client is polling too often.",
            "access_denied" => "The resource owner denied the request.",
            _ => "The device code is invalid or has expired.",
        };
        return oauth(400, error, description);
    }
    let scope = state.okta.devices.remove(&code).unwrap_or_default();
    let renewable = state.world.okta.refresh && has(&scope, "offline_access");
    let grant = Grant { id: random(8), scope };
    let next = renewable.then(|| new_refresh_token(state, &grant));
    granted(state, &grant, next, base)
}

fn new_refresh_token(state: &mut State, grant: &Grant) -> String {
    let token = state.secret("ort", 0);
    state.okta.refresh_tokens.insert(token.clone(), grant.clone());
    token
}

/// A new access token and ID token.
fn granted(state: &mut State, grant: &Grant, refresh: Option<String>, base: &str) -> Response<Body> {
    let life = state.world.access_token_life;
    let (now, user, client) = (state.now(), state.world.user.clone(), state.world.okta.client_id.clone());
    let ends = now + life;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (head, body) = (
        part(json!({ "kid": "simulated", "alg": "RS256" })),
        part(
            json!({ "sub": format!("00u{:016x}", hash(&user)), "iss": base, "aud": client, "iat": now, "exp": ends, "preferred_username": user }),
        ),
    );
    let (access, id) = (state.secret("oat", 0), state.secret(&format!("{head}.{body}."), 0));
    for (token, is_access) in [(&access, true), (&id, false)] {
        state.okta.tokens.insert(token.clone(), Token { grant: grant.clone(), is_access, ends, session: true });
    }
    let mut reply = json!({
        "token_type": "Bearer", "expires_in": life, "access_token": access, "scope": grant.scope, "id_token": id,
    });
    if let Some(token) = refresh {
        reply["refresh_token"] = token.into();
    }
    ok(&reply)
}

fn refresh(state: &mut State, call: &Call, base: &str) -> Response<Body> {
    if !state.world.okta.refresh {
        return oauth(400, "unauthorized_client", "The client is not authorized to use the provided grant type.");
    }
    let token = call.form("refresh_token").unwrap_or_default();
    let Some(grant) = state.okta.refresh_tokens.get(&token).cloned() else {
        return oauth(400, "invalid_grant", "The refresh token is invalid or expired.");
    };
    let scope = call.form("scope").unwrap_or_else(|| grant.scope.clone());
    if !scope.split(' ').all(|one| has(&grant.scope, one)) {
        return oauth(400, "invalid_scope", "The requested scope exceeds what was granted.");
    }
    let next = if state.world.rotate {
        state.okta.refresh_tokens.remove(&token);
        new_refresh_token(state, &grant)
    } else {
        token
    };
    granted(state, &Grant { scope, ..grant }, Some(next), base)
}

fn revoke(state: &mut State, call: &Call) -> Response<Body> {
    let Some(token) = call.form("token") else {
        return oauth(400, "invalid_request", "The token is missing.");
    };
    if let Some(grant) = state.okta.refresh_tokens.remove(&token) {
        state.okta.tokens.retain(|_, known| !(known.is_access && known.grant.id == grant.id));
    } else if state.okta.tokens.get(&token).is_some_and(|known| known.is_access) {
        state.okta.tokens.remove(&token);
    }
    Response::new(Body::empty())
}

/// `WWW-Authenticate` with a reason.
fn challenge(mut response: Response<Body>, base: &str, error: &str, description: &str) -> Response<Body> {
    let value = format!(
        "Bearer authorization_uri=\"{base}/oauth2/v1/authorize\", realm=\"{base}\", scope=\"{READ_APPS}\", \
         error=\"{error}\", error_description=\"{description}\""
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, value.parse().expect("a header"));
    response
}

fn app_links(state: &State, call: &Call, base: &str) -> Response<Body> {
    let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let known = state.okta.tokens.get(token).filter(|known| known.is_access && state.now() < known.ends);
    let Some(known) = known else {
        let response = management(401, "E0000011", "Invalid token provided");
        return challenge(response, base, "invalid_token", "The access token is invalid.");
    };
    if !state.world.okta.reads_apps || !has(&known.grant.scope, READ_APPS) {
        let response = management(403, "E0000006", "You do not have permission to perform the requested action");
        let description = "The access token provided does not contain the required scopes.";
        return challenge(response, base, "insufficient_scope", description);
    }
    let other = App { name: "zoomus".into(), ..App::new("0oazoom", "Zoom") };
    let links = state.world.okta.apps.iter().chain([&other]).zip(0..).map(|(app, order)| {
        let App { id, label, name, .. } = app;
        json!({
            "id": format!("00u{id}"), "label": label,
            "linkUrl": format!("{base}/home/{name}/{id}/272"),
            "logoUrl": format!("{base}/assets/img/logos/{name}.png"),
            "appName": name, "appInstanceId": id, "appAssignmentId": format!("0ua{id}"),
            "credentialsSetup": false, "hidden": false, "sortOrder": order,
        })
    });
    ok(&Value::Array(links.collect()))
}

fn exchange(state: &mut State, call: &Call) -> Response<Body> {
    match exchanged(state, call) {
        Ok(app) => {
            let token = state.secret("ows", 0);
            let ends = state.now() + SSO_LIFE;
            state.okta.passes.insert(token.clone(), (app, ends));
            ok(&json!({
                "token_type": "N_A", "expires_in": SSO_LIFE, "access_token": token, "issued_token_type": SSO_TOKEN,
            }))
        }
        Err((error, description)) => oauth(400, error, &description),
    }
}

/// The id of the app that an exchange is for, if all is right with it.
fn exchanged(state: &State, call: &Call) -> Result<String, (&'static str, String)> {
    let org = &state.world.okta;
    let form = |name: &str| call.form(name).unwrap_or_default();
    let refuse = |error, description: &str| Err((error, description.to_owned()));
    if !org.grants_exchange {
        return refuse("unauthorized_client", "The client is not authorized to use the provided grant type.");
    }
    let types =
        [("actor_token_type", ACCESS_TOKEN), ("subject_token_type", ID_TOKEN), ("requested_token_type", SSO_TOKEN)];
    if let Some((name, _)) = types.into_iter().find(|(name, right)| form(name) != *right) {
        return refuse("invalid_request", &format!("'{name}' is missing or not supported."));
    }
    let find = |name: &str, is_access: bool| {
        let known = state.okta.tokens.get(&form(name)).filter(|known| known.is_access == is_access);
        known.ok_or_else(|| ("invalid_grant", format!("The '{name}' is invalid.")))
    };
    let (subject, actor) = (find("subject_token", false)?, find("actor_token", true)?);
    if [subject, actor].into_iter().any(|token| !token.session || state.now() >= token.ends) {
        let description = "The 'subject_token' either expired or the session associated with it was terminated.";
        return refuse("invalid_grant", description);
    }
    if subject.grant.id != actor.grant.id || !has(&actor.grant.scope, "okta.apps.sso") {
        return refuse("invalid_grant", "The 'actor_token' is not valid for this 'subject_token'.");
    }
    let audience = form("audience");
    let id = audience.strip_prefix("urn:okta:apps:").unwrap_or_default();
    let Some(app) = org.apps.iter().find(|app| app.id == id) else {
        return refuse("invalid_target", "The 'audience' is not an app that is assigned to the user.");
    };
    if !app.allows_client {
        let description =
            "The target audience app must be configured to allow the client to request a 'web_sso_token'.";
        return refuse("invalid_grant", description);
    }
    if let Some(description) = &org.refusal {
        return refuse("invalid_grant", description);
    }
    Ok(app.id.clone())
}

/// A refusal of the wrong method.
fn only(method: &'static str) -> Response<Body> {
    let mut response = page(405, "Not allowed", "<h1>405</h1><p>The method is not allowed.</p>");
    response.headers_mut().insert(header::ALLOW, method.parse().expect("a header"));
    response
}

fn sso(shared: &Shared, state: &mut State, call: &Call) -> Response<Body> {
    if call.parts.method != Method::POST {
        return only("POST");
    }
    // Good once, whatever comes of it.
    let pass = state.okta.passes.remove(&call.form("token").unwrap_or_default());
    match pass {
        Some((app, ends)) if state.now() < ends => arrive(shared, state, &app, 0),
        _ => page(403, "Sign in", "<h1>403</h1><p>Your session has expired. Sign in again.</p>"),
    }
}

/// Redirects as long as there are steps left, then serves the page.
fn arrive(shared: &Shared, state: &mut State, id: &str, step: usize) -> Response<Body> {
    let Some(app) = state.world.okta.apps.iter().find(|app| app.id == id).cloned() else {
        return page(404, "Page not found", "<h1>404</h1><p>The app is gone.</p>");
    };
    if step >= state.world.okta.redirects {
        return form(shared, state, &app);
    }
    let (cookie, next) = (state.secret("osid", 0), step + 1);
    state.okta.visits.insert(cookie.clone(), (app.id.clone(), next));
    let mut target = format!("/app/{}/{}/sso/saml?step={next}", app.name, app.id);
    if let Some(host) = state.world.okta.leads_to.clone().filter(|_| step == 0) {
        // Cookies do not go to another host.
        target = format!("https://{host}{target}&visit={cookie}");
    }
    let builder = Response::builder().status(302).header(header::LOCATION, target);
    let builder = builder.header(header::SET_COOKIE, "t=default; Path=/");
    let builder = builder.header(header::SET_COOKIE, format!("sid={cookie}; Path=/; HttpOnly; SameSite=None"));
    builder.body(Body::empty()).expect("a response")
}

fn sso_page(shared: &Shared, state: &mut State, call: &Call) -> Response<Body> {
    if call.parts.method != Method::GET {
        return only("GET");
    }
    let cookies = call.header("cookie").unwrap_or_default().split(';');
    let cookie = cookies.filter_map(|cookie| cookie.trim().strip_prefix("sid=")).next_back().map(str::to_owned);
    let cookie = cookie.or_else(|| call.query("visit")).unwrap_or_default();
    let step: Option<usize> = call.query("step").and_then(|step| step.parse().ok());
    match state.okta.visits.remove(&cookie) {
        Some((app, next)) if step == Some(next) && call.path().contains(&format!("/{app}/")) => {
            arrive(shared, state, &app, next)
        }
        _ => page(403, "Sign in", "<h1>403</h1><p>The cookie of your session is missing.</p>"),
    }
}

/// The page whose form carries the response to AWS.
fn form(shared: &Shared, state: &mut State, app: &App) -> Response<Body> {
    let claims = claims(state, app);
    let shape = state.world.okta.shape.clone();
    let plain = shape.xml.unwrap_or_else(|| shared.signer.response(&claims));
    let encoded = if shape.encrypted {
        let encoded = STANDARD.encode(encrypted(&claims));
        state.okta.sealed.insert(encoded.clone(), plain);
        encoded
    } else {
        STANDARD.encode(plain)
    };
    state.secrets.push(encoded.clone());
    if let Some(page) = shape.html {
        return html(200, page);
    }
    let quote = if shape.single_quotes { '\'' } else { '"' };
    let input = |name: &str, value: &str| {
        let (name, value) = (format!("name={quote}{name}{quote}"), format!("value={quote}{value}{quote}"));
        let (first, last) = if shape.value_first { (value, name) } else { (name, value) };
        format!("<input {first} type={quote}hidden{quote} {last}/>")
    };
    let (response, relay) = (input("SAMLResponse", &escaped(&encoded)), input("RelayState", ""));
    let (label, action) = (escaped(&app.label), escaped(&claims.recipient));
    html(
        200,
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n    <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\n    \
             <title>Example - Signing in... {label}</title>\n    <script>var baseUrl = '\\x2f';</script>\n</head>\n<body>\n    \
             <noscript><p>Your browser has no JavaScript: press the button.</p></noscript>\n    \
             <form id=\"appForm\" action=\"{action}\" method=\"post\">\n        {response}\n        {relay}\n    </form>\n    \
             <script>document.getElementById('appForm').submit();</script>\n</body>\n</html>\n"
        ),
    )
}

/// Text in HTML as Okta escapes it.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == ' ' || !c.is_ascii() => String::from(c),
        c => format!("&#x{:x};", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

fn claims(state: &State, app: &App) -> Claims {
    let (now, user, shape) = (state.now(), &state.world.user, &state.world.okta.shape);
    let partition = shape.partition.as_deref().unwrap_or("aws");
    let (recipient, audience) = receiver(partition);
    let or = |right: &str| shape.audience.clone().unwrap_or_else(|| right.to_owned());
    let made = if shape.expired { now - state.world.okta.assertion_life - 1 } else { now };
    Claims {
        prefix: shape.prefix.clone(),
        issuer: format!("http://www.okta.com/{}", app.id),
        subject: user.clone(),
        recipient: or(recipient),
        audience: or(audience),
        made,
        ends: made + state.world.okta.assertion_life,
        session_ends: shape.session_ends.map(|seconds| made + seconds),
        roles: roles(state, app, partition),
        user: (!shape.no_user).then(|| user.clone()),
        duration: shape.session_duration,
    }
}

/// The values of `Role`.
fn roles(state: &State, app: &App, partition: &str) -> Vec<String> {
    let shape = &state.world.okta.shape;
    let pair = |account: &str, role: &str| {
        let (provider, role) = (provider(account, partition), dedicated_arn(account, partition, role));
        let (first, last) = if shape.role_first { (role, provider) } else { (provider, role) };
        if shape.blanks {
            format!("\n          {first} ,\n          {last}\n        ")
        } else {
            format!("{first},{last}")
        }
    };
    let mine = state.world.accounts.iter();
    let mine = mine.filter(|account| app.accounts.is_empty() || app.accounts.contains(&account.id));
    let mut values: Vec<String> =
        mine.flat_map(|account| account.roles.iter().map(|role| pair(&account.id, role))).collect();
    values.extend((0..shape.extra_roles).map(|n| pair(&(900_000_000_000 + n / 2).to_string(), &format!("Extra{n}"))));
    if shape.odd_names {
        let odd =
            ["\u{9b}31mRed\u{9b}0m", "Row\tTwo\nThree\r", "\u{202e}nimdA", "A\u{200f}B\u{2066}C", "Bell\u{85}\u{90}"];
        let account = "900000000000";
        let role = dedicated_arn(account, partition, "Lonely");
        values.extend(odd.map(|role| pair(account, role)));
        values.extend([role.clone(), format!("{role},{role}"), pair("90000000000", "Short"), String::new()]);
    }
    values
}

fn provider(account: &str, partition: &str) -> String {
    format!("arn:{partition}:iam::{account}:saml-provider/Okta")
}
