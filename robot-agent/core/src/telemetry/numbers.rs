//! The numbers of the telemetry lane: each used once, none skipped in silence.

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
    /// Goes on behind the process before; also returns what of its numbers will never come, and in which epoch.
    ///
    /// An orderly end told its newest number, and the file confirms it: then no number is lost. Otherwise nobody knows how many
    /// of the reserved numbers were used, and samples that were sent may be missing in a file that a power cut set back. So
    /// none of them is used again.
    pub fn start(reserved: Option<Reservation>, file: FileEnd, epoch: Epoch) -> (Self, Option<(Epoch, Span)>) {
        let Some(reserved) = reserved else { return (Self::begin(epoch), None) };
        let in_file = file.newest.filter(|(epoch, _)| *epoch == reserved.epoch).map_or(0, |(_, newest)| newest);
        let is_in_order = reserved.ended == Some(in_file);
        let rest = Span { first: in_file + 1, last: reserved.to };
        let lost = (!is_in_order && rest.is_sound()).then_some((reserved.epoch, rest));
        if reserved.epoch != epoch {
            return (Self::begin(epoch), lost);
        }
        let next = if is_in_order { in_file + 1 } else { reserved.to + 1 };
        (Self { epoch, next, to: reserved.to }, lost)
    }

    const fn begin(epoch: Epoch) -> Self {
        Self { epoch, next: 1, to: 0 }
    }

    /// The number for a sample of this epoch; a reservation that has to be durable before it, when one is needed.
    pub fn draw(&mut self, epoch: Epoch) -> (u64, Option<Reservation>) {
        if epoch != self.epoch {
            *self = Self::begin(epoch);
        }
        let number = self.next;
        self.next += 1;
        let needs_more = number > self.to;
        if needs_more {
            self.to = number - 1 + RESERVED;
        }
        (number, needs_more.then(|| self.reservation(None)))
    }

    /// Numbers of this epoch up to `seq` were used by another life of this database: they are passed over.
    pub fn pass(&mut self, epoch: Epoch, seq: u64) {
        if epoch == self.epoch && seq >= self.next && seq < u64::MAX - RESERVED {
            self.next = seq + 1;
        }
    }

    /// What the durable database has to know while the agent runs.
    pub const fn running(&self) -> Reservation {
        self.reservation(None)
    }

    /// What it has to know at an orderly end.
    pub const fn ended(&self) -> Reservation {
        self.reservation(Some(self.next - 1))
    }

    const fn reservation(&self, ended: Option<u64>) -> Reservation {
        Reservation { epoch: self.epoch, to: self.to, ended }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: Epoch = Epoch(7);

    fn file(newest: u64) -> FileEnd {
        FileEnd { newest: (newest > 0).then_some((E, newest)), items: newest }
    }

    fn after(ended: Option<u64>, newest: u64) -> (u64, Option<(Epoch, Span)>) {
        let reserved = Reservation { epoch: E, to: 4096, ended };
        let (mut numbers, lost) = Numbers::start(Some(reserved), file(newest), E);
        (numbers.draw(E).0, lost)
    }

    #[test]
    fn numbers_begin_at_one_and_are_reserved_in_blocks_before_they_are_used() {
        let (mut numbers, lost) = Numbers::start(None, FileEnd::default(), E);
        assert_eq!(lost, None);
        let drawn: Vec<(u64, Option<Reservation>)> = (0..=RESERVED).map(|_| numbers.draw(E)).collect();
        let block = |to| Some(Reservation { epoch: E, to, ended: None });
        assert_eq!((drawn[0], drawn[1]), ((1, block(4096)), (2, None)));
        assert_eq!((drawn[4095], drawn[4096]), ((4096, None), (4097, block(8192))));
        assert_eq!(numbers.ended(), Reservation { epoch: E, to: 8192, ended: Some(4097) });
        assert_eq!(numbers.draw(Epoch(8)), (1, Some(Reservation { epoch: Epoch(8), to: 4096, ended: None })));
    }

    #[test]
    fn an_orderly_end_that_the_file_confirms_loses_no_number() {
        assert_eq!(after(Some(100), 100), (101, None));
        assert_eq!(after(Some(0), 0), (1, None));
    }

    #[test]
    fn any_other_end_goes_on_at_the_next_block_and_names_the_rest_as_lost() {
        let lost = |first| Some((E, Span { first, last: 4096 }));
        assert_eq!(after(None, 100), (4097, lost(101)));
        assert_eq!(after(Some(100), 90), (4097, lost(91)), "a power cut after the end took samples from the file");
        assert_eq!(after(None, 0), (4097, lost(1)), "the file is gone");
        assert_eq!(after(None, 4096), (4097, None), "every reserved number is there");
    }

    #[test]
    fn a_new_epoch_counts_anew_and_the_one_before_still_names_its_loss() {
        let reserved = Reservation { epoch: E, to: 4096, ended: None };
        let (mut numbers, lost) = Numbers::start(Some(reserved), file(9), Epoch(8));
        assert_eq!((numbers.draw(Epoch(8)).0, lost), (1, Some((E, Span { first: 10, last: 4096 }))));
    }

    #[test]
    fn numbers_that_the_server_already_has_are_passed_over() {
        let (mut numbers, _) = Numbers::start(None, FileEnd::default(), E);
        numbers.draw(E);
        numbers.pass(E, 9000);
        assert_eq!(numbers.draw(E), (9001, Some(Reservation { epoch: E, to: 13096, ended: None })));
        numbers.pass(E, 5);
        numbers.pass(Epoch(9), 99_999);
        numbers.pass(E, u64::MAX);
        assert_eq!(numbers.draw(E).0, 9002);
    }
}
