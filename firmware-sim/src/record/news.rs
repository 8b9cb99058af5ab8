//! Something that happened, on its way into the event list.

use shared::firmware_record::Happening;
use shared::time::Instant;

/// Something that happened, before it has its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// When.
    pub at: Instant,
    /// The firmware's start it happened in.
    pub boot: u64,
    /// The trip epoch it happened in.
    pub trip_epoch: u32,
    /// What, in one word.
    pub ev: &'static str,
    /// Why the energy was last taken away, in one word.
    pub cause: &'static str,
}

impl News {
    /// Whether it tells what was seen before an event, which is written behind it and brings it to the disk.
    #[must_use]
    pub fn is_trace(&self) -> bool {
        matches!(self.ev, "moves" | "rests" | "heard")
    }

    /// For the log.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} (cause {}, trip epoch {})", self.ev, self.cause, self.trip_epoch)
    }
}

impl From<News> for Happening {
    fn from(news: News) -> Self {
        let News { at, boot, trip_epoch, ev, cause } = news;
        Self { t_ms: at.0, boot, trip_epoch, ev: ev.to_owned(), cause: cause.to_owned() }
    }
}
