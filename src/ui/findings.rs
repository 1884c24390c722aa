//! Findings for people: a block each, that fits the terminal.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::grant::ClusterRef;
use crate::domain::audit::finding::{Finding, Report, Severity};
use crate::domain::audit::listing;
use crate::ui::lines::{advice, prose};
use crate::ui::say::count;

/// Findings, the worst first. `room`: the columns of the terminal; `None` for a file, where nothing is wrapped.
pub fn blocks(findings: &[&Finding], room: Option<usize>) -> String {
    let mut out = String::new();
    for finding in findings {
        let likely = if finding.likely { "likely, " } else { "" };
        let head = format!("{likely}{}  {}", finding.rule, place(finding));
        prose(&mut out, &format!("{:<8}  ", finding.severity.word()), &head, room);
        for text in [&finding.resource, &finding.fact] {
            prose(&mut out, "          ", text, room);
        }
        prose(&mut out, "          why: ", finding.why, room);
        advice(&mut out, "          fix: ", &finding.fix, room);
        out.push('\n');
    }
    // Blocks stand apart; the last one needs no line after it.
    out.truncate(out.trim_end().len() + usize::from(!out.is_empty()));
    out
}

/// `payments (eu-west-1, 222222222222)`, or the account.
fn place(finding: &Finding) -> String {
    match (&finding.cluster, &finding.account) {
        (Some(cluster), _) => cluster_words(cluster),
        (None, Some(account)) => format!("account {account}"),
        (None, None) => String::new(),
    }
}

fn cluster_words(ClusterRef { account, region, name }: &ClusterRef) -> String {
    format!("{name} ({region}, {account})")
}

/// `3 findings: 1 critical, 2 high.`
pub fn summary(report: &Report, shown: &[&Finding]) -> String {
    let severities = Severity::ALL.into_iter().rev().filter_map(|severity| {
        let number = shown.iter().filter(|finding| finding.severity == severity).count();
        (number > 0).then(|| format!("{number} {}", severity.word()))
    });
    let severities = severities.collect::<Vec<_>>().join(", ");
    let mut out = match shown.len() {
        0 => "No finding".to_owned(),
        number => format!("{}: {severities}", count(number, "finding")),
    };
    out.push_str(&format!(" in {}.", count(report.clusters, "cluster")));
    let hidden = report.findings.len() - shown.len();
    if hidden > 0 {
        out.push_str(&format!(" {} below the threshold.", count(hidden, "finding")));
    }
    if !report.suppressed.is_empty() {
        out.push_str(&format!(" {} suppressed by {}.", report.suppressed.len(), report.file));
    }
    let lines = unchecked(report).len();
    if lines > 0 {
        out.push_str(&format!(" {} not checked.", count(lines, "thing")));
    }
    out
}

/// Rules that a line names; more are counted.
const NAMED: usize = 8;

/// What could not be checked, a line for each reason: what lacks for it, of which clusters, and which rules that concerns.
pub fn unchecked(report: &Report) -> Vec<String> {
    /// In order, and each once.
    #[derive(Default)]
    struct Lacking<'r> {
        clusters: BTreeSet<&'r ClusterRef>,
        objects: BTreeSet<&'r str>,
        /// Which cluster lacks which.
        pairs: BTreeSet<(&'r Option<ClusterRef>, &'r str)>,
        rules: BTreeSet<&'r str>,
    }
    // What is of no cluster stands apart: nothing names its place.
    let mut reasons: BTreeMap<(bool, &str), Lacking<'_>> = BTreeMap::new();
    for unchecked in &report.unchecked {
        let of = reasons.entry((unchecked.cluster.is_some(), unchecked.why.as_str())).or_default();
        of.clusters.extend(&unchecked.cluster);
        of.objects.insert(&unchecked.object);
        of.pairs.insert((&unchecked.cluster, &unchecked.object));
        of.rules.insert(unchecked.rule);
    }
    let lines = reasons.into_iter().map(|((_, why), Lacking { clusters, objects, pairs, rules })| {
        let some = if pairs.len() < clusters.len() * objects.len() { "some of " } else { "" };
        let clusters: Vec<String> = clusters.into_iter().map(cluster_words).collect();
        let clusters: Vec<&str> = clusters.iter().map(String::as_str).collect();
        let place = if clusters.is_empty() { String::new() } else { format!("{}: ", listing(&clusters)) };
        let (named, more) = (rules.iter().take(NAMED).copied().collect::<Vec<_>>(), rules.len().saturating_sub(NAMED));
        let more = if more > 0 { format!(" and {}", count(more, "more rule")) } else { String::new() };
        let rules = format!("{}{more}", named.join(", "));
        format!("not checked: {place}{some}{}: {why} ({rules})", listing(&objects.into_iter().collect::<Vec<_>>()))
    });
    lines.chain(report.unlooked()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::finding::Unchecked;

    #[test]
    fn what_many_clusters_lack_for_one_reason_is_one_line() {
        let cluster = |name: &str| ClusterRef {
            account: "222222222222".parse().expect("an id"),
            region: "eu-west-1".parse().expect("a region"),
            name: name.parse().expect("a name"),
        };
        let lacks = |name: &str, rule: &'static str| Unchecked {
            rule,
            cluster: Some(cluster(name)),
            object: if rule == "one" { "its settings" } else { "its access entries" }.into(),
            why: "EKS cannot be reached".into(),
        };
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let unchecked_of = |name: &&str| [lacks(name, "one"), lacks(name, "two")];
        let mut report =
            Report { clusters: 7, unchecked: all.iter().flat_map(unchecked_of).collect(), ..Report::default() };
        let told = unchecked(&report);
        assert!(
            matches!(told.as_slice(), [line] if line.contains("and 2 more: its access entries and its settings: EKS cannot")),
            "{told:?}"
        );
        assert!(told[0].ends_with("(one, two)"), "{told:?}");
        // Another reason is another line.
        report.unchecked[0].why = "denied".into();
        let told = unchecked(&report);
        assert!(
            matches!(told.as_slice(), [all, one] if all.contains("some of its") && !one.contains("some of")),
            "{told:?}"
        );
    }
}
