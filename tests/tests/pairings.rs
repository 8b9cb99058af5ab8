//! Each pairing of {older, newer, newest, no} replica, file of telemetry and remembered head: all 64, four lives each.

use std::thread;
use tests::world::pairing::{Life, Pairing, run};

const LIVES: [Life; 4] = [
    Life { is_connected: true, ends_in_order: true },
    Life { is_connected: true, ends_in_order: false },
    Life { is_connected: false, ends_in_order: true },
    Life { is_connected: false, ends_in_order: false },
];

#[test]
fn an_agent_starts_on_every_pairing_names_what_happened_and_uses_no_number_twice() {
    let wrong = |lives: &[Life]| {
        let all = lives.iter().flat_map(|life| Pairing::all().into_iter().map(move |pairing| (pairing, *life)));
        let found = all
            .filter_map(|(pairing, life)| Some(format!("{pairing:?}, {life:?}: {:#}", run(1, pairing, life).err()?)));
        found.collect::<Vec<_>>()
    };
    let found = thread::scope(|scope| {
        let other = scope.spawn(|| wrong(&LIVES[2..]));
        [wrong(&LIVES[..2]), other.join().expect("a world ends")].concat()
    });
    assert!(found.is_empty(), "{} of {} pairings:\n{}", found.len(), 4 * Pairing::all().len(), found.join("\n\n"));
}
