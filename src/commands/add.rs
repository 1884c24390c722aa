//! `eksso add`: choose cluster × role pairs, describe them, write their contexts.

use serde::Serialize;

use super::{Call, block_on, clusters::report};
use crate::cli::AddArgs;
use crate::clients::aws::eks::Cluster;
use crate::domain::filter::Filter;
use crate::domain::kubeconfig::{NewContext, cluster_arn};
use crate::domain::naming::Identity;
use crate::domain::picker::Picker;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::contexts::{Kubeconfigs, add};
use crate::flows::discovery::{Found, Search, regions};
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
    let access = call.access(session, call.backend(&settings)?)?;
    match with(call, args, &settings, &access)? {
        true => Ok(()),
        false => Err(Error::new(Kind::Interrupted, "nothing was chosen; nothing was written")),
    }
}

/// The same with a session at hand. Answers whether the person did not just leave.
pub fn with(call: &Call<'_>, args: &AddArgs, settings: &Settings, access: &Access<'_>) -> Result<bool> {
    let world = call.world;
    let filter = Filter::from(&args.filter);
    // A kubeconfig that cannot be edited is told before anybody chooses.
    Kubeconfigs::open(world, call.globals.kubeconfig.as_deref())?;
    let regions = regions(&filter, &settings.config.regions, &access.session.region)?;
    let progress = |line: &str| call.progress(line);
    let backend = call.backend(settings)?;
    let search = Search { world, backend, access, filter: &filter, progress: &progress };
    let findings = block_on(search.clusters(&regions));
    call.progress("");
    let findings = findings?;
    report(call, &findings, "cluster")?;
    if findings.found.is_empty() {
        return match filter.clusters.is_empty() && filter.regions.is_empty() {
            true => Ok(true),
            false => {
                Err(Error::new(Kind::NotFound, "no cluster matches")
                    .hint("eksso clusters lists what your roles can see"))
            }
        };
    }
    let Some(chosen) = choose(call, &filter, &findings.found)? else { return Ok(false) };
    let described = block_on(async { Ok(search.describe(&chosen).await) });
    call.progress("");
    let command = command(call, args)?;
    let mut new = Vec::new();
    for (found, cluster) in chosen.iter().zip(described?) {
        new.push((context(access, found, cluster?, &command)?, found.at.account.name.clone()));
    }
    let names = add(world, call.globals.kubeconfig.as_deref(), &settings.config.context_name, new, args.switch)?;
    show_result(call, access, &chosen, &names, args.switch)?;
    Ok(true)
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

fn command(call: &Call<'_>, args: &AddArgs) -> Result<String> {
    if !args.absolute_command {
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
        cluster_arn: cluster_arn(&account, &found.region, &found.cluster),
        identity: Identity {
            session: access.session.name.clone(),
            account,
            role: found.at.role.clone(),
            region: found.region.clone(),
            cluster: found.cluster.clone(),
        },
        endpoint: cluster.endpoint,
        certificate_authority: cluster.certificate_authority,
        cluster_id: cluster.id.map(|id| id.as_str().to_owned()),
        command: command.to_owned(),
    })
}

fn show_result(call: &Call<'_>, access: &Access<'_>, chosen: &[Found], names: &[String], switched: bool) -> Result<()> {
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
    let target = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref())?.target().display().to_string();
    call.voice.say(call.world, &format!("Wrote {} to {target}:", count(names.len(), "context")));
    show(call.world, Output::Name, &rows)?;
    if let Some(first) = names.first() {
        let next = if switched {
            format!("Switched to `{first}`; try: kubectl get namespaces")
        } else {
            format!("Switch with: eksso use {}", shell_word(first))
        };
        call.voice.say(call.world, &next);
    }
    Ok(())
}
