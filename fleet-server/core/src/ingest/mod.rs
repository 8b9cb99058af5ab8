//! What comes in from robots: verified, put in order, judged.
//!
//! The broker is an untrusted pipe. A message counts only with the signature of the key that the roster names for the
//! robot of its topic; anything else is quarantined with its bytes and counted.

mod batch;
mod lanes;
mod origins;

pub use lanes::{Lanes, Standing};
pub use origins::Origins;

use crate::change::{Change, FactMark, FactRow, FlagRow, QUARANTINE_LEN_MAX, QuarantineRow};
use crate::fleet::Fleet;
use crate::judge::{Rule, Verdict, Word, judge};
use crate::roster::BootMet;
use crate::round::At;
use shared::fact::{EpochCause, Fact};
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane, Record};
use shared::seal::Context;
use shared::task::OrderRef;
use shared::time::WallTime;
use shared::wire::ability::Abilities;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::Ack;
use shared::wire::from_bytes;
use shared::wire::robot_to_fleet::{Batch, ConnectionWord, Mark, Session, State};
use shared::wire::topic::{Channel, Down, Topic, Up};

/// What this server understands beyond the first version of the protocol.
const ABILITIES: Abilities = Abilities::UNPACKS;

/// The most that a robot's clock may run ahead of ours in a stamp, in milliseconds.
const AHEAD_MS_MAX: u64 = 2000;

impl Fleet {
    /// Takes a message from the broker.
    pub(crate) fn message(&mut self, topic: &str, payload: &[u8], at: At) {
        if let Err(reason) = self.taken(topic, payload, at) {
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
        self.signed(&robot, channel, &body, at)
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
            // History of measurements has no reader yet; the robot keeps it.
            Up::Telemetry => {}
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
        let source = Source { robot, epoch: batch.epoch, boot: batch.boot, sent_mono_ms: batch.mono_ms, at };
        let before = self.lanes.mark(robot, batch.epoch, lane);
        for record in records {
            let is_in_order = self.record(source, record);
            if !is_in_order {
                break;
            }
        }
        let mark = self.lanes.mark(robot, batch.epoch, lane);
        if mark != before {
            self.round.change(Change::Watermark { robot: robot.clone(), epoch: batch.epoch, mark });
        }
        if let Some(bad) = bad {
            let bytes = shared::wire::to_bytes(batch);
            let topic = Topic { site: self.site.id.clone(), robot: robot.clone(), channel: Channel::Up(lane.into()) };
            self.quarantine(&topic.to_string(), &bytes, bad.to_string(), at);
        }
        self.send(robot, Down::Ack, &Ack::Stored { epoch: batch.epoch, mark, stamp: None });
    }

    /// Takes one entry; false when what follows it cannot be taken.
    fn record(&mut self, source: Source<'_>, record: Record) -> bool {
        let mark = Mark { lane: record.entry.lane, seq: record.entry.lane_seq, hash: record.hash };
        match self.lanes.standing(source.robot, source.epoch, &mark) {
            Standing::Repeated => true,
            Standing::Gap => false,
            Standing::Fork => {
                self.flag(source, &record, Rule::Fork, None);
                self.round.change(Change::Fork(source.row(record)));
                false
            }
            Standing::Next => {
                self.lanes.take(source.robot, source.epoch, &mark);
                self.boot_met(source.robot, record.entry.boot);
                if self.is_new(source, &record) {
                    self.effect(source, &record);
                }
                self.round.change(Change::Fact(source.row(record)));
                true
            }
        }
    }

    /// Whether an entry tells what has not taken effect yet. One that is offered again in a later epoch takes effect once,
    /// whichever of its places arrives first.
    fn is_new(&mut self, source: Source<'_>, record: &Record) -> bool {
        let (robot, lane) = (source.robot, record.entry.lane);
        let Some(origin) = record.entry.origin.as_deref() else {
            let place = Mark { lane, seq: record.entry.lane_seq, hash: record.hash };
            return !self.origins.has(robot, source.epoch, &place);
        };
        let first = Mark { lane, seq: origin.lane_seq, hash: origin.hash };
        if self.lanes.has(robot, origin.epoch, &first) || !self.origins.take(robot, origin.epoch, &first) {
            return false;
        }
        let place = FactMark { robot: robot.clone(), epoch: origin.epoch, mark: first };
        self.round.change(Change::Origin(place));
        true
    }

    fn effect(&mut self, source: Source<'_>, record: &Record) {
        // A kind of a newer version is kept as bytes and changes nothing that this version knows.
        let Some(fact) = record.fact() else { return };
        if fact.lane() != record.entry.lane {
            return self.flag(source, record, Rule::WrongLane, fact.order());
        }
        if let Fact::EpochBegan { cause, before, .. } = fact {
            if cause != EpochCause::Made || before.is_some() {
                self.flag(source, record, Rule::NewEpoch, None);
            }
        }
        let Some(order) = fact.order() else { return };
        self.judged(source, record, &fact, order);
    }

    fn judged(&mut self, source: Source<'_>, record: &Record, fact: &Fact, order: OrderRef) {
        let word = Word { robot: source.robot, fact, happened: source.happened(record) };
        match judge(self.tasks.get(order.task), order, word) {
            Verdict::Stays => {}
            Verdict::Becomes(task) => self.set_task(*task),
            Verdict::Flagged(rule) => self.flag(source, record, rule, Some(order)),
        }
    }

    fn flag(&mut self, source: Source<'_>, record: &Record, rule: Rule, order: Option<OrderRef>) {
        self.round.change(Change::Flag(FlagRow {
            rule,
            robot: source.robot.clone(),
            epoch: source.epoch,
            lane: record.entry.lane,
            lane_seq: record.entry.lane_seq,
            task: order.map(|order| order.task),
            raised: source.at.wall,
        }));
    }

    // ---- what is true now

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
        if feed.applied().is_none() {
            feed.begin_after(cursor);
        }
        self.dispatch_waiting(robot, at.now);
        self.pump_feed(robot, at.now);
    }

    fn connection(&mut self, robot: &RobotId, word: ConnectionWord) {
        if let Some(entry) = self.roster.get_mut(robot) {
            entry.set_connection(word);
            self.round.robot_changed(robot);
        }
    }

    // ---- the conversation about the conversation

    fn session(&mut self, robot: &RobotId, session: Session, at: At) {
        match session {
            Session::Hello { epoch, boot, mono_ms: _, server_epoch, cursor, nonce, can, acked: _, snapshot: _ } => {
                if self.boot_met(robot, boot) != BootMet::Over {
                    self.learn_abilities(robot, can.unwrap_or_default());
                    self.make_room_for(robot, server_epoch, cursor, at);
                    self.welcome(robot, epoch, server_epoch, cursor, nonce);
                }
            }
            Session::Applied { server_epoch, cursor } => self.applied(robot, server_epoch, cursor),
            // No robot is sent what these answer.
            Session::Chunk { .. } | Session::Differs { .. } => {}
        }
        self.pump_feed(robot, at.now);
    }

    /// A robot that has rows which this database never wrote shows that the database was restored from a copy. A new
    /// life makes every robot read its feed from the beginning, so that no two rows share a name.
    fn make_room_for(&mut self, robot: &RobotId, server_epoch: u64, cursor: u64, at: At) {
        let knows_us = server_epoch == self.server_epoch;
        if knows_us && cursor > self.feeds.of(robot).head() {
            self.begin_new_life(at.wall);
        }
    }

    fn welcome(&mut self, robot: &RobotId, epoch: Epoch, server_epoch: u64, cursor: u64, nonce: u64) {
        let from = if server_epoch == self.server_epoch { cursor } else { 0 };
        let feed = self.feeds.of(robot);
        feed.begin_after(from);
        let feed_head = feed.head();
        let marks = Lane::ALL.map(|lane| self.lanes.mark(robot, epoch, lane)).to_vec();
        let (server_epoch, can) = (self.server_epoch, Some(ABILITIES));
        self.send(robot, Down::Ack, &Ack::Welcome { nonce, server_epoch, marks, feed_head, can });
        self.round.robot_changed(robot);
    }

    fn learn_abilities(&mut self, robot: &RobotId, can: Abilities) {
        if let Some(entry) = self.roster.get_mut(robot) {
            entry.set_abilities(can);
        }
    }

    fn applied(&mut self, robot: &RobotId, server_epoch: u64, cursor: u64) {
        let is_ours = server_epoch == self.server_epoch;
        if is_ours && self.feeds.of(robot).applied_up_to(cursor) {
            self.round.robot_changed(robot);
        }
    }
}

/// Where a batch comes from, and when it was sent and taken.
#[derive(Clone, Copy)]
struct Source<'a> {
    robot: &'a RobotId,
    epoch: Epoch,
    boot: Boot,
    sent_mono_ms: u64,
    at: At,
}

impl Source<'_> {
    fn row(&self, record: Record) -> FactRow {
        FactRow { robot: self.robot.clone(), epoch: self.epoch, record, received: self.at.wall }
    }

    /// When an entry was written. Within one boot the robot's monotonic clock tells how long before the batch that was,
    /// whatever its calendar claims; for an earlier boot only the calendar is left, cut to where ours is.
    fn happened(&self, record: &Record) -> WallTime {
        let entry = &record.entry;
        if entry.boot == self.boot {
            return WallTime(self.at.wall.0.saturating_sub(self.sent_mono_ms.saturating_sub(entry.mono_ms)));
        }
        entry.hlc.wall().min(WallTime(self.at.wall.0.saturating_add(AHEAD_MS_MAX)))
    }
}

#[cfg(test)]
mod tests;
