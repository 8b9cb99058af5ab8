//! The bystander: who is near, what holds, and what two captures prove.

use super::*;

fn at(ds: u64) -> BeaconTime {
    words(ds, 0).time
}

/// Has heard the endorsement at noon.
fn observer() -> Observer {
    let mut observer = Observer::new(ca().public());
    assert!(matches!(observer.hear(&endorsement().to_pack(), at(0)), Ok(Observed::Link(_))));
    observer
}

fn with_head(ds: u64, cseq: u64, head: u8) -> [u8; PRESENCE_LEN] {
    encode_presence(&robot(), &PresenceWords { head: [head; 16], ..words(ds, cseq) })
}

fn kinds(observer: &mut Observer) -> Vec<FindingKind> {
    let findings = observer.take_findings();
    for finding in &findings {
        assert_eq!(finding.check(&ca().public()), Ok(()), "every finding is proof by itself");
    }
    findings.into_iter().map(|finding| finding.kind).collect()
}

fn claim(observer: &Observer) -> Reject {
    observer.robots()[&DisclosureId::of(&robot().public())].claim.as_ref().unwrap().reason
}

#[test]
fn an_honest_robot_is_verified_whatever_comes_first() {
    let mut observer = Observer::new(ca().public());
    assert_eq!(observer.hear(&presence(0, 5), at(1)), Err(Reject::NoEndorsement));
    assert_eq!(claim(&observer), Reject::NoEndorsement);
    observer.hear(&endorsement().to_pack(), at(20)).unwrap();
    let robot = &observer.robots()[&DisclosureId::of(&robot().public())];
    assert_eq!(robot.newest.as_ref().unwrap().heard, at(1), "what was said before the endorsement counts now");
    assert!(robot.claim.is_none());
    for ds in 1..100 {
        assert!(observer.hear(&presence(ds * 3, 5 + ds / 9), at(ds * 3 + 1)).is_ok());
    }
    assert_eq!(observer.hear(&presence(297, 16), at(298)), Err(Reject::Repeat), "an echo is no news and no attack");
    assert!(kinds(&mut observer).is_empty());
}

#[test]
fn the_clocks_may_be_five_seconds_apart_and_no_more() {
    for (heard_ds, verdict) in [(0, None), (150, None), (169, Some(Reject::Expired)), (36_000, Some(Reject::Expired))] {
        assert_eq!(observer().hear(&presence(0, 5), at(heard_ds)).err(), verdict, "{heard_ds}");
    }
    for (made_ds, verdict) in [(50, None), (60, Some(Reject::Future)), (36_000, Some(Reject::Future))] {
        assert_eq!(observer().hear(&presence(made_ds, 5), at(0)).err(), verdict, "{made_ds}");
    }
}

#[test]
fn an_endorsement_that_has_ended_or_not_begun_vouches_for_nobody() {
    let week_ds = u64::from(WEEK_S) * 10;
    let mut late = Observer::new(ca().public());
    assert_eq!(late.hear(&endorsement().to_pack(), at(week_ds + 100)), Err(Reject::LinkExpired));
    assert_eq!(late.hear(&presence(week_ds + 100, 5), at(week_ds + 100)), Err(Reject::LinkExpired), "the true reason");
    assert_eq!(claim(&late), Reject::LinkExpired);
    let mut early = Observer::new(ca().public());
    let next = Endorsement::issue(&ca(), robot().public(), NOON_S + 60, NOON_S + WEEK_S).unwrap();
    assert_eq!(early.hear(&presence(0, 5), at(0)), Err(Reject::NoEndorsement));
    assert_eq!(early.hear(&next.to_pack(), at(0)), Err(Reject::LinkFuture));
    assert_eq!(claim(&early), Reject::LinkFuture);
    assert!(early.hear(&next.to_pack(), at(600)).is_ok(), "it has begun");

    let mut observer = observer();
    assert!(observer.hear(&presence(0, 5), at(0)).is_ok());
    let expired = PresenceWords { status: Status::Fault, ..words(week_ds + 100, 9) };
    let heard = observer.hear(&encode_presence(&robot(), &expired), at(week_ds + 100));
    assert_eq!(heard, Err(Reject::Unendorsed), "it goes on saying so, and is not believed");
    assert_eq!(claim(&observer), Reject::Unendorsed);
    let robot = &observer.robots()[&DisclosureId::of(&robot().public())];
    assert_eq!(robot.claim.as_ref().unwrap().presence.status, Status::Fault);
}

#[test]
fn a_recording_played_by_another_sender_is_found_and_proven() {
    let mut observer = observer();
    let old = presence(0, 5);
    observer.hear(&old, at(0)).unwrap();
    observer.hear(&presence(3, 5), at(3)).unwrap();
    assert_eq!(observer.hear(&old, at(5)), Err(Reject::NotRising));
    assert_eq!(kinds(&mut observer), [FindingKind::Replay]);
    assert_eq!(observer.hear(&old, at(6)), Err(Reject::NotRising));
    assert!(kinds(&mut observer).is_empty(), "told once a minute");
}

#[test]
fn two_robots_with_one_key_are_found_and_proven_whoever_is_ahead() {
    let mut same_number = observer();
    same_number.hear(&with_head(0, 5, 1), at(0)).unwrap();
    assert_eq!(same_number.hear(&with_head(1, 5, 2), at(1)), Err(Reject::HeadChanged));
    assert_eq!(kinds(&mut same_number), [FindingKind::Clone]);

    let mut behind = observer();
    behind.hear(&with_head(0, 5, 1), at(0)).unwrap();
    behind.hear(&with_head(20, 6, 1), at(20)).unwrap();
    assert_eq!(behind.hear(&with_head(15, 5, 2), at(21)), Err(Reject::NotRising));
    assert_eq!(kinds(&mut behind), [FindingKind::Clone], "its clock is behind, and its history is another");

    let mut one_moment = observer();
    one_moment.hear(&with_head(0, 5, 1), at(0)).unwrap();
    assert_eq!(one_moment.hear(&with_head(0, 9, 2), at(1)), Err(Reject::NotRising));
    assert_eq!(kinds(&mut one_moment), [FindingKind::Clone], "nobody says two things at once");
}

#[test]
fn of_a_clone_nothing_else_is_told_that_follows_from_it() {
    let mut observer = observer();
    observer.hear(&with_head(0, 5, 1), at(0)).unwrap();
    assert_eq!(observer.hear(&with_head(20, 5, 2), at(20)), Err(Reject::HeadChanged));
    observer.hear(&with_head(30, 8, 1), at(30)).unwrap();
    assert_eq!(observer.hear(&with_head(29, 7, 2), at(31)), Err(Reject::NotRising));
    assert_eq!(observer.hear(&with_head(33, 7, 2), at(33)), Err(Reject::SequenceFell));
    assert_eq!(kinds(&mut observer), [FindingKind::Clone], "two speakers are late and behind, and play no recording");
}

#[test]
fn a_journal_that_was_rolled_back_is_found_and_proven() {
    let mut observer = observer();
    observer.hear(&presence(0, 500), at(0)).unwrap();
    assert_eq!(observer.hear(&presence(10, 20), at(10)), Err(Reject::SequenceFell));
    assert_eq!(kinds(&mut observer), [FindingKind::Rollback]);
    assert_eq!(claim(&observer), Reject::SequenceFell);
}

#[test]
fn several_robots_are_told_apart_and_none_speaks_for_another() {
    let mut observer = observer();
    let other = Endorsement::issue(&ca(), key(2).public(), NOON_S, NOON_S + WEEK_S).unwrap();
    observer.hear(&other.to_pack(), at(0)).unwrap();
    assert!(observer.hear(&presence(0, 500), at(0)).is_ok());
    assert!(observer.hear(&encode_presence(&key(2), &words(1, 3)), at(1)).is_ok());
    let mut stolen = Presence::read(&encode_presence(&key(2), &words(2, 3))).unwrap();
    stolen.id = DisclosureId::of(&robot().public());
    assert_eq!(observer.hear(&stolen.signed(&key(2)).to_pack(), at(2)), Err(Reject::Signature));
    assert_eq!((observer.robots().len(), kinds(&mut observer).len()), (2, 0));
}

#[test]
fn a_flood_of_strangers_does_not_push_out_a_robot_that_is_vouched_for() {
    let mut observer = observer();
    observer.hear(&presence(0, 5), at(0)).unwrap();
    for stranger in 0..600_u64 {
        let mut presence = Presence::read(&presence(5, 5)).unwrap();
        presence.id = DisclosureId([[stranger as u8, (stranger >> 8) as u8]; 8].as_flattened().try_into().unwrap());
        assert_eq!(observer.hear(&presence.to_pack(), at(6)), Err(Reject::NoEndorsement));
    }
    assert!(observer.robots().len() <= 256);
    assert!(observer.robots()[&DisclosureId::of(&robot().public())].newest.is_some());
}

#[test]
fn a_finding_that_was_made_up_proves_nothing() {
    let capture =
        |pack: &[u8], ds| Capture { heard: at(ds), link: endorsement(), presence: Presence::read(pack).unwrap() };
    let (first, second) = (capture(&with_head(0, 5, 1), 0), capture(&with_head(1, 6, 2), 1));
    assert_eq!(Finding::of(&first, &second), None, "an honest robot goes on");
    let claimed = Finding { kind: FindingKind::Clone, first: first.clone(), second };
    assert_eq!(claimed.check(&ca().public()), Err(BadFinding::NotProven(FindingKind::Clone)));
    let mut forged = Presence::read(&with_head(1, 5, 2)).unwrap();
    forged.cseq = 5;
    let forged = Capture { heard: at(1), link: endorsement(), presence: forged.signed(&key(3)) };
    let made_up = Finding::of(&first, &forged).unwrap();
    assert_eq!(made_up.check(&ca().public()), Err(BadFinding::Second(Reject::Signature)));
    assert_eq!(made_up.check(&key(8).public()), Err(BadFinding::First(Reject::CaId)));
}

#[test]
fn a_robot_of_another_ca_is_told_apart_from_one_that_nobody_vouched_for_yet() {
    let other = Endorsement::issue(&key(8), robot().public(), NOON_S - 60, NOON_S + WEEK_S + 60).unwrap();
    for other_comes_first in [true, false] {
        let mut observer = Observer::new(ca().public());
        if other_comes_first {
            assert_eq!(observer.hear(&other.to_pack(), at(0)), Err(Reject::CaId));
        }
        assert!(observer.hear(&presence(0, 5), at(1)).is_err());
        assert_eq!(observer.hear(&other.to_pack(), at(2)), Err(Reject::CaId));
        assert_eq!(claim(&observer), Reject::CaId);
        assert!(observer.hear(&endorsement().to_pack(), at(3)).is_ok());
        assert!(observer.hear(&presence(4, 5), at(4)).is_ok(), "what somebody else says costs a robot nothing");
        assert_eq!(observer.hear(&other.to_pack(), at(5)), Err(Reject::CaId));
        assert!(observer.hear(&presence(6, 5), at(6)).is_ok());
    }
}

#[test]
fn a_revoked_key_is_not_believed_and_only_the_cas_own_list_is_carried() {
    let mut observer = observer();
    assert!(observer.hear(&presence(0, 5), at(0)).is_ok());
    let list = |ca: &SigningKey, key: &SigningKey| {
        let ids = [DisclosureId::of(&key.public())].into_iter().collect();
        Revoked::issue(ca, ids, at(0)).unwrap()
    };
    assert_eq!(observer.carry(list(&key(8), &robot())), Err(BadList::OtherCa));
    observer.carry(list(&ca(), &key(7))).unwrap();
    assert!(observer.hear(&presence(3, 5), at(3)).is_ok(), "another key is on the list");
    observer.carry(list(&ca(), &robot())).unwrap();
    assert_eq!(observer.hear(&presence(6, 5), at(6)), Err(Reject::Revoked));
    assert_eq!(claim(&observer), Reject::Revoked);
    let _repeat = observer.hear(&endorsement().to_pack(), at(7));
    assert_eq!(claim(&observer), Reject::Revoked, "no endorsement brings it back");
}
