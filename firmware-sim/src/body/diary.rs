//! What of a body's life is written into the truth log, and how often: every deed and every change of the line at
//! once, movement ten times a second and at its end, the battery every five seconds.

use super::goal::{Deed, Torque};
use super::physics::Body;
use super::truth::Event;
use shared::time::Instant;

const MOVED_EVERY_MS: u64 = 100;
const BATTERY_EVERY_MS: u64 = 5000;

/// Remembers what was written last.
#[derive(Debug)]
pub struct Diary {
    line_on: bool,
    crouches: bool,
    moved_at: Instant,
    battery_at: Instant,
    battery_permille: u16,
    place_mm: (f64, f64),
    walked_mm: f64,
    stepped_at: Instant,
}

/// The motor line at a step.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// What it let the body do.
    pub torque: Torque,
    /// When it ended, if there was none: not later than the permission did, however late the process was woken.
    pub off_at: Instant,
}

impl Diary {
    /// A diary that knows where the body stands, and nothing else is new.
    #[must_use]
    pub fn new(body: &Body, now: Instant) -> Self {
        Self {
            line_on: false,
            crouches: false,
            moved_at: now,
            battery_at: now,
            battery_permille: battery(body),
            place_mm: place(body),
            walked_mm: 0.0,
            stepped_at: Instant(0),
        }
    }

    /// What is to be written after a step of the physics that ended `now`, in this order, each with its time.
    ///
    /// The end of a movement stands before the end of the line, with the time of its last step: a reader who sees the
    /// line go off and then a movement sees a fault.
    pub fn note(&mut self, body: &Body, line: Line, deeds: Vec<Deed>, now: Instant) -> Vec<(Instant, Event)> {
        let mut events = Vec::new();
        let (is_on, crouches) = (line.torque != Torque::Off, line.torque == Torque::Ramp);
        if is_on && !self.line_on {
            events.push((now, Event::Line { on: true }));
        }
        if crouches && !self.crouches {
            events.push((now, Event::Crouch));
        }
        self.add_way(body, now);
        let must_tell = !body.is_moving() || !deeds.is_empty() || !is_on;
        let (begun, finished): (Vec<Deed>, Vec<Deed>) =
            deeds.into_iter().partition(|deed| matches!(deed, Deed::Begun { .. }));
        events.extend(begun.into_iter().map(|deed| (now, deed.into())));
        events.extend(self.moved(body, must_tell, now));
        events.extend(finished.into_iter().map(|deed| (now, deed.into())));
        let ends = !is_on && self.line_on;
        let line_off_at = line.off_at.max(self.stepped_at);
        events.extend(self.battery(body, ends, now).map(|event| (if ends { line_off_at } else { now }, event)));
        if ends {
            events.push((line_off_at, Event::Line { on: false }));
        }
        (self.line_on, self.crouches) = (is_on, crouches);
        events
    }

    fn add_way(&mut self, body: &Body, now: Instant) {
        let (x, y) = place(body);
        let way_mm = (x - self.place_mm.0).hypot(y - self.place_mm.1);
        if way_mm > 0.0 {
            self.walked_mm += way_mm;
            self.place_mm = (x, y);
            self.stepped_at = now;
        }
    }

    fn moved(&mut self, body: &Body, must_tell: bool, now: Instant) -> Option<(Instant, Event)> {
        let is_due = must_tell || now.since(self.moved_at).0 >= MOVED_EVERY_MS;
        if self.walked_mm <= 0.0 || !is_due {
            return None;
        }
        let d_mm = self.walked_mm.round() as u32;
        self.walked_mm = 0.0;
        self.moved_at = now;
        let (x_cm, y_cm) = place_cm(body);
        Some((self.stepped_at, Event::Moved { x_cm, y_cm, d_mm }))
    }

    fn battery(&mut self, body: &Body, must_tell: bool, now: Instant) -> Option<Event> {
        let permille = battery(body);
        let is_due = must_tell || now.since(self.battery_at).0 >= BATTERY_EVERY_MS;
        if permille == self.battery_permille || !is_due {
            return None;
        }
        self.battery_permille = permille;
        self.battery_at = now;
        Some(Event::Battery { permille })
    }
}

/// Where the body stands, in whole centimetres; the floor is smaller than what the numbers hold.
#[must_use]
pub fn place_cm(body: &Body) -> (i16, i16) {
    let (x, y) = place(body);
    ((x / 10.0).round() as i16, (y / 10.0).round() as i16)
}

/// The battery's charge, 0 to 1000.
#[must_use]
pub fn battery(body: &Body) -> u16 {
    body.memory().battery_permille.round() as u16
}

fn place(body: &Body) -> (f64, f64) {
    (body.memory().x_mm, body.memory().y_mm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::goal::Goal;
    use crate::body::physics::Memory;
    use interlock_link::Act;

    fn live(diary: &mut Diary, body: &mut Body, torque: Torque, from_ms: u64, to_ms: u64) -> Vec<(Instant, Event)> {
        let goal = Goal { order: 1, act: Act::Walk, x_cm: 3000, ..Goal::default() };
        let times = (from_ms..to_ms).step_by(10);
        times
            .flat_map(|ms| {
                body.name(goal);
                let deeds = body.advance(torque, 10.0);
                let line = Line { torque, off_at: Instant(ms - ms.min(5)) };
                diary.note(body, line, deeds, Instant(ms))
            })
            .collect()
    }

    #[test]
    fn movement_is_told_ten_times_a_second_and_at_its_end_before_the_line() {
        let mut body = Body::new(Memory { battery_permille: 1000.0, ..Memory::default() });
        let mut diary = Diary::new(&body, Instant(0));
        let first = live(&mut diary, &mut body, Torque::On, 0, 1000);
        assert_eq!(first[0], (Instant(0), Event::Line { on: true }));
        let moves = first.iter().filter(|event| matches!(event.1, Event::Moved { .. })).count();
        assert!((8..=11).contains(&moves), "{moves}");
        let end = live(&mut diary, &mut body, Torque::Off, 1000, 1010);
        assert_eq!(end.last(), Some(&(Instant(995), Event::Line { on: false })));
        assert!(end.iter().all(|(at, _)| *at <= Instant(995)), "{end:?}");
        assert!(live(&mut diary, &mut body, Torque::Off, 1010, 9000).is_empty());
    }

    #[test]
    fn a_crouch_is_told_once_when_it_begins() {
        let mut body = Body::new(Memory { battery_permille: 1000.0, ..Memory::default() });
        let mut diary = Diary::new(&body, Instant(0));
        live(&mut diary, &mut body, Torque::On, 0, 1000);
        let crouch = live(&mut diary, &mut body, Torque::Ramp, 1000, 1300);
        let times: Vec<Instant> = crouch.iter().filter(|event| event.1 == Event::Crouch).map(|event| event.0).collect();
        assert_eq!(times, [Instant(1000)]);
    }
}
