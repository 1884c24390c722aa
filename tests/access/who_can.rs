//! Who may do something, and what somebody reaches, on facts made by hand. The arithmetic itself is judged by a real kube-apiserver
//! (tests/real/who_can.rs).

use std::collections::BTreeMap;

use eksso::domain::access::aws_auth::AwsAuth;
use eksso::domain::access::facts::{Account, Assignee, Fact, Facts, IamUser, IdentityProvider, Permissions};
use eksso::domain::access::grant::{Grant, WayIn};
use eksso::domain::access::grants::grants;
use eksso::domain::access::who_can::answer::{Answer, Found, Living, Path, Reach, Revoke, Standing, WhoCan};
use eksso::domain::access::who_can::{Question, reach, who_can};
use eksso::domain::access::{AuthMode, Listed};

use super::made::{
    ACCOUNT, SSO_TRUST, binding, cluster, cluster_role, directory, entry, facts, hidden, iam_role, role_arn, seen,
    sso_arn,
};

const SUFFIX: &str = "0123456789abcdef";

/// A cluster where developers edit in `web`, Jane alone in `pay`, the operators by policies, and robots read pods.
fn world() -> Facts {
    let (dev, ops) = (sso_arn("Dev", SUFFIX), sso_arn("Ops", SUFFIX));
    let mut own = cluster("prod", AuthMode::Both);
    own.entries = seen(vec![
        entry(&dev, "dev:{{SessionName}}", &["devs"], &[]),
        entry(&ops, "ops", &[], &[("View", &["web"]), ("SecretReader", &[])]),
        entry(&role_arn("Gone"), "gone", &["system:masters"], &[]),
    ]);
    own.roles.cluster = seen(vec![
        cluster_role("edit", &["* - pods", "get - secrets tls", "get example.com widgets"]),
        cluster_role("pods", &["get - pods"]),
    ]);
    own.bindings.namespaced = seen(vec![
        binding("web", "devs", "edit", &["Group:devs"]),
        binding("pay", "jane", "edit", &["User:dev:jane-example.com", "User:dev:left-example.com"]),
    ]);
    let mut robots = binding("", "robots", "pods", &["ServiceAccount:robot", "User:cert"]);
    robots.subjects[0].namespace = "tools".into();
    own.bindings.cluster = seen(vec![robots]);
    let roles = [&dev, &ops].map(|arn| iam_role(arn, 5, SSO_TRUST)).to_vec();
    Facts { directories: vec![directory()], ..facts(vec![own], roles) }
}

fn ask<'g>(facts: &Facts, grants: &'g [Grant], words: &str) -> WhoCan<'g> {
    let mut words = words.split(' ');
    let (verb, resource) = (words.next().expect("a verb"), words.next().expect("a resource"));
    let (mut namespace, mut name) = (None, None);
    while let (Some(flag), Some(value)) = (words.next(), words.next()) {
        if flag == "-n" { namespace = Some(value) } else { name = Some(value) }
    }
    who_can(facts, grants, &Question::parse(verb, resource, namespace, name).expect("a question"))
}

/// The answer for a principal, in short.
#[track_caller]
fn short(answer: &WhoCan<'_>, principal: &str) -> String {
    let row = answer.rows.iter().find(|row| row.grant.principal == principal).expect("a row");
    let ways = |word: &str, ways: &[Path]| {
        let each = ways.iter().map(|way| {
            let right = &way.right;
            let session = way.session.clone().unwrap_or_default();
            let parts = [
                &right.subject,
                &right.binding,
                &right.role,
                &right.namespaces.join(","),
                &way.names.join(","),
                &session,
            ];
            parts.map(String::as_str).join("/")
        });
        format!("{word} {}", each.collect::<Vec<_>>().join(" + "))
    };
    match &row.answer {
        Answer::Yes(by) => ways("yes", by),
        Answer::Partly(by) => ways("partly", by),
        Answer::No(why) => format!("no {}", why.clone().unwrap_or_default()),
        Answer::Unknown { why, at_least } => format!("unknown {why}; {}", ways("at least", at_least)),
    }
}

#[test]
fn each_mapping_is_answered_with_the_way_by_which_it_may() {
    let facts = world();
    let grants = grants(&facts);
    let (dev, ops) = (sso_arn("Dev", SUFFIX), sso_arn("Ops", SUFFIX));
    let answer = ask(&facts, &grants, "get pods -n web");
    assert_eq!(short(&answer, &dev), "yes devs/devs/edit/web//");
    assert_eq!(short(&answer, &ops), "yes //AmazonEKSViewPolicy/web//");
    assert_eq!(short(&answer, &role_arn("Gone")), "no its principal is not in IAM");
    assert!(answer.gaps.is_empty() && answer.notes.is_empty(), "{answer:?}");
    let others: Vec<_> =
        answer.others.iter().map(|other| (other.kind.as_str(), other.name.as_str(), other.all)).collect();
    assert_eq!(others, [("ServiceAccount", "robot", true), ("User", "cert", true)]);
    // In `pay` only the session of Jane is let do it; who left has no session any more.
    let answer = ask(&facts, &grants, "get pods -n pay");
    assert_eq!(short(&answer, &dev), "partly dev:jane-example.com/jane/edit/pay//jane-example.com");
    assert_eq!(short(&answer, &ops), "no ");
    // Asked of all namespaces at once: only in some, or only for some names.
    let answer = ask(&facts, &grants, "delete pods");
    assert_eq!(
        short(&answer, &dev),
        "partly devs/devs/edit/web// + dev:jane-example.com/jane/edit/pay//jane-example.com"
    );
    let answer = ask(&facts, &grants, "get secrets -n web");
    assert_eq!(short(&answer, &dev), "partly devs/devs/edit/web/tls/");
    assert_eq!(short(&answer, &ops), "yes //AmazonEKSSecretReaderPolicy///");
    assert_eq!(short(&ask(&facts, &grants, "get secrets -n web --name tls"), &dev), "yes devs/devs/edit/web//");
}

#[test]
fn what_could_not_be_read_makes_an_answer_unknown_and_never_a_no() {
    let (dev, ops) = (sso_arn("Dev", SUFFIX), sso_arn("Ops", SUFFIX));
    let mut facts = world();
    facts.clusters[0].bindings.cluster = hidden();
    let all = grants(&facts);
    let answer = ask(&facts, &all, "delete pods -n pay");
    assert!(short(&answer, &dev).starts_with("unknown its ClusterRoleBindings could not be read"), "{answer:?}");
    assert!(short(&answer, &dev).contains("at least dev:jane-example.com/jane"));
    assert_eq!(short(&ask(&facts, &all, "get pods -n web"), &ops), "yes //AmazonEKSViewPolicy/web//");
    assert!(answer.gaps.iter().any(|gap| gap.what == "roles and bindings" && gap.why.contains("access denied")));
    let mut facts = world();
    facts.clusters[0].entries = seen(vec![entry(&dev, "d", &[], &[("New", &["web"])]), {
        let mut entry = entry(&ops, "o", &[], &[]);
        entry.details = hidden();
        entry
    }]);
    facts.clusters[0].aws_auth = hidden();
    let all = grants(&facts);
    let answer = ask(&facts, &all, "delete pods -n web");
    assert!(short(&answer, &dev).contains("AmazonEKSNewPolicy allows is not known"), "{answer:?}");
    assert!(short(&answer, &ops).contains("its user and groups could not be read"), "{answer:?}");
    assert_eq!(short(&ask(&facts, &all, "delete pods -n pay"), &dev), "no ", "the policy is not for that namespace");
    assert!(answer.gaps.iter().any(|gap| gap.what == "aws-auth"));
    // An identity provider whose names have no prefix may say more than is known.
    let mut facts = world();
    let provider =
        IdentityProvider { issuer: "https://id".into(), groups_claim: "g".into(), ..IdentityProvider::default() };
    facts.clusters[0].identity_providers = seen(vec![provider]);
    let all = grants(&facts);
    assert!(
        short(&ask(&facts, &all, "delete pods -n tools"), "https://id").starts_with("unknown its names have no prefix")
    );
}

#[test]
fn the_group_of_a_kind_that_is_not_built_in_is_taken_from_the_clusters_roles_or_asked_for() {
    let facts = world();
    let all = grants(&facts);
    let dev = sso_arn("Dev", SUFFIX);
    let answer = ask(&facts, &all, "get widgets -n web");
    assert_eq!(short(&answer, &dev), "yes devs/devs/edit/web//");
    assert!(answer.notes.iter().any(|note| note.contains("no built-in kind")), "{:?}", answer.notes);
    let answer = ask(&facts, &all, "get gadgets -n web");
    assert!(short(&answer, &dev).contains("ask for gadgets.GROUP"), "{answer:?}");
    assert_eq!(short(&ask(&facts, &all, "get gadgets.example.org -n web"), &dev), "no ");
}

#[test]
fn a_binding_to_a_person_is_no_no_where_not_everybody_could_be_seen() {
    let dev = sso_arn("Dev", SUFFIX);
    let asked = |facts: &Facts| short(&ask(facts, &grants(facts), "get pods -n pay"), &dev);
    // The members of the group, the users, the assignments.
    let mut members = world();
    if let Listed::Seen(groups) = &mut members.directories[0].groups.answer {
        groups[0].members = hidden();
    }
    let mut users = world();
    users.directories[0].users = hidden();
    let mut assignments = world();
    assignments.directories[0].assignments[0].assignees = hidden();
    for facts in [members, users, assignments] {
        let answer = asked(&facts);
        assert!(answer.starts_with("unknown whether dev:"), "{answer}");
        assert!(answer.contains("at least dev:jane-example.com/jane/edit/pay//jane-example.com"), "{answer}");
    }
}

#[test]
fn a_line_that_a_hidden_entry_may_outrank_gives_no_certain_yes() {
    let mut facts = world();
    let lines = format!("- rolearn: {}\n  username: root\n  groups: [system:masters]\n", role_arn("Root"));
    facts.clusters[0].aws_auth = seen(AwsAuth { roles: lines, ..AwsAuth::default() });
    facts.accounts.values_mut().for_each(|account| {
        account.roles = seen(vec![iam_role(&role_arn("Root"), 5, SSO_TRUST)]);
    });
    let root = role_arn("Root");
    let asked = |facts: &Facts| short(&ask(facts, &grants(facts), "get secrets -n web"), &root);
    assert_eq!(asked(&facts), "yes system:masters//cluster-admin///");
    facts.clusters[0].entries = hidden();
    assert!(asked(&facts).starts_with("unknown whether an access entry outranks it"), "{}", asked(&facts));
}

#[test]
fn a_question_is_read_as_kubectl_reads_it_and_what_does_not_count_is_said() {
    let notes = |verb: &str, resource: &str, namespace: Option<&str>, name: Option<&str>| {
        Question::parse(verb, resource, namespace, name).map(|question| question.notes.join("; "))
    };
    assert_eq!(notes("GET", "Pods", Some("web"), None), Ok(String::new()));
    assert!(notes("get", "nodes", Some("web"), None).is_ok_and(|note| note.contains("-n does not count")));
    assert!(notes("create", "pods", None, Some("a")).is_ok_and(|note| note.contains("--name does not count")));
    assert!(notes("lst", "pods", None, None).is_ok_and(|note| note.contains("`lst`")));
    assert!(notes("get", "/metrics", Some("web"), None).is_err());
    assert!(notes("get", "pods/", None, None).is_err() && notes("get", "", None, None).is_err());
    assert!(notes("get", ".apps", None, None).is_err());
}

#[test]
fn system_masters_may_everything_and_nodes_what_their_own_authorizer_says() {
    let mut facts = world();
    let lines = format!(
        "- rolearn: {}\n  username: root\n  groups: [system:masters]\n\
         - rolearn: {}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:bootstrappers, system:nodes]\n",
        role_arn("Root"),
        role_arn("Node")
    );
    let own = &mut facts.clusters[0];
    own.aws_auth = seen(AwsAuth { roles: lines, ..AwsAuth::default() });
    if let Listed::Seen(roles) = &mut own.roles.cluster.answer {
        roles.push(cluster_role("system:node", &["get - secrets"]));
    }
    facts.accounts.values_mut().for_each(|account| {
        account.roles = seen(["Root", "Node"].map(|name| iam_role(&role_arn(name), 5, SSO_TRUST)).to_vec());
    });
    let all = grants(&facts);
    let secrets = ask(&facts, &all, "get secrets -n web");
    assert_eq!(short(&secrets, &role_arn("Root")), "yes system:masters//cluster-admin///");
    assert!(short(&secrets, &role_arn("Node")).starts_with("unknown a node may"), "{secrets:?}");
    assert_eq!(short(&ask(&facts, &all, "delete secrets -n web"), &role_arn("Node")), "no ");
    assert_eq!(short(&ask(&facts, &all, "get /metrics"), &role_arn("Root")), "yes system:masters//cluster-admin///");
}

/// Beside the directory's people: an IAM user called as Joe, a role that trusts the account, two that trust the developers' role, one of which no list names, and a whole account.
fn with_other_ways() -> Facts {
    let mut facts = world();
    let own = &mut facts.clusters[0];
    let (deploy, back, dev) = (role_arn("Deploy"), role_arn("BackDoor"), sso_arn("Dev", SUFFIX));
    if let Listed::Seen(entries) = &mut own.entries.answer {
        entries.push(entry(&deploy, "deploy", &["devs"], &[]));
        entries.push(entry(&back, "back", &[], &[("ClusterAdmin", &[])]));
        entries.push(entry(&format!("arn:aws:iam::{ACCOUNT}:user/Joe"), "joe", &["devs"], &[]));
    }
    own.aws_auth = seen(AwsAuth { accounts: "- \"111122223333\"\n".into(), ..AwsAuth::default() });
    if let Listed::Seen(bindings) = &mut own.bindings.namespaced.answer {
        bindings.push(binding("ops", "joe", "edit", &["User:dev:joe-example.com"]));
    }
    let trust = |principal: &str| {
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#)
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut roles = vec![
        iam_role(&dev, 5, SSO_TRUST),
        iam_role(&sso_arn("Ops", SUFFIX), 5, SSO_TRUST),
        iam_role(&deploy, 5, &trust(&dev)),
        iam_role(&role_arn("Side"), 5, &trust(&dev)),
        iam_role(&back, 5, &trust(&root)),
    ];
    roles.iter_mut().for_each(|role| role.permissions = seen(Permissions::default()));
    let user = IamUser { arn: format!("arn:aws:iam::{ACCOUNT}:user/Joe"), ..IamUser::default() };
    let account = Account {
        roles: seen(roles),
        users: seen(vec![user]),
        ..facts.accounts.values().next().cloned().expect("one")
    };
    facts.accounts = BTreeMap::from([(ACCOUNT.parse().expect("an account"), account)]);
    // The management account, which no service control policy binds.
    facts.organization.management = seen(ACCOUNT.parse().expect("an account"));
    facts
}

fn reached(reach: &Reach<'_>) -> Vec<String> {
    let each = reach.grants.iter().map(|reached| {
        let name = reached.grant.principal.rsplit(['/', ':']).next().unwrap_or_default();
        format!("{name}{}: {}", if reached.maybe { "?" } else { "" }, reached.by.join(" > "))
    });
    each.collect()
}

#[test]
fn a_person_reaches_what_groups_sets_and_chained_roles_lead_to_with_rights_of_the_own_session() {
    let facts = with_other_ways();
    let all = grants(&facts);
    let jane = reach(&facts, &all, "JANE@example.com");
    assert!(matches!(jane.found.as_slice(), [Found::Person { enabled: Some(true), .. }]), "{:?}", jane.found);
    let dev = format!("AWSReservedSSO_Dev_{SUFFIX}");
    let deploy = role_arn("Deploy");
    assert_eq!(
        reached(&jane),
        [
            format!("Deploy: group Developers > permission set Dev > role {deploy}"),
            format!("{dev}: group Developers > permission set Dev"),
            format!("{ACCOUNT}: group Developers > permission set Dev > role {} > account {ACCOUNT}", role_arn("Side")),
        ]
    );
    assert!(jane.off_boarding.is_none());
    let rights = |reach: &Reach<'_>| match &reach.grants[1].rights {
        Listed::Seen(rights) => rights.iter().map(|right| right.subject.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(rights(&jane), ["devs", "dev:jane-example.com"]);
    assert_eq!(rights(&reach(&facts, &all, "joe@example.com")), ["devs", "dev:joe-example.com"]);
    // A group, a permission set, a role by name, and nothing.
    assert_eq!(reached(&reach(&facts, &all, "developers"))[1], format!("{dev}: permission set Dev"));
    assert_eq!(reached(&reach(&facts, &all, "Ops"))[0], format!("AWSReservedSSO_Ops_{SUFFIX}: permission set Ops"));
    assert_eq!(reached(&reach(&facts, &all, "Deploy"))[0], "Deploy: ");
    assert!(reach(&facts, &all, "nobody-at-all").found.is_empty());
}

#[test]
fn what_control_policies_that_could_not_be_read_may_deny_is_reached_maybe() {
    let mut facts = with_other_ways();
    facts.organization.management = hidden();
    let all = grants(&facts);
    let found = reached(&reach(&facts, &all, "jane@example.com"));
    assert!(found.iter().any(|row| row.starts_with("Deploy?: ")), "{found:?}");
}

#[test]
fn a_role_whose_trust_names_the_account_is_reached_by_whom_its_own_policies_allow_and_maybe_where_they_are_hidden() {
    let mut facts = with_other_ways();
    let with = |facts: &mut Facts, permissions: fn() -> Fact<Permissions>| {
        for account in facts.accounts.values_mut() {
            if let Listed::Seen(roles) = &mut account.roles.answer {
                roles.iter_mut().for_each(|role| role.permissions = permissions());
            }
        }
    };
    let back = |facts: &Facts| {
        let all = grants(facts);
        let found = reached(&reach(facts, &all, "jane@example.com"));
        found.into_iter().find(|row| row.starts_with("BackDoor"))
    };
    assert_eq!(back(&facts), None, "no policy of the role allows it");
    with(&mut facts, || {
        let allow = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;
        seen(Permissions { inline: vec![("x".into(), allow.into())], ..Permissions::default() })
    });
    assert!(back(&facts).is_some(), "its policies allow it");
    with(&mut facts, hidden);
    assert!(back(&facts).is_some_and(|row| row.starts_with("BackDoor?")), "its policies are not known");
}

#[test]
fn when_somebody_leaves_what_lives_on_is_listed_with_what_to_take_away_and_the_other_ways_in() {
    let facts = with_other_ways();
    let all = grants(&facts);
    let joe = reach(&facts, &all, "joe@example.com").off_boarding.expect("he is disabled");
    assert_eq!(joe.standing, Standing::Disabled);
    let session = Living::RoleSession { account: ACCOUNT.into(), role: "Dev".into(), seconds: 4 * 3600, exact: true };
    assert!(
        joe.living.contains(&session) && joe.living.contains(&Living::ClusterToken { seconds: 900 }),
        "{:?}",
        joe.living
    );
    assert!(joe.living.iter().any(|living| matches!(living, Living::PortalSession { .. })) && joe.living.len() == 3);
    let has = |is: fn(&Revoke) -> bool| joe.revoke.iter().filter(|revoke| is(revoke)).count();
    assert_eq!(has(|revoke| matches!(revoke, Revoke::PortalSessions { user, .. } if user == "u-joe")), 1);
    assert_eq!(
        has(|revoke| matches!(revoke, Revoke::Membership { group, user, .. } if group == "g-dev" && user == "u-joe")),
        1
    );
    assert_eq!(
        has(
            |revoke| matches!(revoke, Revoke::Binding { binding, user, .. } if binding == "joe" && user == "dev:joe-example.com")
        ),
        1
    );
    assert_eq!(joe.revoke.len(), 3, "{:?}", joe.revoke);
    let ways: Vec<_> = joe
        .other_ways
        .iter()
        .map(|other| {
            (
                other.grant.principal.rsplit(['/', ':']).next().unwrap_or_default(),
                other.way.clone(),
                other.is_named_alike,
            )
        })
        .collect();
    assert_eq!(
        ways,
        [
            ("BackDoor", Some(WayIn::Account(ACCOUNT.into())), false),
            ("Deploy", Some(WayIn::Principal(sso_arn("Dev", SUFFIX))), false),
            ("Joe", Some(WayIn::Keys), true),
            (ACCOUNT, Some(WayIn::Account(ACCOUNT.into())), false),
        ]
    );
}

#[test]
fn somebody_whom_the_directory_does_not_know_is_absent_only_where_all_of_it_could_be_read() {
    let mut facts = with_other_ways();
    let all = grants(&facts);
    let left = reach(&facts, &all, "left@example.com");
    assert!(left.found.is_empty() && left.grants.is_empty());
    let off = left.off_boarding.expect("nobody knows her");
    assert_eq!(off.standing, Standing::Absent);
    let is_gone =
        |revoke: &&Revoke| matches!(revoke, Revoke::Assignment { assignee: Assignee::User(id), .. } if id == "u-gone");
    assert!(off.revoke.iter().any(|revoke| is_gone(&revoke)), "{:?}", off.revoke);
    assert!(
        off.revoke
            .iter()
            .any(|revoke| matches!(revoke, Revoke::Binding { user, .. } if user == "dev:left-example.com"))
    );
    assert!(off.living.contains(&Living::RoleSession {
        account: String::new(),
        role: String::new(),
        seconds: 43200,
        exact: false
    }));
    facts.directories[0].users = hidden();
    let all = grants(&facts);
    let left = reach(&facts, &all, "left@example.com");
    assert!(left.off_boarding.is_none() && left.gaps.iter().any(|gap| gap.what.starts_with("users of the directory")));
}

/// The world with a role that trusts one session of another.
fn trusting_a_session(of: &str, session: &str) -> Facts {
    let mut facts = with_other_ways();
    let principal = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{of}/{session}");
    let trust = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    if let Listed::Seen(entries) = &mut facts.clusters[0].entries.answer {
        entries.push(entry(&role_arn("Personal"), "personal", &["devs"], &[]));
    }
    for account in facts.accounts.values_mut() {
        if let Listed::Seen(roles) = &mut account.roles.answer {
            let mut role = iam_role(&role_arn("Personal"), 5, &trust);
            role.permissions = seen(Permissions::default());
            roles.push(role);
        }
    }
    facts
}

#[test]
fn a_trust_policy_that_names_a_session_is_a_way_of_that_person_alone() {
    let personal = |facts: &Facts, who: &str| {
        let all = grants(facts);
        reached(&reach(facts, &all, who)).into_iter().find(|row| row.starts_with("Personal"))
    };
    let dev = format!("AWSReservedSSO_Dev_{SUFFIX}");
    let facts = trusting_a_session(&dev, "jane@example.com");
    let way = format!("Personal: group Developers > permission set Dev > role {}", role_arn("Personal"));
    assert_eq!(personal(&facts, "jane@example.com"), Some(way));
    assert_eq!(personal(&facts, "joe@example.com"), None);
    // Of a group or a set somebody may have it: who is not said.
    for who in ["Developers", "Dev"] {
        assert!(personal(&facts, who).is_some_and(|row| row.starts_with("Personal?: ")), "{who}");
    }
    // Who assumes a role calls the session as it likes.
    let facts = trusting_a_session("Side", "deploy");
    assert!(
        personal(&facts, "jane@example.com")
            .is_some_and(|row| row.starts_with("Personal: ") && row.contains("role/Side > "))
    );
    // The session of another role of that name.
    let facts = trusting_a_session("Dev", "jane@example.com");
    assert_eq!(personal(&facts, "jane@example.com"), None);
}

#[test]
fn what_nobody_reads_of_organizations_and_other_accounts_is_a_gap_of_who() {
    let gaps = |facts: &Facts, who: &str| {
        let all = grants(facts);
        reach(facts, &all, who).gaps.into_iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect::<Vec<_>>()
    };
    let has = |all: &[String], words: &str| all.iter().any(|gap| gap.contains(words));
    // The management account, which no control policy binds.
    let facts = with_other_ways();
    let all = gaps(&facts, "jane@example.com");
    assert!(!has(&all, "control policies"), "{all:?}");
    let mut facts = with_other_ways();
    facts.organization.management = hidden();
    facts.organization.control_policies.insert(ACCOUNT.parse().expect("an account"), hidden());
    let all = gaps(&facts, "jane@example.com");
    assert!(has(&all, "service control policies of account 111122223333: access denied"), "{all:?}");
    assert!(has(&all, "resource control policies: eksso does not read them"), "{all:?}");
    // Nothing is assumed on the way to what the operators have.
    assert!(!has(&gaps(&facts, "Deploy"), "resource control policies"));
    // A trust policy that cannot be read, and one that names an account of which nothing was read.
    let mut facts = with_other_ways();
    for account in facts.accounts.values_mut() {
        if let Listed::Seen(roles) = &mut account.roles.answer {
            roles.iter_mut().filter(|role| role.arn.ends_with("/Side")).for_each(|role| role.trust = "{".into());
            let other = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999900001111:root"},"Action":"sts:AssumeRole"}}"#;
            roles.iter_mut().filter(|role| role.arn.ends_with("/BackDoor")).for_each(|role| role.trust = other.into());
        }
    }
    let all = gaps(&facts, "jane@example.com");
    assert!(has(&all, "the trust policy of arn:aws:iam::111122223333:role/Side"), "{all:?}");
    assert!(has(&all, "IAM roles of account 999900001111: nobody asked"), "{all:?}");
}
