//! A role with all that it gets: how it comes to be, its IAM statements, what it is in clusters.

use std::time::Duration;

use serde_json::Value;

use crate::domain::audit::access_file::{Level, Oidc};

/// The statement sets by their names in the file.
pub const SETS: [(&str, Set); 9] = [
    ("cluster-admin", Set::ClusterAdmin),
    ("namespace-admin", Set::Developer),
    ("developer", Set::Developer),
    ("viewer", Set::Viewer),
    ("viewer-console", Set::ViewerConsole),
    ("auditor", Set::Auditor),
    ("ci", Set::Ci),
    ("access-admin", Set::AccessAdmin),
    ("break-glass", Set::BreakGlass),
];

/// A set of IAM statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// All of its clusters but making and removing them and handing out access.
    ClusterAdmin,
    /// Reaches its clusters, sees its own mapping.
    Developer,
    /// The same without the list of entries.
    Viewer,
    /// The same with the console's pages.
    ViewerConsole,
    /// Reads what `eksso access` and `eksso audit` read, and changes nothing.
    Auditor,
    /// Reaches its clusters.
    Ci,
    /// Hands out View and Edit.
    AccessAdmin,
    /// The cluster admin's with access entries.
    BreakGlass,
}

/// The IAM statements of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statements {
    /// None are made.
    None,
    /// One of the sets.
    Set(Set),
    /// Those of a file, as they stand there.
    Own(Vec<Value>),
}

/// How a role comes to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// As a permission set of Identity Center.
    Set,
    /// As a role that trusts Okta's SAML provider of that name.
    Okta(String),
    /// As a role that the account access manager lets those use who are entitled; by the ARN of its application.
    Entitled(String),
    /// As a role that trusts a runner's tokens.
    Runner(Oidc),
    /// By somebody else: it gets policies and entries only.
    Elsewhere,
}

/// A role with all that it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name, or its permission set's.
    pub name: String,
    /// Its tier.
    pub tier: String,
    /// What that counts as.
    pub level: Level,
    /// The groups of people who get it.
    pub people: Vec<String>,
    /// How long a session is.
    pub session: Duration,
    /// How it comes to be.
    pub made: Made,
    /// Its IAM statements.
    pub statements: Statements,
    /// The clusters, by their names in the file.
    pub clusters: Vec<String>,
    /// The access policy's short name.
    pub access: Option<String>,
    /// Kubernetes groups.
    pub groups: Vec<String>,
    /// The ClusterRole that they are bound to.
    pub rbac: Option<String>,
    /// Where; empty for everywhere.
    pub namespaces: Vec<String>,
    /// The line of its tier.
    pub line: usize,
}

impl Role {
    /// Whether it gets into clusters; an access admin need not.
    pub fn enters(&self) -> bool {
        self.access.is_some() || !self.groups.is_empty()
    }

    /// How long a session is, as IAM Identity Center writes it. Source: ISO 8601.
    pub fn iso_session(&self) -> String {
        let minutes = self.session.as_secs() / 60;
        match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("PT{minutes}M"),
            (hours, 0) => format!("PT{hours}H"),
            (hours, minutes) => format!("PT{hours}H{minutes}M"),
        }
    }

    /// Its name in an account, with `?` for the digits that Identity Center adds. Not `*`: that would take in the set `NAME_x`.
    pub fn name_pattern(&self) -> String {
        match self.made {
            Made::Set => format!("AWSReservedSSO_{}_????????????????", self.name),
            _ => self.name.clone(),
        }
    }
}
