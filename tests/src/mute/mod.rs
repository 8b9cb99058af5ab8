//! A robot that walks, and whose disclosure stops being heard at a moment that chance picks: when does it stand?
//!
//! Everything that decides is real: driver, control loop, packs and their signatures, the firmware's verifier, the link's
//! frames, the interlock and the relays. Only clock, air, commits and the body's floor are false, and a seed decides them, so
//! that a trial can be repeated: `trial(seed)`.

mod agent;
mod distribution;
mod ending;
mod firmware;
mod radio;

pub use distribution::Distribution;
pub use ending::{Ending, ending};
pub use radio::Failure;

use crate::world::random::Random;
use agent::Agent;
use anyhow::{Context, Result, ensure};
use firmware::{Firmware, Frame, TICK_MS};
use firmware_sim::body::physics::SPEED_MM_S_MAX;
use interlock_link::Phase;
use radio::Radio;
use robot_core::{Identity, Input};
use shared::beacon::{BeaconTime, Endorsement};
use shared::fact::{Fact, GapCause};
use shared::id::{RobotId, TaskId, ZoneId};
use shared::journal::Boot;
use shared::seal::{Context as Purpose, SigningKey};
use shared::task::{Step, TaskKind, TaskRow, TaskState};
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::{Ack, Feed, Now, Row, RowBytes};
use shared::wire::topic::Down;
use shared::wire::{Encode, to_bytes};
use shared::zone::Point;

/// Longest time from the last disclosure that was heard to the last movement: 1.5 s of the interlock's patience, 300 ms of
/// its controlled stop, and 50 ms for relays, motor line and ticks. In milliseconds.
pub const STANDS_WITHIN_MS: u64 = 1850;

const ROBOT: &str = "r-1";
/// How long the endorsement of a robot holds that nobody hears: much longer than a trial.
const ENDORSED_S: u32 = 6 * 24 * 3600;
/// How long a start may take until the robot walks.
const READY_WITHIN_MS: u64 = 20_000;
/// How long a robot that nobody hears is watched.
const WATCHED_MS: u64 = 8_000;
/// How many ticks the body's process may take to look at its line: as long as a permission holds.
const LINE_LAG_TICKS_MAX: u64 = firmware_sim::body::PERMISSION_MS / TICK_MS;
/// How far the robot's own record may date the last hearing from the truth, and the end of the motion.
const RECORD_OFF_MS_MAX: u64 = 200;

/// What a trial has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// How the disclosure failed.
    pub failure: Failure,
    /// From the last disclosure that the firmware heard to the last movement, in milliseconds.
    pub stood_after_ms: u64,
}

/// Lets one robot walk, cuts its disclosure off, and watches.
///
/// # Errors
/// When the robot never walks, moves again, or records other than what happened.
pub fn trial(seed: u64) -> Result<Trial> {
    let mut random = Random::from_seed(seed);
    let place = usize::try_from(random.below(Failure::ALL.len() as u64))?;
    let failure = Failure::ALL[place];
    let walks_ms = random.below(4_000);
    let goes_on_ms = if random.once_in(2) { random.below(3_000) } else { 2 * WATCHED_MS };
    let mut rig = Rig::new(random, ENDORSED_S, None)?;
    rig.walk(walks_ms, goes_on_ms)?;
    rig.fail(failure);
    rig.pass(WATCHED_MS);
    rig.judge(failure).with_context(|| format!("seed {seed}, {failure:?}"))
}

struct Rig {
    now_ms: u64,
    random: Random,
    firmware: Firmware,
    radio: Radio,
    agent: Agent,
    to_agent: Vec<Frame>,
}

impl Rig {
    /// A robot whose endorsement holds for so long from now, and which may know a safe point.
    fn new(mut random: Random, endorsed_s: u32, safe_point: Option<Point>) -> Result<Self> {
        let now_ms = 1_000;
        let identity =
            Identity { robot: RobotId::parse(ROBOT)?, key: key(1), site_key: key(2).public(), ca_key: key(3).public() };
        let from_s = BeaconTime::from_wall(agent::wall(now_ms)).secs() - 3600;
        let endorsement = Endorsement::issue(&key(3), key(1).public(), from_s, from_s + 3600 + endorsed_s)?;
        let line_lag = usize::try_from(random.below(LINE_LAG_TICKS_MAX + 1))?;
        let firmware = Firmware::power_up(ROBOT, key(1).public(), key(3).public(), line_lag);
        let radio = Radio::new(Random::from_seed(random.draw()));
        let agent = Agent::start(identity, &endorsement.to_pack(), safe_point, now_ms)?;
        Ok(Self { now_ms, random, firmware, radio, agent, to_agent: vec![] })
    }

    /// A person tests the button, resets, and lets the robot go on; a task makes it walk for so long, and a little or much
    /// longer, so that some walks end while nobody hears them.
    fn walk(&mut self, walks_ms: u64, goes_on_ms: u64) -> Result<()> {
        self.pass(200);
        self.firmware.plant.move_button(true);
        self.pass(300);
        self.firmware.plant.move_button(false);
        self.pass(200);
        self.firmware.plant.reset.is_pressed = true;
        self.pass(300);
        self.firmware.plant.reset.is_pressed = false;
        self.until("is energised", |rig| rig.firmware.status().phase == Phase::Energised)?;
        self.pass(200);
        let mono_ms = self.now_ms;
        self.say(Down::Now, &Now::Resume { number: 1, boot: Boot(1), mono_ms });
        self.meet_server(1)?;
        let rows = vec![RowBytes(to_bytes(&Row::Task { row: walk_for(walks_ms + goes_on_ms)? }))];
        self.say(Down::Feed, &Feed { server_epoch: 5, from: 0, rows });
        self.until("walks", |rig| rig.firmware.is_moving())?;
        self.pass(walks_ms);
        self.until("walks", |rig| rig.firmware.is_moving())
    }

    /// A server answers the robot's hello, whose feed stands at this row: an order is taken once the robot has all rows.
    fn meet_server(&mut self, feed_head: u64) -> Result<()> {
        self.agent.give(Input::Connected);
        self.until("greets the server", |rig| rig.agent.hello.is_some())?;
        let nonce = self.agent.hello.context("it has greeted")?;
        let wall_ms = Some(agent::wall(self.now_ms).0);
        self.say(Down::Ack, &Ack::Welcome { nonce, server_epoch: 5, marks: vec![], feed_head, can: None, wall_ms });
        Ok(())
    }

    fn fail(&mut self, failure: Failure) {
        self.radio.fail(failure);
        self.agent.is_refused = failure == Failure::Refused;
    }

    fn say<T: Encode<()>>(&mut self, channel: Down, body: &T) {
        let robot = RobotId::parse(ROBOT).expect("a constant that is a name");
        self.agent.give(Input::Message(channel, Sealed::seal(&key(2), Purpose::Down, &robot, body)));
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let deadline_ms = self.now_ms + READY_WITHIN_MS;
        while !holds(self) {
            ensure!(
                self.now_ms < deadline_ms,
                "in {READY_WITHIN_MS} ms the robot never {what}: {:?}",
                self.firmware.status()
            );
            self.tick();
        }
        Ok(())
    }

    fn pass(&mut self, ms: u64) {
        (0..ms / TICK_MS).for_each(|_| self.tick());
    }

    fn tick(&mut self) {
        self.now_ms += TICK_MS;
        self.agent.listen(&std::mem::take(&mut self.to_agent), self.now_ms);
        let said = self.agent.live(&mut self.random, self.now_ms);
        said.packets.into_iter().for_each(|packet| self.radio.send(packet, self.now_ms));
        for packet in self.radio.arrivals(self.now_ms) {
            self.firmware.hear(&packet, self.now_ms);
        }
        self.to_agent = self.firmware.tick(&said.frames, self.now_ms);
    }

    /// The firmware's truth against the bound, and the robot's record against the firmware's truth.
    fn judge(&self, failure: Failure) -> Result<Trial> {
        let heard_ms = self.firmware.heard_ms.context("it was never heard")?;
        let moved_ms = self.firmware.moved_ms.context("it never moved")?;
        let phase = self.firmware.status().phase;
        ensure!(phase == Phase::Standby, "nobody hears it, and it is {phase:?}");
        let mut facts = self.agent.facts.iter().rev().map(|(_, fact)| fact);
        let ended = facts.clone().find_map(|fact| match fact {
            Fact::MotionEnded { mono_ms } => Some(*mono_ms),
            _ => None,
        });
        let gap = facts.find_map(|fact| match fact {
            Fact::DisclosureGap { cause, mono_ms } => Some((*cause, *mono_ms)),
            _ => None,
        });
        let (cause, gap_ms) = gap.context("no gap is recorded")?;
        // What went out just before the radio refused, and was lost on the way, was sent and not heard.
        let is_sent = failure != Failure::Refused || self.radio.lost_ms > heard_ms;
        let expected = if is_sent { GapCause::NotHeard } else { GapCause::NotSent };
        ensure!(cause == expected, "the gap's cause is recorded as {cause:?}");
        let is_true = |recorded: u64, truth: u64| recorded.abs_diff(truth) <= RECORD_OFF_MS_MAX;
        ensure!(is_true(gap_ms, heard_ms), "heard last at {heard_ms} ms, recorded {gap_ms} ms");
        let ended_ms = ended.context("no end of the motion is recorded")?;
        ensure!(is_true(ended_ms, moved_ms), "moved last at {moved_ms} ms, recorded {ended_ms} ms");
        Ok(Trial { failure, stood_after_ms: moved_ms.saturating_sub(heard_ms) })
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// A walk of this length, and a second to set off and arrive.
fn walk_for(ms: u64) -> Result<TaskRow> {
    let x_cm = i16::try_from((ms + 1_000) * SPEED_MM_S_MAX as u64 / 10_000)?;
    Ok(TaskRow {
        id: TaskId::from_bytes([1; 16]),
        number: 1,
        title: "Walk".to_owned(),
        kind: TaskKind::Inspection,
        zone: ZoneId::parse("far")?,
        from: None,
        priority: 3,
        due_ms: None,
        state: TaskState::Dispatched,
        robot: Some(RobotId::parse(ROBOT)?),
        fence: 1,
        steps: vec![Step::WalkTo { to: Point { x_cm, y_cm: 0 } }],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    })
}
