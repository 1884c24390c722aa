//! An organisation's settings.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

/// Install the settings of an organisation, below your own
///
/// Shows what a file would set, and installs it once you say yes on a terminal. It may hold sessions, regions, filters, context
/// names and their guards, where to look, and where to ask for help; never a program, a keyring, an endpoint, a proxy or a
/// server. A URL is https, and comes with what makes its file to be trusted: --sha256, and then it is fixed; or --minisign-key,
/// and then a newer version that is signed with the key (URL.minisig) is offered at sign-ins. Without FROM, shows what is
/// installed.
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
