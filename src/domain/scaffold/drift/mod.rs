//! What there is against what the file wants: permission sets, roles, access entries, bindings and the guard. What could not be
//! read is a line of its own, never "no difference".

mod cluster;
pub mod difference;
mod guard;
pub mod look;
mod people;
pub mod rbac;
mod roles;
pub mod same;

use std::collections::BTreeSet;

use crate::domain::access::facts::Facts;
use crate::domain::scaffold::drift::difference::Drift;
use crate::domain::scaffold::drift::look::Look;
use crate::domain::scaffold::plan::Plan;

/// Compares, for the clusters of these names in the file and for what their tiers have in accounts.
pub fn compare(plan: &Plan, facts: &Facts, clusters: &BTreeSet<String>) -> Drift {
    let look = Look { plan, facts, clusters };
    let mut drift = Drift::default();
    people::compare(&look, &mut drift);
    roles::compare(&look, &mut drift);
    cluster::compare(&look, &mut drift);
    guard::compare(&look, &mut drift);
    drift
}
