//! Both witnesses of one boot side by side: what the report counts by the controller although the agent's record says other,
//! and what that record leaves out.

use super::super::contradiction::{Contradiction, Omitted};
use super::super::sign::{Cause, Sign, What};
use super::super::spans::Spans;
use super::testimony::Testimony;
use super::{Gap, Life, closed};

/// What both may differ by about one moment: some cycles of the control loop, of the link and of the body's reports.
const SAME_MS: u64 = 1_000;
/// The longest silence of the robot's disclosure that a controller bears with the energy on.
const BEACON_MS: u64 = 1_500;
/// A motion that no control loop can miss: six of its cycles.
const SEEN_MS: u64 = 300;
/// How long before its last entry an agent must have written what it saw: a driver that takes nothing for two seconds stops
/// the robot.
const WRITTEN_MS: u64 = 3_000;

/// When it was heard, and every gap.
pub(super) type Hearing = (Vec<(u64, u64)>, Vec<Gap>);

/// An agent's lives beside what its controller proves.
pub(super) struct Confronted<'a> {
    pub(super) signs: &'a [Sign],
    pub(super) lives: &'a [Life<'a>],
    pub(super) testimony: Testimony,
    pub(super) found: Vec<Contradiction>,
}

impl Confronted<'_> {
    /// What was heard, by the controller where the agent says other.
    pub(super) fn hear(&mut self, (mut heard, mut gaps): Hearing, end_ms: u64) -> Hearing {
        for silence in self.testimony.silent.clone() {
            if overlap_ms(&heard, silence) > SAME_MS && self.accuse(Omitted::Gap, silence.0, silence.1) {
                self.fall_silent(silence, &mut heard, &mut gaps);
            }
        }
        for hearing in self.testimony.hearing.clone() {
            let hearing = (hearing.0, self.heard_until(hearing));
            let is_known =
                heard.iter().any(|told| told.0 <= hearing.0 + SAME_MS && hearing.0 <= told.1 + BEACON_MS + SAME_MS);
            let lacks_ms = (hearing.1 - hearing.0).saturating_sub(overlap_ms(&heard, hearing));
            let lacks = !is_known || lacks_ms > BEACON_MS + SAME_MS;
            if lacks && self.accuse(Omitted::Hearing, hearing.0, hearing.0) {
                heard.push(hearing);
                gaps = gaps.into_iter().flat_map(|gap| around(gap, hearing, end_ms)).collect();
            }
        }
        gaps.sort_by_key(|gap| gap.from_ms);
        (heard, gaps)
    }

    /// What an agent says of a gap outranks that the controller let the motors have power: it may be broken.
    fn heard_until(&self, (from_ms, to_ms): (u64, u64)) -> u64 {
        let unheard = self.signs.iter().filter(|sign| matches!(sign.what, What::Unheard(_)));
        // Energy may be given up to a watchdog's time after the last disclosure.
        let unheard = unheard.map(|sign| sign.at_ms).filter(|at| at.saturating_add(BEACON_MS) >= from_ms).min();
        unheard.map_or(to_ms, |at| at.min(to_ms).max(from_ms))
    }

    /// From the last disclosure that the controller took until the next that anybody tells of.
    fn fall_silent(&self, (from_ms, until_ms): (u64, u64), heard: &mut Vec<(u64, u64)>, gaps: &mut Vec<Gap>) {
        let again = self.signs.iter().filter(|sign| matches!(sign.what, What::Heard | What::Took { .. }));
        let again = again.map(|sign| sign.at_ms).chain(self.testimony.hearing.iter().map(|hearing| hearing.0));
        let again = again.filter(|at| *at >= until_ms).min();
        for told in std::mem::take(heard) {
            let is_hit = told.0 < until_ms && told.1 > from_ms;
            if !is_hit {
                heard.push(told);
                continue;
            }
            let to_ms = again.unwrap_or(u64::MAX).min(told.1.max(until_ms));
            heard.extend((told.0 < from_ms).then_some((told.0, from_ms)));
            heard.extend((to_ms < told.1).then_some((to_ms, told.1)));
            let is_open = again.is_none() && self.lives.last().is_some_and(|life| life.next_ms.is_none());
            gaps.push(Gap { is_open, ..closed(from_ms.max(told.0), to_ms, Cause::NotHeard) });
        }
    }

    /// Compares what the agent says of motion and energy.
    pub(super) fn see(&mut self, told: &Spans, on: &Spans) {
        for (from_ms, to_ms) in self.testimony.moving.clone() {
            let is_long = to_ms.saturating_sub(from_ms) >= SEEN_MS;
            if is_long && told.between(from_ms, to_ms).total_ms() == 0 {
                self.accuse(Omitted::Motion, from_ms, to_ms);
            }
        }
        for (from_ms, to_ms) in self.testimony.resting.clone() {
            if told.between(from_ms, to_ms).total_ms() > SAME_MS {
                self.accuse(Omitted::Rest, from_ms, to_ms);
            }
        }
        for (from_ms, to_ms) in self.testimony.energised.clone() {
            let is_long = to_ms.saturating_sub(from_ms) >= WRITTEN_MS;
            let near = from_ms.saturating_sub(SAME_MS)..=from_ms.saturating_add(WRITTEN_MS);
            let is_told = self.signs.iter().any(|s| s.what == What::Phase { on: true } && near.contains(&s.at_ms));
            if is_long && !is_told {
                self.accuse(Omitted::Energy, from_ms, from_ms);
            }
        }
        self.moves_on(on);
    }

    /// A body whose motion has no end in the record of an agent that lived long after the energy had gone.
    fn moves_on(&mut self, on: &Spans) {
        for life in self.lives {
            let last = life.signs.iter().rfind(|sign| matches!(sign.what, What::Moves | What::Rests));
            let Some(began) = last.filter(|sign| sign.what == What::Moves) else { continue };
            let rests = self.testimony.resting.iter().map(|rest| rest.0).find(|at| *at >= began.at_ms);
            let dark_ms = on.end_around(began.at_ms).unwrap_or(began.at_ms);
            let over_ms = rests.map_or(dark_ms, |at| at.min(dark_ms));
            if entry_after(life, over_ms.saturating_add(WRITTEN_MS)) {
                self.found.push(Contradiction { at_ms: over_ms, omitted: Omitted::Rest });
            }
        }
    }

    /// Only a process that ran all the time, and long enough after it to have written it.
    fn accuse(&mut self, omitted: Omitted, at_ms: u64, until_ms: u64) -> bool {
        let ran = |life: &&Life<'_>| {
            let begun_ms = life.signs.iter().filter(|sign| !is_line(sign)).map(|sign| sign.stamp_ms).min();
            begun_ms.is_some_and(|begun_ms| begun_ms <= at_ms)
                && life.until_ms.is_none_or(|next_ms| until_ms < next_ms)
                && entry_after(life, until_ms.saturating_add(WRITTEN_MS))
        };
        let is_guilty = self.lives.iter().any(|life| ran(&life));
        self.found.extend(is_guilty.then_some(Contradiction { at_ms, omitted }));
        is_guilty
    }
}

fn entry_after(life: &Life<'_>, at_ms: u64) -> bool {
    life.signs.iter().any(|sign| sign.stamp_ms >= at_ms)
}

const fn is_line(sign: &Sign) -> bool {
    matches!(sign.what, What::Line { .. } | What::Body { .. } | What::Took { .. } | What::Woke { .. })
}

fn overlap_ms(spans: &[(u64, u64)], (from_ms, to_ms): (u64, u64)) -> u64 {
    spans.iter().copied().collect::<Spans>().between(from_ms, to_ms).total_ms()
}

/// What is left of a gap around a time in which the controller heard the robot.
fn around(gap: Gap, (from_ms, to_ms): (u64, u64), end_ms: u64) -> Vec<Gap> {
    let gap_to_ms = if gap.is_open { end_ms.max(gap.to_ms) } else { gap.to_ms };
    if from_ms >= gap_to_ms || to_ms < gap.from_ms {
        return vec![gap];
    }
    let before = (gap.from_ms < from_ms).then_some(Gap { to_ms: from_ms, is_open: false, ..gap });
    let behind = Gap { is_open: gap.is_open, ..closed(to_ms, gap_to_ms, Cause::NotHeard) };
    before.into_iter().chain((to_ms < gap_to_ms).then_some(behind)).collect()
}
