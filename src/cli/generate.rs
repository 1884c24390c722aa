//! Completions and manual pages.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Print a manual page, in roff: `eksso man | man -l -`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page to print, instead of the main one
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}
