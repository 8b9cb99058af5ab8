//! The face to the air: the firmware's own receiver of its own robot's disclosures.
//!
//! What is heard here and holds is all that ever raises the pin `beacon_heard`; the agent has no word for it. The radio
//! itself is a `shared::beacon::Receive`: multicast on loopback stands for it, behind an antenna that the panel mutes,
//! jams and delays.
//!
//! It runs in a thread of its own, below the control thread, and hands over nothing but "heard". A flood of packets costs
//! a look at each; the one dear step, a signature, is taken [`PRESENCES_PER_TICK`] and [`LINKS_PER_TICK`] times in a tick at
//! most.
//!
//! Leaves to others: what a disclosure is (`shared::beacon`), what a silence costs (`interlock`).

mod disturbed;
mod reception;
mod truth;

pub use reception::{Antenna, DELAY, Reception};

use crate::clock;
use crate::dropped::Dropped;
use crate::entropy;
use crate::fault::Fault;
use crate::log::Log;
use crate::tick::TICK_MS;
use disturbed::Disturbed;
use shared::beacon::{self, AirFault, DisclosureId, Pack, Receive};
use shared::seal::PublicKey;
use shared::time::Instant;
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use truth::Truth;

/// A disclosure of our own robot was heard, whole and newer than the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard;

const HEARD_MAX: usize = 8;

/// Signatures of disclosures checked in one tick. An honest robot needs one in sixty ticks; somebody who sends forgeries in
/// good form can make this receiver miss the honest ones, which stops the robot, and cannot make it burn the processor.
const PRESENCES_PER_TICK: u32 = 4;
/// Signatures of endorsements checked in one tick, beside those: forged endorsements cost a disclosure nothing. An honest one is
/// sent every 3 s.
const LINKS_PER_TICK: u32 = 1;

/// How often the thread looks for delayed packets when the air is silent.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whom the receiver listens for, and where, and where it is written what came through.
#[derive(Debug)]
pub struct Tuning {
    /// Multicast group and port that stand for the radio.
    pub air: SocketAddrV4,
    /// The key with which this robot's agent signs what it says on the air.
    pub robot_key: PublicKey,
    /// The key of the CA that endorses it.
    pub ca_key: PublicKey,
    /// The antenna's truth log.
    pub truth: PathBuf,
}

impl Tuning {
    fn verifier(&self) -> beacon::Receiver {
        beacon::Receiver::new(self.robot_key, self.ca_key)
    }
}

/// Tunes in and starts the receiver's thread.
///
/// # Errors
/// [`Fault::Unusable`] when the air cannot be listened to, or the truth log cannot be written.
pub fn open(tuning: Tuning, antenna: Arc<Antenna>, dropped: Arc<Dropped>, log: Log) -> Result<Receiver<Heard>, Fault> {
    let radio = air_sim::Receiver::open(tuning.air).map_err(|e| Fault::Unusable(e.to_string()))?;
    let truth = Truth::open(&tuning.truth, DisclosureId::of(&tuning.robot_key));
    let truth = truth.map_err(|e| Fault::unusable("opening", &tuning.truth, &e))?;
    let mut radio = Disturbed::new(radio, Arc::clone(&antenna), truth, clock::now, entropy::noise);
    let (heard, receiver) = sync_channel(HEARD_MAX);
    let mut ears =
        Ears { verifier: tuning.verifier(), tuning, power_ups: 0, checks: Checks::default(), heard, dropped };
    let mut health = Health::default();
    thread::spawn(move || {
        loop {
            health.note(listen(&mut radio, &antenna, &mut ears), &log);
        }
    });
    Ok(receiver)
}

/// Hears the next packet, if one comes in time.
fn listen(radio: &mut impl Receive, antenna: &Antenna, ears: &mut Ears) -> Result<(), AirFault> {
    let packet = radio.receive(LOOK_EVERY)?;
    ears.follow_power(antenna.power_ups());
    if let Some(packet) = packet {
        ears.hear(packet, clock::now());
    }
    Ok(())
}

/// Whether the radio works. One that does not is tried again for ever: what that costs is that the robot stands.
#[derive(Debug, Default)]
struct Health {
    is_deaf: bool,
}

impl Health {
    /// Says it when the radio fails and when it works again, not each of fifty times a second.
    fn note(&mut self, listened: Result<(), AirFault>, log: &Log) {
        match &listened {
            Err(fault) if !self.is_deaf => log.say(format!("{fault}; the robot does not move")),
            Ok(()) if self.is_deaf => log.say("the radio hears again".to_owned()),
            Err(_) | Ok(()) => {}
        }
        self.is_deaf = listened.is_err();
        if self.is_deaf {
            thread::sleep(LOOK_EVERY);
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
        match self.verifier.hear_if(packet, now, |pack| self.checks.take(pack, now)) {
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
    presences: u32,
    links: u32,
}

impl Checks {
    /// Whether one more of this kind may be checked; counts it.
    const fn take(&mut self, pack: &Pack, now: Instant) -> bool {
        let tick = now.0 / TICK_MS;
        if tick != self.tick {
            *self = Self { tick, presences: 0, links: 0 };
        }
        let (count, max) = match pack {
            Pack::Presence(_) => (&mut self.presences, PRESENCES_PER_TICK),
            Pack::Link(_) => (&mut self.links, LINKS_PER_TICK),
        };
        *count = count.saturating_add(1);
        *count <= max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::beacon::{BeaconTime, Endorsement, MachineName, PresenceWords, Status, Transmit, encode_presence};
    use shared::id::RobotId;
    use shared::seal::SigningKey;
    use std::net::Ipv4Addr;

    fn said(robot: &SigningKey, ds: u64) -> [u8; 228] {
        let name = MachineName::of(&RobotId::parse("r-1").unwrap()).unwrap();
        let time = BeaconTime::from_ds(2_487_024_000 + ds);
        encode_presence(robot, &PresenceWords { name, status: Status::Ground, time, cseq: 1, head: [0; 16] })
    }

    #[test]
    fn so_many_signatures_are_checked_in_a_tick_and_no_more_and_endorsements_take_none_from_disclosures() {
        let robot = SigningKey::from_seed(&[3; 32]);
        let presence = Pack::read(&said(&robot, 0)).unwrap();
        let link = Pack::Link(Endorsement::issue(&robot, robot.public(), 1, 2).unwrap());
        let mut checks = Checks::default();
        let mut taken = |pack, ms| (0..50).filter(|_| checks.take(pack, Instant(ms))).count();
        assert_eq!(taken(&link, 5), LINKS_PER_TICK as usize);
        assert_eq!(taken(&presence, 5), PRESENCES_PER_TICK as usize);
        assert_eq!((taken(&presence, 9), taken(&link, 9)), (0, 0));
        assert_eq!(taken(&presence, 10), PRESENCES_PER_TICK as usize);
    }

    #[test]
    fn what_comes_over_any_radio_is_heard_when_it_holds() {
        let (robot, ca) = (SigningKey::from_seed(&[3; 32]), SigningKey::from_seed(&[4; 32]));
        let tuning = Tuning {
            air: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
            robot_key: robot.public(),
            ca_key: ca.public(),
            truth: PathBuf::new(),
        };
        let (heard, receiver) = sync_channel(HEARD_MAX);
        let dropped = Arc::new(Dropped::default());
        let (verifier, checks) = (tuning.verifier(), Checks::default());
        let mut ears = Ears { verifier, tuning, power_ups: 0, checks, heard, dropped };
        let (mut air, mut receivers) = air_sim::room(1);
        let mut hear = |pack: &[u8]| {
            air.transmit(pack).unwrap();
            listen(&mut receivers[0], &Antenna::default(), &mut ears).unwrap();
            receiver.try_recv().ok()
        };
        let (time, presence) = (BeaconTime::from_ds(2_487_024_000), said(&robot, 0));
        assert_eq!(hear(&presence), None, "nobody endorsed it yet");
        let link = Endorsement::issue(&ca, robot.public(), time.secs(), time.secs() + 3600).unwrap();
        assert_eq!(hear(&link.to_pack()), None);
        assert_eq!(hear(&presence), Some(Heard));
        assert_eq!(hear(&presence), None, "a recording");
        drop((air, receiver));
        assert!(matches!(listen(&mut receivers[0], &Antenna::default(), &mut ears), Err(AirFault::Deaf(_))));
    }
}
