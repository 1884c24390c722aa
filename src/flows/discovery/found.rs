//! The pairs that were found, and their clusters described.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt};
use tokio::sync::OnceCell;

use crate::clients::failure::FailureKind;
use crate::domain::access::Verdict;
use crate::domain::access::cluster::Cluster;
use crate::domain::assignments::Account;
use crate::domain::chained_role::ChainedRole;
use crate::domain::discovery::pair::Pair;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::{Error, Kind, Result};
use crate::flows::credentials::{Wanted, role_credentials};
use crate::flows::discovery::search::{CALLS_AT_ONCE, Search};

impl Search<'_> {
    /// Describes the clusters of pairs, each once; the results are in the order of the pairs.
    pub async fn describe(&self, pairs: &[Found]) -> Result<Vec<Result<Cluster>>> {
        let described: Vec<OnceCell<Result<Cluster>>> = pairs.iter().map(|_| OnceCell::new()).collect();
        let place = |found: &Found| (found.account.id.clone(), found.region.clone(), found.cluster.clone());
        let mut first = HashMap::new();
        let may_look =
            pairs.iter().enumerate().filter(|(_, found)| found.chained.is_none() && !self.is_barred(&found.role));
        may_look.for_each(|(at, found)| _ = first.entry(place(found)).or_insert(at));
        let firsts: Vec<usize> =
            pairs.iter().enumerate().map(|(at, found)| *first.entry(place(found)).or_insert(at)).collect();
        let work = stream::iter(firsts).map(async |first| {
            let result = described[first].get_or_init(async || self.describe_one(&pairs[first]).await).await.clone();
            match result {
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::LocalState) => Err(error),
                other => Ok(other),
            }
        });
        let results: Vec<Result<Result<Cluster>>> = work.buffered(CALLS_AT_ONCE).collect().await;
        results.into_iter().collect()
    }

    /// The role that described a cluster before, unless it was named then and must not be used by itself.
    pub(super) fn describer(&self, account: &AccountId, region: &Region, name: &ClusterName) -> Option<RoleName> {
        let index = self.index.borrow();
        let seen = index.accounts.get(account)?.places.get(region)?.clusters.get(name)?;
        Some(seen.facts.as_ref()?.what.as_ref()?.by.clone()).filter(|by| !self.is_barred(by))
    }

    /// As the role that described it before, else as the pair's own, else as another that is at hand.
    pub(super) async fn describe_one(&self, found: &Found) -> Result<Cluster> {
        let Found { account, role, region, cluster, chained } = found;
        let by = self.describer(&account.id, region, cluster);
        let known = (account.id.clone(), region.clone(), cluster.clone());
        if let Some(found) = self.described.borrow().get(&known) {
            return Ok(found.clone());
        }
        // One that is assumed is not assigned there: others look.
        let own = if chained.is_some() { self.at_hand(&account.id, None) } else { vec![role.clone()] };
        let mut roles: Vec<RoleName> = by.into_iter().chain(own).collect();
        roles.dedup();
        let place = self.place_of(&account.id, region);
        let mut denied = None;
        for by in roles {
            if self.is_barred(&by) {
                denied = denied.or_else(|| {
                    let fact =
                        format!("no role that may be used to look could describe the cluster `{cluster}` in {place}");
                    let cause = format!("config.toml keeps `{by}` from it (look_with, never_look_with)");
                    Some(Error::new(Kind::Denied, fact).cause(cause).hint(format!("--role={by} uses it")))
                });
                continue;
            }
            let wanted = Wanted::assigned(&account.id, &by);
            let credentials = match role_credentials(self.world, self.cache, self.handle, &wanted).await {
                Ok(credentials) => credentials,
                Err(error) => {
                    denied = Some(error.within(&format!("{by} in {}", account.name)));
                    continue;
                }
            };
            match self.eks(region, &credentials, async |eks| eks.cluster(cluster).await).await {
                Ok(found) => return Ok(found),
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    return Err(no_cluster(cluster, &place));
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    denied = Some(
                        Error::new(Kind::Denied, format!("`{by}` may not describe the cluster `{cluster}` in {place}"))
                            .answer(&failure)
                            .hint("the role needs the IAM permission eks:DescribeCluster on it"),
                    );
                }
                Err(failure) => return Err(Error::from(failure).within(&format!("the cluster `{cluster}` in {place}"))),
            }
        }
        Err(denied.unwrap_or_else(|| Error::new(Kind::Denied, format!("nobody may describe `{cluster}` in {place}"))))
    }

    /// A cluster, as EKS describes it now to the role that could ask before; why not, in words, where it cannot.
    pub(super) async fn described(
        &self,
        account: &AccountId,
        region: &Region,
        name: &ClusterName,
    ) -> Result<Result<Cluster, String>> {
        let known = (account.clone(), region.clone(), name.clone());
        if let Some(found) = self.described.borrow().get(&known) {
            return Ok(Ok(found.clone()));
        }
        let nobody = || Ok(Err("none of your roles may ask EKS for its address".to_owned()));
        let Some(by) = self.describer(account, region, name) else { return nobody() };
        let Some(credentials) = self.credentials(account, &by).await? else { return nobody() };
        let found = self.eks(region, &credentials, async |eks| eks.cluster(name).await).await;
        Ok(found.map_err(|failure| format!("EKS does not tell its address: {failure}")))
    }

    /// The pairs that were found, with what is known of each, as owned values.
    pub fn found(&self) -> Vec<(Found, Verdict)> {
        let index = self.index.borrow();
        index
            .pairs(self.filter)
            .filter(|pair| self.is_here(pair))
            .map(|pair| (Found::from(pair), pair.verdict()))
            .collect()
    }

    /// Whether a pair is in a region that is searched: the index may know others.
    pub fn is_here(&self, pair: &Pair<'_>) -> bool {
        self.regions.list.contains(pair.region)
    }
}

/// A cluster and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account of the cluster, and of the role where that is assigned.
    pub account: Account,
    /// The role.
    pub role: RoleName,
    /// How the role is assumed, where it is not assigned itself.
    pub chained: Option<ChainedRole>,
    /// The cluster's region.
    pub region: Region,
    /// The cluster.
    pub cluster: ClusterName,
}

impl From<Pair<'_>> for Found {
    fn from(pair: Pair<'_>) -> Self {
        Self {
            account: Account {
                id: pair.account.clone(),
                name: pair.account_seen.name.clone(),
                partition: pair.account_seen.partition,
            },
            role: pair.role.clone(),
            chained: pair.chained.cloned(),
            region: pair.region.clone(),
            cluster: pair.cluster.clone(),
        }
    }
}

/// The error of a cluster that is not there.
pub(super) fn no_cluster(name: &ClusterName, place: &str) -> Error {
    Error::new(Kind::NotFound, format!("there is no cluster `{name}` in {place}"))
        .hint("eksso clusters  # lists what your roles can see")
}
