//! Reading who may do what: all that AWS and clusters say, and why the rest is missing.

use eksso::domain::access::facts::{Assignee, Cluster as ClusterFacts, Facts};
use eksso::domain::access::iam::effective::controls;
use eksso::domain::access::iam::evaluate::Controls;
use eksso::domain::access::{AuthMode, actions};
use eksso::error::Kind;
use eksso_simulator::access::{Assignment, PermissionSet, RawEntry, Who, directory_id};
use eksso_simulator::practice::{MANAGEMENT, PRODUCTION, STAGING};
use eksso_simulator::{Cluster, Fault, World};

use crate::audit::large::large;
use crate::support::{Desk, POLICY};

/// A desk at which somebody audits the world as it should be.
fn practice() -> Desk {
    Desk::signed_in_to(World::practice())
}

fn read(desk: &Desk, args: &[&str]) -> Facts {
    let (facts, words) = desk.facts(args);
    facts.unwrap_or_else(|error| panic!("{error}\n{words}"))
}

fn payments(facts: &Facts) -> &ClusterFacts {
    facts.clusters.iter().find(|cluster| cluster.name.as_str() == "payments").expect("the cluster")
}

#[test]
fn everything_about_a_cluster_its_account_and_its_people_is_read_with_the_call_that_said_so() {
    let facts = read(&practice(), &["payments"]);
    assert_eq!(facts.clusters.len(), 1);
    let cluster = payments(&facts);
    let settings = cluster.settings.get().expect("settings");
    assert_eq!((settings.mode, settings.creator_was_made_admin), (Some(AuthMode::Api), Some(false)));
    assert_eq!(settings.logs.iter().map(String::as_str).collect::<Vec<_>>(), ["api", "audit", "authenticator"]);
    assert_eq!(settings.public_cidrs.as_deref(), Some(&["203.0.113.0/24".to_owned()][..]));
    let source = cluster.settings.source.clone().expect("a source");
    assert_eq!((source.call.as_str(), source.by.as_str()), ("eks:DescribeCluster", "222222222222/SecurityAudit"));
    let entries = cluster.entries.get().expect("entries");
    let developer = entries.iter().find(|entry| entry.principal.contains("_EKSDeveloper_")).expect("an entry");
    let details = developer.details.get().expect("details");
    assert_eq!((details.kind.as_str(), details.created.is_some()), ("STANDARD", true));
    let policies = developer.policies.get().expect("policies");
    assert_eq!(policies[0].to_string(), "AmazonEKSEditPolicy:payments");
    assert!(entries.iter().any(|entry| entry.details.get().is_some_and(|details| details.kind == "EC2_LINUX")));
    assert!(cluster.aws_auth.get().expect("no ConfigMap").roles.is_empty());
    assert_eq!(cluster.machine_roles.get().expect("roles").len(), 1);
    assert_eq!(cluster.pod_identities.get().expect("pod identities")[0].service_account, "cluster-autoscaler");
    let roles = cluster.roles.cluster.get().expect("ClusterRoles");
    assert!(roles.iter().any(|role| role.name == "eksso-auditor" && role.rules.len() == 3));
    let bindings = cluster.bindings.cluster.get().expect("bindings");
    let own = bindings.iter().find(|binding| binding.name == "eksso-auditor").expect("the binding");
    assert_eq!((own.role_kind.as_str(), own.subjects[0].name.as_str()), ("ClusterRole", "eksso-auditors"));
    assert!(cluster.namespaces.get().expect("namespaces").contains(&"payments-web".to_owned()));
    let pods = cluster.service_accounts.get().expect("service accounts");
    let role = pods.iter().find_map(|account| account.role_arn.as_deref());
    assert_eq!(role, Some("arn:aws:iam::222222222222:role/eks/payments/lb-controller"));

    let account = &facts.accounts[&PRODUCTION.parse().expect("an id")];
    assert_eq!(account.name, "Production");
    let roles = account.roles.get().expect("roles");
    let developer = roles.iter().find(|role| role.arn.contains("_EKSDeveloper_")).expect("the role");
    assert!(developer.trust.contains("AWSSSO_") && developer.max_session == Some(43200), "{developer:?}");
    let permissions = developer.permissions.get().expect("permissions");
    assert!(permissions.inline[0].1.contains("ReachOwnClusters"), "{permissions:?}");
    let source = developer.permissions.source.clone().expect("a source");
    assert_eq!(
        (source.call.as_str(), source.by.as_str()),
        (actions::AUTHORIZATION_DETAILS, "222222222222/SecurityAudit")
    );
    assert_eq!(account.oidc_providers.get().map(Vec::len), Some(2));
    assert!(account.saml_providers.get().expect("providers")[0].valid_until.is_some());
    assert!(
        facts.aws_policies["arn:aws:iam::aws:policy/SecurityAudit"].get().expect("a document").contains("iam:Get*")
    );

    let directory = &facts.directories[0];
    let set = directory.sets.get().expect("sets").iter().find(|set| set.name == "EKSDeveloper").expect("the set");
    assert_eq!((set.session, set.inline.get().is_some_and(Option::is_some)), (Some(8 * 3600), true));
    let assigned = directory.assignments.iter().find(|found| found.set_name == "EKSDeveloper").expect("assignments");
    let developers = directory_id("EKS Developers");
    assert_eq!(assigned.assignees.get(), Some(&vec![Assignee::Group(developers.clone())]));
    let groups = directory.groups.get().expect("groups");
    let group = groups.iter().find(|group| group.id == developers).expect("the group");
    assert_eq!(group.members.get().map(Vec::len), Some(2));
    let users = directory.users.get().expect("users");
    assert!(users.iter().any(|user| user.name == "bob@example.com" && user.enabled == Some(true)));
    assert_eq!(facts.organization.management.get().map(|id| id.as_str()), Some(MANAGEMENT));
    let policies = &facts.organization.control_policies[&PRODUCTION.parse().expect("an id")];
    let levels = policies.get().expect("levels");
    assert_eq!(levels.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1], "root, unit, account");
}

#[test]
fn an_organization_without_service_control_policies_binds_nobody() {
    let mut world = World::practice();
    world.access.organization.uncontrolled = true;
    let facts = read(&Desk::signed_in_to(world), &["payments"]);
    let account = PRODUCTION.parse().expect("an id");
    let levels = facts.organization.control_policies[&account].get().expect("levels");
    assert!(levels.iter().all(Vec::is_empty), "{levels:?}");
    assert_eq!(controls(&facts, &account), Ok(Controls::NotBound));
}

#[test]
fn nothing_is_asked_for_but_what_stands_in_the_list_of_reads() {
    let desk = practice();
    let before = desk.simulator.state().requests.len();
    let facts = read(&desk, &[]);
    assert_eq!(facts.clusters.len(), 2);
    let state = desk.simulator.state();
    let signing_in = ["ListAccounts", "ListAccountRoles", "GetRoleCredentials", "GetCallerIdentity"];
    let kubernetes = |target: &str| {
        let known = |read: &actions::ClusterRead| {
            let list = format!("/{}?", read.resource);
            let object = read.name.map(|(namespace, name)| format!("/namespaces/{namespace}/{}/{name}", read.resource));
            target.contains(&list) || object.is_some_and(|object| target.ends_with(&object))
        };
        actions::CLUSTER_READS.iter().any(known)
    };
    let mut seen = 0;
    for request in &state.requests[before..] {
        let operation = request.operation.as_str();
        let action = if operation.contains(':') { operation.to_owned() } else { format!("eks:{operation}") };
        let is_known = match operation {
            "Kubernetes" => kubernetes(&request.target),
            _ => signing_in.contains(&operation) || actions::READS.contains(&action.as_str()),
        };
        assert!(is_known, "{operation} {}", request.target);
        seen += 1;
    }
    assert!(seen > 100, "{seen} requests");
}

#[test]
fn what_is_denied_is_a_fact_of_its_own_and_hides_nothing_else() {
    let desk = practice();
    let denied = [
        "eks:DescribeAccessEntry",
        "eks:ListPodIdentityAssociations",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetPolicyVersion",
        "identitystore:ListUsers",
        "account-access:*",
        "organizations:DescribePolicy",
    ];
    desk.simulator.state().world.access.denied = denied.map(|action| ("SecurityAudit".into(), action.into())).to_vec();
    let readers =
        |resources: &[&str]| resources.iter().map(|one| ("SecurityAudit".to_owned(), (*one).to_owned())).collect();
    for cluster in &mut desk.simulator.state().world.clusters {
        cluster.rbac.readers =
            Some(readers(&["clusterroles", "clusterrolebindings", "rolebindings", "serviceaccounts"]));
    }
    let facts = read(&desk, &["payments"]);
    let cluster = payments(&facts);
    let entries = cluster.entries.get().expect("the list");
    let why = entries[0].details.missing().expect("hidden");
    assert!(why.contains("AccessDenied") && why.contains("eks:DescribeAccessEntry"), "{why}");
    assert!(entries.iter().any(|entry| entry.policies.get().is_some_and(|policies| !policies.is_empty())));
    assert!(cluster.pod_identities.missing().is_some() && cluster.machine_roles.get().is_some());
    assert!(
        cluster.roles.namespaced.missing().expect("hidden").contains("roles.rbac.authorization.k8s.io is forbidden")
    );
    assert!(cluster.roles.cluster.get().is_some() && cluster.bindings.namespaced.get().is_some());
    let account = &facts.accounts[&PRODUCTION.parse().expect("an id")];
    let roles = account.roles.get().expect("ListRoles says them all the same");
    let why = roles[0].permissions.missing().expect("hidden");
    assert!(why.contains("GetAccountAuthorizationDetails") && !roles[0].trust.is_empty(), "{why}");
    assert!(account.policies.missing().is_some() && account.entitlements.missing().is_some());
    assert!(facts.directories[0].users.missing().is_some() && facts.directories[0].groups.get().is_some());
    assert!(facts.organization.control_policies[&PRODUCTION.parse().expect("an id")].missing().is_some());
    assert!(facts.organization.management.get().is_some());
}

#[test]
fn one_account_that_fails_is_a_fact_and_not_the_end() {
    let desk = practice();
    let web = |times, fault| desk.simulator.fault_where("iam:GetAccountAuthorizationDetails", "", times, fault);
    web(1000, Fault::Error(500, "ServiceFailure", "<html>"));
    let facts = read(&desk, &[]);
    assert_eq!(facts.clusters.len(), 2);
    for account in facts.accounts.values() {
        assert!(account.groups.missing().is_some() && account.saml_providers.get().is_some());
    }
    desk.simulator.clear_faults();
    // What failed is asked again; what was answered is not.
    let before = desk.simulator.count("DescribeAccessEntry");
    let facts = read(&desk, &[]);
    assert!(facts.accounts.values().all(|account| account.groups.get().is_some()));
    assert_eq!(desk.simulator.count("DescribeAccessEntry"), before);
}

#[test]
fn lists_go_on_in_pages_also_where_a_token_expires_under_way() {
    let mut world = World::practice();
    world.page_size = 2;
    world.clusters[0].rbac.expired = 3;
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &["payments"]);
    let cluster = payments(&facts);
    let names: Vec<&str> =
        cluster.roles.cluster.get().expect("ClusterRoles").iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    assert_eq!(cluster.entries.get().map(Vec::len), Some(8));
    assert_eq!(facts.organization.accounts.get().map(|accounts| accounts.len()), Some(3), "the first page is empty");
    let account = &facts.accounts[&PRODUCTION.parse().expect("an id")];
    assert!(account.roles.get().expect("roles").len() > 8);
    assert_eq!(facts.directories[0].users.get().map(Vec::len), Some(6));
}

#[test]
fn what_was_read_is_kept_for_a_while_for_its_reader_alone_and_read_anew_on_demand() {
    let desk = practice();
    let first = read(&desk, &[]);
    let calls = desk.simulator.total();
    assert_eq!(read(&desk, &[]), first);
    let again = desk.simulator.total() - calls;
    assert!(again < 5, "{again} calls for what is known");
    let kept: Vec<_> =
        desk.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("/eksso/access/")).collect();
    assert_eq!(kept.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&kept[0].0).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    desk.simulator.state().world.access.people[0].enabled = false;
    let disabled =
        |facts: &Facts| facts.directories[0].users.get().expect("users").iter().any(|user| user.enabled == Some(false));
    assert!(!disabled(&read(&desk, &[])));
    assert!(disabled(&read(&desk, &["--refresh"])));
    desk.simulator.state().world.access.people[0].enabled = true;
    desk.simulator.advance(16 * 60);
    assert!(!disabled(&read(&desk, &[])), "a quarter of an hour later it is read again");
    // Of another sign-in, it is another person's.
    let mut state = desk.simulator.state();
    state.world.access.people[0].enabled = false;
    drop(state);
    desk.run(&["login", "--force"]).ok();
    assert!(disabled(&read(&desk, &[])));
}

#[test]
fn what_was_read_goes_with_the_session_and_with_its_time() {
    let desk = practice();
    let kept = || {
        let own = desk.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("/eksso/access/"));
        own.map(|(path, _)| path).collect::<Vec<_>>()
    };
    read(&desk, &["staging"]);
    assert_eq!(kept().len(), 1);
    desk.run(&["logout"]).ok();
    assert_eq!(kept().len(), 0, "it was of the session");
    // What somebody else's look left is removed when nobody believes it any more, by the next look of anybody.
    desk.run(&["login"]).ok();
    read(&desk, &["staging"]);
    let other = kept()[0].with_file_name("other.json");
    std::fs::copy(&kept()[0], &other).expect("a copy");
    read(&desk, &["staging"]);
    assert!(other.exists(), "it is fresh");
    desk.simulator.advance(16 * 60);
    read(&desk, &["staging"]);
    assert!(!other.exists() && kept().len() == 1);
}

#[test]
fn only_roles_that_may_be_used_to_look_are_used_and_never_forbidden_ones() {
    let mut world = World::practice();
    for account in &mut world.accounts {
        account.roles =
            ["AuditBreakGlass", "EKSClusterAdmin", "SecurityAudit", "EKSViewer"].map(str::to_owned).to_vec();
    }
    let desk = Desk::signed_in_to(world);
    let used = |desk: &Desk| {
        let state = desk.simulator.state();
        let mut roles: Vec<String> = state.issued().map(|(_, issued)| issued.role.clone()).collect();
        roles.sort();
        roles.dedup();
        roles
    };
    read(&desk, &[]);
    assert_eq!(used(&desk), ["EKSViewer", "SecurityAudit"], "narrow ones do");
    let config = desk.read(".config/eksso/config.toml");
    let set = |text: &str| desk.write(".config/eksso/config.toml", &format!("{config}\n{text}"));
    set("[access]\nlook_with = [\"*BreakGlass*\", \"EKSClusterAdmin\"]\n");
    let facts = read(&desk, &["--refresh"]);
    assert_eq!(used(&desk), ["EKSClusterAdmin", "EKSViewer", "SecurityAudit"]);
    let by = payments(&facts).settings.source.clone().expect("a source").by;
    assert_eq!(by, format!("{PRODUCTION}/EKSClusterAdmin"));
}

#[test]
fn identity_center_is_asked_where_it_is_administered_for_the_pairs_that_clusters_name() {
    let mut world = World::practice();
    world.access.sets.push(PermissionSet::new("Elsewhere"));
    let everybody = Assignment { account: MANAGEMENT.into(), set: "Elsewhere".into(), who: Who::User("nobody".into()) };
    world.access.assignments.as_mut().expect("assignments").push(everybody);
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &["staging"]);
    // Five sets that the cluster names, in one account.
    assert_eq!(desk.simulator.count("sso:ListAccountAssignments"), 5);
    assert!(facts.directories[0].assignments.iter().all(|found| found.account.as_str() == STAGING));
    let source = facts.directories[0].sets.source.clone().expect("a source");
    assert_eq!(source.by, format!("{MANAGEMENT}/SecurityAudit"));

    // Without a role there, it is unknown who is behind the roles; everything else is not.
    let mut world = World::practice();
    world.accounts.retain(|account| account.id != MANAGEMENT);
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &["staging"]);
    let directory = &facts.directories[0];
    let why = directory.sets.missing().expect("hidden");
    assert!(why.contains("AccessDenied"), "{why}");
    assert!(directory.assignments.iter().all(|found| found.assignees.missing().is_some()));
    assert!(facts.clusters[0].entries.get().is_some());
}

#[test]
fn a_cluster_that_lets_nobody_in_or_cannot_be_reached_hides_only_what_it_says_itself() {
    let mut world = World::small();
    world.cluster_ports = 1;
    world.clusters[0] = Cluster { mode: "CONFIG_MAP".into(), ..Cluster::new("111122223333", "eu-west-1", "web", &[]) };
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &[]);
    let cluster = |region: &str, account: &str| {
        let is = |cluster: &&ClusterFacts| cluster.region.as_str() == region && cluster.account.as_str() == account;
        facts.clusters.iter().find(is).expect("a cluster")
    };
    let shut = cluster("eu-west-1", "111122223333");
    assert_eq!(shut.entries.get().map(Vec::len), Some(0), "its mode has none");
    let why = shut.roles.cluster.missing().expect("hidden");
    assert!(why.contains("401") || why.contains("let in"), "{why}");
    let unreachable = cluster("eu-west-1", "444455556666");
    assert!(unreachable.entries.get().is_some());
    let why = unreachable.bindings.cluster.missing().expect("hidden");
    assert!(why.contains("cannot be reached"), "{why}");
}

/// A desk at which nobody signs in: a runner's keys, which may assume the role `EKSAudit` in each account.
fn runner() -> Desk {
    let mut world = World::practice();
    let key = ("AKIARUNNER".to_owned(), "runner-secret".to_owned(), MANAGEMENT.to_owned(), "runner".to_owned());
    world.access.keys = vec![key];
    let arn = |account: &str| format!("arn:aws:iam::{account}:role/EKSAudit");
    world.access.runs = [MANAGEMENT, PRODUCTION, STAGING].map(|account| ("runner".to_owned(), arn(account))).to_vec();
    for cluster in &mut world.clusters {
        let groups = vec!["eksso-auditors".to_owned()];
        cluster.eks.entries.push(RawEntry { groups, ..RawEntry::new(&arn(&cluster.account)) });
    }
    let mut desk = Desk::with(world);
    desk.write(
        ".config/eksso/config.toml",
        "regions = [\"eu-west-1\"]\n[access]\nassume = \"EKSAudit\"\nidentity_center_account = \"111111111111\"\n",
    );
    desk.set("AWS_ACCESS_KEY_ID", "AKIARUNNER").set("AWS_SECRET_ACCESS_KEY", "runner-secret");
    desk
}

#[test]
fn in_ci_nobody_signs_in_and_the_environment_assumes_one_role_in_each_account() {
    let desk = runner();
    let facts = read(&desk, &["--credentials", "environment"]);
    let names: Vec<&str> = facts.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names, ["payments", "staging"], "the organization says which accounts there are");
    let cluster = payments(&facts);
    assert_eq!(cluster.settings.source.clone().expect("a source").by, format!("{PRODUCTION}/EKSAudit"));
    assert!(cluster.roles.cluster.get().is_some(), "the cluster lets the role in: {:?}", cluster.roles.cluster);
    assert!(facts.directories[0].users.get().is_some());
    assert!(facts.accounts[&STAGING.parse().expect("an id")].roles.get().is_some());
    let state = desk.simulator.state();
    for portal in ["ListAccounts", "GetRoleCredentials", "RegisterClient", "CreateToken"] {
        assert!(state.requests.iter().all(|request| request.operation != portal), "{portal}");
    }
    drop(state);
    assert!(desk.files().iter().all(|(path, _)| !path.to_string_lossy().contains("secrets")), "no keyring is touched");
    // Named by id, accounts need no organization; the role's denial is told, and the other account read.
    desk.simulator.state().world.access.runs.retain(|(_, arn)| !arn.contains(STAGING));
    let (facts, words) =
        desk.facts(&["--credentials=environment", "--account", STAGING, "--account", PRODUCTION, "--refresh"]);
    assert_eq!(facts.expect("facts").clusters.len(), 1);
    assert!(words.contains(&format!("account {STAGING} is left out")) && words.contains("AccessDenied"), "{words}");
}

#[test]
fn what_one_identity_of_the_environment_read_is_not_served_to_another_of_its_account() {
    let mut desk = runner();
    {
        let mut state = desk.simulator.state();
        let key = ("AKIAOTHER".to_owned(), "other-secret".to_owned(), MANAGEMENT.to_owned(), "other".to_owned());
        state.world.access.keys.push(key);
        let more: Vec<_> = state.world.access.runs.iter().map(|(_, arn)| ("other".to_owned(), arn.clone())).collect();
        state.world.access.runs.extend(more);
    }
    let args = ["--credentials", "environment", "payments"];
    let calls = |desk: &Desk| {
        let before = desk.simulator.count("DescribeAccessEntry");
        read(desk, &args);
        desk.simulator.count("DescribeAccessEntry") - before
    };
    assert!(calls(&desk) > 0);
    assert_eq!(calls(&desk), 0, "it is kept for the same identity");
    desk.set("AWS_ACCESS_KEY_ID", "AKIAOTHER").set("AWS_SECRET_ACCESS_KEY", "other-secret");
    assert!(calls(&desk) > 0, "another identity of the account reads for itself");
}

#[test]
fn a_runner_with_a_web_identity_token_needs_no_keys() {
    let mut desk = runner();
    let arn = format!("arn:aws:iam::{MANAGEMENT}:role/runner");
    desk.simulator.state().world.access.web_identity = Some(("web-token".into(), arn.clone()));
    let file = desk.write("token", "web-token\n");
    desk.env.retain(|name, _| !name.contains("ACCESS_KEY"));
    desk.set("AWS_WEB_IDENTITY_TOKEN_FILE", &file.display().to_string()).set("AWS_ROLE_ARN", &arn);
    assert_eq!(read(&desk, &["--credentials", "environment", "payments"]).clusters.len(), 1);
    // Its own role may be one that is never used.
    desk.write(POLICY, "never_roles = [\"runner\"]\n");
    let (refused, _) = desk.facts(&["--credentials", "environment"]);
    let error = refused.expect_err("refused").render(false);
    assert!(error.contains("the role `runner` is never used") && error.contains("`never_roles` in"), "{error}");
    std::fs::remove_file(desk.path(POLICY)).expect("removed");
    desk.env.retain(|name, _| !name.starts_with("AWS_ROLE"));
    let (refused, _) = desk.facts(&["--credentials", "environment"]);
    let error = refused.expect_err("no credentials").render(false);
    assert!(error.contains("there are no AWS credentials in the environment"), "{error}");
}

/// Nobody signed in for them.
#[test]
fn credentials_of_the_environment_that_aws_does_not_take_name_their_variables_and_no_sign_in() {
    let mut desk = runner();
    desk.set("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX");
    let error = desk.facts(&["--credentials", "environment"]).0.expect_err("refused").render(false);
    assert!(error.contains("AWS does not accept the credentials of the environment (AWS_ACCESS_KEY_ID)"), "{error}");
    assert!(!error.contains("eksso log"), "{error}");
}

#[test]
fn other_credentials_of_the_environment_are_ignored_without_being_asked_for() {
    let mut desk = practice();
    desk.set("AWS_ACCESS_KEY_ID", "AKIAFOREIGN").set("AWS_SECRET_ACCESS_KEY", "nonsense");
    let by = payments(&read(&desk, &[])).settings.source.clone().expect("a source").by;
    assert_eq!(by, format!("{PRODUCTION}/SecurityAudit"));
}

#[test]
fn identity_center_is_never_asked_faster_than_it_takes() {
    let mut world = World::practice();
    world.portal_rate = Some(20);
    for number in 0..30 {
        world.access.sets.push(PermissionSet::new(&format!("Set{number}")));
    }
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &[]);
    assert_eq!(facts.directories[0].sets.get().map(Vec::len), Some(36));
    assert_eq!(desk.simulator.throttled(), 0);
}

#[test]
fn an_interrupted_reading_keeps_what_it_read_and_goes_on_from_there() {
    let mut world = World::practice();
    world.latency = std::time::Duration::from_millis(40);
    let mut desk = Desk::signed_in_to(world);
    desk.interrupted_at = Some("iam:GetAccountAuthorizationDetails");
    let (stopped, words) = desk.facts(&["--refresh"]);
    assert_eq!(stopped.expect_err("interrupted").kind(), Kind::Interrupted);
    assert!(words.contains("Interrupted. What was read is kept"), "{words}");
    assert_eq!(desk.simulator.count("sso:ListPermissionSets"), 0, "it did not come so far");
    let clusters = desk.simulator.count("ListPodIdentityAssociations");
    desk.interrupted_at = None;
    let (facts, words) = desk.facts(&["--refresh"]);
    let facts = facts.unwrap_or_else(|error| panic!("{error}\n{words}"));
    assert!(words.contains("goes on with the --refresh that was interrupted"), "{words}");
    assert!(facts.directories[0].sets.get().is_some() && payments(&facts).entries.get().is_some());
    assert_eq!(desk.simulator.count("ListPodIdentityAssociations"), clusters, "clusters are not read twice");
}

/// `--refresh` reads everything again: only what an interrupted `--refresh` read is gone on with.
#[test]
fn a_refresh_believes_nothing_that_was_read_before_the_first_one_began() {
    let mut world = World::practice();
    world.latency = std::time::Duration::from_millis(40);
    let mut desk = Desk::signed_in_to(world);
    let interrupted = |desk: &mut Desk, args: &[&str]| {
        desk.interrupted_at = Some("iam:GetAccountAuthorizationDetails");
        let (stopped, _) = desk.facts(args);
        assert_eq!(stopped.expect_err("interrupted").kind(), Kind::Interrupted);
        desk.interrupted_at = None;
    };
    interrupted(&mut desk, &[]);
    let new = format!("arn:aws:iam::{PRODUCTION}:role/just-made");
    let payments_of = |desk: &Desk, args: &[&str]| {
        let (facts, words) = desk.facts(args);
        let facts = facts.unwrap_or_else(|error| panic!("{error}\n{words}"));
        let entries = payments(&facts).entries.get().expect("entries").clone();
        (entries.iter().any(|entry| entry.principal == new), words)
    };
    let add = |desk: &Desk| {
        let mut state = desk.simulator.state();
        let cluster = state.world.clusters.iter_mut().find(|cluster| cluster.name == "payments").expect("the cluster");
        cluster.eks.entries.push(RawEntry::new(&new));
    };
    add(&desk);
    let (is_there, words) = payments_of(&desk, &["--refresh"]);
    assert!(is_there, "what the look before the refresh had read was taken for fresh");
    assert!(!words.contains("goes on with"), "{words}");
}

const AS_RUNNER: [&str; 3] = ["--credentials", "environment", "--refresh"];

/// What `audit` says in each of its forms of accounts, or clusters in them, that nobody could look for.
fn tells_what_was_not_looked_for(desk: &Desk, args: &[&str], what: &str) {
    let run = |more: &[&str]| desk.run(&[&["audit", "--rule", "endpoint-open"], args, more].concat()).fails(6, &[what]);
    let rows = run(&["-o", "json"]).json();
    let rows = rows.as_array().expect("rows").clone();
    let is_told = |row: &serde_json::Value| {
        row["state"] == "not_checked" && row["fact"].as_str().is_some_and(|fact| fact.contains(what))
    };
    assert!(rows.iter().any(is_told), "{rows:#?}");
    let sarif = run(&["-o", "sarif"]).json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let notes = invocation["toolExecutionNotifications"].as_array().expect("notes");
    let is_told = |note: &serde_json::Value| note["message"]["text"].as_str().is_some_and(|text| text.contains(what));
    assert!(notes.iter().any(is_told), "{notes:#?}");
    run(&[]);
    // `access` shows the same as rows of what is unknown, which alone is no failure.
    let rows = desk.run(&[&["access"], args, &["-o", "json"]].concat()).ok().json();
    let is_told = |row: &serde_json::Value| {
        row["state"] == "unknown" && row["why"].as_str().is_some_and(|why| why.contains(what))
    };
    assert!(rows.as_array().expect("rows").iter().any(is_told), "{rows:#?}");
    desk.run(&[&["access"], args, &["-o", "csv"]].concat()).ok();
    desk.run(&[&["access"], args].concat()).ok();
}

#[test]
fn accounts_that_were_not_looked_at_stand_in_every_form() {
    let desk = runner();
    let denied = Fault::Error(400, "AccessDeniedException", "{}");
    desk.simulator.fault_where("organizations:ListAccounts", "", 999, denied);
    tells_what_was_not_looked_for(&desk, &AS_RUNNER, "the organization's accounts cannot be listed");
    let desk = runner();
    desk.simulator.state().world.access.runs.retain(|(_, arn)| !arn.contains(STAGING));
    tells_what_was_not_looked_for(&desk, &AS_RUNNER, &format!("account {STAGING} is left out"));
}

#[test]
fn an_audit_that_is_denied_all_clusters_is_not_checked_and_no_finding() {
    let denied = || Fault::Error(403, "AccessDeniedException", "{}");
    let desk = runner();
    desk.simulator.fault_where("ListClusters", "", 999, denied());
    tells_what_was_not_looked_for(&desk, &AS_RUNNER, &format!("account {PRODUCTION} is left out"));
    let desk = practice();
    desk.simulator.fault_where("ListClusters", "", 999, denied());
    tells_what_was_not_looked_for(&desk, &["--refresh"], "eks:ListClusters");
}

#[test]
fn a_cluster_whose_access_entries_are_denied_is_a_row_of_what_is_unknown() {
    let desk = practice();
    desk.simulator.fault_where("ListAccessEntries", "", 999, Fault::Error(403, "AccessDeniedException", "{}"));
    let outcome = desk.run(&["access", "payments", "-o", "json"]).ok();
    let rows = outcome.json();
    let rows = rows.as_array().expect("rows");
    assert!(rows.iter().any(|row| row["cluster"] == "payments" && row["state"] == "unknown"), "{rows:#?}");
    assert!(outcome.err.contains("access entries"), "{}", outcome.err);
    assert!(desk.run(&["access", "payments"]).ok().out.contains("unknown"));
    desk.run(&["access", "payments", "-o", "csv"]).ok();
    desk.run(&["access", "payments", "--mermaid"]).ok();
    // "Nobody" would be no answer to a question.
    desk.run(&["access", "payments", "--who-can", "get", "pods"])
        .fails(4, &["of no cluster can be read who is let in"]);
    desk.run(&["audit", "payments", "-o", "json"]).fails(6, &["access entries"]);
}

/// access.md 1.8: what fails on one list must not lose the others, and only what could not be reached is told to be so.
#[test]
fn one_list_of_a_cluster_that_fails_loses_itself_alone_with_its_true_cause() {
    let desk = practice();
    desk.simulator.fault_where("Kubernetes", "/v1/roles", 999, Fault::Error(500, "InternalError", "{}"));
    let facts = read(&desk, &["payments"]);
    let cluster = payments(&facts);
    let why = cluster.roles.namespaced.missing().expect("hidden");
    assert!(why.contains("answered with an error") && why.contains("HTTP 500"), "{why}");
    assert!(cluster.roles.cluster.get().is_some() && cluster.bindings.cluster.get().is_some());
    assert!(cluster.bindings.namespaced.get().is_some() && cluster.namespaces.get().is_some());
    assert!(cluster.service_accounts.get().is_some());
    // It may be answered another time.
    desk.simulator.clear_faults();
    assert!(payments(&read(&desk, &["payments"])).roles.namespaced.get().is_some());
}

#[test]
fn a_permission_sets_own_policies_and_boundary_are_read_and_stand_for_a_role_that_iam_does_not_show() {
    let mut world = World::practice();
    let own = "/eks/Developer";
    let developer = world.access.sets.iter_mut().find(|set| set.name == "EKSDeveloper").expect("the set");
    developer.customer_managed = vec![own.into(), "/Plain".into()];
    developer.boundary = Some("/eks/Boundary".into());
    let viewer = world.access.sets.iter_mut().find(|set| set.name == "EKSViewer").expect("the set");
    viewer.boundary = Some("arn:aws:iam::aws:policy/ReadOnlyAccess".into());
    let desk = Desk::signed_in_to(world);
    let facts = read(&desk, &[]);
    let set = |name: &str| {
        let mut sets = facts.directories[0].sets.get().expect("sets").iter();
        sets.find(|set| set.name == name).expect("the set")
    };
    assert_eq!(set("EKSDeveloper").customer_managed.get().expect("names"), &[own, "/Plain"]);
    assert_eq!(set("EKSDeveloper").boundary.get().expect("one").as_deref(), Some("/eks/Boundary"));
    assert_eq!(
        set("EKSViewer").boundary.get().expect("one").as_deref(),
        Some("arn:aws:iam::aws:policy/ReadOnlyAccess")
    );
    assert_eq!(set("EKSClusterAdmin").boundary.get(), Some(&None));
    assert!(facts.aws_policies.contains_key("arn:aws:iam::aws:policy/ReadOnlyAccess"));
    // Both denied: nothing of it passes for none.
    desk.simulator
        .state()
        .world
        .access
        .denied
        .push(("SecurityAudit".into(), "sso:GetPermissionsBoundaryForPermissionSet".into()));
    let facts = read(&desk, &["--refresh"]);
    let sets = facts.directories[0].sets.get().expect("sets");
    assert!(sets.iter().filter(|set| set.name == "EKSViewer").all(|set| set.boundary.missing().is_some()));
}

/// The simulator is in the same process: what is measured is more than eksso needs. `tests/benches/access` runs it alone.
#[test]
#[ignore = "takes minutes: 200 clusters"]
fn two_hundred_clusters_with_five_thousand_entries_are_read_within_200_mib() {
    let desk = Desk::signed_in_to(large(50, 4, 19));
    let facts = read(&desk, &[]);
    let entries: usize = facts.clusters.iter().filter_map(|cluster| cluster.entries.get()).map(Vec::len).sum();
    assert_eq!((facts.clusters.len(), entries), (200, 5000));
    assert!(facts.clusters.iter().all(|cluster| cluster.roles.cluster.get().is_some()));
    if std::env::var_os("EKSSO_TEST_ALONE").is_some() {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        println!("peak: {} MiB with the simulator", kib / 1024);
        assert!(kib < 200 << 10, "{} MiB", kib / 1024);
    }
}
