//! What is wrong with who may do what: rules over the facts that `access` reads, each with its text and its check in one place.
//! Source of the rules: access.md 3.

pub mod access_file;
mod bound;
mod cluster;
mod entries;
mod file;
pub mod finding;
mod iam;
mod lines;
mod people;
pub mod policy;
mod rights;
pub mod rule;
pub mod sarif;
pub mod scene;
mod trust;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::domain::access::facts::{Cluster, Facts};
use crate::domain::access::grant::Grant;
use crate::domain::audit::access_file::{AccessFile, FileError};
use crate::domain::audit::finding::{Found, Place, Report, Suppressed};
use crate::domain::audit::rule::{Need, Rule};
pub use crate::domain::audit::scene::listing;
use crate::domain::audit::scene::{Scene, mode};
use crate::domain::text::near_misses;

/// Rules that are left out, and why: their conditions stand on something that AWS does not say clearly.
pub const LEFT_OUT: [(&str, &str); 2] = [
    ("role-unused", "whether a kubectl call counts as a use of the role (RoleLastUsed) is not documented"),
    (
        "secrets-plain",
        "whether EKS encrypts all API data without a key of one's own is not documented for every version",
    ),
];

/// All rules, in the order in which they are listed.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [trust::RULES, entries::RULES, lines::RULES, rights::RULES, iam::RULES, people::RULES, cluster::RULES, file::RULES]
        .into_iter()
        .flatten()
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// Reads `access.toml` and checks that its suppressions name rules that there are.
pub fn read(text: &str) -> Result<AccessFile, FileError> {
    let file = AccessFile::parse(text)?;
    match file.suppressions.iter().find(|suppression| rule(&suppression.rule).is_none()) {
        None => Ok(file),
        Some(wrong) => {
            let near = near_misses(&wrong.rule, rules().map(|rule| rule.id));
            let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("`rule = \"{}\"`: there is no such rule{hint}", wrong.rule);
            Err(FileError { line: Some(wrong.line), message })
        }
    }
}

/// Judges the facts by the rules that are wanted.
pub fn run(
    facts: &Facts,
    grants: &[Grant],
    file: &AccessFile,
    now: Timestamp,
    wanted: &dyn Fn(&Rule) -> bool,
) -> Report {
    let scene = Scene::new(facts, grants, file, now);
    let mut report = Report {
        clusters: facts.clusters.len(),
        unsearched: facts.unsearched.clone(),
        file: file.called().to_owned(),
        ..Report::default()
    };
    let mut order: Vec<(usize, finding::Finding)> = Vec::new();
    for (index, rule) in rules().enumerate().filter(|(_, rule)| wanted(rule)) {
        let mut found = Found::new(rule.id, rule.title, rule.why, rule.severity);
        say_missing(&scene, rule, &mut found);
        (rule.check)(&scene, &mut found);
        order.extend(found.findings.into_iter().map(|finding| (index, finding)));
        found.unchecked.sort();
        found.unchecked.dedup();
        report.unchecked.append(&mut found.unchecked);
    }
    order.sort_by(|(left_rule, left), (right_rule, right)| {
        let left = (std::cmp::Reverse(left.severity), left_rule, left.place(), &left.resource, &left.fact);
        left.cmp(&(std::cmp::Reverse(right.severity), right_rule, right.place(), &right.resource, &right.fact))
    });
    order.dedup();
    let today = Offset::UTC.to_datetime(now).date();
    for (_, finding) in order {
        let agreed = file.suppressions.iter().find(|suppression| {
            suppression.rule == finding.rule && suppression.holds(today) && suppression.covers(&finding.resource)
        });
        match agreed {
            Some(agreed) => {
                report.suppressed.push(Suppressed { finding, reason: agreed.reason.clone(), line: agreed.line })
            }
            None => report.findings.push(finding),
        }
    }
    report
}

/// What a rule needs and could not be read, for each place where it applies.
fn say_missing(scene: &Scene<'_>, rule: &Rule, found: &mut Found) {
    for cluster in &scene.facts.clusters {
        rule.needs.iter().for_each(|need| say_missing_of(cluster, *need, found));
    }
    if rule.needs.contains(&Need::Roles) {
        let (_, unread) = scene.human_roles();
        for (human, why) in unread {
            found.cannot(Place::Account(""), human.grant.principal.as_str(), why);
        }
    }
}

fn say_missing_of(cluster: &Cluster, need: Need, found: &mut Found) {
    let place = Place::Cluster(cluster);
    let registered = cluster.settings.get().is_some_and(|settings| settings.registered);
    let takes_entries = !registered && mode(cluster).is_none_or(|mode| mode.has_entries());
    let takes_lines = !registered && mode(cluster).is_none_or(|mode| mode.has_config_map());
    let mut missing = |object: &str, why: Option<&str>| {
        if let Some(why) = why {
            found.cannot(place, object, why);
        }
    };
    match need {
        Need::Settings => missing("its settings", cluster.settings.missing()),
        Need::Entries if takes_entries => {
            missing("its access entries", cluster.entries.missing());
            for entry in cluster.entries.get().into_iter().flatten() {
                missing(&entry.principal, entry.details.missing().or(entry.policies.missing()));
            }
        }
        Need::Lines if takes_lines => missing("its ConfigMap aws-auth", cluster.aws_auth.missing()),
        Need::Rbac => missing("its roles and bindings", scene::rbac_missing(cluster)),
        Need::Namespaces => missing("its namespaces", cluster.namespaces.missing()),
        Need::IdentityProviders => missing("its identity providers", cluster.identity_providers.missing()),
        Need::Capabilities => missing("its capabilities", cluster.capabilities.missing()),
        Need::Entries | Need::Lines | Need::Roles => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_words_and_every_text_is_there() {
        let ids: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), rules().count());
        for rule in rules() {
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
            for text in [rule.title, rule.why, rule.condition, rule.fix] {
                assert!(text.len() > 10, "{}: {text:?}", rule.id);
            }
            assert!(LEFT_OUT.iter().all(|(id, _)| *id != rule.id), "{} is said to be left out", rule.id);
        }
    }

    #[test]
    fn a_suppression_of_a_rule_that_there_is_not_is_an_error_with_its_line() {
        let text =
            "\n[[suppress]]\nrule = \"trust-acount\"\nresource = \"*\"\nreason = \"x\"\nexpires = \"2027-01-01\"\n";
        let error = read(text).expect_err("no such rule");
        assert_eq!(error.line, Some(2));
        assert!(error.message.contains("did you mean `trust-account`"), "{error}");
    }
}
