//! What findings are written as: blocks for people, SARIF for code scanning. Foreign names stay inside.

use eksso::domain::audit::finding::{Finding, Severity};
use eksso::domain::audit::sarif::{Artifact, log};
use eksso::domain::audit::{read, rules};
use eksso::ui::findings::{blocks, summary, unchecked};
use serde_json::Value;

use crate::audit::seeds::{HOSTILE, SEEDS, hostile};
use crate::audit::world::{World, clean, hidden};

/// A world with a mistake for as many rules as fit into one, hostile names, something hidden and something agreed to.
pub fn everything() -> World {
    let mut world = clean();
    for name in HOSTILE {
        hostile(&mut world, name);
    }
    for (rule, _, seed) in SEEDS {
        // These take away what others need, or fill a cluster.
        let apart = [
            "config-map-only",
            "creator-hidden",
            "entry-limit",
            "mapped-twice",
            "config-map-leftover",
            "aws-auth-duplicate",
            "entry-empty",
        ];
        if !apart.contains(rule) {
            seed(&mut world);
        }
    }
    world.legacy().namespaces = hidden(HOSTILE[1]);
    world.file.push_str("\n[[suppress]]\nrule = \"endpoint-open\"\nresource = \"*\"\nreason = \"[x](https://evil.example) 4711\"\nexpires = \"2027-03-31\"\n");
    world
}

/// The SARIF log of that world.
pub fn everything_as_sarif() -> Value {
    let world = everything();
    let file = read(&world.file).expect("a file");
    log(&world.report(), "0.1.0", Artifact { path: "infra/access.toml", file: Some(&file) }, Severity::Info)
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(all) => all.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

#[test]
fn hostile_names_never_break_out_of_a_block_and_lines_fit_the_terminal() {
    let report = everything().report();
    let all: Vec<&Finding> = report.findings.iter().collect();
    assert!(all.len() > 40, "{}", all.len());
    for room in [Some(40), Some(80), None] {
        let text = blocks(&all, room);
        assert!(!text.chars().any(|sign| (sign.is_control() && sign != '\n') || sign == '\u{202e}'), "{room:?}");
        let starts = |line: &str| Severity::ALL.iter().any(|severity| line.starts_with(severity.word()));
        for line in text.lines().filter(|line| !line.is_empty()) {
            assert!(starts(line) || line.starts_with("          "), "a name began a line: {line}");
            let fits = room.is_none_or(|room| line.chars().count() <= room);
            // A URL is whole, and an argument of a command that no line has room for stands alone in one.
            let is_alone = || {
                let argument = line.trim().trim_end_matches(" \\");
                !argument.contains(' ') || argument.contains("://") || argument.contains(['\'', '"'])
            };
            assert!(fits || is_alone(), "{room:?}: {line}");
        }
        assert!(text.lines().filter(|line| starts(line)).count() >= all.len());
    }
    assert!(unchecked(&report).iter().any(|line| line.contains("its namespaces")), "{:?}", unchecked(&report));
    assert!(summary(&report, &all).contains("suppressed by access.toml"), "{}", summary(&report, &all));
}

#[test]
fn every_result_of_sarif_has_its_rule_a_line_the_resource_and_a_fingerprint_that_stays() {
    let sarif = everything_as_sarif();
    let run = &sarif["runs"][0];
    let known: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    assert_eq!(known, rules().map(|rule| rule.id).collect::<Vec<_>>());
    let results = run["results"].as_array().expect("results");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(result["ruleId"], known[index]);
        let place = &result["locations"][0];
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "infra/access.toml");
        assert!(place["physicalLocation"]["region"]["startLine"].as_u64().is_some_and(|line| line >= 1));
        assert!(place["logicalLocations"][0]["fullyQualifiedName"].as_str().is_some_and(|name| !name.is_empty()));
        assert_eq!(result["partialFingerprints"]["eksso/v1"].as_str().map(str::len), Some(64));
        // The key that GitHub knows.
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], result["partialFingerprints"]["eksso/v1"]);
    }
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).expect("a result");
    let line = |result: &Value| result["locations"][0]["physicalLocation"]["region"]["startLine"].clone();
    let world = clean();
    let heading = |text: &str| world.file.lines().position(|line| line == text).map(|at| at + 1);
    // A tier names the role, a heading is the cluster's, and a suppression stands on its own line.
    assert_eq!(line(of("policy-passrole-star")).as_u64().map(|at| at as usize), heading("[tiers.developer]"));
    assert_eq!(line(of("no-audit-log")).as_u64().map(|at| at as usize), heading("[clusters.payments]"));
    assert!(line(of("suppression-expired")).as_u64().is_some_and(|at| at as usize > world.file.lines().count()));
    let level = |rule: &str| of(rule)["level"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [level("session-long"), level("no-audit-log"), level("cross-account-entry")],
        ["warning", "error", "note"]
    );
    let agreed = results.iter().filter(|result| result.get("suppressions").is_some()).collect::<Vec<_>>();
    assert!(!agreed.is_empty() && agreed.iter().all(|result| result["ruleId"] == "endpoint-open"));
    assert!(run["invocations"][0]["toolExecutionNotifications"].as_array().is_some_and(|all| !all.is_empty()));
    let again = everything_as_sarif();
    assert_eq!(again, sarif);
}

#[test]
fn hostile_names_never_break_out_of_sarif() {
    let mut all = Vec::new();
    texts(&everything_as_sarif()["runs"][0]["results"], &mut all);
    for text in all {
        assert!(!text.contains("](") && !text.chars().any(|sign| sign.is_control() || sign == '\u{202e}'), "{text:?}");
    }
}
