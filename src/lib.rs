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
use cli::{Cli, Color, Globals, OutputArg, is_plugin};
use commands::Call;
use domain::invocation::Invocation;
use domain::text::escape;
use error::{Error, Kind};
use ports::World;
use ui::lines;

/// Runs one command line in a world: data to stdout, words and errors to stderr. Answers the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &World) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let (manner, result) = match Cli::read(&args) {
        Ok(cli) => (Manner::of(&cli.globals), commands::run(&Call::new(world, cli.globals), &cli.command)),
        Err(error) if error.use_stderr() && wants_json(&args) => {
            let called = Invocation { as_plugin: is_plugin(&args), ..Invocation::default() };
            (Manner { called, json: true, ..Manner::default() }, Err(unread(&error)))
        }
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
            (Manner::default(), world.terminal.data(&build()).map(|()| 0))
        }
        Err(help) => (Manner::default(), world.terminal.data(&help.render().to_string()).map(|()| 0)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let line = args.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
            let error = error.as_called(&manner.called, &line);
            report(world, manner, &error);
            error.kind().code()
        }
    }
}

/// How an error is told.
#[derive(Default)]
struct Manner {
    called: Invocation,
    color: Color,
    json: bool,
    verbose: bool,
}

impl Manner {
    fn of(globals: &Globals) -> Self {
        Self {
            called: globals.called(),
            color: globals.color,
            json: globals.output == OutputArg::Json,
            verbose: globals.verbose > 0,
        }
    }
}

fn report(world: &World, manner: Manner, error: &Error) {
    if manner.json {
        return world.terminal.words(&error.json());
    }
    let mut text = lines::error(error, commands::color(world, manner.color), lines::room_for_words(world));
    if let Some(id) = error.request_id().filter(|_| manner.verbose) {
        text.push_str(&format!("  request id: {}\n", escape(id)));
    }
    world.terminal.words(&text);
}

/// Whether a command line that cannot be read asks for JSON all the same.
fn wants_json(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()).collect();
    let pair = words.windows(2).any(|pair| matches!(pair, ["-o" | "--output", "json"]));
    pair || words.iter().any(|word| ["-ojson", "-o=json", "--output=json"].contains(word))
}

/// What is wrong with a command line, without the usage that a person is shown.
fn unread(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let words = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let fact = words.fold(String::new(), |fact, line| match fact.as_str() {
        "" => line.to_owned(),
        begun if begun.ends_with(':') => format!("{begun} {line}"),
        // The first of a list follows the colon; what is no list stands in brackets.
        begun if line.starts_with('[') => format!("{begun} {line}"),
        begun => format!("{begun}, {line}"),
    });
    let tips = text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: "));
    let error = Error::usage(fact.strip_prefix("error: ").unwrap_or(&fact));
    tips.fold(error, |error, tip| error.hint(tip)).hint("eksso --help")
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
