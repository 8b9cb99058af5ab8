//! What one input has led to so far: rows, words, and whose views have changed.

use crate::change::Change;
use crate::tell::{Answer, Output, ReadFeed, Refusal, Tell, Token};
use shared::id::{RobotId, TaskId};
use shared::time::{Instant, WallTime};
use std::collections::BTreeSet;

/// The moment of an input, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub now: Instant,
    pub wall: WallTime,
}

/// Collected while an input is handled, turned into outputs at its end.
#[derive(Debug, Default)]
pub struct Round {
    changes: Vec<Change>,
    reads: Vec<(RobotId, ReadFeed)>,
    sends: Vec<Tell>,
    answers: Vec<Tell>,
    tasks: BTreeSet<TaskId>,
    notes: BTreeSet<TaskId>,
    robots: BTreeSet<RobotId>,
}

impl Round {
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub fn read(&mut self, robot: &RobotId, rows: ReadFeed) {
        self.reads.push((robot.clone(), rows));
    }

    pub fn send(&mut self, send: Tell) {
        self.sends.push(send);
    }

    pub fn answer(&mut self, token: Token, result: Result<Answer, Refusal>) {
        self.answers.push(Tell::Answer { token, result });
    }

    pub fn task_changed(&mut self, task: TaskId) {
        self.tasks.insert(task);
    }

    /// The task's note has changed, its row has not.
    pub fn note_changed(&mut self, task: TaskId) {
        self.notes.insert(task);
    }

    pub fn robot_changed(&mut self, robot: &RobotId) {
        self.robots.insert(robot.clone());
    }

    /// The tasks that have changed so far.
    pub const fn tasks(&self) -> &BTreeSet<TaskId> {
        &self.tasks
    }

    /// The outputs, in the order in which they are done. Readers learn of a change before the person who made it gets
    /// the answer, so that a person reads their own writes.
    pub fn outputs(self) -> impl Iterator<Item = Output> {
        let Self { changes, reads, sends, answers, mut tasks, notes, robots } = self;
        tasks.extend(notes);
        let commit = (!changes.is_empty()).then_some(Output::Commit(changes));
        let tasks = tasks.into_iter().map(Tell::TaskChanged);
        let robots = robots.into_iter().map(Tell::RobotChanged);
        let tells = tasks.chain(robots).chain(sends).chain(answers).map(Output::Tell);
        let reads = reads.into_iter().map(|(robot, rows)| Output::Read { robot, rows });
        commit.into_iter().chain(tells).chain(reads)
    }
}
