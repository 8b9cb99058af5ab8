//! What is put into columns comes out again, and what does not fit makes nothing.

use super::*;
use crate::wire::packed::pack;
use crate::wire::{from_bytes, to_bytes};

fn sample(second: u64) -> Sample {
    let at = (second % 7 != 3).then_some(Point { x_cm: -40 + second as i16, y_cm: 3 });
    let condition = Condition {
        phase: Some(InterlockPhase::Energised),
        step: Some((second / 100) as u8),
        moving: Some(true),
        ..Condition::default()
    };
    let (mono_ms, wall_ms) = (5_000 + second * 1_000, 1_795_000_000_000 + second * 1_000 + second % 2);
    Sample { boot: Boot(u64::MAX), mono_ms, wall_ms, at, battery_permille: Some(900 - second as u16 / 60), condition }
}

fn items(seconds: std::ops::Range<u64>) -> Vec<Item> {
    seconds.map(|second| Item { span: Span::one(second + 1), sample: Some(sample(second)) }).collect()
}

fn batch(items: &[Item]) -> TelemetryBatch {
    TelemetryBatch::of(Epoch(5), Boot(2), 9, items)
}

fn again(batch: &TelemetryBatch) -> Result<Vec<Item>, BadBlock> {
    from_bytes::<TelemetryBatch>(&to_bytes(batch)).unwrap().items()
}

#[test]
fn samples_losses_and_thinned_samples_come_back_as_they_were() {
    let mut all = items(0..300);
    all.push(Item { span: Span { first: 301, last: 4096 }, sample: None });
    let boot = Boot(7);
    all.push(Item { span: Span { first: 4097, last: 4100 }, sample: Some(Sample { boot, ..sample(1) }) });
    all.push(Item { span: Span::one(4101), sample: Some(Sample { boot, ..sample(2) }) });
    let sent = batch(&all);
    assert_eq!(sent.parts.len(), 3, "one part for each boot and each loss");
    assert_eq!(again(&sent), Ok(all));
}

#[test]
fn an_hour_of_samples_is_a_few_kilobytes() {
    let bytes = to_bytes(&batch(&items(0..3_600)));
    let packed = pack(&bytes).unwrap().len();
    assert!(packed < 16 * 1024, "{packed} of {}", bytes.len());
}

#[test]
fn a_hole_within_a_batch_and_numbers_of_no_lane_are_refused() {
    let mut holed = batch(&[items(0..1), items(2..3)].concat());
    holed.parts = [items(0..1), items(2..3)].iter().map(|items| Part::of(items)).collect();
    assert_eq!(again(&holed), Err(BadBlock::Hole { last: 1, first: 3 }));
    for (first, last) in [(0, 4), (5, 4), (1, u64::MAX)] {
        let lost = TelemetryBatch { parts: vec![Part::Lost { first, last }], ..batch(&[]) };
        assert_eq!(again(&lost), Err(BadBlock::Numbers));
    }
    assert_eq!(again(&batch(&[])), Ok(vec![]));
    let many = batch(&items(0..ITEMS_MAX as u64 + 1));
    assert_eq!(again(&many), Err(BadBlock::TooMany(ITEMS_MAX + 1)));
}

#[test]
fn no_bytes_panic() {
    let bytes = to_bytes(&batch(&items(0..20)));
    for place in 0..bytes.len() {
        for flip in [1, 0x20, 0x80, 0xff] {
            let mut spoiled = bytes.clone();
            spoiled[place] ^= flip;
            let _whatever = from_bytes::<TelemetryBatch>(&spoiled).map(|batch| batch.items());
        }
    }
}
