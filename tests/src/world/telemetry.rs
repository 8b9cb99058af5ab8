//! Judges telemetry by the world's own record: every sample that a robot kept is at the server, in its order, or is stood for
//! by the one behind it; a number that is missing was named as lost, and none that was kept was.

use super::sampled::Sampled;
use anyhow::{Context, Result};
use fleet_server::store::{Archive, StoredTelemetry, TelemetryPage};
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::wire::telemetry::{Item, Sample};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Samples may wait for each other, for an answer, and for their share of the link.
pub const ON_THE_WAY_MS: u64 = 15_000;

/// Everything that the server has of a robot's telemetry, in the order in which it was stored.
///
/// # Errors
/// When its database cannot be read.
pub fn stored(server: &Path, robot: &RobotId) -> Result<Vec<StoredTelemetry>> {
    let all = TelemetryPage { from_ms: 0, to_ms: u64::MAX, after: 0, most: usize::MAX };
    Archive::of(server).telemetry(robot, all).context("a robot's telemetry")
}

/// What may not be at any time.
pub fn found_wrong(robot: &RobotId, sampled: &Sampled, stored: &[StoredTelemetry]) -> Vec<String> {
    let mut found = Vec::new();
    for (epoch, items) in by_epoch(stored) {
        found.extend(holes(&items).into_iter().map(|hole| format!("{robot}: telemetry {hole}")));
        found.extend(items.iter().filter_map(|item| untrue(epoch, item, sampled)).map(|why| format!("{robot}: {why}")));
    }
    found
}

/// How many samples that were kept before a moment are neither at the server nor stood for there.
pub fn missing(sampled: &Sampled, stored: &[StoredTelemetry], before_ms: u64) -> usize {
    let epochs = by_epoch(stored);
    let last = |epoch: &Epoch| epochs.get(epoch).and_then(|items| items.last()).map_or(0, |item| item.span.last);
    let old = sampled.kept_ms.iter().filter(|(_, kept_ms)| **kept_ms < before_ms);
    old.filter(|((epoch, number), _)| *number > last(epoch)).count()
}

fn by_epoch(stored: &[StoredTelemetry]) -> BTreeMap<Epoch, Vec<Item>> {
    let mut epochs: BTreeMap<Epoch, Vec<Item>> = BTreeMap::new();
    for row in stored {
        epochs.entry(row.epoch).or_default().extend(&row.items);
    }
    epochs
}

/// Where an item does not begin behind the one before.
fn holes(items: &[Item]) -> Vec<String> {
    let mut next = 1;
    let mut holes = Vec::new();
    for Item { span, .. } in items {
        if span.first != next {
            holes.push(format!("{} to {} stands where {next} comes next", span.first, span.last));
        }
        next = span.last + 1;
    }
    holes
}

fn untrue(epoch: Epoch, item: &Item, sampled: &Sampled) -> Option<String> {
    let span = item.span;
    match item.sample {
        Some(sample) => {
            let kept = sampled.kept.get(&(epoch, span.last));
            (kept != Some(&sample)).then(|| format!("sample {} is {sample:?}, and {kept:?} was kept", span.last))
        }
        None => {
            let kept = sampled.kept_ms.range((epoch, span.first)..=(epoch, span.last)).next();
            kept.map(|((_, number), _)| format!("sample {number} was kept and is told as lost"))
        }
    }
}

/// The samples of a time that arrived under their own number, in the order of arrival.
pub fn arrived(stored: &[StoredTelemetry], from_ms: u64, to_ms: u64) -> Vec<Sample> {
    let samples = stored.iter().flat_map(|row| &row.items).filter_map(|item| item.sample);
    samples.filter(|sample| (from_ms..to_ms).contains(&sample.mono_ms)).collect()
}

/// How many numbers are told as lost.
pub fn lost(stored: &[StoredTelemetry]) -> u64 {
    let items: BTreeSet<(u64, u64)> = stored
        .iter()
        .flat_map(|row| &row.items)
        .filter(|item| item.sample.is_none())
        .map(|item| (item.span.first, item.span.last))
        .collect();
    items.iter().map(|(first, last)| last - first + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::Boot;
    use shared::wire::telemetry::{Condition, Span};

    const E: Epoch = Epoch(3);

    fn sample(number: u64) -> Sample {
        let (mono_ms, condition) = (number * 1000, Condition::default());
        Sample { boot: Boot(1), mono_ms, wall_ms: 0, at: None, battery_permille: None, condition }
    }

    fn item(number: u64) -> Item {
        Item { span: Span::one(number), sample: Some(sample(number)) }
    }

    fn kept() -> Sampled {
        let kept = (1..=9).map(|number| ((E, number), sample(number))).collect();
        Sampled {
            kept,
            kept_ms: (1..=9).map(|number| ((E, number), number * 1000)).collect(),
            thinned: 0,
            twice: vec![],
        }
    }

    fn judged(items: Vec<Item>) -> Vec<String> {
        let row = StoredTelemetry { n: 1, epoch: E, offset_ms: 0, received_ms: 0, items };
        found_wrong(&RobotId::parse("r-1").unwrap(), &kept(), &[row])
    }

    #[test]
    fn every_way_to_lose_change_or_hide_a_sample_is_found() {
        let good: Vec<Item> = (1..=9).map(item).collect();
        assert_eq!(judged(good.clone()), Vec::<String>::new());
        let mut dropped = good.clone();
        dropped.remove(4);
        assert!(judged(dropped)[0].contains("6 to 6 stands where 5 comes next"));
        let mut swapped = good.clone();
        swapped.swap(2, 3);
        assert!(!judged(swapped).is_empty());
        let mut changed = good.clone();
        changed[3].sample = Some(Sample { battery_permille: Some(1), ..sample(4) });
        assert!(judged(changed)[0].contains("sample 4 is"));
        let mut hidden = good[..4].to_vec();
        hidden.push(Item { span: Span { first: 5, last: 4096 }, sample: None });
        assert!(judged(hidden)[0].contains("sample 5 was kept and is told as lost"));
        let mut twice = good.clone();
        twice.push(item(9));
        assert!(!judged(twice).is_empty());
    }

    #[test]
    fn what_is_thinned_is_stood_for_and_what_did_not_come_is_missing() {
        let thinned = vec![item(1), Item { span: Span { first: 2, last: 3 }, ..item(3) }, item(4)];
        assert_eq!(judged(thinned.clone()), Vec::<String>::new());
        let row = StoredTelemetry { n: 1, epoch: E, offset_ms: 0, received_ms: 0, items: thinned };
        assert_eq!((missing(&kept(), std::slice::from_ref(&row), 7000), missing(&kept(), &[row], 4001)), (2, 0));
        assert_eq!(missing(&kept(), &[], 3000), 2);
    }
}
