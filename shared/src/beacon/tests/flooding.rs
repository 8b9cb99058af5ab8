//! The bystander in a flood: what a forgery costs, and whom it cannot delay or push out. Nothing here looks at a clock: what is
//! counted are checks of signatures, of which a program has so many in a second and no more.

use super::*;
use crate::seal::PublicKey;

fn at(ds: u64) -> BeaconTime {
    words(ds, 0).time
}

fn id_of(key: &SigningKey) -> DisclosureId {
    DisclosureId::of(&key.public())
}

fn link_of(robot: u8) -> Endorsement {
    Endorsement::issue(&ca(), key(robot).public(), NOON_S - 60, NOON_S + WEEK_S).unwrap()
}

fn said_by(robot: u8, ds: u64) -> [u8; PRESENCE_LEN] {
    encode_presence(&key(robot), &words(ds, 5))
}

/// The CA's true endorsement of a robot with later and later ends: in good form, and the signature does not fit.
fn forged_links(robot: u8) -> impl Iterator<Item = [u8; LINK_LEN]> {
    let mut link = link_of(robot);
    std::iter::repeat_with(move || {
        link.not_after_s += 1;
        link.to_pack()
    })
}

/// What a robot might say now, in as many ways as are asked for, with a signature of something else.
fn forged_presences(robot: u8, ds: u64) -> impl Iterator<Item = [u8; PRESENCE_LEN]> {
    let mut presence = Presence::read(&said_by(robot, ds)).unwrap();
    std::iter::repeat_with(move || {
        presence.cseq += 1;
        presence.to_pack()
    })
}

/// Ids that nobody has.
fn strangers() -> impl Iterator<Item = [u8; PRESENCE_LEN]> {
    let mut presence = Presence::read(&presence(0, 5)).unwrap();
    (0..u32::MAX).map(move |n| {
        presence.id = DisclosureId([n.to_le_bytes(); 4].as_flattened().try_into().unwrap());
        presence.to_pack()
    })
}

fn is_believed(observer: &Observer, robot: u8) -> bool {
    observer.robots().get(&id_of(&key(robot))).is_some_and(|robot| robot.newest.is_some())
}

/// Judges until the robot is believed, and counts the checks that took; no more than the limit.
fn checks_until_believed(observer: &mut Observer, robot: u8, limit: u64) -> u64 {
    let before = observer.checked();
    while !is_believed(observer, robot) && observer.checked() < before + limit && observer.judge_next().is_some() {}
    assert!(is_believed(observer, robot), "not after {} checks", observer.checked() - before);
    observer.checked() - before
}

#[test]
fn a_flood_of_forged_endorsements_of_one_robot_delays_no_other() {
    let mut observer = Observer::new(ca().public());
    for forgery in forged_links(1).take(5_000) {
        observer.take(&forgery, at(0)).unwrap();
    }
    assert_eq!(observer.take(&said_by(2, 0), at(0)), Err(Reject::NoEndorsement));
    assert_eq!(observer.take(&link_of(2).to_pack(), at(1)), Ok(()));
    let checks = checks_until_believed(&mut observer, 2, 10);
    println!(
        "checks before the second robot was believed, in a flood of 5,000 forgeries under the first one's id: {checks}"
    );
    assert!(checks <= 4, "{checks}");
}

#[test]
fn a_flood_under_all_ids_is_looked_at_in_turn_and_the_true_endorsement_with_it() {
    let mut observer = Observer::new(ca().public());
    for robot in 1..=5 {
        assert!(observer.take(&said_by(robot, 0), at(0)).is_err());
    }
    for forgery in (1..=5).flat_map(|robot| forged_links(robot).take(500)) {
        observer.take(&forgery, at(0)).unwrap();
    }
    for robot in 1..=5 {
        observer.take(&link_of(robot).to_pack(), at(2)).unwrap();
    }
    while observer.judge_next().is_some() {}
    assert!((1..=5).all(|robot| is_believed(&observer, robot)));
    assert_eq!(observer.checked(), 5 * (500 + 1 + 1), "each forgery once, each endorsement once, each disclosure once");
}

#[test]
fn a_robot_that_is_vouched_for_costs_no_check_of_an_endorsement_until_its_own_is_about_to_end() {
    let mut observer = Observer::new(ca().public());
    observer.hear(&link_of(1).to_pack(), at(0)).unwrap();
    let before = observer.checked();
    for forgery in forged_links(1).take(3_000) {
        assert_eq!(observer.take(&forgery, at(1)), Err(Reject::Early));
    }
    assert_eq!((observer.checked(), observer.is_idle()), (before, true));
    let last_hour = at(u64::from(WEEK_S - 3_500) * 10);
    let renewal = Endorsement::issue(&ca(), key(1).public(), NOON_S + WEEK_S / 2, NOON_S + WEEK_S * 3 / 2).unwrap();
    let forgery = forged_links(1).next().unwrap();
    assert_eq!(observer.hear(&forgery, last_hour), Err(Reject::LinkSignature));
    assert!(observer.hear(&renewal.to_pack(), last_hour).is_ok(), "in the last hour it is looked at");
}

#[test]
fn the_same_forgery_again_costs_no_check() {
    let mut observer = Observer::new(ca().public());
    let (link, presence) = (forged_links(1).next().unwrap(), forged_presences(2, 1).next().unwrap());
    assert_eq!(observer.hear(&link, at(0)), Err(Reject::LinkSignature));
    observer.hear(&link_of(2).to_pack(), at(0)).unwrap();
    assert_eq!(observer.hear(&presence, at(1)), Err(Reject::Signature));
    let before = observer.checked();
    for _ in 0..1_000 {
        assert_eq!(observer.take(&link, at(2)), Err(Reject::LinkSignature));
        assert_eq!(observer.take(&presence, at(2)), Err(Reject::Signature));
    }
    assert_eq!(observer.checked(), before);
}

#[test]
fn a_recording_that_is_played_on_and_on_costs_one_check_a_minute_and_is_told_as_often() {
    let mut observer = Observer::new(ca().public());
    observer.hear(&link_of(1).to_pack(), at(0)).unwrap();
    let old = said_by(1, 0);
    observer.hear(&old, at(0)).unwrap();
    observer.hear(&said_by(1, 3), at(3)).unwrap();
    let (before, mut told) = (observer.checked(), 0);
    for ds in 4..1_804 {
        assert_eq!(observer.hear(&old, at(ds)), Err(Reject::NotRising));
        told += observer.take_findings().len();
    }
    assert_eq!((observer.checked() - before, told), (3, 3));
}

#[test]
fn forged_disclosures_of_one_robot_delay_no_other() {
    let mut observer = Observer::new(ca().public());
    for robot in [1, 2] {
        observer.hear(&link_of(robot).to_pack(), at(0)).unwrap();
    }
    for (presence, link) in forged_presences(1, 1).zip(forged_links(3)).take(5_000) {
        observer.take(&presence, at(1)).unwrap();
        observer.take(&link, at(1)).unwrap();
    }
    observer.take(&said_by(2, 2), at(2)).unwrap();
    let checks = checks_until_believed(&mut observer, 2, 20);
    assert!(checks <= 4, "{checks}");
}

#[test]
fn what_was_said_before_the_endorsement_outlasts_a_flood_of_ids_and_of_forgeries() {
    let mut observer = Observer::new(ca().public());
    assert_eq!(observer.take(&said_by(1, 0), at(0)), Err(Reject::NoEndorsement));
    let forgeries = forged_presences(1, 1).take(1_000);
    for forgery in strangers().take(30_000).chain(forgeries) {
        assert_eq!(observer.take(&forgery, at(1)), Err(Reject::NoEndorsement));
    }
    observer.take(&link_of(1).to_pack(), at(30)).unwrap();
    let checks = checks_until_believed(&mut observer, 1, 2_000);
    assert_eq!(checks, 1 + 1_000 + 1, "the endorsement, what was forged under its id, and the disclosure; no stranger");
    assert!(observer.robots().len() <= 256);
}

#[test]
fn once_a_robot_is_believed_the_forgeries_of_before_cost_nothing_more() {
    let mut observer = Observer::new(ca().public());
    for forgery in forged_presences(1, 1).take(5_000) {
        assert!(observer.take(&forgery, at(1)).is_err());
    }
    assert!(observer.take(&said_by(1, 2), at(2)).is_err());
    observer.take(&link_of(1).to_pack(), at(3)).unwrap();
    while observer.judge_next().is_some() {}
    assert!(is_believed(&observer, 1));
    assert_eq!(observer.checked(), 2, "the endorsement, and the newest of what was said before it");
}

#[test]
fn endorsements_of_keys_under_which_nobody_speaks_do_not_delay_one_of_a_robot_that_does() {
    let mut observer = Observer::new(ca().public());
    let mut forged = link_of(1);
    for n in 0..5_000_u32 {
        forged.key = PublicKey([n.to_le_bytes(); 8].as_flattened().try_into().unwrap());
        observer.take(&forged.to_pack(), at(0)).unwrap();
    }
    assert!(observer.take(&said_by(2, 0), at(0)).is_err());
    observer.take(&link_of(2).to_pack(), at(1)).unwrap();
    assert!(checks_until_believed(&mut observer, 2, 20) <= 8);
}

#[test]
fn a_full_docket_says_so_and_goes_on() {
    let mut observer = Observer::new(ca().public());
    let mut forgeries = forged_links(1);
    let taken = forgeries.by_ref().take(20_000).filter(|forgery| observer.take(forgery, at(0)).is_ok()).count();
    assert!(taken < 10_000, "{taken}");
    assert_eq!(observer.take(&forgeries.next().unwrap(), at(0)), Err(Reject::Busy));
    assert_eq!(observer.take(&link_of(2).to_pack(), at(0)), Err(Reject::Busy), "one of the many is lost for it");
    while !observer.robots().contains_key(&id_of(&key(2))) {
        assert!(observer.judge_next().is_some());
    }
    assert!(observer.checked() <= 2);
}
