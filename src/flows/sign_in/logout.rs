//! Signing out: at the provider first, then here. Every step is tried, whatever became of the others; what is left is told,
//! and a later sign-out goes on with it.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::ids::SessionName;
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::register::Register;
use crate::domain::text::digest;
use crate::error::{Error, Result};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::base::{SessionHandle, busy};
use crate::flows::sign_in::register;
use crate::ports::{CredentialCache, Keyring, World};

/// How long a sign-out waits for a renewal: what that one gets must be revoked, too.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// How a sign-out went.
#[derive(Debug, Default)]
pub struct SignedOut {
    /// Whether tokens were stored.
    pub was_signed_in: bool,
    /// How many role credentials were removed.
    pub forgotten: usize,
    /// Whether the tokens are still there, so that a later sign-out can end the sign-in at its provider.
    pub can_be_ended_later: bool,
    /// What could not be done, in words.
    pub left: Vec<Error>,
}

impl SignedOut {
    /// Removes what a sign-in leaves here beside its tokens: the copies of its keys, the files that it shared with the AWS
    /// CLI, and all that is sealed with its keys. The register must still have its item: it says which files were shared.
    fn forget(
        &mut self,
        world: &World,
        session: &Session,
        cache: &dyn CredentialCache,
        keyrings: &[Backend],
        keys: &[(Backend, String)],
    ) {
        keys.iter().for_each(|(keyring, id)| cache.forget_key(*keyring, id));
        self.left.extend(keyrings.iter().filter_map(|keyring| aws_cli::unshare(world, session, *keyring).err()));
        match cache.forget(None) {
            Ok(forgotten) => self.forgotten = forgotten,
            Err(error) => self.left.push(error),
        }
    }
}

/// The sign-ins that can be ended, as the registers know them: also of sessions whose place was corrected in the settings,
/// or that were removed from them.
pub fn registered(world: &World, name: Option<&SessionName>) -> Vec<(Session, Backend)> {
    let registers = match name {
        Some(name) => vec![register::load(world, name)],
        None => register::all(world),
    };
    let items = |register: Register| {
        let found = register.items.iter().filter_map(|item| Some((item.session(&register.session)?, item.keyring()?)));
        found.collect::<Vec<_>>()
    };
    registers.into_iter().flat_map(items).collect()
}

/// Ends what can be ended without the keyring: nothing that was sealed with the key of the sign-in opens any more, here and
/// in the kernel. A later sign-out, where the keyring can be opened, ends the rest.
pub fn sign_out_without_keyring(world: &World, session: &Session, keyring: Keyring) -> SignedOut {
    let mut out = SignedOut { can_be_ended_later: true, ..SignedOut::default() };
    let mut keys = Vec::new();
    let backends = match keyring.backend {
        Backend::Auto => world.keyrings.automatic(),
        named => vec![named],
    };
    let noted = register::change(world, session, |register| {
        for backend in &backends {
            keys.extend(register.find_mut(session, *backend).and_then(|item| Some((*backend, item.id.take()?))));
        }
    });
    out.left.extend(noted.err());
    out.forget(world, session, world.keyrings.sealed(keyring, session).as_ref(), &backends, &keys);
    out
}

/// Removes what a session that is signed out of leaves here beside its settings, in whatever folder: notes of failed sign-ins,
/// what was found, how long roles last. Such files are named after it, or after its place, which another session may share. Locks
/// stay: they are empty, and one that is removed while another process waits for it keeps nobody out.
///
/// # Errors
/// One of them cannot be removed.
pub fn forget(world: &World, session: &Session, place_is_shared: bool) -> Result<()> {
    let place = (!place_is_shared).then(|| digest(&session.place())[..32].to_owned());
    let names: Vec<String> = std::iter::once(session.file_name()).chain(place).collect();
    let is_its = |file: &PathBuf| {
        let file = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        names.iter().any(|name| file.starts_with(name.as_str()))
    };
    for root in [&world.folders.state, &world.folders.cache] {
        for folder in world.files.list(root)?.iter().filter(|folder| !folder.ends_with("locks")) {
            // What is no folder has nothing in it.
            let files = world.files.list(folder).unwrap_or_default();
            files.iter().filter(|file| is_its(file)).try_for_each(|file| world.files.remove_own(file).map(|_| ()))?;
        }
    }
    Ok(())
}

impl SessionHandle<'_> {
    /// Ends the sign-in. With `force` the tokens go even where the provider could not be told.
    pub async fn sign_out(&self, force: bool) -> SignedOut {
        let (world, session, keyring) = (self.world, &self.session, self.keyring());
        let mut out = SignedOut::default();
        // Held to the end. Without it what another process is just getting may stay; everything else is done all the same.
        let lock = wait_for(world, &session.file_name(), "signing out", LOCK_WAIT).await;
        match &lock {
            Ok(Some(_)) => {}
            Ok(None) => out.left.push(busy(world, &session.file_name(), session)),
            Err(error) => out.left.push(error.clone()),
        }
        // Read first: what was set aside is sealed with the key whose id goes now.
        let mut tokens = self.item();
        // From here on no call uses it, and nothing that was sealed with its key opens.
        let mut id = None;
        let noted = register::change(world, session, |register| {
            id = register.find_mut(session, keyring).and_then(|item| item.id.take());
        });
        out.left.extend(noted.err());
        let revoked = match &tokens {
            Ok(Some(tokens)) => {
                out.was_signed_in = true;
                // Revoked before it is deleted: Ctrl-C in between must leave a sign-in that `logout` can still end.
                self.provider.revoke(self, tokens).await.map_err(|failure| {
                    Error::from(failure).cause(format!("the sign-in to `{}` goes on at its provider", session.name))
                })
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error.clone().cause("so the provider could not be told that the sign-in is over")),
        };
        let is_over = revoked.is_ok() || force;
        out.can_be_ended_later = !is_over;
        out.left.extend(revoked.err());
        if let (false, Ok(Some(read))) = (is_over, &mut tokens) {
            // Revoking may have renewed them. A later sign-out needs the last ones, and nothing may be kept aside now.
            if let Some(renewed) = self.tokens.take().filter(|renewed| renewed.signed_in_at == read.signed_in_at) {
                *read = renewed;
            }
            if let Err(error) = self.store().and_then(|store| store.set(&session.keyring_item(), &read.to_item())) {
                out.left.push(error.cause("so that the sign-in stays as it was"));
                let back = register::change(world, session, |register| {
                    if let Some(item) = register.find_mut(session, keyring) {
                        item.id = id;
                    }
                });
                out.left.extend(back.err());
                return out;
            }
        }
        let sealing = || Some(tokens.as_ref().ok()?.as_ref()?.sealing.as_ref()?.id.clone());
        let key = id.or_else(sealing).map(|id| (keyring, id));
        out.forget(world, session, self.cache(), &[keyring], key.as_slice());
        if is_over {
            match self.store().and_then(|store| store.delete(&session.keyring_item())) {
                Ok(there) => {
                    out.was_signed_in |= there;
                    out.left.extend(register::change(world, session, |register| register.remove(keyring)).err());
                }
                Err(error) => {
                    out.can_be_ended_later = true;
                    out.left.push(error);
                }
            }
        }
        out
    }
}
