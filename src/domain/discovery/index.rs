//! What discovery saw of a session: accounts → roles and places → clusters → who is let in. Each thing with the time it was
//! looked at, so that it can be shown with its age and refreshed in part.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::access::{Admission, AuthMode, Listed, Subject, Verdict};
use crate::domain::chained_role::{ChainedRole, ChainedRoles};
use crate::domain::filter::Filter;
use crate::domain::identity::{Identity, RoleKey};
use crate::domain::ids::{AccountId, ClusterName, Namespace, Region, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_arn::Origin;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::settings::look_with::{Breadth, LookWith};
use crate::domain::text::digest;

/// The form of the file. Another one is as good as none: it is built anew.
const VERSION: u32 = 4;

/// How long what was seen is taken for true.
pub const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long a denial is remembered: permissions change, but not while one works.
pub const DENIED: SignedDuration = SignedDuration::from_hours(24);
/// How long it is remembered which regions an account has.
pub const SETTLED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Something that was seen, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// When.
    #[serde(with = "nanoseconds")]
    pub at: Timestamp,
    /// What.
    pub what: T,
}

impl<T> Seen<T> {
    /// Seen at that time.
    pub fn new(at: Timestamp, what: T) -> Self {
        Self { at, what }
    }

    /// Whether it was seen at `since` or later.
    pub fn is_since(&self, since: Timestamp) -> bool {
        self.at >= since
    }
}

/// Whether something was seen at `since` or later.
pub fn is_since<T>(seen: Option<&Seen<T>>, since: Timestamp) -> bool {
    seen.is_some_and(|seen| seen.is_since(since))
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    version: u32,
    /// What an interrupted search was looking for: everything since then.
    #[serde(default)]
    pub unfinished: Option<Timestamp>,
    /// When the list of accounts was complete.
    pub accounts_at: Option<Timestamp>,
    /// The accounts.
    pub accounts: BTreeMap<AccountId, AccountSeen>,
    /// The accounts below the organizational units that config.toml skips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Seen<Below>>,
    /// In how many places a role, by its name, could list clusters, and in how many it was denied.
    pub luck: BTreeMap<RoleName, (u32, u32)>,
    /// The roles that are assumed from assigned ones, which clusters' lists were looked through for, too.
    #[serde(default)]
    pub chained: ChainedRoles,
    /// Who makes the IAM roles of this session.
    #[serde(skip)]
    pub origin: Origin,
}

/// The accounts below organizational units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Below {
    /// Ids of the units.
    pub units: Vec<String>,
    /// Their accounts, or why no role could read them.
    pub accounts: Listed<BTreeSet<AccountId>>,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSeen {
    /// As the provider calls it, else its alias, else its id.
    pub name: String,
    /// Where accounts of several partitions are one person's: its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// Its alias, where the provider gives no name and a role that looked was asked for it; `None` inside where there is none
    /// or the role may not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<Seen<Option<String>>>,
    /// The roles that are assigned.
    #[serde(default)]
    pub roles: Option<Seen<BTreeMap<RoleName, RoleSeen>>>,
    /// The regions that are enabled, where that could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Seen<Option<BTreeSet<Region>>>>,
    /// Roles that may not list the account's IAM roles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blind: BTreeMap<RoleName, Timestamp>,
    /// Where it was looked for clusters. Boxed, as a map's node has room for eleven.
    #[serde(default)]
    pub places: BTreeMap<Region, Box<Place>>,
}

impl AccountSeen {
    /// Forgets what was told to earlier credentials of a role: which IAM role stands behind it, and what clusters said to it.
    /// The next ones may be those of another IAM role.
    pub fn forget_answers(&mut self, role: &RoleName) {
        if let Some(seen) = self.roles.as_mut().and_then(|roles| roles.what.get_mut(role)) {
            seen.iam = None;
        }
        for cluster in self.places.values_mut().flat_map(|place| place.clusters.values_mut()) {
            if cluster.admission.as_ref().is_some_and(|seen| seen.what.reviews.contains_key(role)) {
                cluster.admission = None;
            }
        }
    }

    /// Forgets what was kept of its clusters' lists: it concerns the roles that were known.
    fn forget_admissions(&mut self) {
        let clusters = self.places.values_mut().flat_map(|place| place.clusters.values_mut());
        clusters.for_each(|cluster| cluster.admission = None);
    }

    /// Takes over what the provider calls it: its id where it has no name for it.
    pub fn set_name(&mut self, id: &AccountId, given: String) {
        let alias = self.alias.as_ref().and_then(|alias| alias.what.clone());
        self.name = alias.filter(|_| given == id.as_str()).unwrap_or(given);
    }

    /// Whether its alias is to be asked for: nothing else names it, and the last answer is too old.
    pub fn wants_alias(&self, id: &AccountId, denied_since: Timestamp, settled_since: Timestamp) -> bool {
        let Some(alias) = &self.alias else { return self.name == id.as_str() };
        let since = if alias.what.is_some() { settled_since } else { denied_since };
        (self.name == id.as_str() || alias.what.as_ref() == Some(&self.name)) && !alias.is_since(since)
    }

    /// Takes over its alias, as its name.
    pub fn set_alias(&mut self, now: Timestamp, id: &AccountId, alias: Option<String>) {
        self.name = alias.clone().unwrap_or_else(|| id.to_string());
        self.alias = Some(Seen::new(now, alias));
    }

    /// Whether it can have anything in a region.
    pub fn may_be_in(&self, region: &Region) -> bool {
        self.partition.is_none_or(|partition| partition == region.partition())
    }
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSeen {
    /// The IAM role behind it, as STS names it or as the account's list of roles shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam: Option<Seen<IamRole>>,
}

/// The IAM role behind a permission set. It is known through one set of credentials and for as long as they live: a set whose
/// last assignment was removed and made again has another role under the same name, and so do its next credentials. What the
/// account's list of roles shows is known until there are such credentials, and no longer than any other list is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRole {
    /// Its name; several where the list shows live roles of several permission sets of that name.
    pub names: Vec<String>,
    /// The end of the credentials that showed it.
    #[serde(with = "nanoseconds")]
    pub until: Timestamp,
    /// Tells those credentials from others; empty where a list showed it.
    pub by: String,
}

impl IamRole {
    /// As some credentials showed it.
    pub fn new(name: impl Into<String>, credentials: &RoleCredentials) -> Self {
        Self { names: vec![name.into()], until: credentials.expires_at, by: tell(credentials) }
    }

    /// As the account's list of roles showed it at that time.
    pub fn listed(now: Timestamp, names: Vec<String>) -> Self {
        Self { names, until: now + FRESH, by: String::new() }
    }

    /// Whether it was these credentials that showed it.
    pub fn is_by(&self, credentials: &RoleCredentials) -> bool {
        self.by == tell(credentials)
    }
}

fn tell(credentials: &RoleCredentials) -> String {
    digest(&credentials.access_key_id)[..16].to_owned()
}

impl RoleSeen {
    /// Whether it is known which IAM role stands behind it: learnt at `since` or later, from credentials that still live or
    /// from a list with one role of that permission set.
    pub fn is_known(&self, since: Timestamp, now: Timestamp) -> bool {
        self.iam.as_ref().is_some_and(|iam| iam.is_since(since) && now < iam.what.until && iam.what.names.len() == 1)
    }

    /// What the IAM role may be called; nothing where that is not known.
    pub fn iam_names(&self) -> &[String] {
        self.iam.as_ref().map_or(&[], |iam| &iam.what.names)
    }
}

/// An account's region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When the list of clusters was complete, and by which role; `None` for a region that is off.
    #[serde(default)]
    pub listed: Option<Seen<Option<RoleName>>>,
    /// The roles that may not list clusters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub denied: BTreeMap<RoleName, Timestamp>,
    /// When a service control policy forbade it: to one role as to all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The clusters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clusters: BTreeMap<ClusterName, Box<ClusterSeen>>,
}

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSeen {
    /// What EKS says of it; `None` inside where no role may ask.
    #[serde(default)]
    pub facts: Option<Seen<Option<Facts>>>,
    /// Who is let in, and when that was looked at.
    #[serde(default)]
    pub admission: Option<Seen<Admission>>,
    /// Roles that may not read its access entries. What one cluster refuses says nothing of another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blind: BTreeMap<RoleName, Timestamp>,
}

/// What EKS says of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The role that asked.
    pub by: RoleName,
    /// `ACTIVE`, `UPDATING`, `CREATING`, …
    pub status: String,
    /// Of Kubernetes.
    pub version: String,
    /// `https://…`; empty while it is being created.
    pub endpoint: String,
    /// Where the cluster looks for who may come in.
    pub mode: Option<AuthMode>,
    /// The cluster's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl ClusterSeen {
    /// The tags, where some role may describe the cluster.
    pub fn tags(&self) -> Option<&BTreeMap<String, String>> {
        Some(&self.facts.as_ref()?.what.as_ref()?.tags)
    }
}

/// A cluster and a role of the signed-in person in its account.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'i> {
    /// The account's id.
    pub account: &'i AccountId,
    /// The account.
    pub account_seen: &'i AccountSeen,
    /// The role.
    pub role: &'i RoleName,
    /// The region.
    pub region: &'i Region,
    /// The cluster's name.
    pub cluster: &'i ClusterName,
    /// The cluster.
    pub seen: &'i ClusterSeen,
    /// Who made the role.
    pub origin: Origin,
    /// How the role is assumed, where it is not assigned itself.
    pub chained: Option<&'i ChainedRole>,
}

impl Pair<'_> {
    /// What the role is told from others by.
    pub fn role_key(&self) -> RoleKey {
        match self.chained {
            Some(chained) => RoleKey::Assumed(chained.arn.clone()),
            None => RoleKey::Assigned(self.role.clone()),
        }
    }

    /// The role as tables show it: with the one that it is assumed from.
    pub fn role_words(&self) -> Cow<'_, str> {
        match self.chained {
            Some(chained) => Cow::Owned(format!("{} from {}", self.role, chained.from_role)),
            None => Cow::Borrowed(self.role.as_str()),
        }
    }

    /// What EKS says of the cluster, where some role may ask.
    pub fn facts(&self) -> Option<&Facts> {
        self.seen.facts.as_ref()?.what.as_ref()
    }

    fn subject(&self) -> Subject<'_> {
        if let Some(chained) = self.chained {
            return Subject::assumed(self.region.partition(), chained);
        }
        let role = self.account_seen.roles.as_ref().and_then(|roles| roles.what.get(self.role));
        let iam_roles = role.map_or(&[][..], RoleSeen::iam_names);
        let (partition, origin) = (self.region.partition(), self.origin);
        Subject { partition, account: self.account, role: self.role, assumed: None, origin, iam_roles }
    }

    /// Whether the answer may be another one, depending on which IAM role stands behind the permission set.
    pub fn depends_on_the_role(&self) -> bool {
        self.seen.admission.as_ref().is_some_and(|admission| admission.what.names_set_of(&self.subject()))
    }

    /// Whether some list of the cluster names the role for people.
    fn is_listed(&self) -> bool {
        let mode = self.facts().and_then(|facts| facts.mode);
        let listed = |admission: &Seen<Admission>| admission.what.listed(mode, &self.subject()).mapping().is_some();
        self.seen.admission.as_ref().is_some_and(listed)
    }

    /// Whether the cluster lets the role in.
    pub fn verdict(&self) -> Verdict {
        match &self.seen.admission {
            Some(admission) => admission.what.verdict(self.facts().and_then(|facts| facts.mode), &self.subject()),
            None => Verdict::Unknown("not looked at yet".to_owned()),
        }
    }

    /// The name for people: what `{account_name}/{cluster}:{role}` gives.
    pub fn title(&self) -> String {
        format!("{}/{}:{}", self.account_seen.name, self.cluster, self.role)
    }
}

impl Default for Index {
    fn default() -> Self {
        Self {
            version: VERSION,
            unfinished: None,
            below: None,
            accounts_at: None,
            accounts: BTreeMap::new(),
            luck: BTreeMap::new(),
            chained: ChainedRoles::default(),
            origin: Origin::default(),
        }
    }
}

impl Index {
    /// Reads a file's content; `None` for anything but an index of this form.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        // Checked as a whole: text by text takes a fifth more time.
        let json = std::str::from_utf8(json).ok()?;
        serde_json::from_str(json).ok().filter(|index: &Self| index.version == VERSION)
    }

    /// Whether a file's content is an index of another form, as another version of eksso writes it.
    pub fn is_of_another_version(json: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        serde_json::from_slice(json).is_ok_and(|head: Head| head.version != VERSION)
    }

    /// The same as of now, for roles that come from there: without what was only passing, and without what bears a time that
    /// is yet to come, by a clock that was wrong then. What was kept of clusters' lists concerns the roles that were known: with
    /// a further one that is assumed, they are looked at again.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp, origin: Origin, chained: &ChainedRoles) -> Self {
        fn drop_later<T>(seen: &mut Option<Seen<T>>, now: Timestamp) {
            if seen.as_ref().is_some_and(|seen| seen.at > now) {
                *seen = None;
            }
        }
        self.origin = origin;
        let is_known = |role: &ChainedRole| self.chained.all().contains(role);
        if self.chained != *chained && !chained.all().iter().all(is_known) {
            self.accounts.values_mut().for_each(AccountSeen::forget_admissions);
        }
        self.chained = chained.clone();
        self.accounts_at = self.accounts_at.filter(|at| *at <= now);
        self.unfinished = self.unfinished.filter(|at| *at <= now);
        for (account, seen) in &mut self.accounts {
            drop_later(&mut seen.roles, now);
            let is_over = |iam: &Seen<IamRole>| iam.at > now || now >= iam.what.until;
            let roles = seen.roles.iter().flat_map(|roles| &roles.what);
            let over: Vec<RoleName> = roles
                .filter(|(_, role)| role.iam.as_ref().is_some_and(is_over))
                .map(|(name, _)| name.clone())
                .collect();
            over.iter().for_each(|role| seen.forget_answers(role));
            drop_later(&mut seen.regions, now);
            drop_later(&mut seen.alias, now);
            seen.blind.retain(|_, at| *at <= now);
            for (region, place) in &mut seen.places {
                drop_later(&mut place.listed, now);
                place.denied.retain(|_, at| *at <= now);
                place.closed = place.closed.filter(|at| *at <= now);
                // A name that was typed and could never be described may be a mistyped one.
                if place.listed.is_none() {
                    let is_described = |seen: &ClusterSeen| matches!(&seen.facts, Some(facts) if facts.what.is_some());
                    place.clusters.retain(|_, seen| is_described(seen));
                }
                for cluster in place.clusters.values_mut() {
                    cluster.blind.retain(|_, at| *at <= now);
                    drop_later(&mut cluster.facts, now);
                    drop_later(&mut cluster.admission, now);
                    cluster.blind.retain(|_, at| *at <= now);
                    let mode = cluster.facts.as_ref().and_then(|facts| facts.what.as_ref()?.mode);
                    let of = (region.partition(), account, origin);
                    if cluster.admission.as_mut().is_some_and(|seen| !seen.what.settle(now, mode, of)) {
                        cluster.admission = None;
                    }
                }
            }
        }
        self
    }

    /// The file's content.
    ///
    /// # Errors
    /// None in practice: all keys are text.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The accounts that are meant, by name.
    pub fn matching<'i>(&'i self, filter: &'i Filter) -> impl Iterator<Item = (&'i AccountId, &'i AccountSeen)> {
        let matching = |(id, seen): &(&AccountId, &AccountSeen)| filter.account(id.as_str(), &seen.name);
        let mut accounts: Vec<_> = self.accounts.iter().filter(matching).collect();
        accounts.sort_by_key(|(id, seen)| (&seen.name, *id));
        accounts.into_iter()
    }

    /// The roles that are meant, by account.
    pub fn roles<'i>(
        &'i self,
        filter: &'i Filter,
    ) -> impl Iterator<Item = (&'i AccountId, &'i AccountSeen, &'i RoleName)> {
        self.matching(filter).flat_map(move |(id, seen)| {
            let roles = seen.roles.iter().flat_map(|roles| roles.what.keys());
            roles.filter(|role| filter.role(role.as_str())).map(move |role| (id, seen, role))
        })
    }

    /// The pairs that are meant, by account, region, cluster, role.
    pub fn pairs<'i>(&'i self, filter: &'i Filter) -> impl Iterator<Item = Pair<'i>> {
        self.matching(filter).flat_map(move |(account, account_seen)| {
            let places = account_seen.places.iter().filter(|(region, _)| filter.region(region.as_str()));
            places.flat_map(move |(region, place)| {
                let clusters = place.clusters.iter();
                let clusters =
                    clusters.filter(|(name, seen)| filter.cluster(name.as_str()) && filter.tags(seen.tags()));
                clusters.flat_map(move |(cluster, seen)| {
                    self.pairs_at(filter, (account, account_seen), region, (cluster, seen))
                })
            })
        })
    }

    /// The pairs of a cluster: with each assigned role of its account, then with each role that is assumed from an assigned one
    /// and that the cluster's lists name. Of the others nobody asked.
    fn pairs_at<'i>(
        &'i self,
        filter: &'i Filter,
        (account, account_seen): (&'i AccountId, &'i AccountSeen),
        region: &'i Region,
        (cluster, seen): (&'i ClusterName, &'i ClusterSeen),
    ) -> impl Iterator<Item = Pair<'i>> {
        let origin = self.origin;
        let pair = move |role, chained| Pair { account, account_seen, role, region, cluster, seen, origin, chained };
        let assigned = account_seen.roles.iter().flat_map(|roles| roles.what.keys());
        let assigned = assigned.map(move |role| pair(role, None));
        let named: BTreeSet<usize> = match &seen.admission {
            Some(admission) if !self.chained.all().is_empty() => {
                admission.what.principals().flat_map(|arn| self.chained.named_by(arn)).map(|(at, _)| at).collect()
            }
            _ => BTreeSet::new(),
        };
        let chained = named.into_iter().map(|place| &self.chained.all()[place]).filter(|role| self.may_assume(role));
        let chained = chained.map(move |role| pair(&role.name, Some(role))).filter(Pair::is_listed);
        assigned.chain(chained).filter(|pair| filter.role(pair.role.as_str()))
    }

    /// Whether the role that another one is assumed from is assigned, as far as that was looked at.
    fn may_assume(&self, chained: &ChainedRole) -> bool {
        let Some(hub) = self.accounts.get(&chained.from_account) else { return false };
        hub.roles.as_ref().is_none_or(|roles| roles.what.contains_key(&chained.from_role))
    }

    /// The pairs of one account that are meant.
    pub fn pairs_in<'i>(&'i self, filter: &'i Filter, account: &'i AccountId) -> impl Iterator<Item = Pair<'i>> {
        let places = self.accounts.get(account).into_iter().flat_map(|seen| &seen.places);
        let places = places.filter(|(region, _)| filter.region(region.as_str()));
        places.flat_map(move |(region, place)| {
            let clusters = place.clusters.keys().filter(|name| filter.cluster(name.as_str()));
            clusters.flat_map(move |cluster| self.pairs_of(filter, account, region, cluster))
        })
    }

    /// The pairs of one cluster that are meant.
    pub fn pairs_of<'i>(
        &'i self,
        filter: &'i Filter,
        account: &'i AccountId,
        region: &'i Region,
        cluster: &'i ClusterName,
    ) -> impl Iterator<Item = Pair<'i>> {
        let account_seen = self.accounts.get(account);
        let seen = account_seen.and_then(|seen| seen.places.get(region)?.clusters.get(cluster));
        let found = account_seen.zip(seen).filter(|(_, seen)| filter.tags(seen.tags()));
        found.into_iter().flat_map(move |(account_seen, seen)| {
            self.pairs_at(filter, (account, account_seen), region, (cluster, seen))
        })
    }

    /// A cluster's record, to be changed.
    pub fn cluster_mut(
        &mut self,
        account: &AccountId,
        region: &Region,
        cluster: &ClusterName,
    ) -> Option<&mut ClusterSeen> {
        self.accounts.get_mut(account)?.places.get_mut(region)?.clusters.get_mut(cluster).map(Box::as_mut)
    }

    /// Forgets how lucky roles were, so that none is tried late for what it was denied before.
    pub fn forget_luck(&mut self) {
        self.luck.clear();
    }

    /// Takes over a complete list of accounts.
    pub fn set_accounts(&mut self, now: Timestamp, accounts: &BTreeSet<AccountId>) {
        self.accounts.retain(|id, _| accounts.contains(id));
        self.accounts_at = Some(now);
    }

    /// Takes over the complete list of an account's roles. Answers which are new and which are gone, and since when, unless
    /// this is the first look.
    pub fn set_roles(
        &mut self,
        now: Timestamp,
        account: &AccountId,
        roles: impl IntoIterator<Item = RoleName>,
    ) -> Option<RoleChanges> {
        let seen = self.accounts.get_mut(account)?;
        let mut before = seen.roles.take();
        let mut known = |role: &RoleName| before.as_mut().and_then(|before| before.what.remove(role));
        let mut new = Vec::new();
        let mut all = BTreeMap::new();
        for role in roles {
            let record = known(&role);
            if record.is_none() {
                new.push(role.clone());
            }
            all.insert(role, record.unwrap_or_default());
        }
        seen.roles = Some(Seen::new(now, all));
        let before = before?;
        if !new.is_empty() {
            seen.forget_admissions();
        }
        Some(RoleChanges { since: before.at, new, gone: before.what.into_keys().collect() })
    }

    /// The tags of a context's cluster, where they are known.
    pub fn tags(&self, identity: &Identity) -> Option<&BTreeMap<String, String>> {
        let place = self.accounts.get(identity.cluster_account())?.places.get(&identity.region)?;
        place.clusters.get(&identity.cluster)?.tags()
    }

    /// The one namespace that a context's access policies hold in: each of them in that one alone, by its name and no pattern.
    pub fn only_namespace(&self, identity: &Identity) -> Option<Namespace> {
        let (account, region, cluster) = (identity.cluster_account(), &identity.region, &identity.cluster);
        let account_seen = self.accounts.get(account)?;
        let seen = account_seen.places.get(region)?.clusters.get(cluster)?;
        let (key, filter) = (identity.role_key(), Filter::default());
        let mut pairs = self.pairs_at(&filter, (account, account_seen), region, (cluster, seen));
        let verdict = pairs.find(|pair| pair.role_key() == key)?.verdict();
        let mapping = verdict.mapping()?;
        let mut scopes = mapping.policies.iter().map(|policy| policy.namespaces.as_slice());
        let [only] = scopes.next()? else { return None };
        let is_same = scopes.all(|scope| scope == [only.clone()]);
        only.parse().ok().filter(|_| is_same)
    }

    /// Whether what a context stands for is certainly not there any more, from what was seen at `since` or later: the
    /// account or the role is not assigned, or the cluster is not in its region. What could not be looked at is not gone.
    pub fn is_gone(&self, identity: &Identity, since: Timestamp) -> bool {
        let Identity { account, role, region, cluster, assume, elsewhere, .. } = identity;
        if self.is_role_gone(account, role, since) {
            return true;
        }
        // The cluster of a role that is assumed may be in another account than both, where nobody looked.
        let home = elsewhere.as_ref().or_else(|| assume.is_none().then_some(account));
        let place = home.and_then(|home| self.accounts.get(home)?.places.get(region)).filter(|place| {
            place.listed.as_ref().is_some_and(|listed| listed.is_since(since) && listed.what.is_some())
        });
        place.is_some_and(|place| !place.clusters.contains_key(cluster))
    }

    /// Whether a role is certainly not assigned any more, from what was seen at `since` or later.
    pub fn is_role_gone(&self, account: &AccountId, role: &RoleName, since: Timestamp) -> bool {
        let Some(seen) = self.accounts.get(account) else {
            return self.accounts_at.is_some_and(|at| at >= since);
        };
        let roles = seen.roles.as_ref().filter(|roles| roles.is_since(since));
        roles.is_some_and(|roles| !roles.what.contains_key(role))
    }

    /// An account's roles in the order in which a place is to be listed with them, as far as they may be used to look: a
    /// role that may do everything last, before it one that is named, what worked there last, and the narrower one.
    /// Denials since `denied_since` are not asked about again.
    pub fn likeliest(
        &self,
        (account, region): (&AccountId, &Region),
        filter: &Filter,
        look_with: &LookWith,
        denied_since: Timestamp,
    ) -> Candidates {
        let mut found = Candidates::default();
        let Some(seen) = self.accounts.get(account) else { return found };
        let Some(roles) = &seen.roles else { return found };
        let place = seen.places.get(region);
        found.closed = place.and_then(|place| place.closed).filter(|at| *at >= denied_since);
        let last = place.and_then(|place| place.listed.as_ref()?.what.as_ref());
        let denied = |role: &RoleName| place?.denied.get(role).copied().filter(|at| *at >= denied_since);
        let mut order = Vec::new();
        for role in roles.what.keys() {
            let is_named = filter.names_role(role.as_str()) && !look_with.is_forbidden(role.as_str());
            // Policies often exempt a role or two: one that is named is asked all the same.
            if found.closed.is_some() && !is_named {
                continue;
            }
            let rank = look_with.rank(role.as_str());
            let Some((place, breadth)) = rank.or_else(|| is_named.then(|| (0, Breadth::of(role.as_str())))) else {
                found.barred += 1;
                continue;
            };
            if let Some(at) = denied(role) {
                found.denied_at = Some(found.denied_at.map_or(at, |other: Timestamp| other.min(at)));
                continue;
            }
            let is_wide = breadth == Breadth::Wide && !is_named;
            let bad_luck = self.bad_luck(role);
            let key = (
                (is_wide, !is_named, Some(role) != last, bad_luck > UNLUCKY),
                (place, breadth, !is_of_eks(role.as_str()), !filter.role(role.as_str())),
                bad_luck,
            );
            order.push((key, Candidate { role: role.clone(), is_wide }));
        }
        order.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.role.cmp(&y.role)));
        found.roles = order.into_iter().map(|(_, candidate)| candidate).collect();
        found
    }

    /// The share of denials, in percent; half for a role nobody tried.
    fn bad_luck(&self, role: &RoleName) -> u32 {
        let (given, denied) = self.luck.get(role).copied().unwrap_or_default();
        (denied + 1) * 100 / (given + denied + 2)
    }

    /// Whether some wanted account has a place whose clusters could be listed.
    pub fn has_lists(&self, filter: &Filter) -> bool {
        let listed = |place: &Place| place.listed.as_ref().is_some_and(|listed| listed.what.is_some());
        self.matching(filter)
            .any(|(_, seen)| seen.places.iter().any(|(region, place)| filter.region(region.as_str()) && listed(place)))
    }

    /// When the oldest of what was shown for a filter was looked at, in the regions that were searched: the index knows others.
    pub fn oldest(&self, filter: &Filter, searched: &[Region]) -> Option<Timestamp> {
        let places = |seen: &AccountSeen| {
            let places = seen.places.iter().filter(|(region, _)| searched.contains(region));
            places.filter_map(|(_, place)| Some(place.listed.as_ref()?.at)).min()
        };
        let accounts = self.matching(filter).filter_map(|(_, seen)| {
            [seen.roles.as_ref().map(|roles| roles.at), places(seen)].into_iter().flatten().min()
        });
        accounts.chain(self.accounts_at).min()
    }
}

/// Times as numbers, which are read faster than dates.
mod nanoseconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_nanosecond().try_into().map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_nanosecond(i64::deserialize(deserializer)?.into()).map_err(de::Error::custom)
    }
}

/// A share of denials, in percent, from which on a role is tried after others: it was denied at least twice, and hardly ever
/// let.
const UNLUCKY: u32 = 70;

fn is_of_eks(role: &str) -> bool {
    let role = role.to_lowercase();
    ["eks", "kube", "k8s"].iter().any(|word| role.contains(word))
}

/// A role to look with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The role.
    pub role: RoleName,
    /// Whether it may do everything, and the person did not name it.
    pub is_wide: bool,
}

/// Which roles may be used to list a place, and why others may not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// In the order in which they are to be tried.
    pub roles: Vec<Candidate>,
    /// When the first of those that are left out was denied.
    pub denied_at: Option<Timestamp>,
    /// How many config.toml forbids to look with.
    pub barred: usize,
    /// Since when a service control policy is known to forbid it to all that it does not exempt.
    pub closed: Option<Timestamp>,
}

/// What changed in an account's roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChanges {
    /// When they were looked at before.
    pub since: Timestamp,
    /// Roles that were not there then.
    pub new: Vec<RoleName>,
    /// Roles that are not there now.
    pub gone: Vec<RoleName>,
}

impl RoleChanges {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}
