//! How servers are reached: proxies, trust, endpoints, and which hosts there are at all.

mod endpoints;
mod hosts;
mod proxies;
mod trust;
