//! `eksso scaffold diff`: what there is against what the file wants.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::cli::{FactsArgs, ScaffoldDiffArgs};
use crate::commands::scaffold::expected::{expected, narrowed};
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::facts::facts_of;
use crate::domain::access::facts::Facts;
use crate::domain::audit::access_file::PlannedCluster;
use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::AccountId;
use crate::domain::scaffold::drift::compare;
use crate::domain::scaffold::drift::difference::{Difference, State};
use crate::domain::scaffold::files;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::plan::Plan;
use crate::error::{Error, Kind, Result};
use crate::flows::scaffold::{plan, wrong};
use crate::ui::lines::{prose, room_for_data};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// Compares. Answers the exit code.
pub fn run(call: &Call<'_>, args: &ScaffoldDiffArgs) -> Result<u8> {
    // A file that cannot be used is told before anybody is asked for anything.
    let (path, plan) = plan(call.world, args.file.as_deref())?;
    // What only CloudFormation cannot hold does not concern those who take Terraform; `scaffold check` warns of it.
    files(&plan, Kinds { terraform: true, cloudformation: false, kubernetes: true })
        .map_err(|error| wrong(&path, &error))?;
    let filter = call.filter(&call.settings()?, &args.facts.filter)?;
    // Tags are compared with what EKS says of the file's clusters: one that was not found is not one without the tag.
    let searched = Filter { tags: Vec::new(), ..narrowed(&filter, &plan) };
    // Read anew always: who mends a difference compares again, and must not be told what was there before.
    let reading = FactsArgs { refresh: true, ..args.facts.clone() };
    let facts = block_on(facts_of(call, &reading, &searched, &expected(&plan)))?;
    let clusters = meant(&filter, &plan, &facts);
    if clusters.is_empty() {
        return Err(Error::new(Kind::NotFound, format!("no cluster of {} matches the filters", path.display()))
            .hint("leave the filters out to compare all of them"));
    }
    let drift = compare(&plan, &facts, &clusters);
    match call.output() {
        Output::Table => {
            call.world.terminal.data(&blocks(&drift.differences, room_for_data(call.world)))?;
        }
        output => show(call.world, output, drift.differences.iter().map(DriftRow::of))?,
    }
    let unknown: Vec<&Difference> =
        drift.differences.iter().filter(|difference| difference.state == State::Unknown).collect();
    let of = count(clusters.len(), "cluster");
    // Also with -q: it decides over what the answer is worth.
    if !unknown.is_empty() {
        let things = count(unknown.len(), "thing");
        call.voice.warn(call.world, &format!("{things} could not be read, and may differ; `-o json` says why of each"));
    }
    let words = match (drift.differences.len() - unknown.len(), unknown.len()) {
        (0, 0) => format!("No difference in {of} of {}.", path.display()),
        // What was not read is not known to be as the file wants it.
        (0, 1) => "No difference in what could be read; 1 thing was not.".to_owned(),
        (0, more) => format!("No difference in what could be read; {more} things were not."),
        (found, _) => format!("{} in {of} of {}.", count(found, "difference"), path.display()),
    };
    call.voice.say(call.world, &words);
    Ok(drift.code())
}

/// The clusters of the file that the filters mean.
fn meant(filter: &Filter, plan: &Plan, facts: &Facts) -> BTreeSet<String> {
    let is_meant = |cluster: &PlannedCluster| {
        let name = facts.accounts.get(&cluster.account).map_or("", |account| &account.name);
        let found = facts.clusters.iter().find(|found| {
            (&found.account, &found.region, &found.name) == (&cluster.account, &cluster.region, &cluster.name)
        });
        // What is not known to be another account's or tagged otherwise is kept, and becomes a row of what could not be read.
        let is_nameless = || {
            let by_id = |glob: &Glob| glob.as_str().parse::<AccountId>().is_ok();
            name.is_empty() && !filter.accounts.iter().all(by_id)
        };
        let tags = found.and_then(|found| found.settings.get()).map(|settings| &settings.tags);
        (filter.accounts.is_empty()
            || filter.account(cluster.account.as_str(), name)
            || found.is_some()
            || is_nameless())
            && filter.region(cluster.region.as_str())
            && filter.cluster(cluster.name.as_str())
            && tags.is_none_or(|tags| filter.tags(Some(tags)))
    };
    plan.clusters.iter().filter(|(_, cluster)| is_meant(cluster)).map(|(key, _)| key.clone()).collect()
}

/// A block each, that fits the terminal. `room`: its columns; `None` for a file, where nothing is wrapped.
fn blocks(differences: &[Difference], room: Option<usize>) -> String {
    let mut out = String::new();
    for difference in differences {
        let place = match (&difference.cluster, &difference.account) {
            (Some(cluster), _) => cluster.clone(),
            (None, Some(account)) => format!("account {account}"),
            (None, None) => String::new(),
        };
        let head = format!("{}  {place}", difference.kind);
        prose(&mut out, &format!("{:<7}  ", difference.state.word()), head.trim_end(), room);
        prose(&mut out, "         ", &difference.object, room);
        let rights = difference.rights.join(", ");
        let parts = [
            ("live", &difference.live.words),
            ("file", &difference.file.words),
            ("takes", &rights),
            ("why", &difference.why),
        ];
        for (name, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
            prose(&mut out, &format!("         {name}: "), text, room);
        }
        out.push('\n');
    }
    // Blocks stand apart; the last one needs no line after it.
    out.truncate(out.trim_end().len() + usize::from(!out.is_empty()));
    out
}

#[derive(Debug, Serialize)]
struct DriftRow<'a> {
    /// `missing`, `extra`, `differs`, `unknown`
    state: &'static str,
    /// `permission_set`, `session`, `inline_policy`, `managed_policy`, `boundary`, `assignment`, `entitlement`, `provisioning`, `role`, `trust`,
    /// `role_policy`, `tags`, `policy`, `saml_provider`, `oidc_provider`, `cluster`, `mode`, `access_entry`, `kubernetes_groups`, `user_name`,
    /// `access_policy`, `aws_auth`, `binding`, `role_rules`, `guard`
    kind: &'static str,
    account_id: &'a str,
    region: &'a str,
    /// Its name in the file.
    cluster: &'a str,
    object: &'a str,
    live: &'a str,
    file: &'a str,
    /// Of a policy: the statements that only the account has.
    live_statements: &'a Option<Value>,
    /// Of a policy: the statements that only the file has.
    file_statements: &'a Option<Value>,
    /// What it takes to make it as the file wants it.
    rights: &'a [String],
    line: Option<usize>,
    why: &'a str,
}

impl<'a> DriftRow<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            state: difference.state.word(),
            kind: difference.kind,
            account_id: difference.account.as_ref().map_or("", |account| account.as_str()),
            region: difference.region.as_ref().map_or("", |region| region.as_str()),
            cluster: difference.cluster.as_deref().unwrap_or_default(),
            object: &difference.object,
            live: &difference.live.words,
            file: &difference.file.words,
            live_statements: &difference.live.statements,
            file_statements: &difference.file.statements,
            rights: &difference.rights,
            line: difference.line,
            why: &difference.why,
        }
    }
}

impl Row for DriftRow<'_> {
    // People get blocks: what a difference takes is too long for columns.
    const HEADINGS: &'static [&'static str] = &["STATE", "WHAT", "OBJECT"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [self.state, self.kind, self.object].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        format!("{} {} {}", self.state, self.kind, self.object)
    }
}
