//! `eksso clusters`: what each role can see, region by region.

use std::cell::RefCell;

use serde::Serialize;

use super::{Call, block_on};
use crate::cli::ClustersArgs;
use crate::domain::filter::Filter;
use crate::domain::kubeconfig::cluster_arn;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::{Findings, Search, regions};
use crate::ui::say::count;
use crate::ui::table::{Row, show};

#[derive(Debug, Serialize)]
struct ClusterRow {
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    region: String,
    cluster: String,
    arn: String,
    /// As EKS says; `unknown` when the role may not describe the cluster.
    status: String,
    version: String,
    endpoint: String,
}

impl Row for ClusterRow {
    const HEADINGS: &'static [&'static str] = &["ACCOUNT", "REGION", "CLUSTER", "ROLE", "STATUS", "VERSION"];

    fn cells(&self) -> Vec<String> {
        [&self.account_name, &self.region, &self.cluster, &self.role, &self.status, &self.version]
            .map(Clone::clone)
            .to_vec()
    }

    fn name(&self) -> String {
        self.arn.clone()
    }
}

/// Lists them.
pub fn run(call: &Call<'_>, args: &ClustersArgs) -> Result<()> {
    let settings = call.settings()?;
    let session = settings.require(call.world, call.globals.session.as_deref())?;
    let keyring = call.keyring(&settings)?;
    let access = call.access(session, keyring)?;
    let cache = call.world.keyrings.sealed(keyring);
    let filter = Filter::from(&args.filter);
    let regions = regions(&filter, &settings.config.regions, &access.session.region)?;
    let progress = |line: &str| call.progress(line);
    let search = Search {
        world: call.world,
        cache: cache.as_ref(),
        access: &access,
        filter: &filter,
        progress: &progress,
        credentials: RefCell::default(),
    };
    let found = block_on(async {
        let findings = search.clusters(&regions).await?;
        let described = search.describe(&findings.found).await?;
        Ok((findings, described))
    });
    call.progress("");
    let (mut findings, described) = found?;
    let mut rows = Vec::new();
    for (found, cluster) in findings.found.iter().zip(described) {
        let known = match cluster {
            Ok(cluster) => Some(cluster),
            Err(error) if error.kind() == Kind::Denied => None,
            Err(error) => {
                findings.failed.push(error);
                continue;
            }
        };
        let (status, version, endpoint) = known.map_or_else(
            || ("unknown".to_owned(), "-".to_owned(), String::new()),
            |cluster| (cluster.status, cluster.version, cluster.endpoint),
        );
        rows.push(ClusterRow {
            session: access.session.name.to_string(),
            account_id: found.at.account.id.to_string(),
            account_name: found.at.account.name.clone(),
            role: found.at.role.to_string(),
            region: found.region.to_string(),
            cluster: found.cluster.to_string(),
            arn: cluster_arn(&found.at.account.id, &found.region, &found.cluster),
            status,
            version,
            endpoint,
        });
    }
    show(call.world, call.output(), &rows)?;
    report(call, &findings, rows.len(), "cluster")
}

/// Says what could not be looked at. When that left nothing to show, it is the error, with its own exit code.
pub fn report<T>(call: &Call<'_>, findings: &Findings<T>, shown: usize, noun: &str) -> Result<()> {
    let world = call.world;
    let denied = count(findings.denied, "role and region pair");
    if findings.disabled > 0 {
        let pairs = count(findings.disabled, "role and region pair");
        call.voice.detail(world, &format!("{pairs}: the region is not enabled in the account"));
    }
    let told = usize::from(shown == 0);
    for failed in findings.failed.iter().skip(told) {
        call.voice.warn(world, &failed.to_string());
    }
    match findings.failed.first() {
        Some(first) if shown == 0 => return Err(first.clone()),
        _ if shown == 0 && findings.denied > 0 && findings.given == 0 => {
            return Err(Error::new(Kind::Denied, format!("no {noun} can be seen"))
                .cause(format!("{denied} may not list clusters (eks:ListClusters)")));
        }
        _ if shown == 0 => call.voice.say(world, &format!("No {noun} was found.")),
        _ if findings.denied > 0 => {
            call.voice.say(world, &format!("{denied} may not list clusters (eks:ListClusters)."));
        }
        _ => {}
    }
    Ok(())
}
