//! A bad network between a robot and the server: so many bits a second each way, so long on the way, and every byte counted.
//!
//! A relay in this process. Bytes leave one after the other at the line's rate (a token bucket of one packet), and arrive after
//! half of the round trip. What waits is bounded, as the buffer of a modem is; beyond that the sender waits.

use anyhow::Result;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Bytes of a packet.
const PACKET_LEN: usize = 1460;
/// Packets that may wait or be under way in one direction: 370 KB.
const PACKETS_MAX: usize = 256;

/// What a link can do.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Towards the robot, in bits a second.
    pub down_bps: f64,
    /// Towards the server, in bits a second.
    pub up_bps: f64,
    /// There and back without a load.
    pub round_trip: Duration,
}

impl Line {
    /// A bad radio link: 1.6 Mbit/s down, 0.75 Mbit/s up, 300 ms.
    pub const BAD: Self = Self { down_bps: 1.6e6, up_bps: 0.75e6, round_trip: Duration::from_millis(300) };
    /// One that only counts.
    pub const FREE: Self = Self { down_bps: f64::INFINITY, up_bps: f64::INFINITY, round_trip: Duration::ZERO };
}

/// A relay with such a line.
pub struct Link {
    address: SocketAddr,
    passed: Passed,
}

/// Bytes that have come out at the other end.
#[derive(Clone, Default)]
struct Passed {
    down: Arc<AtomicU64>,
    up: Arc<AtomicU64>,
}

impl Link {
    /// Opens a link to `upstream`. Its threads end with the connections.
    pub fn open(upstream: SocketAddr, line: Line) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, passed) = (listener.local_addr()?, Passed::default());
        let for_thread = passed.clone();
        std::thread::spawn(move || {
            while let Ok((robot, _)) = listener.accept() {
                // A server that is not there closes the robot's connection, as a refused one would be.
                let _closed = TcpStream::connect(upstream).and_then(|server| join(robot, server, line, &for_thread));
            }
        });
        Ok(Self { address, passed })
    }

    /// Where the robot connects.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that have passed so far: down, up.
    pub fn passed(&self) -> (u64, u64) {
        (self.passed.down.load(Ordering::Relaxed), self.passed.up.load(Ordering::Relaxed))
    }
}

fn join(robot: TcpStream, server: TcpStream, line: Line, passed: &Passed) -> std::io::Result<()> {
    robot.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_robot, from_server) = (robot.try_clone()?, server.try_clone()?);
    let way = line.round_trip / 2;
    carry(from_server, robot, line.down_bps, way, Arc::clone(&passed.down));
    carry(from_robot, server, line.up_bps, way, Arc::clone(&passed.up));
    Ok(())
}

/// A packet and when it arrives.
type Packet = (Instant, Vec<u8>);

fn carry(from: TcpStream, to: TcpStream, bps: f64, way: Duration, count: Arc<AtomicU64>) {
    let (sender, receiver) = sync_channel(PACKETS_MAX);
    std::thread::spawn(move || send(from, bps, way, &sender));
    std::thread::spawn(move || deliver(to, &receiver, &count));
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn send(mut from: TcpStream, bps: f64, way: Duration, packets: &SyncSender<Packet>) {
    let mut line_free = Instant::now();
    let mut buffer = [0; PACKET_LEN];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        line_free = line_free.max(Instant::now()) + Duration::from_secs_f64(length as f64 * 8.0 / bps);
        if packets.send((line_free + way, buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn deliver(mut to: TcpStream, packets: &Receiver<Packet>, count: &AtomicU64) {
    while let Ok((at, bytes)) = packets.recv() {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
        count.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
    let _told = to.shutdown(Shutdown::Both);
}
