//! The kubeconfig files of the user: contexts, what they were before, imports, isolated ones.

pub mod contexts;
pub mod history;
pub mod import;
pub mod isolated;
