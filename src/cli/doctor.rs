//! `eksso doctor`.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The context [default: the current one]
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// Also write a report without names and secrets to a new file, for a bug tracker (JSON)
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}
