//! Identity Center's administration and its directory (JSON 1.1), for signed callers with the permission: of the management
//! account, or of one that administers it by delegation. Others see the instance, and may list the directory.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::access::{INSTANCE, PermissionSet, STORE, Who, set_arn};
use crate::state::{Shared, State};
use crate::sts::{Caller, header_caller};
use crate::web::{Call, json_error, ok, page};

const UNEXPECTED: &str = "UnknownOperationException";

/// The signer of a request to a JSON 1.1 service in its region, unless it is denied the action.
pub(crate) fn caller(state: &State, call: &Call, service: &str, action: &str) -> Result<Caller, Box<Response<Body>>> {
    let caller = header_caller(state, call, service)
        .map_err(|name| Box::new(json_error(400, name, "The security token included in the request is invalid.")))?;
    if call.header("content-type") != Some("application/x-amz-json-1.1") {
        return Err(Box::new(json_error(400, "SerializationException", "not JSON 1.1")));
    }
    if state.world.denies(&caller.role, action) {
        return Err(Box::new(denied(state, &caller, action)));
    }
    Ok(caller)
}

pub(crate) fn denied(state: &State, caller: &Caller, action: &str) -> Response<Body> {
    let arn = caller.session_arn(&state.world.user);
    json_error(400, "AccessDeniedException", &format!("User: {arn} is not authorized to perform: {action}"))
}

/// A list in pages.
pub(crate) fn listed(state: &State, body: &Value, field: &str, all: &[Value], most: usize) -> Response<Body> {
    let asked = body["MaxResults"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(most);
    if !(1..=most).contains(&asked) {
        return json_error(400, "ValidationException", "MaxResults is out of its range");
    }
    let (items, next) = page(all, body["NextToken"].as_str(), asked.min(state.world.page_size));
    ok(&json!({ field: items, "NextToken": next }))
}

pub(crate) fn admin(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call, "sso", &format!("sso:{operation}")) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let (world, body) = (&state.world, call.json());
    let instance = format!("arn:aws:sso:::instance/{INSTANCE}");
    if operation == "ListInstances" {
        let here = caller.region == world.region && !world.dedicated;
        let found = json!({ "InstanceArn": instance, "IdentityStoreId": STORE, "OwnerAccountId": world.management(), "Status": "ACTIVE", "CreatedDate": 1_690_000_000.5 });
        let all: Vec<Value> = here.then_some(found).into_iter().collect();
        return listed(&state, &body, "Instances", &all, 100);
    }
    if !world.administers(&caller.account) {
        return denied(&state, &caller, &format!("sso:{operation}"));
    }
    if caller.region != world.region || body["InstanceArn"] != instance.as_str() {
        return json_error(400, "ResourceNotFoundException", "there is no such instance");
    }
    let sets = world.sets();
    let set: Option<&PermissionSet> =
        body["PermissionSetArn"].as_str().and_then(|arn| sets.iter().find(|set| set_arn(&set.name) == arn));
    let arns = |all: Vec<&str>| all.into_iter().map(|name| Value::from(set_arn(name))).collect::<Vec<_>>();
    match (operation, set) {
        ("ListPermissionSets", _) => {
            let all = arns(sets.iter().map(|set| set.name.as_str()).collect());
            listed(&state, &body, "PermissionSets", &all, 100)
        }
        ("ListPermissionSetsProvisionedToAccount", _) => {
            let account = body["AccountId"].as_str().unwrap_or_default();
            let behind = world.access.unprovisioned.iter().filter(|(of, _)| of == account).map(|(_, set)| set.as_str());
            let all = match body["ProvisioningStatus"].as_str() {
                Some("LATEST_PERMISSION_SET_NOT_PROVISIONED") => arns(behind.collect()),
                _ => {
                    let assigned = world.assignments();
                    let own = assigned.iter().filter(|assignment| assignment.account == account);
                    arns(own.map(|assignment| assignment.set.as_str()).collect())
                }
            };
            listed(&state, &body, "PermissionSets", &all, 100)
        }
        ("DescribePermissionSet", Some(set)) => {
            let mut found =
                json!({ "Name": set.name, "PermissionSetArn": set_arn(&set.name), "CreatedDate": 1_690_000_000.25 });
            if let Some(session) = &set.session {
                found["SessionDuration"] = session.as_str().into();
            }
            ok(&json!({ "PermissionSet": found }))
        }
        ("GetInlinePolicyForPermissionSet", Some(set)) => {
            ok(&json!({ "InlinePolicy": set.inline.clone().unwrap_or_default() }))
        }
        ("ListManagedPoliciesInPermissionSet", Some(set)) => {
            let name = |arn: &String| arn.rsplit('/').next().unwrap_or_default().to_owned();
            let all: Vec<Value> = set.attached.iter().map(|arn| json!({ "Name": name(arn), "Arn": arn })).collect();
            listed(&state, &body, "AttachedManagedPolicies", &all, 100)
        }
        ("ListCustomerManagedPolicyReferencesInPermissionSet", Some(set)) => {
            let all: Vec<Value> = set.customer_managed.iter().map(|named| reference(named)).collect();
            listed(&state, &body, "CustomerManagedPolicyReferences", &all, 100)
        }
        ("GetPermissionsBoundaryForPermissionSet", Some(set)) => match &set.boundary {
            Some(named) if named.starts_with('/') => {
                ok(&json!({ "PermissionsBoundary": { "CustomerManagedPolicyReference": reference(named) } }))
            }
            Some(arn) => ok(&json!({ "PermissionsBoundary": { "ManagedPolicyArn": arn } })),
            None => json_error(400, "ResourceNotFoundException", "No permissions boundary is attached"),
        },
        ("ListAccountAssignments", Some(set)) => {
            let account = body["AccountId"].as_str().unwrap_or_default();
            let own = world.assignments().into_iter().filter(|one| one.account == account && one.set == set.name);
            let all: Vec<Value> = own
                .map(|one| {
                    let (kind, id) = match one.who {
                        Who::User(id) => ("USER", id),
                        Who::Group(id) => ("GROUP", id),
                    };
                    json!({ "AccountId": account, "PermissionSetArn": set_arn(&set.name), "PrincipalType": kind, "PrincipalId": id })
                })
                .collect();
            listed(&state, &body, "AccountAssignments", &all, 100)
        }
        (
            "DescribePermissionSet"
            | "GetInlinePolicyForPermissionSet"
            | "ListManagedPoliciesInPermissionSet"
            | "ListCustomerManagedPolicyReferencesInPermissionSet"
            | "GetPermissionsBoundaryForPermissionSet"
            | "ListAccountAssignments",
            None,
        ) => json_error(400, "ResourceNotFoundException", "PermissionSet not found"),
        _ => json_error(400, UNEXPECTED, "the simulator does not know this operation"),
    }
}

/// `/path/Name` as Identity Center has it; a path of `/` is left out by some.
fn reference(named: &str) -> Value {
    let at = named.rfind('/').map_or(0, |at| at + 1);
    match &named[..at] {
        "/" => json!({ "Name": &named[at..] }),
        path => json!({ "Name": &named[at..], "Path": path }),
    }
}

pub(crate) fn directory(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call, "identitystore", &format!("identitystore:{operation}")) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let (world, body) = (&state.world, call.json());
    if caller.region != world.region || body["IdentityStoreId"] != STORE {
        return json_error(400, "ResourceNotFoundException", "there is no such identity store");
    }
    match operation {
        "ListUsers" => {
            let user = |user: &crate::access::DirectoryUser| {
                json!({
                    "UserId": user.id, "IdentityStoreId": STORE, "UserName": user.name, "DisplayName": user.name,
                    "Emails": [{ "Value": user.name, "Type": "work", "Primary": true }],
                    "UserStatus": if user.enabled { "ENABLED" } else { "DISABLED" },
                })
            };
            let all: Vec<Value> = world.people().iter().map(user).collect();
            listed(&state, &body, "Users", &all, 100)
        }
        "ListGroups" => {
            let group = |group: &crate::access::DirectoryGroup| json!({ "GroupId": group.id, "IdentityStoreId": STORE, "DisplayName": group.name });
            let all: Vec<Value> = world.access.directory_groups.iter().map(group).collect();
            listed(&state, &body, "Groups", &all, 100)
        }
        "ListGroupMemberships" => {
            let wanted = body["GroupId"].as_str().unwrap_or_default();
            let Some(group) = world.access.directory_groups.iter().find(|group| group.id == wanted) else {
                return json_error(400, "ResourceNotFoundException", "GROUP not found.");
            };
            let member =
                |id: &String| json!({ "IdentityStoreId": STORE, "GroupId": wanted, "MemberId": { "UserId": id } });
            let all: Vec<Value> = group.members.iter().map(member).collect();
            listed(&state, &body, "GroupMemberships", &all, 100)
        }
        _ => json_error(400, UNEXPECTED, "the simulator does not know this operation"),
    }
}
