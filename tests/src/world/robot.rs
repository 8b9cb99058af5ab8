//! A robot of the world: the real core over the real replica, with a body, and crashes between any two outputs.

use super::body::Body;
use super::network::{Message, Network};
use super::random::Random;
use super::{SITE, key_of, topic, wall};
use anyhow::Result;
use robot_agent::replica::Replica;
use robot_core::{Identity, Input, Output, Robot, Secrets, Seen, Tell};
use shared::id::RobotId;
use shared::journal::{Boot, Epoch};
use shared::machine::Machine;
use shared::time::Instant;
use shared::wire::topic::Channel;
use std::path::{Path, PathBuf};

/// How often, at least, the control loop's sight reaches the driver.
const SEEN_EVERY_MS: u64 = 250;

/// One robot.
pub struct Node {
    /// Its name.
    pub id: RobotId,
    /// Its body, which no crash of the agent touches.
    pub body: Body,
    path: PathBuf,
    agent: Option<(Robot, Replica)>,
    back_ms: u64,
    seen: Option<(Seen, u64)>,
    wall_ms: u64,
}

impl Node {
    /// A robot whose agent has not been started; its database lies in `dir`.
    pub fn new(id: RobotId, dir: &Path) -> Self {
        let path = dir.join(format!("{id}.db"));
        Self { id, body: Body::new(), path, agent: None, back_ms: 0, seen: None, wall_ms: 0 }
    }

    /// Where its database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Something happens to the agent, if it runs. `crash_once_in` of 0 means never.
    pub fn handle(&mut self, input: Input, at: &mut At<'_>) -> Result<()> {
        let Some((robot, _)) = &mut self.agent else { return Ok(()) };
        robot.handle(input, Instant(at.now_ms));
        self.drain(at)
    }

    /// A moment passes: a dead agent may come back, a living one looks around and acts on its deadlines.
    pub fn live(&mut self, at: &mut At<'_>, ms: u64) -> Result<()> {
        let now = Instant(at.now_ms);
        let before = self.body.seen(now);
        self.body.live(at.now_ms, ms);
        if self.agent.is_none() && at.now_ms >= self.back_ms {
            self.start(at)?;
        }
        if self.agent.is_some() && at.now_ms >= self.wall_ms + 1_000 {
            self.wall_ms = at.now_ms;
            self.handle(Input::Wall(wall(at.now_ms)), at)?;
        }
        self.look(before, at)?;
        let is_due = |(robot, _): &(Robot, Replica)| robot.poll_timeout().is_some_and(|due| due <= now);
        if self.agent.as_ref().is_some_and(is_due) {
            self.agent.iter_mut().for_each(|(robot, _)| robot.handle_timeout(now));
            self.drain(at)?;
        }
        Ok(())
    }

    /// The control loop tells what it saw a moment ago, at once when something changed.
    fn look(&mut self, seen: Seen, at: &mut At<'_>) -> Result<()> {
        let key = |seen: &Seen| (seen.status, seen.count);
        let is_new =
            self.seen.is_none_or(|(last, told_ms)| key(&last) != key(&seen) || at.now_ms >= told_ms + SEEN_EVERY_MS);
        if is_new {
            self.seen = Some((seen, at.now_ms));
            self.handle(Input::Seen(seen), at)?;
        }
        Ok(())
    }

    fn start(&mut self, at: &mut At<'_>) -> Result<()> {
        let (key, site_key, ca_key) = (key_of(self.id.as_str()), key_of(SITE).public(), key_of("ca").public());
        let identity = Identity { robot: self.id.clone(), key, site_key, ca_key };
        let secrets = Secrets { seed: at.random.draw(), challenge: [0; 32] };
        let replica = Replica::open(&self.path, &self.id, Epoch(at.random.draw()))?;
        let loaded = replica.load(&self.id)?;
        let (wall, now) = (wall(at.now_ms), Instant(at.now_ms));
        let robot = Robot::start(identity, loaded, Boot(1), secrets, wall, now);
        self.agent = Some((robot, replica));
        self.seen = None;
        self.drain(at)?;
        self.handle(Input::Connected, at)
    }

    fn drain(&mut self, at: &mut At<'_>) -> Result<()> {
        while let Some((robot, replica)) = &mut self.agent {
            let Some(output) = robot.poll_output() else { return Ok(()) };
            if at.crash_once_in > 0 && at.random.once_in(at.crash_once_in) {
                self.crash(at);
                return Ok(());
            }
            match output {
                Output::Rest => self.body.ask(None),
                Output::ForbidArm => {}
                Output::Commit(changes) => replica.commit(&changes)?,
                Output::Tell(Tell::Act(activity)) => self.body.ask(Some(activity)),
                Output::Tell(Tell::Head { .. } | Tell::MayArm { .. } | Tell::Local { .. }) => {}
                Output::Tell(Tell::Reconnect) => {
                    robot.handle(Input::Disconnected, Instant(at.now_ms));
                    robot.handle(Input::Connected, Instant(at.now_ms));
                }
                Output::Tell(Tell::Recall { lane, range }) => {
                    let records = replica.recall(lane, range)?;
                    robot.handle(Input::Recalled(lane, records), Instant(at.now_ms));
                }
                Output::Tell(Tell::Publish { channel, payload }) => {
                    at.network.send(&(topic(&self.id, Channel::Up(channel)), payload), at.now_ms);
                }
            }
        }
        Ok(())
    }

    /// What was not committed is gone; the body notices the silence.
    fn crash(&mut self, at: &mut At<'_>) {
        self.agent = None;
        self.back_ms = at.now_ms + at.random.below(3_000);
        self.body.lose_agent(at.now_ms);
    }

    /// A message from the server, if it is one.
    pub fn receive(&mut self, (topic, payload): Message, at: &mut At<'_>) -> Result<()> {
        match topic.channel {
            Channel::Down(channel) => self.handle(Input::Message(channel, payload), at),
            Channel::Up(_) => Ok(()),
        }
    }
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
