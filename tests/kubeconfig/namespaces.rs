//! `eksso ns` and the namespaces that the cluster has: a picker, a check, and what is remembered for completions.

use std::time::{Duration, Instant};

use eksso_simulator::{Fault, Mapping, MappingKind, Policy, World};

use super::desk::{context, desk_with_all};
use crate::support::Desk;

const CONTEXT: &str = "Production/web:EKSAdmin";

/// A desk in a context whose cluster has these namespaces; `readers` as the simulator has them.
fn desk(names: &[&str], readers: Option<&[&str]>) -> Desk {
    let desk = desk_with_all();
    desk.run(&["use", CONTEXT]).ok();
    set(&desk, names, readers);
    desk
}

fn set(desk: &Desk, names: &[&str], readers: Option<&[&str]>) {
    let mut state = desk.simulator.state();
    let web = state.world.clusters.iter_mut().find(|c| c.name == "web" && c.account == "111122223333").expect("web");
    web.rbac.namespaces = names.iter().map(|name| (*name).to_owned()).collect();
    web.rbac.readers =
        readers.map(|what| what.iter().map(|what| ("EKSAdmin".to_owned(), (*what).to_owned())).collect());
}

fn namespace(desk: &Desk) -> String {
    context(&desk.kubeconfig(), CONTEXT)["namespace"].as_str().unwrap_or_default().to_owned()
}

fn kept(desk: &Desk) -> String {
    desk.run(&["ns", "-o", "name"]).ok().out
}

#[test]
fn a_namespace_that_the_cluster_does_not_have_is_refused_with_near_misses_and_can_be_forced() {
    let desk = desk(&["default", "payments", "payments-dev", "web"], None);
    let before = desk.read(".kube/config");
    desk.run(&["ns", "paymnets"]).fails(
        5,
        &["the cluster `web` has no namespace `paymnets`", "hint: eksso ns payments\n", "eksso ns paymnets --force"],
    );
    assert_eq!(desk.read(".kube/config"), before);
    desk.run(&["ns", "payments"]).ok();
    assert_eq!(namespace(&desk), "payments");
    // To one that is about to be made.
    let asked = desk.simulator.count("Kubernetes");
    desk.run(&["ns", "paymnets", "--force"]).ok();
    assert_eq!((namespace(&desk).as_str(), desk.simulator.count("Kubernetes")), ("paymnets", asked));
    // Back, and to where one is already: nothing to ask.
    desk.run(&["ns", "-"]).ok();
    desk.run(&["ns", "payments"]).ok();
    assert_eq!((namespace(&desk).as_str(), desk.simulator.count("Kubernetes")), ("payments", asked));
    desk.run(&["use", CONTEXT, "-n", "later"]).ok();
    assert_eq!(desk.simulator.count("Kubernetes"), asked, "`use -n` asks nobody");
}

#[test]
fn a_role_that_may_not_list_namespaces_is_told_of_the_one_it_may_read() {
    let desk = desk(&["default", "team"], Some(&["namespaces/team", "namespaces/gone"]));
    desk.run(&["ns", "team"]).ok();
    desk.run(&["ns", "gone"]).fails(5, &["has no namespace `gone`", "--force"]);
    assert_eq!(namespace(&desk), "team");
    assert_eq!(kept(&desk), "", "one is no list");
}

#[test]
fn what_is_not_known_is_no_reason_to_refuse_and_nobody_is_asked_to_sign_in() {
    let desk = desk(&["default"], Some(&[]));
    let unknown = |name: &str, why: &str| {
        desk.person().hears = true;
        // Wide enough for each line.
        desk.person().columns = 400;
        let switched = desk.run(&["ns", name]).ok();
        assert!(switched.err.contains(&format!("Whether the cluster has `{name}` is not known")), "{}", switched.err);
        assert!(switched.err.contains(why), "{}", switched.err);
        assert_eq!(namespace(&desk), name);
        // A script has nothing to do about it.
        desk.person().hears = false;
        let back = desk.run(&["ns", &format!("{name}-2")]).ok();
        assert_eq!(back.err.lines().count(), 1, "{}", back.err);
    };
    unknown("hidden", "cannot get resource \"namespaces\"");
    desk.simulator.fault("Kubernetes", 2, Fault::Error(502, "", "<html>a proxy</html>"));
    unknown("proxied", "HTTP 502");
    // Every cluster has namespaces: what lists none is not the cluster's word.
    for (name, list) in [("nulled", r#"{"items":null}"#), ("emptied", r#"{"kind":"NamespaceList","items":[]}"#)] {
        desk.simulator.fault("Kubernetes", 2, Fault::Error(200, "", list));
        unknown(name, "no cluster has none");
    }
    set(&desk, &["default"], None);
    desk.simulator.state().world.clusters.retain(|cluster| cluster.name != "web");
    unknown("cluster-gone", "it is not there");
    desk.person().present = true;
    desk.run(&["logout"]).ok();
    let began = desk.count("start");
    unknown("signed-out", "sign-in needed");
    assert_eq!((desk.count("start"), desk.person().pages.len()), (began, 0));
}

#[test]
fn a_context_of_others_switches_as_ever() {
    let desk = Desk::new();
    desk.write(".kube/config", "contexts:\n- name: kind\n  context: {cluster: c, user: u}\ncurrent-context: kind\n");
    desk.person().hears = true;
    let switched = desk.run(&["ns", "team"]).ok();
    assert_eq!(switched.err, "Namespace `team` in `kind`.\n");
    assert_eq!(desk.run(&["ns"]).ok().out, "team\n");
    assert_eq!(kept(&desk), "");
}

#[test]
fn a_cluster_that_does_not_answer_costs_three_seconds_and_no_more() {
    let desk = desk(&["default"], None);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let config = desk.read(".kube/config");
    let server = config.lines().find(|line| line.contains("server: ")).expect("a server").trim().to_owned();
    desk.write(".kube/config", &config.replace(&server, &format!("server: https://{address}")));
    desk.person().hears = true;
    desk.person().columns = 400;
    let began = Instant::now();
    let switched = desk.run(&["ns", "team"]).ok();
    assert!(switched.err.contains("did not answer within 3 s"), "{}", switched.err);
    assert!((2..6).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(began.elapsed() > Duration::from_secs(2));
}

#[test]
fn on_a_terminal_a_picker_offers_what_the_cluster_has_the_present_one_first() {
    let desk = desk(&["default", "payments", "web"], None);
    let mut person = desk.person();
    (person.present, person.reads, person.picks) = (true, true, Some("paym".to_owned()));
    drop(person);
    desk.run(&["ns"]).ok();
    assert_eq!(namespace(&desk), "payments");
    assert_eq!(desk.person().offered, ["default  current", "payments", "web"]);
    // What was seen last is offered where the cluster cannot be asked, and that is said.
    desk.run(&["logout"]).ok();
    desk.person().picks = Some("web".to_owned());
    let switched = desk.run(&["ns"]).ok();
    assert!(switched.err.contains("are those that it showed last: sign-in needed"), "{}", switched.err);
    assert_eq!((namespace(&desk).as_str(), desk.person().offered.len()), ("web", 3));
    desk.person().picks = None;
    desk.run(&["ns"]).fails(130, &["nothing was chosen"]);
    // Printed, and nothing else, where that is asked for or another program reads it.
    assert_eq!(desk.run(&["ns", "-c"]).ok().out, "web\n");
    desk.person().reads = false;
    assert_eq!(desk.run(&["ns"]).ok().out, "web\n");
    // Nothing is known of a cluster that was never asked.
    desk.person().reads = true;
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    let shown = desk.run(&["ns"]).ok();
    assert_eq!(shown.out, "default\n");
    assert!(shown.err.contains("The namespaces of the cluster are not known: sign-in needed"), "{}", shown.err);
}

#[test]
fn what_the_cluster_listed_is_completed_without_asking_it_and_hostile_names_are_not_kept() {
    let desk = desk(&["default", "pay\u{1b}[2J", "$(touch pwned)", "a b", "-x", "web"], None);
    assert_eq!(kept(&desk), "");
    desk.run(&["ns", "web"]).ok();
    let asked = desk.simulator.state().requests.len();
    assert_eq!(kept(&desk), "default\nweb\n");
    let rows = desk.run(&["ns", "-o", "json"]).ok().json();
    assert_eq!(
        rows,
        serde_json::json!([{"namespace": "default", "current": false}, {"namespace": "web", "current": true}])
    );
    assert_eq!(desk.simulator.state().requests.len(), asked);
    // By cluster, not by context: another role of it completes the same, another cluster nothing.
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    assert_eq!(kept(&desk), "default\nweb\n");
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    assert_eq!(kept(&desk), "");
    let file =
        desk.files().into_iter().find(|(path, _)| path.to_string_lossy().contains("/namespaces/")).expect("a file");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&file.0.metadata().expect("there")) & 0o777, 0o600);
    // A file that somebody else wrote says nothing that a namespace cannot.
    let text = String::from_utf8(file.1).expect("text").replace("\"default\"", "\"a\\u001b[2J\"");
    std::fs::write(&file.0, text).expect("a file");
    desk.run(&["use", CONTEXT]).ok();
    assert_eq!(kept(&desk), "web\n");
}

#[test]
fn many_namespaces_are_read_in_pages() {
    let mut world = World::small();
    world.page_size = 100;
    let desk = Desk::signed_in_to(world);
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web", "--use"]).ok();
    let names: Vec<String> = (0..1050).map(|n| format!("team-{n}")).collect();
    set(&desk, &names.iter().map(String::as_str).collect::<Vec<_>>(), None);
    desk.run(&["ns", "team-1049"]).ok();
    desk.run(&["ns", "team-1050"]).fails(5, &["eksso ns team-1050 --force"]);
    assert_eq!(kept(&desk).lines().count(), 1050);
}

/// A world whose cluster `web` in production lets EKSAdmin in by an access entry with these scopes.
fn scoped(scopes: &[&[&str]]) -> World {
    let mut world = World::small();
    let web = world.clusters.iter_mut().find(|c| c.name == "web" && c.account == "111122223333").expect("web");
    let names = ["AmazonEKSEditPolicy", "AmazonEKSViewPolicy"];
    let policies = names.iter().zip(scopes).map(|(name, scope)| Policy {
        name: (*name).to_owned(),
        namespaces: scope.iter().map(|name| (*name).to_owned()).collect(),
    });
    web.mappings = vec![Mapping { policies: policies.collect(), ..Mapping::new("EKSAdmin", MappingKind::Entry) }];
    world
}

/// The namespace that a new context begins in.
fn begins_in(scopes: &[&[&str]], settings: &str) -> Option<String> {
    let desk = Desk::signed_in_to(scoped(scopes));
    desk.write(".config/eksso/config.toml", &format!("{}\n{settings}", desk.config()));
    desk.run(&["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"]).ok();
    context(&desk.kubeconfig(), CONTEXT)["namespace"].as_str().map(str::to_owned)
}

#[test]
fn a_new_context_begins_in_the_only_namespace_of_its_access_entry() {
    for (scopes, namespace) in [
        (&[&["payments"][..]][..], Some("payments")),
        (&[&["payments"], &["payments"]], Some("payments")),
        (&[&["payments"], &["web"]], None),
        (&[&["payments", "web"]], None),
        (&[&["payments-*"]], None),
        (&[&["payments"], &[]], None),
        (&[&[]], None),
        (&[], None),
    ] {
        assert_eq!(begins_in(scopes, "").as_deref(), namespace, "{scopes:?}");
    }
}

#[test]
fn the_settings_name_the_namespace_of_new_contexts_by_context_or_cluster_the_longest_pattern_first() {
    for (settings, namespace) in [
        ("[namespaces]\n\"Production/*\" = \"shop\"\n", Some("shop")),
        ("[namespaces]\n\"*\" = \"all\"\n\"Production/*\" = \"shop\"\n\"Staging/*\" = \"test\"\n", Some("shop")),
        (
            "[namespaces]\n\"arn:aws:eks:eu-west-1:111122223333:cluster/web\" = \"web\"\n\"Production/*\" = \"shop\"\n",
            Some("web"),
        ),
        ("[namespaces]\n\"Staging/*\" = \"test\"\n", Some("payments")),
    ] {
        assert_eq!(begins_in(&[&["payments"]], settings).as_deref(), namespace, "{settings}");
    }
}

#[test]
fn a_namespace_that_a_person_chose_is_not_what_sync_writes_again() {
    let desk = desk_with_all();
    let rules = "[namespaces]\n\"*\" = \"shop\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{rules}", desk.config()));
    let before = desk.read(".kube/config");
    desk.run(&["sync", "--role=EKS*"]).ok();
    assert_eq!(desk.read(".kube/config"), before, "contexts that are there are no new ones");
    desk.run(&["rm", CONTEXT]).ok();
    desk.run(&["sync", "--role=EKS*"]).ok();
    assert_eq!(namespace(&desk), "shop");
    desk.run(&["use", CONTEXT]).ok();
    desk.run(&["ns", "mine", "--force"]).ok();
    desk.run(&["sync", "--role=EKS*"]).ok();
    assert_eq!(namespace(&desk), "mine");
    // A context that `use --role` writes is a new one, too.
    desk.run(&["rm", "Production/web:EKSViewer"]).ok();
    desk.run(&["use", "--role", "EKSViewer"]).ok();
    assert_eq!(context(&desk.kubeconfig(), "Production/web:EKSViewer")["namespace"], "shop");
}

#[test]
fn the_way_back_is_that_of_one_kubeconfig_and_not_of_another_with_a_context_of_the_same_name() {
    let mut desk = desk(&["default"], None);
    desk.run(&["ns", "-f", "aa"]).ok();
    desk.run(&["ns", "-f", "bb"]).ok();
    let made = desk.run(&["env", CONTEXT, "--shell=nushell"]).ok().json();
    let private = made["KUBECONFIG"].as_str().expect("a path").to_owned();
    desk.set("KUBECONFIG", &private);
    desk.run(&["ns", "-f", "s1"]).ok();
    desk.run(&["ns", "-f", "s2"]).ok();
    desk.run(&["ns", "-"]).ok();
    assert_eq!(desk.run(&["ns", "-c"]).ok().out, "s1\n");
    desk.env.remove("KUBECONFIG");
    desk.run(&["ns", "-"]).ok();
    assert_eq!(namespace(&desk), "aa");
    // Another file that is nobody's shell.
    let other = desk.write("other", &desk.read(".kube/config")).display().to_string();
    desk.run(&["--kubeconfig", &other, "ns", "-"]).fails(5, &["no previous namespace"]);
}
