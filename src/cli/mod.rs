//! The command line as clap structs: their doc comments are the help, the man pages and the completions.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::session::Flow;
use crate::ui::table::Output;

/// Sign in once with single sign-on; use the EKS roles you are permitted.
///
/// eksso signs you in to AWS IAM Identity Center, or to Okta for AWS, finds the EKS clusters and roles you are assigned, writes kubeconfig
/// contexts for them, and hands kubectl short-lived tokens. Secrets stay in the keyring of your operating system.
#[derive(Debug, Parser)]
#[command(name = "eksso", version, max_term_width = 100)]
#[command(after_help = "Start with `eksso login`. Exit codes: 0 done, 1 failed, 2 usage, 3 sign-in needed, 4 denied, \
                        5 not found, 6 AWS or network unavailable, 7 local state unusable, 130 interrupted.")]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads a command line.
    pub fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        token_line(args).map_or_else(|| Self::try_parse_from(args), Ok)
    }
}

/// Reads the line that `eksso add` writes into kubeconfigs: `token` and pairs of options with their values. kubectl waits
/// for it, and the whole parser would take a fifth of a warm call. Anything else is `None`, and the parser's to explain.
fn token_line(args: &[OsString]) -> Option<Cli> {
    let [_, command, rest @ ..] = args else { return None };
    let (pairs, []) = rest.as_chunks::<2>() else { return None };
    let (mut session, mut account, mut role, mut region, mut cluster, mut cluster_id) = Default::default();
    for [name, value] in pairs {
        let slot: &mut Option<String> = match name.to_str()? {
            "--session" => &mut session,
            "--account" => &mut account,
            "--role" => &mut role,
            "--region" => &mut region,
            "--cluster" => &mut cluster,
            "--cluster-id" => &mut cluster_id,
            _ => return None,
        };
        let value = value.to_str().filter(|value| !value.starts_with('-'))?;
        if slot.replace(value.to_owned()).is_some() {
            return None;
        }
    }
    let complete = command == "token" && account.is_some() && role.is_some() && region.is_some();
    let who = WhoArgs { account, role, profile: None, assume_role: None };
    let args = TokenArgs { cluster: cluster.filter(|_| complete)?, region, who, cluster_id };
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

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FlowArg {
    /// A page and a code, in any browser on any machine
    Device,
    /// A browser on this machine comes back by itself
    Pkce,
}

impl From<FlowArg> for Flow {
    fn from(arg: FlowArg) -> Self {
        match arg {
            FlowArg::Device => Self::Device,
            FlowArg::Pkce => Self::Pkce,
        }
    }
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
}

impl From<OutputArg> for Output {
    fn from(arg: OutputArg) -> Self {
        match arg {
            OutputArg::Table => Self::Table,
            OutputArg::Json => Self::Json,
            OutputArg::Name => Self::Name,
        }
    }
}

/// What eksso can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Login(LoginArgs),
    Logout(LogoutArgs),
    /// Show sessions: who is signed in, until when, and the current context
    Status,
    Roles(RolesArgs),
    Clusters(ClustersArgs),
    Add(AddArgs),
    Sync(SyncArgs),
    Use(UseArgs),
    Ns(NsArgs),
    Whoami(WhoamiArgs),
    Exec(ExecArgs),
    Shell(ShellArgs),
    Env(EnvArgs),
    Import(ImportArgs),
    Undo(UndoArgs),
    Token(TokenArgs),
    Credentials(CredentialsArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Sign in
///
/// Shows a page and a code, opens the browser where there is one, and waits for you to approve. The tokens go to the
/// keyring. With --flow pkce a browser on this machine comes back by itself, and there is no code that could be phished. With
/// --okta you sign in to Okta, whose assertion leads to roles that trust its SAML provider. A new start URL or Okta org is
/// saved as a session in config.toml; the [sso-session] blocks of ~/.aws/config are sessions too. On a terminal, the first
/// sign-in of a session goes on to `eksso add`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The session to sign in to, or the name to save a new start URL under
    #[arg(value_name = "SESSION")]
    pub name: Option<String>,
    /// The access portal, such as https://example.awsapps.com/start
    #[arg(long, value_name = "URL")]
    pub start_url: Option<String>,
    /// The region of the IAM Identity Center instance; may be left out where the URL or its redirect names it
    #[arg(long, value_name = "REGION", requires = "start_url")]
    pub sso_region: Option<String>,
    /// Your Okta org, such as https://example.okta.com, for roles that trust Okta itself (AWS Account Federation)
    #[arg(long, value_name = "ORG_URL", conflicts_with_all = ["start_url", "flow", "share_with_aws_cli"])]
    pub okta: Option<String>,
    /// The client that eksso is in the Okta org: an OIDC native app
    #[arg(long, value_name = "ID", requires = "okta")]
    pub client_id: Option<String>,
    /// The AWS app in the Okta org, where you have several; asked for if not given
    #[arg(long, value_name = "ID", requires = "okta")]
    pub app_id: Option<String>,
    /// A partition whose roles are wanted, such as aws-us-gov; may be repeated
    #[arg(long, value_name = "NAME", requires = "okta")]
    pub partition: Vec<String>,
    /// How to sign in; the session's own setting where this is not given
    #[arg(long, value_name = "FLOW")]
    pub flow: Option<FlowArg>,
    /// Do not open a browser
    #[arg(long)]
    pub no_browser: bool,
    /// Sign in anew even if you are signed in
    #[arg(long)]
    pub force: bool,
    /// Write the access token to ~/.aws/sso/cache too, so that the AWS CLI and SDKs are signed in while it lives
    ///
    /// In plain text, as those programs keep it. eksso writes it anew whenever it renews its own; `eksso logout` removes it.
    #[arg(long)]
    pub share_with_aws_cli: bool,
}

/// Sign out: revoke the session at the portal, remove its tokens and role credentials
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The session to end
    #[arg(value_name = "SESSION")]
    pub name: Option<String>,
    /// End all sessions
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
}

/// List the accounts and roles you are assigned
#[derive(Debug, Args)]
pub struct RolesArgs {
    #[command(flatten)]
    pub filter: RoleFilter,
    /// Ask for the list again, however lately that was done
    #[arg(long)]
    pub refresh: bool,
}

/// List the EKS clusters your roles can see, and which of your roles each of them lets in
///
/// MAPPED says whether the cluster knows the role, as what, or why not: from its access entries, and from aws-auth where it
/// counts and may be read. What AWS does not let you see is unknown. What was seen less than an hour ago is not looked at
/// again.
#[derive(Debug, Args)]
pub struct ClustersArgs {
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Look at everything again, however lately it was seen
    #[arg(long)]
    pub refresh: bool,
    /// Ask each cluster itself, as each role, who it is there (SelfSubjectReview)
    #[arg(long)]
    pub verify: bool,
    /// With -o json: one object a line, as soon as it is known
    #[arg(long)]
    pub stream: bool,
}

/// Choose clusters and roles, and write their kubeconfig contexts
///
/// On a terminal a picker offers what your roles can see, at once what was seen before, the rest as it is found; x marks
/// roles that the cluster does not let in. With all four filters given, or when only one pair matches, nothing is asked, and
/// roles that are known not to be let in are left out, unless one is named. EKSSO_PICKER=list asks with a plain list. The
/// current context changes only with --use.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Make the (first) new context the current one
    #[arg(long = "use")]
    pub switch: bool,
    #[command(flatten)]
    pub look: LookArgs,
    /// Do not ask where config.toml says that a context asks first
    #[arg(short, long, requires = "switch")]
    pub yes: bool,
    #[command(flatten)]
    pub write: WriteArgs,
    /// Write the full path of eksso, for programs that are started without your PATH
    #[arg(long)]
    pub absolute_command: bool,
}

/// What is looked at, and what of it is written.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct LookArgs {
    /// Also try again what your roles were denied lately
    #[arg(long)]
    pub refresh: bool,
    /// Ask each cluster itself, as each role, whether it lets the role in
    #[arg(long)]
    pub verify: bool,
    /// Also write contexts for roles that the cluster is known not to let in
    #[arg(long)]
    pub unmapped: bool,
}

/// How a kubeconfig is changed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct WriteArgs {
    /// Print what would change as a unified diff, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Write a context for every cluster and role that matches
///
/// Like `eksso add` without the picker: what is there already stays as it is, what is new is added, roles that the cluster
/// is known not to let in are left out. The current context never changes.
#[derive(Debug, Args)]
pub struct SyncArgs {
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Also remove contexts of eksso, of this session and these filters, whose role or cluster is gone
    ///
    /// Only what is certainly gone: not what could not be looked at. Their users go with them; cluster entries stay, as
    /// other tools share them.
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub write: WriteArgs,
    /// Write the full path of eksso, for programs that are started without your PATH
    #[arg(long)]
    pub absolute_command: bool,
}

/// Switch the current kubeconfig context
///
/// Without a name, on a terminal, a picker lets you choose; `-` goes back to the previous one. With -o name or -o json and
/// no name, lists the contexts.
#[derive(Debug, Args)]
pub struct UseArgs {
    /// The context, or - for the previous one
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
    #[command(flatten)]
    pub write: WriteArgs,
}

/// How a context is used.
#[derive(Debug, Clone, Default, Args)]
pub struct RoleArgs {
    /// The same cluster with another role of yours; the current context's where no context is named
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// The namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Do not ask where config.toml says that a context asks first
    #[arg(short, long)]
    pub yes: bool,
}

/// Show or switch the namespace of the current context
#[derive(Debug, Args)]
pub struct NsArgs {
    /// The namespace, or - for the previous one; without it, the present one is printed
    #[arg(value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    #[command(flatten)]
    pub write: WriteArgs,
}

/// Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do
///
/// Asks AWS (GetCallerIdentity), the cluster's access entries and aws-auth where they may be read, and the cluster itself
/// (SelfSubjectReview, SelfSubjectRulesReview).
#[derive(Debug, Args)]
pub struct WhoamiArgs {
    /// The context; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    /// The namespace whose rules are shown; the context's where none is named
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
}

/// Run a command in one context, or in several
///
/// The command gets a kubeconfig of its own with that context alone (KUBECONFIG), so that nothing it or you do elsewhere
/// switches it; EKSSO_CONTEXT names it. With several contexts, names or globs, it runs in each of them, a few at a time,
/// each line of output behind its context's name. eksso exits with the command's code; of several, the highest.
#[derive(Debug, Args)]
pub struct ExecArgs {
    /// Contexts, by name or with * and ? as wildcards
    #[arg(value_name = "CONTEXT", required = true)]
    pub contexts: Vec<String>,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub command: Vec<OsString>,
    #[command(flatten)]
    pub role: RoleArgs,
    /// How many run at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// Start a shell in which one context is current
///
/// Other terminals and later changes of the current context do not touch it. EKSSO_CONTEXT names the context for your prompt, and
/// EKSSO_GUARD how it is guarded. The shell is the one of SHELL.
#[derive(Debug, Args)]
pub struct ShellArgs {
    /// The context; without it, on a terminal, a picker
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
}

/// Print what makes this shell use one context
///
/// bash, zsh: eval "$(eksso env CONTEXT)"; fish: eksso env CONTEXT | source; PowerShell: eksso env CONTEXT | Out-String |
/// Invoke-Expression; nushell: eksso env CONTEXT | from json | load-env. The private kubeconfig is removed some time after the terminal is closed.
#[derive(Debug, Args)]
pub struct EnvArgs {
    /// The context; the current one where none is named
    #[arg(value_name = "CONTEXT")]
    pub context: Option<String>,
    #[command(flatten)]
    pub role: RoleArgs,
    /// The shell to print for; without it, the one of SHELL
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<EnvShell>,
    /// Go back to the kubeconfig that was used before
    #[arg(long, conflicts_with = "context")]
    pub unset: bool,
}

/// A shell that `eksso env` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EnvShell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Nushell,
}

/// Take over the contexts that the AWS CLI and others made
///
/// Users of `aws eks get-token` and `aws-iam-authenticator token`, alone or behind aws-vault or Granted, are made eksso's:
/// session, account and role come from the profile they name. Names, namespaces and the current context stay. Shows the
/// diff; `eksso undo` takes it back.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Contexts, by name or with wildcards; without any, all
    #[arg(value_name = "CONTEXT")]
    pub contexts: Vec<String>,
    #[command(flatten)]
    pub write: WriteArgs,
    /// Write the full path of eksso, for programs that are started without your PATH
    #[arg(long)]
    pub absolute_command: bool,
}

/// Take back the last change that eksso made to a kubeconfig
///
/// Shows what it will do, asks on a terminal, and restores the file byte for byte. Again: the change before that, up to
/// twenty.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// Bring back what was taken back last
    #[arg(long)]
    pub redo: bool,
    /// Also undo what other programs changed in the file since
    #[arg(long)]
    pub force: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub write: WriteArgs,
}

/// Print an ExecCredential: what kubectl calls
///
/// Prints one JSON object with a token for the cluster, or nothing. Never opens a browser and never asks; exits with 3
/// when a person has to sign in first.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The name of the cluster
    #[arg(long, value_name = "NAME")]
    pub cluster: String,
    /// The region of the cluster
    #[arg(long, value_name = "REGION", required_unless_present = "profile")]
    pub region: Option<String>,
    #[command(flatten)]
    pub who: WhoArgs,
    /// The id of a local cluster on an Outpost
    #[arg(long, value_name = "ID")]
    pub cluster_id: Option<String>,
}

/// Which role, named in one of two ways.
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// The account of the role
    #[arg(long, value_name = "ID", requires = "role")]
    pub account: Option<String>,
    /// The role (permission set)
    #[arg(long, value_name = "ROLE", requires = "account")]
    pub role: Option<String>,
    /// Take session, account and role from this profile of ~/.aws/config
    #[arg(long, value_name = "NAME", conflicts_with_all = ["account", "role"])]
    pub profile: Option<String>,
    /// Assume this IAM role from there; such a session lasts one hour at most, a limit of AWS for chained roles
    #[arg(long, value_name = "ARN")]
    pub assume_role: Option<String>,
}

/// Print AWS credentials of a role for other programs
///
/// For `credential_process` in ~/.aws/config: eksso credentials --account ID --role ROLE. For a shell:
/// eval "$(eksso credentials --format env CONTEXT)". Never asks; exits with 3 when a person has to sign in first.
#[derive(Debug, Args)]
pub struct CredentialsArgs {
    /// The context whose role is meant; the current one where no role is named
    #[arg(value_name = "CONTEXT", conflicts_with_all = ["account", "role", "profile"])]
    pub context: Option<String>,
    #[command(flatten)]
    pub who: WhoArgs,
    /// The form to print them in
    #[arg(long, value_name = "FORMAT", default_value = "process")]
    pub format: CredentialFormat,
}

/// The form of printed credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CredentialFormat {
    /// JSON as `credential_process` wants it
    Process,
    /// `export` lines for a POSIX shell
    Env,
    /// JSON with all that is known
    Json,
}

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Print a manual page, in roff: `eksso man | man -l -`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page to print, instead of the main one
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}

/// Which accounts and roles.
#[derive(Debug, Clone, Args)]
pub struct RoleFilter {
    /// Accounts by id or name, with * and ? as wildcards
    #[arg(long, value_name = "GLOB")]
    pub account: Vec<String>,
    /// Roles (permission sets) by name, with wildcards
    #[arg(long, value_name = "GLOB")]
    pub role: Vec<String>,
}

/// Which clusters.
#[derive(Debug, Clone, Args)]
pub struct ClusterFilter {
    #[command(flatten)]
    pub roles: RoleFilter,
    /// Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS
    #[arg(long, value_name = "GLOB")]
    pub region: Vec<String>,
    /// Clusters by name, with wildcards
    #[arg(long, value_name = "GLOB")]
    pub cluster: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "eksso token --help",
            "eksso token --nonsense",
            "eksso token extra",
            "eksso token",
            "eksso --session corp token --account 1 --role R --region r --cluster c",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (short, whole) = (Cli::read(&words), Cli::try_parse_from(&words));
            match (short, whole) {
                (Ok(short), Ok(whole)) => assert_eq!(format!("{short:?}"), format!("{whole:?}"), "{line}"),
                (Err(short), Err(whole)) => assert_eq!(short.to_string(), whole.to_string(), "{line}"),
                (short, whole) => panic!("{line}: {short:?} {whole:?}"),
            }
        }
        let words: Vec<OsString> = full.split(' ').map(OsString::from).collect();
        assert!(token_line(&words).is_some(), "the short way takes what kubeconfigs hold");
    }
}
