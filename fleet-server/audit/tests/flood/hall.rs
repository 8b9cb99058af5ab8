//! Five robots that disclose themselves, and somebody who floods the air they do it on.

use super::forge::{Forge, Kind};
use air_sim::Transmitter;
use shared::beacon::{
    BeaconTime, Endorsement, MachineName, PresenceWords, Status, Transmit, encode_presence, simulated_air,
};
use shared::id::RobotId;
use shared::seal::SigningKey;
use shared::time::WallTime;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// The seeds of their keys, and how often each speaks, in milliseconds: two of them are stopped.
pub const ROBOTS: [(u8, u64); 5] = [(1, 333), (2, 333), (3, 333), (4, 1000), (5, 1000)];
const LINK_EVERY_MS: u64 = 3000;
const RATE: u64 = 10_000;
/// How often the flood comes, in milliseconds.
const BURST_EVERY_MS: u64 = 2;

/// The hall; it falls silent when it is dropped.
pub struct Hall {
    ca: SigningKey,
    is_over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    began: Instant,
    threads: Vec<JoinHandle<()>>,
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub fn now() -> BeaconTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    BeaconTime::from_wall(WallTime(u64::try_from(since.as_millis()).unwrap()))
}

pub fn said_by(robot: u8, status: Status, time: BeaconTime) -> [u8; 228] {
    let name = MachineName::of(&RobotId::parse(&format!("r-{robot}")).unwrap()).unwrap();
    encode_presence(&key(robot), &PresenceWords { name, status, time, cseq: 7, head: [7; 16] })
}

pub fn link_of(ca: &SigningKey, robot: u8) -> Endorsement {
    let from = now().secs() / 3600 * 3600 - 3600;
    Endorsement::issue(ca, key(robot).public(), from, from + 7 * 24 * 3600).unwrap()
}

impl Hall {
    /// Lets the robots speak, and the flood begin, if there is one.
    pub fn open(kind: Option<Kind>) -> Self {
        // A site of its own, so that nobody else is on its air.
        let ca = key(100 + kind.map_or(0, |kind| kind as u8));
        let (is_over, sent, began) = (Arc::default(), Arc::default(), Instant::now());
        let mut hall = Self { ca, is_over, sent, began, threads: vec![] };
        let air = simulated_air(&hall.ca.public());
        for (robot, every_ms) in ROBOTS {
            let (over, link) = (Arc::clone(&hall.is_over), link_of(&hall.ca, robot));
            hall.threads.push(std::thread::spawn(move || speak(robot, every_ms, &link, air, &over)));
        }
        if let Some(kind) = kind {
            let (over, sent, forge) = (Arc::clone(&hall.is_over), Arc::clone(&hall.sent), Forge::new(kind, &hall.ca));
            hall.threads.push(std::thread::spawn(move || flood(forge, air, &over, &sent)));
        }
        hall
    }

    pub fn ca(&self) -> String {
        self.ca.public().to_text()
    }

    pub fn air(&self) -> String {
        simulated_air(&self.ca.public()).to_string()
    }

    /// Packets of the flood in a second, as many as were sent.
    pub fn rate(&self) -> u64 {
        self.sent.load(Ordering::Relaxed) * 1000 / u64::try_from(self.began.elapsed().as_millis()).unwrap().max(1)
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

fn speak(robot: u8, every_ms: u64, link: &Endorsement, air: SocketAddrV4, is_over: &AtomicBool) {
    let mut radio = Transmitter::open(air).unwrap();
    let status = if every_ms == 1000 { Status::StoppedByButton } else { Status::Ground };
    let (mut presence_at, mut link_at) =
        (Instant::now() + Duration::from_millis(u64::from(robot) * 61), Instant::now());
    while !is_over.load(Ordering::Relaxed) {
        if Instant::now() >= presence_at {
            presence_at += Duration::from_millis(every_ms);
            radio.transmit(&said_by(robot, status, now())).unwrap();
        }
        if Instant::now() >= link_at {
            link_at += Duration::from_millis(LINK_EVERY_MS);
            radio.transmit(&link.to_pack()).unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn flood(mut forge: Forge, air: SocketAddrV4, is_over: &AtomicBool, sent: &AtomicU64) {
    let mut radio = Transmitter::open(air).unwrap();
    let began = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        let due = u64::try_from(began.elapsed().as_millis()).unwrap() * RATE / 1000;
        // Who was kept from sending sends no more than a twentieth of a second at once.
        let burst = (due - sent.load(Ordering::Relaxed)).min(RATE / 20);
        let gone = (0..burst).filter(|_| radio.transmit(forge.next()).is_ok()).count();
        sent.fetch_add(gone as u64, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(BURST_EVERY_MS));
    }
}
