//! All that discovery saw of a session, and the questions to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::chained_role::{ChainedRole, ChainedRoles};
use crate::domain::discovery::pair::Pair;
use crate::domain::discovery::records::{AccountSeen, Below, ClusterSeen, IamRole, Place, Seen};
use crate::domain::filter::Filter;
use crate::domain::identity::Identity;
use crate::domain::ids::{AccountId, ClusterName, Namespace, Region, RoleName};
use crate::domain::role_arn::Origin;

/// The form of the file. Another one is as good as none: it is built anew.
const VERSION: u32 = 5;

/// The length of the last line, which holds the checksum of the others.
const SUM: usize = 10;

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

/// A line with the CRC-32 of a text: rows of a file with a changed byte would be believed.
fn sum_of(json: &[u8]) -> [u8; SUM] {
    let mut line = [b'\n'; SUM];
    line[1..SUM - 1].copy_from_slice(format!("{:08x}", crc32fast::hash(json)).as_bytes());
    line
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
    pub fn from_file(content: &[u8]) -> Option<Self> {
        let (json, sum) = content.split_at_checked(content.len().checked_sub(SUM)?)?;
        if sum != sum_of(json) {
            return None;
        }
        // Checked as a whole: text by text takes a fifth more time.
        let json = std::str::from_utf8(json).ok()?;
        serde_json::from_str(json).ok().filter(|index: &Self| index.version == VERSION)
    }

    /// Whether a file's content is an index of another form, as another version of eksso writes it.
    pub fn is_of_another_version(content: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let mut values = serde_json::Deserializer::from_slice(content).into_iter();
        values.next().is_some_and(|head| head.is_ok_and(|head: Head| head.version != VERSION))
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
    pub fn to_file(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut content = serde_json::to_vec(self)?;
        content.extend(sum_of(&content));
        Ok(content)
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
