//! Kubeconfigs for others.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Contexts, by name or with * and ? as wildcards; without any, all of eksso's
    #[arg(value_name = "CONTEXT")]
    pub contexts: Vec<String>,
}
