//! The listener that a browser comes back to in the PKCE flow: on 127.0.0.1 only, for as long as it is needed.

use std::io;
use std::time::Duration;

use tokio::time::timeout;

use crate::clients::loopback::{Head, Loopback, Reply};
use crate::domain::sign_in::pkce::{Arrival, CALLBACK_PATH, Reply as Decision, read_request};

/// An open port on the loopback interface; dropping it closes it.
#[derive(Debug)]
pub struct Callback(Loopback);

impl Callback {
    /// Takes a free port.
    pub async fn bind() -> io::Result<Self> {
        Loopback::bind().await.map(Self)
    }

    /// Where the browser is to come back.
    pub fn redirect_uri(&self) -> String {
        self.0.url(CALLBACK_PATH)
    }

    /// Waits for the browser; `None` when it does not come within `limit`. Requests that are not about this sign-in are
    /// answered and change nothing.
    pub async fn wait(self, state: &str, limit: Duration) -> Option<Arrival> {
        let answer = async |head: Head| match read_request(&head.method, &head.target, state) {
            Decision::Arrived(arrival) => (Reply::page(200, thanks(&arrival)), Some(arrival)),
            Decision::Stranger(status @ (404 | 405)) => (Reply::page(status, "There is nothing here."), None),
            Decision::Stranger(status) => (Reply::page(status, "This is not the sign-in that eksso waits for."), None),
        };
        timeout(limit, self.0.serve(answer)).await.ok()
    }
}

fn thanks(arrival: &Arrival) -> &'static str {
    match arrival {
        Arrival::Code(_) => "eksso has what it needs. You can close this page and go back to your terminal.",
        Arrival::Refused(_) => "The sign-in was refused. You can close this page; your terminal says why.",
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::clients::loopback::{MAX_OPEN, MAX_REQUEST, REQUEST_TIME};

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
        let port = callback.0.port();
        assert!(callback.redirect_uri().starts_with("http://127.0.0.1:"));
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
        let port = callback.0.port();
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
