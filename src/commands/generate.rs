//! `eksso completions` and `eksso man`: made from the clap structs, so that they cannot differ from the program.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::commands::shared::call::Call;
use crate::domain::text::near_misses;
use crate::error::{Error, Kind, Result};

/// Commands whose arguments are contexts.
const WITH_CONTEXTS: [&str; 10] =
    ["use", "exec", "shell", "env", "import", "export", "console", "credentials", "rm", "rename"];

/// Completes contexts in bash. Bash splits words at colons, so what stands before the last one is not repeated.
const BASH_CONTEXTS: &str = r#"
_eksso_contexts() {
    local line=${COMP_LINE:0:COMP_POINT} word command name
    local cur=${line##*[[:space:]]}
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            --) return ;;
            -*) ;;
            *) command=${command:-$word} ;;
        esac
    done
    case $command,$cur in
        *,-*) ;;
        COMMANDS)
            COMPREPLY=()
            while IFS= read -r name; do
                [[ $name != "$cur"* ]] || COMPREPLY+=("$(printf %q "${name#"${cur%"${cur##*:}"}"}")")
            done < <(eksso use -o name 2>/dev/null)
            return
            ;;
    esac
    _eksso "$@"
}
complete -F _eksso_contexts -o bashdefault -o default eksso
"#;

const ZSH_CONTEXTS: &str = r#"
_eksso_contexts() {
    local -a names
    names=("${(@f)$(eksso use -o name 2>/dev/null)}")
    compadd -a names
}
"#;

/// Prints a completion script. Names of contexts are asked for at the time.
pub fn completions(call: &Call<'_>, args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eksso", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let script = match args.shell {
        Shell::Bash => {
            let commands: Vec<String> = WITH_CONTEXTS.iter().map(|command| format!("{command},*")).collect();
            script + &BASH_CONTEXTS.replace("COMMANDS", &commands.join(" | "))
        }
        Shell::Zsh => {
            let named = script.lines().map(|line| match ZSH_CONTEXT.iter().any(|start| line.starts_with(start)) {
                true => line.replace(":_default'", ":_eksso_contexts'"),
                false => line.to_owned(),
            });
            named.collect::<Vec<_>>().join("\n").replacen("\n\n", &format!("\n{ZSH_CONTEXTS}\n"), 1) + "\n"
        }
        Shell::Fish => WITH_CONTEXTS.iter().fold(script, |script, command| {
            let line = "-f -a \"(eksso use -o name 2>/dev/null)\"";
            format!("{script}complete -c eksso -n \"__fish_eksso_using_subcommand {command}\" {line}\n")
        }),
        _ => script,
    };
    call.world.terminal.data(&script)
}

/// How lines of the generated script for zsh begin that are about contexts.
const ZSH_CONTEXT: [&str; 4] = ["'::context -- ", "'*::contexts -- ", "':context -- ", "'*::words -- "];

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
