//! What a robot records as having happened: the bodies of its journal.
//!
//! A fact is judged and may be flagged; it is never refused from the record. Each kind has a number that is never
//! reused; a kind of a newer version is kept as bytes.
//!
//! Leaves to others: the chain the facts stand in (`journal`), what they change (`fleet-core`).

mod cause;
mod interlock;

pub use cause::{DeadCause, EpochCause, GapCause};
pub use interlock::{Interlock, InterlockPhase, TripCause};

use crate::contribution::NoteWrite;
use crate::field::FieldWrite;
use crate::journal::{Boot, Epoch, Lane};
use crate::refusal::Code;
use crate::seal::Hash;
use crate::task::OrderRef;
use minicbor::{Decode, Encode};

/// Something that happened on a robot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Fact {
    /// The agent's process started; `clean` tells whether the last one had ended in order.
    #[n(0)]
    AgentStarted {
        /// Whether the process before had ended in order.
        #[n(0)]
        clean: bool,
    },
    /// The interlock changed its phase.
    #[n(1)]
    Interlock {
        /// What it is now.
        #[n(0)]
        now: Interlock,
    },
    /// The order is in the robot's replica and will be done.
    #[n(2)]
    Accepted {
        /// Which.
        #[n(0)]
        order: OrderRef,
    },
    /// The order will not be done.
    #[n(3)]
    Refused {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A step is about to begin: recorded before its motion.
    #[n(4)]
    StepStarted {
        /// Of which order.
        #[n(0)]
        order: OrderRef,
        /// Its place in the order, from 0.
        #[n(1)]
        step: u8,
    },
    /// A step was finished.
    #[n(5)]
    StepEnded {
        /// Of which order.
        #[n(0)]
        order: OrderRef,
        /// Its place in the order, from 0.
        #[n(1)]
        step: u8,
    },
    /// The order waits for a person to resume it.
    #[n(6)]
    Held {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// The order cannot go on until something changes.
    #[n(7)]
    Blocked {
        /// Which.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A person let the robot's work go on; names the numbered message that said so.
    #[n(8)]
    Resumed {
        /// The server's number of the message.
        #[n(0)]
        number: u64,
    },
    /// Every step was finished.
    #[n(9)]
    Done {
        /// Which order.
        #[n(0)]
        order: OrderRef,
    },
    /// Given up.
    #[n(10)]
    Failed {
        /// Which order.
        #[n(0)]
        order: OrderRef,
        /// Why.
        #[n(1)]
        why: Code,
    },
    /// A safety officer cleared a trip: the robot may ask to be armed again.
    #[n(12)]
    Cleared {
        /// Which trip.
        #[n(0)]
        trip_epoch: u32,
        /// Who, as the endorsement of the officer's key names them.
        #[n(1)]
        officer: String,
    },
    /// A new epoch of the journal begins: its first entry. What the server may lack follows, each entry with its origin.
    #[n(28)]
    EpochBegan {
        /// Why.
        #[n(0)]
        cause: EpochCause,
        /// The epoch before, if one is known.
        #[n(1)]
        before: Option<Epoch>,
        /// How many entries of the epoch before are offered again.
        #[n(2)]
        again: u64,
    },
    /// Something could not be used and was put aside as a dead letter, so that what comes behind it goes on.
    #[n(26)]
    DeadLetter {
        /// Why.
        #[n(0)]
        cause: DeadCause,
        /// The hash of its bytes, under which the robot keeps them.
        #[n(1)]
        hash: Hash,
        /// How many bytes it has.
        #[n(2)]
        len: u64,
    },
    /// Withdrawn by a person, and not worked on any more.
    #[n(11)]
    Cancelled {
        /// Which order.
        #[n(0)]
        order: OrderRef,
    },
    /// A line of the safety controller's own record, which the robot only carries; see
    /// [`firmware_record`](crate::firmware_record).
    #[n(13)]
    Firmware {
        /// Exactly as the controller keeps it, without a newline.
        #[n(0)]
        line: String,
    },
    /// The agent begins to disclose with the key that this id belongs to.
    #[n(14)]
    DisclosureStarted {
        /// The disclosure id.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        id: [u8; 16],
    },
    /// The robot's own firmware began to hear its disclosure.
    #[n(15)]
    DisclosureHeard {
        /// When the control loop saw it, on the boot's monotonic clock, in milliseconds.
        #[n(0)]
        mono_ms: u64,
    },
    /// The robot's own firmware hears its disclosure no more.
    #[n(16)]
    DisclosureGap {
        /// Why.
        #[n(0)]
        cause: GapCause,
        /// The last moment at which it was heard, as well as can be known, in milliseconds.
        #[n(1)]
        mono_ms: u64,
    },
    /// The body moves, by its own report.
    #[n(17)]
    MotionBegan {
        /// When the control loop saw it, in milliseconds.
        #[n(0)]
        mono_ms: u64,
    },
    /// The body moves no more, by its own report.
    #[n(18)]
    MotionEnded {
        /// When the control loop saw it, in milliseconds.
        #[n(0)]
        mono_ms: u64,
    },
    /// A new endorsement of the disclosure key was taken.
    #[n(19)]
    Endorsed {
        /// Until when it holds: seconds since 2019-01-01 UTC.
        #[n(0)]
        until: u32,
        /// The disclosure id that is endorsed.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        id: [u8; 16],
    },
    /// Telemetry was thinned, because the storage quota is nearly used.
    #[n(20)]
    Thinned {
        /// The first number of the telemetry lane that was looked at.
        #[n(0)]
        first: u64,
        /// The last one.
        #[n(1)]
        last: u64,
        /// How many samples were dropped; each is stood for by the one behind it.
        #[n(2)]
        dropped: u64,
    },
    /// A database was full: the reserve was freed to write this, and the robot takes no work.
    #[n(21)]
    StorageFull,
    /// A person at the robot, or the robot itself, wrote a field of a task.
    #[n(23)]
    FieldWritten {
        /// What was written where.
        #[n(0)]
        write: FieldWrite,
    },
    /// A person at the robot, or the robot itself, edited the note of a task.
    #[n(24)]
    NoteUpdate {
        /// The edit.
        #[n(0)]
        write: NoteWrite,
    },
    /// Nothing was recorded for a while: whatever the record says goes on has gone on until now.
    #[n(30)]
    Mark,
    /// The process before did not end in order. Whatever its record says went on has gone on until this moment, and not much
    /// longer.
    #[n(31)]
    LivedUntil {
        /// The boot it ran in.
        #[n(0)]
        boot: Boot,
        /// The newest moment of which it left a sign on the disk, on that boot's monotonic clock, in milliseconds.
        #[n(1)]
        mono_ms: u64,
        /// By how much later it would have left another one if it had lived, in milliseconds.
        #[n(2)]
        within_ms: u64,
    },
    /// The time that the robot discloses with was off, and was set to the calendar: agent and server, or agent and the site's CA,
    /// agree on it. Bystanders with a right clock never took what was said by the wrong one.
    #[n(40)]
    BeaconTimeSet {
        /// What it showed, in milliseconds since 1970.
        #[n(0)]
        from_ms: u64,
        /// What it shows now.
        #[n(1)]
        to_ms: u64,
    },
}

impl Fact {
    /// The lane it travels in. Safety never waits behind work.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::AgentStarted { .. }
            | Self::Interlock { .. }
            | Self::Resumed { .. }
            | Self::Cleared { .. }
            | Self::Firmware { .. }
            | Self::DisclosureStarted { .. }
            | Self::DisclosureHeard { .. }
            | Self::DisclosureGap { .. }
            | Self::MotionBegan { .. }
            | Self::MotionEnded { .. }
            | Self::Endorsed { .. }
            | Self::Thinned { .. }
            | Self::StorageFull
            | Self::EpochBegan { .. }
            | Self::DeadLetter { .. }
            | Self::Mark
            | Self::LivedUntil { .. }
            | Self::BeaconTimeSet { .. } => Lane::Safety,
            Self::Accepted { .. }
            | Self::Refused { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Held { .. }
            | Self::Blocked { .. }
            | Self::Done { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::FieldWritten { .. } => Lane::Work,
            Self::NoteUpdate { .. } => Lane::Notes,
        }
    }

    /// Its number, which is also the first item of its bytes.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        match self {
            Self::AgentStarted { .. } => 0,
            Self::Interlock { .. } => 1,
            Self::Accepted { .. } => 2,
            Self::Refused { .. } => 3,
            Self::StepStarted { .. } => 4,
            Self::StepEnded { .. } => 5,
            Self::Held { .. } => 6,
            Self::Blocked { .. } => 7,
            Self::Resumed { .. } => 8,
            Self::Done { .. } => 9,
            Self::Failed { .. } => 10,
            Self::Cancelled { .. } => 11,
            Self::Cleared { .. } => 12,
            Self::DeadLetter { .. } => 26,
            Self::EpochBegan { .. } => 28,
            Self::Firmware { .. } => 13,
            Self::DisclosureStarted { .. } => 14,
            Self::DisclosureHeard { .. } => 15,
            Self::DisclosureGap { .. } => 16,
            Self::MotionBegan { .. } => 17,
            Self::MotionEnded { .. } => 18,
            Self::Endorsed { .. } => 19,
            Self::Thinned { .. } => 20,
            Self::StorageFull => 21,
            Self::FieldWritten { .. } => 23,
            Self::NoteUpdate { .. } => 24,
            Self::Mark => 30,
            Self::LivedUntil { .. } => 31,
            Self::BeaconTimeSet { .. } => 40,
        }
    }

    /// The order it speaks of.
    #[must_use]
    pub const fn order(&self) -> Option<OrderRef> {
        match self {
            Self::AgentStarted { .. }
            | Self::Interlock { .. }
            | Self::Resumed { .. }
            | Self::Cleared { .. }
            | Self::Firmware { .. }
            | Self::DisclosureStarted { .. }
            | Self::DisclosureHeard { .. }
            | Self::DisclosureGap { .. }
            | Self::MotionBegan { .. }
            | Self::MotionEnded { .. }
            | Self::Endorsed { .. }
            | Self::Thinned { .. }
            | Self::StorageFull
            | Self::EpochBegan { .. }
            | Self::DeadLetter { .. }
            | Self::FieldWritten { .. }
            | Self::NoteUpdate { .. }
            | Self::Mark
            | Self::LivedUntil { .. }
            | Self::BeaconTimeSet { .. } => None,
            Self::Accepted { order }
            | Self::Refused { order, .. }
            | Self::StepStarted { order, .. }
            | Self::StepEnded { order, .. }
            | Self::Held { order, .. }
            | Self::Blocked { order, .. }
            | Self::Done { order }
            | Self::Failed { order, .. }
            | Self::Cancelled { order } => Some(*order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::Blob;
    use crate::field::{FieldValue, OpId};
    use crate::hlc::Hlc;
    use crate::id::TaskId;
    use std::collections::BTreeMap;

    fn one_of_each() -> Vec<Fact> {
        let task = TaskId::from_bytes([3; 16]);
        let order = OrderRef { task, fence: 2 };
        let why = Code::BatteryLow;
        let now = Interlock { phase: InterlockPhase::Tripped, cause: TripCause::Button, trip_epoch: 9 };
        vec![
            Fact::AgentStarted { clean: true },
            Fact::Interlock { now },
            Fact::Accepted { order },
            Fact::Refused { order, why },
            Fact::StepStarted { order, step: 1 },
            Fact::StepEnded { order, step: 1 },
            Fact::Held { order, why },
            Fact::Blocked { order, why },
            Fact::Resumed { number: 4 },
            Fact::Done { order },
            Fact::Failed { order, why },
            Fact::Cancelled { order },
            Fact::Cleared { trip_epoch: 4, officer: "M. Ito".into() },
            Fact::EpochBegan { cause: EpochCause::Made, before: Some(Epoch(3)), again: 0 },
            Fact::DeadLetter { cause: DeadCause::RowGone, hash: Hash([4; 32]), len: 5 },
            Fact::Firmware { line: "{\"n\":1}".into() },
            Fact::DisclosureStarted { id: [7; 16] },
            Fact::DisclosureHeard { mono_ms: 5 },
            Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms: 5 },
            Fact::MotionBegan { mono_ms: 5 },
            Fact::MotionEnded { mono_ms: u64::MAX },
            Fact::Endorsed { until: 9, id: [7; 16] },
            Fact::Thinned { first: 1, last: 9, dropped: 4 },
            Fact::StorageFull,
            Fact::FieldWritten {
                write: FieldWrite { op: OpId([1; 16]), task, value: FieldValue::Priority(2), seen: Hlc(3) },
            },
            Fact::NoteUpdate { write: NoteWrite { op: OpId([1; 16]), task, update: Blob(vec![1, 2]) } },
            Fact::Mark,
            Fact::LivedUntil { boot: Boot(2), mono_ms: 5, within_ms: 6 },
            Fact::BeaconTimeSet { from_ms: 9, to_ms: 5 },
        ]
    }

    #[test]
    fn the_kind_is_the_number_in_the_bytes() {
        for fact in one_of_each() {
            let bytes = crate::wire::to_bytes(&fact);
            assert_eq!(number_in(&bytes), fact.kind(), "{fact:?}");
            assert_eq!(crate::wire::from_bytes::<Fact>(&bytes).unwrap(), fact);
        }
    }

    #[test]
    fn the_page_of_the_protocol_names_the_lane_of_each() {
        let page = include_str!("../../docs/PROTOCOL.md");
        let (_, section) = page.split_once("\n## Facts\n").unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        let found: BTreeMap<u16, &str> = rows
            .iter()
            .map(|row| row.trim_matches(['|', ' ']).split(" | ").collect::<Vec<_>>())
            .map(|cells| (cells[0].parse().unwrap(), cells[2]))
            .collect();
        let wanted: BTreeMap<u16, &str> =
            one_of_each().iter().map(|fact| (fact.kind(), fact.lane().as_str())).collect();
        assert_eq!(found, wanted);
    }

    /// The second item of the array: below 24 it stands in its own first byte (RFC 8949, 3).
    fn number_in(bytes: &[u8]) -> u16 {
        if bytes[1] < 24 { bytes[1].into() } else { bytes[2].into() }
    }
}
