//! What a robot starts with: the shipped numbers, written down a second time in milliseconds as the requirements have
//! them, the epochs in reserve, and what is known before the first tick.

use interlock::{Interlock, Limits, Mail, Outputs, Phase, Pins, Stored};

const TICK_MS: u32 = 5;

#[test]
fn the_shipped_limits_are_those_of_the_requirements() {
    let required = Limits {
        discrepancy: 500 / TICK_MS,
        mirror: 100 / TICK_MS,
        heartbeat: 300 / TICK_MS,
        beacon: 1_500 / TICK_MS,
        stopping: 300 / TICK_MS,
        reset_min: 100 / TICK_MS,
        reset_max: 3_000 / TICK_MS,
        healthy: 2_000 / TICK_MS,
        standby: 600_000 / TICK_MS,
        returns: 3,
        returns_window: 600_000 / TICK_MS,
        link_errors: 3,
        link_window: 1_000 / TICK_MS,
    };
    assert_eq!(Limits::SHIPPED, required);
    assert_eq!(Limits::TICKS_PER_S * TICK_MS, 1_000);
}

fn step(core: &mut Interlock, is_pressed: bool) {
    let closed = !is_pressed;
    let pins = Pins { ch_a: closed, ch_b: closed, reset: false, mirror_1: true, mirror_2: true, beacon_heard: true };
    core.step(pins, Mail::default());
}

/// Half of the reserve has to be left at any time, so that the shell has hundreds of trips' time to store the mark.
#[test]
fn the_epochs_in_reserve_are_between_500_and_1499() {
    let stored = Stored { epoch_mark: u32::MAX - 3_000, fault_pending: false };
    let mut core = Interlock::power_up(Limits::SHIPPED, stored);
    let first = core.status().trip_epoch;
    assert_eq!((first, core.to_store().epoch_mark.wrapping_sub(first)), (u32::MAX - 2_999, 999));
    for _ in 0..10_001 {
        step(&mut core, false);
        step(&mut core, true);
        let left = core.to_store().epoch_mark.wrapping_sub(core.status().trip_epoch);
        assert!((500..=1_499).contains(&left), "{left} are left");
    }
    // The first press was the proof test.
    assert_eq!((core.phase(), core.status().trip_epoch), (Phase::Tripped, first.wrapping_add(10_000)));
}

#[test]
fn a_lost_storage_counts_as_the_worst_it_could_have_held() {
    let core = Interlock::power_up(Limits::SHIPPED, Stored::LOST);
    assert!(core.to_store().fault_pending);
    assert_eq!(core.status().trip_epoch, 1);
}

#[test]
fn before_the_first_tick_nobody_was_heard() {
    let core = Interlock::power_up(Limits::SHIPPED, Stored { epoch_mark: 0, fault_pending: false });
    let status = core.status();
    assert!(!core.is_agent_heard() && !status.beacon_heard && !status.proof_tested && !status.standby_ok);
    assert_eq!((status.phase, status.button_open, core.outputs()), (Phase::Tripped, true, Outputs::OFF));
}
