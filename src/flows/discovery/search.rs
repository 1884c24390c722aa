//! What a signed-in person may use: accounts → roles → places → clusters → who is let in. Everything lands in the index;
//! what is there already and fresh enough is not asked for again.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OnceCell, Semaphore, mpsc};
use tokio::time::sleep;

use crate::domain::access::Admission;
use crate::domain::access::cluster::Cluster;
use crate::domain::chained_role::ChainedRoles;
use crate::domain::discovery::breaker::Breaker;
use crate::domain::discovery::index::Index;
use crate::domain::discovery::records::{AccountSeen, ClusterDescription, DENIED, SETTLED};
use crate::domain::filter::Filter;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::settings::config::UnitId;
use crate::domain::settings::look_with::LookWith;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::index::save;
use crate::flows::discovery::progress::{Problems, Progress, Step};
use crate::flows::discovery::regions::Regions;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::sign_in::found::Found;
use crate::ports::{CredentialCache, ScopeGuard, World};

/// Accounts that are looked at side by side: enough that a slow answer leaves no turn of the portal unused.
pub(super) const ACCOUNTS_AT_ONCE: usize = 24;
/// Of them, the ones that go ahead, so that something is seen soon: all calls of the portal take turns.
const FIRST_ACCOUNTS: usize = 2;
/// Calls to EKS and STS at the same time.
pub(super) const CALLS_AT_ONCE: usize = 32;
/// Calls to clusters at the same time: a thousand that keep silent for as long as one waits take less than a minute.
pub(super) const VISITS_AT_ONCE: usize = 128;
/// The services whose endpoints in a region are left alone while they do not answer.
pub(super) const EKS: &str = "EKS";
pub(super) const STS: &str = "STS";
pub(super) const IAM: &str = "IAM";
const SAVE_EVERY: u32 = 100;
const TICK: Duration = Duration::from_millis(100);
/// How often those who wait for this search are told how far it is, in ticks.
const TELL_EVERY: u32 = 3;
/// What did not answer is given this much time before it is asked once more.
const SECOND_LOOK_AFTER: SignedDuration = SignedDuration::from_secs(1);

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
pub(super) type Held = Rc<OnceCell<Result<RoleCredentials>>>;

/// A cluster whose `aws-auth` is to be read, and what is known of it by then.
pub(super) struct Planned {
    pub(super) of: (AccountId, Region, ClusterName),
    pub(super) by: Option<RoleName>,
    pub(super) facts: Option<ClusterDescription>,
    pub(super) cluster: Cluster,
    pub(super) admission: Admission,
}

/// From when on what was seen counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Accounts, roles, clusters and who is let in.
    pub since: Timestamp,
    /// Who may not list what. It changes rarely, but whoever asks for a fresh look is not told an old denial.
    pub denied_since: Timestamp,
    /// Which regions an account has enabled.
    pub settled_since: Timestamp,
    /// What was seen with another sign-in may have been another person's.
    pub signed_in_at: Option<Timestamp>,
}

impl Memory {
    /// What was seen lately is believed.
    pub fn lately(now: Timestamp, fresh: SignedDuration, signed_in_at: Option<Timestamp>) -> Self {
        Self { since: now - fresh, denied_since: now - DENIED, settled_since: now - SETTLED, signed_in_at }.bounded()
    }

    /// Only what is seen from that moment on is believed; with `anew`, also of what hardly ever changes.
    pub fn latest(now: Timestamp, since: Timestamp, anew: bool, signed_in_at: Option<Timestamp>) -> Self {
        let settled_since = if anew { since } else { now - SETTLED };
        Self { since, denied_since: since, settled_since, signed_in_at }.bounded()
    }

    /// The same where another search, which looked from that moment on, is shared.
    pub(super) fn shared(self, since: Timestamp) -> Self {
        let [since, denied_since, settled_since] =
            [self.since, self.denied_since, self.settled_since].map(|own| own.min(since));
        Self { since, denied_since, settled_since, ..self }.bounded()
    }

    fn bounded(self) -> Self {
        let bound = |at: Timestamp| self.signed_in_at.map_or(at, |signed_in_at| at.max(signed_in_at));
        Self { since: bound(self.since), denied_since: bound(self.denied_since), ..self }
    }
}

/// Which organizational units are skipped, and the account whose roles may know their accounts.
#[derive(Debug, Clone, Default)]
pub struct Skipped {
    /// The units.
    pub units: Vec<UnitId>,
    /// The account.
    pub account: Option<AccountId>,
}

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
    /// Keeps what is found, while the sign-in goes on.
    pub(super) found: Found<'a>,
    /// What is wanted.
    pub filter: &'a Filter,
    /// The regions that are searched.
    pub regions: Regions,
    /// How much is asked of what is found.
    pub depth: Depth,
    /// Which roles may be used to look.
    pub look_with: LookWith,
    /// The organizational units that are left out.
    pub skipped: Skipped,
    pub(super) memory: Cell<Memory>,
    pub(super) began: Timestamp,
    /// Held while others that look for the same thing are to wait.
    pub(super) turn: RefCell<Option<Box<dyn ScopeGuard>>>,
    /// What is known.
    pub index: RefCell<Index>,
    /// The roles that are assumed from assigned ones.
    pub(super) chained: ChainedRoles,
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
    /// Accounts whose aliases were asked for.
    pub(super) aliases: RefCell<HashMap<AccountId, Rc<OnceCell<()>>>>,
    pub(super) gate: Semaphore,
    changed: Cell<bool>,
    pub(super) held: RefCell<HashMap<Key, Held>>,
    /// Accounts of which something had to be asked.
    pub(super) looked_into: RefCell<HashSet<AccountId>>,
    /// Access keys from the cache that no service has taken yet.
    pub(super) unproven: RefCell<HashSet<String>>,
    /// What takes the place of refused credentials, by the access key that was refused.
    pub(super) renewals: RefCell<HashMap<String, (Key, Held)>>,
    pub(super) breakers: RefCell<HashMap<(&'static str, Region), Breaker>>,
    /// Places to look at once more, because their region did not answer.
    pub(super) put_off: RefCell<BTreeMap<Region, BTreeSet<AccountId>>>,
    /// Where clusters whose `aws-auth` is to be read are sent, while accounts are looked at.
    pub(super) planned: RefCell<Option<mpsc::UnboundedSender<Planned>>>,
    /// Whether that second look is on: what fails now, fails.
    pub(super) is_second_look: Cell<bool>,
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
        look_with: LookWith,
        (index, chained, memory): (Index, ChainedRoles, Memory),
    ) -> Self {
        let index = index.as_of(world.clock.now(), handle.session.origin(), &chained);
        Self {
            world,
            cache,
            handle,
            found: Found::new(handle),
            filter,
            regions,
            depth,
            look_with,
            skipped: Skipped::default(),
            memory: Cell::new(memory),
            began: world.clock.now(),
            turn: RefCell::default(),
            index: RefCell::new(index),
            chained,
            problems: RefCell::default(),
            progress: Cell::default(),
            keep_described: false,
            described: RefCell::default(),
            learning: RefCell::default(),
            verified: RefCell::default(),
            words: RefCell::default(),
            aliases: RefCell::default(),
            gate: Semaphore::new(FIRST_ACCOUNTS),
            changed: Cell::new(false),
            held: RefCell::default(),
            looked_into: RefCell::default(),
            unproven: RefCell::default(),
            renewals: RefCell::default(),
            breakers: RefCell::default(),
            put_off: RefCell::default(),
            planned: RefCell::default(),
            is_second_look: Cell::new(false),
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
                    if ticks % TELL_EVERY == 0 {
                        self.tell();
                    }
                }
            };
            _ = future::select(Box::pin(ticking), Box::pin(stop)).await;
        };
        let work = Box::pin(async {
            self.take_turn(watch).await;
            self.look(watch).await
        });
        let ended = match future::select(work, Box::pin(stopped)).await {
            Either::Left((done, _)) => done.map(|()| Ended::Complete),
            // What is being renewed must be stored before the work may be dropped.
            Either::Right(((), work)) => match future::select(work, Box::pin(self.handle.settled())).await {
                Either::Left((done, _)) => done.map(|()| Ended::Complete),
                Either::Right(_) => Ok(Ended::Stopped),
            },
        };
        let unfinished = match ended {
            Ok(Ended::Stopped) if self.world.signals.arrived() => Some(self.since()),
            _ => None,
        };
        if self.index.borrow().unfinished != unfinished {
            self.change().unfinished = unfinished;
        }
        self.keep();
        self.tell();
        // Only now: who waited reads what was kept.
        self.turn.take();
        ended
    }

    /// What was seen before this is looked at again.
    pub fn since(&self) -> Timestamp {
        self.memory.get().since
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
        _ = save(self.world, &self.handle.session, &self.found, &self.index.borrow());
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
        let (planned, visits) = mpsc::unbounded_channel();
        self.planned.replace(Some(planned));
        let looking = async {
            future::try_join(listing, working).await?;
            self.second_look(watch).await?;
            self.planned.take();
            Ok(())
        };
        future::try_join(looking, self.read_lines(visits, watch)).await?;
        match self.depth {
            Depth::Roles => Ok(()),
            Depth::Clusters => {
                self.check(watch).await?;
                self.look_into_the_rest(watch).await
            }
            Depth::Verified => self.verify(watch).await,
        }
    }

    /// Looks once more at places whose region did not answer: after a pause as one, and if that one answers, all of them.
    async fn second_look(&self, watch: Watch<'_>) -> Result<()> {
        self.is_second_look.set(true);
        let put_off = self.put_off.take();
        let regions = put_off.into_iter().map(async |(region, accounts)| {
            let mut pause = SECOND_LOOK_AFTER;
            while pause.is_positive() {
                self.world.clock.sleep(Duration::try_from(pause).unwrap_or_default()).await;
                pause = self.pause_of(&region);
            }
            let left = self.problems.borrow_mut().unasked.remove(&(EKS, region.clone()));
            let mut accounts = accounts.into_iter();
            while !self.answers(&region)
                && let Some(account) = accounts.next()
            {
                self.place(&account, &region, watch).await?;
                if self.pause_of(&region).is_positive() {
                    *self.problems.borrow_mut().unasked.entry((EKS, region)).or_default() += left.unwrap_or_default();
                    return Ok(());
                }
            }
            let places = stream::iter(accounts).map(async |account| self.place(&account, &region, watch).await);
            let mut places = std::pin::pin!(places.buffer_unordered(ACCOUNTS_AT_ONCE));
            while let Some(done) = places.next().await {
                done?;
            }
            Ok(())
        });
        future::try_join_all(regions).await.map(|_| ())
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
