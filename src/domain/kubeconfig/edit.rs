//! What can be changed in a kubeconfig, and why it cannot.

use std::fmt;

use serde_yaml::Value;

/// A list of a kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// `clusters`
    Clusters,
    /// `users`
    Users,
    /// `contexts`
    Contexts,
}

impl List {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Clusters, Self::Users, Self::Contexts];

    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Users => "users",
            Self::Contexts => "contexts",
        }
    }

    /// The key of the body inside an entry: `{name: …, cluster: …}`.
    pub fn body_key(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Users => "user",
            Self::Contexts => "context",
        }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Makes the entry `name` of a list have this body; a new entry goes to the end of the list.
    Put(List, String, Value),
    /// Removes the entry `name` of a list, if it is there.
    Remove(List, String),
    /// Gives the entry of the first name the second one, which no entry of the list has; nothing else of it changes.
    Rename(List, String, String),
    /// Sets `current-context`.
    CurrentContext(String),
    /// Changes nothing: the new entries of the edits beside it belong into the files that hold this context and its user.
    Near(String),
}

/// Why a kubeconfig cannot be read or edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, from 1, where known.
    pub at: Option<(usize, usize)>,
    /// The reason.
    pub message: String,
}

impl Problem {
    /// A problem at a byte of a text.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text[..offset];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let at = (before.matches('\n').count() + 1, text[line..offset].chars().count() + 1);
        Self { at: Some(at), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// What is to be done with one entry.
pub(super) struct Change {
    pub list: List,
    pub name: String,
    /// The entry as it is and as it is to be; `None` where there is or will be none.
    pub old: Option<Value>,
    pub new: Option<Value>,
}

impl Change {
    /// The name of the entry when it is done.
    pub fn name_after(&self) -> &str {
        self.new.as_ref().and_then(|new| new.get("name")?.as_str()).unwrap_or(&self.name)
    }
}
