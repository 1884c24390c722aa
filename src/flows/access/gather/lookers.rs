//! As whom it is looked: the roles of a signed-in person that may be used for that, or the role that the credentials of the
//! environment may assume in each account.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use tokio::sync::OnceCell;

use crate::clients::aws::Aws;
use crate::domain::filter::Filter;
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::settings::look_with::{Breadth, LookWith};
use crate::error::{Error, Kind, Result};
use crate::flows::access::gather::environment::Environment;
use crate::flows::access::gather::looker::Looker;
use crate::flows::credentials::{Cached, Wanted, cached, fetched_anew, role_credentials};
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};

type Held = Rc<OnceCell<Result<RoleCredentials>>>;
type Found = Rc<OnceCell<Result<Vec<Looker>>>>;

/// After so many calls in a row that nobody answered, the place is left alone for the rest of the run.
pub(super) const SILENT: u32 = 3;

/// All roles that may be used to look.
pub struct Lookers<'a> {
    way: Way<'a>,
    found: RefCell<HashMap<AccountId, Found>>,
    held: RefCell<HashMap<Looker, Held>>,
    renewed: RefCell<HashSet<Looker>>,
    /// How often in a row whoever gives credentials did not answer, and how.
    silent: RefCell<Option<(u32, Error)>>,
}

/// A session whose roles look.
pub struct Signed<'a> {
    /// The outside.
    pub world: &'a World,
    /// Role credentials that are there already.
    pub cache: &'a dyn CredentialCache,
    /// The session.
    pub handle: &'a SessionHandle<'a>,
    /// Which roles may be used.
    pub look_with: LookWith,
    /// Whose role filter counts.
    pub filter: &'a Filter,
    /// The accounts that the person has a role in, with their roles where those are known already.
    pub accounts: BTreeMap<AccountId, Option<Vec<RoleName>>>,
}

enum Way<'a> {
    Session(Signed<'a>),
    Environment(Box<Environment<'a>>),
}

impl<'a> Lookers<'a> {
    /// The roles of a session.
    pub fn of_session(session: Signed<'a>) -> Self {
        Self::new(Way::Session(session))
    }

    /// The credentials of the environment.
    pub fn of_environment(environment: Environment<'a>) -> Self {
        Self::new(Way::Environment(Box::new(environment)))
    }

    fn new(way: Way<'a>) -> Self {
        Self {
            way,
            found: RefCell::default(),
            held: RefCell::default(),
            renewed: RefCell::default(),
            silent: RefCell::default(),
        }
    }

    /// The session that is looked with, where it is one.
    pub(super) fn handle(&self) -> Option<&'a SessionHandle<'a>> {
        match &self.way {
            Way::Session(session) => Some(session.handle),
            Way::Environment(_) => None,
        }
    }

    /// The AWS clients.
    pub fn aws(&self) -> Result<&Aws> {
        match &self.way {
            Way::Session(session) => session.handle.aws(),
            Way::Environment(environment) => Ok(&environment.aws),
        }
    }

    /// Waits until what is being renewed is stored.
    pub async fn settled(&self) {
        if let Way::Session(session) = &self.way {
            session.handle.settled().await;
        }
    }

    /// Those of an account, the first first. Roles that may do everything are used only where there is no other.
    pub async fn of(&self, account: &AccountId) -> Result<Vec<Looker>> {
        let found = Rc::clone(self.found.borrow_mut().entry(account.clone()).or_default());
        let found = found.get_or_init(async || match &self.way {
            Way::Session(session) => self.unless_silent(session.lookers(account)).await,
            Way::Environment(environment) => Ok(environment.lookers(account)),
        });
        found.await.clone()
    }

    /// The credentials of one of them, got once.
    pub async fn credentials(&self, looker: &Looker) -> Result<RoleCredentials> {
        let held = Rc::clone(self.held.borrow_mut().entry(looker.clone()).or_default());
        let got = held.get_or_init(async || match &self.way {
            Way::Session(Signed { world, cache, handle, .. }) => match &looker.role {
                Some(role) => {
                    let wanted = Wanted::assigned(&looker.account, role);
                    let got = role_credentials(world, *cache, handle, &wanted);
                    // Nobody is asked for what lies here.
                    match cached(world, *cache, &wanted) {
                        Cached::Missing => self.unless_silent(got).await,
                        Cached::Fresh(_) | Cached::Ending(_) => got.await,
                    }
                }
                None => Err(Error::new(Kind::Failed, "a session has no credentials but those of roles")),
            },
            Way::Environment(environment) => self.unless_silent(environment.credentials(looker)).await,
        });
        got.await.clone()
    }

    /// What whoever gives credentials answers. One that did not answer several times in a row is left alone for the rest of the run.
    async fn unless_silent<T>(&self, ask: impl Future<Output = Result<T>>) -> Result<T> {
        let known = self.silent.borrow().clone();
        if let Some((_, error)) = known.filter(|(times, _)| *times >= SILENT) {
            return Err(error);
        }
        let answer = ask.await;
        let mut silent = self.silent.borrow_mut();
        let times = silent.as_ref().map_or(0, |(times, _)| *times);
        *silent = match &answer {
            Err(error) if error.kind() == Kind::Unavailable => Some((times + 1, error.clone())),
            _ => None,
        };
        answer
    }

    /// What takes the place of credentials from the cache that AWS refuses, once for each role; `None` where they were new.
    pub async fn renewed(&self, looker: &Looker, refused: &RoleCredentials) -> Option<Result<RoleCredentials>> {
        let Way::Session(Signed { world, cache, handle, .. }) = &self.way else { return None };
        let role = looker.role.as_ref()?;
        if !self.renewed.borrow_mut().insert(looker.clone()) {
            // Another call of this role had it renewed: those are taken, if they are others.
            let held = self.held.borrow().get(looker).and_then(|held| held.get().cloned())?;
            return Some(held).filter(|held| held.as_ref().is_ok_and(|got| got.access_key_id != refused.access_key_id));
        }
        let anew = Held::default();
        self.held.borrow_mut().insert(looker.clone(), Rc::clone(&anew));
        let wanted = Wanted::assigned(&looker.account, role);
        let got = anew.get_or_init(async || fetched_anew(world, *cache, handle, &wanted, refused).await);
        Some(got.await.clone())
    }
}

impl Signed<'_> {
    async fn lookers(&self, account: &AccountId) -> Result<Vec<Looker>> {
        let roles = match self.accounts.get(account) {
            None => return Ok(Vec::new()),
            Some(Some(roles)) => roles.clone(),
            Some(None) => self.listed(account).await?,
        };
        let mut ranked: Vec<_> = roles
            .into_iter()
            .filter(|role| self.filter.role(role.as_str()))
            .filter_map(|role| Some((self.look_with.rank(role.as_str())?, role)))
            .collect();
        ranked.sort();
        // Taking a role that may do everything is an act of its own (settings/look_with.rs): it is used only where no other has
        // to do with clusters, and then only one.
        let breadth = |(rank, _): &((usize, Breadth), RoleName)| rank.1;
        let mut wide = ranked.iter().any(|role| breadth(role) <= Breadth::Untold);
        ranked.retain(|role| breadth(role) != Breadth::Wide || !std::mem::replace(&mut wide, true));
        Ok(ranked.into_iter().map(|(_, role)| Looker { account: account.clone(), role: Some(role) }).collect())
    }

    async fn listed(&self, account: &AccountId) -> Result<Vec<RoleName>> {
        let (mut roles, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let page = self.handle.roles(account, next).await?;
            roles.extend(page.entries);
            let endless =
                |why| Error::new(Kind::Unavailable, "the sign-in service's list of roles has no end").cause(why);
            next = pages.next(page.next).map_err(endless)?;
            if next.is_none() {
                return Ok(roles);
            }
        }
    }
}
