//! `eksso scaffold`: the least-privilege set-up as code, from one reviewed file.

mod drift;
mod expected;
mod from_live;
mod init;
mod matrix;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::cli::{FactsArgs, ScaffoldArgs, ScaffoldCommand, ScaffoldWriteArgs};
use crate::commands::scaffold::expected::{expected, narrowed};
use crate::commands::scaffold::matrix::matrix;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::facts::facts_of;
use crate::domain::audit::finding::Finding;
use crate::domain::diff::{Shown, unified};
use crate::domain::filter::Filter;
use crate::domain::scaffold::files;
use crate::domain::scaffold::import::files as imports;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::planned::{judge, unsaid};
use crate::domain::scaffold::table::{Answer, ENTER, Line, table};
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::scaffold::folder::{Item, State, compare, write};
use crate::flows::scaffold::{file_and_plan, plan, wrong};
use crate::ui::findings::unchecked;
use crate::ui::lines::room_for_data;
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// Does it. Answers the exit code.
pub fn run(call: &Call<'_>, args: &ScaffoldArgs) -> Result<u8> {
    match &args.command {
        ScaffoldCommand::Init(args) => init::run(call, args).map(|()| 0),
        ScaffoldCommand::Check(args) => check(call, args.file.as_deref()),
        ScaffoldCommand::Write(args) => put(call, args).map(|()| 0),
        ScaffoldCommand::Diff(args) => drift::run(call, args),
        ScaffoldCommand::FromLive(args) => from_live::run(call, args).map(|()| 0),
    }
}

#[derive(Debug, Serialize)]
struct CheckRow<'a> {
    tier: &'a str,
    role: &'a str,
    cluster: &'a str,
    question: &'a str,
    action: &'a str,
    /// `null` where it is not known
    allowed: Option<bool>,
    promised: bool,
    /// `as_promised`, `finding`, or `unknown`
    state: &'static str,
    /// The rule of `audit` that finds fault with the plan; empty for a question.
    rule: &'a str,
    /// What that rule saw, or why something is not known.
    fact: Cow<'a, str>,
}

impl<'a> CheckRow<'a> {
    /// A finding of a rule: what it names stands as the role.
    fn of(finding: &'a Finding) -> Self {
        Self {
            tier: "",
            role: &finding.resource,
            cluster: finding.cluster.as_ref().map_or("", |cluster| cluster.name.as_str()),
            question: finding.title,
            action: "",
            allowed: Some(true),
            promised: false,
            state: "finding",
            rule: finding.rule,
            fact: Cow::from(finding.fact.as_str()),
        }
    }

    /// What could not be checked, in words.
    fn not_checked(line: &'a str) -> Self {
        Self {
            tier: "",
            role: "",
            cluster: "",
            question: "",
            action: "",
            allowed: None,
            promised: false,
            state: "unknown",
            rule: "",
            fact: Cow::from(line),
        }
    }
}

impl Row for CheckRow<'_> {
    const HEADINGS: &'static [&'static str] = &["TIER", "ROLE", "CLUSTER", "MAY", "STATE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [self.tier, self.role, self.cluster, self.question, self.state].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        format!("{} {} {}", self.role, self.cluster, self.question)
    }
}

fn check(call: &Call<'_>, file: Option<&Path>) -> Result<u8> {
    let (path, read, plan) = file_and_plan(call.world, file)?;
    // Sizes and quotas are checked where the documents are made.
    files(&plan, Kinds { terraform: true, cloudformation: false, kubernetes: true })
        .map_err(|error| wrong(&path, &error))?;
    // A limit of CloudFormation does not concern who takes Terraform.
    if let Err(error) = files(&plan, Kinds { terraform: false, cloudformation: true, kubernetes: false }) {
        call.voice.warn(call.world, &error.message);
    }
    let lines =
        table(&plan).map_err(|why| Error::new(Kind::Failed, "the documents could not be evaluated").cause(why))?;
    let report = judge(&plan, &read, call.world.clock.now());
    let (judged, unsaid) = (&report.findings, unsaid(&plan));
    let not_checked: Vec<String> =
        unsaid.iter().map(|line| format!("not checked: {line}")).chain(unchecked(&report)).collect();
    match call.output() {
        Output::Table => {
            call.world.terminal.data(&matrix(&plan, &lines, room_for_data(call.world)))?;
        }
        output => {
            let unknown = not_checked.iter().map(|line| CheckRow::not_checked(line));
            let rows = lines.iter().map(row).chain(judged.iter().map(CheckRow::of)).chain(unknown);
            show(call.world, output, rows.filter(|row| output == Output::Json || row.state == "finding"))?;
        }
    }
    let findings: Vec<&Line<'_>> = lines.iter().filter(|line| line.is_wrong()).collect();
    for line in &findings {
        let (word, end) = match &line.answer {
            Answer::Sometimes(keys) => {
                (format!("may (where {keys} is as its policies say)"), "and the tier is not for that")
            }
            Answer::Yes => ("may".to_owned(), "and the tier is not for that"),
            _ if line.question == ENTER => {
                ("may not".to_owned(), "as its tier has neither `access` nor `kubernetes_groups`")
            }
            _ => ("may not".to_owned(), "and the tier is for that"),
        };
        let said = format!(
            "tier {} (line {}): {} {word} {} in {}, {end}",
            line.role.tier, line.role.line, line.role.name, line.question.name, line.cluster
        );
        call.voice.warn(call.world, &said);
    }
    let unknown = unknown_words(&lines);
    for line in unknown.iter().chain(&not_checked) {
        call.voice.warn(call.world, line);
    }
    for finding in judged {
        let Finding { rule, severity, resource, fact, .. } = finding;
        let of = if fact.contains(resource.as_str()) { String::new() } else { format!("{resource}: ") };
        call.voice.warn(call.world, &format!("{rule} ({}): {of}{fact}", severity.word()));
    }
    if let Some(first) = judged.first() {
        call.voice.say(call.world, &format!("eksso audit explain {} tells why that matters.", first.rule));
    }
    if plan.guard.is_none() {
        call.voice.say(
            call.world,
            "There is no [guard]: IAM policies outside of this file may still hand out access. Name the access pipeline, the cluster pipeline \
             and break-glass to have one made.",
        );
    }
    let roles = count(plan.roles.len(), "role");
    call.voice.say(
        call.world,
        &format!(
            "{roles}, {}: {}.",
            count(plan.clusters.len(), "cluster"),
            match (count(findings.len() + judged.len(), "finding"), unknown.len() + not_checked.len()) {
                (found, 0) => found,
                (found, number) => format!("{found}; {} not checked", count(number, "thing")),
            }
        ),
    );
    Ok(match (findings.is_empty() && judged.is_empty(), unknown.is_empty() && not_checked.is_empty()) {
        (false, _) => Kind::Denied.code(),
        (true, false) => Kind::Unavailable.code(),
        (true, true) => 0,
    })
}

/// What is not known, a line for each role and reason.
fn unknown_words(lines: &[Line<'_>]) -> Vec<String> {
    let mut found: BTreeMap<(&str, &str, String), (Vec<&str>, usize)> = BTreeMap::new();
    for line in lines {
        let Some(why) = line.unknown() else { continue };
        let (names, _) = found
            .entry((line.role.tier.as_str(), line.role.name.as_str(), why))
            .or_insert_with(|| (Vec::new(), line.role.line));
        if !names.contains(&line.question.name) {
            names.push(line.question.name);
        }
    }
    let words = |((tier, role, why), (names, line)): ((&str, &str, String), (Vec<&str>, usize))| {
        let what = if names.len() > 3 { count(names.len(), "question") } else { names.join(", ") };
        format!("not checked: tier {tier} (line {line}): {role}: {what}: {why}")
    };
    found.into_iter().map(words).collect()
}

fn row<'a>(line: &'a Line<'a>) -> CheckRow<'a> {
    CheckRow {
        tier: &line.role.tier,
        role: &line.role.name,
        cluster: line.cluster,
        question: line.question.name,
        action: line.question.action,
        allowed: line.allowed(),
        promised: line.promised,
        state: match line.unknown() {
            _ if line.is_wrong() => "finding",
            Some(_) => "unknown",
            None => "as_promised",
        },
        rule: "",
        fact: line.unknown().map(Cow::from).unwrap_or_default(),
    }
}

#[derive(Debug, Serialize)]
struct FileRow<'a> {
    path: &'a str,
    /// `new`, `same`, `updated`, `removed`, `changed`
    state: &'static str,
}

impl Row for FileRow<'_> {
    const HEADINGS: &'static [&'static str] = &["STATE", "FILE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [self.state, self.path].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        self.path.to_owned()
    }
}

fn put(call: &Call<'_>, args: &ScaffoldWriteArgs) -> Result<()> {
    let (path, plan) = plan(call.world, args.file.as_deref())?;
    let all = !(args.terraform || args.cloudformation || args.kubernetes);
    let kinds = Kinds {
        terraform: all || args.terraform,
        cloudformation: all || args.cloudformation,
        kubernetes: all || args.kubernetes,
    };
    if args.import && !kinds.terraform {
        return Err(
            Error::usage("--import makes blocks of Terraform").hint("eksso scaffold write --terraform --import")
        );
    }
    let mut made = files(&plan, kinds).map_err(|error| wrong(&path, &error))?;
    if args.import {
        let filter = narrowed(&Filter::default(), &plan);
        let facts = block_on(facts_of(call, &FactsArgs::default(), &filter, &expected(&plan)))?;
        let (blocks, unknown) = imports(&plan, &facts);
        for line in &unknown {
            call.voice.warn(call.world, &format!("not imported, as it is not known: {line}"));
        }
        made.extend(blocks);
    }
    let items = compare(call.world, &args.to, &made, kinds)?;
    let changed: Vec<&Item> = items.iter().filter(|item| item.state == State::Changed).collect();
    let shown =
        if args.dry_run { items.iter().filter(|item| item.state != State::Same).collect() } else { changed.clone() };
    for item in shown {
        call.show_diff(&diff(item));
    }
    // A dry run ends as the run itself would.
    if !changed.is_empty() && !args.force {
        let fact = match changed.len() {
            1 => "a file is not as eksso wrote it; nothing was written".to_owned(),
            number => format!("{number} files are not as eksso wrote them; nothing was written"),
        };
        let names = changed.iter().map(|item| item.path.as_str()).collect::<Vec<_>>().join(", ");
        let error = Error::new(Kind::Failed, fact).cause(names);
        return Err(error.hint("carry the change over to access.toml, or overwrite it with --force"));
    }
    if !args.dry_run {
        write(call.world, &args.to, &items)?;
    }
    let rows = items.iter().map(|item| FileRow {
        path: &item.path,
        state: match item.state {
            State::New => "new",
            State::Same => "same",
            State::Updated => "updated",
            State::Removed => "removed",
            State::Changed => "changed",
        },
    });
    show(call.world, call.output(), rows)?;
    let done = if args.dry_run { "Nothing was written." } else { "Read README.md there: the order matters." };
    call.voice.say(call.world, done);
    Ok(())
}

fn diff(item: &Item) -> String {
    let lines = |text: &str| -> Vec<String> {
        text.split_inclusive('\n')
            .map(|line| match line.strip_suffix('\n') {
                Some(line) => format!("{}\n", escape(line)),
                None => escape(line).into_owned(),
            })
            .collect()
    };
    let (old, new) = (item.old.as_deref(), item.new.as_deref());
    let (old_lines, new_lines) = (old.map(lines).unwrap_or_default(), new.map(lines).unwrap_or_default());
    unified(
        &item.path,
        old.map(|text| Shown { text, lines: &old_lines }),
        new.map(|text| Shown { text, lines: &new_lines }),
    )
}
