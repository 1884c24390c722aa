//! The listener that a browser comes back to in the PKCE flow: on 127.0.0.1 only, for as long as it is needed.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::domain::sign_in::pkce::{Arrival, CALLBACK_PATH, Reply, read_request};

/// Browsers open connections ahead of need and may leave them silent.
const REQUEST_TIME: Duration = Duration::from_secs(10);
const MAX_REQUEST: usize = 16 << 10;
const MAX_HEADERS: usize = 100;
/// Connections served at once. One more ends the oldest: those that stay silent must not keep out the one that counts.
const MAX_OPEN: usize = 32;

/// An open port on the loopback interface; dropping it closes it.
#[derive(Debug)]
pub struct Callback {
    listener: TcpListener,
    port: u16,
}

impl Callback {
    /// Takes a free port.
    pub async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser is to come back.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }

    /// Waits for the browser; `None` when it does not come within `limit`. Requests that are not about this sign-in are
    /// answered and change nothing.
    pub async fn wait(self, state: &str, limit: Duration) -> Option<Arrival> {
        let mut open = FuturesUnordered::new();
        let mut oldest: VecDeque<AbortHandle> = VecDeque::new();
        let deadline = sleep(limit);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        // The handles of those that have ended are among these, which does no harm.
                        if oldest.len() == MAX_OPEN && let Some(handle) = oldest.pop_front() {
                            handle.abort();
                        }
                        let (handle, registration) = AbortHandle::new_pair();
                        oldest.push_back(handle);
                        open.push(Abortable::new(serve(stream, self.port, state), registration));
                    }
                    // Out of files, say: no reason to spin.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
                Some(served) = open.next(), if !open.is_empty() => if let Ok(Some(arrival)) = served {
                    return Some(arrival);
                },
                () = &mut deadline => return None,
            }
        }
    }
}

async fn serve(mut stream: TcpStream, port: u16, state: &str) -> Option<Arrival> {
    let reply = timeout(REQUEST_TIME, request(&mut stream, port, state)).await.ok().flatten()?;
    let (status, words) = match &reply {
        Reply::Arrived(Arrival::Code(_)) => {
            ("200 OK", "eksso has what it needs. You can close this page and go back to your terminal.")
        }
        Reply::Arrived(Arrival::Refused(_)) => {
            ("200 OK", "The sign-in was refused. You can close this page; your terminal says why.")
        }
        Reply::Stranger(404) => ("404 Not Found", "There is nothing here."),
        Reply::Stranger(405) => ("405 Method Not Allowed", "There is nothing here."),
        Reply::Stranger(_) => ("400 Bad Request", "This is not the sign-in that eksso waits for."),
    };
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>eksso</title><link rel=icon href=\"data:,\"><p>{words}</p>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; img-src data:\r\n\r\n{page}",
        page.len()
    );
    // A browser that went away has got its code to us all the same.
    _ = timeout(REQUEST_TIME, async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
    match reply {
        Reply::Arrived(arrival) => Some(arrival),
        Reply::Stranger(_) => None,
    }
}

/// Reads the head of a request and decides; `None` when it is none.
async fn request(stream: &mut TcpStream, port: u16, state: &str) -> Option<Reply> {
    let mut head = zeroize::Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&head) {
            Ok(httparse::Status::Complete(_)) if !is_for_us(request.headers, port) => {
                return Some(Reply::Stranger(400));
            }
            Ok(httparse::Status::Complete(_)) => return Some(read_request(request.method?, request.path?, state)),
            Ok(httparse::Status::Partial) if head.len() < MAX_REQUEST => {}
            _ => return Some(Reply::Stranger(400)),
        }
        let room = u64::try_from(MAX_REQUEST - head.len()).ok()?;
        if (&mut *stream).take(room).read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
    }
}

/// Whether a request names this listener in its one Host header. A page of another name that was made to resolve to
/// 127.0.0.1 (DNS rebinding) sends that name.
fn is_for_us(headers: &[httparse::Header<'_>], port: u16) -> bool {
    let mut hosts = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    let (host, more) = (hosts.next(), hosts.next());
    let is_ours = |value: &[u8]| {
        ["127.0.0.1", "localhost"].iter().any(|name| value.eq_ignore_ascii_case(format!("{name}:{port}").as_bytes()))
    };
    more.is_none() && host.is_some_and(|header| is_ours(header.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }

    #[tokio::test]
    async fn strangers_change_nothing_and_the_port_closes_after_the_one_that_counts() {
        let callback = Callback::bind().await.expect("a port");
        let port = callback.port;
        assert!(callback.listener.local_addr().expect("bound").ip().is_loopback());
        let visits = async {
            let get = |path: &str, host: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            let own = format!("127.0.0.1:{port}");
            let counts = "/oauth/callback?code=c&state=st";
            let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected");
            assert!(ask(port, &get("/favicon.ico", &own)).await.starts_with("HTTP/1.1 404"));
            let options = format!("OPTIONS /oauth/callback HTTP/1.1\r\nHost: {own}\r\n\r\n");
            assert!(ask(port, &options).await.starts_with("HTTP/1.1 405"));
            assert!(ask(port, &get("/oauth/callback?code=evil&state=other", &own)).await.starts_with("HTTP/1.1 400"));
            assert!(ask(port, "\x16\x03\x01 not http\r\n\r\n").await.starts_with("HTTP/1.1 400"));
            // DNS rebinding: a page of another name that resolves to this machine knows no state, and gets no word.
            let twice = format!("GET {counts} HTTP/1.1\r\nHost: {own}\r\nHost: evil.example\r\n\r\n");
            let none = format!("GET {counts} HTTP/1.1\r\n\r\n");
            for foreign in
                [get(counts, "evil.example"), get(counts, "127.0.0.1"), get(counts, "127.0.0.1:1"), twice, none]
            {
                assert!(ask(port, &foreign).await.starts_with("HTTP/1.1 400"), "{foreign}");
            }
            let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(2 * MAX_REQUEST));
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected");
            _ = stream.write_all(long.as_bytes()).await;
            let good = ask(port, &get(counts, &format!("localhost:{port}"))).await;
            assert!(good.contains("You can close this page"), "{good}");
        };
        let (arrival, ()) = tokio::join!(callback.wait("st", Duration::from_secs(30)), visits);
        assert_eq!(arrival, Some(Arrival::Code("c".into())));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err(), "the port is closed");
    }

    #[tokio::test]
    async fn silent_connections_hold_up_neither_the_one_that_counts_nor_its_answer() {
        let callback = Callback::bind().await.expect("a port");
        let port = callback.port;
        let began = std::time::Instant::now();
        let visits = async {
            let mut silent = Vec::new();
            for _ in 0..2 * MAX_OPEN {
                silent.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected"));
            }
            let request = format!("GET /oauth/callback?code=c&state=st HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
            let good = ask(port, &request).await;
            assert!(good.contains("You can close this page"), "{good}");
            drop(silent);
        };
        let (arrival, ()) = tokio::join!(callback.wait("st", Duration::from_secs(30)), visits);
        assert_eq!(arrival, Some(Arrival::Code("c".into())));
        assert!(began.elapsed() < REQUEST_TIME / 2, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn nobody_is_waited_for_without_end() {
        let callback = Callback::bind().await.expect("a port");
        assert_eq!(callback.wait("st", Duration::from_millis(20)).await, None);
    }
}
