//! `eksso env`: what makes the shell that evaluates it use one context.

use std::ffi::OsString;

use crate::cli::EnvArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::isolated::prepare_one;
use crate::domain::shell::{Shell, Variable, name};
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::contexts::{BEFORE_VARIABLE, ISOLATED_VARIABLE, Kubeconfigs, OUTER_VARIABLE, is_inside};
use crate::flows::kubeconfig::isolated::before;

/// Runs `eksso env`: prints the lines that a shell evaluates.
pub fn run(call: &Call<'_>, args: &EnvArgs) -> Result<()> {
    let world = call.world;
    let shell = match args.shell {
        Some(shell) => shell.into(),
        None => known(world.env.var("SHELL").as_deref())?,
    };
    let print = |variables: &[Variable]| world.terminal.data(&shell.assignments(variables));
    if args.unset {
        let kubeconfig = if is_inside(world) { before(world) } else { world.env.var("KUBECONFIG") };
        let gone = ["EKSSO_CONTEXT", "EKSSO_GUARD", ISOLATED_VARIABLE, OUTER_VARIABLE, BEFORE_VARIABLE];
        let gone = gone.map(|name| (name, None));
        return print(&[&[("KUBECONFIG", kubeconfig)], gone.as_slice()].concat());
    }
    // In a shell with a context of its own that one is meant, and not the one that all other shells have.
    let current = || Kubeconfigs::open(world, call.globals.kubeconfig.as_deref()).map(|files| files.current());
    let outer = || Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref());
    let context = match args.words.as_slice() {
        [] if args.choose => call.pick_context(&outer()?, "eksso env CONTEXT")?,
        [] => current()?
            .ok_or_else(|| Error::new(Kind::NotFound, "there is no current context").hint("eksso env CONTEXT"))?,
        [name] => name.clone(),
        words if call.interactive() => call.find_context(&outer()?, &words.join(" "))?,
        words => words.join(" "),
    };
    let prepare = |context: &str| prepare_one(call, context, &args.role, "env", world.processes.leader());
    let isolated = match prepare(&context) {
        // A word of a name, as `eksso use` takes it. Only where it is none is the whole file looked through.
        Err(error) if error.kind() == Kind::NotFound && args.words.len() == 1 && call.interactive() => {
            let files = outer()?;
            if files.has(&context) {
                return Err(error);
            }
            prepare(&call.find_context(&files, &context)?)?
        }
        prepared => prepared?,
    };
    let text = |(name, value): (&'static str, OsString)| {
        let value = value.into_string().map_err(|_| Error::usage("a kubeconfig's path is not UTF-8 text"))?;
        Ok((name, Some(value).filter(|value| !value.is_empty())))
    };
    print(&isolated.env().into_iter().map(text).collect::<Result<Vec<_>>>()?)?;
    isolated.leave();
    Ok(())
}

/// The syntax of the shell that SHELL names. One that is not known is no guess to make: what it did not understand would
/// leave the context that was there before.
fn known(shell: Option<&str>) -> Result<Shell> {
    match shell {
        None if cfg!(windows) => Ok(Shell::Powershell),
        None => Ok(Shell::Posix),
        Some(path) => Shell::of(path).ok_or_else(|| {
            Error::usage(format!("the syntax of the shell `{}` is not known", name(path)))
                .hint("name one that it understands, such as --shell bash")
        }),
    }
}
