//! What an audit says: findings, and what could not be judged.

use serde::{Deserialize, Serialize};

use crate::domain::access::facts::{Cluster, Source};
use crate::domain::access::grant::ClusterRef;
use crate::domain::ids::AccountId;
use crate::domain::text::digest;

/// How bad a finding is; the greater the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never counts for the exit code.
    Info,
    /// Untidy, or a step away from trouble.
    Low,
    /// Weakens what single sign-on is there for.
    Medium,
    /// Lets somebody in, or further, than is meant.
    High,
    /// Opens a cluster, or the account.
    Critical,
}

impl Severity {
    /// From the least to the worst.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One mistake at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// The rule in a few words.
    pub title: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// The account of what it names.
    pub account: Option<AccountId>,
    /// The cluster, where it is one cluster's.
    pub cluster: Option<ClusterRef>,
    /// What it names: an ARN, or a Kubernetes object as `KIND/NAME` or `KIND/NAMESPACE/NAME`.
    pub resource: String,
    /// What of the resource it is about, where a rule may find several mistakes in one: a subject, a principal, a policy; else empty.
    pub detail: String,
    /// What was seen, in one sentence.
    pub fact: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do: a command, or a fragment to write.
    pub fix: String,
    /// Whether it is a heuristic's guess.
    pub likely: bool,
    /// Which calls said so.
    pub sources: Vec<Source>,
    /// The line of `access.toml` that it is about, where it is.
    pub line: Option<usize>,
}

impl Finding {
    /// A name that stays the same for the same mistake: it holds neither times nor words that may be reworded.
    pub fn fingerprint(&self) -> String {
        let detail = if self.detail.is_empty() { String::new() } else { format!("\n{}", self.detail) };
        digest(&format!("{}\n{}\n{}{detail}", self.rule, self.place(), self.resource))
    }

    /// The cluster's ARN without its partition, else the account.
    pub fn place(&self) -> String {
        match (&self.cluster, &self.account) {
            (Some(cluster), _) => format!("{}/{}/{}", cluster.account, cluster.region, cluster.name),
            (None, Some(account)) => account.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// A rule that could not judge something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unchecked {
    /// The rule's id.
    pub rule: &'static str,
    /// The cluster, where it is one cluster's.
    pub cluster: Option<ClusterRef>,
    /// What it could not judge.
    pub object: String,
    /// Why it was not judged.
    pub why: String,
}

/// A finding that `access.toml` agrees to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The reason given.
    pub reason: String,
    /// The line of the suppression.
    pub line: usize,
}

/// All that one audit says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What the file is called that tiers and suppressions are from.
    pub file: String,
    /// The worst first; within a severity by rule, place and resource.
    pub findings: Vec<Finding>,
    /// By rule, cluster and object.
    pub unchecked: Vec<Unchecked>,
    /// What is agreed to.
    pub suppressed: Vec<Suppressed>,
    /// How many clusters were judged.
    pub clusters: usize,
    /// Where clusters could not be looked for, in words.
    pub unsearched: Vec<String>,
}

impl Report {
    /// The exit code: 4 for findings at or above a threshold (those of `info` never count), else 6 where something could not
    /// be checked, else 0. Source: product.md, exit codes.
    pub fn code(&self, threshold: Severity) -> u8 {
        let threshold = threshold.max(Severity::Low);
        if self.findings.iter().any(|finding| finding.severity >= threshold) {
            4
        } else if self.is_complete() {
            0
        } else {
            6
        }
    }

    /// Whether everything that there may be was judged. No cluster at all is nothing that was judged.
    pub fn is_complete(&self) -> bool {
        self.unchecked.is_empty() && self.unsearched.is_empty() && self.clusters > 0
    }
}

/// What one rule has found so far.
#[derive(Debug)]
pub struct Found {
    rule: &'static str,
    title: &'static str,
    why: &'static str,
    severity: Severity,
    /// The findings.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unchecked: Vec<Unchecked>,
}

impl Found {
    /// Nothing yet, of a rule.
    pub fn new(rule: &'static str, title: &'static str, why: &'static str, severity: Severity) -> Self {
        Self { rule, title, why, severity, findings: Vec::new(), unchecked: Vec::new() }
    }

    /// One more finding at a place; what it lacks (fix, sources …) is set on the answer.
    pub fn add(
        &mut self,
        place: Place<'_>,
        resource: impl Into<String>,
        fact: impl Into<String>,
        fix: impl Into<String>,
    ) -> &mut Finding {
        let (account, cluster) = match place {
            Place::Cluster(cluster) => (Some(cluster.account.clone()), Some(reference(cluster))),
            Place::Account(account) => (account.parse().ok(), None),
        };
        let (rule, title, why, severity) = (self.rule, self.title, self.why, self.severity);
        let (resource, fact, fix) = (resource.into(), fact.into(), fix.into());
        let (detail, likely, sources, line) = (String::new(), false, Vec::new(), None);
        let finding = Finding {
            rule,
            title,
            severity,
            account,
            cluster,
            resource,
            detail,
            fact,
            why,
            fix,
            likely,
            sources,
            line,
        };
        // Pushed and lent out in one step.
        let at = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[at]
    }

    /// Something that could not be judged; it may be said more than once.
    pub fn cannot(&mut self, place: Place<'_>, object: impl Into<String>, why: impl Into<String>) {
        let cluster = match place {
            Place::Cluster(cluster) => Some(reference(cluster)),
            Place::Account(_) => None,
        };
        self.unchecked.push(Unchecked { rule: self.rule, cluster, object: object.into(), why: why.into() });
    }
}

/// Where something is.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// In a cluster.
    Cluster(&'a Cluster),
    /// In an account as a whole; its id, or nothing where it is not known.
    Account(&'a str),
}

impl Finding {
    /// The same, as bad as said.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// The same, as a guess.
    pub fn likely(&mut self) -> &mut Self {
        self.likely = true;
        self
    }

    /// The same, with who said so.
    pub fn said_by<'s>(&mut self, sources: impl IntoIterator<Item = &'s Source>) -> &mut Self {
        for source in sources {
            if !self.sources.contains(source) {
                self.sources.push(source.clone());
            }
        }
        self
    }

    /// The same, told apart from others of its rule about the same resource.
    pub fn about(&mut self, detail: &str) -> &mut Self {
        detail.clone_into(&mut self.detail);
        self
    }

    /// The same, about a line of `access.toml`.
    pub fn at_line(&mut self, line: usize) -> &mut Self {
        self.line = Some(line);
        self
    }
}

/// A cluster's name in full.
pub fn reference(cluster: &Cluster) -> ClusterRef {
    ClusterRef { account: cluster.account.clone(), region: cluster.region.clone(), name: cluster.name.clone() }
}
