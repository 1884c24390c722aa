//! From facts to clusters and tiers: what each mapping is in the file, or why the file cannot say it.

use std::collections::BTreeMap;

use crate::domain::access::facts::{Assignee, Cluster, Facts};
use crate::domain::access::grant::{Grant, Life, MappedBy, PrincipalKind, WayIn};
use crate::domain::access::grants::grants;
use crate::domain::access::{AuthMode, Listed};
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::from_live::bindings::bound;
use crate::domain::scaffold::from_live::draft::{Draft, Planned, Shape, Tier, file_name, sorted};
use crate::domain::scaffold::plan::scope;

const HOURS: std::ops::RangeInclusive<u32> = 3600..=43200;

/// A cluster, what a role has there, and whom the role trusts.
type Place = (String, Shape, String);

impl Draft {
    pub fn clusters(&mut self, facts: &Facts) {
        let partition = facts.clusters.first().map(|cluster| cluster.region.partition());
        for cluster in &facts.clusters {
            let place = format!("cluster {} ({}, {})", cluster.name, cluster.account, cluster.region);
            if Some(cluster.region.partition()) != partition {
                self.left.push(format!("{place}: it is in another partition; write a file for each"));
                continue;
            }
            if cluster.settings.get().is_some_and(|settings| settings.registered) {
                self.left.push(format!("{place}: it is a registered cluster, which has no access entries"));
                continue;
            }
            let mode = cluster.settings.get().and_then(|settings| settings.mode);
            let word = match (mode, cluster.settings.missing()) {
                (Some(_), _) => String::new(),
                (None, why) => {
                    let why = why.unwrap_or("EKS did not say");
                    self.left.push(format!("{place}: its mode could not be read, and stands here as API: {why}"));
                    "it could not be read".to_owned()
                }
            };
            let base = file_name(cluster.name.as_str());
            let taken = |key: &String, known: &BTreeMap<String, Planned>| {
                known.keys().any(|other| other.eq_ignore_ascii_case(key))
            };
            let names = [
                base.clone(),
                format!("{base}-{}", cluster.account),
                format!("{base}-{}-{}", cluster.account, cluster.region),
            ];
            let numbered = (2..).map(|number: u32| format!("{base}-{number}"));
            let Some(key) = names.into_iter().chain(numbered).find(|key| !taken(key, &self.clusters)) else { continue };
            let planned = Planned {
                account: cluster.account.clone(),
                region: cluster.region.clone(),
                name: cluster.name.to_string(),
                mode: mode.unwrap_or(AuthMode::Api),
                word,
            };
            self.clusters.insert(key, planned);
        }
    }

    pub fn roles(&mut self, facts: &Facts) {
        // By whether it is a set's, and its name.
        let mut found: BTreeMap<(bool, String), Vec<Place>> = BTreeMap::new();
        let all = grants(facts);
        for cluster in &facts.clusters {
            let Some(key) = self.key_of(cluster) else { continue };
            let mode = self.clusters.get(&key).map(|planned| planned.mode);
            for (what, why) in
                [("access entries", cluster.entries.missing()), ("ConfigMap aws-auth", cluster.aws_auth.missing())]
            {
                let counts = match what {
                    "access entries" => mode.is_none_or(AuthMode::has_entries),
                    _ => mode.is_none_or(AuthMode::has_config_map),
                };
                if let Some(why) = why.filter(|_| counts) {
                    self.left.push(format!("{key}: its {what} could not be read: {why}"));
                }
            }
            let own = all.iter().filter(|grant| {
                (&grant.cluster.account, &grant.cluster.region, &grant.cluster.name)
                    == (&cluster.account, &cluster.region, &cluster.name)
            });
            for grant in own.filter(|grant| !grant.aws_own) {
                match self.of_grant(facts, cluster, &key, grant) {
                    Ok((is_set, name, shape)) => {
                        found.entry((is_set, name)).or_default().push((key.clone(), shape, trusts(grant)));
                    }
                    Err(why) if why.is_empty() => {}
                    Err(why) => {
                        let who = if grant.principal.is_empty() { "its creator" } else { &grant.principal };
                        self.left.push(format!("{key}: {who}: {why}"));
                    }
                }
            }
        }
        for ((is_set, role), places) in found {
            // What groups are bound to may differ from cluster to cluster: that alone is no other tier.
            let mut shapes: Vec<(usize, Shape)> = Vec::new();
            for (_, shape, _) in &places {
                let shape = shape.unbound();
                match shapes.iter_mut().find(|(_, known)| *known == shape) {
                    Some((number, _)) => *number += 1,
                    None => shapes.push((1, shape)),
                }
            }
            let Some(most) = shapes.iter().map(|(number, _)| *number).max() else { continue };
            let Some(unbound) = shapes.into_iter().find(|(number, _)| *number == most).map(|(_, shape)| shape) else {
                continue;
            };
            for (key, other, _) in places.iter().filter(|(_, other, _)| other.unbound() != unbound) {
                self.left.push(format!("{key}: {role}: it has {} there, and a role is in one tier", words(other)));
            }
            let own = || places.iter().filter(|(_, one, _)| one.unbound() == unbound);
            let clusters = own().map(|(key, ..)| key.clone()).collect();
            let mut bound = own().map(|(_, shape, _)| shape);
            let shape = match bound.next() {
                Some(first) if bound.all(|other| other == first) => first.clone(),
                _ => unbound.clone(),
            };
            let trusts = places.first().map(|(_, _, trusts)| trusts.clone()).unwrap_or_default();
            let session = is_set.then(|| self.set(&role).map(|set| set.session.unwrap_or(3600))).flatten();
            if let Some(session) = session.filter(|session| !HOURS.contains(session)) {
                self.left.push(format!("{role}: its sessions have {session} seconds; a file takes 1h to 12h"));
            }
            if is_set && shape.people.as_ref().is_none_or(Vec::is_empty) {
                let fact = match &shape.people {
                    Some(_) => "no group is assigned it",
                    None => "which groups are assigned it is not known",
                };
                self.left.push(format!("{role}: {fact}; `people` is to be filled in"));
            }
            let session = session.filter(|session| HOURS.contains(session));
            let tier = Tier { role: role.clone(), is_set, trusts, shape, clusters, session, iam: None };
            let name = self.tier_name(&role);
            self.tiers.insert(name, tier);
        }
    }

    /// What a mapping is in the file, or why it cannot be said there; an empty reason for what is not meant to be.
    fn of_grant(
        &mut self,
        facts: &Facts,
        cluster: &Cluster,
        key: &str,
        grant: &Grant,
    ) -> Result<(bool, String, Shape), String> {
        let mode = self.clusters.get(key).map_or(AuthMode::Api, |planned| planned.mode);
        match grant.mapped_by {
            MappedBy::AccessEntry => {}
            MappedBy::AwsAuth if mode == AuthMode::ConfigMap => {}
            MappedBy::AwsAuth => return Err("a line of aws-auth: make an access entry of it".to_owned()),
            MappedBy::Creation => return Err("it may everything, and no list names it".to_owned()),
            MappedBy::IdentityProvider => return Err("users of an identity provider of the cluster's own".to_owned()),
        }
        let is_set = match &grant.kind {
            PrincipalKind::PermissionSet { .. } => true,
            PrincipalKind::Role => false,
            PrincipalKind::Node | PrincipalKind::Service => return Err(String::new()),
            PrincipalKind::User => return Err("an IAM user: a file names roles only".to_owned()),
            PrincipalKind::Account => return Err("a whole account: a file names roles only".to_owned()),
            _ => return Err("no principal that a file could name".to_owned()),
        };
        if let Some(why) = &grant.unread {
            return Err(why.clone());
        }
        if let Life::Dead(why) = &grant.life {
            return Err(format!("it lets nobody in: {why}"));
        }
        let principal = Principal::parse(&grant.principal).ok_or("no role")?;
        if principal.account != cluster.account.as_str() {
            return Err("a role of another account: a file makes entries for roles of the cluster's own".to_owned());
        }
        let name = match &grant.kind {
            PrincipalKind::PermissionSet { set } => set.clone(),
            _ => principal.name.to_owned(),
        };
        if let Some(group) = grant.groups.iter().find(|group| group.starts_with("system:") || group.starts_with("eks:"))
        {
            return Err(format!(
                "the group {group}, which a file does not take; `access = \"ClusterAdmin\"` gives what system:masters has"
            ));
        }
        let short =
            |name: &str| name.strip_prefix("AmazonEKS").and_then(|name| name.strip_suffix("Policy")).map(str::to_owned);
        let (access, mut namespaces) = match grant.policies.as_slice() {
            [] => (None, Vec::new()),
            [policy] => match short(&policy.name) {
                Some(short) => (Some(short), sorted(&policy.namespaces)),
                None => return Err(format!("the access policy {}, which is not for people", policy.name)),
            },
            several => {
                let names: Vec<&str> = several.iter().map(|policy| policy.name.as_str()).collect();
                return Err(format!("several access policies ({}); a tier has one", names.join(", ")));
            }
        };
        if access.is_none() && grant.groups.is_empty() {
            return Err("an entry without groups and policies".to_owned());
        }
        let usual = format!(
            "arn:{}:sts::{}:assumed-role/{}/{{{{SessionName}}}}",
            principal.partition, principal.account, principal.name
        );
        // A line of aws-auth may have its ARN in any case.
        if !grant.user.eq_ignore_ascii_case(&usual) {
            self.left.push(format!(
                "{key}: {name}: its user name `{}` is not kept; bindings that name it would be lost",
                grant.user
            ));
        }
        // A tier has one scope; what is bound in another is said by `[[bindings]]`.
        let rbac = match bound(cluster, &grant.groups) {
            Some((role, of)) if access.is_none() || of == namespaces => {
                namespaces = of;
                Some(role)
            }
            _ => None,
        };
        let people = is_set.then(|| self.people(facts, cluster, &name)).flatten();
        Ok((is_set, name, Shape { access, namespaces, groups: sorted(&grant.groups), rbac, people }))
    }

    /// The groups that are assigned a set in the account of a cluster.
    fn people(&mut self, facts: &Facts, cluster: &Cluster, set: &str) -> Option<Vec<String>> {
        let (directory, assigned) = facts.directories.iter().find_map(|directory| {
            let assigned =
                directory.assignments.iter().find(|one| one.account == cluster.account && one.set_name == set)?;
            Some((directory, assigned.assignees.get()?))
        })?;
        let (names, mut groups) = (directory.groups.get()?, Vec::new());
        for who in assigned {
            match who {
                Assignee::Group(id) => match names.iter().find(|group| group.id == *id) {
                    Some(group) => groups.push(group.name.clone()),
                    None => self.say(format!("{set}: the group {id}, which is assigned it, is not in the directory")),
                },
                Assignee::User(id) => {
                    let user = directory.users.get().into_iter().flatten().find(|user| user.id == *id);
                    let name = user.map_or(id.as_str(), |user| &user.name);
                    self.say(format!("{set}: the user {name} is assigned it; a file names groups only"));
                }
            }
        }
        Some(sorted(&groups))
    }
}

fn trusts(grant: &Grant) -> String {
    let words = |way: &WayIn| match way {
        WayIn::IdentityCenter(name) => format!("the permission set {name}"),
        WayIn::AccessManager(name) => format!("the account access manager {name}"),
        WayIn::Saml(name) | WayIn::Principal(name) => name.clone(),
        WayIn::Oidc(name) => format!("tokens of {name}"),
        WayIn::Account(name) => format!("whoever account {name} lets"),
        WayIn::Service(name) => name.clone(),
        WayIn::Anyone => "anybody in AWS".to_owned(),
        WayIn::Keys => "keys".to_owned(),
    };
    match &grant.ways_in {
        Listed::Seen(ways) if ways.is_empty() => "it trusts nobody".to_owned(),
        Listed::Seen(ways) => format!("it trusts {}", ways.iter().map(words).collect::<Vec<_>>().join(", ")),
        _ => "whom it trusts could not be read".to_owned(),
    }
}

fn words(shape: &Shape) -> String {
    let access = shape.access.iter().map(|access| format!("AmazonEKS{access}Policy"));
    let groups = (!shape.groups.is_empty()).then(|| format!("groups {}", shape.groups.join(", ")));
    let rbac = shape.rbac.iter().map(|rbac| format!("bound to {rbac}"));
    let people = shape.people.iter().map(|people| format!("assigned to {}", people.join(", ")));
    let all: Vec<String> =
        access.chain(groups).chain(rbac).chain([format!("in {}", scope(&shape.namespaces))]).chain(people).collect();
    all.join(", ")
}
