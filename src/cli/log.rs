//! The audit trail.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

#[derive(Debug, Args)]
pub struct LogArgs {
    /// From then on: a time such as 2026-11-26T08:00:00Z, a day, or how long ago, such as 2h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only these events: sign_in, token, credentials, console, share, or a command that was refused; a glob
    #[arg(long, value_name = "GLOB")]
    pub event: Option<String>,
    /// Only these results, such as ok or denied; a glob
    #[arg(long, value_name = "GLOB")]
    pub result: Option<String>,
    /// Only these contexts; a glob
    #[arg(long, value_name = "GLOB")]
    pub context: Option<String>,
    /// Only these accounts, by id; a glob
    #[arg(long, value_name = "GLOB")]
    pub account: Option<String>,
    /// Only these roles; a glob
    #[arg(long, value_name = "GLOB")]
    pub role: Option<String>,
    /// Only these clusters; a glob
    #[arg(long, value_name = "GLOB")]
    pub cluster: Option<String>,
    /// Only what these programs asked for; a glob over their path
    #[arg(long, value_name = "GLOB")]
    pub parent: Option<String>,
    /// Only the credentials with this access key id, as the cluster's audit log and CloudTrail name it
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// Only the last lines, so many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub last: Option<usize>,
}
