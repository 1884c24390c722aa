//! `eksso whoami`, and choosing from a plain list.

use crate::support::Desk;
use eksso_simulator::{Cluster, Fault, Mapping, MappingKind, Policy, Rule, World};

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
        "  Resources   Non-Resource URLs   Resource Names   Verbs\n",
        "  pods        []                  []               [get list watch]\n",
        "              [/healthz]          []               [get]\n",
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
    desk.run(&["whoami", "Production/stale:EKSAdmin"]).fails(
        4,
        &["refused (401) although an entry names it: STS takes its token, so it is the mapping", "earlier role"],
    );
    let far = desk.run(&["whoami", "Production/zzz:EKSAdmin"]);
    assert!(far.out.contains("mapped          yes, by an access entry"), "{}", far.out);
    far.fails(6, &["`zzz` cannot be reached", "VPN"]);
}

/// Changes the kubeconfig's cluster entries by hand.
fn edit(desk: &Desk, change: impl Fn(&mut serde_yaml::Mapping)) {
    let mut kubeconfig = desk.kubeconfig();
    for entry in kubeconfig["clusters"].as_sequence_mut().expect("clusters") {
        change(entry["cluster"].as_mapping_mut().expect("a cluster"));
    }
    desk.write(".kube/config", &serde_yaml::to_string(&kubeconfig).expect("YAML"));
}

#[test]
fn whoami_goes_where_kubectl_goes() {
    let desk = Desk::signed_in();
    desk.run(&ALL).ok();
    let web = "Production/web:EKSAdmin";
    let yes = |desk: &Desk| assert!(desk.run(&["whoami", web]).ok().out.contains("Kubernetes user eksadmin:"));
    let original = desk.read(".kube/config");
    for proxy in [desk.simulator.proxy().to_owned(), desk.simulator.socks_proxy().to_owned()] {
        desk.simulator.state().requests.clear();
        edit(&desk, |cluster| _ = cluster.insert("proxy-url".into(), proxy.as_str().into()));
        yes(&desk);
        assert_eq!(desk.hosts().len(), 1, "{proxy}: {:?}", desk.hosts());
        desk.write(".kube/config", &original);
    }
    // Its certificate is for 127.0.0.1 and localhost; a name in SNI gets one of its own.
    edit(&desk, |cluster| _ = cluster.insert("tls-server-name".into(), "kube.example.com".into()));
    yes(&desk);
    desk.write(".kube/config", &original);
    edit(&desk, |cluster| {
        cluster.remove("certificate-authority-data");
        cluster.insert("insecure-skip-tls-verify".into(), true.into());
    });
    yes(&desk);
    edit(&desk, |cluster| _ = cluster.insert("certificate-authority-data".into(), "AAAA".into()));
    desk.run(&["whoami", web]).fails(1, &["both a CA and insecure-skip-tls-verify", "kubectl refuses that"]);
}

#[test]
fn a_ca_file_is_relative_to_the_kubeconfig_that_names_it() {
    let mut desk = Desk::signed_in();
    desk.run(&ALL).ok();
    let all = desk.read(".kube/config");
    // The contexts are in one file, the clusters in another, in a folder of its own.
    desk.write("elsewhere/ca/cluster.pem", desk.simulator.ca_pem());
    edit(&desk, |cluster| {
        cluster.remove("certificate-authority-data");
        cluster.insert("certificate-authority".into(), "ca/cluster.pem".into());
    });
    let mut clusters = desk.kubeconfig();
    let mut rest: serde_yaml::Value = serde_yaml::from_str(&all).expect("YAML");
    rest.as_mapping_mut().expect("a mapping").remove("clusters");
    for key in ["contexts", "users"] {
        clusters.as_mapping_mut().expect("a mapping").remove(key);
    }
    desk.write(".kube/config", &serde_yaml::to_string(&rest).expect("YAML"));
    let second = desk.write("elsewhere/clusters.yaml", &serde_yaml::to_string(&clusters).expect("YAML"));
    let both = format!("{}:{}", desk.path(".kube/config").display(), second.display());
    desk.set("KUBECONFIG", &both);
    desk.run(&["whoami", "Production/web:EKSAdmin"]).ok();
}

#[test]
fn a_wrong_ca_is_no_question_of_the_network() {
    let desk = Desk::signed_in();
    desk.run(&ALL).ok();
    let other = eksso_simulator::Simulator::start(World::small());
    let ca = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, other.ca_pem());
    edit(&desk, |cluster| _ = cluster.insert("certificate-authority-data".into(), ca.as_str().into()));
    let refused = desk.run(&["whoami", "Production/web:EKSAdmin"]);
    assert!(!refused.err.contains("VPN"), "{}", refused.err);
    refused.fails(6, &["shows a certificate that its CA in the kubeconfig did not sign", "hint: eksso sync"]);
}

#[test]
fn who_may_not_ask_who_he_is_is_let_in_all_the_same() {
    let mut world = World::small();
    world.clusters[0].hushed = vec!["EKSAdmin".into()];
    let desk = Desk::signed_in_to(world);
    desk.run(&ALL).ok();
    let found = desk.run(&["whoami", "Production/web:EKSAdmin"]).ok();
    assert!(found.out.contains("does not say as whom"), "{}", found.out);
    assert!(found.out.contains("mapped          yes, by an access entry"), "{}", found.out);
    let json = desk.run(&["whoami", "Production/web:EKSAdmin", "-o", "json"]).ok().json();
    assert_eq!((&json[0]["mapped"], &json[0]["kubernetes_user"]), (&"yes".into(), &serde_json::Value::Null));
}

#[test]
fn a_cluster_without_access_entries_is_not_said_to_hide_them() {
    let mut world = World::small();
    world.clusters[0].mode = "CONFIG_MAP".into();
    world.clusters[0].mappings = vec![Mapping::new("EKSAdmin", MappingKind::Creator)];
    world.clusters[0].readers = vec!["EKSAdmin".into()];
    world.accounts[0].without_entries = vec!["EKSAdmin".into()];
    let desk = Desk::signed_in_to(world);
    desk.run(&ALL).ok();
    let words = desk.run(&["whoami", "Production/web:EKSAdmin"]).ok().out;
    assert!(words.contains("mapped          yes, by no list that could be seen: aws-auth does not name it"), "{words}");
    assert!(!words.contains("access entries") && !words.contains("access policies"), "{words}");
}

#[test]
fn rights_are_shown_a_resource_a_row_and_what_policies_add_in_words() {
    let rule = |verbs: &[&str], groups: &[&str], resources: &[&str]| Rule {
        verbs: verbs.iter().map(|text| (*text).to_owned()).collect(),
        groups: groups.iter().map(|text| (*text).to_owned()).collect(),
        resources: resources.iter().map(|text| (*text).to_owned()).collect(),
    };
    let policy = |name: &str, namespaces: &[&str]| Policy {
        name: name.into(),
        namespaces: namespaces.iter().map(|text| (*text).to_owned()).collect(),
    };
    let mut world = World::small();
    let webhook = "webhook authorizer does not support user rule resolution";
    world.clusters[0].evaluation_error = Some(webhook.into());
    world.clusters[0].rules = vec![
        rule(&["get"], &["apps"], &["deployments", "deployments/scale"]),
        rule(&["list", "get"], &["apps"], &["deployments"]),
        rule(&["create"], &["authorization.k8s.io"], &["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
    ];
    world.clusters[0].mappings[0].policies =
        vec![policy("AmazonEKSViewPolicy", &["web-*"]), policy("AmazonEKSNewPolicy", &[])];
    let desk = Desk::signed_in_to(world);
    desk.run(&ALL).ok();
    let words = desk.run(&["whoami", "Production/web:EKSAdmin", "-n", "web-1"]).ok().out;
    for line in [
        "  deployments.apps         ",
        "  deployments.apps/scale   ",
        "[get list]",
        "  AmazonEKSViewPolicy adds, in web-*: get, list and watch of workloads",
        "  AmazonEKSNewPolicy adds, in the whole cluster: rights that eksso does not know",
    ] {
        assert!(words.contains(line), "`{line}` is not in\n{words}");
    }
    assert!(!words.contains("perhaps more") && !words.contains(webhook), "{words}");
    let json = desk.run(&["whoami", "Production/web:EKSAdmin", "-o", "json"]).ok().json();
    assert_eq!(json[0]["rules"][0], "get,list deployments.apps");
    assert_eq!(json[0]["rules_incomplete"], true);
    let words = desk.run(&["whoami", "Production/web:EKSAdmin"]).ok().out;
    assert!(words.contains("adds, in web-*, not here:"), "{words}");
    // Nothing but what everybody may.
    let everybody = world_rules(&desk, rule(&["create"], &["authorization.k8s.io"], &["selfsubjectaccessreviews"]));
    assert!(everybody.contains("authenticated, but no group or policy gives it anything\n"), "{everybody}");
    assert_eq!(desk.run(&["whoami", "Production/web:EKSViewer", "-o", "json"]).ok().json()[0]["grants_nothing"], true);
    desk.simulator.state().world.clusters[0].evaluation_error = Some("clusterrole \"x\" not found".into());
    let broken = desk.run(&["whoami", "Production/web:EKSViewer"]).ok().out;
    assert!(broken.contains("the cluster could not list all: clusterrole \"x\" not found"), "{broken}");
    desk.simulator.state().world.clusters[0].evaluation_error = None;
    let words = desk.run(&["whoami", "Production/web:EKSAdmin", "-n", "web-1"]).ok().out;
    assert!(!words.contains("could not list all"), "{words}");
}

/// What `whoami` says of a role without policies where this is the only rule.
fn world_rules(desk: &Desk, rule: Rule) -> String {
    desk.simulator.state().world.clusters[0].rules = vec![rule];
    desk.run(&["whoami", "Production/web:EKSViewer"]).ok().out
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
    desk.person().reads = true;
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
    desk.person().reads = true;
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

/// An access proxy or a firewall on the way may refuse with a page of its own.
#[test]
fn a_refusal_that_is_not_the_clusters_is_no_answer_of_it() {
    for status in [401, 403, 404] {
        let desk = Desk::signed_in();
        desk.run(&ALL).ok();
        desk.simulator.fault("Kubernetes", 9, Fault::Error(status, "", "<title>blocked</title>"));
        let told = desk.run(&["whoami", "Production/web:EKSAdmin"]);
        // What the lists say is told, and that the cluster itself said nothing.
        told.fails(6, &["cannot be reached", "no answer of Kubernetes"]);
    }
}
