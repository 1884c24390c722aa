//! `eksso completions` and `eksso man`: made from the clap structs, so that they cannot differ from the program.

use clap::CommandFactory;

use super::Call;
use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};

/// Prints a completion script.
pub fn completions(call: &Call<'_>, args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eksso", &mut script);
    call.world.terminal.data(&script)
}

/// Prints a manual page.
pub fn man(call: &Call<'_>, args: &ManArgs) -> Result<()> {
    let mut root = Cli::command();
    root.build();
    let page = match &args.page {
        None => root,
        Some(name) => {
            let names: Vec<String> = root.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            let found = root.find_subcommand(name).cloned();
            let command = found.ok_or_else(|| {
                let error = Error::new(Kind::NotFound, format!("there is no command `{name}`"));
                near_misses(name, names.iter().map(String::as_str))
                    .iter()
                    .fold(error, |error, near| error.hint(format!("eksso man {near}")))
            })?;
            command.name(format!("eksso-{name}"))
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| Error::new(Kind::Failed, "the manual page cannot be made").cause(error))?;
    call.world.terminal.data(&roff)
}
