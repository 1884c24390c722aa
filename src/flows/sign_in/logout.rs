//! Ending a sign-in: here in any case, at the provider as far as it answers.

use crate::domain::settings::config::Backend;
use crate::error::Result;
use crate::flows::locks::wait_for;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::base::{RENEW_WAIT, SessionHandle, busy, stored_at};
use crate::ports::Keyring;

impl SessionHandle<'_> {
    /// The other keyrings that hold tokens of this session, of those that can be looked into without asking anybody.
    pub fn elsewhere(&self) -> Vec<Backend> {
        let others = Backend::NAMES.iter().map(|(_, backend)| *backend);
        let others = others.filter(|backend| ![Backend::Auto, self.store.backend()].contains(backend));
        others
            .filter(|backend| {
                let store = self.world.keyrings.open(Keyring { backend: *backend, ask: false });
                store.is_ok_and(|store| store.has(&self.session.keyring_item()).unwrap_or(false))
            })
            .collect()
    }

    /// Ends the session: here in any case, at the provider as far as it answers.
    pub async fn sign_out(&self) -> Result<Ended> {
        let session = &self.session;
        let Some(lock) = wait_for(self.world, &session.file_name(), RENEW_WAIT).await? else {
            return Err(busy("renewing", session));
        };
        let tokens = stored_at(self.store.as_ref(), session);
        let signed_in = self.store.delete(&session.keyring_item())?;
        drop(lock);
        let revoked = match &tokens {
            Ok(Some(tokens)) => self.provider.revoke(self, tokens).await.map_err(|failure| failure.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Ok(Some(tokens)) = &tokens
            && tokens.shared()
        {
            aws_cli::unshare(self.world, session, tokens)?;
        }
        Ok(Ended { signed_in, revoked })
    }
}

/// How a sign-out went.
#[derive(Debug)]
pub struct Ended {
    /// Whether tokens were stored.
    pub signed_in: bool,
    /// Whether the provider took it, else why not.
    pub revoked: Result<(), String>,
}
