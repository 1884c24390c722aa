//! The SSO portal: ListAccounts, ListAccountRoles, GetRoleCredentials, Logout.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::state::{Issued, Shared, State, random};
use crate::web::{Call, aws_error, ok, page};

/// Whether the bearer token is good; else the answer.
fn refused(state: &State, call: &Call) -> Option<Response<Body>> {
    let token = call.header("x-amz-sso_bearer_token").unwrap_or_default();
    let good = state.access_tokens.get(token).is_some_and(|ends| state.now() < *ends);
    (!good).then(|| aws_error(401, "UnauthorizedException", "Session token not found or invalid"))
}

fn list<T>(state: &State, call: &Call, key: &str, all: &[T], entry: impl Fn(&T) -> Value) -> Response<Body> {
    let asked: usize = call.query("max_result").and_then(|n| n.parse().ok()).unwrap_or(100);
    let size = asked.min(state.world.page_size);
    let (entries, next) = page(all, call.query("next_token").as_deref(), size);
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    ok(&json!({ key: entries, "nextToken": next }))
}

pub(crate) fn accounts(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    if let Some(refusal) = refused(&state, call) {
        return refusal;
    }
    let entry = |a: &crate::Account| json!({ "accountId": a.id, "accountName": a.name, "emailAddress": format!("aws+{}@example.com", a.id) });
    list(&state, call, "accountList", &state.world.accounts, entry)
}

pub(crate) fn roles(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    if let Some(refusal) = refused(&state, call) {
        return refusal;
    }
    let id = call.query("account_id").unwrap_or_default();
    let Some(account) = state.account(&id) else {
        return aws_error(403, "ForbiddenException", "No access");
    };
    list(&state, call, "roleList", &account.roles, |role| json!({ "roleName": role, "accountId": id }))
}

pub(crate) fn credentials(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    if let Some(refusal) = refused(&state, call) {
        return refusal;
    }
    let (account, role) = (call.query("account_id").unwrap_or_default(), call.query("role_name").unwrap_or_default());
    if !state.account(&account).is_some_and(|account| account.roles.contains(&role)) {
        return aws_error(403, "ForbiddenException", "No access");
    }
    let key = format!("ASIA{}", random(8).to_uppercase());
    let padding = state.world.session_token_padding;
    let (secret, token) = (state.secret("sk", 0), state.secret("st", padding));
    let ends = state.now() + state.world.role_life;
    let iam_role = state.world.iam_role(&role);
    let issued = Issued { secret: secret.clone(), token: token.clone(), account, role, iam_role, ends, chained: false };
    state.issued.insert(key.clone(), issued);
    ok(&json!({ "roleCredentials": {
        "accessKeyId": key, "secretAccessKey": secret, "sessionToken": token, "expiration": ends * 1000,
    }}))
}

pub(crate) fn logout(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    if let Some(refusal) = refused(&state, call) {
        return refusal;
    }
    // The portal ends the whole session with it.
    state.end_session();
    ok(&json!({}))
}
