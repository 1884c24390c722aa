//! What several commands share.

pub mod address;
pub mod call;
mod change;
pub mod container_credentials;
pub mod context_session;
pub mod facts;
mod guards;
pub mod isolated;
pub mod login_target;
mod meter;
pub mod new_file;
pub mod offer;
pub mod output;
pub mod pairs;
pub mod pick;
pub mod pick_while_searching;
pub mod search;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_screen;
pub mod trail;
pub mod who;
