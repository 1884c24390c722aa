//! `eksso init`: what the start file of a shell evaluates. The texts hold nothing of the user's: names of contexts reach the
//! shell as values of variables, never as its code or its prompt's.

use crate::cli::{InitArgs, InitShell};
use crate::commands::shared::call::Call;
use crate::error::Result;

/// Runs `eksso init`: prints the code for a shell.
pub fn run(call: &Call<'_>, args: &InitArgs) -> Result<()> {
    let (own, prompt) = match args.shell {
        InitShell::Bash => (BASH, BASH_PROMPT),
        InitShell::Zsh => (ZSH, ZSH_PROMPT),
        InitShell::Fish => (FISH, FISH_PROMPT),
        InitShell::Powershell => (POWERSHELL, POWERSHELL_PROMPT),
        InitShell::Nushell => (NUSHELL, NUSHELL_PROMPT),
    };
    call.world.terminal.data(&format!("{own}{}", if args.prompt { prompt } else { "" }))
}

/// Completions are made when they are wanted first; status 124 makes bash ask again.
const BASH: &str = include_str!("init/eksso.bash");
const BASH_PROMPT: &str = include_str!("init/prompt.bash");
const ZSH: &str = include_str!("init/eksso.zsh");
const ZSH_PROMPT: &str = include_str!("init/prompt.zsh");
const FISH: &str = include_str!("init/eksso.fish");
const FISH_PROMPT: &str = include_str!("init/prompt.fish");
const POWERSHELL: &str = concat!(include_str!("init/eksso.ps1"), include_str!("../../completions/_eksso.ps1"));
const POWERSHELL_PROMPT: &str = include_str!("init/prompt.ps1");
const NUSHELL: &str = include_str!("init/eksso.nu");
const NUSHELL_PROMPT: &str = include_str!("init/prompt.nu");
