//! The walk to a safe point before the endorsement ends, so that the robot sits where it is in nobody's way.
//!
//! It is no order and nothing of it is kept: nobody waits for it, doing it twice changes nothing, and where it has come to
//! is read off the body's own place. A robot that dies in it wakes up without power and stays where it is.
//!
//! Leaves to others: when it begins and how long it may take (`robot/endorsing`).

use crate::execution::Activity;
use interlock_link::Body;
use shared::task::Step;
use shared::zone::Point;

/// What the body calls it, where orders are called by their hashes.
pub const RETREAT_TAG: u64 = u64::from_be_bytes(*b"retreat.");

/// How near to the point counts as there, in centimetres: the body tells whole ones, and stops on the last step.
const NEAR_CM: i32 = 20;

/// Where a robot sits down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// At its safe point.
    SafePoint,
    /// Where it stands: nobody has told it a safe point.
    NoneKnown,
    /// Where it stands: it could not walk, or not all the way.
    OnTheWay,
}

/// How the walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Do this.
    Begin(Activity),
    /// It is being done.
    Walking,
    /// Sit down here.
    End(Seat),
}

/// The walk.
#[derive(Debug, Default)]
pub struct Retreat {
    to: Option<Point>,
    /// In which trip epoch it was begun, while it goes on.
    begun_in: Option<u32>,
    /// A body does not begin anew what it has finished under the same number.
    number: u8,
}

impl Retreat {
    /// Names the safe point.
    pub const fn set_point(&mut self, to: Point) {
        self.to = Some(to);
    }

    /// Whether the robot is on its way.
    pub const fn is_going_on(&self) -> bool {
        self.begun_in.is_some()
    }

    /// It is given up, or over.
    pub const fn end(&mut self) {
        self.begun_in = None;
    }

    /// What to do next, by what the body tells and the trip epoch in which the robot may move, if it may. A stop on the way
    /// ends it: so shortly before its end nobody arms on this endorsement again.
    pub fn next(&mut self, body: Option<Body>, may_move_in: Option<u32>) -> Way {
        let Some(to) = self.to else { return Way::End(Seat::NoneKnown) };
        if body.is_some_and(|body| is_there(&body, to)) {
            return Way::End(Seat::SafePoint);
        }
        match (self.begun_in, may_move_in) {
            (None, Some(trip_epoch)) => Way::Begin(self.begin(to, trip_epoch)),
            (Some(begun_in), Some(trip_epoch)) if begun_in == trip_epoch => Way::Walking,
            (_, Some(_) | None) => Way::End(Seat::OnTheWay),
        }
    }

    fn begin(&mut self, to: Point, trip_epoch: u32) -> Activity {
        self.begun_in = Some(trip_epoch);
        self.number = self.number.wrapping_add(1);
        Activity { order: RETREAT_TAG, step: self.number, act: Some(Step::WalkTo { to }), trip_epoch }
    }
}

fn is_there(body: &Body, to: Point) -> bool {
    let near = |at: i16, wanted: i16| (i32::from(at) - i32::from(wanted)).abs() <= NEAR_CM;
    !body.moving && near(body.x_cm, to.x_cm) && near(body.y_cm, to.y_cm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use interlock_link::Act;

    const SAFE: Point = Point { x_cm: 500, y_cm: -300 };

    fn body(x_cm: i16, y_cm: i16, moving: bool) -> Option<Body> {
        Some(Body { x_cm, y_cm, battery_permille: 900, act: Act::Rest, held: false, moving })
    }

    fn known() -> Retreat {
        let mut retreat = Retreat::default();
        retreat.set_point(SAFE);
        retreat
    }

    #[test]
    fn it_walks_to_the_point_and_ends_when_the_body_stands_there() {
        let mut retreat = known();
        let Way::Begin(activity) = retreat.next(body(0, 0, false), Some(7)) else { panic!("it walks") };
        assert_eq!((activity.act, activity.trip_epoch), (Some(Step::WalkTo { to: SAFE }), 7));
        assert_eq!(retreat.next(body(100, -60, true), Some(7)), Way::Walking);
        assert_eq!(retreat.next(None, Some(7)), Way::Walking, "the place is not known for a moment");
        assert_eq!(retreat.next(body(500, -300, true), Some(7)), Way::Walking, "it still moves");
        assert_eq!(retreat.next(body(495, -310, false), Some(7)), Way::End(Seat::SafePoint));
        retreat.end();
        let Way::Begin(again) = retreat.next(body(0, 0, false), Some(7)) else { panic!("it walks again") };
        assert_ne!(again.step, activity.step, "the body would take it for the one that it has finished");
    }

    #[test]
    fn who_knows_no_point_or_may_not_move_sits_where_it_stands() {
        assert_eq!(Retreat::default().next(body(0, 0, false), Some(7)), Way::End(Seat::NoneKnown));
        assert_eq!(known().next(body(0, 0, false), None), Way::End(Seat::OnTheWay));
        for may_move_in in [None, Some(8)] {
            let mut retreat = known();
            assert!(matches!(retreat.next(body(0, 0, false), Some(7)), Way::Begin(_)));
            assert_eq!(retreat.next(body(9, 9, false), may_move_in), Way::End(Seat::OnTheWay), "stopped on the way");
        }
    }

    #[test]
    fn no_place_overflows() {
        let mut retreat = Retreat::default();
        retreat.set_point(Point { x_cm: i16::MIN, y_cm: i16::MAX });
        assert!(matches!(retreat.next(body(i16::MAX, i16::MIN, false), Some(7)), Way::Begin(_)));
    }
}
