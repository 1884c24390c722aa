//! What a signed-in person may use: accounts → roles → places → clusters → who is let in. Everything lands in the index;
//! what is there already and fresh enough is not asked for again.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use crate::clients::aws::account::Accounts;
use crate::clients::aws::eks::{Cluster, Eks};
use crate::clients::aws::portal::MAX_PAGES;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::access::Verdict;
use crate::domain::assignments::Account;
use crate::domain::discovery::index::{AccountSeen, DENIED, Index, Pair, Place, RoleChanges, SETTLED, Seen, is_since};
use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};
use crate::flows::credentials::{Cached, Wanted, cached, role_credentials};
use crate::flows::discovery::index::save;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};

/// Accounts that are looked at side by side: enough that a slow answer leaves no turn of the portal unused.
pub(in crate::flows) const ACCOUNTS_AT_ONCE: usize = 24;
/// Of them, the ones that go ahead, so that something is seen soon: all calls of the portal take turns.
const FIRST_ACCOUNTS: usize = 2;
const HEAD_START: Duration = Duration::from_secs(1);
/// Of one account; a role may make some calls a second before AWS slows it down.
const PLACES_AT_ONCE: usize = 8;
const CLUSTERS_AT_ONCE: usize = 4;
/// Calls to EKS and STS at the same time.
const CALLS_AT_ONCE: usize = 32;
/// Calls to clusters at the same time.
const VISITS_AT_ONCE: usize = 64;
/// A region that did not answer so often in a row is left alone.
const REGION_DOWN: u32 = 4;
const SAVE_EVERY: u32 = 100;
const TICK: Duration = Duration::from_millis(100);
const EKS: &str = "EKS";

/// How deep to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Accounts and roles.
    Roles,
    /// Clusters and who is let in, as lists say.
    Clusters,
    /// The same, and each role asks each cluster.
    Verified,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Accounts that are to be looked at, as far as they are known.
    pub accounts: usize,
    /// Those of them that are done.
    pub accounts_done: usize,
    /// Roles whose entries are to be checked.
    pub checks: usize,
    /// Those of them that are done.
    pub checks_done: usize,
    /// Clusters that were looked at.
    pub clusters: usize,
}

/// What has just become known.
#[derive(Debug, Clone, Copy)]
pub enum Step<'s> {
    /// Accounts, or the roles of one.
    Account,
    /// A cluster, and who is let in as far as that is known without further looks.
    Cluster(&'s AccountId, &'s Region, &'s ClusterName),
    /// Which IAM role stands behind a role, or what one cluster said to it.
    Role(&'s AccountId, &'s RoleName, Option<(&'s Region, &'s ClusterName)>),
}

/// What could not be looked at.
#[derive(Debug, Default)]
pub struct Problems {
    /// Places where no role may list clusters.
    pub denied: usize,
    /// Places that are not enabled.
    pub off: usize,
    /// Everything else that failed.
    pub failed: Vec<Error>,
    /// Calls that were not made because their region did not answer others.
    pub unasked: BTreeMap<Region, usize>,
    /// Roles that came and went, by account.
    pub news: Vec<(AccountId, RoleChanges)>,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All was looked at.
    Complete,
    /// It was told to stop.
    Stopped,
}

/// Where to look for clusters.
#[derive(Debug, Clone)]
pub struct Regions {
    /// The regions.
    pub list: Vec<Region>,
    /// Whether an account may be asked which of them it has enabled: nobody named them.
    pub ask: bool,
}

type Key = (AccountId, RoleName);
type Held = Rc<OnceCell<Result<RoleCredentials>>>;

/// A search as one session.
pub struct Search<'a> {
    /// The outside.
    pub world: &'a World,
    /// Role credentials that are there already.
    pub cache: &'a dyn CredentialCache,
    /// The session.
    pub handle: &'a SessionHandle<'a>,
    /// What is wanted.
    pub filter: &'a Filter,
    /// Where.
    pub regions: Regions,
    /// How deep.
    pub depth: Depth,
    /// What was seen before this is looked at again.
    pub since: Timestamp,
    /// What is known.
    pub index: RefCell<Index>,
    /// What could not be looked at.
    pub problems: RefCell<Problems>,
    /// How far it is.
    pub progress: Cell<Progress>,
    /// Whether described clusters are kept for [`Search::describe`].
    pub keep_described: bool,
    pub(in crate::flows) described: RefCell<HashMap<(AccountId, Region, ClusterName), Cluster>>,
    pub(in crate::flows) learning: RefCell<HashSet<Key>>,
    gate: Semaphore,
    changed: Cell<bool>,
    held: RefCell<HashMap<Key, Held>>,
    silent: RefCell<HashMap<Region, u32>>,
    pub(in crate::flows) calls: Semaphore,
    /// Clusters that are being asked themselves: those that cannot be reached keep nobody else waiting.
    pub(in crate::flows) visits: Semaphore,
}

/// Told of each step, while nothing holds the index.
pub type Watch<'a> = &'a dyn Fn(&Search<'_>, Step<'_>);

impl<'a> Search<'a> {
    /// A search that has not begun.
    pub fn new(
        (world, cache, handle): (&'a World, &'a dyn CredentialCache, &'a SessionHandle<'a>),
        filter: &'a Filter,
        regions: Regions,
        depth: Depth,
        (index, since): (Index, Timestamp),
    ) -> Self {
        Self {
            world,
            cache,
            handle,
            filter,
            regions,
            depth,
            since,
            index: RefCell::new(index),
            problems: RefCell::default(),
            progress: Cell::default(),
            keep_described: false,
            described: RefCell::default(),
            learning: RefCell::default(),
            gate: Semaphore::new(FIRST_ACCOUNTS),
            changed: Cell::new(false),
            held: RefCell::default(),
            silent: RefCell::default(),
            calls: Semaphore::new(CALLS_AT_ONCE),
            visits: Semaphore::new(VISITS_AT_ONCE),
        }
    }

    /// Looks until all is seen, a signal arrives or `stop` ends. What was seen is kept in any case, now and then on the way.
    pub async fn run(&self, watch: Watch<'_>, stop: impl Future<Output = ()>) -> Result<Ended> {
        let _signals = self.world.signals.hold();
        let stopped = async {
            let mut ticks = 0;
            let ticking = async {
                while !self.world.signals.arrived() {
                    sleep(TICK).await;
                    ticks += 1;
                    if ticks % SAVE_EVERY == 0 {
                        self.keep();
                    }
                }
            };
            _ = future::select(Box::pin(ticking), Box::pin(stop)).await;
        };
        let work = Box::pin(self.look(watch));
        let ended = match future::select(work, Box::pin(stopped)).await {
            Either::Left((done, _)) => done.map(|()| Ended::Complete),
            // What is being renewed must be stored before the work may be dropped.
            Either::Right(((), work)) => match future::select(work, Box::pin(self.handle.settled())).await {
                Either::Left((done, _)) => done.map(|()| Ended::Complete),
                Either::Right(_) => Ok(Ended::Stopped),
            },
        };
        let unfinished = match ended {
            Ok(Ended::Stopped) if self.world.signals.arrived() => Some(self.since),
            _ => None,
        };
        if self.index.borrow().unfinished != unfinished {
            self.change().unfinished = unfinished;
        }
        self.keep();
        ended
    }

    /// The index, to be changed.
    pub(in crate::flows) fn change(&self) -> RefMut<'_, Index> {
        self.changed.set(true);
        self.index.borrow_mut()
    }

    fn keep(&self) {
        if !self.changed.replace(false) {
            return;
        }
        // An index that cannot be kept costs the next call requests, not this one its result.
        _ = save(self.world, &self.handle.session, &self.index.borrow());
    }

    async fn look(&self, watch: Watch<'_>) -> Result<()> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let listing = async {
            let listed = self.accounts(&sender, watch).await;
            drop(sender);
            listed
        };
        let accounts = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
        let working = async {
            let mut done =
                std::pin::pin!(accounts.map(|account| self.account(account, watch)).buffer_unordered(ACCOUNTS_AT_ONCE));
            while let Some(result) = done.next().await {
                result?;
                self.open_gate();
                self.count(|progress| progress.accounts_done += 1);
                watch(self, Step::Account);
            }
            Ok(())
        };
        future::try_join(listing, working).await?;
        self.check(watch).await?;
        match self.depth {
            Depth::Verified => self.verify(watch).await,
            _ => Ok(()),
        }
    }

    pub(in crate::flows) fn count(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }

    pub(in crate::flows) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub(in crate::flows) fn fail(&self, error: Error) {
        self.problems.borrow_mut().failed.push(error);
    }

    /// Lists accounts and sends the wanted ones on, page by page.
    async fn accounts(&self, wanted: &mpsc::UnboundedSender<AccountId>, watch: Watch<'_>) -> Result<()> {
        let send = |id: &AccountId| {
            self.count(|progress| progress.accounts += 1);
            // The receiver lives as long as this does.
            _ = wanted.send(id.clone());
        };
        let known = self.index.borrow().accounts_at.is_some_and(|at| at >= self.since);
        if known {
            let accounts: Vec<AccountId> =
                self.index.borrow().matching(self.filter).map(|(id, _)| id.clone()).collect();
            for id in accounts {
                match self.fresh_clusters(&id) {
                    None => send(&id),
                    Some(clusters) => {
                        self.count(|progress| {
                            progress.accounts += 1;
                            progress.accounts_done += 1;
                            progress.clusters += clusters.len();
                        });
                        clusters.iter().for_each(|(region, name)| watch(self, Step::Cluster(&id, region, name)));
                    }
                }
            }
        } else {
            let began = self.now();
            let mut all = BTreeSet::new();
            let mut next = None;
            for _ in 0..MAX_PAGES {
                let page = self.handle.accounts(next.clone()).await?;
                for Account { id, name, partition } in page.entries {
                    let mut index = self.change();
                    let seen = index.accounts.entry(id.clone()).or_default();
                    (seen.name, seen.partition) = (name.clone(), partition);
                    if all.insert(id.clone()) && self.filter.account(id.as_str(), &name) {
                        drop(index);
                        send(&id);
                    }
                }
                watch(self, Step::Account);
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            self.change().set_accounts(began, &all);
        }
        match self.filter.accounts.first() {
            Some(glob) if self.progress.get().accounts == 0 => {
                let index = self.index.borrow();
                let names = index.accounts.iter().flat_map(|(id, seen)| [seen.name.as_str(), id.as_str()]);
                Err(no_match("account", glob, names))
            }
            _ => Ok(()),
        }
    }

    /// The clusters of an account of which nothing needs to be looked at again.
    fn fresh_clusters(&self, account: &AccountId) -> Option<Vec<(Region, ClusterName)>> {
        let index = self.index.borrow();
        let seen = index.accounts.get(account)?;
        if !is_since(seen.roles.as_ref(), self.since) || self.depth == Depth::Verified {
            return None;
        }
        let mut clusters = Vec::new();
        if self.depth == Depth::Roles || !self.is_wanted(seen) {
            return Some(clusters);
        }
        let enabled = match (self.regions.ask, &seen.regions) {
            (false, _) => None,
            (true, Some(regions)) => regions.what.as_ref(),
            (true, None) => return None,
        };
        let is_on = |region: &&Region| enabled.is_none_or(|enabled| enabled.contains(*region));
        let regions = self.regions.list.iter().filter(|region| seen.may_be_in(region)).filter(is_on);
        for region in regions {
            let place = seen.places.get(region).filter(|place| is_since(place.listed.as_ref(), self.since))?;
            for (name, cluster) in place.clusters.iter().filter(|(name, _)| self.filter.cluster(name.as_str())) {
                if !is_since(cluster.admission.as_ref(), self.since) {
                    return None;
                }
                clusters.push((region.clone(), name.clone()));
            }
        }
        Some(clusters)
    }

    fn is_wanted(&self, seen: &AccountSeen) -> bool {
        let mut roles = seen.roles.iter().flat_map(|roles| roles.what.keys());
        roles.any(|role| self.filter.role(role.as_str()))
    }

    /// Everything of one account. Only what ends the whole search is an error.
    async fn account(&self, id: AccountId, watch: Watch<'_>) -> Result<()> {
        match timeout(HEAD_START, self.gate.acquire()).await {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_)) | Err(_) => self.open_gate(),
        }
        if let Err(error) = self.roles(&id).await {
            let place = self.seen(&id, |seen| format!("account {id} ({})", seen.name));
            return self.bear(error.within(&place.unwrap_or_default()));
        }
        watch(self, Step::Account);
        if self.depth == Depth::Roles || self.seen(&id, |seen| self.is_wanted(seen)) != Some(true) {
            return Ok(());
        }
        let regions = self.regions_of(&id).await?;
        let places = stream::iter(regions).map(async |region| self.place(&id, &region, watch).await);
        let mut places = std::pin::pin!(places.buffer_unordered(PLACES_AT_ONCE));
        while let Some(done) = places.next().await {
            done?;
        }
        Ok(())
    }

    pub(in crate::flows) fn place_of(&self, account: &AccountId, region: &Region) -> String {
        let name = self.seen(account, |seen| seen.name.clone()).unwrap_or_default();
        format!("account {account} ({name}), {region}")
    }

    /// Lets all accounts go.
    fn open_gate(&self) {
        self.gate.close();
    }

    pub(in crate::flows) fn seen<T>(&self, account: &AccountId, read: impl FnOnce(&AccountSeen) -> T) -> Option<T> {
        self.index.borrow().accounts.get(account).map(read)
    }

    /// Notes an error and goes on, unless nothing can go on after it.
    pub(in crate::flows) fn bear(&self, error: Error) -> Result<()> {
        if matches!(error.kind(), Kind::SignInNeeded | Kind::Interrupted | Kind::LocalState) {
            return Err(error);
        }
        self.fail(error);
        Ok(())
    }

    async fn roles(&self, account: &AccountId) -> Result<()> {
        if self.seen(account, |seen| is_since(seen.roles.as_ref(), self.since)) == Some(true) {
            return Ok(());
        }
        let (mut roles, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let page = self.handle.roles(account, next.clone()).await?;
            roles.extend(page.entries);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let now = self.now();
        let news = self.change().set_roles(now, account, roles);
        if let Some(news) = news.filter(|news| !news.is_empty()) {
            self.problems.borrow_mut().news.push((account.clone(), news));
        }
        Ok(())
    }

    /// The regions to look in, without those that the account has not enabled, where it may be asked.
    async fn regions_of(&self, account: &AccountId) -> Result<Vec<Region>> {
        let here = |seen: &AccountSeen| {
            self.regions.list.iter().filter(|region| seen.may_be_in(region)).cloned().collect::<Vec<Region>>()
        };
        let all = self.seen(account, here).unwrap_or_default();
        let (true, Some(home)) = (self.regions.ask, all.first()) else { return Ok(all) };
        let now = self.now();
        let known = self
            .seen(account, |seen| seen.regions.clone())
            .flatten()
            .filter(|seen| now.duration_since(seen.at) < if seen.what.is_some() { SETTLED } else { DENIED });
        let enabled = match known {
            Some(known) => known.what,
            None => {
                let first = self.index.borrow().likeliest(account, home, self.filter, now).into_iter().next();
                let Some(role) = first else { return Ok(all) };
                let enabled = match self.credentials(account, &role).await? {
                    Some(found) => {
                        let aws = self.handle.aws()?;
                        let _turn = self.calls.acquire().await;
                        Accounts::new(aws, home, &found).regions().await
                    }
                    None => return Ok(all),
                };
                let enabled = match enabled {
                    Ok(enabled) => Some(enabled.into_iter().collect::<BTreeSet<Region>>()),
                    Err(failure) if failure.kind == FailureKind::Forbidden => None,
                    // Not asked again in this run, but in the next.
                    Err(_) => return Ok(all),
                };
                if let Some(seen) = self.change().accounts.get_mut(account) {
                    seen.regions = Some(Seen::new(now, enabled.clone()));
                }
                enabled
            }
        };
        let is_on = |region: &&Region| enabled.as_ref().is_none_or(|enabled| enabled.contains(*region));
        Ok(all.iter().filter(is_on).cloned().collect())
    }

    /// A role's credentials, got once; `None` where they cannot be had, which is noted.
    pub(in crate::flows) async fn credentials(
        &self,
        account: &AccountId,
        role: &RoleName,
    ) -> Result<Option<RoleCredentials>> {
        let held = self.held.borrow_mut().entry((account.clone(), role.clone())).or_default().clone();
        let wanted = Wanted::assigned(account, role);
        let mut first = false;
        let got = held.get_or_init(async || {
            first = true;
            role_credentials(self.world, self.cache, self.handle, &wanted).await
        });
        match got.await.clone() {
            Ok(found) => Ok(Some(found)),
            Err(error) if first => {
                let name = self.seen(account, |seen| seen.name.clone()).unwrap_or_default();
                self.bear(error.within(&format!("{role} in {name}"))).map(|()| None)
            }
            Err(_) => Ok(None),
        }
    }

    /// The roles of an account whose credentials are here already, this one first.
    pub(in crate::flows) fn at_hand(&self, account: &AccountId, first: Option<&RoleName>) -> Vec<RoleName> {
        let index = self.index.borrow();
        let roles = index.accounts.get(account).and_then(|seen| seen.roles.as_ref());
        let held = self.held.borrow();
        let has = |role: &RoleName| {
            let key = (account.clone(), role.clone());
            held.get(&key).and_then(|held| held.get()).is_some_and(|got| got.is_ok())
                || !matches!(
                    cached(self.world, self.cache, &self.handle.session, &Wanted::assigned(account, role)),
                    Cached::Missing
                )
        };
        let mut found: Vec<RoleName> =
            roles.into_iter().flat_map(|roles| roles.what.keys()).filter(|role| has(role)).cloned().collect();
        found.sort_by_key(|role| Some(role) != first);
        found
    }

    /// A call to EKS, as a role.
    pub(in crate::flows) async fn eks<T>(
        &self,
        region: &Region,
        credentials: &RoleCredentials,
        ask: impl AsyncFnOnce(Eks) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let is_down = || self.silent.borrow().get(region).is_some_and(|times| *times >= REGION_DOWN);
        let unasked = || {
            *self.problems.borrow_mut().unasked.entry(region.clone()).or_default() += 1;
            Failure::unasked(EKS, "the region did not answer")
        };
        if is_down() {
            return Err(unasked());
        }
        let aws = self.handle.aws().map_err(|error| Failure::unasked(EKS, error))?;
        let _turn = self.calls.acquire().await;
        if is_down() {
            return Err(unasked());
        }
        let answer = ask(Eks::new(aws, region, credentials)).await;
        let mut silent = self.silent.borrow_mut();
        let times = silent.entry(region.clone()).or_default();
        *times = match &answer {
            Err(failure) if matches!(failure.kind, FailureKind::Server | FailureKind::Network) => *times + 1,
            _ => 0,
        };
        answer
    }

    /// Lists a place's clusters by the first role that may, and looks at the wanted ones.
    async fn place(&self, account: &AccountId, region: &Region, watch: Watch<'_>) -> Result<()> {
        let is_fresh = |place: &Place| is_since(place.listed.as_ref(), self.since);
        if self.seen(account, |seen| seen.places.get(region).is_some_and(is_fresh)) != Some(true) {
            self.list(account, region).await?;
        }
        let clusters: Vec<ClusterName> = self
            .seen(account, |seen| {
                let clusters = seen.places.get(region).into_iter().flat_map(|place| place.clusters.keys());
                clusters.filter(|name| self.filter.cluster(name.as_str())).cloned().collect()
            })
            .unwrap_or_default();
        let some = !clusters.is_empty();
        let clusters = stream::iter(clusters).map(async |cluster| {
            self.cluster(account, region, &cluster).await.inspect(|()| {
                self.count(|progress| progress.clusters += 1);
                watch(self, Step::Cluster(account, region, &cluster));
            })
        });
        let mut clusters = std::pin::pin!(clusters.buffer_unordered(CLUSTERS_AT_ONCE));
        let looking = async {
            while let Some(done) = clusters.next().await {
                done?;
                self.open_gate();
            }
            Ok(())
        };
        match some {
            true => future::try_join(looking, self.learn_lister(account, region, watch)).await.map(|_| ()),
            false => looking.await,
        }
    }

    async fn list(&self, account: &AccountId, region: &Region) -> Result<()> {
        if let (true, [name]) = (self.filter.is_one_pair(), self.filter.clusters.as_slice()) {
            return self.take_at_word(account, region, name.as_str().parse()?).await;
        }
        let order = self.index.borrow().likeliest(account, region, self.filter, self.now());
        for role in order {
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            let listed = self.eks(region, &credentials, async |eks| eks.clusters().await).await;
            let now = self.now();
            let mut index = self.change();
            let index = &mut *index;
            let Some(seen) = index.accounts.get_mut(account) else { return Ok(()) };
            let place = seen.places.entry(region.clone()).or_default();
            match listed {
                Ok(names) => {
                    place.clusters.retain(|name, _| names.contains(name));
                    names.into_iter().for_each(|name| _ = place.clusters.entry(name).or_default());
                    place.denied.remove(&role);
                    index.luck.entry(role.clone()).or_default().0 += 1;
                    place.listed = Some(Seen::new(now, Some(role)));
                    return Ok(());
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    place.denied.insert(role.clone(), now);
                    index.luck.entry(role).or_default().1 += 1;
                }
                // Credentials that are good elsewhere, but that a region does not know: it is off in the account.
                Err(failure) if failure.is(&["UnrecognizedClientException", "InvalidClientTokenId"]) => {
                    place.clusters.clear();
                    place.listed = Some(Seen::new(now, None));
                    self.problems.borrow_mut().off += 1;
                    return Ok(());
                }
                Err(failure) => {
                    let name = seen.name.clone();
                    self.note(failure, region, &format!("{role} in {name} {region}"));
                    return Ok(());
                }
            }
        }
        self.problems.borrow_mut().denied += 1;
        Ok(())
    }

    /// A role that is named with its one cluster need not be able to list: describing the cluster will tell.
    async fn take_at_word(&self, account: &AccountId, region: &Region, name: ClusterName) -> Result<()> {
        let role = self.index.borrow().roles(self.filter).next().map(|(.., role)| role.clone());
        if let Some(role) = role
            && self.credentials(account, &role).await?.is_some()
            && let Some(seen) = self.change().accounts.get_mut(account)
        {
            seen.places.entry(region.clone()).or_default().clusters.entry(name).or_default();
        }
        Ok(())
    }

    pub(in crate::flows) fn forget_word(&self, account: &AccountId, region: &Region, name: &ClusterName) {
        let mut index = self.change();
        let place = index.accounts.get_mut(account).and_then(|seen| seen.places.get_mut(region));
        place.map(|place| place.clusters.remove(name));
    }

    /// Notes a failure, unless it is only that a silent region was left alone.
    pub(in crate::flows) fn note(&self, failure: Failure, region: &Region, place: &str) {
        let is_counted = failure.kind == FailureKind::Network && self.problems.borrow().unasked.contains_key(region);
        if !(is_counted && failure.code.is_none() && failure.reason == "the region did not answer") {
            self.fail(Error::from(failure).within(place));
        }
    }
}

impl Search<'_> {
    /// Describes the clusters of pairs, each once; the results are in the order of the pairs.
    pub async fn describe(&self, pairs: &[Found]) -> Result<Vec<Result<Cluster>>> {
        let described: Vec<OnceCell<Result<Cluster>>> = pairs.iter().map(|_| OnceCell::new()).collect();
        let place = |found: &Found| (found.account.id.clone(), found.region.clone(), found.cluster.clone());
        let mut first = HashMap::new();
        let firsts: Vec<usize> =
            pairs.iter().enumerate().map(|(at, found)| *first.entry(place(found)).or_insert(at)).collect();
        let work = stream::iter(pairs.iter().enumerate()).map(async |(at, found)| {
            let own = &described[firsts[at]];
            let result = own.get_or_init(async || self.describe_one(found).await).await.clone();
            match result {
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::LocalState) => Err(error),
                other => Ok(other),
            }
        });
        let results: Vec<Result<Result<Cluster>>> = work.buffered(CALLS_AT_ONCE).collect().await;
        results.into_iter().collect()
    }

    pub(in crate::flows) fn describer(
        &self,
        account: &AccountId,
        region: &Region,
        name: &ClusterName,
    ) -> Option<RoleName> {
        let index = self.index.borrow();
        let seen = index.accounts.get(account)?.places.get(region)?.clusters.get(name)?;
        Some(seen.facts.as_ref()?.what.as_ref()?.by.clone())
    }

    /// As the role that described it before, else as the pair's own, else as another that is at hand.
    async fn describe_one(&self, found: &Found) -> Result<Cluster> {
        let Found { account, role, region, cluster } = found;
        let by = self.describer(&account.id, region, cluster);
        let known = (account.id.clone(), region.clone(), cluster.clone());
        if let Some(found) = self.described.borrow().get(&known) {
            return Ok(found.clone());
        }
        let mut roles = vec![by.unwrap_or_else(|| role.clone()), role.clone()];
        roles.dedup();
        let place = self.place_of(&account.id, region);
        let mut denied = None;
        for by in roles {
            let wanted = Wanted::assigned(&account.id, &by);
            let credentials = match role_credentials(self.world, self.cache, self.handle, &wanted).await {
                Ok(credentials) => credentials,
                Err(error) => {
                    denied = Some(error.within(&format!("{by} in {}", account.name)));
                    continue;
                }
            };
            match self.eks(region, &credentials, async |eks| eks.cluster(cluster).await).await {
                Ok(found) => return Ok(found),
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    return Err(no_cluster(cluster, &place));
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    denied = Some(
                        Error::new(Kind::Denied, format!("`{by}` may not describe the cluster `{cluster}` in {place}"))
                            .cause(&failure)
                            .hint("the role needs the IAM permission eks:DescribeCluster on it"),
                    );
                }
                Err(failure) => return Err(Error::from(failure).within(&format!("the cluster `{cluster}` in {place}"))),
            }
        }
        Err(denied.unwrap_or_else(|| Error::new(Kind::Denied, format!("nobody may describe `{cluster}` in {place}"))))
    }

    /// The pairs that were found, with what is known of each, as owned values.
    pub fn found(&self) -> Vec<(Found, Verdict)> {
        let index = self.index.borrow();
        index
            .pairs(self.filter)
            .filter(|pair| self.is_here(pair))
            .map(|pair| (Found::from(pair), pair.verdict()))
            .collect()
    }

    /// Whether a pair is in a region that is searched: the index may know others.
    pub fn is_here(&self, pair: &Pair<'_>) -> bool {
        self.regions.list.contains(pair.region)
    }
}

/// A cluster and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account of both.
    pub account: Account,
    /// The role.
    pub role: RoleName,
    /// The cluster's region.
    pub region: Region,
    /// The cluster.
    pub cluster: ClusterName,
}

impl From<Pair<'_>> for Found {
    fn from(pair: Pair<'_>) -> Self {
        Self {
            account: Account {
                id: pair.account.clone(),
                name: pair.account_seen.name.clone(),
                partition: pair.account_seen.partition,
            },
            role: pair.role.clone(),
            region: pair.region.clone(),
            cluster: pair.cluster.clone(),
        }
    }
}

pub(in crate::flows) fn no_cluster(name: &ClusterName, place: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no cluster `{name}` in {place}"))
        .hint("eksso clusters lists what your roles can see")
}

/// The regions to look in: what the filter names, else what the configuration lists, else everywhere.
pub fn regions(filter: &Filter, configured: &[Region], partitions: &[Partition]) -> Result<Regions> {
    let names = || partitions.iter().flat_map(|partition| partition.eks_regions()).copied();
    let everywhere = || names().filter_map(|name| name.parse().ok());
    let known: Vec<Region> = if configured.is_empty() { everywhere().collect() } else { configured.to_vec() };
    let ask = configured.is_empty();
    if filter.regions.is_empty() {
        return Ok(Regions { list: known, ask });
    }
    let mut list: Vec<Region> = Vec::new();
    for glob in &filter.regions {
        if glob.is_literal() {
            list.push(glob.as_str().parse()?);
        } else {
            list.extend(
                everywhere().chain(known.iter().cloned()).filter(|region: &Region| glob.matches(region.as_str())),
            );
        }
    }
    list.sort();
    list.dedup();
    match (list.is_empty(), filter.regions.first()) {
        (true, Some(glob)) => Err(no_match("region", glob, names())),
        _ => Ok(Regions { list, ask: ask && !filter.regions.iter().any(Glob::is_literal) }),
    }
}

/// The error of a filter that lets nothing through, with what is near it.
pub fn no_match<'a>(what: &str, glob: &Glob, known: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::NotFound, format!("no {what} of yours matches `{}`", glob.as_str()));
    let mut names: Vec<&str> = known.collect();
    names.sort_unstable();
    names.dedup();
    match near_misses(glob.as_str(), names).as_slice() {
        [] if what == "cluster" => error.hint("eksso clusters lists all that your roles can see"),
        [] => error.hint("eksso roles lists the accounts and roles you are assigned"),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}
