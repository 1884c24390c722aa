//! `eksso scaffold`: the least-privilege set-up as code, from one reviewed file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::cli::{ScaffoldArgs, ScaffoldCommand, ScaffoldInitArgs, ScaffoldWriteArgs};
use crate::commands::shared::call::Call;
use crate::domain::diff::{Shown, unified};
use crate::domain::ids::{AccountId, ClusterName, ProviderArn, Region};
use crate::domain::scaffold::example::{Beginning, example};
use crate::domain::scaffold::files;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::plan::{Made, Plan, Role, Statements};
use crate::domain::scaffold::table::{Line, QUESTIONS, table};
use crate::domain::text::{escape, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::scaffold::folder::{Item, State, compare, write};
use crate::flows::scaffold::{plan, wrong};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// Does it. Answers the exit code.
pub fn run(call: &Call<'_>, args: &ScaffoldArgs) -> Result<u8> {
    match &args.command {
        ScaffoldCommand::Init(args) => init(call, args).map(|()| 0),
        ScaffoldCommand::Check(args) => check(call, args.file.as_deref()),
        ScaffoldCommand::Write(args) => put(call, args).map(|()| 0),
    }
}

fn init(call: &Call<'_>, args: &ScaffoldInitArgs) -> Result<()> {
    let path = args.file.as_deref().unwrap_or(Path::new("access.toml"));
    let usage = |error: &dyn std::fmt::Display| Error::usage("the file cannot be begun so").cause(error);
    let or = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let account: AccountId = or(&args.account, "111122223333").parse().map_err(|error| usage(&error))?;
    let region: Region = or(&args.region, "eu-west-1").parse().map_err(|error| usage(&error))?;
    let cluster: ClusterName = or(&args.cluster, "payments").parse().map_err(|error| usage(&error))?;
    if let Some(provider) = &args.okta {
        let arn = format!("arn:{}:iam::{account}:saml-provider/{provider}", region.partition().arn());
        arn.parse::<ProviderArn>().map_err(|error| usage(&error))?;
    }
    if call.world.files.read(path, 1 << 20)?.is_some() {
        return Err(Error::new(Kind::Failed, format!("{} is there already; nothing was changed", path.display()))
            .hint("name another file: eksso scaffold init FILE"));
    }
    let beginning = Beginning { account: &account, region: &region, cluster: &cluster, okta: args.okta.as_deref() };
    call.world.files.replace(path, example(beginning).as_bytes())?;
    let name = path.display().to_string();
    call.voice.say(
        call.world,
        &format!("Wrote {}. Edit it, then: eksso scaffold check --file {}", escape(&name), shell_word(&name)),
    );
    Ok(())
}

#[derive(Debug, Serialize)]
struct CheckRow<'a> {
    tier: &'a str,
    role: &'a str,
    cluster: &'a str,
    question: &'a str,
    action: &'a str,
    allowed: bool,
    promised: bool,
    /// `as_promised`, or `finding`
    state: &'static str,
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
    let (path, plan) = plan(call.world, file)?;
    // Sizes and quotas are checked where the documents are made.
    files(&plan, Kinds { terraform: true, cloudformation: false, kubernetes: true })
        .map_err(|error| wrong(&path, &error))?;
    // A limit of CloudFormation does not concern who takes Terraform.
    if let Err(error) = files(&plan, Kinds { terraform: false, cloudformation: true, kubernetes: false }) {
        call.voice.warn(call.world, &error.message);
    }
    let lines =
        table(&plan).map_err(|why| Error::new(Kind::Failed, "the documents could not be evaluated").cause(why))?;
    match call.output() {
        Output::Table => call.world.terminal.data(&matrix(&plan, &lines))?,
        output => show(
            call.world,
            output,
            lines.iter().map(row).filter(|row| output == Output::Json || row.state == "finding"),
        )?,
    }
    let findings: Vec<&Line<'_>> = lines.iter().filter(|line| line.is_wrong()).collect();
    for line in &findings {
        let (word, end) = if line.allowed {
            ("may", "and the tier is not for that")
        } else {
            ("may not", "and the tier is for that")
        };
        let said = format!(
            "tier {} (line {}): {} {word} {} in {}, {end}",
            line.role.tier, line.role.line, line.role.name, line.question.name, line.cluster
        );
        call.voice.warn(call.world, &said);
    }
    let without = |role: &&Role| role.statements == Statements::None && role.made != Made::Elsewhere;
    let tiers: BTreeSet<&str> = plan.roles.iter().filter(without).map(|role| role.tier.as_str()).collect();
    for tier in tiers {
        let said = format!(
            "tier {tier} has no `iam` and no `iam_file`: AWS lets its people do nothing, not even describe a cluster, which a kubeconfig is made from"
        );
        call.voice.say(call.world, &said);
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
        &format!("{roles}, {}: {}.", count(plan.clusters.len(), "cluster"), count(findings.len(), "finding")),
    );
    Ok(if findings.is_empty() { 0 } else { Kind::Denied.code() })
}

fn row<'a>(line: &'a Line<'a>) -> CheckRow<'a> {
    CheckRow {
        tier: &line.role.tier,
        role: &line.role.name,
        cluster: line.cluster,
        question: line.question.name,
        action: line.question.action,
        allowed: line.allowed,
        promised: line.promised,
        state: if line.is_wrong() { "finding" } else { "as_promised" },
    }
}

/// One block a cluster: questions below each other, roles beside each other.
fn matrix(plan: &Plan, lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    let width = QUESTIONS.iter().map(|question| question.name.len()).max().unwrap_or(0);
    for (key, cluster) in &plan.clusters {
        let roles: Vec<_> = plan.roles.iter().filter(|role| role.clusters.contains(key)).collect();
        out.push_str(&format!("{key} ({}, {}, {})\n", cluster.account, cluster.region, cluster.mode.word()));
        let head: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        out.push_str(&format!("  {:width$}  {}\n", "", head.join("  ")));
        for question in QUESTIONS {
            let cells = roles.iter().map(|role| {
                let line =
                    lines.iter().find(|line| line.role == *role && line.cluster == key && line.question == question);
                let word = match line {
                    Some(line) if line.is_wrong() && line.allowed => "YES!",
                    Some(line) if line.is_wrong() => "NO!",
                    Some(line) if line.allowed => "yes",
                    _ => "-",
                };
                format!("{word:0$}", role.name.len())
            });
            out.push_str(format!("  {:width$}  {}", question.name, cells.collect::<Vec<_>>().join("  ")).trim_end());
            out.push('\n');
        }
        for role in roles.iter().filter(|role| role.enters()) {
            let scope = match role.namespaces.is_empty() {
                true => "the whole cluster".to_owned(),
                false => role.namespaces.join(", "),
            };
            let access = role.access.iter().map(|access| format!("AmazonEKS{access}Policy"));
            let bound = role.rbac.iter().map(|rbac| format!("{} as {rbac}", role.groups.join(", ")));
            let groups = (role.rbac.is_none() && !role.groups.is_empty()).then(|| role.groups.join(", "));
            let has: Vec<String> = access.chain(bound).chain(groups).collect();
            out.push_str(&format!(
                "  in Kubernetes {}: {} in {}\n",
                role.name,
                escape(&has.join("; ")),
                escape(&scope)
            ));
        }
        out.push('\n');
    }
    out
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
    let made = files(&plan, kinds).map_err(|error| wrong(&path, &error))?;
    let items = compare(call.world, &args.to, &made, kinds)?;
    let changed: Vec<&Item> = items.iter().filter(|item| item.state == State::Changed).collect();
    let shown =
        if args.dry_run { items.iter().filter(|item| item.state != State::Same).collect() } else { changed.clone() };
    for item in shown {
        call.show_diff(&diff(item));
    }
    let refused = !changed.is_empty() && !args.force && !args.dry_run;
    if refused {
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
