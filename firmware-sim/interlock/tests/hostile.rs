//! Hostile input from the link against a running interlock: nothing of it may energise, hide a stop, or go uncounted.
//!
//! Frames travel the whole way: bytes, [`cobs::Deframer`], [`Inbox`], [`Interlock::step`]. The agent is known to be able
//! to compute checksums; what it cannot do is say a word that does not exist.

use interlock::{Cause, Interlock, Limits, Motion, Phase, Pins, Stored};
use interlock_link::{FRAME_LEN, Ids, Inbox, Receiver, Reject, Sender, ToInterlock, cobs};

const IDS: Ids = Ids::of_robot("r-1", 0);
const NONCE: u64 = 77;

/// A small generator of numbers that look random (xorshift64*), the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[7]).collect()
    }
}

/// A robot's safety controller with healthy hardware and the agent's end of its link.
struct Bench {
    core: Interlock,
    inbox: Inbox,
    agent: Sender<ToInterlock>,
    button: bool,
    reset: bool,
    t_ms: u32,
}

impl Bench {
    fn new() -> Self {
        let stored = Stored { epoch_mark: 1_000, fault_pending: false };
        let core = Interlock::power_up(Limits::SHIPPED, stored);
        let mut bench =
            Self { core, inbox: Inbox::new(IDS), agent: Sender::agent(IDS), button: false, reset: false, t_ms: 50 };
        bench.say(ToInterlock::Hello { nonce: NONCE });
        bench.ticks(5);
        bench
    }

    /// Proof-tested, reset, armed.
    fn energised() -> Self {
        let mut bench = Self::released();
        bench.arm(0);
        bench.tick();
        assert_eq!(bench.core.phase(), Phase::Energised);
        bench
    }

    fn released() -> Self {
        let mut bench = Self::new();
        bench.button = true;
        bench.ticks(20);
        bench.button = false;
        bench.ticks(20);
        bench.press_reset();
        assert_eq!(bench.core.phase(), Phase::Released);
        bench
    }

    fn press_reset(&mut self) {
        self.reset = true;
        self.ticks(30);
        self.reset = false;
        self.tick();
    }

    fn frame(&mut self, word: ToInterlock) -> [u8; FRAME_LEN] {
        self.agent.encode(word, self.t_ms)
    }

    fn say(&mut self, word: ToInterlock) {
        let frame = self.frame(word);
        self.inbox.push(&frame, self.t_ms);
    }

    /// An `Arm` for the current epoch plus `off`.
    fn arm(&mut self, off: u32) {
        let epoch = self.core.status().trip_epoch.wrapping_add(off);
        self.say(ToInterlock::Arm { epoch });
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes, self.t_ms);
    }

    fn hear_hostile(&mut self, noise: &mut Noise) {
        for _ in 0..50 {
            let frame = hostile(noise, self);
            self.hear(&frame);
        }
    }

    fn tick(&mut self) -> Motion {
        self.t_ms += 5;
        let off = !self.core.outputs().relay_1;
        let closed = !self.button;
        let pins =
            Pins { ch_a: closed, ch_b: closed, reset: self.reset, mirror_1: off, mirror_2: off, beacon_heard: true };
        let outputs = self.core.step(pins, self.inbox.take());
        assert_eq!(outputs.relay_1, outputs.relay_2);
        outputs.motion
    }

    fn ticks(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.tick();
        }
    }

    fn is_off(&self) -> bool {
        !self.core.outputs().relay_1
    }
}

/// Calls `check` for benches in every phase that is off and needs a person.
fn in_every_phase_for_persons(mut check: impl FnMut(Bench)) {
    let mut pressed = Bench::energised();
    pressed.button = true;
    pressed.tick();
    check(pressed);
    check(Bench::new());
    let mut held = Bench::released();
    held.button = true;
    held.tick();
    held.button = false;
    held.ticks(2);
    held.reset = true;
    held.ticks(10);
    assert_eq!(held.core.phase(), Phase::ResetPressed);
    check(held);
}

#[test]
fn random_frames_of_every_length_are_dropped_and_counted() {
    let mut noise = Noise(1);
    in_every_phase_for_persons(|mut bench| {
        for len in 0..=4096 {
            let bytes = noise.bytes(len);
            let before = bench.inbox.counts().dropped();
            bench.hear(&bytes);
            assert_eq!(bench.inbox.counts().dropped(), before + 1, "length {len}");
            bench.tick();
            assert!(bench.is_off());
        }
    });
}

#[test]
fn random_streams_are_cut_into_nothing() {
    let mut noise = Noise(2);
    let mut bench = Bench::energised();
    bench.button = true;
    let mut deframer = cobs::Deframer::new();
    for _ in 0..20_000 {
        for byte in noise.bytes(50) {
            // Many zeros, so that many frames end.
            let byte = if byte < 40 { 0 } else { byte };
            if let Some(frame) = deframer.push(byte) {
                bench.inbox.push(frame, bench.t_ms);
            }
        }
        bench.tick();
        assert!(bench.is_off());
    }
    let counts = bench.inbox.counts();
    assert!(counts.length > 10_000 && counts.accepted == 2, "{counts:?}");
}

#[test]
fn unknown_kinds_with_a_valid_checksum_are_dropped_as_such() {
    let mut bench = Bench::released();
    let known = bench.frame(ToInterlock::Heartbeat);
    for kind in (0..=255).filter(|kind| !(1..=5).contains(kind)) {
        let mut frame = known;
        frame[1] = kind;
        bench.hear(&resealed(frame, NONCE, 0));
        bench.tick();
    }
    assert_eq!(bench.inbox.counts().kind, 251);
    assert!(bench.is_off());
}

#[test]
fn flags_lengths_and_leftovers_that_do_not_exist_are_dropped() {
    let mut bench = Bench::released();
    let arm = ToInterlock::Arm { epoch: bench.core.status().trip_epoch };
    for (at, value) in [(2, 3), (2, 5), (3, 1), (16, 1), (27, 1)] {
        let mut frame = bench.frame(arm);
        frame[at] = value;
        bench.hear(&resealed(frame, NONCE, 0));
        bench.tick();
    }
    let mut stop = bench.frame(ToInterlock::Stop { latch: false });
    stop[12] = 2;
    bench.hear(&resealed(stop, NONCE, 0));
    bench.tick();
    assert_eq!(bench.inbox.counts().payload, 6);
    assert_eq!(bench.core.phase(), Phase::Released);
}

#[test]
fn every_single_and_double_bit_error_is_seen() {
    let mut bench = Bench::released();
    let arm = ToInterlock::Arm { epoch: bench.core.status().trip_epoch };
    let good = bench.frame(arm);
    for first in 0..256 {
        for second in first..256 {
            let mut frame = good;
            frame[first / 8] ^= 1 << (first % 8);
            if second != first {
                frame[second / 8] ^= 1 << (second % 8);
            }
            let mut inbox = bench.inbox;
            inbox.push(&frame, bench.t_ms);
            assert_eq!(inbox.take().word, None, "bits {first} and {second}");
        }
    }
    bench.hear(&good);
    assert_eq!(bench.tick(), Motion::Full);
}

#[test]
fn replayed_frames_do_nothing() {
    let mut bench = Bench::released();
    let arm = ToInterlock::Arm { epoch: bench.core.status().trip_epoch };
    let recorded = bench.frame(arm);
    bench.hear(&recorded);
    assert_eq!(bench.tick(), Motion::Full);
    for _ in 0..2 {
        bench.hear(&recorded);
    }
    assert_eq!(bench.tick(), Motion::Full, "two link errors are not three");
    bench.button = true;
    bench.tick();
    bench.button = false;
    bench.ticks(5);
    bench.press_reset();
    for _ in 0..100 {
        bench.hear(&recorded);
        bench.tick();
    }
    assert_eq!(bench.core.phase(), Phase::Released);
    assert_eq!((bench.inbox.counts().sequence, bench.inbox.counts().age), (2, 100));
}

#[test]
fn a_whole_session_replayed_later_is_too_old() {
    let mut bench = Bench::new();
    let hello = Sender::agent(IDS).encode(ToInterlock::Hello { nonce: 5 }, bench.t_ms);
    let mut past = Sender::agent(IDS);
    past.encode(ToInterlock::Hello { nonce: 5 }, bench.t_ms);
    let beats: Vec<_> = (0..50).map(|_| past.encode(ToInterlock::Heartbeat, bench.t_ms)).collect();
    bench.ticks(200);
    bench.hear(&hello);
    for beat in &beats {
        bench.hear(beat);
    }
    assert_eq!((bench.inbox.counts().age, bench.inbox.session()), (50, Some(5)));
}

#[test]
fn reflected_frames_fail_their_checksum() {
    let mut bench = Bench::released();
    let mut firmware = Sender::firmware(IDS);
    let welcome = interlock_link::FromInterlock::Welcome { nonce: NONCE };
    let frames = [
        firmware.encode(welcome, bench.t_ms),
        firmware.encode(interlock_link::FromInterlock::Status(bench.core.status()), bench.t_ms),
    ];
    for frame in frames {
        assert_eq!(Receiver::firmware(IDS).decode(&frame, bench.t_ms), Err(Reject::Crc));
        bench.hear(&frame);
    }
    assert_eq!(bench.inbox.counts().crc, 2);
}

#[test]
fn arms_of_every_other_epoch_have_no_effect() {
    let epochs = |now: u32| [0, 1, now.wrapping_sub(1), now.wrapping_add(1), now ^ 0x8000_0000, u32::MAX];
    let mut bench = Bench::released();
    for epoch in epochs(bench.core.status().trip_epoch) {
        bench.say(ToInterlock::Arm { epoch });
        assert_eq!(bench.tick(), Motion::None, "epoch {epoch}");
    }
    bench.arm(0);
    assert_eq!(bench.tick(), Motion::Full);
}

#[test]
fn an_arm_at_every_tick_while_pressed_has_no_effect() {
    let mut bench = Bench::energised();
    bench.button = true;
    for _ in 0..2_000 {
        bench.arm(0);
        bench.tick();
        assert!(bench.is_off());
    }
    bench.button = false;
    for _ in 0..2_000 {
        bench.arm(0);
        bench.tick();
        assert!(bench.is_off(), "letting go of the button is no reset");
    }
}

#[test]
fn an_arm_in_the_tick_of_the_resets_release_has_no_effect() {
    let mut bench = Bench::released();
    bench.button = true;
    bench.tick();
    bench.button = false;
    bench.ticks(2);
    bench.reset = true;
    for _ in 0..30 {
        bench.arm(0);
        bench.tick();
    }
    bench.reset = false;
    bench.arm(0);
    assert_eq!(bench.tick(), Motion::None);
    assert_eq!(bench.core.phase(), Phase::Released);
    bench.arm(0);
    assert_eq!(bench.tick(), Motion::Full, "one tick later it is a fresh Arm");
}

#[test]
fn a_second_session_stops_the_robot_and_the_first_is_mute() {
    let mut bench = Bench::energised();
    let mut second = Sender::agent(IDS);
    bench.hear(&second.encode(ToInterlock::Hello { nonce: 78 }, bench.t_ms));
    assert_eq!(bench.tick(), Motion::RampDown);
    let crc = bench.inbox.counts().crc;
    bench.say(ToInterlock::Heartbeat);
    bench.arm(0);
    bench.ticks(60);
    assert!(bench.is_off());
    assert_eq!(bench.inbox.counts().crc, crc + 2);
}

#[test]
fn three_errors_in_a_second_stop_an_energised_robot_and_two_do_not() {
    for (errors, expected) in [(2, Motion::Full), (3, Motion::RampDown)] {
        let mut bench = Bench::energised();
        for _ in 0..errors {
            bench.hear(&[0xAA; FRAME_LEN]);
            bench.say(ToInterlock::Heartbeat);
            bench.tick();
        }
        assert_eq!(bench.tick(), expected);
    }
}

#[test]
fn two_hundred_thousand_hostile_frames_energise_nothing_and_hide_no_stop() {
    withstands(200_000);
}

#[test]
#[ignore = "takes a minute or more; `cargo xtask prove --thorough` runs it"]
fn ten_million_hostile_frames_energise_nothing_and_hide_no_stop() {
    withstands(10_000_000);
}

/// Rounds of a hundred ticks with 50 hostile frames each, and one stop: by the button in the midst of them, and by the agent
/// behind those of its own tick, in turn. Each stop counts in its own tick, and nothing energises after it.
fn withstands(frames: u32) {
    let mut noise = Noise(3);
    let mut heard = 0;
    for round in 0..frames / 5_000 {
        let bench = if round % 2 == 0 { stopped_by_button(&mut noise) } else { stopped_by_agent(&mut noise) };
        heard += bench.inbox.counts().total();
    }
    assert!(heard >= frames, "{heard} frames were heard");
}

fn stopped_by_button(noise: &mut Noise) -> Bench {
    let mut bench = Bench::energised();
    for _ in 0..10 {
        bench.hear_hostile(noise);
        bench.tick();
    }
    bench.button = true;
    for tick in 0..90 {
        // Letting go of the button is no reset.
        bench.button = tick < 45;
        bench.hear_hostile(noise);
        bench.tick();
        assert!(bench.is_off());
    }
    bench
}

/// Noise only beside the stop itself: whoever computes checksums can take the agent's place in the sequence.
fn stopped_by_agent(noise: &mut Noise) -> Bench {
    let mut bench = Bench::energised();
    for _ in 0..50 {
        bench.hear(&noise.bytes(FRAME_LEN));
    }
    bench.say(ToInterlock::Stop { latch: true });
    assert_eq!((bench.tick(), bench.core.status().cause), (Motion::RampDown, Cause::StopLatched));
    for tick in 1..100 {
        bench.hear_hostile(noise);
        let motion = bench.tick();
        assert_eq!(motion, if tick < 60 { Motion::RampDown } else { Motion::None });
    }
    assert_eq!(bench.core.phase(), Phase::ResetArmed);
    bench
}

#[test]
fn a_stop_behind_a_flood_still_counts() {
    let mut bench = Bench::energised();
    for _ in 0..10_000 {
        bench.hear(&[0xAA; FRAME_LEN]);
    }
    bench.say(ToInterlock::Stop { latch: true });
    assert_ne!(bench.tick(), Motion::Full);
    assert_eq!(bench.core.status().cause, Cause::StopLatched);
}

/// Half noise, half frames that are right but for one thing.
fn hostile(noise: &mut Noise, bench: &mut Bench) -> Vec<u8> {
    let choice = noise.next();
    if choice.is_multiple_of(2) {
        return noise.bytes(FRAME_LEN);
    }
    let epoch = bench.core.status().trip_epoch;
    let word = match choice % 5 {
        0 => ToInterlock::Arm { epoch },
        1 => ToInterlock::Heartbeat,
        2 => ToInterlock::Arm { epoch: epoch.wrapping_sub(1) },
        3 => ToInterlock::Arm { epoch: 0 },
        _ => ToInterlock::Stop { latch: false },
    };
    let mut frame = bench.frame(word);
    let at = usize::try_from(choice >> 32).unwrap_or(0) % FRAME_LEN;
    frame[at] = frame[at].wrapping_add(1);
    if choice & 0x100 == 0 { resealed(frame, NONCE, 0).to_vec() } else { frame.to_vec() }
}

/// The frame with a checksum that fits, computed here bit by bit and by its definition.
fn resealed(mut frame: [u8; FRAME_LEN], nonce: u64, direction: u8) -> [u8; FRAME_LEN] {
    let mut covered = Vec::new();
    covered.extend(IDS.firmware.to_le_bytes());
    covered.extend(IDS.agent.to_le_bytes());
    covered.extend(nonce.to_le_bytes());
    covered.push(direction);
    covered.extend(&frame[..28]);
    let mut crc = u32::MAX;
    for byte in covered {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82F6_3B78 * (crc & 1));
        }
    }
    frame[28..].copy_from_slice(&(!crc).to_le_bytes());
    frame
}
