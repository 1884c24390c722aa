//! Gathering the facts of who may do what: clusters, then the accounts that their principals are in, then the people behind
//! them. What is refused is a fact of its own, which says why; nothing of it ends the whole.

mod accounts;
mod ask;
pub mod base;
mod clusters;
pub mod environment;
pub mod kept;
pub mod looker;
pub mod lookers;
mod organization;
mod people;
