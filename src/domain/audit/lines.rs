//! Rules about `aws-auth`, the ConfigMap: what in it is broken, dead text, or needed no more. Source: access.md 2.10, 3.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::aws_auth::{self, AwsAuth, arns, nameless};
use crate::domain::access::facts::Cluster;
use crate::domain::access::grants::OF_NODES;
use crate::domain::access::{AuthMode, Entry};
use crate::domain::audit::entries::{cluster_name, in_lines, set_mode};
use crate::domain::audit::finding::{Place, Severity};
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{Scene, canonical, kubectl, mode};
use crate::domain::role_arn::Principal;
use crate::domain::text::count;

/// The rules of this file, which are of the group of entries.
pub const RULES: &[Rule] = &[
    AWS_AUTH_PATH,
    AWS_AUTH_IGNORED,
    AWS_AUTH_BROKEN,
    MAPPED_TWICE,
    AWS_AUTH_DUPLICATE,
    CONFIG_MAP_ONLY,
    CONFIG_MAP_LEFTOVER,
];

const AWS_AUTH_PATH: Rule = Rule {
    id: "aws-auth-path",
    group: Group::Entries,
    severity: Severity::High,
    title: "a line of aws-auth names a role with its path",
    why: "The authenticator compares the ARN without the path, so such a line never matches: people are locked out, and the list says that they are not.",
    condition: "A rolearn has more than the name behind `role/`.",
    fix: "Write the ARN without the path.",
    tags: &[],
    offline: true,
    needs: &[Need::Lines],
    check: |scene, found| {
        for (cluster, line) in effective_lines(scene) {
            let Some(parsed) = Principal::parse(&line.principal).filter(|parsed| !parsed.path.is_empty()) else {
                continue;
            };
            let fact = format!("aws-auth names {}, and a line with a path never matches.", line.principal);
            let fix = format!(
                "{} write `rolearn: arn:{}:iam::{}:role/{}`",
                in_lines(cluster),
                parsed.partition,
                parsed.account,
                parsed.name
            );
            found.add(Place::Cluster(cluster), line.principal.as_str(), fact, fix).said_by(&cluster.aws_auth.source);
        }
    },
};

const AWS_AUTH_IGNORED: Rule = Rule {
    id: "aws-auth-ignored",
    group: Group::Entries,
    severity: Severity::Low,
    title: "aws-auth has lines that the cluster ignores",
    why: "Who reads the list believes that these people are let in, or that deleting the line takes their access away.",
    condition: "The mode is API, and aws-auth has lines of people.",
    fix: "Delete the ConfigMap, once no tool reads it.",
    tags: &[],
    offline: false,
    needs: &[Need::Settings],
    check: |scene, found| {
        for cluster in scene.facts.clusters.iter().filter(|cluster| mode(cluster) == Some(AuthMode::Api)) {
            let Some(map) = cluster.aws_auth.get() else {
                found.cannot(
                    Place::Cluster(cluster),
                    "its ConfigMap aws-auth",
                    cluster.aws_auth.missing().unwrap_or_default(),
                );
                continue;
            };
            let lines = aws_auth::parse(map);
            let people: Vec<&str> = lines
                .entries
                .iter()
                .filter(|line| !is_for_machines(line))
                .map(|line| line.principal.as_str())
                .collect();
            if let [first, ..] = people.as_slice() {
                let fact = format!(
                    "The mode is API, so that {} of aws-auth, such as {first}, count for nothing.",
                    count(people.len(), "line")
                );
                let fix = kubectl(cluster, "--namespace=kube-system delete configmap aws-auth");
                found
                    .add(Place::Cluster(cluster), "configmap/kube-system/aws-auth", fact, fix)
                    .said_by(cluster.aws_auth.source.iter().chain(&cluster.settings.source));
            }
        }
    },
};

const AWS_AUTH_BROKEN: Rule = Rule {
    id: "aws-auth-broken",
    group: Group::Entries,
    severity: Severity::High,
    title: "aws-auth cannot be read",
    why: "The authenticator skips what it cannot read: everybody named there is locked out, and lines that look right do nothing.",
    condition: "mapRoles, mapUsers or mapAccounts is not a YAML list, a key is one of these in other letters (`mapusers`), which the authenticator does not know, or an item names no ARN.",
    fix: "Write each as a list of items with `rolearn`, `userarn` or an account's id.",
    tags: &[],
    offline: true,
    needs: &[Need::Lines],
    check: |scene, found| {
        for (cluster, map) in effective_maps(scene) {
            let nameless = [("mapRoles", &map.roles, "rolearn"), ("mapUsers", &map.users, "userarn")]
                .into_iter()
                .flat_map(|(key, text, arn)| {
                    let lacks = nameless(text, arn).into_iter();
                    lacks.map(move |number| {
                        (format!("{key} {number}"), format!("item {number} of {key} of aws-auth names no {arn}"))
                    })
                });
            let lines = aws_auth::parse(map);
            let first = |why: String| (why.split(' ').next().unwrap_or_default().to_owned(), why);
            let keys = map.ignored.iter().cloned().zip(lines.ignored);
            for (detail, wrong) in lines.unread.into_iter().map(first).chain(keys).chain(nameless) {
                let fix = kubectl(cluster, "--namespace=kube-system edit configmap aws-auth");
                let fact = format!("{wrong}.");
                found
                    .add(Place::Cluster(cluster), "configmap/kube-system/aws-auth", fact, fix)
                    .about(&detail)
                    .said_by(&cluster.aws_auth.source);
            }
        }
    },
};

const MAPPED_TWICE: Rule = Rule {
    id: "mapped-twice",
    group: Group::Entries,
    severity: Severity::Medium,
    title: "a role has an access entry and another line in aws-auth",
    why: "The entry wins and the line does nothing, until somebody deletes the entry: then the line's rights come back to life.",
    condition: "A line of aws-auth and an access entry are of one role, and their groups or user names differ. Lines of nodes that EKS keeps do not count.",
    fix: "Delete the line.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        for (cluster, line) in effective_lines(scene).filter(|(cluster, _)| mode(cluster) == Some(AuthMode::Both)) {
            let entry = cluster
                .entries
                .get()
                .into_iter()
                .flatten()
                .find(|entry| canonical(&entry.principal) == canonical(&line.principal));
            let Some(details) = entry.and_then(|entry| entry.details.get()) else { continue };
            let differ = sorted(&details.groups) != sorted(&line.groups) || details.user != line.user;
            if differ {
                let fact = format!(
                    "{} has an access entry (user {}, groups {}) and a line in aws-auth (user {}, groups {}).",
                    line.principal,
                    or_none(&details.user),
                    or_none(&details.groups.join(", ")),
                    or_none(&line.user),
                    or_none(&line.groups.join(", "))
                );
                let fix = format!("{} delete the item of {}", in_lines(cluster), line.principal);
                found
                    .add(Place::Cluster(cluster), line.principal, fact, fix)
                    .said_by(cluster.aws_auth.source.iter().chain(&cluster.entries.source));
            }
        }
    },
};

const AWS_AUTH_DUPLICATE: Rule = Rule {
    id: "aws-auth-duplicate",
    group: Group::Entries,
    severity: Severity::Low,
    title: "aws-auth names a role more than once",
    why: "The last item wins; what the others say is never given, and whoever deletes the last one changes rights without meaning to.",
    condition: "Several items of mapRoles, or of mapUsers, have one ARN, in any case.",
    fix: "Merge them into one.",
    tags: &[],
    offline: true,
    needs: &[Need::Lines],
    check: |scene, found| {
        for (cluster, map) in effective_maps(scene) {
            for (text, arn) in [(&map.roles, "rolearn"), (&map.users, "userarn")] {
                let mut times: BTreeMap<String, (String, usize)> = BTreeMap::new();
                for named in arns(text, arn) {
                    times.entry(named.to_ascii_lowercase()).or_insert((named, 0)).1 += 1;
                }
                for (named, number) in times.into_values().filter(|(_, number)| *number > 1) {
                    let fact = format!("{number} items of aws-auth are of {named}; the last one counts.");
                    let fix = format!("{} leave one item of {named}", in_lines(cluster));
                    found.add(Place::Cluster(cluster), named, fact, fix).said_by(&cluster.aws_auth.source);
                }
            }
        }
    },
};

const CONFIG_MAP_ONLY: Rule = Rule {
    id: "config-map-only",
    group: Group::Entries,
    severity: Severity::Medium,
    title: "a cluster takes aws-auth only",
    why: "Whoever may write one ConfigMap maps anybody to system:masters, one broken line locks everybody out, and the creator stays admin for ever.",
    condition: "The authentication mode is CONFIG_MAP.",
    fix: "Move to API_AND_CONFIG_MAP, make access entries, then move to API. There is no way back.",
    tags: &["EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Settings],
    check: |scene, found| {
        for cluster in scene.facts.clusters.iter().filter(|cluster| mode(cluster) == Some(AuthMode::ConfigMap)) {
            let fact = format!("The authentication mode of {} is CONFIG_MAP.", cluster.name);
            let fix = set_mode(cluster, AuthMode::Both);
            found.add(Place::Cluster(cluster), cluster_name(cluster), fact, fix).said_by(&cluster.settings.source);
        }
    },
};

const CONFIG_MAP_LEFTOVER: Rule = Rule {
    id: "config-map-leftover",
    group: Group::Entries,
    severity: Severity::Low,
    title: "a cluster still takes aws-auth, and nobody needs it",
    why: "As long as the ConfigMap counts, whoever may write it can let anybody in as system:masters.",
    condition: "The mode is API_AND_CONFIG_MAP, aws-auth has lines of nodes at most, and each of those roles has an access entry.",
    fix: "Move to the mode API. There is no way back.",
    tags: &["EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Settings, Need::Entries, Need::Lines],
    check: |scene, found| {
        for (cluster, map) in effective_maps(scene).filter(|(cluster, _)| mode(cluster) == Some(AuthMode::Both)) {
            let lines = aws_auth::parse(map);
            let Some(entries) = cluster.entries.get().filter(|_| lines.unread.is_empty()) else { continue };
            let has_entry =
                |line: &Entry| entries.iter().any(|entry| canonical(&entry.principal) == canonical(&line.principal));
            if lines.entries.iter().all(|line| is_for_machines(line) && has_entry(line)) {
                let fact = format!(
                    "The mode of {} is API_AND_CONFIG_MAP, and aws-auth has nothing that access entries lack.",
                    cluster.name
                );
                let fix = set_mode(cluster, AuthMode::Api);
                found
                    .add(Place::Cluster(cluster), cluster_name(cluster), fact, fix)
                    .said_by(cluster.aws_auth.source.iter().chain(&cluster.settings.source));
            }
        }
    },
};

/// The ConfigMaps of clusters that take their lines.
fn effective_maps<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = (&'s Cluster, &'s AwsAuth)> {
    let takes = |cluster: &&Cluster| mode(cluster).is_none_or(AuthMode::has_config_map);
    scene.facts.clusters.iter().filter(takes).filter_map(|cluster| Some((cluster, cluster.aws_auth.get()?)))
}

/// Their lines of people.
fn effective_lines<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = (&'s Cluster, Entry)> {
    effective_maps(scene).flat_map(|(cluster, map)| {
        let people = aws_auth::parse(map).entries.into_iter().filter(|line| !is_for_machines(line));
        people.map(move |line| (cluster, line))
    })
}

/// Lines that EKS writes for node groups and Fargate profiles, and people for their own nodes; one that gives more than nodes get is
/// none. Source: access.md 2.9.
fn is_for_machines(line: &Entry) -> bool {
    let is_of_nodes =
        line.user.starts_with("system:node:{{") || line.groups.iter().any(|group| group == "system:nodes");
    is_of_nodes && line.groups.iter().all(|group| OF_NODES.contains(&group.as_str()))
}

fn sorted(groups: &[String]) -> BTreeSet<&str> {
    groups.iter().map(String::as_str).collect()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
