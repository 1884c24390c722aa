//! Hub accounts: roles that profiles of `~/.aws/config` assume from an assigned one, where clusters name them.

use eksso_simulator::access::RawEntry;
use eksso_simulator::{Cluster, World};
use serde_json::Value;

use crate::support::Desk;

const DEPLOY: &str = "arn:aws:iam::444455556666:role/Deploy";

/// `EKSAdmin` of Production may assume `Deploy` of Staging, which a cluster of Staging and one of Production let in.
fn world() -> World {
    let mut world = World::small();
    world.clusters.push(Cluster::new("444455556666", "eu-west-1", "deploy", &["Deploy"]));
    world.clusters[0].eks.entries.push(RawEntry::new(DEPLOY));
    world
}

fn profiles(desk: &Desk, more: &str) {
    let text = format!(
        "[sso-session corp]\nsso_start_url = {}/start\nsso_region = eu-west-1\n\
         [profile hub]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n\
         [profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = hub\n{more}",
        desk.simulator.url()
    );
    desk.write(".aws/config", &text);
}

/// The clusters that the role is offered for, with the row of each.
fn offered(desk: &Desk, args: &[&str]) -> Vec<(String, Value)> {
    let rows = desk.run(&[&["clusters", "-o", "json"], args].concat()).ok().json();
    let rows = rows.as_array().expect("rows").iter().filter(|row| row["assumed_role"] == DEPLOY);
    rows.map(|row| (format!("{}/{}", row["account_id"], row["cluster"]).replace('"', ""), row.clone())).collect()
}

#[test]
fn a_role_that_a_profile_assumes_is_offered_where_a_list_names_it_and_nowhere_else() {
    let desk = Desk::signed_in_to(world());
    assert_eq!(offered(&desk, &[]), []);
    // What was kept of the lists concerned the roles that were known.
    profiles(&desk, "");
    let found = offered(&desk, &[]);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["111122223333/web", "444455556666/deploy"]);
    let row = &found[1].1;
    let fields = ["role", "assumed_from", "mapped", "mapped_check", "account_name"].map(|key| row[key].as_str());
    let wanted = ["Deploy", "111122223333/EKSAdmin", "yes", "name", "Staging"].map(Some);
    assert_eq!(fields, wanted);
    let table = desk.run(&["clusters", "--role=Deploy"]).ok().out;
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("Deploy from EKSAdmin"), "{table}");
    // An assigned role of that name in the cluster's account is another one.
    let mut twins = world();
    twins.accounts[1].roles.push("Deploy".into());
    let desk = Desk::signed_in_to(twins);
    profiles(&desk, "");
    let rows = desk.run(&["clusters", "-o", "json", "--role=Deploy", "--cluster=deploy"]).ok().json();
    let answers: Vec<_> = rows.as_array().expect("rows").iter().map(|row| row["mapped"].as_str()).collect();
    assert_eq!(answers, [Some("no"), Some("yes")], "{rows}");
}

#[test]
fn the_cluster_itself_is_asked_as_the_role_that_is_assumed() {
    let desk = Desk::signed_in_to(world());
    profiles(&desk, "");
    let found = offered(&desk, &["--verify"]);
    assert!(found.iter().all(|(_, row)| row["mapped"] == "yes" && row["mapped_check"] == "cluster"), "{found:?}");
    assert_eq!((found.len(), desk.simulator.count("AssumeRole")), (2, 1));
    // Where it may not be assumed, the list's yes is no answer.
    let mut barred = world();
    barred.assumable = vec![("EKSViewer".into(), DEPLOY.into())];
    let desk = Desk::signed_in_to(barred);
    profiles(&desk, "");
    let found = offered(&desk, &["--verify"]);
    let is_told = |row: &Value| row["mapped_reason"].as_str().is_some_and(|why| why.contains("may not assume"));
    assert!(found.iter().all(|(_, row)| row["mapped"] == "unknown" && is_told(row)), "{found:?}");
}

#[test]
fn its_context_is_of_the_cluster_in_another_account_and_gets_a_token_that_the_cluster_takes() {
    let desk = Desk::signed_in_to(world());
    profiles(&desk, "");
    desk.run(&["add", "--account=*", "--region=*", "--role=Deploy", "--cluster=deploy", "--use"]).ok();
    let arn = "arn:aws:eks:eu-west-1:444455556666:cluster/deploy";
    let written = desk.kubeconfig();
    assert_eq!(written["contexts"][0]["name"], "Staging/deploy:Deploy");
    assert_eq!(written["contexts"][0]["context"]["cluster"], arn);
    let args: Vec<&str> = written["users"][0]["user"]["exec"]["args"]
        .as_sequence()
        .expect("args")
        .iter()
        .filter_map(|arg| arg.as_str())
        .collect();
    assert!(args.join(" ").contains("--account 111122223333 --role EKSAdmin"), "{args:?}");
    let reply = desk.run(&args).ok().json();
    let token = reply["status"]["token"].as_str().expect("a token");
    desk.simulator.authenticate("444455556666", "eu-west-1", "deploy", token).expect("accepted");
    let current = desk.run(&["use", "-c", "-o", "json"]).ok().json();
    let fields = ["account_id", "role", "cluster"].map(|key| current[0][key].as_str());
    assert_eq!(fields, [Some("444455556666"), Some("Deploy"), Some("deploy")]);
    assert!(desk.run(&["export", "Staging/deploy:Deploy"]).ok().out.contains(&format!("name: {arn}")));
    // It is there, and so it stays; nothing is written twice.
    let before = desk.read(".kube/config");
    desk.run(&["sync", "--prune", "--yes", "--cluster=deploy"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
    // Another role of that cluster is one that is assigned in its account.
    desk.run(&["use", "--role=EKSAdmin"]).ok();
    let current = desk.run(&["use", "-c", "-o", "json"]).ok().json();
    let fields = ["account_id", "role", "context"].map(|key| current[0][key].as_str());
    assert_eq!(fields, [Some("444455556666"), Some("EKSAdmin"), Some("Staging/deploy:EKSAdmin")]);
}

#[test]
fn what_is_not_assigned_or_needs_more_than_a_context_can_say_is_not_offered() {
    let desk = Desk::signed_in_to(world());
    profiles(&desk, "external_id = x\n");
    assert_eq!(offered(&desk, &[]), []);
    let desk = Desk::signed_in_to(world());
    let url = desk.simulator.url();
    for source in [
        "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = NotMine\n".to_owned(),
        "sso_session = corp\nsso_account_id = 999988887777\nsso_role_name = EKSAdmin\n".to_owned(),
        format!(
            "sso_start_url = {url}/other\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\n"
        ),
    ] {
        let session = format!("[sso-session corp]\nsso_start_url = {url}/start\nsso_region = eu-west-1\n");
        let text = format!("{session}[profile hub]\n{source}[profile x]\nrole_arn = {DEPLOY}\nsource_profile = hub\n");
        desk.write(".aws/config", &text);
        assert_eq!(offered(&desk, &["--refresh"]), [], "{source}");
    }
}
