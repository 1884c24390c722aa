//! What several commands share.

pub mod pick;
pub mod place;
pub mod search;
pub mod sign_in_screen;
