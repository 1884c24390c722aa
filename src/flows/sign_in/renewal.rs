//! Keeping a sign-in good: tokens are renewed while the provider lets us, by one task of one process at a time.

use std::pin::Pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use jiff::SignedDuration;
use tokio::time::sleep;

use crate::clients::failure::{Failure, FailureKind};
use crate::domain::lifetime::fresh;
use crate::domain::secret::SecretString;
use crate::domain::sign_in::sealing_key::SealingKey;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::locks::{Waited, wait_for, wait_unless};
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::base::{ASIDE, RENEW_WAIT, SESSION_ENDED, SessionHandle, busy, new_key};
use crate::flows::sign_in::register;
use crate::flows::single_flight::{failed_lately, failed_since, note_failure};

/// Processes that are started together come within this time.
const SAME_REFUSAL: SignedDuration = SignedDuration::from_secs(3);

impl SessionHandle<'_> {
    /// Asks with good tokens. Those that the provider refuses are renewed once.
    pub(super) async fn call<T>(&self, ask: impl AsyncFn(&SsoTokens) -> Result<T, Failure>) -> Result<T> {
        let tokens = self.tokens().await?;
        let failure = match ask(&tokens).await {
            Err(failure) if failure.kind == FailureKind::Unauthorized => failure,
            answer => return answer.map_err(Error::from),
        };
        let ended = |failure: &Failure| self.sign_in_needed(self.provider.ended_by()).answer(failure);
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

    /// The key of the sign-in in use: seals what is got with it. A sign-in that eksso 0.1.0 stored gets one now.
    pub(in crate::flows) async fn key(&self) -> Result<SealingKey> {
        let known = self.tokens.borrow().as_ref().and_then(|tokens| tokens.sealing.clone());
        if let Some(key) = known {
            return Ok(key);
        }
        let tokens = self.stored()?.ok_or_else(|| self.nobody())?;
        let backend = self.keyring();
        let registered = |key: &SealingKey| {
            self.register.load().find(&self.session, &[backend]).is_some_and(|item| item.id.as_ref() == Some(&key.id))
        };
        if let Some(key) = tokens.sealing.filter(registered) {
            return Ok(key);
        }
        // Under the lock that a sign-out holds: what it takes away must not come back.
        let Some(_lock) = wait_for(self.world, &self.session.file_name(), "changing the sign-in", RENEW_WAIT).await?
        else {
            return Err(busy(self.world, &self.session.file_name(), &self.session));
        };
        let tokens = self.stored()?.ok_or_else(|| self.nobody())?;
        let key = tokens.sealing.clone().map_or_else(new_key, Ok)?;
        // The register may be lost, or its folder not to be written: then every call asks the keyring, and nothing else.
        _ = register::change(self.world, &self.session, |register| {
            register.set(&self.session, backend, &key.id, tokens.signed_in_at);
        });
        if tokens.sealing.is_none() {
            self.tokens.take();
            self.put(&tokens.sealed_with(key.clone()))?;
        }
        Ok(key)
    }

    /// Whether a key is still that of the stored sign-in. Where not, that sign-in is not in use any more.
    pub(in crate::flows) fn is_current(&self, key: &SealingKey) -> Result<bool> {
        let stored = self.stored()?.and_then(|tokens| tokens.sealing);
        let same = stored.is_some_and(|stored| stored.id == key.id);
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
        let Some(_lock) = wait_for(self.world, &self.session.file_name(), "changing the sign-in", RENEW_WAIT).await?
        else {
            return Ok(());
        };
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
        let good = |tokens: &SsoTokens| tokens.fresh(self.world.clock.now()) && Some(&tokens.access_token) != refused;
        let tokens = self.stored()?.ok_or_else(|| self.nobody())?;
        let tokens = if good(&tokens) { tokens } else { self.refresh(&good, refused).await? };
        self.tokens.replace(Some(tokens.clone()));
        Ok(tokens)
    }

    /// Renews under the session's lock, after a second look: another task or process may just have done it. Those who wait
    /// for it share its failure.
    ///
    /// A refresh token may be good for one use, and one that is sent twice can end the sign-in. Source: RFC 6749, sections 6 and
    /// 10.4 (rotation).
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
        let (world, lock) = (self.world, self.session.file_name());
        let failures = format!("{lock}.renewal");
        // Renewing early is a courtesy: a token that is still good waits for nobody, and after a failure is let alone.
        let early = alive(&before);
        if early && failed_lately(world, &failures) {
            return Ok(before);
        }
        let began = world.clock.now();
        // A refusal of the same refresh token is not asked for again by those who were started together.
        let refused_before = |error: &Error| error.kind() == Kind::SignInNeeded;
        let shared = || {
            let failed = failed_since(world, &failures, began);
            failed.or_else(|| failed_since(world, &failures, began - SAME_REFUSAL).filter(refused_before))
        };
        let done = || match self.stored() {
            Ok(Some(tokens)) if good(&tokens) => Some(Ok(tokens)),
            _ => shared().map(Err),
        };
        let wait = if early { Duration::ZERO } else { RENEW_WAIT };
        let _lock = match wait_unless(world, &lock, "renewing the sign-in", wait, done).await {
            Ok(Waited::Held(lock)) => lock,
            Ok(Waited::Done(shared)) => return shared,
            Ok(Waited::Busy) | Err(_) if early => return Ok(before),
            Ok(Waited::Busy) => return Err(busy(world, &lock, &self.session)),
            Err(error) => return Err(error),
        };
        if let Some(shared) = done() {
            return shared;
        }
        let tokens = look()?;
        let early = alive(&tokens);
        let ended = || self.sign_in_needed("the sign-in has ended");
        let refresh_token = match &tokens.refresh_token {
            Some(token) => token,
            _ if early => return Ok(tokens),
            _ => return Err(ended()),
        };
        self.aws()?;
        if tokens.shared() {
            // eksso 0.1.0 kept no note of it.
            _ = aws_cli::note(world, &self.session, self.keyring(), &tokens);
        }
        // Redeeming may spend the refresh token: there must be a place for its successor.
        match self.store().and_then(|store| store.probe()) {
            Err(_) if early => return Ok(tokens),
            probed => {
                probed.map_err(|error| error.cause("the sign-in is not renewed, as it could not be stored then"))?
            }
        }
        // The reply may be the only copy of the new refresh token: every signal waits until it is stored.
        let (_signals, _spending) = (world.signals.hold_all(), self.spending.lock().await);
        let redeemed = self.provider.redeem(self, &tokens, refresh_token, world.clock.now()).await;
        // A sign-in that did not get the lock in time has stored its own meanwhile; it counts more than this.
        // A keyring that cannot be read now does not cost what was redeemed.
        match self.stored() {
            Ok(Some(current)) if current != tokens => return Ok(current),
            Ok(None) => {
                // Somebody signed out meanwhile: what was got must not bring the sign-in back.
                if let Ok(renewed) = &redeemed {
                    _ = self.provider.revoke(self, renewed).await;
                }
                return Err(self.nobody());
            }
            Ok(Some(_)) | Err(_) => {}
        }
        let failure = match redeemed {
            Ok(renewed) => {
                self.put_or_set_aside(&renewed);
                return Ok(renewed);
            }
            Err(failure) => failure,
        };
        let over = failure.is(&SESSION_ENDED);
        let error = match failure.kind {
            FailureKind::Refused | FailureKind::Unauthorized => ended().answer(&failure),
            _ => Error::from(failure),
        };
        // For those who wait, and those who would try early: what cannot be noted costs them requests.
        _ = note_failure(world, &failures, &error);
        if early {
            // The old token is still good.
            return Ok(tokens);
        }
        if over {
            // So that `status` does not go on to call this a sign-in.
            self.put(&tokens.over(world.clock.now()))?;
        }
        Err(error)
    }

    /// Stores renewed tokens. A keyring that took a probe and does not take them now (full, locked meanwhile) does not cost
    /// the sign-in: they are set aside, sealed with its key, and serve from there until the keyring takes them.
    pub(super) fn put_or_set_aside(&self, renewed: &SsoTokens) {
        if self.put(renewed).or_else(|_| self.put(renewed)).is_err()
            && let Some(key) = &renewed.sealing
        {
            // Where neither can be written, the tokens serve this call, and the next one asks for a sign-in.
            _ = self.cache.write(ASIDE, &renewed.to_item(), key);
        }
    }

    /// Stores tokens, and shares them where that is wanted.
    pub(super) fn put(&self, tokens: &SsoTokens) -> Result<()> {
        self.store()?.set(&self.session.keyring_item(), &tokens.to_item())?;
        // The keyring has what was set aside, or something newer.
        _ = self.cache.remove(ASIDE);
        if tokens.shared() {
            // The AWS CLI's copy is a courtesy.
            _ = aws_cli::share(self.world, &self.session, self.keyring(), tokens);
        }
        Ok(())
    }

    /// Gives work up after a time, as [`Self::until`] does.
    pub(in crate::flows) async fn within<T>(
        &self,
        time: Duration,
        work: Pin<Box<impl Future<Output = T>>>,
    ) -> Option<T> {
        self.until(sleep(time), work).await
    }

    /// Gives work up when `stop` ends, but for a refresh token that is being redeemed: the reply may be the only copy of its
    /// successor.
    pub async fn until<T>(&self, stop: impl Future<Output = ()>, work: Pin<Box<impl Future<Output = T>>>) -> Option<T> {
        let unfinished = match select(work, Box::pin(stop)).await {
            Either::Left((done, _)) => return Some(done),
            Either::Right(((), work)) => work,
        };
        match select(unfinished, Box::pin(self.settled())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Ends when no refresh token is being redeemed: until then, the work that does it must go on.
    pub async fn settled(&self) {
        _ = self.spending.lock().await;
    }
}
