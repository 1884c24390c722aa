//! What is there for a person: the search in its steps, its index on disk, and what was used how often.

mod accounts;
mod admission;
mod checks;
pub mod found;
pub mod frecency;
pub mod index;
mod look_with;
mod places;
pub mod progress;
pub mod regions;
pub mod search;
mod single_flight;
pub mod units;
