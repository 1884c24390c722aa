//! The clusters of a place, an account's region: listed by the first role that may.

use futures_util::future;
use futures_util::stream::{self, StreamExt};

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::discovery::candidates::Candidate;
use crate::domain::discovery::records::{Place, Seen};
use crate::domain::ids::{AccountId, ClusterName, Region};
use crate::error::{Error, Result};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::search::{EKS, Memory, Search, Watch};

const CLUSTERS_AT_ONCE: usize = 4;
/// What AWS's words have in common when a service control policy denies something, or does not allow it.
const BY_POLICY: &str = "service control policy";

impl Search<'_> {
    /// Lists a place's clusters by the first role that may, and looks at the wanted ones.
    pub(super) async fn place(&self, account: &AccountId, region: &Region, watch: Watch<'_>) -> Result<()> {
        let refused = || self.problems.borrow().unasked.get(&(EKS, region.clone())).copied().unwrap_or_default();
        let before = refused();
        if self.seen(account, |seen| seen.places.get(region).is_some_and(|place| self.is_listed(region, place)))
            != Some(true)
        {
            self.list(account, region).await?;
        }
        // Before anything is shown under the account's name.
        self.learn_alias(account, region).await?;
        let clusters: Vec<ClusterName> = self
            .seen(account, |seen| {
                let clusters = seen.places.get(region).into_iter().flat_map(|place| place.clusters.keys());
                clusters.filter(|name| self.filter.cluster(name.as_str())).cloned().collect()
            })
            .unwrap_or_default();
        let some = !clusters.is_empty();
        let clusters = stream::iter(clusters).map(async |cluster| {
            for cluster in self.cluster(account, region, cluster).await? {
                self.count(|progress| progress.clusters += 1);
                watch(self, Step::Cluster(account, region, &cluster));
            }
            Ok::<_, Error>(())
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
        }?;
        if refused() > before {
            self.put_off(account, region);
        }
        Ok(())
    }

    /// Calls an account for which the provider has no name by its alias, where the role that listed the place may read it. No
    /// credentials are got for this.
    async fn learn_alias(&self, account: &AccountId, region: &Region) -> Result<()> {
        let Memory { denied_since, settled_since, .. } = self.memory.get();
        let lister = self.seen(account, |seen| {
            let lister = seen.places.get(region)?.listed.as_ref()?.what.clone()?;
            seen.wants_alias(account, denied_since, settled_since).then_some(lister)
        });
        let Some(role) = lister.flatten().filter(|role| self.may_use(account, role)) else { return Ok(()) };
        let asked = self.aliases.borrow_mut().entry(account.clone()).or_default().clone();
        let ask = async || {
            let Some(credentials) = self.credentials(account, &role).await? else { return Ok(()) };
            let alias = match self.iam(region, &credentials, async |iam| iam.alias().await).await {
                Ok(alias) => alias.filter(|alias| !alias.is_empty()),
                Err(failure) if failure.kind == FailureKind::Forbidden => None,
                // Asked again in the next search.
                Err(_) => return Ok(()),
            };
            let now = self.now();
            if let Some(seen) = self.change().accounts.get_mut(account) {
                seen.set_alias(now, account, alias);
            }
            Ok::<_, Error>(())
        };
        asked.get_or_try_init(ask).await?;
        Ok(())
    }

    /// Whether a place's list need not be asked for. A region that was off may have been enabled since: whoever names it
    /// wants to know.
    pub(super) fn is_listed(&self, region: &Region, place: &Place) -> bool {
        let listed = place.listed.as_ref().filter(|listed| listed.is_since(self.since()));
        listed.is_some_and(|listed| listed.what.is_some() || !self.filter.names_region(region.as_str()))
    }

    /// Notes a place for the second look; answers whether there will be one.
    fn put_off(&self, account: &AccountId, region: &Region) -> bool {
        let is_first = !self.is_second_look.get();
        if is_first {
            self.put_off.borrow_mut().entry(region.clone()).or_default().insert(account.clone());
            self.words.borrow_mut().remove(&(account.clone(), region.clone()));
        }
        is_first
    }

    pub(super) fn is_put_off(&self, account: &AccountId, region: &Region) -> bool {
        self.put_off.borrow().get(region).is_some_and(|accounts| accounts.contains(account))
    }

    pub(super) async fn list(&self, account: &AccountId, region: &Region) -> Result<()> {
        if let (true, [name]) = (self.filter.is_one_pair(), self.filter.clusters.as_slice())
            && self.words.borrow_mut().insert((account.clone(), region.clone()))
        {
            return self.take_at_word(account, region, name.as_str().parse()?).await;
        }
        let denied_since = self.memory.get().denied_since;
        let candidates = self.index.borrow().likeliest((account, region), self.filter, &self.look_with, denied_since);
        let mut is_closed = candidates.closed.is_some();
        for Candidate { role, is_wide } in &candidates.roles {
            if is_closed && !self.filter.names_role(role.as_str()) {
                continue;
            }
            let Some(credentials) = self.credentials(account, role).await? else { continue };
            if *is_wide {
                self.problems.borrow_mut().wide.insert((account.clone(), role.clone()));
            }
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
                    place.denied.remove(role);
                    place.closed = None;
                    index.luck.entry(role.clone()).or_default().0 += 1;
                    place.listed = Some(Seen::new(now, Some(role.clone())));
                    return Ok(());
                }
                // It binds the roles of the account alike, but for those that it exempts.
                Err(failure) if failure.kind == FailureKind::Forbidden && failure.reason.contains(BY_POLICY) => {
                    place.closed = Some(now);
                    place.listed = None;
                    place.clusters.clear();
                    place.denied.insert(role.clone(), now);
                    is_closed = true;
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    place.denied.insert(role.clone(), now);
                    index.luck.entry(role.clone()).or_default().1 += 1;
                }
                // Credentials that are good elsewhere, or new, but that a region does not know: it is off in the account.
                Err(failure) if failure.is(&["UnrecognizedClientException", "InvalidClientTokenId"]) => {
                    place.clusters.clear();
                    place.listed = Some(Seen::new(now, None));
                    self.problems.borrow_mut().off += 1;
                    return Ok(());
                }
                Err(failure) => {
                    let passes = matches!(failure.kind, FailureKind::Server | FailureKind::Network);
                    if passes && !failure.is_silence() && self.put_off(account, region) {
                        return Ok(());
                    }
                    let name = seen.name.clone();
                    self.note(failure, region, &format!("{role} in {name} {region}"));
                    return Ok(());
                }
            }
        }
        let mut problems = self.problems.borrow_mut();
        if is_closed {
            problems.closed += 1;
            return Ok(());
        }
        if candidates.barred > 0 {
            problems.barred += 1;
            return Ok(());
        }
        problems.denied += 1;
        if candidates.roles.is_empty() {
            problems.denied_at = [problems.denied_at, candidates.denied_at].into_iter().flatten().min();
        }
        Ok(())
    }

    /// A role that is named with its one cluster need not be able to list: describing the cluster will tell. A cluster that is
    /// known under that name in other letters is the one that is meant.
    pub(super) async fn take_at_word(&self, account: &AccountId, region: &Region, name: ClusterName) -> Result<()> {
        let role = self.index.borrow().roles(self.filter).next().map(|(.., role)| role.clone());
        if let Some(role) = role
            && self.credentials(account, &role).await?.is_some()
            && let Some(seen) = self.change().accounts.get_mut(account)
        {
            let clusters = &mut seen.places.entry(region.clone()).or_default().clusters;
            if clusters.keys().all(|known| !self.filter.cluster(known.as_str())) {
                clusters.entry(name).or_default();
            }
        }
        Ok(())
    }

    /// Forgets a cluster that could not be described. One that was named is looked for again, also in a list that has it.
    pub(super) fn forget_word(&self, account: &AccountId, region: &Region, name: &ClusterName) {
        let mut index = self.change();
        let place = index.accounts.get_mut(account).and_then(|seen| seen.places.get_mut(region));
        if let Some(place) = place {
            place.clusters.remove(name);
            if self.filter.is_one_pair() {
                place.listed = None;
            }
        }
    }

    /// Notes a failure, unless it is only that a silent region was left alone.
    pub(super) fn note(&self, failure: Failure, region: &Region, place: &str) {
        let is_counted =
            failure.kind == FailureKind::Network && self.problems.borrow().unasked.contains_key(&(EKS, region.clone()));
        if !(is_counted && failure.code.is_none() && failure.reason == "the region did not answer") {
            self.fail(Error::from(failure).within(place));
        }
    }
}
