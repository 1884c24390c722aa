//! config.toml and what it decides.

mod aws_config;
mod command;
mod config;
mod layers;
mod policy;
mod profiles;
mod setup;
