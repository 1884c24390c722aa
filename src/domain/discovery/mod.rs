//! What is there for a person: the index of what was seen, and the picker over it.

pub mod breaker;
pub mod candidates;
pub mod index;
pub mod pair;
pub mod picker;
pub mod records;
