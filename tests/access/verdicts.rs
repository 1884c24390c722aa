//! Who is let in: what eksso says against what the cluster does, and what it does not pretend to know.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::Desk;
use eksso_simulator::access::{IamRole, RawEntry};
use eksso_simulator::{Cluster, Fault, Mapping, MappingKind, World};
use serde_json::Value;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// A world of one account with two roles and these clusters.
fn world(clusters: Vec<Cluster>) -> World {
    let mut world = World::small();
    world.accounts.truncate(1);
    world.clusters = clusters;
    world
}

fn cluster(name: &str, mode: &str, mappings: &[(&str, MappingKind)]) -> Cluster {
    let mut cluster = Cluster::new(ACCOUNT, REGION, name, &[]);
    cluster.mode = mode.into();
    cluster.mappings = mappings.iter().map(|(role, kind)| Mapping::new(role, *kind)).collect();
    cluster
}

/// A desk whose session is one of the world's provider.
fn signed_in(world: World) -> Desk {
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk
}

fn rows(desk: &Desk, more: &[&str]) -> Vec<Value> {
    let args = [&["clusters", "--region=eu-west-1", "-o", "json"], more].concat();
    desk.run(&args).ok().json().as_array().expect("an array").clone()
}

fn row<'r>(rows: &'r [Value], cluster: &str, role: &str) -> &'r Value {
    let found = rows.iter().find(|row| row["cluster"] == cluster && row["role"] == role);
    found.unwrap_or_else(|| panic!("no {cluster} × {role} in {rows:#?}"))
}

fn mapped(rows: &[Value], cluster: &str, role: &str) -> (String, String) {
    let row = row(rows, cluster, role);
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (text("mapped"), text("mapped_reason"))
}

fn token(desk: &Desk, cluster: &str, role: &str) -> String {
    let (cluster, role) = (format!("--cluster={cluster}"), format!("--role={role}"));
    let account = format!("--account={ACCOUNT}");
    let args = ["token", "--session=corp", "--region=eu-west-1", &cluster, &account, &role];
    desk.run(&args).ok().json()["status"]["token"].as_str().expect("a token").to_owned()
}

/// Every mode × every kind of entry × whether aws-auth may be read, × whether entries may be, × both ways in.
#[test]
fn the_truth_table_of_mapping_agrees_with_the_cluster() {
    use MappingKind::{
        Account, AwsAuth, AwsAuthAgain, AwsAuthInCapitals, AwsAuthMerged, AwsAuthWithPath, Creator, Entry,
        NamesakeEntry, NamesakeLine, NodeEntry, NodeLine, OldEntry, StaleEntry, UserLine,
    };
    let kinds: [&[MappingKind]; 24] = [
        &[],
        &[Entry],
        &[OldEntry],
        &[StaleEntry],
        &[AwsAuth],
        &[AwsAuthWithPath],
        &[OldEntry, Entry],
        &[Entry, AwsAuth],
        &[OldEntry, AwsAuth],
        &[AwsAuthInCapitals],
        &[AwsAuthMerged],
        &[AwsAuth, AwsAuthAgain],
        &[UserLine],
        &[NodeLine],
        &[NodeEntry],
        &[NodeEntry, AwsAuth],
        &[Account],
        &[NodeLine, Account],
        &[NamesakeEntry],
        &[NamesakeLine],
        &[NamesakeEntry, AwsAuth],
        &[Creator],
        // With mapRoles that is no YAML.
        &[Account],
        &[AwsAuth],
    ];
    let broken_from = 22;
    let mut clusters = Vec::new();
    for mode in ["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"] {
        for (number, kinds) in kinds.iter().enumerate() {
            for sees in [true, false] {
                // The other role is always let in; it is the one that looks.
                let way = match mode {
                    "CONFIG_MAP" if number >= broken_from => UserLine,
                    "CONFIG_MAP" => AwsAuth,
                    _ => Entry,
                };
                let mut made = cluster(&format!("{mode}-{number}-{sees}"), mode, &[("EKSViewer", way)]);
                made.mappings.extend(kinds.iter().map(|kind| Mapping::new("EKSAdmin", *kind)));
                made.broken_map_roles = number >= broken_from;
                if sees {
                    made.readers = vec!["EKSViewer".into(), "EKSAdmin".into()];
                }
                clusters.push(made);
            }
        }
    }
    for (dedicated, may_see_entries) in [(false, true), (false, false), (true, true), (true, false)] {
        let mut world = world(clusters.clone());
        if dedicated {
            // There the namesake is the role itself.
            world
                .clusters
                .retain(|cluster| cluster.mappings.iter().all(|m| ![NamesakeEntry, NamesakeLine].contains(&m.kind)));
            world.dedicated = true;
        }
        if !may_see_entries {
            world.accounts[0].without_entries = vec!["EKSAdmin".into(), "EKSViewer".into()];
        }
        let desk = signed_in(world.clone());
        // Both roles' credentials are at hand.
        for role in ["EKSViewer", "EKSAdmin"] {
            desk.run(&["credentials", "--account", ACCOUNT, "--role", role]).ok();
        }
        let truth = |name: &str| desk.simulator.authenticate(ACCOUNT, REGION, name, &token(&desk, name, "EKSAdmin"));
        let truths: Vec<(String, Result<Value, String>)> =
            world.clusters.iter().map(|cluster| (cluster.name.clone(), truth(&cluster.name))).collect();
        for verify in [false, true] {
            let mut more = vec!["--role=EKSAdmin"];
            more.extend(verify.then_some("--verify"));
            let rows = rows(&desk, &more);
            assert_eq!(rows.len(), world.clusters.len());
            let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
            for (name, truth) in &truths {
                let row = row(&rows, name, "EKSAdmin");
                let said = row["mapped"].as_str().expect("a word");
                let number: usize = name.split('-').nth(1).expect("a number").parse().expect("a number");
                let has_stale_entry = kinds[number].contains(&StaleEntry) && !name.starts_with("CONFIG_MAP");
                let groups = |value: &Value| -> Vec<String> {
                    let all = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                    all.filter(|group| *group != "system:authenticated").map(str::to_owned).collect()
                };
                match (said, truth) {
                    ("unknown", _) => unknown.push(name.as_str()),
                    ("yes", Ok(user)) if groups(&row["kubernetes_groups"]) != groups(&user["groups"]) => {
                        wrong.push(format!("{name}: yes as {}, not {user}", row["kubernetes_groups"]));
                    }
                    ("yes", Ok(_)) | ("no", Err(_)) => {}
                    // An entry whose ARN is the present role's cannot be seen to be dead: only the cluster can tell.
                    ("yes", Err(_)) if has_stale_entry && !verify => {
                        assert_eq!(row["mapped_checked"], !dedicated, "{row}");
                    }
                    _ => wrong.push(format!("{name}: {said}, but {truth:?}: {}", row["mapped_reason"])),
                }
                if verify && said == "unknown" {
                    wrong.push(format!("{name}: unknown though it was asked: {}", row["mapped_reason"]));
                }
            }
            let what = format!("dedicated: {dedicated}, entries seen: {may_see_entries}, verify: {verify}");
            assert!(wrong.is_empty(), "{what}\n{}", wrong.join("\n"));
            if may_see_entries && !verify {
                // What both lists show is decided, but for the maker of the cluster, who is in none of them.
                let open = |name: &&&str| name.ends_with("true") && !name.starts_with("CONFIG_MAP");
                let open: Vec<_> = unknown.iter().filter(open).filter(|name| !name.contains("-23-")).collect();
                assert!(open.is_empty(), "{what}: {open:?}");
            }
        }
    }
}

#[test]
fn a_role_that_is_named_like_a_permission_set_is_another_role() {
    let all = ["EKSAdmin", "EKSViewer"].map(|role| (role, MappingKind::NamesakeEntry));
    let desk = signed_in(world(vec![cluster("web", "API", &all)]));
    let found = rows(&desk, &[]);
    assert_eq!(mapped(&found, "web", "EKSAdmin"), ("no".into(), "no access entry names it".into()));
    let verified = rows(&desk, &["--verify"]);
    assert_eq!(mapped(&verified, "web", "EKSAdmin").0, "no");
}

#[test]
fn a_permission_set_that_was_made_again_is_told_with_the_next_credentials() {
    let desk = signed_in(world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)])]));
    let admin = |more: &[&str]| mapped(&rows(&desk, &[&["--role=EKSAdmin"], more].concat()), "web", "EKSAdmin");
    assert_eq!(admin(&[]).0, "yes");
    // Late in the life of the credentials, so that what is known of the cluster is still fresh when they end.
    desk.simulator.advance(2000);
    assert_eq!(admin(&["--verify"]).0, "yes");
    // Made again: the entry is of the role before, and that one's credentials die with it.
    let recreate = || {
        let mut state = desk.simulator.state();
        state.world.recreated = vec!["EKSAdmin".into()];
        state.world.clusters[0].mappings[0].kind = MappingKind::OldEntry;
    };
    recreate();
    desk.simulator.advance(1700);
    let (word, why) = admin(&[]);
    assert_eq!(word, "no", "{why}");
    assert!(why.contains("dead"), "{why}");
    // The entry is made anew within the hour of that answer; a new sign-in and --refresh ask.
    desk.simulator.state().world.clusters[0].mappings[0].kind = MappingKind::Entry;
    assert_eq!(admin(&["--refresh"]).0, "yes");
    desk.simulator.state().world.recreated.clear();
    desk.simulator.state().world.clusters[0].mappings[0].kind = MappingKind::StaleEntry;
    desk.run(&["logout"]).ok();
    desk.simulator.advance(2);
    desk.run(&["login"]).ok();
    let asked = desk.simulator.count("GetCallerIdentity");
    admin(&[]);
    assert!(desk.simulator.count("GetCallerIdentity") > asked, "who stands behind the set is asked after a sign-in");
}

#[test]
fn whoever_may_talk_to_the_cluster_is_let_in_whatever_its_lists_say() {
    let mut made = cluster("made", "CONFIG_MAP", &[("EKSAdmin", MappingKind::Creator)]);
    made.readers = vec!["EKSAdmin".into()];
    let mut unread = cluster("unread", "CONFIG_MAP", &[("EKSAdmin", MappingKind::Creator)]);
    unread.hushed = vec!["EKSAdmin".into()];
    let mut world = world(vec![made, unread]);
    world.accounts[0].roles = vec!["EKSAdmin".into()];
    let desk = signed_in(world);
    let found = rows(&desk, &[]);
    for name in ["made", "unread"] {
        assert_eq!(row(&found, name, "EKSAdmin")["mapped"], "yes", "{found:#?}");
        assert_eq!(row(&found, name, "EKSAdmin")["mapped_by"], "review");
    }
}

#[test]
fn one_who_made_a_cluster_may_be_in_no_list_so_that_only_asking_tells() {
    let mut made =
        cluster("made", "CONFIG_MAP", &[("EKSAdmin", MappingKind::Creator), ("EKSViewer", MappingKind::AwsAuth)]);
    made.readers = vec!["EKSViewer".into()];
    let mut world = world(vec![made]);
    world.accounts[0].without_eks = vec!["EKSAdmin".into()];
    let desk = signed_in(world);
    desk.run(&["credentials", "--account", ACCOUNT, "--role=EKSViewer"]).ok();
    let said = mapped(&rows(&desk, &[]), "made", "EKSAdmin").0;
    assert_ne!(said, "no", "its maker needs no line");
    assert_eq!(mapped(&rows(&desk, &["--verify"]), "made", "EKSAdmin").0, "yes");
}

#[test]
fn a_cluster_that_could_not_be_asked_is_unknown_whatever_its_lists_say_and_counted() {
    let mut world = world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)])]);
    world.cluster_ports = 0;
    let desk = signed_in(world);
    let asked = desk.run(&["clusters", "--region=eu-west-1", "--verify", "-o", "json"]).ok();
    let found = asked.json().as_array().expect("rows").clone();
    let (word, why) = mapped(&found, "web", "EKSAdmin");
    assert_eq!(word, "unknown");
    assert!(
        why.contains("could not be asked: the cluster cannot be reached") && why.contains("lists say yes"),
        "{why}"
    );
    assert_eq!(mapped(&found, "web", "EKSViewer").0, "unknown");
    assert!(asked.err.contains("could not ask for 2 cluster and role pairs"), "{}", asked.err);
    // That it could not be reached is no fact: the lists are what they were.
    assert_eq!(mapped(&rows(&desk, &[]), "web", "EKSAdmin").0, "yes");
}

/// Clusters of one place whose API takes connections and never answers. A thousand take less than a minute
/// (EKSSO_SILENT_CLUSTERS=1000); one round of them is enough every day.
fn silent(mode: &str, mapping: MappingKind) -> (World, TcpListener, usize) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let endpoint = format!("https://{}", listener.local_addr().expect("an address"));
    let number = std::env::var("EKSSO_SILENT_CLUSTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(120);
    let silent = |number: usize| Cluster {
        endpoint: Some(endpoint.clone()),
        ..cluster(&format!("c{number}"), mode, &[("EKSAdmin", mapping)])
    };
    let mut world = world((0..number).map(silent).collect());
    world.cluster_ports = 0;
    (world, listener, number)
}

fn takes_one_round(number: usize, began: Instant) {
    let limit = if number > 120 { 60 } else { 20 };
    assert!(began.elapsed() < Duration::from_secs(limit), "{:?}", began.elapsed());
}

#[test]
fn silent_clusters_are_waited_for_side_by_side_and_once_for_all_roles() {
    let (world, _listener, number) = silent("API", MappingKind::Entry);
    let desk = signed_in(world);
    rows(&desk, &[]);
    let began = Instant::now();
    let found = rows(&desk, &["--verify"]);
    takes_one_round(number, began);
    assert!(found.len() == 2 * number && found.iter().all(|row| row["mapped"] == "unknown"));
}

#[test]
fn silent_clusters_with_aws_auth_are_waited_for_side_by_side() {
    let (world, _listener, number) = silent("CONFIG_MAP", MappingKind::AwsAuth);
    let desk = signed_in(world);
    let began = Instant::now();
    let found = rows(&desk, &[]);
    takes_one_round(number, began);
    assert_eq!(found.len(), 2 * number);
    let (word, why) = mapped(&found, "c7", "EKSAdmin");
    assert_eq!(word, "unknown");
    assert!(why.contains("the cluster cannot be reached"), "{why}");
}

#[test]
fn a_refusal_beside_an_entry_is_certain_only_when_another_role_gets_in() {
    let both = [("EKSAdmin", MappingKind::Entry), ("EKSViewer", MappingKind::Entry)];
    let mut cut_off = cluster("cut-off", "API", &both);
    cut_off.cut_off = true;
    let mut late = cluster("late", "API", &both);
    late.not_yet = vec!["EKSAdmin".into()];
    let desk = signed_in(world(vec![cut_off, late]));
    let found = rows(&desk, &["--verify"]);
    let (word, why) = mapped(&found, "cut-off", "EKSAdmin");
    assert_eq!(word, "unknown");
    assert!(why.starts_with("refused (401) although an entry names it: STS takes its token"), "{why}");
    let (word, why) = mapped(&found, "late", "EKSAdmin");
    assert_eq!(word, "no");
    assert!(why.starts_with("refused (401) although an entry names it, while another role got in"), "{why}");
    // Another role that is at hand is asked for that alone.
    let alone = rows(&desk, &["--verify", "--role=EKSAdmin"]);
    assert_eq!(mapped(&alone, "late", "EKSAdmin").0, "no");
    // Refusals of listed roles are not kept.
    desk.simulator.state().world.clusters.iter_mut().for_each(|cluster| cluster.cut_off = false);
    let found = rows(&desk, &[]);
    assert_eq!(mapped(&found, "cut-off", "EKSAdmin").0, "yes");
    assert_eq!(mapped(&found, "late", "EKSAdmin").0, "yes");
}

#[test]
fn a_token_that_sts_does_not_take_is_told_from_a_mapping() {
    let mut late = cluster("late", "API", &[("EKSAdmin", MappingKind::Entry), ("EKSViewer", MappingKind::Entry)]);
    late.not_yet = vec!["EKSAdmin".into()];
    let desk = signed_in(world(vec![late]));
    let bad = r#"{"Error":{"Code":"SignatureDoesNotMatch"}}"#;
    desk.simulator.fault_where("GetCallerIdentity", "X-Amz-Signature", 9, Fault::Error(403, "", bad));
    let (word, why) = mapped(&rows(&desk, &["--verify"]), "late", "EKSAdmin");
    assert_eq!(word, "unknown");
    assert!(why.contains("STS does not take its token either (SignatureDoesNotMatch)"), "{why}");
    desk.simulator.state().world.clusters[0].cut_off = true;
    desk.simulator.fault_where(
        "GetCallerIdentity",
        "X-Amz-Signature",
        9,
        Fault::Error(400, "", r#"{"Error":{"Code":"Throttling"}}"#),
    );
    let judged = desk.simulator.state().requests.iter().filter(|call| call.target.contains("X-Amz-Signature")).count();
    assert!(judged > 0);
}

#[test]
fn an_entry_that_is_listed_and_cannot_be_looked_into_is_unknown() {
    let both = [("EKSAdmin", MappingKind::Entry), ("EKSViewer", MappingKind::Entry)];
    for (status, code, word, again) in [
        (403, "AccessDeniedException", "unknown", "unknown"),
        (429, "ThrottlingException", "unknown", "yes"),
        (404, "ResourceNotFoundException", "no", "no"),
    ] {
        let desk = signed_in(world(vec![cluster("web", "API", &both)]));
        let fault = Fault::Error(status, code, r#"{"message":"odd"}"#);
        desk.simulator.fault_where("DescribeAccessEntry", "EKSAdmin", 3, fault);
        let found = rows(&desk, &[]);
        assert_eq!(mapped(&found, "web", "EKSAdmin").0, word, "{status}");
        assert_eq!(mapped(&found, "web", "EKSViewer").0, "yes", "{status}");
        // What only could not be asked is asked again.
        assert_eq!(mapped(&rows(&desk, &[]), "web", "EKSAdmin").0, again, "{status}");
    }
}

#[test]
fn lists_that_could_not_be_had_are_asked_for_again() {
    let mut far =
        cluster("far", "CONFIG_MAP", &[("EKSAdmin", MappingKind::AwsAuth), ("EKSViewer", MappingKind::AwsAuth)]);
    far.readers = vec!["EKSAdmin".into(), "EKSViewer".into()];
    far.endpoint = Some("https://127.0.0.1:1".into());
    let near = cluster("near", "API", &[("EKSAdmin", MappingKind::Entry)]);
    let desk = signed_in(world(vec![far, near]));
    let fault = Fault::Error(503, "ServiceUnavailableException", r#"{"message":"later"}"#);
    desk.simulator.fault("ListAccessEntries", 3, fault);
    let found = rows(&desk, &[]);
    assert_eq!(mapped(&found, "far", "EKSAdmin").0, "unknown");
    assert_eq!(mapped(&found, "near", "EKSAdmin").0, "unknown");
    desk.simulator.state().world.clusters[0].endpoint = None;
    let found = rows(&desk, &[]);
    assert_eq!(mapped(&found, "far", "EKSAdmin").0, "yes");
    assert_eq!(mapped(&found, "near", "EKSAdmin").0, "yes");
}

#[test]
fn what_the_index_dates_in_the_future_is_looked_at_again() {
    let desk = signed_in(world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)])]));
    // A clock that was wrong by two days.
    desk.simulator.advance(2 * 24 * 3600);
    desk.run(&["login", "--force"]).ok();
    assert_eq!(mapped(&rows(&desk, &[]), "web", "EKSAdmin").0, "yes");
    desk.simulator.advance(-2 * 24 * 3600);
    desk.run(&["login", "--force"]).ok();
    desk.simulator.state().world.clusters[0].mappings.clear();
    assert_eq!(mapped(&rows(&desk, &[]), "web", "EKSAdmin").0, "no");
}

#[test]
fn a_mistyped_cluster_is_not_kept_and_names_are_taken_in_any_case() {
    let desk = signed_in(world(vec![cluster("Web-1", "API", &[("EKSAdmin", MappingKind::Entry)])]));
    let pair = ["--account=production", "--role=eksadmin", "--region=EU-WEST-1"];
    let named = |cluster: &'static str| desk.run(&[&["clusters", "-o", "json"], &pair[..], &[cluster]].concat());
    assert_eq!(named("--cluster=wEB-1").ok().json()[0]["cluster"], "Web-1");
    named("--cluster=wbe").fails(5, &["cluster", "`wbe`"]);
    desk.simulator.state().world.accounts[0].without_describe = vec!["EKSAdmin".into()];
    let denied = desk.run(&[&["clusters", "-o", "json", "--refresh"], &pair[..], &["--cluster=wbe"]].concat());
    denied.fails(4, &["may not describe the cluster `wbe`"]);
    desk.simulator.state().world.accounts[0].without_describe.clear();
    assert!(rows(&desk, &[]).iter().all(|row| row["cluster"] == "Web-1"));
}

#[test]
fn a_dead_entry_beside_a_good_line_is_decided_in_the_first_run() {
    let all =
        [("EKSAdmin", MappingKind::OldEntry), ("EKSAdmin", MappingKind::AwsAuth), ("EKSViewer", MappingKind::Entry)];
    let mut both = cluster("both", "API_AND_CONFIG_MAP", &all);
    both.readers = vec!["EKSAdmin".into(), "EKSViewer".into()];
    let desk = signed_in(world(vec![both]));
    let found = rows(&desk, &["--role=EKSAdmin"]);
    assert_eq!(row(&found, "both", "EKSAdmin")["mapped"], "yes", "{found:#?}");
    assert!(["aws-auth", "review"].map(Value::from).contains(&row(&found, "both", "EKSAdmin")["mapped_by"]));
}

#[test]
fn a_streamed_row_is_final() {
    let both = [("EKSAdmin", MappingKind::StaleEntry), ("EKSViewer", MappingKind::Entry)];
    let old = [("EKSAdmin", MappingKind::OldEntry), ("EKSViewer", MappingKind::Entry)];
    let clusters = || vec![cluster("a", "API", &both), cluster("b", "API", &old), cluster("c", "API", &both)];
    for more in [&["--verify"][..], &["--role=EKSAdmin", "--role=EKSViewer"]] {
        let desk = signed_in(world(clusters()));
        let args = [&["clusters", "--region=eu-west-1", "-o", "json", "--stream"], more].concat();
        let streamed = desk.run(&args).ok().out;
        let mut streamed: Vec<Value> = streamed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        // Each row once, with what a list at the end of the same search says.
        assert_eq!(streamed.len(), 6);
        let word = |name: &str| mapped(&streamed, name, "EKSAdmin").0;
        let stale = if more == ["--verify"] { "no" } else { "yes" };
        assert_eq!([word("a"), word("b"), word("c")], [stale, "no", stale]);
        streamed.sort_by_key(Value::to_string);
        streamed.dedup();
        assert_eq!(streamed.len(), 6);
    }
}

/// The calls that tell which IAM role stands behind a permission set: ListRoles, and the credentials of roles.
fn asked(desk: &Desk) -> [usize; 2] {
    ["iam:ListRoles", "GetRoleCredentials"].map(|operation| desk.simulator.count(operation))
}

#[test]
fn dead_entries_are_told_apart_by_one_list_of_roles_an_account_and_without_further_credentials() {
    use MappingKind::{AwsAuth, Entry, OldEntry};
    let mut made = world(vec![]);
    made.accounts.push(made.accounts[0].clone());
    made.accounts[1].id = "444455556666".into();
    made.accounts[1].name = "staging".into();
    // With more roles than a page has.
    made.page_size = 1;
    for account in [ACCOUNT, "444455556666"] {
        for region in [REGION, "us-east-1"] {
            for (name, kinds) in [("alive", &[Entry][..]), ("dead", &[OldEntry]), ("both", &[OldEntry, AwsAuth])] {
                let mut cluster = Cluster::new(account, region, name, &[]);
                cluster.mode = if name == "both" { "API_AND_CONFIG_MAP" } else { "API" }.into();
                cluster.mappings = kinds.iter().map(|kind| Mapping::new("EKSAdmin", *kind)).collect();
                cluster.mappings.push(Mapping::new("EKSViewer", Entry));
                cluster.readers = vec!["EKSViewer".into()];
                made.clusters.push(cluster);
            }
        }
    }
    let desk = signed_in(made);
    let before = asked(&desk);
    let all = desk.run(&["clusters", "-o", "json"]).ok().json().as_array().expect("an array").clone();
    let more = asked(&desk);
    assert_eq!(more[1] - before[1], 2, "the credentials of one role an account");
    assert_eq!(
        more[0], 4,
        "the two roles that Identity Center has in each account, a page each, and no other of IAM's"
    );
    let own: Vec<&Value> = all.iter().filter(|row| row["role"] == "EKSAdmin").collect();
    assert_eq!(own.len(), 12);
    for row in own {
        let said = (row["mapped"].as_str().expect("a word"), row["mapped_check"].as_str().unwrap_or_default());
        let why = row["mapped_reason"].as_str().unwrap_or_default();
        match row["cluster"].as_str() {
            Some("dead") => {
                assert_eq!(said.0, "no", "{row}");
                assert!(why.contains("dead: it is of an earlier role of that permission set"), "{why}");
            }
            Some("both") => assert_eq!((said, &row["mapped_by"]), (("yes", "iam-role"), &"aws-auth".into()), "{row}"),
            _ => assert_eq!(said, ("yes", "iam-role"), "{row}"),
        }
    }
    // Known as long as the other lists: nothing is asked again. The cluster itself says the same.
    rows(&desk, &[]);
    assert_eq!(asked(&desk), more);
    let verified = rows(&desk, &["--verify"]);
    for (name, word) in [("alive", "yes"), ("dead", "no"), ("both", "yes")] {
        assert_eq!(mapped(&verified, name, "EKSAdmin").0, word);
    }
    assert_eq!(asked(&desk)[0], more[0]);
}

#[test]
fn an_entry_follows_its_permission_set_as_the_list_of_roles_shows_it() {
    let desk = signed_in(world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)])]));
    let admin = |more: &[&str]| mapped(&rows(&desk, more), "web", "EKSAdmin").0;
    assert_eq!(admin(&[]), "yes");
    let mut state = desk.simulator.state();
    state.world.recreated = vec!["EKSAdmin".into()];
    state.world.clusters[0].mappings[0].kind = MappingKind::OldEntry;
    drop(state);
    assert_eq!(admin(&["--refresh"]), "no");
    desk.simulator.state().world.clusters[0].mappings[0].kind = MappingKind::Entry;
    assert_eq!(admin(&["--refresh"]), "yes");
    assert_eq!(desk.simulator.count("iam:ListRoles"), 3);
    // Its own credentials know better than a list, whatever that said.
    let mut state = desk.simulator.state();
    state.world.recreated.clear();
    state.world.clusters[0].mappings[0].kind = MappingKind::OldEntry;
    drop(state);
    assert_eq!(admin(&["--role=EKSAdmin", "--refresh"]), "no");
    assert_eq!(desk.simulator.count("iam:ListRoles"), 3);
}

#[test]
fn a_denied_list_of_roles_is_remembered_for_a_day_and_is_no_answer() {
    let mut world = world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::OldEntry)])]);
    world.access.denied = vec![("*".into(), "iam:ListRoles".into())];
    let desk = signed_in(world);
    let asks = |more: &[&str]| {
        let before = desk.simulator.count("iam:ListRoles");
        let found = rows(&desk, more);
        let row = row(&found, "web", "EKSAdmin");
        assert_eq!((&row["mapped"], &row["mapped_check"]), (&"yes".into(), &"unchecked".into()), "{row}");
        desk.simulator.count("iam:ListRoles") - before
    };
    assert_eq!(asks(&[]), 1);
    desk.simulator.advance(2 * 3600);
    assert_eq!(asks(&[]), 0);
    assert_eq!(asks(&["--refresh"]), 1);
    desk.simulator.advance(2);
    desk.run(&["login", "--force"]).ok();
    assert_eq!(asks(&[]), 1, "after a new sign-in");
    desk.simulator.advance(25 * 3600);
    desk.run(&["login"]).ok();
    assert_eq!(asks(&[]), 1, "after a day");
    // Granted meanwhile: whoever asks anew sees it.
    desk.simulator.state().world.access.denied.clear();
    assert_eq!(mapped(&rows(&desk, &["--refresh"]), "web", "EKSAdmin").0, "no");
}

#[test]
fn a_list_of_roles_that_fails_or_lacks_an_assigned_set_says_nothing() {
    let desk = signed_in(world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::OldEntry)])]));
    let check = |more: &[&str]| row(&rows(&desk, more), "web", "EKSAdmin")["mapped_check"].clone();
    desk.simulator.fault("iam:ListRoles", 1, Fault::Error(503, "ServiceUnavailable", "<Error/>"));
    assert_eq!(check(&[]), "unchecked");
    let gone = desk.simulator.state().world.iam_roles(ACCOUNT);
    let gone = gone.into_iter().find(|role| role.name.contains("EKSAdmin")).expect("its role");
    desk.simulator.state().world.access.gone_roles = vec![(ACCOUNT.into(), gone.name)];
    assert_eq!(check(&["--refresh"]), "unchecked");
    desk.simulator.state().world.access.gone_roles.clear();
    assert_eq!(mapped(&rows(&desk, &["--refresh"]), "web", "EKSAdmin").0, "no", "nothing of it was kept");
}

#[test]
fn of_several_live_roles_of_one_name_only_sts_tells_which_is_ones_own() {
    use MappingKind::{AwsAuth, Entry, OldEntry};
    let both = |name, mode, kind| cluster(name, mode, &[("EKSAdmin", kind), ("EKSViewer", Entry)]);
    let mut lines = both("lines", "API_AND_CONFIG_MAP", AwsAuth);
    lines.readers = vec!["EKSViewer".into()];
    let mut made = world(vec![both("own", "API", Entry), both("other", "API", OldEntry), lines]);
    // Another instance's permission set of that name, whose role the one entry is of; and a plain role that is named alike.
    let dead = "AWSReservedSSO_EKSAdmin_00000000000000aa";
    made.clusters.push(cluster("dead", "API", &[("EKSViewer", Entry)]));
    made.clusters[3].eks.entries =
        vec![RawEntry::new(&format!("arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{REGION}/{dead}"))];
    let desk = signed_in(made);
    let entry = desk.simulator.state().world.old_iam_role("EKSAdmin");
    let trust = serde_json::json!({});
    desk.simulator.state().world.access.roles = vec![
        IamRole::new(ACCOUNT, &format!("/aws-reserved/sso.amazonaws.com/{REGION}/"), &entry, &trust),
        IamRole::new(ACCOUNT, "/", dead, &trust),
    ];
    let found = rows(&desk, &[]);
    for name in ["own", "other", "lines"] {
        let (word, why) = mapped(&found, name, "EKSAdmin");
        assert_eq!(word, "unknown", "{name}: {why}");
        assert!(why.contains("several live roles of permission sets of that name"), "{why}");
    }
    assert_eq!(mapped(&found, "dead", "EKSAdmin").0, "no", "of none of the live ones");
    let told = rows(&desk, &["--role=EKSAdmin"]);
    for (name, word) in [("own", "yes"), ("other", "no"), ("lines", "yes"), ("dead", "no")] {
        assert_eq!(mapped(&told, name, "EKSAdmin").0, word, "{name}");
    }
}

/// A search takes no credentials of roles that nobody named: where nobody may list the account's roles either, it cannot tell
/// their dead entries apart, and says so.
#[test]
fn a_role_that_was_not_asked_is_not_said_to_be_checked() {
    let mut world = world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::OldEntry)])]);
    world.access.denied = vec![("*".into(), "iam:*".into())];
    let desk = signed_in(world);
    let table = desk.run(&["clusters", "--region=eu-west-1"]).ok();
    assert!(table.out.contains("yes?: eksadmins"), "{}", table.out);
    assert!(table.err.contains("was not told; --verify asks the cluster"), "{}", table.err);
    let found = rows(&desk, &[]);
    assert_eq!(row(&found, "web", "EKSAdmin")["mapped_check"], "unchecked");
    assert_eq!(mapped(&rows(&desk, &["--role=EKSAdmin"]), "web", "EKSAdmin").0, "no");
    // Once known, it stays known while the credentials that told it live, but for those who want it anew.
    assert_eq!(mapped(&rows(&desk, &[]), "web", "EKSAdmin").0, "no");
}

#[test]
fn what_was_not_checked_shows_in_the_table() {
    let mut world = world(vec![cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)])]);
    world.dedicated = true;
    let desk = signed_in(world);
    let table = desk.run(&["clusters", "--region=eu-west-1", "--role=EKSAdmin"]).ok();
    assert!(table.out.contains("yes?: eksadmins"), "{}", table.out);
    assert!(
        table.err.contains("earlier role of that name was not checked; --verify asks the cluster"),
        "{}",
        table.err
    );
    let found = rows(&desk, &["--role=EKSAdmin"]);
    assert_eq!((&found[0]["mapped"], &found[0]["mapped_checked"]), (&"yes".into(), &false.into()));
    assert_eq!(found[0]["mapped_check"], "name");
    let verified = rows(&desk, &["--role=EKSAdmin", "--verify"]);
    assert_eq!((&verified[0]["mapped_checked"], &verified[0]["mapped_check"]), (&true.into(), &"cluster".into()));
}

#[test]
fn user_names_are_filled_in_as_the_authenticator_does() {
    let mut made = cluster("web", "API", &[("EKSAdmin", MappingKind::Entry)]);
    made.mappings[0].username = "x:{{AccountID}}:{{SessionName}}:{{SessionNameRaw}}".into();
    let desk = signed_in(world(vec![made]));
    let verified = rows(&desk, &["--role=EKSAdmin", "--verify"]);
    assert_eq!(verified[0]["kubernetes_user"], "x:111122223333:jane-example.com:jane@example.com");
}
