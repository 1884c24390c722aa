//! A file of what clusters have today.

use eksso::domain::audit::read;
use eksso_simulator::access::{Assignment, KubeBinding, PermissionSet, RawEntry, Who, directory_id};
use eksso_simulator::{Policy, World};

use crate::scaffold::live::live;
use crate::scaffold::seeds::{WHOLE, auditing, plan};
use crate::support::{Desk, Outcome};

fn derive(desk: &Desk, name: &str) -> (Outcome, String) {
    let path = desk.path(name);
    let outcome = desk.run(&["scaffold", "from-live", "--refresh", "--file", path.to_str().expect("a path")]).ok();
    let text = desk.read(name);
    (outcome, text)
}

#[test]
fn what_clusters_have_reads_back_without_errors_and_differs_in_nothing() {
    let desk = Desk::signed_in_to(live(&plan(WHOLE)));
    let (outcome, text) = derive(&desk, "live.toml");
    for words in [
        "[tiers.EKSDeveloper]",
        "people = [\"EKS Developers\"]",
        "session = \"8h\"",
        "clusters = [\"payments\", \"staging\"]",
        "access = \"Edit\"\nnamespaces = [\"payments\", \"payments-*\"]",
        "people = [\"EKS Operators\", \"On Call\"]\nsession = \"90m\"",
        "kubernetes_groups = [\"operators\"]\nrbac = \"edit\"\nnamespaces = [\"default\", \"kube-public\"]",
        "cluster = \"Old_1\"",
        "mode = \"CONFIG_MAP\"",
        "made_elsewhere = true",
    ] {
        // The key of a cluster is its name where a folder can have it.
        let words = words.replace("cluster = \"Old_1\"", "[clusters.Old_1]");
        assert!(text.contains(&words), "{words}:\n{text}\n{}", outcome.err);
    }
    let path = desk.path("live.toml");
    let path = path.to_str().expect("a path");
    // It says nothing of the policies that roles keep.
    desk.run(&["scaffold", "check", "--file", path]).fails(6, &["not checked"]);
    let outcome = desk.run(&["scaffold", "diff", "--file", path]);
    assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{}", outcome.err);
    // Never over a file.
    desk.run(&["scaffold", "from-live", "--file", path]).fails(1, &["is there already"]);
    assert_eq!(desk.read("live.toml"), text);
}

fn cluster<'w>(world: &'w mut World, name: &str) -> &'w mut eksso_simulator::Cluster {
    world.clusters.iter_mut().find(|cluster| cluster.name == name).expect("a cluster")
}

fn bind(world: &mut World, name: &str, (namespace, kind, role): (&str, &str, &str), group: &str) {
    let all = &mut cluster(world, name).rbac;
    let binding = KubeBinding::cluster(&format!("by-hand-{}", all.bindings.len()), "", group);
    all.bindings.push(KubeBinding { namespace: namespace.into(), role: (kind.into(), role.into()), ..binding });
}

fn groups(world: &mut World, role: &str, groups: &[&str]) {
    for mapping in world.clusters.iter_mut().flat_map(|cluster| &mut cluster.mappings).filter(|one| one.role == role) {
        mapping.groups = groups.iter().map(|group| (*group).to_owned()).collect();
    }
}

#[test]
fn whatever_groups_are_bound_to_stands_in_the_file_and_differs_in_nothing() {
    type Case = (&'static str, &'static [&'static str], fn(&mut World));
    let cases: &[Case] = &[
        (
            "several",
            &["[[bindings]]\ngroups = [\"operators\"]\nrbac = \"view\"\nclusters = [\"payments\"]\n"],
            |world| {
                bind(world, "payments", ("", "ClusterRole", "view"), "operators");
            },
        ),
        (
            "a Role, a name with blanks",
            &["role = \"pods\"\nclusters = [\"payments\"]\nnamespaces = [\"apps\", \"web\"]", "rbac = \"odd: name\""],
            |world| {
                bind(world, "payments", ("web", "Role", "pods"), "operators");
                bind(world, "payments", ("apps", "Role", "pods"), "operators");
                bind(world, "payments", ("apps", "ClusterRole", "odd: name"), "operators");
            },
        ),
        (
            "another scope than the access policy's",
            &["rbac = \"view\"\nclusters = [\"payments\", \"staging\"]"],
            |world| {
                groups(world, "EKSDeveloper", &["developers"]);
                bind(world, "payments", ("", "ClusterRole", "view"), "developers");
                bind(world, "staging", ("", "ClusterRole", "view"), "developers");
            },
        ),
        (
            "groups that are bound apart, and one in one cluster only",
            &["groups = [\"a\"]", "groups = [\"b\"]"],
            |world| {
                groups(world, "EKSDeveloper", &["a", "b"]);
                bind(world, "payments", ("", "ClusterRole", "view"), "a");
                bind(world, "staging", ("web", "ClusterRole", "edit"), "b");
            },
        ),
        (
            "other roles from cluster to cluster",
            &["rbac = \"admin\"\nclusters = [\"Old_1\"]", "rbac = \"edit\"\nclusters = [\"payments\"]"],
            |world| {
                for binding in cluster(world, "Old_1").rbac.bindings.iter_mut().filter(|one| one.name == "made-before")
                {
                    binding.role.1 = "admin".into();
                }
            },
        ),
        ("a group of two tiers", &[], |world| {
            groups(world, "EKSViewer", &["operators"]);
        }),
        (
            "the auditor's group",
            &["groups = [\"eksso-auditors\"]\nrbac = \"view\"\nclusters = [\"staging\"]"],
            |world| {
                bind(world, "staging", ("", "ClusterRole", "view"), "eksso-auditors");
            },
        ),
    ];
    std::thread::scope(|threads| {
        for (name, words, change) in cases {
            threads.spawn(move || {
                let mut world = live(&plan(WHOLE));
                change(&mut world);
                let desk = Desk::signed_in_to(world);
                let (outcome, text) = derive(&desk, "live.toml");
                for words in *words {
                    assert!(text.contains(words), "{name}: {words}:\n{text}\n{}", outcome.err);
                }
                let (path, to) = (desk.path("live.toml"), desk.path("out"));
                let path = path.to_str().expect("a path");
                let outcome = desk.run(&["scaffold", "diff", "--file", path]);
                assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{name}: {}\n{text}", outcome.err);
                // It can be written, and says what is bound there.
                let checked = desk.run(&["scaffold", "check", "--file", path]);
                assert!([4, 6].contains(&checked.code), "{name}: {}", checked.err);
                desk.run(&["scaffold", "write", "--file", path, "--to", to.to_str().expect("a path")]).ok();
            });
        }
    });
}

#[test]
fn statement_sets_are_recognized_where_roles_have_them_to_the_letter() {
    let desk = Desk::signed_in_to(live(&plan(WHOLE)));
    let (_, text) = derive(&desk, "live.toml");
    let file = read(&text).expect("a file");
    let iam = |tier: &str| file.tiers[tier].iam.as_deref();
    assert_eq!(iam("EKSDeveloper"), Some("developer"), "{text}");
    assert_eq!(iam("EKSClusterAdmin"), Some("cluster-admin"), "{text}");
    assert_eq!(iam("ci-deploy"), Some("ci"), "{text}");
    assert_eq!(iam("SecurityAudit"), None, "its policies are AWS's, and stay");
    let desk = Desk::signed_in_to(live(&plan(&auditing(WHOLE))));
    let (_, text) = derive(&desk, "live.toml");
    assert_eq!(read(&text).expect("a file").tiers["SecurityAudit"].iam.as_deref(), Some("auditor"), "{text}");
}

#[test]
fn a_limit_of_cloudformation_leaves_nothing_out() {
    let groups: Vec<String> = (0..250).map(|number| format!("\"Group {number:03}\"")).collect();
    let people = format!("people = [{}]", groups.join(", "));
    let desk = Desk::signed_in_to(live(&plan(&WHOLE.replace("people = [\"EKS Developers\"]", &people))));
    let (_, text) = derive(&desk, "live.toml");
    assert!(text.contains("[tiers.EKSDeveloper]") && text.contains(&people), "{text}");
}

#[test]
fn no_statement_set_is_said_of_a_permission_set_that_has_more_than_it() {
    let mut world = live(&plan(WHOLE));
    let set = |world: &mut World, name: &str, change: fn(&mut PermissionSet)| {
        world.access.sets.iter_mut().filter(|set| set.name == name).for_each(change);
    };
    set(&mut world, "EKSDeveloper", |set| set.customer_managed.push("/eks/More".into()));
    set(&mut world, "EKSClusterAdmin", |set| set.boundary = Some("/eks/Less".into()));
    let desk = Desk::signed_in_to(world);
    let (_, text) = derive(&desk, "live.toml");
    let file = read(&text).expect("a file");
    assert_eq!(file.tiers["EKSDeveloper"].iam, None, "{text}");
    assert_eq!(file.tiers["EKSClusterAdmin"].iam, None, "{text}");
    assert_eq!(file.tiers["EKSBreakGlass"].iam.as_deref(), Some("break-glass"), "{text}");
}

#[test]
fn what_the_file_cannot_say_is_a_comment_and_on_stderr_and_left_out_whole() {
    let mut world: World = live(&plan(WHOLE));
    let payments = world.clusters.iter_mut().find(|cluster| cluster.name == "payments").expect("the cluster");
    payments.eks.entries.push(RawEntry::new("arn:aws:iam::222222222222:user/jane"));
    let two = payments.mappings.iter_mut().find(|mapping| mapping.role == "EKSBreakGlass").expect("a mapping");
    two.policies.push(Policy { name: "AmazonEKSViewPolicy".into(), namespaces: vec![] });
    let developer = payments.mappings.iter_mut().find(|mapping| mapping.role == "EKSDeveloper").expect("a mapping");
    developer.policies[0].namespaces = vec!["payments".into()];
    developer.username = "dev\u{7}:{{SessionName}}".into();
    let mut single = KubeBinding::cluster("old-user", "view", "");
    single.subjects = vec![("User".into(), "arn:aws:sts::222222222222:assumed-role/ci-deploy/x".into(), String::new())];
    payments.rbac.bindings.push(single);
    payments.rbac.bindings.push(KubeBinding::cluster("odd", "a/b", "operators"));
    let old = world.clusters.iter_mut().find(|cluster| cluster.name == "Old_1").expect("the cluster");
    let line = old.mappings.iter_mut().find(|mapping| mapping.role == "EKSOperators").expect("a line");
    line.username = "ops:{{SessionName}}".into();
    let who = Who::User(directory_id("bob@example.com"));
    let assignment = Assignment { account: "222222222222".into(), set: "EKSClusterAdmin".into(), who };
    world.access.assignments.as_mut().expect("assignments").push(assignment);
    let desk = Desk::signed_in_to(world);
    let (outcome, text) = derive(&desk, "live.toml");
    for words in [
        "user/jane: an IAM user",
        "several access policies",
        "EKSDeveloper: it has AmazonEKSEditPolicy",
        "its user name `dev",
        "Old_1: EKSOperators: its user name `ops:{{SessionName}}` is not kept",
        "old-user (user arn:aws:sts::222222222222:assumed-role/ci-deploy/x as ClusterRole view in the whole cluster) stays as it is",
        "the user bob@example.com is assigned it",
        "payments: the binding of operators to ClusterRole a/b: `rbac`: `a/b` is no name",
    ] {
        assert!(outcome.err.contains(words), "{words}: {}", outcome.err);
        assert!(text.lines().any(|line| line.starts_with("# - ") && line.contains(words)), "{words}: {text}");
    }
    assert!(!text.contains('\u{7}'), "nothing that nobody sees");
    desk.run(&["scaffold", "check", "--file", desk.path("live.toml").to_str().expect("a path")])
        .fails(6, &["not checked"]);
}

#[test]
fn a_set_that_no_group_is_assigned_is_told_so_and_its_groups_are_to_be_named() {
    let mut world = live(&plan(WHOLE));
    let assignments = world.access.assignments.as_mut().expect("assignments");
    for one in assignments.iter_mut().filter(|one| one.set == "EKSClusterAdmin") {
        one.who = Who::User(directory_id("bob@example.com"));
    }
    let desk = Desk::signed_in_to(world);
    let (outcome, text) = derive(&desk, "live.toml");
    assert!(outcome.err.contains("EKSClusterAdmin: no group is assigned it"), "{}", outcome.err);
    assert!(!outcome.err.contains("EKSClusterAdmin: which groups"), "{}", outcome.err);
    assert!(text.contains("TODO: groups of EKSClusterAdmin"), "{text}");
    let path = desk.path("live.toml");
    let path = path.to_str().expect("a path");
    desk.run(&["scaffold", "check", "--file", path]).fails(2, &["TODO: groups of EKSClusterAdmin", "to be filled in"]);
    desk.write("live.toml", &text.replace("TODO: groups of EKSClusterAdmin", "EKS Admins"));
    desk.run(&["scaffold", "check", "--file", path]).fails(6, &["not checked"]);
}

#[test]
fn what_could_not_be_read_is_told_and_the_file_can_be_used_once_it_is_filled_in() {
    let mut world = live(&plan(WHOLE));
    for action in ["sso:ListPermissionSets", "eks:DescribeAccessEntry"] {
        world.access.denied.push(("SecurityAudit".into(), action.into()));
    }
    let desk = Desk::signed_in_to(world);
    let (outcome, text) = derive(&desk, "live.toml");
    assert!(outcome.err.contains("could not be read"), "{}", outcome.err);
    assert!(!text.contains("[tiers.EKSDeveloper]"), "half of an entry is none: {text}");
    assert!(text.contains("TODO: groups of EKSOperators"), "{text}");
    let path = desk.path("live.toml");
    let path = path.to_str().expect("a path");
    // Groups that nobody could read are named before anything is made of them.
    desk.run(&["scaffold", "check", "--file", path]).fails(2, &["TODO: groups of EKSOperators", "to be filled in"]);
    desk.write("live.toml", &text.replace("TODO: groups of ", "Groups of "));
    desk.run(&["scaffold", "check", "--file", path]).fails(6, &["not checked"]);
}
