//! The least-privilege set-up as code.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Make dedicated roles, policies, access entries and bindings as code, from one reviewed file
///
/// access.toml says which clusters there are, and which tier of people has what in them. From it come Terraform, CloudFormation and
/// Kubernetes' YAML. eksso itself changes nothing in AWS or in clusters.
#[derive(Debug, Args)]
pub struct ScaffoldArgs {
    #[command(subcommand)]
    pub command: ScaffoldCommand,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum ScaffoldCommand {
    Init(ScaffoldInitArgs),
    Check(ScaffoldCheckArgs),
    Write(ScaffoldWriteArgs),
}

/// Write a commented access.toml to begin with; never over a file that is there
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
/// Evaluates the IAM documents that would be made for each role and cluster, and compares them with what the tier is for. Exits with 4
/// where more is allowed, or less.
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
    /// Also over files that were changed since they were written
    #[arg(long)]
    pub force: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}
