//! The guard of the management account: no service control policy binds it, so that Deny statements in the permission sets of its people take
//! the place of one. Source: access.md 5.3.

use serde_json::{Value, json};

use crate::domain::audit::access_file::Level;
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::document;
use crate::domain::scaffold::role::Role;

/// What it is known by.
pub const SID: &str = "OnlyTheAccessAdminAssigns";
/// What hands out permission sets, changes what they hold, or puts somebody into a group that has one. IAM's wildcards would take in reads.
const ASSIGNING: [&str; 21] = [
    "sso:CreateAccountAssignment",
    "sso:DeleteAccountAssignment",
    "sso:CreatePermissionSet",
    "sso:UpdatePermissionSet",
    "sso:DeletePermissionSet",
    "sso:PutInlinePolicyToPermissionSet",
    "sso:DeleteInlinePolicyFromPermissionSet",
    "sso:AttachManagedPolicyToPermissionSet",
    "sso:DetachManagedPolicyFromPermissionSet",
    "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
    "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet",
    "sso:PutPermissionsBoundaryToPermissionSet",
    "sso:DeletePermissionsBoundaryFromPermissionSet",
    "sso:ProvisionPermissionSet",
    "identitystore:CreateGroupMembership",
    "identitystore:DeleteGroupMembership",
    "account-access:CreateApplication",
    "account-access:CreateEntitlement",
    // The policy itself, which would be out of the way in one call.
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:DeletePolicy",
];
/// How many of these are about the policy itself.
const OWN: usize = 3;

/// The name of the policy.
pub const NAME: &str = "eksso-deny-assignments";

/// The policy, where somebody is exempt from it.
pub fn policy(plan: &Plan) -> Option<Value> {
    let guard = plan.guard.as_ref()?;
    let partition = plan.partition.arn();
    // The policy is in the management account alone, whose id the file need not name.
    let arn = |role: &String| format!("arn:{partition}:iam::*:{role}");
    let assigns = |role: &&Role| [Level::AccessAdmin, Level::BreakGlass].contains(&role.level);
    let people = plan.roles.iter().filter(assigns).map(|role| plan.role_pattern(role, "*"));
    let exempt: Vec<String> = people.chain(guard.access_pipeline.iter().map(arn)).collect();
    let condition = json!({"ArnNotLike": {"aws:PrincipalArn": exempt}});
    let (assigning, own) = ASSIGNING.split_at(ASSIGNING.len() - OWN);
    let resource = format!("arn:{partition}:iam::*:policy{}{NAME}", plan.role_path);
    Some(document(&[
        json!({"Sid": SID, "Effect": "Deny", "Action": assigning, "Resource": "*", "Condition": condition}),
        json!({"Sid": "TheGuardStays", "Effect": "Deny", "Action": own, "Resource": resource, "Condition": condition}),
    ]))
}
