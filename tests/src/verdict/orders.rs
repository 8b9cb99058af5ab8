//! Which task and fence stand behind the tag under which a body counts.
//!
//! The body knows an order only by 64 bits; whoever mentions an order in a row or a fact tells what they stand for.

use super::history::{History, Kept};
use shared::task::{OrderRef, TaskRow};
use shared::wire::fleet_to_robot::Row;
use shared::wire::from_bytes;
use std::collections::BTreeMap;

/// Every order that anybody mentions, by its tag.
#[derive(Debug)]
pub struct Orders {
    by_tag: BTreeMap<u64, Known>,
}

/// An order and the number of its steps; 0 when only facts mention it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The task and its fence.
    pub order: OrderRef,
    /// How many steps the order has.
    pub steps: usize,
}

impl Known {
    /// Whether `step` is the one that finishes the order.
    #[must_use]
    pub const fn is_last(&self, step: u8) -> bool {
        self.steps > 0 && step as usize == self.steps - 1
    }
}

impl Orders {
    /// Collects what rows and facts of both sides mention.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let rows = history.server_rows().chain(fed_rows(history));
        let mut by_tag: BTreeMap<u64, Known> = BTreeMap::new();
        for row in rows {
            let known = Known { order: row.order(), steps: row.steps.len() };
            by_tag.insert(known.order.tag(), known);
        }
        for order in mentioned(history) {
            by_tag.entry(order.tag()).or_insert(Known { order, steps: 0 });
        }
        Self { by_tag }
    }

    /// What the tag stands for.
    #[must_use]
    pub fn get(&self, tag: u64) -> Option<Known> {
        self.by_tag.get(&tag).copied()
    }
}

fn fed_rows(history: &History) -> impl Iterator<Item = TaskRow> {
    let rows = history.server.feed.values().flat_map(BTreeMap::values);
    rows.filter_map(|bytes| match from_bytes(bytes).ok()? {
        Row::Task { row } => Some(row),
        Row::Revoke { .. } | Row::Endorsement { .. } | Row::Note { .. } | Row::Settled { .. } | Row::Stamp { .. } => {
            None
        }
    })
}

fn mentioned(history: &History) -> impl Iterator<Item = OrderRef> {
    let own = history.robots.values().flat_map(|robot| &robot.replica.journal);
    let theirs = history.server.facts.values().flatten();
    own.chain(theirs).filter_map(Kept::fact).filter_map(|(_, fact)| fact.order())
}
