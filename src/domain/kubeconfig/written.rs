//! What eksso wrote into the entries of a kubeconfig last, so that what a person changed since is told from what is stale.
//!
//! It is kept beside the kubeconfig, in eksso's own state: other programs drop extensions when they write the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::domain::kubeconfig::edit::List;
use crate::domain::text::digest;

/// How many values of a field are known as eksso's: `eksso undo` brings older ones back.
const KEPT: usize = 4;

/// The fields of all entries of a file that eksso wrote.
#[derive(Debug, Default, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Written(BTreeMap<String, Fields>);

/// The fields of an entry: hashes of their values, the latest first.
#[derive(Debug, Default, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Vec<String>>);

/// Whose value a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// eksso wrote it.
    Ours,
    /// eksso wrote another.
    Theirs,
    /// There is no record.
    Unknown,
}

impl Written {
    /// What was written into an entry.
    pub fn entry(&self, list: List, name: &str) -> Fields {
        self.0.get(&key(list, name)).cloned().unwrap_or_default()
    }

    /// Notes what was written into an entry.
    pub fn set(&mut self, list: List, name: &str, fields: Fields) {
        self.0.insert(key(list, name), fields);
    }

    /// Forgets entries that are gone.
    pub fn retain(&mut self, exists: impl Fn(List, &str) -> bool) {
        self.0.retain(|key, _| {
            List::ALL.into_iter().any(|list| {
                key.strip_prefix(list.key())
                    .and_then(|rest| rest.strip_prefix('/'))
                    .is_some_and(|name| exists(list, name))
            })
        });
    }
}

impl Fields {
    /// Whose the present value is.
    pub(super) fn get(&self, field: &str, now: Option<&Value>) -> Was {
        match self.0.get(field) {
            None => Was::Unknown,
            Some(known) => match now {
                Some(now) if known.contains(&hash(now)) => Was::Ours,
                _ => Was::Theirs,
            },
        }
    }

    /// Notes a value that is written, or stands there as it would be.
    pub(super) fn set(&mut self, field: &str, value: &Value) {
        let (known, new) = (self.0.entry(field.to_owned()).or_default(), hash(value));
        known.retain(|old| *old != new);
        known.insert(0, new);
        known.truncate(KEPT);
    }

    /// Forgets a field, as if eksso had never written it.
    pub(super) fn forget(&mut self, field: &str) {
        self.0.remove(field);
    }
}

fn key(list: List, name: &str) -> String {
    format!("{}/{name}", list.key())
}

fn hash(value: &Value) -> String {
    digest(&serde_json::to_string(value).unwrap_or_default())[..32].to_owned()
}
