//! The credentials that a search looks with, and its calls to EKS.

use crate::clients::aws::eks::Eks;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::Result;
use crate::flows::credentials::{Cached, Wanted, cached, role_credentials};
use crate::flows::discovery::search::Search;

/// A region that did not answer so often in a row is left alone.
const REGION_DOWN: u32 = 4;
const EKS: &str = "EKS";

impl Search<'_> {
    /// A role's credentials, got once; `None` where they cannot be had, which is noted.
    pub(super) async fn credentials(&self, account: &AccountId, role: &RoleName) -> Result<Option<RoleCredentials>> {
        let held = self.held.borrow_mut().entry((account.clone(), role.clone())).or_default().clone();
        let wanted = Wanted::assigned(account, role);
        let mut first = false;
        let got = held.get_or_init(async || {
            first = true;
            role_credentials(self.world, self.cache, self.handle, &wanted).await
        });
        match got.await.clone() {
            Ok(found) => {
                self.forget_role_of_others(account, role, &found);
                Ok(Some(found))
            }
            Err(error) if first => {
                let name = self.seen(account, |seen| seen.name.clone()).unwrap_or_default();
                self.bear(error.within(&format!("{role} in {name}"))).map(|()| None)
            }
            Err(_) => Ok(None),
        }
    }

    /// The roles of an account whose credentials are here already, this one first.
    pub(super) fn at_hand(&self, account: &AccountId, first: Option<&RoleName>) -> Vec<RoleName> {
        let index = self.index.borrow();
        let roles = index.accounts.get(account).and_then(|seen| seen.roles.as_ref());
        let held = self.held.borrow();
        let has = |role: &RoleName| {
            let key = (account.clone(), role.clone());
            held.get(&key).and_then(|held| held.get()).is_some_and(|got| got.is_ok())
                || !matches!(cached(self.world, self.cache, &Wanted::assigned(account, role)), Cached::Missing)
        };
        let mut found: Vec<RoleName> =
            roles.into_iter().flat_map(|roles| roles.what.keys()).filter(|role| has(role)).cloned().collect();
        found.sort_by_key(|role| Some(role) != first);
        found
    }

    /// A call to EKS, as a role.
    pub(super) async fn eks<T>(
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
}
