//! Which robots there are, with which keys, and what each was last heard to say.
//!
//! Terms: a robot is *heard* when a signed state arrives that is newer than every one before; the age of that moment is
//! measured on the server's monotonic clock. A boot that another has followed is over for ever, so that a replayed state
//! of an earlier boot does not make a silent robot look alive.

mod boots;

use boots::Boots;
use shared::id::RobotId;
use shared::journal::Boot;
use shared::seal::PublicKey;
use shared::time::{Instant, Millis};
use shared::wire::ability::Abilities;
use shared::wire::robot_to_fleet::{Connection, ConnectionWord, State};
use std::collections::{BTreeMap, BTreeSet};

/// How long after its last word a robot still counts as heard.
pub const HEARD: Millis = Millis::secs(10);

/// Every robot of the site.
#[derive(Debug)]
pub struct Roster {
    robots: BTreeMap<RobotId, Entry>,
}

/// One robot: its key and its last words.
#[derive(Debug)]
pub struct Entry {
    key: PublicKey,
    boot: Option<Boot>,
    boots_over: BTreeSet<Boot>,
    boots: Boots,
    state: Option<(State, Instant)>,
    spoke: Option<Instant>,
    talked: Option<Instant>,
    connection: Option<ConnectionWord>,
    can: Abilities,
}

impl Roster {
    /// The robots that the configuration names, and the boots that were met before, oldest first.
    pub fn new(keys: BTreeMap<RobotId, PublicKey>, boots: Vec<(RobotId, Boot)>) -> Self {
        let robots = keys.into_iter().map(|(robot, key)| (robot, Entry::new(key))).collect();
        let mut roster = Self { robots };
        for (robot, boot) in boots {
            if let Some(entry) = roster.robots.get_mut(&robot) {
                entry.meet(boot);
            }
        }
        roster
    }

    /// The robot's entry, if the roster has it.
    pub fn get(&self, robot: &RobotId) -> Option<&Entry> {
        self.robots.get(robot)
    }

    /// The robot's entry, to be changed.
    pub fn get_mut(&mut self, robot: &RobotId) -> Option<&mut Entry> {
        self.robots.get_mut(robot)
    }

    /// Every robot's name.
    pub fn names(&self) -> impl Iterator<Item = &RobotId> {
        self.robots.keys()
    }

    /// Whether a state of the robot came within the last [`HEARD`].
    pub fn is_heard(&self, robot: &RobotId, now: Instant) -> bool {
        self.get(robot).and_then(Entry::heard_at).is_some_and(|at| now.since(at) <= HEARD)
    }

    /// What the robot's newest hello announced; nothing before the first of this process.
    pub fn abilities(&self, robot: &RobotId) -> Abilities {
        self.get(robot).map_or(Abilities::NONE, |entry| entry.can)
    }

    /// Until when the robot's last signed word of any kind makes an answer worth sending.
    pub fn spoke_until(&self, robot: &RobotId) -> Option<Instant> {
        self.get(robot)?.spoke.map(|at| at + HEARD)
    }
}

/// What a boot that a message names means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootMet {
    /// The one that is running.
    Current,
    /// One that was not met before: it is the running one now.
    New,
    /// One that another has followed: whatever says so is old.
    Over,
}

impl Entry {
    const fn new(key: PublicKey) -> Self {
        Self {
            key,
            boot: None,
            boots_over: BTreeSet::new(),
            boots: Boots::new(),
            state: None,
            spoke: None,
            talked: None,
            connection: None,
            can: Abilities::NONE,
        }
    }

    /// The key that its messages must be signed with.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its newest state, and when that arrived on the server's monotonic clock.
    pub const fn state(&self) -> Option<&(State, Instant)> {
        self.state.as_ref()
    }

    /// When its newest state arrived.
    pub fn heard_at(&self) -> Option<Instant> {
        self.state.as_ref().map(|(_, at)| *at)
    }

    /// Its retained connection word: whether somebody holds a connection, not whether the robot is well.
    pub fn connection(&self) -> Option<Connection> {
        self.connection.map(|told| told.word)
    }

    /// Takes the connection word. The last will of an earlier connection comes late and means nothing.
    pub fn set_connection(&mut self, told: ConnectionWord) {
        let begins = told.word == Connection::Online;
        let is_of_this_one = self.connection.is_none_or(|now| now.link == told.link);
        if begins || is_of_this_one {
            self.connection = Some(told);
        }
    }

    /// Takes what a hello announces.
    pub const fn set_abilities(&mut self, can: Abilities) {
        self.can = can;
    }

    /// Something signed by it arrived.
    pub const fn spoke(&mut self, now: Instant) {
        self.spoke = Some(now);
    }

    /// A word of a boot, stamped by that boot's clock in milliseconds. Returns a boot that ran beside it on another machine.
    pub fn stamped(&mut self, boot: Boot, mono_ms: u64, now: Instant) -> Option<Boot> {
        self.boots.spoke(boot, mono_ms, now)
    }

    /// Whether a boot lives although another was met after it: then there are two machines, and each is answered.
    pub fn is_live(&self, boot: Boot, now: Instant) -> bool {
        self.boots.is_live(boot, now)
    }

    /// When something came from it that was not its connection word, which a broker keeps and hands out for robots that are
    /// long gone.
    pub const fn talked_at(&self) -> Option<Instant> {
        self.talked
    }

    /// A signed message came that no broker keeps.
    pub const fn talked(&mut self, now: Instant) {
        self.talked = Some(now);
    }

    /// Places a boot among those that were met.
    pub fn meet(&mut self, boot: Boot) -> BootMet {
        if self.boot == Some(boot) {
            return BootMet::Current;
        }
        if self.boots_over.contains(&boot) {
            return BootMet::Over;
        }
        self.boots_over.extend(self.boot.replace(boot));
        BootMet::New
    }

    /// A boot that the robot itself tells of as one before the one that runs.
    pub fn was_over(&mut self, boot: Boot) {
        if self.boot != Some(boot) {
            self.boots_over.insert(boot);
        }
    }

    /// Takes a state of the running boot. Returns whether it is newer than the one before.
    pub fn hear(&mut self, state: State, now: Instant) -> bool {
        let is_newer =
            self.state.as_ref().is_none_or(|(last, _)| last.boot != state.boot || state.mono_ms > last.mono_ms);
        if is_newer {
            self.state = Some((state, now));
        }
        is_newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{key, robot, state};

    fn roster() -> Roster {
        Roster::new([(robot("r-1"), key(1).public())].into(), vec![(robot("r-1"), Boot(1)), (robot("r-1"), Boot(2))])
    }

    #[test]
    fn a_boot_that_another_followed_is_over_also_after_a_restart_of_the_server() {
        let mut roster = roster();
        let entry = roster.get_mut(&robot("r-1")).unwrap();
        assert_eq!(entry.meet(Boot(1)), BootMet::Over);
        assert_eq!(entry.meet(Boot(2)), BootMet::Current);
        assert_eq!(entry.meet(Boot(3)), BootMet::New);
        assert_eq!(entry.meet(Boot(2)), BootMet::Over);
    }

    /// A robot that was cut off for a whole boot tells of it in the next one. Taken for the running one it would make the
    /// robot's every further word one of a boot that is over, for good.
    #[test]
    fn a_boot_that_is_told_of_afterwards_is_over_and_does_not_end_the_running_one() {
        let mut roster = roster();
        let entry = roster.get_mut(&robot("r-1")).unwrap();
        assert_eq!(entry.meet(Boot(4)), BootMet::New);
        entry.was_over(Boot(3));
        entry.was_over(Boot(4));
        assert_eq!((entry.meet(Boot(4)), entry.meet(Boot(3))), (BootMet::Current, BootMet::Over));
    }

    #[test]
    fn the_late_last_will_of_an_earlier_connection_means_nothing() {
        let mut roster = roster();
        let entry = roster.get_mut(&robot("r-1")).unwrap();
        let mut told = |word, link| {
            entry.set_connection(ConnectionWord { word, link });
            entry.connection()
        };
        assert_eq!(told(Connection::Online, 1), Some(Connection::Online));
        assert_eq!(told(Connection::Online, 2), Some(Connection::Online));
        assert_eq!(told(Connection::ConnectionBroken, 1), Some(Connection::Online));
        assert_eq!(told(Connection::ConnectionBroken, 2), Some(Connection::ConnectionBroken));
    }

    #[test]
    fn a_repeated_state_does_not_make_the_robot_younger() {
        let mut roster = roster();
        let entry = roster.get_mut(&robot("r-1")).unwrap();
        assert!(entry.hear(state(2, 100), Instant(5)));
        assert!(!entry.hear(state(2, 100), Instant(900)));
        assert!(!entry.hear(state(2, 99), Instant(900)));
        assert_eq!(entry.heard_at(), Some(Instant(5)));
        assert!(roster.is_heard(&robot("r-1"), Instant(10_005)));
        assert!(!roster.is_heard(&robot("r-1"), Instant(10_006)));
    }
}
