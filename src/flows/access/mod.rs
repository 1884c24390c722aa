//! Who is let in: asking a cluster itself, telling a context from the person to the Kubernetes user, and reading lists of all.

pub mod gather;
pub mod namespaces;
pub mod verify;
pub mod whoami;
