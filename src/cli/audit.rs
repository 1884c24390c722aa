//! What is wrong with who may do what.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::facts::FactsArgs;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub about: Option<AuditCommand>,
    /// Clusters by name, with * and ? as wildcards; without any, all that discovery finds
    #[arg(value_name = "CLUSTER")]
    pub clusters: Vec<String>,
    #[command(flatten)]
    pub facts: FactsArgs,
    /// Show findings from this severity on, and exit with 4 for them; without it all are shown, and those from low on count. Those of
    /// info never count
    #[arg(long, value_name = "SEVERITY")]
    pub min_severity: Option<SeverityArg>,
    /// Judge by this rule only; repeatable
    #[arg(long, value_name = "ID")]
    pub rule: Vec<String>,
    /// The reviewed file with tiers and suppressions; access.toml in this folder, if it is there, where none is named
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write a page that works from a file, to a new file: the findings, and who is let in
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print the rights that a run needs, and do nothing else: an IAM policy, or a ClusterRole with its binding
    #[arg(long, value_name = "KIND", conflicts_with_all = ["clusters", "min_severity", "rule", "file", "html"])]
    pub print_policy: Option<PolicyKind>,
}

// About the rules.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List the rules: id, severity, title, tags, and whether a rule can judge a plan with nobody asked
    Rules,
    Explain(ExplainArgs),
}

/// Tell what a rule looks for, why it matters, and how to mend it
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id
    #[arg(value_name = "ID")]
    pub id: String,
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SeverityArg {
    /// Worth knowing; never counts
    Info,
    /// Untidy, or a step away from trouble
    Low,
    /// Weakens what single sign-on is there for
    Medium,
    /// Lets somebody in, or further, than is meant
    High,
    /// Opens a cluster, or the account
    Critical,
}

/// Whose rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// The IAM policy, as JSON
    Iam,
    /// The ClusterRole and its binding, as YAML
    Kubernetes,
}
