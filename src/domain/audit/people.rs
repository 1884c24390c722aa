//! Rules about the people behind permission sets and roles. Sources: access.md 2.2, 3.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{Assignee, Assignments, Directory, IamRole, PermissionSet, Source};
use crate::domain::audit::access_file::Level;
use crate::domain::audit::entries::in_lines;
use crate::domain::audit::finding::{Finding, Found, Place, Severity};
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{Human, Looked, Scene};
use crate::domain::role_arn::Principal;
use crate::domain::text::shell_word;

/// The rules of this group.
pub const RULES: &[Rule] = &[SESSION_LONG, SET_UNASSIGNED, ASSIGNED_TO_USER, ASSIGNEE_GONE];

/// What a permission set's session is where it says nothing, and what strong roles may have.
const ONE_HOUR: u32 = 3600;

const SESSION_LONG: Rule = Rule {
    id: "session-long",
    group: Group::People,
    severity: Severity::Medium,
    title: "strong rights last longer than an hour",
    why: "A session outlives its sign-in: somebody whose account was disabled keeps these rights until it ends.",
    condition: "A role of the tier cluster-admin, access-admin or break-glass, whether a cluster lets it in or not, has sessions of more than an hour: by its permission set's SessionDuration, or for another role by its MaxSessionDuration. That of a permission set's role says nothing: it is 12 hours always.",
    fix: "Shorten the session to PT1H.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        let strong = |human: &&Human<'_>| is_strong(human.level);
        let mut told = BTreeSet::new();
        named_in_file(scene, found, &mut told);
        for human in scene.humans.iter().filter(strong).filter(|human| !scene.is_gone(human)) {
            let principal = human.grant.principal.as_str();
            if !told.insert(principal) {
                continue;
            }
            let Some(parsed) = Principal::parse(principal) else { continue };
            let Some(name) = human.set() else {
                match scene.role_named(parsed.account, parsed.name) {
                    Looked::Found(role) => {
                        let said = scene.roles_source(parsed.account).into_iter();
                        judge_role(found, (parsed.account, role), &human.tier_words(), said);
                    }
                    Looked::Gone => {}
                    Looked::Unknown(why) => found.cannot(Place::Account(parsed.account), principal, why),
                }
                continue;
            };
            match set(scene, parsed.account, name) {
                Ok((directory, set)) => {
                    let session = set.session.unwrap_or(ONE_HOUR);
                    if session > ONE_HOUR {
                        let fact = format!(
                            "The permission set {name} has sessions of {} ({}).",
                            span(session),
                            human.tier_words()
                        );
                        add(found, directory, &set.arn, fact, shorten(directory, set)).said_by(&directory.sets.source);
                    }
                }
                Err(why) => found.cannot(Place::Account(parsed.account), format!("permission set {name}"), why),
            }
        }
        // One set has roles in many accounts.
        let mut seen = BTreeSet::new();
        found.findings.retain(|finding| seen.insert(finding.resource.clone()));
    },
};

const SET_UNASSIGNED: Rule = Rule {
    id: "set-unassigned",
    group: Group::People,
    severity: Severity::Low,
    title: "nobody is assigned a permission set that a cluster lets in",
    why: "The role is there and reachable by nobody; whoever is assigned it later has rights in the cluster that nobody looks at now.",
    condition: "A permission set's role is mapped, and in that account no user and no group is assigned the set.",
    fix: "Assign it, or delete the mapping and the provisioning.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        each_set(scene, found, |directory, assigned, human, found| {
            if assigned.assignees.get().is_some_and(Vec::is_empty) {
                let fact = format!(
                    "Nobody is assigned {} in account {}, and {} is let into {}.",
                    assigned.set_name, assigned.account, human.grant.principal, human.cluster.name
                );
                let fix = if human.is_entry() {
                    human.entry_command("delete-access-entry")
                } else {
                    format!("{} delete the item of {}", in_lines(human.cluster), human.grant.principal)
                };
                add(found, directory, &human.grant.principal, fact, fix).said_by(&assigned.assignees.source);
            }
        })
    },
};

const ASSIGNED_TO_USER: Rule = Rule {
    id: "assigned-to-user",
    group: Group::People,
    severity: Severity::Low,
    title: "a person is assigned a permission set by name",
    why: "Groups come and go with the person's job; an assignment by name stays until somebody thinks of it.",
    condition: "A permission set that a cluster lets in is assigned to a user, not to a group. Break-glass may be.",
    fix: "Assign it to a group.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        each_set(scene, found, |directory, assigned, human, found| {
            for assignee in assigned.assignees.get().into_iter().flatten().filter(|_| human.level != Level::BreakGlass)
            {
                let Assignee::User(id) = assignee else { continue };
                // One that is gone has a rule of its own.
                if is_gone(directory, assignee) == Ok(None) {
                    let fact = format!(
                        "{} is assigned {} in account {} by name.",
                        person(directory, id),
                        assigned.set_name,
                        assigned.account
                    );
                    add(found, directory, &assignment(assigned, id), fact, unassign(directory, assigned, assignee))
                        .said_by(&assigned.assignees.source);
                }
            }
        })
    },
};

const ASSIGNEE_GONE: Rule = Rule {
    id: "assignee-gone",
    group: Group::People,
    severity: Severity::Medium,
    title: "an assignment is of somebody who is gone or disabled",
    why: "It lets nobody in today. A directory that brings the person back, by mistake or not, brings the access back.",
    condition: "An assigned user or group is not in the complete directory; a user is disabled; a group has members, and all of them are disabled or gone. An empty group is no finding: break-glass has one.",
    fix: "Delete the assignment.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        each_set(scene, found, |directory, assigned, _, found| {
            for assignee in assigned.assignees.get().into_iter().flatten() {
                let (Assignee::User(id) | Assignee::Group(id)) = assignee;
                match is_gone(directory, assignee) {
                    Ok(None) => {}
                    Ok(Some(how)) => {
                        let fact =
                            format!("{how}, and is assigned {} in account {}.", assigned.set_name, assigned.account);
                        let sources = [&directory.users.source, &directory.groups.source, &assigned.assignees.source];
                        add(found, directory, &assignment(assigned, id), fact, unassign(directory, assigned, assignee))
                            .said_by(sources.into_iter().flatten());
                    }
                    Err(why) => found.cannot(Place::Account(directory.owner.as_str()), assignment(assigned, id), why),
                }
            }
        })
    },
};

/// Judges the assignments of each permission set that a cluster lets in, once for each account.
fn each_set(scene: &Scene<'_>, found: &mut Found, judge: impl Fn(&Directory, &Assignments, &Human<'_>, &mut Found)) {
    let mut sets: BTreeMap<(&str, &str), &Human<'_>> = BTreeMap::new();
    for human in scene.humans.iter().filter(|human| !scene.is_gone(human)) {
        let Some((set, parsed)) = human.set().zip(Principal::parse(&human.grant.principal)) else { continue };
        sets.entry((parsed.account, set)).or_insert(human);
    }
    for ((account, name), human) in sets {
        let place = Place::Account(account);
        let object = format!("permission set {name} in account {account}");
        let is = |assigned: &&Assignments| assigned.account.as_str() == account && assigned.set_name == name;
        let mut all = scene
            .facts
            .directories
            .iter()
            .flat_map(|directory| directory.assignments.iter().filter(is).map(move |assigned| (directory, assigned)))
            .peekable();
        if all.peek().is_none() {
            let why = match scene.facts.directories.first() {
                None => "no Identity Center instance was read",
                Some(directory) => directory.sets.missing().unwrap_or("its assignments were not read"),
            };
            found.cannot(place, object, why);
            continue;
        }
        for (directory, assigned) in all {
            match assigned.assignees.missing() {
                Some(why) => found.cannot(place, object.as_str(), why),
                None => judge(directory, assigned, human, found),
            }
        }
    }
}

/// The permission set of a name that an account has.
fn set<'a>(scene: &Scene<'a>, account: &str, name: &str) -> Result<(&'a Directory, &'a PermissionSet), &'a str> {
    let mut why = "no Identity Center instance was read";
    for directory in &scene.facts.directories {
        let Some(sets) = directory.sets.get() else {
            why = directory.sets.missing().unwrap_or_default();
            continue;
        };
        let own = directory
            .assignments
            .iter()
            .find(|assigned| assigned.account.as_str() == account && assigned.set_name == name);
        let is = |set: &&PermissionSet| own.map_or(set.name == name, |own| set.arn == own.set);
        match sets.iter().find(is) {
            Some(set) => return Ok((directory, set)),
            None => why = "no instance that was read has it",
        }
    }
    Err(why)
}

/// How an assignee is no longer there; why that could not be told.
fn is_gone(directory: &Directory, assignee: &Assignee) -> Result<Option<String>, String> {
    let users = || {
        directory
            .users
            .get()
            .ok_or_else(|| format!("users of the directory: {}", directory.users.missing().unwrap_or_default()))
    };
    match assignee {
        Assignee::User(id) => Ok(match users()?.iter().find(|user| user.id == *id) {
            None => Some(format!("The user {id} is not in the directory")),
            Some(user) if user.enabled == Some(false) => Some(format!("The user {} is disabled", user.name)),
            Some(_) => None,
        }),
        Assignee::Group(id) => {
            let missing = directory.groups.missing().unwrap_or_default();
            let groups = directory.groups.get().ok_or_else(|| format!("groups of the directory: {missing}"))?;
            let Some(group) = groups.iter().find(|group| group.id == *id) else {
                return Ok(Some(format!("The group {id} is not in the directory")));
            };
            let missing = group.members.missing().unwrap_or_default();
            let members =
                group.members.get().ok_or_else(|| format!("members of the group {}: {missing}", group.name))?;
            if members.is_empty() {
                return Ok(None);
            }
            let users = users()?;
            let lives = |id: &String| users.iter().any(|user| user.id == *id && user.enabled != Some(false));
            Ok((!members.iter().any(lives))
                .then(|| format!("The group {} has members, of whom none can sign in any more", group.name)))
        }
    }
}

/// Judges the sets and roles that strong tiers of `access.toml` name: an access admin may have no entry in any cluster.
fn named_in_file<'a>(scene: &Scene<'a>, found: &mut Found, told: &mut BTreeSet<&'a str>) {
    let strong = scene.file.tiers.iter().filter(|(_, tier)| is_strong(tier.level));
    for (tier, name) in strong.flat_map(|(tier, all)| all.roles.iter().map(move |name| (tier, name.as_str()))) {
        let words = format!("tier {tier} of {}", scene.file.called());
        let mut known = false;
        for directory in &scene.facts.directories {
            for set in directory.sets.get().into_iter().flatten().filter(|set| set.name == name) {
                known = true;
                let session = set.session.unwrap_or(ONE_HOUR);
                if session > ONE_HOUR {
                    let fact = format!("The permission set {name} has sessions of {} ({words}).", span(session));
                    add(found, directory, &set.arn, fact, shorten(directory, set)).said_by(&directory.sets.source);
                }
            }
        }
        for (id, account) in &scene.facts.accounts {
            let Looked::Found(role) = scene.role_named(id.as_str(), name) else { continue };
            known = true;
            told.insert(&role.arn);
            judge_role(found, (id.as_str(), role), &words, account.roles.source.iter());
        }
        if !known {
            let missing = scene.facts.directories.iter().find_map(|directory| directory.sets.missing());
            let none = "no permission set and no role of that name was read";
            let why = match scene.facts.directories.is_empty() {
                true => "no Identity Center instance was read",
                false => missing.unwrap_or(none),
            };
            found.cannot(Place::Account(""), format!("{name} ({words})"), why);
        }
    }
}

/// Judges a role of its own by its longest session.
fn judge_role<'s>(
    found: &mut Found,
    (account, role): (&str, &IamRole),
    words: &str,
    said: impl Iterator<Item = &'s Source>,
) {
    let place = Place::Account(account);
    match role.max_session {
        Some(session) if session > ONE_HOUR => {
            let name = Principal::parse(&role.arn).map_or(role.arn.as_str(), |parsed| parsed.name);
            let fact = format!("{} has sessions of up to {} ({words}).", role.arn, span(session));
            let fix = format!("aws iam update-role --role-name {} --max-session-duration {ONE_HOUR}", shell_word(name));
            found.add(place, role.arn.as_str(), fact, fix).said_by(said);
        }
        Some(_) => {}
        None => found.cannot(place, role.arn.as_str(), "its longest session was not read"),
    }
}

fn is_strong(level: Level) -> bool {
    matches!(level, Level::ClusterAdmin | Level::AccessAdmin | Level::BreakGlass)
}

/// The commands that shorten a set's sessions: a change of a set does nothing until it is provisioned.
fn shorten(directory: &Directory, set: &PermissionSet) -> String {
    let arn = shell_word(&set.arn);
    format!(
        "{} --permission-set-arn {arn} --session-duration PT1H && {} --permission-set-arn {arn} --target-type ALL_PROVISIONED_ACCOUNTS",
        sso_admin(directory, "update-permission-set"),
        sso_admin(directory, "provision-permission-set")
    )
}

/// `aws sso-admin VERB --region R --instance-arn I`: Identity Center is in one region, whatever that of the user is.
pub fn sso_admin(directory: &Directory, verb: &str) -> String {
    let region = match directory.region.as_str() {
        "" => String::new(),
        region => format!(" --region {}", shell_word(region)),
    };
    format!("aws sso-admin {verb}{region} --instance-arn {}", shell_word(&directory.instance))
}

fn person(directory: &Directory, id: &str) -> String {
    let known = directory.users.get().into_iter().flatten().find(|user| user.id == id);
    known.map_or_else(|| format!("The user {id}"), |user| user.name.clone())
}

/// `assignment/EKSAdmin/111122223333/USER`
fn assignment(assigned: &Assignments, id: &str) -> String {
    format!("assignment/{}/{}/{id}", assigned.set_name, assigned.account)
}

fn unassign(directory: &Directory, assigned: &Assignments, assignee: &Assignee) -> String {
    let (kind, id) = match assignee {
        Assignee::User(id) => ("USER", id),
        Assignee::Group(id) => ("GROUP", id),
    };
    format!(
        "{} --target-type AWS_ACCOUNT --target-id {} --permission-set-arn {} --principal-type {kind} --principal-id {}",
        sso_admin(directory, "delete-account-assignment"),
        assigned.account,
        shell_word(&assigned.set),
        shell_word(id)
    )
}

fn add<'f>(found: &'f mut Found, directory: &Directory, resource: &str, fact: String, fix: String) -> &'f mut Finding {
    found.add(Place::Account(directory.owner.as_str()), resource, fact, fix)
}

fn span(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
