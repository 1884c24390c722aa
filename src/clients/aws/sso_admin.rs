//! IAM Identity Center's administration: instances, permission sets and who is assigned them. Source: access.md 1.2.

use std::fmt::Display;

use serde_json::{Value, json};

use crate::clients::aws::Aws;
use crate::clients::aws::api::Api;
use crate::clients::failure::Failure;
use crate::domain::access::actions;
use crate::domain::access::facts::Assignee;
use crate::domain::endpoints::Service;
use crate::domain::ids::{AccountId, Region};
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::SsoAdmin.called();
const TARGET: &str = "SWBExternalService";
const PAGE: u32 = 100;

/// An instance, as ListInstances has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its ARN.
    pub arn: String,
    /// The id of its directory.
    pub store: String,
    /// The account that owns it.
    pub owner: String,
}

/// Identity Center's administration in one region, as one role.
#[derive(Debug)]
pub struct SsoAdmin(Api);

impl SsoAdmin {
    /// A client that signs as the role.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Api::new(aws, (SERVICE, Service::SsoAdmin, "sso"), region, credentials))
    }

    /// ListInstances: those of the account and the organization's.
    pub async fn instances(&self) -> Result<Vec<Instance>, Failure> {
        let found = self.list(actions::LIST_INSTANCES, json!({}), "Instances").await?;
        let instance = |found: &Value| Instance {
            arn: text(found, "InstanceArn"),
            store: text(found, "IdentityStoreId"),
            owner: text(found, "OwnerAccountId"),
        };
        Ok(found.iter().map(instance).collect())
    }

    /// ListPermissionSets: ARNs.
    pub async fn sets(&self, instance: &str) -> Result<Vec<String>, Failure> {
        texts(self.list(actions::LIST_PERMISSION_SETS, json!({ "InstanceArn": instance }), "PermissionSets").await?)
    }

    /// DescribePermissionSet: its name, and how long its sessions are, in seconds.
    pub async fn set(&self, instance: &str, set: &str) -> Result<(String, Option<u32>), Failure> {
        let body = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let answer = self.0.json(TARGET, actions::DESCRIBE_PERMISSION_SET, &body).await?;
        let found = answer.get("PermissionSet").ok_or_else(|| nonsense("the answer holds no permission set"))?;
        Ok((text(found, "Name"), seconds(&text(found, "SessionDuration"))))
    }

    /// GetInlinePolicyForPermissionSet; `None` where there is none.
    pub async fn inline_policy(&self, instance: &str, set: &str) -> Result<Option<String>, Failure> {
        let body = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let answer = self.0.json(TARGET, actions::GET_INLINE_POLICY, &body).await?;
        Ok(Some(text(&answer, "InlinePolicy")).filter(|policy| !policy.is_empty()))
    }

    /// ListManagedPoliciesInPermissionSet: ARNs.
    pub async fn managed_policies(&self, instance: &str, set: &str) -> Result<Vec<String>, Failure> {
        let body = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let found = self.list(actions::LIST_SET_POLICIES, body, "AttachedManagedPolicies").await?;
        Ok(found.iter().map(|policy| text(policy, "Arn")).collect())
    }

    /// ListCustomerManagedPolicyReferencesInPermissionSet: paths with names.
    pub async fn customer_policies(&self, instance: &str, set: &str) -> Result<Vec<String>, Failure> {
        let body = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let found = self.list(actions::LIST_SET_CUSTOMER_POLICIES, body, "CustomerManagedPolicyReferences").await?;
        Ok(found.iter().map(reference).collect())
    }

    /// GetPermissionsBoundaryForPermissionSet: an ARN, or a path with a name; `None` where there is none.
    pub async fn boundary(&self, instance: &str, set: &str) -> Result<Option<String>, Failure> {
        let body = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let answer = match self.0.json(TARGET, actions::GET_SET_BOUNDARY, &body).await {
            Ok(answer) => answer,
            Err(failure) if failure.is(&["ResourceNotFoundException"]) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let Some(found) = answer.get("PermissionsBoundary").filter(|found| !found.is_null()) else { return Ok(None) };
        let arn = text(found, "ManagedPolicyArn");
        match found.get("CustomerManagedPolicyReference").filter(|own| !own.is_null()) {
            Some(own) => Ok(Some(reference(own))),
            None if arn.is_empty() => Err(nonsense("a boundary that names no policy")),
            None => Ok(Some(arn)),
        }
    }

    /// ListPermissionSetsProvisionedToAccount: the sets whose latest version is not in the account yet.
    pub async fn unprovisioned(&self, instance: &str, account: &AccountId) -> Result<Vec<String>, Failure> {
        let status = "LATEST_PERMISSION_SET_NOT_PROVISIONED";
        let body = json!({ "InstanceArn": instance, "AccountId": account.as_str(), "ProvisioningStatus": status });
        texts(self.list(actions::LIST_PROVISIONED_SETS, body, "PermissionSets").await?)
    }

    /// ListAccountAssignments: who is assigned a set in an account.
    pub async fn assignees(&self, instance: &str, account: &AccountId, set: &str) -> Result<Vec<Assignee>, Failure> {
        let body = json!({ "InstanceArn": instance, "AccountId": account.as_str(), "PermissionSetArn": set });
        let found = self.list(actions::LIST_ACCOUNT_ASSIGNMENTS, body, "AccountAssignments").await?;
        let assignee = |found: &Value| match text(found, "PrincipalType").as_str() {
            "USER" => Ok(Assignee::User(text(found, "PrincipalId"))),
            "GROUP" => Ok(Assignee::Group(text(found, "PrincipalId"))),
            other => Err(nonsense(format!("an assignment of the unknown kind `{other}`"))),
        };
        found.iter().map(assignee).collect()
    }

    async fn list(&self, action: &str, mut body: Value, field: &str) -> Result<Vec<Value>, Failure> {
        body["MaxResults"] = PAGE.into();
        list(&self.0, TARGET, action, body, field).await
    }
}

/// A list of the JSON 1.1 protocol, all pages: a page may be empty with more to follow.
pub(in crate::clients::aws) async fn list(
    api: &Api,
    target: &str,
    action: &str,
    mut body: Value,
    field: &str,
) -> Result<Vec<Value>, Failure> {
    let (mut found, mut pages) = (Vec::new(), Pages::default());
    loop {
        let mut answer = api.json(target, action, &body).await?;
        match answer.get_mut(field).map(Value::take) {
            Some(Value::Array(entries)) => found.extend(entries),
            None | Some(Value::Null) => {}
            Some(_) => return Err(Failure::nonsense(api.name, format!("{field} is no list"))),
        }
        let next = answer.get("NextToken").and_then(Value::as_str).map(str::to_owned);
        match pages.next(next).map_err(|endless| Failure::nonsense(api.name, endless))? {
            Some(next) => body["NextToken"] = next.into(),
            None => return Ok(found),
        }
    }
}

/// A field that is a text; empty where there is none.
pub(in crate::clients::aws) fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The path and the name of a policy of an account's own; the path is `/` where it does not say.
fn reference(found: &Value) -> String {
    let path = text(found, "Path");
    format!("{}{}", if path.is_empty() { "/" } else { &path }, text(found, "Name"))
}

fn texts(found: Vec<Value>) -> Result<Vec<String>, Failure> {
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        _ => Err(nonsense("a list of ARNs holds something else")),
    };
    found.into_iter().map(text).collect()
}

/// `PT1H30M` → seconds. Sets have no days in theirs.
fn seconds(duration: &str) -> Option<u32> {
    let (mut total, mut number) = (0u32, String::new());
    for c in duration.strip_prefix("PT")?.chars() {
        let unit = match c {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            digit => {
                number.push(digit);
                continue;
            }
        };
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    number.is_empty().then_some(total)
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_durations_are_read_in_hours_minutes_and_seconds() {
        for (text, wanted) in [
            ("PT1H", Some(3600)),
            ("PT8H30M", Some(30_600)),
            ("PT90S", Some(90)),
            ("1H", None),
            ("PT9", None),
            ("PTxH", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }
}
