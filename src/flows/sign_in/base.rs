//! The base of signing in: the handle of a session, and what a provider does in its own way.
//!
//! Everything else here is built on these; the providers implement [`SignInProvider`].

use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::clients::aws::Aws;
use crate::clients::failure::{Failure, FailureKind};
use crate::domain::assignments::{Account, Page};
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::domain::session::{Flow, Session};
use crate::domain::settings::keyring::Backend;
use crate::domain::sign_in::register::Item;
use crate::domain::sign_in::sealing_key::{RANDOM, SealingKey};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::locks;
use crate::flows::rate_limiter::RateLimiter;
use crate::flows::sign_in::back_off::back_off;
use crate::flows::sign_in::portal;
use crate::flows::sign_in::register::Watched;
use crate::flows::sign_in::screen::{SignInError, SignInScreen};
use crate::ports::{CredentialCache, Keyring, ScopeGuard, SecretStore, World};

/// How long a call waits for another process that renews the same session: longer than that one's calls may take (two
/// renewals of 20 s, a registration of 45 s between them, the keyring).
pub(super) const RENEW_WAIT: Duration = Duration::from_secs(120);

/// What the sealed cache calls renewed tokens that the keyring did not take.
pub(super) const ASIDE: &str = "renewed tokens";

/// A session with its tokens' place, ready to be used.
pub struct SessionHandle<'w> {
    pub(super) world: &'w World,
    /// The session.
    pub session: Session,
    /// Made when first needed: most calls need none.
    aws: OnceCell<Aws>,
    /// The keyring that is wanted.
    pub(super) wanted: Keyring,
    /// The keyring in use. Under `auto` that is where this session is signed in, else the best that is here.
    store: Rc<dyn SecretStore + 'w>,
    /// Another one that took the place of it, because it could not be written.
    moved_to: Cell<Option<Backend>>,
    /// Why the keyring of the newest sign-in cannot be opened. What other ones hold is older, and may be another person's.
    away: RefCell<Option<Error>>,
    /// What is kept sealed of the sign-in.
    pub(super) cache: Box<dyn CredentialCache + 'w>,
    pub(super) provider: Box<dyn SignInProvider>,
    /// Which sign-ins there are, and which are current.
    pub(super) register: Watched<'w>,
    pub(super) tokens: RefCell<Option<SsoTokens>>,
    /// The key of the sign-in that is under way.
    pub(super) next_key: RefCell<Option<SealingKey>>,
    /// One renewal at a time in this process; between processes a file lock does the same.
    pub(super) renewing: Mutex<()>,
    /// Held from before a refresh token is redeemed until its successor is stored.
    pub(super) spending: Mutex<()>,
    /// Held from before a sign-in is redeemed until its tokens are stored: [`SessionHandle::redeeming`].
    pub(super) redeeming: RefCell<Option<Box<dyn ScopeGuard>>>,
    /// When the provider may be called.
    pub(super) rate_limiter: RateLimiter<'w>,
}

impl<'w> SessionHandle<'w> {
    /// Brings a session and the keyring of its tokens together; asks nobody anything.
    pub(super) fn new(
        world: &'w World,
        session: Session,
        keyring: Keyring,
        provider: Box<dyn SignInProvider>,
    ) -> Result<Self> {
        let register = Watched::new(world, &session.name);
        let home = match keyring.backend {
            Backend::Auto => register.load().find(&session, &world.keyrings.automatic()).and_then(Item::keyring),
            _ => None,
        };
        // A keyring of the desktop is not there in every terminal.
        let at_home = home.map(|backend| world.keyrings.open(Keyring { backend, ..keyring }));
        let (store, away) = match at_home {
            Some(Ok(store)) => (store, None),
            Some(Err(error)) => (wanted(world, keyring)?, Some(error)),
            None => (wanted(world, keyring)?, None),
        };
        Ok(Self {
            world,
            aws: OnceCell::new(),
            wanted: keyring,
            store: Rc::from(store),
            moved_to: Cell::new(None),
            away: RefCell::new(away),
            cache: world.keyrings.sealed(keyring, &session),
            provider,
            register,
            tokens: RefCell::new(None),
            next_key: RefCell::new(None),
            renewing: Mutex::new(()),
            spending: Mutex::new(()),
            redeeming: RefCell::new(None),
            rate_limiter: RateLimiter::new(world, session.file_name()),
            session,
        })
    }

    /// The AWS clients.
    ///
    /// # Errors
    /// A proxy, an endpoint or a file of certificates that is named makes no sense, or may not be used.
    pub fn aws(&self) -> Result<&Aws> {
        if let Some(aws) = self.aws.get() {
            return Ok(aws);
        }
        let made = portal::aws(self.world)?;
        Ok(self.aws.get_or_init(|| made))
    }

    /// Fails at once, without any request, when only a person can help.
    ///
    /// # Errors
    /// `Kind::SignInNeeded`: there is no sign-in, or it has ended. `Kind::LocalState`: the keyring cannot be read.
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
        self.moved_to.get().unwrap_or_else(|| self.store.backend())
    }

    /// Redeems what a person approved; the tokens may be given only once. From before the request until they are stored, or
    /// until it is known that there are none, every signal waits: a terminal that is closed meanwhile costs no sign-in.
    pub(super) async fn redeeming<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let signals = self.world.signals.hold_all();
        let redeemed = work.await;
        if redeemed.is_ok() {
            self.redeeming.replace(Some(signals));
        }
        redeemed
    }

    /// Lets go of the signals while a person is asked, who may leave with one.
    pub(super) fn asking<T>(&self, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        let held = self.redeeming.take().is_some();
        let answer = ask()?;
        if held {
            self.redeeming.replace(Some(self.world.signals.hold_all()));
        }
        Ok(answer)
    }

    pub(super) fn store(&self) -> Result<Rc<dyn SecretStore + '_>> {
        match self.moved_to.get() {
            None => Ok(Rc::clone(&self.store) as _),
            Some(backend) => self.world.keyrings.open(Keyring { backend, ..self.wanted }).map(Rc::from),
        }
    }

    /// A new sign-in is stored: it is the newest one, wherever it is.
    pub(super) fn is_home(&self) {
        self.away.take();
    }

    /// Uses another keyring from now on.
    pub(super) fn move_to(&self, keyring: Backend) {
        self.moved_to.set((keyring != self.store.backend()).then_some(keyring));
    }

    /// What is kept sealed of the sign-in.
    pub fn cache(&self) -> &dyn CredentialCache {
        self.cache.as_ref()
    }

    /// The key that seals what is got now: of the sign-in under way, else of the one in use, where that has one.
    pub(super) fn sealing(&self) -> Option<SealingKey> {
        let next = self.next_key.borrow().clone();
        let known = || self.tokens.borrow().as_ref().and_then(|tokens| tokens.sealing.clone());
        next.or_else(known).or_else(|| self.stored().ok()??.sealing)
    }

    /// The stored tokens that serve this session; none while somebody is signing out.
    ///
    /// # Errors
    /// `Kind::LocalState`: the keyring cannot be read.
    pub fn stored(&self) -> Result<Option<SsoTokens>> {
        let Some(tokens) = self.item()?.filter(|tokens| tokens.serve(&self.session)) else { return Ok(None) };
        Ok((!self.is_ending()).then_some(tokens))
    }

    /// Whether somebody is signing out, or a sign-out could not be finished: nothing here uses the sign-in, and at its provider
    /// it may go on.
    pub fn is_ending(&self) -> bool {
        let register = self.register.load();
        register.find(&self.session, &[self.keyring()]).is_some_and(|item| item.id.is_none())
    }

    /// The stored tokens of this session's place, also of another app there: as the keyring has them, or as they were set
    /// aside when it could not be written.
    pub(super) fn item(&self) -> Result<Option<SsoTokens>> {
        if self.away.borrow().is_some() {
            return Ok(None);
        }
        let item = self.store()?.get(&self.session.keyring_item())?;
        let Some(tokens) = item.and_then(|item| SsoTokens::from_item(&item, &self.session)) else { return Ok(None) };
        let aside = self.cache.read(ASIDE).and_then(|item| SsoTokens::from_item(&item, &self.session));
        let newer =
            aside.filter(|aside| aside.signed_in_at == tokens.signed_in_at && aside.expires_at > tokens.expires_at);
        Ok(Some(newer.unwrap_or(tokens)))
    }

    /// When the person signed in whose tokens are in use: those at hand, else the stored ones.
    pub(super) fn signed_in_at(&self) -> Result<Timestamp> {
        if let Some(tokens) = self.tokens.borrow().as_ref() {
            return Ok(tokens.signed_in_at);
        }
        Ok(self.stored()?.ok_or_else(|| self.nobody())?.signed_in_at)
    }

    pub(super) fn nobody(&self) -> Error {
        let keyring = self.keyring();
        let error =
            self.sign_in_needed(&format!("nobody is signed in, as far as the `{}` keyring knows", keyring.name()));
        if let Some(away) = self.away.borrow().as_ref() {
            return error.cause("the last sign-in is kept in a keyring that cannot be opened here").cause(away);
        }
        let register = self.register.load();
        match register.find(&self.session, &[keyring]) {
            Some(item) if item.id.is_none() => {
                error.cause("somebody is signing out, or a sign-out could not be finished")
            }
            // What the register knows and the keyring does not was removed by somebody else.
            Some(_) if keyring == Backend::Keyutils => error.cause(
                "the kernel has forgotten the key of the last sign-in, as it does at a reboot; it could not be revoked",
            ),
            _ => error,
        }
    }

    /// Whether the stored sign-in is still good in the provider's own eyes.
    ///
    /// # Errors
    /// `Kind::SignInNeeded`: it has ended. `Kind::Unavailable`: the provider does not answer.
    pub async fn verify(&self) -> Result<()> {
        self.provider.check(self).await
    }

    /// The accounts of the person, a page.
    ///
    /// # Errors
    /// `Kind::SignInNeeded`: the sign-in has ended. `Kind::Unavailable`: the provider does not answer.
    pub async fn accounts(&self, next: Option<String>) -> Result<Page<Account>> {
        self.provider.accounts(self, next).await
    }

    /// The roles in an account, a page.
    ///
    /// # Errors
    /// As `accounts`.
    pub async fn roles(&self, account: &AccountId, next: Option<String>) -> Result<Page<RoleName>> {
        self.provider.roles(self, account, next).await
    }

    /// New credentials of a role. One that the machine's policy never uses is used for nothing, whoever asks.
    ///
    /// # Errors
    /// `Kind::Denied`: the role is not assigned to the person. Else as `accounts`.
    pub(in crate::flows) async fn credentials(&self, account: &AccountId, role: &RoleName) -> Result<RoleCredentials> {
        self.world.policy()?.role(role.as_str())?;
        self.provider.credentials(self, account, role).await
    }
}

/// Something under way.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What one kind of provider does in its own way. `handle` is the session that asks.
pub(super) trait SignInProvider {
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

/// Opens the keyring that was asked for. One that is not there is no context or session that cannot be found.
fn wanted<'w>(world: &'w World, keyring: Keyring) -> Result<Box<dyn SecretStore + 'w>> {
    world.keyrings.open(keyring).map_err(|error| match error.kind() {
        Kind::NotFound => {
            let known = Error::new(Kind::LocalState, error.fact());
            let known = error.causes().iter().fold(known, Error::cause);
            known
                .hint("EKSSO_KEYRING=keyutils eksso login  # the kernel's, gone at a reboot")
                .hint("EKSSO_KEYRING=passphrase eksso login")
        }
        _ => error,
    })
}

/// The error of a role that is not the person's.
pub fn not_assigned(account: &AccountId, role: &RoleName) -> Error {
    Error::new(Kind::Denied, format!("you are not assigned the role `{role}` in account {account}"))
}

/// The error that sends a person to `eksso login`.
pub fn sign_in_needed(session: &Session, why: &str) -> Error {
    Error::new(Kind::SignInNeeded, format!("sign-in needed for session `{}`: {why}", session.name))
        .hint(session.login_command())
}

/// The error of a lock of a session that another process keeps.
pub(super) fn busy(world: &World, lock: &str, session: &Session) -> Error {
    locks::busy(world, lock, &format!("session `{}`", session.name))
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

/// A new key of a sign-in.
pub(super) fn new_key() -> Result<SealingKey> {
    let mut random = Zeroizing::new([0; RANDOM]);
    getrandom::fill(random.as_mut())
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    Ok(SealingKey::new(&random))
}
