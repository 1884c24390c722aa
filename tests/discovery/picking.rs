//! What a person is offered to choose from, and what is told of it.

use crate::support::Desk;
use eksso_simulator::World;

#[test]
fn the_picker_tells_all_of_a_row_below_and_finds_it_by_the_accounts_id() {
    let desk = Desk::signed_in();
    desk.person().present = true;
    desk.person().picks = Some("444455556666 EKSAdmin".into());
    desk.run(&["add"]).ok();
    assert_eq!(desk.kubeconfig()["contexts"][0]["name"], "Staging/web:EKSAdmin");
    let details = desk.person().details.join("\n");
    for part in ["111122223333 (Production)", "cluster batch in us-east-1", "Kubernetes 1.35", "let in as"] {
        assert!(details.contains(part), "`{part}` is not in: {details}");
    }
}

#[test]
fn the_context_picker_marks_the_current_and_guarded_ones_and_tells_what_they_are() {
    let desk = Desk::signed_in();
    let guards = "[contexts.\"Production/batch*\"]\nconfirm = true\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{guards}", desk.config()));
    let foreign = "contexts:\n- name: mine\n  context: {cluster: c, user: u, namespace: web}\n";
    desk.write(".kube/config", foreign);
    desk.run(&["sync"]).ok();
    desk.run(&["use", "Staging/web:EKSAdmin", "-n", "shop"]).ok();
    desk.person().present = true;
    desk.person().reads = true;
    desk.person().picks = None;
    desk.run(&["use"]).fails(130, &["nothing was chosen"]);
    let offered = desk.person().offered.clone();
    assert_eq!(offered[0], "Staging/web:EKSAdmin  current");
    assert!(offered.contains(&"Production/batch:EKSAdmin  confirm".to_owned()), "{offered:?}");
    let lines = ["cluster web in eu-west-1", "EKSAdmin in account 444455556666, session `corp`", "namespace shop"];
    assert_eq!(desk.person().details[..3], lines);
    desk.run(&["use", "mine"]).ok();
    desk.run(&["use"]).fails(130, &[]);
    assert_eq!(desk.person().details[..3], ["cluster c", "user u", "namespace web"]);
}

#[test]
fn a_plain_list_comes_in_pages() {
    let mut desk = Desk::signed_in_to(World::large(25, 2, 1, 1));
    desk.set("EKSSO_PICKER", "list");
    desk.person().present = true;
    desk.person().answers = vec!["+".into(), "+".into(), "+".into(), "2".into()];
    let added = desk.run(&["add", "--region=eu-west-1"]).ok();
    for part in ["1-20 of 50 shown", ", + for the next page", "21-40 of 50 shown", "41-50 of 50 shown"] {
        assert!(added.err.contains(part), "`{part}` is not in: {}", added.err);
    }
    assert_eq!(added.err.matches("1-20 of 50 shown").count(), 2, "after the last page the first: {}", added.err);
    assert!(added.err.contains("\n21. team-0011") && added.err.contains("\n50. team-0025"), "{}", added.err);
    assert_eq!(desk.kubeconfig()["contexts"][0]["name"], "team-0001/web:EKSViewer");
}
