//! The kubeconfig as the user's document: read what it means, change only the entries that are to change.

mod document;
mod entries;
mod merge;
mod outline;

pub use document::{Document, Edit, List, Problem};
pub use entries::{ContextEntry, NewContext, cluster_arn, edits_for};
pub use merge::{search_path, write_target};
