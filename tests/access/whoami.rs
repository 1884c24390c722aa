//! `eksso whoami`, and choosing from a plain list.

use crate::support::Desk;
use eksso_simulator::{Cluster, Mapping, MappingKind, World};

const ALL: [&str; 6] = ["add", "--account=*", "--role=*", "--region=*", "--cluster=*", "--unmapped"];

#[test]
fn whoami_goes_from_the_person_to_what_the_kubernetes_user_may_do() {
    let desk = Desk::signed_in();
    desk.run(&ALL).ok();
    let words = desk.run(&["whoami", "Production/web:EKSAdmin"]).ok().out;
    for line in [
        "signed in as    jane@example.com in session `corp`",
        "role            EKSAdmin in account 111122223333",
        "IAM             arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_EKSAdmin_",
        "cluster         web in eu-west-1",
        "Kubernetes user eksadmin:jane-example.com",
        "groups          eksadmins, system:authenticated",
        "mapped          yes, by an access entry",
        "may, in the namespace default:",
        "  get,list,watch pods",
    ] {
        assert!(words.contains(line), "`{line}` is not in\n{words}");
    }
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let json = desk.run(&["whoami", "-o", "json"]).ok().json();
    assert_eq!(
        (json[0]["kubernetes_user"].as_str(), json[0]["mapped"].as_str()),
        (Some("eksadmin:jane-example.com"), Some("yes"))
    );
    assert_eq!(desk.run(&["whoami", "-o", "name"]).ok().out, "eksadmin:jane-example.com\n");
}

#[test]
fn whoami_of_a_role_that_is_not_let_in_says_what_is_known_and_why() {
    let desk = Desk::signed_in();
    desk.run(&ALL).ok();
    let refused = desk.run(&["whoami", "Production/batch:EKSViewer"]);
    assert!(refused.out.contains("mapped          no: no access entry names it"), "{}", refused.out);
    assert!(!refused.out.contains("Kubernetes user"));
    refused.fails(4, &["`batch` does not know this role (401)", "cause: no access entry names it", "--verify"]);
    desk.run(&["whoami", "nope"]).fails(5, &["no context `nope`"]);
}

#[test]
fn whoami_tells_a_dead_entry_and_an_unreachable_cluster() {
    let mut world = World::small();
    for (name, kind) in [("old", MappingKind::OldEntry), ("stale", MappingKind::StaleEntry)] {
        let mut cluster = Cluster::new("111122223333", "eu-west-1", name, &["EKSViewer"]);
        cluster.mappings.push(Mapping::new("EKSAdmin", kind));
        world.clusters.push(cluster);
    }
    let gone = Cluster::new("111122223333", "eu-west-1", "zzz", &["EKSAdmin"]);
    world.cluster_ports = world.clusters.len();
    world.clusters.push(gone);
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk.run(&ALL).ok();
    desk.run(&["whoami", "Production/old:EKSAdmin"])
        .fails(4, &["its access entry is dead: it is of an earlier role", "AWSReservedSSO_EKSAdmin_"]);
    desk.run(&["whoami", "Production/stale:EKSAdmin"])
        .fails(4, &["its access entry is of an earlier role of the same name"]);
    let far = desk.run(&["whoami", "Production/zzz:EKSAdmin"]);
    assert!(far.out.contains("mapped          yes, by an access entry"), "{}", far.out);
    far.fails(6, &["`zzz` cannot be reached", "VPN"]);
}

#[test]
fn a_plain_list_asks_for_numbers_and_words_narrow_it() {
    let mut desk = Desk::signed_in();
    desk.set("EKSSO_PICKER", "list");
    desk.person().present = true;
    desk.person().answers = vec!["staging".into(), "9".into(), "1".into()];
    let added = desk.run(&["add"]).ok();
    assert!(added.err.contains("1. Production, batch, EKSAdmin, us-east-1\n"), "{}", added.err);
    assert!(added.err.contains("Production, batch, EKSViewer, us-east-1 (does not work: not let in: no access entry"));
    assert!(added.err.contains("There is no number 9."), "{}", added.err);
    assert_eq!(desk.kubeconfig()["contexts"][0]["name"], "Staging/web:EKSAdmin");
    desk.person().answers = vec!["1-2".into()];
    desk.run(&["add"]).ok();
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("a list").len(), 3);
    desk.person().answers = vec![String::new()];
    desk.run(&["use"]).fails(130, &["nothing was chosen"]);
}

#[test]
fn what_is_used_most_is_offered_first_and_the_picker_opens_from_the_index() {
    let desk = Desk::signed_in();
    desk.run(&ALL).ok();
    for _ in 0..4 {
        desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    }
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    desk.person().present = true;
    desk.person().picks = Some(String::new());
    desk.run(&["use"]).ok();
    let offered = desk.person().offered.clone();
    assert_eq!(
        offered[..2],
        ["Production/web:EKSViewer  current", "Staging/web:EKSAdmin"],
        "the current one, then the often used"
    );
    desk.run(&["add"]).ok();
    let offered = desk.person().offered.clone();
    assert_eq!(offered[0].split_whitespace().collect::<Vec<_>>(), ["Staging", "web", "EKSAdmin", "eu-west-1"]);
    assert!(offered.last().expect("rows").contains("Billing"), "what does not work comes last: {offered:?}");
    // A role that is gone since is taken back, a new one comes.
    desk.simulator.state().world.accounts[0].roles = vec!["EKSAdmin".into(), "Newcomer".into()];
    desk.run(&["add"]).ok();
    let offered = desk.person().offered.join("\n");
    assert!(offered.contains("Newcomer") && !offered.contains("EKSViewer"), "{offered}");
}
