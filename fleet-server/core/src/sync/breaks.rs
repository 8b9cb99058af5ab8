//! Where a record did not go on, in words: disks that were put back, copied or made anew, on either side.
//!
//! These are no reasons for being behind: what they name was mended when it was noticed. They are told because somebody
//! should know why, and may have to switch a machine off.

use super::What;
use shared::fact::EpochCause;

/// How telling a break is, the most telling first; `None` for what is none.
pub const fn rank(what: &What) -> Option<u8> {
    match what {
        What::TwoMachines => Some(0),
        What::Fork { .. } => Some(1),
        What::Epoch { .. } => Some(2),
        What::Restored => Some(3),
        What::Connection(_)
        | What::Hello { .. }
        | What::Batch { .. }
        | What::BadBatch { .. }
        | What::Gap { .. }
        | What::TelemetryGap { .. }
        | What::TelemetryLost { .. }
        | What::Rows { .. }
        | What::Applied { .. }
        | What::Snapshot { .. }
        | What::Restamped { .. }
        | What::Flag(_)
        | What::Resync
        | What::Quarantined(_) => None,
    }
}

/// The word for a break in a table.
pub fn word(what: &What) -> &'static str {
    if let What::Epoch { cause, .. } = what { cause.as_str() } else { what.word() }
}

/// What happened, what became of it, and what to do.
pub fn sentence(what: &What) -> Option<String> {
    match what {
        What::TwoMachines => Some(
            "Two machines speak under its name at the same time: its disk, or its key, was copied. What each writes is kept. \
             Switch one of them off, or give it a name and a key of its own."
                .into(),
        ),
        What::Fork { lane, seq } => Some(format!(
            "It sent another entry under {} {seq} than was taken before: an older copy of its database was put back, or runs \
             elsewhere too. Both entries are kept, and it offers again in a new epoch what was not acknowledged.",
            lane.as_str()
        )),
        What::Epoch { cause, again, .. } => Some(format!(
            "{} ({}). It writes in a new epoch, and {again} entries that were not acknowledged were offered again in it.",
            cause_sentence(*cause),
            cause.as_str()
        )),
        What::Restored => Some(
            "The server's database is an older copy of itself (restored): it began a new life, and the robot sends again what \
             it lacks."
                .into(),
        ),
        What::Connection(_)
        | What::Hello { .. }
        | What::Batch { .. }
        | What::BadBatch { .. }
        | What::Gap { .. }
        | What::TelemetryGap { .. }
        | What::TelemetryLost { .. }
        | What::Rows { .. }
        | What::Applied { .. }
        | What::Snapshot { .. }
        | What::Restamped { .. }
        | What::Flag(_)
        | What::Resync
        | What::Quarantined(_) => None,
    }
}

const fn cause_sentence(cause: EpochCause) -> &'static str {
    match cause {
        EpochCause::Made => "Its database was made anew: the robot was installed again",
        EpochCause::DatabaseOlder => "An older copy of its database was put back",
        EpochCause::DatabaseDiffers => "Its database has other entries than are remembered beside it",
        EpochCause::OtherMachine => "Its database was copied from another computer",
        EpochCause::HeadForgotten => {
            "What is remembered beside its database is gone, so nothing proves that it is the newest"
        }
        EpochCause::ServerAhead => {
            "The server has entries under its numbers that it never wrote: an older copy of its disk was put back, or runs \
             elsewhere too"
        }
        EpochCause::ServerDiffers => {
            "The server has other entries under its numbers: an older copy of its disk was put back, or runs elsewhere too"
        }
        EpochCause::ServerBehind => {
            "The server was put back to a time of which the robot keeps too little to send it again under its numbers"
        }
    }
}
