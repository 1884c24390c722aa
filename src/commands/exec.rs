//! `eksso exec` and `eksso shell`: programs in a context of their own.

use std::ffi::OsString;

use crate::cli::{ExecArgs, ShellArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::isolated::prepare;
use crate::error::Result;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::isolated::IsolatedKubeconfig;
use crate::ports::Launch;
use crate::ui::say::count;

/// Runs a command in each context.
pub fn exec(call: &Call<'_>, args: &ExecArgs) -> Result<u8> {
    let isolated = prepare(call, &args.contexts, &args.role, "exec", call.world.processes.own())?;
    let launch = |isolated: &IsolatedKubeconfig<'_>| Launch { command: args.command.clone(), env: isolated.env() };
    match isolated.as_slice() {
        [only] => call.world.processes.run(&launch(only)),
        _ => {
            let launches: Vec<Launch> = isolated.iter().map(launch).collect();
            run_all(call, isolated, &launches, args.jobs)
        }
    }
}

fn run_all(call: &Call<'_>, isolated: Vec<IsolatedKubeconfig<'_>>, launches: &[Launch], jobs: u16) -> Result<u8> {
    let world = call.world;
    let names: Vec<String> = isolated.iter().map(|isolated| isolated.context.clone()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut failed = None;
    // The first Ctrl-C is for the programs, which end with it; the private files go then too.
    let held = world.signals.hold();
    let results = world.processes.run_all(launches, jobs.into(), &mut |place, stream, line| {
        let prefix = format!("{:width$} | ", crate::domain::text::escape(&names[place]));
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        let text = [prefix.as_bytes(), line, end].concat();
        failed = failed.take().or(world.terminal.relay(stream, &text).err());
    });
    // Before a Ctrl-C that came is obeyed.
    drop(isolated);
    let codes: Vec<(&String, Result<u8>)> = names.iter().zip(results).collect();
    let good = codes.iter().filter(|(_, result)| matches!(result, Ok(0))).count();
    call.voice.say(world, &format!("{}: {good} done, {} failed", count(codes.len(), "context"), codes.len() - good));
    let mut highest = 0;
    for (context, result) in &codes {
        let (code, why) = match result {
            Ok(0) => continue,
            Ok(code) => (*code, format!("exit code {code}")),
            Err(error) => (error.kind().code(), error.to_string()),
        };
        highest = highest.max(code);
        call.voice.say(world, &format!("  {context}: {why}"));
    }
    drop(held);
    failed.map_or(Ok(highest), Err)
}

/// Starts a shell in a context.
pub fn shell(call: &Call<'_>, args: &ShellArgs) -> Result<u8> {
    let world = call.world;
    let name = match &args.context {
        Some(name) => name.clone(),
        None => {
            let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
            call.pick_context(&files, "eksso shell CONTEXT")?
        }
    };
    let mut isolated = prepare(call, &[name], &args.role, "shell", world.processes.own())?;
    let Some(isolated) = isolated.pop() else { return Ok(0) };
    let usual = if cfg!(windows) { "powershell.exe" } else { "/bin/sh" };
    let shell = world.env.var("SHELL").unwrap_or_else(|| usual.to_owned());
    call.voice.say(world, &format!("A shell for `{}`; `exit` leaves it.", isolated.context));
    world.processes.run(&Launch { command: vec![OsString::from(shell)], env: isolated.env() })
}
