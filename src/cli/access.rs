//! Who may do what: who a context is, and who is let in by a cluster.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::facts::FactsArgs;

#[derive(Debug, Args)]
pub struct WhoamiArgs {
    /// The context; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// The namespace whose rules are shown; the context's where none is named
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AccessArgs {
    #[command(subcommand)]
    pub over_time: Option<AccessCommand>,
    #[command(flatten)]
    pub which: WhichArgs,
    /// Only what a person, a group or a role reaches; for somebody who is disabled or no longer in the directory also what
    /// still lives, what to revoke, and which ways in do not pass the directory
    #[arg(long, value_name = "EMAIL|GROUP|ROLE", conflicts_with = "who_can")]
    pub who: Option<String>,
    /// Who may do something, and by which path, such as `--who-can create pods/exec -n web`
    #[arg(long, num_args = 2, value_names = ["VERB", "RESOURCE"], conflicts_with_all = ["html", "mermaid", "dot"])]
    pub who_can: Vec<String>,
    /// With --who-can: in which namespace; without it, in all of them at once
    #[arg(short, long, value_name = "NAMESPACE", requires = "who_can")]
    pub namespace: Option<String>,
    /// With --who-can: to the object of which name
    #[arg(long, value_name = "NAME", requires = "who_can")]
    pub name: Option<String>,
    /// Write a page that works from a file, to a new file: a table to search and to filter, and a graph of what is selected in it
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print a Mermaid flowchart
    #[arg(long, conflicts_with = "dot")]
    pub mermaid: bool,
    /// Print a graph for Graphviz
    #[arg(long)]
    pub dot: bool,
}

// Which clusters are read, and how.
#[derive(Debug, Clone, Default, Args)]
pub struct WhichArgs {
    /// Clusters by name, with * and ? as wildcards; without any, all that discovery finds
    #[arg(value_name = "CLUSTER")]
    pub clusters: Vec<String>,
    #[command(flatten)]
    pub facts: FactsArgs,
}

// Access over time.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    Snapshot(SnapshotArgs),
    Diff(DiffArgs),
}

/// Keep who may do what in a file, to compare it later
///
/// JSON in a stable order; it holds names, but no secrets. It never takes another file's place: that may be the record of another day.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// The new file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub which: WhichArgs,
}

/// Show what somebody gained and lost between two snapshots
///
/// Asks nobody: it reads the two files. What one of the snapshots could not see is unknown, never lost or gained. Exits with 0
/// whatever differs, unless --exit-code is said.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier snapshot
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later one
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Exit with 4 where somebody gained or lost something, with 6 where nothing did, but something could not be compared
    #[arg(long)]
    pub exit_code: bool,
}
