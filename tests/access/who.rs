//! `eksso access` in the world as it should be, and where somebody left or something is hidden.

use eksso_simulator::World;
use eksso_simulator::access::{DirectoryGroup, IamUser, RawEntry};
use eksso_simulator::practice::{PRODUCTION, STAGING};
use serde_json::Value;

use crate::access::views::HOSTILE;
use crate::support::Desk;

fn practice() -> Desk {
    Desk::signed_in_to(World::practice())
}

fn rows(json: &Value) -> &Vec<Value> {
    json.as_array().expect("rows")
}

fn find<'v>(json: &'v Value, cluster: &str, role: &str) -> &'v Value {
    let found = rows(json).iter().find(|row| row["cluster"] == cluster && row["role"] == role);
    found.unwrap_or_else(|| panic!("{role} in {cluster}: {json:#}"))
}

#[test]
fn the_table_goes_from_people_to_rights_and_says_what_it_leaves_out_and_cuts() {
    let desk = practice();
    let shown = desk.run(&["access"]).ok();
    let line = |role: &str| {
        shown.out.lines().find(|line| line.contains(role)).unwrap_or_else(|| panic!("{}", shown.out)).to_owned()
    };
    for (role, words) in [
        ("EKSDeveloper", ["EKS Developers (2)", "Edit:payments", "Identity Center", "alive"]),
        ("EKSClusterAdmin", ["EKS Admins (1)", "ClusterAdmin", "platform", "alive"]),
        ("ci-deploy", ["Edit:payments", "OIDC", "token.actions.githubusercontent.com", "alive"]),
    ] {
        words.iter().for_each(|word| assert!(line(role).contains(word), "{word}: {}", shown.out));
    }
    assert!(shown.out.contains("Production/payments (222222222222, eu-west-1)\n"), "{}", shown.out);
    assert!(!shown.out.contains("AWSServiceRoleForAmazonEKS") && shown.err.contains("of AWS's own"), "{}", shown.err);
    assert!(!shown.err.contains("could not be read"), "{}", shown.err);
    // On a terminal of 80 columns nothing is longer, the state is whole, and the cuts are counted.
    desk.person().reads = true;
    let narrow = desk.run(&["access", "payments"]).ok();
    assert!(narrow.out.lines().all(|line| line.chars().count() <= 80), "{}", narrow.out);
    assert!(
        narrow.out.contains('…') && narrow.err.contains("cut to the width of this terminal"),
        "{}{}",
        narrow.out,
        narrow.err
    );
    assert_eq!(narrow.out.matches("alive").count(), 6, "{}", narrow.out);
    // On one of 60, what the table is read for is whole, and columns that went for it are named.
    desk.person().columns = 60;
    let narrow = desk.run(&["access", "payments"]).ok();
    assert!(narrow.out.lines().all(|line| line.chars().count() <= 60), "{}", narrow.out);
    assert!(narrow.out.matches("Edit:payments").count() >= 2 && narrow.out.contains("ClusterAdmin"), "{}", narrow.out);
    assert!(narrow.err.contains("MAPPED AS, WAY IN left out"), "{}", narrow.err);
    desk.run(&["access", "nothing-like-it"]).fails(5, &["nothing-like-it"]);
}

#[test]
fn json_csv_and_graphs_say_the_same_and_name_their_evidence() {
    let desk = practice();
    let json = desk.run(&["access", "-o", "json"]).ok().json();
    let row = find(&json, "payments", "EKSDeveloper");
    for (field, value) in [
        ("session", "corp"),
        ("account_id", PRODUCTION),
        ("account_name", "Production"),
        ("region", "eu-west-1"),
        ("arn", "arn:aws:eks:eu-west-1:222222222222:cluster/payments"),
        ("mapped_by", "access_entry"),
        ("principal_kind", "permission_set"),
        ("user", "eksdeveloper:{{SessionName}}"),
        ("state", "alive"),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!(row["people"], serde_json::json!(["bob@example.com", "carol@example.com"]));
    assert_eq!(row["people_groups"], serde_json::json!(["EKS Developers"]));
    assert_eq!(row["rights"], serde_json::json!(["AmazonEKSEditPolicy:payments"]));
    let evidence = row["evidence"].to_string();
    assert!(evidence.contains("eks:") && evidence.contains("by 222222222222/SecurityAudit at "), "{evidence}");
    let is_flat =
        |value: &Value| !value.is_object() && value.as_array().is_none_or(|list| list.iter().all(Value::is_string));
    assert!(rows(&json).iter().all(|row| row.as_object().expect("an object").values().all(is_flat)), "flat");
    assert!(rows(&json).iter().any(|row| row["aws_own"] == true), "JSON has AWS's own");

    let csv = desk.run(&["access", "payments", "-o", "csv"]).ok().out;
    let bob: Vec<&str> = csv.lines().filter(|line| line.contains("\"bob@example.com\"")).collect();
    assert_eq!(bob.len(), 1, "{csv}");
    assert!(bob[0].contains("\"EKS Developers\"") && bob[0].contains("\"AmazonEKSEditPolicy:payments\""), "{}", bob[0]);
    assert!(csv.ends_with("\r\n") && csv.starts_with("\"session\","), "{csv}");

    let names = desk.run(&["access", "payments", "-o", "name"]).ok().out;
    assert!(names.lines().any(|line| line == "arn:aws:iam::222222222222:role/eks/ci-deploy"), "{names}");
    let mermaid = desk.run(&["access", "payments", "--mermaid"]).ok().out;
    assert!(mermaid.starts_with("flowchart LR\n") && mermaid.contains("EKS Developers (2 people)"), "{mermaid}");
    let dot = desk.run(&["access", "payments", "--dot"]).ok().out;
    assert!(dot.starts_with("digraph access {\n") && dot.contains("Edit:payments"), "{dot}");

    let page = desk.path("access.html");
    let shown = desk.run(&["access", "--html", &page.display().to_string()]).ok();
    assert!(shown.out.is_empty() && shown.err.contains("Wrote"), "{}", shown.err);
    let html = desk.read("access.html");
    assert!(html.contains("default-src 'none'") && html.contains("bob@example.com"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&page).expect("a file").permissions().mode() & 0o777, 0o600);
    }
}

/// The account of Identity Center holds no cluster; who may use its roles is asked as of all others, and what is refused is told
/// by every command that stands on it.
#[test]
fn who_is_entitled_is_asked_of_every_account_that_is_read_and_a_refusal_is_told_by_access_itself() {
    let desk = practice();
    let asks = desk.run(&["access", "--who", "carol@example.com"]).ok();
    assert!(!asks.err.contains("nobody asked"), "{}", asks.err);
    let mut world = World::practice();
    world.access.denied.push(("SecurityAudit".into(), "account-access:*".into()));
    let desk = Desk::signed_in_to(world);
    let shown = desk.run(&["access"]).ok();
    assert!(shown.err.contains("entitlements of the account access manager of"), "{}", shown.err);
}

#[test]
fn who_can_answers_with_the_whole_path_and_counts_who_cannot() {
    let desk = practice();
    let shown = desk.run(&["access", "payments", "--who-can", "create", "pods/exec", "-n", "payments"]).ok();
    for words in [
        "Production/payments (eu-west-1): create pods/exec in namespace payments",
        "yes     EKS Developers (2) → permission set EKSDeveloper → access entry → access policy AmazonEKSEditPolicy in payments",
        "yes     EKS Admins (1) → permission set EKSClusterAdmin → access entry → access policy AmazonEKSClusterAdminPolicy",
        "  no      ",
    ] {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    assert!(shown.err.contains(" no, 0 unknown"), "{}", shown.err);
    // By a group and a binding.
    let shown = desk.run(&["access", "payments", "--who-can", "list", "clusterroles"]).ok();
    let words = "Security (1) → permission set SecurityAudit → access entry → group eksso-auditors → binding eksso-auditor → eksso-auditor";
    assert!(shown.out.contains(words), "{}", shown.out);
    let json = desk
        .run(&["access", "payments", "--who-can", "create", "pods/exec", "-n", "payments", "-o", "json"])
        .ok()
        .json();
    assert_eq!(find(&json, "payments", "EKSViewer")["can"], "no");
    assert_eq!(find(&json, "payments", "EKSDeveloper")["can"], "yes");
    let shown = desk.run(&["access", "--who-can", "fly", "pods"]).ok();
    assert!(shown.err.contains("`fly` is no verb that eksso knows"), "{}", shown.err);
    desk.run(&["access", "--who-can", "get", "pods", "-n", "No"]).fails(2, &["No"]);
}

#[test]
fn who_shows_all_that_a_person_a_group_or_a_role_reaches() {
    let desk = practice();
    for who in ["carol@example.com", "EKS Developers", "EKSDeveloper"] {
        let json = desk.run(&["access", "--who", who, "-o", "json"]).ok().json();
        for cluster in ["payments", "staging"] {
            assert_eq!(find(&json, cluster, "EKSDeveloper")["item"], "reach", "{who}");
        }
        assert!(rows(&json).iter().all(|row| row["role"] != "EKSClusterAdmin"), "{who}");
        assert!(rows(&json).iter().all(|row| row["item"] == "reach"), "{who} has not left");
    }
    let shown = desk.run(&["access", "--who", "carol@example.com"]).ok();
    assert!(
        shown.out.contains("carol@example.com: a user of the directory") && shown.out.contains("may sign in"),
        "{}",
        shown.out
    );
    assert!(shown.out.contains("group EKS Viewers") && !shown.out.contains("to revoke"), "{}", shown.out);
    desk.run(&["access", "--who", "EKSDevelopr"]).fails(5, &["nobody and nothing is known", "EKSDeveloper"]);
    // A person whom the directory does not know may have left, or be misspelt.
    let known = ["no directory that was read knows `carl@example.com`", "did you mean `carol@example.com`"];
    let shown = desk.run(&["access", "--who", "carl@example.com"]).fails(5, &known);
    assert!(shown.out.contains("no directory that could be read knows it"), "{}", shown.out);
    assert!(shown.out.contains("their portal sessions in d-") && !shown.out.contains("()"), "{}", shown.out);
}

#[test]
fn somebody_who_left_leaves_a_list_of_what_lives_what_to_revoke_and_which_ways_pass_the_directory_by() {
    let mut world = World::practice();
    world.access.people.iter_mut().filter(|user| user.name == "bob@example.com").for_each(|user| user.enabled = false);
    world.access.users.push(IamUser {
        account: STAGING.into(),
        name: "bob".into(),
        inline: vec![],
        attached: vec![],
        groups: vec![],
    });
    let staging = world.clusters.iter_mut().find(|cluster| cluster.name == "staging").expect("the cluster");
    staging.eks.entries.push(RawEntry::new("arn:aws:iam::333333333333:user/bob"));
    let desk = Desk::signed_in_to(world);
    let shown = desk.run(&["access", "--who", "bob@example.com"]).ok();
    for words in [
        "disabled in the directory",
        "may still live",
        "at most 8 h 0 min",
        "at most 15 min",
        "to revoke",
        "# member of the group EKS Developers",
        "aws identitystore delete-group-membership",
        "--membership-id \"$(aws identitystore get-group-membership-id",
        "ways in that do not pass the directory",
        "arn:aws:iam::333333333333:user/bob: access keys or a password of the IAM user",
        "named like them",
        "arn:aws:iam::222222222222:role/eks/ci-deploy: OIDC",
    ] {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    let json = desk.run(&["access", "--who", "bob@example.com", "-o", "json"]).ok().json();
    let items: std::collections::BTreeSet<&str> = rows(&json).iter().filter_map(|row| row["item"].as_str()).collect();
    assert_eq!(items.into_iter().collect::<Vec<_>>(), ["living", "other_way", "reach", "revoke"]);
    // Somebody whom the directory does not know, but an IAM user is named like.
    let mut world = World::practice();
    let staging = world.clusters.iter_mut().find(|cluster| cluster.name == "staging").expect("the cluster");
    staging.eks.entries.push(RawEntry::new("arn:aws:iam::333333333333:user/zoe"));
    world.access.users.push(IamUser {
        account: STAGING.into(),
        name: "zoe".into(),
        inline: vec![],
        attached: vec![],
        groups: vec![],
    });
    let desk = Desk::signed_in_to(world);
    let shown = desk.run(&["access", "--who", "zoe@example.com"]).fails(5, &["no directory that was read"]);
    assert!(
        shown.out.contains("no directory that could be read knows it") && shown.out.contains("user/zoe"),
        "{}",
        shown.out
    );
}

#[test]
fn what_is_hidden_is_listed_and_counted_and_never_shown_as_nothing() {
    let mut world = World::practice();
    for action in ["iam:*", "identitystore:*", "sso:*"] {
        world.access.denied.push(("SecurityAudit".into(), action.into()));
    }
    for cluster in &mut world.clusters {
        cluster.rbac.readers = Some(vec![]);
    }
    let desk = Desk::signed_in_to(world);
    let shown = desk.run(&["access"]).ok();
    for words in ["could not be read; what follows from it is `?` or unknown", "IAM roles of", "ClusterRoleBindings of"]
    {
        assert!(shown.err.contains(words), "{words}: {}", shown.err);
    }
    assert!(!shown.out.contains(" alive") && shown.out.contains("unknown") && shown.out.contains('?'), "{}", shown.out);
    let json = desk.run(&["access", "-o", "json"]).ok().json();
    let row = find(&json, "payments", "EKSDeveloper");
    for field in ["rights_unknown", "people_unknown", "why"] {
        assert!(row[field].is_string(), "{field}: {row:#}");
    }
    assert_eq!(row["rights"], serde_json::json!(["AmazonEKSEditPolicy:payments"]), "a policy stands in the mapping");
    let shown = desk.run(&["access", "--who-can", "get", "pods", "-n", "payments"]).ok();
    assert!(
        shown.out.contains("unknown SecurityAudit") && !shown.err.contains(" 0 unknown"),
        "{}{}",
        shown.out,
        shown.err
    );
    // Of no cluster the mappings.
    desk.simulator.state().world.access.denied.push(("SecurityAudit".into(), "eks:*AccessEntries".into()));
    desk.simulator.state().world.access.denied.push(("SecurityAudit".into(), "eks:ListAccessEntries".into()));
    let shown = desk.run(&["access", "--refresh"]).ok();
    assert!(shown.out.contains("unknown") && shown.err.contains("access entries"), "{}{}", shown.out, shown.err);
    // "Nobody" would be no answer to a question.
    let none = ["of no cluster can be read who is let in", "access entries"];
    desk.run(&["access", "--who-can", "get", "pods"]).fails(4, &none);
}

#[test]
fn a_snapshot_of_now_and_one_of_later_tell_what_changed() {
    let desk = practice();
    let [old, new] = ["old.json", "new.json"].map(|name| desk.path(name).display().to_string());
    let shown = desk.run(&["access", "snapshot", &old]).ok();
    assert!(shown.out.is_empty() && shown.err.contains("2 clusters"), "{}", shown.err);
    desk.run(&["access", "snapshot", &new, "--refresh"]).ok();
    let shown = desk.run(&["access", "diff", &old, &new, "--exit-code"]).ok();
    assert!(shown.out.is_empty(), "{}", shown.out);
    let same = |text: String| {
        text.lines()
            .filter(|line| !line.contains("\"at\"") && !line.contains("\"taken\""))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(same(desk.read("old.json")), same(desk.read("new.json")), "the order is stable");
    for secret in ["sim-secret", "ASIA", "SessionToken", "aws_secret"] {
        assert!(!desk.read("old.json").contains(secret), "{secret}");
    }
    {
        let mut state = desk.simulator.state();
        let groups = &mut state.world.access.directory_groups;
        let developers = groups.iter_mut().find(|group| group.name == "EKS Developers").expect("the group");
        *developers = DirectoryGroup::new("EKS Developers", &["bob@example.com", "dave@example.com"]);
    }
    std::fs::remove_file(&new).expect("the file");
    desk.run(&["access", "snapshot", &new, "--refresh"]).ok();
    let json = desk.run(&["access", "diff", &old, &new, "-o", "json"]).ok().json();
    let told: Vec<(&str, &str, &str)> = rows(&json)
        .iter()
        .map(|row| {
            (
                row["who"].as_str().expect("who"),
                row["change"].as_str().expect("what"),
                row["cluster"].as_str().expect("where"),
            )
        })
        .collect();
    for cluster in ["payments", "staging"] {
        assert!(told.contains(&("carol@example.com", "lost", cluster)), "{told:?}");
        assert!(told.contains(&("dave@example.com", "gained", cluster)), "{told:?}");
    }
    assert_eq!(told.len(), 4, "{told:?}");
}

#[test]
fn a_report_never_takes_the_place_of_a_file_that_is_there() {
    let desk = practice();
    let kept = desk.write("2026-11.json", "the record of November");
    desk.write("2026-11-2.json", "another");
    let kept = kept.display().to_string();
    let folder = desk.home.path().display().to_string();
    let asked = desk.simulator.total();
    for args in [
        &["access", "snapshot"][..],
        &["access", "--html"],
        &["access", "--who", "bob@example.com", "--html"],
        &["audit", "--html"],
        &["doctor", "--bundle"],
    ] {
        let refused = desk.run(&[args, &[&kept]].concat()).fails(2, &["is there already; a report is a new file"]);
        assert!(refused.err.contains("2026-11-3.json"), "a name that is free: {}", refused.err);
        desk.run(&[args, &[&folder]].concat()).fails(2, &["is there already"]);
    }
    assert_eq!((desk.read("2026-11.json").as_str(), desk.simulator.total()), ("the record of November", asked));
}

#[test]
fn hostile_names_of_people_and_groups_stay_text_in_every_form() {
    let mut world = World::practice();
    for cluster in &mut world.clusters {
        for mapping in &mut cluster.mappings {
            mapping.groups.extend(HOSTILE.map(str::to_owned));
        }
    }
    for (number, text) in HOSTILE.iter().enumerate() {
        let members = format!("{text}{number}");
        world.access.people.push(eksso_simulator::access::DirectoryUser::new(&members));
        let developers =
            world.access.directory_groups.iter_mut().find(|group| group.name == "EKS Developers").expect("the group");
        developers.members.push(eksso_simulator::access::directory_id(&members));
    }
    let desk = Desk::signed_in_to(world);
    let page = desk.path("access.html").display().to_string();
    for args in [
        &["access"][..],
        &["access", "-o", "csv"],
        &["access", "--mermaid"],
        &["access", "--dot"],
        &["access", "--who", "EKS Developers"],
        &["access", "--who-can", "get", "pods", "-n", "payments"],
        &["access", "--html", &page],
    ] {
        let shown = desk.run(args).ok();
        for text in [&shown.out, &shown.err] {
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{args:?}: {text:?}");
        }
    }
    assert_eq!(desk.read("access.html").matches("<script").count(), 2);
}

#[test]
fn a_key_of_aws_auth_in_other_letters_lets_nobody_in_and_is_told() {
    let mut world = World::practice();
    let staging = world.clusters.iter_mut().find(|cluster| cluster.name == "staging").expect("the cluster");
    staging.mode = "API_AND_CONFIG_MAP".into();
    staging.eks.aws_auth = Some([String::new(), String::new(), String::new()]);
    let line = "- userarn: arn:aws:iam::333333333333:user/bob\n  groups: [system:masters]\n";
    staging.eks.other_keys = vec![("mapusers".into(), line.into())];
    staging.readers.push("SecurityAudit".into());
    let desk = Desk::signed_in_to(world);
    let shown = desk.run(&["access", "staging"]).ok();
    assert!(!shown.out.contains("user/bob"), "{}", shown.out);
    assert!(
        shown.err.contains("333333333333/staging: the key mapusers of aws-auth is none that the authenticator knows"),
        "{}",
        shown.err
    );
    let audit = desk.run(&["audit", "staging", "--rule", "aws-auth-broken"]);
    assert!(audit.out.contains("mapusers"), "{}{}", audit.out, audit.err);
}
