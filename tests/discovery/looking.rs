//! Which roles' credentials a search takes, and what it makes of denials, dead credentials and regions that do not answer.

use std::collections::BTreeSet;

use crate::support::Desk;
use eksso_simulator::{Account, Cluster, Fault, World};

/// An account with these roles, and a cluster in each of two regions that lets all of them in.
fn world(roles: &[&str]) -> World {
    let mut world = World::small();
    world.accounts = vec![Account::new("111122223333", "Production", roles)];
    world.clusters = vec![
        Cluster::new("111122223333", "eu-west-1", "web", roles),
        Cluster::new("111122223333", "us-east-1", "batch", roles),
    ];
    world
}

/// The roles whose credentials the portal was asked for.
fn taken(desk: &Desk) -> BTreeSet<String> {
    let state = desk.simulator.state();
    let asked = state.requests.iter().filter(|request| request.operation == "GetRoleCredentials");
    asked.filter_map(|request| Some(request.target.split_once("role_name=")?.1.split('&').next()?.to_owned())).collect()
}

fn names(roles: &[&str]) -> BTreeSet<String> {
    roles.iter().map(|role| (*role).to_owned()).collect()
}

/// How often clusters were to be listed in a region.
fn listed(desk: &Desk, region: &str) -> usize {
    let scope = format!("/{region}/eks/");
    let state = desk.simulator.state();
    let in_region = |headers: &[(String, String)]| headers.iter().any(|(_, value)| value.contains(&scope));
    state.requests.iter().filter(|call| call.operation == "ListClusters" && in_region(&call.headers)).count()
}

/// The access keys that calls were signed with, in their order.
fn signers(desk: &Desk, operation: &str) -> Vec<String> {
    let state = desk.simulator.state();
    let calls = state.requests.iter().filter(|request| request.operation == operation);
    let headers = calls.flat_map(|request| &request.headers);
    headers.filter_map(|(_, value)| Some(value.split_once("Credential=")?.1.split('/').next()?.to_owned())).collect()
}

fn configure(desk: &Desk, table: &str) {
    desk.write(".config/eksso/config.toml", &format!("{}\n{table}", desk.config()));
}

#[test]
fn a_search_takes_the_narrow_role_and_no_administrators_or_break_glass_session() {
    let roles = ["AdministratorAccess", "BreakGlassReadOnly", "EKSDeveloper", "ReadOnlyAccess"];
    for args in [&["clusters"][..], &["clusters", "--refresh"], &["sync"]] {
        let desk = Desk::signed_in_to(world(&roles));
        let found = desk.run(args).ok();
        assert_eq!(taken(&desk), names(&["ReadOnlyAccess"]), "{args:?}: {}", found.err);
        assert!(!found.err.contains("Looked as"), "{}", found.err);
    }
    // Naming a role is asking for it.
    let desk = Desk::signed_in_to(world(&roles));
    desk.run(&["clusters", "--role=AdministratorAccess"]).ok();
    assert_eq!(taken(&desk), names(&["AdministratorAccess"]));
    let desk = Desk::signed_in_to(world(&roles));
    desk.run(&["clusters", "--role=BreakGlassReadOnly"]).ok();
    assert_eq!(taken(&desk), names(&["BreakGlassReadOnly"]));
    // A glob that many roles match names none of them.
    let desk = Desk::signed_in_to(world(&roles));
    desk.run(&["clusters", "--role=*"]).ok();
    assert_eq!(taken(&desk), names(&["ReadOnlyAccess"]));
}

#[test]
fn an_administrator_looks_last_and_that_is_said() {
    let mut small = world(&["AdministratorAccess", "Billing"]);
    small.accounts[0].without_eks = vec!["Billing".into()];
    let desk = Desk::signed_in_to(small);
    let found = desk.run(&["clusters"]).ok();
    assert_eq!(taken(&desk), names(&["AdministratorAccess", "Billing"]));
    assert!(
        found.err.contains("Looked as `AdministratorAccess` in Production: no other of your roles there"),
        "{}",
        found.err
    );
    assert!(found.out.contains("web") && found.out.contains("batch"), "{}", found.out);
    let again = desk.run(&["clusters"]).ok();
    assert!(!again.err.contains("Looked as"), "nothing was looked at: {}", again.err);
}

#[test]
fn config_toml_says_which_roles_may_look() {
    let roles = ["AdministratorAccess", "EKSDeveloper", "ReadOnlyAccess"];
    let desk = Desk::signed_in_to(world(&roles));
    configure(&desk, "[discovery]\nlook_with = [\"EKSDev*\"]\n");
    desk.run(&["clusters"]).ok();
    assert_eq!(taken(&desk), names(&["EKSDeveloper"]));
    let desk = Desk::signed_in_to(world(&roles));
    configure(&desk, "[discovery]\nlook_with = [\"Audit*\"]\n");
    desk.run(&["clusters"]).fails(4, &["no cluster can be seen", "look_with", "--role NAME"]);
    assert!(taken(&desk).is_empty());
    let desk = Desk::signed_in_to(world(&roles));
    configure(&desk, "[discovery]\nnever_look_with = [\"*\"]\n");
    desk.run(&["clusters"]).fails(4, &["never_look_with"]);
    desk.run(&["clusters", "--role=EKSDeveloper"]).ok();
    assert_eq!(taken(&desk), names(&["EKSDeveloper"]));
    configure(&desk, "[discovery]\nlook_wiht = []\n");
    desk.run(&["clusters"]).fails(2, &["look_wiht"]);
}

#[test]
fn break_glass_credentials_are_not_used_to_look_even_where_they_are_at_hand() {
    let mut small = world(&["ProdBreakGlass", "ReadOnlyAccess"]);
    small.accounts[0].without_eks = vec!["ReadOnlyAccess".into()];
    let desk = Desk::signed_in_to(small);
    desk.run(&["credentials", "--account=111122223333", "--role=ProdBreakGlass"]).ok();
    desk.run(&["clusters"]).fails(4, &["no cluster can be seen"]);
    desk.run(&["clusters", "--verify"]).fails(4, &["no cluster can be seen"]);
    let lists = desk.simulator.count("ListClusters");
    desk.run(&["clusters", "--role=ProdBreakGlass"]).ok();
    assert_eq!(desk.simulator.count("ListClusters"), lists + 2);
}

#[test]
fn verifying_asks_as_each_role_but_never_as_break_glass_by_itself() {
    let desk = Desk::signed_in_to(world(&["ProdBreakGlass", "ReadOnlyAccess"]));
    let rows = desk.run(&["clusters", "--verify", "-o", "json"]).ok().json();
    assert_eq!(taken(&desk), names(&["ReadOnlyAccess"]));
    let row = rows.as_array().expect("rows").iter().find(|row| row["role"] == "ProdBreakGlass").expect("its row");
    assert!(row.to_string().contains("web") || row.to_string().contains("batch"));
    desk.run(&["clusters", "--verify", "--role=ProdBreakGlass"]).ok();
    assert!(taken(&desk).contains("ProdBreakGlass"));
}

#[test]
fn no_cluster_is_described_as_break_glass_unless_it_is_named() {
    let roles = ["EKSAdmin", "ProdBreakGlass", "ReadOnlyAccess"];
    let mut small = world(&roles);
    small.accounts[0].without_describe = vec!["EKSAdmin".into(), "ReadOnlyAccess".into()];
    let desk = Desk::signed_in_to(small.clone());
    desk.run(&["sync", "--role=*Break*"])
        .fails(4, &["no role that may be used to look could describe", "--role=ProdBreakGlass uses it"]);
    assert_eq!(taken(&desk), names(&["ReadOnlyAccess"]));
    // Nor because it did so when it was named.
    desk.run(&["clusters", "--refresh", "--role=ProdBreakGlass"]).ok();
    let before = signers(&desk, "DescribeCluster");
    let rows = desk.run(&["clusters", "--verify", "-o", "json"]).ok().json();
    assert!(rows.as_array().expect("rows").iter().all(|row| row["mapped"] == "unknown"), "{rows:#}");
    let break_glass = before.last().expect("a call");
    assert!(!signers(&desk, "DescribeCluster")[before.len()..].contains(break_glass));
    // A role that may look describes it for all.
    small.accounts[0].without_describe = vec!["ReadOnlyAccess".into()];
    let desk = Desk::signed_in_to(small);
    desk.run(&["sync"]).ok();
    assert_eq!(taken(&desk), names(&["EKSAdmin", "ReadOnlyAccess"]));
}

#[test]
fn a_denial_is_remembered_for_a_day_and_asked_about_again_by_those_who_want_to_know() {
    let mut small = world(&["ReadOnlyAccess"]);
    small.accounts[0].without_eks = vec!["ReadOnlyAccess".into()];
    let desk = Desk::signed_in_to(small);
    let asks = |args: &[&str]| {
        let before = desk.simulator.count("ListClusters");
        let ended = desk.run(args);
        (desk.simulator.count("ListClusters") - before, ended)
    };
    let (asked, ended) = asks(&["clusters"]);
    assert_eq!(asked, 2);
    assert!(!ended.err.contains("--refresh asks again"), "{}", ended.err);
    desk.simulator.advance(3 * 3600);
    let (asked, ended) = asks(&["clusters"]);
    assert_eq!(asked, 0);
    ended.fails(4, &["none of your roles may list clusters", "as they were told 3 h 0 min ago; --refresh asks again"]);
    assert_eq!(asks(&["clusters", "--refresh"]).0, 2);
    assert_eq!(asks(&["sync"]).0, 2);
    assert_eq!(
        asks(&["add", "--cluster=web", "--account=*", "--role=*", "--region=eu-west-1", "--region=us-east-1"]).0,
        2
    );
    assert_eq!(asks(&["clusters"]).0, 0);
    desk.simulator.advance(2);
    desk.run(&["login", "--force"]).ok();
    assert_eq!(asks(&["clusters"]).0, 2, "another sign-in may be another person's");
    desk.simulator.advance(25 * 3600);
    desk.run(&["login"]).ok();
    assert_eq!(asks(&["clusters"]).0, 2, "after a day");
}

#[test]
fn a_service_control_policy_closes_a_region_after_the_first_role() {
    let desk = Desk::signed_in_to(world(&["EKSDeveloper", "EKSViewer", "ReadOnlyAccess"]));
    let body = r#"{"message":"User: arn:aws:sts::111122223333:assumed-role/x/jane is not authorized to perform: eks:ListClusters on resource: arn:aws:eks:us-east-1:111122223333:cluster/* with an explicit deny in a service control policy"}"#;
    desk.simulator.fault_where("ListClusters", "/us-east-1/eks/", 99, Fault::Error(403, "AccessDeniedException", body));
    let found = desk.run(&["clusters", "-v"]).ok();
    assert!(found.err.contains("1 account and region pair: a service control policy"), "{}", found.err);
    assert!(!found.err.contains("Note:"), "{}", found.err);
    assert_eq!(listed(&desk, "us-east-1"), 1);
    desk.simulator.advance(2 * 3600);
    desk.run(&["clusters"]).ok();
    assert_eq!(listed(&desk, "us-east-1"), 1, "remembered");
    desk.run(&["clusters", "--refresh"]).ok();
    assert_eq!(listed(&desk, "us-east-1"), 2);
    desk.run(&["clusters", "--region=us-east-1"]).fails(4, &["no cluster can be seen", "service control policy"]);
    // Such policies often exempt a role: one that is named is asked all the same.
    desk.simulator.clear_faults();
    desk.run(&["clusters", "--region=us-east-1"]).fails(4, &["service control policy"]);
    let rows = desk.run(&["clusters", "--region=us-east-1", "--role=EKSDeveloper", "-o", "json"]).ok().json();
    assert_eq!(rows[0]["cluster"], "batch", "{rows:#}");
}

#[test]
fn what_one_cluster_refuses_says_nothing_of_another() {
    let mut small = world(&["EKSViewer"]);
    small.clusters.push(Cluster::new("111122223333", "eu-west-1", "mail", &["EKSViewer"]));
    let desk = Desk::signed_in_to(small);
    let no = Fault::Error(403, "AccessDeniedException", r#"{"message":"no"}"#);
    desk.simulator.fault_where("ListAccessEntries", "/clusters/mail/", 99, no);
    let rows = desk.run(&["clusters", "-o", "json"]).ok().json();
    let mapped = |rows: &serde_json::Value, cluster: &str| {
        let row = rows.as_array().expect("rows").iter().find(|row| row["cluster"] == cluster).expect("a row").clone();
        row["mapped"].as_str().expect("a word").to_owned()
    };
    assert_eq!([mapped(&rows, "mail"), mapped(&rows, "web"), mapped(&rows, "batch")], ["unknown", "yes", "yes"]);
    desk.simulator.advance(2 * 3600);
    let rows = desk.run(&["clusters", "-o", "json"]).ok().json();
    assert_eq!([mapped(&rows, "mail"), mapped(&rows, "web"), mapped(&rows, "batch")], ["unknown", "yes", "yes"]);
}

#[test]
fn dead_cached_credentials_are_fetched_anew_once_and_are_no_region_that_is_off() {
    let desk = Desk::signed_in_to(world(&["EKSViewer"]));
    for dead in ["revoked", "unknown"] {
        desk.run(&["credentials", "--account=111122223333", "--role=EKSViewer"]).ok();
        let before = desk.simulator.count("GetRoleCredentials");
        match dead {
            "revoked" => {
                let body = r#"{"message":"not authorized to perform: eks:ListClusters with an explicit deny in an identity-based policy"}"#;
                desk.simulator.fault("ListClusters", 2, Fault::Error(403, "AccessDeniedException", body));
            }
            _ => desk.simulator.state().revoke_role_credentials(),
        }
        let found = desk.run(&["clusters", "--refresh", "-v", "-o", "json"]).ok();
        assert_eq!(found.json().as_array().expect("rows").len(), 2, "{dead}: {}", found.err);
        assert!(!found.err.contains("not enabled") && !found.err.contains("warning"), "{dead}: {}", found.err);
        assert_eq!(desk.simulator.count("GetRoleCredentials"), before + 1, "{dead}");
    }
    // What is refused in one region and taken in another is no dead credential.
    let off = Fault::Error(403, "UnrecognizedClientException", r#"{"message":"no"}"#);
    desk.simulator.fault_where("ListClusters", "/us-east-1/eks/", 99, off);
    let found = desk.run(&["clusters", "--refresh", "-v"]).ok();
    assert!(found.err.contains("1 account and region pair: the region is not enabled"), "{}", found.err);
    // It may be enabled a moment later: who names it is told.
    desk.simulator.state().world.accounts[0].regions = None;
    let asked = listed(&desk, "us-east-1");
    desk.run(&["clusters"]).ok();
    assert_eq!(listed(&desk, "us-east-1"), asked, "known to be off");
    desk.run(&["clusters", "--region=us-east-1"]).ok();
    assert!(listed(&desk, "us-east-1") > asked);
}

#[test]
fn a_region_newly_enabled_is_found_by_refresh() {
    let mut small = world(&["EKSViewer"]);
    small.accounts[0].regions = Some(vec!["eu-west-1".into()]);
    let desk = Desk::with(small);
    let config = format!("[sessions.corp]\nstart_url = \"{}/start\"\nregion = \"eu-west-1\"\n", desk.simulator.url());
    desk.write(".config/eksso/config.toml", &config);
    desk.run(&["login"]).ok();
    assert_eq!(desk.run(&["clusters", "-o", "name"]).ok().out.lines().count(), 1);
    desk.simulator.state().world.accounts[0].regions = Some(vec!["eu-west-1".into(), "us-east-1".into()]);
    let named = desk.run(&["clusters", "--region=us-east-1", "-o", "name"]).ok();
    assert_eq!(named.out, "arn:aws:eks:us-east-1:111122223333:cluster/batch\n", "a filter that names it finds it");
    assert_eq!(desk.run(&["clusters", "--refresh", "-o", "name"]).ok().out.lines().count(), 2);
}

#[test]
fn a_blip_closes_no_region() {
    let desk = Desk::signed_in_to(World::large(40, 2, 2, 1));
    // Each call is tried three times: the first ones get no answer, and the region is left alone for a while.
    let down = Fault::Error(503, "ServiceUnavailableException", "{}");
    desk.simulator.fault_where("ListClusters", "/us-east-1/eks/", 18, down);
    let found = desk.run(&["clusters", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("rows").len(), 160, "{}", found.err);
    assert!(!found.err.contains("warning"), "{}", found.err);
}

#[test]
fn an_sts_that_does_not_answer_is_given_up_like_a_region() {
    let desk = Desk::signed_in_to(World::large(40, 2, 1, 1));
    desk.simulator.fault("GetCallerIdentity", 9999, Fault::Error(503, "ServiceUnavailable", "{}"));
    let found = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("rows").len(), 80, "{}", found.err);
    assert!(desk.simulator.count("GetCallerIdentity") < 40 * 3, "{}", desk.simulator.count("GetCallerIdentity"));
    assert!(found.err.contains("STS in eu-west-1 did not answer"), "{}", found.err);
}

#[test]
fn accounts_can_be_skipped_and_filters_saved_by_name() {
    let desk = Desk::signed_in();
    let tables =
        "[discovery]\nskip_accounts = [\"Stag*\"]\n[filters.mine]\naccount = [\"Prod*\"]\nrole = [\"EKSViewer\"]\n";
    configure(&desk, tables);
    let out = |args: &[&str]| desk.run(&[args, &["-o", "name"]].concat()).ok().out;
    assert_eq!(out(&["roles"]), "111122223333/EKSAdmin\n111122223333/EKSViewer\n");
    assert_eq!(out(&["roles", "--filter=mine"]), "111122223333/EKSViewer\n");
    assert_eq!(out(&["roles", "--filter=mine", "--role=EKSAdmin"]), "111122223333/EKSAdmin\n");
    assert_eq!(out(&["roles", "--account=Staging"]).lines().count(), 2, "an account that is named is not skipped");
    assert!(!out(&["clusters"]).contains("444455556666"));
    assert!(desk.run(&["sync", "--filter=mine"]).ok().err.contains("2 contexts in"));
    desk.run(&["clusters", "--filter=mnie"]).fails(5, &["no [filters.mnie]", "did you mean `mine`?"]);
}

#[test]
fn no_more_is_asked_than_lists_and_one_roles_credentials_an_account_and_all_rows_are_shown() {
    let desk = Desk::signed_in_to(World::large(150, 4, 2, 2));
    let found = desk.run(&["clusters", "-o", "json"]).ok().json();
    let rows = found.as_array().expect("rows");
    assert_eq!(rows.len(), 150 * 4 * 2 * 2);
    let asked = ["ListAccounts", "ListAccountRoles", "GetRoleCredentials"].map(|name| desk.simulator.count(name));
    assert_eq!(asked, [2, 150, 150]);
    assert_eq!(desk.simulator.count("ListClusters"), 2 * 150, "each place once");
    assert_eq!(desk.simulator.throttled(), 0);

    // Each row in the same order, below one line of headings.
    let cells = |row: &serde_json::Value| {
        ["account_name", "region", "cluster", "role"].map(|key| row[key].as_str().expect("text").to_owned())
    };
    for watches in [false, true] {
        desk.person().reads = watches;
        desk.person().columns = 200;
        let table = desk.run(&["clusters"]).ok().out;
        let mut lines = table.lines();
        assert!(lines.next().expect("headings").starts_with("ACCOUNT"));
        let shown: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().take(4).collect()).collect();
        assert_eq!(shown, rows.iter().map(cells).collect::<Vec<_>>());
        let region = |line: &str| line.find("eu-").or_else(|| line.find("us-")).or_else(|| line.find("REGION"));
        let at: BTreeSet<Option<usize>> = table.lines().map(region).collect();
        assert!(at.len() == 1 && !at.contains(&None), "columns are as wide in all parts: {at:?}");
    }
}

/// A line that the terminal breaks is no row any more.
#[test]
fn on_a_narrow_terminal_each_row_is_one_line_and_what_is_missing_is_told() {
    let desk = Desk::signed_in();
    desk.write(".config/eksso/config.toml", &format!("trail = \"file\"\n{}", desk.config()));
    desk.run(&["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--use"]).ok();
    desk.run(&["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    desk.person().reads = true;
    for columns in [60, 80] {
        desk.person().columns = columns;
        for (args, kept) in [
            (&["status"][..], "signed in"),
            (&["clusters"], "EKSAdmin"),
            (&["config", "show"], "discovery.skip_accounts"),
            (&["audit", "rules"], "trust-other-account"),
            (&["log"], "Production/web:EKSAdmi"),
        ] {
            let shown = desk.run(args).ok();
            assert!(shown.out.lines().all(|line| line.chars().count() <= columns), "{args:?}: {}", shown.out);
            assert!(shown.out.contains(kept), "{args:?}: {}", shown.out);
            let is_whole = !shown.out.contains('…');
            assert!(is_whole || shown.err.contains("cut to the width of this terminal"), "{args:?}: {}", shown.err);
        }
    }
    desk.person().columns = 60;
    let told = desk.run(&["status"]).ok().err;
    assert!(told.contains("left out") && told.contains("-o json"), "{told}");
    // A file and a pipe get all of it.
    desk.person().reads = false;
    assert!(desk.run(&["status"]).ok().out.contains("KEYRING"));
}

#[test]
fn rows_that_come_one_by_one_stand_in_columns_of_the_same_widths() {
    for (args, columns, world) in [
        (&["clusters"][..], 100, World::large(12, 3, 2, 2)),
        (&["clusters"], 60, World::large(12, 3, 2, 2)),
        (&["clusters"], 60, World::practice()),
        (&["clusters"], 90, World::practice()),
        (&["roles"], 60, World::large(12, 3, 2, 2)),
    ] {
        let desk = Desk::signed_in_to(world);
        let mut person = desk.person();
        (person.reads, person.columns) = (true, columns);
        drop(person);
        // Looked for, so that they come, and listed from what was seen.
        let (came, listed) = (desk.run(args).ok().out, desk.run(args).ok().out);
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&came), sorted(&listed), "{args:?}");
        assert!(came.lines().count() > 2 && came.lines().all(|line| line.chars().count() <= columns), "{came}");
    }
}
