//! The generated files, applied to a simulated organization by what knows nothing of eksso (the simulator's `apply`, which reads the files):
//! an audit finds nothing, and one change by hand is found as just that.

use std::collections::BTreeSet;

use eksso_simulator::access::{KubeBinding, RawEntry};
use eksso_simulator::practice::{MANAGEMENT, PRODUCTION};
use eksso_simulator::{Policy, World, apply};

use crate::support::Desk;

/// The practice's file with all that `scaffold` reads besides. The auditor's set holds what a run of `audit` needs.
fn file() -> String {
    let making = format!("[scaffold]\naccount = \"{MANAGEMENT}\"\nregion = \"eu-west-1\"\n\n");
    let guard = "\n[guard]\naccess_pipeline = [\"role/eks-platform/access-pipeline\"]\ncluster_pipeline = [\"role/eks-platform/cluster-pipeline\"]\n";
    let groups = "kubernetes_groups = [\"eksso-auditors\"]\n";
    let auditor = World::practice_file().replace(groups, &format!("{groups}iam_file = \"audit.json\"\n"));
    format!("{making}{auditor}{guard}")
}

/// A desk of the auditor, who is signed in, with the set written and applied.
fn applied() -> Desk {
    let desk = Desk::signed_in_to(World::before_practice());
    let policy = desk.run(&["audit", "--print-policy", "iam"]).ok().out;
    desk.write("audit.json", &policy);
    let (file, to) = (desk.write("access.toml", &file()), desk.path("out"));
    let (file, to) = (file.to_str().expect("a path"), to.to_str().expect("a path"));
    desk.run(&["scaffold", "write", "--file", file, "--to", to]).ok();
    let done = apply::set(&mut desk.simulator.state().world, to.as_ref()).unwrap_or_else(|why| panic!("{why}"));
    assert!(done.len() >= 8, "management, two of roles, two of entries, the guard, two clusters: {done:?}");
    desk
}

/// What an audit says of a desk's world: exit code, rules found, and what was not checked.
fn audit(desk: &Desk) -> (u8, BTreeSet<String>, Vec<String>) {
    let file = desk.path("access.toml");
    let outcome = desk.run(&["audit", "--refresh", "-o", "json", "--file", file.to_str().expect("a path")]);
    assert!([0, 4, 6].contains(&outcome.code), "{}: {}", outcome.code, outcome.err);
    let (mut found, mut unchecked) = (BTreeSet::new(), Vec::new());
    for row in outcome.json().as_array().expect("an array") {
        let rule = row["rule"].as_str().expect("a rule").to_owned();
        match row["state"].as_str() {
            Some("finding") => _ = found.insert(rule),
            // Nobody can read it, on EKS neither.
            _ if rule == "creator-hidden" => {}
            _ => unchecked.push(format!("{rule}: {} {}", row["resource"], row["fact"])),
        }
    }
    (outcome.code, found, unchecked)
}

#[test]
fn what_is_made_and_applied_leaves_an_audit_nothing_to_find() {
    let desk = applied();
    assert_eq!(audit(&desk), (0, BTreeSet::new(), vec![]));
    // The same once more changes nothing.
    let before = format!("{:?}", desk.simulator.state().world.clusters);
    let again = apply::set(&mut desk.simulator.state().world, &desk.path("out"));
    assert!(again.is_ok(), "{again:?}");
    assert_eq!(format!("{:?}", desk.simulator.state().world.clusters), before);
}

#[test]
fn before_the_set_is_applied_there_is_nothing_of_it() {
    let desk = Desk::signed_in_to(World::before_practice());
    let file = desk.write("access.toml", World::practice_file());
    let outcome = desk.run(&["audit", "--file", file.to_str().expect("a path")]);
    assert_ne!(outcome.code, 0, "the clusters cannot be read: {}", outcome.err);
}

/// A change that somebody makes by hand, with the rules that tell of it.
type Change = (&'static [&'static str], fn(&mut World));

fn entry<'w>(world: &'w mut World, name: &str) -> &'w mut RawEntry {
    let cluster = world.clusters.iter_mut().find(|cluster| cluster.account == PRODUCTION).expect("the cluster");
    let is = |entry: &&mut RawEntry| entry.principal.contains(&format!("AWSReservedSSO_{name}_"));
    cluster.eks.entries.iter_mut().find(is).expect("an entry")
}

fn policy(name: &str, namespaces: &[&str]) -> Vec<Policy> {
    let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
    vec![Policy { name: format!("AmazonEKS{name}Policy"), namespaces }]
}

const BY_HAND: [Change; 8] = [
    // The developers' set is then the same to the cluster as the administrators'.
    (&["admin-too-many", "policy-name-collides"], |world| {
        entry(world, "EKSDeveloper").policies = policy("ClusterAdmin", &[])
    }),
    (&["edit-cluster-wide"], |world| entry(world, "EKSDeveloper").policies = policy("Edit", &[])),
    (&["scope-reaches-system"], |world| {
        entry(world, "EKSDeveloper").policies = policy("Edit", &["payments", "kube-*"]);
    }),
    (&["secrets-to-viewers"], |world| entry(world, "EKSViewer").policies = policy("AdminView", &[])),
    (&["group-unbound"], |world| entry(world, "EKSDeveloper").groups.push("nobody-bound-me".into())),
    (&["entry-empty"], |world| entry(world, "EKSViewer").policies.clear()),
    (&["session-long"], |world| {
        let set = world.access.sets.iter_mut().find(|set| set.name == "EKSClusterAdmin").expect("a set");
        set.session = Some("PT8H".into());
    }),
    (&["anonymous-bound"], |world| {
        let cluster = world.clusters.iter_mut().find(|cluster| cluster.account == PRODUCTION).expect("the cluster");
        cluster.rbac.bindings.push(KubeBinding::cluster("open", "view", "system:unauthenticated"));
    }),
];

#[test]
fn one_change_by_hand_is_found_as_that_and_gone_when_the_set_is_applied_again() {
    let desk = applied();
    let good = desk.simulator.state().world.clone();
    for (rules, change) in BY_HAND {
        change(&mut desk.simulator.state().world);
        let (code, found, unchecked) = audit(&desk);
        let wanted: BTreeSet<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        assert_eq!((found, unchecked), (wanted, vec![]));
        assert!([0, 4].contains(&code), "{rules:?}: {code}");
        // What the next change is found as shows that this one is gone; what the set does not name, applying it does not take away.
        apply::set(&mut desk.simulator.state().world, &desk.path("out")).expect("applied again");
    }
    assert_eq!(audit(&desk).1, BTreeSet::from(["anonymous-bound".to_owned()]));
    desk.simulator.state().world = good;
    assert_eq!(audit(&desk), (0, BTreeSet::new(), vec![]));
}
