//! Who may do something in a cluster, and what somebody reaches: questions to the grants.

pub mod answer;
mod ask;
mod kinds;
mod leave;
mod question;
mod reach;

pub use ask::{identity, who_can};
pub use question::{Question, Scope};
pub use reach::reach;
