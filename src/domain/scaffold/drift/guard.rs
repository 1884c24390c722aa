//! The organization's guard: whether it binds each account.

use serde_json::Value;

use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::drift::same::{differ, is_same, statements};
use crate::domain::scaffold::policies::guard;

/// What it is known by where its text differs.
const SID: &str = "OnlyTheAccessAdminGrants";

pub fn compare(look: &Look<'_>, drift: &mut Drift) {
    let (Some(file), Some(line)) = (guard(look.plan), look.plan.guard.as_ref().map(|guard| guard.line)) else { return };
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
