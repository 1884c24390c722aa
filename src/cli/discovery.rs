//! What is there, and which of it is meant.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::Args;

use crate::domain::filter::TagGlob;

#[derive(Debug, Args)]
pub struct RolesArgs {
    #[command(flatten)]
    pub filter: RoleFilter,
    /// Ask for the list again, however lately that was done
    #[arg(long)]
    pub refresh: bool,
}

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
    /// Also show all tags of each cluster
    #[arg(long)]
    pub show_tags: bool,
    /// Also show these tags, each in a column of its own
    #[arg(short = 'L', long, value_name = "KEY", value_delimiter = ',')]
    pub tag_columns: Vec<String>,
}

// Which accounts and roles.
#[derive(Debug, Clone, Default, Args)]
pub struct RoleFilter {
    /// Accounts by id or name, with * and ? as wildcards
    #[arg(long, value_name = "GLOB")]
    pub account: Vec<String>,
    /// Roles (permission sets) by name, with wildcards
    #[arg(long, value_name = "GLOB")]
    pub role: Vec<String>,
    /// The filter that config.toml has under [filters.NAME]; what is given beside it counts in place of its lists
    #[arg(long = "filter", value_name = "NAME")]
    pub saved: Option<String>,
    /// As every session that is configured, all in one list
    ///
    /// A session that is not signed in, or that fails otherwise, is told on stderr, and the others go on. The exit code is
    /// then that of what failed, as with `login --all`; for `access` and `audit` it is one more thing that was not read.
    #[arg(long)]
    pub all_sessions: bool,
}

// Which clusters.
#[derive(Debug, Clone, Default, Args)]
pub struct ClusterFilter {
    #[command(flatten)]
    pub roles: RoleFilter,
    /// Regions, with wildcards; without it, `regions` of config.toml, else all regions of EKS
    #[arg(long, value_name = "GLOB")]
    pub region: Vec<String>,
    /// Clusters by name, with wildcards
    #[arg(long, value_name = "GLOB")]
    pub cluster: Vec<String>,
    /// Clusters by tag, with wildcards in the value; KEY alone: any value. One key several times: any of the values
    #[arg(long, value_name = "KEY=GLOB")]
    pub tag: Vec<TagGlob>,
}
