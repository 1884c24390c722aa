//! `eksso completions` and `eksso man`, made from the clap structs, so that they cannot differ from the program: pages when
//! they are printed, completions when they are wanted (`eksso __complete`).

use clap::CommandFactory;

use crate::cli::{Cli, CompletionShell, CompletionsArgs, ManArgs};
use crate::commands::shared::call::Call;
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};

/// Prints a completion script: what may stand next is asked for at the time.
pub fn completions(call: &Call<'_>, args: &CompletionsArgs) -> Result<()> {
    call.world.terminal.data(match args.shell {
        CompletionShell::Bash => include_str!("../../completions/eksso.bash"),
        CompletionShell::Elvish => include_str!("../../completions/eksso.elv"),
        CompletionShell::Fish => include_str!("../../completions/eksso.fish"),
        CompletionShell::Nushell => include_str!("../../completions/eksso.nu"),
        CompletionShell::Powershell => include_str!("../../completions/_eksso.ps1"),
        CompletionShell::Zsh => include_str!("../../completions/_eksso"),
    })
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
    call.world.terminal.write_data(&roff).map(|_| ())
}
