//! What a shell evaluates when it starts, and what it shows before each line.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct PromptArgs {}

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
