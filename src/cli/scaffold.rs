//! The least-privilege set-up as code.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::discovery::ClusterFilter;
use crate::cli::facts::FactsArgs;

#[derive(Debug, Args)]
pub struct ScaffoldArgs {
    #[command(subcommand)]
    pub command: ScaffoldCommand,
}

// What to do.
#[derive(Debug, Subcommand)]
pub enum ScaffoldCommand {
    Init(ScaffoldInitArgs),
    Check(ScaffoldCheckArgs),
    Write(ScaffoldWriteArgs),
    Diff(ScaffoldDiffArgs),
    FromLive(ScaffoldFromLiveArgs),
}

/// Write a commented access.toml to begin with; never over a file that is there
///
/// On a terminal what no flag says is asked for.
#[derive(Debug, Args)]
pub struct ScaffoldInitArgs {
    /// Where to; access.toml of this folder without it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The account of the first cluster
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Its region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The SAML provider of Okta in the accounts, where people come by Okta, not by Identity Center
    #[arg(long, value_name = "PROVIDER")]
    pub okta: Option<String>,
}

/// Show who may do what, as a matrix, before anything is applied; asks nobody
///
/// Evaluates the IAM documents that would be made for each role and cluster, and compares them with what the tier is for; then the rules of
/// `audit` that need nobody's answers judge the whole as if it were applied. Exits with 4 where more is allowed, or less, or where a rule
/// finds fault.
#[derive(Debug, Args)]
pub struct ScaffoldCheckArgs {
    /// The reviewed file; access.toml of this folder without it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Write the code into a folder; without a kind, all kinds
///
/// The same file makes the same code. A file that was changed since it was written is kept, with everything else, until --force.
#[derive(Debug, Args)]
pub struct ScaffoldWriteArgs {
    /// Terraform modules
    #[arg(long)]
    pub terraform: bool,
    /// CloudFormation templates
    #[arg(long)]
    pub cloudformation: bool,
    /// Kubernetes bindings
    #[arg(long)]
    pub kubernetes: bool,
    /// The folder
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The reviewed file; access.toml of this folder without it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Also Terraform's import blocks for what exists already: reads as `diff` does, and needs a sign-in
    #[arg(long)]
    pub import: bool,
    /// Also over files that were changed since they were written
    #[arg(long)]
    pub force: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Compare what there is with the file: drift
///
/// Reads as `audit` does, with the same rights, and changes nothing. Compared are permission sets and who is assigned them, IAM
/// roles, access entries with their groups and policies, lines of aws-auth, bindings, and the guard; what the file does not name in
/// its clusters is a difference, too; descriptions, and tags of permission sets, are not compared. Each comes with the rights that it takes to undo it. Accounts and clusters that are not in the
/// file are not compared. Exits with 4 for differences, with 6 if there are none and something could not be read.
#[derive(Debug, Args)]
pub struct ScaffoldDiffArgs {
    /// The reviewed file; access.toml of this folder without it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub facts: FactsArgs,
}

/// Write an access.toml of what clusters have today; never over a file that is there
///
/// Reads as `access` does, and changes nothing. What the file cannot say, and what could not be read, is left out, told on stderr, and
/// stands in the file as comments.
#[derive(Debug, Args)]
pub struct ScaffoldFromLiveArgs {
    /// Clusters by name, with * and ? as wildcards; without it, all that your roles can see
    #[arg(value_name = "CLUSTER")]
    pub clusters: Vec<String>,
    /// Where to; access.toml of this folder without it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Read everything again, however lately it was read
    #[arg(long)]
    pub refresh: bool,
}
