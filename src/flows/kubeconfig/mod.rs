//! The kubeconfig files of the user: contexts, changes, what they were before, imports, isolated ones.

pub mod change;
pub mod contexts;
pub mod elevation;
pub mod glance;
pub mod history;
pub mod import;
pub mod isolated;
pub mod previous;
mod write;
mod written;
