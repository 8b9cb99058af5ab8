//! The control loop's thread: every 50 ms, no disk, no network client, no lock shared with the driver.
//!
//! Its ears are the link and a bounded channel from the driver; its mouth are the link, the air, and a bounded channel to
//! the driver, into which it never waits. What to do is decided by `robot_core::Control`.

use crate::config::Config;
use crate::firmware::{Event, Link};
use crate::{clock, entropy};
use robot_core::{Activity, BeaconClock, Control, Input, OnAir, Received, ServerTime, Validity};
use rustix::process::setpriority_process;
use shared::beacon::{self, AirFault, MachineName, PresenceWords, Transmit};
use shared::seal::{Hash, SigningKey};
use shared::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::time::Duration;

/// One cycle.
const PERIOD: Duration = Duration::from_millis(50);

/// What the driver tells the control loop.
#[derive(Clone, Debug)]
pub enum Order {
    /// The body should do this.
    Act(Activity),
    /// The body should rest.
    Rest,
    /// The robot may ask to be armed in this trip epoch.
    MayArm {
        /// Which.
        trip_epoch: u32,
    },
    /// The robot may not ask to be armed.
    MayNotArm,
    /// The newest committed head, for the beacon.
    Head {
        /// Number of the newest entry.
        cseq: u64,
        /// Its hash.
        head: Hash,
    },
    /// The endorsement that the robot discloses under.
    Endorsed {
        /// From when until when.
        validity: Validity,
        /// The link pack.
        pack: Vec<u8>,
    },
    /// The clock to disclose by, and what is known of the server's calendar.
    Clock(BeaconClock, Option<ServerTime>),
    /// Sit down, until there is another endorsement.
    SitDown,
}

/// The half of a radio that speaks; which one, the shell decides once.
pub type Radio = Box<dyn Transmit + Send>;

/// When the driver last finished one of its cycles, in milliseconds of the monotonic clock. A single number, no lock.
pub type DriverPulse = Arc<AtomicU64>;

/// The thread's belongings.
pub struct ControlLoop {
    control: Control,
    link: Link,
    air: Radio,
    key: SigningKey,
    name: MachineName,
    beacon_clock: BeaconClock,
    head: (u64, Hash),
    link_pack: Vec<u8>,
    orders: Receiver<Order>,
    driver: SyncSender<Input>,
    pulse: DriverPulse,
    withheld: bool,
    notice: bool,
    /// The radio refused what it was given last.
    is_refused: bool,
    #[cfg(debug_assertions)]
    doubling: Option<crate::plant::Doubling>,
    #[cfg(debug_assertions)]
    hang: Option<crate::plant::Hang>,
}

impl ControlLoop {
    /// Ready to run, and to disclose itself by this radio.
    pub fn new(
        config: &Config,
        air: Radio,
        beacon_clock: BeaconClock,
        orders: Receiver<Order>,
        driver: SyncSender<Input>,
        pulse: DriverPulse,
    ) -> Self {
        Self {
            control: Control::disclosing_by(beacon_clock),
            link: Link::new(config.link.clone(), config.robot.clone()),
            air,
            key: config.key.clone(),
            name: config.name.clone(),
            beacon_clock,
            head: (0, Hash::default()),
            link_pack: vec![],
            orders,
            driver,
            pulse,
            withheld: false,
            notice: false,
            is_refused: false,
            #[cfg(debug_assertions)]
            doubling: (config.plant == Some(crate::plant::Plant::Doubled)).then(crate::plant::Doubling::new),
            #[cfg(debug_assertions)]
            hang: crate::plant::Hang::of("control", config),
        }
    }

    /// Runs until the driver is gone.
    pub fn run(mut self) {
        raise_priority();
        loop {
            self.listen(clock::now());
            #[cfg(debug_assertions)]
            self.hang.iter().for_each(crate::plant::Hang::if_asked);
            // Read anew: a cycle that was held up while it listened is a late one.
            let now = clock::now();
            self.cycle(now);
            self.relay();
            let driver_is_gone = !self.report(now);
            if driver_is_gone {
                return;
            }
            std::thread::sleep(PERIOD);
        }
    }

    fn listen(&mut self, now: Instant) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Act(activity) => self.control.receive(Received::Act(activity), now),
                Order::MayArm { trip_epoch } => self.control.receive(Received::MayArm { trip_epoch }, now),
                Order::MayNotArm => self.control.receive(Received::MayNotArm, now),
                Order::Rest => self.control.receive(Received::Rest, now),
                Order::Head { cseq, head } => self.head = (cseq, head),
                Order::Clock(clock, server) => {
                    self.beacon_clock = clock;
                    self.control.receive(Received::Clock(clock, server), now);
                }
                Order::SitDown => self.control.receive(Received::SitDown, now),
                Order::Endorsed { validity, pack } => {
                    self.link_pack = pack;
                    self.control.receive(Received::Endorsed(validity), now);
                }
            }
        }
        self.control.receive(Received::Wall(clock::wall()), now);
        let linked = self.link.connect(|| entropy::random().unwrap_or(now.0), now);
        self.link_event(linked, now);
        let mut words = vec![];
        let lost = self.link.read(clock::now, |word, at| words.push((word, at)));
        #[cfg(debug_assertions)]
        if let Some(doubling) = &mut self.doubling {
            words = words.into_iter().filter_map(|(word, at)| Some((doubling.incoming(word)?, at))).collect();
        }
        words.into_iter().for_each(|(word, at)| self.control.receive(Received::Word(word), at));
        self.link_event(lost, now);
    }

    fn cycle(&mut self, now: Instant) {
        let cycle = self.control.cycle(Instant(self.pulse.load(Ordering::Acquire)), now);
        if cycle.withheld != self.withheld {
            self.withheld = cycle.withheld;
            tracing::warn!(
                withheld = cycle.withheld,
                "the beat to the firmware is withheld: a cycle came late or the driver is stuck"
            );
        }
        self.give_notice(cycle.notice);
        let words = cycle.words;
        #[cfg(debug_assertions)]
        let words = match &mut self.doubling {
            Some(doubling) => words.into_iter().map(|word| doubling.outgoing(word)).collect(),
            None => words,
        };
        let lost = self.link.write(&words, now);
        self.link_event(lost, now);
        self.say(cycle.on_air, now);
    }

    /// The lamp and the voice of a robot that has neither: a line in the log when a notice begins.
    fn give_notice(&mut self, notice: bool) {
        if notice && !self.notice {
            tracing::warn!("about to move again by itself: three seconds of notice");
        }
        self.notice = notice;
    }

    /// The endorsement first: who hears the disclosure behind it can believe it at once.
    fn say(&mut self, on_air: OnAir, now: Instant) {
        if on_air.link {
            let sent = self.air.transmit(&self.link_pack);
            self.note(sent);
        }
        let Some(status) = on_air.presence else { return };
        let (cseq, head) = self.head;
        let head = head.0[..16].try_into().expect("16 of 32 bytes");
        let words = PresenceWords { name: self.name.clone(), status, time: self.beacon_clock.time(now), cseq, head };
        let sent = self.air.transmit(&beacon::encode_presence(&self.key, &words));
        if self.note(sent) {
            self.control.receive(Received::Disclosed, now);
        }
    }

    /// Says when the radio begins to refuse, and when it sends again; not each of three times a second. Whether it sent.
    fn note(&mut self, sent: Result<(), AirFault>) -> bool {
        match &sent {
            Err(e) if !self.is_refused => tracing::warn!("what this robot discloses does not go out: {e}"),
            Ok(()) if self.is_refused => tracing::info!("the radio sends again"),
            Err(_) | Ok(()) => {}
        }
        self.is_refused = sent.is_err();
        sent.is_ok()
    }

    /// Hands the driver the firmware's own lines. A driver that has no room for one hears it again.
    fn relay(&mut self) {
        for line in self.control.take_lines() {
            if self.driver.try_send(Input::Firmware(line)).is_err() {
                return;
            }
        }
    }

    /// Tells the driver what is seen; a driver with a thousand unread reports misses this one, but what begins and ends
    /// between two of them waits until there is room for it. False when the driver is gone.
    fn report(&mut self, now: Instant) -> bool {
        let edges = self.control.edges();
        let count = edges.len();
        if count > 0 && self.driver.try_send(Input::Witnessed(edges)).is_ok() {
            self.control.delivered(count);
        }
        let sent = self.driver.try_send(Input::Seen(self.control.seen(now)));
        !matches!(sent, Err(TrySendError::Disconnected(_)))
    }

    fn link_event(&mut self, event: Option<Event>, now: Instant) {
        match event {
            Some(Event::Linked { nonce }) => {
                tracing::info!("the link to the firmware stands");
                self.control.receive(Received::Linked { nonce }, now);
            }
            Some(Event::Unlinked) => {
                tracing::warn!(rejected = self.link.rejected(), "the link to the firmware is gone");
                self.control.receive(Received::Unlinked, now);
            }
            None => {}
        }
    }
}

/// Puts this thread before ordinary ones where that is permitted. Where it is not, a late beat stops the robot more often,
/// never less.
fn raise_priority() {
    const NICENESS: i32 = -12;
    if setpriority_process(None, NICENESS).is_err() {
        tracing::info!(
            "not permitted to raise the control loop's priority: on a busy machine the robot may stop more often"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use air_sim::room;
    use robot_core::BeaconMark;
    use shared::beacon::{Pack, Receive, Status};
    use shared::id::{RobotId, SiteId};
    use shared::journal::Boot;
    use std::path::PathBuf;
    use std::sync::mpsc::sync_channel;

    fn config() -> Config {
        let robot = RobotId::parse("r-1").unwrap();
        let key = SigningKey::from_seed(&[1; 32]);
        Config {
            name: MachineName::of(&robot).unwrap(),
            robot,
            site: SiteId::parse("s").unwrap(),
            dir: PathBuf::new(),
            site_key: key.public(),
            ca_key: key.public(),
            key,
            link: PathBuf::new(),
            mqtt: "127.0.0.1:1".parse().unwrap(),
            air: "239.255.0.1:1".parse().unwrap(),
            endorsement: None,
            safe_point: None,
            storage_len: 1 << 30,
            #[cfg(debug_assertions)]
            plant: None,
        }
    }

    #[test]
    fn it_discloses_by_whatever_radio_it_is_given_and_notes_what_a_radio_refuses() {
        let (air, mut receivers) = room(1);
        let (_orders, ordered) = sync_channel(1);
        let (inputs, _driver) = sync_channel(1);
        let clock = BeaconClock::start(clock::wall(), None::<BeaconMark>, Boot(1), Instant(0));
        let mut control = ControlLoop::new(&config(), Box::new(air), clock, ordered, inputs, DriverPulse::default());
        let disclose = OnAir { link: false, presence: Some(Status::Ground) };
        control.say(disclose, Instant(50));
        let packet = receivers[0].receive(Duration::ZERO).unwrap().unwrap();
        let Ok(Pack::Presence(presence)) = Pack::read(packet) else { panic!("a disclosure") };
        assert_eq!(presence.check(&SigningKey::from_seed(&[1; 32]).public()), Ok(()));
        assert_eq!(control.control.seen(Instant(60)).disclosed, Some(Instant(50)));

        receivers.clear();
        control.say(disclose, Instant(100));
        assert!(control.is_refused);
        assert_eq!(
            control.control.seen(Instant(110)).disclosed,
            Some(Instant(50)),
            "what was refused was not disclosed"
        );
    }
}
