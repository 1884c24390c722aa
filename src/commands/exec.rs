//! `eksso exec` and `eksso shell`: programs in a context of their own.

use std::ffi::OsString;

use crate::cli::{ExecArgs, RoleArgs, ShellArgs};
use crate::commands::Call;
use crate::domain::ids::{Namespace, RoleName};
use crate::error::Result;
use crate::flows::discovery::frecency::Frecency;
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};
use crate::flows::kubeconfig::isolated::{IsolatedKubeconfig, Recipe, Recipes, Target, sweep};
use crate::ports::{Launch, Stream};
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
        let written = match stream {
            Stream::Out => world.terminal.data(&text),
            Stream::Err => {
                world.terminal.words(&String::from_utf8_lossy(&text));
                Ok(())
            }
        };
        failed = failed.take().or(written.err());
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

/// The private kubeconfigs for the contexts that names and globs mean, when their guards have let them pass.
pub fn prepare<'w>(
    call: &Call<'w>,
    patterns: &[String],
    args: &RoleArgs,
    command: &str,
    owner: u32,
) -> Result<Vec<IsolatedKubeconfig<'w>>> {
    let (world, settings) = (call.world, call.settings()?);
    let explicit = call.globals.kubeconfig.as_deref();
    let namespace: Option<Namespace> = args.namespace.as_deref().map(str::parse).transpose()?;
    let role: Option<RoleName> = args.role.as_deref().map(str::parse).transpose()?;
    let target = |name: &str| Target::new(&settings.config, name, role.as_ref());
    let recipes = Recipes::new(world, explicit);
    let known = match patterns {
        [name] => Some(target(name)).and_then(|target| Some((recipes.get(&target, namespace.as_ref())?, target))),
        _ => None,
    };
    let prepared: Vec<(Recipe, Target)> = match known {
        Some(known) => vec![known],
        None => {
            let stamps = recipes.stamps();
            let files = Kubeconfigs::open_outer(world, explicit)?;
            let make = |name: &str| {
                let target = target(name);
                let recipe = Recipe::new(&files, &target, namespace.as_ref())?;
                let recipe = match &stamps {
                    Some(stamps) => recipes.put(&target, namespace.as_ref(), stamps.clone(), recipe),
                    None => recipe,
                };
                Ok((recipe, target))
            };
            matching(&files, patterns, command)?.into_iter().map(make).collect::<Result<_>>()?
        }
    };
    let asking = prepared.iter().filter(|(recipe, target)| target.asks(&settings.config, &recipe.context));
    let asking: Vec<String> = asking.map(|(recipe, _)| recipe.context.clone()).collect();
    let doing = match command {
        "exec" => "Run this in",
        "shell" => "Open a shell in",
        _ => "Use",
    };
    call.pass_guards(&asking, args.yes, doing)?;
    prepared.iter().for_each(|(recipe, _)| Frecency::note(world, &recipe.context));
    sweep(world);
    let isolated = prepared.into_iter().map(|(recipe, target)| {
        if let (true, Some(role)) = (target.is_read_only(), &target.role) {
            let line = format!("`{}` as {role}, the role that config.toml prefers; --role names another", target.name);
            call.voice.say(world, &line);
        }
        IsolatedKubeconfig::make(&recipes, recipe, target.word(), owner)
    });
    isolated.collect()
}
