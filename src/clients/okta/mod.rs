//! Okta's part of the way into AWS: the device flow, the exchange into a web SSO token, the page with the SAML response.
//!
//! Tokens travel in bodies and headers only, never in a URL. One attempt a call: the caller's rate limiter spaces
//! and repeats calls. Sources: protocols.md G; Okta's OAuth 2.0 reference.

mod reply;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use form_urlencoded::Serializer;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::clients::okta::reply::{Reply, SERVICE, describe, failure, is_too_large, json, nonsense};

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind, root_cause};
use crate::domain::assignments::App;
use crate::domain::ids::OktaId;
use crate::domain::secret::SecretString;
use crate::domain::session::OktaOrg;
use crate::domain::sign_in::device::{Answer, DeviceCode};
use crate::domain::sign_in::saml::Page;
use crate::domain::sign_in::tokens::Granted;
use crate::domain::text::shorten;
use crate::domain::url::{OrgUrl, is_safe_url};

/// `okta.apps.sso` lets the web SSO token be had, the other two let the apps be listed.
const SCOPES: &str = "openid okta.apps.sso okta.apps.read okta.users.read.self";
/// Asks for a refresh token.
const OFFLINE: &str = "offline_access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ORGANIZATION: &str = "/.well-known/okta-organization";
const AWS_APP: &str = "amazon_aws";
const PATIENCE: Duration = Duration::from_secs(20);
/// Pages that only lead on.
const MAX_REDIRECTS: usize = 5;
/// Longer than Okta lets any access token live.
const MAX_LIFE: i64 = 24 * 3600;
const MAX_APPS: usize = 1000;

/// An org, as one of its clients.
#[derive(Debug)]
pub struct Okta {
    connector: SharedHttpConnector,
    url: OrgUrl,
    client_id: OktaId,
}

/// What the token endpoint gives for a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The tokens that all providers give.
    pub granted: Granted,
    /// Who signed in.
    pub id_token: Option<SecretString>,
    /// What was granted, of what was asked for.
    pub scope: Option<String>,
}

/// What a web SSO token opened.
#[derive(Debug)]
pub enum Opened {
    /// The page with the SAML response, base64.
    Response(SecretString),
    /// Something else, in words.
    Else(String),
}

impl Okta {
    /// A client.
    pub fn new(aws: &Aws, org: &OktaOrg) -> Self {
        Self { connector: aws.connector().clone(), url: org.url.clone(), client_id: org.client_id.clone() }
    }

    /// Which sign-in engine the org has: `idx`, or `v1` for a Classic one, which has no web SSO tokens.
    pub async fn pipeline(&self) -> Result<String, Failure> {
        let reply = self.send("GET", ORGANIZATION, None, "application/json", &[]).await?;
        let json = json(&reply)?;
        let pipeline = json["pipeline"].as_str();
        pipeline.map(str::to_owned).ok_or_else(|| nonsense("the answer names no pipeline"))
    }

    /// Begins a device authorization, with or without the wish for a refresh token.
    pub async fn start(&self, offline: bool) -> Result<DeviceCode, Failure> {
        #[derive(Deserialize)]
        struct Started {
            device_code: SecretString,
            user_code: String,
            verification_uri: String,
            verification_uri_complete: Option<String>,
            expires_in: i32,
            interval: Option<i32>,
        }
        let scope = if offline { format!("{SCOPES} {OFFLINE}") } else { SCOPES.to_owned() };
        let form = [("client_id", self.client_id.as_str()), ("scope", &scope)];
        let started: Started = self.post("/oauth2/v1/device/authorize", &form).await?;
        Ok(DeviceCode {
            device_code: started.device_code,
            user_code: started.user_code,
            verification_uri_complete: started.verification_uri_complete.unwrap_or(started.verification_uri),
            expires_in: started.expires_in,
            interval: started.interval,
        })
    }

    /// Asks for the tokens of a device code: they, or what to do instead.
    pub async fn poll(&self, code: &SecretString, now: Timestamp) -> Result<Result<SignedIn, Answer>, Failure> {
        let form =
            [("client_id", self.client_id.as_str()), ("device_code", code.expose()), ("grant_type", DEVICE_GRANT)];
        let failure = match self.tokens(&form, now).await {
            Ok(tokens) => return Ok(Ok(tokens)),
            Err(failure) => failure,
        };
        use FailureKind::{Network, Server, Throttled};
        match failure.code.as_deref() {
            Some("authorization_pending") => Ok(Err(Answer::Pending)),
            Some("slow_down") => Ok(Err(Answer::SlowDown)),
            Some("invalid_grant") => Ok(Err(Answer::Spent)),
            Some("expired_token") => Ok(Err(Answer::Expired)),
            // A policy, or an app that is not assigned, says no with the same code as a person.
            Some("access_denied") if !is_of_the_org(&failure) => Ok(Err(Answer::Denied)),
            // A limit on requests is a wish to be asked less often.
            _ if failure.kind == Throttled => Ok(Err(Answer::SlowDown)),
            _ if matches!(failure.kind, Network | Server) => Ok(Err(Answer::Lost)),
            _ => Err(failure),
        }
    }

    /// Redeems a refresh token, for what was granted. Okta may give a new one, and then the old one is spent.
    pub async fn refresh(
        &self,
        token: &SecretString,
        scope: Option<&str>,
        now: Timestamp,
    ) -> Result<SignedIn, Failure> {
        let mut form = vec![
            ("client_id", self.client_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose().as_str()),
        ];
        form.extend(scope.map(|scope| ("scope", scope)));
        self.tokens(&form, now).await
    }

    async fn tokens(&self, form: &[(&str, &str)], now: Timestamp) -> Result<SignedIn, Failure> {
        #[derive(Deserialize)]
        struct Tokens {
            access_token: SecretString,
            expires_in: i64,
            refresh_token: Option<SecretString>,
            id_token: Option<SecretString>,
            scope: Option<String>,
        }
        let tokens: Tokens = self.post("/oauth2/v1/token", form).await?;
        let filled = |token: &SecretString| !token.expose().is_empty();
        if !filled(&tokens.access_token) {
            return Err(nonsense("the answer holds no access token"));
        }
        let expires_at = now + SignedDuration::from_secs(tokens.expires_in.clamp(0, MAX_LIFE));
        let refresh_token = tokens.refresh_token.filter(filled);
        Ok(SignedIn {
            granted: Granted { access_token: tokens.access_token, granted_at: now, expires_at, refresh_token },
            id_token: tokens.id_token.filter(filled),
            scope: tokens.scope,
        })
    }

    /// The AWS apps of the person. Others are left out; the endpoint has no pages.
    pub async fn apps(&self, access_token: &SecretString) -> Result<Vec<App>, Failure> {
        let bearer = Zeroizing::new(format!("Bearer {}", access_token.expose()));
        let headers = [("authorization", bearer.as_str())];
        let reply = self.send("GET", "/api/v1/users/me/appLinks", None, "application/json", &headers).await?;
        let links = json(&reply)?;
        let links = links.as_array().ok_or_else(|| nonsense("the list of apps is none"))?;
        let app = |link: &Value| {
            let id = (link["appName"] == AWS_APP).then(|| link["appInstanceId"].as_str()?.parse().ok()).flatten()?;
            Some(App { id, label: link["label"].as_str().unwrap_or("without a name").to_owned() })
        };
        let mut apps: Vec<App> = links.iter().filter_map(app).take(MAX_APPS).collect();
        // A person may have several links of one app.
        let mut seen = Vec::new();
        apps.retain(|app| {
            !seen.contains(&app.id) && {
                seen.push(app.id.clone());
                true
            }
        });
        Ok(apps)
    }

    /// Exchanges a sign-in for a web SSO token of an app: good once, for minutes.
    pub async fn exchange(
        &self,
        access_token: &SecretString,
        id_token: &SecretString,
        app: &OktaId,
    ) -> Result<SecretString, Failure> {
        #[derive(Deserialize)]
        struct Exchanged {
            access_token: SecretString,
        }
        let audience = format!("urn:okta:apps:{app}");
        let form = [
            ("client_id", self.client_id.as_str()),
            ("grant_type", EXCHANGE_GRANT),
            ("actor_token", access_token.expose()),
            ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token", id_token.expose()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
            ("audience", &audience),
        ];
        Ok(self.post::<Exchanged>("/oauth2/v1/token", &form).await?.access_token)
    }

    /// What a web SSO token opens. Follows what leads on within the org, with the cookies that each of its hosts sets.
    pub async fn page(&self, web_sso_token: &SecretString) -> Result<Opened, Failure> {
        let form = encode(&[("token", web_sso_token.expose())]);
        let mut reply = self.send("POST", "/login/token/sso", Some(&form), "text/html", &[]).await?;
        let (mut at, mut cookies) = (self.url.clone(), BTreeMap::new());
        for _ in 0..MAX_REDIRECTS {
            if !(300..400).contains(&reply.status) {
                break;
            }
            for cookie in reply.all("set-cookie") {
                let pair = cookie.split(';').next().unwrap_or_default();
                if let Some((name, value)) = pair.split_once('=') {
                    cookies.insert(name.trim().to_owned(), SecretString::from(value.trim()));
                }
            }
            let target = reply.header("location").unwrap_or_default();
            let led = match within(&at, target) {
                Some(path) => Some((at.clone(), path)),
                None => self
                    .others()
                    .await
                    .into_iter()
                    .find_map(|other| within_absolute(&other, target).map(|path| (other, path))),
            };
            let Some((next, path)) = led else {
                // Its query may hold what is nobody's business.
                let shown = target.split(['?', '#']).next().unwrap_or_default();
                return Ok(Opened::Else(format!("it leads to another place, {shown}")));
            };
            if next != at {
                // What one host set is not for another.
                cookies.clear();
                at = next;
            }
            let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
            let header = Zeroizing::new(pairs.join("; "));
            let headers = [("cookie", header.as_str())];
            let headers = if header.is_empty() { &[][..] } else { &headers[..] };
            reply = self.send_to(&at, "GET", &path, None, "text/html", headers).await?;
        }
        let refusal = (reply.status != 200).then(|| failure(&reply));
        if let Some(failure) = refusal.filter(|failure| failure.kind != FailureKind::Nonsense) {
            return Err(failure);
        }
        let html = Zeroizing::new(String::from_utf8_lossy(&reply.body).into_owned());
        let page = Page::read(&html);
        Ok(match (page.response, page.title) {
            (Some(response), _) if reply.status == 200 => Opened::Response(response),
            (_, Some(title)) => Opened::Else(format!("it is called `{}` ({})", shorten(&title, 80), describe(&reply))),
            (_, None) => Opened::Else(format!("it has no title either ({})", describe(&reply))),
        })
    }

    /// The other addresses of this org, as it says itself: its name at Okta, and a domain of its own. Nobody else can say so:
    /// a host that claims to be of an org proves nothing.
    async fn others(&self) -> Vec<OrgUrl> {
        let reply = self.send("GET", ORGANIZATION, None, "application/json", &[]).await;
        let Ok(json) = reply.and_then(|reply| json(&reply)) else { return Vec::new() };
        let links = ["organization", "alternate"].map(|name| json["_links"][name]["href"].as_str()?.parse().ok());
        links.into_iter().flatten().collect()
    }

    /// Revokes a token. Okta answers the same whether it knew it or not; a refresh token takes its access tokens along.
    pub async fn revoke(&self, token: &SecretString, hint: &str) -> Result<(), Failure> {
        let form =
            encode(&[("client_id", self.client_id.as_str()), ("token", token.expose()), ("token_type_hint", hint)]);
        let reply = self.send("POST", "/oauth2/v1/revoke", Some(&form), "application/json", &[]).await?;
        if reply.status == 200 { Ok(()) } else { Err(failure(&reply)) }
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, form: &[(&str, &str)]) -> Result<T, Failure> {
        let reply = self.send("POST", path, Some(&encode(form)), "application/json", &[]).await?;
        if reply.status != 200 {
            return Err(failure(&reply));
        }
        // The reason of the parser may quote what it read.
        serde_json::from_slice(&reply.body).map_err(|_| nonsense("the answer lacks what it must hold, or is no JSON"))
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        form: Option<&Zeroizing<String>>,
        accept: &'static str,
        headers: &[(&'static str, &str)],
    ) -> Result<Reply, Failure> {
        self.send_to(&self.url, method, path, form, accept, headers).await
    }

    /// One exchange with one of the org's hosts, bounded in size and time.
    async fn send_to(
        &self,
        host: &OrgUrl,
        method: &str,
        path: &str,
        form: Option<&Zeroizing<String>>,
        accept: &'static str,
        headers: &[(&'static str, &str)],
    ) -> Result<Reply, Failure> {
        let bad = |reason: &dyn std::fmt::Display| nonsense(reason);
        let url = format!("{host}{path}");
        if !is_safe_url(&url) {
            return Err(nonsense("its address is not an https URL"));
        }
        let mut request = HttpRequest::new(form.map_or_else(SdkBody::empty, |form| SdkBody::from(form.as_str())));
        request.set_uri(url).map_err(|error| bad(&error))?;
        request.set_method(method).map_err(|error| bad(&error))?;
        request.headers_mut().insert("accept", accept);
        request.headers_mut().insert("user-agent", concat!("eksso/", env!("CARGO_PKG_VERSION")));
        if form.is_some() {
            request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            let set = request.headers_mut().try_insert(*name, (*value).to_owned());
            set.map_err(|_| nonsense(format!("what it gave cannot be sent as a `{name}` header")))?;
        }
        match timeout(PATIENCE, self.exchanged(request)).await {
            Ok(reply) => reply,
            Err(_) => Err(Failure::silent(SERVICE)),
        }
    }

    async fn exchanged(&self, request: HttpRequest) -> Result<Reply, Failure> {
        let network = |reason: String| Failure { kind: FailureKind::Network, ..nonsense(reason) };
        let answer = self.connector.call(request).await;
        let answer: HttpResponse = answer.map_err(|error| Failure::unconnected(SERVICE, &error))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = answer.into_body().collect().await.map_err(|error| match is_too_large(error.as_ref()) {
            true => nonsense("its answer is larger than any that makes sense"),
            false => network(root_cause(error.as_ref())),
        })?;
        Ok(Reply { status, headers, body: Zeroizing::new(body.to_bytes().to_vec()) })
    }
}

/// Whether a denial is one of the org's settings, rather than a person's.
fn is_of_the_org(failure: &Failure) -> bool {
    let reason = failure.reason.to_lowercase();
    ["policy", "not assigned"].iter().any(|word| reason.contains(word))
}

/// The path of a target at this host; `None` for any other.
fn within(host: &OrgUrl, target: &str) -> Option<String> {
    within_absolute(host, target).or_else(|| path(target))
}

/// The same for a target that names its host.
fn within_absolute(host: &OrgUrl, target: &str) -> Option<String> {
    path(target.strip_prefix(host.as_str())?)
}

fn path(target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or_default();
    (path.starts_with('/') && !path.starts_with("//") && path.len() <= 4096).then(|| path.to_owned())
}

fn encode(pairs: &[(&str, &str)]) -> Zeroizing<String> {
    let size = pairs.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
    // Large enough from the start: a buffer that grows leaves copies behind.
    Zeroizing::new(Serializer::new(String::with_capacity(size)).extend_pairs(pairs).finish())
}
