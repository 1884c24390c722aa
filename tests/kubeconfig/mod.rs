//! The kubeconfig: contexts written, edited, switched, taken back, and handed to one shell or one command.

mod by_hand;
mod completions;
mod contexts;
mod desk;
pub mod editing;
mod elevation;
mod export;
mod import;
mod isolated;
mod managing;
mod namespaces;
mod odd;
mod of_session;
mod prompt;
mod routes;
mod switching;
mod sync;
mod undo;
