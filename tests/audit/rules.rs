//! The rules over facts: the clean world is clean, and each mistake is that finding and no other.

use std::collections::BTreeSet;

use eksso::domain::audit::finding::{Report, Severity};
use eksso::domain::audit::{LEFT_OUT, rules};

use crate::audit::seeds::{SEEDS, expected};
use crate::audit::world::{clean, hidden, seen_mut};

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
    type Hide = fn(&mut crate::audit::world::World);
    let cases: [(&str, Hide, &[&str]); 8] = [
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
