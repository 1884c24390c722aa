//! Proxies that lead every host to the simulator, under certificates of its own CA: unmodified programs that take HTTPS_PROXY
//! and a CA bundle can be their clients, with the real host names on the wire. CONNECT in plain text and inside TLS, SOCKS 5.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::state::{Recorded, Shared};

const MAX_HEAD: usize = 8 << 10;

/// What a proxy speaks.
#[derive(Clone)]
pub(crate) enum Kind {
    Connect,
    Tls(TlsAcceptor),
    Socks,
}

/// Serves a proxy; `inside` is where TLS is spoken.
pub(crate) async fn serve(listener: TcpListener, kind: Kind, inside: SocketAddr, shared: Arc<Shared>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (kind, shared) = (kind.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match kind {
                Kind::Connect => connect(stream, inside, &shared).await,
                Kind::Tls(acceptor) => connect(acceptor.accept(stream).await?, inside, &shared).await,
                Kind::Socks => match socks(&mut stream, &shared).await? {
                    Some(target) => lead(stream, behind(&target, inside, &shared)).await,
                    None => Ok(()),
                },
            }
        });
    }
}

async fn lead(mut client: impl AsyncRead + AsyncWrite + Unpin, inside: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(inside).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

/// Clusters are led to themselves, every other host to the AWS side.
fn behind(target: &str, inside: SocketAddr, shared: &Shared) -> SocketAddr {
    let is_cluster = shared.endpoints.iter().any(|(_, url)| url.strip_prefix("https://") == Some(target));
    target.parse().ok().filter(|_| is_cluster).unwrap_or(inside)
}

fn record(shared: &Shared, target: String) {
    let operation = "CONNECT".to_owned();
    shared.state().requests.push(Recorded { operation, target, headers: Vec::new(), body: String::new() });
}

async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: S,
    inside: SocketAddr,
    shared: &Shared,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD {
            return Ok(());
        }
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    let Some(target) = target else {
        return client.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n").await;
    };
    let (login, status) = {
        let state = shared.state();
        (state.world.proxy_login.clone(), state.world.proxy_status)
    };
    let wanted = login.map(|(name, password)| {
        format!("Proxy-Authorization: Basic {}", STANDARD.encode(format!("{name}:{password}")))
    });
    let status =
        status.or_else(|| wanted.is_some_and(|wanted| !head.lines().any(|line| line == wanted)).then_some(407));
    if let Some(status) = status {
        let refusal = format!("HTTP/1.1 {status} No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope");
        return client.write_all(refusal.as_bytes()).await;
    }
    let to = behind(&target, inside, shared);
    record(shared, target);
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    lead(client, to).await
}

/// RFC 1928 and 1929; answers where the client may go on to.
async fn socks(client: &mut TcpStream, shared: &Shared) -> io::Result<Option<String>> {
    let (login, status) = {
        let state = shared.state();
        (state.world.proxy_login.clone(), state.world.proxy_status)
    };
    let (version, methods) = (client.read_u8().await?, client.read_u8().await?);
    let mut offered = vec![0; methods.into()];
    client.read_exact(&mut offered).await?;
    let method = if login.is_some() { 2 } else { 0 };
    if version != 5 || !offered.contains(&method) {
        client.write_all(&[5, 0xff]).await?;
        return Ok(None);
    }
    client.write_all(&[5, method]).await?;
    if let Some((name, password)) = login {
        client.read_u8().await?;
        let given = (text(client).await?, text(client).await?);
        let good = given == (name, password);
        client.write_all(&[1, u8::from(!good)]).await?;
        if !good {
            return Ok(None);
        }
    }
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => {
            let mut address = [0; 4];
            client.read_exact(&mut address).await?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        3 => text(client).await?,
        _ => return Ok(None),
    };
    let port = client.read_u16().await?;
    let target = format!("{host}:{port}");
    if status.is_none() {
        record(shared, target.clone());
    }
    // Not allowed by the rules, or granted; an address follows that is none.
    client.write_all(&[5, if status.is_some() { 2 } else { 0 }, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(status.is_none().then_some(target))
}

/// A text with its length before it.
async fn text(client: &mut TcpStream) -> io::Result<String> {
    let mut text = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
