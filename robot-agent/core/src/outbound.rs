//! The order in which things are done: take energy away, commit, tell.

use crate::beacon_clock::{BeaconClock, ServerTime};
use crate::change::Change;
use crate::endorsement::{Stage, Validity};
use crate::execution::Activity;
use crate::retreat::Seat;
use crate::robot::{LocalAnswer, LocalToken};
use crate::telemetry::{Keep, Wanted};
use shared::journal::Lane;
use shared::seal::Hash;
use shared::wire::topic::Up;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// What the driver wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Let the body rest. Only takes motion away, so it may overtake the commit.
    Rest,
    /// Take back that the robot may ask to be armed. Only takes away, so it may overtake the commit.
    ForbidArm,
    /// Write all of it in one transaction; end the process when that fails.
    Commit(Vec<Change>),
    /// Change the telemetry's file in one transaction, behind the commit that reserved the numbers.
    Keep(Vec<Keep>),
    /// Say what was committed before.
    Tell(Tell),
}

/// What is said once it is committed.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// A signed payload for one of this robot's topics.
    Publish {
        /// Which.
        channel: Up,
        /// The bytes.
        payload: Vec<u8>,
    },
    /// The step that the body should be doing now.
    Act(Activity),
    /// The robot may ask to be armed in this trip epoch.
    MayArm {
        /// Which.
        trip_epoch: u32,
    },
    /// The endorsement that the robot discloses under.
    Endorsed {
        /// From when until when.
        validity: Validity,
        /// The link pack.
        pack: Vec<u8>,
    },
    /// The clock to disclose by, and what is known of the server's calendar.
    Clock(BeaconClock, Option<ServerTime>),
    /// The endorsement is about to end: the robot sits down and stays down until there is another one.
    SitDown,
    /// Where it sits down.
    Seated(Seat),
    /// The endorsement has reached this stage.
    Stage(Stage),
    /// The answer to somebody at the robot.
    Local {
        /// To whom.
        token: LocalToken,
        /// What.
        answer: LocalAnswer,
    },
    /// Entries of the current epoch that were acknowledged and are to be sent once more. Answered with `Input::Recalled`.
    Recall {
        /// In which lane.
        lane: Lane,
        /// Which numbers of it.
        range: RangeInclusive<u64>,
    },
    /// Items of the telemetry's file are wanted. Answered with `Input::Telemetry`.
    Telemetry(Wanted),
    /// The connection carries nothing although it stands: make another, with another client.
    Reconnect,
    /// The journal's newest committed head, for the beacon.
    Head {
        /// Number of the newest entry.
        cseq: u64,
        /// Its hash.
        head: Hash,
    },
}

/// Collects one drain's outputs and gives them out in order.
#[derive(Debug, Default)]
pub struct Outbound {
    rest: bool,
    forbid_arm: bool,
    changes: Vec<Change>,
    keeps: Vec<Keep>,
    tells: VecDeque<Tell>,
}

impl Outbound {
    /// Takes motion away, and with it any activity that was not told yet.
    pub fn rest(&mut self) {
        self.rest = true;
        self.tells.retain(|tell| !matches!(tell, Tell::Act(_)));
    }

    /// Takes back that the robot may ask to be armed, and with it a permission that was not told yet.
    pub fn forbid_arm(&mut self) {
        self.forbid_arm = true;
        self.tells.retain(|tell| !matches!(tell, Tell::MayArm { .. }));
    }

    /// Adds a row to the commit.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Adds a change of the telemetry's file.
    pub fn keep(&mut self, keep: Keep) {
        self.keeps.push(keep);
    }

    /// Adds a word to be told after the commit.
    pub fn tell(&mut self, tell: Tell) {
        self.tells.push_back(tell);
    }

    /// The next output: what takes away, then the one commit, then the telemetry, then the tells in order.
    pub fn poll(&mut self) -> Option<Output> {
        if std::mem::take(&mut self.rest) {
            return Some(Output::Rest);
        }
        if std::mem::take(&mut self.forbid_arm) {
            return Some(Output::ForbidArm);
        }
        if !self.changes.is_empty() {
            return Some(Output::Commit(std::mem::take(&mut self.changes)));
        }
        if !self.keeps.is_empty() {
            return Some(Output::Keep(std::mem::take(&mut self.keeps)));
        }
        self.tells.pop_front().map(Output::Tell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_before_it_is_committed_and_rest_overtakes_both() {
        let mut out = Outbound::default();
        out.tell(Tell::Head { cseq: 1, head: Hash::default() });
        out.change(Change::Clean(true));
        out.tell(Tell::MayArm { trip_epoch: 4 });
        out.forbid_arm();
        out.rest();
        assert_eq!(out.poll(), Some(Output::Rest));
        assert_eq!(out.poll(), Some(Output::ForbidArm));
        assert!(matches!(out.poll(), Some(Output::Commit(_))));
        assert!(matches!(out.poll(), Some(Output::Tell(_))));
        assert_eq!(out.poll(), None);
    }
}
