//! The world's own record of a robot's telemetry: what it kept, and what it thinned.

use robot_core::Keep;
use shared::journal::Epoch;
use shared::wire::telemetry::{Item, Sample};
use std::collections::BTreeMap;

/// Every sample that was kept, by epoch and number.
#[derive(Debug, Default)]
pub struct Sampled {
    /// What was measured under each number.
    pub kept: BTreeMap<(Epoch, u64), Sample>,
    /// When it was kept, on the world's clock: the robot's own begins anew with each boot.
    pub kept_ms: BTreeMap<(Epoch, u64), u64>,
    /// How many samples were thinned out.
    pub thinned: usize,
    /// Numbers under which two samples were kept.
    pub twice: Vec<(Epoch, u64)>,
}

impl Sampled {
    /// Notes what the robot has put on its disk.
    pub fn note(&mut self, keeps: &[Keep], now_ms: u64) {
        for keep in keeps {
            match keep {
                Keep::Item { epoch, item: Item { span, sample: Some(sample) } } => {
                    let before = self.kept.insert((*epoch, span.last), *sample);
                    self.twice.extend(before.filter(|before| before != sample).map(|_| (*epoch, span.last)));
                    self.kept_ms.insert((*epoch, span.last), now_ms);
                }
                Keep::Thin(thinned) => self.thinned += thinned.dropped.len(),
                Keep::Item { item: Item { sample: None, .. }, .. } | Keep::Forget { .. } => {}
            }
        }
    }

    /// Takes in what another machine of the same name has kept.
    pub fn add(&mut self, other: &Self) {
        for (at, sample) in &other.kept {
            let before = self.kept.insert(*at, *sample);
            self.twice.extend(before.filter(|before| before != sample).map(|_| *at));
        }
        self.kept_ms.extend(&other.kept_ms);
        self.thinned += other.thinned;
        self.twice.extend(&other.twice);
    }

    /// The server's database was put back: what it had, and has no more, need not be there.
    pub fn forget(&mut self, had: &BTreeMap<Epoch, u64>, has: &BTreeMap<Epoch, u64>) {
        let to = |numbers: &BTreeMap<Epoch, u64>, epoch| numbers.get(&epoch).copied().unwrap_or(0);
        self.kept_ms.retain(|(epoch, number), _| *number > to(had, *epoch) || *number <= to(has, *epoch));
    }

    /// The file is exchanged at a moment for one that was copied at another: what was kept between the two need not arrive.
    pub fn vanish(&mut self, now_ms: u64, copied_ms: u64) {
        self.kept_ms.retain(|_, kept_ms| *kept_ms <= copied_ms || *kept_ms > now_ms);
    }
}
