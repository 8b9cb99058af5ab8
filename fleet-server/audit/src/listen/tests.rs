//! A sitting with robots, recordings and clones, and what is shown and kept of it.

use super::ears::Ears;
use super::folder::Folder;
use super::session::Session;
use super::view::table;
use super::{Listen, attend, revoked};
use crate::{Verdict, clock, evidence};
use air_sim::room;
use shared::beacon::{
    BeaconTime, DisclosureId, Endorsement, FindingKind, MachineName, PRESENCE_LEN, PresenceWords, Revoked, Status,
    Transmit, encode_presence,
};
use shared::id::RobotId;
use shared::seal::SigningKey;
use std::path::PathBuf;

const NOON_DS: u64 = 2_487_024_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn at(ds: u64) -> BeaconTime {
    BeaconTime::from_ds(NOON_DS + ds)
}

fn presence(robot: u8, ds: u64, cseq: u64, head: u8) -> [u8; PRESENCE_LEN] {
    let name = MachineName::of(&RobotId::parse(&format!("r-{robot}")).unwrap()).unwrap();
    let status = if robot == 2 { Status::StoppedByButton } else { Status::Ground };
    encode_presence(&key(robot), &PresenceWords { name, status, time: at(ds), cseq, head: [head; 16] })
}

fn link(robot: u8, ca: u8) -> Vec<u8> {
    let from = at(0).secs() - 60;
    Endorsement::issue(&key(ca), key(robot).public(), from, from + 86_400).unwrap().to_pack().to_vec()
}

/// Robots 1 and 2 of the CA 9, and robot 3 of another CA.
fn hall(folder: Option<Folder>) -> Session {
    let mut session = Session::begin(key(9).public(), folder, at(0));
    for (robot, ca) in [(1, 9), (2, 9), (3, 8)] {
        session.hear(&presence(robot, 0, 5, 1), at(1)).unwrap();
        session.hear(&link(robot, ca), at(20)).unwrap();
    }
    session
}

#[test]
fn everyone_near_is_shown_as_a_machine_verified_or_not_and_why() {
    let session = hall(None);
    let rows = session.rows(at(20));
    let standings: Vec<_> = rows.iter().map(|row| (row.robot.as_str(), row.standing, row.reason)).collect();
    let other = Some("ca_id");
    assert_eq!(standings, [("r-1", "verified", None), ("r-2", "verified", None), ("r-3", "not_verified", other)]);
    assert!(rows.iter().all(|row| row.text.starts_with("HUMANOID ROBOT ")));
    let table = table(&rows);
    assert!(
        table.contains("STOPPED by its button")
            && table.contains("NO: it is endorsed by another CA than the one given"),
        "{table}"
    );
    assert_eq!(session.rejected()["ca_id"], 1);
    assert_eq!(session.verified_after_s()["r-1"], 2.0);
}

#[test]
fn a_robot_that_is_not_heard_any_more_is_silent_and_not_verified_for_ever() {
    let session = hall(None);
    assert_eq!(session.rows(at(36))[0].standing, "verified");
    let late = session.rows(at(37));
    assert_eq!((late[0].standing, late[0].age_s), ("silent", 3.6));
    assert!(table(&late).contains("SILENT"));
}

fn files(dir: &tempfile::TempDir, ending: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

#[test]
fn a_clone_is_written_as_evidence_that_anyone_checks_with_the_cas_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut session = hall(Some(Folder::open(dir.path(), 1 << 20).unwrap()));
    session.hear(&presence(1, 30, 5, 2), at(30)).unwrap();
    let kinds: Vec<_> = session.news().iter().map(|proof| proof.finding.kind).collect();
    assert_eq!((kinds, session.news().len()), (vec![FindingKind::Clone], 0));
    assert_eq!(session.rows(at(30))[0].found, ["clone"]);
    let ca = key(9).public();
    let check = session.proofs()[0].check(&ca).unwrap();
    let path = session.proofs()[0].path.as_ref().unwrap().display().to_string();
    assert!(check.ends_with(&format!(" evidence {path} --ca {}", ca.to_text())), "{check}");

    let [path] = &files(&dir, ".evidence.json")[..] else { panic!("one file of evidence") };
    let Verdict::Holds(lines) = evidence::check(path, &key(9).public()) else { panic!("it should hold") };
    assert!(lines[0].starts_with("PROVEN: clone") && lines[1].contains("HUMANOID ROBOT r-1"), "{lines:?}");
    assert_eq!(evidence::check(path, &key(8).public()).exit_code(), 1, "another CA vouches for nothing");

    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text.replace("\"clone\"", "\"rollback\"")).unwrap();
    assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 1, "it proves a clone and no rollback");
    std::fs::write(path, text.replace("020202", "030303")).unwrap();
    assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 1, "a changed head is not signed");
    std::fs::write(path, text.replace("\"v\": 1", "\"v\": 2")).unwrap();
    assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 3);
    for (from, to) in
        [("\"robot\": \"r-1\"", "\"robot\": \"r-2\""), ("\"disclosure_id\": \"", "\"disclosure_id\": \"0")]
    {
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
        assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 1, "{to}");
    }
    assert!(lines.concat().contains("nobody has signed: heard_ms, heard, says"), "{lines:?}");
}

#[test]
fn a_recording_is_found_and_only_the_listener_vouches_for_when() {
    let dir = tempfile::tempdir().unwrap();
    let mut session = hall(Some(Folder::open(dir.path(), 1 << 20).unwrap()));
    session.hear(&presence(1, 30, 6, 1), at(30)).unwrap();
    session.hear(&presence(1, 0, 5, 1), at(31)).unwrap();
    let [path] = &files(&dir, ".evidence.json")[..] else { panic!("one file of evidence") };
    let Verdict::Claimed(lines) = evidence::check(path, &key(9).public()) else { panic!("it is a claim") };
    assert!(!lines.concat().contains("PROVEN:"), "nobody has signed when it was heard: {lines:?}");
    assert!(lines[4].starts_with("signed: ") && lines[5].starts_with("the listener's word alone: "), "{lines:?}");
    let audit = crate::Audit::Evidence(evidence::Args::of(path, key(9).public()));
    let Verdict::Report { text, exit: 5 } = audit.run() else { panic!("JSON, and not all of it signed") };
    assert!(text.contains("\"status\":\"claimed\"") && text.contains("\"finding\":\"replay\""), "{text}");
}

#[test]
fn a_listening_longer_than_clocks_count_does_not_end_and_does_not_break() {
    assert!(!super::is_over(at(0), at(9), 1) && super::is_over(at(0), at(10), 1));
    assert!(!super::is_over(at(0), at(10), u64::MAX));
}

#[test]
fn captures_are_kept_when_they_say_something_new_and_hold_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let mut session = hall(Some(Folder::open(dir.path(), 1 << 20).unwrap()));
    for ds in 21..60 {
        session.hear(&presence(1, ds, 5, 1), at(ds)).unwrap();
    }
    session.hear(&presence(1, 60, 6, 2), at(60)).unwrap();
    session.hear(&presence(1, 200, 6, 2), at(200)).unwrap();
    let kept = files(&dir, ".captures.jsonl");
    assert_eq!(kept.len(), 2, "one file for each robot that is believed");
    let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let Some(path) = kept.iter().find(|path| text(path).lines().count() == 3) else { panic!("three captures of r-1") };
    assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 0);

    let lines = text(path);
    std::fs::write(path, lines.replacen("01010101", "01010102", 1)).unwrap();
    assert_ne!(evidence::check(path, &key(9).public()).exit_code(), 0);
    std::fs::write(path, "").unwrap();
    assert_eq!(evidence::check(path, &key(9).public()).exit_code(), 6);
    assert_eq!(evidence::check(&dir.path().join("none"), &key(9).public()).exit_code(), 3);
}

#[test]
fn noise_is_counted_by_its_reason_and_shows_nobody() {
    let mut session = Session::begin(key(9).public(), None, at(0));
    for length in 0..300 {
        session.hear(&vec![0x5a; length], at(0)).unwrap();
    }
    assert!(session.rows(at(0)).is_empty());
    assert_eq!(session.rejected().into_iter().collect::<Vec<_>>(), [("header", 297), ("length", 3)]);
}

#[test]
fn whatever_the_radio_is_what_comes_over_it_is_verified_and_a_broken_one_ends_the_listening() {
    let (mut air, mut receivers) = room(1);
    let name = MachineName::of(&RobotId::parse("r-1").unwrap()).unwrap();
    let words = PresenceWords { name, status: Status::Ground, time: clock::now(), cseq: 1, head: [1; 16] };
    let from = clock::now().secs() - 60;
    air.transmit(&encode_presence(&key(1), &words)).unwrap();
    air.transmit(&Endorsement::issue(&key(9), key(1).public(), from, from + 3600).unwrap().to_pack()).unwrap();
    let mut session = Session::begin(key(9).public(), None, clock::now());
    let ears = Ears::open(receivers.remove(0), clock::now);
    let is_verified = |session: &Session| session.rows(clock::now()).iter().any(|row| row.standing == "verified");
    while !is_verified(&session) {
        attend(&ears, &mut session).unwrap();
    }
    drop(air);
    let fault = std::iter::repeat_with(|| attend(&ears, &mut session)).find_map(Result::err).unwrap();
    assert!(fault.contains("cannot hear"));
}

#[test]
fn strangers_are_not_near_any_more_when_they_have_left() {
    let mut session = hall(None);
    session.hear(&presence(3, 60, 6, 1), at(60)).unwrap();
    session.hear(&presence(1, 90, 6, 1), at(90)).unwrap();
    let names = |ds| session.rows(at(ds)).into_iter().map(|row| (row.robot, row.standing)).collect::<Vec<_>>();
    let [one, two, three] = [("r-1", "verified"), ("r-2", "silent"), ("r-3", "not_verified")]
        .map(|(name, standing)| (name.to_owned(), standing));
    assert_eq!(names(95), [one.clone(), two.clone(), three], "for as long as a robot may be missed");
    assert_eq!(names(96), [one, two], "who was believed once is missed, a stranger is not");
}

#[test]
fn an_endorsement_that_has_ended_is_named_as_the_reason() {
    let mut session = Session::begin(key(9).public(), None, at(0));
    let from = at(0).secs() - 86_400;
    let ended = Endorsement::issue(&key(9), key(1).public(), from, from + 60).unwrap();
    session.hear(&presence(1, 0, 5, 1), at(0)).unwrap();
    session.hear(&ended.to_pack(), at(1)).unwrap();
    let table = table(&session.rows(at(1)));
    assert!(table.contains("NO: its endorsement has ended"), "{table}");
}

#[test]
fn a_fault_is_a_json_document_where_json_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "abc").unwrap();
    let (air, none) = ("239.255.9.9:20000".parse().unwrap(), dir.path().join("none"));
    let listen = |air, dir, revoked| Listen {
        ca: key(9).public(),
        revoked,
        air: Some(air),
        dir,
        keep_mib: 1,
        seconds: Some(0),
        json: true,
    };
    let no_group = "127.0.0.1:20000".parse().unwrap();
    for broken in [listen(no_group, None, None), listen(air, Some(file), None), listen(air, None, Some(none))] {
        let verdict = broken.run();
        let document: serde_json::Value = serde_json::from_str(&verdict.lines()[0]).unwrap();
        assert_eq!((verdict.exit_code(), &document["exit"], &document["status"]), (3, &3.into(), &"unreadable".into()));
        let text = Listen { json: false, ..broken }.run().lines()[0].clone();
        assert!(text.starts_with("UNREADABLE: "), "{text}");
    }
}

#[test]
fn a_flood_is_judged_in_small_parts_and_a_robot_is_verified_before_the_flood_is() {
    let mut session = Session::begin(key(9).public(), None, at(0));
    let mut forged = Endorsement::read(&link(2, 9)).unwrap();
    for _ in 0..5_000 {
        forged.not_after_s += 1;
        session.take(&forged.to_pack(), at(0));
    }
    session.take(&presence(1, 0, 5, 1), at(0));
    session.take(&link(1, 9), at(1));
    session.judge(8, at(2)).unwrap();
    assert_eq!(session.verified_after_s()["r-1"], 0.2);
    assert!(!session.is_idle() && session.checked() <= 8);
}

#[test]
fn a_revoked_robot_is_shown_as_such_and_a_list_of_another_key_ends_the_listening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("revoked.hex");
    let listen = |by: u8| {
        let ids = [DisclosureId::of(&key(1).public())].into_iter().collect();
        std::fs::write(&path, Revoked::issue(&key(by), ids, at(0)).unwrap().to_text()).unwrap();
        let mut session = Session::begin(key(9).public(), None, at(0));
        session.carry(revoked(&path).unwrap()).map(|()| session)
    };
    assert!(listen(8).unwrap_err().to_string().contains("another key"));
    let mut session = listen(9).unwrap();
    for robot in [1, 2] {
        session.hear(&link(robot, 9), at(1)).unwrap();
        let _refused = session.hear(&presence(robot, 2, 5, 1), at(2));
    }
    let rows = session.rows(at(3));
    assert_eq!((rows[0].standing, rows[0].reason), ("not_verified", Some("revoked")));
    assert_eq!(rows[1].standing, "verified");
    assert!(table(&rows).contains("NO: its key is revoked"), "{}", table(&rows));
    std::fs::write(&path, "abc").unwrap();
    assert!(revoked(&path).unwrap_err().contains("no list"));
}
