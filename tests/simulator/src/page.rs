//! The sign-in page on which a person approves or denies a code.

use axum::body::Body;
use axum::http::{Method, Response, header};

use crate::oidc;
use crate::state::Shared;
use crate::web::Call;

pub(crate) fn serve(shared: &Shared, call: &Call) -> Response<Body> {
    if call.parts.method == Method::POST {
        let approve = call.form("decision").as_deref() == Some("approve");
        let known = shared.state().decide(&call.form("user_code").unwrap_or_default(), approve);
        return html(match (known, approve) {
            (false, _) => "<h1>This code is not known</h1><p>Start the sign-in again.</p>",
            (true, true) => "<h1>Request approved</h1><p>You may close this window and go back to your terminal.</p>",
            (true, false) => "<h1>Request denied</h1><p>Nobody was signed in.</p>",
        });
    }
    let code: String = call.query("user_code").unwrap_or_default();
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    html(&format!(
        "<h1>Sign in to the simulated organisation</h1>\
         <p>Compare this code with the one in your terminal, then decide.</p>\
         <form method=post action=/device>\
         <p><input name=user_code value=\"{code}\" aria-label=Code></p>\
         <p><button id=approve name=decision value=approve>Approve</button> \
         <button id=deny name=decision value=deny>Deny</button></p></form>"
    ))
}

/// The same for the code flow: approved by itself, or by a person on the page; then back to whoever asked.
pub(crate) fn authorize(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    let decided = if call.parts.method == Method::POST { call.form("decision") } else { None };
    if decided.is_none() && !state.world.approve {
        return html(
            "<h1>Allow eksso to access your data?</h1><form method=post>\
             <p><button id=approve name=decision value=approve>Allow access</button> \
             <button id=deny name=decision value=deny>Deny access</button></p></form>",
        );
    }
    match oidc::authorize(&mut state, call, decided.is_none_or(|decision| decision == "approve")) {
        Ok(back) => {
            let builder = Response::builder().status(302).header(header::LOCATION, back);
            builder.body(Body::empty()).expect("a response")
        }
        Err(why) => html(&format!("<h1>invalid_request</h1><p>{why}</p>")),
    }
}

fn html(body: &str) -> Response<Body> {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sign in</title>\
         <style>body{{font:18px/1.5 system-ui;max-width:34rem;margin:4rem auto}}input,button{{font:inherit;padding:.4rem .8rem}}</style>\
         <body>{body}</body></html>"
    );
    let builder = Response::builder().header(header::CONTENT_TYPE, "text/html; charset=utf-8");
    builder.body(page.into()).expect("a response")
}
