//! Grants as a graph in columns: people → roles → clusters → what they are mapped as → rights. Mermaid and DOT draw it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::grant::{ClusterRef, Grant, Life};
use crate::domain::access::words::{seen, short};

/// The column of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// A person or a group of the directory.
    Who,
    /// A permission set, or another IAM principal.
    Role,
    /// A cluster.
    Cluster,
    /// A Kubernetes group or user, or an access policy's scope.
    Mapped,
    /// A right.
    Right,
}

impl Column {
    /// All of them, from the left.
    pub const ALL: [Self; 5] = [Self::Who, Self::Role, Self::Cluster, Self::Mapped, Self::Right];

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::Role => "role",
            Self::Cluster => "cluster",
            Self::Mapped => "mapped as",
            Self::Right => "rights",
        }
    }
}

/// A way of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stroke {
    /// It lets somebody in.
    Whole,
    /// It could not be told whether it does.
    Dotted,
    /// It lets nobody in.
    Dead,
}

/// The graph: nodes with their columns, and edges between their numbers.
#[derive(Debug, Default)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<(Column, String)>,
    /// The edges; of two between the same nodes the livelier.
    pub edges: BTreeMap<(usize, usize), Stroke>,
}

/// What a node is beside its label: the same group in another cluster is another node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'g> {
    Who(&'g str, &'g str),
    Role(&'g str),
    Cluster(&'g ClusterRef),
    Mapped(&'g ClusterRef, &'g str, String),
    Right(&'g ClusterRef, String),
}

impl Graph {
    /// Of grants. Members of a group are counted in its label, or a graph of a directory would be nothing else.
    pub fn new<'g>(grants: impl IntoIterator<Item = &'g Grant>) -> Self {
        let mut graph = Self::default();
        let mut known: BTreeMap<Key<'g>, usize> = BTreeMap::new();
        for grant in grants {
            graph.add(&mut known, grant);
        }
        graph
    }

    fn add<'g>(&mut self, known: &mut BTreeMap<Key<'g>, usize>, grant: &'g Grant) {
        let stroke = match grant.life {
            Life::Alive => Stroke::Whole,
            Life::Unknown(_) => Stroke::Dotted,
            Life::Dead(_) => Stroke::Dead,
        };
        let at = &grant.cluster;
        let role_key = if grant.principal.is_empty() { grant.role() } else { &grant.principal };
        let role = self.node(known, Column::Role, Key::Role(role_key), || {
            let account = grant.principal.split(':').nth(4).filter(|account| !account.is_empty());
            account.map_or(grant.role().to_owned(), |account| format!("{} in {account}", grant.role()))
        });
        let people = seen(&grant.people);
        for person in people.iter().filter(|person| person.through.is_empty()) {
            let who = self.node(known, Column::Who, Key::Who(&person.kind, &person.id), || {
                let members =
                    people.iter().filter(|member| !member.is_group() && member.through == person.name).count();
                match (person.is_group(), &person.members_unread) {
                    (true, None) => format!("{} ({members} people)", person.shown()),
                    (true, Some(_)) => format!("{} (? people)", person.shown()),
                    (false, _) => person.words(),
                }
            });
            self.join(who, role, stroke);
        }
        let cluster = self
            .node(known, Column::Cluster, Key::Cluster(at), || format!("{} in {} {}", at.name, at.account, at.region));
        self.join(role, cluster, stroke);
        let mut mapped = BTreeSet::new();
        for group in &grant.groups {
            mapped.insert(self.mapped(known, at, "group", group));
        }
        for policy in &grant.policies {
            let by = self.mapped(known, at, "access policy", &policy.name);
            mapped.insert(by);
            let right = policy.to_string();
            let right = self.node(known, Column::Right, Key::Right(at, right.clone()), || short(&right));
            self.join(by, right, stroke);
        }
        // What bindings give comes by the subject that they name: one of the groups, the user, or `system:authenticated`.
        for given in grant.bound_rights() {
            let kind = if given.subject == grant.user { "user" } else { "group" };
            let by = self.mapped(known, at, kind, &given.subject);
            mapped.insert(by);
            let right = given.words();
            let right = self.node(known, Column::Right, Key::Right(at, right.clone()), || right);
            self.join(by, right, stroke);
        }
        if grant.rights_missing().is_some() {
            let by = self.mapped(known, at, "?", "more: could not be read");
            mapped.insert(by);
        }
        mapped.into_iter().for_each(|by| self.join(cluster, by, stroke));
    }

    fn mapped<'g>(
        &mut self,
        known: &mut BTreeMap<Key<'g>, usize>,
        at: &'g ClusterRef,
        kind: &'g str,
        name: &str,
    ) -> usize {
        self.node(known, Column::Mapped, Key::Mapped(at, kind, name.to_owned()), || format!("{kind} {name}"))
    }

    fn node<'g>(
        &mut self,
        known: &mut BTreeMap<Key<'g>, usize>,
        column: Column,
        key: Key<'g>,
        label: impl FnOnce() -> String,
    ) -> usize {
        *known.entry(key).or_insert_with(|| {
            self.nodes.push((column, label()));
            self.nodes.len() - 1
        })
    }

    fn join(&mut self, from: usize, to: usize, stroke: Stroke) {
        let edge = self.edges.entry((from, to)).or_insert(stroke);
        *edge = (*edge).min(stroke);
    }
}
