//! The control loop's thread: every 50 ms, no disk, no network client, no lock shared with the driver.
//!
//! Its ears are the link and a bounded channel from the driver; its mouth are the link, the air, and a bounded channel to
//! the driver, into which it never waits. What to do is decided by `robot_core::Control`.

use crate::air::Air;
use crate::config::Config;
use crate::firmware::{Event, Link};
use crate::{clock, entropy};
use robot_core::{Activity, BeaconClock, Control, Input, Received};
use rustix::process::setpriority_process;
use shared::beacon;
use shared::seal::{Hash, SigningKey};
use shared::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::time::Duration;

/// One cycle.
const PERIOD: Duration = Duration::from_millis(50);

/// What the driver tells the control loop.
#[derive(Clone, Copy, Debug)]
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
}

/// When the driver last finished one of its cycles, in milliseconds of the monotonic clock. A single number, no lock.
pub type DriverPulse = Arc<AtomicU64>;

/// The thread's belongings.
pub struct ControlLoop {
    control: Control,
    link: Link,
    air: Air,
    key: SigningKey,
    beacon_clock: BeaconClock,
    head: (u64, Hash),
    orders: Receiver<Order>,
    driver: SyncSender<Input>,
    pulse: DriverPulse,
    withheld: bool,
    notice: bool,
    #[cfg(debug_assertions)]
    doubling: Option<crate::plant::Doubling>,
    #[cfg(debug_assertions)]
    hang: Option<crate::plant::Hang>,
}

impl ControlLoop {
    /// Ready to run.
    ///
    /// # Errors
    /// When the air cannot be opened.
    pub fn new(
        config: &Config,
        beacon_clock: BeaconClock,
        orders: Receiver<Order>,
        driver: SyncSender<Input>,
        pulse: DriverPulse,
    ) -> std::io::Result<Self> {
        Ok(Self {
            control: Control::default(),
            link: Link::new(config.link.clone(), config.robot.clone()),
            air: Air::open(config.air)?,
            key: config.key.clone(),
            beacon_clock,
            head: (0, Hash::default()),
            orders,
            driver,
            pulse,
            withheld: false,
            notice: false,
            #[cfg(debug_assertions)]
            doubling: (config.plant == Some(crate::plant::Plant::Doubled)).then(crate::plant::Doubling::new),
            #[cfg(debug_assertions)]
            hang: crate::plant::Hang::of("control", config),
        })
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
            }
        }
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
        if cycle.disclose {
            self.disclose(now);
        }
    }

    /// The lamp and the voice of a robot that has neither: a line in the log when a notice begins.
    fn give_notice(&mut self, notice: bool) {
        if notice && !self.notice {
            tracing::warn!("about to move again by itself: three seconds of notice");
        }
        self.notice = notice;
    }

    fn disclose(&self, now: Instant) {
        let (cseq, head) = self.head;
        let half = head.0[..16].try_into().expect("16 of 32 bytes");
        let packet = beacon::encode(&self.key, self.beacon_clock.time_ds(now), cseq, half);
        if let Err(e) = self.air.send(&packet) {
            tracing::warn!("cannot send the disclosure on the air: {e}");
        }
    }

    /// Hands the driver the firmware's own lines. A driver that has no room for one hears it again.
    fn relay(&mut self) {
        for line in self.control.take_lines() {
            if self.driver.try_send(Input::Firmware(line)).is_err() {
                return;
            }
        }
    }

    /// Tells the driver what is seen; a driver with a thousand unread reports misses this one. False when it is gone.
    fn report(&self, now: Instant) -> bool {
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
