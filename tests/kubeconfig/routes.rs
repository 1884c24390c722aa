//! How private clusters are reached: written into contexts, kept by `sync`, taken back with the setting.

use crate::support::Desk;

const CONFIG: &str = ".config/eksso/config.toml";
const SYNC: [&str; 3] = ["sync", "--cluster=web", "--account=111122223333"];

fn cluster(desk: &Desk) -> serde_yaml::Value {
    let clusters = desk.kubeconfig()["clusters"].clone();
    let web = clusters
        .as_sequence()
        .expect("a list")
        .iter()
        .find(|entry| entry["name"].as_str().is_some_and(|name| name.ends_with("/web")));
    web.expect("the cluster")["cluster"].clone()
}

#[test]
fn the_way_to_a_cluster_is_written_into_its_contexts_and_kept_by_sync() {
    let desk = Desk::signed_in();
    desk.run(&SYNC).ok();
    let plain = cluster(&desk);
    let route = "\n[clusters.\"arn:aws:eks:*:111122223333:cluster/w*\"]\nproxy_url = \"socks5://localhost:1080\"\n\
                 tls_server_name = \"web.eks.amazonaws.com\"\nserver = \"https://localhost:8443\"\n";
    desk.write(CONFIG, &format!("{}{route}", desk.config()));
    for _ in 0..2 {
        desk.run(&SYNC).ok();
        let routed = cluster(&desk);
        assert_eq!(routed["proxy-url"], "socks5://localhost:1080");
        assert_eq!(routed["tls-server-name"], "web.eks.amazonaws.com");
        assert_eq!(routed["server"], "https://localhost:8443");
        assert_eq!(routed["certificate-authority-data"], plain["certificate-authority-data"], "whose it is stays");
    }
    // A change of the setting is followed.
    desk.write(CONFIG, &format!("{}{}", desk.config(), route.replace("1080", "1081").replace("tls_server_name", "# ")));
    desk.run(&SYNC).ok();
    let routed = cluster(&desk);
    assert_eq!((&routed["proxy-url"], routed.get("tls-server-name")), (&"socks5://localhost:1081".into(), None));
    // Without it all is as before.
    desk.write(CONFIG, &desk.config());
    desk.run(&SYNC).ok();
    assert_eq!(cluster(&desk), plain);
}

#[test]
fn what_a_person_wrote_of_the_way_stays() {
    let desk = Desk::signed_in();
    desk.run(&SYNC).ok();
    let own = desk.read(".kube/config").replacen("    server:", "    proxy-url: http://localhost:3128\n    server:", 1);
    desk.write(".kube/config", &own);
    desk.run(&SYNC).ok();
    assert_eq!(cluster(&desk)["proxy-url"], "http://localhost:3128", "no setting says anything of it");
    desk.write(CONFIG, &format!("{}\n[clusters.\"*\"]\nproxy_url = \"socks5://localhost:1080\"\n", desk.config()));
    let told = desk.run(&SYNC).ok();
    assert_eq!(cluster(&desk)["proxy-url"], "http://localhost:3128");
    assert!(told.err.contains("keeps its proxy-url: not what eksso wrote"), "{}", told.err);
}
