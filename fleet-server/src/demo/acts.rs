//! What was done to the factory, by whom and when: `acts.jsonl` in the run folder, one object a line.
//!
//! Each act has a line before it and one after it, so that whoever reads the history knows between which two moments
//! it happened. An act that failed has no line after it.
//!
//! The file is also the supervisor's only memory: who pressed a button last.

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use shared::id::RobotId;
use shared::time::Instant;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A robot's network was cut.
    Cut,
    /// A robot's network was restored.
    Restore,
    /// The button was pressed.
    Press,
    /// The button was released.
    Release,
    /// The reset was pressed and released.
    Reset,
    /// A safety officer cleared the robot after its button was pressed.
    Clear,
    /// The receiver of a robot's own firmware was muted.
    Mute,
    /// It was jammed.
    Jam,
    /// It was made to hear late.
    Delay,
    /// It was unmuted.
    Unmute,
    /// A robot's work was resumed, over REST.
    Resume,
    /// A process was killed.
    Kill,
    /// A process was started.
    Spawn,
    /// The shift's plan was imported.
    Import,
    /// The run began: the shift is in, the clock of the script starts.
    Begin,
    /// The run ended: from here on everything is being switched off.
    End,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The script of a headless run, or the supervisor itself.
    Script,
    /// The scripted person.
    Person,
    /// Somebody at the page of the simulated hardware.
    Visitor,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Before,
    After,
}

#[derive(Serialize, Deserialize)]
struct Line {
    t_ms: u64,
    act: Deed,
    robot: Option<RobotId>,
    by: By,
    phase: Phase,
    /// For an import: the tasks that the server's answer named, so that the history can tell whether one was lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<String>,
}

/// The record of acts. Lines are written whole, so it may be shared without a lock.
pub struct Acts {
    file: File,
    now: fn() -> Instant,
}

impl Acts {
    /// Opens the record at its end, and keeps every other supervisor out of it while it is open.
    ///
    /// # Errors
    /// When the file cannot be written, or another demo runs in the folder.
    pub fn open(path: &Path, now: fn() -> Instant) -> anyhow::Result<Self> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        if file.try_lock().is_err() {
            bail!("another demo runs in this folder: it holds {}", path.display());
        }
        Ok(Self { file, now })
    }

    /// Records that an act is about to happen. The rest of it is written by [`Pending::done`].
    pub fn begin<'a>(&'a self, act: Deed, robot: Option<&RobotId>, by: By) -> Pending<'a> {
        let pending = Pending { acts: self, act, robot: robot.cloned(), by };
        pending.write(Phase::Before, Vec::new());
        pending
    }

    /// Records something that takes no time.
    pub fn note(&self, act: Deed, by: By) {
        self.begin(act, None, by).done();
    }
}

/// An act that was begun.
#[must_use = "an act that is not done has failed"]
pub struct Pending<'a> {
    acts: &'a Acts,
    act: Deed,
    robot: Option<RobotId>,
    by: By,
}

impl Pending<'_> {
    /// Records that the act has happened.
    pub fn done(self) {
        self.write(Phase::After, Vec::new());
    }

    /// Records that an import has happened, and the tasks that it was told it made.
    pub fn done_with(self, tasks: Vec<String>) {
        self.write(Phase::After, tasks);
    }

    // A record that cannot be written shows in the verdict, which finds no press; the demo itself goes on.
    fn write(&self, phase: Phase, tasks: Vec<String>) {
        let robot = self.robot.clone();
        let line = Line { t_ms: (self.acts.now)().0, act: self.act, robot, by: self.by, phase, tasks };
        let mut bytes = serde_json::to_vec(&line).expect("names, numbers and words are always JSON");
        bytes.push(b'\n');
        let _kept = (&self.acts.file).write_all(&bytes);
    }
}

/// Whose hand pressed each button last, where the record ends with the button pressed. A torn last line is left out.
pub fn hands_on_buttons(path: &Path) -> BTreeMap<RobotId, By> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut hands = BTreeMap::new();
    for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
        match (line.act, line.robot) {
            (Deed::Press, Some(robot)) => drop(hands.insert(robot, line.by)),
            (Deed::Release, Some(robot)) if line.phase == Phase::After => drop(hands.remove(&robot)),
            _ => {}
        }
    }
    hands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_recorded_before_and_after_and_the_record_goes_on_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acts.jsonl");
        let robot = RobotId::parse("r-1").unwrap();
        Acts::open(&path, || Instant(5)).unwrap().begin(Deed::Press, Some(&robot), By::Visitor).done();
        Acts::open(&path, || Instant(6)).unwrap().note(Deed::End, By::Script);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], r#"{"t_ms":5,"act":"press","robot":"r-1","by":"visitor","phase":"before"}"#);
        assert_eq!(lines[3], r#"{"t_ms":6,"act":"end","robot":null,"by":"script","phase":"after"}"#);
    }

    #[test]
    fn the_record_tells_whose_hand_pressed_a_button_that_is_still_pressed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acts.jsonl");
        let acts = Acts::open(&path, || Instant(5)).unwrap();
        assert!(Acts::open(&path, || Instant(5)).is_err(), "two supervisors in one folder");
        let [one, two] = ["r-1", "r-2"].map(|name| RobotId::parse(name).unwrap());
        acts.begin(Deed::Press, Some(&one), By::Person).done();
        acts.begin(Deed::Press, Some(&two), By::Visitor).done();
        acts.begin(Deed::Release, Some(&two), By::Visitor).done();
        assert_eq!(hands_on_buttons(&path), BTreeMap::from([(one, By::Person)]));
    }
}
