//! A listener on 127.0.0.1 for programs of this machine, for as long as it is needed: small requests, answered one a
//! connection. What is not addressed to it by name and port, is too big or too slow never reaches who answers.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use zeroize::Zeroizing;

use crate::domain::secret::SecretString;

/// Browsers open connections ahead of need and may leave them silent.
pub const REQUEST_TIME: Duration = Duration::from_secs(10);
/// The largest head of a request.
pub const MAX_REQUEST: usize = 16 << 10;
const MAX_HEADERS: usize = 100;
/// Connections that may be silent at once. One more ends the oldest: they must not keep out the one that counts.
pub const MAX_OPEN: usize = 32;
/// For how long a connection may be silent whatever comes after it: a program on a busy machine takes a moment to say what it
/// wants. Who comes meanwhile waits in the kernel's queue.
const GRACE: Duration = Duration::from_millis(500);

/// An open port on the loopback interface; dropping it closes it.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What a request says, as far as anybody here asks. Its body is not read.
pub struct Head {
    /// The method.
    pub method: String,
    /// The path with its query, which may hold a secret.
    pub target: Zeroizing<String>,
    /// The `Authorization` header; `None` where there is not exactly one.
    pub authorization: Option<Zeroizing<String>>,
    /// The port that it came from.
    pub from: u16,
}

/// What a request is answered with. It may hold a secret.
pub struct Reply {
    status: u16,
    kind: &'static str,
    place: Option<SecretString>,
    body: SecretString,
}

impl Reply {
    /// A page of one sentence of ours.
    pub fn page(status: u16, words: &str) -> Self {
        let page = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>eksso</title><link rel=icon href=\"data:,\"><p>{words}</p>"
        );
        Self { status, kind: "text/html; charset=utf-8", place: None, body: SecretString::new(page) }
    }

    /// Leads a browser on to another page.
    pub fn lead(to: &SecretString) -> Self {
        Self { place: Some(to.clone()), ..Self::page(302, "") }
    }

    /// JSON.
    pub fn json(status: u16, body: SecretString) -> Self {
        Self { status, kind: "application/json", place: None, body }
    }

    /// The answer as it is sent. Nobody keeps it, and nothing in it is run.
    fn text(&self) -> Zeroizing<String> {
        let reason = match self.status {
            200 => "OK",
            302 => "Found",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            410 => "Gone",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        };
        let (kind, body) = (self.kind, self.body.expose());
        let place = self.place.as_ref().map_or("", |place| place.expose());
        let mut text = Zeroizing::new(String::with_capacity(body.len() + place.len() + 512));
        text.push_str(&format!("HTTP/1.1 {} {reason}\r\nContent-Type: {kind}\r\n", self.status));
        if !place.is_empty() {
            text.extend(["Location: ", place, "\r\n"]);
        }
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        text.push_str(
            "Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; img-src data:\r\n\r\n",
        );
        text.push_str(body);
        text
    }
}

impl Loopback {
    /// Takes a free port.
    ///
    /// # Errors
    /// There is none, or no loopback interface.
    pub async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers requests until one is the last: its answer comes with a result, which is this one's, once it is sent.
    pub async fn serve<T>(&self, answer: impl AsyncFn(Head) -> (Reply, Option<T>)) -> T {
        let mut open = FuturesUnordered::new();
        // Those that are open, the oldest first.
        let mut oldest: VecDeque<(u64, Instant, AbortHandle)> = VecDeque::new();
        let mut number = 0;
        loop {
            let full = oldest.front().filter(|_| oldest.len() >= MAX_OPEN).map(|(_, since, _)| *since + GRACE);
            let waits = full.filter(|until| Instant::now() < *until);
            tokio::select! {
                accepted = self.listener.accept(), if waits.is_none() => match accepted {
                    Ok((stream, from)) => {
                        if full.is_some() && let Some((_, _, handle)) = oldest.pop_front() {
                            handle.abort();
                        }
                        let (handle, registration) = AbortHandle::new_pair();
                        number += 1;
                        oldest.push_back((number, Instant::now(), handle));
                        let (own, served) = (number, one(stream, (from.port(), self.port), registration, &answer));
                        open.push(async move { (own, served.await) });
                    }
                    // Out of files, say: no reason to spin.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
                Some((own, served)) = open.next(), if !open.is_empty() => match served {
                    Some(result) => return result,
                    None => oldest.retain(|(number, ..)| *number != own),
                },
                () = sleep_until(waits.unwrap_or_else(Instant::now)), if waits.is_some() => {}
            }
        }
    }
}

/// Serves a connection. It can be ended early only while it has not said what it wants: who was let in is answered.
async fn one<T>(
    mut stream: TcpStream,
    (from, port): (u16, u16),
    registration: AbortRegistration,
    answer: &impl AsyncFn(Head) -> (Reply, Option<T>),
) -> Option<T> {
    let read = Abortable::new(timeout(REQUEST_TIME, head(&mut stream, from, port)), registration).await;
    let (reply, result) = match read.ok()?.ok().flatten()? {
        Some(head) => answer(head).await,
        None => (Reply::page(400, "This is not what eksso waits for."), None),
    };
    // Who went away has been served all the same: a browser that closed its page has brought its code.
    _ = timeout(REQUEST_TIME, async {
        stream.write_all(reply.text().as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
    result
}

/// Reads the head of a request: `None` when the peer went away, `Some(None)` for what is no request, or none to us.
async fn head(stream: &mut TcpStream, from: u16, port: u16) -> Option<Option<Head>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(httparse::Status::Complete(_)) if !is_for_us(request.headers, port) => return Some(None),
            Ok(httparse::Status::Complete(_)) => {
                let text = |value: &[u8]| std::str::from_utf8(value).ok().map(|text| Zeroizing::new(text.to_owned()));
                let authorization = only(request.headers, "authorization").and_then(text);
                let (method, target) = (request.method?.to_owned(), Zeroizing::new(request.path?.to_owned()));
                return Some(Some(Head { method, target, authorization, from }));
            }
            Ok(httparse::Status::Partial) if bytes.len() < MAX_REQUEST => {}
            _ => return Some(None),
        }
        let room = u64::try_from(MAX_REQUEST - bytes.len()).ok()?;
        if (&mut *stream).take(room).read_buf(&mut *bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The value of a header that stands there once.
fn only<'h>(headers: &[httparse::Header<'h>], name: &str) -> Option<&'h [u8]> {
    let mut found = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let (first, more) = (found.next(), found.next());
    first.filter(|_| more.is_none()).map(|header| header.value)
}

/// Whether a request names this listener in its one Host header. A page of another name that was made to resolve to
/// 127.0.0.1 (DNS rebinding) sends that name.
fn is_for_us(headers: &[httparse::Header<'_>], port: u16) -> bool {
    let ours = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
    only(headers, "host").is_some_and(|host| ours.iter().any(|name| host.eq_ignore_ascii_case(name.as_bytes())))
}
