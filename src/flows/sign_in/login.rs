//! Signing in: one at a time for each session, across all processes. Whoever waited shares the result, good or bad; after
//! a bad one, those that nobody asked for are held back for a while.

use std::time::Duration;

use jiff::SignedDuration;

use crate::domain::session::{Flow, Session};
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::back_off::BackOff;
use crate::domain::sign_in::device::{Answer, DeviceCode, DeviceFlow, Step};
use crate::domain::sign_in::register::file;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::back_off::{back_off, back_off_path, remember};
use crate::flows::sign_in::base::{RENEW_WAIT, SessionHandle, busy, new_key};
use crate::flows::sign_in::register;
use crate::flows::sign_in::screen::{SignInError, SignInScreen};
use crate::ports::{Keyring, SecretStore};

/// How long a sign-in waits for another one of the same session: as long as a device code lives, and a little more.
const SIGN_IN_WAIT: Duration = Duration::from_secs(11 * 60);

/// After so many polls without an answer the person is told, once: one that is lost is of no harm.
const SILENT: u32 = 3;

/// What others are told that its locks are held for.
const DOING: &str = "signing in";

impl SessionHandle<'_> {
    /// The stored tokens, for an owner who is about to sign in anew: an item that is sealed with another passphrase is as
    /// good as none, and stays until the new one replaces it.
    pub(super) fn readable(&self) -> Result<Option<SsoTokens>> {
        self.stored().or_else(|error| if self.keyring() == Backend::Passphrase { Ok(None) } else { Err(error) })
    }

    /// Signs in and stores the tokens, by the session's flow or the `wanted` one. When another process signed in while
    /// this one waited, its tokens are shared; when it failed, so is its failure. Renewals go on meanwhile.
    pub async fn sign_in(&self, screen: &dyn SignInScreen, wanted: Option<Flow>) -> Result<SsoTokens> {
        let tokens = self.sign_in_single_flight(screen, wanted).await;
        // Stored, or lost: signals have nothing to wait for any more.
        self.redeeming.take();
        tokens
    }

    async fn sign_in_single_flight(&self, screen: &dyn SignInScreen, wanted: Option<Flow>) -> Result<SsoTokens> {
        let (world, session) = (self.world, &self.session);
        let signed_in_at = |tokens: &Option<SsoTokens>| tokens.as_ref().map(|tokens| tokens.signed_in_at);
        let began = (signed_in_at(&self.readable()?), back_off(world, session));
        let name = format!("{}.sign-in", session.file_name());
        let lock = match wait_for(world, &name, DOING, Duration::ZERO).await? {
            Some(free) => Some(free),
            None => {
                screen.queueing();
                wait_for(world, &name, DOING, SIGN_IN_WAIT).await?
            }
        };
        let Some(_lock) = lock else { return Err(busy(world, &name, session)) };
        let before = self.readable()?;
        let others = before.as_ref().filter(|_| signed_in_at(&before) != began.0);
        if let Some(tokens) = others.filter(|tokens| tokens.usable(world.clock.now())) {
            self.take(tokens);
            return Ok(tokens.clone());
        }
        let earlier = back_off(world, session);
        if let Some(shared) = earlier.as_ref().filter(|_| earlier != began.1) {
            return Err(Error::new(Kind::SignInNeeded, format!("the sign-in that this one waited for {}", shared.why))
                .hint(session.login_command()));
        }
        if let Some(pause) = earlier.as_ref().and_then(|back_off| back_off.pause(world.clock.now()))
            && !screen.attended()
        {
            let why = earlier.as_ref().map(|back_off| back_off.why.as_str()).unwrap_or_default();
            return Err(Error::new(
                Kind::SignInNeeded,
                format!("the last sign-in to session `{}` {why}", session.name),
            )
            .cause(format!("without a terminal, the next one may begin in {} s", pause.as_secs() + 1))
            .hint(format!("in a terminal, at once: {}", session.login_command())));
        }
        // What the person does in the browser must not be for nothing.
        self.make_room(screen)?;
        self.make_up_for_sign_out(screen).await;
        let key = new_key()?;
        self.next_key.replace(Some(key.clone()));
        let tokens = match self.provider.authorize(self, screen, wanted, before.as_ref()).await {
            Ok(tokens) => tokens,
            Err(failed) => {
                let (why, error) = match failed {
                    SignInError::NotApproved { why, error } => (Some(why.to_owned()), error),
                    SignInError::Other(error) => {
                        (error.is_answer().then(|| format!("failed: {}", error.fact())), error)
                    }
                };
                if let Some(why) = why {
                    // What cannot be remembered costs a pause, not the reason.
                    let failed = BackOff::after(earlier.as_ref(), world.clock.now(), &why, session.attempt());
                    _ = remember(world, session, &failed);
                }
                return Err(error);
            }
        };
        // A renewal of the old tokens must not come after this. One that takes too long looks again before it writes; a lock
        // that cannot be had does not cost what was just approved.
        let _renewals = wait_for(world, &session.file_name(), DOING, RENEW_WAIT).await;
        // The reply may be the only copy of the tokens: every signal waits until they are stored.
        let _signals = world.signals.hold_all();
        let tokens = tokens.sealed_with(key.clone());
        self.keep(&tokens, screen).await?;
        self.next_key.take();
        // What is sealed with another key serves nobody any more.
        _ = self.cache.forget(Some(&key));
        self.take(&tokens);
        world.files.remove(&back_off_path(world, session))?;
        Ok(tokens)
    }

    /// Ends at its provider a sign-in whose sign-out could not be told there: its tokens, which that takes, go with the new one.
    async fn make_up_for_sign_out(&self, screen: &dyn SignInScreen) {
        let Ok(Some(former)) = self.item().map(|former| former.filter(|_| self.is_ending())) else { return };
        if let Err(failure) = self.provider.revoke(self, &former).await {
            let error = Error::from(failure);
            screen.note(&format!(
                "The sign-in that was signed out of here goes on at its provider until it ends by itself: {error}."
            ));
        }
    }

    /// Makes sure that a sign-in can be stored before anybody approves one. Under `auto` a keyring that does not store is
    /// passed over; one that was named is an error.
    fn make_room(&self, screen: &dyn SignInScreen) -> Result<()> {
        let (world, session) = (self.world, &self.session);
        world.files.probe(&file(&world.folders.state, &session.name))?;
        if self.wanted.backend != Backend::Auto {
            return self.store()?.probe();
        }
        let mut failed: Option<Error> = None;
        for backend in world.keyrings.automatic() {
            let opened = world.keyrings.open(Keyring { backend, ..self.wanted });
            match opened.and_then(|store| store.probe()) {
                Ok(()) => {
                    if let Some(error) = failed.filter(|error| error.kind() != Kind::NotFound) {
                        screen.note(&format!("Using the `{}` keyring: {error}.", backend.name()));
                    }
                    self.move_to(backend);
                    return Ok(());
                }
                Err(error) => failed = Some(failed.map_or(error.clone(), |first| first.cause(&error))),
            }
        }
        let error = Error::new(Kind::LocalState, "no keyring of this machine can store a sign-in");
        let error = failed.iter().fold(error, |error, why| error.cause(why));
        Err(error.hint("choose one by name: EKSSO_KEYRING=passphrase seals files with a passphrase"))
    }

    /// Stores a new sign-in: first the register, so that what an earlier one sealed serves nobody, then the tokens. They are
    /// never dropped: under `auto` the next keyring that works takes them, and where none does, they are revoked.
    async fn keep(&self, tokens: &SsoTokens, screen: &dyn SignInScreen) -> Result<()> {
        let first = match self.store().and_then(|store| self.keep_in(store.as_ref(), tokens)) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if self.wanted.backend == Backend::Auto {
            let used = self.keyring();
            for backend in self.world.keyrings.automatic().into_iter().filter(|backend| *backend != used) {
                let opened = self.world.keyrings.open(Keyring { backend, ..self.wanted });
                if opened.and_then(|store| self.keep_in(store.as_ref(), tokens)).is_ok() {
                    self.move_to(backend);
                    screen.note(&format!("Using the `{}` keyring: {first}.", backend.name()));
                    return Ok(());
                }
            }
        }
        Err(match self.provider.revoke(self, tokens).await {
            Ok(()) => first.cause("the sign-in could not be stored, so it was revoked at once"),
            Err(failure) => first
                .cause("the sign-in could not be stored")
                .cause(format!("it could not be revoked either ({failure}); signing out in the browser ends it")),
        }
        .hint(self.session.login_command()))
    }

    fn keep_in(&self, store: &dyn SecretStore, tokens: &SsoTokens) -> Result<()> {
        let (world, session, keyring) = (self.world, &self.session, store.backend());
        let id = tokens.sealing.as_ref().map(|key| key.id.clone()).unwrap_or_default();
        register::change(world, session, |register| register.set(session, keyring, &id, tokens.signed_in_at))?;
        let stored = store.set(&session.keyring_item(), &tokens.to_item());
        if stored.is_ok() {
            self.is_home();
        }
        if stored.is_err() {
            // Nothing is there. What is left of an earlier sign-in is entered again when it is used.
            _ = register::change(world, session, |register| register.remove(keyring));
        } else if tokens.shared() {
            // The AWS CLI's copy is a courtesy.
            _ = aws_cli::share(world, session, keyring, tokens);
        }
        stored
    }

    /// Shows a device code and polls until it was approved, as the protocol says when. `advice` is for those who did approve,
    /// and saw an error.
    pub(super) async fn approved<T>(
        &self,
        screen: &dyn SignInScreen,
        code: &DeviceCode,
        advice: Option<String>,
        poll: impl AsyncFn() -> Result<Result<T, Answer>>,
    ) -> Result<T, SignInError> {
        screen.show_code(code);
        let clock = &self.world.clock;
        let mut flow = DeviceFlow::new(clock.monotonic(), code.interval, code.expires_in);
        let mut unanswered = 0;
        loop {
            // Each poll may be the one that is answered with the tokens.
            let redeemed = self.redeeming(async {
                match poll().await {
                    Ok(granted) => granted.map_err(Ok),
                    Err(error) => Err(Err(error)),
                }
            });
            let answer = match redeemed.await {
                Ok(granted) => return Ok(granted),
                Err(answer) => answer?,
            };
            if answer == Answer::Lost {
                screen.retrying();
                unanswered += 1;
                if unanswered == SILENT {
                    let left = SignedDuration::try_from(flow.left(clock.monotonic())).unwrap_or_default();
                    screen.silence(clock.now() + left);
                }
            }
            match flow.next(answer, clock.monotonic()) {
                Step::Wait(time) => clock.sleep(time).await,
                Step::Denied => return Err(SignInError::denied(&self.session, None)),
                Step::Expired => return Err(SignInError::timed_out(&self.session, advice)),
                Step::Spent { lost } => return Err(SignInError::Other(spent(&self.session, lost))),
            }
        }
    }
}

/// The error of a device code that the service does not know: a code is good for one answer.
fn spent(session: &Session, lost: bool) -> Error {
    let error = Error::new(Kind::SignInNeeded, "the sign-in service does not know the code of this sign-in any more");
    let error = match lost {
        true => error.cause("an answer of it was lost on the way, and a code is good for one"),
        false => error,
    };
    error.hint(session.login_command())
}
