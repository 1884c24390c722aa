//! Grants as they are shown: CSV, Mermaid, DOT, the page; and what changed between two snapshots.

use eksso::domain::access::facts::{Cluster, ClusterSettings, Fact, Facts, Source};
use eksso::domain::access::grant::{ClusterRef, Grant, Life, MappedBy, Person, PrincipalKind, Right, WayIn};
use eksso::domain::access::graph::Graph;
use eksso::domain::access::snapshot::{Change, Comparison, Snapshot, compare};
use eksso::domain::access::{AuthMode, Listed, Policy, csv, dot, flat::Flat, mermaid};
use eksso::ui::page::{Page, PageFinding};
use serde_json::Value;

/// Names that try to be something else, wherever they are put.
pub const HOSTILE: [&str; 12] = [
    "</script><script>window.broken=1</script>",
    "<img src=x onerror=window.broken=1>",
    "\"><svg onload=window.broken=1>",
    "'); window.broken=1; ('",
    "javascript:window.broken=1",
    "{{script}}<!--",
    "\u{2028}\u{202e}gnp.exe",
    "a\"] --> b\n%%{init: {}}%%",
    "x\"]; y [label=\"",
    "=HYPERLINK(\"http://evil.example\")",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "`$(touch /tmp/x)`",
];

pub fn cluster(name: &str) -> ClusterRef {
    ClusterRef {
        account: "111122223333".parse().expect("an id"),
        region: "eu-west-1".parse().expect("a region"),
        name: name.parse().expect("a name"),
    }
}

pub fn source(call: &str) -> Source {
    Source {
        call: call.to_owned(),
        by: "111122223333/SecurityAudit".to_owned(),
        at: "2026-11-26T02:00:00Z".parse().expect("a time"),
    }
}

pub fn person(kind: &str, name: &str, through: &str) -> Person {
    let id = format!("{kind}-{name}");
    Person {
        kind: kind.into(),
        id,
        name: name.into(),
        through: through.into(),
        enabled: (kind == "user").then_some(true),
        members_unread: None,
    }
}

pub fn bound(role: &str, binding: &str, group: &str, namespaces: &[&str]) -> Right {
    let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
    Right { role: role.into(), binding: binding.into(), subject: group.into(), namespaces }
}

/// The permission set `EKSDeveloper` with a group of two behind it: `edit` in `web` by a binding, and a policy.
pub fn developer(at: &str) -> Grant {
    let arn = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_EKSDeveloper_0123456789abcdef";
    Grant {
        cluster: cluster(at),
        principal: arn.into(),
        kind: PrincipalKind::PermissionSet { set: "EKSDeveloper".into() },
        mapped_by: MappedBy::AccessEntry,
        user: "sso:{{SessionName}}".into(),
        groups: vec!["developers".into()],
        policies: vec![Policy { name: "AmazonEKSViewPolicy".into(), namespaces: vec!["web".into()] }],
        unread: None,
        rights: Listed::Seen(vec![bound("edit", "devs", "developers", &["web"])]),
        ways_in: Listed::Seen(vec![WayIn::IdentityCenter("EKSDeveloper".into())]),
        people: Listed::Seen(vec![
            person("group", "EKS Developers", ""),
            person("user", "jane@corp.example", "EKS Developers"),
            person("user", "joe@corp.example", "EKS Developers"),
        ]),
        life: Life::Alive,
        aws_own: false,
        sources: vec![source("eks:ListAccessEntries")],
    }
}

/// A grant in which every text that comes from outside is the given one.
pub fn hostile(text: &str) -> Grant {
    let own = || text.to_owned();
    Grant {
        principal: own(),
        kind: PrincipalKind::PermissionSet { set: own() },
        user: own(),
        groups: vec![own()],
        policies: vec![Policy { name: own(), namespaces: vec![own()] }],
        rights: Listed::Seen(vec![bound(text, text, text, &[text])]),
        ways_in: Listed::Seen(vec![
            WayIn::Saml(own()),
            WayIn::Oidc(own()),
            WayIn::Principal(own()),
            WayIn::Service(own()),
        ]),
        people: Listed::Seen(vec![person("group", text, ""), person("user", text, text), person("user", text, "")]),
        life: Life::Unknown(own()),
        unread: Some(own()),
        ..developer("web")
    }
}

pub fn page(grants: &[Grant], findings: Option<&[PageFinding]>, title: &str, notes: &[String]) -> String {
    let page = Page { title, made: title, grants, account_name: &|_| title.to_owned(), notes, findings };
    page.html().expect("a page")
}

/// Reads CSV as RFC 4180 has it: rows of cells.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (sign, quoted) {
            ('"', true) if signs.peek() == Some(&'"') => cell.push(signs.next().expect("a quote")),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {}
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (other, _) => cell.push(other),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty(), "the last line ends");
    rows
}

#[test]
fn csv_has_a_row_for_each_person_and_group_and_no_cell_is_a_formula_or_moves_a_cursor() {
    let of = |grant: &Grant| csv::lines(&Flat::new("corp", "Production", grant), grant);
    let rows = read_csv(&format!("{}{}", csv::headings(), of(&developer("web"))));
    assert_eq!(rows.len(), 4);
    let column = |name: &str| rows[0].iter().position(|heading| heading == name).expect("a column");
    let who: Vec<&str> = rows[1..].iter().map(|row| row[column("who")].as_str()).collect();
    assert_eq!(who, ["EKS Developers", "jane@corp.example", "joe@corp.example"]);
    assert_eq!(rows[2][column("through")], "EKS Developers");
    assert_eq!(rows[2][column("rights")], "AmazonEKSViewPolicy:web; edit:web");
    assert_eq!(rows[2][column("state")], "alive");
    for text in HOSTILE {
        let mut named = hostile(text);
        // One cell for each text, also where nobody is known.
        for people in [named.people.clone(), Listed::Hidden(text.to_owned())] {
            named.people = people;
            let out = of(&named);
            assert!(!out.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{out:?}");
            for row in read_csv(&out) {
                assert_eq!(row.len(), rows[0].len(), "{text:?}");
                for cell in row {
                    assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
                }
            }
        }
    }
    let nobody = Grant { people: Listed::Hidden("AccessDenied".into()), ..developer("web") };
    let rows = read_csv(&of(&nobody));
    assert_eq!(rows.len(), 1, "a mapping whose people are hidden is a row all the same");
    assert!(rows[0].contains(&"people: AccessDenied".to_owned()), "{:?}", rows[0]);
}

#[test]
fn a_graph_goes_from_people_to_rights_and_names_stay_in_their_labels() {
    let graph = Graph::new([&developer("web"), &developer("batch")]);
    let drawn = mermaid::mermaid(&graph);
    for words in
        ["EKS Developers (2 people)", "EKSDeveloper in 111122223333", "group developers", "edit:web", "View:web"]
    {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    assert_eq!(drawn.matches("group developers").count(), 2, "a group is one of its cluster: {drawn}");
    assert_eq!(drawn.matches("EKS Developers").count(), 1, "{drawn}");
    for text in HOSTILE {
        let grants = [hostile(text)];
        let graph = Graph::new(&grants);
        let drawn = mermaid::mermaid(&graph);
        for line in drawn.lines().skip(1) {
            let line = line.trim();
            let is_node = line.starts_with('n') && line.ends_with("\"]") && line.matches('"').count() == 2;
            let is_edge = line.split_whitespace().all(|word| {
                ["-->", "-.", ".->", "unknown", "dead"].contains(&word)
                    || word.strip_prefix('n').is_some_and(|n| n.parse::<u32>().is_ok())
            });
            assert!(is_node || is_edge || line == "end" || line.starts_with("subgraph c"), "{text:?}: {line}");
            assert!(!line.contains("%%") && !line.contains('<') && !line.contains('`'), "{line}");
        }
        let drawn = dot::dot(&graph);
        assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'), "{drawn}");
        for line in drawn.lines().filter(|line| line.contains(" [label=\"")) {
            let label = line.split_once("[label=\"").expect("a label").1.strip_suffix("\"];").expect("the end");
            let bare = label.replace("\\\\", "").replace("\\\"", "");
            assert!(!bare.contains('"') && !bare.contains('\\'), "{text:?}: {line}");
        }
    }
}

#[test]
fn a_page_asks_no_network_and_no_name_ends_its_data() {
    let grants: Vec<Grant> = HOSTILE.iter().map(|text| hostile(text)).collect();
    for text in HOSTILE {
        let finding = PageFinding {
            id: text.into(),
            title: text.into(),
            fix: text.into(),
            severity: text.into(),
            ..PageFinding::default()
        };
        let html = page(&grants, Some(&[finding]), text, &[text.to_owned()]);
        assert_eq!(html.matches("<script").count(), 2, "{text}");
        assert_eq!(html.matches("</script").count(), 2, "{text}");
        assert_eq!(html.matches("<style").count(), 1, "{text}");
        assert!(!html.contains("<img") && !html.contains("<svg") && !html.contains('\u{202e}'), "{text}");
        assert!(html.contains("default-src 'none'") && !html.contains("{{policy}}"), "{text}");
        let data = html.split_once("id=\"data\">").expect("data").1.split_once("</script>").expect("its end").0;
        let data: Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(data["entries"].as_array().expect("entries").len(), HOSTILE.len());
    }
    let html = page(&[developer("web")], None, "access", &[]);
    let outside = ["src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "eval("];
    assert!(!outside.iter().any(|word| html.contains(word)), "it names something outside");
    assert_eq!(
        html.matches("http").count() - html.matches("http-equiv").count(),
        1,
        "the name of SVG's namespace alone"
    );
}

fn facts(entries: Fact<Vec<eksso::domain::access::facts::AccessEntry>>, clusters: &[&str]) -> Facts {
    let one = |name: &&str| Cluster {
        account: "111122223333".parse().expect("an id"),
        region: "eu-west-1".parse().expect("a region"),
        name: name.parse().expect("a name"),
        settings: Fact::seen(
            ClusterSettings { mode: Some(AuthMode::Api), ..ClusterSettings::default() },
            source("eks:DescribeCluster"),
        ),
        entries: entries.clone(),
        aws_auth: Fact::default(),
        identity_providers: Fact::seen(Vec::new(), source("eks:ListIdentityProviderConfigs")),
        capabilities: Fact::default(),
        pod_identities: Fact::default(),
        machine_roles: Fact::default(),
        roles: Default::default(),
        bindings: Default::default(),
        namespaces: Fact::default(),
        service_accounts: Fact::default(),
    };
    Facts { clusters: clusters.iter().map(one).collect(), ..Facts::default() }
}

pub fn snapshot(grants: &[Grant]) -> Snapshot {
    let seen = Fact::seen(Vec::new(), source("eks:ListAccessEntries"));
    Snapshot::new("corp", "2026-11-26T02:00:00Z".parse().expect("a time"), &facts(seen, &["web", "batch"]), grants)
}

/// A narrow column ends early: what it ends with is the least.
#[test]
fn the_strongest_right_comes_first() {
    let of = |policies: &[(&str, &[&str])], bound_to: &[(&str, &[&str])]| {
        let policy = |(name, at): &(&str, &[&str])| Policy {
            name: format!("AmazonEKS{name}Policy"),
            namespaces: at.iter().map(|name| (*name).to_owned()).collect(),
        };
        let rights = bound_to.iter().map(|(role, at)| bound(role, "b", "g", at)).collect();
        let policies = policies.iter().map(policy).collect();
        Grant { policies, rights: Listed::Seen(rights), ..developer("web") }.rights_in_short()
    };
    let web: &[&str] = &["web"];
    assert_eq!(of(&[("Edit", web)], &[("cluster-admin", &[])]), "cluster-admin, Edit:web");
    assert_eq!(of(&[("View", &[])], &[("deployer", &[]), ("admin", web)]), "deployer, admin:web, View");
    assert_eq!(of(&[("ClusterAdmin", web), ("Edit", &[])], &[("view", web)]), "Edit, ClusterAdmin:web, view:web");
}

fn rows(compared: &Comparison, change: Change) -> Vec<(String, Vec<String>, String)> {
    let of = compared.differences.iter().filter(|row| row.change == change);
    of.map(|row| (row.name.clone(), row.items.iter().map(|item| item.words()).collect(), row.why.clone())).collect()
}

fn names(compared: &Comparison, change: Change) -> Vec<String> {
    let mut names: Vec<String> = rows(compared, change).into_iter().map(|(name, ..)| name).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_snapshot_is_read_back_is_the_same_whatever_the_order_and_knows_what_it_is_not() {
    let one = snapshot(&[developer("web"), developer("batch")]);
    let other = snapshot(&[developer("batch"), developer("web")]);
    let text = one.to_json().expect("JSON");
    assert_eq!(text, other.to_json().expect("JSON"));
    assert_eq!(Snapshot::from_json(text.as_bytes()).as_ref(), Ok(&one));
    for (text, why) in [
        ("[]".to_owned(), "not a file that `eksso access snapshot` wrote"),
        ("no".to_owned(), "no JSON"),
        (text.replace("\"version\": 1", "\"version\": 2"), "its version is 2"),
        (text.replace("\"grants\"", "\"grant\""), "missing field"),
    ] {
        let error = Snapshot::from_json(text.as_bytes()).expect_err("refused");
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn what_somebody_gained_and_lost_is_told_for_people_groups_and_principals() {
    let old = snapshot(&[developer("web")]);
    assert_eq!(compare(&old, &old), Comparison::default());
    // Joe leaves the group, Ann comes; the binding is given in another namespace.
    let mut changed = developer("web");
    changed.rights = Listed::Seen(vec![bound("edit", "devs", "developers", &["shop"])]);
    changed.people = Listed::Seen(vec![
        person("group", "EKS Developers", ""),
        person("user", "ann@corp.example", "EKS Developers"),
        person("user", "jane@corp.example", "EKS Developers"),
    ]);
    let compared = compare(&old, &snapshot(&[changed.clone()]));
    let lost = rows(&compared, Change::Lost);
    let all = |name: &str| lost.iter().find(|row| row.0 == name).unwrap_or_else(|| panic!("{lost:?}")).1.clone();
    assert_eq!(all("joe@corp.example"), ["let in", "AmazonEKSViewPolicy:web", "edit:web", "group developers"]);
    assert_eq!(all("jane@corp.example"), ["edit:web"]);
    let gained = names(&compared, Change::Gained);
    assert_eq!(
        gained,
        ["EKS Developers", "ann@corp.example", changed.principal.as_str(), "jane@corp.example"]
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    assert!(rows(&compared, Change::Unknown).is_empty());
    // Somebody is switched off in the directory, and somebody new may become the role.
    let mut off = developer("web");
    if let Listed::Seen(people) = &mut off.people {
        people[1].enabled = Some(false);
    }
    off.ways_in = Listed::Seen(vec![WayIn::IdentityCenter("EKSDeveloper".into()), WayIn::Anyone]);
    let compared = compare(&old, &snapshot(&[off]));
    assert_eq!(names(&compared, Change::Lost), ["jane@corp.example"]);
    assert_eq!(rows(&compared, Change::Gained)[0].1, ["way in: anybody in AWS"]);
    // The role is made anew: its mapping is dead.
    let dead = Grant { life: Life::Dead("the role was made after it".into()), ..developer("web") };
    let compared = compare(&old, &snapshot(&[dead]));
    assert!(
        rows(&compared, Change::Lost).iter().all(|row| row.2.contains("the role was made after it")),
        "{compared:?}"
    );
    assert_eq!(compared.differences.len(), 4);
}

#[test]
fn what_one_snapshot_could_not_see_is_unknown_and_never_lost_nor_gained() {
    let old = snapshot(&[developer("web")]);
    let mut members = person("group", "EKS Developers", "");
    members.members_unread = Some("403 members".into());
    let hidden: [(&str, Grant); 5] = [
        ("members", Grant { people: Listed::Seen(vec![members]), ..developer("web") }),
        ("roles", Grant { rights: Listed::Hidden("403 roles".into()), ..developer("web") }),
        ("people", Grant { people: Listed::Hidden("403 people".into()), ..developer("web") }),
        ("ways in", Grant { ways_in: Listed::Unasked, ..developer("web") }),
        (
            "details",
            Grant {
                unread: Some("403 details".into()),
                user: String::new(),
                groups: Vec::new(),
                policies: Vec::new(),
                rights: Listed::Hidden("403 details".into()),
                ..developer("web")
            },
        ),
    ];
    for (what, grant) in hidden {
        let new = snapshot(&[grant]);
        for (compared, word) in [(compare(&old, &new), "perhaps lost"), (compare(&new, &old), "perhaps gained")] {
            assert!(
                rows(&compared, Change::Lost).is_empty() && rows(&compared, Change::Gained).is_empty(),
                "{what}: {compared:#?}"
            );
            let unknown = rows(&compared, Change::Unknown);
            assert!(!unknown.is_empty() && unknown.iter().all(|row| row.2.starts_with(word)), "{what}: {unknown:?}");
        }
        let compared = compare(&new, &new);
        assert!(
            compared.differences.is_empty() && !compared.blind.is_empty(),
            "{what}: nothing differs, and it says what nobody saw"
        );
    }
    // The list of entries itself, or the whole cluster, was hidden.
    let taken = "2026-11-27T02:00:00Z".parse().expect("a time");
    let hidden = Fact::hidden("AccessDenied", source("eks:ListAccessEntries"));
    for new in [
        Snapshot::new("corp", taken, &facts(hidden, &["web"]), &[]),
        Snapshot::new("corp", taken, &facts(Fact::default(), &["batch"]), &[]),
    ] {
        for compared in [compare(&old, &new), compare(&new, &old)] {
            assert!(!compared.differences.is_empty());
            assert!(compared.differences.iter().all(|row| row.change == Change::Unknown), "{compared:#?}");
        }
    }
    // A policy that is gone is gone, although the bindings are hidden.
    let mut less = Grant { rights: Listed::Hidden("403".into()), ..developer("web") };
    less.policies.clear();
    let compared = compare(&old, &snapshot(&[less]));
    assert!(rows(&compared, Change::Lost).iter().all(|row| row.1 == ["AmazonEKSViewPolicy:web"]), "{compared:#?}");
    assert_eq!(names(&compared, Change::Lost).len(), 4);
}
