//! `eksso export`: contexts for others, without anything of the user's own.

use super::desk::{context, desk_with_all};
use serde_yaml::Value;

const ADMIN: &str = "Production/web:EKSAdmin";

#[test]
fn what_is_handed_on_works_for_others_and_holds_nothing_of_ones_own() {
    let desk = desk_with_all();
    desk.run(&["use", ADMIN, "-n", "team"]).ok();
    // In a process of its own, which takes nothing for a secret that another test has made one.
    let exported = crate::process::eksso(&desk).args(["export", "Production/web:*"]).output().expect("started");
    assert_eq!(String::from_utf8_lossy(&exported.stderr), "");
    let out = String::from_utf8(exported.stdout).expect("text");
    let config: Value = serde_yaml::from_str(&out).expect("YAML");
    assert_eq!(config["contexts"].as_sequence().expect("contexts").len(), 2);
    assert_eq!(config["clusters"].as_sequence().expect("clusters").len(), 1, "shared");
    assert_eq!(config["current-context"], Value::Null);
    assert_eq!(context(&config, ADMIN)["namespace"], "team");
    let url = desk.simulator.url();
    let line = format!("#   eksso login corp --start-url {url}/start --sso-region eu-west-1\n");
    assert!(out.contains(&line), "{}", out);
    // The same identity, cluster and user as in the own file, whatever command stands there.
    let own = desk.kubeconfig();
    let entry = |config: &Value, list: &str, name: &Value, key: &str| {
        let all = config[list].as_sequence().expect(list);
        all.iter().find(|entry| entry["name"] == *name).unwrap_or_else(|| panic!("{name:?}"))[key].clone()
    };
    let both = |key: &str| [context(&config, ADMIN)[key].clone(), context(&own, ADMIN)[key].clone()];
    let [theirs, ours] = both("user");
    assert_eq!(
        entry(&config, "users", &theirs, "user")["exec"]["args"],
        entry(&own, "users", &ours, "user")["exec"]["args"]
    );
    let [theirs, ours] = both("cluster");
    for key in ["server", "certificate-authority-data"] {
        assert_eq!(entry(&config, "clusters", &theirs, "cluster")[key], entry(&own, "clusters", &ours, "cluster")[key]);
    }
    // Another's eksso takes it for its own.
    desk.write("theirs.yaml", &out);
    let file = desk.path("theirs.yaml").display().to_string();
    let json = desk.run(&["use", "-o", "json", "--kubeconfig", &file]).ok().json();
    assert_eq!(json.as_array().expect("a list").len(), 2);
    assert_eq!(json[0]["account"].as_str().or(json[0]["account_id"].as_str()), Some("111122223333"));
    let all: Value = serde_yaml::from_str(&desk.run(&["export"]).ok().out).expect("YAML");
    assert_eq!(
        all["contexts"].as_sequence().expect("contexts").len(),
        own["contexts"].as_sequence().expect("contexts").len()
    );
}

#[test]
fn secrets_and_what_is_for_oneself_alone_is_not_handed_on() {
    let desk = desk_with_all();
    let foreign = "apiVersion: v1\nkind: Config\nclusters: [{name: k, cluster: {server: 'https://k'}}]\n\
        users: [{name: u, user: {token: canary-token}}]\ncontexts: [{name: kind, context: {cluster: k, user: u}}]\n";
    let other = desk.write("other.yaml", foreign).display().to_string();
    desk.run(&["export", "kind", "--kubeconfig", &other]).fails(2, &["was not written by eksso"]);
    desk.run(&["export", "--kubeconfig", &other]).fails(5, &["no context of eksso"]);
    let globbed = desk.run(&["export", "*", "--kubeconfig", &other]).fails(5, &["`kind` is left out"]);
    assert!(!globbed.out.contains("canary"));
    // Fields of a person's own stay at home: a secret in a user's env, the credentials of a proxy.
    let mut config = desk.read(".kube/config");
    config = config.replacen(
        "      interactiveMode: IfAvailable\n",
        "      interactiveMode: IfAvailable\n      env:\n      - name: X\n        value: canary-env\n",
        9,
    );
    config = config.replace("    server: ", "    proxy-url: http://me:canary-proxy@proxy:1\n    server: ");
    desk.write(".kube/config", &config);
    let exported = desk.run(&["export", ADMIN]).ok();
    assert!(
        !exported.out.contains("canary") && exported.err.contains("its proxy-url holds credentials"),
        "{}",
        exported.out
    );
    let insecure =
        config.replace("    proxy-url: http://me:canary-proxy@proxy:1\n", "    insecure-skip-tls-verify: true\n");
    let insecure =
        insecure.lines().filter(|line| !line.contains("certificate-authority-data")).map(|line| format!("{line}\n"));
    desk.write(".kube/config", &insecure.collect::<String>());
    desk.run(&["export", ADMIN]).fails(2, &["insecure-skip-tls-verify"]);
}
