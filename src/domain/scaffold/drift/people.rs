//! Permission sets, what they hold, and who is assigned them.

use std::collections::BTreeSet;

use crate::domain::access::facts::{Assignee, Assignments, Directory, Fact, PermissionSet};
use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::drift::same::differ;
use crate::domain::scaffold::policies::{document, statements};
use crate::domain::scaffold::role::{Made, Role, Statements};

/// What changes a set has to be brought into the accounts. Source: access.md 2.2.
const PROVISION: &str = "sso:ProvisionPermissionSet";
/// Sessions of a set that says nothing. Source: access.md 1.2.
const USUAL_SESSION: u32 = 3600;

pub fn compare(look: &Look<'_>, drift: &mut Drift) {
    for role in look.plan.roles.iter().filter(|role| role.made == Made::Set) {
        if look.clusters_of(role, None).is_empty() {
            continue;
        }
        let place = Place::EVERYWHERE.line(role.line);
        let named =
            |directory: &&Directory| look.plan.region.as_ref().is_none_or(|region| directory.region == region.as_str());
        let directories: Vec<&Directory> = look.facts.directories.iter().filter(named).collect();
        let hidden = directories.iter().find_map(|directory| directory.sets.missing());
        let all = directories
            .iter()
            .flat_map(|directory| directory.sets.get().into_iter().flatten().map(move |set| (*directory, set)));
        let found: Vec<_> = all.filter(|(_, set)| set.name == role.name).collect();
        match (found.as_slice(), hidden) {
            ([], _) if directories.is_empty() => {
                let of = look.plan.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
                let why = format!("no instance of Identity Center was read{of}");
                drift.unknown(place, "permission_set", role.name.as_str(), why);
            }
            ([], Some(why)) => drift.unknown(place, "permission_set", role.name.as_str(), why),
            ([], None) => {
                let mut rights = vec!["sso:CreatePermissionSet", "sso:TagResource", "sso:CreateAccountAssignment"];
                if role.statements != Statements::None {
                    rights.push("sso:PutInlinePolicyToPermissionSet");
                }
                drift.missing(place, "permission_set", role.name.as_str(), format!("tier {}", role.tier), &rights);
            }
            ([(directory, set)], _) => of_set(look, role, directory, set, drift),
            _ => {
                let why = "several instances of Identity Center have a set of that name; `region` of [scaffold] says whose is meant";
                drift.unknown(place, "permission_set", role.name.as_str(), why);
            }
        }
    }
}

fn of_set(look: &Look<'_>, role: &Role, directory: &Directory, set: &PermissionSet, drift: &mut Drift) {
    let place = Place::EVERYWHERE.line(role.line);
    let name = role.name.as_str();
    let session = set.session.unwrap_or(USUAL_SESSION);
    if u64::from(session) != role.session.as_secs() {
        let sides = (Side::of(minutes(u64::from(session))), Side::of(minutes(role.session.as_secs())));
        drift.differs(place, "session", name, sides, &["sso:UpdatePermissionSet", PROVISION]);
    }
    // A tier without `iam` leaves policies to others.
    if role.statements != Statements::None {
        policies(look, role, set, drift);
    }
    let accounts = look.accounts();
    for account in accounts.into_iter().filter(|account| !look.clusters_of(role, Some(account)).is_empty()) {
        let place = Place::account(account).line(role.line);
        let assigned = directory.assignments.iter().find(|one| one.account == *account && one.set == set.arn);
        assignments(role, directory, assigned, place, drift);
        let behind = look.facts.accounts.get(account).map(|account| &account.unprovisioned);
        match behind.map(|behind| (behind.get(), behind.missing())) {
            Some((Some(behind), _)) if behind.contains(&set.arn) => {
                let sides = (Side::of("an earlier version of the set"), Side::of("the latest version"));
                drift.differs(place, "provisioning", name, sides, &[PROVISION]);
            }
            Some((Some(_), _)) => {}
            Some((None, why)) => drift.unknown(place, "provisioning", name, why.unwrap_or("nobody asked")),
            None => drift.unknown(place, "provisioning", name, format!("account {account} was not read")),
        }
    }
}

fn policies(look: &Look<'_>, role: &Role, set: &PermissionSet, drift: &mut Drift) {
    let place = Place::EVERYWHERE.line(role.line);
    let name = role.name.as_str();
    let wanted = statements(look.plan, role, None);
    let file = document(&wanted);
    let put = ["sso:PutInlinePolicyToPermissionSet", PROVISION];
    match (set.inline.get(), set.inline.missing()) {
        (Some(None), _) if wanted.is_empty() => {}
        (Some(None), _) => drift.missing(place, "inline_policy", name, "a policy", &put),
        (Some(Some(live)), _) => {
            if let Some(sides) = differ(live, &file) {
                drift.differs(place, "inline_policy", name, sides, &put);
            }
        }
        (None, why) => drift.unknown(place, "inline_policy", name, why.unwrap_or_default()),
    }
    let mut none = |kind: &'static str, found: &Fact<Vec<String>>, right: &str| match (found.get(), found.missing()) {
        (Some(all), _) => all.iter().for_each(|one| drift.extra(place, kind, name, one.as_str(), &[right, PROVISION])),
        (None, why) => drift.unknown(place, kind, name, why.unwrap_or_default()),
    };
    none("managed_policy", &set.attached, "sso:DetachManagedPolicyFromPermissionSet");
    none("managed_policy", &set.customer_managed, "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet");
    match (set.boundary.get(), set.boundary.missing()) {
        (Some(None), _) => {}
        (Some(Some(arn)), _) => {
            drift.extra(
                place,
                "boundary",
                name,
                arn.as_str(),
                &["sso:DeletePermissionsBoundaryFromPermissionSet", PROVISION],
            );
        }
        (None, why) => drift.unknown(place, "boundary", name, why.unwrap_or_default()),
    }
}

fn assignments(
    role: &Role,
    directory: &Directory,
    assigned: Option<&Assignments>,
    place: Place<'_>,
    drift: &mut Drift,
) {
    let (name, kind) = (role.name.as_str(), "assignment");
    let Some(assigned) = assigned else { return drift.unknown(place, kind, name, "nobody asked who is assigned it") };
    let live = match (assigned.assignees.get(), assigned.assignees.missing()) {
        (Some(live), _) => live,
        (None, why) => return drift.unknown(place, kind, name, why.unwrap_or_default()),
    };
    let groups = match (directory.groups.get(), directory.groups.missing()) {
        (Some(groups), _) => groups,
        (None, why) => {
            let why = format!("the names of groups could not be read: {}", why.unwrap_or_default());
            return drift.unknown(place, kind, name, why);
        }
    };
    let mut expected: BTreeSet<&str> = BTreeSet::new();
    for group in &role.people {
        let known = groups.iter().find(|known| known.name == *group);
        let is_assigned = known.is_some_and(|known| live.contains(&Assignee::Group(known.id.clone())));
        expected.extend(known.map(|known| known.id.as_str()));
        if !is_assigned {
            let there = if known.is_some() { "" } else { ", which is not in the directory" };
            drift.missing(place, kind, name, format!("group {group}{there}"), &["sso:CreateAccountAssignment"]);
        }
    }
    for who in live {
        let words = match who {
            Assignee::Group(id) if expected.contains(id.as_str()) => continue,
            Assignee::Group(id) => {
                let known = groups.iter().find(|group| group.id == *id).map(|group| group.name.as_str());
                format!("group {}", known.unwrap_or(id))
            }
            Assignee::User(id) => {
                let mut users = directory.users.get().into_iter().flatten();
                format!("user {}", users.find(|user| user.id == *id).map_or(id.as_str(), |user| &user.name))
            }
        };
        drift.extra(place, kind, name, words, &["sso:DeleteAccountAssignment"]);
    }
}

/// A session's length in words.
pub fn minutes(seconds: u64) -> String {
    match (seconds / 60, seconds % 3600) {
        (minutes, 0) => format!("{}h", minutes / 60),
        (minutes, _) => format!("{minutes}m"),
    }
}
