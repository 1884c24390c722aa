//! `eksso scaffold`: from access.toml to code, and what a reviewer sees before.

mod applied;
mod check;
pub mod seeds;
mod write;
