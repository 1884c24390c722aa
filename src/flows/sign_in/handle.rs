//! The life of a session after the sign-in: renewed while the portal lets us, by one process at a time; signed out.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::assignments::{Account, Page};
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::secret::SecretString;
use crate::domain::session::{RENEW_AHEAD, RoleCredentials, Session, fresh};
use crate::domain::settings::config::Backend;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::text::{digest, shell_word};
use crate::error::{Error, Kind, Result};
use crate::flows::locks::wait_for;
use crate::flows::rate_limiter::Turns;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::login::setback;
use crate::flows::sign_in::provider::{self, Provider};
use crate::ports::{CredentialCache, Keyring, SecretStore, World};

/// How long a call waits for another process that renews the same session: longer than that one's calls may take (two
/// renewals of 20 s, a registration of 45 s between them, the keyring).
pub(in crate::flows) const RENEW_WAIT: Duration = Duration::from_secs(120);

/// What the token service says of a refresh token whose portal session is over.
const SESSION_ENDED: [&str; 2] = ["InvalidGrantException", "invalid_grant"];

/// A session with its tokens' place, ready to be used.
pub struct Access<'w> {
    pub(in crate::flows) world: &'w World,
    /// The session.
    pub session: Session,
    /// Made when first needed: most calls need none.
    aws: OnceCell<Aws>,
    pub(in crate::flows) store: Box<dyn SecretStore + 'w>,
    /// What is kept sealed beside the tokens.
    pub(in crate::flows) cache: Box<dyn CredentialCache + 'w>,
    pub(in crate::flows) provider: Box<dyn Provider>,
    tokens: RefCell<Option<SsoTokens>>,
    /// One renewal at a time in this process; between processes a file lock does the same.
    renewing: Mutex<()>,
    /// When the provider may be called.
    pub(in crate::flows) turns: Turns<'w>,
}

impl<'w> Access<'w> {
    /// Brings a session and the keyring of its tokens together; asks nobody anything.
    pub fn new(world: &'w World, session: Session, keyring: Keyring) -> Result<Self> {
        Ok(Self {
            world,
            aws: OnceCell::new(),
            store: world.keyrings.open(keyring)?,
            cache: world.keyrings.sealed(keyring),
            provider: provider::of(&session),
            tokens: RefCell::new(None),
            renewing: Mutex::new(()),
            turns: Turns::new(world, lock_name(&session)),
            session,
        })
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

    pub(in crate::flows) fn nobody(&self) -> Error {
        let keyring = self.store.backend().name();
        self.sign_in_needed(&format!("nobody is signed in, as far as the `{keyring}` keyring knows"))
    }

    /// Ends when no renewal is under way: until then, the work that is renewing must go on.
    pub async fn settled(&self) {
        _ = self.renewing.lock().await;
    }

    /// Whether the stored sign-in is still good in the provider's own eyes.
    pub async fn verify(&self) -> Result<()> {
        self.provider.check(self).await
    }

    /// The accounts of the person, a page.
    pub async fn accounts(&self, next: Option<String>) -> Result<Page<Account>> {
        self.provider.accounts(self, next).await
    }

    /// The roles in an account, a page.
    pub async fn roles(&self, account: &AccountId, next: Option<String>) -> Result<Page<RoleName>> {
        self.provider.roles(self, account, next).await
    }

    /// New credentials of a role.
    pub(in crate::flows) async fn credentials(&self, account: &AccountId, role: &RoleName) -> Result<RoleCredentials> {
        self.provider.credentials(self, account, role).await
    }

    /// Asks with good tokens. Those that the provider refuses are renewed once.
    pub(in crate::flows) async fn call<T>(&self, ask: impl AsyncFn(&SsoTokens) -> Result<T, Failure>) -> Result<T> {
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
    pub(in crate::flows) fn take(&self, tokens: &SsoTokens) {
        self.tokens.replace(Some(tokens.clone()));
    }

    /// Changes what is stored of a sign-in, unless another one has taken its place.
    pub(in crate::flows) async fn amend(
        &self,
        tokens: &SsoTokens,
        change: impl FnOnce(&SsoTokens) -> SsoTokens,
    ) -> Result<()> {
        let Some(_lock) = wait_for(self.world, &lock_name(&self.session), RENEW_WAIT).await? else { return Ok(()) };
        match self.stored()? {
            Some(stored) if stored.signed_in_at == tokens.signed_in_at => {
                self.tokens.take();
                self.put(&change(&stored))
            }
            _ => Ok(()),
        }
    }

    /// Good tokens: those of an earlier call, else the stored ones, renewed when they are near their end.
    pub(in crate::flows) async fn tokens(&self) -> Result<SsoTokens> {
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
        self.aws()?;
        match self.store.prepare() {
            Err(_) if alive => return Ok(tokens),
            prepared => prepared?,
        }
        // The reply may be the only copy of the new refresh token: a signal waits until it is stored.
        let _signals = self.world.signals.hold();
        let redeemed = self.provider.redeem(self, &tokens, refresh_token, now).await;
        // A sign-in that did not get the lock in time has stored its own meanwhile; it counts more than this.
        let current = look()?;
        if current != tokens {
            return Ok(current);
        }
        match redeemed {
            Ok(renewed) => {
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
    pub(in crate::flows) fn put(&self, tokens: &SsoTokens) -> Result<()> {
        self.store.set(&item(&self.session), &tokens.to_item())?;
        if tokens.shared() {
            // The AWS CLI's copy is a courtesy.
            _ = aws_cli::share(self.world, &self.session, tokens);
        }
        Ok(())
    }
}

/// The stored tokens that serve a session.
pub fn stored(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(stored_at(store, session)?.filter(|tokens| tokens.serve(session)))
}

/// The stored tokens of a session's place, also if it has been pointed at another app there since.
fn stored_at(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(store.get(&item(session))?.and_then(|item| SsoTokens::from_item(&item, session)))
}

impl Access<'_> {
    /// The stored tokens, for an owner who is about to sign in anew: an item that is sealed with another passphrase is as
    /// good as none, and stays until the new one replaces it.
    pub(in crate::flows) fn readable(&self) -> Result<Option<SsoTokens>> {
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

    /// Ends the session: here in any case, at the provider as far as it answers.
    pub async fn sign_out(&self) -> Result<Ended> {
        let session = &self.session;
        let Some(lock) = wait_for(self.world, &lock_name(session), RENEW_WAIT).await? else {
            return Err(busy("renewing", session));
        };
        let tokens = stored_at(self.store.as_ref(), session);
        let signed_in = self.store.delete(&item(session))?;
        drop(lock);
        let revoked = match &tokens {
            Ok(Some(tokens)) => self.provider.revoke(self, tokens).await.map_err(|failure| failure.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Ok(Some(tokens)) = &tokens
            && tokens.shared()
        {
            aws_cli::unshare(self.world, session, tokens)?;
        }
        Ok(Ended { signed_in, revoked })
    }
}

/// What the portal no longer knows is as revoked as can be.
pub(in crate::flows) fn already_ended(failure: Failure) -> Result<(), Failure> {
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
    /// Whether the provider took it, else why not.
    pub revoked: Result<(), String>,
}

/// The error that sends a person to `eksso login`.
pub fn sign_in_needed(session: &Session, why: &str) -> Error {
    Error::new(Kind::SignInNeeded, format!("sign-in needed for session `{}`: {why}", session.name)).hint(login(session))
}

pub(in crate::flows) fn login(session: &Session) -> String {
    format!("eksso login {}", shell_word(session.name.as_str()))
}

pub(in crate::flows) fn item(session: &Session) -> String {
    format!("session/{}", session.name)
}

/// The file name of what belongs to a session, whatever characters its name has.
pub(in crate::flows) fn lock_name(session: &Session) -> String {
    digest(session.name.as_str())[..32].to_owned()
}

pub(in crate::flows) fn busy(doing: &str, session: &Session) -> Error {
    Error::new(Kind::LocalState, format!("another eksso has been busy {doing} session `{}` for a while", session.name))
        .hint("finish or stop the other `eksso`, then try again")
}
