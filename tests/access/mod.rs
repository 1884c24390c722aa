//! Who one is to a cluster, and what one may do there.

mod gather;
mod over_time;
mod verdicts;
pub mod views;
mod who;
mod whoami;
