//! Signing in: one at a time for each session, across all processes. Whoever waited shares the result, good or bad; after
//! a bad one, those that nobody asked for are held back for a while.

use std::path::PathBuf;
use std::time::Duration;

use super::lock::wait_for;
use super::session::{Access, RENEW_WAIT, busy, lock_name, login};
use crate::clients::aws::FailureKind;
use crate::clients::aws::oidc::{DeviceCode, Granted, Oidc};
use crate::clients::callback::Callback;
use crate::domain::device::{Answer, DeviceFlow, Step};
use crate::domain::pkce::{Arrival, Proof};
use crate::domain::session::{Flow, RENEW_AHEAD, Registration, Session, SsoTokens, fresh};
use crate::domain::setback::Setback;
use crate::domain::url::StartUrl;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// How long a sign-in waits for another one of the same session: as long as a device code lives, and a little more.
const SIGN_IN_WAIT: Duration = Duration::from_secs(11 * 60);
/// How long the browser may take to come back.
const BROWSER_WAIT: Duration = Duration::from_secs(10 * 60);
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
}

/// How a sign-in that came to an end without tokens is remembered and told.
struct Fell {
    why: &'static str,
    error: Error,
}

/// Either a sign-in fell through in the browser, or something else went wrong.
enum Trouble {
    Fell(Fell),
    Other(Error),
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
        let shared = before.as_ref().is_some_and(|tokens| tokens.shared);
        let old_client = before.map(|tokens| tokens.registration);
        let mut tokens = match self.authorize(screen, wanted.unwrap_or(session.flow), old_client).await {
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
        tokens.shared = shared;
        // A renewal of the old tokens must not come after this. One that takes too long looks again before it writes.
        let _renewals = wait_for(world, &lock_name(session), RENEW_WAIT).await?;
        self.put(&tokens)?;
        world.files.remove(&setback_path(world, session))?;
        Ok(tokens)
    }

    async fn authorize(
        &self,
        screen: &dyn SignInScreen,
        flow: Flow,
        old: Option<Registration>,
    ) -> Result<SsoTokens, Trouble> {
        let start_url = self.aws()?.portal(&self.session.start_url).await?.0;
        let (granted, client) = match flow {
            Flow::Device => self.by_device(screen, &start_url, old).await?,
            Flow::Pkce => match self.by_browser(screen, &start_url, old.clone()).await? {
                Ok(done) => done,
                Err(why) => {
                    if self.session.device_flow {
                        screen.falling_back(&why);
                    }
                    self.by_device(screen, &start_url, old).await.map_err(|trouble| match trouble {
                        Trouble::Other(error) if !self.session.device_flow => Trouble::Other(error.cause(why)),
                        trouble => trouble,
                    })?
                }
            },
        };
        let Granted { access_token, expires_at, refresh_token } = granted;
        let now = self.world.clock.now();
        Ok(SsoTokens::new(&self.session, access_token, expires_at, refresh_token, client, now))
    }

    async fn by_device(
        &self,
        screen: &dyn SignInScreen,
        start_url: &StartUrl,
        old: Option<Registration>,
    ) -> Result<(Granted, Registration), Trouble> {
        let (world, session) = (self.world, &self.session);
        if !session.device_flow {
            let fact = format!("session `{}` does not allow the device flow (`forbid_device_flow`)", session.name);
            let hint = "sign in where a browser can be opened on the same machine: eksso login --flow pkce";
            return Err(Error::new(Kind::Denied, fact).hint(hint).into());
        }
        let oidc = Oidc::new(self.aws()?, &session.region);
        let (client, code) = self.begin(&oidc, start_url, old).await?;
        screen.show_code(&code);
        let mut flow = DeviceFlow::new(world.clock.now(), code.interval, code.expires_in);
        loop {
            let answer = match oidc.poll(&client, &code.device_code, world.clock.now()).await.map_err(Error::from)? {
                Ok(granted) => return Ok((granted, client)),
                Err(answer) => answer,
            };
            if answer == Answer::Lost {
                screen.retrying();
            }
            match flow.next(answer, world.clock.now()) {
                Step::Wait(time) => world.clock.sleep(time).await,
                Step::Denied => return Err(self.denied(None)),
                Step::Expired => return Err(self.expired()),
            }
        }
    }

    /// Registers (or reuses a registration) and starts the authorization; a client the service forgot is registered anew.
    async fn begin(
        &self,
        oidc: &Oidc,
        start_url: &StartUrl,
        old: Option<Registration>,
    ) -> Result<(Registration, DeviceCode)> {
        let session = &self.session;
        if let Some(client) = self.reusable(old, Flow::Device) {
            match oidc.start(&client, start_url).await {
                Ok(code) => return Ok((client, code)),
                Err(failure) if failure.kind == FailureKind::Unauthorized => {}
                Err(failure) => return Err(not_started(session, failure)),
            }
        }
        let client = oidc.register(Flow::Device, start_url).await.map_err(|failure| not_started(session, failure))?;
        let code = oidc.start(&client, start_url).await.map_err(|failure| not_started(session, failure))?;
        Ok((client, code))
    }

    /// A registration of the same flow that is not near its end.
    fn reusable(&self, old: Option<Registration>, flow: Flow) -> Option<Registration> {
        let now = self.world.clock.now();
        old.filter(|client| client.flow == flow && fresh(client.expires_at, now, RENEW_AHEAD))
    }

    /// Authorization code with PKCE. `Ok(Err(why))` where no browser of this machine can come back.
    async fn by_browser(
        &self,
        screen: &dyn SignInScreen,
        start_url: &StartUrl,
        mut old: Option<Registration>,
    ) -> Result<Result<(Granted, Registration), String>, Trouble> {
        let session = &self.session;
        if let Some(why) = screen.obstacle() {
            return Ok(Err(why));
        }
        let oidc = Oidc::new(self.aws()?, &session.region);
        loop {
            let callback = match Callback::bind().await {
                Ok(callback) => callback,
                Err(error) => return Ok(Err(format!("no port can be opened on 127.0.0.1: {error}"))),
            };
            let known = self.reusable(old.take(), Flow::Pkce);
            let reused = known.is_some();
            let client = match known {
                Some(client) => client,
                None => oidc.register(Flow::Pkce, start_url).await.map_err(|failure| not_started(session, failure))?,
            };
            let proof = Proof::new(&random()?);
            let back = callback.redirect_uri();
            let page = oidc.authorize_url(&client, &back, &proof).await.map_err(Error::from)?;
            if !screen.show_page(&page) {
                return Ok(Err("no browser could be opened".to_owned()));
            }
            let code = match callback.wait(&proof.state, BROWSER_WAIT).await {
                Some(Arrival::Code(code)) => code,
                Some(Arrival::Refused(words)) => return Err(self.denied(Some(words))),
                None => return Err(self.expired()),
            };
            let now = self.world.clock.now();
            match oidc.redeem_code(&client, &code, &back, &proof.verifier, now).await {
                Ok(granted) => return Ok(Ok((granted, client))),
                // The service forgot an old client: once more, as a new one.
                Err(failure) if failure.kind == FailureKind::Unauthorized && reused => {}
                Err(failure) if failure.is(&["AccessDeniedException", "access_denied"]) => {
                    return Err(self.denied(Some(failure.to_string())));
                }
                Err(failure) => return Err(Error::from(failure).hint(login(session)).into()),
            }
        }
    }

    fn denied(&self, words: Option<String>) -> Trouble {
        let error = Error::new(Kind::Denied, "the sign-in was denied in the browser");
        let error = words.into_iter().fold(error, Error::cause).hint(login(&self.session));
        Trouble::Fell(Fell { why: "was denied in the browser", error })
    }

    fn expired(&self) -> Trouble {
        let region = &self.session.region;
        let hint = format!(
            "if the browser showed an error, check the SSO region: `{region}` must be the region of the Identity Center \
             instance"
        );
        let error = Error::new(Kind::SignInNeeded, "nobody approved the sign-in in time");
        Trouble::Fell(Fell { why: "was not approved in time", error: error.hint(hint).hint(login(&self.session)) })
    }
}

fn not_started(session: &Session, failure: crate::clients::aws::Failure) -> Error {
    if failure.kind == FailureKind::Refused {
        let fact = format!("`{}` is not accepted as a start URL in {}", session.start_url, session.region);
        return Error::new(Kind::Failed, fact)
            .cause(&failure)
            .hint("compare both with the portal's page in the AWS console (IAM Identity Center, Settings)");
    }
    failure.into()
}

fn random() -> Result<[u8; 64]> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    Ok(bytes)
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
