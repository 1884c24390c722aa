//! Completions and manual pages.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::{Args, ValueEnum};

/// Print the completion script of a shell
///
/// It completes commands and options, and names of contexts, sessions, accounts, roles, regions, clusters and namespaces: those
/// of your kubeconfig and settings, and of what was found before. It asks no network. `eksso init` does the same, and more.
/// elvish: eval (eksso completions elvish | slurp); PowerShell: eksso completions powershell | Out-String | Invoke-Expression.
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

/// Print a manual page, in roff: `eksso man | man -l -`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page to print, instead of the main one
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}
