//! The settings.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub what: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print where config.toml is; with -o json also the organisation's file and the policy
    Path,
    Show(ConfigShowArgs),
    /// Open a copy in $VISUAL or $EDITOR, and take it when it is valid
    Edit,
    Check(ConfigCheckArgs),
}

/// Print each setting with its value and where that comes from
///
/// The origin is default, managed (the organisation's file), user (config.toml), environment, flag or policy. The rules of the
/// policy of this machine stand there, too, and a value that it refuses is marked ("refused" in JSON).
#[derive(Debug, Args)]
pub struct ConfigShowArgs {
    /// Only settings whose name begins so, such as sessions or trail
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Tell whether settings are valid; a mistake is named with its line and key
///
/// What the policy of this machine refuses of them is told, too; a keyring that it refuses is an error, as no command goes on with it.
#[derive(Debug, Args)]
pub struct ConfigCheckArgs {
    /// The file, in place of config.toml
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}
