//! What commands do, in terms of ports and clients: settings, sessions, credentials, discovery, contexts.

pub mod contexts;
pub mod credentials;
pub mod discovery;
pub mod session;
pub mod settings;
