//! What the safety controller has counted since ever.

use crate::payload::{Reader, Writer};

/// Bytes of [`Counters`] in a payload.
pub(crate) const LEN: u8 = 12;

/// What the safety controller has counted since ever. Each number is told only once it is kept, so none is ever lower
/// than one that was told before; only the hours begin anew when the non-volatile file is lost.
///
/// They are for an agent that was away: a press and a power cycle leave a higher number of presses behind, so it still
/// learns that a clearance is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Presses of the button that were not its proof test.
    pub presses: u32,
    /// How often the power came on.
    pub boots: u32,
    /// For how long the relays were on, in whole seconds.
    pub energised_s: u32,
}

pub(crate) fn write(counters: &Counters) -> Writer {
    let Counters { presses, boots, energised_s } = counters;
    Writer::new().put(&presses.to_le_bytes()).put(&boots.to_le_bytes()).put(&energised_s.to_le_bytes())
}

pub(crate) fn read(payload: &mut Reader<'_>) -> Counters {
    Counters { presses: payload.u32(), boots: payload.u32(), energised_s: payload.u32() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_from_its_own_place() {
        let counters = Counters { presses: 0x0102_0304, boots: u32::MAX, energised_s: 7 };
        let written = write(&counters);
        assert_eq!(written.len, LEN);
        assert_eq!(read(&mut Reader::new(&written.bytes)), counters);
    }
}
