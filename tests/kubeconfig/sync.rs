//! `eksso sync`: what it writes, and what it prunes because it is certainly gone.

use super::desk::{current, desk_with_all, names};
use crate::support::Desk;

#[test]
fn sync_writes_everything_and_prunes_only_what_is_certainly_gone() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "contexts:\n- name: mine\n  context: {cluster: c, user: u}\ncurrent-context: mine\n");
    desk.run(&["sync", "--unmapped"]).ok();
    let all = names(&desk);
    assert!(all.len() > 4 && current(&desk) == "mine");
    assert!(desk.run(&["sync", "--unmapped", "--prune"]).ok().err.contains("0 of them new"));
    assert_eq!(names(&desk), all);
    // A cluster is deleted; a role of another account is taken away.
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    let staging: Vec<String> = all.iter().filter(|name| name.starts_with("Staging/")).cloned().collect();
    desk.simulator.state().world.accounts.retain(|account| account.name != "Staging");
    desk.run(&["sync", "--unmapped"]).ok();
    assert_eq!(names(&desk), all, "without --prune nothing goes");
    let dry = desk.run(&["sync", "--unmapped", "--prune", "--dry-run"]).ok();
    assert!(
        dry.out.contains("-  name: Production/batch:EKSAdmin") || dry.out.contains("Production/batch:EKSAdmin"),
        "{}",
        dry.out
    );
    assert_eq!(names(&desk), all);
    // That is more than half of them.
    let much = desk.run(&["sync", "--unmapped", "--prune"]);
    much.fails(2, &["would remove 4 of the 6 contexts of session `corp`", "--yes"]);
    assert_eq!(names(&desk), all);
    desk.person().present = true;
    desk.person().answers = vec!["no".into()];
    desk.run(&["sync", "--unmapped", "--prune"]).fails(130, &["Remove 4 of the 6 contexts", "nothing was written"]);
    assert_eq!(names(&desk), all);
    desk.person().present = false;
    let pruned = desk.run(&["sync", "--unmapped", "--prune", "--yes"]).ok();
    assert!(pruned.err.contains("Removed `Production/batch:EKSAdmin`"), "{}", pruned.err);
    let left = names(&desk);
    assert!(
        left.contains(&"mine".into()) && left.iter().all(|name| !name.contains("batch") && !staging.contains(name)),
        "{left:?}"
    );
    let users = desk.kubeconfig()["users"].as_sequence().expect("users").len();
    assert_eq!(users, left.len() - 1, "users go with their contexts");
    desk.run(&["undo"]).ok();
    assert_eq!(names(&desk), all);
}

#[test]
fn a_sync_asks_anew_and_says_no_age_of_what_an_earlier_search_saw_elsewhere() {
    let desk = Desk::signed_in();
    desk.run(&["clusters", "--region=*"]).ok();
    desk.simulator.advance(300);
    let asked = desk.simulator.count("ListClusters");
    let synced = desk.run(&["sync", "--unmapped"]).ok();
    assert!(desk.simulator.count("ListClusters") > asked);
    assert!(!synced.err.contains("As of"), "{}", synced.err);
    let clusters = desk.run(&["clusters"]).ok();
    assert!(!clusters.err.contains("As of"), "{}", clusters.err);
    assert!(desk.run(&["clusters", "--region=*"]).ok().err.contains("As of 5 min ago"));
}

#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    let desk = Desk::signed_in();
    desk.run(&["sync", "--unmapped"]).ok();
    let all = names(&desk);
    let denied = eksso_simulator::Fault::Error(403, "AccessDeniedException", r#"{"message":"no"}"#);
    desk.simulator.fault("ListClusters", 1000, denied);
    _ = desk.run(&["sync", "--unmapped", "--prune"]);
    assert_eq!(names(&desk), all);
    desk.simulator.state().world.clusters.clear();
    _ = desk.run(&["sync", "--unmapped", "--prune"]);
    assert_eq!(names(&desk), all);
}

#[test]
fn prune_says_when_the_current_context_went() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/batch:EKSAdmin"]).ok();
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    let pruned = desk.run(&["sync", "--unmapped", "--prune", "--role=EKSAdmin"]).ok();
    assert!(pruned.err.contains("the current context `Production/batch:EKSAdmin` was removed"), "{}", pruned.err);
    assert_eq!(current(&desk), "Production/batch:EKSAdmin", "nothing switches but `use`");
    assert!(names(&desk).contains(&"Production/batch:EKSViewer".to_owned()), "the filter spares other roles");
}

#[test]
fn prune_never_takes_the_last_context_without_a_word() {
    let desk = Desk::signed_in();
    desk.run(&["sync", "--cluster=batch", "--role=EKSAdmin"]).ok();
    let all = names(&desk);
    assert_eq!(all.len(), 1);
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    desk.run(&["sync", "--prune", "--account=Production", "--region=us-east-1"]).fails(2, &["1 of the 1 context "]);
    assert_eq!(names(&desk), all);
    desk.run(&["sync", "--yes"]).fails(2, &["--prune"]);
}

/// The filter names what is gone, so nothing there matches it.
#[test]
fn prune_takes_filters_that_name_what_is_gone() {
    for filter in [["--role", "Billing"], ["--account", "444455556666"]] {
        let desk = Desk::signed_in();
        desk.run(&["sync", "--unmapped"]).ok();
        let before = names(&desk);
        let gone = |name: &&String| {
            if filter[0] == "--role" { name.ends_with("Billing") } else { name.starts_with("Staging/") }
        };
        assert!(before.iter().filter(gone).count() > 0, "{before:?}");
        match filter[0] {
            "--role" => {
                let mut state = desk.simulator.state();
                state.world.accounts.iter_mut().for_each(|account| account.roles.retain(|role| role != "Billing"));
            }
            _ => desk.simulator.state().world.accounts.retain(|account| account.id != "444455556666"),
        }
        desk.run(&[&["sync"][..], &filter, &["--refresh"]].concat()).fails(5, &["matches"]);
        desk.run(&[&["sync", "--prune", "--refresh"][..], &filter].concat()).ok();
        let left: Vec<String> = before.iter().filter(|name| !gone(name)).cloned().collect();
        assert_eq!(names(&desk), left, "{filter:?}");
    }
}

/// A typing error in a filter is no kubeconfig that is as it should be.
#[test]
fn filters_that_match_nothing_are_an_error_and_nothing_is_written() {
    let desk = desk_with_all();
    let before = desk.read(".kube/config");
    for filter in ["--region=eu-west-9", "--cluster=nosuch", "--role=nosuch", "--account=nosuch", "--tag=team=nosuch"] {
        for prune in [&["sync", filter][..], &["sync", filter, "--prune"], &["sync", filter, "--dry-run"]] {
            let refused = desk.run(prune);
            assert_eq!(refused.code, 5, "{prune:?}: {}{}", refused.out, refused.err);
            assert!(!refused.err.contains("of them new"), "{prune:?}: {}", refused.err);
        }
    }
    assert_eq!(desk.read(".kube/config"), before);
    // Without a filter, nothing is what there is.
    desk.simulator.state().world.clusters.clear();
    let nothing = desk.run(&["sync"]).ok();
    assert!(!nothing.err.contains("0 contexts in"), "{}", nothing.err);
}

/// The cluster of a role that is assumed may be in an account where nobody looked.
#[test]
fn prune_spares_contexts_whose_role_is_assumed_from_another() {
    let desk = desk_with_all();
    let text = desk.read(".kube/config");
    let user = text.rfind("name: eksso/corp/111122223333/EKSAdmin/us-east-1/batch").expect("a user");
    let args = user + text[user..].find("      - token\n").expect("its arguments") + "      - token\n".len();
    let assume = "      - --assume-role=arn:aws:iam::999988887777:role/Hub\n";
    desk.write(".kube/config", &format!("{}{assume}{}", &text[..args], &text[args..]));
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    desk.run(&["sync", "--unmapped", "--prune", "--yes"]).ok();
    assert!(names(&desk).contains(&"Production/batch:EKSAdmin".to_owned()), "{:?}", names(&desk));
    assert!(!names(&desk).contains(&"Production/batch:EKSViewer".to_owned()), "{:?}", names(&desk));
}
