//! The life of a session: sign in once, renew while the portal lets us, sign out; one process at a time.

use std::cell::RefCell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clients::aws::oidc::{DeviceCode, Granted, Oidc};
use crate::clients::aws::portal::Portal;
use crate::clients::aws::{Aws, Failure, FailureKind};
use crate::domain::device::{Answer, DeviceFlow, Step};
use crate::domain::secret::SecretString;
use crate::domain::session::{RENEW_AHEAD, Registration, Session, SsoTokens, fresh};
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::ports::{Guard, SecretStore, World};

/// How long a call waits for another process that renews the same session.
const RENEW_WAIT: Duration = Duration::from_secs(30);
/// How long a sign-in waits for another one of the same session: a person is busy there.
const SIGN_IN_WAIT: Duration = Duration::from_secs(5);

/// A session with its tokens' place, ready to be used.
pub struct Access<'w> {
    world: &'w World,
    /// The session.
    pub session: Session,
    /// The AWS clients.
    pub aws: Aws,
    store: Box<dyn SecretStore + 'w>,
    token: RefCell<Option<SecretString>>,
}

impl<'w> Access<'w> {
    /// Opens the keyring that holds the session's tokens; asks nobody anything.
    pub fn new(world: &'w World, session: Session, aws: Aws, store: Box<dyn SecretStore + 'w>) -> Self {
        Self { world, session, aws, store, token: RefCell::new(None) }
    }

    /// The stored tokens of this session.
    pub fn stored(&self) -> Result<Option<SsoTokens>> {
        stored(self.store.as_ref(), &self.session)
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
        let tokens = self.stored()?.ok_or_else(|| sign_in_needed(&self.session, "nobody is signed in"))?;
        let tokens = if good(&tokens) { tokens } else { self.refresh(&good, refused).await? };
        self.token.replace(Some(tokens.access_token.clone()));
        Ok(tokens.access_token)
    }

    /// Renews under the session's lock, after a second look: another process may just have done it.
    async fn refresh(&self, good: &dyn Fn(&SsoTokens) -> bool, refused: Option<&SecretString>) -> Result<SsoTokens> {
        let _lock = lock(self.world, &self.session, RENEW_WAIT)?;
        let tokens = self.stored()?.ok_or_else(|| sign_in_needed(&self.session, "nobody is signed in"))?;
        if good(&tokens) {
            return Ok(tokens);
        }
        let now = self.world.clock.now();
        let alive =
            Some(&tokens.access_token) != refused && fresh(tokens.expires_at, now, SignedDuration::from_secs(30));
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
    /// Tells that nothing is lost although the service did not answer.
    fn retrying(&self);
}

/// Signs in with the device flow and stores the tokens. When another process signed in meanwhile, its tokens are shared.
pub async fn sign_in(
    world: &World,
    session: &Session,
    aws: &Aws,
    store: &dyn SecretStore,
    screen: &dyn SignInScreen,
) -> Result<SsoTokens> {
    let began = stored(store, session)?;
    let _lock = lock(world, session, SIGN_IN_WAIT)?;
    let before = stored(store, session)?;
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
    store.set(&item(session), &tokens.to_item())?;
    Ok(tokens)
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

/// Ends a session: at the portal as far as it answers, here in any case. Answers whether there was anything to end.
pub async fn sign_out(session: &Session, aws: &Aws, store: &dyn SecretStore, now: Timestamp) -> Result<Ended> {
    let Some(tokens) = stored(store, session)? else {
        return Ok(Ended { signed_in: store.delete(&item(session))?, revoked: Ok(()) });
    };
    let alive = fresh(tokens.expires_at, now, SignedDuration::ZERO);
    let revoked = match alive {
        true => Portal::new(aws, &session.region).logout(&tokens.access_token).await,
        false => Ok(()),
    };
    store.delete(&item(session))?;
    // A token the portal does not know is as revoked as can be.
    let revoked =
        revoked.or_else(|failure| if failure.kind == FailureKind::Unauthorized { Ok(()) } else { Err(failure) });
    Ok(Ended { signed_in: true, revoked })
}

/// How a sign-out went.
#[derive(Debug)]
pub struct Ended {
    /// Whether tokens were stored.
    pub signed_in: bool,
    /// Whether the portal took it.
    pub revoked: Result<(), Failure>,
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

fn lock(world: &World, session: &Session, wait: Duration) -> Result<Box<dyn Guard>> {
    let name: String = session.name.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
    world.files.lock(&world.folders.state.join("locks").join(name), wait)
}
