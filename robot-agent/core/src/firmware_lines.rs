//! Which lines of the firmware's own record are in the journal.
//!
//! The firmware tells every line for ever again, the newest more often; each is journalled once, in whatever order it came.
//! A line is known by its number *and* its hash: two events with one number are two lines, so that a record that forked
//! is in the journal with both its branches, and an auditor finds it.

use shared::firmware_record::{BadEvent, Event};
use shared::seal::Hash;
use std::collections::BTreeSet;

/// The lines that were journalled.
#[derive(Debug)]
pub struct FirmwareLines {
    known: BTreeSet<LineMark>,
}

/// What a line is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineMark {
    /// The event's number.
    pub n: u64,
    /// The event's hash.
    pub hash: Hash,
}

impl FirmwareLines {
    /// Takes up what the replica knew.
    pub fn new(known: Vec<LineMark>) -> Self {
        Self { known: known.into_iter().collect() }
    }

    /// Takes a line that was told; the mark to record with it if it is new.
    ///
    /// # Errors
    /// [`BadEvent`] when the line is no event: it was spoiled on its way and will be told again.
    pub fn take(&mut self, line: &str) -> Result<Option<LineMark>, BadEvent> {
        let event = Event::parse(line)?;
        let mark = LineMark { n: event.n(), hash: event.hash() };
        Ok(self.known.insert(mark).then_some(mark))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use shared::firmware_record::Happening;
    use shared::seal::SigningKey;

    /// An event of some controller.
    pub fn event(n: u64, ev: &str) -> Event {
        let what = Happening { t_ms: n, boot: 1, trip_epoch: 7, ev: ev.into(), cause: "button".into() };
        Event::seal(what, n, Hash::default(), &SigningKey::from_seed(&[4; 32]))
    }

    #[test]
    fn a_line_is_new_once_in_any_order_and_a_fork_is_new_too() {
        let mut lines = FirmwareLines::new(vec![LineMark { n: 3, hash: event(3, "trip").hash() }]);
        let mut take = |n, ev| lines.take(&event(n, ev).line()).unwrap().map(|mark| mark.n);
        assert_eq!(
            [take(3, "trip"), take(5, "trip"), take(4, "trip"), take(5, "trip")],
            [None, Some(5), Some(4), None]
        );
        assert_eq!([take(5, "reset"), take(5, "reset")], [Some(5), None]);
    }

    #[test]
    fn a_spoiled_line_is_no_event() {
        let mut lines = FirmwareLines::new(vec![]);
        let line = event(1, "trip").line();
        assert!(lines.take(&line[1..]).is_err());
        assert!(lines.take(&line.replace("trip_epoch\":7", "trip_epoch\":8")).is_err());
        assert!(lines.take(&line).unwrap().is_some());
    }
}
