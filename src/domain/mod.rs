//! The pure heart: no clock, no file, no network, no environment, no printing.
//!
//! Everything here takes what it needs as arguments (time included) and can be tested with a plain call.

pub mod access;
pub mod assignments;
pub mod aws_cli;
pub mod aws_config;
pub mod config;
pub mod device;
pub mod diff;
pub mod eks_token;
pub mod exec_credential;
pub mod filter;
pub mod guard;
pub mod ids;
pub mod index;
pub mod kubeconfig;
pub mod naming;
pub mod pace;
pub mod partition;
pub mod picker;
pub mod pkce;
pub mod provider;
pub mod saml;
pub mod secret;
pub mod session;
pub mod setback;
pub mod text;
pub mod tokens;
pub mod url;
