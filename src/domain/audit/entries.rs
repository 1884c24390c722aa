//! Rules about who a cluster names, by access entries and lines of `aws-auth`. Those about the ConfigMap itself are in `lines`. Sources:
//! access.md 2.3, 2.8 to 2.11, 3.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::access::facts::{AccessEntry, Cluster};
use crate::domain::access::grant::{ClusterRef, PrincipalKind, WayIn};
use crate::domain::access::grants::OF_NODES;
use crate::domain::access::iam::trust;
use crate::domain::access::who_can::identity;
use crate::domain::access::{AuthMode, Policy};
use crate::domain::audit::access_file::Level;
use crate::domain::audit::finding::{Finding, Found, Place, Severity};
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{Human, Looked, Scene, all_bindings, arguments, mode, rbac_missing};
use crate::domain::audit::trust::way_words;
use crate::domain::role_arn::{Principal, permission_set, permission_set_in_any_case};
use crate::domain::text::shell_word;

/// The rules of this group.
pub const RULES: &[Rule] = &[
    USER_MAPPED,
    ACCOUNT_MAPPED,
    ENTRY_DEAD_SET,
    ENTRY_DEAD_RECREATED,
    ENTRY_DEAD_PRINCIPAL,
    CREATOR_ADMIN,
    CREATOR_HIDDEN,
    MASTERS,
    SYSTEM_GROUP,
    USERNAME_CLAIMS,
    USERNAME_SHARED,
    ENTRY_EMPTY,
    NODE_ROLE_HUMAN,
    CROSS_ACCOUNT_ENTRY,
    ENTRY_LIMIT,
];

/// Access entries that EKS allows in a cluster, fixed. Source: AWS General Reference, EKS quotas (access.md 1.9).
const MAX_ENTRIES: usize = 3000;
/// From here on the limit is near.
const MANY_ENTRIES: usize = 2700;
/// EKS makes the creator's entry with the cluster. The time is a heuristic: nothing marks that entry (access.md 2.10).
const WITH_THE_CLUSTER: SignedDuration = SignedDuration::from_mins(2);

const USER_MAPPED: Rule = Rule {
    id: "user-mapped",
    group: Group::Entries,
    severity: Severity::High,
    title: "an IAM user is let into a cluster",
    why: "An IAM user signs in with keys or a password of its own. Single sign-on does not govern it: disabling the person's account leaves it open.",
    condition: "An access entry, or a line of aws-auth, names an IAM user.",
    fix: "Give the person a permission set or an Okta role, and delete the mapping.",
    tags: &["CIS 5.1", "EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        for human in scene.humans.iter().filter(|human| human.grant.kind == PrincipalKind::User && !is_root(human)) {
            let fact = format!("{} lets the IAM user {} in.", mapping_words(human), human.grant.principal);
            add(found, human, fact, unmap(human));
        }
    },
};

const ACCOUNT_MAPPED: Rule = Rule {
    id: "account-mapped",
    group: Group::Entries,
    severity: Severity::Critical,
    title: "a whole account is let into a cluster",
    why: "Every principal of that account that can reach the cluster comes in, whoever it is and whoever made it.",
    condition: "An access entry, or a line of aws-auth, names an account's root (critical); mapAccounts of aws-auth is not empty (medium: it gives no groups, but what is bound to system:authenticated or to an ARN as user name).",
    fix: "Delete the mapping, and name the roles that are meant.",
    tags: &["CIS 5.1"],
    offline: true,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        for human in &scene.humans {
            let principal = human.grant.principal.as_str();
            if is_root(human) {
                let fact = format!("{} names the root of a whole account, {principal}.", mapping_words(human));
                add(found, human, fact, unmap(human));
            } else if human.grant.kind == PrincipalKind::Account {
                let fact = format!("mapAccounts of aws-auth lets every IAM principal of account {principal} in.");
                add(found, human, fact, unmap(human)).severity(Severity::Medium);
            }
        }
    },
};

const ENTRY_DEAD_SET: Rule = Rule {
    id: "entry-dead-set",
    group: Group::Entries,
    severity: Severity::High,
    title: "an access entry is of an earlier role of its permission set",
    why: "Identity Center makes a set's role anew, under a new suffix, when the set is assigned again. People of the set are locked out, and nobody sees why.",
    condition: "The entry's role is not in IAM, the list of roles is complete, and another role of the same permission set is in that account.",
    fix: "Delete the entry and make it for the role that is there now.",
    tags: &["EKS best practices: Regularly audit access to the cluster"],
    offline: false,
    needs: &[Need::Entries],
    check: |scene, found| dead(scene, found, Death::Set),
};

const ENTRY_DEAD_RECREATED: Rule = Rule {
    id: "entry-dead-recreated",
    group: Group::Entries,
    severity: Severity::High,
    title: "a mapping is of a role that was made again",
    why: "An access entry is bound to the very role it was made for. One that was deleted and made again has the same ARN, and is refused; no list shows it.",
    condition: "The role was made after the access entry; or a line of aws-auth names a role of a permission set that is gone, while another role of that set is there.",
    fix: "Delete the entry and make it again; in aws-auth write the role's present ARN without its path.",
    tags: &["EKS best practices: Regularly audit access to the cluster"],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| dead(scene, found, Death::Recreated),
};

const ENTRY_DEAD_PRINCIPAL: Rule = Rule {
    id: "entry-dead-principal",
    group: Group::Entries,
    severity: Severity::Medium,
    title: "a mapping names a principal that is gone",
    why: "It lets nobody in. In aws-auth, which compares ARNs, whoever makes a role of that name gets the rights.",
    condition: "The principal is in no complete list of its account's roles or users.",
    fix: "Delete the mapping.",
    tags: &["EKS best practices: Regularly audit access to the cluster"],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| dead(scene, found, Death::Principal),
};

/// How a mapping is dead; the first that holds is the one that is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Death {
    Set,
    Recreated,
    Principal,
}

fn dead(scene: &Scene<'_>, found: &mut Found, wanted: Death) {
    for human in &scene.humans {
        let principal = human.grant.principal.as_str();
        let judged = match human.grant.kind {
            PrincipalKind::User if is_root(human) => continue,
            PrincipalKind::User => death_of_user(scene, human),
            _ => match Principal::parse(principal) {
                Some(parsed) => death_of_role(scene, human, parsed),
                None => continue,
            },
        };
        match judged {
            Ok(Some((death, fact, fix, likely))) if death == wanted => {
                let finding = add(found, human, fact, fix);
                finding.likely = likely;
            }
            Ok(_) => {}
            Err(why) => found.cannot(Place::Cluster(human.cluster), principal, why),
        }
    }
}

type Judged<'a> = Result<Option<(Death, String, String, bool)>, &'a str>;

fn death_of_user<'a>(scene: &Scene<'a>, human: &Human<'_>) -> Judged<'a> {
    let arn = human.grant.principal.as_str();
    let account = arn.split(':').nth(4).and_then(|id| id.parse().ok()).and_then(|id| scene.facts.accounts.get(&id));
    let users = account.ok_or("that account was not read")?;
    let Some(all) = users.users.get() else { return Err(users.users.missing().unwrap_or("its users were not read")) };
    // IAM does not tell names apart by case; a line of aws-auth may be in any.
    if all.iter().any(|user| user.arn.eq_ignore_ascii_case(arn)) {
        return Ok(None);
    }
    let fact = format!("There is no IAM user {arn} any more, and it is still mapped.");
    Ok(Some((Death::Principal, fact, unmap(human), false)))
}

fn death_of_role<'a>(scene: &Scene<'a>, human: &Human<'_>, arn: Principal<'_>) -> Judged<'a> {
    let principal = human.grant.principal.as_str();
    let entry = entry_of(human);
    match scene.role_named(arn.account, arn.name) {
        Looked::Unknown(why) => Err(why),
        // EKS takes the whole ARN of an entry, its path and its letters too: another role has that name now.
        Looked::Found(role) if human.is_entry() && role.arn != principal => {
            let fact = format!(
                "There is no role {principal} any more; {} has its name, and the entry is not of it.",
                role.arn
            );
            Ok(Some((Death::Principal, fact, make_again(human, &role.arn), false)))
        }
        Looked::Found(role) => {
            // aws-auth compares ARNs: a role that was made again under its old name is let in.
            let details = entry.and_then(|entry| entry.details.get());
            let Some((made, entry)) = role.created.zip(details) else { return Ok(None) };
            let Some(mapped) = entry.created.filter(|mapped| made > *mapped) else { return Ok(None) };
            // Whether a change of the entry binds it to the new role is not documented.
            let likely = entry.modified.is_some_and(|modified| modified > made);
            let fact = format!(
                "{principal} was made at {made}, after its access entry of {mapped}: the entry is of an earlier role of that name."
            );
            Ok(Some((Death::Recreated, fact, make_again(human, principal), likely)))
        }
        Looked::Gone => {
            let set = permission_set_in_any_case(arn.name);
            let account = arn.account.parse().ok().and_then(|id| scene.facts.accounts.get(&id));
            let roles = account.and_then(|account| account.roles.get()).into_iter().flatten();
            let present = set.and_then(|set| {
                roles.filter_map(|role| Some((role, Principal::parse(&role.arn)?))).find(|(_, present)| {
                    permission_set(present.name).is_some_and(|known| known.eq_ignore_ascii_case(set))
                })
            });
            Ok(Some(match (present, human.is_entry()) {
                (Some((role, _)), true) => {
                    let fact = format!("{principal} is gone; the role of that permission set is {} now.", role.arn);
                    (Death::Set, fact, make_again(human, &role.arn), false)
                }
                (Some((_, present)), false) => {
                    let now = format!("arn:{}:iam::{}:role/{}", present.partition, present.account, present.name);
                    let fact = format!(
                        "The line of aws-auth for {principal} is of a role that is gone; that of its permission set is {} now.",
                        present.name
                    );
                    (Death::Recreated, fact, format!("{} write `rolearn: {now}`", in_lines(human.cluster)), false)
                }
                (None, _) => {
                    let fact = format!("There is no role {principal} any more, and it is still mapped.");
                    (Death::Principal, fact, unmap(human), false)
                }
            }))
        }
    }
}

const CREATOR_ADMIN: Rule = Rule {
    id: "creator-admin",
    group: Group::Entries,
    severity: Severity::High,
    title: "whoever made the cluster is its admin",
    why: "The creator's entry is made by the way, for whoever happened to run the pipeline; nobody decided that it should stay admin.",
    condition: "An access entry with AmazonEKSClusterAdminPolicy on the whole cluster was made within two minutes of the cluster: likely the creator's, as nothing marks it. Medium where a tier of access.toml names the role.",
    fix: "Take the policy away, or delete the entry, once another admin is there.",
    tags: &["EKS best practices: Remove the cluster-admin permissions from the cluster creator principal"],
    offline: false,
    needs: &[Need::Settings, Need::Entries],
    check: |scene, found| {
        for human in scene.humans.iter().filter(|human| is_creators(human)) {
            let fact = format!(
                "{} got AmazonEKSClusterAdminPolicy within two minutes of the making of {}: likely its creator.",
                human.grant.principal, human.cluster.name
            );
            let fix = human.disassociate("AmazonEKSClusterAdminPolicy");
            let finding = add(found, human, fact, fix).likely().said_by(&human.cluster.settings.source);
            if human.tier.is_some() {
                finding.severity(Severity::Medium);
            }
        }
    },
};

/// Whether a mapping is likely the entry that EKS made for the cluster's creator.
pub fn is_creators(human: &Human<'_>) -> bool {
    let cluster = human.cluster.settings.get().and_then(|settings| settings.created);
    let entry = entry_of(human).and_then(|entry| entry.details.get()?.created);
    let near =
        cluster.zip(entry).is_some_and(|(cluster, entry)| entry.duration_since(cluster).abs() <= WITH_THE_CLUSTER);
    near && human.policies("ClusterAdmin").any(|policy| policy.namespaces.is_empty())
}

const CREATOR_HIDDEN: Rule = Rule {
    id: "creator-hidden",
    group: Group::Entries,
    severity: Severity::Info,
    title: "the creator is an admin that no list names",
    why: "In this mode the principal that made the cluster is system:masters for ever: it is in no list and cannot be removed.",
    condition: "The authentication mode is CONFIG_MAP. Who it is cannot be read, so it stands among what could not be checked, too.",
    fix: "Move to API_AND_CONFIG_MAP: then the creator has an access entry that can be deleted.",
    tags: &["EKS best practices: Create the cluster with a dedicated IAM role"],
    offline: false,
    needs: &[Need::Settings],
    check: |scene, found| {
        for cluster in scene.facts.clusters.iter().filter(|cluster| mode(cluster) == Some(AuthMode::ConfigMap)) {
            let fact = format!("{} has an admin that no list names: the principal that made it.", cluster.name);
            let fix = set_mode(cluster, AuthMode::Both);
            found.add(Place::Cluster(cluster), cluster_name(cluster), fact, fix).said_by(&cluster.settings.source);
            found.cannot(Place::Cluster(cluster), "its creator", "in mode CONFIG_MAP no list names it");
        }
    },
};

const MASTERS: Rule = Rule {
    id: "masters",
    group: Group::Entries,
    severity: Severity::Critical,
    title: "people are in system:masters",
    why: "system:masters passes every check, escalation checks too, and no role or binding can cut it down.",
    condition: "A line of aws-auth gives the group system:masters to a role that access.toml does not name break-glass.",
    fix: "Give a group of your own, and bind it; for break-glass an access entry with AmazonEKSClusterAdminPolicy.",
    tags: &["CIS 4.1.7"],
    offline: true,
    needs: &[Need::Lines],
    check: |scene, found| {
        let masters = |human: &&Human<'_>| human.grant.groups.iter().any(|group| group == "system:masters");
        for human in scene.humans.iter().filter(masters).filter(|human| human.level != Level::BreakGlass) {
            let file = scene.file.called();
            let named = if scene.file.names(Level::BreakGlass) {
                format!("not the break-glass of {file}")
            } else {
                format!("and no break-glass is named in {file}")
            };
            let fact = format!("aws-auth puts {} into system:masters, {named}.", human.grant.principal);
            let fix = format!(
                "{} replace `system:masters` of {} by a group of your own, and bind that",
                in_lines(human.cluster),
                human.grant.principal
            );
            add(found, human, fact, fix);
        }
    },
};

const SYSTEM_GROUP: Rule = Rule {
    id: "system-group",
    group: Group::Entries,
    severity: Severity::High,
    title: "people are in a group of Kubernetes' own",
    why: "Groups that start with system: or eks: are what nodes and components are known by; whoever is in one can do what they do.",
    condition: "A line of aws-auth that is not of nodes gives a group that starts with `system:` or `eks:`, other than system:masters, which has a rule of its own.",
    fix: "Give a group of your own, and bind it.",
    tags: &[],
    offline: true,
    needs: &[Need::Lines],
    check: |scene, found| {
        for human in scene.humans.iter().filter(|human| !human.is_entry()) {
            let own = |group: &&String| ["system:", "eks:"].iter().any(|start| group.starts_with(start));
            let known = |group: &&String| !["system:masters", "system:authenticated"].contains(&group.as_str());
            let known = |group: &&String| known(group) && !(human.is_of_nodes() && OF_NODES.contains(&group.as_str()));
            for group in human.grant.groups.iter().filter(own).filter(known) {
                let fact = format!("aws-auth puts {} into {group}.", human.grant.principal);
                let fix = format!("{} take `{group}` from {}", in_lines(human.cluster), human.grant.principal);
                add(found, human, fact, fix).about(group);
            }
        }
    },
};

const USERNAME_CLAIMS: Rule = Rule {
    id: "username-claims",
    group: Group::Entries,
    severity: Severity::High,
    title: "a line of aws-auth claims a name that is somebody's already",
    why: "RBAC knows people by their names: who gets the name of a component, of a service account or of a bound user gets its rights, and its place in the audit log.",
    condition: "A user name of a line of aws-auth starts with `system:` or `eks:`, or is that of a User or a service account that a binding names.",
    fix: "Give the name a prefix of your own.",
    tags: &[],
    offline: true,
    needs: &[Need::Lines, Need::Rbac],
    check: |scene, found| {
        let lines = scene.humans.iter().filter(|human| !human.is_entry() && !human.is_of_nodes());
        for human in lines.filter(|human| !human.grant.user.is_empty()) {
            let (user, principal) = (human.grant.user.as_str(), human.grant.principal.as_str());
            let reserved = ["system:", "eks:"].iter().any(|start| user.starts_with(start));
            let mut subjects = all_bindings(human.cluster)
                .flat_map(|binding| binding.subjects.iter().map(move |subject| (binding, subject)));
            let bound = subjects.find(|(_, subject)| subject.kind == "User" && subject.name == user);
            let fact = match bound {
                _ if reserved => {
                    format!("aws-auth gives {principal} the user name {user}, which is of Kubernetes' own kind.")
                }
                Some((binding, _)) => format!(
                    "aws-auth gives {principal} the user name {user}, which the binding {} names.",
                    binding.name
                ),
                None => continue,
            };
            let fix = format!(
                "{} give {principal} a user name with a prefix of your own, such as `team:{{{{SessionName}}}}`",
                in_lines(human.cluster)
            );
            add(found, human, fact, fix);
        }
    },
};

const USERNAME_SHARED: Rule = Rule {
    id: "username-shared",
    group: Group::Entries,
    severity: Severity::Low,
    title: "all people of a role have one user name",
    why: "The cluster's audit log names the user, so that nobody sees who of them it was, but by the extra field sessionName.",
    condition: "The user name of a role's mapping has neither {{SessionName}} nor {{SessionNameRaw}}.",
    fix: "Leave the user name out, or add `:{{SessionName}}`.",
    tags: &["EKS best practices: Regularly audit access to the cluster"],
    offline: true,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        for human in &scene.humans {
            let is_role = matches!(human.grant.kind, PrincipalKind::PermissionSet { .. } | PrincipalKind::Role);
            let user = human.grant.user.as_str();
            if is_role && !user.is_empty() && !user.contains("{{SessionName") {
                let fact = format!("Whoever uses {} is the user {user} to the cluster.", human.grant.principal);
                let fix = match human.is_entry() {
                    true => format!(
                        "{} --username {}",
                        human.entry_command("update-access-entry"),
                        shell_word(&format!("{user}:{{{{SessionName}}}}"))
                    ),
                    false => format!("{} write `username: \"{user}:{{{{SessionName}}}}\"`", in_lines(human.cluster)),
                };
                add(found, human, fact, fix);
            }
        }
    },
};

const ENTRY_EMPTY: Rule = Rule {
    id: "entry-empty",
    group: Group::Entries,
    severity: Severity::Info,
    title: "a mapping gives nothing",
    why: "It lets people in, who may then do nothing but what everybody may: a rest of something, or a binding that was forgotten.",
    condition: "It has no access policy and no group, and no binding names its user.",
    fix: "Give it rights, or delete it.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        for human in scene
            .humans
            .iter()
            .filter(|human| human.grant.unread.is_none() && human.grant.kind != PrincipalKind::Account)
        {
            let own = human.grant.groups.iter().filter(|group| *group != "system:authenticated").count();
            let nothing = own == 0 && human.grant.policies.is_empty();
            if !nothing || rbac_missing(human.cluster).is_some() {
                continue;
            }
            let who = identity(human.grant);
            let named = all_bindings(human.cluster)
                .flat_map(|binding| &binding.subjects)
                .any(|subject| subject.kind == "User" && who.is_named(&subject.name));
            if !named {
                let fact = format!(
                    "{} is let in, with no access policy, no group, and no binding to its user name.",
                    human.grant.principal
                );
                add(found, human, fact, unmap(human));
            }
        }
    },
};

const NODE_ROLE_HUMAN: Rule = Rule {
    id: "node-role-human",
    group: Group::Entries,
    severity: Severity::High,
    title: "a role of nodes can be used by others",
    why: "Whoever becomes a node is trusted by the cluster as one: it reads secrets of its pods, and writes their state.",
    condition: "The trust policy of a principal with an access entry for nodes allows others than ec2.amazonaws.com, ssm.amazonaws.com, rolesanywhere.amazonaws.com and eks-fargate-pods.amazonaws.com.",
    fix: "Make a role of their own for the others.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries],
    check: |scene, found| {
        const MACHINES: [&str; 4] = ["ec2.", "ssm.", "rolesanywhere.", "eks-fargate-pods."];
        let nodes = scene.grants.iter().filter(|grant| grant.kind == PrincipalKind::Node);
        let mut told = BTreeSet::new();
        for grant in nodes.filter(|grant| told.insert((&grant.cluster, &grant.principal))) {
            let Some(cluster) = scene.facts.clusters.iter().find(|cluster| scene_is(cluster, &grant.cluster)) else {
                continue;
            };
            let role = match scene.role(&grant.principal) {
                Looked::Found(role) => role,
                Looked::Gone => continue,
                Looked::Unknown(why) => {
                    found.cannot(Place::Cluster(cluster), grant.principal.as_str(), why);
                    continue;
                }
            };
            let trust = match trust::read(&role.arn, &role.trust) {
                Ok(trust) => trust,
                Err(why) => {
                    found.cannot(Place::Cluster(cluster), grant.principal.as_str(), why);
                    continue;
                }
            };
            let machine = |name: &str| {
                MACHINES
                    .iter()
                    .any(|start| name.strip_prefix(start).is_some_and(|rest| rest.starts_with("amazonaws.com")))
            };
            let other = trust.ways.iter().find(|way| !matches!(&way.way, WayIn::Service(name) if machine(name)));
            if let Some(other) = other.map(way_words) {
                let fact = format!("{} is let in as a node, and {other} can use it, too.", grant.principal);
                let fix = format!(
                    "Take {other} out of the trust policy of {}, and make a role of its own for it",
                    grant.principal
                );
                let roles = scene.roles_source(grant.cluster.account.as_str());
                found
                    .add(Place::Cluster(cluster), grant.principal.as_str(), fact, fix)
                    .said_by(grant.sources.iter().chain(roles));
            }
        }
    },
};

const CROSS_ACCOUNT_ENTRY: Rule = Rule {
    id: "cross-account-entry",
    group: Group::Entries,
    severity: Severity::Info,
    title: "a principal of another account is let in",
    why: "Who may become that principal is decided in the other account.",
    condition: "An access entry of people names a principal of another account than the cluster's.",
    fix: "Nothing, if it is meant; else use a role of the cluster's account.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries],
    check: |scene, found| {
        for human in scene.humans.iter().filter(|human| human.is_entry()) {
            let account = human.grant.principal.split(':').nth(4).unwrap_or_default();
            if account.len() == 12 && account != human.cluster.account.as_str() {
                let fact = format!(
                    "{} is of account {account}, the cluster of {}.",
                    human.grant.principal, human.cluster.account
                );
                add(found, human, fact, unmap(human));
            }
        }
    },
};

const ENTRY_LIMIT: Rule = Rule {
    id: "entry-limit",
    group: Group::Entries,
    severity: Severity::Medium,
    title: "a cluster is near the limit of access entries",
    why: "EKS takes 3,000 entries for a cluster, and the limit cannot be raised: then nobody more can be let in, nodes neither.",
    condition: "It has more than 2,700 access entries.",
    fix: "Delete dead entries; let one permission set stand for many people.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            let number = cluster.entries.get().map_or(0, Vec::len);
            if number > MANY_ENTRIES {
                let fact = format!("{} has {number} of at most {MAX_ENTRIES} access entries.", cluster.name);
                let fix = format!("aws eks list-access-entries {}", arguments(cluster, "cluster-name"));
                found.add(Place::Cluster(cluster), cluster_name(cluster), fact, fix).said_by(&cluster.entries.source);
            }
        }
    },
};

/// A finding about a mapping.
fn add<'f>(found: &'f mut Found, human: &Human<'_>, fact: String, fix: String) -> &'f mut Finding {
    found.add(Place::Cluster(human.cluster), human.grant.principal.as_str(), fact, fix).said_by(&human.grant.sources)
}

fn is_root(human: &Human<'_>) -> bool {
    human.grant.principal.ends_with(":root")
}

fn mapping_words(human: &Human<'_>) -> &'static str {
    if human.is_entry() { "An access entry" } else { "A line of aws-auth" }
}

/// `In aws-auth of prod`
pub fn in_lines(cluster: &Cluster) -> String {
    format!("In aws-auth of {}", cluster.name)
}

/// The commands that make an entry again, for a principal, with all that it gives: deleting it loses groups, user name and policies.
fn make_again(human: &Human<'_>, principal: &str) -> String {
    let mut create = human.command_for("create-access-entry", principal);
    let groups: Vec<&str> =
        human.grant.groups.iter().map(String::as_str).filter(|group| !group.starts_with("system:")).collect();
    if !groups.is_empty() {
        create += &format!(" --kubernetes-groups {}", words(&groups));
    }
    // EKS makes the default user name of the role itself, that of an earlier role has another name in it.
    let user = human.grant.user.as_str();
    if !user.is_empty() && !user.contains(":assumed-role/") && user != human.grant.principal {
        create += &format!(" --username={}", shell_word(user));
    }
    let mut all = vec![human.entry_command("delete-access-entry"), create];
    for Policy { name, namespaces } in &human.grant.policies {
        let namespaces: Vec<&str> = namespaces.iter().map(String::as_str).collect();
        all.push(human.associate(principal, name, &namespaces));
    }
    let all = all.join(" && ");
    match &human.grant.unread {
        None => all,
        Some(why) => {
            format!("First note what the entry holds, which could not be read ({why}), and give it again: {all}")
        }
    }
}

/// A list for a parameter of the AWS CLI: words, or JSON where one of them would be read as something else.
pub fn words(list: &[&str]) -> String {
    let plain = |word: &&&str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain)
    };
    match list.iter().filter(plain).count() == list.len() {
        true => list.join(" "),
        false => shell_word(&serde_json::json!(list).to_string()).into_owned(),
    }
}

/// The command, or the edit, that takes a mapping away.
fn unmap(human: &Human<'_>) -> String {
    match human.is_entry() {
        true => human.entry_command("delete-access-entry"),
        false => format!("{} delete the item of {}", in_lines(human.cluster), human.grant.principal),
    }
}

fn entry_of<'a>(human: &Human<'a>) -> Option<&'a AccessEntry> {
    let entries = human.cluster.entries.get().filter(|_| human.is_entry())?;
    entries.iter().find(|entry| entry.principal == human.grant.principal)
}

fn scene_is(cluster: &Cluster, wanted: &ClusterRef) -> bool {
    (&cluster.account, &cluster.region, &cluster.name) == (&wanted.account, &wanted.region, &wanted.name)
}

/// `cluster/prod`
pub fn cluster_name(cluster: &Cluster) -> String {
    format!("cluster/{}", cluster.name)
}

/// The command that moves a cluster to another mode.
pub fn set_mode(cluster: &Cluster, mode: AuthMode) -> String {
    format!(
        "aws eks update-cluster-config {} --access-config authenticationMode={}",
        arguments(cluster, "name"),
        mode.word()
    )
}
