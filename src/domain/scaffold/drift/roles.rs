//! IAM roles that are made in accounts: whom they trust, what they may do, and their boundary.

use serde_json::Value;

use crate::domain::access::facts::{Account, Assignee, IamRole};
use crate::domain::ids::AccountId;
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::drift::people::minutes;
use crate::domain::scaffold::drift::same::differ;
use crate::domain::scaffold::policies::{boundary, document, is_bounded, statements, trust};
use crate::domain::scaffold::role::{Made, Role, Statements};

/// The name of the policy that is made.
const POLICY: &str = "eksso";

pub fn compare(look: &Look<'_>, drift: &mut Drift) {
    for account in look.accounts() {
        let is_here = |role: &&Role| role.made != Made::Set && !look.clusters_of(role, Some(account)).is_empty();
        let roles: Vec<&Role> = look.plan.roles.iter().filter(is_here).collect();
        if roles.is_empty() {
            continue;
        }
        match look.iam(account) {
            Ok(live) => roles.iter().for_each(|role| of_role(look, role, account, live, drift)),
            Err(why) => {
                for role in &roles {
                    let arn = look.plan.role_pattern(role, account.as_str());
                    drift.unknown(Place::account(account).line(role.line), "role", arn, why.as_str());
                }
            }
        }
        if let Some(found) = look.facts.accounts.get(account) {
            shared(look, account, found, &roles, drift);
        }
    }
}

fn of_role(look: &Look<'_>, role: &Role, account: &AccountId, live: &[IamRole], drift: &mut Drift) {
    let place = Place::account(account).line(role.line);
    let arn = look.plan.role_pattern(role, account.as_str());
    // A name is used once in an account, whatever the path.
    let named = live.iter().find(|found| Principal::parse(&found.arn).is_some_and(|found| found.name == role.name));
    let Some(found) = named else {
        if role.made == Made::Elsewhere {
            let file = format!("a role {} that is made elsewhere", role.name);
            return drift.missing(place, "role", role.name.as_str(), file, &["iam:CreateRole"]);
        }
        let mut rights = vec!["iam:CreateRole", "iam:TagRole"];
        if role.statements != Statements::None {
            rights.push("iam:PutRolePolicy");
        }
        return drift.missing(place, "role", arn, format!("tier {}", role.tier), &rights);
    };
    let object = found.arn.as_str();
    if role.made != Made::Elsewhere {
        if found.arn != arn {
            let rights = ["iam:DeleteRole", "iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole"];
            drift.differs(place, "role", object, (Side::of(object), Side::of(arn)), &rights);
        }
        if let Some(sides) = trust(look.plan, role, account).and_then(|file| differ(&found.trust, &file)) {
            drift.differs(place, "trust", object, sides, &["iam:UpdateAssumeRolePolicy"]);
        }
        let wanted = role.session.as_secs();
        match found.max_session {
            Some(live) if u64::from(live) == wanted => {}
            Some(live) => {
                let sides = (Side::of(minutes(u64::from(live))), Side::of(minutes(wanted)));
                drift.differs(place, "session", object, sides, &["iam:UpdateRole"]);
            }
            None => drift.unknown(place, "session", object, "iam:ListRoles, which tells it, was not answered"),
        }
    }
    if role.made != Made::Elsewhere && found.permissions.get().is_some() {
        tags(role, found, place, drift);
    }
    permissions(look, role, account, found, drift);
}

/// The tags that a made role has; others are somebody else's. They come with the permissions: without those nobody told them, which has a
/// row of its own.
fn tags(role: &Role, found: &IamRole, place: Place<'_>, drift: &mut Drift) {
    let wanted = [("eks", "true"), ("tier", role.tier.as_str())];
    let differ = |(key, value): &&(&str, &str)| found.tags.get(*key).is_none_or(|live| live != value);
    let wrong: Vec<&(&str, &str)> = wanted.iter().filter(differ).collect();
    if wrong.is_empty() {
        return;
    }
    let file: Vec<String> = wrong.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let live = wrong.iter().filter_map(|(key, _)| found.tags.get(*key).map(|live| format!("{key}={live}")));
    let live = live.collect::<Vec<_>>().join(", ");
    drift.differs(place, "tags", found.arn.as_str(), (Side::of(live), Side::of(file.join(", "))), &["iam:TagRole"]);
}

fn permissions(look: &Look<'_>, role: &Role, account: &AccountId, found: &IamRole, drift: &mut Drift) {
    let place = Place::account(account).line(role.line);
    let object = found.arn.as_str();
    let live = match (found.permissions.get(), found.permissions.missing()) {
        (Some(live), _) => live,
        (None, _) if role.made == Made::Elsewhere && role.statements == Statements::None => return,
        (None, why) => return drift.unknown(place, "role_policy", object, why.unwrap_or_default()),
    };
    // A tier without `iam` leaves policies to others.
    if role.statements != Statements::None {
        let file = document(&statements(look.plan, role, Some(account)));
        match live.inline.iter().find(|(name, _)| name == POLICY) {
            None => drift.missing(place, "role_policy", object, POLICY, &["iam:PutRolePolicy"]),
            Some((_, text)) => {
                if let Some(sides) = differ(text, &file) {
                    drift.differs(place, "role_policy", object, sides, &["iam:PutRolePolicy"]);
                }
            }
        }
        // A role that is made elsewhere has policies of its own.
        if role.made != Made::Elsewhere {
            for (name, _) in live.inline.iter().filter(|(name, _)| name != POLICY) {
                drift.extra(place, "role_policy", object, name.as_str(), &["iam:DeleteRolePolicy"]);
            }
            for arn in &live.attached {
                drift.extra(place, "managed_policy", object, arn.as_str(), &["iam:DetachRolePolicy"]);
            }
        }
    }
    if role.made == Made::Elsewhere {
        return;
    }
    let wanted = is_bounded(role).then(|| boundary_arn(look, account));
    match (&live.boundary, wanted) {
        (live, wanted) if *live == wanted => {}
        (None, Some(wanted)) => {
            drift.missing(place, "boundary", object, wanted, &["iam:PutRolePermissionsBoundary"]);
        }
        (Some(live), None) => {
            drift.extra(place, "boundary", object, live.as_str(), &["iam:DeleteRolePermissionsBoundary"]);
        }
        (Some(live), Some(wanted)) => {
            let sides = (Side::of(live.as_str()), Side::of(wanted));
            drift.differs(place, "boundary", object, sides, &["iam:PutRolePermissionsBoundary"]);
        }
        (None, None) => {}
    }
}

fn boundary_arn(look: &Look<'_>, account: &AccountId) -> String {
    format!("arn:{}:iam::{account}:policy{}eksso-boundary", look.plan.partition.arn(), look.plan.role_path)
}

/// What the roles of an account share: the boundary's document, and the providers that they trust.
fn shared(look: &Look<'_>, account: &AccountId, found: &Account, roles: &[&Role], drift: &mut Drift) {
    let place = Place::account(account);
    if roles.iter().any(|role| is_bounded(role)) {
        let (arn, file): (String, Value) = (boundary_arn(look, account), boundary(look.plan, account));
        match (found.policies.get(), found.policies.missing()) {
            (Some(policies), _) => match policies.get(&arn) {
                None => drift.missing(place, "policy", arn, "the boundary of made roles", &["iam:CreatePolicy"]),
                Some(text) => {
                    if let Some(sides) = differ(text, &file) {
                        drift.differs(place, "policy", arn, sides, &["iam:CreatePolicyVersion"]);
                    }
                }
            },
            (None, why) => drift.unknown(place, "policy", arn, why.unwrap_or_default()),
        }
    }
    let partition = look.plan.partition.arn();
    for role in roles {
        let place = place.line(role.line);
        match &role.made {
            Made::Okta(name) => {
                let arn = format!("arn:{partition}:iam::{account}:saml-provider/{name}");
                match (found.saml_providers.get(), found.saml_providers.missing()) {
                    (Some(all), _) if all.iter().any(|provider| provider.arn == arn) => {}
                    (Some(_), _) => {
                        drift.missing(place, "saml_provider", arn, "Okta's provider", &["iam:CreateSAMLProvider"]);
                    }
                    (None, why) => drift.unknown(place, "saml_provider", arn, why.unwrap_or_default()),
                }
            }
            Made::Runner(oidc) => {
                let arn = format!("arn:{partition}:iam::{account}:oidc-provider/{}", oidc.provider);
                match (found.oidc_providers.get(), found.oidc_providers.missing()) {
                    (Some(all), _) if all.contains(&arn) => {}
                    (Some(_), _) => {
                        let right = "iam:CreateOpenIDConnectProvider";
                        drift.missing(place, "oidc_provider", arn, "the runner's provider", &[right]);
                    }
                    (None, why) => drift.unknown(place, "oidc_provider", arn, why.unwrap_or_default()),
                }
            }
            Made::Entitled(_) => entitlements(look, role, account, found, drift),
            Made::Set | Made::Elsewhere => {}
        }
    }
}

/// Which groups may use a role by the account access manager.
fn entitlements(look: &Look<'_>, role: &Role, account: &AccountId, found: &Account, drift: &mut Drift) {
    let (place, kind) = (Place::account(account).line(role.line), "entitlement");
    let arn = look.plan.role_pattern(role, account.as_str());
    let live = match (found.entitlements.get(), found.entitlements.missing()) {
        (Some(live), _) => live,
        (None, why) => return drift.unknown(place, kind, arn, why.unwrap_or_default()),
    };
    let known: Vec<_> =
        look.facts.directories.iter().filter_map(|directory| directory.groups.get()).flatten().collect();
    if known.is_empty() {
        let hidden = look.facts.directories.iter().find_map(|directory| directory.groups.missing());
        let why = hidden.unwrap_or("no instance of Identity Center was read");
        return drift.unknown(place, kind, arn, format!("the names of groups could not be read: {why}"));
    }
    let entitled: Vec<&Assignee> = live.iter().filter(|one| one.role_arn == arn).map(|one| &one.assignee).collect();
    for group in &role.people {
        let id = known.iter().find(|known| known.name == *group).map(|known| Assignee::Group(known.id.clone()));
        if !id.as_ref().is_some_and(|id| entitled.contains(&id)) {
            let there = if id.is_some() { "" } else { ", which is not in the directory" };
            let words = format!("group {group}{there}");
            drift.missing(place, kind, arn.as_str(), words, &["account-access:CreateEntitlement"]);
        }
    }
    for who in entitled {
        let words = match who {
            Assignee::Group(id) => match known.iter().find(|group| group.id == *id) {
                Some(group) if role.people.contains(&group.name) => continue,
                Some(group) => format!("group {}", group.name),
                None => format!("group {id}"),
            },
            Assignee::User(id) => format!("user {id}"),
        };
        drift.extra(place, kind, arn.as_str(), words, &["account-access:DeleteEntitlement"]);
    }
}
