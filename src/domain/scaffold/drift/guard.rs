//! The organization's guard: whether it binds each account.

use serde_json::Value;

use crate::domain::access::facts::IamRole;
use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::drift::same::{differ, is_same, statements};
use crate::domain::scaffold::management_guard;
use crate::domain::scaffold::policies::guard;
use crate::domain::scaffold::role::Made;

/// What it is known by where its text differs.
const SID: &str = "OnlyTheAccessAdminGrants";

pub fn compare(look: &Look<'_>, drift: &mut Drift) {
    let (Some(file), Some(line)) = (guard(look.plan), look.plan.guard.as_ref().map(|guard| guard.line)) else { return };
    if look.plan.roles.iter().any(|role| role.made == Made::Set) {
        in_management(look, line, drift);
    }
    let organization = &look.facts.organization;
    for account in look.accounts() {
        let place = Place::account(account).line(line);
        // Service control policies bind nobody in the management account, whatever is attached there. Source: access.md 5.3.
        let management = (organization.management.get(), organization.management.missing());
        if management.0 == Some(account) {
            let live = "no service control policy binds it: it is the management account";
            let sides = (Side::of(live), Side::of("bound by the guard; in this account, deny-assignments does that"));
            drift.differs(place, "guard", "eksso-guard", sides, &[]);
            continue;
        }
        let bound = organization.control_policies.get(account);
        let levels = match bound.map(|bound| (bound.get(), bound.missing())) {
            Some((Some(levels), _)) => levels,
            Some((None, why)) => {
                drift.unknown(place, "guard", "eksso-guard", why.unwrap_or_default());
                continue;
            }
            None => {
                let why = organization.id.missing().unwrap_or("the account's policies were not read");
                drift.unknown(place, "guard", "eksso-guard", why);
                continue;
            }
        };
        let texts: Vec<&String> = levels.iter().flatten().collect();
        if texts.iter().any(|text| is_same(text, &file)) {
            if let (None, Some(why)) = management {
                let why = format!("whether it is the management account, which no service control policy binds: {why}");
                drift.unknown(place, "guard", "eksso-guard", why);
            }
            continue;
        }
        let is_guard = |text: &&&String| {
            let document: Value = serde_json::from_str(text).unwrap_or_default();
            statements(&document).iter().any(|statement| statement["Sid"] == SID)
        };
        match texts.iter().find(is_guard).and_then(|text| differ(text, &file)) {
            Some(sides) => drift.differs(place, "guard", "eksso-guard", sides, &["organizations:UpdatePolicy"]),
            None => {
                let rights = ["organizations:CreatePolicy", "organizations:AttachPolicy"];
                drift.missing(
                    place,
                    "guard",
                    "eksso-guard",
                    "a service control policy that binds the account",
                    &rights,
                );
            }
        }
    }
}

/// What takes its place in the management account: whether the policy is there, and in the role of any permission set. Which sets are to have it is
/// not in the file: those of that account's own people.
fn in_management(look: &Look<'_>, line: usize, drift: &mut Drift) {
    let Some(file) = management_guard::policy(look.plan) else { return };
    let (kind, object) = ("guard", management_guard::NAME);
    let organization = &look.facts.organization;
    let account = match (organization.management.get(), organization.management.missing()) {
        (Some(account), _) => account,
        (None, why) => {
            let why = why.or(organization.id.missing()).unwrap_or("the organization was not read");
            let place = Place::EVERYWHERE.line(line);
            return drift.unknown(place, kind, object, format!("which account is the management account: {why}"));
        }
    };
    let place = Place::account(account).line(line);
    let Some(found) = look.facts.accounts.get(account) else {
        return drift.unknown(place, kind, object, "the management account was not read");
    };
    let arn = format!(
        "arn:{}:iam::{account}:policy{}{}",
        look.plan.partition.arn(),
        look.plan.role_path,
        management_guard::NAME
    );
    const ATTACH: [&str; 2] = ["sso:AttachCustomerManagedPolicyReferenceToPermissionSet", "sso:ProvisionPermissionSet"];
    match (found.policies.get(), found.policies.missing()) {
        (Some(policies), _) => match policies.get(&arn) {
            None => {
                let words = "a policy of Deny statements for permission sets of the management account";
                return drift.missing(place, kind, object, words, &["iam:CreatePolicy", ATTACH[0], ATTACH[1]]);
            }
            Some(text) => {
                if let Some(sides) = differ(text, &file) {
                    drift.differs(place, kind, object, sides, &["iam:CreatePolicyVersion"]);
                }
            }
        },
        (None, why) => return drift.unknown(place, kind, object, why.unwrap_or("nobody asked")),
    }
    let roles = match (found.roles.get(), found.roles.missing()) {
        (Some(roles), _) => roles,
        (None, why) => return drift.unknown(place, kind, object, why.unwrap_or("nobody asked")),
    };
    let has = |role: &&IamRole| role.permissions.get().is_some_and(|own| own.attached.contains(&arn));
    if roles.iter().any(|role| has(&role)) {
        return;
    }
    match roles.iter().find_map(|role| role.permissions.missing()) {
        Some(why) => drift.unknown(place, kind, object, format!("whether a permission set has it: {why}")),
        None => drift.missing(place, kind, object, "in permission sets of that account: it binds nobody", &ATTACH),
    }
}
