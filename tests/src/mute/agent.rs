//! The robot's agent in the world's time: the real driver and the real control loop, with commits that take their time.

use super::firmware::{Frame, wire_ms};
use crate::world::random::Random;
use anyhow::{Context, Result};
use interlock_link::{FromInterlock, Ids, Receiver, Sender, ToInterlock};
use robot_core::{
    BeaconClock, Change, Control, Cycle, Identity, Input, Loaded, OnAir, Output, Received, Robot, Seat, Secrets,
    TelemetryLoaded, Tell,
};
use shared::beacon::{MachineName, PresenceWords, encode_presence};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::journal::{Boot, Chain, Epoch};
use shared::machine::Machine;
use shared::seal::{Context as Purpose, Hash};
use shared::time::{Instant, WallTime};
use shared::wire::envelope::Sealed;
use shared::wire::robot_to_fleet::Session;
use shared::wire::topic::Up;
use shared::zone::Point;
use std::collections::VecDeque;

/// One cycle of the control loop, and by how much it may be late on a busy machine.
const PERIOD_MS: u64 = 50;
const LATE_MS_MAX: u64 = 15;
/// Longest commit.
const COMMIT_MS_MAX: u64 = 120;
/// The session with the firmware.
const NONCE: u64 = 77;

/// What one cycle puts out.
#[derive(Default)]
pub struct Said {
    /// To the firmware.
    pub frames: Vec<Frame>,
    /// On the air.
    pub packets: Vec<Vec<u8>>,
}

/// Driver, control loop, and the way between them.
pub struct Agent {
    /// What was committed.
    pub facts: Vec<(u64, Fact)>,
    /// Where the robot said that it sits down.
    pub seat: Option<Seat>,
    /// The radio refuses what it is given.
    pub is_refused: bool,
    /// What its newest hello to the server wants repeated.
    pub hello: Option<u64>,
    identity: Identity,
    name: MachineName,
    robot: Robot,
    control: Control,
    clock: BeaconClock,
    head: (u64, Hash),
    link_pack: Vec<u8>,
    sender: Sender<ToInterlock>,
    receiver: Receiver<FromInterlock>,
    inputs: VecDeque<Input>,
    orders: VecDeque<(u64, Order)>,
    busy_ms: u64,
    finished: Instant,
    next_ms: u64,
}

enum Order {
    Tell(Tell),
    Rest,
    ForbidArm,
}

impl Agent {
    /// An agent that starts now.
    ///
    /// # Errors
    /// When its robot's name cannot go on the air, or its endorsement does not count.
    pub fn start(identity: Identity, endorsement: &[u8], safe_point: Option<Point>, now_ms: u64) -> Result<Self> {
        let (now, ids) = (Instant(now_ms), Ids::of_robot(identity.robot.as_str(), NONCE));
        let secrets = Secrets { seed: 3, challenge: [4; 32] };
        let mut robot = Robot::start(identity.clone(), nothing_kept(&identity), Boot(1), secrets, wall(now_ms), now);
        robot.offer_endorsement(endorsement, now).context("the endorsement")?;
        safe_point.into_iter().for_each(|point| robot.retreats_to(point));
        let clock = robot.beacon_clock();
        let mut control = Control::disclosing_by(clock);
        control.receive(Received::Linked { nonce: NONCE }, now);
        Ok(Self {
            facts: vec![],
            seat: None,
            is_refused: false,
            hello: None,
            name: MachineName::of(&identity.robot)?,
            identity,
            robot,
            control,
            clock,
            head: (0, Hash::default()),
            link_pack: vec![],
            sender: Sender::agent(ids),
            receiver: Receiver::agent(ids),
            inputs: VecDeque::new(),
            orders: VecDeque::new(),
            busy_ms: 0,
            finished: now,
            next_ms: now_ms,
        })
    }

    /// Something for the driver.
    pub fn give(&mut self, input: Input) {
        self.inputs.push_back(input);
    }

    /// Frames from the firmware.
    pub fn listen(&mut self, frames: &[Frame], now_ms: u64) {
        for frame in frames {
            if let Ok(word) = self.receiver.decode(frame, wire_ms(now_ms)) {
                self.control.receive(Received::Word(word), Instant(now_ms));
            }
        }
    }

    /// A moment passes.
    pub fn live(&mut self, random: &mut Random, now_ms: u64) -> Said {
        self.drive(random, now_ms);
        if now_ms < self.next_ms {
            return Said::default();
        }
        self.next_ms = now_ms + PERIOD_MS + random.below(LATE_MS_MAX);
        self.cycle(now_ms)
    }

    /// The driver takes what waits, unless a commit keeps it.
    fn drive(&mut self, random: &mut Random, now_ms: u64) {
        while now_ms >= self.busy_ms {
            let Some(input) = self.inputs.pop_front() else { return };
            self.robot.handle(input, Instant(now_ms));
            self.finished = Instant(now_ms);
            while let Some(output) = self.robot.poll_output() {
                self.carry_out(output, random, now_ms);
            }
        }
    }

    fn carry_out(&mut self, output: Output, random: &mut Random, now_ms: u64) {
        match output {
            Output::Rest => self.orders.push_back((now_ms, Order::Rest)),
            Output::ForbidArm => self.orders.push_back((now_ms, Order::ForbidArm)),
            // This world has no telemetry file.
            Output::Keep(_) => {}
            Output::Tell(tell) => self.orders.push_back((self.busy_ms, Order::Tell(tell))),
            Output::Commit(changes) => {
                self.busy_ms = now_ms + random.below(COMMIT_MS_MAX);
                let records = changes.into_iter().filter_map(|change| match change {
                    Change::Journal(record) => Some(record),
                    _ => None,
                });
                self.facts.extend(records.filter_map(|record| Some((record.entry.mono_ms, record.fact()?))));
            }
        }
    }

    fn cycle(&mut self, now_ms: u64) -> Said {
        let now = Instant(now_ms);
        while self.orders.front().is_some_and(|(release_ms, _)| *release_ms <= now_ms) {
            let Some((_, order)) = self.orders.pop_front() else { break };
            self.obey(order, now);
        }
        self.control.receive(Received::Wall(wall(now_ms)), now);
        let Cycle { words, on_air, .. } = self.control.cycle(self.finished, now);
        let t_ms = self.receiver.firmware_ms(wire_ms(now_ms));
        let frames = words.into_iter().map(|word| self.sender.encode(word, t_ms)).collect();
        let packets = self.say(on_air, now);
        self.report(now);
        Said { frames, packets }
    }

    fn obey(&mut self, order: Order, now: Instant) {
        match order {
            Order::Rest => self.control.receive(Received::Rest, now),
            Order::ForbidArm => self.control.receive(Received::MayNotArm, now),
            Order::Tell(Tell::Act(activity)) => self.control.receive(Received::Act(activity), now),
            Order::Tell(Tell::MayArm { trip_epoch }) => self.control.receive(Received::MayArm { trip_epoch }, now),
            Order::Tell(Tell::SitDown) => self.control.receive(Received::SitDown, now),
            Order::Tell(Tell::Seated(seat)) => self.seat = Some(seat),
            Order::Tell(Tell::Head { cseq, head }) => self.head = (cseq, head),
            Order::Tell(Tell::Endorsed { validity, pack }) => {
                self.link_pack = pack;
                self.control.receive(Received::Endorsed(validity), now);
            }
            Order::Tell(Tell::Publish { channel: Up::Session, payload }) => {
                self.hello = self.nonce(&payload).or(self.hello)
            }
            // Nobody listens to the rest.
            Order::Tell(
                Tell::Publish { .. }
                | Tell::Local { .. }
                | Tell::Clock(..)
                | Tell::Stage(_)
                | Tell::Recall { .. }
                | Tell::Telemetry(_)
                | Tell::Reconnect,
            ) => {}
        }
    }

    fn nonce(&self, payload: &[u8]) -> Option<u64> {
        let (key, robot) = (self.identity.key.public(), &self.identity.robot);
        match Sealed::open(payload, &key, Purpose::Up, robot).ok()? {
            Session::Hello { nonce, .. } => Some(nonce),
            _ => None,
        }
    }

    fn say(&mut self, on_air: OnAir, now: Instant) -> Vec<Vec<u8>> {
        let mut packets = vec![];
        if on_air.link {
            packets.push(self.link_pack.clone());
        }
        if let Some(status) = on_air.presence {
            let (cseq, Hash(hash)) = self.head;
            let head = hash[..16].try_into().expect("16 of 32 bytes");
            let words = PresenceWords { name: self.name.clone(), status, time: self.clock.time(now), cseq, head };
            packets.push(encode_presence(&self.identity.key, &words).to_vec());
        }
        if self.is_refused {
            return vec![];
        }
        if on_air.presence.is_some() {
            self.control.receive(Received::Disclosed, now);
        }
        packets
    }

    fn report(&mut self, now: Instant) {
        let edges = self.control.edges();
        self.control.delivered(edges.len());
        if !edges.is_empty() {
            self.inputs.push_back(Input::Witnessed(edges));
        }
        self.inputs.push_back(Input::Seen(self.control.seen(now)));
    }
}

/// The wall clock of the world.
pub const fn wall(now_ms: u64) -> WallTime {
    WallTime(1_795_000_000_000 + now_ms)
}

fn nothing_kept(identity: &Identity) -> Loaded {
    Loaded {
        discontinuity: None,
        chain: Chain::begin(&identity.robot, Epoch(1)),
        hlc: Hlc::default(),
        unacked: vec![],
        acked: vec![],
        server_epoch: 5,
        cursor: 0,
        is_mixed: false,
        snapshot: None,
        aside: vec![],
        tasks: vec![],
        work: vec![],
        awaits_person: false,
        clearance_due: false,
        presses: None,
        firmware_lines: vec![],
        now_number: 0,
        trip_epoch: 0,
        beacon: None,
        endorsements: vec![],
        milestones: vec![],
        telemetry: TelemetryLoaded::default(),
        edits: vec![],
        notes: vec![],
        seen_stamp: Hlc::default(),
        clean: true,
    }
}
