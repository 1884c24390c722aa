//! What commands do, in terms of ports and clients: settings, sessions, credentials, discovery, contexts.

pub mod aws_cli;
pub mod contexts;
pub mod credentials;
pub mod discovery;
pub mod history;
pub mod import;
pub mod index;
mod lock;
mod mapping;
mod once;
pub mod private;
mod provider;
pub mod session;
pub mod settings;
pub mod sign_in;
mod turns;
pub mod used;
pub mod verify;
pub mod whoami;
