//! What an audit reads beside the facts.

pub mod access_file;
