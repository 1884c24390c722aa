//! `eksso roles` and `eksso clusters`.

use crate::support::Desk;
use eksso_simulator::{Account, Cluster, Fault, World};

#[test]
fn roles_are_listed_page_by_page_as_table_json_and_names() {
    let desk = Desk::configured(World { page_size: 1, ..World::small() });
    desk.run(&["login"]).ok();
    let table = desk.run(&["roles"]).ok();
    assert_eq!(
        table.out,
        "ACCOUNT     ACCOUNT ID    ROLE\nProduction  111122223333  EKSAdmin\nProduction  111122223333  EKSViewer\nStaging     444455556666  Billing\nStaging     444455556666  EKSAdmin\n"
    );
    let json = desk.run(&["roles", "--account", "prod*", "--role", "*viewer", "-o", "json"]).ok().json();
    assert_eq!(json[0]["account_id"], "111122223333");
    assert_eq!(json[0]["session"], "corp");
    assert_eq!(json.as_array().expect("array").len(), 1);
    assert_eq!(
        desk.run(&["roles", "--account", "444455556666", "-o", "name"]).ok().out,
        "444455556666/Billing\n444455556666/EKSAdmin\n"
    );
}

#[test]
fn clusters_show_what_each_role_sees() {
    let desk = Desk::signed_in();
    desk.simulator.state().world.accounts[1].without_eks = vec!["Billing".into()];
    let found = desk.run(&["clusters", "-o", "json"]).ok();
    let rows = found.json();
    assert_eq!(rows.as_array().expect("array").len(), 5);
    let first = &rows[0];
    assert_eq!(first["arn"], "arn:aws:eks:eu-west-1:111122223333:cluster/web");
    assert_eq!((first["status"].as_str(), first["role"].as_str()), (Some("ACTIVE"), Some("EKSAdmin")));
    assert!(found.err.contains("2 role and region pairs may not list clusters"), "{}", found.err);
    let narrow = desk.run(&["clusters", "--region", "us-*", "--cluster", "b*", "-o", "name"]).ok();
    assert_eq!(narrow.out, "arn:aws:eks:us-east-1:111122223333:cluster/batch\n");
}

#[test]
fn one_failing_account_is_a_warning_not_the_end() {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListAccountRoles", 1, Fault::Error(400, "InvalidRequestException", r#"{"message":"odd"}"#));
    let roles = desk.run(&["roles"]).ok();
    assert!(roles.err.contains("warning: account"), "{}", roles.err);
    assert!(roles.out.lines().count() >= 3, "{}", roles.out);
}

#[test]
fn throttling_is_waited_out() {
    let desk = Desk::signed_in();
    desk.simulator.fault(
        "ListAccountRoles",
        2,
        Fault::Error(429, "TooManyRequestsException", r#"{"message":"HTTP 429 Unknown Code"}"#),
    );
    desk.run(&["roles"]).ok();
}

#[test]
fn a_filter_that_matches_nothing_suggests_what_is_there() {
    let desk = Desk::signed_in();
    desk.run(&["roles", "--account", "Prodution"])
        .fails(5, &["no account of yours matches `Prodution`", "did you mean `Production`?"]);
    desk.run(&["roles", "--role", "EKSAdmn"]).fails(5, &["did you mean `EKSAdmin`?"]);
    desk.run(&["clusters", "--region", "eu-wst-*"]).fails(5, &["no region of yours matches"]);
}

#[test]
fn an_access_denied_by_the_portal_is_not_a_sign_in_problem() {
    let desk = Desk::signed_in();
    desk.run(&[
        "token",
        "--cluster=web",
        "--region=eu-west-1",
        "--account=111122223333",
        "--role=Gone",
        "--session=corp",
    ])
    .fails(4, &["you are not assigned the role `Gone` in account 111122223333"]);
}

#[test]
fn names_from_aws_cannot_play_with_the_terminal() {
    let mut world = World::small();
    world.accounts.push(Account::new("777788889999", "evil\u{1b}[2J\u{202e}name", &["EKSAdmin"]));
    world.clusters.push(Cluster::new("777788889999", "eu-west-1", "web", &["EKSAdmin"]));
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    for args in [["roles", "-o", "table"], ["clusters", "-o", "table"]] {
        let shown = desk.run(&args).ok();
        assert!(!format!("{}{}", shown.out, shown.err).contains(['\u{1b}', '\u{202e}']));
    }
    assert!(
        desk.run(&["roles", "-o", "json"]).ok().out.contains("\\u001b"),
        "JSON keeps the name, escaped as JSON does"
    );
}

#[test]
fn credentials_that_eks_does_not_take_are_an_error_and_a_region_that_is_off_is_not() {
    let desk = Desk::signed_in();
    let bad = |name| Fault::Error(403, name, r#"{"message":"no"}"#);
    desk.simulator.fault("ListClusters", 3, bad("UnrecognizedClientException"));
    let some = desk.run(&["clusters", "-v"]).ok();
    assert!(some.err.contains("3 role and region pairs: the region is not enabled"), "{}", some.err);
    desk.simulator.fault("ListClusters", 99, bad("InvalidSignatureException"));
    desk.run(&["clusters"]).fails(4, &["does not accept the credentials", "check this machine's clock"]);
}

#[test]
fn what_kept_everything_from_being_shown_decides_the_exit_code() {
    let pair = ["clusters", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1"];
    let with = |cluster: &'static str| pair.iter().copied().chain([cluster]).collect::<Vec<_>>();
    let desk = Desk::signed_in();
    desk.run(&with("--cluster=wbe")).fails(5, &["there is no cluster `wbe`"]);
    desk.simulator.fault("DescribeCluster", 99, Fault::Error(503, "ServiceUnavailableException", "{}"));
    desk.run(&with("--cluster=web")).fails(6, &["problem of its own"]);
    let desk = Desk::signed_in();
    desk.simulator.fault(
        "GetRoleCredentials",
        99,
        Fault::Error(403, "ForbiddenException", r#"{"message":"No access"}"#),
    );
    desk.run(&["clusters"]).fails(4, &["you are not assigned the role"]);
    let desk = Desk::signed_in();
    desk.simulator.state().world.accounts[1].without_eks = vec!["Billing".into()];
    desk.run(&["clusters", "--role=Billing"]).fails(4, &["may not list clusters"]);
    desk.run(&["add", "--cluster=nothing*"])
        .fails(5, &["no cluster of yours matches `nothing*`", "eksso clusters lists all"]);
    desk.run(&["clusters", "--cluster=wbe"]).fails(5, &["did you mean `web`?"]);
    let none = desk.run(&["clusters", "--region=eu-north-1"]).ok();
    assert!(none.err.contains("No cluster was found."), "{}", none.err);
    desk.run(&["add", "--region=eu-north-1"]).fails(5, &["no cluster matches; nothing was written"]);
}

#[test]
fn each_roles_credentials_are_fetched_once_whatever_is_done_with_them() {
    let desk = Desk::signed_in();
    desk.write(".cache/eksso", "no cache can be written here");
    desk.run(&["clusters"]).ok();
    assert_eq!(desk.simulator.count("GetRoleCredentials"), 4);
}
