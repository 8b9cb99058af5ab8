//! A robot of the world: the real core over the real replica, with a body, and crashes between any two outputs.

mod control_loop;
mod disk;
mod power;
mod storing;

use super::body::Body;
use super::network::{Message, Network};
use super::random::Random;
use super::sampled::Sampled;
use super::{SITE, key_of, topic, wall};
use anyhow::{Result, bail};
pub use disk::Part;
use robot_agent::replica::{Limits, Replica, Vault};
use robot_core::{Change, Identity, Input, LocalAnswer, NotTaken, Output, Robot, Secrets, Seen, Tell, Witness};
use shared::beacon::{BeaconTime, Endorsement};
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch};
use shared::machine::Machine;
use shared::refusal::Code;
use shared::seal::Hash;
use shared::time::{Instant, WallTime};
use shared::wire::topic::Channel;
use std::path::{Path, PathBuf};

const FIRST_BOOT: Boot = Boot(1);

/// Room for everything, and a reserve that costs a test little.
const LIMITS: Limits = Limits { quota: 64 * 1024 * 1024, reserve: 64 * 1024 };

/// One robot.
pub struct Node {
    /// Its name.
    pub id: RobotId,
    /// Its body, which no crash of the agent touches.
    pub body: Body,
    path: PathBuf,
    agent: Option<(Robot, Vault)>,
    back_ms: u64,
    seen: Option<(Seen, u64)>,
    wall_ms: u64,
    measured_ms: u64,
    /// How far its calendar is from the world's, in milliseconds.
    wrong_ms: i64,
    /// What its agent saw begin and end, as its control loop does.
    witness: Witness,
    disclosed_ms: Option<u64>,
    lines_told: usize,
    /// What telemetry it has kept, as the world saw it.
    pub sampled: Sampled,
    limits: Limits,
    /// What somebody at the robot was answered about a task: the note's text, or why not.
    pub answers: Vec<Result<String, Code>>,
    /// What it has written into its journal, as the world saw it.
    pub written: Vec<Written>,
    machine: Hash,
    boot: Boot,
    /// When the power came on, and when it comes on again.
    power_ms: u64,
    dark_until_ms: Option<u64>,
}

impl Node {
    /// A robot whose agent has not been started; its database lies in `dir`. `moves_unheard` breaks its controller.
    pub fn new(id: RobotId, dir: &Path, moves_unheard: bool, now_ms: u64) -> Self {
        let path = dir.join(format!("{id}.db"));
        let mut body = Body::new(id.as_str(), moves_unheard, now_ms);
        body.diary.power_up(FIRST_BOOT.0, now_ms);
        Self {
            body,
            id,
            path,
            agent: None,
            back_ms: 0,
            seen: None,
            wall_ms: 0,
            measured_ms: 0,
            wrong_ms: 0,
            witness: Witness::default(),
            disclosed_ms: None,
            lines_told: 0,
            sampled: Sampled::default(),
            limits: LIMITS,
            answers: vec![],
            written: vec![],
            machine: Hash::default(),
            boot: FIRST_BOOT,
            power_ms: now_ms,
            dark_until_ms: None,
        }
    }

    /// Somebody sets the robot's calendar, so far from the world's.
    pub const fn set_calendar(&mut self, wrong_ms: i64) {
        self.wrong_ms = wrong_ms;
    }

    fn wall(&self, now_ms: u64) -> WallTime {
        WallTime(wall(now_ms).0.saturating_add_signed(self.wrong_ms))
    }

    /// Where its database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Something happens to the agent, if it runs. `crash_once_in` of 0 means never.
    pub fn handle(&mut self, input: Input, at: &mut At<'_>) -> Result<()> {
        let now = self.mono(at.now_ms);
        let Some((robot, _)) = &mut self.agent else { return Ok(()) };
        robot.handle(input, now);
        self.drain(at)
    }

    /// A moment passes: a dead agent may come back, a living one looks around and acts on its deadlines.
    pub fn live(&mut self, at: &mut At<'_>, ms: u64) -> Result<()> {
        if !self.has_power(at) {
            return Ok(());
        }
        let now = self.mono(at.now_ms);
        let before = self.body.seen(at.now_ms);
        self.body.live(at.now_ms, ms);
        if self.agent.is_none() && at.now_ms >= self.back_ms {
            self.start(at)?;
        }
        if self.agent.is_some() && at.now_ms >= self.wall_ms + 1_000 {
            self.wall_ms = at.now_ms;
            self.handle(Input::Wall(self.wall(at.now_ms)), at)?;
        }
        self.measure(at)?;
        self.look(before, at)?;
        self.bear_witness(before, at)?;
        self.listen(at.now_ms);
        self.disclose(at.now_ms);
        let is_due = |(robot, _): &(Robot, Vault)| robot.poll_timeout().is_some_and(|due| due <= now);
        if self.agent.as_ref().is_some_and(is_due) {
            self.agent.iter_mut().for_each(|(robot, _)| robot.handle_timeout(now));
            self.drain(at)?;
        }
        self.listen(at.now_ms);
        Ok(())
    }

    fn start(&mut self, at: &mut At<'_>) -> Result<()> {
        let (key, site_key, ca_key) = (key_of(self.id.as_str()), key_of(SITE).public(), key_of("ca").public());
        let identity = Identity { robot: self.id.clone(), key, site_key, ca_key };
        let secrets = Secrets { seed: at.random.draw(), challenge: [0; 32] };
        let replica = Replica::open_on(self.machine, &self.path, &self.id, Epoch(at.random.draw()))?;
        let vault = Vault::new(replica, &self.path, &self.id, self.limits)?;
        let loaded = vault.load(&self.id)?;
        let (wall, now) = (self.wall(at.now_ms), self.mono(at.now_ms));
        let mut robot = Robot::start(identity, loaded, self.boot, secrets, wall, now);
        match robot.offer_endorsement(&endorsement(&self.id)?, now) {
            Ok(_) | Err(NotTaken::NotLonger) => {}
            // By a calendar that is wrong it may not hold yet, or no more.
            Err(_) if self.wrong_ms != 0 => {}
            Err(why) => bail!("{}: its endorsement is not taken: {why}", self.id),
        }
        self.agent = Some((robot, vault));
        self.seen = None;
        (self.witness, self.disclosed_ms, self.lines_told) = (Witness::default(), None, 0);
        self.body.meet_agent(at.now_ms);
        self.drain(at)?;
        self.handle(Input::Connected, at)
    }

    fn drain(&mut self, at: &mut At<'_>) -> Result<()> {
        while let Some((robot, vault)) = &mut self.agent {
            let Some(output) = robot.poll_output() else { return Ok(()) };
            let now = Instant(at.now_ms - self.power_ms);
            if at.crash_once_in > 0 && at.random.once_in(at.crash_once_in) {
                self.crash(at);
                return Ok(());
            }
            match output {
                Output::Rest => self.body.ask(None),
                Output::ForbidArm => {}
                Output::Commit(changes) => {
                    let room = vault.commit(&changes)?;
                    storing::note(robot, room, now);
                    self.written.extend(changes.iter().filter_map(|change| Written::of(change, at.now_ms)));
                    if changes.iter().any(is_sign) {
                        self.body.diary.keep(at.now_ms);
                    }
                }
                Output::Keep(keeps) => {
                    let room = vault.keep(&keeps)?;
                    self.sampled.note(&keeps, at.now_ms);
                    storing::note(robot, room, now);
                }
                Output::Tell(Tell::Telemetry(wanted)) => {
                    let read = vault.read(wanted)?;
                    robot.handle(Input::Telemetry(wanted, read), now);
                }
                Output::Tell(Tell::Local { answer: LocalAnswer::Task(answer), .. }) => {
                    self.answers.push(answer.map(|shown| shown.note.text));
                }
                Output::Tell(Tell::Act(activity)) => self.body.ask(Some(activity)),
                Output::Tell(
                    Tell::Head { .. }
                    | Tell::MayArm { .. }
                    | Tell::Local { .. }
                    | Tell::Endorsed { .. }
                    | Tell::Clock(..)
                    | Tell::SitDown
                    | Tell::Seated(_)
                    | Tell::Stage(_),
                ) => {}
                Output::Tell(Tell::Reconnect) => {
                    robot.handle(Input::Disconnected, now);
                    robot.handle(Input::Connected, now);
                }
                Output::Tell(Tell::Recall { lane, range }) => {
                    let records = vault.replica().recall(lane, range)?;
                    robot.handle(Input::Recalled(lane, records), now);
                }
                Output::Tell(Tell::Publish { channel, payload }) => {
                    at.network.send(&(topic(&self.id, Channel::Up(channel)), payload), at.now_ms);
                }
            }
        }
        Ok(())
    }

    /// What was not committed is gone; the body notices the silence.
    pub fn crash(&mut self, at: &mut At<'_>) {
        self.agent = None;
        self.back_ms = at.now_ms + at.random.below(3_000);
        self.body.lose_agent(at.now_ms);
        self.body.diary.die(at.now_ms);
    }

    /// A message from the server, if it is one.
    pub fn receive(&mut self, (topic, payload): Message, at: &mut At<'_>) -> Result<()> {
        match topic.channel {
            Channel::Down(channel) => self.handle(Input::Message(channel, payload), at),
            Channel::Up(_) => Ok(()),
        }
    }
}

/// An entry of a journal, and when it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its hash.
    pub hash: Hash,
    /// The robot's own stamp.
    pub hlc: Hlc,
    /// In which boot.
    pub boot: Boot,
    /// When, on the world's clock.
    pub at_ms: u64,
}

impl Written {
    /// What is offered again keeps the stamp of the moment at which it was first written.
    fn of(change: &Change, at_ms: u64) -> Option<Self> {
        let Change::Journal(record) = change else { return None };
        let entry = &record.entry;
        entry.origin.is_none().then_some(Self { hash: record.hash, hlc: entry.hlc, boot: entry.boot, at_ms })
    }
}

/// What tells an auditor that the robot lived.
const fn is_sign(change: &Change) -> bool {
    matches!(change, Change::Journal(_) | Change::Beacon { .. })
}

/// The CA's word for a robot's key, for a week around the world's time.
fn endorsement(robot: &RobotId) -> Result<Vec<u8>> {
    const DAY_S: u32 = 24 * 3600;
    let now_s = BeaconTime::from_wall(wall(0)).secs();
    let key = key_of(robot.as_str()).public();
    Ok(Endorsement::issue(&key_of("ca"), key, now_s - DAY_S, now_s + 6 * DAY_S)?.to_pack().to_vec())
}

/// The moment, and what everybody shares in it.
pub struct At<'a> {
    /// The world's clock.
    pub now_ms: u64,
    /// The world's chance.
    pub random: &'a mut Random,
    /// The world's network.
    pub network: &'a mut Network,
    /// Before one in so many outputs the process dies; 0 for never.
    pub crash_once_in: u64,
}
