//! The AWS console as a role whose credentials we have, and the way that a browser gets there.

use std::time::Duration;

use tokio::time::timeout;

use crate::clients::loopback::{Head, Loopback, Reply};
use crate::domain::credentials::console::{login_url, token_request};
use crate::domain::credentials::container::{Grant, is_of_another};
use crate::domain::ids::Region;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::error::{Error, Kind, Result};
use crate::flows::credentials::container::{random, sockets};
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::World;

/// A browser that has to be started first takes this long, and longer.
const BROWSER_WAIT: Duration = Duration::from_secs(60);

/// The address that signs in to the console as the role, and leads to a page. It is a secret.
pub async fn address(
    handle: &SessionHandle<'_>,
    region: &Region,
    credentials: &RoleCredentials,
    page: &str,
) -> Result<SecretString> {
    let unknown =
        || Error::new(Kind::Failed, format!("the console's sign-in address of the partition of {region} is not known"));
    let request = token_request(region, credentials).ok_or_else(unknown)?;
    let token = handle.aws()?.sign_in_token(&request).await?;
    login_url(region, page, &token).ok_or_else(unknown)
}

/// Opens an address that is a secret, which must not be among the arguments of a browser: those are there for all to read.
/// The browser is sent to a page of ours that leads it on, once, and only if it is of this user.
pub async fn lead(world: &World, to: &SecretString, open: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let no_port = |error| Error::new(Kind::LocalState, "no port can be opened on 127.0.0.1").cause(error);
    let loopback = Loopback::bind().await.map_err(no_port).map_err(|error| error.hint("--print shows the address"))?;
    // Nobody guesses the path. A token, which an address has no place for, is not asked for.
    let grant = Grant::new(&random()?);
    open(&loopback.url(&grant.path))?;
    let answer = async |head: Head| {
        if head.target.as_str() != grant.path {
            return (Reply::page(404, "There is nothing here."), None);
        }
        if head.method != "GET" {
            return (Reply::page(405, "There is nothing here."), None);
        }
        match is_of_another(&sockets(world), head.from, loopback.port()) {
            true => (Reply::page(403, "There is nothing here."), None),
            false => (Reply::lead(to), Some(())),
        }
    };
    timeout(BROWSER_WAIT, loopback.serve(answer)).await.map_err(|_| {
        Error::new(Kind::Failed, format!("no browser came within {} s", BROWSER_WAIT.as_secs()))
            .hint("--print shows the address")
    })
}
