//! What was configured, and what is forbidden: `config.toml`, `~/.aws/config`, the guards of contexts, the policy
//! of the machine.

pub mod aws_config;
pub mod config;
pub mod guard;
pub mod keyring;
pub mod layers;
pub mod look_with;
pub mod managed;
pub mod minisign;
pub mod policy;
pub mod profiles;
pub(in crate::domain) mod reading;
pub mod route;
pub mod session_table;
pub mod sink;
pub mod template;
