//! A run as plain data: what was done to it, what the bodies did, what the firmwares saw, what both sides have on disk.
//!
//! Nothing here is what a program says of itself while it runs: the truth log is written by the body, the events by
//! the safety controller, the acts by whoever disturbed the run, and the tables are read after it.
//!
//! Times (`t_ms`, `mono_ms`) are milliseconds of one machine's boot clock and compare with each other; where there were several
//! boots, an entry names when its own began.
//! Leaves to others: reading the files (`crate::history`), what is wrong with a run (the checkers beside this file).

use serde::Deserialize;
use shared::fact::Fact;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Entry, Epoch, Lane, Record};
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::Mark;
use std::collections::BTreeMap;

/// Everything that is known of a run.
#[derive(Clone, Debug)]
pub struct History {
    /// What was done to the run, oldest first.
    pub acts: Vec<Act>,
    /// The robots by name.
    pub robots: BTreeMap<RobotId, Robot>,
    /// What the server has.
    pub server: Server,
}

/// What is known of one robot.
#[derive(Clone, Debug)]
pub struct Robot {
    /// What its body did, written by the body.
    pub truth: Vec<Truth>,
    /// What its safety controller saw, written by the safety controller.
    pub events: Vec<Event>,
    /// What its agent has on disk.
    pub replica: Replica,
}

/// What was done to the run from outside.
#[derive(Clone, Debug, Deserialize)]
pub struct Act {
    /// When.
    pub t_ms: u64,
    /// `cut`, `restore`, `press`, `release`, `reset`, `resume`, `kill`, `spawn`, `import` ...
    pub act: String,
    /// To which robot; nothing means to all of them, or to none in particular.
    #[serde(default)]
    pub robot: Option<RobotId>,
    /// Written before the act or after it.
    #[serde(default)]
    pub phase: Phase,
    /// For an import: the tasks that the server's answer named.
    #[serde(default)]
    pub tasks: Vec<String>,
}

/// Whether a line stands before its act or after it: the act itself lies between the two times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The act is about to be done.
    Before,
    /// The act was done.
    #[default]
    After,
}

/// A line of the body's log.
#[derive(Clone, Debug, Deserialize)]
pub struct Truth {
    /// When.
    pub t_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: Deed,
}

/// What a body did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum Deed {
    /// It moved since the last sample.
    Moved {
        /// How far, in millimetres.
        d_mm: u64,
    },
    /// It began to come to rest in a crouch.
    Crouch,
    /// It began a step.
    Begun {
        /// The order's tag.
        #[serde(deserialize_with = "tag_of_hex")]
        order: u64,
        /// The step's place in the order, from 0.
        step: u8,
    },
    /// It finished a step.
    Finished {
        /// The order's tag.
        #[serde(deserialize_with = "tag_of_hex")]
        order: u64,
        /// The step's place in the order, from 0.
        step: u8,
        /// `walk`, `pick`, `place`, `inspect`, `tend`, `charge`.
        act: String,
    },
    /// What no checker asks about: position at the start, motor line, battery.
    #[serde(other)]
    Other,
}

fn tag_of_hex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}

/// A line of the safety controller's own record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// When.
    pub t_ms: u64,
    /// `power_up`, `trip`, `stopping`, `standby`, `energised`, `button_pressed` ...
    pub ev: String,
}

/// A robot's database.
#[derive(Clone, Debug)]
pub struct Replica {
    /// The life of this database.
    pub epoch: Epoch,
    /// The life of the server's database that the cursor belongs to.
    pub server_epoch: u64,
    /// The feed row applied last.
    pub cursor: u64,
    /// The journal of every epoch.
    pub journal: Vec<Kept>,
    /// How far the server has acknowledged each lane of the current epoch.
    pub acked: Vec<Mark>,
    /// The tasks, as the exact bytes of the feed's newest row.
    pub tasks: BTreeMap<TaskId, Vec<u8>>,
}

/// The server's database.
#[derive(Clone, Debug)]
pub struct Server {
    /// The life of this database.
    pub epoch: u64,
    /// Every robot's record as the server has it.
    pub facts: BTreeMap<RobotId, Vec<Kept>>,
    /// The tasks as they are now, as bytes of a [`TaskRow`].
    pub tasks: BTreeMap<TaskId, Vec<u8>>,
    /// Every robot's feed: the row's number, and its exact bytes as sent.
    pub feed: BTreeMap<RobotId, BTreeMap<u64, Vec<u8>>>,
}

/// A journal entry as a table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The life of the robot's database.
    pub epoch: Epoch,
    /// Number in the chain, from 1.
    pub cseq: u64,
    /// The lane.
    pub lane: Lane,
    /// Number in the lane, from 1.
    pub lane_seq: u64,
    /// The chain's hash after it, as stored.
    pub hash: Hash,
    /// The head's exact bytes.
    pub entry: Vec<u8>,
    /// The body's exact bytes.
    pub body: Vec<u8>,
    /// When the boot in which it was written began, on this history's clock; 0 in a history of one boot.
    pub boot_ms: u64,
}

impl Kept {
    /// The record in the bytes, if the columns beside them tell the same.
    ///
    /// # Errors
    /// A sentence that says what does not agree.
    pub fn record(&self) -> Result<Record, String> {
        let record = Record::read(self.entry.clone(), self.body.clone()).map_err(|e| e.to_string())?;
        let Entry { cseq, lane, lane_seq, .. } = record.entry;
        if (cseq, lane, lane_seq) != (self.cseq, self.lane, self.lane_seq) {
            return Err(format!("the columns say {} and the bytes say {cseq}", self.cseq));
        }
        if record.hash != self.hash {
            return Err(format!("the stored hash {:?} is not that of the bytes, {:?}", self.hash, record.hash));
        }
        Ok(record)
    }

    /// The boot in which it was written; `None` when the bytes are no entry.
    #[must_use]
    pub fn boot(&self) -> Option<Boot> {
        from_bytes::<Entry>(&self.entry).ok().map(|entry| entry.boot)
    }

    /// The fact and when it was written, if the bytes are those of a known fact.
    #[must_use]
    pub fn fact(&self) -> Option<(u64, Fact)> {
        let entry: Entry = from_bytes(&self.entry).ok()?;
        Some((self.boot_ms + entry.mono_ms, from_bytes(&self.body).ok()?))
    }

    /// How people call it: `work 17`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.lane.as_str(), self.lane_seq)
    }
}

impl History {
    /// The acts of one kind on one robot or on all, in one phase.
    pub fn acts_on<'a>(&'a self, robot: &'a RobotId, act: &'a str, phase: Phase) -> impl Iterator<Item = &'a Act> {
        let concerns = move |of: &Option<RobotId>| of.as_ref().is_none_or(|of| of == robot);
        self.acts.iter().filter(move |one| one.act == act && one.phase == phase && concerns(&one.robot))
    }

    /// The server's task rows that can be read.
    pub fn server_rows(&self) -> impl Iterator<Item = TaskRow> {
        self.server.tasks.values().filter_map(|bytes| from_bytes(bytes).ok())
    }

    /// What the server has of a robot's record.
    #[must_use]
    pub fn facts_of(&self, robot: &RobotId) -> &[Kept] {
        self.server.facts.get(robot).map_or(&[], Vec::as_slice)
    }
}
