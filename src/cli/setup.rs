//! An organisation's settings.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

#[derive(Debug, Args)]
pub struct SetupArgs {
    /// The file, or its https URL
    #[arg(value_name = "URL|FILE")]
    pub from: Option<String>,
    /// The SHA-256 of the file, in hex
    #[arg(long, value_name = "HASH", requires = "from", conflicts_with = "minisign_key")]
    pub sha256: Option<String>,
    /// The minisign key that signs it: the second line of its .pub file
    #[arg(long, value_name = "KEY", requires = "from")]
    pub minisign_key: Option<String>,
    /// Remove what is installed
    #[arg(long, conflicts_with = "from")]
    pub remove: bool,
}
