//! Figures of the beacon: sizes, what signing and verifying cost, and how many of a number of random mutations pass.
//!
//! `cargo bench -p shared --bench beacon -- [--mutations N] [--seed S] [--json]`
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and its own command line")]

#[path = "../tests/beacon/mutate.rs"]
mod mutate;
#[path = "../tests/beacon/packs.rs"]
mod packs;

use mutate::{Tally, mutate};
use packs::{Packs, key, noon, words};
use shared::beacon::{LINK_LEN, Observer, PRESENCE_LEN, Pack, Presence, Receiver, encode_presence};
use shared::time::Instant as OnOwnClock;
use std::hint::black_box;
use std::time::Instant;

const BATCHES: u32 = 100;
const BATCH: u32 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| {
        let value = arguments.iter().skip_while(|word| *word != name).nth(1);
        value.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (mutations, seed) = (number("--mutations", 1_000_000), number("--seed", 1).max(1));
    let figures = figures(mutations, seed);
    if arguments.iter().any(|word| word == "--json") {
        let fields: Vec<String> = figures.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        println!("{{{}}}", fields.join(","));
    } else {
        figures.iter().for_each(|(name, value)| println!("{name:28} {value}"));
    }
}

fn figures(mutations: u64, seed: u64) -> Vec<(&'static str, String)> {
    let packs = Packs::fixed();
    let (robot, words) = (key(1), words());
    let presence = Presence::read(&packs.presence).expect("it is in form");
    let mut endorsed = Observer::new(packs.ca);
    endorsed.hear(&packs.link, noon()).expect("the endorsement holds");
    let Tally { accepted, unchanged } = mutate(&packs, mutations, seed);
    let micros = |each: f64| format!("{each:.2}");
    vec![
        ("presence_bytes", PRESENCE_LEN.to_string()),
        ("link_bytes", LINK_LEN.to_string()),
        ("sign_us", micros(micros_of(|| encode_presence(&robot, &words)))),
        ("read_us", micros(micros_of(|| Pack::read(&packs.presence)))),
        ("check_presence_us", micros(micros_of(|| presence.check(&packs.robot)))),
        ("hear_both_us", micros(micros_of(|| hear_both(&packs)))),
        ("noise_us", micros(micros_of(|| Pack::read(black_box(&[0x5a; 228]))))),
        ("mutations", mutations.to_string()),
        ("mutations_seed", seed.to_string()),
        ("mutations_unchanged", unchanged.to_string()),
        ("mutations_accepted", accepted.to_string()),
    ]
}

fn hear_both(packs: &Packs) {
    let mut receiver = Receiver::new(packs.robot, packs.ca);
    let heard =
        [receiver.hear(&packs.link, OnOwnClock(0)).is_ok(), receiver.hear(&packs.presence, OnOwnClock(0)).is_ok()];
    assert_eq!(heard, [true, true]);
}

/// Microseconds that one takes in the quickest of many batches: a machine that others use too is slower, never quicker.
fn micros_of<T>(work: impl Fn() -> T) -> f64 {
    (0..BATCHES).map(|_| batch_micros(&work)).fold(f64::INFINITY, f64::min)
}

fn batch_micros<T>(work: &impl Fn() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..BATCH {
        black_box(work());
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH)
}
