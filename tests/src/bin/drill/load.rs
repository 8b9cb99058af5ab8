//! What else the machine does meanwhile: one busy thread, the radio of all robots, and a plain timer thread whose
//! lateness is the measure of what this machine can promise at all.

use super::firmware::robot_key;
use anyhow::Result;
use robot_agent::air::Air;
use shared::beacon;
use shared::time::{Instant, Millis};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tests::clock::now;

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
        let radio = Air::open(air)?;
        let (for_radio, for_busy, for_timer) = (Arc::clone(&is_over), Arc::clone(&is_over), Arc::clone(&is_over));
        thread::spawn(move || disclose(&radio, robots, &for_radio));
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

fn disclose(radio: &Air, robots: u64, is_over: &AtomicBool) {
    let keys: Vec<_> = (0..robots).map(robot_key).collect();
    while !is_over.load(Ordering::Relaxed) {
        for key in &keys {
            // What is lost here is lost as on any radio.
            let _lost = radio.send(&beacon::encode(key, now().0 / 100, 1, [0; 16]));
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
