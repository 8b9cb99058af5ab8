//! A radio behind an antenna that a person may have tampered with: any radio, and still one.

use super::reception::{Antenna, Path, Reception};
use super::truth::Truth;
use shared::beacon::{AirFault, Receive};
use shared::time::Instant;
use std::sync::Arc;
use std::time::Duration;

/// Hears what `radio` hears, as far as the antenna lets it through, and writes down what that was.
#[derive(Debug)]
pub struct Disturbed<R> {
    radio: R,
    antenna: Arc<Antenna>,
    truth: Truth,
    clock: fn() -> Instant,
    noise: fn(usize) -> Option<Vec<u8>>,
    path: Path,
    packet: Vec<u8>,
}

impl<R: Receive> Disturbed<R> {
    /// Puts the antenna before the radio. `noise` draws what a jammer says, so many bytes of it.
    pub fn new(
        radio: R,
        antenna: Arc<Antenna>,
        truth: Truth,
        clock: fn() -> Instant,
        noise: fn(usize) -> Option<Vec<u8>>,
    ) -> Self {
        Self { radio, antenna, truth, clock, noise, path: Path::default(), packet: vec![] }
    }

    /// What of the air's next packet comes through.
    fn through(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, AirFault> {
        let packet = self.radio.receive(patience)?;
        // Read after the wait: a hand that came in the meantime counts.
        let (reception, now) = (self.antenna.reception(), (self.clock)());
        // A receiver whose hearing leaves no trace must not raise the pin.
        self.truth.follow(reception, now).map_err(AirFault::deaf)?;
        let Some(packet) = packet.and_then(|packet| self.path.pass(packet, reception, now, self.noise)) else {
            return Ok(None);
        };
        if reception == Reception::Clear {
            self.truth.pass(&packet, now);
        }
        Ok(Some(packet))
    }
}

impl<R: Receive> Receive for Disturbed<R> {
    /// What was delayed and arrives now comes first.
    fn receive(&mut self, patience: Duration) -> Result<Option<&[u8]>, AirFault> {
        let arrived = self.path.arrived(self.antenna.reception(), (self.clock)());
        let heard = if arrived.is_some() { arrived } else { self.through(patience)? };
        Ok(heard.map(|packet| {
            self.packet = packet;
            &self.packet[..]
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::air::reception::DELAY;
    use air_sim::{RoomReceiver, room};
    use shared::beacon::{DisclosureId, PRESENCE_LEN, Transmit};
    use std::cell::Cell;

    thread_local! { static NOW_MS: Cell<u64> = const { Cell::new(0) }; }

    fn at(ms: u64) {
        NOW_MS.set(ms);
    }

    fn heard(radio: &mut Disturbed<RoomReceiver>) -> Option<Vec<u8>> {
        radio.receive(Duration::ZERO).unwrap().map(<[u8]>::to_vec)
    }

    #[test]
    fn any_radio_can_be_muted_jammed_and_delayed_and_what_came_through_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("air.jsonl");
        let (mut air, mut receivers) = room(1);
        let antenna = Arc::new(Antenna::default());
        let truth = Truth::open(&log, DisclosureId([7; 16])).unwrap();
        let clock = || Instant(NOW_MS.get());
        let noise = |length| Some(vec![9; length]);
        let mut radio = Disturbed::new(receivers.remove(0), Arc::clone(&antenna), truth, clock, noise);
        let mut say = |reception| {
            antenna.set(reception);
            air.transmit(&[7; PRESENCE_LEN]).unwrap();
        };
        at(5);
        say(Reception::Clear);
        assert_eq!(heard(&mut radio), Some(vec![7; PRESENCE_LEN]));
        at(6);
        say(Reception::Muted);
        assert_eq!(heard(&mut radio), None);
        say(Reception::Jammed);
        assert_eq!(heard(&mut radio), Some(vec![9; PRESENCE_LEN]));
        say(Reception::Delayed);
        assert_eq!(heard(&mut radio), None);
        at(6 + DELAY.0);
        assert_eq!(heard(&mut radio), Some(vec![7; PRESENCE_LEN]));
        assert_eq!(heard(&mut radio), None);
        let text = std::fs::read_to_string(&log).unwrap();
        let muted = r#"{"t_ms":6,"ev":"reception","is":"muted","passed":[{"t_ms":5,"pack":"0707"#;
        assert!(text.starts_with(muted) && text.lines().count() == 3, "{text}");
    }
}
