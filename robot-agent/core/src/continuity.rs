//! Does this start continue the record that the robot has told of before?
//!
//! A database that was put back, copied or made anew would give numbers out again that others know with other content. So
//! a start has to prove that it goes on from the newest entry: by the head that is remembered beside the database, by the
//! computer's own name, and once the server is heard, by its watermark and hash. What cannot be proven begins a new
//! *epoch*, in which the numbers begin anew and no number is used twice.
//!
//! The head is remembered after the commit that it names. So a crash in between leaves it behind the database, never ahead:
//! only a database that lost something lacks the entry that is remembered.
//!
//! Leaves to others: keeping the head (`replica`), the new epoch's first entries (`robot/continuing.rs`), what the server
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
    /// The head that is remembered.
    pub remembered: Option<RememberedHead>,
    /// The hash that the database has under the remembered head's epoch and number.
    pub found: Option<Hash>,
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
    let Evidence { epoch, cseq, remembered, .. } = *evidence;
    if cseq == 0 && remembered.is_none_or(|head| head.epoch != epoch || head.cseq == 0) {
        // Nobody knows a number of this epoch yet, so it may be used as it is.
        let before = remembered.map(|head| head.epoch).filter(|before| *before != epoch);
        return Some(Discontinuity { cause: EpochCause::Made, before, fresh: epoch });
    }
    let cause = doubt(evidence)?;
    Some(Discontinuity { cause, before: Some(epoch), fresh })
}

fn doubt(evidence: &Evidence) -> Option<EpochCause> {
    let Evidence { written_on, here, remembered, found, .. } = *evidence;
    if written_on.is_some_and(|there| there != here) {
        return Some(EpochCause::OtherMachine);
    }
    let Some(remembered) = remembered else {
        // A database of a version that remembered nothing is taken as it is; its first commit begins the memory.
        return written_on.map(|_| EpochCause::HeadForgotten);
    };
    match found {
        _ if remembered.cseq == 0 => None,
        Some(hash) if hash == remembered.head => None,
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

    fn evidence() -> Evidence {
        let here = Hash([1; 32]);
        let found = Some(Hash([7; 32]));
        Evidence { epoch: Epoch(1), cseq: 9, written_on: Some(here), here, remembered: Some(head(1, 8)), found }
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
        assert_eq!(cause(Evidence { epoch: Epoch(1), remembered: Some(head(5, 8)), ..evidence() }), None);
    }

    #[test]
    fn every_way_of_losing_the_thread_has_its_name() {
        let older = Evidence { found: None, ..evidence() };
        assert_eq!(cause(older), Some(EpochCause::DatabaseOlder));
        assert_eq!(cause(Evidence { cseq: 0, ..older }), Some(EpochCause::DatabaseOlder));
        let differs = Evidence { found: Some(Hash([8; 32])), ..evidence() };
        assert_eq!(cause(differs), Some(EpochCause::DatabaseDiffers));
        let copied = Evidence { here: Hash([2; 32]), ..evidence() };
        assert_eq!(cause(copied), Some(EpochCause::OtherMachine));
        let alone = Evidence { remembered: None, found: None, ..evidence() };
        assert_eq!(cause(alone), Some(EpochCause::HeadForgotten));
        assert_eq!(cause(Evidence { written_on: None, ..alone }), None, "a database of version 1");
    }

    #[test]
    fn a_database_that_was_made_names_the_life_before_it() {
        let made = Evidence { cseq: 0, written_on: None, remembered: None, found: None, ..evidence() };
        let anew = Discontinuity { cause: EpochCause::Made, before: None, fresh: Epoch(1) };
        assert_eq!(judge_start(&made, FRESH), Some(anew));
        let reinstalled = Evidence { remembered: Some(head(5, 8)), ..made };
        assert_eq!(judge_start(&reinstalled, FRESH), Some(Discontinuity { before: Some(Epoch(5)), ..anew }));
        assert_eq!(judge_start(&Evidence { remembered: Some(head(1, 0)), ..made }, FRESH), Some(anew));
    }
}
