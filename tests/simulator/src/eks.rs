//! EKS: ListClusters and DescribeCluster, for signed callers with the permission.

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::state::{Shared, State};
use crate::sts::{Caller, header_caller};
use crate::web::{Call, aws_error, ok, page};

fn caller(state: &State, call: &Call) -> Result<Caller, Box<Response<Body>>> {
    let caller = header_caller(state, call, "eks").map_err(|name| {
        Box::new(aws_error(403, name, "the security token or signature of the request is not valid"))
    })?;
    let forbidden = state.world.accounts.iter().any(|a| a.id == caller.account && a.without_eks.contains(&caller.role));
    if forbidden {
        let arn = caller.session_arn(&state.world.user);
        let message = format!("User: {arn} is not authorized to perform this EKS action");
        return Err(Box::new(aws_error(403, "AccessDeniedException", &message)));
    }
    Ok(caller)
}

pub(crate) fn list(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let here = state.world.clusters.iter().filter(|c| c.account == caller.account && c.region == caller.region);
    let names: Vec<String> = here.map(|cluster| cluster.name.clone()).collect();
    let (names, next) = page(&names, call.query("nextToken").as_deref(), state.world.page_size);
    ok(&json!({ "clusters": names, "nextToken": next }))
}

pub(crate) fn describe(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let name = call.path().rsplit('/').next().unwrap_or_default();
    let Some(cluster) = state.cluster(&caller.account, &caller.region, name) else {
        return aws_error(404, "ResourceNotFoundException", &format!("No cluster found for name: {name}."));
    };
    let mut reply = json!({
        "name": name,
        "arn": format!("arn:aws:eks:{}:{}:cluster/{name}", cluster.region, cluster.account),
        "status": cluster.status,
        "version": "1.35",
        "createdAt": 1_790_000_000.5,
        "accessConfig": { "authenticationMode": "API" },
        "resourcesVpcConfig": { "endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"] },
    });
    if cluster.status != "CREATING" {
        let endpoint = shared.endpoints.iter().find(|(key, _)| *key == cluster.key());
        reply["endpoint"] = endpoint.map_or("https://127.0.0.1:1", |(_, url)| url).into();
        reply["certificateAuthority"] = json!({ "data": STANDARD.encode(&shared.ca_pem) });
    }
    if let Some(id) = &cluster.outpost_id {
        reply["id"] = id.as_str().into();
        reply["outpostConfig"] = json!({ "outpostArns": ["arn:aws:outposts:eu-west-1:111122223333:outpost/op-1"], "controlPlaneInstanceType": "m5.large" });
    }
    ok(&json!({ "cluster": reply }))
}
