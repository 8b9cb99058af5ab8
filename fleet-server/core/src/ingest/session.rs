//! The conversation about the conversation: who is there, what it understands, how far it is.

use crate::change::{Change, FlagRow};
use crate::fleet::Fleet;
use crate::judge::Rule;
use crate::roster::BootMet;
use crate::round::At;
use crate::sync::What;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane};
use shared::wire::ability::Abilities;
use shared::wire::fleet_to_robot::{Ack, Feed};
use shared::wire::robot_to_fleet::{Mark, Session};
use shared::wire::snapshot::Progress;
use shared::wire::topic::Down;

/// What this server understands beyond the first version of the protocol.
const ABILITIES: Abilities =
    Abilities::UNPACKS.and(Abilities::SNAPSHOTS).and(Abilities::HASHES).and(Abilities::TELEMETRY).and(Abilities::NOTES);

/// The parts of a hello that decide something.
struct Hello {
    epoch: Epoch,
    boot: Boot,
    server_epoch: u64,
    cursor: u64,
    nonce: u64,
    can: Abilities,
    acked: Vec<Mark>,
    snapshot: Option<Progress>,
}

impl Fleet {
    pub(super) fn session(&mut self, robot: &RobotId, session: Session, at: At) {
        match session {
            Session::Hello { epoch, boot, mono_ms, server_epoch, cursor, nonce, can, acked, snapshot } => {
                self.stamped_by(robot, (boot, mono_ms), at);
                let (can, acked) = (can.unwrap_or_default(), acked.unwrap_or_default());
                self.hello(robot, &Hello { epoch, boot, server_epoch, cursor, nonce, can, acked, snapshot }, at);
            }
            Session::Applied { server_epoch, cursor } => self.applied(robot, server_epoch, cursor),
            Session::Chunk { server_epoch, at: progress } => {
                if server_epoch == self.server_epoch {
                    self.feeds.of(robot).chunks_applied(progress, at.now);
                    self.round.robot_changed(robot);
                }
            }
            Session::Differs { server_epoch, shard: _ } => {
                if server_epoch == self.server_epoch {
                    self.feeds.of(robot).want_anew();
                    self.sync.note(robot, What::Resync);
                    self.flag_robot(robot, Epoch(self.server_epoch), Rule::Diverged, at);
                }
            }
        }
        self.forget_feed(robot);
        self.pump_feed(robot, at.now);
    }

    fn hello(&mut self, robot: &RobotId, hello: &Hello, at: At) {
        let is_over = self.boot_met(robot, hello.boot) == BootMet::Over;
        if is_over && !self.is_live(robot, hello.boot, at) {
            return;
        }
        self.sync.writes_in(robot, hello.epoch);
        self.sync.note(robot, What::Hello { epoch: hello.epoch, cursor: hello.cursor });
        if let Some(entry) = self.roster.get_mut(robot) {
            entry.set_abilities(hello.can);
        }
        if self.is_behind(robot, hello) {
            self.begin_new_life(at.wall);
            self.tell_new_life(robot, at);
        }
        self.tell_restored(robot, hello, at);
        self.show_notes(robot);
        self.welcome(robot, hello, at);
    }

    /// Whether a robot has what this database gave out or took, and this database does not: then it was restored from a
    /// copy. A new life makes every robot read its feed anew, so that no two rows share a name; what the robot wrote it
    /// offers again, because the welcome names watermarks below what it was told.
    fn is_behind(&mut self, robot: &RobotId, hello: &Hello) -> bool {
        let lacks = |mark: &Mark| self.lanes.mark(robot, hello.epoch, mark.lane).seq < mark.seq;
        let knows_us = hello.server_epoch == self.server_epoch;
        knows_us && (hello.acked.iter().any(lacks) || hello.cursor > self.feeds.of(robot).head())
    }

    /// A boot that another has followed is over, but for a second machine under this name: it is answered as well, so that what
    /// it wrote is not lost.
    fn is_live(&self, robot: &RobotId, boot: Boot, at: At) -> bool {
        self.roster.get(robot).is_some_and(|entry| entry.is_live(boot, at.now))
    }

    /// Everybody else is sent no rows of the new life, on which they greet anew.
    fn tell_new_life(&mut self, but: &RobotId, at: At) {
        let listens = |robot: &&RobotId| self.roster.spoke_until(robot).is_some_and(|until| until >= at.now);
        let others: Vec<RobotId> = self.roster.names().filter(|robot| *robot != but).filter(listens).cloned().collect();
        for robot in others {
            let (server_epoch, from) = (self.server_epoch, self.feeds.of(&robot).head());
            self.send(&robot, Down::Feed, &Feed { server_epoch, from, rows: vec![] });
        }
    }

    /// Tells once of each robot that it knows another life of this database: that one was lost, or this one is a copy.
    fn tell_restored(&mut self, robot: &RobotId, hello: &Hello, at: At) {
        let knew_another = hello.server_epoch != 0 && hello.server_epoch != self.server_epoch;
        if knew_another && self.restored_told.insert(robot.clone()) {
            self.sync.note(robot, What::Restored);
            // Flagged under both lives: a copy may come back more than once, and has the flags of before in it.
            self.flag_robot(robot, Epoch(hello.server_epoch ^ self.server_epoch), Rule::Restored, at);
        }
    }

    fn welcome(&mut self, robot: &RobotId, hello: &Hello, at: At) {
        let knows_us = hello.server_epoch == self.server_epoch;
        let feed = self.feeds.of(robot);
        feed.begin_after(if knows_us { hello.cursor } else { 0 });
        let has_met_one = hello.server_epoch != 0;
        if !has_met_one {
            feed.has_nothing();
        } else if !knows_us || hello.cursor == 0 {
            // It may have rows of another life, also when it has met this one since: then it begins at 0. No row would tell it
            // which of them are gone; a snapshot does.
            feed.want_anew();
        }
        feed.greeted(hello.can, hello.snapshot, at.now);
        let feed_head = feed.head();
        let marks = Lane::ALL.map(|lane| self.lanes.mark(robot, hello.epoch, lane)).to_vec();
        let (nonce, server_epoch, can) = (hello.nonce, self.server_epoch, Some(ABILITIES));
        let wall_ms = Some(at.wall.0);
        self.send(robot, Down::Ack, &Ack::Welcome { nonce, server_epoch, marks, feed_head, can, wall_ms });
        self.round.robot_changed(robot);
    }

    fn applied(&mut self, robot: &RobotId, server_epoch: u64, cursor: u64) {
        let is_ours = server_epoch == self.server_epoch;
        if is_ours && self.feeds.of(robot).applied_up_to(cursor) {
            self.sync.note(robot, What::Applied { cursor });
            self.round.robot_changed(robot);
        }
    }

    /// Flags a robot as a whole, once for each epoch: no entry has the number 0.
    pub(super) fn flag_robot(&mut self, robot: &RobotId, epoch: Epoch, rule: Rule, at: At) {
        self.sync.note(robot, What::Flag(rule));
        let (robot, raised) = (robot.clone(), at.wall);
        let flag = FlagRow { rule, robot, epoch, lane: Lane::Safety, lane_seq: 0, task: None, raised };
        self.round.change(Change::Flag(flag));
    }
}
