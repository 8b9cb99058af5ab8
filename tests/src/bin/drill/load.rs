//! What else the machine does meanwhile: one busy thread, the radio of all robots, and a plain timer thread whose
//! lateness is the measure of what this machine can promise at all.

use super::firmware::{ca_key, name, robot_key};
use air_sim::Transmitter;
use anyhow::Result;
use shared::beacon::{
    BeaconTime, Endorsement, LINK_LEN, MachineName, PRESENCE_LEN, PresenceWords, Status, Transmit, encode_presence,
};
use shared::id::RobotId;
use shared::seal::SigningKey;
use shared::time::{Instant, Millis};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tests::clock::{now, wall};

const TIMER_EVERY: Millis = Millis(5);
const BEACON_EVERY: Duration = Duration::from_millis(333);

/// The threads.
pub struct Load {
    is_over: Arc<AtomicBool>,
    timer: JoinHandle<Vec<u64>>,
}

impl Load {
    /// Starts them.
    pub fn start(air: SocketAddrV4, robots: u64) -> Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut radio = Transmitter::open(air)?;
        let voices = (0..robots).map(Voice::new).collect::<Result<Vec<_>>>()?;
        let (for_radio, for_busy, for_timer) = (Arc::clone(&is_over), Arc::clone(&is_over), Arc::clone(&is_over));
        thread::spawn(move || disclose(&mut radio, &voices, &for_radio));
        thread::spawn(move || burn(&for_busy));
        let timer = thread::spawn(move || measure(&for_timer));
        Ok(Self { is_over, timer })
    }

    /// Ends them; returns how late the timer thread was each time, in milliseconds.
    pub fn end(self) -> Vec<u64> {
        self.is_over.store(true, Ordering::Relaxed);
        self.timer.join().unwrap_or_default()
    }
}

/// What one robot says on the air.
struct Voice {
    key: SigningKey,
    name: MachineName,
    link: [u8; LINK_LEN],
}

impl Voice {
    fn new(number: u64) -> Result<Self> {
        let key = robot_key(number);
        let from = BeaconTime::from_wall(wall()).secs() - 3600;
        let link = Endorsement::issue(&ca_key(), key.public(), from, from + 7 * 24 * 3600)?.to_pack();
        Ok(Self { name: MachineName::of(&RobotId::parse(&name(number))?)?, key, link })
    }

    fn presence(&self) -> [u8; PRESENCE_LEN] {
        let time = BeaconTime::from_wall(wall());
        let words = PresenceWords { name: self.name.clone(), status: Status::Ground, time, cseq: 1, head: [0; 16] };
        encode_presence(&self.key, &words)
    }
}

fn disclose(radio: &mut Transmitter, voices: &[Voice], is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        for voice in voices {
            // What is lost here is lost as on any radio.
            let _lost = [radio.transmit(&voice.link), radio.transmit(&voice.presence())];
        }
        thread::sleep(BEACON_EVERY);
    }
}

fn burn(is_over: &AtomicBool) {
    let mut number = 1_u64;
    while !is_over.load(Ordering::Relaxed) {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

fn measure(is_over: &AtomicBool) -> Vec<u64> {
    let mut late = Vec::new();
    let mut due: Instant = now();
    while !is_over.load(Ordering::Relaxed) {
        due = (due + TIMER_EVERY).max(now());
        thread::sleep(Duration::from_millis(due.since(now()).0));
        late.push(now().since(due).0);
    }
    late
}
