//! Credentials of roles for programs that this one runs: an endpoint on 127.0.0.1 that AWS SDKs ask whenever they need new
//! ones. It ends with this process, and with what it was opened for.

use std::convert::Infallible;
use std::path::Path;
use std::pin::pin;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;

use crate::clients::loopback::{Head, Loopback, Reply};
use crate::domain::credentials::container::{self, Grant, admit, is_of_another, refusal};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::SecretString;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

/// The kernel's tables of sockets, with their users (Linux).
const SOCKETS: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
const MAX_SOCKETS: u64 = 16 << 20;

/// An open endpoint; dropping it closes it.
pub struct Endpoint<'w> {
    world: &'w World,
    loopback: Loopback,
    grants: Vec<Grant>,
}

impl<'w> Endpoint<'w> {
    /// Opens one for so many roles, each with a path and a token of its own.
    ///
    /// # Errors
    /// No port can be opened, or there are no random numbers.
    pub async fn open(world: &'w World, roles: usize) -> Result<Self> {
        let loopback = Loopback::bind().await.map_err(|error| {
            Error::new(Kind::LocalState, "no port can be opened on 127.0.0.1 for the command to ask").cause(error)
        })?;
        let grants = (0..roles).map(|_| random().map(|bytes| Grant::new(&bytes))).collect::<Result<_>>()?;
        Ok(Self { world, loopback, grants })
    }

    /// What a program is told of a role's place: the address, and the token.
    pub fn place(&self, role: usize) -> (String, &SecretString) {
        let grant = &self.grants[role];
        (self.loopback.url(&grant.path), &grant.token)
    }

    /// Answers until `end`. `get` is asked for the credentials of a role, and for the account they are of. What it does is
    /// never broken off, whoever asked has gone or not: it may be spending a refresh token, whose successor must be stored.
    /// It is for `get` to come to an end soon after `end`.
    pub async fn serve(
        &self,
        get: impl AsyncFn(usize) -> Result<(RoleCredentials, String)>,
        end: impl Future<Output = ()>,
    ) {
        let (ask, mut asked) = unbounded_channel::<(usize, oneshot::Sender<Reply>)>();
        let serving = self.loopback.serve::<Infallible>(async |head: Head| {
            let role = match self.admit(&head) {
                Ok(role) => role,
                Err(status) => return (refused(status), None),
            };
            let (answer, answered) = oneshot::channel();
            _ = ask.send((role, answer));
            (answered.await.unwrap_or_else(|_| refused(403)), None)
        });
        let (get, mut gets) = (&get, FuturesUnordered::new());
        let (mut serving, mut end) = (pin!(serving), pin!(end));
        loop {
            tokio::select! {
                never = &mut serving => match never {},
                Some((role, answer)) = asked.recv() => gets.push(async move {
                    let reply = match get(role).await {
                        Ok((found, account)) => Reply::json(200, container::answer(&found, &account)),
                        Err(error) => failed(&error),
                    };
                    _ = answer.send(reply);
                }),
                Some(()) = gets.next(), if !gets.is_empty() => {}
                () = &mut end => break,
            }
        }
        while gets.next().await.is_some() {}
    }

    fn admit(&self, head: &Head) -> Result<usize, u16> {
        let authorization = head.authorization.as_ref().map(|text| text.as_str());
        let role = admit(&self.grants, &head.method, &head.target, authorization)?;
        // Where the kernel does not tell, the token alone decides, which only this user's processes can know.
        match is_of_another(&sockets(self.world), head.from, self.loopback.port()) {
            true => Err(403),
            false => Ok(role),
        }
    }
}

/// Why a stranger gets nothing, without a word about what there is.
fn refused(status: u16) -> Reply {
    Reply::json(status, refusal("AccessDenied", "this endpoint answers the command that eksso runs, and nobody else"))
}

/// SDKs show code and message to their user. What passes is worth another try to them, and has a status of 500 and more.
fn failed(error: &Error) -> Reply {
    let (status, code) = match error.kind() {
        Kind::SignInNeeded => (403, "SignInNeeded"),
        Kind::Denied => (403, "AccessDenied"),
        Kind::Unavailable => (503, "Unavailable"),
        _ => (500, "Failed"),
    };
    let hint = error.hints().first().map(|hint| format!("; {hint}")).unwrap_or_default();
    Reply::json(status, refusal(code, &format!("eksso: {error}{hint}")))
}

/// The kernel's tables of sockets; empty where there are none.
pub(in crate::flows) fn sockets(world: &World) -> String {
    let table = |path| world.files.read(Path::new(path), MAX_SOCKETS).ok().flatten().unwrap_or_default();
    SOCKETS.iter().map(|path| String::from_utf8_lossy(&table(path)).into_owned()).collect()
}

/// What a grant is made of.
pub(in crate::flows) fn random() -> Result<[u8; 48]> {
    let mut bytes = [0; 48];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Kind::LocalState, "the system gives no random numbers").cause(error))?;
    Ok(bytes)
}
