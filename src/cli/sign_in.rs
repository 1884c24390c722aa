//! Signing in and out.
#![allow(missing_docs, reason = "the help of a command stands at its name, in command.rs")]

use clap::{Args, ValueEnum};

use crate::domain::session::Flow;

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
    /// Sign in to every session whose sign-in has ended, one after the other
    #[arg(long, conflicts_with_all = ["name", "start_url", "okta", "share_with_aws_cli"])]
    pub all: bool,
    /// Write the access token to ~/.aws/sso/cache too, so that the AWS CLI and SDKs are signed in while it lives
    ///
    /// In plain text, as those programs keep it. eksso writes it anew whenever it renews its own; `eksso logout` removes it.
    #[arg(long)]
    pub share_with_aws_cli: bool,
}

#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The session to end
    #[arg(value_name = "SESSION")]
    pub name: Option<String>,
    /// End all sessions, also those that are not in the settings any more
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Forget the session, too: remove it from config.toml, with what is kept of it here
    #[arg(long)]
    pub forget: bool,
    /// Remove the tokens even if the provider could not be told, or they cannot be read (a forgotten passphrase)
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The session to show; all if not given
    #[arg(value_name = "SESSION")]
    pub name: Option<String>,
    /// Exit with 0 if the session is signed in, with 3 if it is not; with -q nothing is printed
    ///
    /// Without a name it is the session that other commands would use. Nobody is asked: what counts is what is stored here.
    #[arg(long)]
    pub check: bool,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FlowArg {
    /// A page and a code, in any browser on any machine
    Device,
    /// A browser on this machine comes back by itself
    Pkce,
    /// pkce where a browser can be opened here, else device
    Auto,
}

impl From<FlowArg> for Flow {
    fn from(arg: FlowArg) -> Self {
        match arg {
            FlowArg::Device => Self::Device,
            FlowArg::Pkce => Self::Pkce,
            FlowArg::Auto => Self::Auto,
        }
    }
}
