//! The accounts of a person, their roles, and the regions they have enabled.

use std::collections::BTreeSet;

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::clients::aws::account::Accounts;
use crate::clients::failure::FailureKind;
use crate::domain::assignments::Account;
use crate::domain::discovery::candidates::Candidate;
use crate::domain::discovery::records::{AccountSeen, Seen, is_since};
use crate::domain::ids::{AccountId, ClusterName, Region};
use crate::domain::pages::{Endless, Pages};
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::regions::no_match;
use crate::flows::discovery::search::{Depth, Memory, Search, Watch};

const HEAD_START: Duration = Duration::from_secs(1);
/// Of one account; a role may make some calls a second before AWS slows it down.
const PLACES_AT_ONCE: usize = 8;

impl Search<'_> {
    /// Lists accounts and sends the wanted ones on, page by page.
    pub(super) async fn accounts(&self, wanted: &mpsc::UnboundedSender<AccountId>, watch: Watch<'_>) -> Result<()> {
        let send = |id: &AccountId| {
            self.count(|progress| progress.accounts += 1);
            // The receiver lives as long as this does.
            _ = wanted.send(id.clone());
        };
        self.leave_units_out().await?;
        let known = self.index.borrow().accounts_at.is_some_and(|at| at >= self.since());
        if known {
            let accounts: Vec<AccountId> =
                self.index.borrow().matching(self.filter).map(|(id, _)| id.clone()).collect();
            for id in accounts {
                let index = self.index.borrow();
                match index.accounts.get(&id).and_then(|seen| self.fresh_in(seen)) {
                    None => {
                        drop(index);
                        send(&id);
                    }
                    Some(clusters) => {
                        self.count(|progress| {
                            progress.accounts += 1;
                            progress.accounts_done += 1;
                            progress.clusters += clusters.len();
                        });
                        watch(self, Step::Roles(&id));
                        clusters.iter().for_each(|(region, name)| watch(self, Step::Cluster(&id, region, name)));
                    }
                }
            }
        } else {
            let began = self.now();
            let mut all = BTreeSet::new();
            let (mut pages, mut next) = (Pages::default(), None);
            loop {
                let page = self.handle.accounts(next).await?;
                for Account { id, name, partition } in page.entries {
                    let mut index = self.change();
                    let seen = index.accounts.entry(id.clone()).or_default();
                    seen.set_name(&id, name);
                    seen.partition = partition;
                    let is_wanted = self.filter.account(id.as_str(), &seen.name);
                    if all.insert(id.clone()) && is_wanted {
                        drop(index);
                        send(&id);
                    }
                }
                watch(self, Step::Account);
                next = pages.next(page.next).map_err(|why| endless("accounts", why))?;
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
    pub(super) fn fresh_in<'s>(&'s self, seen: &'s AccountSeen) -> Option<Vec<(&'s Region, &'s ClusterName)>> {
        if !is_since(seen.roles.as_ref(), self.since()) || self.depth == Depth::Verified {
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
            let place = seen.places.get(region).filter(|place| self.is_listed(region, place))?;
            for (name, cluster) in place.clusters.iter().filter(|(name, _)| self.filter.cluster(name.as_str())) {
                if !is_since(cluster.admission.as_ref(), self.since()) {
                    return None;
                }
                clusters.push((region, name));
            }
        }
        Some(clusters)
    }

    pub(super) fn is_wanted(&self, seen: &AccountSeen) -> bool {
        let mut roles = seen.roles.iter().flat_map(|roles| roles.what.keys());
        // One that is assumed may be let in by clusters of any account.
        let is_assumed = || self.chained.all().iter().any(|role| self.filter.role(role.name.as_str()));
        roles.any(|role| self.filter.role(role.as_str())) || is_assumed()
    }

    /// Everything of one account. Only what ends the whole search is an error.
    pub(super) async fn account(&self, id: AccountId, watch: Watch<'_>) -> Result<()> {
        self.looked_into.borrow_mut().insert(id.clone());
        match timeout(HEAD_START, self.gate.acquire()).await {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_)) | Err(_) => self.open_gate(),
        }
        if let Err(error) = self.roles(&id).await {
            let place = self.seen(&id, |seen| format!("account {id} ({})", seen.name));
            return self.bear(error.within(&place.unwrap_or_default()));
        }
        watch(self, Step::Roles(&id));
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

    /// Lets all accounts go.
    pub(super) fn open_gate(&self) {
        self.gate.close();
    }

    pub(super) async fn roles(&self, account: &AccountId) -> Result<()> {
        if self.seen(account, |seen| is_since(seen.roles.as_ref(), self.since())) == Some(true) {
            return Ok(());
        }
        let (mut roles, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let page = self.handle.roles(account, next).await?;
            roles.extend(page.entries);
            next = pages.next(page.next).map_err(|why| endless("roles", why))?;
            if next.is_none() {
                break;
            }
        }
        let now = self.now();
        let changes = self.change().set_roles(now, account, roles);
        if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
            self.problems.borrow_mut().role_changes.push((account.clone(), changes));
        }
        Ok(())
    }

    /// The regions to look in, without those that the account has not enabled, where it may be asked.
    pub(super) async fn regions_of(&self, account: &AccountId) -> Result<Vec<Region>> {
        let here = |seen: &AccountSeen| {
            self.regions.list.iter().filter(|region| seen.may_be_in(region)).cloned().collect::<Vec<Region>>()
        };
        let all = self.seen(account, here).unwrap_or_default();
        let (true, Some(home)) = (self.regions.ask, all.first()) else { return Ok(all) };
        let Memory { denied_since, settled_since, .. } = self.memory.get();
        let known = self
            .seen(account, |seen| seen.regions.clone())
            .flatten()
            .filter(|seen| seen.is_since(if seen.what.is_some() { settled_since } else { denied_since }));
        let enabled = match known {
            Some(known) => known.what,
            None => {
                let place = (account, home);
                let first = self.index.borrow().likeliest(place, self.filter, &self.look_with, denied_since);
                let Some(Candidate { role, .. }) = first.roles.into_iter().next() else { return Ok(all) };
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
                    seen.regions = Some(Seen::new(self.now(), enabled.clone()));
                }
                enabled
            }
        };
        let is_on = |region: &&Region| enabled.as_ref().is_none_or(|enabled| enabled.contains(*region));
        Ok(all.iter().filter(is_on).cloned().collect())
    }
}

/// The error of a list without an end: what came of it is not all there is.
fn endless(what: &str, why: Endless) -> Error {
    Error::new(Kind::Unavailable, format!("the sign-in service's list of {what} has no end"))
        .cause(why)
        .hint("try again in a while; nothing was removed or forgotten because of it")
}
