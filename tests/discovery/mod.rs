//! Finding roles and clusters, and which role is let in where.

mod search;
