//! Falsehoods to plant in the evidence of a sound world: a judge that does not find them would find nothing.

use super::evidence::Evidence;
use anyhow::{Context, Result, ensure};
use shared::seal::Hash;
use shared::task::TaskRow;
use shared::wire::{from_bytes, to_bytes};

/// What is falsified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tamper {
    /// An entry that stands on a disk is not at the server.
    Loses,
    /// Another entry came under a number, and no flag names it.
    HidesAFork,
    /// An earlier title took effect again.
    Overrules,
    /// A step is counted that nobody ended.
    CountsAStep,
    /// No break is flagged.
    NamesNoBreak,
    /// No calendar is suspected.
    SuspectsNoCalendar,
    /// A copy differs.
    Differs,
    /// A sample is gone from the middle.
    DropsASample,
}

impl Tamper {
    /// All of them, with the words by which each is found.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Loses, "stands on a disk only"),
        (Self::HidesAFork, "stands for two entries"),
        (Self::Overrules, "and was \"title "),
        (Self::CountsAStep, "steps done"),
        (Self::NamesNoBreak, "no flag names"),
        (Self::SuspectsNoCalendar, "nobody suspects"),
        (Self::Differs, "is not the newest feed row"),
        (Self::DropsASample, "comes next"),
    ];

    /// Falsifies.
    ///
    /// # Errors
    /// When the evidence has no place for it.
    pub(super) fn spoil(self, evidence: &mut Evidence) -> Result<()> {
        match self {
            Self::Loses => {
                let kept = evidence.machines[0].replica.journal.first().context("an entry")?.hash;
                let facts = evidence.server.facts.values_mut();
                facts.for_each(|facts| {
                    facts.retain(|fact| fact.hash != kept && super::evidence::origin_of(fact) != Some(kept))
                });
                evidence.forks.retain(|(_, fork)| fork.hash != kept);
            }
            Self::HidesAFork => {
                let (robot, facts) = evidence.server.facts.first_key_value().context("a robot's entries")?;
                let mut fork = facts.last().context("an entry")?.clone();
                fork.hash = Hash([9; 32]);
                evidence.forks.push((robot.clone(), fork));
            }
            Self::Overrules => {
                for bytes in evidence.server.tasks.values_mut() {
                    let row: TaskRow = from_bytes(bytes)?;
                    *bytes = to_bytes(&TaskRow { title: "written long ago".to_owned(), ..row });
                }
            }
            Self::CountsAStep => {
                let is_step = |kept: &crate::verdict::history::Kept| {
                    matches!(kept.fact(), Some((_, shared::fact::Fact::StepEnded { .. })))
                };
                let before: usize = evidence.server.facts.values().map(Vec::len).sum();
                evidence.server.facts.values_mut().for_each(|facts| facts.retain(|kept| !is_step(kept)));
                ensure!(evidence.server.facts.values().map(Vec::len).sum::<usize>() < before, "no step was ended");
            }
            Self::NamesNoBreak => evidence.flags.retain(|flag| flag.rule == "clock_suspect" || flag.rule == "fork"),
            Self::SuspectsNoCalendar => evidence.flags.retain(|flag| flag.rule != "clock_suspect"),
            Self::Differs => {
                let tasks = evidence.machines.iter_mut().find_map(|machine| machine.replica.tasks.first_entry());
                tasks.context("a task on a robot")?.get_mut().push(0);
            }
            Self::DropsASample => {
                let rows = evidence.telemetry.values_mut().flat_map(|(stored, _)| stored.iter_mut());
                let items = rows.map(|row| &mut row.items).find(|items| items.len() > 2).context("three samples")?;
                items.remove(1);
            }
        }
        Ok(())
    }
}
