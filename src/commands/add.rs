//! `eksso add`: choose cluster × role pairs, describe them, write their contexts.

use std::cell::RefCell;

use serde::Serialize;

use super::{Call, block_on, clusters::report};
use crate::cli::AddArgs;
use crate::clients::aws::eks::Cluster;
use crate::domain::filter::Filter;
use crate::domain::kubeconfig::{ClusterFacts, Edit, NewContext, Plugin, cluster_arn};
use crate::domain::naming::Identity;
use crate::domain::picker::Picker;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::contexts::{Kubeconfigs, Previous, additions};
use crate::flows::discovery::{Findings, Found, Search, regions};
use crate::flows::session::Access;
use crate::flows::settings::Settings;
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct ContextRow {
    context: String,
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    region: String,
    cluster: String,
    arn: String,
}

impl Row for ContextRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT", "ACCOUNT", "REGION", "CLUSTER", "ROLE"];

    fn cells(&self) -> Vec<String> {
        [&self.context, &self.account_name, &self.region, &self.cluster, &self.role].map(Clone::clone).to_vec()
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

/// Adds contexts.
pub fn run(call: &Call<'_>, args: &AddArgs) -> Result<()> {
    let settings = call.settings()?;
    let session = settings.require(call.world, call.globals.session.as_deref())?;
    let access = call.access(session, call.keyring(&settings)?)?;
    match with(call, args, &settings, &access)? {
        Added::Written => Ok(()),
        Added::Left => Err(Error::new(Kind::Interrupted, "nothing was chosen; nothing was written")),
        Added::Nothing => Err(Error::new(Kind::NotFound, "no cluster matches; nothing was written")
            .hint("eksso clusters lists what your roles can see")),
    }
}

/// How adding ended, short of an error.
pub enum Added {
    /// Contexts were written.
    Written,
    /// The person left the picker.
    Left,
    /// There was nothing to choose from.
    Nothing,
}

/// The same with a session at hand.
pub fn with(call: &Call<'_>, args: &AddArgs, settings: &Settings, access: &Access<'_>) -> Result<Added> {
    let filter = Filter::from(&args.filter);
    let gathered = gather(call, settings, access, &filter, args.absolute_command, |found| match found {
        [] => Ok(Some(Vec::new())),
        found => choose(call, &filter, found),
    })?;
    let Some(Gathered { usable, new, .. }) = gathered else { return Ok(Added::Left) };
    if new.is_empty() {
        return Ok(Added::Nothing);
    }
    if args.switch && !args.write.dry_run {
        // The first of them becomes current, under a name that is known by now.
        let files = Kubeconfigs::open_outer(call.world, call.globals.kubeconfig.as_deref())?;
        let names = additions(&files, &settings.config.context_name, new.clone())?.1;
        let first = names.into_iter().next().filter(|name| settings.config.guard(name).confirm);
        call.pass_guards(&Vec::from_iter(first), args.yes, "Switch to")?;
    }
    let change = call.change("add", args.write, true);
    let ((names, left, target), outcome) = change.make(call.world, |files| {
        let (mut edits, names) = additions(files, &settings.config.context_name, new)?;
        if let (true, Some(first)) = (args.switch, names.first()) {
            edits.push(Edit::CurrentContext(first.clone()));
        }
        Ok((edits, (names, files.current(), files.target().display().to_string())))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(Added::Written);
    }
    if let (true, Some(first)) = (args.switch, names.first()) {
        Previous::context(call.world).set(left.as_deref(), first)?;
    }
    show_result(call, access, &usable, &names, &target, outcome.changed, args.switch)?;
    Ok(Added::Written)
}

/// What was found and chosen, ready to be written.
pub struct Gathered {
    /// The search.
    pub findings: Findings<Found>,
    /// What can be used of what was chosen.
    pub usable: Vec<Found>,
    /// Its contexts, with the names of their accounts.
    pub new: Vec<(NewContext, String)>,
}

/// Searches, lets `choose` choose, and describes what was chosen; `None` when nobody chose.
pub fn gather(
    call: &Call<'_>,
    settings: &Settings,
    access: &Access<'_>,
    filter: &Filter,
    absolute_command: bool,
    choose: impl FnOnce(&[Found]) -> Result<Option<Vec<Found>>>,
) -> Result<Option<Gathered>> {
    let world = call.world;
    // A kubeconfig that cannot be edited is told before anybody waits or chooses.
    Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
    let regions = regions(filter, &settings.config.regions, &access.session.region)?;
    let progress = |line: &str| call.progress(line);
    let cache = world.keyrings.sealed(call.keyring(settings)?);
    let credentials = RefCell::default();
    let search = Search { world, cache: cache.as_ref(), access, filter, progress: &progress, credentials };
    let findings = block_on(search.clusters(&regions));
    call.progress("");
    let findings = findings?;
    report(call, &findings, findings.found.len(), "cluster")?;
    let Some(chosen) = choose(&findings.found)? else { return Ok(None) };
    let described = block_on(search.describe(&chosen));
    call.progress("");
    let plugin = command(call, absolute_command)?;
    let (mut usable, mut new, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (found, cluster) in chosen.into_iter().zip(described?) {
        match cluster.and_then(|cluster| context(access, &found, cluster, &plugin)) {
            Ok(context) => {
                new.push((context, found.at.account.name.clone()));
                usable.push(found);
            }
            Err(error) => failed.push(error),
        }
    }
    if let (true, Some(first)) = (usable.is_empty(), failed.first()) {
        return Err(first.clone());
    }
    // One cluster that is not ready does not keep the others from being written.
    failed.iter().for_each(|error| call.voice.warn(world, &format!("left out: {error}")));
    Ok(Some(Gathered { findings, usable, new }))
}

fn choose(call: &Call<'_>, filter: &Filter, found: &[Found]) -> Result<Option<Vec<Found>>> {
    if found.len() == 1 || filter.is_complete() {
        return Ok(Some(found.to_vec()));
    }
    if !call.interactive() {
        return Err(Error::usage(format!(
            "{} match, and there is nobody to ask",
            count(found.len(), "cluster and role pair")
        ))
        .hint("give --account, --role, --region and --cluster (each may be a glob), or run this in a terminal"));
    }
    let width = |text: fn(&Found) -> &str| found.iter().map(|f| text(f).chars().count()).max().unwrap_or_default();
    let (names, clusters, roles) =
        (width(|f| &f.at.account.name), width(|f| f.cluster.as_str()), width(|f| f.at.role.as_str()));
    let line = |f: &Found| {
        let (account, cluster, role) = (&f.at.account.name, f.cluster.as_str(), f.at.role.as_str());
        format!("{account:names$}  {cluster:clusters$}  {role:roles$}  {}", f.region)
    };
    let mut picker = Picker::new(found.iter().map(line).collect(), true);
    let picked = call.world.terminal.pick("Which clusters and roles?", &mut picker)?;
    Ok(picked.map(|picked| picked.into_iter().map(|place| found[place].clone()).collect()))
}

/// What kubectl is to run.
pub fn command(call: &Call<'_>, absolute: bool) -> Result<String> {
    if !absolute {
        return Ok("eksso".to_owned());
    }
    let program = call.world.env.program()?;
    program
        .into_os_string()
        .into_string()
        .map_err(|_| Error::new(Kind::LocalState, "the path of eksso is not UTF-8 text"))
}

fn context(access: &Access<'_>, found: &Found, cluster: Cluster, command: &str) -> Result<NewContext> {
    if !matches!(cluster.status.as_str(), "ACTIVE" | "UPDATING") || cluster.endpoint.is_empty() {
        return Err(Error::new(Kind::NotFound, format!("the cluster `{}` cannot be used yet", found.cluster))
            .cause(format!("its status is {}", cluster.status))
            .hint("try again when it is ACTIVE"));
    }
    let account = found.at.account.id.clone();
    Ok(NewContext {
        name: String::new(),
        cluster_entry: cluster_arn(&account, &found.region, &found.cluster),
        identity: Identity {
            session: access.session.name.clone(),
            account,
            role: found.at.role.clone(),
            region: found.region.clone(),
            cluster: found.cluster.clone(),
            assume: None,
        },
        cluster: Some(ClusterFacts {
            endpoint: cluster.endpoint,
            certificate_authority: cluster.certificate_authority,
        }),
        plugin: Plugin { command: command.to_owned(), cluster_id: cluster.id.map(|id| id.as_str().to_owned()) },
    })
}

fn show_result(
    call: &Call<'_>,
    access: &Access<'_>,
    chosen: &[Found],
    names: &[String],
    target: &str,
    changed: bool,
    switched: bool,
) -> Result<()> {
    let rows: Vec<ContextRow> = chosen
        .iter()
        .zip(names)
        .map(|(found, name)| ContextRow {
            context: name.clone(),
            session: access.session.name.to_string(),
            account_id: found.at.account.id.to_string(),
            account_name: found.at.account.name.clone(),
            role: found.at.role.to_string(),
            region: found.region.to_string(),
            cluster: found.cluster.to_string(),
            arn: cluster_arn(&found.at.account.id, &found.region, &found.cluster),
        })
        .collect();
    if call.output() != Output::Table {
        return show(call.world, call.output(), &rows);
    }
    let contexts = count(names.len(), "context");
    let done =
        if changed { format!("Wrote {contexts} to {target}:") } else { format!("{contexts} in {target} already:") };
    call.voice.say(call.world, &done);
    show(call.world, Output::Name, &rows)?;
    let next = match names {
        [first, ..] if switched => format!("Switched to `{first}`; try: kubectl get namespaces"),
        [only] => format!("Switch with: eksso use {}", shell_word(only)),
        _ => "Switch with: eksso use".to_owned(),
    };
    call.voice.say(call.world, &next);
    Ok(())
}
