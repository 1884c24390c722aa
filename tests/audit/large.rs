//! An audit of many clusters: what it asks for, and what it takes. Source of the bound: access.md 1.9.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use eksso_simulator::access::{IamRole, RawEntry};
use eksso_simulator::practice::PRODUCTION;
use eksso_simulator::{Account, Cluster, World};

use crate::support::Desk;

/// Entries that each of these clusters has: of the five sets and of the nodes.
const OWN: usize = 6;

/// Accounts with clusters in each, and access entries in each cluster beside its own.
pub fn large(accounts: u64, clusters: usize, entries: usize) -> World {
    let mut world = World::practice();
    let (cluster, roles) = (world.clusters[0].clone(), world.iam_roles(PRODUCTION));
    world.clusters.clear();
    for account in 0..accounts {
        let id = (222_222_222_300_u64 + account).to_string();
        world.accounts.push(Account::new(&id, &format!("team-{account}"), &["SecurityAudit"]));
        for role in 0..100 {
            let role = IamRole { account: id.clone(), name: format!("role-{role}"), ..roles[0].clone() };
            world.access.roles.push(role);
        }
        for number in 0..clusters {
            let mut cluster = Cluster { account: id.clone(), name: format!("cluster-{number}"), ..cluster.clone() };
            cluster.eks.entries.clear();
            let entry = |entry: usize| RawEntry::new(&format!("arn:aws:iam::{id}:role/role-{entry}"));
            cluster.eks.entries.extend((0..entries).map(entry));
            world.clusters.push(cluster);
        }
    }
    world
}

/// How often each call was made for an audit, and how long that took.
fn audited(world: World) -> (BTreeMap<String, usize>, Duration) {
    let desk = Desk::signed_in_to(world);
    let began = Instant::now();
    let done = desk.run(&["audit", "-o", "json"]);
    let took = began.elapsed();
    assert!([0, 4, 6].contains(&done.code), "{}", done.err);
    assert!(done.json().as_array().is_some());
    assert_eq!(desk.simulator.throttled(), 0, "faster than AWS's own pace");
    let mut counts = BTreeMap::new();
    let state = desk.simulator.state();
    state.requests.iter().for_each(|request| *counts.entry(request.operation.clone()).or_default() += 1);
    (counts, took)
}

fn of(counts: &BTreeMap<String, usize>, operation: &str) -> usize {
    counts.get(operation).copied().unwrap_or_default()
}

/// Two calls for each entry, a few for each cluster; IAM, Identity Center and the organization are asked as often whatever the number of
/// clusters of an account.
fn is_bounded(counts: &BTreeMap<String, usize>, (accounts, clusters, entries): (usize, usize, usize)) {
    let all = accounts * clusters;
    for operation in ["DescribeAccessEntry", "ListAssociatedAccessPolicies"] {
        // The search has described the one of the role that looks.
        let most = all * (entries + OWN + 1);
        let asked = of(counts, operation);
        assert!((all * (entries + OWN)..=most).contains(&asked), "{operation}: {asked} of {most}");
    }
    for operation in ["DescribeCluster", "ListAccessEntries", "ListPodIdentityAssociations", "ListNodegroups"] {
        let asked = of(counts, operation);
        assert!((all..=2 * all).contains(&asked), "{operation}: {asked} for {all} clusters");
    }
    // In pages of 100 roles and policies; beside those with clusters the practice's own accounts.
    let details = of(counts, "iam:GetAccountAuthorizationDetails");
    assert!((accounts..=3 * accounts + 6).contains(&details), "{details} for {accounts} accounts");
}

#[test]
fn an_audit_asks_twice_for_an_entry_some_times_for_a_cluster_and_once_for_an_account() {
    let (few, _) = audited(large(2, 1, 3));
    let (many, _) = audited(large(2, 3, 3));
    is_bounded(&few, (2, 1, 3));
    is_bounded(&many, (2, 3, 3));
    let elsewhere = |counts: &BTreeMap<String, usize>| {
        let is_elsewhere = |operation: &&String| operation.contains(':');
        counts
            .keys()
            .filter(is_elsewhere)
            .map(|operation| (operation.clone(), of(counts, operation)))
            .collect::<Vec<_>>()
    };
    assert_eq!(elsewhere(&few), elsewhere(&many), "more clusters of an account cost nothing elsewhere");
}

/// The simulator is in the same process: what is measured is more than eksso needs. `tests/benches/access` runs it alone.
#[test]
#[ignore = "takes minutes: 200 clusters"]
fn two_hundred_clusters_with_five_thousand_entries_are_audited_within_200_mib() {
    let (counts, took) = audited(large(50, 4, 19));
    is_bounded(&counts, (50, 4, 19));
    println!("{} requests in {:.0} s", counts.values().sum::<usize>(), took.as_secs_f64());
    if std::env::var_os("EKSSO_TEST_ALONE").is_some() {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        println!("peak: {} MiB with the simulator", kib / 1024);
        assert!(kib < 200 << 10, "{} MiB", kib / 1024);
    }
}
