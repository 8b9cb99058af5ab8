//! The JSON of robots and tasks, and nothing else. Additive only: readers skip what they do not know.

use crate::view::RobotView;
use fleet_core::NewTask;
use serde::{Deserialize, Serialize};
use shared::beacon::BeaconTime;
use shared::clearance::Challenge;
use shared::fact::Interlock;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::refusal::Code;
use shared::seal::to_hex;
use shared::task::{TaskKind, TaskRow, TaskState};
use shared::time::{Instant, WallTime};
use shared::wire::robot_to_fleet::{Connection, Disbelieved};
use shared::zone::Point;

/// A robot as the server last heard it. Every value is as old as `heard_age_ms` says.
#[derive(Clone, Debug, Serialize)]
pub struct Robot {
    id: RobotId,
    heard_age_ms: Option<u64>,
    at: Option<Point>,
    battery_permille: Option<u16>,
    interlock: Option<Interlock>,
    task: Option<String>,
    step: Option<u8>,
    steps: Option<usize>,
    awaits_person: bool,
    unacked: u64,
    cursor: u64,
    feed_head: u64,
    connection: &'static str,
    /// When it last sent its disclosure, before its last word.
    disclosure_sent_ms_ago: Option<u64>,
    /// Since when its own firmware did not hear it disclose itself; 0 while it is heard.
    disclosure_heard_ms_ago: Option<u64>,
    /// Until when its disclosure is endorsed, milliseconds since 1970.
    endorsed_until_ms: Option<u64>,
    /// How long that is by this server's clock; 0 when it is over.
    endorsed_left_ms: Option<u64>,
    clock_skew_ms: Option<i64>,
    clock_suspect: bool,
    /// Why nobody would believe what it discloses, as of its last word.
    disbelieved: Option<Disbelieved>,
    /// The same for people: what is so, and what to do.
    disbelieved_says: Option<String>,
    clearance: Option<Waiting>,
}

/// The challenge that a safety officer has to answer before the robot asks to be armed.
#[derive(Clone, Debug, Serialize)]
struct Waiting {
    trip_epoch: u32,
    /// As hexadecimal digits.
    challenge: String,
}

impl From<Challenge> for Waiting {
    fn from(challenge: Challenge) -> Self {
        Self { trip_epoch: challenge.trip_epoch, challenge: to_hex(&challenge.random) }
    }
}

impl Robot {
    /// The robot with its ages at this moment, on both clocks; `find` gives the row of a task.
    pub fn of<'a>(
        view: &RobotView,
        (now, wall): (Instant, WallTime),
        find: impl Fn(TaskId) -> Option<&'a TaskRow>,
    ) -> Self {
        let state = view.state.as_ref();
        let endorsed_until =
            state.and_then(|state| state.endorsed_until).map(|secs| BeaconTime::from_secs(secs).to_wall());
        let disbelieved = state.and_then(|state| state.disbelieved);
        let task = state.and_then(|state| state.order).and_then(|order| find(order.task));
        Self {
            id: view.id.clone(),
            heard_age_ms: view.heard_at.map(|at| now.since(at).0),
            at: state.and_then(|state| state.at),
            battery_permille: state.and_then(|state| state.battery_permille),
            interlock: state.and_then(|state| state.interlock),
            task: task.map(TaskRow::code),
            step: state.and_then(|state| state.step),
            steps: task.map(|task| task.steps.len()),
            awaits_person: state.is_some_and(|state| state.awaits_person),
            unacked: state.map_or(0, |state| state.unacked),
            cursor: view.applied.unwrap_or_else(|| state.map_or(0, |state| state.cursor)),
            feed_head: view.feed_head,
            connection: connection_word(view.connection),
            disclosure_sent_ms_ago: state.and_then(|state| state.disclosed_ms_ago),
            disclosure_heard_ms_ago: state.and_then(|state| state.heard_ms_ago),
            endorsed_until_ms: endorsed_until.map(|until| until.0),
            endorsed_left_ms: endorsed_until.map(|until| until.0.saturating_sub(wall.0)),
            clock_skew_ms: view.clock_skew.map(|(skew_ms, _)| skew_ms),
            clock_suspect: view.clock_skew.is_some_and(|(_, is_suspect)| is_suspect),
            disbelieved,
            disbelieved_says: disbelieved.map(says),
            clearance: state.and_then(|state| state.clearance).map(Waiting::from),
        }
    }
}

fn says(disbelieved: Disbelieved) -> String {
    let code = match disbelieved {
        Disbelieved::ClockOff => Code::ClockOff,
        Disbelieved::ReceiverAhead => Code::ReceiverAhead,
    };
    format!("{} {} ({code})", code.sentence(), code.what_to_do())
}

/// The connection word as text.
pub const fn connection_word(connection: Option<Connection>) -> &'static str {
    match connection {
        Some(Connection::Online) => "online",
        Some(Connection::Offline) => "offline",
        Some(Connection::ConnectionBroken) => "connection_broken",
        None => "unknown",
    }
}

/// A task as every replica has it.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    id: TaskId,
    code: String,
    title: String,
    kind: TaskKind,
    zone: ZoneId,
    from: Option<ZoneId>,
    priority: u8,
    due_ms: Option<u64>,
    state: TaskState,
    robot: Option<RobotId>,
    steps: usize,
    steps_done: u8,
    cancel_wanted: bool,
    why: Option<Why>,
    late: bool,
}

/// Why a task does not go on, in words.
#[derive(Clone, Copy, Debug, Serialize)]
struct Why {
    code: Code,
    sentence: &'static str,
    what_to_do: &'static str,
}

impl From<Code> for Why {
    fn from(code: Code) -> Self {
        Self { code, sentence: code.sentence(), what_to_do: code.what_to_do() }
    }
}

impl From<&TaskRow> for Task {
    fn from(row: &TaskRow) -> Self {
        Self {
            id: row.id,
            code: row.code(),
            title: row.title.clone(),
            kind: row.kind,
            zone: row.zone.clone(),
            from: row.from.clone(),
            priority: row.priority,
            due_ms: row.due_ms,
            state: row.state,
            robot: row.robot.clone(),
            steps: row.steps.len(),
            steps_done: row.steps_done,
            cancel_wanted: row.cancel_wanted,
            why: row.why.map(Why::from),
            late: row.late,
        }
    }
}

/// A task as somebody wants it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    id: Option<TaskId>,
    title: String,
    kind: TaskKind,
    zone: ZoneId,
    from: Option<ZoneId>,
    #[serde(default = "usual_priority")]
    priority: u8,
    due_ms: Option<u64>,
    robot: Option<RobotId>,
}

/// Neither first nor last.
pub const fn usual_priority() -> u8 {
    3
}

impl Wish {
    /// The wish as a command; an identity is drawn where the wish brings none.
    pub fn into_new_task(self, wall: WallTime, random: [u8; 10]) -> NewTask {
        NewTask {
            id: self.id.unwrap_or_else(|| TaskId::v7(wall, random)),
            title: self.title,
            kind: self.kind,
            zone: self.zone,
            from: self.from,
            priority: self.priority,
            due_ms: self.due_ms,
            robot: self.robot,
        }
    }
}

/// To whom a task is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The robot.
    pub robot: RobotId,
}
