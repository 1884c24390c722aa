//! What `add` and `sync` share: pairs are searched for, chosen or taken as they match, and described.

use crate::cli::LookArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::pick_while_searching::{ask, warn_useless};
use crate::commands::shared::search::Use;
use crate::commands::shared::sessions::SessionErrors;
use crate::domain::access::Verdict;
use crate::domain::access::cluster::Cluster;
use crate::domain::chained_role::ChainedRole;
use crate::domain::filter::Filter;
use crate::domain::identity::{Identity, cluster_arn};
use crate::domain::ids::{RoleName, SessionName};
use crate::domain::kubeconfig::names::Known;
use crate::domain::kubeconfig::{ClusterFacts, NewContext, Plugin};
use crate::domain::settings::config::Config;
use crate::domain::settings::route::Route;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::found::Found;
use crate::flows::discovery::regions::regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::SessionHandle;
use crate::ui::say::count;
use std::collections::HashSet;

/// What was found and chosen, ready to be written.
pub struct Gathered<'s> {
    /// The searches that came to an end.
    pub searches: Vec<Search<'s>>,
    /// What can be used of what was chosen, each with its session.
    pub usable: Vec<(SessionName, Found)>,
    /// Its contexts, with what else they are named by.
    pub new: Vec<(NewContext, Known)>,
}

/// How pairs are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choosing {
    /// By a person, where there is something to choose.
    Asking,
    /// All that match.
    Everything,
}

/// What is looked for, and what of it is written.
pub struct Wish<'s> {
    /// The filters.
    pub filter: &'s Filter,
    /// How deep, how fresh, and whether roles that are not let in count.
    pub look: LookArgs,
    /// Whether the kubeconfig names eksso by its full path.
    pub absolute_command: bool,
    /// How pairs are chosen.
    pub choosing: Choosing,
    /// Whether contexts of what is gone are removed, so that a filter need not match what is there.
    pub prune: bool,
}

/// Searches, lets the person choose or takes everything, and describes what was chosen; `None` when nobody chose.
pub fn chosen_pairs<'s>(
    call: &'s Call<'_>,
    settings: &Settings,
    (handles, errors): (&'s [SessionHandle<'s>], &SessionErrors),
    wish: &Wish<'s>,
) -> Result<Option<Gathered<'s>>> {
    let world = call.world;
    // A kubeconfig that cannot be edited is told before anybody waits or chooses.
    let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
    let depth = if wish.look.verify { Depth::Verified } else { Depth::Clusters };
    let index = Use::of(wish.look.refresh, true);
    let searches = call.searches(handles, errors, |handle| {
        let regions = regions(wish.filter, &settings.config.regions, &handle.session.partitions())?;
        let mut search = call.search((handle.cache(), handle), wish.filter, regions, depth, index)?;
        search.keep_described = true;
        Ok(search)
    })?;
    let asking = wish.choosing == Choosing::Asking && !wish.filter.is_complete() && call.interactive();
    let (searches, chosen) = match asking {
        true => ask(call, searches, errors, &files)?,
        false => {
            // Whoever removes contexts of what is gone may name just that.
            let borne = |result: Result<()>| match result {
                Err(error) if wish.prune && error.kind() == Kind::NotFound => Ok(()),
                result => result,
            };
            let found = call.find(&searches, &|_, _| {})?.into_iter().map(borne).collect();
            let searches = call.ended(searches, found, errors)?;
            let is_any = searches.iter().any(|search| !search.found().is_empty());
            borne(call.report_all(&searches, errors, is_any, "cluster"))?;
            let chosen = all(call, &searches, wish)?;
            (searches, Some(chosen))
        }
    };
    let Some(chosen) = chosen else { return Ok(None) };
    let plugin = Plugin {
        command: call.plugin_command(wish.absolute_command)?,
        cluster_id: None,
        api_version: settings.config.exec_api_version,
    };
    let (mut usable, mut new, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for search in &searches {
        let name = &search.handle.session.name;
        let own: Vec<Found> =
            chosen.iter().filter(|(session, _)| session == name).map(|(_, found)| found.clone()).collect();
        let described = match block_on(search.describe(&own)) {
            Ok(described) => described,
            Err(error) => {
                errors.take(call, name, error)?;
                continue;
            }
        };
        for (found, cluster) in own.into_iter().zip(described) {
            let tags = cluster.as_ref().map(|cluster| cluster.tags.clone()).unwrap_or_default();
            let permitted = || {
                let (policy, by) = (world.policy()?, found.chained.as_ref());
                let role = by.map_or(&found.role, |by| &by.from_role);
                Ok(policy.roles(role, by.map(|by| &by.arn))?)
            };
            let cluster = permitted().and(cluster);
            match cluster.and_then(|cluster| context(search.handle, &found, cluster, &plugin, &settings.config)) {
                Ok(context) => {
                    let namespace = search.index.borrow().only_namespace(&context.identity);
                    new.push((context, Known { account_name: found.account.name.clone(), tags, namespace }));
                    usable.push((name.clone(), found));
                }
                Err(error) => failed.push(error),
            }
        }
    }
    if let (true, Some(first)) = (usable.is_empty(), failed.first()) {
        return Err(first.clone());
    }
    // One cluster that is not ready does not keep the others from being written; its roles need no word each.
    let mut told = HashSet::new();
    let lines = failed.iter().map(|error| format!("left out: {error}"));
    lines.filter(|line| told.insert(line.clone())).for_each(|line| call.voice.warn(world, &line));
    Ok(Some(Gathered { searches, usable, new }))
}

/// Everything that matches, but for roles that are known not to be let in, unless they are named.
fn all(call: &Call<'_>, searches: &[Search<'_>], wish: &Wish<'_>) -> Result<Vec<(SessionName, Found)>> {
    let of_session = |search: &Search<'_>| {
        let name = search.handle.session.name.clone();
        search.found().into_iter().map(move |(found, verdict)| ((name.clone(), found), verdict))
    };
    let found: Vec<_> = searches.iter().flat_map(of_session).collect();
    let named = |role: &RoleName| wish.filter.roles.iter().any(|glob| glob.is_literal() && glob.matches(role.as_str()));
    if wish.choosing == Choosing::Asking && !wish.filter.is_complete() && found.len() > 1 {
        return Err(Error::usage(format!(
            "{} match, and there is nobody to ask",
            count(found.len(), "cluster and role pair")
        ))
        .hint("give --account, --role, --region and --cluster (each may be a glob), or run this in a terminal"));
    }
    let (mut taken, mut left) = (Vec::new(), 0);
    for (found, verdict) in found {
        match verdict {
            Verdict::NotMapped(why) if named(&found.1.role) => {
                warn_useless(call, &found.1, &why);
                taken.push(found);
            }
            Verdict::NotMapped(_) if !wish.look.unmapped => left += 1,
            _ => taken.push(found),
        }
    }
    if left > 0 {
        let pairs = count(left, "cluster and role pair");
        let line = format!(
            "Left out {pairs}: the cluster does not let the role in; `eksso clusters` says why, --unmapped writes them too."
        );
        call.voice.say(call.world, &line);
    }
    Ok(taken)
}

fn context(
    handle: &SessionHandle<'_>,
    found: &Found,
    cluster: Cluster,
    plugin: &Plugin,
    config: &Config,
) -> Result<NewContext> {
    if !matches!(cluster.status.as_str(), "ACTIVE" | "UPDATING") || cluster.endpoint.is_empty() {
        return Err(Error::new(Kind::NotFound, format!("the cluster `{}` cannot be used yet", found.cluster))
            .cause(format!("its status is {}", cluster.status))
            .hint("try again when it is ACTIVE"));
    }
    let home = &found.account.id;
    let cluster_entry = cluster_arn(home, &found.region, &found.cluster);
    let assigned = || (home.clone(), found.role.clone(), None);
    let hub = |by: &ChainedRole| (by.from_account.clone(), by.from_role.clone(), Some(by.arn.clone()));
    let (account, role, assume) = found.chained.as_ref().map_or_else(assigned, hub);
    let Route { proxy_url, tls_server_name, server } = config.route(&cluster_entry);
    Ok(NewContext {
        name: String::new(),
        cluster_entry,
        identity: Identity {
            session: handle.session.name.clone(),
            elsewhere: Some(home.clone()).filter(|home| *home != account),
            account,
            role,
            region: found.region.clone(),
            cluster: found.cluster.clone(),
            assume,
        },
        cluster: Some(ClusterFacts {
            endpoint: server.unwrap_or(cluster.endpoint),
            certificate_authority: cluster.certificate_authority,
            proxy_url,
            tls_server_name,
        }),
        plugin: Plugin { cluster_id: cluster.id.map(|id| id.as_str().to_owned()), ..plugin.clone() },
    })
}
