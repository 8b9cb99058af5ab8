//! What is written on both sides while they are apart, and that they are equal afterwards.

use crate::alone::{Alone, vault};
use crate::site::{LIFE, Site, fleet};
use anyhow::{Result, ensure};
use fleet_core::{Answer, Command, Event, Input, Output, Tell, Token};
use fleet_server::store::Store;
use robot_agent::replica::Room;
use robot_core::{Change, Input as RobotInput, LocalAsk, LocalEdit, LocalToken};
use rusqlite::Connection;
use shared::field::FieldValue;
use shared::hlc::Hlc;
use shared::id::{ClientId, RobotId, TaskId};
use shared::machine::Machine as _;
use shared::op::{BATCH_OPS_MAX, Op, OpAct, OpBatch, OpResult, OpTime};
use shared::task::TaskRow;
use shared::time::WallTime;
use shared::wire::fleet_to_robot::Row;
use shared::wire::{from_bytes, to_bytes};
use std::collections::BTreeMap;
use std::path::Path;
use tests::clock::{now, wall};

/// How long before everybody else people wrote half of their edits, in milliseconds.
const EARLIER_MS: u64 = 3_600_000;
/// The edits of one commit at the robot: how long it took to write them is not measured.
const TOGETHER: usize = 250;

/// The tasks that both sides edit.
pub struct Apart {
    tasks: Vec<TaskId>,
}

impl Apart {
    /// Gives the robot every task, and then writes two fields of each of them at the robot.
    pub fn write_robot(dir: &Path, site: &Site) -> Result<Self> {
        let name = RobotId::parse(site.robot())?;
        let task = |row: &TaskRow| Change::Task { id: row.id, row: to_bytes(&Row::Task { row: row.clone() }) };
        let mut changes: Vec<Change> = site.tasks.iter().map(task).collect();
        changes.push(Change::Cursor { server_epoch: LIFE, cursor: site.head() });
        ensure!(vault(dir, &name)?.commit(&changes)? == Room::Enough, "the disk is full");
        let apart = Self { tasks: site.tasks.iter().map(|row| row.id).collect() };
        let mut robot = Alone::start(dir, site.robot())?;
        for (number, (task, value)) in (1..).zip(apart.at_robot()) {
            let ask = LocalAsk::Task(task.to_string(), LocalEdit::Set(value));
            robot.take(Some(RobotInput::Local(LocalToken(number), ask)));
            if (number as usize).is_multiple_of(TOGETHER) {
                robot.carry_out(&mut |_| {})?;
            }
        }
        robot.carry_out(&mut |_| {})?;
        Ok(apart)
    }

    /// How many edits there are on each side.
    pub fn edits(&self) -> usize {
        2 * self.tasks.len()
    }

    fn at_robot(&self) -> impl Iterator<Item = (TaskId, FieldValue)> {
        let titles = (0..).zip(&self.tasks).map(|(n, task)| (*task, FieldValue::Title(title(n))));
        titles.chain(self.tasks.iter().map(|task| (*task, FieldValue::Priority(1))))
    }

    fn of_people(&self) -> impl Iterator<Item = (TaskId, FieldValue)> {
        let dues = (0..).zip(&self.tasks).map(|(n, task)| (*task, FieldValue::Due(Some(due_ms(n)))));
        self.tasks.iter().map(|task| (*task, FieldValue::Priority(5))).chain(dues)
    }

    /// Writes people's edits into the server's database: what the server decides of their outbox, committed.
    pub fn write_server(&self, store: &mut Store) -> Result<()> {
        let mut fleet = fleet(store)?;
        let ops: Vec<Op> = (1..).zip(self.of_people()).map(|(seq, (task, value))| self.op(seq, task, value)).collect();
        for (token, ops) in (1..).zip(ops.chunks(BATCH_OPS_MAX)) {
            let command = Command::Ops(batch(ops)?);
            let event = Event::Command { token: Token(token), command };
            fleet.handle(Input { wall: wall(), event }, now());
            while let Some(output) = fleet.poll_output() {
                match output {
                    Output::Commit(changes) => store.commit(&changes)?,
                    Output::Tell(Tell::Answer { result, .. }) => expect_done(result.map_err(|r| r.detail))?,
                    Output::Tell(_) | Output::Read { .. } | Output::Merge { .. } => {}
                }
            }
        }
        Ok(())
    }

    /// The priorities of half of the tasks were written by people before the robot wrote them, the rest behind it.
    fn op(&self, seq: u64, task: TaskId, value: FieldValue) -> Op {
        let is_earlier = seq <= self.tasks.len() as u64 / 2;
        let hlc = Hlc::default().next(WallTime(wall().0 - if is_earlier { EARLIER_MS } else { 0 }));
        // Of a boot that is over: this machine may be younger than the edits.
        let written = Some(OpTime { hlc, boot: 2, mono_ms: 0 });
        let (client, act) = (ClientId::parse("people").expect("a name"), OpAct::Set { value });
        Op { seq, id: act.id(&client, 1, seq, hlc), task, written, seen: Hlc::default(), act }
    }

    /// Both databases hold the same tasks, and in them what both sides wrote.
    pub fn expect_equal(&self, replica: &Path, server: &Path) -> Result<()> {
        let at_robot = rows(replica, |bytes| match from_bytes(bytes)? {
            Row::Task { row } => Ok(row),
            other => anyhow::bail!("the robot keeps {other:?} as a task"),
        })?;
        let at_server = rows(server, |bytes| Ok(from_bytes(bytes)?))?;
        ensure!(at_robot == at_server, "the robot and the server hold different tasks");
        let (mut first, mut last) = (0, 0);
        for (n, task) in (0..).zip(&self.tasks) {
            let row = &at_server[task];
            ensure!(row.title == title(n) && row.due_ms == Some(due_ms(n)), "an edit is lost: {row:?}");
            first += usize::from(row.priority == 1);
            last += usize::from(row.priority == 5);
        }
        let half = self.tasks.len() / 2;
        ensure!((first, last) == (half, half), "the last writers are {first} and {last} times the ones they should be");
        let open: i64 = Connection::open(replica)?.query_row("SELECT count(*) FROM edit", [], |row| row.get(0))?;
        ensure!(open == 0, "{open} edits are not settled");
        Ok(())
    }
}

fn title(n: u64) -> String {
    format!("Checked at the robot, shelf {:04}", n * 7 % 10_000)
}

fn due_ms(n: u64) -> u64 {
    1_796_000_000_000 + n * 61_000
}

fn batch(ops: &[Op]) -> Result<OpBatch> {
    let (client, wall_ms) = (ClientId::parse("people")?, Some(wall().0));
    Ok(OpBatch { client, boot: Some(1), mono_ms: Some(now().0), wall_ms, ops: ops.to_vec(), cursor: None })
}

fn expect_done(result: Result<Answer, String>) -> Result<()> {
    let Answer::Ops(answers) = result.map_err(anyhow::Error::msg)? else { anyhow::bail!("no answer to operations") };
    let refused = answers.iter().find(|answer| !matches!(answer.result, OpResult::Done { .. }));
    ensure!(refused.is_none(), "an operation was answered {refused:?}");
    Ok(())
}

fn rows(database: &Path, read: impl Fn(&[u8]) -> Result<TaskRow>) -> Result<BTreeMap<TaskId, TaskRow>> {
    let db = Connection::open(database)?;
    let mut query = db.prepare("SELECT row FROM task")?;
    let rows = query.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| read(&bytes?).map(|row| (row.id, row))).collect()
}
