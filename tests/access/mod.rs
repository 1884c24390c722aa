//! Who one is to a cluster, and what one may do there.

mod gather;
mod verdicts;
pub mod views;
mod whoami;
