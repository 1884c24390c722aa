//! The AWS CLI as a neighbour: its sign-in may be used when a person says so, and ours shared with it.

use std::path::PathBuf;

use crate::domain::lifetime::{RENEW_AHEAD, fresh};
use crate::domain::session::Session;
use crate::domain::sign_in::aws_cli::{Found, access_token, cache_file, from_file, is_renewable, to_file};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Result};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::base::{RENEW_WAIT, SessionHandle, busy};
use crate::ports::{Guard, World};

const MAX_FILE: u64 = 1 << 16;

/// The files of a session: profiles with an `sso_session` look for its name, those without one for the start URL.
fn files(world: &World, session: &Session) -> [PathBuf; 2] {
    let folder = world.folders.home.join(".aws/sso/cache");
    [session.name.as_str(), session.address()].map(|key| folder.join(cache_file(key)))
}

/// An access token that the AWS CLI keeps for this portal and that is good for a while.
pub fn found(world: &World, session: &Session) -> Option<Found> {
    let portal = session.identity_center()?;
    let read = |path: PathBuf| from_file(&world.files.read(&path, MAX_FILE).ok()??, portal);
    let good = |found: &Found| fresh(found.expires_at, world.clock.now(), RENEW_AHEAD);
    files(world, session).into_iter().filter_map(read).find(good)
}

/// Writes the access token where the AWS CLI and the SDKs look. A sign-in of their own that they can renew is left alone;
/// answers whether there was none.
pub(super) fn share(world: &World, session: &Session, tokens: &SsoTokens) -> Result<bool> {
    let Some(portal) = session.identity_center() else { return Err(not_known_there(session)) };
    let content = to_file(portal, tokens);
    let mut all = true;
    for path in files(world, session) {
        let own = world.files.read(&path, MAX_FILE)?.is_some_and(|content| is_renewable(&content));
        all &= !own;
        if !own {
            world.files.write_private(&path, content.expose().as_bytes())?;
        }
    }
    Ok(all)
}

/// Removes what was shared, unless the AWS CLI has signed in by itself since.
pub(super) fn unshare(world: &World, session: &Session, tokens: &SsoTokens) -> Result<()> {
    for path in files(world, session) {
        let content = world.files.read(&path, MAX_FILE)?;
        if content.and_then(|content| access_token(&content)).as_ref() == Some(&tokens.access_token) {
            world.files.remove(&path)?;
        }
    }
    Ok(())
}

/// The error of a sign-in that the AWS CLI has no place for.
pub fn not_known_there(session: &Session) -> Error {
    Error::usage(format!(
        "the AWS CLI cannot take over the sign-in of `{}`: it is not one of Identity Center",
        session.name
    ))
    .hint("in ~/.aws/config: credential_process = eksso credentials --account ID --role ROLE")
}

impl SessionHandle<'_> {
    /// Shares the access token with the AWS CLI, from now on and after each renewal. Answers whether the AWS CLI had no
    /// sign-in of its own, which is left alone.
    pub async fn share(&self) -> Result<bool> {
        let _lock = self.tokens_lock().await?;
        let Some(tokens) = self.stored()? else { return Err(self.nobody()) };
        let tokens = tokens.sharing(true);
        self.put(&tokens)?;
        share(self.world, &self.session, &tokens)
    }

    /// Takes over an access token of the AWS CLI: good until its end, and not renewable, as its refresh token stays there.
    /// A sign-in that somebody made meanwhile is kept.
    pub async fn adopt(&self, found: Found) -> Result<()> {
        let _lock = self.tokens_lock().await?;
        let now = self.world.clock.now();
        if self.stored()?.is_some_and(|tokens| tokens.usable(now)) {
            return Ok(());
        }
        self.put(&SsoTokens::borrowed(&self.session, found.access_token, found.expires_at, now))
    }

    async fn tokens_lock(&self) -> Result<Box<dyn Guard>> {
        let lock = wait_for(self.world, &self.session.file_name(), RENEW_WAIT).await?;
        lock.ok_or_else(|| busy("renewing", &self.session))
    }
}
