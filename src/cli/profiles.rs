//! AWS profiles.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

use crate::cli::discovery::RoleFilter;
use crate::cli::kubeconfig::WriteArgs;

#[derive(Debug, Args)]
pub struct ProfilesArgs {
    #[command(flatten)]
    pub filter: RoleFilter,
    /// Ask for the list of roles again, however lately that was done
    #[arg(long)]
    pub refresh: bool,
    /// Also remove profiles of eksso, of this session and these filters, whose role is gone or that the template names differently
    #[arg(long)]
    pub prune: bool,
    /// Do not ask before many profiles are removed
    #[arg(short, long, requires = "prune")]
    pub yes: bool,
    #[command(flatten)]
    pub write: WriteArgs,
    /// Write the full path of eksso, for programs that are started without your PATH
    #[arg(long)]
    pub absolute_command: bool,
    /// Take the last change back, byte for byte
    #[arg(long, conflicts_with_all = ["account", "role", "saved", "all_sessions", "refresh", "prune", "absolute_command"])]
    pub undo: bool,
}
