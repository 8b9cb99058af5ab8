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
    /// How many samples were thinned out.
    pub thinned: usize,
}

impl Sampled {
    /// Notes what the robot has put on its disk.
    pub fn note(&mut self, keeps: &[Keep]) {
        for keep in keeps {
            match keep {
                Keep::Item { epoch, item: Item { span, sample: Some(sample) } } => {
                    self.kept.insert((*epoch, span.last), *sample);
                }
                Keep::Thin(thinned) => self.thinned += thinned.dropped.len(),
                Keep::Item { item: Item { sample: None, .. }, .. } | Keep::Forget { .. } => {}
            }
        }
    }
}
