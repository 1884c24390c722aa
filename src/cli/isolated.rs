//! Programs and shells in a context of their own.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::cli::kubeconfig::RoleArgs;
use crate::domain::shell::Shell;

#[derive(Debug, Args)]
pub struct ExecArgs {
    /// Contexts, by name or with * and ? as wildcards
    #[arg(value_name = "CONTEXT", required = true)]
    pub contexts: Vec<String>,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required_unless_present = "list", last = true)]
    pub command: Vec<OsString>,
    #[command(flatten)]
    pub role: RoleArgs,
    /// Also give it the AWS credentials of the context's role, fresh ones for as long as it runs
    ///
    /// AWS SDKs and the AWS CLI ask an endpoint of eksso on 127.0.0.1 for them (AWS_CONTAINER_CREDENTIALS_FULL_URI), which answers
    /// nobody without its token and ends with the command. No other identity reaches the command: it gets no AWS_PROFILE, no
    /// keys, no profiles of ~/.aws; AWS_REGION is the cluster's. --for ends what is given out: keys that a program was given
    /// before live on until their own end, an hour as a rule, as AWS takes none back.
    #[arg(long)]
    pub aws: bool,
    /// How many run at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Start no more once one has failed; those that run go on to their end
    #[arg(long)]
    pub fail_fast: bool,
    /// Go on in the other contexts once one has failed: what is done without --fail-fast
    #[arg(long, conflicts_with = "fail_fast")]
    pub keep_going: bool,
    /// Print the contexts that it would run in, and run nothing
    #[arg(long)]
    pub list: bool,
}

#[derive(Debug, Args)]
pub struct ShellArgs {
    /// The context; without it, on a terminal, a picker
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
}

#[derive(Debug, Args)]
pub struct EnvArgs {
    /// The context, or on a terminal words that stand in its name; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub words: Vec<String>,
    /// Choose among all contexts, as `eksso use` does
    #[arg(long, hide = true, conflicts_with_all = ["words", "unset"])]
    pub choose: bool,
    #[command(flatten)]
    pub role: RoleArgs,
    /// The shell to print for; without it, the one of SHELL
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<EnvShell>,
    /// Go back to the kubeconfig that was used before
    #[arg(long, conflicts_with = "words")]
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
    Tcsh,
    Xonsh,
    Elvish,
}

impl From<EnvShell> for Shell {
    fn from(shell: EnvShell) -> Self {
        match shell {
            EnvShell::Bash | EnvShell::Zsh => Self::Posix,
            EnvShell::Fish => Self::Fish,
            EnvShell::Powershell => Self::Powershell,
            EnvShell::Nushell => Self::Nushell,
            EnvShell::Tcsh => Self::Tcsh,
            EnvShell::Xonsh => Self::Xonsh,
            EnvShell::Elvish => Self::Elvish,
        }
    }
}
