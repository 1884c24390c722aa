//! An HTTPS proxy that leads every host to the simulator, under certificates of its own CA: unmodified programs that take
//! HTTPS_PROXY and a CA bundle can be its clients, with the real host names on the wire.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::state::{Recorded, Shared};

const MAX_HEAD: usize = 8 << 10;

/// Serves CONNECT; `inside` is where TLS is spoken.
pub(crate) async fn serve(listener: TcpListener, inside: SocketAddr, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connect(stream, inside, Arc::clone(&shared)));
    }
}

async fn connect(mut client: TcpStream, inside: SocketAddr, shared: Arc<Shared>) -> std::io::Result<()> {
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
    shared.state().requests.push(Recorded {
        operation: "CONNECT".to_owned(),
        target,
        headers: Vec::new(),
        body: String::new(),
    });
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let mut server = TcpStream::connect(inside).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}
