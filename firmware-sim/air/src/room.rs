//! Air inside one process: no socket, no address; who has an end of it hears and says.

use shared::beacon::{AirFault, Receive, Transmit};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Packs that wait for a listener; what finds no room is lost, as on any radio.
const WAITING_MAX: usize = 1024;

/// Air with so many listeners, each of whom hears every pack that anyone says.
#[must_use]
pub fn room(listeners: usize) -> (RoomTransmitter, Vec<RoomReceiver>) {
    let ends = (0..listeners).map(|_| sync_channel(WAITING_MAX));
    let (listeners, receivers) = ends.map(|(end, packs)| (end, RoomReceiver { packs, packet: vec![] })).unzip();
    (RoomTransmitter { listeners }, receivers)
}

/// Says. A clone is another robot in the same room.
#[derive(Clone, Debug)]
pub struct RoomTransmitter {
    listeners: Vec<SyncSender<Vec<u8>>>,
}

impl Transmit for RoomTransmitter {
    /// Refused when somebody has left the room: whoever said it should know that it is not heard by all.
    fn transmit(&mut self, pack: &[u8]) -> Result<(), AirFault> {
        let is_left = |end: &SyncSender<_>| matches!(end.try_send(pack.to_vec()), Err(TrySendError::Disconnected(_)));
        match self.listeners.iter().filter(|end| is_left(end)).count() {
            0 => Ok(()),
            left => Err(AirFault::refused(io::Error::other(format!("{left} listeners have left")))),
        }
    }
}

/// Hears.
#[derive(Debug)]
pub struct RoomReceiver {
    packs: Receiver<Vec<u8>>,
    packet: Vec<u8>,
}

impl Receive for RoomReceiver {
    fn receive(&mut self, patience: Duration) -> Result<Option<&[u8]>, AirFault> {
        match self.packs.recv_timeout(patience) {
            Ok(packet) => {
                self.packet = packet;
                Ok(Some(&self.packet))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(AirFault::deaf(io::Error::other("everybody has left"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_in_the_room_hears_and_an_empty_room_is_a_fault_on_both_sides() {
        let (mut transmitter, mut receivers) = room(2);
        transmitter.transmit(b"pack").unwrap();
        for receiver in &mut receivers {
            assert_eq!(receiver.receive(Duration::ZERO).unwrap(), Some(&b"pack"[..]));
            assert_eq!(receiver.receive(Duration::ZERO).unwrap(), None);
        }
        let last = receivers.pop().unwrap();
        drop(receivers);
        assert!(matches!(transmitter.transmit(b"pack"), Err(AirFault::Refused(_))));
        drop(transmitter);
        let mut last = last;
        assert_eq!(last.receive(Duration::ZERO).unwrap(), Some(&b"pack"[..]));
        assert!(matches!(last.receive(Duration::ZERO), Err(AirFault::Deaf(_))));
    }
}
