//! Half of the samples, where they say least: those between two like ones.
//!
//! Terms: a *stretch* is a run of samples in one boot and one condition. Its first and its last sample stay, so every
//! change keeps its moment; of those between, every second goes, and the one behind it stands for its numbers too. Done again,
//! it halves again. Losses are never thinned.

use super::KeptItem;
use shared::wire::telemetry::Span;

/// What makes room, and what stands for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thinned {
    /// Places that are emptied.
    pub dropped: Vec<u64>,
    /// Places whose span becomes another.
    pub widened: Vec<(u64, Span)>,
}

/// What to drop of these items, which follow each other in the file.
#[must_use]
pub fn thin(items: &[KeptItem]) -> Thinned {
    let mut thinned = Thinned::default();
    for stretch in items.chunk_by(is_alike) {
        halve(stretch, &mut thinned);
    }
    thinned
}

fn is_alike(a: &KeptItem, b: &KeptItem) -> bool {
    let key = |kept: &KeptItem| kept.item.sample.map(|sample| (sample.boot, sample.condition));
    let follows = a.epoch == b.epoch && b.item.span.first == a.item.span.last + 1;
    follows && key(a).is_some() && key(a) == key(b)
}

fn halve(stretch: &[KeptItem], thinned: &mut Thinned) {
    let [_first, between @ .., last] = stretch else { return };
    // The second of each pair stays and stands for both; one without a partner stays as it is.
    for pair in between.chunks_exact(2) {
        let [dropped, heir] = pair else { continue };
        thinned.dropped.push(dropped.place);
        let span = Span { first: dropped.item.span.first, last: heir.item.span.last };
        thinned.widened.push((heir.place, span));
    }
    debug_assert!(!thinned.dropped.contains(&last.place), "the last of a stretch stays");
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::{Boot, Epoch};
    use shared::wire::telemetry::{Condition, Item, Sample};

    fn kept(number: u64, step: u8) -> KeptItem {
        let condition = Condition { step: Some(step), ..Condition::default() };
        let mono_ms = number * 1000;
        let sample = Sample { boot: Boot(1), mono_ms, wall_ms: mono_ms, at: None, battery_permille: None, condition };
        let item = Item { span: Span::one(number), sample: Some(sample) };
        KeptItem { place: number, epoch: Epoch(1), item }
    }

    fn applied(items: &[KeptItem], thinned: &Thinned) -> Vec<KeptItem> {
        let widened = |place| thinned.widened.iter().find(|(widened, _)| *widened == place).map(|(_, span)| *span);
        let stays = items.iter().filter(|kept| !thinned.dropped.contains(&kept.place));
        stays
            .map(|kept| KeptItem {
                item: Item { span: widened(kept.place).unwrap_or(kept.item.span), ..kept.item },
                ..*kept
            })
            .collect()
    }

    #[test]
    fn the_resolution_is_halved_and_no_number_goes_missing() {
        let mut items: Vec<KeptItem> = (1..=1000).map(|number| kept(number, 0)).collect();
        for wanted in [501, 252, 127] {
            items = applied(&items, &thin(&items));
            assert_eq!(items.len(), wanted);
            assert!(items.windows(2).all(|pair| pair[1].item.span.first == pair[0].item.span.last + 1));
            assert_eq!((items[0].item.span.first, items[wanted - 1].item.span), (1, Span::one(1000)));
        }
    }

    #[test]
    fn first_and_last_of_each_stretch_stay_with_their_moment() {
        let items: Vec<KeptItem> = (1..=30).map(|number| kept(number, (number / 10) as u8)).collect();
        let mut left = items.clone();
        for _ in 0..9 {
            left = applied(&left, &thin(&left));
        }
        for number in [1, 9, 10, 19, 20, 29, 30] {
            assert!(left.iter().any(|kept| kept.item.span.last == number), "{number}: {left:?}");
        }
        assert!(left.len() < 12);
    }

    #[test]
    fn losses_holes_and_short_stretches_stay() {
        let lost = |number| KeptItem { item: Item { sample: None, ..kept(number, 0).item }, ..kept(number, 0) };
        assert_eq!(thin(&[lost(1), lost(2), lost(3), lost(4)]), Thinned::default());
        assert_eq!(thin(&[kept(1, 0), kept(2, 0), kept(3, 0)]), Thinned::default());
        assert_eq!(
            thin(&[kept(1, 0), kept(2, 0), kept(4, 0), kept(5, 0)]),
            Thinned::default(),
            "a hole ends a stretch"
        );
    }
}
