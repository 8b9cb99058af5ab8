//! The safety controller's receiver: its own robot, endorsed, and rising.

use super::*;

#[test]
fn nothing_counts_before_the_endorsement() {
    let mut receiver = Receiver::new(robot().public(), ca().public());
    assert_eq!(receiver.hear(&presence(0, 5)), Err(Reject::NoEndorsement));
    receiver.hear(&endorsement().to_pack()).unwrap();
    assert!(receiver.hear(&presence(0, 5)).is_ok());
}

#[test]
fn an_endorsement_by_the_robot_itself_by_another_ca_or_under_a_wrong_ca_id_is_rejected() {
    let fresh = || Receiver::new(robot().public(), ca().public());
    let by = |ca: &SigningKey| Endorsement::issue(ca, robot().public(), NOON_S, NOON_S + WEEK_S).unwrap();
    assert_eq!(fresh().hear(&by(&robot()).to_pack()), Err(Reject::CaId));
    assert_eq!(fresh().hear(&by(&key(8)).to_pack()), Err(Reject::CaId));
    let mut claims_the_ca = by(&key(8));
    claims_the_ca.ca_id = CaId::of(&ca().public());
    assert_eq!(fresh().hear(&claims_the_ca.clone().signed(&key(8)).to_pack()), Err(Reject::LinkSignature));
    assert_eq!(fresh().hear(&claims_the_ca.signed(&robot()).to_pack()), Err(Reject::LinkSignature));
    let mut names_another = by(&ca());
    names_another.ca_id = CaId::of(&key(8).public());
    assert_eq!(fresh().hear(&names_another.signed(&ca()).to_pack()), Err(Reject::CaId));
    assert_eq!(refusal(&link_with(|link| link.key = key(2).public())), Reject::Foreign);
}

#[test]
fn a_key_that_the_pack_brings_along_is_not_the_ids() {
    let mut pack = endorsement().to_pack();
    // The robot's key begins after the first 17 bytes of evidence and 8 of the second page.
    pack[3 + 2 * 25 + 2 + 8] ^= 1;
    assert_eq!(Receiver::new(robot().public(), ca().public()).hear(&pack), Err(Reject::KeyId));
}

#[test]
fn another_robot_a_recording_and_an_older_number_are_not_heard() {
    let mut receiver = receiver();
    let first = presence(7, 5);
    assert!(receiver.hear(&first).is_ok());
    assert_eq!(receiver.hear(&first), Err(Reject::NotRising));
    assert_eq!(receiver.hear(&presence(6, 6)), Err(Reject::NotRising));
    assert_eq!(receiver.hear(&presence(8, 4)), Err(Reject::SequenceFell));
    assert_eq!(receiver.hear(&encode_presence(&key(2), &words(9, 6))), Err(Reject::Foreign));
    assert!(receiver.hear(&presence(8, 5)).is_ok(), "one tenth of a second later is later");
}

#[test]
fn the_order_goes_on_over_the_full_hour() {
    let mut receiver = receiver();
    // The hour ends 3600 s after it began; the tenths of the hour fall from 35,999 to 0.
    assert!(receiver.hear(&presence(35_999, 5)).is_ok());
    assert!(receiver.hear(&presence(36_000, 5)).is_ok());
    assert_eq!(receiver.hear(&presence(35_999, 5)), Err(Reject::NotRising));
}

#[test]
fn the_number_goes_on_over_its_32_bits_on_the_air() {
    let mut receiver = receiver();
    assert!(receiver.hear(&presence(1, u64::from(u32::MAX))).is_ok());
    assert!(receiver.hear(&presence(2, 1 << 32)).is_ok());
    assert_eq!(receiver.hear(&presence(3, u64::from(u32::MAX))), Err(Reject::SequenceFell));
}

#[test]
fn a_disclosure_outside_its_endorsement_is_rejected_and_a_renewal_covers_it() {
    let mut receiver = receiver();
    let (before, after) = (presence(0, 5), presence(u64::from(WEEK_S) * 10 + 10, 6));
    assert!(receiver.hear(&before).is_ok());
    assert_eq!(receiver.hear(&after), Err(Reject::Unendorsed));
    assert_eq!(receiver.hear(&endorsement().to_pack()), Err(Reject::Repeat));
    let renewal = Endorsement::issue(&ca(), robot().public(), NOON_S + WEEK_S / 3, NOON_S + WEEK_S * 4 / 3).unwrap();
    assert!(receiver.hear(&renewal.to_pack()).is_ok());
    assert_eq!(receiver.hear(&endorsement().to_pack()), Err(Reject::NotRising), "an old one does not come back");
    assert!(receiver.hear(&after).is_ok());
}

#[test]
fn a_rejected_packet_changes_nothing() {
    let mut receiver = receiver();
    let mut forged = presence(100, 9);
    forged[190] ^= 1;
    assert_eq!(receiver.hear(&forged), Err(Reject::Signature));
    assert_eq!(receiver.hear_if(&presence(50, 7), || false), Err(Reject::Busy));
    assert!(receiver.hear(&presence(1, 5)).is_ok());
}
