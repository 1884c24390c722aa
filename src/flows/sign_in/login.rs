//! Signing in: one at a time for each session, across all processes. Whoever waited shares the result, good or bad; after
//! a bad one, those that nobody asked for are held back for a while.

use std::time::Duration;

use crate::domain::session::{Flow, Session};
use crate::domain::settings::config::Backend;
use crate::domain::sign_in::back_off::BackOff;
use crate::domain::sign_in::device::{Answer, DeviceCode, DeviceFlow, Step};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::back_off::{back_off, back_off_path, remember};
use crate::flows::sign_in::base::{RENEW_WAIT, SessionHandle, SignInError, SignInScreen, busy};

/// How long a sign-in waits for another one of the same session: as long as a device code lives, and a little more.
const SIGN_IN_WAIT: Duration = Duration::from_secs(11 * 60);

impl SessionHandle<'_> {
    /// The stored tokens, for an owner who is about to sign in anew: an item that is sealed with another passphrase is as
    /// good as none, and stays until the new one replaces it.
    pub(super) fn readable(&self) -> Result<Option<SsoTokens>> {
        self.stored().or_else(|error| if self.keyring() == Backend::Passphrase { Ok(None) } else { Err(error) })
    }

    /// Signs in and stores the tokens, by the session's flow or the `wanted` one. When another process signed in while
    /// this one waited, its tokens are shared; when it failed, so is its failure. Renewals go on meanwhile.
    pub async fn sign_in(&self, screen: &dyn SignInScreen, wanted: Option<Flow>) -> Result<SsoTokens> {
        let (world, session) = (self.world, &self.session);
        let signed_in_at = |tokens: &Option<SsoTokens>| tokens.as_ref().map(|tokens| tokens.signed_in_at);
        let began = (signed_in_at(&self.readable()?), back_off(world, session));
        let name = format!("{}.sign-in", session.file_name());
        let lock = match wait_for(world, &name, Duration::ZERO).await? {
            Some(free) => Some(free),
            None => {
                screen.queueing();
                wait_for(world, &name, SIGN_IN_WAIT).await?
            }
        };
        let Some(_lock) = lock else { return Err(busy("signing in to", session)) };
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
        self.store.prepare()?;
        // What stays is of no use to anybody: it is found only with the tokens that go now.
        _ = self.cache.forget(&session.sources_scope());
        let tokens = match self.provider.authorize(self, screen, wanted, before.as_ref()).await {
            Ok(tokens) => tokens,
            Err(trouble) => {
                let (why, error) = match trouble {
                    SignInError::NotApproved { why, error } => (Some(why.to_owned()), error),
                    SignInError::Other(error) => {
                        (error.is_answer().then(|| format!("failed: {}", error.fact())), error)
                    }
                };
                if let Some(why) = why {
                    // What cannot be remembered costs a pause, not the reason.
                    _ = remember(world, session, &BackOff::after(earlier.as_ref(), world.clock.now(), &why));
                }
                return Err(error);
            }
        };
        // A renewal of the old tokens must not come after this. One that takes too long looks again before it writes.
        let _renewals = wait_for(world, &session.file_name(), RENEW_WAIT).await?;
        // A signal must not come between these two, and what is in the cache must not serve another person.
        let _signals = world.signals.hold();
        if !before.is_some_and(|before| before.are_of_same_person(&tokens)) {
            self.cache.forget(&session.scope())?;
        }
        self.put(&tokens)?;
        self.take(&tokens);
        world.files.remove(&back_off_path(world, session))?;
        Ok(tokens)
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
        let mut flow = DeviceFlow::new(clock.now(), code.interval, code.expires_in);
        loop {
            let answer = match poll().await? {
                Ok(granted) => return Ok(granted),
                Err(answer) => answer,
            };
            if answer == Answer::Lost {
                screen.retrying();
            }
            match flow.next(answer, clock.now()) {
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
