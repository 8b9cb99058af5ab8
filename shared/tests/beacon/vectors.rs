//! The golden vectors in `docs/beacon-vectors.txt`: another implementation is checked against them, and so is this one.

use super::packs::{NOON_S, key};
use super::table::Table;
use shared::beacon::{
    BeaconTime, CaId, DisclosureId, Endorsement, Heard, MachineName, Observer, Presence, PresenceWords, Receiver,
    Reject, Revoked, Status, encode_presence,
};
use shared::id::RobotId;
use shared::seal::{Context, Hash, PublicKey, Signature, from_hex, to_hex};
use shared::time::Instant;
use std::collections::BTreeMap;

const FILE: &str = include_str!("../../../docs/beacon-vectors.txt");

/// `name = hexadecimal digits`, in the order of the file.
fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    let lines = FILE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| line.split_once(" = ").unwrap()).map(|(name, hex)| (name, from_hex(hex).unwrap())).collect()
}

fn presence(status: Status, ds: u64, cseq: u64) -> Vec<u8> {
    let name = MachineName::of(&RobotId::parse("r-0042").unwrap()).unwrap();
    let time = BeaconTime::from_ds(u64::from(NOON_S) * 10 + ds);
    let head = Hash::of(&[b"journal entry", &cseq.to_le_bytes()]).0[..16].try_into().unwrap();
    encode_presence(&key(1), &PresenceWords { name, status, time, cseq, head }).to_vec()
}

/// The robot of the vectors and another key.
fn revoked() -> Revoked {
    let ids = [1, 2].map(|seed| DisclosureId::of(&key(seed).public())).into_iter().collect();
    Revoked::issue(&key(9), ids, BeaconTime::from_secs(NOON_S + 7200)).unwrap()
}

fn made() -> Vec<(&'static str, Vec<u8>)> {
    let (robot, ca) = (key(1).public(), key(9).public());
    let link = Endorsement::issue(&key(9), robot, NOON_S - 3600, NOON_S - 3600 + 7 * 24 * 3600).unwrap();
    vec![
        ("robot_seed", vec![1; 32]),
        ("robot_key", robot.0.to_vec()),
        ("disclosure_id", DisclosureId::of(&robot).0.to_vec()),
        ("ca_seed", vec![9; 32]),
        ("ca_key", ca.0.to_vec()),
        ("ca_id", CaId::of(&ca).0.to_vec()),
        ("link", link.to_pack().to_vec()),
        ("presence_ground", presence(Status::Ground, 0, 1)),
        ("presence_stopped", presence(Status::StoppedByButton, 35_999, 70_000)),
        ("presence_fault", presence(Status::Fault, 36_003, (1 << 32) + 70_001)),
        ("revoked", revoked().to_bytes()),
    ]
}

#[test]
fn the_vectors_are_what_this_implementation_makes() {
    let made: BTreeMap<_, _> = made().into_iter().collect();
    let text: String = made.iter().map(|(name, bytes)| format!("{name} = {}\n", to_hex(bytes))).collect();
    assert_eq!(vectors(), made, "made now:\n{text}");
}

#[test]
fn the_vectors_are_heard_in_their_order() {
    let vectors = vectors();
    let key = |name: &str| PublicKey(vectors[name][..].try_into().unwrap());
    let mut receiver = Receiver::new(key("robot_key"), key("ca_key"));
    let mut observer = Observer::new(key("ca_key"));
    for name in ["link", "presence_ground", "presence_stopped", "presence_fault"] {
        let now = Presence::read(&vectors[name]).map_or(BeaconTime::from_secs(NOON_S), |presence| presence.time);
        assert!(observer.hear(&vectors[name], now).is_ok(), "{name}");
        let heard = receiver.hear(&vectors[name], Instant(0)).unwrap();
        assert_eq!(matches!(heard, Heard::Link(_)), name == "link");
    }
}

#[test]
fn a_reader_written_from_the_tables_finds_what_was_said() {
    let vectors = vectors();
    let table = Table::of(&vectors["presence_stopped"]);
    assert_eq!(table.get("pack.head"), [0xf2, 25, 9]);
    assert_eq!((table.get("0.id_and_ua_type"), table.get("0.session_kind")), (&[0x4f][..], &[225][..]));
    assert_eq!(table.get("0.id"), vectors["disclosure_id"]);
    assert_eq!((table.number("1.status") >> 4, table.number("1.ds_in_hour")), (3, 35_999));
    assert_eq!(table.get("2.text"), b"HUMANOID ROBOT r-0042\0\0");
    assert_eq!((table.number("3.kind"), table.number("3.cseq")), (201, 70_000));
    for zero in ["0.zero", "1.unknown_place", "1.unknown_accuracy", "1.zero", "2.description", "3.zero"] {
        assert!(table.get(zero).iter().all(|byte| *byte == 0), "{zero}");
    }
    assert_eq!(table.get("1.unknown_motion"), [181, 255, 126]);
    assert_eq!((table.number("4.last_page"), table.number("4.length")), (4, 89));
    assert_eq!(table.number("4.timestamp"), NOON_S + 3599);
    let tails: Vec<u32> = (4..9).map(|page| table.number(&format!("{page}.method_and_page"))).collect();
    assert_eq!(tails, [0x50, 0x51, 0x52, 0x53, 0x54]);
    let (evidence, padding) = table.evidence();
    assert_eq!((evidence[0], padding), (0xe2, vec![0; 20]));
    assert_eq!(evidence[9..25], vectors["disclosure_id"]);
}

#[test]
fn the_signatures_are_over_the_bytes_that_the_page_names() {
    let vectors = vectors();
    for name in ["presence_ground", "presence_stopped", "presence_fault"] {
        let (evidence, _) = Table::of(&vectors[name]).evidence();
        let signed = [&evidence[1..9], &vectors[name][3..103], &evidence[9..25]].concat();
        let signature = Signature(evidence[25..].try_into().unwrap());
        let key = PublicKey(vectors["robot_key"][..].try_into().unwrap());
        assert_eq!(key.verify(Context::Beacon, &signed, &signature), Ok(()), "{name}");
    }
    let table = Table::of(&vectors["link"]);
    let (evidence, padding) = table.evidence();
    assert_eq!((evidence[0], evidence.len(), padding), (0xe1, 137, vec![0; 18]));
    assert_eq!(evidence[25..57], vectors["robot_key"]);
    assert_eq!(evidence[57..73], vectors["ca_id"]);
    let key = PublicKey(vectors["ca_key"][..].try_into().unwrap());
    let signature = Signature(evidence[73..].try_into().unwrap());
    assert_eq!(key.verify(Context::Endorsement, &evidence[1..73], &signature), Ok(()));
}

#[test]
fn the_list_lies_as_the_page_says_and_the_robot_of_the_vectors_is_on_it() {
    let vectors = vectors();
    let list = &vectors["revoked"];
    assert_eq!((&list[..4], &list[4..20]), (&b"RVK1"[..], &vectors["ca_id"][..]));
    assert_eq!((&list[20..24], &list[24..26]), (&(NOON_S + 7200).to_le_bytes()[..], &[2, 0][..]));
    let (signed, signature) = list.split_at(26 + 2 * 16);
    let ca = PublicKey(vectors["ca_key"][..].try_into().unwrap());
    assert_eq!(ca.verify(Context::Revoked, signed, &Signature(signature.try_into().unwrap())), Ok(()));
    let mut observer = Observer::new(ca);
    observer.carry(Revoked::read(list).unwrap()).unwrap();
    let now = BeaconTime::from_secs(NOON_S);
    observer.hear(&vectors["link"], now).unwrap();
    assert_eq!(observer.hear(&vectors["presence_ground"], now), Err(Reject::Revoked));
}
