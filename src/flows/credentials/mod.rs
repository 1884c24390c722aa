//! Role credentials: from the sealed cache while they are good, else from the provider; renewed ahead of their end, by one
//! process for all that want them.

pub mod console;
pub mod container;

use std::pin::Pin;
use std::time::Duration;

use jiff::SignedDuration;

use crate::clients::aws::sts::Sts;
use crate::clients::failure::FailureKind;
use crate::domain::ids::{AccountId, Region, RoleArn, RoleName};
use crate::domain::lifetime::fresh;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::settings::aws_config::AssumeOptions;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::flows::clock::check_clock;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::single_flight::single_flight;
use crate::ports::{CredentialCache, World};

/// Credentials this near their end are of no use to the caller any more.
const USELESS: SignedDuration = SignedDuration::from_secs(30);

/// How long a call may take whose result is not needed yet.
const EARLY_WAIT: Duration = Duration::from_secs(1);

/// What the cache holds for a role.
#[derive(Debug)]
pub enum Cached {
    /// Good for a while.
    Fresh(RoleCredentials),
    /// Still good, but it is time for new ones.
    Ending(RoleCredentials),
    /// Nothing usable.
    Missing,
}

/// Whose credentials are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The account of the assigned role.
    pub account: &'a AccountId,
    /// The assigned role.
    pub role: &'a RoleName,
    /// Another role to assume from it.
    pub assume: Option<Assume<'a>>,
}

/// A role that is assumed from an assigned one.
#[derive(Debug, Clone, Copy)]
pub struct Assume<'a> {
    /// The role.
    pub arn: &'a RoleArn,
    /// The region whose STS is asked.
    pub region: &'a Region,
    /// What is sent with the request.
    pub options: &'a AssumeOptions,
}

impl<'a> Wanted<'a> {
    /// An assigned role.
    pub fn assigned(account: &'a AccountId, role: &'a RoleName) -> Self {
        Self { account, role, assume: None }
    }

    /// The cache's name for it.
    fn key(&self) -> String {
        match self.assume {
            None => format!("{}/{}", self.account, self.role),
            // Quoted, so that no option's text can pass for another option.
            Some(Assume { arn, options, .. }) if !options.names().is_empty() => {
                format!("{}/{} {arn} {options:?}", self.account, self.role)
            }
            Some(Assume { arn, .. }) => format!("{}/{} {arn}", self.account, self.role),
        }
    }
}

/// Whether the policy of this machine lets the roles be used.
pub fn permit(world: &World, wanted: &Wanted<'_>) -> Result<()> {
    Ok(world.policy()?.roles(wanted.role, wanted.assume.map(|assume| assume.arn))?)
}

/// Looks into the cache: no network, no lock.
pub fn cached(world: &World, cache: &dyn CredentialCache, wanted: &Wanted<'_>) -> Cached {
    let now = world.clock.now();
    match cache.get(&wanted.key()) {
        Some(found) if found.is_fresh(now) => Cached::Fresh(found),
        Some(found) if fresh(found.expires_at, now, USELESS) => Cached::Ending(found),
        _ => Cached::Missing,
    }
}

/// Credentials of a role, cached or new.
pub async fn role_credentials(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    wanted: &Wanted<'_>,
) -> Result<RoleCredentials> {
    permit(world, wanted)?;
    let look = || cached(world, cache, wanted);
    let good = || if let Cached::Fresh(found) = look() { Some(found) } else { None };
    let ending = match look() {
        Cached::Fresh(found) => return Ok(found),
        Cached::Ending(found) => Some(found),
        Cached::Missing => {
            // Before the lock: many callers that all need a person must not queue up to be told so.
            handle.check()?;
            None
        }
    };
    let hurry = ending.is_some();
    let work = async {
        let work = Box::pin(fetch(world, cache, handle, wanted));
        if hurry { hurried(handle, work).await } else { work.await }
    };
    single_flight(world, &flight_name(handle, wanted), good, ending, work).await
}

/// Credentials in place of cached ones that AWS refuses: revoked, or of a key that is gone. One process gets them for all.
pub async fn fetched_anew(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    wanted: &Wanted<'_>,
    refused: &RoleCredentials,
) -> Result<RoleCredentials> {
    permit(world, wanted)?;
    let good = || match cached(world, cache, wanted) {
        Cached::Fresh(found) if found.access_key_id != refused.access_key_id => Some(found),
        _ => None,
    };
    single_flight(world, &flight_name(handle, wanted), good, None, fetch(world, cache, handle, wanted)).await
}

/// The name under which one process at a time gets a role's credentials.
fn flight_name(handle: &SessionHandle<'_>, wanted: &Wanted<'_>) -> String {
    format!("{}.{}", handle.session.file_name(), &digest(&wanted.key())[..32])
}

/// Early renewal is given up after a second: the cached credentials still serve.
async fn hurried<T>(handle: &SessionHandle<'_>, work: Pin<Box<impl Future<Output = Result<T>>>>) -> Result<T> {
    let late = || Err(Error::new(Kind::Unavailable, "no answer within a second"));
    handle.within(EARLY_WAIT, work).await.unwrap_or_else(late)
}

async fn fetch(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    wanted: &Wanted<'_>,
) -> Result<RoleCredentials> {
    for _ in 0..2 {
        let key = handle.key().await?;
        let mut found = get(world, cache, handle, wanted).await?;
        found.made_at = Some(world.clock.now());
        check_clock(handle.aws()?.ahead())?;
        if !fresh(found.expires_at, world.clock.now(), SignedDuration::ZERO) {
            return Err(handle
                .sign_in_needed("it gave credentials that have ended already")
                .hint("check this machine's clock"));
        }
        // A cache that cannot be written (full disk, read-only home) costs the next call a request, not this one its result.
        _ = cache.put(&wanted.key(), &found, &key);
        // Somebody may have signed out meanwhile, or another person in: what was kept must not outlive that.
        if handle.is_current(&key)? {
            cache.keep_key(handle.keyring(), &key);
            return Ok(found);
        }
        // Sealed with a key that is gone, it serves nobody; and it goes as soon as that can be.
        _ = cache.remove(&wanted.key());
        handle.check()?;
    }
    Err(handle.sign_in_needed("it keeps changing"))
}

async fn get(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    wanted: &Wanted<'_>,
) -> Result<RoleCredentials> {
    let Wanted { account, role, assume } = wanted;
    match assume {
        None => handle.credentials(account, role).await,
        Some(assume) => {
            let own = Wanted { assume: None, ..*wanted };
            let own = Box::pin(role_credentials(world, cache, handle, &own)).await?;
            assumed(handle, &own, role, assume).await
        }
    }
}

async fn assumed(
    handle: &SessionHandle<'_>,
    own: &RoleCredentials,
    role: &RoleName,
    Assume { arn, region, options }: &Assume<'_>,
) -> Result<RoleCredentials> {
    let sts = Sts::new(handle.aws()?, region, own);
    // The name goes on to CloudTrail and to Kubernetes: who assumed the role stays visible.
    let name = match &options.role_session_name {
        Some(name) => name.clone(),
        None => sts.caller().await?.session,
    };
    sts.assume(arn, &name, options).await.map_err(|failure| match failure.kind {
        FailureKind::Forbidden => Error::new(Kind::Denied, format!("`{role}` may not assume {arn}"))
            .answer(&failure)
            .hint("its trust policy must name the role, and the role needs sts:AssumeRole on it"),
        _ => failure.into(),
    })
}
