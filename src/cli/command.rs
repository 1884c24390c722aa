//! The commands, each with its help; their options stand in the files beside. What several commands share has no doc comment
//! there: it would become their help.

use clap::Subcommand;

use crate::cli::access::{AccessArgs, WhoamiArgs};
use crate::cli::audit::AuditArgs;
use crate::cli::complete::CompleteArgs;
use crate::cli::config::ConfigArgs;
use crate::cli::console::ConsoleArgs;
use crate::cli::credentials::{CredentialsArgs, TokenArgs};
use crate::cli::discovery::{ClustersArgs, RolesArgs};
use crate::cli::doctor::DoctorArgs;
use crate::cli::export::ExportArgs;
use crate::cli::generate::{CompletionsArgs, ManArgs};
use crate::cli::isolated::{EnvArgs, ExecArgs, ShellArgs};
use crate::cli::kubeconfig::{AddArgs, ImportArgs, NsArgs, RenameArgs, RmArgs, SyncArgs, UndoArgs, UseArgs};
use crate::cli::log::LogArgs;
use crate::cli::profiles::ProfilesArgs;
use crate::cli::prompt::{InitArgs, PromptArgs};
use crate::cli::scaffold::ScaffoldArgs;
use crate::cli::setup::SetupArgs;
use crate::cli::sign_in::{LoginArgs, LogoutArgs, StatusArgs};

/// What eksso can do. The options of a command are put together only where a line names it.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Sign in
    ///
    /// Shows a page and a code, opens the browser where there is one, and waits for you to approve. The tokens go to the
    /// keyring. With --flow pkce a browser on this machine comes back by itself, and there is no code that could be phished. With
    /// --okta you sign in to Okta, whose assertion leads to roles that trust its SAML provider. A new start URL or Okta org is
    /// saved as a session in config.toml; the [sso-session] blocks of ~/.aws/config are sessions too. On a terminal, the first
    /// sign-in of a session goes on to `eksso add`.
    Login(LoginArgs),
    /// Sign out: revoke the session at the portal, remove its tokens and role credentials
    ///
    /// With --forget the session itself goes, too: its table in config.toml, and all that is kept of it here. Contexts and AWS profiles of
    /// it stay, and are told.
    Logout(LogoutArgs),
    /// Show sessions: who is signed in, until when, and the current context
    Status(StatusArgs),
    /// List the accounts and roles you are assigned
    Roles(RolesArgs),
    /// List the EKS clusters your roles can see, and which of your roles each of them lets in
    ///
    /// MAPPED says whether the cluster knows the role, as what, or why not: from its access entries, and from aws-auth where it
    /// counts and may be read. What AWS does not let you see is unknown. What was seen less than an hour ago is not looked at
    /// again.
    Clusters(ClustersArgs),
    /// Choose clusters and roles, and write their kubeconfig contexts
    ///
    /// On a terminal a picker offers what your roles can see, at once what was seen before, the rest as it is found; x marks
    /// roles that the cluster does not let in. With all four filters given, or when only one pair matches, nothing is asked, and
    /// roles that are known not to be let in are left out, unless one is named. EKSSO_PICKER=list asks with a plain list. The
    /// current context changes only with --use.
    Add(AddArgs),
    /// Write a context for every cluster and role that matches
    ///
    /// Like `eksso add` without the picker: what is there already stays as it is, what is new is added, roles that the cluster
    /// is known not to let in are left out. The current context never changes.
    Sync(SyncArgs),
    /// Switch the current kubeconfig context
    ///
    /// Without a name, on a terminal, a picker lets you choose; `-` goes back to the previous one, `-2` to the one before
    /// that. On a terminal words will do: the one context that they fit is switched to, of several the picker lets you choose.
    /// Elsewhere only a whole name counts. Without a name and with -o name or -o json, or into a pipe, lists the contexts.
    Use(UseArgs),
    /// Show or switch the namespace of the current context
    ///
    /// The cluster is asked for its namespaces, for three seconds at most: one that it does not have is refused. Where it does not
    /// say (nobody is signed in, no network, a role that may not see them), the namespace is switched all the same; nobody is ever
    /// asked to sign in for it. Without a name, on a terminal, a picker lets you choose; elsewhere the present one is printed.
    /// With -o name or -o json lists the namespaces that the cluster showed last, which asks nobody; completions use it.
    Ns(NsArgs),
    /// Give a context another name
    ///
    /// The current context stays current; `eksso sync` knows it by what it stands for, and keeps the name.
    Rename(RenameArgs),
    /// Remove contexts
    ///
    /// Users and clusters go with them where no other context names them. Nothing is asked: `eksso undo` brings all of it back.
    Rm(RmArgs),
    /// Show who a context is: the person, the role, the Kubernetes user and its groups, and what it may do
    ///
    /// Asks AWS (GetCallerIdentity), the cluster's access entries and aws-auth where they may be read, and the cluster itself
    /// (SelfSubjectReview, SelfSubjectRulesReview).
    Whoami(WhoamiArgs),
    /// Open a cluster's page in the AWS console, as the context's role
    ///
    /// With IAM Identity Center it is a link of your access portal. With Okta, and for roles that are assumed from others, the console
    /// is signed in to with the role's credentials; that address is in no argument of a program, as whoever has it is the role.
    /// Opens the session's browser (`browser` in config.toml), else the machine's; `{url}`, `{account_name}` and `{role}` stand for
    /// the page, the account and the role there, such as for a Firefox container or a Chrome profile of each account.
    Console(ConsoleArgs),
    /// Find out why something does not work
    ///
    /// Checks settings, kubeconfig, programs, keyring, sign-in, network, clock, and the context's role, token and cluster, and says
    /// what to do. It does what kubectl's next call would do, and no more: it signs nobody in, asks nobody, and writes no setting and
    /// no kubeconfig. Exits with 1 where something failed.
    Doctor(DoctorArgs),
    /// Show who is let in by which cluster, as what, to do what, and why
    ///
    /// Reads access entries, aws-auth, roles and bindings of the clusters, IAM roles with their trust policies, and, where it may be
    /// read, Identity Center with its directory. Each row goes from people to a role, to what the cluster takes it for, to its
    /// rights, with the ways in and whether it lets anybody in at all. What could not be read is `?` or unknown, and is listed on
    /// stderr; that alone is no failure. The JSON and the CSV say more than the table: every reason, and which call said what.
    Access(Box<AccessArgs>),
    /// Find what is wrong with who may do what in clusters, and how to mend it
    ///
    /// Reads what `eksso access` reads, and judges it by rules: `eksso audit rules` lists them, `eksso audit explain ID` tells one. Tiers and
    /// suppressions come from access.toml. What could not be read is "not checked", never clean. Exits with 0 where nothing was found
    /// and all was checked, with 4 for findings at or above the threshold, with 6 where nothing was found, but something could not be checked.
    Audit(Box<AuditArgs>),
    /// Make dedicated roles, policies, access entries and bindings as code, from one reviewed file
    ///
    /// access.toml says which clusters there are, and which tier of people has what in them. From it come Terraform, CloudFormation and
    /// Kubernetes' YAML. eksso itself changes nothing in AWS or in clusters.
    Scaffold(ScaffoldArgs),
    /// Run a command in one context, or in several
    ///
    /// The command gets a kubeconfig of its own with that context alone (KUBECONFIG), so that nothing it or you do elsewhere
    /// switches it; EKSSO_CONTEXT names it. With several contexts, names or globs, it runs once in each of them, a few at a time,
    /// each line of output behind its context's name; a context that a glob means and that is broken is left out and counts as
    /// failed. eksso exits with the command's code; of several, the highest; with 127 where there is no such program, 126
    /// where it cannot be run.
    Exec(ExecArgs),
    /// Start a shell in which one context is current
    ///
    /// Other terminals and later changes of the current context do not touch it, nor does a KUBECONFIG that your shell's start
    /// files set. EKSSO_CONTEXT and EKSSO_GUARD say which context the shell was opened for and how it was guarded then; what is
    /// current now, after a switch of role in it, `eksso status` reads from the kubeconfig. The shell is the one of SHELL.
    Shell(ShellArgs),
    /// Print what makes this shell use one context
    ///
    /// bash, zsh: eval "$(eksso env CONTEXT)"; fish: eksso env CONTEXT | source; PowerShell: eksso env CONTEXT | Out-String |
    /// Invoke-Expression; nushell: eksso env CONTEXT | from json | load-env; tcsh: eval "`eksso env CONTEXT`"; xonsh:
    /// execx($(eksso env CONTEXT)); elvish: eval (eksso env CONTEXT | slurp). The isolated kubeconfig is removed some time after the terminal is closed.
    Env(EnvArgs),
    /// Take over the contexts that the AWS CLI and others made
    ///
    /// Users of `aws eks get-token` and `aws-iam-authenticator token`, alone or behind aws-vault or Granted, are made eksso's:
    /// session, account and role come from the profile they name. Names, namespaces and the current context stay. Shows the
    /// diff; `eksso undo` takes it back.
    Import(ImportArgs),
    /// Print a kubeconfig with contexts of eksso, to be handed to others
    ///
    /// There is no secret in it and nothing that is yours alone: its users call eksso, which signs in whoever runs it, so that it works
    /// for those who have the same roles. It says in comments how to sign in. Where a name is not enough, KUBECONFIG takes several
    /// files: eksso export 'prod-*' > prod.yaml
    Export(ExportArgs),
    /// Take back the last change that eksso made to a kubeconfig
    ///
    /// Shows what it will do, asks on a terminal, and restores the file byte for byte. Again: the change before that, up to
    /// twenty. Without a terminal nobody is asked, as `eksso undo --redo` brings back what was taken back; a guarded context needs
    /// --yes all the same.
    Undo(UndoArgs),
    /// Print what a shell's start file evaluates
    ///
    /// bash: eval "$(eksso init bash)"; zsh, behind compinit: eval "$(eksso init zsh)"; fish: eksso init fish | source;
    /// PowerShell: eksso init powershell | Out-String | Invoke-Expression; nushell: eksso init nushell | save -f eksso.nu, and
    /// `source eksso.nu` in config.nu. It completes commands, options and names. Where EKSSO_ISOLATED is 1 when it is evaluated,
    /// each new interactive shell starts with the current context for itself alone, and `eksso use CONTEXT` switches that shell
    /// and no other (`eksso use -` goes back in it).
    Init(InitArgs),
    /// Print the current context in a line, for a shell's prompt
    ///
    /// Context, namespace, guard, and what is left of a role with an end, as the kubeconfig has them at the moment; the role
    /// too where the context's name does not end with it. Without a current context, and where the kubeconfig cannot be read,
    /// it prints nothing and exits with 0, so that no prompt breaks; -v says why. It asks no network and no keyring, and takes
    /// no lock. -o json prints all of it.
    Prompt(PromptArgs),
    /// Print an ExecCredential: what kubectl calls
    ///
    /// Prints one JSON object with a token for the cluster, or nothing. Exits with 3 when a person has to sign in first. Where
    /// kubectl sits at a terminal that no other program has taken, it asks once whether to sign in now, waits 30 seconds for the
    /// answer, and opens a browser only after `y`; `offer_sign_in = false` in config.toml and EKSSO_NO_INPUT=1 turn that off. Nobody
    /// else is ever asked: no IDE, no pipe into kubectl's stdin, no background job, no full-screen program.
    Token(TokenArgs),
    /// Print AWS credentials of a role for other programs
    ///
    /// For `credential_process` in ~/.aws/config: eksso credentials --account ID --role ROLE. For a shell:
    /// eval "$(eksso credentials --format env CONTEXT)". A context that config.toml guards asks first; nothing else is ever asked:
    /// exits with 3 when a person has to sign in first.
    Credentials(CredentialsArgs),
    /// Show the audit trail: sign-ins, and credentials that were handed out
    ///
    /// It is off until `trail = "file"` is in config.toml, or in the policy of the machine. Then each sign-in and each time that a
    /// program asked for a token or credentials is a line of a file in the state folder (trail/, one file a day, kept for 90 days):
    /// when, session, account, role, cluster, access key id, parent program, result, and no secret. What the policy of the machine, a
    /// context that asks first or the end of a use refuses is a line, too: of the command (use, exec, shell, env …). Where a line names no context,
    /// the one that stands for the same cluster and role in the kubeconfig now is shown in parentheses, and in JSON as
    /// "context_now". `trail = "journald"` and "syslog" send
    /// the lines there instead, and this command does not show them. --session NAME shows one session's.
    Log(LogArgs),
    /// Show, edit and check the settings
    ///
    /// Settings come from layers: the policy of the machine goes before flags, these before variables, these before config.toml,
    /// and that before the file of the organisation that `eksso setup` installed.
    Config(ConfigArgs),
    /// Install the settings of an organisation, below your own
    ///
    /// Shows what a file would set, and installs it once you say yes on a terminal. It may hold sessions, regions, filters, context
    /// names and their guards, where to look, and where to ask for help; never a program, a keyring, an endpoint, a proxy or a
    /// server. A URL is https, and comes with what makes its file to be trusted: --sha256, and then it is fixed; or --minisign-key,
    /// and then a newer version that is signed with the key (URL.minisig) is offered at sign-ins. Without FROM, shows what is
    /// installed.
    Setup(SetupArgs),
    /// Write an AWS profile for every role that matches
    ///
    /// Each is a profile of ~/.aws/config (AWS_CONFIG_FILE) whose `credential_process` is eksso, so that the AWS CLI and all SDKs work as
    /// that role without a sign-in of their own; no secret is in it. They are named by `profile_name` of config.toml, and marked as
    /// eksso's; the rest of the file keeps every byte. A name that another profile has is left to it.
    Profiles(ProfilesArgs),
    /// Print the completion script of a shell
    ///
    /// It completes commands and options, and names of contexts, sessions, accounts, roles, regions, clusters and namespaces: those
    /// of your kubeconfig and settings, and of what was found before. It asks no network. `eksso init` does the same, and more.
    /// elvish: eval (eksso completions elvish | slurp); PowerShell: eksso completions powershell | Out-String | Invoke-Expression.
    Completions(CompletionsArgs),
    /// Print a manual page, in roff: `eksso man | man -l -`
    Man(ManArgs),
    #[command(name = "__complete", hide = true)]
    /// Print what may stand next on a command line, for a shell's completions
    ///
    /// The first line says what to complete with: values, files, commands or nothing. Each further one is a value, and what
    /// it is behind a tab.
    Complete(CompleteArgs),
}
