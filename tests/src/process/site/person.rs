//! What a person at a robot does, and what is written of it.

use super::{Part, READY_WITHIN, Site};
use crate::clock::until;
use crate::process::{officer, tool};
use anyhow::{Context, Result};
use shared::time::Instant;

impl Site {
    /// The start of a shift: tries the button, resets, waits until the robot stands, and lets it work if it asks.
    ///
    /// # Errors
    /// When the robot does not get up, or the server does not hear of it.
    pub fn begin_shift(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        until("the panel answers", READY_WITHIN, || panel.status().ok())?;
        self.press(robot)?;
        self.release(robot)?;
        self.reset(robot)?;
        panel.wait_for_phase("energised", READY_WITHIN)?;
        self.resume_if_it_waits(robot)
    }

    /// Helps a robot up that waits for its reset, waits until it stands, and lets it go on if it asks.
    ///
    /// # Errors
    /// When the robot does not get up, or the server does not hear of it.
    pub fn help_up(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        let settled = || Some(panel.status().ok()?["phase"].clone()).filter(|p| p == "energised" || p == "reset_armed");
        if until(&format!("{robot} stands or waits for its reset"), READY_WITHIN, settled)? == "reset_armed" {
            self.reset(robot)?;
            panel.wait_for_phase("energised", READY_WITHIN)?;
        }
        self.resume_if_it_waits(robot)
    }

    /// Lets a robot that stands go on, if it waits for a person.
    ///
    /// # Errors
    /// When the server does not hear that the robot stands, or refuses.
    pub fn resume_if_it_waits(&mut self, robot: &str) -> Result<()> {
        let rest = self.rest();
        let stands = || Some(rest.robot(robot)).filter(|told| told["interlock"]["phase"] == "energised");
        let told = until(&format!("the server knows that {robot} stands"), READY_WITHIN, stands)?;
        if told["awaits_person"] == true {
            self.acts.record("resume", Some(robot), || rest.resume(robot))?;
        }
        Ok(())
    }

    /// A safety officer clears the robot after its button was pressed.
    ///
    /// # Errors
    /// When it waits for no clearance, or the server refuses.
    pub fn clear(&mut self, robot: &str) -> Result<()> {
        let rest = self.rest();
        self.acts.record("clear", Some(robot), || officer::clear(&rest, robot))
    }

    /// The officer clears the robot at the robot itself, with the agent's own program and without the server; the exit code
    /// and what it said.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn clear_at_the_robot(&mut self, robot: &str) -> Result<(i32, String)> {
        let config = self.dir_of(Part::Agent(robot)).join("agent.toml").display().to_string();
        let key = self.officer_file()?;
        let arguments = ["clear", "--config", &config, "--key", &key];
        self.acts.record("clear", Some(robot), || tool::run("robot-agent", &arguments))
    }

    /// The officer clears the robot with the operator's program, and types this line when asked; the exit code and what it
    /// said.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn clear_typing(&mut self, robot: &str, line: &str) -> Result<(i32, String)> {
        let (server, key) = (format!("http://{}", self.layout.http), self.officer_file()?);
        let arguments = ["robot", "clear", robot, "--key", &key, "--server", &server];
        self.acts.record("clear", Some(robot), || tool::run_typing("fleet", &arguments, line))
    }

    fn officer_file(&self) -> Result<String> {
        let path = self.layout.dir.join("officer");
        std::fs::write(&path, officer::file())?;
        Ok(path.display().to_string())
    }

    /// Presses the button, which latches.
    ///
    /// # Errors
    /// When the panel does not answer.
    pub fn press(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        self.acts.record("press", Some(robot), || panel.touch("press").map(drop))
    }

    /// Takes the antenna of the robot's receiver off; returns when, by the safety controller's clock.
    ///
    /// # Errors
    /// When the panel does not answer.
    pub fn mute(&mut self, robot: &str) -> Result<Instant> {
        let panel = self.panel(robot);
        let status = self.acts.record("mute", Some(robot), || panel.inject("mute"))?;
        Ok(Instant(status["t_ms"].as_u64().context("a status has a time")?))
    }

    /// Puts the antenna on again.
    ///
    /// # Errors
    /// When the panel does not answer.
    pub fn unmute(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        self.acts.record("unmute", Some(robot), || panel.inject("none").map(drop))
    }

    /// Pulls the button out.
    ///
    /// # Errors
    /// When the panel does not answer.
    pub fn release(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        self.acts.record("release", Some(robot), || panel.touch("release").map(drop))
    }

    /// Presses and releases the reset, once the interlock would take it.
    ///
    /// # Errors
    /// When the panel does not answer, or the interlock does not get ready for it.
    pub fn reset(&mut self, robot: &str) -> Result<()> {
        let panel = self.panel(robot);
        panel.wait_for_phase("reset_armed", READY_WITHIN)?;
        self.acts.record("reset", Some(robot), || panel.press_and_release_reset())
    }
}
