//! Who may do something in a cluster, and what somebody reaches: questions to the grants.

pub mod answer;
