//! A robot's agent without a body: its decisions, its replica and its way to the broker, as `robot-agent` puts them together,
//! with somebody who looks at each commit.

use anyhow::{Result, ensure};
use robot_agent::mqtt::{Settings, Transport, transport};
use robot_agent::replica::Replica;
use robot_core::{Change, Identity, Input, Output, Robot, Secrets, Tell};
use shared::id::{RobotId, SiteId};
use shared::journal::{Boot, Epoch};
use shared::machine::Machine as _;
use shared::time::{Instant, Millis};
use shared::wire::topic::Up;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;
use tests::clock::{now, wall};
use tests::process::{SITE, key_of};

/// Longest wait for an input.
const WAIT_MAX: Millis = Millis(500);

/// The agent. Its network thread ends when this is dropped.
pub struct Agent {
    robot: Robot,
    replica: Replica,
    transport: Transport,
    inputs: Receiver<Input>,
}

/// What somebody who looks may see.
pub enum Sight<'a> {
    /// The subscription is confirmed.
    Connected,
    /// This is on the disk.
    Committed(&'a [Change]),
    /// Something went out on this topic.
    Said(Up),
}

/// What somebody who looks makes of it.
pub enum Wish {
    /// Go on.
    More,
    /// This happens at the robot now.
    Happens(Input),
    /// That was all.
    Enough,
}

impl Agent {
    /// Starts an agent whose replica lies, or is made, in this folder.
    pub fn start(dir: &Path, name: &str, broker: SocketAddr) -> Result<Self> {
        let robot = RobotId::parse(name)?;
        let replica = Replica::open(&dir.join("replica.db"), &robot, Epoch(1))?;
        let (site_key, ca_key) = (key_of(SITE).public(), key_of("ca").public());
        let identity = Identity { robot: robot.clone(), key: key_of(name), site_key, ca_key };
        let site = SiteId::parse(SITE)?;
        let settings = Settings { broker, site, robot: robot.clone(), identity: identity.clone() };
        let (transport, carrier) = transport(settings);
        let (driver, inputs) = sync_channel(1024);
        // It ends with the driver's end of the channel, and says so to nobody.
        std::thread::spawn(move || drop(carrier.run(&driver, || now().0)));
        let secrets = Secrets { seed: now().0, challenge: [7; 32] };
        let robot = Robot::start(identity, replica.load(&robot)?, Boot(1), secrets, wall(), now());
        let mut agent = Self { robot, replica, transport, inputs };
        agent.drain(&mut |_| {})?;
        Ok(agent)
    }

    /// Works until somebody who looks has seen enough.
    pub fn work_until(&mut self, within: Millis, mut look: impl FnMut(Sight<'_>) -> Wish) -> Result<()> {
        let deadline = now() + within;
        let mut wishes = VecDeque::new();
        loop {
            ensure!(now() < deadline, "nothing more came within {} ms", within.0);
            let input = match wishes.pop_front() {
                Some(Wish::Enough) => return Ok(()),
                Some(Wish::Happens(input)) => Some(input),
                Some(Wish::More) | None => self.input()?,
            };
            if matches!(input, Some(Input::Connected)) {
                wishes.push_back(look(Sight::Connected));
            }
            match input {
                Some(input) => self.robot.handle(input, now()),
                None => self.robot.handle_timeout(now()),
            }
            self.drain(&mut |sight| wishes.push_back(look(sight)))?;
            wishes.retain(|wish| !matches!(wish, Wish::More));
        }
    }

    fn input(&self) -> Result<Option<Input>> {
        match self.inputs.recv_timeout(self.wait(now())) {
            Ok(input) => Ok(Some(input)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the network thread is gone"),
        }
    }

    fn wait(&self, now: Instant) -> Duration {
        Duration::from_millis(self.robot.poll_timeout().map_or(WAIT_MAX, |at| at.since(now)).min(WAIT_MAX).0)
    }

    fn drain(&mut self, look: &mut dyn FnMut(Sight<'_>)) -> Result<()> {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Commit(changes) => {
                    self.replica.commit(&changes)?;
                    look(Sight::Committed(&changes));
                }
                Output::Tell(Tell::Publish { channel, payload }) => {
                    self.transport.publish(channel, payload);
                    look(Sight::Said(channel));
                }
                // There is no body, nobody at the robot, and nothing was acknowledged that a server could lack.
                _ => {}
            }
        }
        Ok(())
    }
}
