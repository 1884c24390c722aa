//! What a rule is: its text and its check, in one place to read.

use crate::domain::audit::finding::{Found, Severity};
use crate::domain::audit::scene::Scene;

/// What rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who can become a role that a cluster lets in.
    Trust,
    /// Access entries and `aws-auth`.
    Entries,
    /// Rights in Kubernetes.
    Rights,
    /// Rights in AWS.
    Iam,
    /// The people behind roles.
    People,
    /// A cluster as a whole.
    Cluster,
    /// `access.toml` itself.
    File,
}

impl Group {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Entries => "entries",
            Self::Rights => "rights",
            Self::Iam => "iam",
            Self::People => "people",
            Self::Cluster => "cluster",
            Self::File => "file",
        }
    }
}

/// A fact that a rule cannot judge without. Where it is missing, the rule is "not checked" there, never clean: that is said in
/// one place, `audit::run`, and checks look at what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// How EKS describes the cluster.
    Settings,
    /// The access entries with what they hold, where the cluster takes entries.
    Entries,
    /// `aws-auth`, where the cluster takes its lines.
    Lines,
    /// Roles and bindings.
    Rbac,
    /// The names of namespaces.
    Namespaces,
    /// Identity providers beside IAM.
    IdentityProviders,
    /// Capabilities.
    Capabilities,
    /// The IAM roles that people are let in with.
    Roles,
}

/// A rule. Ids are words that never change: suppressions, code scanning and people's notes name them.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// How bad a finding is, unless the condition says otherwise.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// When it is a finding, and when not.
    pub condition: &'static str,
    /// What to do; a finding has it with its names filled in.
    pub fix: &'static str,
    /// Ids of other catalogues: CIS EKS Benchmark 1.8, sections of the EKS best practices.
    pub tags: &'static [&'static str],
    /// Whether it can judge a plan, too, that is, what is generated from `access.toml`, with nobody asked.
    pub offline: bool,
    /// What it cannot judge without.
    pub needs: &'static [Need],
    /// Judges.
    pub check: fn(&Scene<'_>, &mut Found),
}
