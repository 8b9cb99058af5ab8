//! The radio on a thread of its own: whatever comes is put aside at once with the time at which it came, so that no packet is
//! lost while another is judged. What waits is bounded; what finds no room is counted.

use shared::beacon::{AirFault, BeaconTime, Receive};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long the radio is listened to before it is looked whether anybody still wants to know.
const PATIENCE: Duration = Duration::from_millis(100);
/// Packets that wait: some seconds of a flood.
const WAITING_MAX: usize = 32_768;

/// A packet, and when it was heard.
pub type Packet = (BeaconTime, Vec<u8>);
/// A packet, or that none came in a while.
type Heard = Result<Option<Packet>, AirFault>;

/// The listener's end.
#[derive(Debug)]
pub struct Ears {
    heard: Receiver<Heard>,
    lost: Arc<AtomicU64>,
}

impl Ears {
    /// Begins to listen. The thread ends when the radio fails or nobody listens to it any more.
    pub fn open(radio: impl Receive + Send + 'static, clock: fn() -> BeaconTime) -> Self {
        let (put, heard) = sync_channel(WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        thread::spawn(move || listen(radio, clock, &put, &counter));
        Self { heard, lost }
    }

    /// Waits so long for a packet and takes with it what has come besides, in its order: `count_max` packets at most.
    ///
    /// # Errors
    /// When the radio cannot hear.
    pub fn hear(&self, patience: Duration, count_max: usize) -> Result<Vec<Packet>, AirFault> {
        let first = match self.heard.recv_timeout(patience) {
            Ok(first) => first?,
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Err(AirFault::deaf("its thread has ended")),
        };
        let more = self.heard.try_iter().take(count_max.saturating_sub(1));
        std::iter::once(Ok(first)).chain(more).filter_map(Result::transpose).collect()
    }

    /// How many packets found no room since this was last asked.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

fn listen(mut radio: impl Receive, clock: fn() -> BeaconTime, put: &SyncSender<Heard>, lost: &AtomicU64) {
    loop {
        let heard = radio.receive(PATIENCE).map(|packet| packet.map(|packet| (clock(), packet.to_vec())));
        let is_deaf = heard.is_err();
        let is_wanted = if is_deaf { put.send(heard).is_ok() } else { offer(put, heard, lost) };
        if is_deaf || !is_wanted {
            return;
        }
    }
}

/// Whether somebody still listens.
fn offer(put: &SyncSender<Heard>, heard: Heard, lost: &AtomicU64) -> bool {
    match put.try_send(heard) {
        Ok(()) => true,
        Err(TrySendError::Full(heard)) => {
            lost.fetch_add(u64::from(matches!(heard, Ok(Some(_)))), Ordering::Relaxed);
            true
        }
        Err(TrySendError::Disconnected(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use air_sim::room;
    use shared::beacon::Transmit;

    const LONG: Duration = Duration::from_secs(20);

    fn noon() -> BeaconTime {
        BeaconTime::from_ds(2_487_024_000)
    }

    #[test]
    fn what_was_heard_comes_in_its_order_with_its_time_and_a_deaf_radio_is_a_fault() {
        let (mut air, mut radios) = room(1);
        let ears = Ears::open(radios.remove(0), noon);
        (0..100_u8).for_each(|n| air.transmit(&[n]).unwrap());
        drop(air);
        let mut packets = vec![];
        let fault = loop {
            match ears.hear(LONG, 7) {
                Ok(more) => packets.extend(more),
                Err(fault) => break fault,
            }
        };
        // The fault comes behind everything that was heard before it, and may take those of its own turn with it.
        assert!(packets.len() >= 94 && packets.iter().zip(0..).all(|(packet, n)| *packet == (noon(), vec![n])));
        assert!(fault.to_string().contains("cannot hear"));
        assert_eq!(ears.take_lost(), 0);
    }

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits_for_it() {
        let (put, heard) = sync_channel(2);
        let lost = AtomicU64::new(0);
        for _ in 0..5 {
            assert!(offer(&put, Ok(Some((noon(), vec![]))), &lost));
        }
        assert!(offer(&put, Ok(None), &lost), "silence is nothing to lose");
        assert_eq!(lost.into_inner(), 3);
        drop(heard);
        assert!(!offer(&put, Ok(None), &AtomicU64::new(0)), "nobody listens");
    }
}
