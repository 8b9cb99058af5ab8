//! What a starting firmware takes from its files, and what it does when they are lost: it continues far above every
//! trip epoch that can have been used, and as if a fault were pending.

use super::learnt::Learnt;
use super::nv::{Found, Nv};

/// Added to the highest epoch in the event list when the non-volatile file is lost. Far more than the epochs that are
/// ever reserved at once, so that no `Arm` meant for an earlier trip can fit.
pub const EPOCH_LEAP: u32 = 1_000_000;

/// Added to the presses in the event list when the non-volatile file is lost: a press that nobody can rule out needs a
/// clearance, and no agent may see the number fall.
pub const PRESS_LEAP: u32 = 1_000_000;

/// The state to start with, and a sentence when it is not what was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// What to start with; its boot is counted.
    pub nv: Nv,
    /// What people should know.
    pub warning: Option<String>,
}

/// Judges what was found.
#[must_use]
pub fn judge(found: &Found, learnt: &Learnt) -> Start {
    match found {
        Found::Whole(nv) => from_whole(*nv, learnt),
        Found::Missing if learnt.is_new() => Start { nv: first(), warning: None },
        Found::Missing => lost("is missing", learnt),
        Found::Corrupt(reason) => lost(&format!("cannot be read ({reason})"), learnt),
    }
}

const fn first() -> Nv {
    Nv { epoch_mark: 1000, fault_pending: false, boots: 1, energised_ms: 0, presses: 0 }
}

/// A file put back from an old copy is behind the event list.
fn from_whole(nv: Nv, learnt: &Learnt) -> Start {
    let is_behind = learnt.epoch_max > nv.epoch_mark;
    let epoch_mark = if is_behind { learnt.epoch_max.saturating_add(EPOCH_LEAP) } else { nv.epoch_mark };
    let fault_pending = nv.fault_pending || learnt.has_open_fault || is_behind || learnt.is_damaged;
    let warning = is_behind.then(|| "the non-volatile file is older than the event list".to_owned());
    let presses = nv.presses.max(learnt.presses);
    Start { nv: Nv { epoch_mark, fault_pending, boots: nv.boots.saturating_add(1), presses, ..nv }, warning }
}

fn lost(how: &str, learnt: &Learnt) -> Start {
    let epoch_mark = learnt.epoch_max.max(1000).saturating_add(EPOCH_LEAP);
    let warning =
        format!("the non-volatile file {how}; starting far ahead at trip epoch {epoch_mark}, a fault pending");
    let boots = learnt.boot_max.saturating_add(1);
    // The list may begin after one that was put aside, so it too may know less than was counted.
    let presses = learnt.presses.saturating_add(PRESS_LEAP);
    Start { nv: Nv { epoch_mark, fault_pending: true, boots, energised_ms: 0, presses }, warning: Some(warning) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Nv = Nv { epoch_mark: 5000, fault_pending: false, boots: 3, energised_ms: 9, presses: 2 };

    fn learnt(epoch_max: u32) -> Learnt {
        Learnt { epoch_max, boot_max: 3, events: 10, ..Learnt::default() }
    }

    #[test]
    fn a_whole_file_is_believed_and_the_boot_counted() {
        let start = judge(&Found::Whole(KEPT), &learnt(4000));
        assert_eq!(start, Start { nv: Nv { boots: 4, ..KEPT }, warning: None });
    }

    #[test]
    fn whatever_is_lost_the_mark_is_above_every_epoch_used() {
        let corrupt = Found::Corrupt("x".into());
        for found in [&Found::Missing, &corrupt, &Found::Whole(KEPT)] {
            let start = judge(found, &learnt(7000));
            assert!(start.nv.epoch_mark > 7000 + 1000 && start.nv.fault_pending && start.warning.is_some());
        }
        assert!(judge(&corrupt, &Learnt::default()).nv.fault_pending);
    }

    #[test]
    fn the_number_of_presses_never_falls() {
        let listed = Learnt { presses: 5, ..learnt(4000) };
        assert_eq!(judge(&Found::Whole(KEPT), &listed).nv.presses, 5, "the file missed some");
        assert_eq!(judge(&Found::Whole(KEPT), &learnt(4000)).nv.presses, 2, "the list was put aside");
        assert!(judge(&Found::Missing, &listed).nv.presses > 5);
    }

    #[test]
    fn a_new_unit_starts_without_a_warning() {
        assert_eq!(judge(&Found::Missing, &Learnt::default()), Start { nv: first(), warning: None });
    }

    #[test]
    fn a_lock_out_in_the_list_is_a_pending_fault_even_if_the_file_missed_it() {
        let start = judge(&Found::Whole(KEPT), &Learnt { has_open_fault: true, ..learnt(4000) });
        assert!(start.nv.fault_pending);
    }
}
