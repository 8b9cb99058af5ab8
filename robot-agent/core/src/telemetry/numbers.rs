//! The numbers of the telemetry lane: each used once, none skipped in silence.
//!
//! Each start of the agent counts anew in an epoch of its own, which it draws. So a number stands for one sample whatever
//! becomes of the disks: a replica or a file that was put back, alone or together, or that runs on two machines at once, cannot
//! lead to a number of another start. What is reserved serves one purpose: to name what an end that was not in order has cost.

use super::{FileEnd, Reservation};
use shared::journal::Epoch;
use shared::wire::telemetry::{RESERVED, Span};

/// The next number, and how far numbers are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    epoch: Epoch,
    next: u64,
    to: u64,
}

impl Numbers {
    /// Counts from 1 in an epoch that nobody has used.
    pub const fn begin(epoch: Epoch) -> Self {
        Self { epoch, next: 1, to: 0 }
    }

    /// The epoch in which this start counts.
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The number for a sample; a reservation that has to be durable before it, when one is needed.
    pub fn draw(&mut self) -> (u64, Option<Reservation>) {
        let number = self.next;
        self.next += 1;
        let needs_more = number > self.to;
        if needs_more {
            self.to = number - 1 + RESERVED;
        }
        (number, needs_more.then(|| self.reservation(None)))
    }

    /// What the durable database has to know at an orderly end; nothing before the first sample: then the start before
    /// is still the newest that has used a number.
    pub fn ended(&self) -> Option<Reservation> {
        (self.next > 1).then(|| self.reservation(Some(self.next - 1)))
    }

    const fn reservation(&self, ended: Option<u64>) -> Reservation {
        Reservation { epoch: self.epoch, to: self.to, ended }
    }
}

/// Numbers of the start before that will never come.
///
/// An orderly end told its newest number, and the file confirms it: then no number is lost. Otherwise nobody knows how many of
/// the reserved numbers were used, and samples that were sent may be missing in a file that a power cut, or somebody, set
/// back. The server takes of the loss what it does not have. A file that has gone on further has told of the loss already,
/// and holds the loss itself.
pub fn lost(reserved: Option<Reservation>, file: FileEnd) -> Option<(Epoch, Span)> {
    let Reservation { epoch, to, ended } = reserved?;
    let rest = Span { first: file.reserved + 1, last: to };
    let is_in_order = ended == Some(file.reserved);
    (!is_in_order && rest.is_sound()).then_some((epoch, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: Epoch = Epoch(7);

    fn after(ended: Option<u64>, newest: u64) -> Option<(Epoch, Span)> {
        lost(Some(Reservation { epoch: E, to: 4096, ended }), FileEnd { reserved: newest, items: 5 })
    }

    #[test]
    fn numbers_begin_at_one_and_are_reserved_in_blocks_before_they_are_used() {
        let mut numbers = Numbers::begin(E);
        assert_eq!(numbers.ended(), None);
        let drawn: Vec<(u64, Option<Reservation>)> = (0..=RESERVED).map(|_| numbers.draw()).collect();
        let block = |to| Some(Reservation { epoch: E, to, ended: None });
        assert_eq!((drawn[0], drawn[1]), ((1, block(4096)), (2, None)));
        assert_eq!((drawn[4095], drawn[4096]), ((4096, None), (4097, block(8192))));
        assert_eq!(numbers.ended(), Some(Reservation { epoch: E, to: 8192, ended: Some(4097) }));
    }

    #[test]
    fn an_orderly_end_that_the_file_confirms_loses_no_number() {
        assert_eq!(after(Some(100), 100), None);
        assert_eq!(lost(None, FileEnd::default()), None, "a database that knew no telemetry");
    }

    #[test]
    fn any_other_end_names_the_rest_of_its_block_as_lost() {
        let rest = |first| Some((E, Span { first, last: 4096 }));
        assert_eq!(after(None, 100), rest(101));
        assert_eq!(after(Some(100), 90), rest(91), "a power cut after the end took samples from the file");
        assert_eq!(after(None, 0), rest(1), "the file is gone");
        assert_eq!(after(None, 4096), None, "every reserved number is there");
    }

    #[test]
    fn a_file_that_is_newer_than_the_reservation_has_told_what_is_lost() {
        assert_eq!(after(None, 5000), None);
        assert_eq!(after(Some(100), 5000), None);
    }
}
