//! The AWS console.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

/// Open a cluster's page in the AWS console, as the context's role
///
/// With IAM Identity Center it is a link of your access portal. With Okta, and for roles that are assumed from others, the console
/// is signed in to with the role's credentials; that address is in no argument of a program, as whoever has it is the role.
/// Opens the session's browser (`browser` in config.toml), else the machine's; `{url}`, `{account_name}` and `{role}` stand for
/// the page, the account and the role there, such as for a Firefox container or a Chrome profile of each account.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    /// The context; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// Print the address and open nothing; with Okta, and for assumed roles, it is a secret for some minutes
    #[arg(long)]
    pub print: bool,
    /// Do not ask where config.toml says that a context asks first
    #[arg(short, long)]
    pub yes: bool,
}
