//! The clusters of a place, an account's region: listed by the first role that may.

use futures_util::future;
use futures_util::stream::{self, StreamExt};

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::discovery::index::{Place, Seen, is_since};
use crate::domain::ids::{AccountId, ClusterName, Region};
use crate::error::{Error, Result};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::search::{Search, Watch};

const CLUSTERS_AT_ONCE: usize = 4;

impl Search<'_> {
    /// Lists a place's clusters by the first role that may, and looks at the wanted ones.
    pub(super) async fn place(&self, account: &AccountId, region: &Region, watch: Watch<'_>) -> Result<()> {
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
        }
    }

    pub(super) async fn list(&self, account: &AccountId, region: &Region) -> Result<()> {
        if let (true, [name]) = (self.filter.is_one_pair(), self.filter.clusters.as_slice())
            && self.words.borrow_mut().insert((account.clone(), region.clone()))
        {
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
        let is_counted = failure.kind == FailureKind::Network && self.problems.borrow().unasked.contains_key(region);
        if !(is_counted && failure.code.is_none() && failure.reason == "the region did not answer") {
            self.fail(Error::from(failure).within(place));
        }
    }
}
