//! Signing in, keeping the sign-in good, signing out; the providers, and the one place that chooses among them.

pub mod aws_cli;
pub mod back_off;
pub mod base;
pub mod found;
mod identity_center;
pub mod login;
pub mod logout;
pub mod offer;
mod okta;
mod person;
pub mod portal;
mod register;
mod renewal;
pub mod screen;

use crate::domain::session::{Provider, Session};
use crate::error::Result;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{Keyring, World};

/// Brings a session, its provider and the keyring of its tokens together; asks nobody anything. `speaks`: whether a person
/// is told on stderr where another region than the session's answers.
///
/// # Errors
/// The keyring cannot be opened, or the policy of this machine does not allow the session.
pub fn open(world: &World, session: Session, keyring: Keyring, speaks: bool) -> Result<SessionHandle<'_>> {
    world.policy()?.session(&session)?;
    open_any(world, session, keyring, speaks)
}

/// The same for those who only look at a sign-in or end it: one that is not allowed any more must still come to an end.
///
/// # Errors
/// The keyring cannot be opened.
pub fn open_any(world: &World, session: Session, keyring: Keyring, speaks: bool) -> Result<SessionHandle<'_>> {
    let bound = session.clone().with_flow(world.policy()?.flow(None)?);
    let provider: Box<dyn base::SignInProvider> = match &bound.provider {
        Provider::IdentityCenter(portal) => Box::new(identity_center::IdentityCenter::new(portal.clone(), speaks)),
        Provider::Okta(org) => Box::new(okta::Okta::new(org.clone())),
    };
    SessionHandle::new(world, session, keyring, provider)
}
