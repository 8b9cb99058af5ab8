//! Two people and a robot edit one task while all are apart, then meet in every order.
//!
//! The real cores of robot and server run over their real databases. Each person has an outbox that survives anything. For a
//! while all three are cut off from the server and from each other; each writes fields, words of the note and items of its
//! checklist, about once a second, and robot and server die between any two outputs. Then the links come back one after the
//! other, lossy at first. In calm all four have to be equal, and what they agree on has to be what was written: every field as
//! its last writer left it by the world's clock, whatever the calendars said, which are wrong by up to fifty years and jump; every
//! word once; every item once.
//!
//! Leaves to others: how the writers write (`writer`), what is judged (`judged`).

mod judged;
mod writer;

use super::network::Network;
use super::random::Random;
use super::robot::{At, Node};
use super::server::{Fault, Server};
use super::{ROBOTS, TICK_MS};
use anyhow::{Context, Result, ensure};
use fleet_core::{Command, Event, NewTask};
use robot_core::{Input, LocalAsk, LocalEdit, LocalToken};
use shared::field::{Field, FieldValue};
use shared::id::{RobotId, TaskId, ZoneId};
use shared::task::TaskKind;
use shared::wire::topic::Channel;
use std::collections::BTreeMap;
use std::path::Path;
use writer::Person;
pub(super) use writer::published;

/// How long the three are apart.
const APART_MS: u64 = 20_000;
/// Between two writes, so that who wrote last does not hang on how long a message takes.
const WRITE_EVERY_MS: u64 = 1_500;
/// Between the returns of two links.
const LINK_MS: u64 = 4_000;
/// How long it may take in calm until all are equal.
const HEALED_WITHIN_MS: u64 = 60_000;

/// In which order the links come back: 0 and 1 are people, 2 is the robot.
pub const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// What was written and promised to its writer.
#[derive(Clone, Debug, Default)]
pub struct Promised {
    /// The last write of each field, by the world's clock.
    fields: BTreeMap<Field, FieldValue>,
    /// Words that stand in the note.
    words: Vec<String>,
    /// Items of the checklist, as they were first written down.
    items: Vec<String>,
}

/// What a run has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// Writes that were promised.
    pub writes: usize,
    /// Words that all have in the note.
    pub words: usize,
    /// Items that all have in the checklist.
    pub items: usize,
}

struct World {
    now_ms: u64,
    random: Random,
    network: Network,
    robot: Node,
    server: Server,
    people: [Person; 2],
    task: TaskId,
    promised: Promised,
    writes: usize,
}

/// Runs a world to its end.
///
/// # Errors
/// With what was found wrong, or what could not be done.
pub fn run(seed: u64, order: [usize; 3], fault: Fault) -> Result<Met> {
    let shm = Path::new("/dev/shm");
    let folder =
        tempfile::Builder::new().prefix("apart-").tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") })?;
    let mut world = World::new(seed, folder.path(), fault)?;
    world.make_task()?;
    world.part()?;
    world.meet(order)?;
    world.healed()
}

impl World {
    fn new(seed: u64, dir: &Path, fault: Fault) -> Result<Self> {
        let mut random = Random::from_seed(seed);
        let name = RobotId::parse(ROBOTS[0])?;
        let mut network = Network::new(Random::from_seed(random.draw()));
        network.set_lossy(false);
        let people = [Person::new("weber", random.draw())?, Person::new("ito", random.draw())?];
        let (now_ms, task) = (1_000, TaskId::from_bytes([7; 16]));
        Ok(Self {
            robot: Node::new(name.clone(), dir, false, now_ms),
            server: Server::new(dir, vec![name], fault),
            people,
            task,
            promised: Promised::default(),
            writes: 0,
            now_ms,
            network,
            random,
        })
    }

    /// One step of the world's clock. `crash_once_in` of 0 is calm.
    fn tick(&mut self, crash_once_in: u64) -> Result<()> {
        self.now_ms += TICK_MS;
        let Self { now_ms, random, network, robot, server, people, .. } = self;
        let arrivals = network.arrivals(*now_ms);
        let mut at = At { now_ms: *now_ms, random, network, crash_once_in };
        for (topic, payload) in arrivals {
            if matches!(topic.channel, Channel::Up(_)) {
                server.handle(Event::Message { topic: topic.to_string(), payload }, &mut at)?;
            } else {
                robot.receive((topic, payload), &mut at)?;
            }
        }
        server.live(&mut at)?;
        robot.live(&mut at, TICK_MS)?;
        people.iter_mut().try_for_each(|person| person.live(server, &mut at))
    }

    fn ticks(&mut self, ms: u64, crash_once_in: u64) -> Result<()> {
        (0..ms / TICK_MS).try_for_each(|_| self.tick(crash_once_in))
    }

    /// A task that the robot has and both people know, with a note that has begun.
    fn make_task(&mut self) -> Result<()> {
        self.ticks(3_000, 0)?;
        let (id, here) = (self.task, ZoneId::parse("here")?);
        let robot = Some(self.robot.id.clone());
        let (title, kind) = ("Look".to_owned(), TaskKind::Inspection);
        let task = NewTask { id, title, kind, zone: here, from: None, priority: 3, due_ms: None, robot };
        self.with(|(server, _), at| server.command(Command::Create(task), at))?;
        self.people.iter_mut().for_each(|person| person.is_cut = false);
        self.people[0].say("begin", id, self.now_ms)?;
        self.promised.words.push("begin".to_owned());
        self.ticks(5_000, 0)?;
        let knows = self.robot_shows().is_some_and(|text| text.contains("begin"));
        ensure!(knows && self.people.iter().all(|person| person.text(id).contains("begin")), "the note did not begin");
        Ok(())
    }

    fn part(&mut self) -> Result<()> {
        self.network.set_lossy(true);
        self.network.set_cut(self.robot.id.as_str(), true);
        self.people.iter_mut().for_each(|person| person.is_cut = true);
        for number in 0..APART_MS / WRITE_EVERY_MS {
            self.set_calendars(number == 0)?;
            self.ticks(WRITE_EVERY_MS, 150)?;
            self.write(number)?;
        }
        Ok(())
    }

    /// All calendars are wrong, and jump while nobody is in reach: by up to an hour, by a day, to 1970.
    fn set_calendars(&mut self, all: bool) -> Result<()> {
        let to_1970 = -i64::try_from(super::wall(self.now_ms).0)?;
        let mut wrong_ms = || {
            let hour = i64::try_from(self.random.below(7_200_000))? - 3_600_000;
            let choice = usize::try_from(self.random.below(4))?;
            let is_set = all || self.random.once_in(3);
            anyhow::Ok(is_set.then_some([hour, 86_400_000, -86_400_000, to_1970][choice]))
        };
        let [robot, weber, ito] = [wrong_ms()?, wrong_ms()?, wrong_ms()?];
        robot.into_iter().for_each(|wrong_ms| self.robot.set_calendar(wrong_ms));
        for (person, wrong_ms) in self.people.iter_mut().zip([weber, ito]) {
            wrong_ms.into_iter().for_each(|wrong_ms| person.set_calendar(wrong_ms));
        }
        Ok(())
    }

    fn write(&mut self, number: u64) -> Result<()> {
        let edit = writer::some_edit(&mut self.random, number);
        let is_promised = match usize::try_from(self.random.below(3))? {
            2 => self.robot_writes(edit.clone())?,
            person => {
                self.people[person].write(&edit, self.task, self.now_ms)?;
                true
            }
        };
        if is_promised {
            self.writes += 1;
            self.promised.note(&edit);
        }
        Ok(())
    }

    /// A robot that dies before it has answered has promised nothing; what it wrote may be there or not, so it is written
    /// again until it is promised.
    fn robot_writes(&mut self, edit: LocalEdit) -> Result<bool> {
        let name = self.task.to_string();
        for _ in 0..200 {
            self.robot.answers.clear();
            let ask = LocalAsk::Task(name.clone(), edit.clone());
            self.with(|(_, robot), at| robot.handle(Input::Local(LocalToken(1), ask), at))?;
            if self.robot.answers.iter().any(Result::is_ok) {
                return Ok(true);
            }
            if !writer::may_repeat(&edit) {
                return Ok(false);
            }
            self.tick(0)?;
        }
        Ok(false)
    }

    fn robot_shows(&mut self) -> Option<String> {
        self.robot.answers.clear();
        let ask = LocalAsk::Task(self.task.to_string(), LocalEdit::Show);
        self.with(|(_, robot), at| robot.handle(Input::Local(LocalToken(2), ask), at)).ok()?;
        self.robot.answers.pop()?.ok()
    }

    fn with<T>(&mut self, act: impl FnOnce((&mut Server, &mut Node), &mut At<'_>) -> Result<T>) -> Result<T> {
        let Self { now_ms, random, network, robot, server, .. } = self;
        act((server, robot), &mut At { now_ms: *now_ms, random, network, crash_once_in: 0 })
    }

    /// The links come back one after the other; until all have, messages are lost and processes die.
    fn meet(&mut self, order: [usize; 3]) -> Result<()> {
        for link in order {
            match link {
                2 => self.network.set_cut(self.robot.id.as_str(), false),
                person => self.people[person].is_cut = false,
            }
            self.ticks(LINK_MS, 150)?;
        }
        self.network.calm();
        self.with(|(_, robot), at| {
            robot.handle(Input::Disconnected, at)?;
            robot.handle(Input::Connected, at)
        })
    }

    fn healed(&mut self) -> Result<Met> {
        let deadline_ms = self.now_ms + HEALED_WITHIN_MS;
        loop {
            self.ticks(2_000, 0)?;
            let copies =
                judged::copies(&self.server.path(), self.robot.path(), &self.robot.id, &self.people, self.task);
            let copies = copies.context("the copies")?;
            let unequal = judged::unequal(&copies);
            if unequal.is_empty() {
                let wrong = judged::wrong(&copies, &self.promised);
                ensure!(wrong.is_empty(), "all agree on something else than was written:\n{}", wrong.join("\n"));
                let note = &copies.server.note;
                let words = note.text.split_whitespace().count();
                return Ok(Met { writes: self.writes, words, items: note.items.len() });
            }
            ensure!(self.now_ms < deadline_ms, "not healed at {} ms:\n{}", self.now_ms, unequal.join("\n"));
        }
    }
}
