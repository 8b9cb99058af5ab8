//! A robot's decisions and its databases, with nobody to talk to: what the driver of `robot-agent` is around its machine.

use anyhow::Result;
use robot_agent::replica::{Limits, Replica, Room, Vault};
use robot_core::{Change, Identity, Input, Keep, Loaded, Output, Robot, Secrets, Tell};
use shared::id::RobotId;
use shared::journal::{Boot, Epoch};
use shared::machine::Machine as _;
use shared::time::Instant;
use shared::wire::topic::Up;
use std::path::Path;
use tests::clock::{now, wall};
use tests::process::{SITE, key_of};

/// The life of every robot's database here.
pub const EPOCH: Epoch = Epoch(1);
/// More than any row fills.
const LIMITS: Limits = Limits { quota: 1 << 32, reserve: 4096 };

/// The robot.
pub struct Alone {
    robot: Robot,
    vault: Vault,
}

/// What was done for it.
pub enum Done<'a> {
    /// This is on the disk.
    Committed(&'a [Change]),
    /// The telemetry's file is changed so.
    Kept(&'a [Keep]),
    /// This should go out.
    Said(Up, Vec<u8>),
}

/// Both databases of a robot, made where there are none.
pub fn vault(dir: &Path, robot: &RobotId) -> Result<Vault> {
    let path = dir.join("replica.db");
    Ok(Vault::new(Replica::open(&path, robot, EPOCH)?, &path, robot, LIMITS)?)
}

/// Who the robot of this name is.
pub fn identity(name: &str) -> Result<Identity> {
    let (site_key, ca_key) = (key_of(SITE).public(), key_of("ca").public());
    Ok(Identity { robot: RobotId::parse(name)?, key: key_of(name), site_key, ca_key })
}

impl Alone {
    /// Starts a robot on its databases.
    pub fn start(dir: &Path, name: &str) -> Result<Self> {
        let identity = identity(name)?;
        let vault = vault(dir, &identity.robot)?;
        let loaded: Loaded = vault.load(&identity.robot)?;
        let secrets = Secrets { seed: now().0, challenge: [7; 32] };
        let robot = Robot::start(identity, loaded, Boot(1), secrets, wall(), now());
        let mut alone = Self { robot, vault };
        alone.carry_out(&mut |_| {})?;
        Ok(alone)
    }

    /// Something happens, or a deadline passes; nothing of it is carried out yet.
    pub fn take(&mut self, input: Option<Input>) {
        match input {
            Some(input) => self.robot.handle(input, now()),
            None => self.robot.handle_timeout(now()),
        }
    }

    /// When the next deadline passes.
    pub fn deadline(&self) -> Option<Instant> {
        self.robot.poll_timeout()
    }

    /// Carries out everything that was decided.
    pub fn carry_out(&mut self, look: &mut dyn FnMut(Done<'_>)) -> Result<()> {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Commit(changes) => {
                    expect_room(self.vault.commit(&changes)?)?;
                    look(Done::Committed(&changes));
                }
                Output::Keep(keeps) => {
                    expect_room(self.vault.keep(&keeps)?)?;
                    look(Done::Kept(&keeps));
                }
                Output::Tell(Tell::Publish { channel, payload }) => look(Done::Said(channel, payload)),
                Output::Tell(Tell::Telemetry(wanted)) => {
                    let read = self.vault.read(wanted)?;
                    self.robot.handle(Input::Telemetry(wanted, read), now());
                }
                // There is no body, nobody at the robot, and nothing was acknowledged that a server could lack.
                _ => {}
            }
        }
        Ok(())
    }
}

fn expect_room(room: Room) -> Result<()> {
    anyhow::ensure!(room == Room::Enough, "the disk is full, and what was measured is something else");
    Ok(())
}
