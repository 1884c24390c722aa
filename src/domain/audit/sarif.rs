//! Findings as SARIF 2.1.0, as code scanning takes it: every result has a physical place, a logical one and a fingerprint that stays.
//! Source: OASIS SARIF 2.1.0; GitHub, "SARIF support for code scanning".

use serde_json::{Value, json};

use crate::domain::audit::access_file::AccessFile;
use crate::domain::audit::finding::{Finding, Report, Severity};
use crate::domain::audit::scene::role_name;
use crate::domain::audit::{rule, rules};
use crate::domain::text::escape;

/// Where findings are said to stand.
#[derive(Debug, Clone, Copy)]
pub struct Artifact<'a> {
    /// The file's path as it was given: that of `access.toml` where there is one, else that of the configuration.
    pub path: &'a str,
    /// `access.toml`, for the lines in it; `None` for another file, whose first line stands for all.
    pub file: Option<&'a AccessFile>,
}

/// The whole log, for findings at or above a severity.
pub fn log(report: &Report, version: &str, artifact: Artifact<'_>, least: Severity) -> Value {
    let wanted: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity >= least).collect();
    let results = wanted.into_iter().map(|finding| result(finding, artifact));
    let agreed = report.suppressed.iter().filter(|suppressed| suppressed.finding.severity >= least).map(|suppressed| {
        let mut result = result(&suppressed.finding, artifact);
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": plain(&suppressed.reason)}]);
        result
    });
    let unchecked = report.unchecked.iter().map(|unchecked| {
        let place = unchecked
            .cluster
            .as_ref()
            .map(|cluster| format!("{} in {}: ", cluster.name, cluster.account))
            .unwrap_or_default();
        let text = plain(&format!("not checked: {place}{}: {}", unchecked.object, unchecked.why));
        json!({"level": "warning", "message": {"text": text}, "associatedRule": {"id": unchecked.rule}})
    });
    let unlooked = report.unlooked().map(|line| json!({"level": "warning", "message": {"text": plain(&line)}}));
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "eksso", "semanticVersion": version, "rules": rules().map(descriptor).collect::<Vec<_>>()}},
            "results": results.chain(agreed).collect::<Vec<_>>(),
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": unchecked.chain(unlooked).collect::<Vec<_>>()}],
            "columnKind": "unicodeCodePoints"
        }]
    })
}

/// Source of the levels: access.md 3. `security-severity` is what code scanning sorts by.
fn level(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Critical => ("error", "9.5"),
        Severity::High => ("error", "8.0"),
        Severity::Medium => ("warning", "5.5"),
        Severity::Low => ("note", "2.0"),
        Severity::Info => ("note", "0.0"),
    }
}

fn descriptor(rule: &rule::Rule) -> Value {
    let (level, score) = level(rule.severity);
    let tags: Vec<&str> = ["security", rule.group.word()].into_iter().chain(rule.tags.iter().copied()).collect();
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": format!("{}\n\nWhen: {}\n\nFix: {}", rule.why, rule.condition, rule.fix)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": tags, "security-severity": score}
    })
}

fn result(finding: &Finding, artifact: Artifact<'_>) -> Value {
    let index = rules().position(|rule| rule.id == finding.rule);
    let mut places = vec![json!({"fullyQualifiedName": plain(&finding.resource), "kind": "resource"})];
    if let Some(cluster) = &finding.cluster {
        let arn = format!(
            "arn:{}:eks:{}:{}:cluster/{}",
            cluster.region.partition().arn(),
            cluster.region,
            cluster.account,
            cluster.name
        );
        places.push(json!({"fullyQualifiedName": arn, "kind": "resource"}));
    }
    let likely = if finding.likely { "Likely: " } else { "" };
    let text = plain(&format!("{likely}{} Fix: {}", finding.fact, finding.fix));
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity).0,
        "message": {"text": text},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(artifact.path)},
                "region": {"startLine": line(finding, artifact)}
            },
            "logicalLocations": places
        }],
        // Code scanning knows `primaryLocationLineHash` alone: without it all findings of a rule on one line are one alert.
        "partialFingerprints": {"eksso/v1": finding.fingerprint(), "primaryLocationLineHash": finding.fingerprint()},
        "properties": {"severity": finding.severity.word(), "likely": finding.likely}
    })
}

/// The line of `access.toml` that a finding is about: its own, that of the tier which names its role, that of its cluster; else the first.
fn line(finding: &Finding, artifact: Artifact<'_>) -> usize {
    let Some(file) = artifact.file else { return 1 };
    let tier = || role_name(&finding.resource).and_then(|name| file.tiers_of(name).next()).map(|(_, tier)| tier.line);
    let cluster = || {
        let cluster = finding.cluster.as_ref()?;
        file.cluster(&cluster.account, &cluster.region, &cluster.name).map(|(_, planned)| planned.line)
    };
    finding.line.or_else(tier).or_else(cluster).unwrap_or(1)
}

/// Text of a message: control and direction characters are shown, and no name becomes a link (SARIF 2.1.0, 3.11.6: `[text](target)`).
fn plain(text: &str) -> String {
    escape(text).replace("](", "] (")
}

/// A path as a URI reference: relative where the path is, as code scanning wants it.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut out = String::new();
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') {
        out.push_str("file://");
    } else if drive {
        out.push_str("file:///");
    }
    for byte in path.trim_start_matches("./").bytes() {
        let safe = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) || (drive && byte == b':');
        match safe {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri_reference() {
        assert_eq!(uri("./access.toml"), "access.toml");
        assert_eq!(uri("infra/eks access.toml"), "infra/eks%20access.toml");
        assert_eq!(uri("/home/jane/a#b"), "file:///home/jane/a%23b");
        assert_eq!(uri("C:\\a\\b"), "file:///C:/a/b");
    }

    #[test]
    fn no_name_becomes_a_link_or_moves_the_cursor() {
        assert_eq!(plain("[click](https://evil.example)\u{1b}[2J"), "[click] (https://evil.example)\\u{1b}[2J");
    }
}
