//! The life of a session: sign in once, renew while the portal lets us, sign out; one process at a time.

use std::cell::RefCell;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Mutex;

use super::lock::wait_for;
use crate::clients::aws::oidc::{DeviceCode, Granted, Oidc};
use crate::clients::aws::portal::Portal;
use crate::clients::aws::{Aws, Failure, FailureKind};
use crate::domain::config::Backend;
use crate::domain::device::{Answer, DeviceFlow, Step};
use crate::domain::secret::SecretString;
use crate::domain::session::{RENEW_AHEAD, Registration, Session, SsoTokens, fresh};
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::ports::{Keyring, SecretStore, World};

/// How long a call waits for another process that renews the same session.
const RENEW_WAIT: Duration = Duration::from_secs(30);
/// How long a sign-in waits for another one of the same session: a person is busy there.
const SIGN_IN_WAIT: Duration = Duration::from_secs(60);

/// What the token service says of a refresh token whose portal session is over.
const SESSION_ENDED: [&str; 2] = ["InvalidGrantException", "invalid_grant"];

/// A session with its tokens' place, ready to be used.
pub struct Access<'w> {
    world: &'w World,
    /// The session.
    pub session: Session,
    /// The AWS clients.
    pub aws: Aws,
    store: Box<dyn SecretStore + 'w>,
    token: RefCell<Option<SecretString>>,
    /// One renewal at a time in this process; between processes a file lock does the same.
    renewing: Mutex<()>,
}

impl<'w> Access<'w> {
    /// Opens the keyring that holds the session's tokens; asks nobody anything.
    pub fn new(world: &'w World, session: Session, aws: Aws, store: Box<dyn SecretStore + 'w>) -> Self {
        Self { world, session, aws, store, token: RefCell::new(None), renewing: Mutex::new(()) }
    }

    /// The keyring in use.
    pub fn keyring(&self) -> Backend {
        self.store.backend()
    }

    /// The stored tokens of this session.
    pub fn stored(&self) -> Result<Option<SsoTokens>> {
        stored(self.store.as_ref(), &self.session)
    }

    fn nobody(&self) -> Error {
        let keyring = self.store.backend().name();
        sign_in_needed(&self.session, &format!("nobody is signed in, as far as the `{keyring}` keyring knows"))
    }

    /// Calls the portal with a good access token. One that the portal refuses is renewed once.
    pub async fn call<T>(&self, ask: impl AsyncFn(Portal, SecretString) -> Result<T, Failure>) -> Result<T> {
        let token = self.token().await?;
        let portal = || Portal::new(&self.aws, &self.session.region);
        match ask(portal(), token.clone()).await {
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                let renewed = self.renew(Some(&token)).await?;
                ask(portal(), renewed).await.map_err(|failure| match failure.kind {
                    FailureKind::Unauthorized => sign_in_needed(&self.session, "the portal ended it").cause(&failure),
                    _ => failure.into(),
                })
            }
            answer => answer.map_err(Error::from),
        }
    }

    async fn token(&self) -> Result<SecretString> {
        let known = self.token.borrow().clone();
        match known {
            Some(token) => Ok(token),
            None => self.renew(None).await,
        }
    }

    /// A good access token: the stored one, or a renewed one when that is near its end or is the `refused` one.
    async fn renew(&self, refused: Option<&SecretString>) -> Result<SecretString> {
        let good = |tokens: &SsoTokens| {
            fresh(tokens.expires_at, self.world.clock.now(), RENEW_AHEAD) && Some(&tokens.access_token) != refused
        };
        let tokens = self.stored()?.ok_or_else(|| self.nobody())?;
        let tokens = if good(&tokens) { tokens } else { self.refresh(&good, refused).await? };
        self.token.replace(Some(tokens.access_token.clone()));
        Ok(tokens.access_token)
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
        let Some(_lock) = wait_for(self.world, &lock_name(&self.session), wait).await? else {
            return if alive(&before) { Ok(before) } else { Err(busy("renewing", &self.session)) };
        };
        let tokens = look()?;
        if good(&tokens) {
            return Ok(tokens);
        }
        let now = self.world.clock.now();
        let alive = alive(&tokens);
        let ended = || sign_in_needed(&self.session, "the sign-in has ended");
        let refresh_token = match &tokens.refresh_token {
            Some(token) if tokens.refreshable(now) => token,
            _ if alive => return Ok(tokens),
            _ => return Err(ended()),
        };
        let oidc = Oidc::new(&self.aws, &self.session.region);
        match oidc.refresh(&tokens.registration, refresh_token, now).await {
            Ok(granted) => {
                let kept = granted.refresh_token.is_none().then(|| refresh_token.clone());
                let renewed = keep(&self.session, granted, kept, tokens.registration.clone());
                self.store.set(&item(&self.session), &renewed.to_item())?;
                Ok(renewed)
            }
            // A renewal that fails early hurts nobody: the old token is still good.
            Err(_) if alive => Ok(tokens),
            Err(failure) if failure.kind == FailureKind::Refused || failure.kind == FailureKind::Unauthorized => {
                if failure.is(&SESSION_ENDED) {
                    // So that `status` does not go on to call this a sign-in.
                    self.store.delete(&item(&self.session))?;
                }
                Err(ended().cause(&failure))
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

/// The stored tokens of a session.
pub fn stored(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(store.get(&item(session))?.and_then(|item| SsoTokens::from_item(&item, session)))
}

/// What a sign-in shows to the person; everything else about it is decided here.
pub trait SignInScreen {
    /// Shows where to go and which code to compare.
    fn show(&self, code: &DeviceCode);
    /// Tells that another process is signing in to the same session.
    fn queueing(&self);
    /// Tells that nothing is lost although the service did not answer.
    fn retrying(&self);
}

impl Access<'_> {
    /// Signs in with the device flow and stores the tokens. One sign-in of a session runs at a time; when another process
    /// signed in meanwhile, its tokens are shared. Renewals go on while a person is busy with this.
    pub async fn sign_in(&self, screen: &dyn SignInScreen) -> Result<SsoTokens> {
        let (world, session, aws) = (self.world, &self.session, &self.aws);
        let began = self.readable()?;
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
        if let Some(tokens) = before.as_ref().filter(|_| before != began) {
            return Ok(tokens.clone());
        }
        let oidc = Oidc::new(aws, &session.region);
        let (client, code) = begin(world, session, &oidc, before).await?;
        screen.show(&code);
        let mut flow = DeviceFlow::new(world.clock.now(), code.interval, code.expires_in);
        let granted = loop {
            let answer = match oidc.poll(&client, &code.device_code, world.clock.now()).await? {
                Ok(granted) => break granted,
                Err(answer) => answer,
            };
            if answer == Answer::Lost {
                screen.retrying();
            }
            match flow.next(answer, world.clock.now()) {
                Step::Wait(time) => world.clock.sleep(time).await,
                Step::Denied => {
                    return Err(Error::new(Kind::Denied, "the sign-in was denied in the browser").hint(login(session)));
                }
                Step::Expired => {
                    return Err(Error::new(Kind::SignInNeeded, "nobody approved the sign-in in time")
                        .hint(format!(
                            "if the browser showed an error, check the SSO region: `{}` must be the region of the \
                         Identity Center instance",
                            session.region
                        ))
                        .hint(login(session)));
                }
            }
        };
        let tokens = keep(session, granted, None, client);
        // A renewal of the old tokens must not come after this.
        let _lock = wait_for(world, &lock_name(session), RENEW_WAIT).await?;
        self.store.set(&item(session), &tokens.to_item())?;
        Ok(tokens)
    }

    /// The stored tokens; an item that is damaged, or sealed with a forgotten passphrase, is removed, since its owner is
    /// about to sign in anew. A keyring that is locked refuses the removal too, and that is the error.
    fn readable(&self) -> Result<Option<SsoTokens>> {
        self.stored().or_else(|_| self.store.delete(&item(&self.session)).map(|_| None))
    }

    /// The other keyrings that hold tokens of this session, of those that can be looked into without asking anybody.
    pub fn elsewhere(&self) -> Vec<Backend> {
        let others = Backend::NAMES.iter().map(|(_, backend)| *backend);
        let others = others.filter(|backend| ![Backend::Auto, self.store.backend()].contains(backend));
        others
            .filter(|backend| {
                let store = self.world.keyrings.open(Keyring { backend: *backend, ask: false });
                store.is_ok_and(|store| store.has(&item(&self.session)).unwrap_or(false))
            })
            .collect()
    }

    /// Ends the session: here in any case, at the portal as far as it answers.
    pub async fn sign_out(&self) -> Result<Ended> {
        let session = &self.session;
        let Some(lock) = wait_for(self.world, &lock_name(session), RENEW_WAIT).await? else {
            return Err(busy("renewing", session));
        };
        let tokens = self.stored();
        let signed_in = self.store.delete(&item(session))?;
        drop(lock);
        let revoked = match tokens {
            Ok(Some(tokens)) => self.revoke(&tokens).await.map_err(|failure| failure.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        Ok(Ended { signed_in, revoked })
    }

    /// Tells the portal. It takes a live access token only, so a dead one is renewed for it.
    async fn revoke(&self, tokens: &SsoTokens) -> Result<(), Failure> {
        let now = self.world.clock.now();
        let alive = fresh(tokens.expires_at, now, SignedDuration::ZERO);
        let token = match &tokens.refresh_token {
            _ if alive => tokens.access_token.clone(),
            Some(refresh_token) if tokens.refreshable(now) => {
                let oidc = Oidc::new(&self.aws, &self.session.region);
                match oidc.refresh(&tokens.registration, refresh_token, now).await {
                    Ok(granted) => granted.access_token,
                    Err(failure) => return already_ended(failure),
                }
            }
            _ => return Ok(()),
        };
        Portal::new(&self.aws, &self.session.region).logout(&token).await.or_else(already_ended)
    }
}

/// What the portal no longer knows is as revoked as can be.
fn already_ended(failure: Failure) -> Result<(), Failure> {
    match failure.kind {
        FailureKind::Unauthorized => Ok(()),
        FailureKind::Refused if failure.is(&SESSION_ENDED) => Ok(()),
        _ => Err(failure),
    }
}

/// Registers (or reuses a registration) and starts the authorization; a client the service forgot is registered anew.
async fn begin(
    world: &World,
    session: &Session,
    oidc: &Oidc,
    before: Option<SsoTokens>,
) -> Result<(Registration, DeviceCode)> {
    let now = world.clock.now();
    let known = before.map(|tokens| tokens.registration).filter(|client| fresh(client.expires_at, now, RENEW_AHEAD));
    if let Some(client) = known {
        match oidc.start(&client, &session.start_url).await {
            Ok(code) => return Ok((client, code)),
            Err(failure) if failure.kind == FailureKind::Unauthorized => {}
            Err(failure) => return Err(not_started(session, failure)),
        }
    }
    let client = oidc.register().await.map_err(|failure| not_started(session, failure))?;
    let code = oidc.start(&client, &session.start_url).await.map_err(|failure| not_started(session, failure))?;
    Ok((client, code))
}

fn not_started(session: &Session, failure: Failure) -> Error {
    if failure.kind == FailureKind::Refused {
        let fact = format!("`{}` is not accepted as a start URL in {}", session.start_url, session.region);
        return Error::new(Kind::Failed, fact)
            .cause(&failure)
            .hint("compare both with the portal's page in the AWS console (IAM Identity Center, Settings)");
    }
    failure.into()
}

/// How a sign-out went.
#[derive(Debug)]
pub struct Ended {
    /// Whether tokens were stored.
    pub signed_in: bool,
    /// Whether the portal took it, else why not.
    pub revoked: Result<(), String>,
}

/// The error that sends a person to `eksso login`.
pub fn sign_in_needed(session: &Session, why: &str) -> Error {
    Error::new(Kind::SignInNeeded, format!("sign-in needed for session `{}`: {why}", session.name)).hint(login(session))
}

fn login(session: &Session) -> String {
    format!("eksso login {}", shell_word(session.name.as_str()))
}

fn keep(
    session: &Session,
    granted: Granted,
    old_refresh_token: Option<SecretString>,
    client: Registration,
) -> SsoTokens {
    let refresh_token = granted.refresh_token.or(old_refresh_token);
    SsoTokens::new(session, granted.access_token, granted.expires_at, refresh_token, client)
}

fn item(session: &Session) -> String {
    format!("session/{}", session.name)
}

fn lock_name(session: &Session) -> String {
    session.name.as_str().bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn busy(doing: &str, session: &Session) -> Error {
    Error::new(Kind::LocalState, format!("another eksso has been busy {doing} session `{}` for a while", session.name))
        .hint("finish or stop the other `eksso`, then try again")
}
