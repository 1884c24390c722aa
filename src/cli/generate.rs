//! Completions and manual pages.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: CompletionShell,
}

/// A shell that has a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page to print, instead of the main one
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}
