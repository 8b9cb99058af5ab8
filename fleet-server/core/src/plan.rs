//! The steps of an order, made from the kind of work and the hall's map.

use shared::task::{Step, TaskKind, TaskRow};
use shared::zone::{Hall, Point};

/// Taking a kit, in tenths of a second.
const PICK_DS: u16 = 20;
/// Putting a kit down, in tenths of a second.
const PLACE_DS: u16 = 20;
/// Loading or unloading a machine, in tenths of a second.
const TEND_DS: u16 = 40;
/// Looking at something, in tenths of a second.
const INSPECT_DS: u16 = 30;
/// A charge ends here: the last tenth takes a lithium battery as long as several others.
const CHARGED_PERCENT: u8 = 90;

/// What the robot has to do for a task, in order; `None` when the hall lacks a zone that the task names.
#[must_use]
pub fn steps(task: &TaskRow, hall: &Hall) -> Option<Vec<Step>> {
    let station = hall.zone(&task.zone)?.station;
    match task.kind {
        TaskKind::Kitting => {
            let from = hall.zone(task.from.as_ref()?)?.station;
            Some(vec![walk(from), Step::Pick { work_ds: PICK_DS }, walk(station), Step::Place { work_ds: PLACE_DS }])
        }
        TaskKind::MachineTending => Some(vec![walk(station), Step::TendMachine { work_ds: TEND_DS }]),
        TaskKind::Inspection => Some(vec![walk(station), Step::Inspect { work_ds: INSPECT_DS }]),
        TaskKind::Charging => Some(vec![walk(station), Step::Charge { until_percent: CHARGED_PERCENT }]),
    }
}

const fn walk(to: Point) -> Step {
    Step::WalkTo { to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{hall, row, zone};

    #[test]
    fn a_kit_is_fetched_before_it_is_brought() {
        let task = TaskRow { kind: TaskKind::Kitting, from: Some(zone("store")), zone: zone("cell-a"), ..row(1) };
        let steps = steps(&task, &hall()).unwrap();
        let walks = [steps[0], steps[2]];
        assert_eq!(walks, [walk(Point { x_cm: 100, y_cm: 100 }), walk(Point { x_cm: 900, y_cm: 100 })]);
        assert!(matches!(steps[1], Step::Pick { .. }) && matches!(steps[3], Step::Place { .. }));
    }

    #[test]
    fn every_kind_has_steps_and_a_missing_zone_has_none() {
        for kind in [TaskKind::MachineTending, TaskKind::Inspection, TaskKind::Charging] {
            assert_eq!(steps(&TaskRow { kind, ..row(1) }, &hall()).unwrap().len(), 2);
        }
        assert_eq!(steps(&TaskRow { zone: zone("moon"), ..row(1) }, &hall()), None);
        assert_eq!(steps(&TaskRow { kind: TaskKind::Kitting, from: None, ..row(1) }, &hall()), None);
    }
}
