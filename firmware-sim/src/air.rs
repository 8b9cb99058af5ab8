//! The face to the air: the firmware's own receiver of its own robot's disclosures.
//!
//! A multicast group on the loopback interface stands for the radio. What is heard here and holds is all that ever
//! raises the pin `beacon_heard`; the agent has no word for it.
//!
//! It runs in a thread of its own, below the control thread, and hands over nothing but "heard". A flood of packets costs
//! a look at each; the one dear step, a signature, is taken [`CHECKS_PER_TICK`] times in a tick at most.
//!
//! Leaves to others: what a disclosure is (`shared::beacon`), what a silence costs (`interlock`).

mod reception;

pub use reception::{Antenna, DELAY, Reception};

use crate::clock;
use crate::control::TICK_MS;
use crate::dropped::Dropped;
use crate::fault::Fault;
use reception::Path;
use shared::beacon::{self, PRESENCE_LEN};
use shared::seal::PublicKey;
use shared::time::Instant;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// A disclosure of our own robot was heard, whole and newer than the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard;

const HEARD_MAX: usize = 8;

/// Signatures checked in one tick. An honest robot needs one in sixty ticks; somebody who sends forgeries in good form
/// can make this receiver miss the honest ones, which stops the robot, and cannot make it burn the processor.
const CHECKS_PER_TICK: u32 = 4;

/// How often the thread looks for delayed packets when the air is silent.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whom the receiver listens for, and where.
#[derive(Debug)]
pub struct Tuning {
    /// Multicast group and port that stand for the radio.
    pub air: SocketAddrV4,
    /// The key with which this robot's agent signs what it says on the air.
    pub robot_key: PublicKey,
    /// The key of the CA that endorses it.
    pub ca_key: PublicKey,
}

impl Tuning {
    fn verifier(&self) -> beacon::Receiver {
        beacon::Receiver::new(self.robot_key, self.ca_key)
    }
}

/// Tunes in and starts the receiver's thread.
///
/// # Errors
/// [`Fault::Unusable`] when the group or its port cannot be listened to.
pub fn open(tuning: Tuning, antenna: Arc<Antenna>, dropped: Arc<Dropped>) -> Result<Receiver<Heard>, Fault> {
    let air = tuning.air;
    let socket = tune_in(air).map_err(|e| Fault::Unusable(format!("listening to the air at {air} failed: {e}")))?;
    let (heard, receiver) = sync_channel(HEARD_MAX);
    let ears = Ears { verifier: tuning.verifier(), tuning, power_ups: 0, checks: Checks::default(), heard, dropped };
    thread::spawn(move || listen(&socket, &antenna, ears));
    Ok(receiver)
}

/// Several receivers share the group and its port: every robot of the hall hears every other one.
fn tune_in(air: SocketAddrV4) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from(air).into())?;
    socket.join_multicast_v4(air.ip(), &Ipv4Addr::LOCALHOST)?;
    socket.set_read_timeout(Some(LOOK_EVERY))?;
    Ok(socket.into())
}

fn listen(socket: &UdpSocket, antenna: &Antenna, mut ears: Ears) {
    // One byte more than the longest pack has, so that a longer packet is seen to be longer.
    let mut bytes = [0; PRESENCE_LEN + 1];
    let mut path = Path::default();
    loop {
        let received = socket.recv(&mut bytes);
        let now = clock::now();
        ears.follow_power(antenna.power_ups());
        if let Ok(length) = received
            && let Some(packet) = path.pass(&mut bytes[..length], antenna.reception(), now)
        {
            ears.hear(packet, now);
        }
        while let Some(packet) = path.arrived(now) {
            ears.hear(&packet, now);
        }
    }
}

/// The verifier with what it may cost and where it tells.
struct Ears {
    verifier: beacon::Receiver,
    tuning: Tuning,
    power_ups: u64,
    checks: Checks,
    heard: SyncSender<Heard>,
    dropped: Arc<Dropped>,
}

impl Ears {
    /// The verifier's marks last one power-up.
    fn follow_power(&mut self, power_ups: u64) {
        if self.power_ups != power_ups {
            self.power_ups = power_ups;
            self.verifier = self.tuning.verifier();
        }
    }

    fn hear(&mut self, packet: &[u8], now: Instant) {
        match self.verifier.hear_if(packet, now, || self.checks.take(now)) {
            // A full channel already says what this would say.
            Ok(beacon::Heard::Presence(_)) => drop(self.heard.try_send(Heard)),
            Ok(beacon::Heard::Link(_)) => {}
            Err(reject) => self.dropped.count_air(reject),
        }
    }
}

/// How many signatures were checked in this tick.
#[derive(Debug, Default)]
struct Checks {
    tick: u64,
    count: u32,
}

impl Checks {
    /// Whether one more may be checked; counts it.
    fn take(&mut self, now: Instant) -> bool {
        let tick = now.0 / TICK_MS;
        if tick != self.tick {
            *self = Self { tick, count: 0 };
        }
        self.count += 1;
        self.count <= CHECKS_PER_TICK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_signatures_are_checked_in_a_tick_and_no_more() {
        let mut checks = Checks::default();
        let taken = |checks: &mut Checks, ms| (0..50).filter(|_| checks.take(Instant(ms))).count();
        assert_eq!(taken(&mut checks, 5), CHECKS_PER_TICK as usize);
        assert_eq!(taken(&mut checks, 9), 0);
        assert_eq!(taken(&mut checks, 10), CHECKS_PER_TICK as usize);
    }
}
