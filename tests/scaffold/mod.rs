//! `eksso scaffold`: from access.toml to code, and what a reviewer sees before.

mod applied;
mod check;
mod diff;
mod entitled;
mod from_live;
mod import;
mod init;
mod judged;
mod live;
pub mod seeds;
mod write;
