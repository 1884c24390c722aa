//! What there is against what the file wants.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use eksso_simulator::access::{Assignment, KubeBinding, RawEntry, Who, directory_id, managed};
use eksso_simulator::{Cluster, Policy, World};
use serde_json::Value;

use crate::scaffold::live::live;
use crate::scaffold::seeds::{WHOLE, okta, plan};
use crate::support::Desk;

const PRODUCTION: &str = "222222222222";
const STAGING: &str = "333333333333";

/// Exit code and rows.
fn diff(world: World, file: &str, more: &[&str]) -> (u8, Vec<Value>) {
    let desk = Desk::signed_in_to(world);
    diff_at(&desk, file, more)
}

fn diff_at(desk: &Desk, file: &str, more: &[&str]) -> (u8, Vec<Value>) {
    let path = desk.write("access.toml", file);
    let mut args = vec!["scaffold", "diff", "-o", "json", "--file", path.to_str().expect("a path")];
    args.extend(more);
    let outcome = desk.run(&args);
    assert!([0, 4, 6].contains(&outcome.code), "{}: {}", outcome.code, outcome.err);
    let rows = outcome.json().as_array().expect("an array").clone();
    (outcome.code, rows)
}

fn short(row: &Value) -> String {
    let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} {} {}", word("state"), word("kind"), word("cluster"), word("object"))
}

fn cluster<'w>(world: &'w mut World, name: &str) -> &'w mut Cluster {
    world.clusters.iter_mut().find(|cluster| cluster.name == name).expect("a cluster")
}

fn set<'w>(world: &'w mut World, name: &str) -> &'w mut eksso_simulator::access::PermissionSet {
    world.access.sets.iter_mut().find(|set| set.name == name).expect("a set")
}

fn mapping<'w>(world: &'w mut World, set: &str) -> &'w mut eksso_simulator::Mapping {
    cluster(world, "payments").mappings.iter_mut().find(|mapping| mapping.role == set).expect("a mapping")
}

fn runner(world: &mut World) -> &mut eksso_simulator::access::IamRole {
    world.access.roles.iter_mut().find(|role| role.name == "eks-runner").expect("a role")
}

/// Whether a side of a difference says something.
fn is_told(row: &Value, side: &str) -> bool {
    row[side] != "" || !row[format!("{side}_statements")].is_null()
}

/// One change by hand, and the one difference that it is: state, kind, what it is found at, and a right that it takes.
type Change = (&'static str, &'static str, &'static str, &'static str, fn(&mut World));

const CHANGES: &[Change] = &[
    ("differs", "session", "EKSDeveloper", "sso:UpdatePermissionSet", |world| {
        set(world, "EKSDeveloper").session = Some("PT12H".into());
    }),
    ("differs", "inline_policy", "EKSDeveloper", "sso:PutInlinePolicyToPermissionSet", |world| {
        let inline = set(world, "EKSDeveloper").inline.as_mut().expect("a policy");
        *inline = inline.replace("\"eks:DescribeCluster\"", "\"eks:*\"");
    }),
    ("missing", "inline_policy", "EKSAccessAdmin", "sso:PutInlinePolicyToPermissionSet", |world| {
        set(world, "EKSAccessAdmin").inline = None;
    }),
    ("extra", "managed_policy", "EKSDeveloper", "sso:DetachManagedPolicyFromPermissionSet", |world| {
        set(world, "EKSDeveloper").attached = vec![managed("AdministratorAccess")];
    }),
    ("extra", "managed_policy", "EKSDeveloper", "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet", |world| {
        set(world, "EKSDeveloper").customer_managed = vec!["/ours".into()];
    }),
    ("extra", "boundary", "EKSDeveloper", "sso:DeletePermissionsBoundaryFromPermissionSet", |world| {
        set(world, "EKSDeveloper").boundary = Some(managed("PowerUserAccess"));
    }),
    ("differs", "provisioning", "EKSDeveloper", "sso:ProvisionPermissionSet", |world| {
        world.access.unprovisioned.push((PRODUCTION.into(), "EKSDeveloper".into()));
    }),
    ("extra", "assignment", "EKSClusterAdmin", "sso:DeleteAccountAssignment", |world| {
        let who = Who::User(directory_id("bob@example.com"));
        let assignment = Assignment { account: PRODUCTION.into(), set: "EKSClusterAdmin".into(), who };
        world.access.assignments.as_mut().expect("assignments").push(assignment);
    }),
    ("missing", "assignment", "EKSOperators", "sso:CreateAccountAssignment", |world| {
        let all = world.access.assignments.as_mut().expect("assignments");
        let group = Who::Group(directory_id("On Call"));
        all.retain(|one| one.account != STAGING || one.who != group);
    }),
    ("differs", "trust", "role/eks/eks-runner", "iam:UpdateAssumeRolePolicy", |world| {
        let role = runner(world);
        role.trust = role.trust.replace("refs/heads/main", "*");
    }),
    ("differs", "session", "role/eks/eks-runner", "iam:UpdateRole", |world| runner(world).max_session = 43200),
    ("differs", "role_policy", "role/eks/eks-runner", "iam:PutRolePolicy", |world| {
        let (_, text) = &mut runner(world).inline[0];
        *text = text.replace("eks:DescribeCluster", "eks:Describe*");
    }),
    ("extra", "role_policy", "role/eks/eks-runner", "iam:DeleteRolePolicy", |world| {
        let more = ("more".to_owned(), runner(world).inline[0].1.clone());
        runner(world).inline.push(more);
    }),
    ("extra", "managed_policy", "role/eks/eks-runner", "iam:DetachRolePolicy", |world| {
        runner(world).attached.push(managed("AdministratorAccess"));
    }),
    ("missing", "boundary", "role/eks/eks-runner", "iam:PutRolePermissionsBoundary", |world| {
        runner(world).boundary = None
    }),
    ("differs", "policy", "policy/eks/eksso-boundary", "iam:CreatePolicyVersion", |world| {
        for (_, _, text) in &mut world.access.policies {
            *text = text.replace("\"eks:*\"", "\"*\"");
        }
    }),
    ("missing", "oidc_provider", "token.actions.githubusercontent.com", "iam:CreateOpenIDConnectProvider", |world| {
        world.access.oidc_providers.retain(|(account, _)| account != PRODUCTION);
    }),
    ("missing", "role_policy", "role/pipelines/ci-deploy", "iam:PutRolePolicy", |world| {
        let role = world.access.roles.iter_mut().find(|role| role.name == "ci-deploy").expect("a role");
        role.inline.clear();
    }),
    ("differs", "mode", "payments", "eks:UpdateClusterConfig", |world| {
        cluster(world, "payments").mode = "API_AND_CONFIG_MAP".into();
    }),
    // Leaving the argument out keeps the groups: only the live ones tell.
    ("differs", "kubernetes_groups", "AWSReservedSSO_EKSDeveloper", "eks:UpdateAccessEntry", |world| {
        mapping(world, "EKSDeveloper").groups = vec!["leftover".into()];
    }),
    ("differs", "user_name", "AWSReservedSSO_EKSDeveloper", "eks:UpdateAccessEntry", |world| {
        mapping(world, "EKSDeveloper").username = "admin:{{SessionName}}".into();
    }),
    ("differs", "access_policy", "AWSReservedSSO_EKSDeveloper", "eks:AssociateAccessPolicy", |world| {
        mapping(world, "EKSDeveloper").policies[0].namespaces.clear();
    }),
    ("missing", "access_policy", "AWSReservedSSO_EKSDeveloper", "eks:AssociateAccessPolicy", |world| {
        mapping(world, "EKSDeveloper").policies.clear();
    }),
    ("extra", "access_policy", "AWSReservedSSO_EKSDeveloper", "eks:DisassociateAccessPolicy", |world| {
        let more = Policy { name: "AmazonEKSViewPolicy".into(), namespaces: vec![] };
        mapping(world, "EKSDeveloper").policies.push(more);
    }),
    ("missing", "access_entry", "AWSReservedSSO_EKSDeveloper", "eks:CreateAccessEntry", |world| {
        cluster(world, "payments").mappings.retain(|mapping| mapping.role != "EKSDeveloper");
    }),
    ("extra", "access_entry", "user/jane", "eks:DeleteAccessEntry", |world| {
        let entry = RawEntry::new("arn:aws:iam::222222222222:user/jane");
        cluster(world, "payments").eks.entries.push(entry);
    }),
    ("differs", "kubernetes_groups", "AWSReservedSSO_EKSOperators", "kubernetes:update configmaps", |world| {
        let old = cluster(world, "Old_1");
        let mapping = old.mappings.iter_mut().find(|mapping| mapping.role == "EKSOperators").expect("a line");
        mapping.groups.push("system:masters".into());
    }),
    ("missing", "binding", "ClusterRole edit", "kubernetes:create rolebindings", |world| {
        cluster(world, "payments").rbac.bindings.retain(|binding| binding.namespace != "kube-public");
    }),
    ("extra", "binding", "by-hand", "kubernetes:delete clusterrolebindings", |world| {
        let binding = KubeBinding::cluster("by-hand", "cluster-admin", "operators");
        cluster(world, "payments").rbac.bindings.push(binding);
    }),
    // A group that the file names and does not bind, and one that it always binds.
    ("extra", "binding", "by-hand", "kubernetes:delete clusterrolebindings", |world| {
        let binding = KubeBinding::cluster("by-hand", "cluster-admin", "eksso-auditors");
        cluster(world, "payments").rbac.bindings.push(binding);
    }),
    ("extra", "binding", "staging/by-hand", "kubernetes:delete rolebindings", |world| {
        let binding = KubeBinding::cluster("by-hand", "cluster-admin", "eksso-auditors");
        cluster(world, "staging").rbac.bindings.push(KubeBinding { namespace: "staging".into(), ..binding });
    }),
    // One of the people whom an entry of the file lets in, by the user name that they have.
    ("extra", "binding", "by-hand", "kubernetes:delete clusterrolebindings", |world| {
        let arn = world.iam_roles(PRODUCTION).into_iter().find(|role| role.name.contains("_EKSDeveloper_"));
        let name = arn.expect("a role").name;
        let user = format!("arn:aws:sts::{PRODUCTION}:assumed-role/{name}/jane-example.com");
        let mut binding = KubeBinding::cluster("by-hand", "cluster-admin", "");
        binding.subjects = vec![("User".into(), user, String::new())];
        cluster(world, "payments").rbac.bindings.push(binding);
    }),
    // Who changes a binding's subjects must be allowed to bind its role.
    ("extra", "binding", "by-hand", "kubernetes:bind clusterroles", |world| {
        let mut binding = KubeBinding::cluster("by-hand", "cluster-admin", "operators");
        binding.subjects.push(("User".into(), "jane".into(), String::new()));
        cluster(world, "payments").rbac.bindings.push(binding);
    }),
    ("differs", "user_name", "AWSReservedSSO_EKSOperators", "kubernetes:update configmaps", |world| {
        let old = cluster(world, "Old_1");
        let mapping = old.mappings.iter_mut().find(|mapping| mapping.role == "EKSOperators").expect("a line");
        mapping.username = "admin:{{SessionName}}".into();
    }),
    ("differs", "role_rules", "ClusterRole eksso-auditor", "kubernetes:update clusterroles", |world| {
        let roles = &mut cluster(world, "payments").rbac.roles;
        let role = roles.iter_mut().find(|role| role.name == "eksso-auditor" && role.namespace.is_empty());
        let rules = role.expect("a role").rules.as_array_mut().expect("rules");
        rules.push(serde_json::json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}));
    }),
    ("differs", "tags", "role/eks/eks-runner", "iam:TagRole", |world| {
        runner(world).tags.retain(|(key, _)| key != "tier");
    }),
    ("missing", "guard", "eksso-deny-assignments", "iam:CreatePolicy", |world| {
        world.access.policies.retain(|(_, name, _)| !name.ends_with("deny-assignments"));
    }),
    ("differs", "guard", "eksso-deny-assignments", "iam:CreatePolicyVersion", |world| {
        for (_, _, text) in world.access.policies.iter_mut().filter(|(_, name, _)| name.ends_with("deny-assignments")) {
            *text = text.replace("\"sso:CreateAccountAssignment\",", "");
        }
    }),
    ("missing", "guard", "eksso-deny-assignments", "sso:AttachCustomerManagedPolicyReference", |world| {
        set(world, "Managers").customer_managed.clear();
    }),
    ("missing", "guard", "eksso-guard", "organizations:AttachPolicy", |world| {
        world.access.organization.policies[0].targets.retain(|target| target != STAGING);
    }),
    ("differs", "guard", "eksso-guard", "organizations:UpdatePolicy", |world| {
        let policy = &mut world.access.organization.policies[0];
        policy.targets.retain(|target| target == STAGING);
        let mut free = policy.clone();
        free.id = "p-free".into();
        free.document = free.document.replace("\"eks:CreateAccessEntry\",", "");
        free.targets = vec![PRODUCTION.into()];
        world.access.organization.policies.push(free);
    }),
];

/// How many worlds are read at once: most of the time a reading waits, as it is polite to Identity Center.
const AT_ONCE: usize = 8;

#[test]
fn what_is_as_the_file_wants_it_is_no_difference() {
    let (code, rows) = diff(live(&plan(WHOLE)), WHOLE, &[]);
    assert_eq!((code, rows.iter().map(short).collect::<Vec<_>>()), (0, vec![]));
}

#[test]
fn one_change_by_hand_is_exactly_that_difference_with_the_rights_that_it_takes() {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let of = plan(WHOLE);
    std::thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while let Some((state, kind, object, right, change)) = CHANGES.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let mut world = live(&of);
                    change(&mut world);
                    let (code, rows) = diff(world, WHOLE, &[]);
                    let is_it = |row: &Value| {
                        let mut rights = row["rights"].as_array().into_iter().flatten().filter_map(Value::as_str);
                        row["state"] == *state
                            && row["kind"] == *kind
                            && row["object"].as_str().is_some_and(|found| found.contains(object))
                            && rights.any(|found| found.starts_with(right))
                            && (*state != "differs" || ["live", "file"].iter().all(|side| is_told(row, side)))
                    };
                    if code != 4 || rows.len() != 1 || !is_it(&rows[0]) {
                        wrong.lock().expect("no panic").push(format!("{state} {kind} {object}: {code} {rows:#?}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_group_that_the_file_names_and_does_not_bind_is_bound_to_nothing_unseen() {
    let file = WHOLE.replacen(
        "access = \"View\"\niam = \"viewer\"",
        "access = \"View\"\niam = \"viewer\"\nkubernetes_groups = [\"viewers\"]",
        1,
    );
    assert_ne!(file, WHOLE);
    let mut world = live(&plan(&file));
    for name in ["payments", "staging"] {
        let cluster = cluster(&mut world, name);
        cluster.rbac.bindings.push(KubeBinding::cluster("debug-of-last-friday", "cluster-admin", "viewers"));
        // Of groups and users that the file does not name, others decide.
        cluster.rbac.bindings.push(KubeBinding::cluster("theirs", "cluster-admin", "others"));
        let mut theirs = KubeBinding::cluster("theirs-too", "cluster-admin", "");
        theirs.subjects = vec![("User".into(), "system:kube-controller-manager".into(), String::new())];
        cluster.rbac.bindings.push(theirs);
    }
    let (code, rows) = diff(world, &file, &[]);
    let found: Vec<String> = rows.iter().map(short).collect();
    assert_eq!(
        (code, found),
        (
            4,
            vec![
                "extra binding payments debug-of-last-friday".to_owned(),
                "extra binding staging debug-of-last-friday".to_owned()
            ]
        )
    );
    assert_eq!(rows[0]["live"], "group viewers as ClusterRole cluster-admin in the whole cluster", "{rows:#?}");
}

#[test]
fn a_set_that_is_not_there_yet_is_missing_with_its_entries() {
    let whole = plan(WHOLE);
    let more = format!(
        "{WHOLE}\n[tiers.new]\nroles = [\"EKSNew\"]\npeople = [\"Nobody Yet\"]\nclusters = [\"payments\"]\naccess = \"View\"\niam = \"viewer\"\n"
    );
    let (code, rows) = diff(live(&whole), &more, &[]);
    let found: Vec<String> = rows.iter().map(short).collect();
    assert_eq!((code, found.len()), (4, 2), "{found:?}");
    assert_eq!(found[0], "missing permission_set  EKSNew");
    assert!(found[1].starts_with("missing access_entry payments ") && found[1].contains("EKSNew"), "{found:?}");
    assert_eq!(rows[0]["line"], more.lines().position(|line| line == "[tiers.new]").map(|at| at + 1).expect("a line"));
}

#[test]
fn what_could_not_be_read_is_unknown_with_the_reason_and_never_no_difference() {
    for (action, kind) in [
        ("eks:DescribeAccessEntry", "kubernetes_groups"),
        ("eks:ListAssociatedAccessPolicies", "access_policy"),
        ("eks:ListAccessEntries", "access_entry"),
        ("iam:GetAccountAuthorizationDetails", "role_policy"),
        ("sso:ListPermissionSets", "permission_set"),
        ("sso:GetPermissionsBoundaryForPermissionSet", "boundary"),
        ("identitystore:ListGroups", "assignment"),
        ("organizations:DescribeOrganization", "guard"),
    ] {
        let mut world = live(&plan(WHOLE));
        world.access.denied.push(("SecurityAudit".into(), action.into()));
        let desk = Desk::signed_in_to(world);
        let (code, rows) = diff_at(&desk, WHOLE, &[]);
        assert_eq!(code, 6, "{action}: {rows:#?}");
        assert!(rows.iter().all(|row| row["state"] == "unknown" && row["why"] != ""), "{action}: {rows:#?}");
        let operation = action.rsplit(':').next().expect("a name");
        let told = rows.iter().find(|row| row["kind"] == kind).unwrap_or_else(|| panic!("{action}: {rows:#?}"));
        assert!(told["why"].as_str().is_some_and(|why| why.contains(operation)), "{told}");
    }
    // Where something else does differ, that decides.
    let mut world = live(&plan(WHOLE));
    world.access.denied.push(("SecurityAudit".into(), "sso:GetPermissionsBoundaryForPermissionSet".into()));
    mapping(&mut world, "EKSDeveloper").groups = vec!["leftover".into()];
    assert_eq!(diff(world, WHOLE, &[]).0, 4);
}

#[test]
fn a_cluster_that_was_not_found_is_unknown_and_filters_leave_out_what_is_not_meant() {
    let mut world = live(&plan(WHOLE));
    world.clusters.retain(|cluster| cluster.name != "staging");
    let desk = Desk::signed_in_to(world);
    let (code, rows) = diff_at(&desk, WHOLE, &[]);
    assert_eq!((code, rows.iter().map(short).collect::<Vec<_>>()), (6, vec!["unknown cluster staging staging".into()]));
    assert_eq!(diff_at(&desk, WHOLE, &["--cluster", "payments"]), (0, vec![]));
    let path = desk.path("access.toml");
    let path = path.to_str().expect("a path");
    desk.run(&["scaffold", "diff", "--file", path, "--cluster", "payments"]).ok();
    let outcome = desk
        .run(&["scaffold", "diff", "--file", path])
        .fails(6, &["1 thing could not be read", "No difference in what could be read; 1 thing was not."]);
    assert!(outcome.out.contains("unknown"), "{}", outcome.out);
}

#[test]
fn roles_that_trust_okta_are_compared_where_no_permission_set_is() {
    let file = okta().replace("iam = \"ci\"\n", "");
    let of = plan(&file);
    let made = |change: fn(&mut World)| {
        let mut world = live(&of);
        for account in [PRODUCTION, STAGING] {
            world.access.saml_providers.push((account.into(), "Okta".into(), 4_000_000_000));
        }
        change(&mut world);
        let (_, rows) = diff(world, &file, &["--cluster", "payments"]);
        // Who reads comes by Identity Center, whose role the cluster does not know: what stands in it is not read.
        let read = rows.iter().filter(|row| row["kind"] != "binding" && row["kind"] != "role_rules");
        read.map(short).collect::<Vec<_>>()
    };
    assert_eq!(made(|_| {}), Vec::<String>::new());
    let odd = made(|world| {
        let is_dev =
            |role: &&mut eksso_simulator::access::IamRole| role.name == "EKSDeveloper" && role.account == PRODUCTION;
        let role = world.access.roles.iter_mut().find(is_dev).expect("a role");
        role.trust = role.trust.replace("sts:AssumeRoleWithSAML", "sts:*");
    });
    assert_eq!(odd, ["differs trust  arn:aws:iam::222222222222:role/eks/EKSDeveloper"]);
    let gone = made(|world| world.access.saml_providers.clear());
    assert_eq!(gone.iter().filter(|row| !row.starts_with("missing saml_provider")).count(), 0, "{gone:?}");
}

#[test]
fn the_table_names_what_differs_and_what_it_takes() {
    let mut world = live(&plan(WHOLE));
    mapping(&mut world, "EKSDeveloper").groups = vec!["leftover".into()];
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", WHOLE);
    let outcome = desk.run(&["scaffold", "diff", "--file", path.to_str().expect("a path")]);
    let outcome = outcome.fails(4, &["1 difference in 3 clusters"]);
    for words in ["differs", "kubernetes_groups", "payments", "leftover", "none", "eks:UpdateAccessEntry"] {
        assert!(outcome.out.contains(words), "{words}: {}", outcome.out);
    }
}

#[test]
fn a_file_that_cannot_be_used_is_told_before_anybody_is_asked() {
    let desk = Desk::new();
    let path = desk.write("access.toml", &WHOLE.replace("session = \"8h\"", "session = \"8\""));
    desk.run(&["scaffold", "diff", "--file", path.to_str().expect("a path")]).fails(2, &["line ", "no session length"]);
    desk.run(&["scaffold", "diff"]).fails(5, &["there is no access.toml"]);
    assert!(desk.simulator.state().requests.is_empty(), "nobody was asked anything");
}

#[test]
fn in_ci_the_credentials_of_the_environment_compare_and_nobody_signs_in() {
    let mut world = live(&plan(WHOLE));
    world.access.keys =
        vec![("AKIARUNNER".to_owned(), "runner-secret".to_owned(), "111111111111".to_owned(), "runner".to_owned())];
    let arn = |account: &str| format!("arn:aws:iam::{account}:role/EKSAudit");
    world.access.runs =
        ["111111111111", PRODUCTION, STAGING].map(|account| ("runner".to_owned(), arn(account))).to_vec();
    let payments = cluster(&mut world, "payments");
    let groups = vec!["eksso-auditors".to_owned()];
    payments.eks.entries.push(RawEntry { groups, ..RawEntry::new(&arn(PRODUCTION)) });
    let mut desk = Desk::with(world);
    // The file says which account administers Identity Center, and in which region.
    desk.write(".config/eksso/config.toml", "[access]\nassume = \"EKSAudit\"\n");
    desk.set("AWS_ACCESS_KEY_ID", "AKIARUNNER").set("AWS_SECRET_ACCESS_KEY", "runner-secret");
    let (code, rows) = diff_at(&desk, WHOLE, &["--credentials", "environment", "--cluster", "payments"]);
    let found: Vec<String> = rows.iter().map(short).collect();
    assert_eq!((code, found), (4, vec!["extra access_entry payments arn:aws:iam::222222222222:role/EKSAudit".into()]));
    let state = desk.simulator.state();
    assert!(state.requests.iter().all(|request| request.operation != "CreateToken"), "nobody signed in");
}

#[test]
fn what_was_mended_a_moment_ago_is_no_difference_any_more() {
    let mut world = live(&plan(WHOLE));
    mapping(&mut world, "EKSDeveloper").groups = vec!["leftover".into()];
    let desk = Desk::signed_in_to(world);
    assert_eq!(diff_at(&desk, WHOLE, &[]).1.len(), 1);
    mapping(&mut desk.simulator.state().world, "EKSDeveloper").groups.clear();
    assert_eq!(diff_at(&desk, WHOLE, &[]), (0, vec![]));
}

#[test]
fn an_answer_of_what_was_kept_says_how_old_it_is() {
    let desk = Desk::signed_in_to(live(&plan(WHOLE)));
    let first = desk.run(&["access", "payments"]).ok();
    assert!(!first.err.contains("As of"), "{}", first.err);
    desk.simulator.advance(5 * 60);
    let second = desk.run(&["access", "payments"]).ok();
    assert!(second.err.contains("As of 5 min ago; --refresh looks again."), "{}", second.err);
    let anew = desk.run(&["access", "payments", "--refresh"]).ok();
    assert!(!anew.err.contains("As of"), "{}", anew.err);
}

#[test]
fn where_nothing_could_be_compared_it_is_not_said_that_there_is_no_difference() {
    let mut world = live(&plan(WHOLE));
    for action in ["eks:ListAccessEntries", "iam:GetAccountAuthorizationDetails"] {
        world.access.denied.push(("SecurityAudit".into(), action.into()));
    }
    let desk = Desk::signed_in_to(world);
    let path = desk.write("access.toml", WHOLE);
    let outcome = desk.run(&["scaffold", "diff", "--file", path.to_str().expect("a path")]);
    let outcome = outcome.fails(6, &["No difference in what could be read; ", " things were not."]);
    assert!(!outcome.err.contains("No difference in 3"), "{}", outcome.err);
}

#[test]
fn a_filter_by_tag_leaves_out_what_has_other_tags_and_nothing_that_was_not_found() {
    let tagged = || {
        let mut world = live(&plan(WHOLE));
        for (name, tag) in [("payments", "prod"), ("Old_1", "prod"), ("staging", "dev")] {
            cluster(&mut world, name).eks.tags = vec![("env".into(), tag.into())];
        }
        world
    };
    assert_eq!(diff(tagged(), WHOLE, &["--tag", "env=prod"]), (0, vec![]));
    let mut world = tagged();
    world.clusters.retain(|cluster| cluster.name != "Old_1");
    cluster(&mut world, "staging").mappings.clear();
    let (code, rows) = diff(world, WHOLE, &["--tag", "env=prod"]);
    assert_eq!((code, rows.iter().map(short).collect::<Vec<_>>()), (6, vec!["unknown cluster old old".into()]));
}

#[test]
fn an_entry_that_lets_nobody_in_is_a_difference_though_its_arn_is_right() {
    let mut world = live(&plan(WHOLE));
    mapping(&mut world, "EKSDeveloper").kind = eksso_simulator::MappingKind::StaleEntry;
    let (code, rows) = diff(world, WHOLE, &["--cluster", "payments"]);
    assert_eq!((code, rows.len()), (4, 1), "{rows:#?}");
    assert!(short(&rows[0]).starts_with("differs access_entry payments "), "{rows:#?}");
    assert!(rows[0]["live"].as_str().is_some_and(|live| live.contains("made again")), "{rows:#?}");
    let rights = ["eks:DeleteAccessEntry", "eks:CreateAccessEntry", "eks:AssociateAccessPolicy"];
    assert_eq!(rows[0]["rights"], serde_json::json!(rights));
    // Without IAM nobody knows.
    let mut world = live(&plan(WHOLE));
    for action in ["iam:GetAccountAuthorizationDetails", "iam:ListRoles"] {
        world.access.denied.push(("SecurityAudit".into(), action.into()));
    }
    let (code, rows) = diff(world, WHOLE, &[]);
    assert_eq!(code, 6, "{rows:#?}");
    for (kind, cluster) in [("access_entry", "payments"), ("aws_auth", "old")] {
        assert!(rows.iter().any(|row| row["kind"] == kind && row["cluster"] == cluster), "{kind}: {rows:#?}");
    }
}

#[test]
fn the_guard_binds_nobody_in_the_management_account() {
    let mut world = live(&plan(WHOLE));
    world.access.organization.management = Some(PRODUCTION.into());
    world.access.organization.delegated = vec!["111111111111".into()];
    let (code, rows) = diff(world, WHOLE, &["--cluster", "payments"]);
    // What takes its place is in the account that was it before.
    let mut guards: Vec<&Value> = rows.iter().filter(|row| row["kind"] == "guard").collect();
    guards.sort_by_key(|row| row["object"] == "eksso-deny-assignments");
    assert_eq!((code, guards.len()), (4, 2), "{rows:#?}");
    assert_eq!((&guards[1]["state"], &guards[1]["account_id"]), (&"missing".into(), &PRODUCTION.into()));
    assert_eq!(guards[0]["state"], "differs");
    assert!(guards[0]["file"].as_str().is_some_and(|file| file.contains("deny-assignments")), "{}", guards[0]);
}

#[test]
fn where_the_file_wants_lines_the_entries_that_there_are_count_and_there_is_no_way_back_to_the_mode() {
    let mut world = live(&plan(WHOLE));
    let old = cluster(&mut world, "Old_1");
    old.mode = "API_AND_CONFIG_MAP".into();
    old.eks.entries.push(RawEntry::new("arn:aws:iam::333333333333:user/jane"));
    let (code, rows) = diff(world, WHOLE, &[]);
    let found: Vec<String> = rows.iter().map(short).collect();
    let wanted = ["differs mode old old", "extra access_entry old arn:aws:iam::333333333333:user/jane"];
    assert_eq!((code, found), (4, wanted.map(str::to_owned).to_vec()));
    assert_eq!(rows[0]["rights"], serde_json::json!([]));
    assert!(rows[0]["file"].as_str().is_some_and(|file| file.contains("no way back")), "{}", rows[0]);
}

#[test]
fn a_role_that_only_pods_become_is_left_out_only_while_it_has_nothing_but_aws_s_own_policies() {
    let of = |policies: &[&str]| {
        let mut world = live(&plan(WHOLE));
        let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]});
        world.access.roles.push(eksso_simulator::access::IamRole::new(PRODUCTION, "/", "Pods", &trust));
        let policies = policies.iter().map(|name| Policy { name: (*name).into(), namespaces: vec![] }).collect();
        let entry = RawEntry { policies, ..RawEntry::new("arn:aws:iam::222222222222:role/Pods") };
        cluster(&mut world, "payments").eks.entries.push(entry);
        diff(world, WHOLE, &["--cluster", "payments"]).1.iter().map(short).collect::<Vec<_>>()
    };
    assert_eq!(of(&["AmazonEKSComputePolicy"]), Vec::<String>::new());
    assert_eq!(
        of(&["AmazonEKSClusterAdminPolicy"]),
        ["extra access_entry payments arn:aws:iam::222222222222:role/Pods"]
    );
}

#[test]
fn a_limit_of_cloudformation_does_not_stop_a_comparison() {
    let groups: Vec<String> = (0..250).map(|number| format!("\"Group {number}\"")).collect();
    let text = WHOLE.replace("people = [\"EKS Developers\"]", &format!("people = [{}]", groups.join(", ")));
    let desk = Desk::signed_in_to(live(&plan(WHOLE)));
    let (code, rows) = diff_at(&desk, &text, &["--cluster", "payments"]);
    assert!(code == 4 && rows.iter().any(|row| row["state"] == "missing" && row["kind"] == "assignment"), "{rows:#?}");
}

#[test]
fn on_a_terminal_no_line_is_wider_than_it() {
    let mut world = live(&plan(WHOLE));
    mapping(&mut world, "EKSDeveloper").policies.clear();
    let role = runner(&mut world);
    role.trust = role.trust.replace("refs/heads/main", "*");
    world.access.denied.push(("SecurityAudit".into(), "sso:GetPermissionsBoundaryForPermissionSet".into()));
    let desk = Desk::signed_in_to(world);
    desk.person().reads = true;
    let path = desk.write("access.toml", WHOLE);
    let outcome = desk.run(&["scaffold", "diff", "--file", path.to_str().expect("a path")]).fails(4, &[]);
    assert!(outcome.out.contains("access_policy") && outcome.out.contains("takes: "), "{}", outcome.out);
    let wide: Vec<&str> = outcome.out.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
