//! The audit trail.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

/// Show the audit trail: sign-ins, and credentials that were handed out
///
/// It is off until `trail = "file"` is in config.toml, or in the policy of the machine. Then each sign-in and each time that a
/// program asked for a token or credentials is a line of a file in the state folder (trail/, one file a day, kept for 90 days):
/// when, session, account, role, cluster, access key id, parent program, result, and no secret. What the policy of the machine, a
/// context that asks first or the end of a use refuses is a line, too: of the command (use, exec, shell, env …). Where a line names no context,
/// the one that stands for the same cluster and role in the kubeconfig now is shown in parentheses, and in JSON as
/// "context_now". `trail = "journald"` and "syslog" send
/// the lines there instead, and this command does not show them. --session NAME shows one session's.
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
