//! The AWS CLI as a neighbour: its sign-in may be used when a person says so, and ours shared with it.

use std::path::PathBuf;

use crate::domain::aws_cli::{Found, access_token, cache_file, from_file, to_file};
use crate::domain::session::{RENEW_AHEAD, Session, SsoTokens, fresh};
use crate::error::Result;
use crate::ports::World;

const MAX_FILE: u64 = 1 << 16;

/// The files of a session: profiles with an `sso_session` look for its name, those without one for the start URL.
fn files(world: &World, session: &Session) -> [PathBuf; 2] {
    let folder = world.folders.home.join(".aws/sso/cache");
    [session.name.as_str(), session.start_url.as_str()].map(|key| folder.join(cache_file(key)))
}

/// An access token that the AWS CLI keeps for this portal and that is good for a while.
pub fn found(world: &World, session: &Session) -> Option<Found> {
    let read = |path: PathBuf| from_file(&world.files.read(&path, MAX_FILE).ok()??, session);
    let good = |found: &Found| fresh(found.expires_at, world.clock.now(), RENEW_AHEAD);
    files(world, session).into_iter().filter_map(read).find(good)
}

/// Writes the access token where the AWS CLI and the SDKs look.
pub fn share(world: &World, session: &Session, tokens: &SsoTokens) -> Result<()> {
    let content = to_file(session, tokens);
    files(world, session).iter().try_for_each(|path| world.files.write_private(path, content.expose().as_bytes()))
}

/// Removes what was shared, unless the AWS CLI has signed in by itself since.
pub fn unshare(world: &World, session: &Session, tokens: &SsoTokens) -> Result<()> {
    for path in files(world, session) {
        let content = world.files.read(&path, MAX_FILE)?;
        if content.and_then(|content| access_token(&content)).as_ref() == Some(&tokens.access_token) {
            world.files.remove(&path)?;
        }
    }
    Ok(())
}
