//! What `eksso doctor` looks at, and what it makes of it, as pure data.

pub mod environment;
pub mod kubectl;
pub mod redact;

use serde::Serialize;

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Status {
    /// As it should be.
    #[serde(rename = "ok")]
    Ok,
    /// eksso works, but something beside it may not.
    #[serde(rename = "warning")]
    Warning,
    /// This is why it does not work.
    #[serde(rename = "failed")]
    Failed,
    /// What it needs was not there.
    #[serde(rename = "not checked")]
    NotChecked,
}

impl Status {
    /// In words, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
        }
    }
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// config.toml.
    Settings,
    /// The policy of the machine.
    Policy,
    /// The organisation's settings that `eksso setup` installed.
    Organisation,
    /// The audit trail.
    Trail,
    /// The kubeconfig, its lock, and the context in it.
    Kubeconfig,
    /// What kubectl runs for the context.
    ExecEntry,
    /// The end of the context's role, where it has one.
    End,
    /// Whether that is found, and whether it is this program.
    Path,
    /// kubectl itself.
    Kubectl,
    /// Whether kubectl may run the plugin.
    PluginPolicy,
    /// Variables that other programs take credentials from.
    Environment,
    /// Where the secrets are.
    Keyring,
    /// The kernel's copy of the key that seals role credentials.
    KernelKey,
    /// The person's sign-in.
    SignIn,
    /// Other processes that hold the session's lock.
    Lock,
    /// Variables and settings of the network.
    Proxy,
    /// An endpoint: its name, its connection, its certificate.
    Endpoint,
    /// This machine's clock against the date of the answers.
    Clock,
    /// The role's credentials.
    Role,
    /// A token for the cluster, as STS judges it.
    Token,
    /// The cluster's endpoint.
    Cluster,
    /// Whether the cluster knows the role.
    Mapping,
}

impl Check {
    /// Its stable name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Policy => "policy",
            Self::Organisation => "organisation",
            Self::Trail => "trail",
            Self::Kubeconfig => "kubeconfig",
            Self::ExecEntry => "exec-entry",
            Self::End => "end",
            Self::Path => "path",
            Self::Kubectl => "kubectl",
            Self::PluginPolicy => "plugin-policy",
            Self::Environment => "environment",
            Self::Keyring => "keyring",
            Self::KernelKey => "kernel-key",
            Self::SignIn => "sign-in",
            Self::Lock => "lock",
            Self::Proxy => "proxy",
            Self::Endpoint => "endpoint",
            Self::Clock => "clock",
            Self::Role => "role",
            Self::Token => "token",
            Self::Cluster => "cluster",
            Self::Mapping => "mapping",
        }
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Settings => "settings of eksso",
            Self::Policy => "policy of this machine",
            Self::Organisation => "settings of your organisation",
            Self::Trail => "audit trail",
            Self::Kubeconfig => "kubeconfig and context",
            Self::ExecEntry => "what kubectl runs for the context",
            Self::End => "end of the role",
            Self::Path => "eksso as kubectl finds it",
            Self::Kubectl => "kubectl",
            Self::PluginPolicy => "kubectl's policy for plugins",
            Self::Environment => "variables that mislead other tools",
            Self::Keyring => "keyring",
            Self::KernelKey => "the kernel's copy of the key",
            Self::SignIn => "sign-in",
            Self::Lock => "other processes of eksso",
            Self::Proxy => "proxy, certificates and endpoints",
            Self::Endpoint => "endpoint",
            Self::Clock => "clock",
            Self::Role => "credentials of the role",
            Self::Token => "token, as STS judges it",
            Self::Cluster => "the cluster's endpoint",
            Self::Mapping => "what the cluster makes of the role",
        }
    }
}

/// One check with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// What became of it.
    pub status: Status,
    /// What was seen. Never a secret.
    pub fact: String,
    /// What to do: commands to paste where there are any.
    pub fixes: Vec<String>,
}

impl Finding {
    /// An outcome without anything to do.
    pub fn new(check: Check, status: Status, fact: impl Into<String>) -> Self {
        Self { check, status, fact: fact.into(), fixes: Vec::new() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fixes.push(fix.into());
        self
    }
}
