//! Findings for people: a block each, that fits the terminal.

use std::collections::BTreeMap;

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
        out.push_str(&format!(" {} suppressed by access.toml.", report.suppressed.len()));
    }
    let lines = unchecked(report).len();
    if lines > 0 {
        out.push_str(&format!(" {} not checked.", count(lines, "thing")));
    }
    out
}

/// What could not be checked, a line each: rules that lack the same stand together.
pub fn unchecked(report: &Report) -> Vec<String> {
    let mut groups: BTreeMap<(&Option<ClusterRef>, &str, &str), Vec<&str>> = BTreeMap::new();
    for unchecked in &report.unchecked {
        let key = (&unchecked.cluster, unchecked.object.as_str(), unchecked.why.as_str());
        groups.entry(key).or_default().push(unchecked.rule);
    }
    // What is missing for one reason, and for the same rules, is one line.
    let mut lines = BTreeMap::<_, Vec<&str>>::new();
    for ((cluster, object, why), rules) in groups {
        lines.entry((cluster, why, rules)).or_default().push(object);
    }
    // Where nobody answers, each cluster lacks the same for the same reason.
    let mut places = BTreeMap::<_, Vec<String>>::new();
    for ((cluster, why, rules), objects) in lines {
        places.entry((why, objects, rules)).or_default().extend(cluster.as_ref().map(cluster_words));
    }
    let lines = places.into_iter().map(|((why, objects, rules), clusters)| {
        let clusters: Vec<&str> = clusters.iter().map(String::as_str).collect();
        let place = if clusters.is_empty() { String::new() } else { format!("{}: ", listing(&clusters)) };
        format!("not checked: {place}{}: {why} ({})", listing(&objects), rules.join(", "))
    });
    let unsearched = report.unsearched.iter().map(|place| format!("not searched for clusters: {place}"));
    let nothing = (report.clusters == 0).then(|| "no cluster was found, so that nothing was checked".to_owned());
    lines.chain(unsearched).chain(nothing).collect()
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
            object: "its settings".into(),
            why: "EKS cannot be reached".into(),
        };
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let unchecked_of = |name: &&str| [lacks(name, "one"), lacks(name, "two")];
        let mut report =
            Report { clusters: 7, unchecked: all.iter().flat_map(unchecked_of).collect(), ..Report::default() };
        let told = unchecked(&report);
        assert!(matches!(told.as_slice(), [line] if line.contains("and 2 more: its settings: EKS cannot")), "{told:?}");
        assert!(told[0].ends_with("(one, two)"), "{told:?}");
        // Another reason is another line.
        report.unchecked[0].why = "denied".into();
        assert!(unchecked(&report).len() > 1);
    }
}
