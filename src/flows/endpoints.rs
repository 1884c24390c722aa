//! Endpoints that the environment names in place of AWS's own.

use crate::domain::endpoints::Service;
use crate::error::Error;
use crate::ports::World;

/// The variables that are set, with their values.
pub fn named(world: &World) -> impl Iterator<Item = (&'static str, String)> {
    Service::ALL.into_iter().map(Service::variable).filter_map(|name| Some((name, world.env.var(name)?)))
}

/// The variable that names the endpoint of the service that an error is of, with its value.
pub fn named_for(world: &World, error: &Error) -> Option<(&'static str, String)> {
    let service = Service::named_by(error.fact())?;
    named(world).find(|(name, _)| *name == service.variable())
}
