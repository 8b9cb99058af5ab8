//! What the file keeps, forgets and remembers.

use super::*;
use robot_core::Thinned;
use shared::journal::Boot;
use shared::wire::telemetry::Condition;

const E: Epoch = Epoch(u64::MAX);

fn robot() -> RobotId {
    RobotId::parse("r-1").unwrap()
}

fn item(number: u64) -> Item {
    let condition = Condition { step: Some(3), ..Condition::default() };
    let mono_ms = number * 1000;
    let sample = Sample { boot: Boot(9), mono_ms, wall_ms: 5, at: None, battery_permille: Some(7), condition };
    Item { span: Span::one(number), sample: Some(sample) }
}

fn kept_up_to(file: &mut TelemetryFile, last: u64) {
    let keeps: Vec<Keep> = (1..=last).map(|number| Keep::Item { epoch: E, item: item(number) }).collect();
    file.keep(&keeps, None).unwrap();
}

fn reserved(file: &TelemetryFile) -> u64 {
    file.end(Some(E)).unwrap().reserved
}

fn all(file: &TelemetryFile) -> Vec<Item> {
    file.read(Wanted::ToSend { most: 100 }).unwrap().into_iter().map(|kept| kept.item).collect()
}

#[test]
fn what_is_kept_is_read_in_order_by_the_next_process_and_forgotten_once_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry.db");
    let mut file = TelemetryFile::open(&path, &robot()).unwrap();
    assert_eq!(file.end(Some(E)).unwrap(), FileEnd::default());
    kept_up_to(&mut file, 5);
    let lost = Item { span: Span { first: 6, last: 4096 }, sample: None };
    file.keep(&[Keep::Item { epoch: E, item: lost }], None).unwrap();
    drop(file);
    let mut file = TelemetryFile::open(&path, &robot()).unwrap();
    assert_eq!(file.end(Some(E)).unwrap(), FileEnd { reserved: 4096, items: 6 });
    assert_eq!(file.end(Some(Epoch(1))).unwrap().reserved, 0);
    assert_eq!(all(&file), [(1..=5).map(item).collect(), vec![lost]].concat());
    file.keep(&[Keep::Forget { epoch: Epoch(1), seq: 9000 }, Keep::Forget { epoch: E, seq: 3 }], None).unwrap();
    assert_eq!(all(&file).len(), 3);
    file.keep(&[Keep::Forget { epoch: E, seq: 4096 }, Keep::Forget { epoch: E, seq: 2 }], None).unwrap();
    assert_eq!((reserved(&file), all(&file).len()), (4096, 0), "what was sent is not lost");
}

#[test]
fn a_number_is_found_behind_the_items_of_another_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = TelemetryFile::open(&dir.path().join("telemetry.db"), &robot()).unwrap();
    kept_up_to(&mut file, 7);
    file.keep(&[Keep::Item { epoch: Epoch(1), item: item(3) }], None).unwrap();
    assert_eq!((reserved(&file), file.end(None).unwrap()), (7, FileEnd { reserved: 0, items: 8 }));
}

#[test]
fn the_head_that_was_committed_is_remembered_with_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry.db");
    let mut file = TelemetryFile::open(&path, &robot()).unwrap();
    assert_eq!(file.head().unwrap(), None);
    let head = |cseq| RememberedHead { epoch: E, cseq, head: Hash([5; 32]) };
    file.keep(&[Keep::Item { epoch: E, item: item(1) }], Some(head(8))).unwrap();
    file.keep(&[], Some(head(9))).unwrap();
    drop(file);
    let file = TelemetryFile::open(&path, &robot()).unwrap();
    assert_eq!(file.head().unwrap(), Some(head(9)));
    set(&file.db, "head", b"short").unwrap();
    assert_eq!(file.head().unwrap(), None);
}

#[test]
fn thinned_items_stand_for_the_numbers_of_those_before_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = TelemetryFile::open(&dir.path().join("telemetry.db"), &robot()).unwrap();
    kept_up_to(&mut file, 4);
    let before = file.read(Wanted::ToThin { after: 1, most: 9 }).unwrap();
    assert_eq!(before.len(), 3);
    let span = Span { first: 2, last: 3 };
    let thinned = Thinned { dropped: vec![before[0].place], widened: vec![(before[1].place, span)] };
    file.keep(&[Keep::Thin(thinned)], None).unwrap();
    assert_eq!(all(&file), [item(1), Item { span, ..item(3) }, item(4)]);
}

#[test]
fn another_robots_file_and_one_from_the_future_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry.db");
    let file = TelemetryFile::open(&path, &robot()).unwrap();
    let other = TelemetryFile::open(&path, &RobotId::parse("r-2").unwrap());
    assert!(matches!(other, Err(Fault::AnotherRobot { .. })));
    file.db.pragma_update(None, "user_version", 9).unwrap();
    drop(file);
    assert!(matches!(TelemetryFile::open(&path, &robot()), Err(Fault::FromTheFuture { found: 9, .. })));
}
