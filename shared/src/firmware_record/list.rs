//! What a pile of relayed lines shows: one controller's unbroken record, or where it is not.
//!
//! An agent may carry lines in any order and a line more than once. What the pile cannot show is what was left out behind
//! its last line.

use super::{BadEvent, Event};
use crate::seal::PublicKey;
use std::collections::BTreeMap;

/// What lines that hold say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relayed {
    /// How many events.
    pub events: u64,
    /// Numbers of the first and the last event.
    pub span: Option<(u64, u64)>,
    /// Ranges of numbers inside that span, first to last, whose events are not there.
    pub missing: Vec<(u64, u64)>,
    /// Events at which the controller itself says that its list did not continue the one before.
    pub begun_anew: Vec<u64>,
}

/// Why lines are not one controller's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadList {
    /// A line is no event.
    #[error("line {place} of the controller's record: {why}")]
    Line {
        /// Its place among the lines, from 1.
        place: u64,
        /// Why not.
        why: BadEvent,
    },
    /// An event is not signed by the key that was given.
    #[error("event {n} of the controller is not signed by its key")]
    Signature {
        /// Its number.
        n: u64,
    },
    /// Two events have one number.
    #[error("there are two different events {n} of the controller")]
    Twice {
        /// The number.
        n: u64,
    },
    /// An event names another one before it than the one that is there.
    #[error("event {n} of the controller does not follow the event before it")]
    Chain {
        /// Its number.
        n: u64,
    },
}

/// Checks every line and every link between neighbours; signatures only when a key is given.
///
/// # Errors
/// [`BadList`] with the first thing that does not hold.
pub fn check<'a>(lines: impl IntoIterator<Item = &'a str>, key: Option<&PublicKey>) -> Result<Relayed, BadList> {
    let events = read(lines, key)?;
    let mut relayed = Relayed { events: events.len() as u64, ..Relayed::default() };
    let mut last: Option<&Event> = None;
    for event in events.values() {
        if event.begins_anew() {
            relayed.begun_anew.push(event.n());
        } else if let Some(last) = last {
            judge(last, event, &mut relayed)?;
        }
        relayed.span = Some((relayed.span.map_or(event.n(), |(first, _)| first), event.n()));
        last = Some(event);
    }
    Ok(relayed)
}

fn read<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    key: Option<&PublicKey>,
) -> Result<BTreeMap<u64, Event>, BadList> {
    let mut events = BTreeMap::new();
    for (place, line) in (1..).zip(lines) {
        let event = Event::parse(line).map_err(|why| BadList::Line { place, why })?;
        let n = event.n();
        if key.is_some_and(|key| !event.is_signed_by(key)) {
            return Err(BadList::Signature { n });
        }
        let before = events.insert(n, event.clone());
        if before.is_some_and(|before| before != event) {
            return Err(BadList::Twice { n });
        }
    }
    Ok(events)
}

fn judge(last: &Event, event: &Event, relayed: &mut Relayed) -> Result<(), BadList> {
    let next = last.n() + 1;
    if event.n() > next {
        relayed.missing.push((next, event.n() - 1));
        Ok(())
    } else if event.follows(last.n(), &last.hash()) {
        Ok(())
    } else {
        Err(BadList::Chain { n: event.n() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware_record::Happening;
    use crate::seal::{Hash, SigningKey};

    fn key() -> SigningKey {
        SigningKey::from_seed(&[4; 32])
    }

    fn event(ev: &str, n: u64, prev: Hash) -> Event {
        let what = Happening { t_ms: n, boot: 1, trip_epoch: 7, ev: ev.into(), cause: "button".into() };
        Event::seal(what, n, prev, &key())
    }

    fn lines(count: u64) -> Vec<String> {
        let mut head = Hash::default();
        let next = |n| {
            let event = event("trip", n, head);
            head = event.hash();
            event.line()
        };
        (1..=count).map(next).collect()
    }

    fn check(lines: &[String]) -> Result<Relayed, BadList> {
        super::check(lines.iter().map(String::as_str), Some(&key().public()))
    }

    #[test]
    fn lines_in_any_order_and_more_than_once_are_one_record() {
        let mut lines = lines(4);
        lines.reverse();
        lines.push(lines[1].clone());
        let whole = Relayed { events: 4, span: Some((1, 4)), ..Relayed::default() };
        assert_eq!(check(&lines), Ok(whole));
        assert_eq!(check(&[]), Ok(Relayed::default()));
    }

    #[test]
    fn a_line_that_was_left_out_is_told() {
        let mut lines = lines(5);
        lines.drain(1..3);
        assert_eq!(check(&lines).unwrap().missing, [(2, 3)]);
    }

    #[test]
    fn a_line_of_another_list_or_another_key_does_not_hold() {
        let mut other = lines(3);
        other[1] = event("released", 2, Hash([1; 32])).line();
        assert_eq!(check(&other), Err(BadList::Chain { n: 2 }));
        let two = [lines(1), vec![event("released", 1, Hash::default()).line()]].concat();
        assert_eq!(check(&two), Err(BadList::Twice { n: 1 }));
        let stranger = SigningKey::from_seed(&[5; 32]).public();
        let list = lines(1);
        let judged = super::check(list.iter().map(String::as_str), Some(&stranger));
        assert_eq!(judged, Err(BadList::Signature { n: 1 }));
        assert_eq!(super::check(["{}"], None), Err(BadList::Line { place: 1, why: BadEvent::Form }));
    }

    #[test]
    fn a_list_that_the_controller_put_aside_is_told() {
        let mut lines = lines(2);
        lines.push(event("list_damaged", 2_000_000_000, Hash([7; 32])).line());
        let relayed = check(&lines).unwrap();
        assert_eq!((relayed.begun_anew, relayed.missing), (vec![2_000_000_000], vec![]));
    }
}
