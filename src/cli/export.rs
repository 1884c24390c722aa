//! Kubeconfigs for others.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

/// Print a kubeconfig with contexts of eksso, to be handed to others
///
/// There is no secret in it and nothing that is yours alone: its users call eksso, which signs in whoever runs it, so that it works
/// for those who have the same roles. It says in comments how to sign in. Where a name is not enough, KUBECONFIG takes several
/// files: eksso export 'prod-*' > prod.yaml
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Contexts, by name or with * and ? as wildcards; without any, all of eksso's
    #[arg(value_name = "CONTEXT")]
    pub contexts: Vec<String>,
}
