//! Endpoints that the environment names in place of AWS's own.

use crate::clients::aws::Aws;
use crate::ports::World;

/// The variables that are set, with their values.
pub fn named(world: &World) -> impl Iterator<Item = (&'static str, String)> {
    Aws::ENDPOINTS.into_iter().filter_map(|name| Some((name, world.env.var(name)?)))
}
