//! Tokens and credentials, for programs.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::domain::api_version::ApiVersion;

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
    /// The version to answer with where KUBERNETES_EXEC_INFO names none [default: v1beta1]
    #[arg(long, value_name = "VERSION")]
    pub exec_api_version: Option<ApiVersionArg>,
    /// Make no token from this moment on (RFC 3339): `eksso use --role ROLE --for 30m` writes it
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
}

/// A version of the exec credential protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ApiVersionArg {
    V1,
    V1beta1,
}

impl From<ApiVersionArg> for ApiVersion {
    fn from(arg: ApiVersionArg) -> Self {
        match arg {
            ApiVersionArg::V1 => Self::V1,
            ApiVersionArg::V1beta1 => Self::V1Beta1,
        }
    }
}

// Which role, named in one of two ways.
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
    /// Do not ask where config.toml says that a context asks first
    #[arg(short, long)]
    pub yes: bool,
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
