//! The services on the other end of the wire, behind our own types.

pub mod aws;
pub mod callback;
pub mod dial;
pub mod download;
pub mod failure;
pub mod http;
pub mod kube;
pub mod loopback;
pub mod okta;
pub mod trust;
