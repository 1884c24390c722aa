//! The base of gathering: what is to be read, as whom, what is there already, and the order of the steps.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::clients::aws::Aws;
use crate::clients::aws::eks::Eks;
use crate::clients::failure::Failure;
use crate::domain::access::facts::{Account, Cluster, Fact, Facts, Organization};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::{Error, Result};
use crate::flows::access::gather::kept::{At, Kept, Owner, People};
use crate::flows::access::gather::lookers::Lookers;
use crate::flows::rate_limiter::RateLimiter;
use crate::flows::sign_in::found::Found;
use crate::ports::World;

/// Clusters that are read side by side, and calls of all of them.
const CLUSTERS_AT_ONCE: usize = 16;
const CALLS_AT_ONCE: usize = 48;
/// Accounts side by side: an answer of IAM may hold megabytes.
const ACCOUNTS_AT_ONCE: usize = 8;
const TICK: Duration = Duration::from_millis(100);
/// What was read is kept every 20 s, in ticks: a whole file each time.
const SAVE_EVERY: u32 = 200;

/// A cluster that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterToRead {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: ClusterName,
    /// Roles that it is known not to let in: it is not asked as them.
    pub shut_out: Vec<RoleName>,
}

impl ClusterToRead {
    /// What it is kept under.
    pub(super) fn key(&self) -> String {
        format!("{}/{}/{}", self.account, self.region, self.name)
    }
}

/// What is asked about although no cluster names it: what a reviewed file wants to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Accounts whose IAM matters.
    pub accounts: BTreeSet<AccountId>,
    /// Permission sets, each with an account that it is to be assigned in. Of these all that they hold is read.
    pub sets: BTreeSet<(AccountId, String)>,
    /// The region of Identity Center.
    pub identity_center: Option<Region>,
    /// The account that administers it, where config.toml names none.
    pub administrator: Option<AccountId>,
}

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The clusters.
    pub clusters: Vec<ClusterToRead>,
    /// Names of accounts, as far as they are known.
    pub names: BTreeMap<AccountId, String>,
    /// A region of the partition: that of IAM and of Organizations.
    pub home: Region,
    /// The region of Identity Center, where it is known; else those that the names of roles tell are looked in.
    pub identity_center: Option<Region>,
    /// The account that administers it.
    pub identity_center_account: Option<AccountId>,
    /// What else is asked about.
    pub expected: Expected,
    /// The name of the rate limiter that all calls to Identity Center share, across processes.
    pub rate_limiter: String,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatherProgress {
    /// What is being read.
    pub step: &'static str,
    /// How many of them are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// How it ended.
#[derive(Debug)]
pub enum GatherEnd {
    /// With all that could be read.
    Complete(Box<Facts>),
    /// By a signal; what was read is kept.
    Stopped,
}

/// Told of each step.
pub type OnStep<'a> = &'a dyn Fn(GatherProgress);

/// One thing that is read and kept as a whole: whether nothing but refusals is missing in it.
#[derive(Debug)]
pub(super) struct Unit(Cell<bool>);

impl Unit {
    pub fn new() -> Self {
        Self(Cell::new(true))
    }

    /// Something was not answered, which may be another time.
    pub fn spoil(&self) {
        self.0.set(false);
    }
}

/// A gathering.
pub struct Gather<'a> {
    pub(super) world: &'a World,
    pub(super) aws: &'a Aws,
    pub(super) lookers: &'a Lookers<'a>,
    pub(super) scope: &'a Scope,
    owner: Owner,
    found: Option<Found<'a>>,
    pub(super) kept: RefCell<Kept>,
    changed: Cell<bool>,
    /// What ends the whole: nobody is signed in any more, the keyring is locked.
    pub(super) fatal: RefCell<Option<Error>>,
    pub(super) limiters: RefCell<HashMap<String, Rc<RateLimiter<'a>>>>,
    pub(super) eks: RefCell<HashMap<(String, Region), Rc<Eks>>>,
    /// The looker that an action was answered to last, in an account.
    pub(super) luck: RefCell<HashMap<(AccountId, &'static str), usize>>,
    /// Places of a service that do not answer: how often in a row, and how.
    pub(super) silent: RefCell<HashMap<String, (u32, Failure)>>,
    /// Whether anything was answered, in this run or before.
    pub(super) answered: Cell<bool>,
    /// The first of what could not be reached.
    pub(super) unreached: RefCell<Option<Error>>,
    pub(super) calls: Semaphore,
}

impl<'a> Gather<'a> {
    /// A gathering that has not begun. With `anew`, what was read before is not believed.
    ///
    /// # Errors
    /// The network's settings make no sense.
    pub fn new(world: &'a World, lookers: &'a Lookers<'a>, scope: &'a Scope, owner: Owner, anew: bool) -> Result<Self> {
        Ok(Self {
            world,
            aws: lookers.aws()?,
            lookers,
            scope,
            kept: RefCell::new(Kept::load(world, &owner, anew)),
            owner,
            found: lookers.handle().map(Found::new),
            changed: Cell::new(false),
            fatal: RefCell::default(),
            limiters: RefCell::default(),
            eks: RefCell::default(),
            luck: RefCell::default(),
            silent: RefCell::default(),
            answered: Cell::default(),
            unreached: RefCell::default(),
            calls: Semaphore::new(CALLS_AT_ONCE),
        })
    }

    /// Reads until all is there, or a signal arrives. What was read is kept in any case.
    ///
    /// # Errors
    /// Nothing can be read any more: nobody is signed in, the keyring cannot be opened, nothing of any cluster is answered.
    pub async fn run(&self, watch: OnStep<'_>) -> Result<GatherEnd> {
        let _signals = self.world.signals.hold();
        let stopped = async {
            let mut ticks = 0;
            while !self.world.signals.arrived() && self.fatal.borrow().is_none() {
                sleep(TICK).await;
                ticks += 1;
                if ticks % SAVE_EVERY == 0 {
                    self.save();
                }
            }
        };
        let work = Box::pin(self.read(watch));
        let ended = match future::select(work, Box::pin(stopped)).await {
            Either::Left((read, _)) => read,
            // What is being renewed must be stored before the work may be dropped.
            Either::Right(((), work)) => match future::select(work, Box::pin(self.lookers.settled())).await {
                Either::Left((read, _)) => read,
                Either::Right(_) => None,
            },
        };
        let fatal = self.fatal.take();
        if ended.is_some() && fatal.is_none() {
            self.changed.set(true);
            self.kept.borrow_mut().unfinished = None;
        }
        self.save();
        match (fatal, ended) {
            (Some(error), _) => Err(error),
            (None, Some(read)) => {
                // From here on nobody else holds what was read.
                self.kept.take();
                Ok(GatherEnd::Complete(Box::new(read.facts())))
            }
            (None, None) => Ok(GatherEnd::Stopped),
        }
    }

    /// `None` where that is of no use: `fatal` says why.
    async fn read(&self, watch: OnStep<'_>) -> Option<Read> {
        let step = async |target: &ClusterToRead| {
            let key = target.key();
            let kept = self.kept.borrow().clusters.get(&key).map(|kept| Rc::clone(&kept.what));
            if let Some(kept) = kept {
                self.answered.set(true);
                return (key, kept);
            }
            let unit = Unit::new();
            let cluster = Rc::new(self.cluster(&unit, target).await);
            self.keep(&unit, &cluster, |kept, at| _ = kept.clusters.insert(key.clone(), at));
            (key, cluster)
        };
        let targets = self.scope.clusters.iter().collect();
        let clusters = self.each("clusters", targets, CLUSTERS_AT_ONCE, watch, step).await;
        let clusters = clusters.into_iter().collect::<BTreeMap<_, _>>().into_values().collect::<Vec<_>>();
        // Without a network all the rest would be as silent, and each cluster would lack all for the same reason.
        if let (false, Some(error)) = (self.answered.get(), self.unreached.borrow().clone()) {
            self.fatal.borrow_mut().get_or_insert(error);
            return None;
        }
        let organization = self.organization(&clusters, watch).await;
        let step = async |account: AccountId| {
            let kept = self.kept.borrow().accounts.get(&account).map(|kept| Rc::clone(&kept.what));
            if let Some(kept) = kept {
                return (account, kept);
            }
            let unit = Unit::new();
            let mut found = self.account(&unit, &account).await;
            let name = organization.accounts.get().and_then(|accounts| accounts.get(&account));
            if let Some(name) = self.scope.names.get(&account).or(name) {
                found.name.clone_from(name);
            }
            let found = Rc::new(found);
            self.keep(&unit, &found, |kept, at| _ = kept.accounts.insert(account.clone(), at));
            (account, found)
        };
        let concerned = self.concerned(&clusters).into_iter().collect();
        let accounts = self.each("accounts", concerned, ACCOUNTS_AT_ONCE, watch, &step).await;
        let mut accounts = accounts.into_iter().collect::<BTreeMap<_, _>>();
        let people = self.people(&clusters, &accounts, &organization, watch).await;
        let owners = people.owners(&organization);
        let owners = owners.into_iter().filter(|owner| !accounts.contains_key(owner)).collect();
        accounts.extend(self.each("accounts", owners, ACCOUNTS_AT_ONCE, watch, &step).await);
        let aws_policies = self.aws_policies(&accounts, &people, watch).await;
        Some(Read { clusters, accounts, organization, people, aws_policies })
    }

    /// Does something for each, so many at once, and says how far it is.
    pub(super) async fn each<T, R>(
        &self,
        step: &'static str,
        all: Vec<T>,
        at_once: usize,
        watch: OnStep<'_>,
        work: impl AsyncFn(T) -> R,
    ) -> Vec<R> {
        let total = all.len();
        if total == 0 {
            return Vec::new();
        }
        watch(GatherProgress { step, done: 0, total });
        let mut found = Vec::with_capacity(total);
        let mut working = std::pin::pin!(stream::iter(all).map(async |one| work(one).await).buffer_unordered(at_once));
        while let Some(result) = working.next().await {
            found.push(result);
            watch(GatherProgress { step, done: found.len(), total });
        }
        found
    }

    /// Keeps what was read, if all of it was answered or refused.
    pub(super) fn keep<T: Clone>(&self, unit: &Unit, what: &T, keep: impl FnOnce(&mut Kept, At<T>)) {
        if unit.0.get() && self.fatal.borrow().is_none() {
            keep(&mut self.kept.borrow_mut(), At { at: self.world.clock.now(), what: what.clone() });
            self.changed.set(true);
        }
    }

    fn save(&self) {
        if self.changed.replace(false) {
            self.kept.borrow_mut().save(self.world, &self.owner, self.found.as_ref());
        }
    }
}

/// What was read, some of it still kept as well.
struct Read {
    clusters: Vec<Rc<Cluster>>,
    accounts: BTreeMap<AccountId, Rc<Account>>,
    organization: Organization,
    people: People,
    aws_policies: BTreeMap<String, Fact<String>>,
}

impl Read {
    fn facts(self) -> Facts {
        let People { directories, mut unprovisioned, mut entitlements } = self.people;
        let accounts = self.accounts.into_iter().map(|(id, account)| {
            let mut account = Rc::unwrap_or_clone(account);
            account.unprovisioned = unprovisioned.remove(&id).unwrap_or_default();
            account.entitlements = entitlements.remove(&id).unwrap_or_default();
            (id, account)
        });
        Facts {
            accounts: accounts.collect(),
            clusters: self.clusters.into_iter().map(Rc::unwrap_or_clone).collect(),
            directories,
            organization: self.organization,
            aws_policies: self.aws_policies,
            unsearched: Vec::new(),
        }
    }
}
