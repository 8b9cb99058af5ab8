//! What comes in from robots: verified, put in order, judged.
//!
//! The broker is an untrusted pipe. A message counts only with the signature of the key that the roster names for the
//! robot of its topic; anything else is quarantined with its bytes and counted.

mod batch;
mod chain;
mod lanes;
mod seals;
mod session;
mod stamp;
mod telemetry;

pub use chain::{Chains, Linked};
pub use lanes::{Lanes, Standing};
use stamp::Sent;
pub use stamp::{AHEAD_MS_MAX, Clocks, is_off};

use crate::change::{Change, FactRow, FlagRow, OriginRow, QUARANTINE_LEN_MAX, QuarantineRow};
use crate::fleet::Fleet;
use crate::judge::{Rule, Verdict, Word, judge};
use crate::roster::BootMet;
use crate::round::At;
use crate::sync::What;
use shared::fact::{EpochCause, Fact};
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Context;
use shared::task::OrderRef;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::Ack;
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::{Batch, ConnectionWord, Mark, State};
use shared::wire::topic::{Channel, Down, Topic, Up};

impl Fleet {
    /// Takes a message from the broker.
    pub(crate) fn message(&mut self, topic: &str, payload: &[u8], at: At) {
        self.expire_telemetry(at.wall);
        if let Err(reason) = self.taken(topic, payload, at) {
            if let Some(robot) =
                Topic::parse(topic).ok().map(|topic| topic.robot).filter(|robot| self.roster.get(robot).is_some())
            {
                self.sync.note(&robot, What::Quarantined(reason.clone()));
            }
            self.quarantine(topic, payload, reason, at);
        }
    }

    fn taken(&mut self, topic: &str, payload: &[u8], at: At) -> Result<(), String> {
        let topic = Topic::parse(topic).map_err(|e| e.to_string())?;
        let Channel::Up(channel) = topic.channel else { return Err("a robot does not send on this topic".into()) };
        if topic.site != self.site.id {
            return Err(format!("the site is {}, this server's is {}", topic.site, self.site.id));
        }
        let robot = topic.robot;
        let entry = self.roster.get_mut(&robot).ok_or_else(|| format!("the roster has no robot {robot}"))?;
        let body = Sealed::open_bytes(payload, entry.key(), Context::Up, &robot).map_err(|e| e.to_string())?;
        entry.spoke(at.now);
        if channel != Up::Connection {
            entry.talked(at.now);
        }
        let sealing = self.sealing(&robot, channel, payload, &body, at);
        self.signed(&robot, channel, &body, at)?;
        self.keep_seal(sealing);
        Ok(())
    }

    fn signed(&mut self, robot: &RobotId, channel: Up, body: &[u8], at: At) -> Result<(), String> {
        let unreadable = |e| format!("the signed body cannot be decoded: {e}");
        match channel {
            Up::Safety => self.batch(robot, Lane::Safety, &from_bytes(body).map_err(unreadable)?, at),
            Up::Work => self.batch(robot, Lane::Work, &from_bytes(body).map_err(unreadable)?, at),
            Up::Notes => self.batch(robot, Lane::Notes, &from_bytes(body).map_err(unreadable)?, at),
            Up::State => self.state(robot, from_bytes(body).map_err(unreadable)?, at),
            Up::Session => self.session(robot, from_bytes(body).map_err(unreadable)?, at),
            Up::Connection => self.connection(robot, from_bytes(body).map_err(unreadable)?),
            Up::Telemetry => self.telemetry(robot, &from_bytes(body).map_err(unreadable)?, at)?,
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

    fn batch(&mut self, robot: &RobotId, lane: Lane, batch: &Batch, at: At) {
        let (records, bad) = batch::records(lane, batch);
        let sent = Sent { boot: batch.boot, mono_ms: batch.mono_ms, at };
        let source = Source { robot, epoch: batch.epoch, sent };
        let before = (self.lanes.mark(robot, batch.epoch, lane), self.chains.row(robot, batch.epoch));
        for record in records {
            let is_in_order = self.record(source, record);
            if !is_in_order {
                break;
            }
        }
        let mark = self.lanes.mark(robot, batch.epoch, lane);
        self.note_batch(robot, batch, &before.0, &mark);
        if mark != before.0 {
            self.round.change(Change::Watermark { robot: robot.clone(), epoch: batch.epoch, mark });
        }
        let chain = self.chains.row(robot, batch.epoch);
        if let Some(chain) = chain.filter(|chain| before.1.as_ref() != Some(chain)) {
            self.round.change(Change::Chain(chain));
        }
        if let Some(bad) = bad {
            self.sync.note(robot, What::BadBatch { lane, acked: mark.seq, reason: bad.to_string() });
            let bytes = shared::wire::to_bytes(batch);
            let topic = Topic { site: self.site.id.clone(), robot: robot.clone(), channel: Channel::Up(lane.into()) };
            self.quarantine(&topic.to_string(), &bytes, bad.to_string(), at);
        }
        self.send(robot, Down::Ack, &Ack::Stored { epoch: batch.epoch, mark, stamp: self.clocks.last(robot, lane) });
    }

    fn note_batch(&mut self, robot: &RobotId, batch: &Batch, before: &Mark, after: &Mark) {
        let (lane, first, last) = (after.lane, batch.first, batch.last);
        let is_gap = before == after && first > after.seq + 1;
        self.sync.writes_in(robot, batch.epoch);
        self.sync.note(
            robot,
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
                if !is_repeated {
                    self.effect(source, &record, stamp);
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
        if let Some(rule) = flagged_by_itself(&fact) {
            self.flag(source, record, rule, None);
        }
        let Some(order) = fact.order() else { return self.edited(source, record, &fact, stamp) };
        self.judged(source, record, Word { robot: source.robot, fact: &fact, happened: stamp.wall() }, order);
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

    fn state(&mut self, robot: &RobotId, state: State, at: At) {
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

/// What is flagged whatever else is known: the robot's record does not go on, or it could not use something. A robot's first
/// life is no break.
fn flagged_by_itself(fact: &Fact) -> Option<Rule> {
    if matches!(fact, Fact::DeadLetter { .. }) {
        return Some(Rule::DeadLetter);
    }
    let Fact::EpochBegan { cause, before, .. } = fact else { return None };
    let is_first_life = *cause == EpochCause::Made && before.is_none();
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
