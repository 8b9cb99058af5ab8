//! Frames whose checksum is right and whose content is anything: what a checksum cannot keep out. On the firmware's link
//! nothing starts a robot nobody has reset; on the agent's end nothing panics, and a record's line is put together or
//! thrown away.
#![no_main]

use interlock::{Interlock, Limits, Pins, Stored};
use interlock_link::{Assembler, FRAME_LEN, FromInterlock, Ids, Inbox, LINE_LEN_MAX, Receiver, Sender, ToInterlock};
use libfuzzer_sys::fuzz_target;

const NONCE: u64 = 7;
const BARE_LEN: usize = FRAME_LEN - 4;
const TO_INTERLOCK: u8 = 0;
const FROM_INTERLOCK: u8 = 1;

/// A healthy robot that nobody has touched.
const UNTOUCHED: Pins =
    Pins { ch_a: true, ch_b: true, reset: false, mirror_1: true, mirror_2: true, beacon_heard: true };

fuzz_target!(|data: &[u8]| {
    let (own, agents) = (Ids::of_robot("r-1", 0), Ids::of_robot("r-1", NONCE));
    let mut core = Interlock::power_up(Limits::SHIPPED, Stored::LOST);
    let mut inbox = Inbox::new(own);
    inbox.push(&Sender::agent(agents).encode(ToInterlock::Hello { nonce: NONCE }, 0), 0);
    let mut agents_end = Receiver::agent(agents);
    let welcome = Sender::firmware(own).encode(FromInterlock::Welcome { nonce: NONCE }, 0);
    assert!(agents_end.decode(&welcome, 0).is_ok());
    let (mut assembler, mut frames) = (Assembler::new(), 1);

    for content in data.chunks_exact(BARE_LEN) {
        let Ok(content) = content.try_into() else { return };
        inbox.push(&seal(content, TO_INTERLOCK), 0);
        frames += 1;
        let outputs = core.step(UNTOUCHED, inbox.take());
        assert!(!outputs.relay_1 && !outputs.relay_2);
        if let Ok(FromInterlock::Record(fragment)) = agents_end.decode(&seal(content, FROM_INTERLOCK), 0) {
            let line = assembler.take(&fragment);
            assert!(line.is_none_or(|(_, line)| (1..=LINE_LEN_MAX).contains(&line.len())));
        }
    }
    assert_eq!(inbox.counts().total(), frames);
});

/// The content as a frame of this session, or, for a greeting, of none.
fn seal(mut content: [u8; BARE_LEN], direction: u8) -> [u8; FRAME_LEN] {
    content[0] = interlock_link::VERSION;
    // Where chance has put a low number, one of the words that exist.
    content[1] = match (direction, content[1]) {
        (TO_INTERLOCK, kind) if kind < 128 => kind % 5 + 1,
        (FROM_INTERLOCK, kind) if kind < 128 => kind % 6 + 0x81,
        (_, kind) => kind,
    };
    content[3] = 0;
    let is_greeting = matches!(content[1], 1 | 0x81);
    let codename = codename(if is_greeting { 0 } else { NONCE }, direction);
    let mut frame = [0; FRAME_LEN];
    frame[..BARE_LEN].copy_from_slice(&content);
    frame[BARE_LEN..].copy_from_slice(&crc32c(&[&codename[..], &content[..]].concat()).to_le_bytes());
    frame
}

fn codename(nonce: u64, direction: u8) -> Vec<u8> {
    let (firmware, agent) = interlock_link::ids::for_robot("r-1");
    [&firmware.to_le_bytes()[..], &agent.to_le_bytes(), &nonce.to_le_bytes(), &[direction]].concat()
}

/// Bit by bit, unlike the link's own.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0x82F6_3B78 & (sum & 1).wrapping_neg()))
    })
}
