//! The seam between the ways in: what a provider does in its own way. All else about sessions is the same for all.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;

use crate::clients::failure::Failure;
use crate::domain::assignments::{Account, Page};
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::provider;
use crate::domain::secret::SecretString;
use crate::domain::session::{Flow, RoleCredentials, Session};
use crate::domain::sign_in::tokens::SsoTokens;
use crate::error::{Error, Kind, Result};
use crate::flows::sign_in::handle::Access;
use crate::flows::sign_in::login::{SignInScreen, Trouble};

/// Something under way.
pub(in crate::flows) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A way in. `access` is the session that asks: its tokens, its keyring, its turns.
pub(in crate::flows) trait Provider {
    /// Lets a person sign in; nothing is stored here. `before` is what is known of an earlier sign-in.
    fn authorize<'a>(
        &'a self,
        access: &'a Access<'_>,
        screen: &'a dyn SignInScreen,
        flow: Option<Flow>,
        before: Option<&'a SsoTokens>,
    ) -> Work<'a, Result<SsoTokens, Trouble>>;

    /// Redeems a refresh token, once: it may be good for one use.
    fn redeem<'a>(
        &'a self,
        access: &'a Access<'_>,
        tokens: &'a SsoTokens,
        refresh_token: &'a SecretString,
        now: Timestamp,
    ) -> Work<'a, Result<SsoTokens, Failure>>;

    /// Tells the provider that a sign-in is over. What it does not know any more is no failure.
    fn revoke<'a>(&'a self, access: &'a Access<'_>, tokens: &'a SsoTokens) -> Work<'a, Result<(), Failure>>;

    /// Whether the stored sign-in is still good in the provider's own eyes; an error of kind sign-in needed where not.
    fn check<'a>(&'a self, access: &'a Access<'_>) -> Work<'a, Result<()>>;

    /// The accounts of the person, a page.
    fn accounts<'a>(&'a self, access: &'a Access<'_>, next: Option<String>) -> Work<'a, Result<Page<Account>>>;

    /// The roles in an account, a page.
    fn roles<'a>(
        &'a self,
        access: &'a Access<'_>,
        account: &'a AccountId,
        next: Option<String>,
    ) -> Work<'a, Result<Page<RoleName>>>;

    /// New credentials of a role.
    fn credentials<'a>(
        &'a self,
        access: &'a Access<'_>,
        account: &'a AccountId,
        role: &'a RoleName,
    ) -> Work<'a, Result<RoleCredentials>>;

    /// Who ended a sign-in whose tokens are refused, in words.
    fn ended_by(&self) -> &'static str;
}

/// The way into a session's place.
pub(in crate::flows) fn of(session: &Session) -> Box<dyn Provider> {
    match &session.provider {
        provider::Provider::IdentityCenter(portal) => {
            Box::new(crate::flows::sign_in::identity_center::IdentityCenter::new(portal.clone()))
        }
        provider::Provider::Okta(org) => Box::new(crate::flows::sign_in::okta::Okta::new(org.clone())),
    }
}

/// The error of a role that is not the person's.
pub(in crate::flows) fn not_assigned(account: &AccountId, role: &RoleName) -> Error {
    Error::new(Kind::Denied, format!("you are not assigned the role `{role}` in account {account}"))
}
