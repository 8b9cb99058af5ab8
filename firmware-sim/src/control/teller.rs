//! Tells the agent the firmware's own record, line by line.
//!
//! The agent cannot answer, and must not: nothing it could say would be a reason to stop telling. So every line is told
//! for ever again, the newest ones more often; an agent that was away, or lost a frame, has all of them in the end.
//!
//! A new line goes out at one frame a tick, which is about 0.2 s for a line; the others ride with the status, a few
//! frames at a time, so that they wake nobody up.

use crate::record::Recorder;
use crate::record::chain::Line;
use interlock_link::Fragment;
use std::collections::VecDeque;

/// Frames of old lines that go with a status. With a status every 50 ms these are 160 a second, and four lines; with
/// everything else that is said, less than two thirds of what a serial line of 115,200 baud carries.
const FRAMES_WITH_STATUS: usize = 8;
/// New lines that wait; what is more is told as an old one.
const NEW_MAX: usize = 64;
/// The newest lines, which are told more often than the others.
const RECENT: u64 = 64;

#[derive(Debug)]
pub(super) struct Teller {
    new: VecDeque<Line>,
    /// The line that is told, whether it is a new one, and the place of its next frame.
    telling: Option<(Line, bool, u8)>,
    has_asked: bool,
    cycle: Cycle,
}

impl Teller {
    /// For a list that has so many lines already.
    pub(super) fn new(lines: u64) -> Self {
        Self { new: VecDeque::new(), telling: None, has_asked: false, cycle: Cycle::new(lines) }
    }

    /// Somebody new listens: the newest lines are told first, and quickly.
    pub(super) fn restart(&mut self) {
        self.telling = None;
        self.cycle = Cycle::new(self.cycle.lines);
    }

    /// Takes what is on disk since the last tick.
    pub(super) fn listen(&mut self, recorder: &Recorder) {
        for line in recorder.new_lines() {
            self.cycle.lines = line.place + 1;
            self.new.push_back(line);
        }
        let too_many = self.new.len().saturating_sub(NEW_MAX);
        self.new.drain(..too_many);
    }

    /// The frames of this tick.
    pub(super) fn speak(&mut self, with_status: bool, recorder: &Recorder) -> Vec<Fragment> {
        self.choose(recorder);
        let is_pressing = !self.new.is_empty() || self.telling.as_ref().is_some_and(|(_, is_new, _)| *is_new);
        let count = match (is_pressing || self.cycle.hurries(), with_status) {
            (true, _) => 1,
            (false, true) => FRAMES_WITH_STATUS,
            (false, false) => 0,
        };
        (0..count).map_while(|_| self.next_fragment()).collect()
    }

    fn choose(&mut self, recorder: &Recorder) {
        if self.telling.is_some() {
            return;
        }
        if let Some(line) = self.new.pop_front() {
            self.telling = Some((line, true, 0));
        } else if let Some(line) = recorder.old_line() {
            self.has_asked = false;
            self.telling = Some((line, false, 0));
        } else if let Some(place) = self.cycle.peek().filter(|_| !self.has_asked) {
            self.has_asked = recorder.ask_for(place);
            if self.has_asked {
                self.cycle.advance();
            }
        }
    }

    fn next_fragment(&mut self) -> Option<Fragment> {
        let (line, _, place) = self.telling.as_mut()?;
        let fragment = Fragment::cut(line.number, line.text.as_bytes(), *place);
        *place += 1;
        if fragment.is_none_or(|fragment| fragment.is_last()) {
            self.telling = None;
        }
        fragment
    }
}

/// Which old line comes next: one of the newest and one of all by turns, both from the newest to the oldest.
#[derive(Debug)]
struct Cycle {
    /// How many lines there are.
    lines: u64,
    recent: Option<u64>,
    all: Option<u64>,
    is_recent: bool,
    /// Lines that are told quickly, because somebody new listens.
    hurried: u64,
}

impl Cycle {
    const fn new(lines: u64) -> Self {
        let hurried = if lines < RECENT { lines } else { RECENT };
        Self { lines, recent: None, all: None, is_recent: true, hurried }
    }

    const fn hurries(&self) -> bool {
        self.hurried > 0
    }

    fn peek(&self) -> Option<u64> {
        let newest = self.lines.checked_sub(1)?;
        let oldest_recent = self.lines.saturating_sub(RECENT);
        let next = if self.is_recent { self.recent.filter(|place| *place >= oldest_recent) } else { self.all };
        Some(next.unwrap_or(newest))
    }

    fn advance(&mut self) {
        let Some(place) = self.peek() else { return };
        let cursor = if self.is_recent { &mut self.recent } else { &mut self.all };
        *cursor = place.checked_sub(1);
        self.hurried = self.hurried.saturating_sub(1);
        let are_all_recent = self.lines <= RECENT;
        self.is_recent = self.hurries() || are_all_recent || !self.is_recent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cycle: &mut Cycle, count: usize) -> Vec<u64> {
        let next = |_| {
            let place = cycle.peek().unwrap();
            cycle.advance();
            place
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn the_newest_come_first_and_every_line_comes_in_the_end_however_long_the_list() {
        let mut cycle = Cycle::new(1000);
        assert_eq!(told(&mut cycle, 3), [999, 998, 997]);
        assert!(cycle.hurries());
        told(&mut cycle, 61);
        assert!(!cycle.hurries());
        let mut left: std::collections::BTreeSet<u64> = (0..1000).collect();
        for place in told(&mut cycle, 2000) {
            left.remove(&place);
        }
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn lines_that_are_added_hold_nothing_up() {
        let mut cycle = Cycle::new(200);
        let mut left: std::collections::BTreeSet<u64> = (0..200).collect();
        for _ in 0..800 {
            cycle.lines += 1;
            let place = told(&mut cycle, 1)[0];
            assert!(place < cycle.lines);
            left.remove(&place);
        }
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn an_empty_list_has_no_line() {
        assert_eq!(Cycle::new(0).peek(), None);
    }
}
