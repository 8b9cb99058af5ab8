//! The events of a robot's safety controller, as its agent has carried them into the journal.
//!
//! The agent cannot make one up, change one, or leave one out between two others. What this does not show is whether events
//! are missing behind the last one.

use super::Verdict;
use shared::audit::JournalExport;
use shared::fact::Fact;
use shared::firmware_record::list::{Relayed, check};
use shared::journal::Record;
use shared::seal::PublicKey;

/// Judges the events in a journal whose own chain holds.
pub(super) fn judge(export: &JournalExport, key: Option<&PublicKey>) -> Verdict {
    let lines = lines(export);
    match check(lines.iter().map(String::as_str), key) {
        Err(broken) => Verdict::Tampered(format!("robot {}: {broken}", export.robot)),
        Ok(relayed) if relayed.missing.is_empty() => Verdict::Holds(words(&relayed, key)),
        Ok(relayed) => Verdict::Incomplete(format!(
            "robot {}: of the safety controller's events these are not in the journal: {}",
            export.robot,
            ranges(&relayed.missing)
        )),
    }
}

/// Whether there are events of the controller in the journal.
pub(super) fn is_in(export: &JournalExport) -> bool {
    !lines(export).is_empty()
}

fn lines(export: &JournalExport) -> Vec<String> {
    let facts = export.entries.iter().filter_map(|carried| {
        Record::read(carried.entry.clone(), carried.body.clone()).ok().and_then(|record| record.fact())
    });
    let line = |fact| if let Fact::Firmware { line } = fact { Some(line) } else { None };
    facts.filter_map(line).collect()
}

fn words(relayed: &Relayed, key: Option<&PublicKey>) -> Vec<String> {
    let Some((first, last)) = relayed.span else {
        return vec!["no events of the safety controller are in it".into()];
    };
    let mut lines =
        vec![format!("{} events of the safety controller, {first} to {last}, none missing between", relayed.events)];
    let anew = |n| format!("event {n} says that the controller's list was lost or damaged and begins anew with it");
    lines.extend(relayed.begun_anew.iter().map(anew));
    lines.extend(key.map(|_| "they are signed by the key that was given".to_owned()));
    lines
}

fn ranges(missing: &[(u64, u64)]) -> String {
    let word =
        |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first} to {last}") };
    missing.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::firmware_record::{Event, Happening};
    use shared::hlc::Hlc;
    use shared::id::RobotId;
    use shared::journal::{Boot, Chain, Epoch, Stamp};
    use shared::seal::{Hash, SigningKey};
    use shared::time::Instant;
    use shared::wire::robot_to_fleet::Carried;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[4; 32])
    }

    /// A controller's events 1 to `count`.
    fn events(count: u64) -> Vec<String> {
        let mut head = Hash::default();
        let next = |n| {
            let what = Happening { t_ms: n, boot: 1, trip_epoch: 7, ev: "trip".into(), cause: "button".into() };
            let event = Event::seal(what, n, head, &key());
            head = event.hash();
            event.line()
        };
        (1..=count).map(next).collect()
    }

    fn journal_of(lines: &[String]) -> JournalExport {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        let facts = lines.iter().map(|line| Fact::Firmware { line: line.clone() });
        let entries = facts.map(|fact| Carried::from(&chain.append(&fact, stamp))).collect();
        JournalExport { v: 1, robot, epoch: Epoch(1), entries }
    }

    fn judged(lines: &[String]) -> Verdict {
        judge(&journal_of(lines), Some(&key().public()))
    }

    #[test]
    fn a_whole_record_holds_in_any_order_and_says_what_was_not_checked() {
        let mut lines = events(3);
        lines.swap(0, 2);
        let Verdict::Holds(words) = judged(&lines) else { panic!("{:?}", judged(&lines)) };
        assert_eq!(words[0], "3 events of the safety controller, 1 to 3, none missing between");
        let Verdict::Holds(words) = judge(&journal_of(&lines), None) else { panic!("no key is no fault") };
        assert_eq!(words.len(), 1, "nobody's signature was checked");
        assert_eq!(judged(&[]).exit_code(), 0);
    }

    #[test]
    fn an_event_that_the_agent_left_out_changed_or_made_up_is_found() {
        let mut lines = events(4);
        lines.remove(1);
        assert_eq!(
            judged(&lines),
            Verdict::Incomplete("robot r-1: of the safety controller's events these are not in the journal: 2".into())
        );
        let mut lines = events(2);
        lines[1] = lines[1].replace("button", "session");
        assert_eq!(judged(&lines).exit_code(), 1);
        let what = Happening { t_ms: 9, boot: 1, trip_epoch: 7, ev: "reset".into(), cause: "button".into() };
        let made_up = Event::seal(what, 1, Hash::default(), &SigningKey::from_seed(&[5; 32]));
        assert_eq!(judged(&[made_up.line()]).exit_code(), 1);
    }
}
