//! The setpoint of a cycle: which step is named, and whether its motion is asked for.

use crate::execution::Activity;
use crate::permit::MotionPermit;
use interlock_link::{Act, Setpoint};
use shared::task::Step;

/// The setpoint for what the driver decided. Without a permit the step is only named.
pub fn setpoint(activity: Option<Activity>, permit: Option<MotionPermit>) -> Setpoint {
    let Some(activity) = activity else { return naming(0, 0) };
    match (activity.act, permit) {
        (Some(step), Some(permit)) => motion(&activity, step, &permit),
        (Some(_), None) | (None, Some(_) | None) => naming(activity.order, activity.step),
    }
}

/// Names a step without asking for motion: a question to the body.
const fn naming(order: u64, step: u8) -> Setpoint {
    Setpoint { act: Act::Rest, step, order, x_cm: 0, y_cm: 0, amount: 0 }
}

/// Asks for motion, which takes a permit.
fn motion(activity: &Activity, what: Step, _permit: &MotionPermit) -> Setpoint {
    let rest = naming(activity.order, activity.step);
    match what {
        Step::WalkTo { to } => Setpoint { act: Act::Walk, x_cm: to.x_cm, y_cm: to.y_cm, ..rest },
        Step::Pick { work_ds } => Setpoint { act: Act::Pick, amount: work_ds, ..rest },
        Step::Place { work_ds } => Setpoint { act: Act::Place, amount: work_ds, ..rest },
        Step::Inspect { work_ds } => Setpoint { act: Act::Inspect, amount: work_ds, ..rest },
        Step::TendMachine { work_ds } => Setpoint { act: Act::Tend, amount: work_ds, ..rest },
        Step::Charge { until_percent } => Setpoint { act: Act::Charge, amount: until_percent.into(), ..rest },
    }
}
