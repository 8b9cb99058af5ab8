//! How long a child that has ended stays ended.
//!
//! One that dies of a kill is back soon: that is what the demo shows. One that ends by itself as soon as it is started, on a
//! database that it cannot use or a port that is taken, has said why; started every two seconds it would bury that in its log.

use shared::time::Millis;

/// Long enough to be seen on the page, and for a robot to stop because of it.
const FIRST: Millis = Millis::secs(2);
/// A person who has repaired something waits this long at most.
const LONGEST: Millis = Millis::secs(60);
/// Who has lived as long as this has been able to work.
const STEADY: Millis = Millis::secs(10);

/// The wait before the next start.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    next: Millis,
}

impl Default for Patience {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Patience {
    /// How long to wait for a child that lived for so long, and whether it ended by itself.
    pub fn after(&mut self, lived: Millis, by_itself: bool) -> Millis {
        if lived >= STEADY || !by_itself {
            self.next = FIRST;
        }
        let wait = self.next;
        if by_itself {
            self.next = Millis((wait.0 * 2).min(LONGEST.0));
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_by_itself_at_once_is_started_ever_more_rarely_and_a_kill_costs_nothing() {
        let mut patience = Patience::default();
        let waits: Vec<u64> = (0..7).map(|_| patience.after(Millis(100), true).0 / 1_000).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(patience.after(Millis(100), false), FIRST, "somebody has killed it");
        assert_eq!(patience.after(Millis(100), true), FIRST);
        assert_ne!(patience.after(Millis(100), true), FIRST);
        assert_eq!(patience.after(STEADY, true), FIRST, "it has worked in between");
    }
}
