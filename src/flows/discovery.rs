//! What a signed-in person may use: accounts → roles → regions → clusters, in parallel within bounds.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt};

use super::credentials::{Wanted, role_credentials};
use super::session::Access;
use crate::clients::aws::FailureKind;
use crate::clients::aws::eks::{Cluster, Eks};
use crate::clients::aws::portal::Account;
use crate::domain::filter::Filter;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::naming::Identity;
use crate::domain::session::RoleCredentials;
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};
use crate::ports::{CredentialCache, World};

/// The portal takes about 20 requests a second from everybody together.
const PORTAL_PARALLEL: usize = 4;
const EKS_PARALLEL: usize = 24;

/// A role in an account.
#[derive(Debug, Clone)]
pub struct RoleAt {
    /// The account.
    pub account: Account,
    /// The role.
    pub role: RoleName,
}

/// A cluster as one role sees it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The role and its account.
    pub at: RoleAt,
    /// The cluster's region.
    pub region: Region,
    /// The cluster.
    pub cluster: ClusterName,
}

/// What was found, and what could not be looked at.
#[derive(Debug)]
pub struct Findings<T> {
    /// The good part, sorted.
    pub found: Vec<T>,
    /// How many lists were given.
    pub given: usize,
    /// How many were denied.
    pub denied: usize,
    /// Regions that are not enabled in an account.
    pub disabled: usize,
    /// Everything else that failed.
    pub failed: Vec<Error>,
    /// All that was seen on the way, wanted or not.
    pub seen: Seen,
}

/// What a search has seen for sure, so that what is missing from it is known to be gone.
#[derive(Debug, Default)]
pub struct Seen {
    /// Their names.
    accounts: HashMap<AccountId, String>,
    /// Of the accounts whose roles could be listed.
    roles: HashMap<AccountId, HashSet<RoleName>>,
    /// Of the places where some role could list clusters.
    clusters: HashMap<(AccountId, Region), HashSet<ClusterName>>,
}

impl Seen {
    /// The name of an account that is assigned.
    pub fn account_name(&self, account: &AccountId) -> Option<&str> {
        self.accounts.get(account).map(String::as_str)
    }

    /// Whether what a context stands for is certainly not there any more: the account or the role is not assigned, or
    /// the cluster is not in its region. What could not be looked at is not gone.
    pub fn is_gone(&self, identity: &Identity) -> bool {
        let Identity { account, role, region, cluster, .. } = identity;
        !self.accounts.contains_key(account)
            || self.roles.get(account).is_some_and(|roles| !roles.contains(role))
            || self.clusters.get(&(account.clone(), region.clone())).is_some_and(|all| !all.contains(cluster))
    }
}

impl<T> Default for Findings<T> {
    fn default() -> Self {
        Self { found: Vec::new(), given: 0, denied: 0, disabled: 0, failed: Vec::new(), seen: Seen::default() }
    }
}

/// Searches as one session.
pub struct Search<'a> {
    /// The outside.
    pub world: &'a World,
    /// Role credentials that are there already.
    pub cache: &'a dyn CredentialCache,
    /// The session.
    pub access: &'a Access<'a>,
    /// What is wanted.
    pub filter: &'a Filter,
    /// Told how far the search is.
    pub progress: &'a dyn Fn(&str),
    /// The credentials this search has at hand, by account and role.
    pub credentials: RefCell<HashMap<(AccountId, RoleName), RoleCredentials>>,
}

impl Search<'_> {
    /// The accounts and roles that match. An account whose roles cannot be listed is a failure in the findings.
    pub async fn roles(&self) -> Result<Findings<RoleAt>> {
        (self.progress)("listing accounts …");
        let all = self.access.call(async |portal, token| portal.accounts(&token).await).await?;
        let accounts: Vec<&Account> = all.iter().filter(|a| self.filter.account(a.id.as_str(), &a.name)).collect();
        self.check_accounts(&all, accounts.len())?;
        let total = accounts.len();
        let mut listed = stream::iter(accounts)
            .map(async |account| {
                let id = &account.id;
                (account, self.access.call(async |portal, token| portal.roles(&token, id).await).await)
            })
            .buffer_unordered(PORTAL_PARALLEL);
        let mut findings = Findings::default();
        findings.seen.accounts.extend(all.iter().map(|account| (account.id.clone(), account.name.clone())));
        let mut seen = Vec::new();
        let mut done = 0;
        while let Some((account, roles)) = listed.next().await {
            done += 1;
            (self.progress)(&format!("listing roles: {done} of {total} accounts …"));
            match roles {
                Ok(roles) => {
                    seen.extend(roles.iter().map(|role| role.as_str().to_owned()));
                    findings.seen.roles.insert(account.id.clone(), roles.iter().cloned().collect());
                    let wanted = roles.into_iter().filter(|role| self.filter.role(role.as_str()));
                    findings.found.extend(wanted.map(|role| RoleAt { account: account.clone(), role }));
                }
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::Interrupted) => return Err(error),
                Err(error) => findings.failed.push(error.within(&format!("account {} ({})", account.id, account.name))),
            }
        }
        findings
            .found
            .sort_by(|a, b| (&a.account.name, &a.account.id, &a.role).cmp(&(&b.account.name, &b.account.id, &b.role)));
        if findings.found.is_empty() && findings.failed.is_empty() && total > 0 && !self.filter.roles.is_empty() {
            return Err(no_match("role", &self.filter.roles[0], seen.iter().map(String::as_str)));
        }
        Ok(findings)
    }

    fn check_accounts(&self, all: &[Account], matching: usize) -> Result<()> {
        match self.filter.accounts.first() {
            Some(glob) if matching == 0 => Err(no_match(
                "account",
                glob,
                all.iter().flat_map(|account| [account.name.as_str(), account.id.as_str()]),
            )),
            _ => Ok(()),
        }
    }

    /// The clusters that those roles see in those regions. When the filter names the one pair, nothing is listed: it is
    /// taken at its word, and describing it will tell.
    pub async fn clusters(&self, regions: &[Region]) -> Result<Findings<Found>> {
        let roles = self.roles().await?;
        let mut findings = Findings { failed: roles.failed, seen: roles.seen, ..Findings::default() };
        if let (true, [at], [region], [name]) =
            (self.filter.is_one_pair(), roles.found.as_slice(), regions, self.filter.clusters.as_slice())
        {
            let cluster = name.as_str().parse()?;
            findings.found.push(Found { at: at.clone(), region: region.clone(), cluster });
            return Ok(findings);
        }
        let usable = self.prepare(&roles.found, &mut findings.failed).await?;
        let seen = self.list(&usable, regions, &mut findings).await?;
        match self.filter.clusters.first() {
            Some(glob) if findings.found.is_empty() && findings.failed.is_empty() && findings.given > 0 => {
                Err(no_match("cluster", glob, seen.iter().map(ClusterName::as_str)))
            }
            _ => Ok(findings),
        }
    }

    /// Gets the credentials of roles, once each, and answers the roles that have some.
    async fn prepare<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r RoleAt>,
        failed: &mut Vec<Error>,
    ) -> Result<Vec<&'r RoleAt>> {
        let mut seen = HashSet::new();
        let roles: Vec<&RoleAt> = roles.into_iter().filter(|at| seen.insert((&at.account.id, &at.role))).collect();
        let total = roles.len();
        let mut fetched = stream::iter(roles)
            .map(async |at| {
                let known = self.credentials_of(at).is_some();
                let (account, role) = (&at.account.id, &at.role);
                let found = match known {
                    true => Ok(()),
                    false => role_credentials(self.world, self.cache, self.access, &Wanted::assigned(account, role))
                        .await
                        .map(|found| {
                            self.credentials.borrow_mut().insert((account.clone(), role.clone()), found);
                        }),
                };
                (at, found)
            })
            .buffered(PORTAL_PARALLEL);
        let mut usable = Vec::new();
        let mut done = 0;
        while let Some((at, found)) = fetched.next().await {
            done += 1;
            (self.progress)(&format!("getting credentials: {done} of {total} roles …"));
            match found {
                Ok(()) => usable.push(at),
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::LocalState) => return Err(error),
                Err(error) => failed.push(error.within(&format!("{} in {}", at.role, at.account.name))),
            }
        }
        Ok(usable)
    }

    fn credentials_of(&self, at: &RoleAt) -> Option<RoleCredentials> {
        self.credentials.borrow().get(&(at.account.id.clone(), at.role.clone())).cloned()
    }

    /// Lists clusters into the findings; answers the names of all there are, wanted or not.
    async fn list(
        &self,
        roles: &[&RoleAt],
        regions: &[Region],
        findings: &mut Findings<Found>,
    ) -> Result<Vec<ClusterName>> {
        let aws = self.access.aws()?;
        let mut seen = Vec::new();
        let jobs: Vec<(&RoleAt, &Region)> =
            roles.iter().flat_map(|at| regions.iter().map(move |region| (*at, region))).collect();
        let total = jobs.len();
        let mut listed = stream::iter(jobs)
            .map(async |(at, region)| {
                let eks = self.credentials_of(at).map(|found| Eks::new(aws, region, &found));
                let clusters = match eks {
                    Some(eks) => eks.clusters().await,
                    None => Ok(Vec::new()),
                };
                (at, region, clusters)
            })
            .buffer_unordered(EKS_PARALLEL);
        let mut done = 0;
        while let Some((at, region, clusters)) = listed.next().await {
            done += 1;
            (self.progress)(&format!("listing clusters: {done} of {total} role and region pairs …"));
            match clusters {
                Ok(names) => {
                    findings.given += 1;
                    seen.extend_from_slice(&names);
                    let place = (at.account.id.clone(), region.clone());
                    findings.seen.clusters.entry(place).or_default().extend(names.iter().cloned());
                    let wanted = names.into_iter().filter(|name| self.filter.cluster(name.as_str()));
                    let found = |cluster| Found { at: at.clone(), region: region.clone(), cluster };
                    findings.found.extend(wanted.map(found));
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => findings.denied += 1,
                // Credentials that are good elsewhere, but that a region does not know: it is not enabled in the account.
                Err(failure) if failure.is(&["UnrecognizedClientException", "InvalidClientTokenId"]) => {
                    findings.disabled += 1;
                }
                Err(failure) => {
                    let place = format!("{} in {} {region}", at.role, at.account.name);
                    findings.failed.push(Error::from(failure).within(&place));
                }
            }
        }
        let key = |f: &Found| (f.at.account.name.clone(), f.region.clone(), f.cluster.clone(), f.at.role.clone());
        findings.found.sort_by_cached_key(key);
        Ok(seen)
    }

    /// Describes found clusters, in parallel, in their order.
    pub async fn describe(&self, found: &[Found]) -> Result<Vec<Result<Cluster>>> {
        let mut failed = Vec::new();
        self.prepare(found.iter().map(|found| &found.at), &mut failed).await?;
        let total = found.len();
        let done = Cell::new(0);
        let described = stream::iter(found)
            .map(async |found| {
                let cluster = match self.credentials_of(&found.at) {
                    Some(credentials) => self.describe_one(found, &credentials).await,
                    None => Err(no_credentials(&found.at, &failed)),
                };
                done.set(done.get() + 1);
                (self.progress)(&format!("describing clusters: {} of {total} …", done.get()));
                cluster
            })
            .buffered(EKS_PARALLEL)
            .collect()
            .await;
        Ok(described)
    }

    async fn describe_one(&self, found: &Found, credentials: &RoleCredentials) -> Result<Cluster> {
        let at = &found.at;
        Eks::new(self.access.aws()?, &found.region, credentials).cluster(&found.cluster).await.map_err(|failure| {
            let place = format!("account {} ({}), {}", at.account.id, at.account.name, found.region);
            match failure.kind {
                FailureKind::NotFound => {
                    Error::new(Kind::NotFound, format!("there is no cluster `{}` in {place}", found.cluster))
                        .hint("eksso clusters lists what your roles can see")
                }
                FailureKind::Forbidden => Error::new(
                    Kind::Denied,
                    format!("`{}` may not describe the cluster `{}` in {place}", at.role, found.cluster),
                )
                .cause(&failure)
                .hint("the role needs the IAM permission eks:DescribeCluster on it"),
                _ => Error::from(failure).within(&format!("the cluster `{}` in {place}", found.cluster)),
            }
        })
    }
}

/// The failure of getting a role's credentials, for each of its clusters.
fn no_credentials(at: &RoleAt, failed: &[Error]) -> Error {
    let place = format!("{} in {}", at.role, at.account.name);
    let own = failed.iter().find(|error| error.fact().starts_with(&place));
    own.cloned().unwrap_or_else(|| Error::new(Kind::Denied, format!("{place}: there are no credentials")))
}

/// The regions to look in: what the filter names, else what the configuration lists, else everywhere.
pub fn regions(filter: &Filter, configured: &[Region], home: &Region) -> Result<Vec<Region>> {
    let everywhere = || home.partition().eks_regions().iter().filter_map(|name| name.parse().ok());
    let known: Vec<Region> = if configured.is_empty() { everywhere().collect() } else { configured.to_vec() };
    if filter.regions.is_empty() {
        return Ok(known);
    }
    let mut regions: Vec<Region> = Vec::new();
    for glob in &filter.regions {
        if glob.is_literal() {
            regions.push(glob.as_str().parse()?);
        } else {
            regions.extend(everywhere().chain(known.iter().cloned()).filter(|region| glob.matches(region.as_str())));
        }
    }
    regions.sort();
    regions.dedup();
    match (regions.is_empty(), filter.regions.first()) {
        (true, Some(glob)) => Err(no_match("region", glob, home.partition().eks_regions().iter().copied())),
        _ => Ok(regions),
    }
}

fn no_match<'a>(what: &str, glob: &crate::domain::filter::Glob, known: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::NotFound, format!("no {what} of yours matches `{}`", glob.as_str()));
    let mut names: Vec<&str> = known.collect();
    names.sort_unstable();
    names.dedup();
    match near_misses(glob.as_str(), names).as_slice() {
        [] if what == "cluster" => error.hint("eksso clusters lists all that your roles can see"),
        [] => error.hint("eksso roles lists the accounts and roles you are assigned"),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}
