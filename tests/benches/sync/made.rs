//! Rows as a site might have them, made from their numbers so that every run has the same.
//!
//! The zones, projects and people among them are synthetic: they stand in the feed as rows of kinds that this version does not
//! know and keeps aside.

use anyhow::Result;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::seal::Hash;
use shared::task::{Step, TaskKind, TaskRow, TaskState};
use shared::time::WallTime;
use shared::zone::Point;

/// Nine in ten of a robot's tasks have ended; this many are open, of 5,000.
pub const OPEN_OF_5000: u32 = 100;

/// When the first task was made, milliseconds since 1970.
const BEGAN: u64 = 1_795_000_000_000;

/// Numbers that look drawn and are not: bytes of a hash.
fn drawn(what: &str, number: u32) -> [u8; 32] {
    Hash::of(&[b"bench rows", what.as_bytes(), &number.to_be_bytes()]).0
}

/// The zones of the site.
pub fn zone(number: u8) -> Result<ZoneId> {
    Ok(ZoneId::parse(&format!("cell-{:02}", number % 40))?)
}

/// A task, numbered from 1, of this robot. The newest ones are open.
pub fn task(number: u32, of: u32, robot: &RobotId) -> Result<TaskRow> {
    let random = drawn("task", number);
    let random_id: [u8; 10] = std::array::from_fn(|place| random[place]);
    let is_open = number + OPEN_OF_5000 * of / 5000 > of;
    let kind = [TaskKind::Kitting, TaskKind::MachineTending, TaskKind::Inspection][usize::from(random[10] % 3)];
    let steps = steps(kind, random[11], random[12]);
    Ok(TaskRow {
        id: TaskId::v7(WallTime(BEGAN + u64::from(number) * 17_000), random_id),
        number,
        title: title(kind, &random),
        kind,
        zone: zone(random[11])?,
        from: (kind == TaskKind::Kitting).then(|| zone(random[12])).transpose()?,
        priority: 1 + random[13] % 5,
        due_ms: (random[14].is_multiple_of(2))
            .then(|| BEGAN + u64::from(number) * 17_000 + u64::from(random[15]) * 60_000),
        state: if is_open { TaskState::Dispatched } else { TaskState::Done },
        robot: Some(robot.clone()),
        fence: 1,
        steps_done: if is_open { 0 } else { u8::try_from(steps.len())? },
        steps,
        cancel_wanted: false,
        why: None,
        late: !is_open && random[16].is_multiple_of(16),
    })
}

fn title(kind: TaskKind, random: &[u8; 32]) -> String {
    let number = u16::from_be_bytes([random[17], random[18]]);
    match kind {
        TaskKind::Kitting => format!("Kit {number:05} to line {}", random[19] % 8),
        TaskKind::MachineTending => format!("Tend press {}, order {number:05}", random[19] % 12),
        TaskKind::Inspection | TaskKind::Charging => {
            format!("Inspect fixture {number:05} after shift {}", random[19] % 3)
        }
    }
}

fn steps(kind: TaskKind, to: u8, from: u8) -> Vec<Step> {
    let at = |zone: u8| Point { x_cm: i16::from(zone % 40) * 150, y_cm: 200 };
    let walk = |zone| Step::WalkTo { to: at(zone) };
    match kind {
        TaskKind::Kitting => vec![walk(from), Step::Pick { work_ds: 40 }, walk(to), Step::Place { work_ds: 30 }],
        TaskKind::MachineTending => vec![walk(to), Step::TendMachine { work_ds: 120 }],
        TaskKind::Inspection | TaskKind::Charging => vec![walk(to), Step::Inspect { work_ds: 60 }],
    }
}

/// A zone, a project or a person: a name and what a page shows of it.
pub fn other(number: u16) -> (u16, String) {
    let random = drawn("other", number.into());
    let text = match number {
        0..100 => format!("zone cell-{number:02} {} x {} cm", 200 + u16::from(random[0]), 200 + u16::from(random[1])),
        100..200 => format!("project {number} line {} until week {}", random[0] % 8, random[1] % 52),
        _ => format!("user {number} {:02x}{:02x}@example.org operator", random[0], random[1]),
    };
    (number, text)
}
