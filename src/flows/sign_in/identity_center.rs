//! IAM Identity Center: device flow or PKCE at the SSO OIDC service, accounts and roles at the access portal.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use crate::clients::aws::oidc::Oidc;
use crate::clients::aws::portal::Portal;
use crate::clients::callback::Callback;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::assignments::{Account, Page};
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::lifetime::{RENEW_AHEAD, fresh};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::domain::session;
use crate::domain::session::Flow;
use crate::domain::sign_in::device::DeviceCode;
use crate::domain::sign_in::pkce::{Arrival, Proof};
use crate::domain::sign_in::tokens::{Extra, Granted, Registration, SsoTokens};
use crate::domain::text::escape;
use crate::domain::url::StartUrl;
use crate::error::{Error, Kind, Result};
use crate::flows::sign_in::base::{SessionHandle, SignInProvider, Work, already_ended};
use crate::flows::sign_in::screen::{SignInError, SignInScreen};

/// How long the browser may take to come back.
const BROWSER_WAIT: Duration = Duration::from_secs(10 * 60);

/// A portal.
pub(in crate::flows::sign_in) struct IdentityCenter {
    at: session::IdentityCenter,
    /// The portals that were asked, by their place in `at.regions()`.
    portals: RefCell<Vec<Option<Rc<Portal>>>>,
    /// The place of the region that answers.
    turn: Cell<usize>,
    /// Whether a person is to be told where another region answers.
    speaks: bool,
}

impl SignInProvider for IdentityCenter {
    fn authorize<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        screen: &'a dyn SignInScreen,
        flow: Option<Flow>,
        before: Option<&'a SsoTokens>,
    ) -> Work<'a, Result<SsoTokens, SignInError>> {
        let old = before.and_then(SsoTokens::registration).cloned();
        Box::pin(async move {
            let start_url = handle.aws()?.portal(&self.at.start_url).await?.0;
            let way = Way { at: &self.at, handle, screen, start_url };
            let (granted, registration) = way.go(flow.unwrap_or_else(|| self.at.usual_flow()), old).await?;
            let shared = before.is_some_and(SsoTokens::shared);
            let extra = Extra::IdentityCenter { registration, shared };
            Ok(SsoTokens::new(&handle.session, granted, handle.world.clock.now(), extra))
        })
    }

    /// In the first region that answers. A token that may have been spent is not sent to another.
    fn redeem<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        tokens: &'a SsoTokens,
        refresh_token: &'a SecretString,
        now: Timestamp,
    ) -> Work<'a, Result<SsoTokens, Failure>> {
        Box::pin(async move {
            let ask = async |region: &Region| self.redeem_in(region, handle, tokens, refresh_token, now).await;
            let unspent = |failure: &Failure| failure.unsent || failure.kind == FailureKind::Server;
            self.in_turn(handle, ask, unspent).await
        })
    }

    /// The portal takes a live access token only, so a dead one is renewed for it.
    fn revoke<'a>(&'a self, handle: &'a SessionHandle<'_>, tokens: &'a SsoTokens) -> Work<'a, Result<(), Failure>> {
        Box::pin(async move {
            let now = handle.world.clock.now();
            let alive = fresh(tokens.expires_at, now, jiff::SignedDuration::ZERO);
            let token = match &tokens.refresh_token {
                _ if tokens.is_borrowed() => return Ok(()),
                _ if alive => tokens.access_token.clone(),
                Some(refresh_token) => {
                    // A refresh token is good for one use: until its successor is stored, every signal waits.
                    let _signals = handle.world.signals.hold_all();
                    match self.redeem(handle, tokens, refresh_token, now).await {
                        Ok(renewed) => {
                            handle.put_or_set_aside(&renewed);
                            handle.take(&renewed);
                            renewed.access_token
                        }
                        Err(failure) => return already_ended(failure),
                    }
                }
                None => return Ok(()),
            };
            let aws = handle.aws().map_err(|error| Failure::unasked("the SSO portal", error))?;
            Portal::patient(aws, &self.at.region).logout(&token).await.or_else(already_ended)
        })
    }

    fn check<'a>(&'a self, handle: &'a SessionHandle<'_>) -> Work<'a, Result<()>> {
        Box::pin(self.call(handle, async |portal, token| portal.check(token).await))
    }

    fn accounts<'a>(&'a self, handle: &'a SessionHandle<'_>, next: Option<String>) -> Work<'a, Result<Page<Account>>> {
        Box::pin(self.call(handle, async move |portal, token| portal.accounts(token, next.clone()).await))
    }

    fn roles<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        next: Option<String>,
    ) -> Work<'a, Result<Page<RoleName>>> {
        Box::pin(self.call(handle, async move |portal, token| portal.roles(token, account, next.clone()).await))
    }

    fn credentials<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        role: &'a RoleName,
    ) -> Work<'a, Result<RoleCredentials>> {
        Box::pin(async move {
            let found = self.call(handle, async |portal, token| portal.credentials(token, account, role).await).await;
            found.map_err(|error| match error.kind() {
                Kind::Denied | Kind::NotFound => {
                    crate::flows::sign_in::base::not_assigned(account, role).answer(&error).hint(
                        "eksso roles  # shows what you are assigned; a new assignment may need `eksso login --force`",
                    )
                }
                _ => error,
            })
        })
    }

    fn ended_by(&self) -> &'static str {
        "the portal ended it"
    }
}

impl IdentityCenter {
    pub fn new(at: session::IdentityCenter, speaks: bool) -> Self {
        let portals = RefCell::new(vec![None; at.regions().count()]);
        Self { at, portals, turn: Cell::new(0), speaks }
    }

    /// Asks one region after the other, from the one that answered last, while they are out of order or out of reach and
    /// `may_go_on`. What the first one failed with counts: another region may say no only because Identity Center does not
    /// run there, and that must not be taken for the end of the sign-in.
    async fn in_turn<T>(
        &self,
        handle: &SessionHandle<'_>,
        ask: impl AsyncFn(&Region) -> Result<T, Failure>,
        may_go_on: impl Fn(&Failure) -> bool,
    ) -> Result<T, Failure> {
        let mut first = None;
        for (place, region) in self.at.regions().enumerate().skip(self.turn.get()) {
            match ask(region).await {
                Ok(answer) => {
                    if let Some(failure) = first {
                        self.turn.set(place);
                        self.tell(handle, region, &failure);
                    }
                    return Ok(answer);
                }
                Err(failure) => {
                    let go_on = failure.is_outage() && may_go_on(&failure);
                    first.get_or_insert(failure);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        Err(first.unwrap_or_else(|| Failure::nonsense("the sign-in service", "it has no region")))
    }

    fn tell(&self, handle: &SessionHandle<'_>, region: &Region, failure: &Failure) {
        if self.speaks {
            let (name, first) = (&handle.session.name, &self.at.region);
            let words =
                format!("session `{name}`: {} in {first} does not answer ({failure}); using {region}", failure.service);
            handle.world.terminal.words(&format!("eksso: warning: {}\n", escape(&words)));
        }
    }

    /// As the client the token was given to; when the service has forgotten that client, once more as a new one.
    async fn redeem_in(
        &self,
        region: &Region,
        handle: &SessionHandle<'_>,
        tokens: &SsoTokens,
        refresh_token: &SecretString,
        now: Timestamp,
    ) -> Result<SsoTokens, Failure> {
        let aws = handle.aws().map_err(|error| Failure::unasked("the sign-in service", error))?;
        let oidc = Oidc::new(aws, region);
        let renewed = |granted, registration| {
            tokens.renewed(granted, Extra::IdentityCenter { registration, shared: tokens.shared() })
        };
        let known = tokens.registration().filter(|_| tokens.refreshable(now));
        if let Some(known) = known {
            match oidc.refresh(known, refresh_token, now).await {
                Ok(granted) => return Ok(renewed(granted, known.clone())),
                Err(failure) if failure.kind == FailureKind::Unauthorized => {}
                Err(failure) => return Err(failure),
            }
        }
        // A vanity address that cannot be resolved now is better than no attempt.
        let portal = aws.portal(&self.at.start_url).await.map(|(portal, _)| portal);
        let portal = portal.unwrap_or_else(|_| self.at.start_url.clone());
        let flow = tokens.registration().map(|client| client.flow).unwrap_or_default();
        let client = oidc.register(flow, &portal).await?;
        Ok(renewed(oidc.refresh(&client, refresh_token, now).await?, client))
    }

    /// The portal in a region.
    fn portal(&self, handle: &SessionHandle<'_>, region: &Region) -> Result<Rc<Portal>> {
        let aws = handle.aws()?;
        let place = self.at.regions().position(|known| known == region).unwrap_or_default();
        let mut portals = self.portals.borrow_mut();
        let made = || Rc::new(Portal::new(aws, region));
        Ok(portals.get_mut(place).map_or_else(made, |known| known.get_or_insert_with(made).clone()))
    }

    /// Calls the portal with a good access token, in turn with all other calls of this machine.
    async fn call<T>(
        &self,
        handle: &SessionHandle<'_>,
        ask: impl AsyncFn(&Portal, &SecretString) -> Result<T, Failure>,
    ) -> Result<T> {
        handle.aws()?;
        let in_region = async |region: &Region, token: &SecretString| {
            let portal = self.portal(handle, region).map_err(|error| Failure::unasked("the SSO portal", error))?;
            handle.rate_limiter.call(async || ask(&portal, token).await).await
        };
        let asked = async |tokens: &SsoTokens| {
            self.in_turn(handle, async |region: &Region| in_region(region, &tokens.access_token).await, |_| true).await
        };
        handle.call(asked).await
    }
}

/// One sign-in under way.
struct Way<'a> {
    at: &'a session::IdentityCenter,
    handle: &'a SessionHandle<'a>,
    screen: &'a dyn SignInScreen,
    /// The portal itself, behind an address of the organisation.
    start_url: StartUrl,
}

impl Way<'_> {
    async fn go(&self, flow: Flow, old: Option<Registration>) -> Result<(Granted, Registration), SignInError> {
        if flow == Flow::Device {
            return self.by_device(old).await;
        }
        match self.by_browser(old.clone()).await? {
            Ok(done) => Ok(done),
            Err(why) => {
                if self.at.device_flow {
                    self.screen.falling_back(&why);
                }
                self.by_device(old).await.map_err(|failed| match failed {
                    SignInError::Other(error) if !self.at.device_flow => SignInError::Other(error.cause(why)),
                    failed => failed,
                })
            }
        }
    }

    async fn by_device(&self, old: Option<Registration>) -> Result<(Granted, Registration), SignInError> {
        let (handle, session) = (self.handle, &self.handle.session);
        if !self.at.device_flow {
            let fact = format!("session `{}` does not allow the device flow (`forbid_device_flow`)", session.name);
            let hint = "sign in where a browser can be opened on the same machine: eksso login --flow pkce";
            return Err(Error::new(Kind::Denied, fact).hint(hint).into());
        }
        let oidc = Oidc::new(handle.aws()?, &self.at.region);
        let (client, code) = self.begin(&oidc, old).await?;
        let clock = &handle.world.clock;
        let poll = async || oidc.poll(&client, &code.device_code, clock.now()).await.map_err(Error::from);
        let granted = handle.approved(self.screen, &code, Some(self.check_region()), poll).await?;
        Ok((granted, client))
    }

    /// Registers (or reuses a registration) and starts the authorization; a client the service forgot is registered anew.
    async fn begin(&self, oidc: &Oidc, old: Option<Registration>) -> Result<(Registration, DeviceCode)> {
        if let Some(client) = self.reusable(old, Flow::Device) {
            match oidc.start(&client, &self.start_url).await {
                Ok(code) => return Ok((client, code)),
                Err(failure) if failure.kind == FailureKind::Unauthorized => {}
                Err(failure) => return Err(self.not_started(failure)),
            }
        }
        let client = oidc.register(Flow::Device, &self.start_url).await.map_err(|failure| self.not_started(failure))?;
        let code = oidc.start(&client, &self.start_url).await.map_err(|failure| self.not_started(failure))?;
        Ok((client, code))
    }

    /// A registration of the same flow that is not near its end.
    fn reusable(&self, old: Option<Registration>, flow: Flow) -> Option<Registration> {
        let now = self.handle.world.clock.now();
        old.filter(|client| client.flow == flow && fresh(client.expires_at, now, RENEW_AHEAD))
    }

    /// Authorization code with PKCE. `Ok(Err(why))` where no browser of this machine can come back.
    async fn by_browser(
        &self,
        mut old: Option<Registration>,
    ) -> Result<Result<(Granted, Registration), String>, SignInError> {
        let (handle, session) = (self.handle, &self.handle.session);
        if let Some(why) = self.screen.obstacle() {
            return Ok(Err(why));
        }
        let oidc = Oidc::new(handle.aws()?, &self.at.region);
        loop {
            let callback = match Callback::bind().await {
                Ok(callback) => callback,
                Err(error) => return Ok(Err(format!("no port can be opened on 127.0.0.1: {error}"))),
            };
            let known = self.reusable(old.take(), Flow::Pkce);
            let reused = known.is_some();
            let client = match known {
                Some(client) => client,
                None => {
                    let new = oidc.register(Flow::Pkce, &self.start_url).await;
                    new.map_err(|failure| self.not_started(failure))?
                }
            };
            let proof = Proof::new(&random()?);
            let back = callback.redirect_uri();
            let page = oidc.authorize_url(&client, &back, &proof).await.map_err(Error::from)?;
            if !self.screen.show_page(&page) {
                return Ok(Err("no browser could be opened".to_owned()));
            }
            let code = match callback.wait(&proof.state, BROWSER_WAIT).await {
                Some(Arrival::Code(code)) => code,
                Some(Arrival::Refused(words)) => return Err(SignInError::denied(session, Some(words))),
                None => return Err(SignInError::timed_out(session, Some(self.check_region()))),
            };
            let now = handle.world.clock.now();
            match handle.redeeming(oidc.redeem_code(&client, &code, &back, &proof.verifier, now)).await {
                Ok(granted) => return Ok(Ok((granted, client))),
                // The service forgot an old client: once more, as a new one.
                Err(failure) if failure.kind == FailureKind::Unauthorized && reused => {}
                Err(failure) if failure.is(&["AccessDeniedException", "access_denied"]) => {
                    return Err(SignInError::denied(session, Some(failure.to_string())));
                }
                Err(failure) => return Err(Error::from(failure).hint(session.login_command()).into()),
            }
        }
    }

    fn check_region(&self) -> String {
        format!(
            "if the browser showed an error, check the SSO region: `{}` must be the region of the Identity Center instance",
            self.at.region
        )
    }

    fn not_started(&self, failure: Failure) -> Error {
        if failure.kind == FailureKind::Refused {
            let (url, region) = (&self.at.start_url, &self.at.region);
            return Error::new(Kind::Failed, format!("`{url}` is not accepted as a start URL in {region}"))
                .answer(&failure)
                .hint("compare both with the portal's page in the AWS console (IAM Identity Center, Settings)");
        }
        failure.into()
    }
}

fn random() -> Result<[u8; 64]> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    Ok(bytes)
}
