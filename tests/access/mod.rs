//! Who one is to a cluster, and what one may do there.

mod gather;
mod grants;
pub mod iam;
pub mod made;
mod over_time;
mod verdicts;
pub mod views;
mod who;
mod who_can;
mod whoami;
