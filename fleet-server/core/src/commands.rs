//! What people ask for, and what is refused and why.

use crate::assignment;
use crate::change::{Change, TaskRecord};
use crate::fleet::Fleet;
use crate::round::At;
use crate::tell::{Answer, Refusal, Token};
use shared::clearance::Clearance;
use shared::fact::InterlockPhase;
use shared::field::{self, FieldValue};
use shared::id::{RobotId, TaskId, ZoneId};
use shared::op::OpBatch;
use shared::refusal::Code;
use shared::task::{TaskKind, TaskRow, TaskState};
use shared::time::{Instant, Millis};
use shared::wire::fleet_to_robot::Now;
use shared::wire::robot_to_fleet::State;
use shared::wire::topic::Down;

pub use shared::field::TITLE_LEN_MAX;

/// How old a robot's last word may be for a request that has to reach it now.
const REACHABLE: Millis = Millis::secs(2);

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make a task. The same task once more is answered with the task that is there.
    Create(NewTask),
    /// Make all of these tasks, or none.
    Import(Vec<NewTask>),
    /// Tell how synchronisation goes with one robot or with all. Changes nothing.
    ShowSync {
        /// Which; all of them if none is named.
        robot: Option<RobotId>,
    },
    /// Give a task to a robot.
    Assign {
        /// Which task.
        task: TaskId,
        /// To which robot.
        robot: RobotId,
    },
    /// Withdraw a task.
    Cancel {
        /// Which task.
        task: TaskId,
    },
    /// Let a robot that waits for a person go on.
    Resume {
        /// Which robot.
        robot: RobotId,
    },
    /// Take operations of somebody's outbox.
    Ops(OpBatch),
    /// Carry a safety officer's clearance to the robot it is for. The robot judges it, not the server.
    Clear(Box<Clearance>),
}

/// A task as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Its identity, drawn by whoever wants it, so that asking twice makes it once.
    pub id: TaskId,
    /// What it is about, 1 to [`TITLE_LEN_MAX`] characters.
    pub title: String,
    /// The kind of work.
    pub kind: TaskKind,
    /// Where it is done; for kitting, where the kit is brought.
    pub zone: ZoneId,
    /// For kitting, and only for that: where the kit is fetched.
    pub from: Option<ZoneId>,
    /// 1 (first) to 5 (last).
    pub priority: u8,
    /// When it should be done, milliseconds since 1970.
    pub due_ms: Option<u64>,
    /// Who is to do it.
    pub robot: Option<RobotId>,
}

impl Fleet {
    /// Carries out a command, or refuses it.
    pub(crate) fn command(&mut self, token: Token, command: Command, at: At) {
        let result = match command {
            // Answered when its notes are merged.
            Command::Ops(batch) => return self.ops(token, &batch, at),
            Command::Create(task) => self.create(task, at),
            Command::Import(tasks) => self.import(tasks, at),
            Command::Assign { task, robot } => self.assign(task, &robot, at),
            Command::Cancel { task } => self.cancel(task),
            Command::Resume { robot } => self.resume(&robot, at),
            Command::Clear(clearance) => self.clear(clearance, at),
            Command::ShowSync { robot } => Ok(Answer::Sync(self.sync_reports(robot.as_ref(), at.now))),
        };
        self.round.answer(token, result);
    }

    fn create(&mut self, task: NewTask, at: At) -> Result<Answer, Refusal> {
        if let Some(there) = self.tasks.get(task.id) {
            let is_same = is_same_wish(&there.row, &task);
            let row = there.row.clone();
            return if is_same { Ok(Answer::Task { row, created: false }) } else { Err(reused(task.id)) };
        }
        self.check(&task)?;
        Ok(Answer::Task { row: self.make(task, at), created: true })
    }

    fn import(&mut self, tasks: Vec<NewTask>, at: At) -> Result<Answer, Refusal> {
        for (row, task) in tasks.iter().enumerate() {
            self.check(task).map_err(|refusal| Refusal { row: Some(row), ..refusal })?;
        }
        let rows = tasks.into_iter().map(|task| self.make(task, at)).collect();
        Ok(Answer::Imported(rows))
    }

    fn assign(&mut self, id: TaskId, robot: &RobotId, at: At) -> Result<Answer, Refusal> {
        self.check_robot(robot)?;
        let task = self.tasks.get(id).ok_or_else(|| no_task(id))?.clone();
        let after = assignment::assign(&task, robot).map_err(|code| refused(code, &task.row))?;
        Ok(self.changed(&task, after, at))
    }

    fn cancel(&mut self, id: TaskId) -> Result<Answer, Refusal> {
        let task = self.tasks.get(id).ok_or_else(|| no_task(id))?.clone();
        let after = assignment::cancel(&task).map_err(|code| refused(code, &task.row))?;
        if after != task {
            self.set_task(after.clone());
        }
        Ok(Answer::Task { row: after.row, created: false })
    }

    /// Sent now or refused: a permission that waited in a queue would start a robot beside somebody who forgot it.
    fn resume(&mut self, robot: &RobotId, at: At) -> Result<Answer, Refusal> {
        let not_here = || Refusal::of(Code::NotFound, format!("The roster has no robot {robot}."));
        let entry = self.roster.get(robot).ok_or_else(not_here)?;
        let state = fresh(entry.state(), at.now).ok_or_else(|| silent(robot))?;
        if !state.awaits_person {
            return Err(Refusal::of(Code::NothingHeld, format!("{robot} does not wait for a person.")));
        }
        if let Some(why) = without_power(state) {
            return Err(Refusal::of(why, format!("{robot}: {}", why.sentence())));
        }
        let (boot, mono_ms) = (state.boot, state.mono_ms);
        let number = self.next_now_number(robot, at);
        self.send(robot, Down::Now, &Now::Resume { number, boot, mono_ms });
        Ok(Answer::Requested { number })
    }

    fn clear(&mut self, clearance: Box<Clearance>, at: At) -> Result<Answer, Refusal> {
        let robot = clearance.robot.clone();
        let not_here = || Refusal::of(Code::NotFound, format!("The roster has no robot {robot}."));
        let entry = self.roster.get(&robot).ok_or_else(not_here)?;
        let state = fresh(entry.state(), at.now).ok_or_else(|| silent(&robot))?;
        if state.clearance != Some(clearance.challenge) {
            let detail = format!("{robot} waits for no clearance, or for the answer to another challenge.");
            return Err(Refusal::of(Code::BadClearance, detail));
        }
        let (boot, mono_ms) = (state.boot, state.mono_ms);
        let number = self.next_now_number(&robot, at);
        self.send(&robot, Down::Now, &Now::Clear { number, boot, mono_ms, clearance });
        Ok(Answer::Requested { number })
    }

    /// Rises also over the loss of this database: robots remember the highest number they obeyed.
    fn next_now_number(&mut self, robot: &RobotId, at: At) -> u64 {
        let newest = self.now_numbers.entry(robot.clone()).or_default();
        *newest = newest.saturating_add(1).max(at.wall.0);
        let number = *newest;
        self.round.change(Change::NowNumber { robot: robot.clone(), number });
        number
    }

    fn make(&mut self, new: NewTask, at: At) -> TaskRow {
        let robot = new.robot.clone();
        let queued = TaskRecord { row: queued(new, self.tasks.next_number()), given_to: None };
        let wanted = robot.and_then(|robot| assignment::assign(&queued, &robot).ok());
        let task = wanted.unwrap_or(queued);
        let id = task.row.id;
        self.set_task(task.clone());
        self.dispatch_to_its_robot(&task, at.now);
        self.tasks.get(id).map_or(task.row, |task| task.row.clone())
    }

    fn changed(&mut self, before: &TaskRecord, after: TaskRecord, at: At) -> Answer {
        if after != *before {
            self.set_task(after.clone());
        }
        self.dispatch_to_its_robot(&after, at.now);
        let row = self.tasks.get(after.row.id).map_or(after.row, |task| task.row.clone());
        Answer::Task { row, created: false }
    }

    pub(crate) fn dispatch_to_its_robot(&mut self, task: &TaskRecord, now: Instant) {
        if let Some(robot) = &task.row.robot {
            self.dispatch_waiting(robot, now);
        }
    }

    // ---- what a wish has to be

    fn check(&self, task: &NewTask) -> Result<(), Refusal> {
        check_title(&task.title)?;
        check_priority(task.priority)?;
        self.check_zone("zone", &task.zone)?;
        self.check_from(task)?;
        task.robot.as_ref().map_or(Ok(()), |robot| self.check_robot(robot))
    }

    fn check_zone(&self, field: &'static str, zone: &ZoneId) -> Result<(), Refusal> {
        if self.site.hall.zone(zone).is_some() {
            return Ok(());
        }
        Err(Refusal::field(Code::UnknownZone, field, format!("The hall has no zone {zone}.")))
    }

    fn check_from(&self, task: &NewTask) -> Result<(), Refusal> {
        match (task.kind, &task.from) {
            (TaskKind::Kitting, Some(from)) => self.check_zone("from", from),
            (TaskKind::Kitting, None) => Err(Refusal::field(
                Code::BadBody,
                "from",
                "Kitting fetches a kit somewhere: name the zone in the field from.",
            )),
            (TaskKind::MachineTending | TaskKind::Inspection | TaskKind::Charging, Some(_)) => Err(Refusal::field(
                Code::BadBody,
                "from",
                "Only kitting fetches something: leave the field from empty.",
            )),
            (TaskKind::MachineTending | TaskKind::Inspection | TaskKind::Charging, None) => Ok(()),
        }
    }

    fn check_robot(&self, robot: &RobotId) -> Result<(), Refusal> {
        if self.roster.get(robot).is_some() {
            return Ok(());
        }
        Err(Refusal::field(Code::UnknownRobot, "robot", format!("The roster has no robot {robot}.")))
    }
}

fn check_title(title: &str) -> Result<(), Refusal> {
    check_value("title", &FieldValue::Title(title.to_owned()))
}

fn check_priority(priority: u8) -> Result<(), Refusal> {
    check_value("priority", &FieldValue::Priority(priority))
}

fn check_value(field: &'static str, value: &FieldValue) -> Result<(), Refusal> {
    field::check(value).map_err(|detail| Refusal::field(Code::BadBody, field, detail))
}

fn queued(new: NewTask, number: u32) -> TaskRow {
    TaskRow {
        id: new.id,
        number,
        title: new.title,
        kind: new.kind,
        zone: new.zone,
        from: new.from,
        priority: new.priority,
        due_ms: new.due_ms,
        state: TaskState::Queued,
        robot: None,
        fence: 0,
        steps: vec![],
        steps_done: 0,
        cancel_wanted: false,
        why: None,
        late: false,
    }
}

/// Who is to do it may have changed since it was first asked for, so it does not count.
fn is_same_wish(row: &TaskRow, new: &NewTask) -> bool {
    let there = (&row.title, row.kind, &row.zone, &row.from, row.priority, row.due_ms);
    there == (&new.title, new.kind, &new.zone, &new.from, new.priority, new.due_ms)
}

fn fresh(state: Option<&(State, Instant)>, now: Instant) -> Option<&State> {
    state.filter(|(_, at)| now.since(*at) <= REACHABLE).map(|(state, _)| state)
}

/// Why a robot has no power, if it has none: it can be resumed only when it stands.
fn without_power(state: &State) -> Option<Code> {
    match state.interlock.map(|now| now.phase) {
        Some(InterlockPhase::Energised) => None,
        Some(InterlockPhase::Released) if state.clearance.is_some() => Some(Code::ClearanceDue),
        Some(_) | None => Some(Code::InterlockOpen),
    }
}

fn silent(robot: &RobotId) -> Refusal {
    Refusal::of(Code::NotHeard, format!("{robot} was not heard within the last {} ms; nothing was sent.", REACHABLE.0))
}

fn reused(id: TaskId) -> Refusal {
    Refusal::field(Code::IdReused, "id", format!("Task {id} was made before with other content."))
}

fn no_task(id: TaskId) -> Refusal {
    Refusal::of(Code::NotFound, format!("There is no task {id}."))
}

fn refused(code: Code, task: &TaskRow) -> Refusal {
    Refusal::of(code, format!("{}: {}", task.code(), code.sentence()))
}

#[cfg(test)]
mod tests;
