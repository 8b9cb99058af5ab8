//! Any bytes on the firmware's link: no panic, no frame uncounted, and nothing that starts a robot nobody has reset.
#![no_main]

use interlock::{Interlock, Limits, Pins, Stored};
use interlock_link::{Ids, Inbox, Receiver, cobs};
use libfuzzer_sys::fuzz_target;

const IDS: Ids = Ids::of_robot("r-1", 0);

/// A healthy robot that nobody has touched.
const UNTOUCHED: Pins =
    Pins { ch_a: true, ch_b: true, reset: false, mirror_1: true, mirror_2: true, beacon_heard: true };

fuzz_target!(|data: &[u8]| {
    let (mut inbox, mut deframer) = (Inbox::new(IDS), cobs::Deframer::new());
    let mut core = Interlock::power_up(Limits::SHIPPED, Stored::LOST);
    let mut agents_end = Receiver::agent(Ids::of_robot("r-1", 1));
    let mut frames = 0;
    for byte in data {
        if let Some(frame) = deframer.push(*byte) {
            frames += 1;
            inbox.push(frame, 0);
            let _ = agents_end.decode(frame, 0);
            let outputs = core.step(UNTOUCHED, inbox.take());
            assert!(!outputs.relay_1 && !outputs.relay_2);
        }
    }
    inbox.push(data, 0);
    assert_eq!(inbox.counts().total(), frames + 1);
});
