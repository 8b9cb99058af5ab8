//! The fleet as one machine: inputs in, rows and words out.

use crate::assignment;
use crate::change::{ChainRow, Change, Loaded, TaskRecord};
use crate::commands::Command;
use crate::editing::Editing;
use crate::endorsement::Endorser;
use crate::feed::{Feeds, Kept, Next, snapshot_name};
use crate::ingest::{Chains, Clocks, Door, Lanes, Opened, is_off};
use crate::roster::{Entry, Roster};
use crate::round::{At, Round};
use crate::sync::{SyncLog, What};
use crate::tasks::Tasks;
use crate::telemetry::{Telemetry, TelemetryKept};
use crate::tell::{Delivery, Letter, Output, Tell, Token};
use shared::contribution::Merged;
use shared::id::{RobotId, SiteId, TaskId};
use shared::journal::Epoch;
use shared::machine::Machine;
use shared::seal::{Hash, PublicKey, SigningKey};
use shared::task::TaskRow;
use shared::time::{Instant, WallTime};
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{Ack, Feed, FeedWord, Now, RowBytes};
use shared::wire::snapshot::{Announcement, RowsHash, Shard, ShardHash, cut};
use shared::wire::to_bytes;
use shared::wire::topic::{Channel, Down, Topic};
use shared::zone::Hall;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the configuration says about the site.
#[derive(Debug)]
pub struct Site {
    /// The site's name, in every topic.
    pub id: SiteId,
    /// The key that every message to a robot is signed with.
    pub key: SigningKey,
    /// The hall's map.
    pub hall: Hall,
    /// The robots and the keys they sign with.
    pub robots: BTreeMap<RobotId, PublicKey>,
    /// The site's CA; without one robots are endorsed by hand.
    pub endorser: Option<Endorser>,
}

/// Something that happened, and what the calendar said then.
#[derive(Clone, Debug)]
pub struct Input {
    /// The server's wall clock, milliseconds since 1970.
    pub wall: WallTime,
    /// What happened.
    pub event: Event,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The broker delivered a message.
    Message {
        /// The topic as it came.
        topic: String,
        /// The payload as it came.
        payload: Vec<u8>,
    },
    /// The broker delivered a message, and [`Fleet::door`] has opened it.
    Opened(Box<Opened>),
    /// Rows of a robot's feed that were to be read back.
    FeedRows {
        /// Whose feed.
        robot: RobotId,
        /// The row before the first.
        after: u64,
        /// Their exact bytes.
        rows: Vec<RowBytes>,
    },
    /// What came of a contribution to a note.
    Merged {
        /// Its number.
        number: u64,
        /// What came of it.
        merged: Box<Merged>,
    },
    /// A person asks for something.
    Command {
        /// Ties the answer to it.
        token: Token,
        /// What is asked.
        command: Command,
    },
}

/// Decides everything the server decides.
///
/// Inputs: [`handle`](Machine::handle), [`handle_timeout`](Machine::handle_timeout). Outputs:
/// [`poll_output`](Machine::poll_output), [`poll_timeout`](Machine::poll_timeout). Getters: the rest; they show what was
/// decided, so a shell reads them only after it has committed.
#[derive(Debug)]
pub struct Fleet {
    pub(crate) site: Site,
    pub(crate) door: Door,
    pub(crate) server_epoch: u64,
    pub(crate) lanes: Lanes,
    pub(crate) chains: Chains,
    pub(crate) clocks: Clocks,
    pub(crate) tasks: Tasks,
    pub(crate) feeds: Feeds,
    pub(crate) roster: Roster,
    pub(crate) now_numbers: BTreeMap<RobotId, u64>,
    pub(crate) sync: SyncLog,
    pub(crate) editing: Editing,
    pub(crate) telemetry: Telemetry,
    pub(crate) quarantined: u64,
    /// Of whom it is told that it knows another life of this database.
    pub(crate) restored_told: BTreeSet<RobotId>,
    pub(crate) round: Round,
    outputs: VecDeque<Output>,
}

impl Fleet {
    /// Takes up where the store left off.
    #[must_use]
    pub fn new(site: Site, mut loaded: Loaded) -> Self {
        Self {
            editing: Editing::new(&mut loaded),
            roster: Roster::new(site.robots.clone(), loaded.boots),
            door: Door::new(site.id.clone(), site.robots.clone()),
            site,
            server_epoch: loaded.server_epoch,
            lanes: Lanes::new(loaded.facts, loaded.watermarks, loaded.origins),
            chains: Chains::new(loaded.chains, loaded.links),
            clocks: Clocks::new(loaded.skews, loaded.stamps),
            feeds: Feeds::new(
                Kept {
                    ends: loaded.feed_ends,
                    pinned: loaded.feed_pinned,
                    tail: loaded.feed,
                    made: loaded.feed_made,
                    notes_shown: loaded.notes_shown,
                },
                &loaded.tasks,
            ),
            tasks: Tasks::new(loaded.tasks),
            now_numbers: loaded.now_numbers.into_iter().collect(),
            sync: SyncLog::default(),
            telemetry: Telemetry::new(loaded.telemetry_marks, loaded.telemetry_hours),
            quarantined: 0,
            restored_told: BTreeSet::new(),
            round: Round::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Keeps this much telemetry instead of the usual.
    #[must_use]
    pub const fn keeping(mut self, kept: TelemetryKept) -> Self {
        self.telemetry.keep(kept);
        self
    }

    /// The hall's map.
    #[must_use]
    pub const fn hall(&self) -> &Hall {
        &self.site.hall
    }

    /// The life of the server's database.
    #[must_use]
    pub const fn server_epoch(&self) -> u64 {
        self.server_epoch
    }

    /// Every task, in the order of their identities, which is the order of their making.
    pub fn tasks(&self) -> impl Iterator<Item = &TaskRow> {
        self.tasks.iter().map(|task| &task.row)
    }

    /// One task.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&TaskRow> {
        self.tasks.get(id).map(|task| &task.row)
    }

    /// Every robot of the roster, by name.
    pub fn robots(&self) -> impl Iterator<Item = &RobotId> {
        self.roster.names()
    }

    /// What is known of a robot.
    #[must_use]
    pub fn robot(&self, id: &RobotId) -> Option<&Entry> {
        self.roster.get(id)
    }

    /// Number of the newest row of a robot's feed, and of the newest that it is known to have applied.
    #[must_use]
    pub fn feed_position(&self, id: &RobotId) -> (u64, Option<u64>) {
        self.feeds.get(id).map_or((0, None), |feed| (feed.head(), feed.applied()))
    }

    /// How many chunks of a snapshot under way to a robot are applied, and how many there are.
    #[must_use]
    pub fn snapshot(&self, id: &RobotId) -> Option<(u32, u32)> {
        self.feeds.get(id)?.snapshot()
    }

    /// How far a robot's record of one epoch is verified as an unbroken chain; `None` before its first entry.
    #[must_use]
    pub fn chain(&self, id: &RobotId, epoch: Epoch) -> Option<ChainRow> {
        self.chains.row(id, epoch)
    }

    /// How far the calendar of a robot is ahead of the server's, in milliseconds, and whether that is suspect.
    #[must_use]
    pub fn clock_skew(&self, id: &RobotId) -> Option<(i64, bool)> {
        self.clocks.skew_ms(id).map(|skew_ms| (skew_ms, is_off(skew_ms)))
    }

    /// How many messages were quarantined since the process started.
    #[must_use]
    pub const fn quarantined(&self) -> u64 {
        self.quarantined
    }

    // ---- steps that several inputs share

    /// Puts a task in its new state; the row is written once, at the end of the input.
    pub(crate) fn set_task(&mut self, task: TaskRecord) {
        self.round.task_changed(task.row.id);
        self.tasks.set(task);
    }

    /// Gives out every order that waited for the robot to be heard.
    pub(crate) fn dispatch_waiting(&mut self, robot: &RobotId, now: Instant) {
        if !self.roster.is_heard(robot, now) {
            return;
        }
        for task in self.tasks.waiting_for(robot) {
            let after = assignment::dispatch(&task, &self.site.hall);
            if after != task {
                self.set_task(after);
            }
        }
    }

    /// Seals a message to a robot.
    pub(crate) fn send<T: Message>(&mut self, robot: &RobotId, channel: Down, message: &T) {
        let unpacks = self.roster.abilities(robot).has(Abilities::UNPACKS);
        let topic = Topic { site: self.site.id.clone(), robot: robot.clone(), channel: Channel::Down(channel) };
        let delivery = match channel {
            Down::Ack | Down::Feed => Delivery::AtLeastOnce,
            Down::Now => Delivery::AtMostOnce,
        };
        let letter = Letter::new(self.site.key.clone(), robot.clone(), message.body(), unpacks);
        self.round.send(Tell::Send { topic, letter, delivery });
    }

    /// Sends the next rows of a robot's feed, if it is listening and none are under way.
    pub(crate) fn pump_feed(&mut self, robot: &RobotId, now: Instant) {
        let listens = self.roster.spoke_until(robot).is_some_and(|until| until >= now);
        if listens {
            self.send_feed(robot, now);
        }
    }

    fn send_feed(&mut self, robot: &RobotId, now: Instant) {
        let can = self.roster.abilities(robot);
        match self.feeds.of(robot).next(self.server_epoch, can, now) {
            Next::Nothing => {}
            Next::Rows(message) => self.send_rows(robot, &message),
            Next::Chunks(words) => words.iter().for_each(|word| self.send(robot, Down::Feed, word)),
            Next::Read(rows) => self.round.read(robot, rows),
            Next::Snapshot => self.begin_snapshot(robot, now),
        }
    }

    fn send_rows(&mut self, robot: &RobotId, message: &Feed) {
        self.sync.note(robot, What::Rows { from: message.from, count: message.rows.len() });
        self.send(robot, Down::Feed, message);
    }

    /// Begins to send a robot all it may see: what it works on first.
    fn begin_snapshot(&mut self, robot: &RobotId, now: Instant) {
        let feed = self.feeds.of(robot);
        let mut tasks: Vec<TaskRow> =
            feed.shown().iter().filter_map(|id| self.tasks.get(*id)).map(|task| task.row.clone()).collect();
        tasks.sort_by_key(|task| (task.state.has_ended(), std::cmp::Reverse(task.number)));
        let name = snapshot_name(self.server_epoch, robot, feed.head());
        let notes = self.notes_for_snapshot(robot).iter().map(|row| RowBytes(to_bytes(row))).collect();
        let feed = self.feeds.of(robot);
        let chunks = cut(&tasks, &[feed.pinned(), notes].concat(), &feed.settled());
        feed.begin_snapshot(name, chunks, now);
        let feed = self.feeds.of(robot);
        self.sync.note(robot, What::Snapshot { as_of: feed.head() });
        self.round.robot_changed(robot);
        let words = match self.feeds.of(robot).next(self.server_epoch, Abilities::SNAPSHOTS, now) {
            Next::Chunks(words) => words,
            Next::Nothing | Next::Rows(_) | Next::Read(_) | Next::Snapshot => vec![],
        };
        words.iter().for_each(|word| self.send(robot, Down::Feed, word));
    }

    fn feed_rows(&mut self, robot: &RobotId, after: u64, rows: &[RowBytes], now: Instant) {
        if let Some(message) = self.feeds.of(robot).read_back(self.server_epoch, after, rows, now) {
            self.send_rows(robot, &message);
        }
    }

    /// Tells a robot what its replica should hash to, if it is time and it has everything.
    fn announce_hashes(&mut self, robot: &RobotId, now: Instant) {
        let feed = self.feeds.of(robot);
        if !feed.hashes_due(now) {
            return;
        }
        let tasks = feed.shown().iter().filter_map(|id| self.tasks.get(*id)).map(|task| &task.row);
        let own =
            ShardHash { shard: Shard::OwnTasks, rows: feed.shown().len() as u64, hash: RowsHash::of_tasks(tasks) };
        let announcement = Announcement { at: feed.head(), shards: vec![own] };
        self.send(robot, Down::Feed, &FeedWord::Hashes { server_epoch: self.server_epoch, announcement });
    }

    /// Forgets the rows of a robot's feed that it can do without.
    pub(crate) fn forget_feed(&mut self, robot: &RobotId) {
        if let Some(row) = self.feeds.forget(robot, self.roster.abilities(robot)) {
            self.round.change(Change::Forgotten(row));
        }
    }

    /// Makes the name of the database's next life from the one before and the time.
    pub(crate) fn begin_new_life(&mut self, wall: WallTime) {
        let hash = Hash::of(&[b"server-epoch/v1\0", &self.server_epoch.to_be_bytes(), &wall.0.to_be_bytes()]);
        self.server_epoch = u64::from_be_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"));
        self.round.change(Change::ServerEpoch(self.server_epoch));
        self.restored_told = BTreeSet::new();
    }

    /// Ends an input: task rows and feed rows as they are now, then one commit, then what is to be told.
    fn finish(&mut self, now: Instant) {
        let changed = self.write_tasks();
        for robot in self.show_edits(changed) {
            self.forget_feed(&robot);
            self.pump_feed(&robot, now);
        }
        self.outputs.extend(std::mem::take(&mut self.round).outputs());
        let merge = self.next_merge();
        self.outputs.extend(merge);
    }

    /// Writes every changed task once, however often it changed, and returns whose feeds have grown.
    fn write_tasks(&mut self) -> BTreeSet<RobotId> {
        let mut listeners = BTreeSet::new();
        let touched: Vec<TaskRecord> =
            self.round.tasks().iter().filter_map(|id| self.tasks.get(*id)).cloned().collect();
        for task in touched {
            let rows = self.feeds.show(&task);
            self.round.change(Change::Task(task));
            for row in rows {
                listeners.insert(row.robot.clone());
                self.round.robot_changed(&row.robot);
                self.round.change(Change::FeedRow(row));
            }
        }
        listeners
    }
}

impl Machine for Fleet {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Instant) {
        let at = At { now, wall: input.wall };
        self.feeds.set_wall(at.wall);
        self.sync.set_wall(at.wall);
        match input.event {
            Event::Message { topic, payload } => {
                let opened = self.door.open(topic, payload);
                self.message(opened, at);
            }
            Event::Opened(opened) => self.message(*opened, at),
            Event::FeedRows { robot, after, rows } => self.feed_rows(&robot, after, &rows, now),
            Event::Merged { number, merged } => self.merged(number, *merged, at),
            Event::Command { token, command } => self.command(token, command, at),
        }
        self.finish(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        for robot in self.feeds.due(now, |robot| self.roster.spoke_until(robot)) {
            self.announce_hashes(&robot, now);
            self.send_feed(&robot, now);
        }
        self.finish(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        // What waited at a start is asked for at once.
        let merge = self.editing.is_due().then_some(Instant(0));
        self.feeds.poll_timeout(|robot| self.roster.spoke_until(robot)).into_iter().chain(merge).min()
    }
}

/// A body that the server signs for a robot.
pub(crate) trait Message {
    /// Its exact bytes.
    fn body(&self) -> Vec<u8>;
}

macro_rules! message {
    ($($body:ty),*) => {$(
        impl Message for $body {
            fn body(&self) -> Vec<u8> {
                to_bytes(self)
            }
        }
    )*};
}
message!(Ack, Feed, FeedWord, Now);
