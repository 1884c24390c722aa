//! What a cluster lets in: access entries with their groups and policies, and lines of aws-auth.

use std::collections::BTreeSet;

use crate::domain::access::aws_auth::{self, AwsAuth};
use crate::domain::access::facts::{AccessEntry, Cluster, EntryDetails};
use crate::domain::access::grant::{Grant, Life, MappedBy, PrincipalKind};
use crate::domain::access::grants::grants;
use crate::domain::access::grants::principal::{Iam, canonical};
use crate::domain::access::policies::is_for_aws;
use crate::domain::access::{AuthMode, Policy};
use crate::domain::audit::access_file::PlannedCluster;
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::{Look, usual};
use crate::domain::scaffold::drift::rbac;
use crate::domain::scaffold::role::{Made, Role};

/// The one kind of entry that people have.
const STANDARD: &str = "STANDARD";
const MAKE: &str = "eks:CreateAccessEntry";
const CHANGE: &str = "eks:UpdateAccessEntry";
const REMOVE: &str = "eks:DeleteAccessEntry";
const GIVE: &str = "eks:AssociateAccessPolicy";
const TAKE: &str = "eks:DisassociateAccessPolicy";
/// Lines of aws-auth stand in one object.
const LINES: [&str; 2] =
    ["kubernetes:get configmaps kube-system/aws-auth", "kubernetes:update configmaps kube-system/aws-auth"];

pub fn compare(look: &Look<'_>, drift: &mut Drift) {
    let grants = grants(look.facts);
    for (key, planned) in look.planned() {
        let place = Place::cluster(key, planned);
        let Some(found) = look.found(planned) else {
            let more = look.facts.unsearched.iter().map(|line| format!("; {line}")).collect::<String>();
            drift.unknown(place, "cluster", key, format!("it is not among the clusters that were found{more}"));
            continue;
        };
        match (found.settings.get(), found.settings.missing()) {
            (Some(settings), _) => {
                if let Some(mode) = settings.mode.filter(|mode| *mode != planned.mode) {
                    // EKS goes from CONFIG_MAP to API_AND_CONFIG_MAP to API, and never back. Source: access.md 2.1.
                    let is_back = (mode.has_entries() && !planned.mode.has_entries())
                        || (!mode.has_config_map() && planned.mode.has_config_map());
                    let (file, rights): (_, &[&str]) = match is_back {
                        true => (format!("{}; there is no way back to it: change the file", planned.mode.word()), &[]),
                        false => (planned.mode.word().to_owned(), &["eks:UpdateClusterConfig"]),
                    };
                    let sides = (Side::of(mode.word()), Side::of(file));
                    drift.differs(place.line(planned.line), "mode", key, sides, rights);
                }
            }
            (None, why) => drift.unknown(place, "mode", key, why.unwrap_or_default()),
        }
        let live = found.settings.get().and_then(|settings| settings.mode).unwrap_or(planned.mode);
        let roles: Vec<&Role> = look.roles_in(key).into_iter().filter(|role| role.enters()).collect();
        let of: Vec<&Grant> = grants
            .iter()
            .filter(|grant| {
                (&grant.cluster.account, &grant.cluster.region, &grant.cluster.name)
                    == (&found.account, &found.region, &found.name)
            })
            .collect();
        if planned.mode.has_entries() || live.has_entries() {
            // Where the file wants lines, it wants no entry.
            let wanted = if planned.mode.has_entries() { &roles[..] } else { &[] };
            entries(look, key, planned, found, wanted, &of, drift);
        }
        if live.has_config_map() || planned.mode == AuthMode::ConfigMap {
            lines(look, key, planned, found, &roles, &of, drift);
        }
        rbac::compare(look, key, planned, found, drift);
    }
}

fn entries(
    look: &Look<'_>,
    key: &str,
    planned: &PlannedCluster,
    found: &Cluster,
    roles: &[&Role],
    grants: &[&Grant],
    drift: &mut Drift,
) {
    let place = Place::cluster(key, planned);
    let live = match (found.entries.get(), found.entries.missing()) {
        (Some(live), _) => live,
        (None, why) => return drift.unknown(place, "access_entry", key, why.unwrap_or_default()),
    };
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for role in roles {
        let place = place.line(role.line);
        let named: Vec<&AccessEntry> =
            live.iter().filter(|entry| look.is_role(role, &planned.account, &entry.principal)).collect();
        // Which of several is alive is told by IAM: a permission set's role that was made again has another name.
        let present = look.iam(&planned.account).ok().map(|iam| {
            let present = iam.iter().filter(|found| look.is_role(role, &planned.account, &found.arn));
            present.map(|found| found.arn.as_str()).collect::<Vec<_>>()
        });
        let alive: Vec<&AccessEntry> = match &present {
            Some(present) => {
                named.iter().copied().filter(|entry| present.contains(&entry.principal.as_str())).collect()
            }
            None => named.clone(),
        };
        for entry in named.iter().filter(|entry| !alive.iter().any(|alive| alive.principal == entry.principal)) {
            known.insert(&entry.principal);
            if let Some(Life::Unknown(why)) = life(grants, MappedBy::AccessEntry, &entry.principal) {
                drift.unknown(place, "access_entry", entry.principal.as_str(), why.as_str());
                continue;
            }
            let words = "an entry of a role that is not there any more: it lets nobody in";
            drift.extra(place, "access_entry", entry.principal.as_str(), words, &[REMOVE]);
        }
        match alive.as_slice() {
            [] => {
                let object = match present.as_deref() {
                    Some([arn, ..]) => (*arn).to_owned(),
                    _ => look.plan.role_pattern(role, planned.account.as_str()),
                };
                let mut rights = vec![MAKE];
                if role.access.is_some() {
                    rights.push(GIVE);
                }
                drift.missing(place, "access_entry", object, wanted(role), &rights);
            }
            all => {
                for entry in all {
                    known.insert(&entry.principal);
                    match life(grants, MappedBy::AccessEntry, &entry.principal) {
                        // EKS binds an entry to the role that was there when it was made: only another entry lets in the one of now.
                        Some(Life::Dead(why)) => {
                            let sides = (Side::of(format!("it lets nobody in: {why}")), Side::of(wanted(role)));
                            let rights: &[&str] =
                                if role.access.is_some() { &[REMOVE, MAKE, GIVE] } else { &[REMOVE, MAKE] };
                            drift.differs(place, "access_entry", entry.principal.as_str(), sides, rights);
                            continue;
                        }
                        Some(Life::Unknown(why)) => {
                            drift.unknown(place, "access_entry", entry.principal.as_str(), why.as_str());
                        }
                        Some(Life::Alive) | None => {}
                    }
                    of_entry(look, role, place, entry, drift);
                }
            }
        }
    }
    for entry in live.iter().filter(|entry| !known.contains(entry.principal.as_str())) {
        let grant =
            grants.iter().find(|grant| grant.mapped_by == MappedBy::AccessEntry && grant.principal == entry.principal);
        if grant.is_some_and(|grant| is_of_aws(grant)) {
            continue;
        }
        match (entry.details.get(), entry.details.missing()) {
            (Some(details), _) if details.kind != STANDARD && !details.kind.is_empty() => {}
            (Some(details), _) => {
                drift.extra(place, "access_entry", entry.principal.as_str(), has(details, entry), &[REMOVE])
            }
            (None, why) => {
                let why = format!("whether it is people's or AWS's own: {}", why.unwrap_or_default());
                drift.unknown(place, "access_entry", entry.principal.as_str(), why);
            }
        }
    }
}

fn of_entry(look: &Look<'_>, role: &Role, place: Place<'_>, entry: &AccessEntry, drift: &mut Drift) {
    let object = entry.principal.as_str();
    match (entry.details.get(), entry.details.missing()) {
        (Some(details), _) => {
            if details.kind != STANDARD && !details.kind.is_empty() {
                let sides = (Side::of(details.kind.as_str()), Side::of(STANDARD));
                drift.differs(place, "access_entry", object, sides, &[REMOVE, MAKE, GIVE]);
            }
            let (live, file) = (sorted(&details.groups), sorted(&role.groups));
            if live != file {
                let sides = (Side::of(listed(&live)), Side::of(listed(&file)));
                drift.differs(place, "kubernetes_groups", object, sides, &[CHANGE]);
            }
            if let Some(usual) = usual(look, object).filter(|usual| !details.user.is_empty() && details.user != *usual)
            {
                let sides = (Side::of(details.user.as_str()), Side::of(usual));
                drift.differs(place, "user_name", object, sides, &[CHANGE]);
            }
        }
        (None, why) => drift.unknown(place, "kubernetes_groups", object, why.unwrap_or_default()),
    }
    let live = match (entry.policies.get(), entry.policies.missing()) {
        (Some(live), _) => live,
        (None, why) => return drift.unknown(place, "access_policy", object, why.unwrap_or_default()),
    };
    let file = role
        .access
        .as_ref()
        .map(|access| Policy { name: format!("AmazonEKS{access}Policy"), namespaces: role.namespaces.clone() });
    if let Some(file) = &file {
        match live.iter().find(|live| live.name == file.name) {
            None => drift.missing(place, "access_policy", object, in_scope(file), &[GIVE]),
            Some(live) if sorted(&live.namespaces) != sorted(&file.namespaces) => {
                let sides = (Side::of(in_scope(live)), Side::of(in_scope(file)));
                drift.differs(place, "access_policy", object, sides, &[GIVE]);
            }
            Some(_) => {}
        }
    }
    for more in live.iter().filter(|live| file.as_ref().is_none_or(|file| file.name != live.name)) {
        drift.extra(place, "access_policy", object, in_scope(more), &[TAKE]);
    }
}

/// Lines of aws-auth: those that the file wants in a cluster without entries, and those of people that it does not name.
fn lines(
    look: &Look<'_>,
    key: &str,
    planned: &PlannedCluster,
    found: &Cluster,
    roles: &[&Role],
    grants: &[&Grant],
    drift: &mut Drift,
) {
    let place = Place::cluster(key, planned);
    let data: &AwsAuth = match (found.aws_auth.get(), found.aws_auth.missing()) {
        (Some(data), _) => data,
        (None, why) => return drift.unknown(place, "aws_auth", key, why.unwrap_or_default()),
    };
    let read = aws_auth::parse(data);
    for why in &read.unread {
        drift.unknown(place, "aws_auth", key, why.as_str());
    }
    let wants_lines = planned.mode == AuthMode::ConfigMap;
    let mut known: BTreeSet<String> = BTreeSet::new();
    for role in roles.iter().filter(|role| wants_lines && !role.groups.is_empty()) {
        let place = place.line(role.line);
        let names: Vec<String> = match role.made {
            // Lines have no path, so that the name alone tells.
            Made::Set => {
                let is_set = |name: &&str| {
                    let set = crate::domain::role_arn::permission_set_in_any_case(name);
                    set.is_some_and(|set| set.eq_ignore_ascii_case(&role.name))
                };
                let all = read.entries.iter().filter_map(|line| Principal::parse(&line.principal));
                let own = all.filter(|found| found.account == planned.account.as_str()).map(|found| found.name);
                let alive = look.iam(&planned.account).ok().map(|iam| {
                    let own = iam.iter().filter(|found| look.is_role(role, &planned.account, &found.arn));
                    own.filter_map(|found| Principal::parse(&found.arn))
                        .map(|found| found.name.to_ascii_lowercase())
                        .collect::<Vec<_>>()
                });
                own.filter(is_set)
                    .filter(|name| alive.as_ref().is_none_or(|alive| alive.contains(&name.to_ascii_lowercase())))
                    .map(str::to_owned)
                    .collect()
            }
            _ => vec![role.name.clone()],
        };
        let arn = |name: &String| {
            canonical(&format!("arn:{}:iam::{}:role/{name}", look.plan.partition.arn(), planned.account))
        };
        let wanted: Vec<String> = names.iter().map(arn).collect();
        let line = read.entries.iter().find(|line| wanted.contains(&line.principal.to_ascii_lowercase()));
        match line {
            None => {
                let object =
                    format!("arn:{}:iam::{}:role/{}", look.plan.partition.arn(), planned.account, role.name_pattern());
                drift.missing(
                    place,
                    "aws_auth",
                    object,
                    format!("a line with groups {}", listed(&sorted(&role.groups))),
                    &LINES,
                );
            }
            Some(line) => {
                known.insert(line.principal.to_ascii_lowercase());
                match life(grants, MappedBy::AwsAuth, &line.principal) {
                    Some(Life::Dead(why)) => {
                        let outranks =
                            |entry: &AccessEntry| canonical(&entry.principal) == line.principal.to_ascii_lowercase();
                        let has_entry = found.entries.get().is_some_and(|entries| entries.iter().any(outranks));
                        let sides = (
                            Side::of(format!("it lets nobody in: {why}")),
                            Side::of(format!("a line with groups {}", listed(&sorted(&role.groups)))),
                        );
                        let rights = if has_entry { [REMOVE] } else { ["iam:CreateRole"] };
                        drift.differs(place, "aws_auth", line.principal.as_str(), sides, &rights);
                    }
                    Some(Life::Unknown(why)) => {
                        drift.unknown(place, "aws_auth", line.principal.as_str(), why.as_str());
                    }
                    Some(Life::Alive) | None => {}
                }
                let (live, file) = (sorted(&line.groups), sorted(&role.groups));
                if live != file {
                    let sides = (Side::of(listed(&live)), Side::of(listed(&file)));
                    drift.differs(place, "kubernetes_groups", line.principal.as_str(), sides, &LINES);
                }
                // The name that the file's lines have, or the one that entries have: both tell whose session it is.
                let file = format!("{}:{{{{SessionName}}}}", role.tier);
                let is_usual = usual(look, &line.principal).is_some_and(|usual| usual.eq_ignore_ascii_case(&line.user));
                match &line.unread {
                    Some(why) => drift.unknown(place, "user_name", line.principal.as_str(), why.as_str()),
                    None if line.user == file || is_usual => {}
                    None => {
                        let live = if line.user.is_empty() { "none" } else { &line.user };
                        let sides = (Side::of(live), Side::of(file));
                        drift.differs(place, "user_name", line.principal.as_str(), sides, &LINES);
                    }
                }
            }
        }
    }
    for line in read.entries.iter().filter(|line| !known.contains(&line.principal.to_ascii_lowercase())) {
        let grant =
            grants.iter().find(|grant| grant.mapped_by == MappedBy::AwsAuth && grant.principal == line.principal);
        if grant.is_some_and(|grant| is_of_aws(grant)) {
            continue;
        }
        let words = format!("a line of aws-auth with groups {}", listed(&sorted(&line.groups)));
        drift.extra(place, "aws_auth", line.principal.as_str(), words, &LINES);
    }
}

/// Whether a mapping is AWS's own and has nothing that people could use: nodes and service-linked roles, and what services made for
/// themselves with no group and no policies but those that are for services. A role that only pods or a capability can become counts with
/// whatever else it has: whoever is let use them has that, too.
fn is_of_aws(grant: &Grant) -> bool {
    let is_service_linked = || Iam::parse(&grant.principal).is_some_and(|iam| iam.is_service_linked());
    let has_only_theirs = || grant.groups.is_empty() && grant.policies.iter().all(|policy| is_for_aws(&policy.name));
    grant.aws_own && (grant.kind == PrincipalKind::Node || is_service_linked() || has_only_theirs())
}

/// Whether a mapping lets anybody in, as `access` and `audit` tell it.
fn life<'g>(grants: &[&'g Grant], by: MappedBy, principal: &str) -> Option<&'g Life> {
    grants.iter().find(|grant| grant.mapped_by == by && grant.principal == principal).map(|grant| &grant.life)
}

fn sorted(all: &[String]) -> Vec<String> {
    let mut all = all.to_vec();
    all.sort();
    all.dedup();
    all
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn in_scope(policy: &Policy) -> String {
    match policy.namespaces.is_empty() {
        true => format!("{} in the whole cluster", policy.name),
        false => format!("{} in {}", policy.name, sorted(&policy.namespaces).join(", ")),
    }
}

fn wanted(role: &Role) -> String {
    let policy = role
        .access
        .as_ref()
        .map(|access| Policy { name: format!("AmazonEKS{access}Policy"), namespaces: role.namespaces.clone() });
    words(&role.groups, policy.as_slice())
}

fn has(details: &EntryDetails, entry: &AccessEntry) -> String {
    match entry.policies.get() {
        Some(policies) => words(&details.groups, policies),
        None => format!("{}, policies unknown", words(&details.groups, &[])),
    }
}

fn words(groups: &[String], policies: &[Policy]) -> String {
    let groups = (!groups.is_empty()).then(|| format!("groups {}", listed(&sorted(groups))));
    let all: Vec<String> = groups.into_iter().chain(policies.iter().map(in_scope)).collect();
    if all.is_empty() { "an entry without groups and policies".to_owned() } else { all.join("; ") }
}
