//! Endpoints that the environment names in place of AWS's own.

use crate::domain::endpoints::Service;
use crate::ports::World;

/// The variables that are set, with their values.
pub fn named(world: &World) -> impl Iterator<Item = (&'static str, String)> {
    Service::ALL.into_iter().map(Service::variable).filter_map(|name| Some((name, world.env.var(name)?)))
}
