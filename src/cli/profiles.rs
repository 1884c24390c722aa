//! AWS profiles.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

use crate::cli::discovery::RoleFilter;
use crate::cli::kubeconfig::WriteArgs;

/// Write an AWS profile for every role that matches
///
/// Each is a profile of ~/.aws/config (AWS_CONFIG_FILE) whose `credential_process` is eksso, so that the AWS CLI and all SDKs work as
/// that role without a sign-in of their own; no secret is in it. They are named by `profile_name` of config.toml, and marked as
/// eksso's; the rest of the file keeps every byte. A name that another profile has is left to it.
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
