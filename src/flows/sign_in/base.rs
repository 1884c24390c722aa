//! The base of signing in: the handle of a session, what a provider does in its own way, what a sign-in must be able to show.
//!
//! Everything else here is built on these; the providers implement [`Provider`].

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::assignments::{Account, App, Page};
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::domain::session::{Flow, Session};
use crate::domain::settings::config::Backend;
use crate::domain::sign_in::device::DeviceCode;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::rate_limiter::RateLimiter;
use crate::flows::sign_in::back_off::back_off;
use crate::flows::sign_in::portal;
use crate::ports::{CredentialCache, Keyring, SecretStore, World};

/// How long a call waits for another process that renews the same session: longer than that one's calls may take (two
/// renewals of 20 s, a registration of 45 s between them, the keyring).
pub(super) const RENEW_WAIT: Duration = Duration::from_secs(120);

/// A session with its tokens' place, ready to be used.
pub struct SessionHandle<'w> {
    pub(super) world: &'w World,
    /// The session.
    pub session: Session,
    /// Made when first needed: most calls need none.
    aws: OnceCell<Aws>,
    pub(super) store: Box<dyn SecretStore + 'w>,
    /// What is kept sealed beside the tokens.
    pub(super) cache: Box<dyn CredentialCache + 'w>,
    pub(super) provider: Box<dyn Provider>,
    pub(super) tokens: RefCell<Option<SsoTokens>>,
    /// One renewal at a time in this process; between processes a file lock does the same.
    pub(super) renewing: Mutex<()>,
    /// When the provider may be called.
    pub(super) rate_limiter: RateLimiter<'w>,
}

impl<'w> SessionHandle<'w> {
    /// Brings a session and the keyring of its tokens together; asks nobody anything.
    pub(super) fn new(
        world: &'w World,
        session: Session,
        keyring: Keyring,
        provider: Box<dyn Provider>,
    ) -> Result<Self> {
        Ok(Self {
            world,
            aws: OnceCell::new(),
            store: world.keyrings.open(keyring)?,
            cache: world.keyrings.sealed(keyring),
            provider,
            tokens: RefCell::new(None),
            renewing: Mutex::new(()),
            rate_limiter: RateLimiter::new(world, session.file_name()),
            session,
        })
    }

    /// The AWS clients.
    pub fn aws(&self) -> Result<&Aws> {
        if let Some(aws) = self.aws.get() {
            return Ok(aws);
        }
        let made = portal::aws(self.world)?;
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
        match back_off(self.world, &self.session) {
            Some(back_off) => error.cause(format!("the last sign-in {}", back_off.why)),
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
}

/// Something under way.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A way in. `access` is the session that asks: its tokens, its keyring, its turns.
pub(super) trait Provider {
    /// Lets a person sign in; nothing is stored here. `before` is what is known of an earlier sign-in.
    fn authorize<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        screen: &'a dyn SignInScreen,
        flow: Option<Flow>,
        before: Option<&'a SsoTokens>,
    ) -> Work<'a, Result<SsoTokens, SignInError>>;

    /// Redeems a refresh token, once: it may be good for one use.
    fn redeem<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        tokens: &'a SsoTokens,
        refresh_token: &'a SecretString,
        now: Timestamp,
    ) -> Work<'a, Result<SsoTokens, Failure>>;

    /// Tells the provider that a sign-in is over. What it does not know any more is no failure.
    fn revoke<'a>(&'a self, handle: &'a SessionHandle<'_>, tokens: &'a SsoTokens) -> Work<'a, Result<(), Failure>>;

    /// Whether the stored sign-in is still good in the provider's own eyes; an error of kind sign-in needed where not.
    fn check<'a>(&'a self, handle: &'a SessionHandle<'_>) -> Work<'a, Result<()>>;

    /// The accounts of the person, a page.
    fn accounts<'a>(&'a self, handle: &'a SessionHandle<'_>, next: Option<String>) -> Work<'a, Result<Page<Account>>>;

    /// The roles in an account, a page.
    fn roles<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        next: Option<String>,
    ) -> Work<'a, Result<Page<RoleName>>>;

    /// New credentials of a role.
    fn credentials<'a>(
        &'a self,
        handle: &'a SessionHandle<'_>,
        account: &'a AccountId,
        role: &'a RoleName,
    ) -> Work<'a, Result<RoleCredentials>>;

    /// Who ended a sign-in whose tokens are refused, in words.
    fn ended_by(&self) -> &'static str;
}

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

/// Why a sign-in came to no tokens.
pub(super) enum SignInError {
    /// It was refused or not approved: `why` is remembered, in the words that follow "the last sign-in".
    NotApproved { why: &'static str, error: Error },
    /// Something else went wrong.
    Other(Error),
}

impl SignInError {
    /// The person said no, in the service's words.
    pub fn denied(session: &Session, words: Option<String>) -> Self {
        let error = Error::new(Kind::Denied, "the sign-in was denied in the browser");
        let error = words.into_iter().fold(error, Error::cause).hint(session.login_command());
        Self::NotApproved { why: "was denied in the browser", error }
    }

    /// Nobody did anything in time, or nothing that counts, as the advice says.
    pub fn timed_out(session: &Session, advice: Option<String>) -> Self {
        let error = Error::new(Kind::SignInNeeded, "nobody approved the sign-in in time");
        let error = advice.into_iter().fold(error, Error::hint).hint(session.login_command());
        Self::NotApproved { why: "was not approved in time", error }
    }
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// The error of a role that is not the person's.
pub(super) fn not_assigned(account: &AccountId, role: &RoleName) -> Error {
    Error::new(Kind::Denied, format!("you are not assigned the role `{role}` in account {account}"))
}

/// The error that sends a person to `eksso login`.
pub fn sign_in_needed(session: &Session, why: &str) -> Error {
    Error::new(Kind::SignInNeeded, format!("sign-in needed for session `{}`: {why}", session.name))
        .hint(session.login_command())
}

pub(super) fn busy(doing: &str, session: &Session) -> Error {
    Error::new(Kind::LocalState, format!("another eksso has been busy {doing} session `{}` for a while", session.name))
        .hint("finish or stop the other `eksso`, then try again")
}

/// The stored tokens that serve a session.
pub fn stored(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(stored_at(store, session)?.filter(|tokens| tokens.serve(session)))
}

/// The stored tokens of a session's place, also if it has been pointed at another app there since.
pub(super) fn stored_at(store: &dyn SecretStore, session: &Session) -> Result<Option<SsoTokens>> {
    Ok(store.get(&session.keyring_item())?.and_then(|item| SsoTokens::from_item(&item, session)))
}

/// What the portal no longer knows is as revoked as can be.
pub(super) fn already_ended(failure: Failure) -> Result<(), Failure> {
    match failure.kind {
        FailureKind::Unauthorized => Ok(()),
        FailureKind::Refused if failure.is(&SESSION_ENDED) => Ok(()),
        _ => Err(failure),
    }
}

/// What the token service says of a refresh token whose portal session is over.
pub(super) const SESSION_ENDED: [&str; 2] = ["InvalidGrantException", "invalid_grant"];
