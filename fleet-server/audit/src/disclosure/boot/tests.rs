//! Journals made by hand: what an auditor should read off each.

use super::*;
use crate::disclosure::sign::Stop;
use shared::journal::Boot;

fn sign(at_ms: u64, what: What) -> Sign {
    Sign { boot: Boot(1), at_ms, stamp_ms: at_ms, what }
}

fn written_at(stamp_ms: u64, at_ms: u64, what: What) -> Sign {
    Sign { stamp_ms, ..sign(at_ms, what) }
}

const ON: What = What::Phase { on: true };
const OFF: What = What::Phase { on: false };
const LINE_ON: What = What::Line { n: 1, on: Some(true), stops: None };
const LINE_OFF: What = What::Line { n: 3, on: Some(false), stops: None };

const fn stopping(why: Stop) -> What {
    What::Line { n: 2, on: Some(true), stops: Some(why) }
}

/// A death that nobody dated.
const fn doubtful(from_ms: u64, to_ms: u64, late_ms: Option<u64>) -> Gap {
    Gap { doubt: Doubt { early_ms: 1_500, late_ms }, ..closed(from_ms, to_ms, Cause::Died) }
}

#[test]
fn a_plain_shift_is_energised_moving_and_covered() {
    let signs = [
        sign(1_000, What::Started),
        sign(1_300, What::Heard),
        sign(2_000, ON),
        sign(3_000, What::Moves),
        sign(8_000, What::Rests),
        sign(9_000, OFF),
        written_at(10_000, 9_900, What::Unheard(Cause::Ended)),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.energised.as_slice(), [(2_000, 9_000)]);
    assert_eq!(tracks.moving.as_slice(), [(3_000, 8_000)]);
    assert_eq!(tracks.covered.as_slice(), [(1_300, 9_900 + COVERS_MS)]);
    assert_eq!(tracks.moving.without(&tracks.covered).total_ms(), 0);
    let open = Gap { from_ms: 9_900, to_ms: 10_000, is_open: true, cause: Cause::Ended, doubt: Doubt::EXACT };
    assert_eq!(tracks.gaps, [closed(1_000, 1_300, Cause::Starting), open]);
}

#[test]
fn a_muted_robot_has_a_gap_with_its_cause_and_no_uncovered_motion() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        sign(200, ON),
        sign(300, What::Moves),
        written_at(6_600, 5_000, What::Unheard(Cause::NotHeard)),
        sign(6_790, What::Rests),
        sign(6_800, OFF),
        sign(30_000, What::Heard),
    ];
    let tracks = tracks(&signs, End::Until(31_000));
    assert_eq!(tracks.gaps[1..], [closed(5_000, 30_000, Cause::NotHeard)]);
    assert_eq!(tracks.moving.without(&tracks.covered).total_ms(), 0);
    assert_eq!(tracks.covered.as_slice(), [(100, 5_000 + COVERS_MS), (30_000, 31_000 + COVERS_MS)]);
}

#[test]
fn motion_that_outlasts_what_was_heard_is_found() {
    let signs = [
        sign(100, What::Heard),
        sign(200, ON),
        sign(300, What::Moves),
        written_at(6_600, 5_000, What::Unheard(Cause::NotHeard)),
        sign(7_850, What::Rests),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.moving.without(&tracks.covered).as_slice(), [(6_850, 7_850)]);
}

#[test]
fn an_agent_that_died_is_resolved_by_the_controllers_own_record() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        written_at(260, 200, LINE_ON),
        sign(250, ON),
        sign(300, What::Moves),
        sign(40_000, What::Started),
        written_at(40_050, 30_300, stopping(Stop::Agent)),
        written_at(40_050, 30_600, LINE_OFF),
        sign(40_060, OFF),
        sign(40_500, What::Heard),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.energised.as_slice(), [(200, 30_600)]);
    assert_eq!(tracks.moving.as_slice(), [(300, 30_600)], "it moved at the longest until its energy went");
    assert_eq!(tracks.gaps[1], doubtful(30_000, 40_500, Some(0)));
    assert_eq!(tracks.unknown.total_ms(), 0);
    assert_eq!(tracks.moving.without(&tracks.covered).total_ms(), 0);
}

#[test]
fn without_that_record_the_rule_counts_and_the_rest_is_unknown() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        sign(200, ON),
        sign(300, What::Moves),
        sign(5_000, What::Alive),
        sign(40_000, What::Started),
        sign(40_060, OFF),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.energised.as_slice(), [(200, 5_600)]);
    assert_eq!(tracks.moving.as_slice(), [(300, 5_600)]);
    assert_eq!(tracks.unknown.as_slice(), [(5_600, 40_000)]);
    assert_eq!(tracks.gaps[1].cause, Cause::Died);
}

#[test]
fn a_controller_that_stopped_for_the_beacon_tells_when_a_dead_agent_was_last_heard() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        written_at(260, 200, LINE_ON),
        sign(40_000, What::Started),
        written_at(40_050, 31_500, stopping(Stop::Beacon)),
        written_at(40_050, 31_800, LINE_OFF),
    ];
    assert_eq!(tracks(&signs, End::Until(0)).covered.as_slice(), [(100, 30_000 + COVERS_MS)]);
}

#[test]
fn the_controllers_record_counts_where_the_agent_was_slow_to_write() {
    let signs = [
        sign(0, What::Started),
        written_at(1_300, 1_000, LINE_ON),
        sign(1_350, ON),
        written_at(5_900, 5_000, LINE_OFF),
        sign(5_950, OFF),
        sign(7_000, ON),
    ];
    let tracks = tracks(&signs, End::Until(8_000));
    assert_eq!(tracks.energised.as_slice(), [(1_000, 5_000), (7_000, 8_000)]);
}

#[test]
fn a_robot_that_ends_its_record_energised_is_counted_up_to_its_last_sign_and_no_further() {
    let signs = [sign(0, What::Started), sign(100, What::Heard), sign(200, ON), sign(9_000, What::Alive)];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.energised.as_slice(), [(200, 9_000)]);
    assert_eq!(tracks.covered.as_slice(), [(100, 9_000 + COVERS_MS)]);
    assert_eq!(super::tracks(&[], End::Over { next_ms: None }), Tracks::default());
}

#[test]
fn an_agent_that_ended_in_order_leaves_nothing_unknown() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        sign(200, ON),
        written_at(9_000, 8_800, What::Unheard(Cause::Ended)),
        sign(40_000, What::Started),
        sign(40_300, What::Heard),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!((tracks.energised.as_slice(), tracks.unknown.total_ms()), (&[(200, 9_600)][..], 0));
    assert_eq!(tracks.energised.without(&tracks.covered).total_ms(), 0);
    assert_eq!(tracks.gaps[1], closed(8_800, 40_300, Cause::Ended));
}

#[test]
fn a_computer_that_went_down_leaves_an_open_gap() {
    let signs = [sign(0, What::Started), sign(100, What::Heard), sign(200, ON), sign(9_000, What::Alive)];
    let died = Gap { is_open: true, ..doubtful(9_000, 9_000, None) };
    assert_eq!(tracks(&signs, End::Over { next_ms: None }).gaps[1..], [died]);
    assert_eq!(tracks(&signs, End::Until(0)).gaps.len(), 1);
}

#[test]
fn where_a_line_has_not_arrived_what_the_agent_saw_counts() {
    let line = |n, on| What::Line { n, on: Some(on), stops: None };
    let signs = [
        sign(0, What::Started),
        written_at(300, 200, line(1, true)),
        sign(1_000, OFF),
        sign(2_000, ON),
        written_at(3_100, 3_000, line(4, false)),
    ];
    assert_eq!(tracks(&signs, End::Until(0)).energised.as_slice(), [(200, 1_000), (2_000, 3_000)]);
}

#[test]
fn a_motion_that_was_seen_when_its_energy_had_gone_does_not_go_on_with_the_next_energy() {
    let signs = [
        sign(0, What::Started),
        written_at(260, 200, LINE_ON),
        sign(5_000, What::Moves),
        sign(9_000, What::Started),
        written_at(9_100, 5_000, LINE_OFF),
        written_at(9_300, 9_200, What::Line { n: 4, on: Some(true), stops: None }),
    ];
    assert_eq!(tracks(&signs, End::Until(20_000)).moving.total_ms(), 0);
}

#[test]
fn a_muted_agent_that_died_and_came_back_at_once_was_heard_until_its_controllers_stop_says() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        written_at(260, 200, LINE_ON),
        sign(10_000, What::Started),
        written_at(10_050, 9_950, stopping(Stop::Beacon)),
        written_at(10_300, 10_250, LINE_OFF),
        sign(20_000, What::Heard),
    ];
    let tracks = tracks(&signs, End::Until(0));
    assert_eq!(tracks.gaps[1], closed(8_450, 20_000, Cause::Died));
    assert_eq!(tracks.energised.without(&tracks.covered).total_ms(), 0);
}

#[test]
fn a_disclosure_that_was_heard_once_covers_what_comes_after_it() {
    let signs = [sign(100, What::Heard), written_at(1_700, 100, What::Unheard(Cause::NotHeard))];
    assert_eq!(tracks(&signs, End::Until(0)).covered.as_slice(), [(100, 100 + COVERS_MS)]);
}

#[test]
fn a_power_cut_takes_the_energy_with_the_last_sign_and_the_time_until_the_power_is_back_is_unknown() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        written_at(260, 200, LINE_ON),
        sign(250, ON),
        sign(5_000, What::Alive),
        sign(129_000, What::Started),
        written_at(130_100, 130_000, What::Woke { n: 2 }),
    ];
    let tracks = tracks(&signs, End::Until(140_000));
    assert_eq!(tracks.energised.as_slice(), [(200, 5_600)]);
    assert_eq!(tracks.unknown.as_slice(), [(5_600, 130_000)]);
}

#[test]
fn a_controller_that_wakes_beside_a_living_agent_lost_its_energy_when_the_agent_lost_it() {
    let signs = [
        sign(0, What::Started),
        sign(100, What::Heard),
        written_at(260, 200, LINE_ON),
        sign(250, ON),
        written_at(21_000, 20_000, What::Unheard(Cause::LinkLost)),
        sign(21_500, What::Alive),
        written_at(22_100, 22_000, What::Woke { n: 2 }),
    ];
    let tracks = tracks(&signs, End::Until(23_000));
    assert_eq!(tracks.energised.as_slice(), [(200, 20_600)]);
    assert_eq!(tracks.unknown.as_slice(), [(20_600, 22_000)]);
}

#[test]
fn a_controller_that_wakes_after_it_was_off_leaves_nothing_unknown() {
    let signs = [
        sign(0, What::Started),
        written_at(260, 200, LINE_ON),
        written_at(960, 900, LINE_OFF),
        written_at(22_100, 22_000, What::Woke { n: 4 }),
    ];
    let tracks = tracks(&signs, End::Until(23_000));
    assert_eq!((tracks.energised.as_slice(), tracks.unknown.as_slice().len()), ([(200, 900)].as_slice(), 0));
}

const fn body(n: u64, moves: bool) -> What {
    What::Body { n, moves }
}

/// The line of an event that was written in a later boot.
fn relayed(at_ms: u64, what: What) -> Sign {
    written_at(0, at_ms, what)
}

#[test]
fn motion_that_died_with_its_agent_is_told_by_the_controller() {
    let signs = [
        sign(0, What::Started),
        sign(200, What::Heard),
        sign(1_000, ON),
        sign(2_050, What::Moves),
        sign(6_000, What::Started),
        written_at(6_100, 1_000, LINE_ON),
        written_at(6_100, 3_000, body(2, false)),
        written_at(6_100, 3_200, body(3, true)),
        written_at(6_100, 3_300, body(4, false)),
        written_at(6_100, 3_400, What::Line { n: 5, on: Some(true), stops: Some(Stop::Agent) }),
        written_at(6_100, 3_700, What::Line { n: 6, on: Some(false), stops: None }),
    ];
    assert_eq!(tracks(&signs, End::Until(0)).moving.as_slice(), [(2_050, 3_000), (3_200, 3_300)]);
}

#[test]
fn a_motion_that_both_have_seen_counts_once_and_one_that_has_no_end_ends_with_the_energy() {
    let signs = [
        sign(0, What::Started),
        written_at(1_010, 1_000, LINE_ON),
        sign(2_050, What::Moves),
        sign(2_550, What::Rests),
        written_at(3_010, 2_000, body(2, true)),
        written_at(3_010, 2_500, body(3, false)),
        written_at(3_010, 2_700, body(4, true)),
        written_at(3_010, 3_000, What::Line { n: 5, on: Some(false), stops: Some(Stop::Other) }),
    ];
    assert_eq!(tracks(&signs, End::Until(0)).moving.as_slice(), [(2_000, 2_500), (2_700, 3_000)]);
}

#[test]
fn after_a_cut_of_the_whole_machine_only_the_time_in_which_it_may_have_lived_unseen_is_unknown() {
    let until = What::LivedUntil { within_ms: 12_000 };
    let boot = [sign(0, What::Started), sign(500, ON), sign(600, What::Heard), sign(40_000, until)];
    let cut = |next_ms| tracks(&boot, End::Over { next_ms });
    assert_eq!(cut(None).energised.as_slice(), [(500, 40_000)]);
    assert_eq!(cut(None).unknown.as_slice(), [(40_000, 52_600)]);
    assert_eq!(cut(Some(45_000)).unknown.as_slice(), [(40_000, 45_000)], "then the next one had begun");
    let died = Gap { is_open: true, ..doubtful(40_000, 40_000, Some(12_000)) };
    assert_eq!(cut(None).gaps[1..], [died]);
    assert!(tracks(&boot[..3], End::Over { next_ms: None }).unknown.as_slice().is_empty(), "a journal of before");
    let mut stopped = boot.to_vec();
    stopped.push(relayed(41_000, stopping(Stop::Agent)));
    assert_eq!(tracks(&stopped, End::Over { next_ms: None }).unknown.as_slice(), [(41_000, 41_600)], "it was stopping");
    stopped.push(relayed(41_300, LINE_OFF));
    let told = tracks(&stopped, End::Over { next_ms: None });
    assert_eq!((told.energised.as_slice(), told.unknown.total_ms()), (&[(500, 41_300)][..], 0));
}

#[test]
fn what_a_process_left_of_itself_bounds_what_is_unknown_in_its_boot() {
    let life = |until: Option<Sign>| {
        let first = [sign(0, What::Started), sign(500, ON)];
        let signs: Vec<Sign> = first.into_iter().chain(until).chain([sign(90_000, What::Started)]).collect();
        tracks(&signs, End::Until(0)).unknown.as_slice().to_vec()
    };
    assert_eq!(life(None), [(1_100, 90_000)]);
    assert_eq!(life(Some(sign(30_000, What::LivedUntil { within_ms: 12_000 }))), [(30_600, 42_600)]);
}

#[test]
fn the_controllers_last_packet_dates_a_death_and_the_next_processs_packets_do_not_hide_it() {
    let signs = |why: Stop, stop_ms: u64, took_ms: u64| {
        [
            sign(0, What::Started),
            sign(200, What::Heard),
            sign(300, ON),
            sign(5_000, What::Alive),
            sign(7_000, What::Started),
            sign(7_050, What::Heard),
            written_at(8_000, took_ms, What::Took { n: 1 }),
            written_at(8_000, stop_ms, stopping(why)),
        ]
    };
    let died = |why, stop_ms, took_ms| tracks(&signs(why, stop_ms, took_ms), End::Until(0)).gaps[1];
    assert_eq!(died(Stop::Agent, 6_500, 6_100), closed(6_100, 7_050, Cause::Died), "it lived on after its last sign");
    assert_eq!(died(Stop::Agent, 7_400, 7_300), doubtful(5_000, 7_050, Some(2_000)), "that stop is the next one's");
    let heard_at_least = Gap { doubt: Doubt { early_ms: 0, late_ms: Some(900) }, ..closed(6_100, 7_050, Cause::Died) };
    assert_eq!(died(Stop::Other, 6_500, 6_100), heard_at_least, "a press does not tell whether it lived on");
}
