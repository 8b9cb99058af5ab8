//! The conversation about telemetry: one batch under way, its share of the link, what the server has.
//!
//! The share is measured, not configured: the time from sending a batch to its acknowledgement is at least the time for which it kept
//! the link busy, so a pause of seven thirds of it leaves at least seven tenths of the link to the others. No other lane
//! waits for this one, and this one waits for no other.

use super::{KeptItem, Wanted};
use shared::journal::Epoch;
use shared::time::{Instant, Millis};
use shared::wire::telemetry::{Item, Span};

/// Most bytes that are under way, as published.
pub const FLIGHT_LEN_MAX: usize = 16 * 1024;
/// Most items that are read back at once.
const READ_MAX: u32 = 2048;
/// A sample may wait this long for others: live values are the business of `up/state`.
const GROUP_FOR: Millis = Millis::secs(10);
/// So many items wait for no others.
const GROUP_MAX: u64 = 64;
/// How long the first try may stay unanswered; doubled each time.
const AGAIN: Millis = Millis::secs(2);
/// How often the wait is doubled.
const DOUBLED_MAX: u32 = 5;

/// What waits, what is under way, and when the next batch may go.
#[derive(Debug)]
pub struct TelemetryLane {
    /// Items in the file.
    items: u64,
    /// When the oldest item that was never sent was kept.
    oldest: Option<Instant>,
    flight: Option<Flight>,
    rest_until: Instant,
    /// Numbers that the server lacks and the file has no more.
    missing: Option<(Epoch, Span)>,
    /// The newest word of the server in this conversation.
    told: Option<(Epoch, u64)>,
    tries: u32,
    is_kept: bool,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    epoch: Epoch,
    span: Span,
    items: u64,
    sent: Instant,
}

/// What the server's word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It has everything up to the number: the file forgets it.
    Has,
    /// Nothing new.
    Nothing,
}

/// When the lane wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not before something else happens.
    Idle,
    /// At this moment.
    Until(Instant),
}

impl TelemetryLane {
    /// A lane with so many items in the file, all of which have waited long enough.
    pub fn new(items: u64) -> Self {
        Self {
            items,
            oldest: (items > 0).then_some(Instant(0)),
            flight: None,
            rest_until: Instant(0),
            missing: None,
            told: None,
            tries: 0,
            is_kept: false,
        }
    }

    /// How many items wait for an acknowledgement.
    pub const fn len(&self) -> u64 {
        self.items
    }

    /// An item was kept.
    pub fn kept(&mut self, now: Instant) {
        self.items += 1;
        self.oldest = self.oldest.or(Some(now));
    }

    /// Some items were thinned out.
    pub const fn thinned(&mut self, dropped: u64) {
        self.items = self.items.saturating_sub(dropped);
    }

    /// A conversation begins; `is_kept` tells whether the server keeps telemetry.
    pub const fn welcomed(&mut self, is_kept: bool) {
        (self.is_kept, self.flight, self.told, self.tries) = (is_kept, None, None, 0);
    }

    /// What should be read from the file now, to be sent.
    pub fn wanted(&self, now: Instant) -> Option<Wanted> {
        match self.wait() {
            Wait::Until(at) if at <= now => Some(Wanted::ToSend { most: READ_MAX }),
            Wait::Until(_) | Wait::Idle => None,
        }
    }

    /// When something is due.
    pub fn wait(&self) -> Wait {
        let Some(oldest) = self.oldest.filter(|_| self.is_kept) else { return Wait::Idle };
        Wait::Until(match self.flight {
            Some(flight) => flight.sent + Millis(AGAIN.0 << self.tries.min(DOUBLED_MAX)),
            None if self.items >= GROUP_MAX || self.missing.is_some() => self.rest_until,
            None => self.rest_until.max(oldest + GROUP_FOR),
        })
    }

    /// The epoch and items of the next batch, from what was read: of one epoch, with what the server lacks before them.
    /// `None` when there is nothing to send.
    pub fn batch(&mut self, read: &[KeptItem]) -> Option<(Epoch, Vec<Item>)> {
        let is_all = read.len() < usize::try_from(READ_MAX).expect("a few thousand");
        if is_all {
            self.items = read.len() as u64;
        }
        let Some(first) = read.first() else {
            (self.oldest, self.flight) = (None, None);
            return None;
        };
        let missing = self.missing.filter(|(epoch, span)| *epoch == first.epoch && span.last < first.item.span.first);
        let lost =
            missing.map(|(_, span)| Item { span: Span { last: first.item.span.first - 1, ..span }, sample: None });
        let own = read.iter().take_while(|kept| kept.epoch == first.epoch).map(|kept| kept.item);
        Some((first.epoch, lost.into_iter().chain(own).collect()))
    }

    /// A batch of these items was sent.
    pub fn sent(&mut self, epoch: Epoch, items: &[Item], now: Instant) {
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return };
        let span = Span { first: first.span.first, last: last.span.last };
        let is_again = self.flight.is_some_and(|flight| flight.epoch == epoch && flight.span.first == span.first);
        self.tries = if is_again { self.tries + 1 } else { 0 };
        self.flight = Some(Flight { epoch, span, items: items.len() as u64, sent: now });
    }

    /// The server says how far it has this epoch. A word that is older than another one means nothing.
    pub fn answered(&mut self, epoch: Epoch, seq: u64, now: Instant) -> Answered {
        let is_old = self.told.is_some_and(|(told, newest)| told == epoch && seq < newest);
        if is_old {
            return Answered::Nothing;
        }
        self.told = Some((epoch, seq));
        let Some(flight) = self.flight.filter(|flight| flight.epoch == epoch) else { return Answered::Has };
        if seq >= flight.span.first {
            self.landed(flight, seq, now);
            Answered::Has
        } else {
            self.lacks(flight, seq, now);
            Answered::Nothing
        }
    }

    fn landed(&mut self, flight: Flight, seq: u64, now: Instant) {
        if seq >= flight.span.last {
            self.items = self.items.saturating_sub(flight.items);
        }
        self.oldest = (self.items > 0).then_some(now);
        (self.flight, self.missing, self.tries) = (None, None, 0);
        self.rest(flight, now);
    }

    /// The server was put back to an earlier day, or never had what was forgotten: it is told that this will not come.
    fn lacks(&mut self, flight: Flight, seq: u64, now: Instant) {
        let gap = Span { first: seq + 1, last: flight.span.first - 1 };
        if gap.first <= gap.last {
            self.missing = Some((flight.epoch, gap));
            self.flight = None;
            self.rest(flight, now);
        }
    }

    fn rest(&mut self, flight: Flight, now: Instant) {
        self.rest_until = now + Millis(now.since(flight.sent).0.saturating_mul(7).div_ceil(3));
    }

    /// The newest place that must not be thinned now: numbers that are under way.
    pub fn is_under_way(&self, epoch: Epoch, number: u64) -> bool {
        self.flight.is_some_and(|flight| flight.epoch == epoch && number <= flight.span.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: Epoch = Epoch(7);

    fn read(numbers: std::ops::RangeInclusive<u64>) -> Vec<KeptItem> {
        let item = |number| Item { span: Span::one(number), sample: None };
        numbers.map(|number| KeptItem { place: number, epoch: E, item: item(number) }).collect()
    }

    /// A lane with these numbers under way since `now`.
    fn flying(numbers: std::ops::RangeInclusive<u64>, now: Instant) -> TelemetryLane {
        let mut lane = TelemetryLane::new(numbers.clone().count() as u64);
        lane.welcomed(true);
        let (epoch, items) = lane.batch(&read(numbers)).unwrap();
        lane.sent(epoch, &items, now);
        lane
    }

    #[test]
    fn a_server_that_keeps_none_is_sent_none() {
        let mut lane = TelemetryLane::new(500);
        assert_eq!(lane.wanted(Instant(99_999)), None);
        lane.welcomed(false);
        assert_eq!((lane.wait(), lane.wanted(Instant(99_999))), (Wait::Idle, None));
        lane.welcomed(true);
        assert!(lane.wanted(Instant(0)).is_some());
    }

    #[test]
    fn samples_wait_for_each_other_but_not_long() {
        let mut lane = TelemetryLane::new(0);
        lane.welcomed(true);
        assert_eq!(lane.wait(), Wait::Idle);
        lane.kept(Instant(1000));
        lane.kept(Instant(2000));
        assert_eq!(lane.wait(), Wait::Until(Instant(11_000)));
        (0..62).for_each(|_| lane.kept(Instant(3000)));
        assert_eq!(lane.wait(), Wait::Until(Instant(0)), "enough have gathered");
    }

    #[test]
    fn one_batch_is_under_way_and_at_most_three_tenths_of_the_time() {
        let mut lane = flying(1..=100, Instant(1000));
        lane.kept(Instant(1000));
        assert_eq!(lane.wanted(Instant(1500)), None);
        assert_eq!(lane.answered(E, 100, Instant(1300)), Answered::Has);
        assert_eq!(lane.len(), 1);
        (0..64).for_each(|_| lane.kept(Instant(1300)));
        assert_eq!(lane.wait(), Wait::Until(Instant(1300 + 700)), "300 ms of work, 700 ms of rest");
    }

    #[test]
    fn silence_makes_it_send_again_ever_more_rarely() {
        let mut lane = flying(1..=100, Instant(0));
        let mut waits = vec![];
        let mut now = Instant(0);
        for _ in 0..7 {
            let Wait::Until(at) = lane.wait() else { panic!("nothing is due") };
            waits.push(at.since(now).0);
            now = at;
            let (epoch, items) = lane.batch(&read(1..=100)).unwrap();
            lane.sent(epoch, &items, now);
        }
        assert_eq!(waits, [2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000]);
    }

    #[test]
    fn what_the_server_lacks_and_nobody_has_any_more_is_told_as_lost() {
        let mut lane = flying(50..=60, Instant(0));
        assert_eq!(lane.answered(E, 30, Instant(300)), Answered::Nothing);
        assert_eq!(lane.wait(), Wait::Until(Instant(1000)));
        let (_, items) = lane.batch(&read(50..=60)).unwrap();
        assert_eq!((items[0].span, items[0].sample), (Span { first: 31, last: 49 }, None));
        assert_eq!((items[1].span, items.len()), (Span::one(50), 12));
        lane.sent(E, &items, Instant(1000));
        assert_eq!(lane.answered(E, 60, Instant(1100)), Answered::Has);
        assert_eq!(lane.missing, None);
    }

    #[test]
    fn a_word_that_comes_late_or_twice_moves_nothing() {
        let mut lane = flying(1..=10, Instant(0));
        assert_eq!(lane.answered(E, 10, Instant(5)), Answered::Has);
        let (epoch, items) = lane.batch(&read(11..=20)).unwrap();
        lane.sent(epoch, &items, Instant(20));
        assert_eq!(lane.answered(E, 10, Instant(21)), Answered::Nothing);
        assert_eq!(lane.answered(E, 4, Instant(22)), Answered::Nothing);
        assert!(lane.flight.is_some() && lane.missing.is_none());
        assert_eq!(lane.answered(Epoch(1), 4, Instant(22)), Answered::Has, "another epoch has its own numbers");
        assert!(lane.flight.is_some());
    }

    #[test]
    fn a_batch_is_of_one_epoch() {
        let mut lane = TelemetryLane::new(4);
        let mut all = read(1..=2);
        all.extend(read(1..=2).into_iter().map(|kept| KeptItem { epoch: Epoch(8), ..kept }));
        let (epoch, items) = lane.batch(&all).unwrap();
        assert_eq!((epoch, items.len()), (E, 2));
        assert_eq!(lane.batch(&[]), None);
        assert_eq!((lane.len(), lane.oldest), (0, None));
    }
}
