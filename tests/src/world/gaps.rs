//! Judges the gaps of a printed report: every time at which no living agent was heard, and why.
//!
//! A gap that begins with an agent's death begins in the report with the last thing that is known to have been heard. Where
//! its controller has not written that, the report says between which moments the gap began, and so it must have been: a
//! doubt is believed only about a death, no wider than the agent can have lived unseen, and from the last sign on its disk.

use super::diary::{self, Diary};
use super::printed::{Gap, Robot};

/// To the second.
const OFF_MS_MAX: u64 = 1_000;
/// The longest that an agent can live without a sign on its disk: ten seconds between two, two for a slow disk.
const UNSEEN_MS: u64 = 12_000;
/// How long a controller bears the silence of its robot, with the cycle until it notices.
const UNHEARD_MS: u64 = 1_550;

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
    let told = told.gaps();
    let possible: Vec<Stretch> = told.iter().map(|gap| stretch(gap, gap.earliest_ms, diary)).collect();
    let sure: Vec<Stretch> = told.iter().map(|gap| stretch(gap, gap.latest_ms.unwrap_or(u64::MAX), diary)).collect();
    let unsaid = was.iter().flat_map(|gap| without(gap, &possible)).filter(is_long);
    let mut found: Vec<String> = unsaid.map(|gap| format!("the report does not have the gap {gap:?}")).collect();
    let unreal = sure.iter().flat_map(|gap| without(gap, &was)).filter(is_long);
    found.extend(unreal.map(|gap| format!("there was no gap {gap:?}")));
    let was = joined(&was);
    found.extend(sure.iter().filter(is_long_ref).filter_map(|gap| wrong_cause(gap, &was)));
    found.extend(was.iter().filter(is_long_ref).filter_map(|gap| wrong_cause(gap, &possible)));
    found.extend(told.iter().filter_map(|gap| knowable(gap, diary)));
    found
}

/// Why the beginning of a gap could have been known better, if it could.
fn knowable(gap: &Gap, diary: &Diary) -> Option<String> {
    let Gap { from_ms, earliest_ms, latest_ms, .. } = *gap;
    if gap.is_exact() {
        return None;
    }
    let latest_ms = latest_ms.unwrap_or(u64::MAX);
    let is_wide = latest_ms - from_ms > UNSEEN_MS || from_ms - earliest_ms > UNHEARD_MS;
    let death = diary.first_death(from_ms.saturating_sub(OFF_MS_MAX), latest_ms.saturating_add(OFF_MS_MAX));
    let why = match death {
        _ if is_wide => "that is too wide",
        None => "no agent died then",
        Some(death_ms) if diary.has_evidence(from_ms + OFF_MS_MAX, death_ms) => "the agent left a later sign",
        Some(_) => return None,
    };
    Some(format!("{gap:?} is told with a doubt, and {why}"))
}

/// The gaps of the diary. A boot that left no sign on the disk is in nobody's record.
fn happened(diary: &Diary, until_ms: u64) -> Vec<Stretch> {
    let is_on_record = |gap: &&diary::Gap| {
        let boot = diary.boots().iter().rev().find(|boot| boot.from_ms <= gap.from_ms);
        boot.is_some_and(|boot| diary.first_evidence(boot).is_some())
    };
    let stretch = |gap: &diary::Gap| Stretch {
        from_ms: gap.from_ms,
        to_ms: gap.to_ms.min(until_ms),
        causes: gap.causes.iter().map(ToString::to_string).collect(),
    };
    let found = diary.gaps().iter().filter(is_on_record).map(stretch);
    found.filter(|gap| gap.from_ms < gap.to_ms).collect()
}

/// What was heard for less than a second between two gaps may be missing: both are one then, and each has the words of both.
fn joined(gaps: &[Stretch]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for gap in gaps {
        match found.last_mut() {
            Some(last) if gap.from_ms <= last.to_ms + OFF_MS_MAX => {
                last.to_ms = gap.to_ms;
                last.causes.extend(gap.causes.iter().cloned());
            }
            Some(_) | None => found.push(gap.clone()),
        }
    }
    found
}

/// A gap as it is told, from the moment on that is asked for. One that is open ends with the power, whenever that went; one of
/// a start begins with the power.
fn stretch(gap: &Gap, from_ms: u64, diary: &Diary) -> Stretch {
    let boot = diary.boots().iter().rev().find(|boot| boot.from_ms <= gap.from_ms + OFF_MS_MAX);
    let (power_ms, dark_ms) = boot.map_or((0, u64::MAX), |boot| (boot.from_ms, boot.to_ms));
    let from_ms = if gap.cause == "starting" { power_ms } else { from_ms };
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

/// The one that it shares most time with has another cause.
fn wrong_cause(gap: &Stretch, others: &[Stretch]) -> Option<String> {
    let other = others.iter().max_by_key(|other| gap.shared_ms(other))?;
    let is_right = gap.shared_ms(other) <= OFF_MS_MAX || gap.causes.iter().any(|cause| other.causes.contains(cause));
    (!is_right).then(|| format!("{gap:?} has another cause in {other:?}"))
}
