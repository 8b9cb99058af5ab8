//! The person at one robot: resets, waits a random time, presses, looks, releases, and begins again.

use super::agent::{self, Mood};
use super::evidence;
use super::firmware::{Firmware, Setting, name};
use super::report::{Part, Press};
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use shared::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tests::clock::{now, until};

const PATIENCE: Millis = Millis(60_000);
/// How long the reset is held; it counts from 100 ms on.
const RESET_HELD_MS: u64 = 110;
/// Longest time from power to press: enough to be pressed at any speed.
const RUN_UP_MS: u64 = 400;
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What one person has to do.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Which robot, from 0.
    pub number: u64,
    /// How many presses.
    pub share: u64,
    /// Whether the agent becomes hostile while the button is pressed.
    pub hostile: bool,
    /// Where chance begins.
    pub seed: u64,
}

struct Person {
    firmware: Firmware,
    mood: Arc<Mood>,
    order: Order,
    chance: u64,
    part: Part,
}

/// Does all presses and judges what the firmware has recorded.
pub fn drill(setting: &Setting, order: Order, frames: &Arc<AtomicU64>) -> Result<Part> {
    let firmware = Firmware::start(setting, order.number)?;
    let mood = Arc::new(Mood::default());
    let link = firmware.dir.join("link/link.sock");
    agent::start(&link, &name(order.number), Arc::clone(&mood), Arc::clone(frames))?;
    let chance = order.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ order.number;
    let mut person = Person { firmware, mood, order, chance, part: Part::default() };
    while (person.part.presses.len() as u64) < order.share {
        person.press_once()?;
    }
    person.mood.is_over.store(true, Ordering::Relaxed);
    person.part.take_last(&person.look()?);
    evidence::judge(&person.firmware.dir, &mut person.part)?;
    Ok(person.part)
}

impl Person {
    /// One press of an energised robot; one that came while the robot was not energised is not counted.
    fn press_once(&mut self) -> Result<()> {
        self.until_energised()?;
        self.wait_up_to(RUN_UP_MS);
        self.mood.is_hostile.store(self.order.hostile, Ordering::Relaxed);
        match self.firmware.panel.touch("press") {
            Ok(pressed) if pressed["cut_tick"] == pressed["tick"] => {
                let contact_ms = self.until_open()?;
                let (t_ms, frames) = (number(&pressed["t_ms"]), frames(&pressed));
                self.part.presses.push(Press { t_ms, ticks: ticks(&pressed), contact_ms, frames });
            }
            Ok(_) => self.part.not_energised += 1,
            // The press may have come through: the event list knows. It is not counted, as there is nothing to measure.
            Err(_) => self.part.unanswered += 1,
        }
        self.stays_off_for(100)?;
        self.mood.is_hostile.store(false, Ordering::Relaxed);
        // A release without an answer is made up for before the next press.
        let _unanswered = self.firmware.panel.touch("release");
        self.stays_off_for(50)
    }

    /// What the panel shows; on a machine that is too busy to answer, asks again.
    fn look(&self) -> Result<Value> {
        until("the panel answers", PATIENCE, || self.firmware.panel.status().ok())
    }

    /// Does what is to be done next at the panel until the robot has power.
    fn until_energised(&self) -> Result<()> {
        let deadline = now() + PATIENCE;
        loop {
            let status = self.look()?;
            match (status["phase"].as_str().unwrap_or_default(), &status["button"]) {
                ("energised", _) => return Ok(()),
                ("locked", _) => bail!("the firmware locked: {status}"),
                (_, button) if button == "pressed" => self.touch("release")?,
                ("reset_armed", _) => self.hold_reset()?,
                ("tripped", _) if status["reset"] == "pressed" => self.touch("reset_release")?,
                ("tripped", _) if status["proof_tested"] == false => self.touch("press")?,
                // Quicker than waiting until it may return by itself.
                ("standby", _) => self.touch("press")?,
                _ => thread::sleep(LOOK_EVERY),
            }
            ensure!(now() < deadline, "the robot never got power: {status}");
        }
    }

    fn touch(&self, word: &str) -> Result<()> {
        // What had no effect is seen at the next look, and done again.
        let _unanswered = self.firmware.panel.touch(word);
        self.look().map(drop)
    }

    fn hold_reset(&self) -> Result<()> {
        self.touch("reset_press")?;
        let pressed_ms = number(&self.look()?["t_ms"]);
        while number(&self.look()?["t_ms"]) < pressed_ms + RESET_HELD_MS {
            thread::sleep(LOOK_EVERY);
        }
        self.touch("reset_release")
    }

    fn until_open(&self) -> Result<u64> {
        let deadline = now() + PATIENCE;
        loop {
            let status = self.look()?;
            if let Some(ms) = status["cut_ms"].as_u64() {
                return Ok(ms);
            }
            ensure!(now() < deadline, "no contact opened: {status}");
        }
    }

    fn stays_off_for(&mut self, ms_max: u64) -> Result<()> {
        let end = now() + Millis(self.below(ms_max));
        loop {
            let status = self.look()?;
            self.part.seen_on_after += u64::from(status["relays"] == true);
            if now() >= end {
                return Ok(());
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn wait_up_to(&mut self, ms_max: u64) {
        let ms = self.below(ms_max);
        thread::sleep(Duration::from_millis(ms));
    }

    /// Xorshift: chance that can be repeated.
    const fn below(&mut self, n: u64) -> u64 {
        self.chance |= 1;
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance % n
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// Frames that have reached the firmware since it started, taken or dropped, as it counts them itself.
fn frames(status: &Value) -> u64 {
    let dropped = status["dropped"].as_object().into_iter().flatten();
    let of_link = dropped.filter(|(reason, _)| reason.starts_with("link_") && *reason != "link_unread");
    number(&status["frames_taken"]) + of_link.map(|(_, count)| number(count)).sum::<u64>()
}

/// A press whose answer does not show the relays off took longer than any bound.
fn ticks(pressed: &Value) -> u64 {
    pressed["cut_ticks"].as_u64().filter(|_| pressed["relays"] == false).unwrap_or(u64::MAX)
}
