//! The safety controller's receiver: its own robot, endorsed, and rising.

use super::*;

#[test]
fn nothing_counts_before_the_endorsement() {
    let mut receiver = Receiver::new(robot().public(), ca().public());
    assert_eq!(receiver.hear(&presence(0, 5), NOW), Err(Reject::NoEndorsement));
    receiver.hear(&endorsement().to_pack(), NOW).unwrap();
    assert!(receiver.hear(&presence(0, 5), NOW).is_ok());
}

#[test]
fn an_endorsement_by_the_robot_itself_by_another_ca_or_under_a_wrong_ca_id_is_rejected() {
    let fresh = || Receiver::new(robot().public(), ca().public());
    let by = |ca: &SigningKey| Endorsement::issue(ca, robot().public(), NOON_S, NOON_S + WEEK_S).unwrap();
    assert_eq!(fresh().hear(&by(&robot()).to_pack(), NOW), Err(Reject::CaId));
    assert_eq!(fresh().hear(&by(&key(8)).to_pack(), NOW), Err(Reject::CaId));
    let mut claims_the_ca = by(&key(8));
    claims_the_ca.ca_id = CaId::of(&ca().public());
    assert_eq!(fresh().hear(&claims_the_ca.clone().signed(&key(8)).to_pack(), NOW), Err(Reject::LinkSignature));
    assert_eq!(fresh().hear(&claims_the_ca.signed(&robot()).to_pack(), NOW), Err(Reject::LinkSignature));
    let mut names_another = by(&ca());
    names_another.ca_id = CaId::of(&key(8).public());
    assert_eq!(fresh().hear(&names_another.signed(&ca()).to_pack(), NOW), Err(Reject::CaId));
    assert_eq!(refusal(&link_with(|link| link.key = key(2).public())), Reject::Foreign);
}

#[test]
fn a_key_that_the_pack_brings_along_is_not_the_ids() {
    let mut pack = endorsement().to_pack();
    // The robot's key begins after the first 17 bytes of evidence and 8 of the second page.
    pack[3 + 2 * 25 + 2 + 8] ^= 1;
    assert_eq!(Receiver::new(robot().public(), ca().public()).hear(&pack, NOW), Err(Reject::KeyId));
}

#[test]
fn another_robot_a_recording_and_an_older_number_are_not_heard() {
    let mut receiver = receiver();
    let first = presence(7, 5);
    assert!(receiver.hear(&first, NOW).is_ok());
    assert_eq!(receiver.hear(&first, NOW), Err(Reject::NotRising));
    assert_eq!(receiver.hear(&presence(6, 6), NOW), Err(Reject::NotRising));
    assert_eq!(receiver.hear(&presence(8, 4), NOW), Err(Reject::SequenceFell));
    assert_eq!(receiver.hear(&encode_presence(&key(2), &words(9, 6)), NOW), Err(Reject::Foreign));
    assert!(receiver.hear(&presence(8, 5), NOW).is_ok(), "one tenth of a second later is later");
}

#[test]
fn the_order_goes_on_over_the_full_hour() {
    let mut receiver = receiver();
    // The hour ends 3600 s after it began; the tenths of the hour fall from 35,999 to 0.
    assert!(receiver.hear(&presence(35_999, 5), NOW).is_ok());
    assert!(receiver.hear(&presence(36_000, 5), NOW).is_ok());
    assert_eq!(receiver.hear(&presence(35_999, 5), NOW), Err(Reject::NotRising));
}

#[test]
fn the_number_goes_on_over_its_32_bits_on_the_air() {
    let mut receiver = receiver();
    assert!(receiver.hear(&presence(1, u64::from(u32::MAX)), NOW).is_ok());
    assert!(receiver.hear(&presence(2, 1 << 32), NOW).is_ok());
    assert_eq!(receiver.hear(&presence(3, u64::from(u32::MAX)), NOW), Err(Reject::SequenceFell));
}

#[test]
fn a_disclosure_outside_its_endorsement_is_rejected_and_a_renewal_covers_it() {
    let mut receiver = receiver();
    let (before, after) = (presence(0, 5), presence(u64::from(WEEK_S) * 10 + 10, 6));
    assert!(receiver.hear(&before, NOW).is_ok());
    assert_eq!(receiver.hear(&after, NOW), Err(Reject::Unendorsed));
    assert_eq!(receiver.hear(&endorsement().to_pack(), NOW), Err(Reject::Repeat));
    let renewal = Endorsement::issue(&ca(), robot().public(), NOON_S + WEEK_S / 3, NOON_S + WEEK_S * 4 / 3).unwrap();
    assert!(receiver.hear(&renewal.to_pack(), NOW).is_ok());
    assert_eq!(receiver.hear(&endorsement().to_pack(), NOW), Err(Reject::NotRising), "an old one does not come back");
    assert!(receiver.hear(&after, NOW).is_ok());
}

#[test]
fn a_rejected_packet_changes_nothing() {
    let mut receiver = receiver();
    let mut forged = presence(100, 9);
    forged[190] ^= 1;
    assert_eq!(receiver.hear(&forged, NOW), Err(Reject::Signature));
    assert_eq!(receiver.hear_if(&presence(50, 7), NOW, |_| false), Err(Reject::Busy));
    assert!(receiver.hear(&presence(1, 5), NOW).is_ok());
}

/// A disclosure made so many milliseconds after the receiver's clock showed [`NOW`], and heard so much later.
fn late(receiver: &mut Receiver, made_ms: u64, late_ms: u64) -> Result<(), Reject> {
    receiver.hear(&presence(made_ms / 100, 5), Instant(NOW.0 + made_ms + late_ms)).map(drop)
}

#[test]
fn a_steadily_late_stream_is_not_heard_however_new_each_of_it_is() {
    for late_ms in [1_700, 2_000, 600_000] {
        let mut receiver = receiver();
        for made_ms in (0..3_000).step_by(333) {
            assert_eq!(late(&mut receiver, made_ms, 0), Ok(()));
        }
        for made_ms in (3_000..20_000).step_by(333) {
            assert_eq!(late(&mut receiver, made_ms, late_ms), Err(Reject::Late), "{made_ms}, {late_ms} ms late");
        }
        assert_eq!(late(&mut receiver, 20_000, 0), Ok(()), "what comes in time is heard again");
    }
}

#[test]
fn ordinary_delays_the_wires_tenths_and_drifting_clocks_are_no_lateness() {
    let mut receiver = receiver();
    for (made_ms, late_ms) in [(0, 30), (399, 0), (700, 1_300), (1_100, 1_390), (2_599, 1_400 - 99)] {
        assert_eq!(late(&mut receiver, made_ms, late_ms), Ok(()), "{made_ms}, {late_ms} ms late");
    }
    // Six days on, the sender's clock has lost 52 s by a drift of one in ten thousand.
    for made_ms in (0..6 * 24 * 3_600_000).step_by(3_600_000).skip(1) {
        assert_eq!(late(&mut receiver, made_ms, made_ms / 10_000), Ok(()), "{made_ms} ms on");
    }
}

#[test]
fn a_clock_that_jumps_ahead_with_a_new_agent_is_heard_and_what_it_said_before_is_not() {
    let mut receiver = receiver();
    assert_eq!(late(&mut receiver, 0, 0), Ok(()));
    let ahead = |ms: u64| presence((ms + 15_000) / 100, 5);
    assert!(receiver.hear(&ahead(1_000), Instant(NOW.0 + 1_000)).is_ok());
    assert!(receiver.hear(&ahead(2_000), Instant(NOW.0 + 2_000)).is_ok());
    assert_eq!(receiver.hear(&ahead(2_333), Instant(NOW.0 + 4_500)), Err(Reject::Late));
}

#[test]
fn a_forgery_does_not_move_the_mark() {
    let mut receiver = receiver();
    assert_eq!(late(&mut receiver, 0, 0), Ok(()));
    let mut forged = presence(50_000, 5);
    forged[200] ^= 1;
    assert_eq!(receiver.hear(&forged, NOW), Err(Reject::Signature));
    assert_eq!(late(&mut receiver, 400, 0), Ok(()));
}
