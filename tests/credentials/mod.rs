//! Tokens for clusters and credentials of roles: what they hold, who gets them, and which hosts are asked for them.

mod console;
// The commands of its tests are shell lines.
#[cfg(unix)]
pub mod endpoint;
mod partitions;
mod role_credentials;
mod token;
mod vectors;
