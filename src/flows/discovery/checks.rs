//! What lists alone do not tell: which IAM role stands behind a role, and what a cluster itself says to it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};

use crate::clients::aws::sts::Sts;
use crate::domain::access::{Admission, Review};
use crate::domain::discovery::index::{SETTLED, Seen};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::{Error, Result};
use crate::flows::access::verify::{kube, review};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::search::{ACCOUNTS_AT_ONCE, Depth, STS, Search, Watch};

impl Search<'_> {
    /// For the wanted roles that some list names: which IAM role each of them is now, so that dead entries are told apart.
    pub(super) async fn check(&self, watch: Watch<'_>) -> Result<()> {
        if self.depth == Depth::Roles {
            return Ok(());
        }
        let now = self.now();
        let doubtful: BTreeSet<(AccountId, RoleName, Region)> = {
            let index = self.index.borrow();
            let mut found = BTreeMap::new();
            for pair in index.pairs(self.filter) {
                let role = pair.account_seen.roles.as_ref().and_then(|roles| roles.what.get(pair.role));
                let known = role.and_then(|role| role.iam.as_ref());
                if known.is_none_or(|iam| now.duration_since(iam.at) >= SETTLED)
                    && pair.depends_on_the_role()
                    && self.may_ask_as(pair.account, pair.role)
                {
                    found.entry((pair.account.clone(), pair.role.clone())).or_insert_with(|| pair.region.clone());
                }
            }
            found.into_iter().map(|((account, role), region)| (account, role, region)).collect()
        };
        self.count(|progress| progress.checks = doubtful.len());
        let checks = stream::iter(doubtful).map(async |(account, role, region)| {
            self.learn(&account, &role, &region, watch).await?;
            self.count(|progress| progress.checks_done += 1);
            Ok::<_, Error>(())
        });
        let mut checks = std::pin::pin!(checks.buffer_unordered(ACCOUNTS_AT_ONCE));
        while let Some(done) = checks.next().await {
            done?;
        }
        Ok(())
    }

    /// Asks STS which IAM role stands behind a role.
    pub(super) async fn learn(
        &self,
        account: &AccountId,
        role: &RoleName,
        region: &Region,
        watch: Watch<'_>,
    ) -> Result<()> {
        let Some(credentials) = self.credentials(account, role).await? else { return Ok(()) };
        // Without an answer the entry is believed, and said not to be checked.
        let sts = Sts::new(self.handle.aws()?, region, &credentials);
        let caller = self.guarded(STS, region, async || sts.caller().await).await;
        if let (Ok(caller), Some(seen)) = (caller, self.change().accounts.get_mut(account)) {
            let seen = seen.roles.as_mut().and_then(|roles| roles.what.get_mut(role));
            if let Some(seen) = seen {
                seen.iam = Some(Seen::new(self.now(), caller.role));
            }
        }
        watch(self, Step::Role(account, role, None));
        Ok(())
    }

    /// The same for the role that lists a place, whose credentials are here anyway, unless that is known or being asked.
    pub(super) async fn learn_lister(&self, account: &AccountId, region: &Region, watch: Watch<'_>) -> Result<()> {
        let now = self.now();
        let role = self.seen(account, |seen| {
            let role = seen.places.get(region)?.listed.as_ref()?.what.clone()?;
            let known = seen.roles.as_ref()?.what.get(&role)?.iam.as_ref();
            (self.filter.role(role.as_str()) && known.is_none_or(|iam| now.duration_since(iam.at) >= SETTLED))
                .then_some(role)
        });
        match role.flatten() {
            Some(role) if self.learning.borrow_mut().insert((account.clone(), role.clone())) => {
                self.learn(account, &role, region, watch).await
            }
            _ => Ok(()),
        }
    }

    /// Each wanted role asks each cluster who it is.
    pub(super) async fn verify(&self, watch: Watch<'_>) -> Result<()> {
        let mut clusters: BTreeMap<(AccountId, Region, ClusterName), Vec<RoleName>> = BTreeMap::new();
        for pair in self.index.borrow().pairs(self.filter) {
            let cluster = (pair.account.clone(), pair.region.clone(), pair.cluster.clone());
            clusters.entry(cluster).or_default().push(pair.role.clone());
        }
        self.count(|progress| {
            progress.checks = clusters.values().map(Vec::len).sum();
            progress.checks_done = 0;
        });
        let asked = stream::iter(clusters).map(async |((account, region, name), roles)| {
            let found = self.described(&account, &region, &name).await?;
            for role in roles {
                let credentials = match self.is_barred(&role) {
                    true => None,
                    false => self.credentials(&account, &role).await?,
                };
                let review = match (&found, credentials) {
                    _ if self.is_barred(&role) => Review::Unreachable(
                        "config.toml says not to ask as this role (never_look_with); --role with its name does"
                            .to_owned(),
                    ),
                    (Some(found), Some(credentials)) if !found.endpoint.is_empty() => {
                        let _turn = self.visits.acquire().await;
                        review(kube(self.world, self.handle.aws()?, &region, found, &credentials)).await
                    }
                    (None, _) => Review::Unreachable("none of your roles may ask EKS for its address".to_owned()),
                    (Some(_), Some(_)) => Review::Unreachable("it has no address yet".to_owned()),
                    (_, None) => Review::Unreachable("the role's credentials cannot be had".to_owned()),
                };
                let now = self.now();
                if let Some(seen) = self.change().cluster_mut(&account, &region, &name) {
                    let admission = seen.admission.get_or_insert_with(|| Seen::new(now, Admission::default()));
                    admission.what.reviews.insert(role.clone(), (now, review));
                }
                self.count(|progress| progress.checks_done += 1);
                watch(self, Step::Role(&account, &role, Some((&region, &name))));
            }
            Ok::<_, Error>(())
        });
        let mut asked = std::pin::pin!(asked.buffer_unordered(ACCOUNTS_AT_ONCE));
        while let Some(done) = asked.next().await {
            done?;
        }
        Ok(())
    }
}
