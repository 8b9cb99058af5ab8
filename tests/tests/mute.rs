//! Robots that walk and are no longer heard, at moments that chance picks: none moves later than 1.85 s after its firmware
//! last heard it, none gets up unheard, and each records when and why.
//! Robots whose endorsement nobody renews go where they are in nobody's way.

use interlock_link::Phase;
use robot_core::Seat;
use shared::zone::Point;
use tests::mute::{Distribution, STANDS_WITHIN_MS, ending, trial};

#[test]
fn two_hundred_robots_that_are_no_longer_heard_stand_in_time() {
    let mut all = Distribution::default();
    (1..=200).for_each(|seed| all.add(trial(seed).unwrap()));
    println!("{all}");
    assert!(all.max_ms() <= STANDS_WITHIN_MS, "{all}");
    assert!(all.max_ms() > 1_500, "the robots were stopped by something else than silence:\n{all}");
}

#[test]
fn a_robot_whose_endorsement_is_not_renewed_sits_at_its_safe_point_and_is_disarmed() {
    for seed in 1..=5 {
        let safe_point = Point { x_cm: -120, y_cm: 250 };
        let end = ending(seed, Some(safe_point)).unwrap();
        assert_eq!((end.seat, end.phase), (Seat::SafePoint, Phase::Standby), "{end:?}");
        let off_cm = end.place.x_cm.abs_diff(safe_point.x_cm).max(end.place.y_cm.abs_diff(safe_point.y_cm));
        assert!(off_cm <= 20, "{end:?}");
        assert!(end.worked_at.x_cm > 400, "it ended its step first: {end:?}");
    }
}

#[test]
fn a_robot_that_knows_no_safe_point_sits_where_its_step_has_ended() {
    let end = ending(1, None).unwrap();
    assert_eq!((end.seat, end.phase), (Seat::NoneKnown, Phase::Standby), "{end:?}");
    assert_eq!(end.place, end.worked_at, "{end:?}");
}
