//! Tags of clusters: as columns, as filters, and in names of contexts.

use crate::support::Desk;
use eksso_simulator::World;

/// A desk whose cluster `web` in Production belongs to the team `shop`, and `batch` to `data`; Staging's has no tags.
fn desk() -> Desk {
    let mut world = World::small();
    for cluster in world.clusters.iter_mut().filter(|cluster| cluster.account == "111122223333") {
        let team = if cluster.name == "web" { "shop" } else { "data" };
        cluster.eks.tags = [("team", team), ("example.com/tier", "prod")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
    }
    Desk::signed_in_to(world)
}

fn names(desk: &Desk, args: &[&str]) -> Vec<String> {
    let found = desk.run(&[&["clusters", "-o", "name"], args].concat()).ok();
    found.out.lines().map(|line| line.rsplit(':').next().unwrap_or_default().to_owned()).collect()
}

fn contexts(desk: &Desk) -> Vec<String> {
    let all = desk.kubeconfig()["contexts"].as_sequence().cloned().unwrap_or_default();
    all.iter().map(|context| context["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn tags_are_columns_as_kubectl_shows_labels_and_a_field_of_json() {
    let desk = desk();
    let rows = desk.run(&["clusters", "-o", "json"]).ok().json();
    assert_eq!(rows[0]["tags"]["team"], "shop");
    assert!(rows.as_array().expect("rows").iter().any(|row| row["tags"] == serde_json::json!({})));
    let table = desk.run(&["clusters", "-L", "team,example.com/tier", "--cluster=batch"]).ok().out;
    assert!(table.lines().next().is_some_and(|line| line.ends_with("  TEAM  TIER")), "{table}");
    assert!(table.lines().skip(1).all(|line| line.ends_with("  data  prod")), "{table}");
    let table = desk.run(&["clusters", "--show-tags"]).ok().out;
    assert!(table.contains("  example.com/tier=prod,team=shop\n") && table.contains("  <none>\n"), "{table}");
    assert!(!desk.run(&["clusters"]).ok().out.contains("TAGS"));
}

#[test]
fn tags_filter_by_flag_and_in_saved_filters() {
    let desk = desk();
    assert_eq!(names(&desk, &["--tag=team=sh*"]), ["cluster/web"]);
    assert_eq!(names(&desk, &["--tag=team=shop", "--tag=team=data"]).len(), 2);
    assert_eq!(names(&desk, &["--tag=team"]).len(), 2);
    desk.run(&["clusters", "--tag=team=shop", "--tag=tier"])
        .fails(5, &["no cluster of yours is known to have the tags `team=shop`, `tier`", "--show-tags"]);
    desk.run(&["clusters", "--tag==x"]).fails(2, &["is no tag"]);
    let config = desk.config();
    desk.write(".config/eksso/config.toml", &format!("{config}\n[filters.mine]\ntag = [\"team=data\"]\n"));
    assert_eq!(names(&desk, &["--filter=mine"]), ["cluster/batch"]);
    desk.run(&["sync", "--filter=mine"]).ok();
    assert!(contexts(&desk).iter().all(|name| name.starts_with("Production/batch:")), "{:?}", contexts(&desk));
    desk.write(".config/eksso/config.toml", &format!("{config}\n[filters.mine]\ntag = [\"=data\"]\n"));
    desk.run(&["clusters", "--filter=mine"]).fails(2, &["is no tag", "line"]);
}

#[test]
fn a_cluster_that_nobody_may_describe_has_unknown_tags() {
    let desk = desk();
    desk.simulator.state().world.accounts[0].without_describe = vec!["EKSAdmin".into(), "EKSViewer".into()];
    let rows = desk.run(&["clusters", "-o", "json"]).ok().json();
    assert!(rows[0]["tags"].is_null(), "{rows:#}");
    let table = desk.run(&["clusters", "-L", "team", "--account=Production"]).ok().out;
    assert!(table.lines().skip(1).all(|line| line.ends_with("  unknown")), "{table}");
    let found = desk.run(&["clusters", "--tag=team=shop"]);
    assert_eq!(found.code, 5, "{}", found.err);
    assert!(found.err.contains("left out 2 clusters that none of your roles may describe"), "{}", found.err);
}

#[test]
fn names_of_contexts_take_tags_and_pruning_by_tag_leaves_the_rest() {
    let desk = desk();
    let config = desk.config();
    desk.write(".config/eksso/config.toml", &format!("context_name = \"{{tag:team}}/{{cluster}}:{{role}}\"\n{config}"));
    desk.run(&["sync"]).ok();
    let all = contexts(&desk);
    assert!(all.contains(&"shop/web:EKSAdmin".to_owned()), "{all:?}");
    assert!(all.contains(&"none/web:EKSAdmin".to_owned()), "{all:?}");
    desk.run(&["use", "shop/web:EKSAdmin", "--role=EKSViewer"]).ok();
    assert_eq!(desk.kubeconfig()["current-context"], "shop/web:EKSViewer");
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "batch");
    desk.run(&["sync", "--prune", "--yes", "--tag=team=shop"]).ok();
    assert!(contexts(&desk).iter().any(|name| name.starts_with("data/batch")), "its tags are not known any more");
    desk.run(&["sync", "--prune", "--yes"]).ok();
    assert!(!contexts(&desk).iter().any(|name| name.starts_with("data/batch")));
}
