//! What is done to a site from outside, and written of it: faults, crashes, hung programs, cut networks.

use super::{Part, Site, name_of, robot_of};
use anyhow::{Context, Result};

impl Site {
    /// Plants a fault in an agent; it has it from its next start on.
    ///
    /// # Errors
    /// When its configuration cannot be written.
    pub fn plant(&self, robot: &str, fault: &str) -> Result<()> {
        let path = self.dir_of(Part::Agent(robot)).join("agent.toml");
        let text = std::fs::read_to_string(&path)?;
        Ok(std::fs::write(path, format!("{text}plant = \"{fault}\"\n"))?)
    }

    /// Lets a thread of an agent with the planted fault `hangs` hang once.
    ///
    /// # Errors
    /// When that cannot be asked for.
    pub fn hang(&mut self, robot: &str, thread: &str) -> Result<()> {
        let trigger = self.dir_of(Part::Agent(robot)).join(format!("hang-{thread}"));
        self.acts.record("hang", Some(robot), || Ok(std::fs::write(trigger, "")?))
    }

    /// Stops a part where it is, all its threads at once.
    ///
    /// # Errors
    /// When it does not run.
    pub fn stop(&mut self, part: Part<'_>) -> Result<()> {
        let running = self.running.get(&name_of(part)).context("only what runs can be stopped")?;
        self.acts.record("stop", robot_of(part), || running.stop())
    }

    /// Lets a stopped part go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn go_on(&mut self, part: Part<'_>) -> Result<()> {
        let running = self.running.get(&name_of(part)).context("only what runs can go on")?;
        self.acts.record("go_on", robot_of(part), || running.go_on())
    }

    /// Kills a part as a crash would.
    ///
    /// # Errors
    /// When it was never started.
    pub fn kill(&mut self, part: Part<'_>) -> Result<()> {
        let name = name_of(part);
        let mut running = self.running.remove(&name).with_context(|| format!("{name} is not running"))?;
        self.acts.record("kill", robot_of(part), || running.kill())
    }

    /// Cuts a robot off.
    ///
    /// # Errors
    /// When the act cannot be written.
    pub fn cut(&mut self, robot: &str) -> Result<()> {
        let relay = self.relays.get(robot).context("each robot has a relay")?;
        self.acts.record("cut", Some(robot), || {
            relay.cut();
            Ok(())
        })
    }

    /// Lets nothing come to a robot, while what it says goes on its way.
    ///
    /// # Errors
    /// When the act cannot be written.
    pub fn deafen(&mut self, robot: &str) -> Result<()> {
        let relay = self.relays.get(robot).context("each robot has a relay")?;
        self.acts.record("deafen", Some(robot), || {
            relay.deafen();
            Ok(())
        })
    }

    /// Connects it again.
    ///
    /// # Errors
    /// When the act cannot be written.
    pub fn restore(&mut self, robot: &str) -> Result<()> {
        let relay = self.relays.get(robot).context("each robot has a relay")?;
        self.acts.record("restore", Some(robot), || {
            relay.restore();
            Ok(())
        })
    }
}
