//! Who one is to a cluster, and what one may do there.

pub mod iam;
mod grants;
pub mod made;
mod gather;
mod verdicts;
mod who_can;
mod whoami;
