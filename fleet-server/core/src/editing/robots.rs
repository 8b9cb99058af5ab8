//! Edits that stand in robots' journals. A fact is never refused from the record: one that has no effect is flagged, and its
//! writer is told so.

use crate::change::{Change, FlagRow};
use crate::fleet::Fleet;
use crate::judge::Rule;
use crate::round::At;
use crate::sync::What;
use shared::contribution::{Author, Contribution, NoteWrite};
use shared::fact::Fact;
use shared::field::{FieldStamp, FieldWrite, OpId, origin_of};
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Epoch, Lane, Record};
use shared::op::OpResult;
use shared::refusal::Code;
use shared::wire::fleet_to_robot::Row;

impl Fleet {
    /// A field that was written at a robot, stamped by what is known of its clock. Returns what is wrong with it.
    pub(crate) fn robot_wrote(&mut self, robot: &RobotId, write: &FieldWrite, entry: Hlc, at: At) -> Option<Rule> {
        let origin = origin_of(robot.as_str());
        let hlc = self.editing.writers.next(origin, entry.wall(), write.seen, at.wall);
        let stamp = FieldStamp { hlc, origin, op: write.op };
        let result = match self.may_edit(robot, write.task) {
            Ok(()) => self.write_field(write.task, &write.value, stamp, at),
            Err(code) => OpResult::Refused { code },
        };
        self.settle_robot(robot.clone(), write.op, hlc, result);
        matches!(result, OpResult::Refused { .. }).then_some(Rule::FieldRefused)
    }

    /// An edit of a note that was made at a robot. Returns what is wrong with it, as far as can be told at once.
    pub(crate) fn robot_noted(&mut self, robot: &RobotId, write: &NoteWrite, entry: Hlc) -> Option<Rule> {
        let result = match self.may_edit(robot, write.task) {
            Ok(()) => {
                let contribution = Contribution::Update { update: write.update.clone() };
                self.contribute(write.task, write.op, Author::Robot { robot: robot.clone() }, entry, contribution)
            }
            Err(code) => OpResult::Refused { code },
        };
        let is_refused = matches!(result, OpResult::Refused { .. });
        if is_refused {
            self.settle_robot(robot.clone(), write.op, entry, result);
        }
        is_refused.then_some(Rule::NoteRefused)
    }

    /// An edit that is offered again took effect before, and was settled in rows that its robot may lack: its disk was put back.
    /// One that waits to be merged is settled in its turn.
    pub(crate) fn settle_again(&mut self, robot: &RobotId, record: &Record, stamp: Hlc) {
        let Some(fact) = record.fact() else { return };
        let op = if let Fact::FieldWritten { write } = fact {
            write.op
        } else if let Fact::NoteUpdate { write } = fact {
            write.op
        } else {
            return;
        };
        if self.editing.notes.is_waiting(op) {
            return;
        }
        self.settle_robot(robot.clone(), op, stamp, OpResult::Done { stamp });
    }

    /// A robot sees, and edits, what was given to it last.
    fn may_edit(&self, robot: &RobotId, task: TaskId) -> Result<(), Code> {
        let is_given = self.tasks.get(task).is_some_and(|task| task.given_to.as_ref() == Some(robot));
        if is_given { Ok(()) } else { Err(Code::NotFound) }
    }

    /// Tells a robot what became of its edit, behind the rows that show it.
    pub(super) fn settle_robot(&mut self, robot: RobotId, op: OpId, stamp: Hlc, result: OpResult) {
        let why = match result {
            OpResult::Refused { code } => Some(code),
            OpResult::Done { .. } | OpResult::Older { .. } | OpResult::Taken { .. } => None,
        };
        self.editing.settled.push((robot, Row::Settled { op, stamp, why }));
    }

    /// Flags a contribution that was not taken, under its own number: it was noticed after its entry was stored.
    pub(super) fn flag_note(&mut self, robot: &RobotId, task: TaskId, number: u64, rule: Rule, at: At) {
        self.sync.note(robot, What::Flag(rule));
        let (robot, epoch, task) = (robot.clone(), Epoch(self.server_epoch), Some(task));
        let flag = FlagRow { rule, robot, epoch, lane: Lane::Notes, lane_seq: number, task, raised: at.wall };
        self.round.change(Change::Flag(flag));
    }
}
