//! Programs and shells in a context of their own.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::cli::kubeconfig::RoleArgs;

/// Run a command in one context, or in several
///
/// The command gets a kubeconfig of its own with that context alone (KUBECONFIG), so that nothing it or you do elsewhere
/// switches it; EKSSO_CONTEXT names it. With several contexts, names or globs, it runs in each of them, a few at a time,
/// each line of output behind its context's name. eksso exits with the command's code; of several, the highest.
#[derive(Debug, Args)]
pub struct ExecArgs {
    /// Contexts, by name or with * and ? as wildcards
    #[arg(value_name = "CONTEXT", required = true)]
    pub contexts: Vec<String>,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub command: Vec<OsString>,
    #[command(flatten)]
    pub role: RoleArgs,
    /// How many run at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// Start a shell in which one context is current
///
/// Other terminals and later changes of the current context do not touch it. EKSSO_CONTEXT names the context for your prompt, and
/// EKSSO_GUARD how it is guarded. The shell is the one of SHELL.
#[derive(Debug, Args)]
pub struct ShellArgs {
    /// The context; without it, on a terminal, a picker
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
}

/// Print what makes this shell use one context
///
/// bash, zsh: eval "$(eksso env CONTEXT)"; fish: eksso env CONTEXT | source; PowerShell: eksso env CONTEXT | Out-String |
/// Invoke-Expression; nushell: eksso env CONTEXT | from json | load-env. The private kubeconfig is removed some time after the terminal is closed.
#[derive(Debug, Args)]
pub struct EnvArgs {
    /// The context; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
    /// The shell to print for; without it, the one of SHELL
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<EnvShell>,
    /// Go back to the kubeconfig that was used before
    #[arg(long, conflicts_with = "context")]
    pub unset: bool,
}

/// A shell that `eksso env` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EnvShell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Nushell,
}
