//! How long the site still vouches for the key that this robot discloses with, and what that lets the robot do.
//!
//! The rules count the endorsement's own time against the beacon's clock: renewed from a third of it on (by the server,
//! unasked), an alarm half a day before its end, an orderly sit-down half an hour before it, and no motion after it. The
//! robot goes on disclosing in every stage: an endorsement is a permission to move, not one to speak.
//!
//! Leaves to others: what an endorsement is and who may make one (`shared::beacon`), carrying the stage out
//! (`robot/endorsing`, `control`).

mod desk;

pub use desk::{EndorsementDesk, NotTaken};

use shared::refusal::Code;

/// How long before its end an endorsement is missed aloud, in seconds: somebody's next shift can still renew it by hand.
const ALARM_S: u32 = 12 * 3600;
/// How long before its end the robot takes no more work and sits down, in seconds.
const SIT_DOWN_S: u32 = 30 * 60;
/// How long before its end it sits down even with something in its hands, in seconds. Longer than any step, which has ten
/// minutes at most, so that a motion is ended by this rule and not by the stop at the end.
const AT_ONCE_S: u32 = 12 * 60;

/// From when until when an endorsement holds, in seconds since 2019 by the beacon's clock; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub from_s: u32,
    /// Until when.
    pub until_s: u32,
}

/// How far an endorsement is, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Less than a third of it is over.
    Fresh,
    /// The server should have renewed it.
    RenewalDue,
    /// Half a day is left: somebody has to look.
    EndsSoon,
    /// No new work; what is in the hands is put down, and then the robot sits.
    SitDown,
    /// The robot sits down now, whatever it holds.
    SitAtOnce,
    /// It has ended.
    Ended,
    /// It has not begun, so it permits nothing yet.
    NotYet,
    /// There is none.
    Missing,
}

impl Validity {
    /// How far it is at `now_s`.
    #[must_use]
    pub const fn stage(self, now_s: u32) -> Stage {
        let left_s = self.until_s.saturating_sub(now_s);
        if now_s < self.from_s {
            Stage::NotYet
        } else if now_s > self.until_s {
            Stage::Ended
        } else if left_s <= AT_ONCE_S {
            Stage::SitAtOnce
        } else if left_s <= SIT_DOWN_S {
            Stage::SitDown
        } else if left_s <= ALARM_S {
            Stage::EndsSoon
        } else if now_s >= self.renewed_from_s() {
            Stage::RenewalDue
        } else {
            Stage::Fresh
        }
    }

    /// When the stage of `now_s` gives way to another; `None` when none follows.
    #[must_use]
    pub fn next_change_s(self, now_s: u32) -> Option<u32> {
        let end = self.until_s;
        let bounds = [
            self.from_s,
            self.renewed_from_s(),
            end.saturating_sub(ALARM_S),
            end.saturating_sub(SIT_DOWN_S),
            end.saturating_sub(AT_ONCE_S),
            end.saturating_add(1),
        ];
        bounds.into_iter().filter(|bound| *bound > now_s).min()
    }

    /// From when on it should be renewed: when a third of it is over.
    const fn renewed_from_s(self) -> u32 {
        self.from_s.saturating_add(self.until_s.saturating_sub(self.from_s) / 3)
    }
}

impl Stage {
    /// The stage of what there may be.
    #[must_use]
    pub fn of(validity: Option<Validity>, now_s: u32) -> Self {
        validity.map_or(Self::Missing, |validity| validity.stage(now_s))
    }

    /// Whether motors may have power.
    #[must_use]
    pub const fn permits_power(self) -> bool {
        match self {
            Self::Fresh | Self::RenewalDue | Self::EndsSoon | Self::SitDown | Self::SitAtOnce => true,
            Self::Ended | Self::NotYet | Self::Missing => false,
        }
    }

    /// Whether work may be begun.
    #[must_use]
    pub const fn permits_work(self) -> bool {
        match self {
            Self::Fresh | Self::RenewalDue | Self::EndsSoon => true,
            Self::SitDown | Self::SitAtOnce | Self::Ended | Self::NotYet | Self::Missing => false,
        }
    }

    /// What to tell people; nothing while all is well.
    #[must_use]
    pub const fn code(self) -> Option<Code> {
        match self {
            Self::Fresh | Self::RenewalDue => None,
            Self::EndsSoon => Some(Code::EndorsementEndsSoon),
            Self::SitDown | Self::SitAtOnce => Some(Code::EndorsementEnding),
            Self::Ended | Self::NotYet | Self::Missing => Some(Code::NotEndorsed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: u32 = 24 * 3600;
    const WEEK: Validity = Validity { from_s: 1000, until_s: 1000 + 7 * DAY_S };

    #[test]
    fn a_week_goes_through_its_stages_at_their_seconds() {
        let end = WEEK.until_s;
        for (now_s, stage) in [
            (0, Stage::NotYet),
            (999, Stage::NotYet),
            (1000, Stage::Fresh),
            (1000 + 7 * DAY_S / 3 - 1, Stage::Fresh),
            (1000 + 7 * DAY_S / 3, Stage::RenewalDue),
            (end - 12 * 3600 - 1, Stage::RenewalDue),
            (end - 12 * 3600, Stage::EndsSoon),
            (end - 1801, Stage::EndsSoon),
            (end - 1800, Stage::SitDown),
            (end - 721, Stage::SitDown),
            (end - 720, Stage::SitAtOnce),
            (end, Stage::SitAtOnce),
            (end + 1, Stage::Ended),
            (u32::MAX, Stage::Ended),
        ] {
            assert_eq!(WEEK.stage(now_s), stage, "at {now_s}");
        }
        assert_eq!(Stage::of(None, 5), Stage::Missing);
    }

    #[test]
    fn every_change_of_stage_is_announced_and_nothing_else_is() {
        let week = [WEEK, Validity { from_s: 0, until_s: DAY_S }, Validity { from_s: 50, until_s: 51 }];
        for validity in week {
            let mut now_s = 0;
            while let Some(next) = validity.next_change_s(now_s) {
                assert_eq!(validity.stage(next - 1), validity.stage(now_s), "{validity:?}");
                now_s = next;
            }
            assert_eq!(validity.stage(now_s), Stage::Ended);
        }
    }

    #[test]
    fn no_bounds_overflow() {
        for validity in [
            Validity { from_s: u32::MAX - 1, until_s: u32::MAX },
            Validity { from_s: u32::MAX, until_s: 0 },
            Validity { from_s: 0, until_s: u32::MAX },
        ] {
            for now_s in [0, 1, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
                let power = validity.stage(now_s).permits_power();
                assert_eq!(power, validity.from_s <= now_s && now_s <= validity.until_s);
                assert!(validity.next_change_s(now_s).is_none_or(|next| next > now_s));
            }
        }
    }

    #[test]
    fn work_needs_more_than_power_and_every_hindrance_has_a_word() {
        let all = [
            Stage::Fresh,
            Stage::RenewalDue,
            Stage::EndsSoon,
            Stage::SitDown,
            Stage::SitAtOnce,
            Stage::Ended,
            Stage::NotYet,
            Stage::Missing,
        ];
        for stage in all {
            assert!(stage.permits_power() || !stage.permits_work(), "{stage:?}");
            assert!(stage.permits_work() || stage.code().is_some(), "{stage:?}");
        }
    }
}
