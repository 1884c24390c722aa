//! What commands do, in terms of ports and clients: settings, sessions, credentials, discovery, contexts.

pub mod access;
pub mod audit;
mod clock;
pub mod credentials;
pub mod discovery;
pub mod doctor;
pub mod endpoints;
pub mod in_place;
pub mod kubeconfig;
pub mod locks;
pub mod rate_limiter;
pub mod scaffold;
pub mod settings;
pub mod sign_in;
pub mod single_flight;
pub mod trail;
