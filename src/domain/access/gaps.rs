//! What a reading could not see of who may do what.

use std::collections::BTreeMap;

use crate::domain::access::facts::{Cluster, Directory, Facts, Source};
use crate::domain::access::grant::{ClusterRef, Grant, Life, MappedBy, PrincipalKind};
use crate::domain::access::{AuthMode, Listed};

/// What could not be read for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What: `access entries`, `IAM roles`, …
    pub what: &'static str,
    /// Of which clusters, accounts or instances.
    pub places: Vec<String>,
    /// Why not.
    pub why: String,
}

impl Unread {
    /// In a line: `access entries of 111122223333/web and 3 more: WHY`.
    pub fn line(&self, most: usize) -> String {
        let named = self.places.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match self.places.len().saturating_sub(most) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let of = if named.is_empty() { String::new() } else { format!(" of {named}{more}") };
        format!("{}{of}: {}", self.what, self.why)
    }
}

/// All of it, one for each kind and reason, in the order in which the facts have them.
pub fn unread(facts: &Facts) -> Vec<Unread> {
    let mut found = Gathered::default();
    facts.unsearched.iter().for_each(|line| found.add("clusters", "", Some(line)));
    for cluster in &facts.clusters {
        of_cluster(&mut found, cluster);
    }
    for (id, account) in &facts.accounts {
        found.add("IAM roles", &id.to_string(), account.roles.missing());
        found.add("IAM users", &id.to_string(), account.users.missing());
        found.add("entitlements of the account access manager", &id.to_string(), account.entitlements.missing());
    }
    if facts.directories.is_empty() {
        found.add("people and groups: Identity Center", "", Some("no instance was read"));
    }
    for directory in &facts.directories {
        of_directory(&mut found, directory);
    }
    found.list
}

/// What stands for the mappings of a list that could not be read: nobody knows whom it lets in, which is not the same as nobody.
pub fn unlisted(facts: &Facts) -> Vec<Grant> {
    let mut found = Vec::new();
    for cluster in &facts.clusters {
        let mode = cluster.settings.get().and_then(|settings| settings.mode);
        let entries = cluster.entries.missing().filter(|_| mode.is_none_or(AuthMode::has_entries));
        let lines = cluster.aws_auth.missing().filter(|_| mode.is_none_or(AuthMode::has_config_map));
        let lists = [
            (MappedBy::AccessEntry, "access entries", entries, &cluster.entries.source),
            (MappedBy::AwsAuth, "aws-auth", lines, &cluster.aws_auth.source),
        ];
        for (mapped_by, what, why, source) in lists {
            let Some(why) = why else { continue };
            found.push(unknown(cluster, mapped_by, format!("{what} could not be read: {why}"), source.as_ref()));
        }
    }
    found
}

fn unknown(cluster: &Cluster, mapped_by: MappedBy, why: String, source: Option<&Source>) -> Grant {
    let (account, region, name) = (cluster.account.clone(), cluster.region.clone(), cluster.name.clone());
    Grant {
        cluster: ClusterRef { account, region, name },
        principal: String::new(),
        kind: PrincipalKind::Unknown,
        mapped_by,
        user: String::new(),
        groups: Vec::new(),
        policies: Vec::new(),
        unread: Some(why.clone()),
        rights: Listed::Hidden(why.clone()),
        ways_in: Listed::Hidden(why.clone()),
        people: Listed::Hidden(why.clone()),
        life: Life::Unknown(why),
        aws_own: false,
        sources: source.cloned().into_iter().collect(),
    }
}

fn of_cluster(found: &mut Gathered, cluster: &Cluster) {
    let place = format!("{}/{}", cluster.account, cluster.name);
    let mode = cluster.settings.get().and_then(|settings| settings.mode);
    found.add("settings", &place, cluster.settings.missing());
    if mode.is_none_or(AuthMode::has_entries) {
        found.add("access entries", &place, cluster.entries.missing());
    }
    if mode.is_none_or(AuthMode::has_config_map) {
        found.add("aws-auth", &place, cluster.aws_auth.missing());
    }
    for entry in cluster.entries.get().into_iter().flatten() {
        found.add("details of access entries", &place, entry.details.missing());
        found.add("access policies of access entries", &place, entry.policies.missing());
    }
    found.add("identity providers", &place, cluster.identity_providers.missing());
    found.add("ClusterRoles", &place, cluster.roles.cluster.missing());
    found.add("Roles", &place, cluster.roles.namespaced.missing());
    found.add("ClusterRoleBindings", &place, cluster.bindings.cluster.missing());
    found.add("RoleBindings", &place, cluster.bindings.namespaced.missing());
}

fn of_directory(found: &mut Gathered, directory: &Directory) {
    let place = if directory.instance.is_empty() { &directory.store } else { &directory.instance };
    found.add("permission sets", place, directory.sets.missing());
    found.add("groups", place, directory.groups.missing());
    found.add("users", place, directory.users.missing());
    for of in &directory.assignments {
        found.add("assignments", &format!("{} in {}", of.set_name, of.account), of.assignees.missing());
    }
    for group in directory.groups.get().into_iter().flatten() {
        // Members are asked for groups that are assigned something only.
        found.add("members of groups", &group.name, group.members.missing().filter(|_| group.members.source.is_some()));
    }
}

#[derive(Default)]
struct Gathered {
    list: Vec<Unread>,
    numbers: BTreeMap<(&'static str, String), usize>,
}

impl Gathered {
    fn add(&mut self, what: &'static str, place: &str, why: Option<&str>) {
        let Some(why) = why else { return };
        let number = *self.numbers.entry((what, why.to_owned())).or_insert_with(|| {
            self.list.push(Unread { what, places: Vec::new(), why: why.to_owned() });
            self.list.len() - 1
        });
        let places = &mut self.list[number].places;
        if !place.is_empty() && places.last().is_none_or(|last| last != place) {
            places.push(place.to_owned());
        }
    }
}
