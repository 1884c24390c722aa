//! What is there for a person: the index of what was seen, and the picker over it.

pub mod breaker;
pub mod index;
pub mod picker;
