//! The account access manager (REST-JSON, lists by POST with the token in the body), for signed callers with the permission.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::access::Who;
use crate::state::Shared;
use crate::sts::header_caller;
use crate::web::{Call, aws_error, ok, page};

pub(crate) fn answer(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match header_caller(&state, call, "account-access") {
        Ok(caller) => caller,
        Err(name) => return aws_error(403, name, "the security token or signature of the request is not valid"),
    };
    let action = format!("account-access:{operation}");
    if state.world.denies(&caller.role, &action) {
        let arn = caller.session_arn(&state.world.user);
        return aws_error(403, "AccessDeniedException", &format!("User: {arn} is not authorized to perform: {action}"));
    }
    let (world, body) = (&state.world, call.json());
    let application = format!("arn:aws:account-access:{}:{}:application/sim", world.region, caller.account);
    let all: Vec<Value> = match operation {
        "ListApplications" => vec![json!({ "applicationArn": application, "tenantId": "sim" })],
        _ if body["applicationArn"] != application.as_str() => {
            return aws_error(404, "ResourceNotFoundException", "there is no such application");
        }
        _ => {
            // The account that administers Identity Center sees all, others their own.
            let central = world.administers(&caller.account);
            let own = world.access.entitlements.iter();
            let own = own.filter(|(arn, _)| central || arn.split(':').nth(4) == Some(&caller.account));
            own.enumerate()
                .map(|(number, (arn, who))| {
                    let who = match who {
                        Who::User(id) => json!({ "userId": id }),
                        Who::Group(id) => json!({ "groupId": id }),
                    };
                    json!({ "entitlementId": number.to_string(), "entitlement": { "principalRole": {
                        "principal": { "identityCenter": who }, "roleArn": arn, "account": arn.split(':').nth(4) } } })
                })
                .collect()
        }
    };
    let field = if operation == "ListApplications" { "applications" } else { "entitlements" };
    let asked = body["maxResults"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(100);
    let (items, next) = page(&all, body["nextToken"].as_str(), asked.min(world.page_size));
    ok(&json!({ field: items, "nextToken": next }))
}
