//! What an auditor reads of one robot: per day how long it had energy, moved, and was covered by a heard disclosure, every
//! gap with its cause, and whether the journal it is read off holds.

use super::believable::{LIFE_MS, believable};
use super::boot::{End, tracks};
use super::calendar::{Day, Receipt};
use super::contradiction::Contradiction;
use super::controller::Controller;
use super::day::{DayReport, add};
use super::journal::{ChainState, Journal, SignatureState};
use super::origins::once;
use super::placing::{Found, Place, places};
use super::sign::Sign;
use super::signs::signs;
use super::starts::{is_whole, without_last_sign};
use shared::beacon::DisclosureId;
use shared::fact::Fact;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Record};
use std::collections::BTreeMap;

/// One robot's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whose.
    pub robot: RobotId,
    /// What each epoch of its journal proves, oldest first.
    pub epochs: Vec<Proof>,
    /// Its days, oldest first.
    pub days: Vec<DayReport>,
    /// The last moment that the record tells of, milliseconds since 1970; `None` for an empty one.
    pub until_ms: Option<u64>,
    /// Its boots, oldest first, and where they stand on the calendar.
    pub boots: Vec<Place>,
    /// Every key that it disclosed with, by its id.
    pub disclosure_ids: Vec<DisclosureId>,
    /// How many entries name a time that cannot be; nothing is read off them.
    pub unbelievable: u64,
    /// What its safety controller's own lines prove.
    pub controller: Controller,
    /// What its agent's record leaves out, on the calendar, oldest first. Only where no entry is missing: a hole explains it.
    pub contradictions: Vec<Contradiction>,
    /// Whether it is known when a server received any of it.
    pub is_received: bool,
}

/// What one epoch of a journal proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Which.
    pub epoch: Epoch,
    /// By its chain.
    pub chain: ChainState,
    /// By its signatures.
    pub signatures: SignatureState,
}

impl Proof {
    /// How many entries are there that no signature covers, where signatures were checked.
    #[must_use]
    pub const fn unsigned(&self) -> u64 {
        self.signatures.unsigned(&self.chain)
    }
}

/// Makes the report of one robot off all epochs of its journal, oldest first. `running` is the newest word of the robot
/// itself beyond its journal: its boot, and that boot's monotonic clock.
#[must_use]
pub fn report(robot: &RobotId, journals: &[Journal], running: Option<(Boot, u64)>) -> Report {
    let epochs = journals.iter().map(proof).collect();
    let records = once(journals);
    let receipts = journals.iter().flat_map(|journal| journal.receipts.iter().copied());
    let receipts: Vec<Receipt> = receipts.filter(|receipt| receipt.sent_mono_ms <= LIFE_MS).collect();
    let signs = signs(records.iter().copied());
    let (boots, unbelievable) = believable(&signs);
    let running = running.filter(|(_, mono_ms)| *mono_ms <= LIFE_MS);
    let found: Vec<Found> = boots.iter().map(|(boot, told)| found(*boot, told, running)).collect();
    let places = places(&found, &receipts, &stamps(&records));
    let (mut days, mut contradictions) = (BTreeMap::new(), without_last_sign(&records, &places));
    for (n, (_, told)) in boots.iter().enumerate() {
        let running_ms = running.filter(|(newest, _)| *newest == places[n].boot).map_or(0, |(_, mono_ms)| mono_ms);
        let over = places.get(n + 1).map(|next| End::Over { next_ms: places[n].mono_of(next.power_ms()) });
        let tracks = tracks(told, over.unwrap_or(End::Until(running_ms)));
        add(&mut days, &tracks, places[n].ahead_ms);
        let ahead_ms = places[n].ahead_ms;
        let placed =
            |found: Contradiction| Contradiction { at_ms: found.at_ms.saturating_add_signed(ahead_ms), ..found };
        contradictions.extend(tracks.contradictions.into_iter().map(placed));
    }
    contradictions.sort_unstable();
    contradictions.retain(|_| is_whole(journals));
    Report {
        robot: robot.clone(),
        epochs,
        days: days.into_values().collect(),
        until_ms: places.iter().map(|place| place.end_ms).max(),
        boots: places,
        disclosure_ids: disclosure_ids(&records),
        unbelievable,
        controller: Controller::of(journals, None),
        contradictions,
        is_received: !receipts.is_empty(),
    }
}

/// From when to when a boot's record goes, on its own clock.
fn found(boot: Boot, told: &[Sign], running: Option<(Boot, u64)>) -> Found {
    let first_ms = told.iter().map(|sign| sign.at_ms).min().unwrap_or(0);
    let last_ms = told.iter().map(|sign| sign.at_ms.max(sign.stamp_ms)).max().unwrap_or(0);
    let running_ms = running.filter(|(newest, _)| *newest == boot).map_or(0, |(_, mono_ms)| mono_ms);
    Found { boot, first_ms, last_ms: last_ms.max(running_ms) }
}

/// Every key that it disclosed with, by its id, in the order of their first use.
fn disclosure_ids(records: &[&Record]) -> Vec<DisclosureId> {
    let mut ids = Vec::new();
    for record in records {
        if let Some(Fact::DisclosureStarted { id }) = record.fact() {
            let id = DisclosureId(id);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

fn proof(journal: &Journal) -> Proof {
    Proof { epoch: journal.epoch, chain: journal.chain.clone(), signatures: journal.signatures.clone() }
}

/// Both clocks as each record of a boot has stamped them: `(monotonic, calendar)`, in milliseconds.
fn stamps(records: &[&Record]) -> BTreeMap<Boot, Vec<(u64, u64)>> {
    let mut stamps: BTreeMap<Boot, Vec<(u64, u64)>> = BTreeMap::new();
    for entry in records.iter().map(|record| &record.entry).filter(|entry| entry.mono_ms <= LIFE_MS) {
        stamps.entry(entry.boot).or_default().push((entry.mono_ms, entry.hlc.wall().0));
    }
    stamps
}

impl Report {
    /// The same with one day only.
    #[must_use]
    pub fn of_day(self, day: Option<Day>) -> Self {
        let days = self.days.into_iter().filter(|found| day.is_none_or(|day| found.day == day)).collect();
        Self { days, ..self }
    }

    /// Why the journal is not what its robot wrote, if that is proved.
    #[must_use]
    pub fn tampering(&self) -> Option<String> {
        let broken = self.epochs.iter().find_map(|proof| match (&proof.chain, &proof.signatures) {
            (ChainState::Broken { why }, _) | (_, SignatureState::Wrong { why }) => Some(why.clone()),
            _ => None,
        });
        broken.or_else(|| self.controller.wrong.clone())
    }

    /// Whether the agent's record leaves out what it must have seen: somebody took entries away, or it did not write them.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.contradictions.iter().any(|found| !found.omitted.may_be_old())
    }

    /// Whether entries or the controller's events are missing inside, entries cannot be so, or the energy was unknown at some
    /// time.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let has_hole = |proof: &Proof| matches!(proof.chain, ChainState::Missing { .. });
        self.unbelievable > 0
            || self.controller.missing > 0
            || self.controller.is_absent()
            || !self.contradictions.is_empty()
            || self.epochs.iter().any(has_hole)
            || self.days.iter().any(|day| day.totals.unknown_ms > 0)
    }

    /// How many entries the robot has not signed, where signatures were checked: what they say is not proved.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        self.epochs.iter().map(Proof::unsigned).sum()
    }

    /// Motion that no heard disclosure covers, in milliseconds.
    #[must_use]
    pub fn moving_uncovered_ms(&self) -> u64 {
        self.days.iter().map(|day| day.totals.moving_uncovered_ms()).sum()
    }
}

#[cfg(test)]
mod tests;
