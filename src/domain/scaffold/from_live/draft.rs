//! A file while it is made: clusters and tiers under the names that they get, and what is left out.

use std::collections::BTreeMap;

use crate::domain::access::AuthMode;
use crate::domain::access::facts::{Cluster, Directory, PermissionSet};
use crate::domain::audit::access_file::BoundRole;
use crate::domain::ids::{AccountId, Region};

/// Names of tiers that say what people are for: nobody can tell that from what they have.
const MEANT: [&str; 7] =
    ["cluster-admin", "namespace-admin", "developer", "viewer", "ci", "break-glass", "access-admin"];

/// What a role has in a cluster; roles that have the same everywhere can stand in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub access: Option<String>,
    pub namespaces: Vec<String>,
    pub groups: Vec<String>,
    pub rbac: Option<String>,
    /// Of a permission set: the groups that are assigned it in the cluster's account; `None` where that is not known.
    pub people: Option<Vec<String>>,
}

/// A cluster of the file.
#[derive(Debug, Clone)]
pub struct Planned {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    pub mode: AuthMode,
    /// Why the mode is not known; empty where it is.
    pub word: String,
}

/// A role with what it gets: each is a tier of its own.
#[derive(Debug, Clone)]
pub struct Tier {
    pub role: String,
    /// Whether it is a permission set's.
    pub is_set: bool,
    /// Whom it trusts, in words.
    pub trusts: String,
    pub shape: Shape,
    pub clusters: Vec<String>,
    /// In seconds.
    pub session: Option<u32>,
    /// The statement set that it has to the letter.
    pub iam: Option<&'static str>,
}

/// What groups are bound to besides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bindings {
    pub role: BoundRole,
    pub namespaces: Vec<String>,
    pub clusters: Vec<String>,
    pub groups: Vec<String>,
}

/// What is there of the file.
#[derive(Debug, Default)]
pub struct Draft {
    /// By their names in the file.
    pub clusters: BTreeMap<String, Planned>,
    pub tiers: BTreeMap<String, Tier>,
    pub bindings: Vec<Bindings>,
    /// Those that a file does not take.
    pub refused: Vec<Bindings>,
    /// Identity Center, where there is one.
    pub instance: Option<Directory>,
    /// What the file cannot say, or what could not be read.
    pub left: Vec<String>,
}

impl Shape {
    /// The same without `rbac`, and without the namespaces that are there for that alone.
    pub fn unbound(&self) -> Self {
        let namespaces = if self.access.is_some() { self.namespaces.clone() } else { Vec::new() };
        Self { rbac: None, namespaces, ..self.clone() }
    }
}

impl Draft {
    pub fn key_of(&self, cluster: &Cluster) -> Option<String> {
        let is = |planned: &Planned| {
            planned.account == cluster.account
                && planned.region == cluster.region
                && planned.name == cluster.name.as_str()
        };
        self.clusters.iter().find(|(_, planned)| is(planned)).map(|(key, _)| key.clone())
    }

    pub fn tier_name(&self, role: &str) -> String {
        let base = file_name(role);
        let base = if MEANT.contains(&base.as_str()) { format!("role-{base}") } else { base };
        let numbered = (2..).map(|number: u32| format!("{base}-{number}"));
        std::iter::once(base.clone()).chain(numbered).find(|name| !self.tiers.contains_key(name)).unwrap_or(base)
    }

    pub fn set(&self, name: &str) -> Option<&PermissionSet> {
        let sets = self.instance.as_ref()?.sets.get()?;
        sets.iter().find(|set| set.name == name)
    }

    pub fn say(&mut self, line: String) {
        if !self.left.contains(&line) {
            self.left.push(line);
        }
    }
}

pub fn sorted(all: &[String]) -> Vec<String> {
    let mut all = all.to_vec();
    all.sort();
    all.dedup();
    all
}

/// A name that a folder and a bare key can have.
pub fn file_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(60).collect();
    let plain = plain.trim_start_matches(['-', '_']);
    if plain.is_empty() { "unnamed".to_owned() } else { plain.to_owned() }
}
