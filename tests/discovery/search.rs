//! `eksso roles` and `eksso clusters`.

#[cfg(unix)]
use std::time::Duration;

use crate::support::Desk;
#[cfg(unix)]
use eksso_simulator::access::Access;
use eksso_simulator::{Account, Cluster, Fault, World};
use jiff::Timestamp;

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
    assert_eq!(rows.as_array().expect("array").len(), 6);
    let first = &rows[0];
    assert_eq!(first["arn"], "arn:aws:eks:eu-west-1:111122223333:cluster/web");
    assert_eq!((first["status"].as_str(), first["role"].as_str()), (Some("ACTIVE"), Some("EKSAdmin")));
    let mapped = |row: usize| (rows[row]["role"].as_str(), rows[row]["mapped"].as_str());
    assert_eq!(mapped(0), (Some("EKSAdmin"), Some("yes")));
    assert_eq!(rows[0]["kubernetes_groups"][0], "eksadmins");
    assert_eq!(
        (rows[0]["mapped_by"].as_str(), rows[0]["mapped_checked"].as_bool()),
        (Some("access-entry"), Some(true)),
        "the account's list of roles tells that it is not dead"
    );
    assert_eq!(desk.simulator.count("iam:ListRoles"), 1, "not where all who are named are at hand");
    let taken =
        desk.simulator.state().requests.iter().filter(|call| call.target.contains("role_name=EKSAdmin")).count();
    assert_eq!(taken, 1, "only where nobody else may list: no session of an administrator just to tell a dead entry");
    assert_eq!(mapped(3), (Some("EKSViewer"), Some("no")), "batch knows the other role only");
    assert_eq!(mapped(4), (Some("Billing"), Some("no")), "what it may not list another role can");
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
    assert!(some.err.contains("3 account and region pairs: the region is not enabled"), "{}", some.err);
    let desk = Desk::signed_in();
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
    let billing = desk.run(&["clusters", "--role=Billing"]).ok();
    assert!(billing.out.contains("no: no access entry names it"), "{}", billing.out);
    let desk = Desk::signed_in();
    desk.simulator.state().world.accounts[1].without_eks = vec!["Billing".into(), "EKSAdmin".into()];
    desk.run(&["clusters", "--role=Billing"]).fails(4, &["none of your roles may list clusters"]);
    desk.run(&["add", "--cluster=nothing*"])
        .fails(5, &["no cluster of yours matches `nothing*`", "eksso clusters  # lists all"]);
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
    assert_eq!(desk.simulator.count("GetRoleCredentials"), 2, "of one role an account, and none of EKSAdmin");
}

#[test]
fn what_was_seen_lately_is_not_asked_for_again() {
    let desk = Desk::signed_in();
    let first = desk.run(&["clusters", "-o", "json"]).ok();
    let asked = desk.simulator.total();
    let second = desk.run(&["clusters", "-o", "json"]).ok();
    assert_eq!((desk.simulator.total(), &second.out), (asked, &first.out));
    desk.run(&["roles"]).ok();
    assert_eq!(desk.simulator.total(), asked, "roles are among it");
    desk.simulator.advance(600);
    assert!(desk.run(&["clusters"]).ok().err.contains("As of 10 min ago; --refresh looks again."));
    // In part: one account more, and only that is asked about.
    let state = |desk: &Desk| desk.simulator.count("ListAccountRoles");
    let roles = state(&desk);
    desk.run(&["clusters", "--account=Staging", "--refresh"]).ok();
    assert_eq!(state(&desk), roles + 1);
    desk.simulator.advance(3600);
    desk.run(&["clusters"]).ok();
    assert_eq!(state(&desk), roles + 3, "after an hour all of it is old");
    // Another sign-in may be another person's.
    let before = state(&desk);
    desk.simulator.advance(2);
    desk.run(&["login", "--force"]).ok();
    desk.run(&["roles"]).ok();
    assert_eq!(state(&desk), before + 2);
}

#[test]
fn a_corrupt_index_is_rebuilt_with_a_word() {
    let desk = Desk::signed_in();
    let first = desk.run(&["clusters", "-o", "json"]).ok();
    let (path, content) = index_file(&desk);
    for broken in [&content[..content.len() / 2], b"{\"version\":5}", b""] {
        std::fs::write(&path, broken).expect("a file");
        let again = desk.run(&["clusters", "-o", "json"]).ok();
        assert!(again.err.contains("cannot be read; it is built anew"), "{}", again.err);
        assert_eq!(again.json()[0]["arn"], first.json()[0]["arn"]);
    }
    assert!(!desk.run(&["clusters"]).ok().err.contains("anew"));
}

#[test]
fn an_index_of_another_version_of_eksso_is_as_good_as_none() {
    let desk = Desk::signed_in();
    let first = desk.run(&["clusters", "-o", "json"]).ok();
    let (path, content) = index_file(&desk);
    let content = String::from_utf8(content).expect("text");
    assert!(content.starts_with("{\"version\":5,"));
    for other in ["{\"version\":4,", "{\"version\":99,"] {
        std::fs::write(&path, content.replacen("{\"version\":5,", other, 1)).expect("a file");
        let asked = desk.simulator.count("ListAccounts");
        let again = desk.run(&["clusters", "-o", "json"]).ok();
        assert_eq!(desk.simulator.count("ListAccounts"), asked + 1, "nothing of it is taken over");
        assert!(!again.err.contains("cannot be read"), "{}", again.err);
        assert_eq!(again.json()[0]["arn"], first.json()[0]["arn"]);
    }
}

#[test]
fn an_index_with_a_changed_byte_is_built_anew_and_none_of_it_is_shown() {
    let desk = Desk::signed_in();
    let first = desk.run(&["clusters", "-o", "json"]).ok();
    let (path, content) = index_file(&desk);
    let text = String::from_utf8(content).expect("text");
    let sum = text.len() - 3;
    let cut = text[..text.len() - 1].to_owned();
    let digit = |at: usize| if &text[at..=at] == "0" { "1" } else { "0" };
    let other_sum = format!("{}{}{}", &text[..sum], digit(sum), &text[sum + 1..]);
    for changed in [text.replacen("EKSAdmin", "EKSAdmiX", 1), other_sum, cut, format!("{text}\n")] {
        std::fs::write(&path, changed).expect("a file");
        let again = desk.run(&["clusters", "-o", "json"]).ok();
        assert!(again.err.contains("cannot be read; it is built anew"), "{}", again.err);
        let arns = |json: &serde_json::Value| {
            json.as_array().map(|rows| rows.iter().map(|row| row["role_arn"].clone()).collect::<Vec<_>>())
        };
        assert_eq!(arns(&again.json()), arns(&first.json()));
    }
}

fn index_file(desk: &Desk) -> (std::path::PathBuf, Vec<u8>) {
    let mut files = desk.files().into_iter().filter(|(path, _)| path.starts_with(desk.path(".cache/eksso/index")));
    files.next().expect("an index")
}

#[test]
fn what_is_new_and_what_is_gone_is_told_with_since_when() {
    let desk = Desk::signed_in();
    let first = desk.run(&["roles"]).ok();
    assert!(!first.err.contains("new"), "{}", first.err);
    desk.simulator.advance(3 * 24 * 3600);
    {
        let mut state = desk.simulator.state();
        state.world.accounts[0].roles.push("Auditor".into());
        state.world.accounts[1].roles.retain(|role| role != "Billing");
    }
    desk.run(&["login"]).ok();
    let later = desk.run(&["roles"]).ok();
    let day = (Timestamp::now()).strftime("%A").to_string();
    assert!(later.err.contains(&format!("1 new role since {day}: Auditor in Production.")), "{}", later.err);
    assert!(later.err.contains(&format!("1 gone since {day}: Billing in Staging.")), "{}", later.err);
    assert!(!desk.run(&["roles"]).ok().err.contains("new role"));
}

#[test]
fn one_role_of_a_place_lists_its_clusters_and_denials_are_remembered() {
    let mut world = World::small();
    world.accounts[0].without_eks = vec!["EKSViewer".into()];
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk.run(&["clusters"]).ok();
    // Production: denied and then listed, twice; Staging: listed twice.
    assert_eq!(desk.simulator.count("ListClusters"), 6);
    desk.simulator.advance(2 * 3600);
    desk.run(&["clusters"]).ok();
    assert_eq!(desk.simulator.count("ListClusters"), 6 + 4, "the right role is asked first");
    desk.simulator.state().world.accounts[0].without_eks = vec!["EKSAdmin".into()];
    desk.run(&["clusters", "--account=Production", "--refresh"]).ok();
    assert_eq!(desk.simulator.count("ListClusters"), 10 + 2, "what was denied before is tried again, and first");
}

#[test]
fn throttled_searches_slow_down_and_find_everything() {
    let desk = Desk::configured(World::large(12, 2, 1, 1));
    desk.run(&["login"]).ok();
    let refused = Fault::Error(429, "TooManyRequestsException", r#"{"message":"HTTP 429 Unknown Code"}"#);
    desk.simulator.fault_every("ListAccountRoles", 5, refused.clone());
    desk.simulator.fault_every("GetRoleCredentials", 5, refused);
    let found = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("an array").len(), 24, "{}", found.err);
    assert!(!found.err.contains("warning"), "{}", found.err);
}

/// The real program, as its clock really waits.
fn start(desk: &Desk) -> std::process::Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eksso"));
    let home = desk.home.path();
    command.args(["clusters", "--region=eu-west-1", "--refresh", "-o", "name"]).env_clear().envs(&desk.env);
    command.env("HOME", home).env("XDG_CONFIG_HOME", home.join(".config")).env("XDG_CACHE_HOME", home.join(".cache"));
    command.env("XDG_STATE_HOME", home.join(".local/state")).stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::piped()).spawn().expect("eksso")
}

#[test]
fn the_portals_rate_is_kept_by_all_processes_together() {
    let desk = Desk::configured(World { portal_rate: Some(20), ..World::large(25, 2, 1, 1) });
    desk.run(&["login"]).ok();
    let mut all = [start(&desk), start(&desk), start(&desk)];
    assert!(all.iter_mut().all(|child| child.wait().expect("an end").success()));
    assert_eq!(desk.simulator.throttled(), 0);
}

#[test]
fn a_portal_that_takes_less_slows_everybody_down() {
    let desk = Desk::configured(World { portal_rate: Some(8), retry_after: Some(2), ..World::large(25, 1, 1, 1) });
    desk.run(&["login"]).ok();
    let began = desk.simulator.total();
    assert!(start(&desk).wait().expect("an end").success());
    let (refused, asked) = (desk.simulator.throttled(), desk.simulator.total() - began);
    assert!(refused > 0 && refused < asked / 4, "{refused} of {asked}");
}

#[test]
fn a_region_that_is_down_is_left_alone_and_told_once() {
    let desk = Desk::configured(World::large(40, 2, 2, 1));
    desk.run(&["login"]).ok();
    let down = Fault::Error(503, "ServiceUnavailableException", "{}");
    desk.simulator.fault_where("ListClusters", "/us-east-1/eks/", 9999, down);
    let found = desk.run(&["clusters", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("an array").len(), 80, "{}", found.err);
    assert!(found.err.contains("us-east-1 did not answer"), "{}", found.err);
    assert!(found.err.lines().count() <= 8, "{}", found.err);
    let state = desk.simulator.state();
    let down = |headers: &[(String, String)]| headers.iter().any(|(_, value)| value.contains("/us-east-1/eks/"));
    let asked = state.requests.iter().filter(|call| call.operation == "ListClusters" && down(&call.headers));
    assert!(asked.count() <= 96 + 9, "not every account waits for a dead region");
}

#[test]
fn a_burst_of_errors_is_waited_out_and_a_hanging_account_is_one_failure() {
    let desk = Desk::configured(World::large(6, 2, 1, 1));
    desk.run(&["login"]).ok();
    desk.simulator.fault("ListAccountRoles", 2, Fault::Error(503, "ServiceUnavailableException", "{}"));
    desk.simulator.fault("GetRoleCredentials", 2, Fault::Error(503, "ServiceUnavailableException", "{}"));
    desk.simulator.fault("ListClusters", 2, Fault::Error(503, "ServiceUnavailableException", "{}"));
    let found = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("an array").len(), 12, "{}", found.err);
    assert!(!found.err.contains("warning"), "{}", found.err);
}

#[test]
fn a_token_that_ends_on_the_way_is_renewed_once() {
    let desk = Desk::configured(World::large(20, 2, 1, 1));
    desk.run(&["login"]).ok();
    let simulator = std::sync::Arc::clone(&desk.simulator);
    let ending = std::thread::spawn(move || {
        while simulator.count("ListAccountRoles") < 5 {
            std::thread::yield_now();
        }
        simulator.state().revoke_access_tokens();
    });
    let found = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok();
    ending.join().expect("an end");
    assert_eq!(found.json().as_array().expect("an array").len(), 40, "{}", found.err);
    let refreshed = desk.simulator.state().requests.iter().filter(|r| r.body.contains("refresh_token")).count();
    assert!(refreshed <= 2, "registration and one refresh, not {refreshed}");
}

#[test]
fn half_of_the_roles_without_access_are_no_obstacle() {
    let mut world = World::large(10, 4, 2, 1);
    for account in &mut world.accounts {
        account.without_eks = vec!["EKSAdmin".into(), "ReadOnly".into()];
    }
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    let rows = desk.run(&["clusters", "-o", "json"]).ok();
    assert_eq!(rows.json().as_array().expect("an array").len(), 10 * 4 * 2);
    assert!(!rows.err.contains("warning"), "{}", rows.err);
    let asked = desk.simulator.count("ListClusters");
    assert!(asked <= 40, "{asked}");
    desk.simulator.advance(2 * 3600);
    desk.run(&["clusters"]).ok();
    assert_eq!(desk.simulator.count("ListClusters"), asked + 20, "by then it is known who may");
}

#[test]
fn odd_names_and_twins_are_told_apart() {
    let mut world = World::large(0, 1, 1, 1);
    let odd = ["数据 平台", "zażółć\u{301}", "evil\u{1b}[2J\u{202e}x", "", "team", "team", "a\nb", "😀"];
    for number in 0..700 {
        let id = format!("{:012}", 200_000_000_000_u64 + number);
        world.accounts.push(Account::new(&id, odd[usize::try_from(number).expect("small") % odd.len()], &["EKSAdmin"]));
        if number % 50 == 4 {
            world.clusters.push(Cluster::new(&id, "eu-west-1", "web", &["EKSAdmin"]));
        }
    }
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    let all = desk.run(&["clusters", "--account=team", "-o", "json"]).ok();
    let rows = all.json();
    let rows = rows.as_array().expect("an array");
    assert!(rows.len() > 1 && rows.iter().all(|row| row["account_name"] == "team" && row["cluster"] == "web"));
    let table = desk.run(&["clusters", "--account=team"]).ok();
    assert!(!format!("{}{}", table.out, table.err).contains(['\u{1b}', '\u{202e}']));
    let added = desk.run(&["add", "--account=team", "--role=*", "--region=*", "--cluster=*", "-o", "name"]).ok();
    let names: std::collections::HashSet<&str> = added.out.lines().collect();
    assert_eq!(names.len(), rows.len(), "two clusters of one name in accounts of one name: {}", added.out);
}

#[test]
fn only_enabled_regions_are_searched_where_the_account_may_be_asked() {
    let mut world = World::small();
    world.accounts[0].regions = Some(vec!["eu-west-1".into(), "us-east-1".into(), "moon-north-1".into()]);
    let desk = Desk::with(world);
    desk.write(
        ".config/eksso/config.toml",
        &format!("[sessions.corp]\nstart_url = \"{}/start\"\nregion = \"eu-west-1\"\n", desk.simulator.url()),
    );
    desk.run(&["login"]).ok();
    let rows = desk.run(&["clusters", "--account=Production", "-o", "json"]).ok();
    assert_eq!(rows.json().as_array().expect("an array").len(), 4);
    assert_eq!((desk.simulator.count("ListRegions"), desk.simulator.count("ListClusters")), (1, 2));
    desk.run(&["clusters", "--account=Staging"]).ok();
    assert!(desk.simulator.count("ListClusters") > 20, "an account that does not say is searched everywhere");
    let asked = desk.simulator.count("ListRegions");
    desk.simulator.advance(2 * 3600);
    desk.run(&["clusters", "--account=Production"]).ok();
    assert_eq!(desk.simulator.count("ListRegions"), asked, "that changes rarely");
}

#[test]
fn a_role_that_may_not_list_can_be_named_with_its_cluster() {
    let desk = Desk::signed_in();
    desk.simulator.fault("ListClusters", 99, Fault::Error(403, "AccessDeniedException", r#"{"message":"no"}"#));
    let one = ["--account=Production", "--role=EKSViewer", "--region=eu-west-1", "--cluster=web"];
    let rows = desk.run(&[&["clusters", "-o", "json"], &one[..]].concat()).ok();
    assert_eq!(rows.json()[0]["mapped"], "yes");
    desk.run(&[&["add"], &one[..]].concat()).ok();
    assert_eq!(desk.simulator.count("ListClusters"), 0);
}

#[test]
fn json_lines_come_as_they_are_found_and_are_the_same_rows() {
    let desk = Desk::configured(World::large(5, 3, 2, 2));
    desk.run(&["login"]).ok();
    let mut lines: Vec<serde_json::Value> = desk
        .run(&["clusters", "-o", "json", "--stream"])
        .ok()
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let mut rows = desk.run(&["clusters", "-o", "json"]).ok().json().as_array().expect("an array").clone();
    let key = |row: &serde_json::Value| row.to_string();
    lines.sort_by_key(key);
    rows.sort_by_key(key);
    assert_eq!(lines.len(), 5 * 3 * 2 * 2);
    assert_eq!(lines, rows);
    desk.run(&["clusters", "--stream"]).fails(2, &["--stream is for -o json"]);
}

#[test]
fn policies_and_their_namespaces_are_shown() {
    let desk = Desk::configured(World::large(1, 2, 1, 1));
    desk.run(&["login"]).ok();
    let table = desk.run(&["clusters", "--region=eu-west-1"]).ok();
    assert!(table.out.contains("yes: ClusterAdmin, eksadmins"), "{}", table.out);
    assert!(table.out.contains("yes: View in default,web, eksviewers"), "{}", table.out);
    let rows = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok().json();
    assert_eq!(rows[1]["access_policies"][0], "AmazonEKSViewPolicy:default,web");
}

#[test]
fn what_is_not_let_in_is_left_out_unless_it_is_named() {
    let desk = Desk::signed_in();
    let all = desk.run(&["sync", "--account=Production"]).ok();
    assert!(all.err.contains("3 contexts in"), "{}", all.err);
    assert!(all.err.contains("Left out 1 cluster and role pair"), "{}", all.err);
    let named = desk.run(&["sync", "--account=Production", "--role=EKSViewer"]).ok();
    assert!(named.err.contains("warning: `batch` in Production does not let `EKSViewer` in: no access entry names it"));
    assert!(named.err.contains("2 contexts in"), "{}", named.err);
}

#[cfg(unix)]
#[test]
fn accounts_that_the_provider_does_not_name_are_called_by_their_alias_where_a_role_that_looks_may_read_it() {
    let mut world = World::okta();
    world.access.aliases =
        vec![("111122223333".into(), "acme-prod".into()), ("444455556666".into(), "acme-old".into())];
    world.access.denied = vec![("Billing".into(), "iam:*".into())];
    world.accounts[1].without_eks = vec!["EKSAdmin".into()];
    let plain = Desk::signed_in_to(World { access: Access::default(), ..world.clone() });
    plain.run(&["clusters"]).ok();
    let desk = Desk::signed_in_to(world);
    let asked = || desk.simulator.count("iam:ListAccountAliases");
    let names = |args: &[&str]| {
        let found = desk.run(&[args, &["-o", "json"]].concat()).ok().json();
        let rows = found.as_array().expect("rows").iter();
        let mut names: Vec<String> = rows.map(|row| row["account_name"].as_str().expect("a name").to_owned()).collect();
        names.dedup();
        names
    };
    let streamed = desk.run(&["clusters", "-o", "json", "--stream"]).ok().out;
    assert!(streamed.contains("acme-prod") && !streamed.contains(r#""account_name":"111122223333""#), "{streamed}");
    // Its other role may not list there; the one that may is not let read the alias.
    assert_eq!(names(&["clusters"]), ["444455556666", "acme-prod"]);
    assert_eq!(asked(), 2, "one an account");
    assert_eq!(desk.count("credentials"), plain.count("credentials"), "no credentials were got for it");
    assert_eq!(names(&["clusters", "--account=acme-*"]), ["acme-prod"]);
    assert_eq!(names(&["roles", "--account=acme-prod"]), ["acme-prod"]);
    // The list of accounts is asked for again, and the alias is not.
    desk.simulator.advance(2 * 3600);
    desk.run(&["login", "--force"]).ok();
    desk.simulator.state().world.access.denied.clear();
    assert_eq!(names(&["clusters"]), ["acme-old", "acme-prod"]);
    assert_eq!(asked(), 3, "a denial is asked about again after a new sign-in");
    desk.run(&["sync"]).ok();
    assert!(desk.read(".kube/config").contains("acme-prod/web:EKSAdmin"), "{}", desk.read(".kube/config"));
    // Identity Center names its accounts.
    let desk = Desk::signed_in_to(World::small());
    desk.run(&["clusters"]).ok();
    assert_eq!(desk.simulator.count("iam:ListAccountAliases"), 0);
}

#[cfg(unix)]
#[test]
fn an_interrupted_search_keeps_what_it_found_and_is_gone_on_with() {
    let desk = Desk::configured(World::large(40, 2, 1, 1));
    // By the same clock as what follows.
    let login = crate::process::eksso(&desk).arg("login").output().expect("eksso");
    assert!(login.status.success());
    let child = start(&desk);
    while desk.simulator.count("ListAccountRoles") < 15 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
    let ended = child.wait_with_output().expect("an end");
    assert_eq!(ended.status.code(), Some(130));
    let words = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(words.contains("What was found is kept"), "{words}");
    let asked = desk.simulator.count("ListAccountRoles");
    assert!(asked < 40, "it ended at once");
    assert!(start(&desk).wait().expect("an end").success());
    let again = desk.simulator.count("ListAccountRoles") - asked;
    assert!(again < 40 - 5, "{again} accounts were asked for again after {asked}");
    // After it is complete, looking anew means all.
    let asked = desk.simulator.count("ListAccountRoles");
    assert!(start(&desk).wait().expect("an end").success());
    assert_eq!(desk.simulator.count("ListAccountRoles") - asked, 40);
}

#[test]
fn an_account_that_hangs_is_one_line_at_the_end() {
    let desk = Desk::configured(World::large(6, 2, 1, 1));
    desk.run(&["login"]).ok();
    desk.simulator.fault_where("ListAccountRoles", "account_id=100000000003", 9, Fault::Hang);
    let found = desk.run(&["clusters", "--region=eu-west-1", "-o", "json"]).ok();
    assert_eq!(found.json().as_array().expect("an array").len(), 10, "{}", found.err);
    let lines: Vec<&str> = found.err.lines().filter(|line| !line.contains(" of 6 accounts")).collect();
    assert_eq!(lines.len(), 1, "{}", found.err);
    assert!(lines[0].contains("account 100000000003 (team-0004)") && lines[0].contains("no answer in time"));
}

#[test]
fn a_role_that_was_just_assigned_is_not_judged_by_what_was_kept_for_others() {
    let desk = Desk::signed_in();
    let roles = |change: &dyn Fn(&mut Vec<String>)| {
        let mut state = desk.simulator.state();
        let account = state.world.accounts.iter_mut().find(|account| account.name == "Production");
        change(&mut account.expect("an account").roles);
    };
    roles(&|roles| roles.retain(|role| role != "EKSViewer"));
    desk.run(&["clusters"]).ok();
    roles(&|roles| roles.push("EKSViewer".into()));
    desk.run(&["roles", "--refresh"]).ok();
    let rows = desk.run(&["clusters", "--role=EKSViewer", "--cluster=web", "-o", "json"]).ok().json();
    assert_eq!(rows[0]["mapped"], "yes", "{rows:#}");
}
