//! How full the robot's storage is, and what that asks of it.
//!
//! Terms: the *quota* is what the configuration grants to both databases together; the *reserve* is room that is kept free beside
//! each, so that a robot whose disk is full can still write why. Full is a state, not a crash: evidence is never dropped for
//! room, telemetry is thinned, and work is refused with the reason.
//!
//! Leaves to others: measuring and the reserve's files (`robot-agent`), what is thinned (`telemetry`).

/// From so many thousandths of the quota telemetry is thinned.
const THIN_PERMILLE: u32 = 800;
/// From so many on new work of low priority is refused.
const SPARING_PERMILLE: u32 = 950;
/// From so many on all new work is refused. Evidence goes on: the quota leaves it room that the disk still has.
const SPENT_PERMILLE: u32 = 1000;
/// The most urgent priority that counts as low.
const LOW_PRIORITY: u8 = 4;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageReading {
    /// Bytes that both databases use, without the pages that are free in them.
    pub used: u64,
    /// Bytes that they may use.
    pub quota: u64,
    /// Whether the reserve of each stands.
    pub has_reserve: bool,
}

/// The newest measurement, and whether a database was full.
#[derive(Debug, Default)]
pub struct Storage {
    permille: Option<u32>,
    is_full: bool,
}

impl Storage {
    /// Takes a measurement. A disk without room for the reserve is full; when it stands, there is room.
    pub fn take(&mut self, reading: StorageReading) {
        let permille = u128::from(reading.used) * 1000 / u128::from(reading.quota.max(1));
        self.permille = Some(u32::try_from(permille).unwrap_or(u32::MAX));
        self.is_full = !reading.has_reserve;
    }

    /// A database was full, and its reserve is freed. Whether that is news.
    pub const fn filled(&mut self) -> bool {
        let is_news = !self.is_full;
        self.is_full = true;
        is_news
    }

    /// How much of the quota is used, in thousandths; `None` before it was measured.
    pub const fn permille(&self) -> Option<u32> {
        self.permille
    }

    /// Whether telemetry has to make room.
    pub fn should_thin(&self) -> bool {
        self.is_full || self.reaches(THIN_PERMILLE)
    }

    /// Whether a new order of this priority, 1 the most urgent, is refused.
    pub fn refuses(&self, priority: u8) -> bool {
        let is_low = priority >= LOW_PRIORITY;
        self.is_full || self.reaches(SPENT_PERMILLE) || (is_low && self.reaches(SPARING_PERMILLE))
    }

    /// Whether work in hand may go on beyond the next safe point: what it did could not be recorded.
    pub const fn permits_work(&self) -> bool {
        !self.is_full
    }

    fn reaches(&self, permille: u32) -> bool {
        self.permille.is_some_and(|used| used >= permille)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(used: u64) -> Storage {
        let mut storage = Storage::default();
        storage.take(StorageReading { used, quota: 2000, has_reserve: true });
        storage
    }

    #[test]
    fn telemetry_yields_first_then_low_work_then_all_new_work() {
        let asked = |used| (at(used).should_thin(), at(used).refuses(4), at(used).refuses(3), at(used).permits_work());
        assert_eq!(asked(1599), (false, false, false, true));
        assert_eq!(asked(1600), (true, false, false, true));
        assert_eq!(asked(1900), (true, true, false, true));
        assert_eq!(asked(2000), (true, true, true, true));
        assert!(!Storage::default().should_thin() && !Storage::default().refuses(5));
    }

    #[test]
    fn a_full_disk_is_news_once_and_ends_when_the_reserve_stands_again() {
        let mut storage = at(10);
        assert!(storage.filled() && !storage.filled());
        assert!(storage.refuses(1) && !storage.permits_work() && storage.should_thin());
        storage.take(StorageReading { used: 10, quota: 2000, has_reserve: false });
        assert!(!storage.permits_work());
        storage.take(StorageReading { used: 10, quota: 2000, has_reserve: true });
        assert!(storage.permits_work() && !storage.refuses(1));
    }

    #[test]
    fn no_measurement_overflows() {
        let mut storage = Storage::default();
        storage.take(StorageReading { used: u64::MAX, quota: 0, has_reserve: true });
        assert_eq!(storage.permille(), Some(u32::MAX));
    }
}
