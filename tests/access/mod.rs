//! Who one is to a cluster, and what one may do there.

pub mod iam;
mod verdicts;
mod whoami;
