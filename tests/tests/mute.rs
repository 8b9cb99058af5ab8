//! Robots that walk and are no longer heard, at moments that chance picks: none moves later than 1.85 s after its firmware
//! last heard it, none gets up unheard, and each records when and why.

use tests::mute::{Distribution, STANDS_WITHIN_MS, trial};

#[test]
fn two_hundred_robots_that_are_no_longer_heard_stand_in_time() {
    let mut all = Distribution::default();
    (1..=200).for_each(|seed| all.add(trial(seed).unwrap()));
    println!("{all}");
    assert!(all.max_ms() <= STANDS_WITHIN_MS, "{all}");
    assert!(all.max_ms() > 1_500, "the robots were stopped by something else than silence:\n{all}");
}
