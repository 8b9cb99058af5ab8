//! How fast the newest demand took the power away, by the firmware's own ticks and clock, measured at the relays.

use shared::time::Instant;

/// The measurement.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Ticks since the firmware started.
    pub(super) tick: u64,
    /// The tick that sampled the newest demand while the relays were on.
    pub(super) sampled: Option<u64>,
    /// The same tick and its time, while the power is not gone yet.
    began: Option<(u64, Instant)>,
    /// From the tick that sampled the demand to the tick that commanded the relays off.
    pub(super) ticks: Option<u64>,
    /// From then to the tick that found a main contact open.
    pub(super) open_ticks: Option<u64>,
    /// The same in milliseconds.
    pub(super) ms: Option<u64>,
}

/// What a tick shows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) is_demanded: bool,
    /// Whether the relays were commanded on before this tick.
    pub(super) was_on: bool,
    /// Whether they are commanded on after it.
    pub(super) is_on: bool,
    /// Whether power reaches the motors.
    pub(super) has_power: bool,
}

impl Cut {
    /// Looks at one tick.
    pub(super) fn look(&mut self, sample: Sample, now: Instant) {
        self.tick += 1;
        if self.began.is_none() && sample.is_demanded && sample.was_on {
            self.sampled = Some(self.tick);
            self.began = Some((self.tick, now));
            (self.ticks, self.open_ticks, self.ms) = (None, None, None);
        }
        let Some((tick, at)) = self.began else { return };
        if self.ticks.is_none() && !sample.is_on {
            self.ticks = Some(self.tick - tick);
        }
        if !sample.has_power {
            self.open_ticks = Some(self.tick - tick);
            self.ms = Some(now.since(at).0);
            self.began = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_and_contact_are_measured_apart() {
        let mut cut = Cut::default();
        let on = Sample { is_demanded: false, was_on: true, is_on: true, has_power: true };
        cut.look(on, Instant(0));
        cut.look(Sample { is_demanded: true, is_on: false, ..on }, Instant(5));
        assert_eq!((cut.ticks, cut.ms), (Some(0), None));
        cut.look(Sample { is_demanded: true, was_on: false, is_on: false, has_power: false }, Instant(11));
        assert_eq!((cut.tick, cut.sampled, cut.ticks), (3, Some(2), Some(0)));
        assert_eq!((cut.open_ticks, cut.ms), (Some(1), Some(6)));
    }
}
