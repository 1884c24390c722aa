//! Who a cluster lets in: its access entries, its `aws-auth` lines, what it said itself, and what follows for a role.

pub mod actions;
mod admission;
pub mod answers;
pub mod aws_auth;
pub mod cluster;
pub mod csv;
pub mod dot;
pub mod facts;
pub mod flat;
pub mod gaps;
pub mod grant;
pub mod grants;
pub mod graph;
pub mod iam;
mod mapping;
pub mod mermaid;
pub mod policies;
pub mod rbac;
pub mod snapshot;
pub mod who_can;
pub mod words;

pub use admission::{Admission, AuthMode, Entry, Judgement, Listed, Policy, Review};
pub use mapping::{Check, Evidence, Mapping, Subject, Verdict};
