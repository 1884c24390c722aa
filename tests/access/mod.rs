//! Who one is to a cluster, and what one may do there.

pub mod iam;
mod grants;
pub mod made;
mod gather;
mod over_time;
mod verdicts;
pub mod views;
mod who;
mod who_can;
mod whoami;
