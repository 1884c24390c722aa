//! `--all-sessions`: what every session sees, in one list.

use crate::support::Desk;
use eksso_simulator::World;

/// A desk with the sessions `corp` and `lab` of one portal, signed in to these.
fn two(signed_in: &[&str]) -> Desk {
    let desk = Desk::configured(World::small());
    let url = desk.simulator.url().to_owned();
    let lab = format!("\n[sessions.lab]\nstart_url = \"{url}/start\"\nregion = \"us-east-1\"\n");
    desk.write(".config/eksso/config.toml", &format!("{}{lab}", desk.config()));
    signed_in.iter().for_each(|name| _ = desk.run(&["login", name]).ok());
    desk
}

fn contexts(desk: &Desk) -> Vec<String> {
    let all = desk.kubeconfig()["contexts"].as_sequence().cloned().unwrap_or_default();
    all.iter().map(|context| context["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn all_sessions_are_one_list_in_which_each_row_names_its_own() {
    let desk = two(&["corp", "lab"]);
    let rows = desk.run(&["clusters", "--all-sessions", "-o", "json"]).ok().json();
    let of = |name: &str| rows.as_array().expect("rows").iter().filter(|row| row["session"] == name).count();
    assert_eq!((of("corp"), of("lab")), (6, 6));
    let table = desk.run(&["clusters", "--all-sessions"]).ok().out;
    assert!(table.starts_with("SESSION  ACCOUNT "), "{table}");
    assert!(table.contains("\ncorp     Production") && table.contains("\nlab      Production"), "{table}");
    let streamed = desk.run(&["clusters", "--all-sessions", "-o", "json", "--stream", "--refresh"]).ok().out;
    assert_eq!(streamed.lines().count(), 12, "{streamed}");
    let roles = desk.run(&["roles", "--all-sessions"]).ok().out;
    assert!(roles.starts_with("SESSION  ACCOUNT     ACCOUNT ID    ROLE\ncorp "), "{roles}");
    assert_eq!(roles.lines().count(), 9, "{roles}");
    desk.run(&["roles", "--all-sessions", "--session=corp"]).fails(2, &["--all-sessions means each of them"]);
}

#[test]
fn a_session_that_is_not_signed_in_is_a_line_and_the_exit_code_and_not_the_end() {
    let desk = two(&["corp"]);
    for args in [&["clusters", "--all-sessions", "-o", "json"][..], &["roles", "--all-sessions", "-o", "json"]] {
        let some = desk.run(args).fails(3, &["warning: `lab`: ", "1 of 2 sessions could not be looked at: lab"]);
        assert!(some.err.contains("eksso login --all"), "{}", some.err);
        let rows: serde_json::Value = serde_json::from_str(&some.out).expect("rows all the same");
        assert!(rows.as_array().is_some_and(|rows| rows.iter().all(|row| row["session"] == "corp")), "{rows}");
        assert!(rows[0]["account_id"].is_string(), "{rows}");
    }
    desk.run(&["sync", "--all-sessions"]).fails(3, &["looked at: lab"]);
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 4);
    Desk::new().run(&["clusters", "--all-sessions"]).fails(3, &["there is no session yet"]);
}

#[test]
fn what_one_session_lacks_another_may_have() {
    let desk = two(&["corp", "lab"]);
    desk.run(&["roles", "--all-sessions", "--account=Nowhere"]).fails(5, &["no account of yours matches `Nowhere`"]);
    desk.run(&["sync", "--all-sessions", "--account=Production", "--cluster=web", "--role=EKSAdmin"]).ok();
    assert_eq!(contexts(&desk), ["Production/web:EKSAdmin@corp", "Production/web:EKSAdmin@lab"]);
}

#[test]
fn pruning_leaves_the_contexts_of_sessions_that_could_not_be_looked_at() {
    let desk = two(&["corp", "lab"]);
    desk.run(&["sync", "--all-sessions"]).ok();
    let before = contexts(&desk).len();
    // A session of that name at another place is another one, to which nobody is signed in.
    let lab = "\n[sessions.lab]\nstart_url = \"https://moved.example/start\"\nregion = \"us-east-1\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}{lab}", desk.config()));
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    let synced = desk.run(&["sync", "--all-sessions", "--prune"]).fails(3, &["looked at: lab"]);
    assert!(synced.err.contains("Removed `Production/batch:EKSAdmin@corp`"), "{}", synced.err);
    assert_eq!(contexts(&desk).len(), before - 1);
}

#[test]
fn the_picker_offers_what_all_sessions_see() {
    let desk = two(&["corp", "lab"]);
    desk.person().present = true;
    desk.person().picks = Some("staging web EKSAdmin lab".into());
    desk.run(&["add", "--all-sessions"]).ok();
    let context = &desk.kubeconfig()["contexts"][0];
    assert_eq!(context["name"], "Staging/web:EKSAdmin");
    assert_eq!(context["context"]["user"], "eksso/lab/444455556666/EKSAdmin/eu-west-1/web");
}

#[test]
fn a_session_that_is_left_out_as_another_is_of_the_same_portal_is_named() {
    let desk = two(&["corp", "lab"]);
    let url = desk.simulator.url().to_owned();
    desk.write(
        ".aws/config",
        &format!("[sso-session old]\nsso_start_url = {url}/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"),
    );
    let left_out = "`old` of the AWS configuration is left out: `";
    for args in [&["roles", "--all-sessions"][..], &["clusters", "--all-sessions"], &["access", "--all-sessions"]] {
        let told = desk.run(args).ok().err;
        assert_eq!(told.matches(left_out).count(), 1, "{args:?}: {told}");
    }
}
