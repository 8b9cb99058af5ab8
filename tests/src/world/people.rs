//! The people of the world: operators who make, move and cancel tasks, hands that cut networks and press buttons.

use super::robot::{At, Node};
use super::server::Server;
use super::{ROBOTS, wall};
use anyhow::Result;
use fleet_core::{Command, NewTask};
use robot_core::Input;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::task::TaskKind;
use shared::time::WallTime;

/// How wrong somebody sets a robot's calendar, besides to 1970.
const HOURS_WRONG: [i64; 4] = [-24, -2, 2, 24];
const HOUR_MS: i64 = 3_600_000;
/// How long the power of a whole robot stays away: longer than a message is under way, as connections end with it.
const DARK_MS_MIN: u64 = 700;
const DARK_MS_MAX: u64 = 6_000;

/// Does what comes to people's minds in one step of the clock. In calm they only let held work go on.
pub fn act(server: &mut Server, robots: &mut [Node], at: &mut At<'_>) -> Result<()> {
    if at.now_ms.is_multiple_of(1_000) {
        for robot in ROBOTS {
            server.command(Command::Resume { robot: RobotId::parse(robot)? }, at)?;
        }
    }
    if at.crash_once_in == 0 {
        return Ok(());
    }
    operate(server, at)?;
    robots.iter_mut().try_for_each(|robot| disturb(robot, at))
}

fn operate(server: &mut Server, at: &mut At<'_>) -> Result<()> {
    if at.random.once_in(40) {
        let task = new_task(at)?;
        server.command(Command::Create(task.clone()), at)?;
        if at.random.once_in(2) {
            server.command(Command::Create(task), at)?;
        }
    }
    let known = server.told.len() as u64;
    if known > 0 && at.random.once_in(80) {
        let task = TaskId::parse(&server.told[usize::try_from(at.random.below(known))?])?;
        let command = if at.random.once_in(2) {
            Command::Cancel { task }
        } else {
            Command::Assign { task, robot: some_robot(at)? }
        };
        server.command(command, at)?;
    }
    Ok(())
}

fn new_task(at: &mut At<'_>) -> Result<NewTask> {
    let kinds = [TaskKind::Kitting, TaskKind::MachineTending, TaskKind::Inspection];
    let kind = kinds[usize::try_from(at.random.below(3))?];
    let mut random = [0; 10];
    random[..8].copy_from_slice(&at.random.draw().to_be_bytes());
    Ok(NewTask {
        id: TaskId::v7(WallTime(at.now_ms), random),
        title: format!("{kind:?}"),
        kind,
        zone: ZoneId::parse("there")?,
        from: if kind == TaskKind::Kitting { Some(ZoneId::parse("here")?) } else { None },
        priority: 3,
        due_ms: None,
        robot: Some(some_robot(at)?),
    })
}

fn some_robot(at: &mut At<'_>) -> Result<RobotId> {
    Ok(RobotId::parse(ROBOTS[usize::try_from(at.random.below(ROBOTS.len() as u64))?])?)
}

fn disturb(robot: &mut Node, at: &mut At<'_>) -> Result<()> {
    let is_cut = at.network.is_cut(robot.id.as_str());
    if at.random.once_in(if is_cut { 60 } else { 150 }) {
        at.network.set_cut(robot.id.as_str(), !is_cut);
        // Some connections notice the outage, others go on as if nothing had been.
        if is_cut && at.random.once_in(2) {
            robot.handle(Input::Disconnected, at)?;
            robot.handle(Input::Connected, at)?;
        }
    }
    if at.random.once_in(300) {
        robot.body.press(at.now_ms);
    }
    if at.random.once_in(if robot.body.is_muted() { 80 } else { 250 }) {
        robot.body.set_muted(!robot.body.is_muted());
    }
    if at.random.once_in(200) {
        let wrong_ms = match at.random.below(6) {
            0 => -i64::try_from(wall(at.now_ms).0)?,
            1 => 0,
            n => HOURS_WRONG[usize::try_from(n - 2)?] * HOUR_MS,
        };
        robot.set_calendar(wrong_ms);
    }
    if at.random.once_in(1_200) {
        robot.cut_power(at.now_ms, DARK_MS_MIN + at.random.below(DARK_MS_MAX - DARK_MS_MIN));
    }
    Ok(())
}
