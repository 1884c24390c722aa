//! What a signed-in person may use: accounts → roles → places → clusters → who is let in. Everything lands in the index;
//! what is there already and fresh enough is not asked for again.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore, mpsc};
use tokio::time::sleep;

use crate::domain::access::cluster::Cluster;
use crate::domain::discovery::index::{AccountSeen, Index};
use crate::domain::filter::Filter;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::index::save;
use crate::flows::discovery::progress::{Problems, Progress, Step};
use crate::flows::discovery::regions::Regions;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};

/// Accounts that are looked at side by side: enough that a slow answer leaves no turn of the portal unused.
pub(super) const ACCOUNTS_AT_ONCE: usize = 24;
/// Of them, the ones that go ahead, so that something is seen soon: all calls of the portal take turns.
const FIRST_ACCOUNTS: usize = 2;
/// Calls to EKS and STS at the same time.
pub(super) const CALLS_AT_ONCE: usize = 32;
/// Calls to clusters at the same time: a thousand that keep silent for as long as one waits take less than a minute.
pub(super) const VISITS_AT_ONCE: usize = 128;
const SAVE_EVERY: u32 = 100;
const TICK: Duration = Duration::from_millis(100);

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

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All was looked at.
    Complete,
    /// It was told to stop.
    Stopped,
}

type Key = (AccountId, RoleName);
type Held = Rc<OnceCell<Result<RoleCredentials>>>;

/// Told of each step, while nothing holds the index.
pub type Watch<'a> = &'a dyn Fn(&Search<'_>, Step<'_>);

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
    pub(super) described: RefCell<HashMap<(AccountId, Region, ClusterName), Cluster>>,
    pub(super) learning: RefCell<HashSet<Key>>,
    /// Clusters that were asked themselves.
    pub(super) verified: RefCell<HashSet<(AccountId, Region, ClusterName)>>,
    /// Places where a cluster that was named was looked for without asking for a list.
    pub(super) words: RefCell<HashSet<(AccountId, Region)>>,
    pub(super) gate: Semaphore,
    changed: Cell<bool>,
    pub(super) held: RefCell<HashMap<Key, Held>>,
    pub(super) silent: RefCell<HashMap<Region, u32>>,
    pub(super) calls: Semaphore,
    /// Clusters that are being asked themselves: those that cannot be reached keep nobody else waiting.
    pub(super) visits: Semaphore,
}

impl<'a> Search<'a> {
    /// A search that has not begun.
    pub fn new(
        (world, cache, handle): (&'a World, &'a dyn CredentialCache, &'a SessionHandle<'a>),
        filter: &'a Filter,
        regions: Regions,
        depth: Depth,
        (index, since): (Index, Timestamp),
    ) -> Self {
        let index = index.as_of(world.clock.now(), handle.session.origin());
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
            verified: RefCell::default(),
            words: RefCell::default(),
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
    pub(super) fn change(&self) -> RefMut<'_, Index> {
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
        match self.depth {
            Depth::Roles => Ok(()),
            Depth::Clusters => {
                self.check(watch).await?;
                self.look_into_the_rest(watch).await
            }
            Depth::Verified => self.verify(watch).await,
        }
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub(super) fn fail(&self, error: Error) {
        self.problems.borrow_mut().failed.push(error);
    }

    pub(super) fn place_of(&self, account: &AccountId, region: &Region) -> String {
        let name = self.seen(account, |seen| seen.name.clone()).unwrap_or_default();
        format!("account {account} ({name}), {region}")
    }

    pub(super) fn seen<T>(&self, account: &AccountId, read: impl FnOnce(&AccountSeen) -> T) -> Option<T> {
        self.index.borrow().accounts.get(account).map(read)
    }

    /// Notes an error and goes on, unless nothing can go on after it.
    pub(super) fn bear(&self, error: Error) -> Result<()> {
        if matches!(error.kind(), Kind::SignInNeeded | Kind::Interrupted | Kind::LocalState) {
            return Err(error);
        }
        self.fail(error);
        Ok(())
    }
}
