//! Tokens for clusters and credentials of roles: what they hold, and which hosts are asked for them.

mod partitions;
mod role_credentials;
mod token;
mod vectors;
