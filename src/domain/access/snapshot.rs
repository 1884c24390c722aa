//! What a reading gave, kept in a file, and what somebody gained and lost between two of them.
//!
//! A file is JSON in a stable order, so that `git diff` reads well, too, and holds no secrets: grants have none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::access::Listed;
use crate::domain::access::facts::{Cluster, Facts};
use crate::domain::access::grant::{ClusterRef, Grant, Life, MappedBy, Person, PrincipalKind, WayIn};
use crate::domain::access::words::{missing, seen};
use crate::domain::ids::AccountId;

/// What the files call themselves.
const FORMAT: &str = "eksso-access-snapshot";
/// Why a person perhaps has nothing.
const UNSAID: &str = "the directory did not say whether the person may sign in";
/// The version of their form.
const VERSION: u64 = 1;

/// A reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    format: String,
    version: u64,
    /// When it was made.
    pub taken: Timestamp,
    /// The session that it was made by.
    pub session: String,
    /// Names of the accounts, where they are known.
    pub accounts: BTreeMap<AccountId, String>,
    /// The clusters that were read, and how far.
    pub clusters: Vec<Coverage>,
    /// Who is let in.
    pub grants: Vec<Grant>,
    /// Where clusters could not be looked for, in words: there may be more than these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsearched: Vec<String>,
}

/// How far a cluster's mappings were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Coverage {
    /// The cluster.
    pub cluster: ClusterRef,
    /// Lists of mappings that could not be read, each with the reason: more may be mapped than is known.
    pub unread: Vec<String>,
    /// Why identity providers beside IAM could not be read, through whom more may be mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers_unread: Option<String>,
}

impl Coverage {
    fn new(cluster: &Cluster) -> Self {
        let mode = cluster.settings.get().and_then(|settings| settings.mode);
        let counts = |is_asked: bool, what: &str, why: Option<&str>| {
            why.filter(|_| is_asked).map(|why| format!("{what}: {why}"))
        };
        let unread = [
            counts(mode.is_none_or(|mode| mode.has_entries()), "access entries", cluster.entries.missing()),
            counts(mode.is_none_or(|mode| mode.has_config_map()), "aws-auth", cluster.aws_auth.missing()),
        ];
        let at =
            ClusterRef { account: cluster.account.clone(), region: cluster.region.clone(), name: cluster.name.clone() };
        let providers_unread = counts(true, "identity providers", cluster.identity_providers.missing());
        Self { cluster: at, unread: unread.into_iter().flatten().collect(), providers_unread }
    }
}

impl Snapshot {
    /// Of a reading and what follows from it.
    pub fn new(session: &str, taken: Timestamp, facts: &Facts, grants: &[Grant]) -> Self {
        let accounts = facts.accounts.iter().filter(|(_, account)| !account.name.is_empty());
        let mut clusters: Vec<Coverage> = facts.clusters.iter().map(Coverage::new).collect();
        clusters.sort();
        let accounts = accounts.map(|(id, account)| (id.clone(), account.name.clone())).collect();
        let unsearched = facts.unsearched.clone();
        Self { unsearched, ..Self::of(session, taken, accounts, clusters, grants) }
    }

    fn of(
        session: &str,
        taken: Timestamp,
        accounts: BTreeMap<AccountId, String>,
        clusters: Vec<Coverage>,
        grants: &[Grant],
    ) -> Self {
        let mut grants = grants.to_vec();
        for grant in &mut grants {
            if let Listed::Seen(rights) = &mut grant.rights {
                rights.sort();
            }
            if let Listed::Seen(ways) = &mut grant.ways_in {
                ways.sort();
            }
            if let Listed::Seen(people) = &mut grant.people {
                people.sort();
            }
            grant.groups.sort();
            grant.policies.sort_by_key(ToString::to_string);
            grant.sources.sort();
        }
        grants.sort_by(|a, b| {
            (&a.cluster, a.mapped_by, &a.principal, &a.user).cmp(&(&b.cluster, b.mapped_by, &b.principal, &b.user))
        });
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            taken,
            session: session.to_owned(),
            accounts,
            clusters,
            grants,
            unsearched: Vec::new(),
        }
    }

    /// The text of the file.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| format!("{text}\n"))
    }

    /// Reads a file. The error says why it is none.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(text).map_err(|error| format!("it is no JSON: {error}"))?;
        if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err("it is not a file that `eksso access snapshot` wrote".to_owned());
        }
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => return Err(format!("its version is {other}; this eksso knows version {VERSION}")),
            None => return Err("it does not say its version".to_owned()),
        }
        serde_json::from_value(value).map_err(|error| format!("it cannot be read: {error}"))
    }

    /// The name of an account; empty where it is not known.
    pub fn account_name(&self, account: &AccountId) -> &str {
        self.accounts.get(account).map_or("", String::as_str)
    }
}

/// What became of what somebody had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Gained,
    /// It is gone.
    Lost,
    /// One of the two could not see.
    Unknown,
}

impl Change {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

/// Who has something: the IAM principal of a mapping, or somebody of the directory behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A person or group, by kind and id.
    Person(String, String),
    /// The principal; its ARN as it stands in the mapping.
    Principal(String),
}

/// Something that one can have in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// To be let in at all.
    Admission,
    /// An access policy.
    Policy(String),
    /// What a binding gives.
    Bound(String),
    /// A Kubernetes group.
    Group(String),
    /// A Kubernetes user.
    User(String),
    /// For a principal: who can become it.
    WayIn(String),
}

impl Item {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Admission => "let in".to_owned(),
            Self::Policy(name) | Self::Bound(name) => name.clone(),
            Self::Group(name) => format!("group {name}"),
            Self::User(name) => format!("user {name}"),
            Self::WayIn(name) => format!("way in: {name}"),
        }
    }
}

/// One difference: what somebody gained or lost in a cluster by one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What became of it.
    pub change: Change,
    /// The cluster.
    pub cluster: ClusterRef,
    /// The person, group or principal that holds it.
    pub holder: Holder,
    /// By which role.
    pub role: String,
    /// Why it is lost or unknown, where more is to be said than that it stands in one of the two only.
    pub why: String,
    /// What was gained, lost or cannot be told.
    pub items: BTreeSet<Item>,
    /// The holder's name.
    pub name: String,
    /// For a person: the groups that brought it.
    pub through: BTreeSet<String>,
}

/// Which of two snapshots could not see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseeing {
    /// The earlier one.
    Earlier,
    /// The later one.
    Later,
    /// Neither could.
    Both,
}

/// What could not be compared, as one of two snapshots, or neither, could see it: whatever could stand there may have been gained or lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blind {
    /// Which could not see it.
    pub by: Unseeing,
    /// The cluster; `None` where it is not known which clusters there are.
    pub cluster: Option<ClusterRef>,
    /// The principal of a mapping; empty for a cluster's lists.
    pub principal: String,
    /// The role; empty for a cluster's lists.
    pub role: String,
    /// `rights`, `people`, `ways in`, `mapping`, `mappings`, `life`, `clusters`.
    pub what: &'static str,
    /// What kept it from being seen.
    pub why: String,
}

/// All differences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// In the order gained, lost, unknown.
    pub differences: Vec<Difference>,
    /// What could not be compared.
    pub blind: Vec<Blind>,
}

/// What is held: where, by whom, by which role, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Held<'s> {
    cluster: &'s ClusterRef,
    holder: Holder,
    role: &'s str,
    item: Item,
}

/// Of whom something is held: the holder's name, the groups that bring it, and why it is not certain.
#[derive(Debug, Default)]
struct Details {
    name: String,
    through: BTreeSet<String>,
    perhaps: Option<String>,
    /// Whether an identity provider beside IAM maps it.
    by_provider: bool,
}

struct Side<'s> {
    grants: Vec<&'s Grant>,
    coverage: BTreeMap<&'s ClusterRef, &'s Coverage>,
    /// Users whom the directory lets sign in no longer, by id.
    disabled: BTreeSet<&'s str>,
    held: BTreeMap<Held<'s>, Details>,
}

/// What the other side knows of something that it does not have.
enum Absence {
    /// It could not see; why.
    Hidden(String),
    /// It has a mapping that lets nobody in; why.
    Dead(String),
    /// It has the person, whom the directory does not let sign in.
    KeptOut,
    /// It is not there.
    Certain,
}

impl<'s> Side<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        let coverage = snapshot.clusters.iter().map(|of| (&of.cluster, of)).collect();
        let people = snapshot.grants.iter().flat_map(|grant| seen(&grant.people));
        let disabled = people.filter(|person| person.kind == "user" && person.enabled == Some(false));
        let disabled = disabled.map(|person| person.id.as_str()).collect();
        let mut side = Self { grants: snapshot.grants.iter().collect(), coverage, disabled, held: BTreeMap::new() };
        for grant in &snapshot.grants {
            side.add(grant);
        }
        side
    }

    fn add(&mut self, grant: &'s Grant) {
        let perhaps = match &grant.life {
            Life::Alive => None,
            Life::Unknown(why) => Some(why.as_str()),
            Life::Dead(_) => return,
        };
        let mut rights = BTreeSet::from([Item::Admission]);
        rights.extend(grant.policies.iter().map(|policy| Item::Policy(policy.to_string())));
        rights.extend(grant.bound_rights().map(|right| Item::Bound(right.words())));
        rights.extend(grant.groups.iter().map(|group| Item::Group(group.clone())));
        let own = seen(&grant.ways_in).iter().map(|way| Item::WayIn(way.words()));
        let own = own.chain((!grant.user.is_empty()).then(|| Item::User(grant.user.clone())));
        let holder = Holder::Principal(grant.principal.clone());
        for item in rights.iter().cloned().chain(own) {
            self.hold(grant, holder.clone(), item, (&grant.principal, ""), perhaps);
        }
        // Whom the directory keeps out has nothing.
        for person in seen(&grant.people).iter().filter(|person| person.enabled != Some(false)) {
            let Person { kind, id, .. } = person;
            let unsaid = (kind == "user" && person.enabled.is_none()).then_some(UNSAID);
            let perhaps = perhaps.or(unsaid);
            for item in &rights {
                let holder = Holder::Person(kind.clone(), id.clone());
                self.hold(grant, holder, item.clone(), (&person.shown(), &person.through), perhaps);
            }
        }
    }

    fn hold(&mut self, grant: &'s Grant, holder: Holder, item: Item, whose: (&str, &str), perhaps: Option<&str>) {
        let held = Held { cluster: &grant.cluster, holder, role: grant.role(), item };
        let is_new = !self.held.contains_key(&held);
        let details = self.held.entry(held).or_default();
        whose.0.clone_into(&mut details.name);
        if !whose.1.is_empty() {
            details.through.insert(whose.1.to_owned());
        }
        details.by_provider = grant.mapped_by == MappedBy::IdentityProvider;
        // Of two ways to the same one is enough.
        details.perhaps =
            if is_new { perhaps.map(str::to_owned) } else { details.perhaps.take().filter(|_| perhaps.is_some()) };
    }

    /// What is known of something that is not held here. `which` names this side in words.
    fn absence(&self, held: &Held<'_>, by_provider: bool, which: &str) -> Absence {
        let hidden =
            |what: &str, why: &str| Absence::Hidden(format!("the {which} snapshot could not read {what}: {why}"));
        let Some(coverage) = self.coverage.get(held.cluster) else {
            return Absence::Hidden(format!("the {which} snapshot does not hold the cluster"));
        };
        if matches!(&held.holder, Holder::Person(kind, id) if kind == "user" && self.disabled.contains(id.as_str())) {
            return Absence::KeptOut;
        }
        // Principals of IAM and users of identity providers are mapped by lists of their own.
        let unread = if by_provider { coverage.providers_unread.as_ref() } else { coverage.unread.first() };
        let mut dead = None;
        let own = self.grants.iter().filter(|grant| {
            grant.cluster == *held.cluster
                && match &held.holder {
                    Holder::Principal(principal) => grant.principal == *principal,
                    Holder::Person(..) => grant.role() == held.role,
                }
        });
        let mut any = false;
        for grant in own {
            any = true;
            if let Life::Dead(why) = &grant.life {
                dead = Some(why.clone());
                continue;
            }
            let unknown = match &held.holder {
                Holder::Person(kind, _) if kind == "group" => missing(&grant.people).map(str::to_owned),
                Holder::Person(..) => grant.people_missing(),
                Holder::Principal(_) => None,
            };
            if let Some(why) = unknown {
                return hidden("who is behind the role", &why);
            }
            let unseen = match &held.item {
                Item::Admission => None,
                Item::Policy(_) | Item::Group(_) | Item::User(_) => grant.unread.as_deref(),
                Item::Bound(_) => grant.rights_missing(),
                Item::WayIn(_) => missing(&grant.ways_in),
            };
            if let Some(why) = unseen {
                return hidden(if matches!(held.item, Item::WayIn(_)) { "the ways in" } else { "its rights" }, why);
            }
        }
        match (unread, dead) {
            // Another list may name it, or name it as something more.
            (Some(why), _) if !any || !matches!(held.item, Item::WayIn(_)) => {
                Absence::Hidden(format!("the {which} snapshot could not read {why}"))
            }
            (_, Some(why)) => Absence::Dead(why),
            _ => Absence::Certain,
        }
    }
}

/// What somebody gained and lost from one snapshot to another. What one of them could not see is unknown.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Comparison {
    let (before, after) = (Side::new(old), Side::new(new));
    let mut rows: BTreeMap<(Change, &ClusterRef, &Holder, &str, String), Difference> = BTreeMap::new();
    let sides = [(&after, &before, Change::Gained, "earlier"), (&before, &after, Change::Lost, "later")];
    for (here, there, change, which) in sides {
        for (held, details) in here.held.iter().filter(|(held, _)| !there.held.contains_key(held)) {
            let (change, why) = match (there.absence(held, details.by_provider, which), &details.perhaps) {
                (Absence::Hidden(why), _) => (Change::Unknown, format!("perhaps {}: {why}", change.word())),
                (Absence::Dead(dead), Some(why)) => (
                    Change::Unknown,
                    format!("perhaps {}: once it let nobody in ({dead}), once that is unknown ({why})", change.word()),
                ),
                (Absence::Dead(why), None) if change == Change::Lost => (change, format!("it lets nobody in: {why}")),
                (Absence::Dead(why), None) => (change, format!("before it let nobody in: {why}")),
                (Absence::KeptOut, Some(why)) => (
                    Change::Unknown,
                    format!(
                        "perhaps {}: the {which} snapshot has the person disabled, the other cannot tell: {why}",
                        change.word()
                    ),
                ),
                (Absence::Certain, Some(why)) => (change, format!("whether it lets anybody in is unknown: {why}")),
                (Absence::KeptOut | Absence::Certain, None) => (change, String::new()),
            };
            let row = rows.entry((change, held.cluster, &held.holder, held.role, why.clone())).or_insert_with(|| {
                Difference {
                    change,
                    cluster: held.cluster.clone(),
                    holder: held.holder.clone(),
                    role: held.role.to_owned(),
                    why,
                    items: BTreeSet::new(),
                    name: details.name.clone(),
                    through: BTreeSet::new(),
                }
            });
            row.items.insert(held.item.clone());
            row.through.extend(details.through.iter().cloned());
        }
    }
    Comparison { differences: rows.into_values().collect(), blind: blind(old, new) }
}

/// Whether a directory that eksso reads says who is behind it. Behind runners, other roles and another provider's people it does
/// not: that they are not compared is no gap of the reading.
fn has_people(grant: &Grant) -> bool {
    let by_directory = |way: &WayIn| matches!(way, WayIn::IdentityCenter(_) | WayIn::AccessManager(_));
    matches!(grant.kind, PrincipalKind::PermissionSet { .. }) || seen(&grant.ways_in).iter().any(by_directory)
}

/// What stands for one thing that can be hidden, in both snapshots: the cluster, how it is mapped, the principal, and what of it.
type Key<'s> = (Option<&'s ClusterRef>, Option<MappedBy>, &'s str, &'static str, &'static str);

/// What a snapshot could not see, with the role and the reason.
fn unseen<'s>(snapshot: &'s Snapshot, other: &'s Snapshot, which: &str) -> BTreeMap<Key<'s>, (&'s str, String)> {
    let mut found = BTreeMap::new();
    for why in &snapshot.unsearched {
        // One thing for all: the words of two runs may differ for the same place.
        let (_, all): &mut (&str, String) = found.entry((None, None, "", "clusters", "")).or_default();
        let and = if all.is_empty() { "" } else { "; " };
        *all = format!("{all}{and}{why}");
    }
    for Coverage { cluster, unread, providers_unread } in &snapshot.clusters {
        if !unread.is_empty() {
            found.insert((Some(cluster), None, "", "mappings", "lists"), ("", unread.join("; ")));
        }
        if let Some(why) = providers_unread {
            found.insert((Some(cluster), None, "", "mappings", "providers"), ("", why.clone()));
        }
    }
    let held: BTreeSet<&ClusterRef> = snapshot.clusters.iter().map(|of| &of.cluster).collect();
    for Coverage { cluster, .. } in other.clusters.iter().filter(|of| !held.contains(&of.cluster)) {
        let why = format!("the {which} snapshot does not hold the cluster");
        found.insert((Some(cluster), None, "", "mappings", "cluster"), ("", why));
    }
    for grant in &snapshot.grants {
        let of = |why: Option<&str>| why.map(str::to_owned);
        let life = match &grant.life {
            Life::Dead(_) => continue,
            Life::Alive => None,
            Life::Unknown(why) => Some(why.clone()),
        };
        let ways_in = of(missing(&grant.ways_in));
        let hidden = [
            ("mapping", of(grant.unread.as_deref())),
            ("rights", of(missing(&grant.rights)).filter(|_| grant.unread.is_none())),
            ("people", grant.people_missing().filter(|_| has_people(grant))),
            // Where its account's IAM could not be read, both are missing for the same reason.
            ("life", life.filter(|_| ways_in.is_none())),
            ("ways in", ways_in),
        ];
        for (what, why) in hidden.into_iter().filter_map(|(what, why)| Some((what, why?))) {
            let key = (Some(&grant.cluster), Some(grant.mapped_by), grant.principal.as_str(), what, "");
            found.insert(key, (grant.role(), why));
        }
    }
    found
}

/// What was hidden from one of them, or from both: there may be a difference, which nobody has seen.
fn blind(old: &Snapshot, new: &Snapshot) -> Vec<Blind> {
    let (mut before, after) = (unseen(old, new, "earlier"), unseen(new, old, "later"));
    let made = |by: Unseeing, (cluster, _, principal, what, _): Key<'_>, (role, why): (&str, String)| Blind {
        by,
        cluster: cluster.cloned(),
        principal: principal.to_owned(),
        role: role.to_owned(),
        what,
        why,
    };
    let mut found: Vec<Blind> = Vec::new();
    for (key, of) in after {
        let by = if before.remove(&key).is_some() { Unseeing::Both } else { Unseeing::Later };
        found.push(made(by, key, of));
    }
    found.extend(before.into_iter().map(|(key, of)| made(Unseeing::Earlier, key, of)));
    found.extend(unsaid(old, new));
    found.sort();
    found.dedup();
    found
}

/// Where one of the two does not know of people of the other whether they may sign in. Where neither does, the directory never says.
fn unsaid(old: &Snapshot, new: &Snapshot) -> Vec<Blind> {
    let [before, after] = [old, new].map(|snapshot| {
        let people = snapshot.grants.iter().flat_map(|grant| seen(&grant.people).iter().map(move |who| (grant, who)));
        let users = people.filter(|(_, who)| who.kind == "user");
        users.map(|(grant, who)| ((&grant.cluster, who.id.as_str()), who.enabled)).collect::<BTreeMap<_, _>>()
    });
    let differs = |((cluster, id), now): (&(&ClusterRef, &str), &Option<bool>)| {
        let by = match (before.get(&(*cluster, *id))?, now) {
            (Some(_), None) => Unseeing::Later,
            (None, Some(_)) => Unseeing::Earlier,
            _ => return None,
        };
        let (cluster, principal, role) = (Some((*cluster).clone()), String::new(), String::new());
        Some(Blind { by, cluster, principal, role, what: "people", why: UNSAID.to_owned() })
    };
    after.iter().filter_map(differs).collect()
}
