//! The generated files, applied to a simulated organization by what knows nothing of eksso (the simulator's `apply`, which reads the files):
//! a comparison and an audit find nothing, and one change by hand is found as just that.

use std::collections::BTreeSet;

use eksso_simulator::access::{
    Assignment, DirectoryGroup, IamRole, KubeBinding, PermissionSet, RawEntry, Who, directory_id,
};
use eksso_simulator::practice::{MANAGEMENT, PRODUCTION};
use eksso_simulator::{Policy, World, apply};
use serde_json::Value;

use crate::scaffold::seeds::auditing;
use crate::support::Desk;

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    IdentityCenter,
    Okta,
}

/// The practice's file with all that `scaffold` reads besides. The auditor has what a run of `audit` needs.
fn file(by: By) -> String {
    let making = match by {
        By::IdentityCenter => format!("account = \"{MANAGEMENT}\"\nregion = \"eu-west-1\""),
        By::Okta => "saml_provider = \"Okta\"".to_owned(),
    };
    let guard = "\n[guard]\naccess_pipeline = [\"role/eks-platform/access-pipeline\"]\ncluster_pipeline = [\"role/eks-platform/cluster-pipeline\"]\n";
    format!("[scaffold]\n{making}\n\n{}{guard}", auditing(World::practice_file()))
}

/// A desk with the set written and applied, and of the auditor, who signs in then.
fn applied(by: By) -> Desk {
    let mut world = World::before_practice();
    if by == By::Okta {
        world.dedicated = true;
        world.access.sets.clear();
        world.access.assignments = Some(Vec::new());
    }
    let desk = Desk::configured(world);
    let (file, to) = (desk.write("access.toml", &file(by)), desk.path("out"));
    let (file, to) = (file.to_str().expect("a path"), to.to_str().expect("a path"));
    desk.run(&["scaffold", "write", "--file", file, "--to", to]).ok();
    let done = apply_again(&desk);
    // Okta has no management account's sets: two of roles, two of entries, the guard, two clusters.
    let least = if by == By::Okta { 7 } else { 8 };
    assert!(done.len() >= least, "{done:?}");
    if by == By::Okta {
        // The person is put into the group of Okta that the role is for, in each account.
        let accounts = &mut desk.simulator.state().world.accounts;
        for account in accounts.iter_mut().filter(|account| account.id != MANAGEMENT) {
            account.roles.push("SecurityAudit".into());
        }
    }
    if by == By::IdentityCenter {
        // The guard of the management account is attached to a set of its people by hand, as the README says.
        let access = &mut desk.simulator.state().world.access;
        let customer_managed = vec!["/eks/eksso-deny-assignments".to_owned()];
        access.sets.push(PermissionSet { customer_managed, ..PermissionSet::new("Managers") });
        let who = Who::Group(directory_id("Managers"));
        let assignment = Assignment { account: MANAGEMENT.into(), set: "Managers".into(), who };
        access.directory_groups.push(DirectoryGroup::new("Managers", &[]));
        access.assignments.as_mut().expect("assignments").push(assignment);
    }
    desk.run(&["login"]).ok();
    desk
}

fn apply_again(desk: &Desk) -> Vec<String> {
    let done = apply::set(&mut desk.simulator.state().world, &desk.path("out"));
    done.unwrap_or_else(|why| panic!("{why}"))
}

/// What a comparison finds: exit code, and state and kind of each difference.
fn drift(desk: &Desk) -> (u8, BTreeSet<String>) {
    let file = desk.path("access.toml");
    let outcome = desk.run(&["scaffold", "diff", "-o", "json", "--file", file.to_str().expect("a path")]);
    assert!([0, 4, 6].contains(&outcome.code), "{}: {}", outcome.code, outcome.err);
    let (rows, word) = (outcome.json(), |value: &Value| value.as_str().unwrap_or_default().to_owned());
    let rows = rows.as_array().expect("an array").iter();
    (outcome.code, rows.map(|row| format!("{} {}", word(&row["state"]), word(&row["kind"]))).collect())
}

/// What an audit says of a desk's world: exit code, rules found, and what was not checked. It answers from what a comparison has just read.
fn audit(desk: &Desk) -> (u8, BTreeSet<String>, Vec<String>) {
    let file = desk.path("access.toml");
    let outcome = desk.run(&["audit", "-o", "json", "--file", file.to_str().expect("a path")]);
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

/// Nothing differs and nothing is found.
#[track_caller]
fn is_clean(desk: &Desk) {
    assert_eq!(drift(desk), (0, BTreeSet::new()));
    assert_eq!(audit(desk), (0, BTreeSet::new(), vec![]));
}

#[test]
fn what_is_made_and_applied_differs_in_nothing_and_leaves_an_audit_nothing_to_find() {
    for by in [By::IdentityCenter, By::Okta] {
        let desk = applied(by);
        is_clean(&desk);
        // The same once more changes nothing.
        let before = format!("{:?}", desk.simulator.state().world.clusters);
        apply_again(&desk);
        assert_eq!(format!("{:?}", desk.simulator.state().world.clusters), before);
    }
}

#[test]
fn entries_name_the_user_that_a_comparison_expects() {
    let desk = applied(By::IdentityCenter);
    for cluster in &desk.simulator.state().world.clusters {
        // EKS's own entry is not made from the file, and has no user name.
        let made = cluster.eks.entries.iter().filter(|entry| !entry.principal.contains("/aws-service-role/"));
        for entry in made {
            assert_eq!(entry.username, RawEntry::new(&entry.principal).username);
        }
    }
    let (folder, mut entries) = (desk.path("out/cloudformation"), 0);
    for file in std::fs::read_dir(folder).expect("the templates").map(|file| file.expect("a file").path()) {
        let text = std::fs::read_to_string(&file).expect("a template");
        let made = text.matches("AWS::EKS::AccessEntry").count();
        assert_eq!(text.matches("/{{SessionName}}").count(), made, "{}", file.display());
        entries += made;
    }
    assert!(entries > 0);
    let account = format!("out/terraform/workload-{PRODUCTION}/main.tf");
    let wanted = format!("user_name = \"arn:aws:sts::{PRODUCTION}:assumed-role/${{regex(");
    assert!(desk.read(&account).contains(&wanted), "{}", desk.read(&account));
}

#[test]
fn before_the_set_is_applied_there_is_nothing_of_it() {
    let desk = Desk::signed_in_to(World::before_practice());
    let file = desk.write("access.toml", World::practice_file());
    let outcome = desk.run(&["audit", "--file", file.to_str().expect("a path")]);
    assert_ne!(outcome.code, 0, "the clusters cannot be read: {}", outcome.err);
}

/// A change that somebody makes by hand, the rules that tell of it, and the differences that it is.
type Change = (&'static [&'static str], &'static [&'static str], fn(&mut World));

fn entry<'w>(world: &'w mut World, name: &str) -> &'w mut RawEntry {
    let cluster = world.clusters.iter_mut().find(|cluster| cluster.account == PRODUCTION).expect("the cluster");
    let is = |entry: &&mut RawEntry| {
        entry.principal.contains(&format!("AWSReservedSSO_{name}_"))
            || entry.principal.ends_with(&format!("/eks/{name}"))
    };
    cluster.eks.entries.iter_mut().find(is).expect("an entry")
}

fn role<'w>(world: &'w mut World, name: &str) -> Option<&'w mut IamRole> {
    world.access.roles.iter_mut().find(|role| role.account == PRODUCTION && role.name == name)
}

fn policy(name: &str, namespaces: &[&str]) -> Vec<Policy> {
    let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
    vec![Policy { name: format!("AmazonEKS{name}Policy"), namespaces }]
}

const BY_HAND: [Change; 8] = [
    // The developers' set is then the same to the cluster as the administrators'.
    (&["admin-too-many", "policy-name-collides"], &["extra access_policy", "missing access_policy"], |world| {
        entry(world, "EKSDeveloper").policies = policy("ClusterAdmin", &[])
    }),
    (&["edit-cluster-wide"], &["differs access_policy"], |world| {
        entry(world, "EKSDeveloper").policies = policy("Edit", &[]);
    }),
    (&["scope-reaches-system"], &["differs access_policy"], |world| {
        entry(world, "EKSDeveloper").policies = policy("Edit", &["payments", "kube-*"]);
    }),
    (&["secrets-to-viewers"], &["extra access_policy", "missing access_policy"], |world| {
        entry(world, "EKSViewer").policies = policy("AdminView", &[]);
    }),
    (&["group-unbound"], &["differs kubernetes_groups"], |world| {
        entry(world, "EKSDeveloper").groups.push("nobody-bound-me".into());
    }),
    (&["entry-empty"], &["missing access_policy"], |world| entry(world, "EKSViewer").policies.clear()),
    (&["session-long"], &["differs session"], |world| match role(world, "EKSClusterAdmin") {
        Some(role) => role.max_session = 8 * 3600,
        None => {
            let set = world.access.sets.iter_mut().find(|set| set.name == "EKSClusterAdmin").expect("a set");
            set.session = Some("PT8H".into());
        }
    }),
    // A group that the file does not name: what applying it again does not take away.
    (&["anonymous-bound"], &[], |world| {
        let cluster = world.clusters.iter_mut().find(|cluster| cluster.account == PRODUCTION).expect("the cluster");
        cluster.rbac.bindings.push(KubeBinding::cluster("open", "view", "system:unauthenticated"));
    }),
];

#[test]
fn one_change_by_hand_is_found_as_that_and_gone_when_the_set_is_applied_again() {
    let every = BY_HAND.iter().map(|change| (By::IdentityCenter, change));
    // Behind Okta one of each kind: an entry's, a role's.
    let all: Vec<(By, &Change)> = every.chain([1, 4, 6].map(|number| (By::Okta, &BY_HAND[number]))).collect();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    // Most of the time a reading waits, as it is polite to Identity Center.
    std::thread::scope(|threads| {
        for (by, (rules, differences, change)) in all {
            threads.spawn(move || {
                let desk = applied(by);
                change(&mut desk.simulator.state().world);
                let (code, found) = drift(&desk);
                assert_eq!(
                    (code, found),
                    (if differences.is_empty() { 0 } else { 4 }, names(differences)),
                    "{by:?} {rules:?}"
                );
                let (code, found, unchecked) = audit(&desk);
                assert_eq!((found, unchecked), (names(rules), vec![]), "{by:?} {rules:?}");
                assert!([0, 4].contains(&code), "{rules:?}: {code}");
                apply_again(&desk);
                if differences.is_empty() {
                    assert_eq!((drift(&desk).0, audit(&desk).1), (0, names(rules)));
                } else {
                    is_clean(&desk);
                }
            });
        }
    });
}
