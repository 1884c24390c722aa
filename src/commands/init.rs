//! `eksso init`: what the start file of a shell evaluates. The texts hold nothing of the user's: names of contexts reach the
//! shell as values of variables, never as its code or its prompt's.

use crate::cli::{InitArgs, InitShell};
use crate::commands::shared::call::Call;
use crate::domain::shell::{HOLD_BASH, HOLD_FISH, HOLD_ZSH};
use crate::error::Result;

/// Runs `eksso init`: prints the code for a shell.
pub fn run(call: &Call<'_>, args: &InitArgs) -> Result<()> {
    // Behind the prompt, whose hook is one that KUBECONFIG is held against.
    let (own, prompt, hold) = match args.shell {
        InitShell::Bash => (BASH, BASH_PROMPT, [HOLD_BASH, POSIX_HELD]),
        InitShell::Zsh => (ZSH, ZSH_PROMPT, [HOLD_ZSH, POSIX_HELD]),
        InitShell::Fish => (FISH, FISH_PROMPT, [HOLD_FISH, FISH_HELD]),
        InitShell::Powershell => (POWERSHELL, POWERSHELL_PROMPT, [""; 2]),
        InitShell::Nushell => (NUSHELL, NUSHELL_PROMPT, [""; 2]),
    };
    let prompt = if args.prompt { prompt } else { "" };
    call.world.terminal.data(&[own, prompt, hold[0], hold[1]].concat())
}

/// A shell that is started in one of `eksso shell` has its context, whatever its own start files export.
const POSIX_HELD: &str = "case $- in\n*i*) [ -z \"${EKSSO_ISOLATED_KUBECONFIG-}\" ] || [ ! -e \"$EKSSO_ISOLATED_KUBECONFIG\" ] || _eksso_hold ;;\nesac\n";
const FISH_HELD: &str = "if status is-interactive; and test -e \"$EKSSO_ISOLATED_KUBECONFIG\"\n    _eksso_hold\nend\n";

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
