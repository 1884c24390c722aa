//! The command line as clap structs: their doc comments are the help, the man pages and the completions.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

mod access;
mod audit;
mod command;
mod complete;
mod config;
mod console;
mod credentials;
mod discovery;
mod doctor;
mod export;
mod facts;
mod generate;
pub mod grammar;
mod isolated;
mod kubeconfig;
mod log;
mod profiles;
mod prompt;
mod scaffold;
mod setup;
mod sign_in;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::domain::invocation::Invocation;
use crate::domain::kubeconfig::PLUGIN;

pub use access::{AccessArgs, AccessCommand, DiffArgs, SnapshotArgs, WhichArgs, WhoamiArgs};
pub use audit::{AuditArgs, AuditCommand, ExplainArgs, PolicyKind, SeverityArg};
pub use command::Command;
pub use complete::CompleteArgs;
pub use config::{ConfigArgs, ConfigCheckArgs, ConfigCommand, ConfigShowArgs};
pub use console::ConsoleArgs;
pub use credentials::{ApiVersionArg, CredentialFormat, CredentialsArgs, TokenArgs, WhoArgs};
pub use discovery::{ClusterFilter, ClustersArgs, RoleFilter, RolesArgs};
pub use doctor::DoctorArgs;
pub use export::ExportArgs;
pub use facts::{CredentialsArg, FactsArgs};
pub use generate::{CompletionShell, CompletionsArgs, ManArgs};
pub use isolated::{EnvArgs, EnvShell, ExecArgs, ShellArgs};
pub use kubeconfig::{
    AddArgs, ImportArgs, LookArgs, NsArgs, RenameArgs, RmArgs, RoleArgs, SyncArgs, UndoArgs, UseArgs, WriteArgs,
};
pub use log::LogArgs;
pub use profiles::ProfilesArgs;
pub use prompt::{InitArgs, InitShell, PromptArgs};
pub use scaffold::{
    ScaffoldArgs, ScaffoldCheckArgs, ScaffoldCommand, ScaffoldDiffArgs, ScaffoldFromLiveArgs, ScaffoldInitArgs,
    ScaffoldWriteArgs,
};
pub use setup::SetupArgs;
pub use sign_in::{FlowArg, LoginArgs, LogoutArgs, StatusArgs};

const AFTER_HELP: &str = "Start with `eksso login`. Exit codes: 0 done, 1 failed, 2 usage, 3 sign-in needed, 4 denied, \
                          5 not found, 6 AWS or network unavailable, 7 local state unusable, 130 interrupted.";

/// Sign in once with single sign-on; use the EKS roles you are permitted.
///
/// eksso signs you in to AWS IAM Identity Center, or to Okta for AWS, finds the EKS clusters and roles you are assigned, writes kubeconfig
/// contexts for them, and hands kubectl short-lived tokens. Secrets stay in the keyring of your operating system.
#[derive(Debug, Parser)]
#[command(name = "eksso", version, max_term_width = 100)]
#[command(after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads a command line.
    pub fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        if called(args) == COMPLETER {
            return Ok(completer(args));
        }
        let as_plugin = is_plugin(args);
        let mut cli = match short_line(args) {
            Some(cli) => cli,
            None if as_plugin => {
                let called = Invocation { as_plugin, ..Invocation::default() };
                let after = called.words(AFTER_HELP).into_owned();
                let command = Self::command().bin_name(called.program()).after_help(after);
                Self::from_arg_matches(&command.try_get_matches_from(args)?)?
            }
            None => Self::try_parse_from(args)?,
        };
        cli.globals.as_plugin = as_plugin;
        Ok(cli)
    }
}

/// The name that kubectl calls for completions of its command `eksso`.
const COMPLETER: &str = "kubectl_complete-eksso";

/// Whether the program was called by the name that makes it a command of kubectl.
pub fn is_plugin(args: &[OsString]) -> bool {
    called(args) == PLUGIN
}

/// The name that the program was called by.
fn called(args: &[OsString]) -> &str {
    let name = args.first().and_then(|name| name.to_str()).unwrap_or_default();
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.strip_suffix(".exe").unwrap_or(file)
}

/// What kubectl asks for: the words behind `kubectl eksso`, the last one up to the cursor. Source: kubectl's
/// `completeFromPlugin` (1.26).
fn completer(args: &[OsString]) -> Cli {
    let mut words: Vec<String> = args.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let word = words.pop().unwrap_or_default();
    let complete = CompleteArgs { kubectl: true, starts: true, word, words, ..CompleteArgs::default() };
    Cli { globals: Globals::default(), command: Command::Complete(complete) }
}

/// Reads the lines that are waited for all day, without the whole parser: kubectl's, and a prompt's. Anything else is `None`,
/// and the parser's to explain.
fn short_line(args: &[OsString]) -> Option<Cli> {
    match args {
        [_, command] if command == "prompt" => {
            Some(Cli { globals: Globals::default(), command: Command::Prompt(PromptArgs::default()) })
        }
        args => token_line(args),
    }
}

/// Reads the line that `eksso add` writes into kubeconfigs: `token` and pairs of options with their values. the
/// whole parser would take a fifth of a warm call.
fn token_line(args: &[OsString]) -> Option<Cli> {
    let [_, command, rest @ ..] = args else { return None };
    let (pairs, []) = rest.as_chunks::<2>() else { return None };
    let (mut session, mut account, mut role, mut region, mut cluster, mut cluster_id) = Default::default();
    let (mut assume_role, mut version, mut until) = Default::default();
    for [name, value] in pairs {
        let slot: &mut Option<String> = match name.to_str()? {
            "--session" => &mut session,
            "--account" => &mut account,
            "--role" => &mut role,
            "--region" => &mut region,
            "--cluster" => &mut cluster,
            "--cluster-id" => &mut cluster_id,
            "--assume-role" => &mut assume_role,
            "--exec-api-version" => &mut version,
            "--until" => &mut until,
            _ => return None,
        };
        let value = value.to_str().filter(|value| !value.starts_with('-'))?;
        if slot.replace(value.to_owned()).is_some() {
            return None;
        }
    }
    let complete = command == "token" && account.is_some() && role.is_some() && region.is_some();
    let exec_api_version = match version {
        Some(version) => Some(ApiVersionArg::from_str(&version, false).ok()?),
        None => None,
    };
    let until = match until {
        Some(until) => Some(until.parse().ok()?),
        None => None,
    };
    let who = WhoArgs { account, role, profile: None, assume_role };
    let args = TokenArgs { cluster: cluster.filter(|_| complete)?, region, who, cluster_id, exec_api_version, until };
    Some(Cli { globals: Globals { session, ..Globals::default() }, command: Command::Token(args) })
}

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The session to use [env: EKSSO_SESSION]
    #[arg(long, global = true, value_name = "NAME")]
    pub session: Option<String>,
    /// The kubeconfig to use instead of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The settings to use instead of config.toml [env: EKSSO_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where secrets are kept: auto, secret-service, keychain, wincred, keyutils, passphrase, plaintext [env: EKSSO_KEYRING]
    #[arg(long, global = true, value_name = "BACKEND")]
    pub keyring: Option<String>,
    /// The form of lists
    #[arg(short, long, global = true, value_name = "FORM", default_value = "table", hide_default_value = true)]
    pub output: OutputArg,
    /// When to use colour (NO_COLOR is honoured)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub color: Color,
    /// Never ask, even on a terminal [env: EKSSO_NO_INPUT=1]
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Say how it is done; twice: in more detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Called as `kubectl eksso`
    #[arg(skip)]
    pub as_plugin: bool,
}

impl Globals {
    /// How the call is made, for the commands that it names.
    pub fn called(&self) -> Invocation {
        let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        Invocation {
            as_plugin: self.as_plugin,
            kubeconfig: text(&self.kubeconfig),
            config: text(&self.config),
            keyring: self.keyring.clone(),
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also into files
    Always,
    /// Not at all
    Never,
}

/// The form of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OutputArg {
    /// Columns for people
    #[default]
    Table,
    /// One array of objects
    Json,
    /// One name a line
    Name,
    /// Lines for a review, with access only
    Csv,
    /// SARIF 2.1.0, for code scanning (audit)
    Sarif,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invocation::COMMANDS;

    #[test]
    fn the_commands_that_hints_may_name_are_those_there_are() {
        let command = Cli::command();
        let mut names: Vec<&str> = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(|command| command.get_name())
            .collect();
        names.sort_unstable();
        assert_eq!(COMMANDS.map(|(name, _)| name).to_vec(), names);
    }

    #[test]
    fn the_short_way_reads_a_line_as_the_whole_parser_does() {
        let full = "eksso token --session corp --account 1 --role R --region r --cluster c";
        for line in [
            full,
            "eksso token --cluster=c --region=r --role=R --account=1 -q -o json --keyring plaintext --no-input -vv",
            "eksso token --cluster c --profile dev --assume-role arn --cluster-id id --color never --config f",
            "eksso token --cluster c",
            "eksso token --cluster c --role R",
            "eksso token --session corp --session corp --account 1 --role R --region r --cluster c",
            "eksso token --session corp --account 1 --role -R --region r --cluster c",
            "eksso token --session corp --account 1 --role R --region r --cluster c --cluster-id",
            "eksso tokens --session corp --account 1 --role R --region r --cluster c",
            "eksso token --account 1 --role R --region r --cluster c --cluster-id i",
            "eksso token --account 1 --role R --region r --cluster c --assume-role arn --exec-api-version v1",
            "eksso token --account 1 --role R --region r --cluster c --exec-api-version v1beta1",
            "eksso token --account 1 --role R --region r --cluster c --exec-api-version v2",
            "eksso token --account 1 --role R --region r --cluster c --until 2027-01-15T08:00:00Z",
            "eksso token --account 1 --role R --region r --cluster c --until 2027-01-15T09:00:00+01:00",
            "eksso token --account 1 --role R --region r --cluster c --until tomorrow",
            "eksso token --account 1 --role R --region r --cluster c --until 2027-01-15T08:00:00Z --until 2028-01-15T08:00:00Z",
            "eksso token --help",
            "eksso token --nonsense",
            "eksso token extra",
            "eksso token",
            "eksso --session corp token --account 1 --role R --region r --cluster c",
            "eksso prompt",
            "eksso prompt -o json",
            "eksso prompt now",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (short, whole) = (Cli::read(&words), Cli::try_parse_from(&words));
            match (short, whole) {
                (Ok(short), Ok(whole)) => assert_eq!(format!("{short:?}"), format!("{whole:?}"), "{line}"),
                (Err(short), Err(whole)) => assert_eq!(short.to_string(), whole.to_string(), "{line}"),
                (short, whole) => panic!("{line}: {short:?} {whole:?}"),
            }
        }
        for added in
            ["", " --cluster-id i", " --assume-role arn --exec-api-version v1", " --until 2027-01-15T08:00:00Z"]
        {
            let words: Vec<OsString> = format!("{full}{added}").split(' ').map(OsString::from).collect();
            assert!(token_line(&words).is_some(), "the short way takes what kubeconfigs hold");
        }
    }
}
