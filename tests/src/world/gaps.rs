//! Judges the gaps of a printed report: every time at which no living agent was heard, and why.
//!
//! A gap that begins with an agent's death begins in the report with the last thing that is known to have been heard. While the
//! robot had energy its controller's own stop tells that to the second; without energy, or when the whole machine lost its
//! power, it is the last sign on the disk, and no earlier one.

use super::diary::{self, Diary};
use super::printed::{Gap, Robot};

/// To the second.
const OFF_MS_MAX: u64 = 1_000;
/// Between two disclosures of a robot without energy.
const STANDING_MS: u64 = 1_000;

/// A stretch with the words for its cause that are right.
#[derive(Clone, Debug)]
struct Stretch {
    from_ms: u64,
    to_ms: u64,
    causes: Vec<String>,
}

impl Stretch {
    const fn length_ms(&self) -> u64 {
        self.to_ms.saturating_sub(self.from_ms)
    }

    fn shared_ms(&self, other: &Self) -> u64 {
        self.to_ms.min(other.to_ms).saturating_sub(self.from_ms.max(other.from_ms))
    }
}

/// What the report says of gaps other than it was. Of a robot with a boot that stands by its own wrong calendar only the number
/// of gaps can be compared, and that says little: it is left out.
pub fn untrue(told: &Robot, diary: &Diary, until_ms: u64) -> Vec<String> {
    if !told.is_placed() {
        return vec![];
    }
    let was = happened(diary, until_ms);
    let said: Vec<Stretch> = told.gaps().iter().map(|gap| stretch(gap, diary)).collect();
    let unsaid = was.iter().flat_map(|gap| without(gap, &said)).filter(|gap| gap.length_ms() > off_ms_max(gap, diary));
    let mut found: Vec<String> = unsaid.map(|gap| format!("the report does not have the gap {gap:?}")).collect();
    let unreal = said.iter().flat_map(|gap| without(gap, &was)).filter(is_long);
    found.extend(unreal.filter(|gap| !is_undatable(gap, diary)).map(|gap| format!("there was no gap {gap:?}")));
    found.extend(said.iter().filter(is_long_ref).filter_map(|gap| wrong_cause(gap, &was)));
    found.extend(was.iter().filter(is_long_ref).filter_map(|gap| wrong_cause(gap, &said)));
    found
}

/// A robot without energy says once a second that it is there: the last one may be a second older than its last sign of life.
fn off_ms_max(gap: &Stretch, diary: &Diary) -> u64 {
    let is_standing = diary.energised().length_ms(gap.from_ms, gap.to_ms) == 0;
    OFF_MS_MAX + if is_standing { STANDING_MS } else { 0 }
}

/// The gaps of the diary. What was heard for less than a second between two of them may have died with its agent: that is one
/// gap.
fn happened(diary: &Diary, until_ms: u64) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for diary::Gap { from_ms, to_ms, causes } in diary.gaps() {
        let causes = causes.iter().map(ToString::to_string);
        let (from_ms, to_ms) = (*from_ms, (*to_ms).min(until_ms));
        match found.last_mut() {
            Some(last) if from_ms <= last.to_ms + OFF_MS_MAX && !diary.has_cut(last.to_ms, from_ms) => {
                last.to_ms = to_ms;
                last.causes.extend(causes);
            }
            Some(_) | None => found.push(Stretch { from_ms, to_ms, causes: causes.collect() }),
        }
    }
    found.retain(|gap| gap.from_ms < gap.to_ms);
    found
}

/// A gap as it is told. One that is open ends with the power, whenever that went; one of a start begins with the power.
fn stretch(gap: &Gap, diary: &Diary) -> Stretch {
    let boot = diary.boots().iter().rev().find(|boot| boot.from_ms <= gap.from_ms + OFF_MS_MAX);
    let (power_ms, dark_ms) = boot.map_or((0, u64::MAX), |boot| (boot.from_ms, boot.to_ms));
    let from_ms = if gap.cause == "starting" { power_ms } else { gap.from_ms };
    let to_ms = if gap.open && dark_ms < u64::MAX { dark_ms } else { gap.to_ms };
    Stretch { from_ms, to_ms, causes: vec![gap.cause.clone()] }
}

/// The parts of a stretch that lie in none of the others.
fn without(one: &Stretch, others: &[Stretch]) -> Vec<Stretch> {
    let mut left = vec![one.clone()];
    for other in others {
        left = left.into_iter().flat_map(|part| outside(part, other)).collect();
    }
    left
}

fn outside(part: Stretch, other: &Stretch) -> [Stretch; 2] {
    let before = Stretch { to_ms: part.to_ms.min(other.from_ms), ..part.clone() };
    let after = Stretch { from_ms: part.from_ms.max(other.to_ms), ..part };
    [before, after]
}

const fn is_long(gap: &Stretch) -> bool {
    gap.length_ms() > OFF_MS_MAX
}

const fn is_long_ref(gap: &&Stretch) -> bool {
    is_long(gap)
}

/// It was heard until it died, and nothing tells until when: no sign on the disk, and no energy that a controller took away.
fn is_undatable(gap: &Stretch, diary: &Diary) -> bool {
    let (from_ms, to_ms) = (gap.from_ms + OFF_MS_MAX, gap.to_ms);
    let near = (to_ms.saturating_sub(OFF_MS_MAX), to_ms + OFF_MS_MAX);
    let was_stopped = diary.energised().length_ms(from_ms, to_ms) > 0 && !diary.has_cut(near.0, near.1);
    diary.has_death(near.0, near.1) && !diary.has_evidence(from_ms, to_ms) && !was_stopped
}

/// The one that it shares most time with has another cause.
fn wrong_cause(gap: &Stretch, others: &[Stretch]) -> Option<String> {
    let other = others.iter().max_by_key(|other| gap.shared_ms(other))?;
    let is_right = gap.shared_ms(other) <= OFF_MS_MAX || gap.causes.iter().any(|cause| other.causes.contains(cause));
    (!is_right).then(|| format!("{gap:?} has another cause in {other:?}"))
}
