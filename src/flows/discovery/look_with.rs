//! The credentials that a search looks with, and its calls to EKS and STS: what does not answer is left alone for a while,
//! and cached credentials that are refused are fetched anew before anything is concluded from that.

use jiff::SignedDuration;

use crate::clients::aws::eks::Eks;
use crate::clients::aws::iam::Iam;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::discovery::breaker::Breaker;
use crate::domain::endpoints::Service;
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::settings::look_with::Breadth;
use crate::error::Result;
use crate::flows::credentials::{Cached, Wanted, cached, fetched_anew, role_credentials};
use crate::flows::discovery::search::{EKS, Held, IAM, Search};

impl Search<'_> {
    /// A role's credentials, got once; `None` where they cannot be had, which is noted.
    pub(super) async fn credentials(&self, account: &AccountId, role: &RoleName) -> Result<Option<RoleCredentials>> {
        let held = self.held.borrow_mut().entry((account.clone(), role.clone())).or_default().clone();
        let wanted = Wanted::assigned(account, role);
        let mut first = false;
        let got = held.get_or_init(async || {
            first = true;
            let before = match cached(self.world, self.cache, &wanted) {
                Cached::Fresh(found) | Cached::Ending(found) => Some(found.access_key_id),
                Cached::Missing => None,
            };
            let got = role_credentials(self.world, self.cache, self.handle, &wanted).await;
            if let (Ok(found), Some(before)) = (&got, before)
                && found.access_key_id == before
            {
                self.unproven.borrow_mut().insert(before);
            }
            got
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

    /// The roles of an account that may be used to look and whose credentials are here already: this one first, then the
    /// narrow ones. Those of a role that may do everything are not renewed for this.
    pub(super) fn at_hand(&self, account: &AccountId, first: Option<&RoleName>) -> Vec<RoleName> {
        let index = self.index.borrow();
        let roles = index.accounts.get(account).and_then(|seen| seen.roles.as_ref());
        let roles = roles.into_iter().flat_map(|roles| roles.what.keys());
        let mut found: Vec<_> = roles
            .filter_map(|role| Some((self.look_rank(role)?, role)))
            .filter(|((_, breadth), role)| self.is_at_hand(account, role, *breadth))
            .collect();
        found.sort_by_key(|(rank, role)| (Some(*role) != first, *rank));
        found.into_iter().map(|(_, role)| role.clone()).collect()
    }

    /// Where a role stands among those to look with; `None` where it must not be used for that. Naming it is leave enough.
    fn look_rank(&self, role: &RoleName) -> Option<(usize, Breadth)> {
        let name = role.as_str();
        let named = || self.is_named(role).then(|| (0, Breadth::of(name)));
        self.look_with.rank(name).or_else(named)
    }

    /// Whether the person named a role that the policy of this machine does not forbid.
    fn is_named(&self, role: &RoleName) -> bool {
        self.filter.names_role(role.as_str()) && !self.look_with.is_forbidden(role.as_str())
    }

    fn is_at_hand(&self, account: &AccountId, role: &RoleName, breadth: Breadth) -> bool {
        let key = (account.clone(), role.clone());
        if self.held.borrow().get(&key).and_then(|held| held.get()).is_some_and(|got| got.is_ok()) {
            return true;
        }
        match cached(self.world, self.cache, &Wanted::assigned(account, role)) {
            Cached::Fresh(_) => true,
            Cached::Ending(_) => breadth != Breadth::Wide,
            Cached::Missing => false,
        }
    }

    /// Whether a search may ask something as a role by itself: the person named it, or its credentials are here already.
    /// Accounts of which everything is known are not looked into for that.
    pub fn may_ask_as(&self, account: &AccountId, role: &RoleName) -> bool {
        self.is_named(role) || (self.looked_into.borrow().contains(account) && self.may_use(account, role))
    }

    /// Whether a role may be used to look and its credentials are here already.
    pub(super) fn may_use(&self, account: &AccountId, role: &RoleName) -> bool {
        let rank = self.look_rank(role);
        rank.is_some_and(|(_, breadth)| self.is_at_hand(account, role, breadth))
    }

    /// Whether a role must not be used to look: by config.toml, unless the person named it, or by the policy of this machine.
    pub fn is_barred(&self, role: &RoleName) -> bool {
        self.look_rank(role).is_none()
    }

    /// A call to EKS, as a role.
    pub(super) async fn eks<T>(
        &self,
        region: &Region,
        credentials: &RoleCredentials,
        ask: impl AsyncFn(Eks) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let aws = self.handle.aws().map_err(|error| Failure::unasked(EKS, error))?;
        let call = async |credentials: &RoleCredentials| {
            self.guarded(EKS, region, async || ask(Eks::new(aws, region, credentials)).await).await
        };
        match call(credentials).await {
            Err(failure) if is_dubious(&failure) => match self.renewed(credentials).await {
                None => Err(failure),
                Some(Ok(renewed)) => call(&renewed).await,
                Some(Err(error)) => {
                    let reason = format!("{failure}; new credentials cannot be had either: {error}");
                    Err(Failure { code: None, reason, ..failure })
                }
            },
            answer => {
                // Taken, or known and denied: these credentials are alive.
                if answer.as_ref().err().is_none_or(|failure| failure.kind == FailureKind::Forbidden) {
                    self.unproven.borrow_mut().remove(&credentials.access_key_id);
                }
                answer
            }
        }
    }

    /// A call to IAM, as a role. One endpoint answers for all regions of a partition, so that it is given up once for all.
    pub(super) async fn iam<T>(
        &self,
        region: &Region,
        credentials: &RoleCredentials,
        ask: impl AsyncFnOnce(Iam) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let aws = self.handle.aws().map_err(|error| Failure::unasked(IAM, error))?;
        let (_, home) = Service::Iam.host(region, false, false);
        let home = home.parse().unwrap_or_else(|_| region.clone());
        self.guarded(IAM, &home, async || ask(Iam::new(aws, region, credentials)).await).await
    }

    /// What takes the place of cached credentials that are refused; `None` where they are not to blame: they were got just
    /// now, or taken elsewhere.
    async fn renewed(&self, refused: &RoleCredentials) -> Option<Result<RoleCredentials>> {
        let id = &refused.access_key_id;
        let begun = self.renewals.borrow().get(id).cloned();
        let (key, renewal) = match begun {
            Some(begun) => begun,
            None if !self.unproven.borrow().contains(id) => return None,
            None => {
                let mut held = self.held.borrow_mut();
                let is_refused = |got: &Result<RoleCredentials>| got.as_ref().is_ok_and(|got| got.access_key_id == *id);
                let (key, _) = held.iter().find(|(_, held)| held.get().is_some_and(is_refused))?;
                let begun = (key.clone(), Held::default());
                held.insert(begun.0.clone(), begun.1.clone());
                self.renewals.borrow_mut().insert(id.clone(), begun.clone());
                begun
            }
        };
        let (account, role) = &key;
        let wanted = Wanted::assigned(account, role);
        let got =
            renewal.get_or_init(async || fetched_anew(self.world, self.cache, self.handle, &wanted, refused).await);
        Some(got.await.clone())
    }

    /// A call to a region's endpoint of a service, unless that does not answer just now.
    pub(super) async fn guarded<T>(
        &self,
        service: &'static str,
        region: &Region,
        ask: impl AsyncFnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let key = (service, region.clone());
        let may = || self.breakers.borrow_mut().entry(key.clone()).or_default().lets_through(self.now());
        let unasked = || {
            *self.problems.borrow_mut().unasked.entry((service, region.clone())).or_default() += 1;
            Failure::unasked(service, "the region did not answer")
        };
        let _turn = self.calls.acquire().await;
        if !may() {
            return Err(unasked());
        }
        let answer = ask().await;
        let now = self.now();
        let mut breakers = self.breakers.borrow_mut();
        let breaker = breakers.entry(key).or_default();
        match &answer {
            Err(failure) if matches!(failure.kind, FailureKind::Server | FailureKind::Network) => breaker.failed(now),
            _ => breaker.worked(),
        }
        answer
    }

    /// Whether a region's EKS answered last time.
    pub(super) fn answers(&self, region: &Region) -> bool {
        self.breakers.borrow().get(&(EKS, region.clone())).is_none_or(Breaker::is_closed)
    }

    /// For how long a region's EKS is left alone from now on.
    pub(super) fn pause_of(&self, region: &Region) -> SignedDuration {
        let breakers = self.breakers.borrow();
        breakers.get(&(EKS, region.clone())).map_or(SignedDuration::ZERO, |breaker| breaker.pause(self.now()))
    }
}

/// Whether credentials may be dead: not known any more, or revoked, which IAM does by a policy that denies everything to
/// what was issued before.
fn is_dubious(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Unauthorized => true,
        FailureKind::Forbidden => failure.reason.contains("explicit deny in an identity-based policy"),
        _ => false,
    }
}
