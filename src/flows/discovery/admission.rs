//! Whom a cluster lets in, as its lists say that roles at hand may see.

use futures_util::future;

use crate::clients::failure::FailureKind;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{Admission, AuthMode, Entry, Listed, Subject, Verdict};
use crate::domain::discovery::index::{AccountSeen, Facts, Seen, is_since};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::Result;
use crate::flows::access::verify::{config_map, kube};
use crate::flows::discovery::found::no_cluster;
use crate::flows::discovery::search::{Depth, Search};

impl Search<'_> {
    /// What EKS says of a cluster, and who is let in.
    pub(super) async fn cluster(&self, account: &AccountId, region: &Region, name: &ClusterName) -> Result<()> {
        let fresh = self.seen(account, |seen| {
            let cluster = seen.places.get(region).and_then(|place| place.clusters.get(name));
            cluster.is_some_and(|cluster| is_since(cluster.admission.as_ref(), self.since()))
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
    pub(super) async fn admission(
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

    pub(super) fn are_all_mapped(&self, account: &AccountId, region: &Region, admission: &Admission) -> bool {
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
    pub(super) fn concerning<T>(
        &self,
        account: &AccountId,
        region: &Region,
        list: Vec<T>,
        arn: impl Fn(&T) -> &str,
    ) -> Vec<T> {
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
    pub(super) async fn entries(
        &self,
        (account, region, name): (&AccountId, &Region, &ClusterName),
        first: Option<&RoleName>,
    ) -> Result<Listed<Vec<Entry>>> {
        let now = self.now();
        let is_blind = |role: &RoleName| {
            let blind = |seen: &AccountSeen| seen.places.get(region)?.clusters.get(name)?.blind.get(role).copied();
            self.seen(account, blind).flatten().is_some_and(|at| at >= self.memory.get().denied_since)
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
                    if let Some(seen) = self.change().cluster_mut(account, region, name) {
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
}
