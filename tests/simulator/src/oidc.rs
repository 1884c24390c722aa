//! SSO OIDC: RegisterClient, StartDeviceAuthorization, CreateToken with device codes and refresh tokens.

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::state::{Client, Code, Shared, SignIn, State, random};
use crate::web::{Call, error, ok};

fn oauth(status: u16, name: &str, code: &str) -> Response<Body> {
    error(status, name, &json!({ "error": code, "error_description": format!("simulated {code}") }))
}

pub(crate) fn register(shared: &Shared, call: &Call) -> Response<Body> {
    let request = call.json();
    if request["clientName"].as_str().is_none_or(str::is_empty) || request["clientType"] != "public" {
        return oauth(400, "InvalidClientMetadataException", "invalid_client_metadata");
    }
    let mut state = shared.state();
    let (id, secret, now) = (format!("client-{}", random(8)), state.secret("cs", 0), state.now());
    let list = |name: &str| -> Vec<String> {
        let entries = request[name].as_array().into_iter().flatten();
        entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
    };
    let by_code = list("grantTypes").iter().any(|grant| grant == "authorization_code");
    let redirect_uris = if by_code { list("redirectUris") } else { Vec::new() };
    if by_code && (redirect_uris.is_empty() || !request["issuerUrl"].is_string()) {
        return oauth(400, "InvalidRedirectUriException", "invalid_redirect_uri");
    }
    let ends = now + state.world.registration_life;
    state.clients.insert(id.clone(), Client { secret: secret.clone(), ends, redirect_uris });
    ok(&json!({
        "clientId": id, "clientSecret": secret, "clientIdIssuedAt": now, "clientSecretExpiresAt": ends,
    }))
}

fn known_client(state: &State, call: &Call) -> bool {
    let now = state.now();
    state
        .clients
        .get(&call.text("clientId"))
        .is_some_and(|client| client.secret == call.text("clientSecret") && now < client.ends)
}

pub(crate) fn start(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    if !known_client(&state, call) {
        return oauth(401, "InvalidClientException", "invalid_client");
    }
    if !call.text("startUrl").ends_with("/start") {
        return oauth(400, "InvalidRequestException", "invalid_request");
    }
    let code = random(4).to_uppercase();
    let user_code = format!("{}-{}", &code[..4], &code[4..]);
    let device_code = state.secret("dc", 0);
    let (life, interval) = (state.world.code_life, state.world.interval);
    let ends = state.now() + life;
    let sign_in = SignIn { user_code: user_code.clone(), ends, interval, last_poll: None, decision: None };
    state.sign_ins.insert(device_code.clone(), sign_in);
    ok(&json!({
        "deviceCode": device_code, "userCode": user_code,
        "verificationUri": format!("{}/device", shared.url),
        "verificationUriComplete": format!("{}/device?user_code={user_code}", shared.url),
        "expiresIn": life, "interval": interval,
    }))
}

pub(crate) fn token(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    if !known_client(&state, call) {
        return oauth(401, "InvalidClientException", "invalid_client");
    }
    match call.text("grantType").as_str() {
        "urn:ietf:params:oauth:grant-type:device_code" => device(&mut state, &call.text("deviceCode")),
        "authorization_code" => redeem(&mut state, call),
        "refresh_token" => refresh(&mut state, &call.text("refreshToken")),
        _ => oauth(400, "UnsupportedGrantTypeException", "unsupported_grant_type"),
    }
}

fn device(state: &mut State, code: &str) -> Response<Body> {
    // A code of the Okta org is none of these.
    let polled = if state.okta.devices.contains_key(code) { Err("invalid_grant") } else { state.poll(code) };
    match polled {
        Ok(()) => {
            let refresh = new_refresh_token(state);
            granted(state, Some(refresh))
        }
        Err(code) => oauth(400, exception(code), code),
    }
}

fn exception(code: &str) -> &'static str {
    match code {
        "expired_token" => "ExpiredTokenException",
        "slow_down" => "SlowDownException",
        "authorization_pending" => "AuthorizationPendingException",
        "access_denied" => "AccessDeniedException",
        _ => "InvalidGrantException",
    }
}

/// `/authorize`: what a browser opens. Answers with the address to go back to, or why not.
pub(crate) fn authorize(state: &mut State, call: &Call, approve: bool) -> Result<String, &'static str> {
    let query = |name: &str| call.query(name).unwrap_or_default();
    let (client, back, now) = (query("client_id"), query("redirect_uri"), state.now());
    let known = state.clients.get(&client).ok_or("the client is not known")?;
    // RFC 8252, 7.3: the port of a loopback address is free.
    let host_and_path = back.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split_once('/'));
    let without_port = host_and_path.filter(|(port, _)| port.parse::<u16>().is_ok_and(|port| port > 0));
    let registered = without_port.map(|(_, path)| format!("http://127.0.0.1/{path}"));
    if !registered.is_some_and(|uri| known.redirect_uris.contains(&uri)) {
        return Err("the redirect URI is not registered");
    }
    if query("response_type") != "code"
        || query("code_challenge_method") != "S256"
        || query("code_challenge").len() != 43
    {
        return Err("this is not the code flow with PKCE");
    }
    if query("scopes") != "sso:account:access" {
        return Err("the scopes are not those of a portal client");
    }
    let given = crate::sigv4::encode(&query("state"));
    if !approve {
        return Ok(format!("{back}?error=access_denied&error_description=simulated&state={given}"));
    }
    let code = state.secret("ac", 0);
    let challenge = query("code_challenge");
    state.codes.insert(code.clone(), Code { client, redirect_uri: back.clone(), challenge, ends: now + 60 });
    Ok(format!("{back}?code={code}&state={given}"))
}

fn redeem(state: &mut State, call: &Call) -> Response<Body> {
    // A code is good once, whatever comes of it.
    let Some(code) = state.codes.remove(&call.text("code")) else {
        return oauth(400, "InvalidGrantException", "invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(call.text("codeVerifier").as_bytes()));
    let right = code.client == call.text("clientId")
        && code.redirect_uri == call.text("redirectUri")
        && code.challenge == challenge
        && state.now() < code.ends;
    if !right {
        return oauth(400, "InvalidGrantException", "invalid_grant");
    }
    let refresh = new_refresh_token(state);
    granted(state, Some(refresh))
}

fn refresh(state: &mut State, token: &str) -> Response<Body> {
    if !state.refresh_tokens.contains_key(token) {
        return oauth(400, "InvalidGrantException", "invalid_grant");
    }
    if !state.world.rotate {
        return granted(state, None);
    }
    state.refresh_tokens.remove(token);
    let next = new_refresh_token(state);
    granted(state, Some(next))
}

fn new_refresh_token(state: &mut State) -> String {
    let token = state.secret("rt", 0);
    state.refresh_tokens.insert(token.clone(), true);
    token
}

fn granted(state: &mut State, refresh: Option<String>) -> Response<Body> {
    let token = state.secret("at", 0);
    let life = state.world.access_token_life;
    let ends = state.now() + life;
    state.access_tokens.insert(token.clone(), ends);
    let mut reply = json!({ "accessToken": token, "tokenType": "Bearer", "expiresIn": life });
    if let Some(refresh) = refresh {
        reply["refreshToken"] = Value::String(refresh);
    }
    ok(&reply)
}
