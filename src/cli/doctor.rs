//! `eksso doctor`.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use std::path::PathBuf;

use clap::Args;

/// Find out why something does not work
///
/// Checks settings, kubeconfig, programs, keyring, sign-in, network, clock, and the context's role, token and cluster, and says
/// what to do. It does what kubectl's next call would do, and no more: it signs nobody in, asks nobody, and writes no setting and
/// no kubeconfig. Exits with 1 where something failed.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The context [default: the current one]
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// Also write a report without names and secrets to a new file, for a bug tracker (JSON)
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}
