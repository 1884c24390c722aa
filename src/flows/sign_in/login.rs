//! Signing in: one at a time for each session, across all processes. Whoever waited shares the result, good or bad; after
//! a bad one, those that nobody asked for are held back for a while.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::assignments::App;
use crate::domain::session::{Flow, Session};
use crate::domain::sign_in::back_off::Setback;
use crate::domain::sign_in::device::{Answer, DeviceCode, DeviceFlow, Step};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::credentials::{scope, sources};
use crate::flows::locks::wait_for;
use crate::flows::sign_in::handle::{Access, RENEW_WAIT, busy, lock_name, login};
use crate::ports::World;

/// How long a sign-in waits for another one of the same session: as long as a device code lives, and a little more.
const SIGN_IN_WAIT: Duration = Duration::from_secs(11 * 60);
const MAX_SETBACK: u64 = 1 << 12;

/// What a sign-in shows to the person, and what it must know of them; everything else about it is decided here.
pub trait SignInScreen {
    /// Whether a person asked for this and watches.
    fn attended(&self) -> bool;
    /// Why no browser of this machine can be used; `None` where one can.
    fn obstacle(&self) -> Option<String>;
    /// Device flow: shows where to go and which code to compare.
    fn show_code(&self, code: &DeviceCode);
    /// PKCE: shows and opens the page. Answers whether a browser may now be waited for.
    fn show_page(&self, url: &str) -> bool;
    /// Tells that another process is signing in to the same session.
    fn queueing(&self);
    /// Tells that nothing is lost although the service did not answer.
    fn retrying(&self);
    /// Tells why the device flow is used in place of the browser.
    fn falling_back(&self, why: &str);
    /// Lets the person choose among the AWS apps they have: the place of one. Where nobody can be asked, an error.
    fn choose_app(&self, apps: &[App]) -> Result<usize>;
    /// Tells something that is of no harm.
    fn note(&self, words: &str);
}

/// How a sign-in that came to an end without tokens is remembered and told.
pub(in crate::flows) struct Fell {
    why: &'static str,
    error: Error,
}

/// Either a sign-in fell through in the browser, or something else went wrong.
pub(in crate::flows) enum Trouble {
    Fell(Fell),
    Other(Error),
}

impl Trouble {
    /// The person said no, in the service's words.
    pub fn denied(session: &Session, words: Option<String>) -> Self {
        let error = Error::new(Kind::Denied, "the sign-in was denied in the browser");
        let error = words.into_iter().fold(error, Error::cause).hint(login(session));
        Self::Fell(Fell { why: "was denied in the browser", error })
    }

    /// Nobody did anything in time, or nothing that counts, as the advice says.
    pub fn timed_out(session: &Session, advice: Option<String>) -> Self {
        let error = Error::new(Kind::SignInNeeded, "nobody approved the sign-in in time");
        let error = advice.into_iter().fold(error, Error::hint).hint(login(session));
        Self::Fell(Fell { why: "was not approved in time", error })
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Access<'_> {
    /// Signs in and stores the tokens, by the session's flow or the `wanted` one. When another process signed in while
    /// this one waited, its tokens are shared; when it failed, so is its failure. Renewals go on meanwhile.
    pub async fn sign_in(&self, screen: &dyn SignInScreen, wanted: Option<Flow>) -> Result<SsoTokens> {
        let (world, session) = (self.world, &self.session);
        let signed_in_at = |tokens: &Option<SsoTokens>| tokens.as_ref().map(|tokens| tokens.signed_in_at);
        let began = (signed_in_at(&self.readable()?), setback(world, session));
        let name = format!("{}.sign-in", lock_name(session));
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
        let earlier = setback(world, session);
        if let Some(shared) = earlier.as_ref().filter(|_| earlier != began.1) {
            return Err(Error::new(Kind::SignInNeeded, format!("the sign-in that this one waited for {}", shared.why))
                .hint(login(session)));
        }
        if let Some(pause) = earlier.as_ref().and_then(|setback| setback.pause(world.clock.now()))
            && !screen.attended()
        {
            let why = earlier.as_ref().map(|setback| setback.why.as_str()).unwrap_or_default();
            return Err(Error::new(
                Kind::SignInNeeded,
                format!("the last sign-in to session `{}` {why}", session.name),
            )
            .cause(format!("without a terminal, the next one may begin in {} s", pause.as_secs() + 1))
            .hint(format!("in a terminal, at once: {}", login(session))));
        }
        // What the person does in the browser must not be for nothing.
        self.store.prepare()?;
        // What stays is of no use to anybody: it is found only with the tokens that go now.
        _ = self.cache.forget(&sources(session));
        let tokens = match self.provider.authorize(self, screen, wanted, before.as_ref()).await {
            Ok(tokens) => tokens,
            Err(trouble) => {
                let (why, error) = match trouble {
                    Trouble::Fell(Fell { why, error }) => (Some(why.to_owned()), error),
                    Trouble::Other(error) => (error.is_answer().then(|| format!("failed: {}", error.fact())), error),
                };
                if let Some(why) = why {
                    // What cannot be remembered costs a pause, not the reason.
                    _ = remember(world, session, &Setback::after(earlier.as_ref(), world.clock.now(), &why));
                }
                return Err(error);
            }
        };
        // A renewal of the old tokens must not come after this. One that takes too long looks again before it writes.
        let _renewals = wait_for(world, &lock_name(session), RENEW_WAIT).await?;
        // A signal must not come between these two, and what is in the cache must not serve another person.
        let _signals = world.signals.hold();
        if !before.is_some_and(|before| before.are_of_same_person(&tokens)) {
            self.cache.forget(&scope(session))?;
        }
        self.put(&tokens)?;
        self.take(&tokens);
        world.files.remove(&setback_path(world, session))?;
        Ok(tokens)
    }

    /// Shows a device code and polls until it was approved, as the protocol says when. `advice` is for those who did approve,
    /// and saw an error.
    pub(in crate::flows) async fn approved<T>(
        &self,
        screen: &dyn SignInScreen,
        code: &DeviceCode,
        advice: Option<String>,
        poll: impl AsyncFn() -> Result<Result<T, Answer>>,
    ) -> Result<T, Trouble> {
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
                Step::Denied => return Err(Trouble::denied(&self.session, None)),
                Step::Expired => return Err(Trouble::timed_out(&self.session, advice)),
            }
        }
    }
}

fn setback_path(world: &World, session: &Session) -> PathBuf {
    world.folders.state.join("sign-ins").join(format!("{}.json", lock_name(session)))
}

/// The last sign-in of a session, if it did not succeed; a damaged record is none.
pub fn setback(world: &World, session: &Session) -> Option<Setback> {
    let bytes = world.files.read(&setback_path(world, session), MAX_SETBACK).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn remember(world: &World, session: &Session, setback: &Setback) -> Result<()> {
    let json = serde_json::to_vec(setback)
        .map_err(|error| Error::new(Kind::Failed, "the failed sign-in cannot be noted").cause(error))?;
    world.files.write_private(&setback_path(world, session), &json)
}
