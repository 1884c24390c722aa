//! The AWS CLI's sign-in: its token file is adopted when a person says so, and ours is shared with it.

use std::path::PathBuf;

use crate::domain::lifetime::{RENEW_AHEAD, fresh};
use crate::domain::session::Session;
use crate::domain::settings::aws_config;
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::aws_cli::{Found, access_token, cache_file, from_file, to_file};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::text::digest;
use crate::error::{Error, Result};
use crate::flows::locks::wait_for;
use crate::flows::settings::aws_files::aws_config_text;
use crate::flows::sign_in::base::{RENEW_WAIT, SessionHandle, busy, new_key};
use crate::flows::sign_in::register;
use crate::ports::{ScopeGuard, World};

const MAX_FILE: u64 = 1 << 16;
/// How many shared access tokens are remembered.
const MAX_NOTED: usize = 8;

/// The files where the AWS CLI and the SDKs look for a sign-in to this portal. Each is named after what ~/.aws/config calls
/// it: the name of an [sso-session], or a start URL as a profile without one spells it.
fn files(world: &World, session: &Session) -> Vec<PathBuf> {
    let folder = world.folders.home.join(".aws").join("sso").join("cache");
    let mut keys = vec![session.name.to_string(), session.address().to_owned()];
    if let (Some(portal), Ok((_, text))) = (session.identity_center(), aws_config_text(world)) {
        keys.extend(aws_config::cache_keys(&text, &portal.start_url, &portal.region));
    }
    let mut files: Vec<PathBuf> = keys.iter().map(|key| folder.join(cache_file(key))).collect();
    files.sort();
    files.dedup();
    files
}

/// An access token that the AWS CLI keeps for this portal and that is good for a while.
pub fn found(world: &World, session: &Session) -> Option<Found> {
    let portal = session.identity_center()?;
    let read = |path: PathBuf| from_file(&world.files.read(&path, MAX_FILE).ok()??, portal);
    let good = |found: &Found| fresh(found.expires_at, world.clock.now(), RENEW_AHEAD);
    files(world, session).into_iter().filter_map(read).find(good)
}

/// The digests of the access tokens that this sign-in shared: only files with one of them are ours.
fn ours(world: &World, session: &Session, keyring: Backend) -> Vec<String> {
    let register = register::load(world, &session.name);
    register.find(session, &[keyring]).map(|item| item.shared.clone()).unwrap_or_default()
}

/// Notes that a file with this access token is ours, before there is one.
pub(super) fn note(world: &World, session: &Session, keyring: Backend, tokens: &SsoTokens) -> Result<()> {
    let digest = digest(tokens.access_token.expose());
    register::change(world, session, |register| {
        if let Some(item) = register.find_mut(session, keyring).filter(|item| !item.shared.contains(&digest)) {
            // The last ones are enough: each renewal writes over the one before.
            let old = item.shared.len().saturating_sub(MAX_NOTED - 1);
            item.shared.drain(..old);
            item.shared.push(digest);
        }
    })
}

/// Writes the access token where the AWS CLI and the SDKs look, over nothing but files of ours; answers whether that was
/// possible everywhere.
pub(super) fn share(world: &World, session: &Session, keyring: Backend, tokens: &SsoTokens) -> Result<bool> {
    let Some(portal) = session.identity_center() else { return Err(not_known_there(session)) };
    world.policy()?.sharing()?;
    note(world, session, keyring, tokens)?;
    let (content, ours) = (to_file(portal, tokens), ours(world, session, keyring));
    let mut all = true;
    for path in files(world, session) {
        let there = world.files.read(&path, MAX_FILE)?;
        if there.is_none_or(|there| is_ours(&there, &ours)) {
            world.files.write_private(&path, content.expose().as_bytes())?;
        } else {
            all = false;
        }
    }
    Ok(all)
}

/// Removes what was shared, and nothing that another program wrote.
pub(super) fn unshare(world: &World, session: &Session, keyring: Backend) -> Result<()> {
    let ours = ours(world, session, keyring);
    for path in files(world, session) {
        if world.files.read(&path, MAX_FILE)?.is_some_and(|there| is_ours(&there, &ours)) {
            world.files.remove(&path)?;
        }
    }
    Ok(())
}

fn is_ours(content: &[u8], ours: &[String]) -> bool {
    access_token(content).is_some_and(|token| ours.contains(&digest(token.expose())))
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
        share(self.world, &self.session, self.keyring(), &tokens)
    }

    /// Takes over an access token of the AWS CLI: good until its end, and not renewable, as its refresh token stays there.
    /// A sign-in that somebody made meanwhile is kept.
    pub async fn adopt(&self, found: Found) -> Result<()> {
        let _lock = self.tokens_lock().await?;
        let now = self.world.clock.now();
        if self.stored()?.is_some_and(|tokens| tokens.usable(now)) {
            return Ok(());
        }
        let key = new_key()?;
        let tokens = SsoTokens::borrowed(&self.session, found.access_token, found.expires_at, now);
        register::change(self.world, &self.session, |register| {
            register.set(&self.session, self.keyring(), &key.id, now);
        })?;
        self.put(&tokens.sealed_with(key.clone()))?;
        // What is sealed with another key was another sign-in's.
        _ = self.cache.forget(Some(&key));
        self.tokens.take();
        Ok(())
    }

    async fn tokens_lock(&self) -> Result<Box<dyn ScopeGuard>> {
        let lock = wait_for(self.world, &self.session.file_name(), "changing the sign-in", RENEW_WAIT).await?;
        lock.ok_or_else(|| busy(self.world, &self.session.file_name(), &self.session))
    }
}
