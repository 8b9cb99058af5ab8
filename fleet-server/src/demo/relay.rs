//! The network between one robot's agent and the server: a TCP relay on loopback that can be cut.
//!
//! *Cut* is what a robot sees behind a steel rack: silence. Bytes are neither read nor forwarded, nothing is refused,
//! no connection is closed, and an end that closes its side is not noticed on the other. After the restore a connection
//! goes on where it was, unless one of its ends has given up meanwhile.
//!
//! Leaves to others: who cuts and when (`script`, `hardware`); what the two ends make of the silence.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// Connections the kernel completes for us while nobody accepts. Few, so that a robot that keeps trying through an
/// outage soon sees its attempts unanswered, and no heap of dead ones is worked through after the restore.
const BACKLOG: u32 = 2;

/// One robot's network. Dropping it ends nothing; the runtime's end does.
pub struct Relay {
    address: SocketAddr,
    cut: watch::Sender<bool>,
}

impl Relay {
    /// Opens a relay on a free port of loopback, for connections to `upstream`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn start(upstream: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(super::address::loopback(0))?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let cut = watch::Sender::new(false);
        tokio::spawn(accept(listener, upstream, cut.subscribe()));
        Ok(Self { address, cut })
    }

    /// Where the agent connects.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether nothing passes now.
    pub fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Nothing passes from now on, until [`Relay::restore`].
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Everything passes again.
    pub fn restore(&self) {
        self.cut.send_replace(false);
    }
}

async fn accept(listener: TcpListener, upstream: SocketAddr, mut cut: watch::Receiver<bool>) {
    loop {
        restored(&mut cut).await;
        let client = tokio::select! {
            accepted = listener.accept() => accepted,
            () = until_cut(&mut cut) => continue,
        };
        match client {
            Ok((client, _)) if !has_gone(&client) => drop(tokio::spawn(connect(client, upstream, cut.clone()))),
            Ok(_) => {}
            // Out of file descriptors, or the client gave up: the next one may have more luck.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

// An attempt made during the outage that its maker has given up. Forwarded, it would take the place of the living one.
fn has_gone(client: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(client, PollFlags::RDHUP)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut fds, Some(&at_once)), Ok(n) if n > 0)
}

// Without a server the client is closed, as a host without a listener would refuse it.
async fn connect(client: TcpStream, upstream: SocketAddr, mut cut: watch::Receiver<bool>) {
    let connected = TcpStream::connect(upstream).await;
    restored(&mut cut).await;
    let Ok(server) = connected else { return };
    // Small messages: waiting for more would add 40 ms to every acknowledgement.
    let _hurried = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    tokio::select! {
        () = forward(client_in, server_out, cut.clone()) => {}
        () = forward(server_in, client_out, cut.clone()) => {}
    }
    restored(&mut cut).await;
}

/// Carries bytes one way until an end is closed or broken; never while the network is cut.
async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut cut: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        restored(&mut cut).await;
        let length = tokio::select! {
            biased;
            () = until_cut(&mut cut) => continue,
            read = from.read(&mut buffer) => read.unwrap_or(0),
        };
        if length == 0 || !write(&mut to, &buffer[..length], &mut cut).await {
            return restored(&mut cut).await;
        }
    }
}

// Whether all of it was taken. A cut in the middle keeps the rest here until the restore.
async fn write(to: &mut (impl AsyncWrite + Unpin), mut rest: &[u8], cut: &mut watch::Receiver<bool>) -> bool {
    while !rest.is_empty() {
        restored(cut).await;
        tokio::select! {
            biased;
            () = until_cut(cut) => {}
            written = to.write(rest) => match written {
                Ok(length) if length > 0 => rest = &rest[length..],
                Ok(_) | Err(_) => return false,
            },
        }
    }
    true
}

async fn restored(cut: &mut watch::Receiver<bool>) {
    wait_for(cut, false).await;
}

async fn until_cut(cut: &mut watch::Receiver<bool>) {
    wait_for(cut, true).await;
}

// The sender lives as long as the relay; when it is gone, the program is ending and nothing passes any more.
async fn wait_for(cut: &mut watch::Receiver<bool>, wanted: bool) {
    let Ok(_seen) = cut.wait_for(|now| *now == wanted).await else { return std::future::pending().await };
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(2);
    const QUIET: Duration = Duration::from_millis(150);

    async fn pair() -> (Relay, TcpListener, TcpStream, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Relay::start(server.local_addr().unwrap()).unwrap();
        let client = TcpStream::connect(relay.address()).await.unwrap();
        let (accepted, _) = timeout(SOON, server.accept()).await.unwrap().unwrap();
        (relay, server, client, accepted)
    }

    async fn expect_word(stream: &mut TcpStream, word: &[u8]) {
        let mut heard = vec![0; word.len()];
        timeout(SOON, stream.read_exact(&mut heard)).await.unwrap().unwrap();
        assert_eq!(heard, word);
    }

    async fn expect_silence(stream: &mut TcpStream) {
        let mut byte = [0];
        assert!(timeout(QUIET, stream.read(&mut byte)).await.is_err(), "a cut network said something, or closed");
    }

    #[tokio::test]
    async fn words_pass_both_ways() {
        let (_relay, _listener, mut client, mut server) = pair().await;
        client.write_all(b"up").await.unwrap();
        expect_word(&mut server, b"up").await;
        server.write_all(b"down").await.unwrap();
        expect_word(&mut client, b"down").await;
    }

    #[tokio::test]
    async fn a_cut_network_is_silent_and_the_connection_goes_on_after_it() {
        let (relay, _listener, mut client, mut server) = pair().await;
        relay.cut();
        client.write_all(b"while cut").await.unwrap();
        server.write_all(b"also").await.unwrap();
        expect_silence(&mut server).await;
        expect_silence(&mut client).await;
        relay.restore();
        expect_word(&mut server, b"while cut").await;
        expect_word(&mut client, b"also").await;
    }

    #[tokio::test]
    async fn an_end_that_gives_up_is_noticed_only_after_the_restore() {
        let (relay, _listener, client, mut server) = pair().await;
        relay.cut();
        drop(client);
        expect_silence(&mut server).await;
        relay.restore();
        assert_eq!(timeout(SOON, server.read(&mut [0])).await.unwrap().unwrap(), 0);
    }

    #[tokio::test]
    async fn a_new_connection_of_a_cut_robot_waits_and_one_given_up_is_forgotten() {
        let (relay, listener, _client, _server) = pair().await;
        relay.cut();
        let given_up = TcpStream::connect(relay.address()).await.unwrap();
        drop(given_up);
        let mut late = TcpStream::connect(relay.address()).await.unwrap();
        late.write_all(b"late").await.unwrap();
        assert!(timeout(QUIET, listener.accept()).await.is_err());
        relay.restore();
        let (mut server, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
        expect_word(&mut server, b"late").await;
        assert!(timeout(QUIET, listener.accept()).await.is_err(), "the attempt given up was carried on");
    }

    #[tokio::test]
    async fn without_a_server_the_client_is_closed() {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let relay = Relay::start(gone).unwrap();
        let mut client = TcpStream::connect(relay.address()).await.unwrap();
        let ended = timeout(SOON, client.read(&mut [0])).await.unwrap();
        assert!(matches!(ended, Ok(0) | Err(_)));
    }
}
