//! The pure core: no clock, no file, no network, no environment, no printing.
//!
//! Everything here takes what it needs as arguments (time included) and can be tested with a plain call.

pub mod access;
pub mod api_version;
pub mod assignments;
pub mod audit;
pub mod browser;
pub mod chained_role;
pub mod command_line;
pub mod credentials;
pub mod diff;
pub mod discovery;
pub mod doctor;
pub mod endpoints;
pub mod filter;
pub mod identity;
pub mod ids;
pub mod invocation;
pub mod kubeconfig;
pub mod lifetime;
pub mod pages;
pub mod partition;
pub mod proxy;
pub mod role_arn;
pub mod role_credentials;
pub mod scaffold;
pub mod secret;
pub mod session;
pub mod settings;
pub mod shell;
pub mod sign_in;
pub mod text;
pub mod token_bucket;
pub mod trail;
pub mod url;
