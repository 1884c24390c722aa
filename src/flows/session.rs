//! The life of a session after the sign-in: renewed while the portal lets us, by one process at a time; signed out.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::aws_cli;
use super::lock::wait_for;
use super::sign_in::setback;
use super::turns::Turns;
use crate::clients::aws::oidc::{Granted, Oidc};
use crate::clients::aws::portal::Portal;
use crate::clients::aws::{Aws, Failure, FailureKind};
use crate::domain::config::Backend;
use crate::domain::secret::SecretString;
use crate::domain::session::{RENEW_AHEAD, Registration, Session, SsoTokens, fresh};
use crate::domain::text::{digest, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ports::{Keyring, SecretStore, World};

/// How long a call waits for another process that renews the same session: longer than that one's calls may take (two
/// renewals of 20 s, a registration of 45 s between them, the keyring).
pub(super) const RENEW_WAIT: Duration = Duration::from_secs(120);

/// What the token service says of a refresh token whose portal session is over.
const SESSION_ENDED: [&str; 2] = ["InvalidGrantException", "invalid_grant"];

/// A session with its tokens' place, ready to be used.
pub struct Access<'w> {
    pub(super) world: &'w World,
    /// The session.
    pub session: Session,
    /// Made when first needed: most calls need none.
    aws: OnceCell<Aws>,
    portal: OnceCell<Portal>,
    pub(super) store: Box<dyn SecretStore + 'w>,
    token: RefCell<Option<SecretString>>,
    /// One renewal at a time in this process; between processes a file lock does the same.
    renewing: Mutex<()>,
    /// When the portal may be called.
    turns: Turns<'w>,
}

impl<'w> Access<'w> {
    /// Brings a session and the keyring of its tokens together; asks nobody anything.
    pub fn new(world: &'w World, session: Session, store: Box<dyn SecretStore + 'w>) -> Self {
        let turns = Turns::new(world, lock_name(&session));
        let (token, renewing) = (RefCell::new(None), Mutex::new(()));
        Self { world, session, aws: OnceCell::new(), portal: OnceCell::new(), store, token, renewing, turns }
    }

    /// The AWS clients.
    pub fn aws(&self) -> Result<&Aws> {
        if let Some(aws) = self.aws.get() {
            return Ok(aws);
        }
        let world = self.world;
        let made = Aws::new(world.env.as_ref(), world.files.as_ref(), world.clock.clone())?;
        Ok(self.aws.get_or_init(|| made))
    }

    /// Fails at once, without any request, when only a person can help.
    pub fn check(&self) -> Result<()> {
        match self.stored()? {
            None => Err(self.nobody()),
            Some(tokens) if tokens.usable(self.world.clock.now()) => Ok(()),
            Some(_) => Err(self.sign_in_needed("the sign-in has ended")),
        }
    }

    /// The error that sends a person to `eksso login`, with what became of the last sign-in.
    pub fn sign_in_needed(&self, why: &str) -> Error {
        let error = sign_in_needed(&self.session, why);
        match setback(self.world, &self.session) {
            Some(setback) => error.cause(format!("the last sign-in {}", setback.why)),
            None => error,
        }
    }

    /// The keyring in use.
    pub fn keyring(&self) -> Backend {
        self.store.backend()
    }

    /// The stored tokens of this session.
    pub fn stored(&self) -> Result<Option<SsoTokens>> {
        stored(self.store.as_ref(), &self.session)
    }

    pub(super) fn nobody(&self) -> Error {
        let keyring = self.store.backend().name();
        self.sign_in_needed(&format!("nobody is signed in, as far as the `{keyring}` keyring knows"))
    }

    /// Ends when no renewal is under way: until then, the work that is renewing must go on.
    pub async fn settled(&self) {
        _ = self.renewing.lock().await;
    }

    /// Calls the portal with a good access token, in turn with all other calls of this machine. A token that the portal
    /// refuses is renewed once.
    pub async fn call<T>(&self, ask: impl AsyncFn(&Portal, &SecretString) -> Result<T, Failure>) -> Result<T> {
        let token = self.token().await?;
        let aws = self.aws()?;
        let portal = self.portal.get_or_init(|| Portal::new(aws, &self.session.region));
        let ask = async |token: &SecretString| self.turns.call(async || ask(portal, token).await).await;
        match ask(&token).await {
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                let renewed = self.renew(Some(&token)).await?;
                ask(&renewed).await.map_err(|failure| match failure.kind {
                    FailureKind::Unauthorized => self.sign_in_needed("the portal ended it").cause(&failure),
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
        let ended = || self.sign_in_needed("the sign-in has ended");
        let refresh_token = match &tokens.refresh_token {
            Some(token) => token,
            _ if alive => return Ok(tokens),
            _ => return Err(ended()),
        };
        let aws = self.aws()?;
        match self.store.prepare() {
            Err(_) if alive => return Ok(tokens),
            prepared => prepared?,
        }
        // The reply may be the only copy of the new refresh token: a signal waits until it is stored.
        let _signals = self.world.signals.hold();
        let redeemed = self.redeem(aws, &tokens, refresh_token, now).await;
        // A sign-in that did not get the lock in time has stored its own meanwhile; it counts more than this.
        let current = look()?;
        if current != tokens {
            return Ok(current);
        }
        match redeemed {
            Ok((granted, client)) => {
                let Granted { access_token, expires_at, refresh_token } = granted;
                let renewed = tokens.renewed(access_token, expires_at, refresh_token, client);
                self.put(&renewed)
                    .or_else(|_| self.put(&renewed))
                    .map_err(|error| error.cause("the renewed sign-in could not be kept").hint(login(&self.session)))?;
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
        self.store.set(&item(&self.session), &tokens.to_item())?;
        if tokens.shared {
            // The AWS CLI's copy is a courtesy.
            _ = aws_cli::share(self.world, &self.session, tokens);
        }
        Ok(())
    }

    /// CreateToken with the refresh token, as the client it was given to; when the service has forgotten that client, once
    /// more as a new one.
    async fn redeem(
        &self,
        aws: &Aws,
        tokens: &SsoTokens,
        refresh_token: &SecretString,
        now: Timestamp,
    ) -> Result<(Granted, Registration), Failure> {
        let oidc = Oidc::new(aws, &self.session.region);
        if tokens.refreshable(now) {
            match oidc.refresh(&tokens.registration, refresh_token, now).await {
                Ok(granted) => return Ok((granted, tokens.registration.clone())),
                Err(failure) if failure.kind == FailureKind::Unauthorized => {}
                Err(failure) => return Err(failure),
            }
        }
        // A vanity address that cannot be resolved now is better than no attempt.
        let portal = aws.portal(&self.session.start_url).await.map(|(portal, _)| portal);
        let portal = portal.unwrap_or_else(|_| self.session.start_url.clone());
        let client = oidc.register(tokens.registration.flow, &portal).await?;
        Ok((oidc.refresh(&client, refresh_token, now).await?, client))
    }
}

/// The stored tokens of a session.
pub fn stored(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(store.get(&item(session))?.and_then(|item| SsoTokens::from_item(&item, session)))
}

impl Access<'_> {
    /// The stored tokens, for an owner who is about to sign in anew: an item that is sealed with another passphrase is as
    /// good as none, and stays until the new one replaces it.
    pub(super) fn readable(&self) -> Result<Option<SsoTokens>> {
        self.stored().or_else(|error| if self.keyring() == Backend::Passphrase { Ok(None) } else { Err(error) })
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
        let revoked = match &tokens {
            Ok(Some(tokens)) => match self.aws() {
                Ok(aws) => self.revoke(aws, tokens).await.map_err(|failure| failure.to_string()),
                Err(error) => Err(error.to_string()),
            },
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Ok(Some(tokens)) = &tokens
            && tokens.shared
        {
            aws_cli::unshare(self.world, session, tokens)?;
        }
        Ok(Ended { signed_in, revoked })
    }

    /// Tells the portal. It takes a live access token only, so a dead one is renewed for it.
    async fn revoke(&self, aws: &Aws, tokens: &SsoTokens) -> Result<(), Failure> {
        let now = self.world.clock.now();
        let alive = fresh(tokens.expires_at, now, SignedDuration::ZERO);
        let token = match &tokens.refresh_token {
            _ if tokens.is_borrowed() => return Ok(()),
            _ if alive => tokens.access_token.clone(),
            Some(refresh_token) => match self.redeem(aws, tokens, refresh_token, now).await {
                Ok((granted, _)) => granted.access_token,
                Err(failure) => return already_ended(failure),
            },
            None => return Ok(()),
        };
        Portal::patient(aws, &self.session.region).logout(&token).await.or_else(already_ended)
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

pub(super) fn login(session: &Session) -> String {
    format!("eksso login {}", shell_word(session.name.as_str()))
}

pub(super) fn item(session: &Session) -> String {
    format!("session/{}", session.name)
}

/// The file name of what belongs to a session, whatever characters its name has.
pub(super) fn lock_name(session: &Session) -> String {
    digest(session.name.as_str())[..32].to_owned()
}

pub(super) fn busy(doing: &str, session: &Session) -> Error {
    Error::new(Kind::LocalState, format!("another eksso has been busy {doing} session `{}` for a while", session.name))
        .hint("finish or stop the other `eksso`, then try again")
}
