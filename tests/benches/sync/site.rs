//! What stands in the server's database before the robot comes.

use crate::made;
use anyhow::Result;
use fleet_core::change::{FeedRow, TaskRecord};
use fleet_core::{Change, Fleet, Site as Configured};
use fleet_server::store::Store;
use shared::id::{RobotId, SiteId};
use shared::task::{TaskRow, TaskState};
use shared::wire::fleet_to_robot::Row;
use shared::wire::to_bytes;
use shared::zone::{Hall, Point};
use tests::clock::wall;
use tests::process::{SITE, key_of};

/// Kinds of rows that no version knows: zones, projects and people of a server to come.
const FIRST_OTHER_KIND: u16 = 1000;

/// The life of every server's database here.
pub const LIFE: u64 = 77;

/// The robot that everything is for.
const ROBOT: &str = "r-1";

/// A robot's tasks and whatever else it may see.
pub struct Site {
    robot: RobotId,
    pub tasks: Vec<TaskRow>,
    pub others: Vec<Vec<u8>>,
}

impl Site {
    /// So many tasks and other rows.
    pub fn of(tasks: usize, others: usize) -> Result<Self> {
        let (robot, count) = (RobotId::parse(ROBOT)?, u32::try_from(tasks)?);
        let tasks = (1..=count).map(|number| made::task(number, count, &robot)).collect::<Result<_>>()?;
        let others = (0..u16::try_from(others)?)
            .map(made::other)
            .map(|(number, text)| to_bytes(&(FIRST_OTHER_KIND + number, (number, text))));
        Ok(Self { robot, tasks, others: others.collect() })
    }

    /// Whose they are.
    pub fn robot(&self) -> &str {
        self.robot.as_str()
    }

    /// How many of the tasks are open.
    pub fn open(&self) -> usize {
        self.tasks.iter().filter(|task| !task.state.has_ended()).count()
    }

    /// Every row as it stands in a feed.
    pub fn rows(&self) -> Vec<Vec<u8>> {
        let tasks = self.tasks.iter().map(|row| to_bytes(&Row::Task { row: row.clone() }));
        tasks.chain(self.others.iter().cloned()).collect()
    }

    /// Writes it all into an empty database. A task that has ended was given out first, so it has two rows in the feed.
    pub fn fill(&self, store: &mut Store) -> Result<()> {
        let given = self.tasks.iter().map(|row| TaskRow { state: TaskState::Dispatched, steps_done: 0, ..row.clone() });
        let ended = self.tasks.iter().filter(|row| row.state.has_ended()).cloned();
        let rows = given.chain(ended).map(|row| to_bytes(&Row::Task { row }));
        let rows = self.others.iter().cloned().chain(rows);
        let (robot, made) = (&self.robot, wall());
        let feed = (1..).zip(rows).map(|(seq, row)| Change::FeedRow(FeedRow { robot: robot.clone(), seq, row, made }));
        let task = |row: &TaskRow| Change::Task(TaskRecord { row: row.clone(), given_to: Some(robot.clone()) });
        let changes: Vec<Change> = feed.chain(self.tasks.iter().map(task)).collect();
        Ok(store.commit(&changes)?)
    }

    /// The newest row of the robot's feed.
    pub fn head(&self) -> u64 {
        (self.others.len() + 2 * self.tasks.len() - self.open()) as u64
    }

    /// Whether a change of the replica says that everything is there.
    pub fn is_whole(&self, change: &robot_core::Change) -> bool {
        let robot_core::Change::Cursor { cursor, .. } = change else { return false };
        *cursor >= self.head()
    }
}

/// The decisions of a server of this robot, from where its database left off.
pub fn fleet(store: &Store) -> Result<Fleet> {
    let hall = Hall { title: "Hall".into(), size: Point { x_cm: 6000, y_cm: 500 }, zones: vec![] };
    let robots = [(RobotId::parse(ROBOT)?, key_of(ROBOT).public())].into();
    let site = Configured { id: SiteId::parse(SITE)?, key: key_of(SITE), hall, robots, endorser: None };
    Ok(Fleet::new(site, store.load()?))
}
