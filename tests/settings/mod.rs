//! config.toml and what it decides.

mod aws_config;
mod config;
mod policy;
