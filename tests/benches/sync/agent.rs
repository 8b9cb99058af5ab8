//! A robot's agent without a body: its decisions, its databases and its way to the broker, as `robot-agent` puts them
//! together, with somebody who looks at each commit.

use crate::alone::{Alone, Done, identity};
use anyhow::{Result, ensure};
use robot_agent::mqtt::{Settings, Transport, transport};
use robot_core::{Change, Input, Keep};
use shared::id::SiteId;
use shared::time::{Instant, Millis};
use shared::wire::topic::Up;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;
use tests::clock::now;
use tests::process::SITE;

/// Longest wait for an input.
const WAIT_MAX: Millis = Millis(500);

/// The agent. Its network thread ends when this is dropped.
pub struct Agent {
    alone: Alone,
    transport: Transport,
    inputs: Receiver<Input>,
}

/// What somebody who looks may see.
pub enum Sight<'a> {
    /// The subscription is confirmed.
    Connected,
    /// This is on the disk.
    Committed(&'a [Change]),
    /// The telemetry's file is changed so.
    Kept(&'a [Keep]),
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
    /// Starts an agent whose databases lie, or are made, in this folder.
    pub fn start(dir: &Path, name: &str, broker: SocketAddr) -> Result<Self> {
        let identity = identity(name)?;
        let (site, robot) = (SiteId::parse(SITE)?, identity.robot.clone());
        let (transport, carrier) = transport(Settings { broker, site, robot, identity });
        let (driver, inputs) = sync_channel(1024);
        // It ends with the driver's end of the channel, and says so to nobody.
        std::thread::spawn(move || drop(carrier.run(&driver, || now().0)));
        Ok(Self { alone: Alone::start(dir, name)?, transport, inputs })
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
            self.alone.take(input);
            self.carry_out(&mut |sight| wishes.push_back(look(sight)))?;
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
        Duration::from_millis(self.alone.deadline().map_or(WAIT_MAX, |at| at.since(now)).min(WAIT_MAX).0)
    }

    fn carry_out(&mut self, look: &mut dyn FnMut(Sight<'_>)) -> Result<()> {
        let Self { alone, transport, .. } = self;
        alone.carry_out(&mut |done| match done {
            Done::Committed(changes) => look(Sight::Committed(changes)),
            Done::Kept(keeps) => look(Sight::Kept(keeps)),
            Done::Said(channel, payload) => {
                transport.publish(channel, payload);
                look(Sight::Said(channel));
            }
        })
    }
}
