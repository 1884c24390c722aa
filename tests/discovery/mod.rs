//! Finding roles and clusters, and which role is let in where.

mod chained;
mod looking;
mod picking;
mod search;
mod sessions;
mod sharing;
mod tags;
mod units;
