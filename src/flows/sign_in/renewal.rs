//! Keeping a sign-in good: tokens are renewed while the provider lets us, by one task of one process at a time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::lifetime::{RENEW_AHEAD, fresh};
use crate::domain::secret::SecretString;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Result};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::base::{RENEW_WAIT, SESSION_ENDED, SessionHandle, busy};

impl SessionHandle<'_> {
    /// Asks with good tokens. Those that the provider refuses are renewed once.
    pub(super) async fn call<T>(&self, ask: impl AsyncFn(&SsoTokens) -> Result<T, Failure>) -> Result<T> {
        let tokens = self.tokens().await?;
        let failure = match ask(&tokens).await {
            Err(failure) if failure.kind == FailureKind::Unauthorized => failure,
            answer => return answer.map_err(Error::from),
        };
        let ended = |failure: &Failure| self.sign_in_needed(self.provider.ended_by()).cause(failure);
        // Another process may have renewed, or a person signed in, since.
        let hope = |stored: SsoTokens| stored.refresh_token.is_some() || stored.access_token != tokens.access_token;
        if !self.stored()?.is_some_and(hope) {
            return Err(ended(&failure));
        }
        let renewed = self.renew(Some(&tokens)).await?;
        ask(&renewed).await.map_err(|failure| match failure.kind {
            FailureKind::Unauthorized => ended(&failure),
            _ => failure.into(),
        })
    }

    /// Which sign-in is in use.
    pub(in crate::flows) fn signed_in_at(&self) -> Result<Option<Timestamp>> {
        let known = self.tokens.borrow().as_ref().map(|tokens| tokens.signed_in_at);
        match known {
            Some(at) => Ok(Some(at)),
            None => Ok(self.stored()?.map(|tokens| tokens.signed_in_at)),
        }
    }

    /// Whether that is still the stored one. Where not, it is not in use any more.
    pub(in crate::flows) fn is_still(&self, signed_in_at: Option<Timestamp>) -> Result<bool> {
        let same = self.stored()?.map(|tokens| tokens.signed_in_at) == signed_in_at;
        if !same {
            self.tokens.take();
        }
        Ok(same)
    }

    /// Takes these for the stored ones from now on.
    pub(super) fn take(&self, tokens: &SsoTokens) {
        self.tokens.replace(Some(tokens.clone()));
    }

    /// Changes what is stored of a sign-in, unless another one has taken its place.
    pub(super) async fn amend(&self, tokens: &SsoTokens, change: impl FnOnce(&SsoTokens) -> SsoTokens) -> Result<()> {
        let Some(_lock) = wait_for(self.world, &self.session.file_name(), RENEW_WAIT).await? else { return Ok(()) };
        match self.stored()? {
            Some(stored) if stored.signed_in_at == tokens.signed_in_at => {
                self.tokens.take();
                self.put(&change(&stored))
            }
            _ => Ok(()),
        }
    }

    /// Good tokens: those of an earlier call, else the stored ones, renewed when they are near their end.
    pub(super) async fn tokens(&self) -> Result<SsoTokens> {
        let known = self.tokens.borrow().clone();
        match known {
            Some(tokens) if fresh(tokens.expires_at, self.world.clock.now(), SignedDuration::ZERO) => Ok(tokens),
            _ => self.renew(None).await,
        }
    }

    /// Good tokens: the stored ones, or renewed ones when those are near their end or the `refused` ones.
    async fn renew(&self, refused: Option<&SsoTokens>) -> Result<SsoTokens> {
        let refused = refused.map(|tokens| &tokens.access_token);
        let good = |tokens: &SsoTokens| {
            fresh(tokens.expires_at, self.world.clock.now(), RENEW_AHEAD) && Some(&tokens.access_token) != refused
        };
        let tokens = self.stored()?.ok_or_else(|| self.nobody())?;
        let tokens = if good(&tokens) { tokens } else { self.refresh(&good, refused).await? };
        self.tokens.replace(Some(tokens.clone()));
        Ok(tokens)
    }

    /// Renews under the session's lock, after a second look: another task or process may just have done it.
    async fn refresh(&self, good: &dyn Fn(&SsoTokens) -> bool, refused: Option<&SecretString>) -> Result<SsoTokens> {
        let _one = self.renewing.lock().await;
        let alive = |tokens: &SsoTokens| {
            let fresh = fresh(tokens.expires_at, self.world.clock.now(), SignedDuration::from_secs(30));
            fresh && Some(&tokens.access_token) != refused
        };
        let look = || self.stored()?.ok_or_else(|| self.nobody());
        let before = look()?;
        if good(&before) {
            return Ok(before);
        }
        // Renewing early is a courtesy: a token that is still good does not wait for somebody else's renewal.
        let wait = if alive(&before) { Duration::ZERO } else { RENEW_WAIT };
        let Some(_lock) = wait_for(self.world, &self.session.file_name(), wait).await? else {
            return if alive(&before) { Ok(before) } else { Err(busy("renewing", &self.session)) };
        };
        let tokens = look()?;
        if good(&tokens) {
            return Ok(tokens);
        }
        let now = self.world.clock.now();
        let alive = alive(&tokens);
        let ended = || self.sign_in_needed("the sign-in has ended");
        let refresh_token = match &tokens.refresh_token {
            Some(token) => token,
            _ if alive => return Ok(tokens),
            _ => return Err(ended()),
        };
        self.aws()?;
        match self.store.prepare() {
            Err(_) if alive => return Ok(tokens),
            prepared => prepared?,
        }
        // The reply may be the only copy of the new refresh token: every signal waits until it is stored.
        let _signals = self.world.signals.hold_all();
        let redeemed = self.provider.redeem(self, &tokens, refresh_token, now).await;
        // A sign-in that did not get the lock in time has stored its own meanwhile; it counts more than this.
        let current = look()?;
        if current != tokens {
            return Ok(current);
        }
        match redeemed {
            Ok(renewed) => {
                self.put(&renewed).or_else(|_| self.put(&renewed)).map_err(|error| {
                    error.cause("the renewed sign-in could not be kept").hint(self.session.login_command())
                })?;
                Ok(renewed)
            }
            // A renewal that fails early hurts nobody: the old token is still good.
            Err(_) if alive => Ok(tokens),
            Err(failure) if failure.kind == FailureKind::Refused || failure.kind == FailureKind::Unauthorized => {
                if failure.is(&SESSION_ENDED) {
                    // So that `status` does not go on to call this a sign-in.
                    self.put(&tokens.over(now))?;
                }
                Err(ended().cause(&failure))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Stores tokens, and shares them where that is wanted.
    pub(super) fn put(&self, tokens: &SsoTokens) -> Result<()> {
        self.store.set(&self.session.keyring_item(), &tokens.to_item())?;
        if tokens.shared() {
            // The AWS CLI's copy is a courtesy.
            _ = aws_cli::share(self.world, &self.session, tokens);
        }
        Ok(())
    }

    /// Ends when no renewal is under way: until then, the work that is renewing must go on.
    pub async fn settled(&self) {
        _ = self.renewing.lock().await;
    }
}
