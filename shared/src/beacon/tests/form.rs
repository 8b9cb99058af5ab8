//! The form: one form of every statement, and no other is read.

use super::super::message::{HEAD, SIZE};
use super::super::presence::VALID_S_MAX;
use super::*;

/// The pack with its messages in this order.
fn reordered(pack: &[u8], order: &[usize]) -> Vec<u8> {
    let messages: Vec<&[u8]> = pack[HEAD..].chunks(SIZE).collect();
    let mut bytes = pack[..HEAD].to_vec();
    bytes[2] = order.len() as u8;
    order.iter().for_each(|place| bytes.extend(messages[*place]));
    bytes
}

fn with_byte(pack: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = pack.to_vec();
    bytes[at] = byte;
    bytes
}

#[test]
fn a_disclosure_comes_back_from_the_air_as_it_was_said() {
    let Ok(Heard::Presence(heard)) = receiver().hear(&presence(3, (7 << 32) | 5), NOW) else { panic!("not heard") };
    assert_eq!((heard.id, heard.status), (DisclosureId::of(&robot().public()), Status::Ground));
    assert_eq!((heard.time, heard.cseq, heard.head), (words(3, 0).time, 5, [7; 16]));
    assert_eq!(heard.name.text(), "HUMANOID ROBOT r-0042");
    assert_eq!((PRESENCE_LEN, LINK_LEN), (228, 203));
    for status in [Status::Ground, Status::StoppedByButton, Status::Fault] {
        let pack = encode_presence(&robot(), &PresenceWords { status, ..words(0, 5) });
        assert_eq!(Presence::read(&pack).map(|presence| presence.status), Ok(status));
    }
}

#[test]
fn an_endorsement_comes_back_from_the_air_and_from_a_file() {
    let endorsement = endorsement();
    assert_eq!(Endorsement::read(&endorsement.to_pack()), Ok(endorsement.clone()));
    assert_eq!(Endorsement::parse(&endorsement.to_text()), Ok(endorsement));
    assert_eq!(Endorsement::parse("00"), Err(BadEndorsement::Pack(Reject::Length)));
    assert!(matches!(Endorsement::parse("endorsed"), Err(BadEndorsement::Hex(_))));
    let refused = Endorsement::parse("00").unwrap_err();
    assert!(std::error::Error::source(&refused).is_none(), "its reason is in its words, and would be printed twice");
}

#[test]
fn every_single_bit_flip_of_both_packs_is_rejected() {
    let (presence, link) = (presence(0, 5), endorsement().to_pack());
    for pack in [&presence[..], &link] {
        for bit in 0..pack.len() * 8 {
            let spoiled = with_byte(pack, bit / 8, pack[bit / 8] ^ (1 << (bit % 8)));
            assert!(receiver().hear(&spoiled, NOW).is_err(), "bit {bit} of {} bytes was taken", pack.len());
            let mut unendorsed = Receiver::new(robot().public(), ca().public());
            assert!(unendorsed.hear(&spoiled, NOW).is_err(), "bit {bit} of {} bytes was taken first", pack.len());
        }
    }
    assert!(receiver().hear(&presence, NOW).is_ok());
}

#[test]
fn every_truncation_and_every_longer_packet_is_rejected() {
    for pack in [&presence(0, 5)[..], &endorsement().to_pack()] {
        for length in 0..pack.len() {
            assert_eq!(refusal(&pack[..length]), Reject::Length);
        }
        assert_eq!(refusal(&[pack, &[0]].concat()), Reject::Length);
        assert_eq!(refusal(&[pack, pack].concat()), Reject::Length);
    }
    assert_eq!(refusal(&[0xf2, 25, 0]), Reject::Count);
}

#[test]
fn extra_missing_doubled_and_swapped_messages_are_rejected() {
    let pack = presence(0, 5);
    let refusals = [
        (vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 8], Reject::Count),
        (vec![0, 1, 2, 3, 3, 4, 5, 6, 7, 8], Reject::Count),
        (vec![0, 1, 2, 3, 4, 5, 6], Reject::Count),
        (vec![0, 1, 2, 3, 4, 5, 6, 7], Reject::MessageOrder),
        (vec![1, 0, 2, 3, 4, 5, 6, 7, 8], Reject::MessageOrder),
        (vec![0, 1, 3, 2, 4, 5, 6, 7, 8], Reject::MessageOrder),
        (vec![4, 5, 6, 7, 8, 0, 1, 2, 3], Reject::MessageOrder),
        (vec![0, 1, 2, 3, 4, 6, 5, 7, 8], Reject::PageOrder),
        (vec![0, 1, 2, 3, 4, 5, 5, 7, 8], Reject::PageOrder),
        (vec![0, 1, 2, 3, 8, 7, 6, 5, 4], Reject::PageOrder),
    ];
    for (order, reason) in refusals {
        assert_eq!(refusal(&reordered(&pack, &order)), reason, "{order:?}");
    }
    let link = endorsement().to_pack();
    assert_eq!(refusal(&reordered(&link, &[1, 0, 2, 3, 4, 5, 6, 7])), Reject::MessageOrder);
    assert_eq!(refusal(&reordered(&link, &[0, 1, 2, 3, 4, 5, 7, 6])), Reject::PageOrder);
}

#[test]
fn every_field_that_is_not_what_it_has_to_be_has_its_own_reason() {
    let pack = presence(0, 5);
    let at = |message: usize, byte: usize| HEAD + message * SIZE + byte;
    let refusals = [
        (0, 0x02, Reject::Header),
        (1, 24, Reject::MessageSize),
        (2, 8, Reject::Length),
        (at(0, 1), 0x1f, Reject::IdType),
        (at(0, 2), 1, Reject::IdType),
        (at(1, 1), 0x23, Reject::Status),
        (at(1, 5), 1, Reject::Padding),
        (at(1, 24), 1, Reject::Padding),
        (at(1, 21), 10, Reject::HourTime),
        (at(2, 1), 1, Reject::Padding),
        (at(2, 2), b'h', Reject::Text),
        (at(2, 24), b' ', Reject::Padding),
        (at(3, 1), 200, Reject::OperatorType),
        (at(3, 24), 1, Reject::Padding),
        (at(4, 2), 3, Reject::AuthHeader),
        (at(4, 3), 88, Reject::AuthHeader),
        (at(4, 4), pack[at(4, 4)] ^ 1, Reject::Timestamp),
        (at(4, 8), 0xe1, Reject::AuthKind),
        (at(4, 17), pack[at(4, 17)] ^ 1, Reject::IdMismatch),
        (at(8, 24), 1, Reject::Padding),
        (at(6, 10), pack[at(6, 10)] ^ 1, Reject::Signature),
    ];
    for (place, byte, reason) in refusals {
        assert_eq!(refusal(&with_byte(&pack, place, byte)), reason, "byte {place}");
    }
}

#[test]
fn expired_inverted_and_huge_validity_are_rejected_even_if_signed() {
    let now_s = words(0, 5).time.secs();
    assert_eq!(refusal(&signed_with(|presence| presence.not_after_s = now_s)), Reject::Inverted);
    assert_eq!(refusal(&signed_with(|presence| presence.not_after_s = now_s - 1)), Reject::Inverted);
    assert_eq!(refusal(&signed_with(|presence| presence.not_after_s = now_s + VALID_S_MAX + 1)), Reject::Huge);
    assert_eq!(refusal(&signed_with(|presence| presence.not_after_s = u32::MAX)), Reject::Huge);
    assert!(receiver().hear(&signed_with(|presence| presence.not_after_s = now_s + VALID_S_MAX), NOW).is_ok());

    assert_eq!(refusal(&link_with(|link| link.not_after_s = link.not_before_s)), Reject::Inverted);
    assert_eq!(refusal(&link_with(|link| link.not_after_s = link.not_before_s - 1)), Reject::Inverted);
    assert_eq!(refusal(&link_with(|link| link.not_after_s = u32::MAX)), Reject::Huge);
    let longest = |link: &mut Endorsement| link.not_after_s = link.not_before_s + ENDORSED_MAX_S;
    assert!(receiver().hear(&link_with(longest), NOW).is_ok());
    for (from, until, reason) in [(5, 5, Reject::Inverted), (5, 6 + ENDORSED_MAX_S, Reject::Huge)] {
        assert_eq!(
            Endorsement::issue(&ca(), robot().public(), from, until),
            Err(reason),
            "what nobody takes is not issued"
        );
    }
}
