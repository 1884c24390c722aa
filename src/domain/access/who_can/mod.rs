//! Who may do something in a cluster, and what somebody reaches: questions to the grants.

pub mod answer;
mod ask;
mod kinds;
mod question;

pub use ask::who_can;
pub use question::{Question, Scope};
