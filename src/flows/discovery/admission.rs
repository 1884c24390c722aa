//! Which roles a cluster lets in: from access entries, from `aws-auth`, and from the cluster itself, as far as roles of the
//! signed-in person may see them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use futures_util::stream::{self, StreamExt};

use crate::clients::aws::eks::Cluster;
use crate::clients::aws::sts::Sts;
use crate::clients::failure::FailureKind;
use crate::domain::access::{Admission, AuthMode, Entry, Listed, Review, Subject, Verdict};
use crate::domain::discovery::index::{DENIED, Facts, SETTLED, Seen, is_since};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::{Error, Result};
use crate::flows::access::verify::{config_map, kube, review};
use crate::flows::discovery::search::{ACCOUNTS_AT_ONCE, Depth, Search, Step, Watch, no_cluster};

impl Search<'_> {
    /// What EKS says of a cluster, and who is let in.
    pub(in crate::flows) async fn cluster(
        &self,
        account: &AccountId,
        region: &Region,
        name: &ClusterName,
    ) -> Result<()> {
        let fresh = self.seen(account, |seen| {
            let cluster = seen.places.get(region).and_then(|place| place.clusters.get(name));
            cluster.is_some_and(|cluster| is_since(cluster.admission.as_ref(), self.since))
        });
        if fresh == Some(true) && self.depth < Depth::Verified {
            return Ok(());
        }
        let place =
            self.seen(account, |seen| format!("the cluster `{name}` in {} {region}", seen.name)).unwrap_or_default();
        let lister = self.seen(account, |seen| seen.places.get(region)?.listed.as_ref()?.what.clone()).flatten();
        let (mut described, mut by) = (None, lister.clone());
        for role in self.at_hand(account, lister.as_ref()) {
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            match self.eks(region, &credentials, async |eks| eks.cluster(name).await).await {
                Ok(found) => {
                    if self.keep_described {
                        let key = (account.clone(), region.clone(), name.clone());
                        self.described.borrow_mut().insert(key, found.clone());
                    }
                    described = Some(found);
                    by = Some(role);
                    break;
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {}
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    if self.filter.is_one_pair() {
                        self.fail(no_cluster(name, &self.place_of(account, region)));
                    }
                    // Deleted since it was listed, or never there.
                    self.forget_word(account, region, name);
                    return Ok(());
                }
                Err(failure) => {
                    self.note(failure, region, &place);
                    if self.filter.is_one_pair() {
                        self.forget_word(account, region, name);
                    }
                    return Ok(());
                }
            }
        }
        let admission = self.admission((account, region, name), by.as_ref(), described.as_ref()).await?;
        let now = self.now();
        let facts = by.zip(described).map(|(by, found)| Facts {
            by,
            status: found.status,
            version: found.version,
            endpoint: found.endpoint,
            mode: found.mode,
        });
        if let Some(seen) = self.change().cluster_mut(account, region, name) {
            seen.facts = Some(Seen::new(now, facts));
            seen.admission = Some(Seen::new(now, admission));
        }
        Ok(())
    }

    /// Who is let in, as the lists say that somebody at hand may see.
    async fn admission(
        &self,
        (account, region, name): (&AccountId, &Region, &ClusterName),
        first: Option<&RoleName>,
        described: Option<&Cluster>,
    ) -> Result<Admission> {
        let mode = described.and_then(|found| found.mode);
        let mut admission = Admission::default();
        if mode.is_none_or(AuthMode::has_entries) {
            admission.entries = self.entries((account, region, name), first).await?;
        }
        if let (true, Some(found)) = (mode.is_none_or(AuthMode::has_config_map), described)
            && !found.endpoint.is_empty()
            && !self.are_all_mapped(account, region, &admission)
        {
            for role in self.at_hand(account, first) {
                let Some(credentials) = self.credentials(account, &role).await? else { continue };
                let _turn = self.visits.acquire().await;
                let kube = kube(self.world, self.handle.aws()?, region, found, &credentials);
                let (lines, others) = config_map(kube, region.partition().arn()).await;
                let lines = match lines {
                    Listed::Seen(lines) => {
                        Listed::Seen(self.concerning(account, region, lines, |line| &line.principal))
                    }
                    hidden => hidden,
                };
                admission.config_map = lines;
                if !others {
                    break;
                }
            }
        }
        Ok(admission)
    }

    fn are_all_mapped(&self, account: &AccountId, region: &Region, admission: &Admission) -> bool {
        let roles = self.seen(account, |seen| {
            let roles = seen.roles.as_ref().map(|roles| roles.what.clone());
            roles.unwrap_or_default()
        });
        roles.unwrap_or_default().iter().filter(|(role, _)| self.filter.role(role.as_str())).all(|(role, seen)| {
            let iam_role = seen.iam.as_ref().map(|iam| iam.what.as_str());
            let subject = Subject { partition: region.partition(), account, role, iam_role };
            matches!(admission.verdict(Some(AuthMode::Api), &subject), Verdict::Mapped(_))
        })
    }

    /// Of a list, what may concern roles of this person.
    fn concerning<T>(&self, account: &AccountId, region: &Region, list: Vec<T>, arn: impl Fn(&T) -> &str) -> Vec<T> {
        let root = format!("arn:{}:iam::{account}:root", region.partition().arn());
        let concerns = |principal: &str| {
            self.seen(account, |seen| {
                seen.roles.iter().flat_map(|roles| roles.what.keys()).any(|role| {
                    Subject { partition: region.partition(), account, role, iam_role: None }.concerns(principal)
                })
            }) == Some(true)
        };
        list.into_iter().filter(|entry| arn(entry) == root || concerns(arn(entry))).collect()
    }

    /// The access entries that may concern this person, by the first role at hand that may list them.
    async fn entries(
        &self,
        (account, region, name): (&AccountId, &Region, &ClusterName),
        first: Option<&RoleName>,
    ) -> Result<Listed<Vec<Entry>>> {
        let now = self.now();
        let is_blind = |role: &RoleName| {
            let at = self.seen(account, |seen| seen.blind.get(role).copied()).flatten();
            at.is_some_and(|at| now.duration_since(at) < DENIED)
        };
        let hidden = || Listed::Hidden("none of your roles that were asked may read its access entries".to_owned());
        for role in self.at_hand(account, first) {
            if is_blind(&role) {
                continue;
            }
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            let principals = self.eks(region, &credentials, async |eks| eks.access_entries(name).await).await;
            let principals = match principals {
                Ok(principals) => principals,
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    if let Some(seen) = self.change().accounts.get_mut(account) {
                        seen.blind.insert(role, now);
                    }
                    continue;
                }
                Err(failure) => return Ok(Listed::Hidden(format!("its access entries cannot be read: {failure}"))),
            };
            let principals = self.concerning(account, region, principals, String::as_str);
            let entries = principals.into_iter().map(async |principal| {
                let entry = self.eks(region, &credentials, async |eks| eks.access_entry(name, &principal).await).await;
                // Listed, but not to be looked into: it lets the role in all the same.
                let (user, groups, policies) = Default::default();
                entry.unwrap_or(Entry { principal, user, groups, policies })
            });
            return Ok(Listed::Seen(future::join_all(entries).await));
        }
        Ok(hidden())
    }

    /// For the wanted roles that some list names: which IAM role each of them is now, so that dead entries are told apart.
    pub(in crate::flows) async fn check(&self, watch: Watch<'_>) -> Result<()> {
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
                if known.is_none_or(|iam| now.duration_since(iam.at) >= SETTLED) && pair.depends_on_the_role() {
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
    async fn learn(&self, account: &AccountId, role: &RoleName, region: &Region, watch: Watch<'_>) -> Result<()> {
        let Some(credentials) = self.credentials(account, role).await? else { return Ok(()) };
        let _turn = self.calls.acquire().await;
        // Without an answer the entry is believed, and said not to be checked.
        let caller = Sts::new(self.handle.aws()?, region, &credentials).caller().await;
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
    pub(in crate::flows) async fn learn_lister(
        &self,
        account: &AccountId,
        region: &Region,
        watch: Watch<'_>,
    ) -> Result<()> {
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
    pub(in crate::flows) async fn verify(&self, watch: Watch<'_>) -> Result<()> {
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
                let review = match (&found, self.credentials(&account, &role).await?) {
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

    pub(in crate::flows) async fn described(
        &self,
        account: &AccountId,
        region: &Region,
        name: &ClusterName,
    ) -> Result<Option<Cluster>> {
        let known = (account.clone(), region.clone(), name.clone());
        if let Some(found) = self.described.borrow().get(&known) {
            return Ok(Some(found.clone()));
        }
        let by = self.describer(account, region, name);
        let Some(by) = by else { return Ok(None) };
        let Some(credentials) = self.credentials(account, &by).await? else { return Ok(None) };
        Ok(self.eks(region, &credentials, async |eks| eks.cluster(name).await).await.ok())
    }
}
