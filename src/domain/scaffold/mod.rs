//! How it should be: from `access.toml`, which people review, to roles, policies, entries and bindings as code.

pub mod code;
pub mod plan;
