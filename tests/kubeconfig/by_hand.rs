//! What a person changed in the file by hand: it stays, and no entry gets what belongs to another.

use super::desk::{context, names};
use crate::support::Desk;
use serde_yaml::Value;

const ADMIN: &str = "Production/web:EKSAdmin";
const SYNC_ALL: [&str; 3] = ["sync", "--unmapped", "--refresh"];
const ADD_ADMIN: [&str; 6] =
    ["add", "--account=Production", "--role=EKSAdmin", "--region=*", "--cluster=*", "--unmapped"];

fn desk_with_all() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&SYNC_ALL).ok();
    desk
}

/// The bodies of a list by name.
fn bodies(desk: &Desk, list: &str, body: &str) -> Vec<(String, Value)> {
    let config = desk.kubeconfig();
    let entries = config[list].as_sequence().expect("a list");
    entries.iter().map(|entry| (entry["name"].as_str().expect("a name").to_owned(), entry[body].clone())).collect()
}

/// What each context comes to: its server and the words that kubectl runs.
fn meanings(desk: &Desk) -> Vec<(String, Value, Value)> {
    let of = |all: &[(String, Value)], name: &Value| {
        all.iter().find(|(known, _)| name == known).map_or(Value::Null, |(_, body)| body.clone())
    };
    let (clusters, users) = (bodies(desk, "clusters", "cluster"), bodies(desk, "users", "user"));
    let context = |(name, body): (String, Value)| {
        let user = of(&users, &body["user"]);
        (name, of(&clusters, &body["cluster"])["server"].clone(), user["exec"]["args"].clone())
    };
    bodies(desk, "contexts", "context").into_iter().map(context).collect()
}

/// Changes a field of a context, as `kubectl config set-context` does.
fn set(desk: &Desk, name: &str, field: &str, value: &str) {
    let mut config = desk.kubeconfig();
    let contexts = config["contexts"].as_sequence_mut().expect("contexts");
    contexts.iter_mut().find(|context| context["name"] == name).expect("it")["context"][field] = value.into();
    desk.write(".kube/config", &serde_yaml::to_string(&config).expect("YAML"));
}

fn forget_record(desk: &Desk) {
    std::fs::remove_dir_all(desk.path(".local/state/eksso/kubeconfig-written")).expect("a record");
}

/// The cluster entry of a context.
fn cluster_of(desk: &Desk, name: &str) -> String {
    context(&desk.kubeconfig(), name)["cluster"].as_str().expect("a name").to_owned()
}

#[test]
fn a_context_that_a_person_points_at_another_cluster_changes_no_cluster() {
    for recorded in [true, false] {
        let desk = desk_with_all();
        let other = cluster_of(&desk, "Staging/web:EKSAdmin");
        let clusters = bodies(&desk, "clusters", "cluster");
        set(&desk, ADMIN, "cluster", &other);
        if !recorded {
            forget_record(&desk);
        }
        let before = desk.read(".kube/config");
        for command in [&SYNC_ALL[..], &ADD_ADMIN, &SYNC_ALL, &ADD_ADMIN] {
            let done = desk.run(command).ok();
            assert_eq!(bodies(&desk, "clusters", "cluster"), clusters, "recorded: {recorded}, {command:?}");
            assert!(
                done.err.contains(&format!("`{ADMIN}` keeps its cluster: not what eksso wrote")),
                "recorded: {recorded}, {command:?}: {}",
                done.err
            );
            assert_eq!(cluster_of(&desk, ADMIN), other);
        }
        let after = desk.kubeconfig();
        let before: Value = serde_yaml::from_str(&before).expect("YAML");
        for context in before["contexts"].as_sequence().expect("contexts") {
            assert!(after["contexts"].as_sequence().expect("contexts").contains(context), "{context:?}");
        }
    }
}

/// Whatever a context points at: an entry of another name is a person's own.
#[test]
fn an_entry_that_is_not_named_by_its_cluster_is_never_written() {
    let desk = desk_with_all();
    for server in ["https://localhost:8443", "https://OLD.gr7.eu-west-1.eks.amazonaws.com"] {
        let mut config = desk.kubeconfig();
        let clusters = config["clusters"].as_sequence_mut().expect("clusters");
        clusters.retain(|cluster| cluster["name"] != "mine");
        clusters.push(serde_yaml::from_str(&format!("{{name: mine, cluster: {{server: '{server}'}}}}")).expect("YAML"));
        desk.write(".kube/config", &serde_yaml::to_string(&config).expect("YAML"));
        set(&desk, ADMIN, "cluster", "mine");
        let before = desk.kubeconfig();
        for command in [&SYNC_ALL[..], &ADD_ADMIN, &SYNC_ALL] {
            let done = desk.run(command).ok();
            assert_eq!(desk.kubeconfig(), before, "{command:?}");
            assert!(done.err.contains(&format!("`{ADMIN}` keeps its cluster")), "{command:?}: {}", done.err);
        }
    }
}

#[test]
fn a_context_that_a_person_gives_another_user_keeps_it_and_no_entry_is_anothers() {
    for recorded in [true, false] {
        let desk = desk_with_all();
        let staging = context(&desk.kubeconfig(), "Staging/web:EKSAdmin")["user"].as_str().expect("it").to_owned();
        let (clusters, users) = (bodies(&desk, "clusters", "cluster"), bodies(&desk, "users", "user"));
        let others: Vec<_> = meanings(&desk).into_iter().filter(|(name, ..)| name != ADMIN).collect();
        set(&desk, ADMIN, "user", &staging);
        if !recorded {
            forget_record(&desk);
        }
        let changed = context(&desk.kubeconfig(), ADMIN).clone();
        for command in [&SYNC_ALL[..], &ADD_ADMIN, &SYNC_ALL, &ADD_ADMIN] {
            let done = desk.run(command).ok();
            assert_eq!(bodies(&desk, "clusters", "cluster"), clusters, "recorded: {recorded}, {command:?}");
            assert_eq!(bodies(&desk, "users", "user"), users, "recorded: {recorded}, {command:?}");
            assert_eq!(context(&desk.kubeconfig(), ADMIN), &changed, "recorded: {recorded}, {command:?}");
            assert!(done.err.contains(&format!("`{ADMIN}` keeps its user")), "{command:?}: {}", done.err);
            let now = meanings(&desk);
            for other in &others {
                assert!(now.contains(other), "{other:?}: {}", desk.read(".kube/config"));
            }
        }
    }
}

/// Contexts are what kubectl runs for them, and what they are called by `eksso use`.
fn assert_no_context_lies(desk: &Desk) {
    let rows = desk.run(&["use", "-o", "json"]).ok().json();
    let config = desk.kubeconfig();
    for row in rows.as_array().expect("rows") {
        let name = row["context"].as_str().expect("a name");
        let body = context(&config, name);
        let (_, _, args) = meanings(desk).into_iter().find(|(known, ..)| known == name).expect("it");
        let args = args.as_sequence().expect("args").clone();
        let role = args.iter().skip_while(|word| *word != "--role").nth(1).cloned();
        assert_eq!(role.as_ref().and_then(Value::as_str), row["role"].as_str(), "{name}");
        // The mark of a context that a person changed may be older; that of one that is new is not.
        if name.contains('@') {
            assert_eq!(Some(&body["extensions"][0]["extension"]["role"]), role.as_ref(), "{name}");
        }
    }
}

#[test]
fn a_context_is_what_its_user_asks_for_and_what_it_was_can_be_added_again() {
    for recorded in [true, false] {
        let desk = desk_with_all();
        let all = names(&desk);
        let user = context(&desk.kubeconfig(), ADMIN)["user"].as_str().expect("a name").to_owned();
        let mut config = desk.kubeconfig();
        let users = config["users"].as_sequence_mut().expect("users");
        let args = &mut users.iter_mut().find(|entry| entry["name"] == user.as_str()).expect("it")["user"]["exec"];
        let args = args["args"].as_sequence_mut().expect("args");
        let place = args.iter().position(|word| word == "EKSAdmin").expect("the role");
        args[place] = "Other".into();
        desk.write(".kube/config", &serde_yaml::to_string(&config).expect("YAML"));
        if !recorded {
            forget_record(&desk);
        }
        let changed = desk.kubeconfig();
        for command in [&SYNC_ALL[..], &ADD_ADMIN, &SYNC_ALL, &ADD_ADMIN] {
            let done = desk.run(command).ok();
            assert_no_context_lies(&desk);
            let config = desk.kubeconfig();
            for list in ["contexts", "users", "clusters"] {
                for entry in changed[list].as_sequence().expect("a list") {
                    assert!(config[list].as_sequence().expect("a list").contains(entry), "{command:?}: {entry:?}");
                }
            }
            assert!(done.err.contains(&format!("`{ADMIN}` keeps its user")), "{command:?}: {}", done.err);
            assert_eq!(names(&desk).len(), all.len() + 1, "{:?}", names(&desk));
        }
        let fresh = names(&desk).into_iter().find(|name| !all.contains(name)).expect("a new one");
        let whoami = desk.run(&["whoami", &fresh]).ok();
        assert!(whoami.out.contains("EKSAdmin"), "{}", whoami.out);
    }
}
