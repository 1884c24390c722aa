//! AWS as it is reached from here, and the portal behind a start URL.

use crate::clients::aws::{Aws, Configured};
use crate::clients::trust::CaBundle;
use crate::domain::ids::Region;
use crate::domain::url::StartUrl;
use crate::error::Result;
use crate::flows::settings::{aws_files, environment};
use crate::ports::World;

/// The AWS clients, by what the environment and the settings say of the network.
///
/// # Errors
/// A proxy, an endpoint or a file of certificates that is named makes no sense, or may not be used.
pub fn aws(world: &World) -> Result<Aws> {
    let (endpoints, file) = environment::endpoints(world)?;
    let ca_bundle = aws_files::ca_bundle(world)?.map(|(path, origin)| CaBundle { path, origin });
    let configured = Configured { endpoints, file, ca_bundle };
    Aws::new(world.env.as_ref(), world.files.as_ref(), world.clock.clone(), &configured)
}

/// The region of a portal, where its host, or the address that a vanity URL redirects to, names it.
///
/// # Errors
/// It cannot be reached, or is no portal.
pub async fn region(world: &World, url: &StartUrl) -> Result<Option<Region>> {
    Ok(aws(world)?.portal(url).await?.1)
}
