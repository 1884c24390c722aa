//! The federation endpoint of the AWS console, as IAM's user guide documents it ("Enable custom identity broker access to the AWS
//! console"): role credentials become a sign-in token, and that a console session.

use axum::body::Body;
use axum::http::{Response, header};
use serde_json::{Value, json};

use crate::state::Shared;
use crate::web::{Call, ok};

/// The console of each sign-in host, without the region in front.
const HOSTS: [(&str, &str); 4] = [
    ("signin.aws.amazon.com", "console.aws.amazon.com"),
    ("signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
    ("signin.amazonaws.cn", "console.amazonaws.cn"),
    ("signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
];

/// The region in front of a sign-in host, and the console that belongs to it.
fn console(call: &Call) -> Option<String> {
    let host = call.header("host")?;
    let (region, console) =
        HOSTS.iter().find_map(|(host_end, console)| Some((host.strip_suffix(host_end)?, console)))?;
    Some(format!("https://{region}{console}/"))
}

pub(crate) fn federation(shared: &Shared, call: &Call) -> Response<Body> {
    let Some(console) = console(call) else { return bad("no sign-in host") };
    match call.query("Action").as_deref() {
        Some("getSigninToken") => token(shared, call),
        Some("login") => login(shared, call, &console),
        _ => bad("no such action"),
    }
}

fn token(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    let session: Value = call.query("Session").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let field = |name: &str| session[name].as_str().unwrap_or_default().to_owned();
    let now = state.now();
    let Some(issued) = state.issued.get(&field("sessionId")).cloned() else { return bad("unknown credentials") };
    if issued.secret != field("sessionKey") || issued.token != field("sessionToken") || issued.ends <= now {
        return bad("credentials that are not good");
    }
    if call.query("SessionDuration").is_some() && issued.chained {
        return bad("SessionDuration with a role that was assumed from another");
    }
    let token = state.secret("signin-token-", 200);
    state.sign_in_tokens.insert(token.clone(), issued.iam_role);
    ok(&json!({ "SigninToken": token }))
}

fn login(shared: &Shared, call: &Call, console: &str) -> Response<Body> {
    let (state, page) = (shared.state(), call.query("Destination").unwrap_or_default());
    let role = call.query("SigninToken").and_then(|token| state.sign_in_tokens.get(&token).cloned());
    match role {
        Some(role) if page.starts_with(console) && call.query("Issuer").is_some() => {
            let builder = Response::builder().status(302).header(header::LOCATION, page);
            builder.header(header::SET_COOKIE, format!("aws-userInfo={role}")).body(Body::empty()).expect("a response")
        }
        _ => bad("a token or a page that is not known"),
    }
}

fn bad(why: &str) -> Response<Body> {
    let builder = Response::builder().status(400).header(header::CONTENT_TYPE, "text/html");
    builder.body(format!("<h1>Bad Request</h1>{why}").into()).expect("a response")
}
