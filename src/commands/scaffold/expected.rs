//! What is read beside the clusters for a reviewed file.

use std::collections::BTreeSet;

use crate::domain::filter::{Filter, Glob};
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::role::Made;
use crate::flows::access::gather::base::Expected;

/// All that a plan wants to be in accounts, though no cluster may name it yet.
pub fn expected(plan: &Plan) -> Expected {
    let sets = plan.roles.iter().filter(|role| role.made == Made::Set).flat_map(|role| {
        let clusters = plan.clusters_of(role, None);
        clusters.into_iter().map(|(_, cluster)| (cluster.account.clone(), role.name.clone()))
    });
    // An application of the account access manager is in Identity Center's region.
    let application = plan.roles.iter().find_map(|role| match &role.made {
        Made::Entitled(arn) => arn.split(':').nth(3)?.parse().ok(),
        _ => None,
    });
    Expected {
        accounts: plan.accounts().into_keys().cloned().collect(),
        sets: sets.collect(),
        identity_center: plan.region.clone().or(application),
        administrator: plan.account.clone(),
    }
}

/// Only where the file has clusters is looked, unless somebody says where.
pub fn narrowed(filter: &Filter, plan: &Plan) -> Filter {
    let of = |given: &[Glob], all: BTreeSet<&str>| match given {
        [] => all.into_iter().map(Glob::new).collect(),
        given => given.to_vec(),
    };
    let clusters = || plan.clusters.values();
    Filter {
        accounts: of(&filter.accounts, clusters().map(|cluster| cluster.account.as_str()).collect()),
        regions: of(&filter.regions, clusters().map(|cluster| cluster.region.as_str()).collect()),
        clusters: of(&filter.clusters, clusters().map(|cluster| cluster.name.as_str()).collect()),
        ..filter.clone()
    }
}
