//! The name under which the keyrings hold our items.

/// The service name of our items.
pub const SERVICE: &str = "eksso";
