//! The AWS console.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

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
