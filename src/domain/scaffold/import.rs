//! Terraform's import blocks for what exists already, so that the first `apply` takes it over and makes nothing twice.
//! Source of the ids: access.md 4.1.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{AccessEntry, Assignee, Cluster, Directory, Facts, PermissionSet};
use crate::domain::access::grant::{Grant, Life, MappedBy};
use crate::domain::access::grants::{grants, name_of};
use crate::domain::ids::AccountId;
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::code::{comment, hcl_text};
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::{is_bounded, statements};
use crate::domain::scaffold::role::{Made, Role, Statements};

const HEAD: &str = "# Made by `eksso scaffold write --import`: what exists already is taken over by the first `terraform apply`. Write again without\n\
                    # `--import` when that is done: these blocks are of no use any more.\n";

/// The files, by their paths, and what is not known to exist or not: a line each.
pub fn files(plan: &Plan, facts: &Facts) -> (BTreeMap<String, String>, Vec<String>) {
    let mut files = BTreeMap::new();
    let mut all = Vec::new();
    let mut add = |folder: String, blocks: Blocks| {
        if !blocks.text.is_empty() || !blocks.unknown.is_empty() {
            let unknown: String =
                blocks.unknown.iter().map(|line| format!("# Not known: {}\n", comment(line))).collect();
            files.insert(format!("terraform/{folder}/imports.tf"), format!("{HEAD}{unknown}{}", blocks.text));
        }
        all.extend(blocks.unknown);
    };
    if plan.roles.iter().any(|role| role.made == Made::Set) {
        add("management".to_owned(), management(plan, facts));
    }
    if plan.roles.iter().any(|role| matches!(role.made, Made::Entitled(_))) {
        let mut blocks = Blocks::default();
        blocks.unknown("entitlements".to_owned(), Some("their ids are not read; import by hand those that exist"));
        add("management".to_owned(), blocks);
    }
    for account in plan.accounts().into_keys() {
        add(format!("workload-{account}"), workload(plan, facts, account));
    }
    all.sort();
    all.dedup();
    (files, all)
}

#[derive(Default)]
struct Blocks {
    text: String,
    unknown: Vec<String>,
}

impl Blocks {
    fn add(&mut self, to: &str, key: Option<&str>, id: &str) {
        let key = key.map(|key| format!("[{}]", hcl_text(key))).unwrap_or_default();
        self.text.push_str(&format!("\nimport {{\n  to = {to}{key}\n  id = {}\n}}\n", hcl_text(id)));
    }

    fn unknown(&mut self, what: String, why: Option<&str>) {
        self.unknown.push(format!("{what}: {}", why.unwrap_or("nobody asked")));
    }
}

fn management(plan: &Plan, facts: &Facts) -> Blocks {
    let mut blocks = Blocks::default();
    let is_meant =
        |directory: &&Directory| plan.region.as_ref().is_none_or(|region| directory.region == region.as_str());
    let directories: Vec<&Directory> = facts.directories.iter().filter(is_meant).collect();
    for role in plan.roles.iter().filter(|role| role.made == Made::Set) {
        let hidden = directories.iter().find_map(|directory| directory.sets.missing());
        let all = directories
            .iter()
            .flat_map(|directory| directory.sets.get().into_iter().flatten().map(move |set| (*directory, set)));
        let found: Vec<(&Directory, &PermissionSet)> = all.filter(|(_, set)| set.name == role.name).collect();
        match found.as_slice() {
            [(directory, set)] => of_set(plan, role, directory, set, &mut blocks),
            [] if directories.is_empty() => {
                blocks
                    .unknown(format!("permission set {}", role.name), Some("no instance of Identity Center was read"));
            }
            [] if hidden.is_some() => blocks.unknown(format!("permission set {}", role.name), hidden),
            [] => {}
            _ => {
                blocks.unknown(format!("permission set {}", role.name), Some("several instances have one of that name"))
            }
        }
    }
    blocks
}

fn of_set(plan: &Plan, role: &Role, directory: &Directory, set: &PermissionSet, blocks: &mut Blocks) {
    let (name, instance) = (role.name.as_str(), directory.instance.as_str());
    blocks.add("aws_ssoadmin_permission_set.this", Some(name), &format!("{},{instance}", set.arn));
    if !statements(plan, role, None).is_empty() {
        match (set.inline.get(), set.inline.missing()) {
            (Some(None), _) => {}
            (Some(Some(_)), _) => {
                let to = "aws_ssoadmin_permission_set_inline_policy.this";
                blocks.add(to, Some(name), &format!("{},{instance}", set.arn));
            }
            (None, why) => blocks.unknown(format!("inline policy of permission set {name}"), why),
        }
    }
    for account in plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty()) {
        let found = directory.assignments.iter().find(|one| one.account == *account && one.set == set.arn);
        let what = || format!("assignments of {name} in {account}");
        let Some(assigned) = found else {
            blocks.unknown(what(), None);
            continue;
        };
        let (assignees, groups) = match (assigned.assignees.get(), directory.groups.get()) {
            (Some(assignees), Some(groups)) => (assignees, groups),
            _ => {
                blocks.unknown(what(), assigned.assignees.missing().or(directory.groups.missing()));
                continue;
            }
        };
        for group in groups.iter().filter(|group| role.people.contains(&group.name)) {
            if assignees.contains(&Assignee::Group(group.id.clone())) {
                let key = format!("{name}/{account}/{}", group.name);
                let id = format!("{},GROUP,{account},AWS_ACCOUNT,{},{instance}", group.id, set.arn);
                blocks.add("aws_ssoadmin_account_assignment.this", Some(&key), &id);
            }
        }
    }
}

fn workload(plan: &Plan, facts: &Facts, account: &AccountId) -> Blocks {
    let mut blocks = Blocks::default();
    let found = facts.accounts.get(account);
    let iam = found.and_then(|account| account.roles.get());
    let made: Vec<&Role> = plan.roles_in(account).into_iter().filter(|role| role.made != Made::Set).collect();
    if !made.is_empty() && iam.is_none() {
        let why = found.and_then(|account| account.roles.missing());
        blocks.unknown(format!("roles of account {account}"), why);
    }
    if made.iter().any(|role| is_bounded(role)) {
        let arn = format!("arn:{}:iam::{account}:policy{}eksso-boundary", plan.partition.arn(), plan.role_path);
        match found.map(|account| (account.policies.get(), account.policies.missing())) {
            Some((Some(policies), _)) if policies.contains_key(&arn) => {
                blocks.add("aws_iam_policy.boundary", None, &arn)
            }
            Some((Some(_), _)) => {}
            Some((None, why)) => blocks.unknown(format!("policies of account {account}"), why),
            None => blocks.unknown(format!("policies of account {account}"), None),
        }
    }
    for role in made {
        let live =
            iam.into_iter().flatten().find(|live| Principal::parse(&live.arn).is_some_and(|arn| arn.name == role.name));
        let Some(live) = live else { continue };
        let is_ours = role.made != Made::Elsewhere;
        if is_ours && live.arn != plan.role_pattern(role, account.as_str()) {
            let why = "a role of that name stands at another path, and an import would replace it";
            blocks.unknown(live.arn.clone(), Some(why));
            continue;
        }
        if is_ours {
            blocks.add("aws_iam_role.made", Some(&role.name), &role.name);
        }
        if role.statements != Statements::None {
            match (live.permissions.get(), live.permissions.missing()) {
                (Some(live), _) if live.inline.iter().any(|(name, _)| name == "eksso") => {
                    blocks.add("aws_iam_role_policy.this", Some(&role.name), &format!("{}:eksso", role.name));
                }
                (Some(_), _) => {}
                (None, why) => blocks.unknown(format!("policies of {}", live.arn), why),
            }
        }
    }
    entries(plan, facts, account, &mut blocks);
    blocks
}

fn entries(plan: &Plan, facts: &Facts, account: &AccountId, blocks: &mut Blocks) {
    let grants = grants(facts);
    // Of the provider: what stands in another region is imported as `ID@REGION`.
    let home = plan.accounts().get(account).and_then(|all| all.first().map(|(_, cluster)| cluster.region.clone()));
    for role in plan.roles_in(account).into_iter().filter(|role| role.enters()) {
        for (key, planned) in plan.clusters_of(role, Some(account)) {
            if !planned.mode.has_entries() {
                continue;
            }
            let name = format!("{key}/{}", role.name);
            let found = facts.clusters.iter().find(|found| {
                (&found.account, &found.region, &found.name) == (&planned.account, &planned.region, &planned.name)
            });
            let Some(found) = found else {
                blocks.unknown(format!("access entries of {key}"), Some("the cluster was not found"));
                continue;
            };
            if let Some(why) = found.entries.missing() {
                blocks.unknown(format!("access entries of {key}"), Some(why));
                continue;
            }
            let entry = match alive(plan, facts, role, found, &grants) {
                Some(Ok(entry)) => entry,
                Some(Err(why)) => {
                    blocks.unknown(format!("access entry of {} in {key}", role.name), Some(&why));
                    continue;
                }
                None => continue,
            };
            let at =
                if home.as_ref() == Some(&planned.region) { String::new() } else { format!("@{}", planned.region) };
            let id = format!("{}:{}{at}", planned.name, entry.principal);
            blocks.add("aws_eks_access_entry.this", Some(&name), &id);
            let Some(access) = &role.access else { continue };
            let policy = format!("AmazonEKS{access}Policy");
            match (entry.policies.get(), entry.policies.missing()) {
                (Some(live), _) if live.iter().any(|live| live.name == policy) => {
                    let arn = format!("arn:{}:eks::aws:cluster-access-policy/{policy}", plan.partition.arn());
                    let id = format!("{}#{}#{arn}{at}", planned.name, entry.principal);
                    blocks.add("aws_eks_access_policy_association.this", Some(&name), &id);
                }
                (Some(_), _) => {}
                (None, why) => blocks.unknown(format!("access policies of {} in {key}", role.name), why),
            }
        }
    }
}

/// The entry of the role that is there now, or why it is not taken over; none where there is none. One of an earlier role of a permission
/// set is not taken over, and one that lets nobody in, or may not, would look right after the first `apply` and still let nobody in.
fn alive<'f>(
    plan: &Plan,
    facts: &'f Facts,
    role: &Role,
    found: &'f Cluster,
    grants: &[Grant],
) -> Option<Result<&'f AccessEntry, String>> {
    let (account, everywhere) = (&found.account, BTreeSet::new());
    let look = Look { plan, facts, clusters: &everywhere };
    let is_there = |arn: &str| look.iam(account).ok().is_none_or(|roles| roles.iter().any(|role| role.arn == arn));
    let mut entries = found.entries.get().into_iter().flatten();
    let entry = entries.find(|entry| look.is_role(role, account, &entry.principal) && is_there(&entry.principal))?;
    let cluster = name_of(found);
    let is_its = |grant: &&Grant| {
        grant.mapped_by == MappedBy::AccessEntry && grant.principal == entry.principal && grant.cluster == cluster
    };
    Some(match grants.iter().find(is_its).map(|grant| &grant.life) {
        Some(Life::Dead(why)) => {
            Err(format!("it lets nobody in ({why}): delete it, so that the first apply makes one that does"))
        }
        Some(Life::Unknown(why)) => Err(format!("whether it lets anybody in: {why}")),
        Some(Life::Alive) | None => Ok(entry),
    })
}
