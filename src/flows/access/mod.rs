//! Who is let in: asking a cluster itself, and telling a context from the person to the Kubernetes user.

pub mod verify;
pub mod whoami;
