//! The two normally closed contacts behind the button, and how they bounce when they are bad.

/// How long a bad contact bounces after it was moved, in milliseconds.
const BOUNCE_MS: u32 = 100;

/// How long ago the contacts were moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contacts {
    moved_ms_ago: u32,
}

impl Default for Contacts {
    fn default() -> Self {
        Self { moved_ms_ago: BOUNCE_MS }
    }
}

impl Contacts {
    pub(super) const fn moved(&mut self) {
        self.moved_ms_ago = 0;
    }

    pub(super) const fn advance(&mut self, ms: u32) {
        self.moved_ms_ago = self.moved_ms_ago.saturating_add(ms);
    }

    /// Whether each contact is closed while it bounces at 1 kHz, or nothing once it lies still. To somebody who looks
    /// every 5 ms either position is as likely, and one contact says nothing about the other.
    pub(super) fn bouncing(self) -> Option<[bool; 2]> {
        if self.moved_ms_ago >= BOUNCE_MS {
            return None;
        }
        let chatter = self.moved_ms_ago.wrapping_mul(0x9E37_79B9) >> 16;
        Some([1, 2].map(|bit| chatter & bit == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_contact_is_seen_in_all_positions_and_then_lies_still() {
        let mut contacts = Contacts::default();
        assert_eq!(contacts.bouncing(), None);
        contacts.moved();
        let mut seen = Vec::new();
        while let Some(position) = contacts.bouncing() {
            seen.push(position);
            contacts.advance(5);
        }
        assert_eq!(seen.len(), 20);
        for position in [[true, true], [true, false], [false, true], [false, false]] {
            assert!(seen.contains(&position), "{position:?} in {seen:?}");
        }
    }
}
