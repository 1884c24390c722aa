//! What several commands share.

pub mod address;
pub mod call;
pub mod choose;
pub mod facts;
pub mod isolated;
pub mod listing;
pub mod login_target;
pub mod new_file;
pub mod of_session;
pub mod offer;
pub mod page;
pub mod pairs;
pub mod pick;
pub mod search;
pub mod served;
pub mod sessions;
pub mod sign_in_screen;
pub mod signing_in;
pub mod trail;
pub mod who;
