//! `eksso access diff`: two files, and nobody is asked.

use eksso::domain::access::facts::{Facts, IdentityProvider};
use eksso::domain::access::grant::{Grant, Life, PrincipalKind, WayIn};
use eksso::domain::access::grants::grants;
use eksso::domain::access::snapshot::{Change, Snapshot, compare};
use eksso::domain::access::{AuthMode, Listed};
use serde_json::Value;

use crate::access::made::{SSO_TRUST, cluster, day, directory, entry, facts, hidden, iam_role, seen, sso_arn};
use crate::access::views::{HOSTILE, bound, developer, hostile, person, snapshot};
use crate::support::Desk;

fn desk(old: &Snapshot, new: &Snapshot) -> Desk {
    let desk = Desk::new();
    for (name, snapshot) in [("old.json", old), ("new.json", new)] {
        desk.write(name, &snapshot.to_json().expect("JSON"));
    }
    desk
}

fn diff(desk: &Desk, more: &[&str]) -> crate::support::Outcome {
    let [old, new] = ["old.json", "new.json"].map(|name| desk.path(name).display().to_string());
    let mut args = vec!["access", "diff", old.as_str(), new.as_str()];
    args.extend(more);
    desk.run(&args)
}

fn later() -> Grant {
    Grant {
        rights: Listed::Seen(vec![bound("admin", "devs", "developers", &["web"])]),
        people: Listed::Seen(vec![
            person("group", "EKS Developers", ""),
            person("user", "ann@corp.example", "EKS Developers"),
            person("user", "jane@corp.example", "EKS Developers"),
        ]),
        ..developer("web")
    }
}

#[test]
fn a_diff_shows_who_gained_and_lost_what_and_its_exit_code_is_for_who_asks_for_it() {
    let desk = desk(&snapshot(&[developer("web")]), &snapshot(&[later()]));
    let shown = diff(&desk, &[]).ok();
    for words in
        ["GAINED", "LOST", "ann@corp.example", "joe@corp.example", "EKS Developers (1)", "admin:web", "edit:web"]
    {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    // Jane stands for herself in JSON, and with her group in the table.
    assert!(!shown.out.contains("jane@corp.example"), "{}", shown.out);
    let json = diff(&desk, &["-o", "json"]).ok().json();
    let rows = json.as_array().expect("rows");
    let of = |who: &str, change: &str| rows.iter().find(|row| row["who"] == who && row["change"] == change).cloned();
    let jane = of("jane@corp.example", "gained").expect("Jane");
    assert_eq!(
        (&jane["rights"], &jane["admission"], &jane["through"]),
        (&Value::from(vec!["admin:web"]), &Value::from(false), &Value::from(vec!["EKS Developers"]))
    );
    assert_eq!(of("joe@corp.example", "lost").expect("Joe")["admission"], true);
    assert!(
        rows.iter().all(|row| row.as_object().expect("an object").values().all(|value| !value.is_object())),
        "flat"
    );
    diff(&desk, &["--exit-code"]).fails(4, &[]);
    // On a terminal of 80 columns no line is longer, and what was cut is counted.
    desk.person().reads = true;
    let shown = diff(&desk, &[]).ok();
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    assert!(!shown.out.contains('…') || shown.err.contains("cut to the width of this terminal"), "{}", shown.err);
}

#[test]
fn a_diff_calls_an_iam_user_one() {
    let bot = Grant {
        principal: "arn:aws:iam::111122223333:user/deploy-bot".into(),
        kind: PrincipalKind::User,
        people: Listed::Seen(Vec::new()),
        ..developer("web")
    };
    let shown = diff(&desk(&snapshot(&[developer("web")]), &snapshot(&[developer("web"), bot])), &[]).ok();
    assert!(shown.out.contains("(IAM user) deploy-bot"), "{}", shown.out);
}

#[test]
fn a_diff_of_what_nobody_saw_is_not_called_equal() {
    let hidden = Grant { rights: Listed::Hidden("403 bindings".into()), ..developer("web") };
    let same = desk(&snapshot(&[developer("web")]), &snapshot(&[developer("web")]));
    let shown = diff(&same, &["--exit-code"]).ok();
    assert!(shown.out.is_empty() && shown.err.contains("Nobody gained or lost anything"), "{}", shown.err);
    let hidden_twice = snapshot(std::slice::from_ref(&hidden));
    let blind = desk(&hidden_twice, &hidden_twice);
    let shown = diff(&blind, &["--exit-code"])
        .fails(6, &["1 thing could be read in neither", "rights of EKSDeveloper", "403 bindings"]);
    assert!(!shown.err.contains("Nobody gained"), "{}", shown.err);
    let half = desk(&snapshot(&[developer("web")]), &snapshot(&[hidden]));
    let shown = diff(&half, &["--exit-code"]).fails(6, &["perhaps lost", "403 bindings"]);
    assert!(shown.out.contains("UNKNOWN") && !shown.out.contains("LOST"), "{}", shown.out);
    diff(&half, &[]).ok();
    let dead = Grant { life: Life::Dead("its role is gone".into()), ..developer("web") };
    let gone = desk(&snapshot(&[developer("web")]), &snapshot(&[dead]));
    diff(&gone, &["--exit-code"]).fails(4, &["it lets nobody in: its role is gone"]);
}

/// What only one of the two could see may have changed all the same, where the seeing one shows nothing.
#[test]
fn what_either_side_could_not_see_is_unknown_where_the_other_has_nothing_to_show() {
    let nothing = Grant { rights: Listed::Seen(Vec::new()), ..developer("web") };
    let unset = |change: fn(&mut Grant)| {
        let mut grant = nothing.clone();
        change(&mut grant);
        grant
    };
    let empty = unset(|grant| {
        grant.people = Listed::Seen(Vec::new());
        grant.ways_in = Listed::Seen(vec![WayIn::IdentityCenter("EKSDeveloper".into())]);
    });
    let hidden = [
        ("rights of EKSDeveloper", unset(|grant| grant.rights = Listed::Hidden("403 rolebindings".into()))),
        ("people of EKSDeveloper", Grant { people: Listed::Hidden("403 people".into()), ..empty.clone() }),
        ("life of EKSDeveloper", Grant { life: Life::Unknown("403 life".into()), ..empty.clone() }),
        ("ways in of EKSDeveloper", Grant { ways_in: Listed::Hidden("403 trust".into()), ..empty.clone() }),
        (
            "people in",
            unset(|grant| {
                let Listed::Seen(people) = &mut grant.people else { return };
                people.iter_mut().for_each(|person| person.enabled = None);
            }),
        ),
    ];
    for (what, hidden) in hidden {
        let seen = if what.starts_with("rights") || what == "people in" { &nothing } else { &empty };
        let (hidden, seen) = (snapshot(&[hidden]), snapshot(std::slice::from_ref(seen)));
        for (old, new, which) in [(&hidden, &seen, "earlier"), (&seen, &hidden, "later")] {
            let desk = desk(old, new);
            let shown = diff(&desk, &["--exit-code"])
                .fails(6, &["could not be read in the", which, "what changed there is unknown", what]);
            assert!(!shown.err.contains("Nobody gained"), "{what}: {}", shown.err);
            let rows = diff(&desk, &["--exit-code", "-o", "json"]).fails(6, &[]).json();
            let rows = rows.as_array().expect("rows");
            assert!(!rows.is_empty() && rows.iter().all(|row| row["change"] == "unknown"), "{what}: {rows:?}");
        }
    }
    // Clusters that were not looked for, or are not held by one of the two.
    let own = facts(vec![cluster("prod", AuthMode::Api)], Vec::new());
    let unsearched = Facts { unsearched: vec!["account 333333333333 is left out".into()], ..own.clone() };
    let none = Facts { clusters: Vec::new(), ..own.clone() };
    for (old, new) in
        [(&own, &unsearched), (&unsearched, &own), (&unsearched, &unsearched), (&own, &none), (&none, &own)]
    {
        let desk = desk(&of_facts(old), &of_facts(new));
        let shown = diff(&desk, &["--exit-code"]).fails(6, &[]);
        assert!(shown.err.contains("left out") || shown.err.contains("does not hold the cluster"), "{}", shown.err);
    }
    diff(&desk(&of_facts(&own), &of_facts(&own)), &["--exit-code"]).ok();
}

fn of_facts(facts: &Facts) -> Snapshot {
    Snapshot::new("corp", day(20), facts, &grants(facts))
}

fn changes(old: &Facts, new: &Facts) -> Vec<(Change, String)> {
    let compared = compare(&of_facts(old), &of_facts(new));
    compared.differences.into_iter().map(|found| (found.change, found.name)).collect()
}

#[test]
fn identity_providers_that_could_not_be_read_are_not_lost_and_hide_nothing_of_iam() {
    let dev = sso_arn("Dev", "0123456789abcdef");
    let mut own = cluster("prod", AuthMode::Api);
    own.entries = seen(vec![entry(&dev, "dev", &[], &[])]);
    let provider = IdentityProvider { issuer: "https://id".into(), ..IdentityProvider::default() };
    own.identity_providers = seen(vec![provider]);
    let old = facts(vec![own], vec![iam_role(&dev, 5, SSO_TRUST)]);
    let mut new = old.clone();
    new.clusters[0].identity_providers = hidden();
    new.clusters[0].entries = seen(Vec::new());
    let found = changes(&old, &new);
    assert!(found.iter().any(|(change, name)| *change == Change::Unknown && name == "https://id"), "{found:?}");
    assert!(found.iter().all(|(change, name)| *change != Change::Lost || name != "https://id"), "{found:?}");
    assert!(found.contains(&(Change::Lost, dev.clone())), "{found:?}");
    let compared = compare(&of_facts(&new), &of_facts(&new));
    assert!(compared.blind.iter().any(|blind| blind.why.starts_with("identity providers")), "{compared:?}");
}

#[test]
fn who_was_disabled_gains_nothing_by_a_directory_that_could_not_be_read() {
    let dev = sso_arn("Dev", "0123456789abcdef");
    let mut own = cluster("prod", AuthMode::Api);
    own.entries = seen(vec![entry(&dev, "dev", &[], &[])]);
    let mut old = facts(vec![own], vec![iam_role(&dev, 5, SSO_TRUST)]);
    old.directories = vec![directory()];
    let mut new = old.clone();
    new.directories[0].users = hidden();
    let found = changes(&old, &new);
    assert!(found.iter().any(|(change, name)| *change == Change::Unknown && name == "u-joe"), "{found:?}");
    assert!(found.iter().all(|(change, _)| *change != Change::Gained), "{found:?}");
}

#[test]
fn what_is_no_snapshot_is_refused_with_the_reason_and_hostile_names_stay_text() {
    let desk = desk(&snapshot(&[developer("web")]), &snapshot(&HOSTILE.map(hostile)));
    let shown = diff(&desk, &[]).ok();
    for text in [&shown.out, &shown.err] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
    desk.write("new.json", "{\"format\": \"something\"}");
    diff(&desk, &[])
        .fails(1, &["new.json", "not a file that `eksso access snapshot` wrote", "eksso access snapshot FILE"]);
    std::fs::remove_file(desk.path("new.json")).expect("removed");
    diff(&desk, &[]).fails(5, &["there is no file"]);
}

#[test]
fn forms_that_a_command_does_not_have_are_refused() {
    let desk = Desk::new();
    desk.run(&["clusters", "-o", "csv"]).fails(2, &["-o csv is not a form of this command", "eksso access -o csv"]);
    desk.run(&["access", "diff", "a", "b", "-o", "csv"]).fails(2, &["-o csv is not a form of this command"]);
    desk.run(&["access", "--mermaid", "-o", "json"]).fails(2, &["--mermaid and -o"]);
    desk.run(&["access", "--who-can", "get", "pods", "-o", "csv"]).fails(2, &["-o csv lists mappings"]);
    desk.run(&["access", "--who", "x", "--who-can", "get", "pods"]).fails(2, &["cannot be used with"]);
    desk.run(&["access", "-n", "web"]).fails(2, &["--who-can"]);
}
