//! `eksso audit`: what is wrong with who may do what, and how to mend it.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::{AuditArgs, AuditCommand, OutputArg, PolicyKind, SeverityArg};
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::facts::facts;
use crate::commands::shared::new_file::NewFile;
use crate::commands::shared::output::write_page;
use crate::domain::access::facts::{Facts, Source};
use crate::domain::access::grant::Grant;
use crate::domain::access::grants::grants;
use crate::domain::audit::finding::{Finding, Report, Severity, Unchecked};
use crate::domain::audit::rule::Rule;
use crate::domain::audit::sarif::{Artifact, log};
use crate::domain::audit::scene::context_of;
use crate::domain::audit::{LEFT_OUT, policy, rule, rules, run as judge};
use crate::domain::identity::{Identity, cluster_arn};
use crate::domain::ids::AccountId;
use crate::domain::text::{near_misses, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::audit::access_file::{Read, access_file};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::ui::findings::{blocks, summary, unchecked};
use crate::ui::fitting::GivingWay;
use crate::ui::lines::{prose, room_for_data};
use crate::ui::page::{Page, PageFinding};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// A text to be read is no wider than this, however wide the terminal is.
const MOST_COLUMNS: usize = 70;

/// Audits, or tells of the rules. Answers the exit code.
pub fn run(call: &Call<'_>, args: &AuditArgs) -> Result<u8> {
    match &args.about {
        Some(AuditCommand::Rules) => return list(call).map(|()| 0),
        Some(AuditCommand::Explain(args)) => return explain(call, &args.id).map(|()| 0),
        None => {}
    }
    if let Some(kind) = args.print_policy {
        return print(call, kind).map(|()| 0);
    }
    if args.html.is_some() && call.globals.output != OutputArg::Table {
        return Err(Error::usage("--html and -o each ask for a form").hint("eksso audit --html FILE"));
    }
    let html = args.html.as_deref().map(|file| NewFile::new(call, file)).transpose()?;
    let wanted = args.rule.iter().map(|id| known(id)).collect::<Result<Vec<_>>>()?;
    // A file that cannot be used is told before anything is asked for.
    let read = access_file(call.world, args.file.as_deref())?;
    let facts = block_on(facts(call, &args.facts, &args.clusters))?;
    let empty = Default::default();
    let file = read.as_ref().map_or(&empty, |read| &read.file);
    let is_wanted = |rule: &Rule| wanted.is_empty() || wanted.iter().any(|wanted| wanted.id == rule.id);
    let grants = grants(&facts);
    let report = judge(&facts, &grants, file, call.world.clock.now(), &is_wanted);
    let least = args.min_severity.map_or(Severity::Info, Severity::from);
    let path = match &read {
        Some(read) => read.path.clone(),
        None => call.settings()?.path,
    };
    let artifact = Artifact { path: &path.to_string_lossy(), file: read.as_ref().map(|read| &read.file) };
    match &html {
        Some(html) => page(call, html, (&report, least), (&facts, &grants), &read)?,
        None => write(call, &report, least, artifact)?,
    }
    if let Some(read) = &read {
        let (clusters, tiers) = (count(read.file.clusters.len(), "cluster"), count(read.file.tiers.len(), "tier"));
        call.voice.say(call.world, &format!("Judged by {}: {clusters}, {tiers}.", read.path.display()));
    }
    // Also with -q: it decides over what the answer is worth.
    others(&read, &facts).iter().for_each(|line| call.voice.warn(call.world, line));
    unchecked(&report).iter().for_each(|line| call.voice.warn(call.world, line));
    call.voice.say(call.world, &summary(&report, &shown(&report, least)));
    Ok(report.code(args.min_severity.map_or(Severity::Low, Severity::from)))
}

/// The clusters of `access.toml` that could be taken for those that were read.
fn others(read: &Option<Read>, facts: &Facts) -> Vec<String> {
    let lines = |read: &Read| read.file.others(&facts.clusters, &read.path.to_string_lossy());
    read.as_ref().map(lines).unwrap_or_default()
}

/// The findings with the contexts that people have here, in place of what stands for them where nobody knows their names.
fn with_contexts(call: &Call<'_>, findings: &[&Finding]) -> Vec<Finding> {
    // What is wrong with a kubeconfig is not what is asked about.
    let files = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref()).ok();
    let current = files.as_ref().and_then(Kubeconfigs::current);
    let mut contexts = files.as_ref().map(Kubeconfigs::contexts).unwrap_or_default();
    contexts.sort_by_key(|context| Some(&context.name) != current.as_ref());
    let named = |finding: &Finding| {
        let cluster = finding.cluster.as_ref()?;
        let arn = cluster_arn(&cluster.account, &cluster.region, &cluster.name);
        let is_there = |identity: &Identity| identity.cluster_arn() == arn;
        let context = contexts.iter().find(|context| context.identity.as_ref().is_some_and(is_there))?;
        let place = format!("--context {} ", context_of(&cluster.name));
        Some(finding.fix.replace(&place, &format!("--context {} ", shell_word(&context.name))))
    };
    let with = |finding: &&Finding| {
        let fix = named(finding).unwrap_or_else(|| finding.fix.clone());
        Finding { fix, ..(**finding).clone() }
    };
    findings.iter().map(with).collect()
}

fn write(call: &Call<'_>, report: &Report, least: Severity, artifact: Artifact<'_>) -> Result<()> {
    let terminal = &call.world.terminal;
    let shown = shown(report, least);
    match call.globals.output {
        OutputArg::Sarif => {
            let json = serde_json::to_string_pretty(&log(report, env!("CARGO_PKG_VERSION"), artifact, least))
                .map_err(|error| Error::new(Kind::Failed, "the result could not be written as SARIF").cause(error))?;
            terminal.data(&format!("{json}\n"))?;
        }
        OutputArg::Table => {
            // What others and other programs read names no context of this machine.
            let shown = with_contexts(call, &shown);
            terminal.data(&blocks(&shown.iter().collect::<Vec<_>>(), room_for_data(call.world)))?;
        }
        _ => {
            let findings = shown.iter().map(|finding| FindingRow::of(finding));
            let unlooked = || report.unlooked().map(FindingRow::unlooked);
            let rows: Vec<FindingRow> = match call.output() {
                Output::Json => {
                    findings.chain(report.unchecked.iter().map(FindingRow::unchecked)).chain(unlooked()).collect()
                }
                _ => findings.collect(),
            };
            show(call.world, call.output(), &rows)?;
        }
    }
    Ok(())
}

fn shown(report: &Report, least: Severity) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.severity >= least).collect()
}

/// Writes the page: the findings, those that are agreed to as such, and who is let in.
fn page(
    call: &Call<'_>,
    file: &NewFile<'_>,
    (report, least): (&Report, Severity),
    (facts, grants): (&Facts, &[Grant]),
    read: &Option<Read>,
) -> Result<()> {
    let agreed = report.suppressed.iter().filter(|agreed| agreed.finding.severity >= least);
    let findings = shown(report, least)
        .into_iter()
        .map(|finding| on_page(finding, ""))
        .chain(agreed.map(|agreed| on_page(&agreed.finding, &agreed.reason)));
    let findings: Vec<PageFinding> = findings.collect();
    let by = read.as_ref().map_or_else(String::new, |read| format!(", judged by {}", read.file.called()));
    let made = format!("Audited on {}{by}", call.world.clock.now().strftime("%Y-%m-%d %H:%M UTC"));
    let mut notes = others(read, facts);
    notes.extend(unchecked(report));
    let names =
        |account: &AccountId| facts.accounts.get(account).map(|account| account.name.clone()).unwrap_or_default();
    let title = "What is wrong with who may do what";
    let page = Page { title, made: &made, grants, account_name: &names, notes: &notes, findings: Some(&findings) };
    write_page(call, file, &page)
}

fn on_page(finding: &Finding, agreed: &str) -> PageFinding {
    let likely = if finding.likely { "Likely: " } else { "" };
    PageFinding {
        id: finding.rule.to_owned(),
        severity: finding.severity.word().to_owned(),
        title: finding.title.to_owned(),
        why: format!("{likely}{} {}", finding.fact, finding.why),
        fix: finding.fix.clone(),
        resource: finding.resource.clone(),
        cluster: finding
            .cluster
            .as_ref()
            .map(|cluster| format!("{}/{}", cluster.account, cluster.name))
            .unwrap_or_default(),
        tags: rule(finding.rule)
            .map(|rule| rule.tags.iter().map(|tag| (*tag).to_owned()).collect())
            .unwrap_or_default(),
        suppressed: agreed.to_owned(),
    }
}

/// A finding, or what could not be judged, in JSON.
#[derive(Debug, Serialize)]
struct FindingRow<'a> {
    /// `finding`, or `not_checked`
    state: &'static str,
    rule: &'a str,
    /// None for what was not checked.
    severity: Option<&'static str>,
    title: &'a str,
    account_id: String,
    region: String,
    cluster: String,
    resource: &'a str,
    fact: Cow<'a, str>,
    why: &'a str,
    fix: &'a str,
    likely: bool,
    /// Which calls said so: `CALL by ROLE at TIME`, several separated by `; `.
    evidence: String,
    fingerprint: String,
}

impl<'a> FindingRow<'a> {
    fn of(finding: &'a Finding) -> Self {
        let cluster = finding.cluster.as_ref();
        let said = |source: &Source| format!("{} by {} at {}", source.call, source.by, source.at);
        Self {
            state: "finding",
            rule: finding.rule,
            severity: Some(finding.severity.word()),
            title: finding.title,
            account_id: finding.account.as_ref().map(ToString::to_string).unwrap_or_default(),
            region: cluster.map(|cluster| cluster.region.to_string()).unwrap_or_default(),
            cluster: cluster.map(|cluster| cluster.name.to_string()).unwrap_or_default(),
            resource: &finding.resource,
            fact: Cow::from(&finding.fact),
            why: finding.why,
            fix: &finding.fix,
            likely: finding.likely,
            evidence: finding.sources.iter().map(said).collect::<Vec<_>>().join("; "),
            fingerprint: finding.fingerprint(),
        }
    }

    fn unchecked(unchecked: &'a Unchecked) -> Self {
        let cluster = unchecked.cluster.as_ref();
        let known = rule(unchecked.rule);
        Self {
            state: "not_checked",
            rule: unchecked.rule,
            severity: None,
            title: known.map_or("", |rule| rule.title),
            account_id: cluster.map(|cluster| cluster.account.to_string()).unwrap_or_default(),
            region: cluster.map(|cluster| cluster.region.to_string()).unwrap_or_default(),
            cluster: cluster.map(|cluster| cluster.name.to_string()).unwrap_or_default(),
            resource: &unchecked.object,
            fact: Cow::from(format!("It could not be checked: {}", unchecked.why)),
            why: known.map_or("", |rule| rule.why),
            fix: "",
            likely: false,
            evidence: String::new(),
            fingerprint: String::new(),
        }
    }

    /// Accounts, or places in them, where no rule could judge anything: there may be clusters.
    fn unlooked(line: String) -> Self {
        Self {
            state: "not_checked",
            rule: "",
            severity: None,
            title: "",
            account_id: String::new(),
            region: String::new(),
            cluster: String::new(),
            resource: "clusters",
            fact: Cow::from(line),
            why: "",
            fix: "",
            likely: false,
            evidence: String::new(),
            fingerprint: String::new(),
        }
    }
}

impl Row for FindingRow<'_> {
    const HEADINGS: &'static [&'static str] = &["SEVERITY", "RULE", "RESOURCE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [self.severity.unwrap_or(self.state), self.rule, self.resource].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        format!("{} {}", self.rule, self.resource)
    }
}

#[derive(Debug, Serialize)]
struct RuleRow {
    id: &'static str,
    severity: &'static str,
    title: &'static str,
    tags: &'static [&'static str],
    offline: bool,
    group: &'static str,
}

impl Row for RuleRow {
    const HEADINGS: &'static [&'static str] = &["ID", "SEVERITY", "GROUP", "OFFLINE", "TITLE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let offline = if self.offline { "yes" } else { "no" };
        [self.id, self.severity, self.group, offline, self.title].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        self.id.to_owned()
    }
}

fn list(call: &Call<'_>) -> Result<()> {
    let row = |rule: &Rule| RuleRow {
        id: rule.id,
        severity: rule.severity.word(),
        title: rule.title,
        tags: rule.tags,
        offline: rule.offline,
        group: rule.group.word(),
    };
    // The id is what `explain` and `--rule` take.
    let way = GivingWay { first: &["OFFLINE", "GROUP"], last: "ID" };
    call.list((RuleRow::HEADINGS, way), rules().map(row).collect::<Vec<_>>())?;
    for (id, why) in LEFT_OUT {
        call.voice.say(call.world, &format!("{id} is left out: {why}."));
    }
    Ok(())
}

fn explain(call: &Call<'_>, id: &str) -> Result<()> {
    let rule = known(id)?;
    if call.output() == Output::Json {
        let text = serde_json::json!({
            "id": rule.id, "severity": rule.severity.word(), "group": rule.group.word(), "title": rule.title, "why": rule.why,
            "condition": rule.condition, "fix": rule.fix, "tags": rule.tags, "offline": rule.offline,
        });
        return call.world.terminal.data(&format!("{text:#}\n"));
    }
    let mut out = format!("{}: {}\n\n", rule.id, rule.title);
    let tags = rule.tags.join("; ");
    let lines = [
        ("severity: ", rule.severity.word()),
        ("why: ", rule.why),
        ("when: ", rule.condition),
        ("fix: ", rule.fix),
        ("see: ", tags.as_str()),
        ("offline: ", if rule.offline { "it can judge a plan, with nobody asked" } else { "" }),
    ];
    let room = Some(call.world.terminal.width().min(MOST_COLUMNS + 1));
    for (name, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
        prose(&mut out, name, text, room);
    }
    call.world.terminal.data(&out)
}

fn print(call: &Call<'_>, kind: PolicyKind) -> Result<()> {
    let text = match kind {
        PolicyKind::Iam => format!("{:#}\n", policy::iam()),
        PolicyKind::Kubernetes => policy::kubernetes(),
    };
    call.world.terminal.data(&text)
}

/// The rule of an id that somebody typed.
fn known(id: &str) -> Result<&'static Rule> {
    rule(id).ok_or_else(|| {
        let left_out = LEFT_OUT.iter().find(|(known, _)| *known == id);
        let error = Error::usage(format!("there is no rule `{id}`"));
        let error = match left_out {
            Some((_, why)) => error.cause(format!("it is left out: {why}")),
            None => error,
        };
        match near_misses(id, rules().map(|rule| rule.id)).as_slice() {
            [] => error.hint("eksso audit rules"),
            near => error.hint(format!("did you mean `{}`?", near.join("`, `"))),
        }
    })
}

impl From<SeverityArg> for Severity {
    fn from(arg: SeverityArg) -> Self {
        match arg {
            SeverityArg::Info => Self::Info,
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}
