//! The kubeconfig as the user's document: read what it means, change only the entries that are to change.

mod document;
mod edit;
mod elevation;
mod emit;
mod entries;
mod export;
mod glance;
mod import;
mod isolated;
mod layout;
mod meaning;
mod merge;
pub mod names;
mod outline;
mod plan;
mod proof;
mod rewrite;
mod scan;
mod secrets;
mod written;

pub use document::Document;
pub use edit::{Edit, List, Problem};
pub use elevation::{Former, bound, elevated, follows, former_of, restored, stays};
pub use entries::{
    Additions, ClusterFacts, ContextEntry, NewContext, PLUGIN, Plugin, There, UNTIL_FLAG, additions_for, end_of,
    identity_of, mark, plugin_identity, plugin_of,
};
pub use export::{Handed, export};
pub use glance::{Glance, Keep};
pub use import::{Foreign, foreign, import_edits};
pub use isolated::{Entry, lean, with_role};
pub use meaning::meaning;
pub use merge::{search_path, write_target};
pub use rewrite::Replaced;
pub use secrets::{diff, secrets};
pub use written::{Fields, Written};

/// Larger kubeconfigs are a mistake, or an attack. The one limit for reading and for writing.
pub const MAX_BYTES: u64 = 64 << 20;
