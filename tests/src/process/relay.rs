//! A robot's network: a relay whose cut is silence. Nothing passes, nothing is refused, nobody is told.

use anyhow::Result;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often a silent connection looks whether it may speak.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A relay on a port of its own; its threads end when the relay is dropped and the connections are closed.
pub struct Relay {
    address: SocketAddr,
    line: Arc<Line>,
}

/// What all threads of a relay look at.
#[derive(Default)]
struct Line {
    is_cut: AtomicBool,
    /// Nothing comes to the robot, and what it says goes on its way.
    is_deaf: AtomicBool,
    is_gone: AtomicBool,
}

impl Relay {
    /// Opens a relay to `upstream`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn open(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let (address, line) = (listener.local_addr()?, Arc::<Line>::default());
        let for_thread = Arc::clone(&line);
        thread::spawn(move || accept(&listener, upstream, &for_thread));
        Ok(Self { address, line })
    }

    /// Where the robot connects.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nothing pass.
    pub fn cut(&self) {
        self.line.is_cut.store(true, Ordering::SeqCst);
    }

    /// Lets nothing come to the robot; what it says passes.
    pub fn deafen(&self) {
        self.line.is_deaf.store(true, Ordering::SeqCst);
    }

    /// Lets everything pass again, also what was said meanwhile.
    pub fn restore(&self) {
        self.line.is_cut.store(false, Ordering::SeqCst);
        self.line.is_deaf.store(false, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.line.is_gone.store(true, Ordering::SeqCst);
    }
}

impl Line {
    /// Waits out a cut; false when the relay is gone.
    fn is_open(&self, way: Way) -> bool {
        while self.is_closed(way) && !self.is_gone.load(Ordering::SeqCst) {
            thread::sleep(LOOK_EVERY);
        }
        !self.is_gone.load(Ordering::SeqCst)
    }

    fn is_closed(&self, way: Way) -> bool {
        self.is_cut.load(Ordering::SeqCst) || (way == Way::Down && self.is_deaf.load(Ordering::SeqCst))
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// To the server.
    Up,
    /// To the robot.
    Down,
}

fn accept(listener: &TcpListener, upstream: SocketAddr, line: &Arc<Line>) {
    while line.is_open(Way::Up) {
        match listener.accept() {
            // A server that is not there closes the robot's connection, as a refused one would be.
            Ok((robot, _)) => drop(TcpStream::connect(upstream).and_then(|server| join(robot, server, line))),
            Err(_) => thread::sleep(LOOK_EVERY),
        }
    }
}

fn join(robot: TcpStream, server: TcpStream, line: &Arc<Line>) -> std::io::Result<()> {
    for (from, to, way) in [(robot.try_clone()?, server.try_clone()?, Way::Up), (server, robot, Way::Down)] {
        from.set_nonblocking(false)?;
        from.set_read_timeout(Some(Duration::from_millis(50)))?;
        to.set_nodelay(true)?;
        let line = Arc::clone(line);
        thread::spawn(move || carry(from, to, way, &line));
    }
    Ok(())
}

/// Carries bytes one way. An end that closes is told to the other only while the line is open.
fn carry(mut from: TcpStream, mut to: TcpStream, way: Way, line: &Line) {
    let mut buffer = vec![0; 16 * 1024];
    while line.is_open(way) {
        let read = from.read(&mut buffer);
        if matches!(&read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)) {
            continue;
        }
        let length = read.unwrap_or(0);
        let taken = length > 0 && line.is_open(way) && to.write_all(&buffer[..length]).is_ok();
        if !taken {
            break;
        }
    }
    line.is_open(way);
    let _told = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_silence_and_what_was_said_arrives_after_it() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay::open(server.local_addr().unwrap()).unwrap();
        let mut robot = TcpStream::connect(relay.address()).unwrap();
        let (mut there, _) = server.accept().unwrap();
        robot.write_all(b"a").unwrap();
        assert_eq!(byte(&mut there, 2_000), Some(b'a'));
        relay.cut();
        robot.write_all(b"b").unwrap();
        assert_eq!(byte(&mut there, 200), None);
        relay.restore();
        assert_eq!(byte(&mut there, 2_000), Some(b'b'));
        relay.deafen();
        there.write_all(b"c").unwrap();
        robot.write_all(b"d").unwrap();
        assert_eq!((byte(&mut there, 2_000), byte(&mut robot, 200)), (Some(b'd'), None));
        relay.restore();
        assert_eq!(byte(&mut robot, 2_000), Some(b'c'));
    }

    fn byte(stream: &mut TcpStream, within_ms: u64) -> Option<u8> {
        let mut byte = [0];
        stream.set_read_timeout(Some(Duration::from_millis(within_ms))).unwrap();
        stream.read_exact(&mut byte).ok().map(|()| byte[0])
    }
}
