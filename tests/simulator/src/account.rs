//! AWS Account Management: ListRegions, where anybody may.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::state::Shared;
use crate::sts::header_caller;
use crate::web::{Call, aws_error, ok, page};
use crate::world::partition;

const MAX_RESULTS: usize = 50;
const ENABLED: &str = "ENABLED";

pub(crate) fn regions(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match header_caller(&state, call, "account") {
        Ok(caller) => caller,
        Err(name) => return aws_error(403, name, "the security token or signature of the request is not valid"),
    };
    // The service is at home in one region of each partition.
    let home = match partition(&caller.region) {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    if caller.region != home {
        return aws_error(403, "InvalidSignatureException", &format!("Credential should be scoped to {home}"));
    }
    let Some(regions) = state.account(&caller.account).and_then(|account| account.regions.as_ref()) else {
        let arn = caller.session_arn(&state.world.user);
        let message = format!("User: {arn} is not authorized to perform: account:ListRegions");
        return aws_error(403, "AccessDeniedException", &message);
    };
    let request = call.json();
    let asked = request["MaxResults"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(MAX_RESULTS);
    let wanted = request["RegionOptStatusContains"].as_array().is_none_or(|all| all.iter().any(|one| one == ENABLED));
    let regions: &[String] = if wanted { regions } else { &[] };
    let size = asked.min(MAX_RESULTS).min(state.world.page_size);
    let (regions, next) = page(regions, request["NextToken"].as_str(), size);
    let regions: Vec<Value> =
        regions.iter().map(|name| json!({ "RegionName": name, "RegionOptStatus": ENABLED })).collect();
    ok(&json!({ "Regions": regions, "NextToken": next }))
}
