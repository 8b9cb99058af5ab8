//! A site's broker: chosen, killed, started again, exchanged while the robots work.

use super::{Part, Site};
use crate::process::broker::{Broker, start_mosquitto};
use anyhow::{Context, Result};

const MOSQUITTO: &str = "mosquitto";

impl Site {
    /// Ends the server, and whatever broker it used, and starts it over another one.
    ///
    /// # Errors
    /// When a program cannot be started.
    pub fn move_to(&mut self, broker: Broker) -> Result<()> {
        self.kill(Part::Fleet)?;
        self.running.remove(MOSQUITTO);
        let robots: Vec<String> = self.relays.keys().cloned().collect();
        self.serve_over(robots.iter().map(String::as_str), broker)
    }

    /// Starts the server for the first time, or anew, over a broker.
    ///
    /// # Errors
    /// When a program cannot be started.
    pub(super) fn serve_over<'a>(&mut self, robots: impl IntoIterator<Item = &'a str>, broker: Broker) -> Result<()> {
        self.layout.write_fleet(robots, broker)?;
        if broker == Broker::Mosquitto {
            self.start_mosquitto()?;
        }
        self.spawn(Part::Fleet)
    }

    /// Kills Mosquitto with everything that it held in memory, and starts it anew.
    ///
    /// # Errors
    /// When it does not run, or does not start.
    pub fn crash_mosquitto(&mut self) -> Result<()> {
        let mut running = self.running.remove(MOSQUITTO).context("Mosquitto is not running")?;
        self.acts.record("kill_broker", None, || running.kill())?;
        self.start_mosquitto()
    }

    fn start_mosquitto(&mut self) -> Result<()> {
        let running = start_mosquitto(&self.layout.dir, self.layout.mqtt)?;
        self.running.insert(MOSQUITTO.to_owned(), running);
        Ok(())
    }
}
