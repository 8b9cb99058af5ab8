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

    /// The file is exchanged at a moment for one that was copied at another: what was kept between the two need not arrive.
    pub fn vanish(&mut self, now_ms: u64, copied_ms: u64) {
        self.kept_ms.retain(|_, kept_ms| *kept_ms <= copied_ms || *kept_ms > now_ms);
    }
}
