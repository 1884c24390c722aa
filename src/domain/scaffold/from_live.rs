//! An `access.toml` of what clusters have today. What the file cannot say is told in words, and left out whole: a file that says
//! half of it would take the other half away when it is applied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::access::facts::{Assignee, Binding, Cluster, Directory, Facts, PermissionSet};
use crate::domain::access::grant::{Grant, Life, MappedBy, PrincipalKind, WayIn};
use crate::domain::access::grants::grants;
use crate::domain::access::{AuthMode, Listed};
use crate::domain::audit::access_file::FileError;
use crate::domain::audit::read;
use crate::domain::ids::{AccountId, Region};
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::code::comment;
use crate::domain::scaffold::drift::same::is_same;
use crate::domain::scaffold::files;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::plan::{AUDITORS, Plan, UNNAMED};
use crate::domain::scaffold::policies::{document, statements};
use crate::domain::scaffold::role::{Made, Role, SETS, Set, Statements};

/// Names of tiers that say what people are for: nobody can tell that from what they have.
const MEANT: [&str; 7] =
    ["cluster-admin", "namespace-admin", "developer", "viewer", "ci", "break-glass", "access-admin"];
const HOURS: std::ops::RangeInclusive<u32> = 3600..=43200;

/// A file, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The file's text.
    pub text: String,
    /// What it cannot say, or what could not be read: a line each. The text has them as comments.
    pub left: Vec<String>,
}

/// Derives the file.
///
/// # Errors
/// There is no cluster that a file could name; why.
pub fn derive(facts: &Facts) -> Result<Derived, String> {
    let mut draft = Draft { left: facts.unsearched.clone(), ..Draft::default() };
    draft.clusters(facts);
    if draft.clusters.is_empty() {
        return Err(draft.left.first().cloned().unwrap_or_else(|| "no cluster was found".to_owned()));
    }
    draft.instance = facts.directories.iter().find(|directory| !directory.instance.is_empty()).cloned();
    draft.roles(facts);
    // What check would refuse is left out with its reason, so that the file can be used as it is.
    let plan = loop {
        match draft.plan() {
            Ok(plan) => break plan,
            Err(error) => draft.drop_at(&error)?,
        }
    };
    draft.recognize(facts, &plan);
    Ok(Derived { text: draft.text(), left: draft.left })
}

/// What a role has in a cluster; roles that have the same everywhere can stand in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    access: Option<String>,
    namespaces: Vec<String>,
    groups: Vec<String>,
    rbac: Option<String>,
    /// Of a permission set: the groups that are assigned it in the cluster's account; `None` where that is not known.
    people: Option<Vec<String>>,
}

/// A cluster, what a role has there, and whom the role trusts.
type Place = (String, Shape, String);

#[derive(Debug, Clone)]
struct Planned {
    account: AccountId,
    region: Region,
    name: String,
    mode: AuthMode,
    word: String,
}

#[derive(Debug, Clone)]
struct Tier {
    role: String,
    is_set: bool,
    trusts: String,
    shape: Shape,
    clusters: Vec<String>,
    session: Option<u32>,
    iam: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Draft {
    clusters: BTreeMap<String, Planned>,
    tiers: BTreeMap<String, Tier>,
    instance: Option<Directory>,
    left: Vec<String>,
}

impl Draft {
    fn clusters(&mut self, facts: &Facts) {
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

    fn key_of(&self, cluster: &Cluster) -> Option<String> {
        let is = |planned: &Planned| {
            planned.account == cluster.account
                && planned.region == cluster.region
                && planned.name == cluster.name.as_str()
        };
        self.clusters.iter().find(|(_, planned)| is(planned)).map(|(key, _)| key.clone())
    }

    fn roles(&mut self, facts: &Facts) {
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
            let mut shapes: Vec<(usize, &Shape)> = Vec::new();
            for (_, shape, _) in &places {
                match shapes.iter_mut().find(|(_, known)| *known == shape) {
                    Some((number, _)) => *number += 1,
                    None => shapes.push((1, shape)),
                }
            }
            let Some(most) = shapes.iter().map(|(number, _)| *number).max() else { continue };
            let Some(shape) = shapes.iter().find(|(number, _)| *number == most).map(|(_, shape)| (*shape).clone())
            else {
                continue;
            };
            for (key, other, _) in places.iter().filter(|(_, other, _)| *other != shape) {
                self.left.push(format!("{key}: {role}: it has {} there, and a role is in one tier", words(other)));
            }
            let clusters = places.iter().filter(|(_, one, _)| *one == shape).map(|(key, ..)| key.clone()).collect();
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

    fn tier_name(&self, role: &str) -> String {
        let base = file_name(role);
        let base = if MEANT.contains(&base.as_str()) { format!("role-{base}") } else { base };
        let numbered = (2..).map(|number: u32| format!("{base}-{number}"));
        std::iter::once(base.clone()).chain(numbered).find(|name| !self.tiers.contains_key(name)).unwrap_or(base)
    }

    fn set(&self, name: &str) -> Option<&PermissionSet> {
        let sets = self.instance.as_ref()?.sets.get()?;
        sets.iter().find(|set| set.name == name)
    }

    /// What a mapping is in the file, or why it cannot be said there; an empty reason for what is not meant to be.
    fn of_grant(
        &mut self,
        facts: &Facts,
        cluster: &Cluster,
        key: &str,
        grant: &Grant,
    ) -> Result<(bool, String, Shape), String> {
        let is_entry = grant.mapped_by == MappedBy::AccessEntry;
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
        if is_entry && grant.user != usual {
            self.left.push(format!(
                "{key}: {name}: its user name `{}` is not kept; bindings that name it would be lost",
                grant.user
            ));
        }
        let rbac = match bound(cluster, &grant.groups) {
            Bound::Nothing => None,
            Bound::Role(role, of) if access.is_none() || of == namespaces => {
                namespaces = of;
                Some(role)
            }
            Bound::Role(role, of) => {
                self.left.push(format!("{key}: {name}: its groups are bound to {role} in {}, and a tier has one scope: that binding stays as it is", scope(&of)));
                None
            }
            Bound::Other(what) => {
                self.left.push(format!("{key}: {name}: the bindings of its groups stay as they are: {what}"));
                None
            }
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

    fn say(&mut self, line: String) {
        if !self.left.contains(&line) {
            self.left.push(line);
        }
    }

    fn plan(&self) -> Result<Plan, FileError> {
        // Groups that somebody is still to name hinder nothing else.
        let text = self.text().replace(UNNAMED, "Groups of ");
        let plan = Plan::of(&read(&text)?, &BTreeMap::new())?;
        files(&plan, Kinds { terraform: true, cloudformation: false, kubernetes: true })?;
        Ok(plan)
    }

    /// Leaves out what stands at the line of an error.
    fn drop_at(&mut self, error: &FileError) -> Result<(), String> {
        let text = self.text();
        let heading = error.line.and_then(|line| {
            let above: Vec<&str> = text.lines().take(line).collect();
            above.iter().rev().find(|line| line.starts_with('[')).map(|line| line.trim_matches(['[', ']']).to_owned())
        });
        let Some((kind, name)) = heading.as_deref().and_then(|heading| heading.split_once('.')) else {
            return Err(error.to_string());
        };
        let message = error.message.strip_prefix(&format!("[{kind}.{name}]: ")).unwrap_or(&error.message);
        let known = match kind {
            "tiers" => self.tiers.remove(name).is_some(),
            _ => {
                self.tiers.values_mut().for_each(|tier| tier.clusters.retain(|key| key != name));
                self.tiers.retain(|_, tier| !tier.clusters.is_empty());
                self.clusters.remove(name).is_some()
            }
        };
        if !known || self.clusters.is_empty() {
            return Err(error.to_string());
        }
        self.left.push(format!("{name}: {message}"));
        Ok(())
    }

    /// Names the statement sets that roles have to the letter; what else they have stays as it is.
    fn recognize(&mut self, facts: &Facts, plan: &Plan) {
        let known = |tier: &Tier, role: &Role| -> Option<&'static str> {
            let same = |text: &str, account: Option<&AccountId>, set: &(&'static str, _)| {
                let role = Role { statements: Statements::Set(set.1), ..role.clone() };
                let all: Vec<Value> = statements(plan, &role, account);
                is_same(text, &document(&all))
            };
            if tier.is_set {
                let set = self.set(&tier.role)?;
                let inline = set.inline.get()?.as_deref()?;
                // What the set has besides would be taken away when its code is applied.
                let is_alone = set.attached.get()?.is_empty()
                    && set.customer_managed.get()?.is_empty()
                    && set.boundary.get()?.is_none();
                return known_sets().find(|set| is_alone && same(inline, None, set)).map(|(name, _)| *name);
            }
            let accounts: BTreeSet<&AccountId> =
                plan.clusters_of(role, None).iter().map(|(_, cluster)| &cluster.account).collect();
            known_sets()
                .find(|set| {
                    accounts.iter().all(|account| {
                        let roles =
                            facts.accounts.get(*account).and_then(|account| account.roles.get()).into_iter().flatten();
                        let mut own =
                            roles.filter(|found| Principal::parse(&found.arn).is_some_and(|arn| arn.name == role.name));
                        let inline = own
                            .find_map(|found| found.permissions.get()?.inline.iter().find(|(name, _)| name == "eksso"));
                        inline.is_some_and(|(_, text)| same(text, Some(*account), set))
                    })
                })
                .map(|(name, _)| *name)
        };
        let named: Vec<(String, &'static str)> = self
            .tiers
            .iter()
            .filter_map(|(name, tier)| {
                let role =
                    plan.roles.iter().find(|role| role.name == tier.role && (role.made == Made::Set) == tier.is_set)?;
                Some((name.clone(), known(tier, role)?))
            })
            .collect();
        for (name, iam) in named {
            if let Some(tier) = self.tiers.get_mut(&name) {
                tier.iam = Some(iam);
            }
        }
    }

    fn text(&self) -> String {
        let mut out = String::from(
            "# What clusters have today, as `eksso scaffold from-live` read it. Review it before anything is made of it:\n\
             #   eksso scaffold check   who may do what, as a matrix\n\
             #   eksso scaffold diff    what there is against this file\n\
             # Tiers are named after their roles: name them cluster-admin, developer, viewer, ci, break-glass or access-admin where that is what\n\
             # they are for, and name the roles that hand out access and no cluster knows. Policies of roles stay as they are where there is no `iam`.\n",
        );
        if let Some(directory) = self.instance.as_ref().filter(|_| self.tiers.values().any(|tier| tier.is_set)) {
            out.push_str(&format!("\n[scaffold]\nregion = {}\n", toml(&directory.region)));
            if !directory.owner.is_empty() {
                out.push_str(&format!(
                    "# account = {}   # it owns the instance; name the account that administers it\n",
                    toml(&directory.owner)
                ));
            }
        }
        for (key, Planned { account, region, name, mode, word }) in &self.clusters {
            out.push_str(&format!("\n[clusters.{key}]\naccount = \"{account}\"\nregion = \"{region}\"\n"));
            if key != name {
                out.push_str(&format!("cluster = {}\n", toml(name)));
            }
            let word = if word.is_empty() { String::new() } else { format!("   # {}", comment(word)) };
            out.push_str(&format!("mode = \"{}\"{word}\n", mode.word()));
        }
        for (name, tier) in &self.tiers {
            let Shape { access, namespaces, groups, rbac, people } = &tier.shape;
            out.push_str(&format!("\n[tiers.{name}]\nroles = [{}]\n", toml(&tier.role)));
            match (tier.is_set, people.as_deref()) {
                (true, Some([_, ..])) => {
                    out.push_str(&format!("people = {}\n", list(people.as_deref().unwrap_or_default())))
                }
                (true, people) => {
                    let word = if people.is_some() {
                        "no group is assigned it: name one, which may be empty"
                    } else {
                        "not known: name the groups that are assigned it"
                    };
                    let group = toml(&format!("{UNNAMED}{}", tier.role));
                    out.push_str(&format!("people = [{group}]   # {word}\n"));
                }
                (false, _) => out.push_str(&format!("made_elsewhere = true   # {}\n", comment(&tier.trusts))),
            }
            if let Some(session) = tier.session {
                let (hours, minutes) = (session / 3600, session / 60);
                let session = if session % 3600 == 0 { format!("{hours}h") } else { format!("{minutes}m") };
                out.push_str(&format!("session = \"{session}\"\n"));
            }
            out.push_str(&format!("clusters = {}\n", list(&tier.clusters)));
            if let Some(access) = access {
                out.push_str(&format!("access = {}\n", toml(access)));
            }
            if !groups.is_empty() {
                out.push_str(&format!("kubernetes_groups = {}\n", list(groups)));
            }
            if let Some(rbac) = rbac {
                out.push_str(&format!("rbac = {}\n", toml(rbac)));
            }
            if !namespaces.is_empty() {
                out.push_str(&format!("namespaces = {}\n", list(namespaces)));
            }
            if let Some(iam) = tier.iam {
                out.push_str(&format!("iam = \"{iam}\"\n"));
            }
        }
        if !self.left.is_empty() {
            out.push_str("\n# Not in this file, as it cannot say it or as it could not be read:\n");
            self.left.iter().for_each(|line| out.push_str(&format!("# - {}\n", comment(line))));
        }
        out
    }
}

/// The statement sets, each by one name: those of namespace admins are the developers'.
fn known_sets() -> impl Iterator<Item = &'static (&'static str, Set)> {
    SETS.iter().filter(|(name, _)| *name != "namespace-admin")
}

/// What the groups of an entry are bound to.
enum Bound {
    /// Nothing, as far as can be seen, or by what each cluster gets anyway.
    Nothing,
    /// One ClusterRole, in these namespaces; in none: in the whole cluster.
    Role(String, Vec<String>),
    /// What a tier cannot say.
    Other(String),
}

fn bound(cluster: &Cluster, groups: &[String]) -> Bound {
    if groups.is_empty() || groups == [AUDITORS] {
        return Bound::Nothing;
    }
    let all = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
    if let Some(why) = all.iter().find_map(|fact| fact.missing()) {
        return Bound::Other(format!("they could not be read: {why}"));
    }
    let bindings: Vec<&Binding> = all.iter().filter_map(|fact| fact.get()).flatten().collect();
    let of = |group: &String| -> BTreeSet<(&str, &str, &str)> {
        let has = |binding: &&&Binding| {
            binding.subjects.iter().any(|subject| subject.kind == "Group" && subject.name == *group)
        };
        let own = bindings.iter().filter(has);
        own.map(|binding| (binding.role_kind.as_str(), binding.role.as_str(), binding.namespace.as_str())).collect()
    };
    let mut each = groups.iter().map(of);
    let first = each.next().unwrap_or_default();
    let told = || {
        let words = |(kind, role, namespace): &(&str, &str, &str)| {
            let of = if namespace.is_empty() { "the whole cluster" } else { namespace };
            format!("{kind} {role} in {of}")
        };
        let all: Vec<String> =
            groups.iter().flat_map(|group| of(group).iter().map(words).collect::<Vec<_>>()).collect();
        all.join(", ")
    };
    if !each.all(|other| other == first) {
        return Bound::Other(told());
    }
    let roles: BTreeSet<(&str, &str)> = first.iter().map(|(kind, role, _)| (*kind, *role)).collect();
    let namespaces: Vec<String> = first.iter().map(|(.., namespace)| (*namespace).to_owned()).collect();
    match roles.iter().collect::<Vec<_>>().as_slice() {
        [] => Bound::Nothing,
        [("ClusterRole", role)] if namespaces == [""] => Bound::Role((*role).to_owned(), Vec::new()),
        [("ClusterRole", role)] if !namespaces.iter().any(String::is_empty) => {
            Bound::Role((*role).to_owned(), sorted(&namespaces))
        }
        _ => Bound::Other(told()),
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

fn scope(namespaces: &[String]) -> String {
    if namespaces.is_empty() { "the whole cluster".to_owned() } else { namespaces.join(", ") }
}

fn sorted(all: &[String]) -> Vec<String> {
    let mut all = all.to_vec();
    all.sort();
    all.dedup();
    all
}

/// A name that a folder and a bare key can have.
fn file_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(60).collect();
    let plain = plain.trim_start_matches(['-', '_']);
    if plain.is_empty() { "unnamed".to_owned() } else { plain.to_owned() }
}

fn list(all: &[String]) -> String {
    format!("[{}]", all.iter().map(|text| toml(text)).collect::<Vec<_>>().join(", "))
}

/// A text in TOML. Source: TOML 1.0, "Basic strings".
fn toml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
