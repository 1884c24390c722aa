//! Who a context is.
#![allow(missing_docs, reason = "what is undocumented here shows the help of the struct it holds")]

use clap::Args;

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
