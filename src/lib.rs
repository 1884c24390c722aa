//! eksso: sign in once with single sign-on, get the EKS roles you are permitted as kubeconfig contexts, run kubectl.
//!
//! Layers, imports going down only: `domain` and `error`; `ports`; `clients` and `adapters`; `flows`; `commands` and
//! `ui`; the `main` that builds the real [`World`](ports::World).

pub mod adapters;
pub mod cli;
pub mod clients;
pub mod commands;
pub mod domain;
pub mod error;
pub mod flows;
pub mod ports;
pub mod ui;

use std::ffi::OsString;

use clap::error::ErrorKind;
use cli::{Cli, Color, is_plugin};
use commands::Call;
use error::{Error, Kind};
use ports::World;

/// Runs one command line in a world: data to stdout, words and errors to stderr. Answers the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &World) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let (color, result) = match Cli::read(&args) {
        Ok(cli) => (cli.globals.color, commands::run(&Call::new(world, cli.globals), &cli.command)),
        Err(error) if error.use_stderr() => {
            let styled = commands::color(world, Color::Auto);
            let text = error.render();
            let text = if styled { text.ansi().to_string() } else { text.to_string() };
            // `eksso` alone is answered with the help, which is no error.
            let help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            world.terminal.words(&format!("{}{text}", if help { "" } else { "eksso: " }));
            return Kind::Usage.code();
        }
        Err(version) if version.kind() == ErrorKind::DisplayVersion && is_verbose(&args) => {
            (Color::Auto, world.terminal.data(&build()).map(|()| 0))
        }
        Err(help) => (Color::Auto, world.terminal.data(&help.render().to_string()).map(|()| 0)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let error = error.as_called(is_plugin(&args));
            report(world, color, &error);
            error.kind().code()
        }
    }
}

/// Whether `-v` stands beside `--version`, before or after it: the parser stops at the first of them.
fn is_verbose(args: &[OsString]) -> bool {
    args.iter().skip(1).filter_map(|arg| arg.to_str()).any(|arg| {
        arg == "--verbose"
            || arg.strip_prefix('-').is_some_and(|letters| !arg.starts_with("--") && letters.contains('v'))
    })
}

/// What was built, from what, for which machine.
fn build() -> String {
    let [version, commit, target, features] =
        [env!("CARGO_PKG_VERSION"), env!("EKSSO_COMMIT"), env!("EKSSO_TARGET"), env!("EKSSO_FEATURES")];
    format!("eksso {version}\ncommit: {commit}\ntarget: {target}\nfeatures: {features}\n")
}

fn report(world: &World, color: Color, error: &Error) {
    world.terminal.words(&error.render(commands::color(world, color)));
}
