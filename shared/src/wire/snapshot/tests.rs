//! Snapshots of many tasks: what goes in comes out, and how much of the wire it takes.

use super::*;
use crate::id::{RobotId, TaskId, ZoneId};
use crate::refusal::Code;
use crate::seal::Hash;
use crate::task::{Step, TaskKind, TaskState};
use crate::time::WallTime;
use crate::zone::Point;

/// Tasks as a shop floor has them: random identities, a dozen zones, few kinds of orders.
pub fn tasks(count: u32) -> Vec<TaskRow> {
    (1..=count).map(task).collect()
}

fn task(number: u32) -> TaskRow {
    let random = Hash::of(&[&number.to_be_bytes()]).0;
    let minute = WallTime(1_795_000_000_000 + u64::from(number) * 7_341);
    let zone = |n: u32| ZoneId::parse(&format!("cell-{}", n % 12)).unwrap();
    let is_kit = number.is_multiple_of(3);
    let at = Point { x_cm: 100 * (number % 12) as i16, y_cm: 250 };
    TaskRow {
        id: TaskId::v7(minute, random[..10].try_into().unwrap()),
        number,
        title: format!("Bring kit {} to cell {}", random[10], number % 12),
        kind: if is_kit { TaskKind::Kitting } else { TaskKind::Inspection },
        zone: zone(number),
        from: is_kit.then(|| zone(number + 1)),
        priority: random[11] % 5 + 1,
        due_ms: (number.is_multiple_of(2)).then_some(minute.0 + 3_600_000),
        state: if number.is_multiple_of(9) { TaskState::Dispatched } else { TaskState::Done },
        robot: Some(RobotId::parse("r-1").unwrap()),
        fence: 1,
        steps: vec![Step::WalkTo { to: at }, Step::Inspect { work_ds: 30 }],
        steps_done: random[12] % 3,
        cancel_wanted: false,
        why: number.is_multiple_of(50).then_some(Code::BatteryLow),
        late: number.is_multiple_of(40),
    }
}

fn opened(chunks: &[Packed]) -> (Vec<TaskRow>, Vec<RowBytes>) {
    let parts: Vec<_> = chunks.iter().map(|chunk| chunk.open().unwrap()).collect();
    let (tasks, others): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    (tasks.concat(), others.concat())
}

#[test]
fn five_thousand_tasks_come_back_and_take_a_fraction_of_the_wire() {
    let tasks = tasks(5000);
    let others = vec![RowBytes(vec![0x82, 0x02, 0x80])];
    let chunks = cut(&tasks, &others, &[]);
    assert_eq!(opened(&chunks), (tasks.clone(), others));
    let wire: usize = chunks.iter().map(|chunk| to_bytes(chunk).len()).sum();
    let rows: usize = tasks.iter().map(|task| to_bytes(task).len()).sum();
    assert!(wire < 250_000 && wire * 3 < rows, "{wire} bytes of {rows} in {} chunks", chunks.len());
    assert!(chunks.iter().all(|chunk| chunk.bytes.len() <= CHUNK_LEN_MAX));
    assert!(chunks[0].bytes.len() < 8 * 1024, "the first chunk is small: {}", chunks[0].bytes.len());
}

#[test]
fn rows_that_rest_on_the_tasks_come_behind_all_of_them() {
    let last = vec![RowBytes(vec![0x82, 0x04, 0x80])];
    let chunks = cut(&tasks(300), &[], &last);
    let with_rows = chunks.iter().map(|chunk| chunk.open().unwrap().1.len());
    assert_eq!(with_rows.collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn an_empty_replica_has_one_empty_chunk() {
    let chunks = cut(&[], &[], &[]);
    assert_eq!((chunks.len(), opened(&chunks)), (1, (vec![], vec![])));
}

#[test]
fn rows_that_do_not_pack_are_cut_until_they_fit() {
    let dense = |number: u32| {
        let text: String =
            (0..20u32).map(|i| format!("{:?}", Hash::of(&[&[1], &(number * 20 + i).to_be_bytes()]))).collect();
        TaskRow { title: text.chars().take(200).collect(), ..task(number) }
    };
    let tasks: Vec<TaskRow> = (0..2000).map(dense).collect();
    let wide: Vec<RowBytes> =
        (0..40u8).map(|i| RowBytes((0..120u8).flat_map(|j| Hash::of(&[&[i, j]]).0).collect())).collect();
    let chunks = cut(&tasks, &wide, &[]);
    assert!(chunks.len() > 3 && chunks.iter().all(|chunk| chunk.bytes.len() <= CHUNK_LEN_MAX));
    let (mut found, mut others) = opened(&chunks);
    found.sort_by_key(|task| task.number);
    others.sort_by(|a, b| a.0.cmp(&b.0));
    let mut wanted = wide;
    wanted.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!((found, others), (tasks, wanted));
}

#[test]
fn no_spoiled_chunk_panics() {
    let chunk = &cut(&tasks(40), &[], &[])[0];
    for i in 0..chunk.bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut spoiled = chunk.clone();
            spoiled.bytes[i] ^= flip;
            let _whatever = spoiled.open();
        }
    }
    let bomb = Packed { bytes: vec![0; 10], unpacked_len: Some(u64::MAX) };
    assert!(matches!(bomb.open(), Err(BadChunk::Pack(BadPack::Bomb(_)))));
}
