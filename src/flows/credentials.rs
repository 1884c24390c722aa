//! Role credentials: from the sealed cache while they are good, else from the portal; renewed ahead of their end, by one
//! process for all that want them.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::lock::{Waited, wait_unless};
use super::session::{Access, lock_name};
use crate::clients::aws::FailureKind;
use crate::clients::aws::sts::Sts;
use crate::domain::ids::{AccountId, Region, RoleArn, RoleName};
use crate::domain::session::{RENEW_AHEAD, RoleCredentials, Session, fresh};
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::ports::{CredentialCache, World};

/// Credentials this near their end are of no use to the caller any more.
const USELESS: SignedDuration = SignedDuration::from_secs(30);

/// More difference between the clocks, and AWS refuses what is signed here.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How long a call waits for another process that gets the same credentials.
const FILL_WAIT: Duration = Duration::from_secs(60);
const MAX_FAILURE: u64 = 1 << 16;

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
    /// Another role to assume from it, and the region whose STS is asked.
    pub assume: Option<(&'a RoleArn, &'a Region)>,
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
            Some((arn, _)) => format!("{}/{} {arn}", self.account, self.role),
        }
    }
}

/// Looks into the cache: no network, no lock.
pub fn cached(world: &World, cache: &dyn CredentialCache, session: &Session, wanted: &Wanted<'_>) -> Cached {
    let now = world.clock.now();
    match cache.get(&scope(session), &wanted.key()) {
        Some(found) if fresh(found.expires_at, now, RENEW_AHEAD) => Cached::Fresh(found),
        Some(found) if fresh(found.expires_at, now, USELESS) => Cached::Ending(found),
        _ => Cached::Missing,
    }
}

/// Credentials of a role, cached or new.
pub async fn role_credentials(
    world: &World,
    cache: &dyn CredentialCache,
    access: &Access<'_>,
    wanted: &Wanted<'_>,
) -> Result<RoleCredentials> {
    let look = || cached(world, cache, &access.session, wanted);
    let good = || if let Cached::Fresh(found) = look() { Some(found) } else { None };
    let ending = match look() {
        Cached::Fresh(found) => return Ok(found),
        Cached::Ending(found) => Some(found),
        Cached::Missing => {
            // Before the lock: many callers that all need a person must not queue up to be told so.
            access.check()?;
            None
        }
    };
    // Renewing early is a courtesy: credentials that still serve do not wait for somebody else's renewal.
    let wait = if ending.is_some() { Duration::ZERO } else { FILL_WAIT };
    let name = format!("{}.{}", lock_name(&access.session), &digest(&wanted.key())[..32]);
    let began = world.clock.now();
    let done = || good().map(Ok).or_else(|| failed_since(world, &name, began).map(Err));
    let _lock = match (wait_unless(world, &name, wait, done).await, &ending) {
        (Ok(Waited::Done(result)), _) => return result,
        (Ok(Waited::Busy), Some(found)) => return Ok(found.clone()),
        (Ok(Waited::Held(lock)), _) => match done() {
            Some(result) => return result,
            None => Some(lock),
        },
        // A holder that takes too long, or a lock that cannot be made (read-only home), costs requests, not the result.
        (Ok(Waited::Busy) | Err(_), _) => None,
    };
    match (fetch(world, cache, access, wanted).await, ending) {
        (Ok(found), _) => Ok(found),
        // Renewing early may fail without harm, unless the portal says that the role is no longer ours.
        (Err(error), Some(found)) if error.kind() != Kind::Denied => {
            drop(error);
            Ok(found)
        }
        (Err(error), _) => {
            // For those who wait: what cannot be noted costs them requests.
            _ = note_failure(world, &name, &error);
            Err(error)
        }
    }
}

/// How the last attempt of a role ended, for those who waited for it. Errors hold no secrets.
#[derive(Debug, Serialize, Deserialize)]
struct Failed {
    at: Timestamp,
    error: Error,
}

fn failure_path(world: &World, name: &str) -> PathBuf {
    world.folders.cache.join("failures").join(name)
}

fn note_failure(world: &World, name: &str, error: &Error) -> Result<()> {
    let failed = Failed { at: world.clock.now(), error: error.clone() };
    let json = serde_json::to_vec(&failed)
        .map_err(|error| Error::new(Kind::Failed, "the failure cannot be noted").cause(error))?;
    world.files.write_private(&failure_path(world, name), &json)
}

fn failed_since(world: &World, name: &str, began: Timestamp) -> Option<Error> {
    let bytes = world.files.read(&failure_path(world, name), MAX_FAILURE).ok()??;
    let failed: Failed = serde_json::from_slice(&bytes).ok()?;
    (failed.at >= began).then_some(failed.error)
}

async fn fetch(
    world: &World,
    cache: &dyn CredentialCache,
    access: &Access<'_>,
    wanted: &Wanted<'_>,
) -> Result<RoleCredentials> {
    let Wanted { account, role, assume } = wanted;
    let found = match assume {
        None => assigned(access, account, role).await?,
        Some((arn, region)) => {
            let own = Wanted { assume: None, ..*wanted };
            let own = Box::pin(role_credentials(world, cache, access, &own)).await?;
            assumed(access, &own, role, arn, region).await?
        }
    };
    check_clock(access.aws()?.ahead())?;
    if !fresh(found.expires_at, world.clock.now(), SignedDuration::ZERO) {
        return Err(access
            .sign_in_needed("the portal gave credentials that have ended already")
            .hint("check this machine's clock"));
    }
    // A cache that cannot be written (full disk, read-only home) costs the next call a request, not this one its result.
    _ = cache.put(&scope(&access.session), &wanted.key(), &found);
    Ok(found)
}

/// Tokens and requests are dated; AWS takes no more than a few minutes of difference.
fn check_clock(ahead: SignedDuration) -> Result<()> {
    if ahead.abs() <= MAX_SKEW {
        return Ok(());
    }
    let (minutes, way) = (ahead.abs().as_mins(), if ahead.is_negative() { "ahead of" } else { "behind" });
    let set = match () {
        () if cfg!(target_os = "macos") => "sudo sntp -sS time.apple.com",
        () if cfg!(windows) => "w32tm /resync",
        () => "sudo timedatectl set-ntp true",
    };
    Err(Error::new(Kind::LocalState, format!("this machine's clock is {minutes} min {way} AWS's"))
        .cause("what it signs would be refused as too old or not yet valid")
        .hint(format!("set the clock: {set}")))
}

async fn assigned(access: &Access<'_>, account: &AccountId, role: &RoleName) -> Result<RoleCredentials> {
    let found = access.call(async |portal, token| portal.credentials(token, account, role).await).await;
    found.map_err(|error| match error.kind() {
        Kind::Denied | Kind::NotFound => {
            Error::new(Kind::Denied, format!("you are not assigned the role `{role}` in account {account}"))
                .cause(&error)
                .hint("eksso roles shows what you are assigned; a new assignment may need `eksso login --force`")
        }
        _ => error,
    })
}

async fn assumed(
    access: &Access<'_>,
    own: &RoleCredentials,
    role: &RoleName,
    arn: &RoleArn,
    region: &Region,
) -> Result<RoleCredentials> {
    let sts = Sts::new(access.aws()?, region, own);
    // The name goes on to CloudTrail and to Kubernetes: who assumed the role stays visible.
    let name = sts.caller().await?.session;
    sts.assume(arn, &name).await.map_err(|failure| match failure.kind {
        FailureKind::Forbidden => Error::new(Kind::Denied, format!("`{role}` may not assume {arn}"))
            .cause(&failure)
            .hint("its trust policy must name the role, and the role needs sts:AssumeRole on it"),
        _ => failure.into(),
    })
}

/// Forgets all credentials of a session.
pub fn forget(cache: &dyn CredentialCache, session: &Session) -> Result<usize> {
    cache.forget(&scope(session))
}

/// The cache's name for a session: a portal and who we are there.
pub fn scope(session: &Session) -> String {
    format!("{}\n{}", session.name, session.start_url)
}
