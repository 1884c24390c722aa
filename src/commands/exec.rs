//! `eksso exec` and `eksso shell`: programs in a context of their own.

use std::borrow::Cow;
use std::ffi::OsString;

use serde::Serialize;

use crate::cli::{ExecArgs, ShellArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::container_credentials::Served;
use crate::commands::shared::isolated::{Prepared, contexts, prepare, prepare_one};
use crate::domain::credentials::container::WINNING;
use crate::domain::shell::name;
use crate::domain::text::escape;
use crate::error::{Kind, Result};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::isolated::IsolatedKubeconfig;
use crate::ports::{Launch, Stream};
use crate::ui::say::count;
use crate::ui::table::{Output, Row, show};

/// Runs a command in each context.
pub fn exec(call: &Call<'_>, args: &ExecArgs) -> Result<u8> {
    if args.list {
        return list(call, args);
    }
    call.warn_if_taken_away();
    let mut prepared = prepare(call, &args.contexts, &args.role, "exec", call.world.processes.own(), true)?;
    let served = args.aws.then(|| Served::open(call, &mut prepared.isolated)).transpose()?;
    let processes = &*call.world.processes;
    match (prepared.isolated.as_slice(), prepared.left.as_slice()) {
        ([only], []) => {
            let launch = launch(only, &args.command, served.as_ref(), 0);
            match served {
                None => processes.run(&launch),
                Some(served) => served.meanwhile(|| processes.run(&launch)),
            }
        }
        _ => run_all(call, prepared, served, args),
    }
}

/// Prints the contexts that a call comes to. Nothing is run, so that no guard asks.
fn list(call: &Call<'_>, args: &ExecArgs) -> Result<u8> {
    let names = contexts(call, &args.contexts, &args.role, "exec")?;
    let rows: Vec<ListedRow> = names.into_iter().map(|context| ListedRow { context }).collect();
    // A table of one column is a list of names.
    let form = if call.output() == Output::Json { Output::Json } else { Output::Name };
    show(call.world, form, &rows).map(|()| 0)
}

/// A context that a call comes to.
#[derive(Debug, Serialize)]
struct ListedRow {
    context: String,
}

impl Row for ListedRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::from(&self.context)]
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

/// A command in a context; with that context's AWS credentials, if these are served, and no others.
fn launch(
    isolated: &IsolatedKubeconfig<'_>,
    command: &[OsString],
    served: Option<&Served<'_, '_>>,
    place: usize,
) -> Launch {
    let (more, without) = served.map_or((&[] as &[_], &[] as &[_]), |served| (served.env(place), &WINNING));
    let env = isolated.env().into_iter().chain(more.iter().cloned()).collect();
    Launch { command: command.to_vec(), env, without, passphrase: true }
}

/// What is said of a program that was not started.
const NOT_STARTED: &str = "not started";

/// What became of a program.
fn why(result: Option<&Result<u8>>) -> (u8, String) {
    match result {
        Some(Ok(0)) => (0, String::new()),
        Some(Ok(code)) => (*code, format!("exit code {code}")),
        Some(Err(error)) => (error.kind().code(), error.to_string()),
        None => (Kind::Interrupted.code(), NOT_STARTED.to_owned()),
    }
}

fn run_all(call: &Call<'_>, prepared: Prepared<'_>, served: Option<Served<'_, '_>>, args: &ExecArgs) -> Result<u8> {
    let (world, Prepared { isolated, left }) = (call.world, prepared);
    let launches = isolated.iter().enumerate().map(|(place, own)| launch(own, &args.command, served.as_ref(), place));
    let launches: Vec<Launch> = launches.collect();
    let names: Vec<String> = isolated.iter().map(|isolated| isolated.context.clone()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let (mut failed, mut read) = (None, true);
    // The first Ctrl-C is for the programs, which end with it; the isolated kubeconfigs go then too.
    let (held, mut relay) = (world.signals.hold(), world.terminal.relay());
    let mut show = |place: usize, stream: Stream, line: &[u8]| {
        let prefix = format!("{:width$} | ", escape(&names[place]));
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        let text = [prefix.as_bytes(), line, end].concat();
        let reads = relay.relay(stream, &text).unwrap_or_else(|error| {
            failed = Some(error);
            false
        });
        read &= reads;
        read
    };
    let (processes, jobs) = (&*world.processes, args.jobs.into());
    let mut run = || processes.run_all(&launches, jobs, args.fail_fast, &mut show);
    let results = match served {
        None => run(),
        Some(served) => served.meanwhile(run),
    };
    // Before a Ctrl-C that came is obeyed.
    drop(isolated);
    let mut ends: Vec<(&String, (u8, String))> =
        names.iter().zip(results.iter().map(|result| why(result.as_ref()))).collect();
    ends.extend(left.iter().map(|(name, error)| (name, (error.kind().code(), format!("left out: {error}")))));
    let good = ends.iter().filter(|(_, (code, _))| *code == 0).count();
    // What --fail-fast left out is not interrupted: the failure that stopped it decides.
    let stopped = args.fail_fast && ends.iter().any(|(_, (code, why))| *code != 0 && why != NOT_STARTED);
    let counts = |(_, (_, why)): &&(&String, (u8, String))| !(stopped && why == NOT_STARTED);
    let highest = ends.iter().filter(counts).map(|(_, (code, _))| *code).max().unwrap_or_default();
    if read {
        let missing = results.iter().filter(|result| result.is_none()).count();
        let late = if missing > 0 { format!(", {missing} not started") } else { String::new() };
        let bad = ends.len() - good - missing;
        call.voice.say(world, &format!("{}: {good} done, {bad} failed{late}", count(ends.len(), "context")));
        for (context, (_, why)) in ends.iter().filter(|(_, (code, _))| *code != 0) {
            call.voice.say(world, &format!("  {context}: {why}"));
        }
    }
    drop(held);
    failed.map_or(Ok(highest), Err)
}

/// Starts a shell in a context.
pub fn shell(call: &Call<'_>, args: &ShellArgs) -> Result<u8> {
    let world = call.world;
    let context = match &args.context {
        Some(name) => name.clone(),
        None => {
            let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
            call.pick_context(&files, "eksso shell CONTEXT")?
        }
    };
    let mut isolated = prepare_one(call, &context, &args.role, "shell", world.processes.own())?;
    let usual = if cfg!(windows) { "powershell.exe" } else { "/bin/sh" };
    let shell = world.env.var("SHELL").unwrap_or_else(|| usual.to_owned());
    let start = isolated.start(&shell)?;
    call.voice.say(world, &format!("A shell for `{}`; `exit` leaves it.", isolated.context));
    if start.unsure {
        let line = format!("start files of `{}` that set KUBECONFIG take its context away", name(&shell));
        call.voice.warn(world, &line);
    }
    let command = std::iter::once(shell).chain(start.args).map(OsString::from).collect();
    let own = start.env.into_iter().map(|(name, value)| (name, OsString::from(value.unwrap_or_default())));
    let env = isolated.env().into_iter().chain(own).collect();
    world.processes.run(&Launch { command, env, without: &[], passphrase: true })
}
