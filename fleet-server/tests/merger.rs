//! Hostile updates against the process that merges notes: whatever comes, it is refused or merged, the next honest edit goes
//! on, and the process that asked lives.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

use fleet_server::merger::Merger;
use shared::checklist::{Edit, difference};
use shared::contribution::{Blob, Contribution, MergeAsk, Merged};
use shared::field::OpId;
use shared::note::{Note, UPDATE_LEN_MAX};

const FLEET: &str = env!("CARGO_BIN_EXE_fleet");

fn update_of(base: &[Vec<u8>], number: u8, edits: &[Edit]) -> Vec<u8> {
    Note::open(base.iter().map(Vec::as_slice), OpId([number; 16])).unwrap().edit(edits).unwrap()
}

fn ask(base: &[Vec<u8>], number: u8, update: &[u8]) -> MergeAsk {
    let contribution = Contribution::Update { update: Blob(update.to_vec()) };
    MergeAsk { parts: base.iter().cloned().map(Blob).collect(), op: OpId([number; 16]), contribution }
}

/// A note with text and items, and an honest edit of it.
fn honest() -> (Vec<Vec<u8>>, Vec<u8>) {
    let check = |text: &str| Edit::Check { text: text.into(), done: true, at_ms: 5 };
    let start = [difference("", "Bring the kit 🟦 to cell A"), vec![check("seal it"), check("weigh it")]].concat();
    let base = vec![update_of(&[], 1, &start)];
    let edits =
        [difference("Bring the kit 🟦 to cell A", "Bring a blue kit to cell B"), vec![check("label it")]].concat();
    let update = update_of(&base, 2, &edits);
    (base, update)
}

fn goes_on(merger: &mut Merger) {
    let (base, update) = honest();
    let merged = merger.merge(&ask(&base, 2, &update));
    assert!(matches!(merged, Merged::Changed { content, .. } if content.text == "Bring a blue kit to cell B"));
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// One to four bytes changed, taken out or put in; now and then the head of one and the tail of another, or mere noise.
fn mutated(update: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = update.to_vec();
    if random.below(50) == 0 {
        return (0..random.below(200)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
    }
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1));
        let byte = if random.below(3) == 0 { 0xff } else { u8::try_from(random.below(256)).unwrap() };
        match random.below(4) {
            0 if at < bytes.len() => drop(bytes.remove(at)),
            1 => bytes.insert(at.min(bytes.len()), byte),
            2 => bytes.truncate(at),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|there| *there = byte),
        }
    }
    bytes
}

/// What came of this many mutations: merged, refused, and children that died of one.
fn attacked(count: u64) -> (u64, u64, u64) {
    let (base, update) = honest();
    let (mut merger, mut random) = (Merger::new(FLEET), Random(7));
    let (mut merged, mut refused) = (0, 0);
    for number in 0..count {
        match merger.merge(&ask(&base, 2, &mutated(&update, &mut random))) {
            Merged::Changed { .. } | Merged::Same => merged += 1,
            Merged::Refused { .. } => refused += 1,
        }
        if number.is_multiple_of(500) {
            goes_on(&mut merger);
        }
    }
    goes_on(&mut merger);
    (merged, refused, merger.deaths())
}

#[test]
fn cut_long_and_random_updates_are_refused_or_merged_and_the_next_one_goes_on() {
    let (base, update) = honest();
    let mut merger = Merger::new(FLEET);
    for cut in 0..update.len() {
        merger.merge(&ask(&base, 2, &update[..cut]));
    }
    let varint = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for at in 0..update.len() {
        let huge = [&update[..at], &varint, &update[at..]].concat();
        merger.merge(&ask(&base, 2, &huge));
    }
    let long = merger.merge(&ask(&base, 2, &vec![0; UPDATE_LEN_MAX + 1]));
    assert_eq!(long, Merged::Refused { why: shared::refusal::Code::NoteTooLong });
    goes_on(&mut merger);
    let (merged, refused, deaths) = attacked(3_000);
    println!(
        "3000 mutations: {merged} merged, {refused} refused, {deaths} processes died of one; {} before",
        merger.deaths()
    );
    assert!(refused > 1_000);
}

#[test]
#[ignore = "a million mutations take minutes: cargo test -p fleet-server --test merger -- --ignored --nocapture"]
fn a_million_random_updates_harm_nothing() {
    let (merged, refused, deaths) = attacked(1_000_000);
    println!("1000000 mutations: {merged} merged, {refused} refused, {deaths} processes died of one");
    assert!(refused > 300_000);
}
