//! Did a body move while it had to stand still? The body's own log against two witnesses that do not know each other.
//!
//! The first witness is the safety controller's record: no motion from a trip to the next time it gives energy, and
//! none before it gives energy for the first time after its power came on. A protective stop (`stopping`) may ramp
//! down under the controller's own timer; its end (`standby`) counts as a trip does. The second witness is whoever
//! pressed the button: no motion until a person touches that robot's reset. It needs no word of the controller.

use super::history::{Deed, Event, History, Phase, Robot, Truth};
use shared::id::RobotId;

/// How long after the command the torque may take to be gone (SR-19), in milliseconds.
const TORQUE_GONE_MS: u64 = 30;

/// A sample tells of the movement since the one before it, which may lie this long back, in milliseconds.
const SAMPLE_MS: u64 = 100;

/// How long before a press a sample proves that the robot was moving, in milliseconds.
const JUST_BEFORE_MS: u64 = 500;

/// One sentence for each sample of a movement that may not have been.
#[must_use]
pub fn motion_while_tripped(history: &History) -> Vec<String> {
    let robots = history.robots.iter();
    robots.flat_map(|(id, robot)| forbidden(id, robot, &still_spans(history, id, robot))).collect()
}

/// Whether some button was pressed while its robot was moving. A test at the start of the shift does not count as one.
#[must_use]
pub fn pressed_robot_was_moving(history: &History) -> bool {
    history.robots.iter().any(|(id, robot)| {
        history.acts_on(id, "press", Phase::Before).any(|press| moved_just_before(robot, press.t_ms))
    })
}

fn moved_just_before(robot: &Robot, t_ms: u64) -> bool {
    let span = t_ms.saturating_sub(JUST_BEFORE_MS)..=t_ms;
    movements(robot).any(|(at_ms, _)| span.contains(&at_ms))
}

/// From when to when a body has to stand still, and who says so.
#[derive(Debug)]
struct Still {
    from_ms: u64,
    to_ms: u64,
    why: String,
}

fn forbidden(id: &RobotId, robot: &Robot, still: &[Still]) -> Vec<String> {
    let samples = movements(robot).filter_map(|(t_ms, d_mm)| {
        let span = still.iter().find(|span| span.from_ms < t_ms && t_ms < span.to_ms)?;
        Some(format!("{id} moved {d_mm} mm at {t_ms} ms: {} at {} ms", span.why, span.from_ms))
    });
    samples.collect()
}

fn movements(robot: &Robot) -> impl Iterator<Item = (u64, u64)> {
    robot.truth.iter().filter_map(|Truth { t_ms, what }| match what {
        Deed::Moved { d_mm } if *d_mm > 0 => Some((*t_ms, *d_mm)),
        Deed::Moved { .. } | Deed::Begun { .. } | Deed::Finished { .. } | Deed::Crouch | Deed::Other => None,
    })
}

fn still_spans(history: &History, id: &RobotId, robot: &Robot) -> Vec<Still> {
    let mut spans = by_the_controller(&robot.events);
    spans.extend(by_the_person(history, id));
    spans
}

fn by_the_controller(events: &[Event]) -> Vec<Still> {
    let first_ms = events.iter().find(|event| event.ev == "energised").map_or(u64::MAX, |event| event.t_ms);
    let mut spans = vec![Still { from_ms: 0, to_ms: first_ms, why: "it had not been given energy yet".to_owned() }];
    for (place, event) in events.iter().enumerate().filter(|(_, event)| takes_energy_away(&event.ev)) {
        let next = events[place..].iter().find(|event| event.ev == "energised");
        spans.push(Still {
            from_ms: event.t_ms + TORQUE_GONE_MS + SAMPLE_MS,
            to_ms: next.map_or(u64::MAX, |event| event.t_ms),
            why: format!("its energy was away since {:?}, grace included,", event.ev),
        });
    }
    spans
}

fn takes_energy_away(ev: &str) -> bool {
    matches!(ev, "power_up" | "trip" | "button_pressed" | "standby" | "locked")
}

fn by_the_person(history: &History, id: &RobotId) -> Vec<Still> {
    let presses = history.acts_on(id, "press", Phase::After);
    let span = |press_ms: u64| {
        let resets = history.acts_on(id, "reset", Phase::Before).map(|act| act.t_ms);
        Still {
            from_ms: press_ms + TORQUE_GONE_MS + SAMPLE_MS,
            to_ms: resets.filter(|t_ms| *t_ms > press_ms).min().unwrap_or(u64::MAX),
            why: "its button was pressed, grace included,".to_owned(),
        }
    };
    presses.map(|press| span(press.t_ms)).collect()
}
