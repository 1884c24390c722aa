//! The portal behind a start URL.

use crate::clients::aws::Aws;
use crate::domain::ids::Region;
use crate::domain::url::StartUrl;
use crate::error::Result;
use crate::ports::World;

/// The region of a portal, where its host, or the address that a vanity URL redirects to, names it.
///
/// # Errors
/// It cannot be reached, or is no portal.
pub async fn region(world: &World, url: &StartUrl) -> Result<Option<Region>> {
    let aws = Aws::new(world.env.as_ref(), world.files.as_ref(), world.clock.clone())?;
    Ok(aws.portal(url).await?.1)
}
