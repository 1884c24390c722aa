//! The rules over facts: the clean world is clean, and each mistake is that finding and no other.

use std::collections::BTreeSet;

use eksso::domain::access::answers::Rule;
use eksso::domain::access::facts::{Assignee, Capability, RbacRole};
use eksso::domain::audit::finding::{Report, Severity};
use eksso::domain::audit::{LEFT_OUT, rules};
use serde_json::json;

use crate::audit::seeds::{SEEDS, expected};
use crate::audit::world::{World, binding, clean, github, hidden, permission_set, rule, seen_mut};

fn found(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn an_organization_as_the_practice_wants_it_has_no_finding_and_all_of_it_was_checked() {
    let report = clean().report();
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert!(report.unchecked.is_empty(), "{:#?}", report.unchecked);
    assert_eq!(report.code(Severity::Low), 0);
}

#[test]
fn each_mistake_is_its_finding_and_no_other() {
    let mut wrong = Vec::new();
    for (rule, what, seed) in SEEDS {
        let mut world = clean();
        seed(&mut world);
        let report = world.report();
        let all: BTreeSet<&str> = expected(rule).into_iter().collect();
        if found(&report) != all {
            wrong.push(format!(
                "{rule} ({what}): {:?}",
                report.findings.iter().map(|finding| (finding.rule, &finding.fact)).collect::<Vec<_>>()
            ));
        }
        let unchecked: Vec<_> =
            report.unchecked.iter().filter(|unchecked| unchecked.rule != "creator-hidden").collect();
        if !unchecked.is_empty() {
            wrong.push(format!("{rule} ({what}): not checked: {unchecked:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_mistake_that_shows_it() {
    let seeded: BTreeSet<&str> = SEEDS.iter().map(|(rule, ..)| *rule).collect();
    let all: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(seeded, all);
    // The 73 of the design and the four below its table, without the two that are left out, and that of expired suppressions.
    assert_eq!(all.len(), 73 + 4 - LEFT_OUT.len() + 1);
}

#[test]
fn every_finding_says_what_was_seen_where_and_what_to_do() {
    for (rule, what, seed) in SEEDS {
        let mut world = clean();
        seed(&mut world);
        for finding in world.report().findings {
            assert!(
                finding.fact.ends_with('.') && !finding.fix.is_empty() && !finding.resource.is_empty(),
                "{rule} ({what}): {finding:?}"
            );
            assert!(
                finding.rule == "suppression-expired" || !finding.sources.is_empty(),
                "{rule} ({what}): no source: {finding:?}"
            );
        }
    }
}

#[test]
fn what_could_not_be_read_is_not_checked_and_never_clean() {
    type Hide = fn(&mut World);
    let cases: [(&str, Hide, &[&str]); 10] = [
        (
            "settings",
            |world| world.payments().settings = hidden("denied"),
            &["endpoint-open", "no-audit-log", "config-map-only"],
        ),
        (
            "entries",
            |world| world.payments().entries = hidden("denied"),
            &["trust-account", "admin-too-many", "policy-self-grant", "user-mapped"],
        ),
        (
            "one entry",
            |world| world.entry("OktaDeveloper").details = hidden("denied"),
            &["group-unbound", "username-shared", "entry-empty"],
        ),
        (
            "aws-auth",
            |world| world.legacy().aws_auth = hidden("denied"),
            &["masters", "aws-auth-path", "trust-account"],
        ),
        (
            "bindings",
            |world| world.payments().bindings.namespaced = hidden("denied"),
            &["group-unbound", "rbac-escalation", "binding-nobody"],
        ),
        (
            "the roles of an account",
            |world| world.account("222222222222").roles = hidden("denied"),
            &["trust-anyone", "entry-dead-principal", "policy-eks-star"],
        ),
        (
            "the policies of a role",
            |world| world.role("OktaDeveloper").permissions = hidden("denied"),
            &["policy-eks-star", "policy-iam-escalation"],
        ),
        (
            "the directory",
            |world| world.facts.directories.clear(),
            &["session-long", "assignee-gone", "set-unassigned", "assign-too-many"],
        ),
        (
            "delegated administrators",
            |world| world.facts.organization.delegated = hidden("denied"),
            &["assign-too-many"],
        ),
        (
            "who is assigned the admins' set",
            |world| {
                let argo = Capability {
                    name: "argo".into(),
                    kind: "ARGOCD".into(),
                    role_arn: "arn:aws:iam::222222222222:role/eks/payments/argo".into(),
                    argo_roles: vec![("ADMIN".into(), Assignee::Group("g-EKS Developers".into()))],
                };
                seen_mut(&mut world.payments().capabilities).push(argo);
                world.facts.directories[0].assignments[0].assignees = hidden("denied");
            },
            &["argocd-admins", "set-unassigned"],
        ),
    ];
    for (what, hide, rules) in cases {
        let mut world = clean();
        hide(&mut world);
        let report = world.report();
        assert!(report.findings.is_empty(), "{what}: {:#?}", report.findings);
        assert_eq!(report.code(Severity::Low), 6, "{what}");
        let unchecked: BTreeSet<&str> = report.unchecked.iter().map(|unchecked| unchecked.rule).collect();
        for rule in rules {
            assert!(unchecked.contains(rule), "{what} is hidden, and {rule} says nothing: {unchecked:?}");
        }
    }
}

#[test]
fn a_suppression_hides_its_finding_until_it_expires() {
    let (_, _, seed) = SEEDS.iter().find(|(rule, ..)| *rule == "trust-account").expect("a row");
    let mut world = clean();
    seed(&mut world);
    let agreed = "\n[[suppress]]\nrule = \"trust-account\"\nresource = \"role/eks/OktaDeveloper\"\nreason = \"ticket 4711\"\nexpires = \"DAY\"\n";
    let plain = world.file.clone();
    world.file = format!("{plain}{}", agreed.replace("DAY", "2026-11-26"));
    let report = world.report();
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!((report.suppressed.len(), report.suppressed[0].reason.as_str()), (1, "ticket 4711"));
    world.file = format!("{plain}{}", agreed.replace("DAY", "2026-11-25"));
    assert_eq!(found(&world.report()), BTreeSet::from(["suppression-expired", "trust-account"]));
}

#[test]
fn service_control_policies_close_what_policies_open_and_where_they_are_hidden_the_finding_says_so() {
    let (_, _, seed) = SEEDS.iter().find(|(rule, ..)| *rule == "policy-self-grant").expect("a row");
    let mut world = clean();
    seed(&mut world);
    let work: eksso::domain::ids::AccountId = "222222222222".parse().expect("an id");
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "eks:AssociateAccessPolicy", "Resource": "*"}]}"#;
    let levels = seen_mut(world.facts.organization.control_policies.get_mut(&work).expect("policies"));
    levels[0].push(deny.to_owned());
    assert!(world.report().findings.is_empty());
    world.facts.organization.control_policies.insert(work, hidden("access denied"));
    let report = world.report();
    assert_eq!(found(&report), BTreeSet::from(["policy-self-grant"]));
    assert!(report.findings[0].fact.contains("access denied"), "{}", report.findings[0].fact);
}

#[test]
fn without_access_toml_tiers_come_from_the_mapping_and_findings_say_so() {
    let (_, _, seed) = SEEDS
        .iter()
        .find(|(rule, what, _)| (*rule, *what) == ("edit-cluster-wide", "Edit on the whole cluster"))
        .expect("a row");
    let mut world = clean();
    seed(&mut world);
    world.file.clear();
    let report = world.report();
    let finding = report.findings.iter().find(|finding| finding.rule == "edit-cluster-wide").expect("a finding");
    assert!(finding.fact.contains("by its mapping"), "{}", finding.fact);
    // The access admin may hand out access, and nothing says to which clusters.
    assert!(report.unchecked.iter().any(|unchecked| unchecked.rule == "policy-grant-beyond"));
}

#[test]
fn a_report_is_in_the_same_order_whatever_the_order_of_the_facts() {
    let mut world = clean();
    for (rule, _, seed) in SEEDS.iter().filter(|(rule, ..)| rule.starts_with("rbac") || rule.starts_with("policy")) {
        assert!(!rule.is_empty());
        seed(&mut world);
    }
    let first = world.report();
    seen_mut(&mut world.payments().entries).reverse();
    seen_mut(&mut world.payments().bindings.namespaced).reverse();
    world.facts.clusters.reverse();
    let second = world.report();
    assert_eq!(first.findings, second.findings);
    let severities: Vec<Severity> = first.findings.iter().map(|finding| finding.severity).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "the worst first");
}

/// EKS has no condition for what an entry is changed to: who may change their own is whoever a binding names.
#[test]
fn who_may_change_their_own_entry_can_be_whom_a_binding_makes_cluster_admin() {
    let mut world = clean();
    world.allow("OktaDeveloper", &json!({"Effect": "Allow", "Action": "eks:UpdateAccessEntry", "Resource": "*"}));
    assert!(!found(&world.report()).contains("policy-self-grant"), "no group is more than the role");
    let mut hidden_bindings = world.clone();
    hidden_bindings.payments().bindings.cluster = hidden("denied");
    let report = hidden_bindings.report();
    let told = |unchecked: &eksso::domain::audit::finding::Unchecked| {
        unchecked.rule == "policy-self-grant" && unchecked.why.contains("which groups are bound")
    };
    assert!(report.unchecked.iter().any(told), "{:#?}", report.unchecked);
    let admins = binding("", "adm", "ClusterRole", "cluster-admin", &[("Group", "admins")]);
    seen_mut(&mut world.payments().bindings.cluster).push(admins);
    let report = world.report();
    let own: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "policy-self-grant").collect();
    assert!(matches!(own.as_slice(), [one] if one.fact.contains("become the group admins")), "{own:#?}");
    assert!(own[0].fix.contains("eks:UpdateAccessEntry"), "{}", own[0].fix);
}

#[test]
fn binding_only_named_roles_that_read_is_less_than_binding_any() {
    let severity = |names: &[&str]| {
        let mut world = clean();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let limited =
            Rule { resource_names: names, ..rule(&["bind"], &["rbac.authorization.k8s.io"], &["clusterroles"]) };
        world.bind("", "binder", vec![limited]);
        let reader = RbacRole {
            name: "reader".into(),
            rules: vec![rule(&["get", "list"], &[""], &["pods"])],
            ..RbacRole::default()
        };
        let keeper =
            RbacRole { name: "keeper".into(), rules: vec![rule(&["get"], &[""], &["secrets"])], ..RbacRole::default() };
        seen_mut(&mut world.payments().roles.cluster).extend([reader, keeper]);
        let report = world.report();
        report.findings.iter().find(|finding| finding.rule == "rbac-escalation").expect("a finding").severity
    };
    assert_eq!(severity(&["reader"]), Severity::High);
    for names in [&[][..], &["reader", "keeper"], &["cluster-admin"], &["not-there"]] {
        assert_eq!(severity(names), Severity::Critical, "{names:?}");
    }
}

#[test]
fn a_star_is_a_wildcard_to_string_like_alone() {
    let report = |operator: &str| {
        let mut world = clean();
        let mut statement = github("x");
        statement["Condition"] = json!({
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        });
        statement["Condition"][operator]["token.actions.githubusercontent.com:sub"] = json!("repo:corp/*");
        world.trust("ci-deploy", &json!([statement]));
        world.report()
    };
    assert!(found(&report("StringLike")).contains("trust-oidc-open"));
    assert!(!found(&report("StringEquals")).contains("trust-oidc-open"), "no token has that name");
}

/// The fixes of a rule after a seed.
fn fixes(rule: &str, seed: impl Fn(&mut World)) -> Vec<String> {
    let mut world = clean();
    seed(&mut world);
    world.report().findings.into_iter().filter(|finding| finding.rule == rule).map(|finding| finding.fix).collect()
}

fn seed_of(rule: &str, what: &str) -> fn(&mut World) {
    SEEDS.iter().find(|(known, text, _)| (*known, *text) == (rule, what)).expect("a row").2
}

#[test]
fn a_fix_takes_one_subject_out_of_a_binding_that_others_are_in() {
    let named = |name: &'static str, subjects: &'static [(&str, &str)]| {
        move |world: &mut World| {
            seen_mut(&mut world.payments().bindings.cluster).push(binding("", name, "ClusterRole", "view", subjects));
        }
    };
    let alone = fixes("binding-nobody", named("--all", &[("Group", "old-team")]));
    assert_eq!(alone, ["kubectl --context CONTEXT-OF-payments delete clusterrolebinding -- --all"]);
    let shared = fixes("binding-nobody", named("shared", &[("Group", "old-team"), ("ServiceAccount", "api")]));
    let edit = "kubectl --context CONTEXT-OF-payments edit clusterrolebinding -- shared";
    assert_eq!(shared, [format!("Take the group old-team out of the subjects: {edit}")]);
    let own = fixes(
        "cluster-admin-bound",
        seed_of("cluster-admin-bound", "a group that was added to Kubernetes' own binding"),
    );
    assert!(own[0].contains("edit clusterrolebinding -- cluster-admin") && !own[0].contains("delete"), "{own:?}");
    let edit = fixes("edit-cluster-wide", |world| {
        let people = binding("", "people", "ClusterRole", "edit", &[("Group", "developers"), ("Group", "deployers")]);
        seen_mut(&mut world.payments().bindings.cluster).push(people);
    });
    assert!(edit[0].contains("--group=") && edit[0].contains("-- people") && !edit[0].contains("delete"), "{edit:?}");
}

#[test]
fn a_fix_throws_away_nothing_that_is_not_wrong() {
    let again = fixes("entry-dead-recreated", |world| {
        world.role("OktaDeveloper").created = Some("2026-05-01T00:00:00Z".parse().expect("a time"));
        let details = world.details("OktaDeveloper");
        (details.groups, details.user) = (vec!["developers".into()], "okta:{{SessionName}}".into());
    });
    for part in [
        "delete-access-entry",
        "create-access-entry",
        "--kubernetes-groups developers",
        "--username='okta:{{SessionName}}'",
        "cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=payments",
    ] {
        assert!(again[0].contains(part), "{part}: {again:?}");
    }
    let set = fixes("entry-dead-set", seed_of("entry-dead-set", "the set's role has another suffix now"));
    assert!(set[0].ends_with("AmazonEKSViewPolicy --access-scope type=cluster"), "{set:?}");
    assert!(set[0].contains("0123456789abcdef --policy-arn") && !set[0].contains("--username"), "{set:?}");
    let scope = fixes("scope-missing-namespace", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0].namespaces.push("paymnets".into());
    });
    assert!(scope[0].ends_with("namespaces=payments"), "{scope:?}");
    let view = fixes("secrets-to-viewers", seed_of("secrets-to-viewers", "AdminView"));
    assert!(view[0].contains("disassociate-access-policy") && view[0].contains("AmazonEKSViewPolicy"), "{view:?}");
    let bind = fixes("admin-policy-cannot-bind", |world| {
        seen_mut(&mut world.entry("AWSReservedSSO_EKSDeveloper").policies)[0].name = "AmazonEKSAdminPolicy".into();
    });
    assert!(bind[0].contains("--kubernetes-groups developers GROUP"), "{bind:?}");
    let session = fixes("session-long", seed_of("session-long", "admins for eight hours"));
    assert!(session[0].contains("update-permission-set --region eu-west-1"), "{session:?}");
    assert!(session[0].contains("&& aws sso-admin provision-permission-set"), "{session:?}");
    let behind = fixes("set-not-provisioned", |world| {
        let mut other = world.facts.directories[0].clone();
        (other.instance, other.assignments) = ("arn:aws:sso:::instance/ssoins-2222222222222222".into(), Vec::new());
        seen_mut(&mut other.sets).clear();
        world.facts.directories.insert(0, other);
        seen_mut(&mut world.account("222222222222").unprovisioned).push(permission_set("EKSViewer"));
    });
    assert!(behind[0].contains("instance/ssoins-1111111111111111"), "{behind:?}");
}

#[test]
fn viewers_who_read_secrets_by_whatever_access_policy_are_a_finding() {
    for (policy, scope, is_found) in [
        ("AdminView", "", true),
        ("SecretReader", "", true),
        ("Edit", "payments", true),
        ("Admin", "payments", true),
        ("ClusterAdmin", "payments", true),
        ("View", "", false),
    ] {
        let mut world = clean();
        let own = &mut seen_mut(&mut world.entry("AWSReservedSSO_EKSViewer").policies)[0];
        own.name = format!("AmazonEKS{policy}Policy");
        own.namespaces = scope.split_whitespace().map(str::to_owned).collect();
        let found: Vec<_> = world.report().findings;
        let own: Vec<_> = found.iter().filter(|finding| finding.rule == "secrets-to-viewers").collect();
        assert_eq!(own.len(), usize::from(is_found), "{policy}: {found:?}");
    }
}

#[test]
fn no_two_findings_have_one_fingerprint() {
    let two_of = |rule: &str, seed: fn(&mut World)| {
        let mut world = clean();
        seed(&mut world);
        let report = world.report();
        let own: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule).collect();
        assert!(own.len() > 1, "{rule}: {own:?}");
        let prints: BTreeSet<String> = own.iter().map(|finding| finding.fingerprint()).collect();
        assert_eq!(prints.len(), own.len(), "{rule}: {own:#?}");
    };
    two_of("trust-other-account", |world| {
        let accounts = serde_json::json!({"AWS": ["444444444444", "555555555555"]});
        let statement = serde_json::json!([{"Effect": "Allow", "Principal": accounts, "Action": "sts:AssumeRole"}]);
        world.trust("ci-deploy", &statement);
    });
    two_of("binding-nobody", |world| {
        let old =
            binding("", "old", "ClusterRole", "view", &[("Group", "a-team"), ("Group", "b-team"), ("User", "b-team")]);
        seen_mut(&mut world.payments().bindings.cluster).push(old);
    });
    two_of("aws-auth-broken", |world| {
        let map = seen_mut(&mut world.legacy().aws_auth);
        map.ignored.push("mapusers".into());
        map.users = "- username: x\n- username: y\n".into();
        map.accounts = "no list".into();
    });
    two_of("group-unbound", |world| {
        world.details("OktaDeveloper").groups.extend(["a-team".into(), "b-team".into()]);
    });
    for (rule, what, seed) in SEEDS {
        let mut world = clean();
        seed(&mut world);
        let report = world.report();
        let prints: BTreeSet<String> = report.findings.iter().map(|finding| finding.fingerprint()).collect();
        assert_eq!(prints.len(), report.findings.len(), "{rule} ({what}): {:#?}", report.findings);
    }
}

#[test]
fn a_role_in_two_tiers_is_in_each_for_its_own_clusters() {
    let (_, _, seed) = SEEDS.iter().find(|(_, what, _)| *what == "a developer is cluster admin").expect("a row");
    let mut world = clean();
    seed(&mut world);
    // The tier of admins is the first by name, and is for the other cluster.
    world.file = world.file.replace("[tiers.cluster-admin]", "[tiers.admins]\nroles = [\"OktaDeveloper\"]\nclusters = [\"legacy\"]\naccess = \"ClusterAdmin\"\n\n[tiers.cluster-admin]");
    let report = world.report();
    assert_eq!(found(&report), BTreeSet::from(["admin-too-many"]));
    assert!(report.findings[0].fact.contains("tier developer"), "{}", report.findings[0].fact);
}

/// What is found after a seed.
fn found_after(seed: impl Fn(&mut World)) -> Vec<String> {
    let mut world = clean();
    seed(&mut world);
    world.report().findings.iter().map(|finding| finding.rule.to_owned()).collect()
}

#[test]
fn what_a_role_of_a_namespace_says_of_things_that_are_in_none_gives_nothing() {
    for (verb, group, kind) in [
        ("impersonate", "", "users"),
        ("impersonate", "", "groups"),
        ("impersonate", "authentication.k8s.io", "uids"),
        ("escalate", "rbac.authorization.k8s.io", "clusterroles"),
        // No such resource is in that API group.
        ("impersonate", "authentication.k8s.io", "serviceaccounts"),
    ] {
        let none: Vec<String> = Vec::new();
        assert_eq!(
            found_after(|world| world.bind("payments", "x", vec![rule(&[verb], &[group], &[kind])])),
            none,
            "{verb} {kind}"
        );
    }
}

#[test]
fn groups_and_users_that_a_template_gives_are_somebodys_and_names_with_wildcards_are_only_themselves() {
    let lines = |world: &mut World, user: &str, group: &str| {
        let principal = "arn:aws:iam::222222222222:role/OktaDeveloper";
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        roles.push_str(&format!("- rolearn: {principal}\n  username: '{user}'\n  groups: ['{group}']\n"));
    };
    let bound = |world: &mut World, kind: &str, name: &str| {
        let own = binding("default", "own", "ClusterRole", "view", &[(kind, name)]);
        seen_mut(&mut world.legacy().bindings.namespaced).push(own);
    };
    let rules = |user: &str, group: &str, (kind, name): (&str, &str)| {
        found_after(|world| {
            lines(world, user, group);
            bound(world, kind, name);
        })
    };
    let about = |found: &[String]| {
        found
            .iter()
            .filter(|rule| ["binding-nobody", "group-unbound"].contains(&rule.as_str()))
            .cloned()
            .collect::<Vec<_>>()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(about(&rules("okta:{{SessionName}}", "team-{{SessionName}}", ("Group", "team-jane"))), none);
    assert_eq!(about(&rules("okta:{{SessionName}}", "team-{{SessionName}}", ("User", "okta:jane"))), ["group-unbound"]);
    // `*` in a name is a letter like another.
    let odd = rules("okta*", "team*", ("User", "okta-jane"));
    assert_eq!(about(&odd), ["group-unbound", "binding-nobody"]);
}

#[test]
fn a_trust_in_one_persons_session_of_a_permission_set_is_single_sign_on() {
    let session = |name: &str| {
        let principal = format!("arn:aws:sts::222222222222:assumed-role/{name}/jane@example.com");
        found_after(move |world| {
            let statement = serde_json::json!([{"Effect": "Allow", "Principal": {"AWS": principal.clone()}, "Action": "sts:AssumeRole"}]);
            world.trust("OktaDeveloper", &statement);
        })
    };
    let of_set = session("AWSReservedSSO_EKSDeveloper_0123456789abcdef");
    assert!(!of_set.contains(&"principal-not-federated".to_owned()), "{of_set:?}");
    let of_other = session("build");
    assert!(of_other.contains(&"principal-not-federated".to_owned()), "{of_other:?}");
}

#[test]
fn an_item_of_aws_auth_that_gets_its_arn_by_a_merge_key_names_one() {
    let none: Vec<String> = Vec::new();
    let line = "- &own\n  rolearn: arn:aws:iam::222222222222:role/OktaLegacy\n  username: 'okta:{{SessionName}}'\n  groups: [legacy-viewers]\n";
    let with = |more: &str| {
        found_after(|world| {
            let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
            let nodes = roles.split_inclusive('\n').take(3).collect::<String>();
            *roles = format!("{nodes}{line}{more}");
        })
    };
    assert_eq!(with(""), none);
    assert_eq!(with("- <<: *own\n"), ["aws-auth-duplicate"], "the same ARN again, and not one without");
}
