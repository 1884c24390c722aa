//! What a signed-in person may use: accounts → roles → regions → clusters, in parallel within bounds.

use futures_util::stream::{self, StreamExt};

use super::credentials::role_credentials;
use super::session::Access;
use crate::clients::aws::FailureKind;
use crate::clients::aws::eks::{Cluster, Eks};
use crate::clients::aws::portal::Account;
use crate::domain::config::Backend;
use crate::domain::filter::Filter;
use crate::domain::ids::{ClusterName, Region, RoleName};
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

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
    /// Roles that may not list clusters.
    pub denied: usize,
    /// Regions that are not enabled in an account.
    pub disabled: usize,
    /// Everything else that failed, in words.
    pub failed: Vec<String>,
}

impl<T> Default for Findings<T> {
    fn default() -> Self {
        Self { found: Vec::new(), denied: 0, disabled: 0, failed: Vec::new() }
    }
}

/// Searches as one session.
pub struct Search<'a> {
    /// The outside.
    pub world: &'a World,
    /// Where secrets are kept.
    pub backend: Backend,
    /// The session.
    pub access: &'a Access<'a>,
    /// What is wanted.
    pub filter: &'a Filter,
    /// Told how far the search is.
    pub progress: &'a dyn Fn(&str),
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
        let mut seen = Vec::new();
        let mut done = 0;
        while let Some((account, roles)) = listed.next().await {
            done += 1;
            (self.progress)(&format!("listing roles: {done} of {total} accounts …"));
            match roles {
                Ok(roles) => {
                    seen.extend(roles.iter().map(|role| role.as_str().to_owned()));
                    let wanted = roles.into_iter().filter(|role| self.filter.role(role.as_str()));
                    findings.found.extend(wanted.map(|role| RoleAt { account: account.clone(), role }));
                }
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::Interrupted) => return Err(error),
                Err(error) => findings.failed.push(format!("account {} ({}): {error}", account.id, account.name)),
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

    /// The clusters that those roles see in those regions. When the filter names them all, nothing is listed: the pairs
    /// are taken at their word, and describing them will tell.
    pub async fn clusters(&self, regions: &[Region]) -> Result<Findings<Found>> {
        let roles = self.roles().await?;
        let mut findings = Findings { failed: roles.failed, ..Findings::default() };
        let jobs: Vec<(&RoleAt, &Region)> =
            roles.found.iter().flat_map(|at| regions.iter().map(move |r| (at, r))).collect();
        if self.filter.is_literal() {
            for (at, region) in jobs {
                for name in &self.filter.clusters {
                    let (at, region) = (at.clone(), region.clone());
                    findings.found.push(Found { at, region, cluster: name.as_str().parse()? });
                }
            }
            return Ok(findings);
        }
        self.list(&jobs, &mut findings).await?;
        Ok(findings)
    }

    async fn list(&self, jobs: &[(&RoleAt, &Region)], findings: &mut Findings<Found>) -> Result<()> {
        // Credentials first, so that parallel regions of one role do not fetch them many times over.
        let mut roles: Vec<&RoleAt> = jobs.iter().map(|(at, _)| *at).collect();
        roles.dedup_by(|a, b| std::ptr::eq(*a, *b));
        let total = roles.len();
        let mut fetched = stream::iter(roles)
            .map(async |at| {
                (at, role_credentials(self.world, self.backend, self.access, &at.account.id, &at.role).await)
            })
            .buffer_unordered(PORTAL_PARALLEL);
        let mut refused: Vec<*const RoleAt> = Vec::new();
        let mut done = 0;
        while let Some((at, credentials)) = fetched.next().await {
            done += 1;
            (self.progress)(&format!("getting credentials: {done} of {total} roles …"));
            match credentials {
                Ok(_) => {}
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::LocalState) => return Err(error),
                Err(error) => {
                    refused.push(std::ptr::from_ref(at));
                    findings.failed.push(format!("{} in {}: {error}", at.role, at.account.name));
                }
            }
        }
        let jobs: Vec<_> = jobs.iter().filter(|(at, _)| !refused.contains(&std::ptr::from_ref(*at))).collect();
        let total = jobs.len();
        let mut listed = stream::iter(jobs)
            .map(async |(at, region)| (*at, *region, self.clusters_of(at, region).await))
            .buffer_unordered(EKS_PARALLEL);
        let mut done = 0;
        while let Some((at, region, clusters)) = listed.next().await {
            done += 1;
            (self.progress)(&format!("listing clusters: {done} of {total} role and region pairs …"));
            match clusters {
                Ok(Ok(names)) => {
                    let wanted = names.into_iter().filter(|name| self.filter.cluster(name.as_str()));
                    findings.found.extend(wanted.map(|cluster| Found {
                        at: at.clone(),
                        region: region.clone(),
                        cluster,
                    }));
                }
                Ok(Err(FailureKind::Forbidden)) => findings.denied += 1,
                Ok(Err(_)) => findings.disabled += 1,
                Err(error) => findings.failed.push(format!("{} in {} {region}: {error}", at.role, at.account.name)),
            }
        }
        findings.found.sort_by(|a, b| {
            (&a.at.account.name, &a.region, &a.cluster, &a.at.role).cmp(&(
                &b.at.account.name,
                &b.region,
                &b.cluster,
                &b.at.role,
            ))
        });
        Ok(())
    }

    async fn clusters_of(&self, at: &RoleAt, region: &Region) -> Result<Result<Vec<ClusterName>, FailureKind>> {
        let credentials = role_credentials(self.world, self.backend, self.access, &at.account.id, &at.role).await?;
        match Eks::new(&self.access.aws, region, &credentials).clusters().await {
            Ok(names) => Ok(Ok(names)),
            // Fresh credentials that a region does not know: the region is not enabled in the account.
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized) => {
                Ok(Err(failure.kind))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Describes found clusters, in parallel, in their order.
    pub async fn describe(&self, found: &[Found]) -> Vec<Result<Cluster>> {
        let total = found.len();
        let done = std::cell::Cell::new(0);
        stream::iter(found)
            .map(async |found| {
                let cluster = self.describe_one(found).await;
                done.set(done.get() + 1);
                (self.progress)(&format!("describing clusters: {} of {total} …", done.get()));
                cluster
            })
            .buffered(EKS_PARALLEL)
            .collect()
            .await
    }

    async fn describe_one(&self, found: &Found) -> Result<Cluster> {
        let at = &found.at;
        let credentials = role_credentials(self.world, self.backend, self.access, &at.account.id, &at.role).await?;
        Eks::new(&self.access.aws, &found.region, &credentials).cluster(&found.cluster).await.map_err(|failure| {
            let place = format!("account {} ({}), {}", at.account.id, at.account.name, found.region);
            match failure.kind {
                FailureKind::NotFound => {
                    Error::new(Kind::NotFound, format!("there is no cluster `{}` in {place}", found.cluster))
                        .hint("eksso clusters lists what your roles can see")
                }
                FailureKind::Forbidden | FailureKind::Unauthorized => Error::new(
                    Kind::Denied,
                    format!("`{}` may not describe the cluster `{}` in {place}", at.role, found.cluster),
                )
                .cause(&failure)
                .hint("the role needs the IAM permission eks:DescribeCluster on it"),
                _ => failure.into(),
            }
        })
    }
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
        [] => error.hint("eksso roles lists the accounts and roles you are assigned"),
        near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}
