//! What was configured, and what is forbidden: `config.toml`, `~/.aws/config`, the guards of contexts, the policy
//! of the machine.

pub mod aws_config;
pub mod config;
pub mod guard;
pub mod look_with;
pub mod policy;
pub mod template;
pub mod trail;
