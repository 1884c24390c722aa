//! What a shell evaluates when it starts, and what it shows before each line.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::{Args, ValueEnum};

/// Print the current context in a line, for a shell's prompt
///
/// Context, namespace, guard, and what is left of a role with an end, as the kubeconfig has them at the moment; the role
/// too where the context's name does not end with it. Without a current context, and where the kubeconfig cannot be read,
/// it prints nothing and exits with 0, so that no prompt breaks; -v says why. It asks no network and no keyring, and takes
/// no lock. -o json prints all of it.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct PromptArgs {}

/// Print what a shell's start file evaluates
///
/// bash: eval "$(eksso init bash)"; zsh, behind compinit: eval "$(eksso init zsh)"; fish: eksso init fish | source;
/// PowerShell: eksso init powershell | Out-String | Invoke-Expression; nushell: eksso init nushell | save -f eksso.nu, and
/// `source eksso.nu` in config.nu. It completes commands, options and names. Where EKSSO_ISOLATED is 1 when it is evaluated,
/// each new interactive shell starts with the current context for itself alone, and `eksso use CONTEXT` switches that shell
/// and no other (`eksso use -` goes back in it).
#[derive(Debug, Clone, Copy, Args)]
pub struct InitArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: InitShell,
    /// Also show `eksso prompt` in front of the prompt
    #[arg(long)]
    pub prompt: bool,
}

/// A shell that `eksso init` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InitShell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Nushell,
}
