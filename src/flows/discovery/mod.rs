//! What is there for a person: the search, its index on disk, and what was used how often.

pub mod admission;
pub mod frecency;
pub mod index;
pub mod search;
