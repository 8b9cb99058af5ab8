//! What comes in from robots: verified, put in order, judged.
//!
//! The broker is an untrusted pipe. A message counts only with the signature of the key that the roster names for the
//! robot of its topic; anything else is quarantined with its bytes and counted.

mod batch;
mod chain;
mod door;
mod lanes;
mod session;
mod stamp;
mod telemetry;

use batch::Packet;
pub use chain::{Chains, Linked};
pub use door::{Door, Opened};
use door::{Said, Signed, Unsigned};
pub use lanes::{Lanes, Standing};
use stamp::Sent;
pub use stamp::{AHEAD_MS_MAX, Clocks, is_off};

use crate::change::{BatchSealRow, Change, FactRow, FlagRow, OriginRow, QUARANTINE_LEN_MAX, QuarantineRow};
use crate::fleet::Fleet;
use crate::judge::{Rule, Verdict, Word, judge};
use crate::roster::BootMet;
use crate::round::At;
use crate::sync::What;
use shared::fact::{EpochCause, Fact};
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Record};
use shared::task::OrderRef;
use shared::wire::fleet_to_robot::Ack;
use shared::wire::robot_to_fleet::{ConnectionWord, Mark, State};
use shared::wire::topic::{Channel, Down, Topic};

impl Fleet {
    /// The door that messages from the broker come in by.
    #[must_use]
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// Takes a message from the broker.
    pub(crate) fn message(&mut self, opened: Opened, at: At) {
        self.expire_telemetry(at.wall);
        let Opened { topic, payload, found } = opened;
        if let Err(Unsigned { robot, why }) = found.and_then(|signed| self.signed(signed, at)) {
            robot.into_iter().for_each(|robot| self.sync.note(&robot, What::Quarantined(why.clone())));
            self.quarantine(&topic, &payload, why, at);
        }
    }

    fn signed(&mut self, Signed { robot, said }: Signed, at: At) -> Result<(), Unsigned> {
        if let Some(entry) = self.roster.get_mut(&robot) {
            entry.spoke(at.now);
        }
        let is_talk = matches!(&said, Ok(said) if !matches!(said, Said::Connection(_)));
        if let Some(entry) = self.roster.get_mut(&robot).filter(|_| is_talk) {
            entry.talked(at.now);
        }
        let taken = said.and_then(|said| self.said(&robot, said, at));
        taken.map_err(|why| Unsigned { robot: Some(robot), why })
    }

    fn said(&mut self, robot: &RobotId, said: Said, at: At) -> Result<(), String> {
        match said {
            Said::Batch(packet) => self.batch(robot, *packet, at),
            Said::State(state) => self.state(robot, *state, at),
            Said::Session(session) => self.session(robot, session, at),
            Said::Connection(word) => self.connection(robot, word),
            Said::Telemetry(batch) => self.telemetry(robot, &batch, at)?,
        }
        Ok(())
    }

    fn quarantine(&mut self, topic: &str, payload: &[u8], reason: String, at: At) {
        self.quarantined += 1;
        let topic = topic.chars().take(200).collect();
        let bytes = payload[..payload.len().min(QUARANTINE_LEN_MAX)].to_vec();
        let row = QuarantineRow { topic, reason, bytes, length: payload.len(), received: at.wall };
        self.round.change(Change::Quarantine(row));
    }

    // ---- batches of the journal

    fn batch(&mut self, robot: &RobotId, packet: Packet, at: At) {
        let Packet { lane, epoch, seal, records, bad } = packet;
        self.stamped_by(robot, (seal.boot, seal.sent_mono_ms), at);
        let sent = Sent { boot: seal.boot, mono_ms: seal.sent_mono_ms, at };
        let source = Source { robot, epoch, sent };
        let before = (self.lanes.mark(robot, epoch, lane), self.chains.row(robot, epoch));
        for record in records {
            let is_in_order = self.record(source, record);
            if !is_in_order {
                break;
            }
        }
        let mark = self.lanes.mark(robot, epoch, lane);
        self.note_batch(source, (seal.first, seal.last), &before.0, &mark);
        if mark != before.0 {
            self.round.change(Change::Watermark { robot: robot.clone(), epoch, mark });
        }
        let chain = self.chains.row(robot, epoch);
        if let Some(chain) = chain.filter(|chain| before.1.as_ref() != Some(chain)) {
            self.round.change(Change::Chain(chain));
        }
        if let Some((bad, bytes)) = bad {
            self.sync.note(robot, What::BadBatch { lane, acked: mark.seq, reason: bad.to_string() });
            let topic = Topic { site: self.site.id.clone(), robot: robot.clone(), channel: Channel::Up(lane.into()) };
            self.quarantine(&topic.to_string(), &bytes, bad.to_string(), at);
        }
        self.send(robot, Down::Ack, &Ack::Stored { epoch, mark, stamp: self.clocks.last(robot, lane) });
        if mark != before.0 {
            // What is repeated has a seal already.
            self.round.change(Change::BatchSeal(BatchSealRow { robot: robot.clone(), epoch, seal, received: at.wall }));
        }
    }

    fn note_batch(&mut self, source: Source<'_>, (first, last): (u64, u64), before: &Mark, after: &Mark) {
        let lane = after.lane;
        let is_gap = before == after && first > after.seq + 1;
        self.sync.writes_in(source.robot, source.epoch);
        self.sync.note(
            source.robot,
            match is_gap {
                true => What::Gap { lane, has: after.seq, first },
                false => What::Batch { lane, first, last, acked: after.seq },
            },
        );
    }

    /// Takes one entry; false when what follows it cannot be taken.
    fn record(&mut self, source: Source<'_>, record: Record) -> bool {
        let mark = Mark { lane: record.entry.lane, seq: record.entry.lane_seq, hash: record.hash };
        match self.lanes.standing(source.robot, source.epoch, &mark) {
            Standing::Repeated => true,
            Standing::Gap => false,
            Standing::Fork => {
                self.flag(source, &record, Rule::Fork, None);
                self.sync.note(source.robot, What::Fork { lane: mark.lane, seq: mark.seq });
                let stamp = record.entry.hlc;
                self.round.change(Change::Fork(source.row(record, stamp)));
                false
            }
            Standing::Next => {
                let is_repeated = self.is_repeated(source, &record, &mark);
                self.lanes.take(source.robot, source.epoch, &mark);
                self.linked(source, &record);
                self.boot_told(source, record.entry.boot);
                let stamp = self.stamped(source, &record);
                match is_repeated {
                    false => self.effect(source, &record, stamp),
                    true => self.settle_again(source.robot, &record, stamp),
                }
                self.round.change(Change::Fact(source.row(record, stamp)));
                true
            }
        }
    }

    /// Whether an entry that comes next took effect before under another number. Notes that it takes effect now, if not.
    fn is_repeated(&mut self, source: Source<'_>, record: &Record, mark: &Mark) -> bool {
        let Some(origin) = record.entry.origin.as_deref() else {
            return self.lanes.took_effect(source.robot, source.epoch, mark);
        };
        let first = Mark { lane: mark.lane, seq: origin.lane_seq, hash: origin.hash };
        let is_repeated = self.lanes.took_effect(source.robot, origin.epoch, &first);
        if !is_repeated {
            self.lanes.take_origin(source.robot, origin.epoch, &first);
            let row = OriginRow { robot: source.robot.clone(), epoch: origin.epoch, mark: first };
            self.round.change(Change::Origin(row));
        }
        is_repeated
    }

    fn linked(&mut self, source: Source<'_>, record: &Record) {
        match self.chains.take(source.robot, source.epoch, record) {
            Linked::Holds => {}
            Linked::Breaks => self.flag(source, record, Rule::Chain, None),
        }
    }

    fn stamped(&mut self, source: Source<'_>, record: &Record) -> Hlc {
        let stamped = self.clocks.stamp(source.robot, &record.entry, source.sent);
        if is_off(stamped.ahead_ms) {
            self.sync.note(source.robot, What::Restamped { ahead_ms: stamped.ahead_ms });
        }
        if let Some(skew) = stamped.skew {
            self.round.change(Change::Skew(skew));
            self.round.robot_changed(source.robot);
        }
        if stamped.is_suspect {
            self.flag(source, record, Rule::ClockSuspect, None);
        }
        stamped.stamp
    }

    fn effect(&mut self, source: Source<'_>, record: &Record, stamp: Hlc) {
        // A kind of a newer version is kept as bytes and changes nothing that this version knows.
        let Some(fact) = record.fact() else { return };
        if fact.lane() != record.entry.lane {
            return self.flag(source, record, Rule::WrongLane, fact.order());
        }
        let is_known = self.lanes.knows_another(source.robot, source.epoch);
        if let Some(rule) = flagged_by_itself(&fact, is_known) {
            self.flag(source, record, rule, None);
            self.note_epoch(source.robot, &fact);
        }
        let Some(order) = fact.order() else { return self.edited(source, record, &fact, stamp) };
        self.judged(source, record, Word { robot: source.robot, fact: &fact, happened: stamp.wall() }, order);
    }

    fn note_epoch(&mut self, robot: &RobotId, fact: &Fact) {
        if let Fact::EpochBegan { cause, before, again } = *fact {
            self.sync.note(robot, What::Epoch { cause, before, again });
        }
    }

    /// What is no word about an order may be an edit of a field or of a note.
    fn edited(&mut self, source: Source<'_>, record: &Record, fact: &Fact, stamp: Hlc) {
        let (wrong, task) = if let Fact::FieldWritten { write } = fact {
            (self.robot_wrote(source.robot, write, stamp, source.sent.at), write.task)
        } else if let Fact::NoteUpdate { write } = fact {
            (self.robot_noted(source.robot, write, stamp), write.task)
        } else {
            return;
        };
        if let Some(rule) = wrong {
            self.flag(source, record, rule, Some(OrderRef { task, fence: 0 }));
        }
    }

    fn judged(&mut self, source: Source<'_>, record: &Record, word: Word<'_>, order: OrderRef) {
        match judge(self.tasks.get(order.task), order, word) {
            Verdict::Stays => {}
            Verdict::Becomes(task) => self.set_task(*task),
            Verdict::Flagged(rule) => self.flag(source, record, rule, Some(order)),
        }
    }

    fn flag(&mut self, source: Source<'_>, record: &Record, rule: Rule, order: Option<OrderRef>) {
        self.sync.note(source.robot, What::Flag(rule));
        self.round.change(Change::Flag(FlagRow {
            rule,
            robot: source.robot.clone(),
            epoch: source.epoch,
            lane: record.entry.lane,
            lane_seq: record.entry.lane_seq,
            task: order.map(|order| order.task),
            raised: source.sent.at.wall,
        }));
    }

    // ---- what is true now

    /// An entry that was written in another boot than it is sent in tells of one that is over. It may be the first word of
    /// that boot (the robot was cut off all the time), and must not be taken for the running one.
    fn boot_told(&mut self, source: Source<'_>, boot: Boot) {
        if boot == source.sent.boot {
            self.boot_met(source.robot, boot);
        } else if let Some(entry) = self.roster.get_mut(source.robot) {
            entry.was_over(boot);
        }
    }

    fn boot_met(&mut self, robot: &RobotId, boot: Boot) -> BootMet {
        let met = self.roster.get_mut(robot).map_or(BootMet::Over, |entry| entry.meet(boot));
        if met == BootMet::New {
            self.round.change(Change::Boot { robot: robot.clone(), boot });
        }
        met
    }

    /// Every signed word that a boot's clock has stamped shows that this boot ran then. Two that ran at one time are flagged.
    pub(super) fn stamped_by(&mut self, robot: &RobotId, (boot, mono_ms): (Boot, u64), at: At) {
        let beside = self.roster.get_mut(robot).and_then(|entry| entry.stamped(boot, mono_ms, at.now));
        if beside.is_some() {
            self.sync.note(robot, What::TwoMachines);
            self.flag_robot(robot, Epoch(self.server_epoch), Rule::TwoMachines, at);
            self.round.robot_changed(robot);
        }
    }

    fn state(&mut self, robot: &RobotId, state: State, at: At) {
        self.stamped_by(robot, (state.boot, state.mono_ms), at);
        if self.boot_met(robot, state.boot) == BootMet::Over {
            return;
        }
        let cursor = state.cursor;
        let is_newer = self.roster.get_mut(robot).is_some_and(|entry| entry.hear(state, at.now));
        if !is_newer {
            return;
        }
        self.round.robot_changed(robot);
        let feed = self.feeds.of(robot);
        feed.note_named(cursor);
        if feed.applied().is_none() {
            feed.begin_after(cursor);
        }
        self.dispatch_waiting(robot, at.now);
        self.endorse(robot, at);
        self.pump_feed(robot, at.now);
    }

    fn connection(&mut self, robot: &RobotId, word: ConnectionWord) {
        if let Some(entry) = self.roster.get_mut(robot) {
            entry.set_connection(word);
            self.sync.note(robot, What::Connection(word.word));
            self.round.robot_changed(robot);
        }
    }
}

/// What is flagged whatever its order: the robot's record does not go on, or it could not use something. A robot's first
/// life is no break; one that remembers no life before, and that `is_known` here from another, was installed anew.
fn flagged_by_itself(fact: &Fact, is_known: bool) -> Option<Rule> {
    if matches!(fact, Fact::DeadLetter { .. }) {
        return Some(Rule::DeadLetter);
    }
    let Fact::EpochBegan { cause, before, .. } = fact else { return None };
    let is_first_life = *cause == EpochCause::Made && before.is_none() && !is_known;
    (!is_first_life).then_some(Rule::NewEpoch)
}

/// Where a batch comes from, and when it was sent and taken.
#[derive(Clone, Copy)]
struct Source<'a> {
    robot: &'a RobotId,
    epoch: Epoch,
    sent: Sent,
}

impl Source<'_> {
    fn row(&self, record: Record, stamp: Hlc) -> FactRow {
        let (robot, received) = (self.robot.clone(), self.sent.at.wall);
        FactRow { robot, epoch: self.epoch, record, received, stamp }
    }
}

#[cfg(test)]
mod tests;
