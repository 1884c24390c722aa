//! Contexts in the kubeconfig.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;
use jiff::SignedDuration;

use crate::cli::discovery::ClusterFilter;
use crate::domain::lifetime::use_span;

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

// What is looked at, and what of it is written.
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

// How a kubeconfig is changed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct WriteArgs {
    /// Print what would change as a unified diff, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct SyncArgs {
    #[command(flatten)]
    pub filter: ClusterFilter,
    /// Also remove contexts of eksso, of this session and these filters, whose role or cluster is gone
    ///
    /// Only what is certainly gone: not what could not be looked at. Their users go with them; cluster entries stay, as
    /// other tools share them. Before it removes all of them, or more than half of more than three, it asks.
    #[arg(long)]
    pub prune: bool,
    /// Do not ask before many contexts are removed
    #[arg(short, long, requires = "prune")]
    pub yes: bool,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub write: WriteArgs,
    /// Write the full path of eksso, for programs that are started without your PATH
    #[arg(long)]
    pub absolute_command: bool,
}

#[derive(Debug, Args)]
pub struct UseArgs {
    /// The context, - for the previous one, -2 for the one before; on a terminal, words of its name
    #[arg(value_name = "CONTEXT", allow_negative_numbers = true)]
    pub words: Vec<String>,
    /// Print the current context, and change nothing
    #[arg(short, long, conflicts_with_all = ["words", "role", "namespace", "yes", "dry_run"])]
    pub current: bool,
    #[command(flatten)]
    pub role: RoleArgs,
    #[command(flatten)]
    pub write: WriteArgs,
}

// How a context is used.
#[derive(Debug, Clone, Default, Args)]
pub struct RoleArgs {
    /// The same cluster with another role of yours; the current context's where no context is named
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// How long: 1m to 12h, and no longer than the policy of the machine says. Then kubectl is refused, and the role is the former
    /// one again
    #[arg(long = "for", value_name = "TIME", value_parser = use_span)]
    pub span: Option<SignedDuration>,
    /// The namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Do not ask where config.toml says that a context asks first
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct RmArgs {
    /// Contexts, by name or with * and ? as wildcards; without any, on a terminal, a picker
    #[arg(value_name = "CONTEXT")]
    pub contexts: Vec<String>,
    #[command(flatten)]
    pub write: WriteArgs,
}

#[derive(Debug, Args)]
pub struct RenameArgs {
    /// The context
    #[arg(value_name = "CONTEXT")]
    pub context: String,
    /// Its new name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Do not ask where config.toml says that the context asks first, and the new name would not
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub write: WriteArgs,
}

#[derive(Debug, Args)]
pub struct NsArgs {
    /// The namespace, or - for the previous one, about which the cluster is not asked
    #[arg(value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Switch without asking the cluster, also to a namespace that it does not have yet
    #[arg(short, long, requires = "namespace")]
    pub force: bool,
    /// Print the present one, and change nothing
    #[arg(short, long, conflicts_with_all = ["namespace", "dry_run"])]
    pub current: bool,
    #[command(flatten)]
    pub write: WriteArgs,
}

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
