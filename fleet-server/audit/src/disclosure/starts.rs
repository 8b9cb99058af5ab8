//! What the starts of agents say of the processes before them, and whether the record is whole enough to be held to it.

use super::contradiction::{Contradiction, Omitted};
use super::journal::{ChainState, Journal};
use super::placing::Place;
use shared::fact::Fact;
use shared::journal::Record;
use std::collections::BTreeSet;

/// Starts behind a process that did not end in order, and of which nobody says until when it lived: each leaves a sign on its disk
/// with its start.
#[must_use]
pub fn without_last_sign(records: &[&Record], places: &[Place]) -> Vec<Contradiction> {
    let (mut found, mut is_told, mut is_first) = (Vec::new(), false, true);
    for record in records {
        match record.fact() {
            // A database that was put back does not know how long the process before lived.
            Some(Fact::LivedUntil { .. } | Fact::EpochBegan { .. }) => is_told = true,
            Some(Fact::AgentStarted { clean }) => {
                let place = places.iter().find(|place| place.boot == record.entry.boot);
                let at_ms = record.entry.mono_ms.saturating_add_signed(place.map_or(0, |place| place.ahead_ms));
                let lacks = !clean && !is_told && !is_first;
                found.extend(lacks.then_some(Contradiction { at_ms, omitted: Omitted::LastSign }));
                (is_told, is_first) = (false, false);
            }
            _ => {}
        }
    }
    found
}

/// Whether every epoch is there from its first entry to its last, and every epoch that another one says came before it.
#[must_use]
pub fn is_whole(journals: &[Journal]) -> bool {
    let epochs: BTreeSet<u64> = journals.iter().map(|journal| journal.epoch.0).collect();
    let has_before = |record: &Record| match record.fact() {
        Some(Fact::EpochBegan { before: Some(before), .. }) => epochs.contains(&before.0),
        _ => true,
    };
    journals.iter().all(|journal| {
        matches!(journal.chain, ChainState::Whole { .. }) && journal.records.first().is_none_or(has_before)
    })
}
