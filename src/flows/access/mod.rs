//! Who is let in: asking a cluster itself, telling a context from the person to the Kubernetes user, reading lists of all; and
//! the namespaces of a cluster.

pub mod gather;
pub mod namespaces;
pub mod verify;
pub mod whoami;
