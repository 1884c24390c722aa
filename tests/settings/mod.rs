//! config.toml and what it decides.

mod config;
