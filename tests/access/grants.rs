//! The grants that follow from what was read, on facts made by hand.

use eksso::domain::access::aws_auth::AwsAuth;
use eksso::domain::access::facts::{
    AccessEntry, Assignee, Capability, Entitlement, Facts, IamUser, IdentityProvider, Source,
};
use eksso::domain::access::grant::{Grant, Life, MappedBy, PrincipalKind, WayIn};
use eksso::domain::access::grants::grants;
use eksso::domain::access::{AuthMode, Listed};

use super::made::{
    ACCOUNT, SSO_TRUST, binding, cluster, cluster_role, day, directory, entry, facts, hidden, iam_role, role_arn, seen,
    sso_arn, words,
};

const DEV: &str = "0123456789abcdef";
const OLD: &str = "fedcba9876543210";

/// A cluster with entries only, whose roles were made on the 5th.
fn with_entries(entries: Vec<AccessEntry>, roles: &[(&str, i64, &str)]) -> Facts {
    let mut own = cluster("prod", AuthMode::Api);
    own.entries = seen(entries);
    facts(vec![own], roles.iter().map(|(arn, made, trust)| iam_role(arn, *made, trust)).collect())
}

#[track_caller]
fn of<'g>(all: &'g [Grant], principal: &str) -> &'g Grant {
    let mut own = all.iter().filter(|grant| grant.principal == principal);
    let found = own.next().unwrap_or_else(|| panic!("no {principal} in {all:#?}"));
    assert!(own.next().is_none(), "{principal} twice");
    found
}

fn dead(life: &Life) -> &str {
    match life {
        Life::Dead(why) => why,
        other => panic!("{other:?}"),
    }
}

fn names(grant: &Grant) -> Vec<String> {
    match &grant.people {
        Listed::Seen(people) => people
            .iter()
            .map(|person| format!("{}:{}:{}:{:?}", person.kind, person.name, person.through, person.enabled))
            .collect(),
        other => vec![format!("{other:?}")],
    }
}

fn rights(grant: &Grant) -> Vec<String> {
    match &grant.rights {
        Listed::Seen(rights) => rights
            .iter()
            .map(|right| format!("{} {} {} {}", right.role, right.binding, right.subject, right.namespaces.join(",")))
            .collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn an_entry_of_a_permission_set_leads_to_its_people_and_its_rights() {
    let (dev, ops) = (sso_arn("Dev", DEV), sso_arn("Ops", DEV));
    let entries = vec![
        entry(&dev, "dev:{{SessionName}}", &["devs"], &[("View", &["web", "dev-*"])]),
        entry(&ops, "ops", &[], &[("ClusterAdmin", &[])]),
    ];
    let mut facts = with_entries(entries, &[(&dev, 5, SSO_TRUST), (&ops, 5, SSO_TRUST)]);
    facts.directories = vec![directory()];
    let own = &mut facts.clusters[0];
    own.roles.cluster = seen(vec![cluster_role("edit", &["* - pods"])]);
    own.bindings.namespaced = seen(vec![
        binding("web", "devs-edit", "edit", &["Group:devs", "Group:others"]),
        binding("web", "gone", "no-such-role", &["Group:devs"]),
        binding("pay", "jane", "edit", &["User:dev:jane-example.com"]),
    ]);
    let mut defaults = binding("", "system:basic-user", "edit", &["Group:system:authenticated"]);
    defaults.labels.insert("kubernetes.io/bootstrapping".into(), "rbac-defaults".into());
    own.bindings.cluster = seen(vec![defaults, binding("", "all", "edit", &["Group:system:authenticated"])]);
    let all = grants(&facts);
    let grant = of(&all, &dev);
    assert_eq!(grant.kind, PrincipalKind::PermissionSet { set: "Dev".into() });
    assert_eq!((grant.mapped_by, &grant.life, grant.aws_own), (MappedBy::AccessEntry, &Life::Alive, false));
    assert_eq!(grant.ways_in, Listed::Seen(vec![WayIn::IdentityCenter("Dev".into())]));
    assert_eq!(
        names(grant),
        [
            "group:Developers::None",
            "user:jane@example.com:Developers:Some(true)",
            "user:joe@example.com:Developers:Some(false)"
        ]
    );
    assert_eq!(
        rights(grant),
        [
            "AmazonEKSViewPolicy   web,dev-*",
            "edit all system:authenticated ",
            "edit devs-edit devs web",
            "edit jane dev:jane-example.com pay"
        ]
    );
    // Somebody whom the directory no longer knows stays visible, without a name.
    assert_eq!(names(of(&all, &ops)), ["user:ann@example.com::Some(true)", "user:::Some(false)"]);
    assert!(!grant.sources.is_empty());
    facts.clusters[0].bindings.namespaced = hidden();
    let all = grants(&facts);
    assert!(matches!(&of(&all, &dev).rights, Listed::Hidden(why) if why.contains("RoleBindings")));
    facts.directories[0].assignments[0].assignees = hidden();
    facts.directories[0].users = hidden();
    let all = grants(&facts);
    assert!(matches!(&of(&all, &dev).people, Listed::Hidden(_)));
    // Where the users could not be read, an id is no proof that somebody is gone.
    assert_eq!(names(of(&all, &ops)), ["user:u-ann::None", "user:u-gone::None"]);
}

#[test]
fn life_is_told_from_evidence_and_unknown_where_there_is_none() {
    let (gone, kept, remade, touched) = (role_arn("Gone"), role_arn("Kept"), role_arn("Remade"), role_arn("Touched"));
    let (moved, old) = (role_arn("a/Moved"), sso_arn("Dev", OLD));
    let mut entries: Vec<_> =
        [&gone, &kept, &remade, &touched, &moved, &old].map(|arn| entry(arn, "u", &[], &[])).into_iter().collect();
    if let Listed::Seen(details) = &mut entries[3].details.answer {
        details.modified = Some(day(15));
    }
    entries.push(entry("arn:aws:iam::999900001111:role/Far", "u", &[], &[]));
    entries.push(entry(&format!("arn:aws:iam::{ACCOUNT}:user/gone"), "u", &[], &[]));
    let present = sso_arn("Dev", DEV);
    let roles = [
        (kept.as_str(), 5, ""),
        (&remade, 12, ""),
        (&touched, 12, ""),
        (&role_arn("b/Moved"), 5, ""),
        (&present, 12, SSO_TRUST),
    ];
    let all = grants(&with_entries(entries.clone(), &roles));
    assert_eq!(of(&all, &kept).life, Life::Alive);
    for (arn, word) in [
        (gone.as_str(), "not in IAM"),
        (&moved, "not in IAM"),
        (&remade, "made again"),
        (&old, &format!("now it is AWSReservedSSO_Dev_{DEV}")),
        (&format!("arn:aws:iam::{ACCOUNT}:user/gone"), "not in IAM"),
    ] {
        assert!(dead(&of(&all, arn).life).contains(word), "{arn}: {:?}", of(&all, arn).life);
    }
    assert!(matches!(&of(&all, &touched).life, Life::Unknown(why) if why.starts_with("likely dead")));
    assert!(
        matches!(&of(&all, "arn:aws:iam::999900001111:role/Far").life, Life::Unknown(why) if why.contains("nobody asked"))
    );
    let mut facts = with_entries(entries, &roles);
    facts.accounts.values_mut().for_each(|account| account.roles = hidden());
    let all = grants(&facts);
    assert!(matches!(&of(&all, &gone).life, Life::Unknown(why) if why.contains("access denied")));
    assert!(matches!(&of(&all, &gone).ways_in, Listed::Hidden(_)));
    assert_eq!(of(&all, &old).ways_in, Listed::Seen(vec![WayIn::IdentityCenter("Dev".into())]));
}

fn lines(mode: AuthMode) -> Facts {
    let mut own = cluster("old", mode);
    let (dev, ops) = (role_arn(&format!("AWSReservedSSO_Dev_{DEV}")), role_arn("Ops"));
    let roles = format!(
        "- rolearn: {}\n  username: dev:{{{{SessionName}}}}\n  groups: [devs]\n\
         - rolearn: {ops}\n  username: ops\n  groups: [system:masters]\n\
         - rolearn: {}\n  username: x\n- rolearn: {}\n  username: x\n- rolearn: {}\n  username: x\n\
         - rolearn: {}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:bootstrappers, system:nodes]\n\
         - rolearn: {}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:nodes, system:masters]\n\
         - rolearn: {}\n  username: system:node:{{{{SessionName}}}}\n  groups: [system:nodes, admins]\n",
        dev.to_lowercase(),
        role_arn("path/Path"),
        role_arn("Gone"),
        role_arn(&format!("AWSReservedSSO_Dev_{OLD}")),
        role_arn("Node"),
        role_arn("Odd"),
        role_arn("Fake"),
    );
    let users = format!("- userarn: arn:aws:iam::{ACCOUNT}:user/team/jane\n  username: jane\n  groups: [devs]\n");
    own.aws_auth = seen(AwsAuth { roles, users, accounts: "- \"999900001111\"\n".into(), ignored: vec![] });
    own.entries = seen(vec![entry(&role_arn("x/Ops"), "by-entry", &[], &[])]);
    let mut facts = facts(
        vec![own],
        [
            &sso_arn("Dev", DEV),
            &role_arn("x/Ops"),
            &role_arn("path/Path"),
            &role_arn("Node"),
            &role_arn("Odd"),
            &role_arn("Fake"),
        ]
        .map(|arn| iam_role(arn, 5, SSO_TRUST))
        .to_vec(),
    );
    let jane = IamUser { arn: format!("arn:aws:iam::{ACCOUNT}:user/team/jane"), ..IamUser::default() };
    facts.accounts.values_mut().for_each(|account| account.users = seen(vec![jane.clone()]));
    facts.directories = vec![directory()];
    facts
}

#[test]
fn lines_of_aws_auth_count_by_their_arn_alone_and_an_entry_outranks_them() {
    let all = grants(&lines(AuthMode::Both));
    let dev = of(&all, &role_arn(&format!("AWSReservedSSO_Dev_{DEV}")).to_lowercase());
    assert_eq!((dev.mapped_by, &dev.life), (MappedBy::AwsAuth, &Life::Alive));
    assert_eq!(dev.kind, PrincipalKind::PermissionSet { set: "Dev".into() });
    assert_eq!(names(dev).len(), 3);
    assert!(dead(&of(&all, &role_arn("Ops")).life).contains("access entry"));
    assert_eq!(of(&all, &role_arn("x/Ops")).life, Life::Alive);
    assert!(dead(&of(&all, &role_arn("path/Path")).life).contains("path"));
    assert!(dead(&of(&all, &role_arn("Gone")).life).contains("not in IAM"));
    assert!(dead(&of(&all, &role_arn(&format!("AWSReservedSSO_Dev_{OLD}"))).life).contains("earlier role"));
    let user = of(&all, &format!("arn:aws:iam::{ACCOUNT}:user/team/jane"));
    assert_eq!((&user.kind, &user.life), (&PrincipalKind::User, &Life::Alive));
    assert_eq!(user.ways_in, Listed::Seen(vec![WayIn::Keys]));
    let account = of(&all, "999900001111");
    assert_eq!((&account.kind, &account.life), (&PrincipalKind::Account, &Life::Alive));
    assert_eq!(account.ways_in, Listed::Seen(vec![WayIn::Account("999900001111".into())]));
    assert!(all.iter().all(|grant| grant.kind != PrincipalKind::Creator));
    // Nodes are AWS's own as long as they get no more than nodes do.
    let kinds = ["Node", "Odd", "Fake"].map(|name| {
        let grant = of(&all, &role_arn(name));
        (grant.kind.clone(), grant.aws_own)
    });
    assert_eq!(kinds, [(PrincipalKind::Node, true), (PrincipalKind::Node, false), (PrincipalKind::Role, false)]);
    assert_eq!(grants(&lines(AuthMode::Api)).len(), 1, "the entry");
    let all = grants(&lines(AuthMode::ConfigMap));
    assert!(all.iter().all(|grant| grant.mapped_by != MappedBy::AccessEntry));
    // IAM has the role under a path, which a line does not name.
    assert_eq!(of(&all, &role_arn("Ops")).life, Life::Alive);
}

#[test]
fn a_line_that_a_hidden_entry_may_outrank_is_not_known_to_count() {
    let mut facts = lines(AuthMode::Both);
    facts.clusters[0].entries = hidden();
    let all = grants(&facts);
    let life = |all: &[Grant], principal: &str| of(all, principal).life.clone();
    assert!(
        matches!(life(&all, &role_arn("Ops")), Life::Unknown(why) if why.contains("whether an access entry outranks it"))
    );
    // What is dead in any case stays so, and a whole account is asked about last.
    assert!(dead(&life(&all, &role_arn("Gone"))).contains("not in IAM"));
    assert_eq!(life(&all, "999900001111"), Life::Alive);
    facts.clusters[0].settings = hidden();
    assert!(matches!(life(&grants(&facts), &role_arn("Ops")), Life::Unknown(_)), "the mode is not known either");
    let mut facts = lines(AuthMode::ConfigMap);
    facts.clusters[0].entries = hidden();
    assert_eq!(life(&grants(&facts), &role_arn("Ops")), Life::Alive, "the mode has no entries");
}

#[test]
fn a_principal_that_may_have_been_made_since_iam_was_read_is_not_dead() {
    let earlier = Source { call: "x:Read".into(), by: "111122223333/Audit".into(), at: day(8) };
    let mut facts = lines(AuthMode::ConfigMap);
    let gone = role_arn("Gone");
    assert!(dead(&of(&grants(&facts), &gone).life).contains("not in IAM"));
    facts.accounts.values_mut().for_each(|account| account.roles.source = Some(earlier.clone()));
    assert!(
        matches!(&of(&grants(&facts), &gone).life, Life::Unknown(why) if why.contains("read before") && why.contains("--refresh"))
    );
    // An entry says when it was made: one of before that had a principal then.
    let fresh = role_arn("Fresh");
    let mut facts = with_entries(vec![entry(&gone, "u", &[], &[]), entry(&fresh, "u", &[], &[])], &[]);
    facts.accounts.values_mut().for_each(|account| account.roles.source = Some(earlier.clone()));
    if let Listed::Seen(entries) = &mut facts.clusters[0].entries.answer
        && let Listed::Seen(details) = &mut entries[0].details.answer
    {
        details.created = Some(day(7));
    }
    let all = grants(&facts);
    assert!(dead(&of(&all, &gone).life).contains("not in IAM"));
    assert!(matches!(&of(&all, &fresh).life, Life::Unknown(why) if why.contains("read before")));
}

#[test]
fn who_made_a_cluster_of_the_config_map_is_an_admin_whom_no_list_names() {
    let all = grants(&lines(AuthMode::ConfigMap));
    let creator = of(&all, "");
    assert_eq!((&creator.kind, creator.mapped_by), (&PrincipalKind::Creator, MappedBy::Creation));
    assert_eq!(creator.groups, ["system:masters"]);
    assert!(matches!(creator.life, Life::Unknown(_)) && matches!(creator.ways_in, Listed::Hidden(_)));
    assert_eq!(rights(creator), ["cluster-admin  system:masters "]);
    let mut facts = lines(AuthMode::ConfigMap);
    if let Listed::Seen(settings) = &mut facts.clusters[0].settings.answer {
        settings.creator_was_made_admin = Some(false);
    }
    assert!(grants(&facts).iter().all(|grant| grant.kind != PrincipalKind::Creator));
}

#[test]
fn what_aws_made_for_itself_is_known_and_what_looks_like_it_is_not_taken_for_it() {
    let arn = |name: &str| role_arn(name);
    let node = |name: &str| {
        let mut entry = entry(&arn(name), "system:node:{{EC2PrivateDNSName}}", &["system:nodes"], &[]);
        if let Listed::Seen(details) = &mut entry.details.answer {
            details.kind = "EC2_LINUX".into();
        }
        entry
    };
    let mut unread = entry(&arn("Machine"), "", &[], &[]);
    unread.details = hidden();
    let pods = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}}"#;
    let entries = vec![
        node("Node"),
        unread,
        entry(&arn("aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"), "eks", &[], &[]),
        entry(&arn("Cluster"), "c", &[], &[("Compute", &[]), ("BlockStorageCluster", &[])]),
        entry(&arn("Kro"), "k", &[], &[("ClusterAdmin", &[])]),
        entry(&arn("Pods"), "p", &["g"], &[]),
        entry(&arn("Mixed"), "m", &[], &[("Compute", &[]), ("ClusterAdmin", &[])]),
        entry(&arn("Bare"), "b", &[], &[]),
    ];
    let names = ["Node", "Machine", "Cluster", "Kro", "Mixed", "Bare"];
    let roles: Vec<String> = names.iter().map(|name| arn(name)).collect();
    let mut roles: Vec<(&str, i64, &str)> = roles.iter().map(|arn| (arn.as_str(), 5, SSO_TRUST)).collect();
    let pod_role = arn("Pods");
    roles.push((&pod_role, 5, pods));
    let mut facts = with_entries(entries, &roles);
    let own = &mut facts.clusters[0];
    own.machine_roles = seen([arn("Machine")].into());
    own.capabilities = seen(vec![Capability { role_arn: arn("Kro"), ..Capability::default() }]);
    let all = grants(&facts);
    let of = |name: &str| {
        let grant = of(&all, &arn(name));
        (grant.kind.clone(), grant.aws_own)
    };
    assert_eq!(of("Node"), (PrincipalKind::Node, true));
    assert_eq!(of("Machine"), (PrincipalKind::Node, true));
    assert_eq!(of("aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"), (PrincipalKind::Service, true));
    assert_eq!(of("Cluster"), (PrincipalKind::Service, true));
    assert_eq!(of("Kro"), (PrincipalKind::Service, true));
    assert_eq!(of("Pods"), (PrincipalKind::Role, true));
    assert_eq!(of("Mixed"), (PrincipalKind::Role, false));
    assert_eq!(of("Bare"), (PrincipalKind::Role, false));
}

#[test]
fn ways_in_and_entitled_people_of_a_role_come_from_its_trust_policy_and_the_account_access_manager() {
    let trust = r#"{"Statement":[
        {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:role/Ci"]},"Action":"sts:AssumeRole"},
        {"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Okta"},"Action":"sts:AssumeRoleWithSAML"},
        {"Effect":"Allow","Principal":{"Service":"account-access.amazonaws.com"},"Action":["sts:AssumeRole","sts:SetContext"]}]}"#;
    let arn = role_arn("team/Deploy");
    let mut facts = with_entries(vec![entry(&arn, "d", &[], &[])], &[(&arn, 5, trust)]);
    facts.directories = vec![directory()];
    let all = grants(&facts);
    assert!(matches!(&of(&all, &arn).people, Listed::Hidden(_)));
    let Listed::Seen(ways) = &of(&all, &arn).ways_in else { panic!("ways in") };
    for way in [
        WayIn::Account(ACCOUNT.into()),
        WayIn::Principal("arn:aws:iam::444455556666:role/Ci".into()),
        WayIn::Saml("arn:aws:iam::111122223333:saml-provider/Okta".into()),
    ] {
        assert!(ways.contains(&way), "{way:?} in {ways:?}");
    }
    assert!(ways.iter().any(|way| matches!(way, WayIn::AccessManager(_))) && ways.len() == 4, "{ways:?}");
    facts.accounts.values_mut().for_each(|account| {
        let assignee = Assignee::Group("g-dev".into());
        account.entitlements = seen(vec![Entitlement { role_arn: arn.clone(), assignee }]);
    });
    assert_eq!(names(of(&grants(&facts), &arn)).len(), 3);
}

#[test]
fn users_of_another_identity_provider_have_what_bindings_to_its_prefixed_names_give() {
    let mut own = cluster("prod", AuthMode::Api);
    own.identity_providers = seen(vec![IdentityProvider {
        name: "okta".into(),
        issuer: "https://id.example.com".into(),
        username_prefix: "okta:".into(),
        groups_prefix: "okta:".into(),
        groups_claim: "groups".into(),
    }]);
    own.roles.cluster = seen(vec![cluster_role("view", &["get - pods"])]);
    own.bindings.cluster = seen(vec![
        binding("", "a", "view", &["Group:okta:devs", "Group:devs", "User:okta:jane", "User:okta:"]),
        binding("", "b", "view", &["Group:system:masters"]),
    ]);
    let all = grants(&facts(vec![own], vec![]));
    let grant = of(&all, "https://id.example.com");
    assert_eq!((&grant.kind, &grant.life), (&PrincipalKind::IdentityProvider, &Life::Alive));
    assert_eq!(rights(grant), ["view a okta:devs ", "view a okta:jane "]);
}

#[test]
fn what_could_not_be_read_of_an_entry_is_said_and_not_taken_for_nothing() {
    let arn = role_arn("Dev");
    let mut own = entry(&arn, "d", &["g"], &[]);
    own.policies = hidden();
    let facts = with_entries(vec![own], &[(&arn, 5, SSO_TRUST)]);
    let all = grants(&facts);
    let grant = of(&all, &arn);
    assert!(grant.unread.as_ref().is_some_and(|why| why.contains("access policies")), "{:?}", grant.unread);
    assert!(matches!(&grant.rights, Listed::Hidden(_)));
    assert_eq!((grant.user.as_str(), &grant.groups), ("d", &words(&["g"])));
}

#[test]
fn grants_come_in_one_order_whatever_the_order_of_what_was_read() {
    let mut facts = lines(AuthMode::Both);
    let mut second = cluster("a-first", AuthMode::ConfigMap);
    second.aws_auth = facts.clusters[0].aws_auth.clone();
    facts.clusters.push(second);
    let before = grants(&facts);
    facts.clusters.reverse();
    facts.directories[0].assignments.reverse();
    assert_eq!(grants(&facts), before);
    assert_eq!(before[0].cluster.name.as_str(), "a-first");
}

#[test]
fn a_line_in_other_letters_finds_the_set_its_people_and_its_present_role() {
    let dev = sso_arn("Dev", DEV);
    let mut own = cluster("prod", AuthMode::ConfigMap);
    let [present, old] = [DEV, OLD].map(|suffix| {
        role_arn(&format!("awsreservedsso_DEV_{suffix}"))
            .to_uppercase()
            .replace("ARN:AWS:IAM", "arn:aws:iam")
            .replace("ROLE/", "role/")
    });
    own.aws_auth = seen(AwsAuth { roles: format!("- rolearn: {present}\n- rolearn: {old}\n"), ..AwsAuth::default() });
    let mut facts = facts(vec![own], vec![iam_role(&dev, 5, SSO_TRUST)]);
    facts.directories = vec![directory()];
    let all = grants(&facts);
    let found = of(&all, &present);
    assert_eq!((&found.life, &found.kind), (&Life::Alive, &PrincipalKind::PermissionSet { set: "Dev".into() }));
    assert_eq!(names(found).len(), 3, "the group and its two members");
    let gone = of(&all, &old);
    assert!(dead(&gone.life).contains("earlier role of that permission set"), "{:?}", gone.life);
    assert_eq!(names(gone).len(), 3, "the set's people are found by its name in any case");
}

#[test]
fn a_line_beside_an_entry_of_an_earlier_principal_of_its_name_is_not_known_to_count() {
    // EKS's entry is of a role under another path, or of one that was deleted and made again; the line names the present one.
    for (entry_of, made, real) in [("old/Ops", 5, "Ops"), ("Ops", 15, "Ops")] {
        let mut own = cluster("prod", AuthMode::Both);
        own.entries = seen(vec![entry(&role_arn(entry_of), "by-entry", &[], &[])]);
        let line = format!("- rolearn: {}\n  username: ops\n  groups: [system:masters]\n", role_arn("Ops"));
        own.aws_auth = seen(AwsAuth { roles: line, ..AwsAuth::default() });
        let facts = facts(vec![own], vec![iam_role(&role_arn(real), made, SSO_TRUST)]);
        let all = grants(&facts);
        let line = all.iter().find(|grant| grant.mapped_by == MappedBy::AwsAuth).expect("the line");
        assert!(
            matches!(&line.life, Life::Unknown(why) if why.contains("earlier or another principal")),
            "{:?}",
            line.life
        );
        let by_entry = all.iter().find(|grant| grant.mapped_by == MappedBy::AccessEntry).expect("the entry");
        dead(&by_entry.life);
    }
}

#[test]
fn lines_of_users_that_the_authenticator_may_take_any_of_give_rights_that_are_not_known() {
    let mut own = cluster("prod", AuthMode::ConfigMap);
    let users = format!(
        "- userarn: arn:aws:iam::{ACCOUNT}:user/jane\n  username: jane\n  groups: [devs]\n\
         - userarn: arn:aws:iam::{ACCOUNT}:user/Jane\n  username: root\n  groups: [system:masters]\n"
    );
    own.aws_auth = seen(AwsAuth { users, ..AwsAuth::default() });
    let all = grants(&facts(vec![own], Vec::new()));
    let jane = of(&all, &format!("arn:aws:iam::{ACCOUNT}:user/jane"));
    assert!(matches!(&jane.rights, Listed::Hidden(why) if why.contains("different letters")), "{:?}", jane.rights);
    assert_eq!(jane.groups, words(&["devs", "system:masters"]), "what it may give is seen");
}
