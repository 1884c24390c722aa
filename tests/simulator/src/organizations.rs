//! AWS Organizations (JSON 1.1), for signed callers with the permission: any account is told which organization it is in, the
//! rest only the management account and delegated administrators. Some pages are empty, with more to follow.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::access::ROOT;
use crate::identity_center::{caller, denied, listed};
use crate::state::Shared;
use crate::web::{Call, json_error, ok};

const ID: &str = "o-simulated1";
const FULL: &str = "p-FullAWSAccess";

pub(crate) fn answer(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let state = shared.state();
    let action = format!("organizations:{operation}");
    let caller = match caller(&state, call, "organizations", &action) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    if caller.region != "us-east-1" {
        return json_error(400, "InvalidSignatureException", "Credential should be scoped to us-east-1");
    }
    let (world, organization, body) = (&state.world, &state.world.access.organization, call.json());
    if organization.absent {
        return json_error(
            400,
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        );
    }
    if operation == "DescribeOrganization" {
        let management = world.management();
        return ok(&json!({ "Organization": { "Id": ID, "MasterAccountId": management, "FeatureSet": "ALL" } }));
    }
    if !world.administers(&caller.account) {
        return denied(&state, &caller, &action);
    }
    // As Organizations does now and then: the first page is empty.
    if operation == "ListAccounts" && body["NextToken"].is_null() {
        return ok(&json!({ "Accounts": [], "NextToken": "page-0" }));
    }
    let account = |(id, name): (String, String)| json!({ "Id": id, "Name": name, "Status": "ACTIVE" });
    match operation {
        "ListAccounts" => {
            let own = world.accounts.iter().map(|account| (account.id.clone(), account.name.clone()));
            let all: Vec<Value> = own.chain(organization.others.iter().cloned()).map(account).collect();
            listed(&state, &body, "Accounts", &all, 20)
        }
        "ListDelegatedAdministrators" => {
            let own =
                if body["ServicePrincipal"] == "sso.amazonaws.com" { organization.delegated.clone() } else { vec![] };
            let all: Vec<Value> = own.into_iter().map(|id| account((id.clone(), id))).collect();
            listed(&state, &body, "DelegatedAdministrators", &all, 20)
        }
        "ListParents" => {
            let child = body["ChildId"].as_str().unwrap_or_default();
            if child == ROOT {
                return json_error(400, "ChildNotFoundException", "a root has no parent");
            }
            let places = organization.units.iter().chain(&organization.placed);
            let parent = places.into_iter().find(|(id, _)| id == child).map_or(ROOT, |(_, parent)| parent);
            let kind = if parent == ROOT { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
            listed(&state, &body, "Parents", &[json!({ "Id": parent, "Type": kind })], 20)
        }
        "ListAccountsForParent" | "ListOrganizationalUnitsForParent" => {
            let parent = body["ParentId"].as_str().unwrap_or_default();
            if parent != ROOT && !organization.units.iter().any(|(id, _)| id == parent) {
                return json_error(400, "ParentNotFoundException", "You provided a parent that does not exist.");
            }
            if operation == "ListOrganizationalUnitsForParent" {
                let own = organization.units.iter().filter(|(_, of)| of == parent);
                let all: Vec<Value> = own.map(|(id, _)| json!({ "Id": id, "Name": id })).collect();
                return listed(&state, &body, "OrganizationalUnits", &all, 20);
            }
            let own = world.accounts.iter().map(|account| (account.id.clone(), account.name.clone()));
            let is_here = |(id, _): &(String, String)| {
                let place = organization.placed.iter().find(|(account, _)| account == id);
                place.map_or(ROOT, |(_, of)| of.as_str()) == parent
            };
            let all = own.chain(organization.others.iter().cloned()).filter(is_here).map(account);
            listed(&state, &body, "Accounts", &all.collect::<Vec<_>>(), 20)
        }
        "ListPoliciesForTarget" => {
            let target = body["TargetId"].as_str().unwrap_or_default();
            let own = organization.policies.iter().filter(|policy| policy.targets.iter().any(|one| one == target));
            let ids = std::iter::once(FULL).chain(own.map(|policy| policy.id.as_str()));
            let all: Vec<Value> = ids
                .filter(|_| !organization.uncontrolled)
                .map(|id| json!({ "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY" }))
                .collect();
            listed(&state, &body, "Policies", &all, 20)
        }
        "DescribePolicy" => {
            let id = body["PolicyId"].as_str().unwrap_or_default();
            let full = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
            let found =
                organization.policies.iter().find(|policy| policy.id == id).map(|policy| policy.document.clone());
            match found.or_else(|| (id == FULL).then(|| full.to_string())) {
                Some(content) => ok(&json!({ "Policy": { "PolicySummary": { "Id": id }, "Content": content } })),
                None => json_error(400, "PolicyNotFoundException", "there is no such policy"),
            }
        }
        _ => json_error(400, "UnknownOperationException", "the simulator does not know this operation"),
    }
}
