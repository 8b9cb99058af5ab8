//! Does this start continue the record that the robot has told of before?
//!
//! A database that was put back, copied or made anew would give numbers out again that others know with other content. So
//! a start has to prove that it goes on from the newest entry: by the heads that are remembered beside the database, by the
//! computer's own name, and once the server is heard, by its watermark and hash. What cannot be proven begins a new
//! *epoch*, in which the numbers begin anew and no number is used twice.
//!
//! A head is remembered in two places: in a file of its own and in the telemetry's file, each after the commit that it names. So a
//! crash in between leaves them behind the database, never ahead: only a database that lost something lacks an entry that is
//! remembered, whichever of the three files somebody has put back.
//!
//! Leaves to others: keeping the heads (`replica`), the new epoch's first entries (`robot/continuing.rs`), what the server
//! says (`outbox`).

use shared::fact::EpochCause;
use shared::journal::Epoch;
use shared::seal::Hash;

/// The newest entry as it is remembered outside the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RememberedHead {
    /// The epoch.
    pub epoch: Epoch,
    /// The entry's number in the chain; 0 before the first.
    pub cseq: u64,
    /// The chain's hash there.
    pub head: Hash,
}

/// A remembered head, and what the database has in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The head.
    pub head: RememberedHead,
    /// The hash that the database has under its epoch and number.
    pub found: Option<Hash>,
}

/// What the database and its surroundings say at a start.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// The epoch that the database names.
    pub epoch: Epoch,
    /// How many entries of that epoch it has.
    pub cseq: u64,
    /// The computer that the database says it is on. `None` for one that has never had a head remembered beside it.
    pub written_on: Option<Hash>,
    /// The computer that this is.
    pub here: Hash,
    /// The head in the file of its own.
    pub by_file: Option<Memory>,
    /// The head in the telemetry's file.
    pub by_telemetry: Option<Memory>,
}

impl Evidence {
    fn memories(&self) -> impl Iterator<Item = Memory> {
        [self.by_file, self.by_telemetry].into_iter().flatten()
    }
}

/// A record that cannot be shown to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discontinuity {
    /// Why not.
    pub cause: EpochCause,
    /// The epoch before, if one is known.
    pub before: Option<Epoch>,
    /// The epoch to begin.
    pub fresh: Epoch,
}

/// Judges a start; `None` when it goes on. `fresh` is an epoch that nobody has used.
#[must_use]
pub fn judge_start(evidence: &Evidence, fresh: Epoch) -> Option<Discontinuity> {
    let Evidence { epoch, cseq, .. } = *evidence;
    let is_unknown = |memory: Memory| memory.head.epoch != epoch || memory.head.cseq == 0;
    if cseq == 0 && evidence.memories().all(is_unknown) {
        // Nothing was written yet, and a copy of it would draw the same conclusion: so the epoch of an empty database is not
        // used by any start but the one that made it.
        let before = evidence.memories().map(|memory| memory.head.epoch).find(|before| *before != epoch);
        return Some(Discontinuity { cause: EpochCause::Made, before, fresh });
    }
    let cause = doubt(evidence)?;
    Some(Discontinuity { cause, before: Some(epoch), fresh })
}

fn doubt(evidence: &Evidence) -> Option<EpochCause> {
    let Evidence { written_on, here, by_file, .. } = *evidence;
    if written_on.is_some_and(|there| there != here) {
        return Some(EpochCause::OtherMachine);
    }
    // A database of a version that remembered nothing is taken as it is; its first commit begins the memory.
    let is_forgotten = by_file.is_none() && written_on.is_some();
    let lacks = evidence.memories().find_map(lacks);
    lacks.or(is_forgotten.then_some(EpochCause::HeadForgotten))
}

/// What a memory says against the database.
fn lacks(Memory { head, found }: Memory) -> Option<EpochCause> {
    match found {
        _ if head.cseq == 0 => None,
        Some(hash) if hash == head.head => None,
        Some(_) => Some(EpochCause::DatabaseDiffers),
        None => Some(EpochCause::DatabaseOlder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Epoch = Epoch(99);

    fn head(epoch: u64, cseq: u64) -> RememberedHead {
        RememberedHead { epoch: Epoch(epoch), cseq, head: Hash([7; 32]) }
    }

    fn memory(epoch: u64, cseq: u64) -> Option<Memory> {
        Some(Memory { head: head(epoch, cseq), found: Some(Hash([7; 32])) })
    }

    fn lacking(epoch: u64, cseq: u64) -> Option<Memory> {
        Some(Memory { head: head(epoch, cseq), found: None })
    }

    fn evidence() -> Evidence {
        let here = Hash([1; 32]);
        let (by_file, by_telemetry) = (memory(1, 8), memory(1, 6));
        Evidence { epoch: Epoch(1), cseq: 9, written_on: Some(here), here, by_file, by_telemetry }
    }

    fn cause(evidence: Evidence) -> Option<EpochCause> {
        let found = judge_start(&evidence, FRESH)?;
        assert_eq!((found.before, found.fresh), (Some(Epoch(1)), FRESH));
        Some(found.cause)
    }

    #[test]
    fn a_head_that_the_database_has_goes_on_however_far_it_lags() {
        assert_eq!(cause(evidence()), None);
        assert_eq!(cause(Evidence { cseq: 1_000, ..evidence() }), None);
        // The crash after a new epoch's first commit: the head beside still names the epoch before.
        assert_eq!(cause(Evidence { epoch: Epoch(1), by_file: memory(5, 8), ..evidence() }), None);
    }

    #[test]
    fn every_way_of_losing_the_thread_has_its_name() {
        let older = Evidence { by_file: lacking(1, 8), ..evidence() };
        assert_eq!(cause(older), Some(EpochCause::DatabaseOlder));
        assert_eq!(cause(Evidence { cseq: 0, ..older }), Some(EpochCause::DatabaseOlder));
        let other = Memory { head: head(1, 8), found: Some(Hash([8; 32])) };
        let differs = Evidence { by_file: Some(other), ..evidence() };
        assert_eq!(cause(differs), Some(EpochCause::DatabaseDiffers));
        let copied = Evidence { here: Hash([2; 32]), ..evidence() };
        assert_eq!(cause(copied), Some(EpochCause::OtherMachine));
        let alone = Evidence { by_file: None, by_telemetry: None, ..evidence() };
        assert_eq!(cause(alone), Some(EpochCause::HeadForgotten));
        assert_eq!(cause(Evidence { written_on: None, ..alone }), None, "a database of version 1");
    }

    #[test]
    fn a_newer_file_of_telemetry_tells_that_database_and_head_were_put_back_together() {
        let older = Evidence { by_telemetry: lacking(1, 12), ..evidence() };
        assert_eq!(cause(older), Some(EpochCause::DatabaseOlder));
        assert_eq!(cause(Evidence { by_file: None, ..older }), Some(EpochCause::DatabaseOlder));
        assert_eq!(cause(Evidence { by_file: None, written_on: None, ..older }), Some(EpochCause::DatabaseOlder));
        assert_eq!(cause(Evidence { by_telemetry: None, ..evidence() }), None, "a file that is gone tells nothing");
    }

    #[test]
    fn a_database_that_was_made_names_the_life_before_it() {
        let made = Evidence { cseq: 0, written_on: None, by_file: None, by_telemetry: None, ..evidence() };
        let anew = Discontinuity { cause: EpochCause::Made, before: None, fresh: FRESH };
        assert_eq!(judge_start(&made, FRESH), Some(anew));
        let reinstalled = Some(Discontinuity { before: Some(Epoch(5)), ..anew });
        assert_eq!(judge_start(&Evidence { by_file: lacking(5, 8), ..made }, FRESH), reinstalled);
        assert_eq!(judge_start(&Evidence { by_telemetry: lacking(5, 8), ..made }, FRESH), reinstalled);
        assert_eq!(judge_start(&Evidence { by_file: lacking(1, 0), ..made }, FRESH), Some(anew));
    }
}
