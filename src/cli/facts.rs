//! What `access`, `audit` and `scaffold diff` read, and as whom.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::{Args, ValueEnum};

use crate::cli::discovery::ClusterFilter;

// What is read of clusters, accounts and people.
#[derive(Debug, Clone, Default, Args)]
pub struct FactsArgs {
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Read everything again, however lately it was read
    #[arg(long)]
    pub refresh: bool,
    /// Whose credentials are used: those of the session, or, in CI, those of the environment (AWS_ACCESS_KEY_ID, or
    /// AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN), which then assume the role that `[access] assume` names in each account
    #[arg(long, value_name = "WHOSE", default_value = "session", hide_default_value = true, conflicts_with_all = ["all_sessions", "tag"])]
    pub credentials: CredentialsArg,
}

/// Whose credentials are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum CredentialsArg {
    /// Roles of the signed-in person
    #[default]
    Session,
    /// The environment's own: nobody signs in
    Environment,
}
