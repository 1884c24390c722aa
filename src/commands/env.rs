//! `eksso env`: what makes the shell that evaluates it use one context.

use std::ffi::OsString;

use crate::cli::{EnvArgs, EnvShell};
use crate::commands::shared::call::Call;
use crate::commands::shared::isolated::prepare;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, OUTER_VARIABLE};

const NAMES: [&str; 4] = ["KUBECONFIG", "EKSSO_CONTEXT", "EKSSO_GUARD", OUTER_VARIABLE];

/// Prints it.
pub fn run(call: &Call<'_>, args: &EnvArgs) -> Result<()> {
    let world = call.world;
    let shell = args.shell.unwrap_or_else(|| known(world.env.var("SHELL").as_deref()));
    if args.unset {
        let outer = world.env.var(OUTER_VARIABLE);
        let restored = NAMES.map(|name| (name, outer.clone().filter(|_| name == "KUBECONFIG")));
        return print(call, shell, &restored);
    }
    let current = || Ok::<_, Error>(Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?.current());
    let name = match &args.context {
        Some(name) => name.clone(),
        None => current()?
            .ok_or_else(|| Error::new(Kind::NotFound, "there is no current context").hint("eksso env CONTEXT"))?,
    };
    let mut isolated = prepare(call, &[name], &args.role, "env", world.processes.leader())?;
    let Some(isolated) = isolated.pop() else { return Ok(()) };
    let text = |(name, value): (&'static str, OsString)| {
        let value = value.into_string().map_err(|_| Error::usage("a kubeconfig's path is not UTF-8 text"))?;
        Ok((name, Some(value).filter(|value| !value.is_empty())))
    };
    let variables = isolated.env().into_iter().map(text).collect::<Result<Vec<_>>>()?;
    print(call, shell, &variables)?;
    isolated.leave();
    Ok(())
}

fn known(shell: Option<&str>) -> EnvShell {
    let name = shell.and_then(|shell| shell.rsplit(['/', '\\']).next()).unwrap_or_default();
    match name.trim_end_matches(".exe") {
        "fish" => EnvShell::Fish,
        "pwsh" | "powershell" => EnvShell::Powershell,
        "nu" => EnvShell::Nushell,
        "zsh" => EnvShell::Zsh,
        "" if cfg!(windows) => EnvShell::Powershell,
        _ => EnvShell::Bash,
    }
}

fn print(call: &Call<'_>, shell: EnvShell, variables: &[(&str, Option<String>)]) -> Result<()> {
    if shell == EnvShell::Nushell {
        // A record for `load-env`; null hides a variable there.
        let record: serde_json::Map<String, serde_json::Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        return call.world.terminal.data(&format!("{}\n", serde_json::Value::Object(record)));
    }
    let line = |(name, value): &(&str, Option<String>)| match (shell, value) {
        (EnvShell::Fish, Some(value)) => {
            format!("set -gx {name} '{}'\n", value.replace('\\', "\\\\").replace('\'', "\\'"))
        }
        (EnvShell::Fish, None) => format!("set -e {name}\n"),
        (EnvShell::Powershell, Some(value)) => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
        (EnvShell::Powershell, None) => format!("Remove-Item -ErrorAction Ignore Env:{name}\n"),
        (_, Some(value)) => format!("export {name}={}\n", shell_word(value)),
        (_, None) => format!("unset {name}\n"),
    };
    call.world.terminal.data(&variables.iter().map(line).collect::<String>())
}
