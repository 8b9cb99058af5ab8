//! The receiving half of one direction of a link: what is dropped, and why.
//!
//! The defences of SR-17, each against the errors IEC 61784-3 names: corruption (checksum), repetition, insertion and
//! wrong order (sequence), loss (heartbeat, judged by the interlock), delay (age), masquerade and misaddressing
//! (codename).

use core::marker::PhantomData;

use crate::frame::{Frame, Reject};
use crate::from_interlock::FromInterlock;
use crate::ids::Ids;
use crate::message::Message;
use crate::to_interlock::ToInterlock;

/// Oldest frame that is accepted, in milliseconds. Two periods of the agent's control loop: older than that, a newer
/// one should have come.
pub const AGE_MS_MAX: u32 = 100;

/// How far a frame may claim to come from the future, in milliseconds: as late as a tick may be before it drops the
/// motor line (SR-19). A frame further ahead could be kept and delivered later.
pub const AHEAD_MS_MAX: u32 = 20;

/// Judges the frames of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver<M> {
    ids: Ids,
    /// Whether a greeting has opened a session.
    open: bool,
    /// Number of the last frame that was accepted.
    seq: u32,
    /// The firmware's clock minus our own, in milliseconds, wrapping.
    offset_ms: u32,
    words: PhantomData<M>,
}

impl Receiver<ToInterlock> {
    /// The firmware's. Without a session it accepts nothing but a `Hello`; a `Hello` with another nonce ends the
    /// session and opens the next.
    #[must_use]
    pub const fn firmware(ids: Ids) -> Self {
        Self { ids, open: false, seq: 0, offset_ms: 0, words: PhantomData }
    }

    /// The nonce of the session, if there is one.
    #[must_use]
    pub const fn session(&self) -> Option<u64> {
        if self.open { Some(self.ids.nonce) } else { None }
    }

    /// A `Hello` names the session; the same `Hello` again (its answer was lost) changes nothing.
    fn greet(&mut self, nonce: u64) {
        if self.session() != Some(nonce) {
            self.open = true;
            self.ids.nonce = nonce;
            self.seq = 0;
        }
    }
}

impl Receiver<FromInterlock> {
    /// The agent's, for the session whose nonce it put into its `Hello`. It accepts nothing before the `Welcome`.
    #[must_use]
    pub const fn agent(ids: Ids) -> Self {
        Self { ids, open: false, seq: 0, offset_ms: 0, words: PhantomData }
    }

    /// Whether the firmware has answered the `Hello`.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// The firmware's clock at a time of our own clock, as far as the frames let it be known. Never ahead of it by
    /// more than the clocks' drift, so that a frame which carries it can seem older than it is, but not younger.
    #[must_use]
    pub const fn firmware_ms(&self, own_ms: u32) -> u32 {
        own_ms.wrapping_add(self.offset_ms)
    }
}

/// What differs between the ends when a greeting arrives.
trait Greeted {
    /// # Errors
    /// [`Reject::Session`] for the greeting of a session that was not asked for.
    fn on_greeting(&mut self, nonce: u64, frame_ms: u32, own_ms: u32) -> Result<(), Reject>;
}

impl Greeted for Receiver<ToInterlock> {
    fn on_greeting(&mut self, nonce: u64, _frame_ms: u32, _own_ms: u32) -> Result<(), Reject> {
        self.greet(nonce);
        Ok(())
    }
}

impl Greeted for Receiver<FromInterlock> {
    fn on_greeting(&mut self, nonce: u64, frame_ms: u32, own_ms: u32) -> Result<(), Reject> {
        if nonce != self.ids.nonce {
            return Err(Reject::Session);
        }
        if !self.open {
            self.open = true;
            self.offset_ms = frame_ms.wrapping_sub(own_ms);
        }
        Ok(())
    }
}

#[expect(private_bounds, reason = "the two receivers of this module are all there are")]
impl<M: Message> Receiver<M>
where
    Self: Greeted,
{
    /// The word of a frame that came in at `t_ms` of the receiver's own clock.
    ///
    /// # Errors
    /// Says why the frame was dropped. A dropped frame changes nothing.
    pub fn decode(&mut self, bytes: &[u8], t_ms: u32) -> Result<M, Reject> {
        let (ids, session) = (self.ids, self.ids.nonce);
        let frame = Frame::open(bytes, |kind| {
            let nonce = if kind == M::GREETING { 0 } else { session };
            ids.codename(nonce, M::DIRECTION)
        })?;
        let word = M::read(&frame)?;
        let mut next = *self;
        match word.greeting() {
            Some(nonce) => next.on_greeting(nonce, frame.t_ms, t_ms)?,
            None if !self.open => return Err(Reject::Session),
            None => next.judge_age(frame.t_ms, t_ms)?,
        }
        if frame.seq <= next.seq {
            return Err(Reject::Sequence);
        }
        next.seq = frame.seq;
        *self = next;
        Ok(word)
    }

    /// Every frame carries the firmware's clock: the firmware's own, or what the agent last heard of it plus what has
    /// passed since by the agent's clock. So the firmware judges the way there and back by one clock, its own.
    fn judge_age(&mut self, frame_ms: u32, own_ms: u32) -> Result<(), Reject> {
        let age = own_ms.wrapping_add(self.offset_ms).wrapping_sub(frame_ms).cast_signed();
        if age > AGE_MS_MAX.cast_signed() {
            return Err(Reject::Age);
        }
        if M::LEARNS_CLOCK {
            self.learn_clock(age);
        } else if age < -AHEAD_MS_MAX.cast_signed() {
            return Err(Reject::Age);
        }
        Ok(())
    }

    /// A frame from the future shows that the estimate was behind. Otherwise it falls back by 1 ms a frame, so that a
    /// firmware whose clock is slower than ours does not look later and later.
    fn learn_clock(&mut self, age: i32) {
        let correction = if age < 0 { age } else { i32::from(age > 0) };
        self.offset_ms = self.offset_ms.wrapping_sub(correction.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Body, Cause, Counters, Fragment, Phase, Sender, Setpoint, Status, StepCount};

    const IDS: Ids = Ids::of_robot("r-1", 7);

    fn agent_to_firmware() -> (Sender<ToInterlock>, Receiver<ToInterlock>) {
        let (mut sender, mut receiver) = (Sender::agent(IDS), Receiver::firmware(Ids::of_robot("r-1", 0)));
        let hello = ToInterlock::Hello { nonce: 7 };
        assert_eq!(receiver.decode(&sender.encode(hello, 0), 5_000), Ok(hello));
        (sender, receiver)
    }

    fn firmware_to_agent(t_ms: u32, own_ms: u32) -> (Sender<FromInterlock>, Receiver<FromInterlock>) {
        let (mut sender, mut receiver) = (Sender::firmware(Ids::of_robot("r-1", 0)), Receiver::agent(IDS));
        let welcome = FromInterlock::Welcome { nonce: 7 };
        assert_eq!(receiver.decode(&sender.encode(welcome, t_ms), own_ms), Ok(welcome));
        (sender, receiver)
    }

    #[test]
    fn every_word_to_the_interlock_comes_through() {
        let (mut sender, mut receiver) = agent_to_firmware();
        let setpoint =
            Setpoint { act: Act::Charge, step: 255, order: u64::MAX, x_cm: i16::MIN, y_cm: i16::MAX, amount: 99 };
        for word in [
            ToInterlock::Heartbeat,
            ToInterlock::Stop { latch: false },
            ToInterlock::Stop { latch: true },
            ToInterlock::Arm { epoch: 0x0102_0304 },
            ToInterlock::Setpoint(setpoint),
            ToInterlock::Hello { nonce: u64::MAX },
        ] {
            assert_eq!(receiver.decode(&sender.encode(word, 9), 9), Ok(word));
        }
    }

    #[test]
    fn every_word_from_the_interlock_comes_through() {
        let (mut sender, mut receiver) = firmware_to_agent(0, 0);
        let status = |flags: u8| Status {
            phase: Phase::Standby,
            cause: Cause::TooManyReturns,
            trip_epoch: 0xA0B0_C0D0,
            standby_ok: flags & 1 != 0,
            beacon_heard: flags & 2 != 0,
            button_open: flags & 4 != 0,
            reset_pressed: flags & 8 != 0,
            proof_tested: flags & 16 != 0,
            energised: flags & 32 != 0,
            returns_left: 3,
        };
        for flags in 0..64 {
            let word = FromInterlock::Status(status(flags));
            assert_eq!(receiver.decode(&sender.encode(word, 0), 0), Ok(word));
        }
        for word in [
            FromInterlock::Body(Body {
                x_cm: -1,
                y_cm: 2,
                battery_permille: 999,
                act: Act::Tend,
                held: true,
                moving: false,
            }),
            FromInterlock::StepCount(StepCount { order: 1 << 63, step: 4, count: 200, progress_permille: 1000 }),
            FromInterlock::Counters(Counters { presses: 3, boots: u32::MAX, energised_s: 1 << 20 }),
        ] {
            assert_eq!(receiver.decode(&sender.encode(word, 0), 0), Ok(word));
        }
        for place in 0..3 {
            let fragment = Fragment::cut(u32::MAX, b"a line of 25 bytes, so to", place).unwrap();
            let word = FromInterlock::Record(fragment);
            assert_eq!((receiver.decode(&sender.encode(word, 0), 0), fragment.is_last()), (Ok(word), place == 2));
        }
    }

    #[test]
    fn before_a_session_nothing_is_heard() {
        let mut receiver = Receiver::firmware(Ids::of_robot("r-1", 0));
        let mut sender = Sender::agent(Ids::of_robot("r-1", 0));
        assert_eq!(receiver.decode(&sender.encode(ToInterlock::Heartbeat, 0), 0), Err(Reject::Session));
        let hello = sender.encode(ToInterlock::Hello { nonce: 0 }, 0);
        assert_eq!(receiver.decode(&hello, 0), Err(Reject::Payload));
    }

    #[test]
    fn a_repeated_frame_is_dropped() {
        let (mut sender, mut receiver) = agent_to_firmware();
        let first = sender.encode(ToInterlock::Heartbeat, 0);
        let second = sender.encode(ToInterlock::Heartbeat, 0);
        assert!(receiver.decode(&second, 0).is_ok());
        assert_eq!(receiver.decode(&second, 0), Err(Reject::Sequence));
        assert_eq!(receiver.decode(&first, 0), Err(Reject::Sequence));
    }

    #[test]
    fn a_late_frame_is_dropped_also_across_the_wrap_of_the_clock() {
        for sent in [1_000, u32::MAX - 50] {
            let (mut sender, mut receiver) = agent_to_firmware();
            let frame = sender.encode(ToInterlock::Heartbeat, sent);
            let arrival = |ms: i32| sent.wrapping_add_signed(ms);
            assert_eq!(receiver.decode(&frame, arrival(101)), Err(Reject::Age));
            assert_eq!(receiver.decode(&frame, arrival(-21)), Err(Reject::Age));
            let mut same = receiver;
            assert_eq!(same.decode(&frame, arrival(-20)), Ok(ToInterlock::Heartbeat));
            assert_eq!(receiver.decode(&frame, arrival(100)), Ok(ToInterlock::Heartbeat));
        }
    }

    #[test]
    fn a_frame_of_another_robot_session_or_direction_is_dropped() {
        let (mut sender, mut receiver) = agent_to_firmware();
        let mut other_robot = Sender::agent(Ids::of_robot("r-2", 7));
        let mut other_session = Sender::agent(Ids::of_robot("r-1", 8));
        for mut stranger in [other_robot, other_session] {
            assert_eq!(receiver.decode(&stranger.encode(ToInterlock::Heartbeat, 0), 0), Err(Reject::Crc));
        }
        let hello = other_robot.encode(ToInterlock::Hello { nonce: 9 }, 0);
        assert_eq!(receiver.decode(&hello, 0), Err(Reject::Crc));
        let own = sender.encode(ToInterlock::Heartbeat, 0);
        assert_eq!(Receiver::agent(IDS).decode(&own, 0), Err(Reject::Crc));
        assert!(receiver.decode(&other_session.encode(ToInterlock::Hello { nonce: 8 }, 0), 0).is_ok());
        assert_eq!(receiver.decode(&own, 0), Err(Reject::Crc));
    }

    #[test]
    fn a_welcome_to_somebody_else_opens_nothing() {
        let mut sender = Sender::firmware(Ids::of_robot("r-1", 0));
        let mut receiver = Receiver::agent(IDS);
        let welcome = sender.encode(FromInterlock::Welcome { nonce: 8 }, 0);
        assert_eq!(receiver.decode(&welcome, 0), Err(Reject::Session));
        assert!(!receiver.is_open());
    }

    #[test]
    fn the_agent_learns_the_firmwares_clock_and_never_runs_ahead_of_it() {
        let count = FromInterlock::StepCount(StepCount { order: 1, step: 0, count: 0, progress_permille: 0 });
        let (mut sender, mut receiver) = firmware_to_agent(70_000, 1_000);
        assert_eq!(receiver.firmware_ms(1_010), 70_010);
        // The Welcome was slow: a quicker frame corrects the estimate at once.
        assert!(receiver.decode(&sender.encode(count, 70_130), 1_100).is_ok());
        assert_eq!(receiver.firmware_ms(1_100), 70_130);
        // A frame that took 100 ms is the oldest accepted; the estimate falls back by no more than 1 ms.
        assert_eq!(receiver.decode(&sender.encode(count, 70_130), 1_201), Err(Reject::Age));
        assert!(receiver.decode(&sender.encode(count, 70_131), 1_201).is_ok());
        assert_eq!(receiver.firmware_ms(1_201), 70_230);
    }
}
