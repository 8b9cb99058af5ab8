//! One child process of the factory, kept alive: started, its words written to its log, started again when it dies.
//!
//! Leaves to others: what is started and with which configuration (`factory`), and that all die with the supervisor
//! (`guard`).

use super::acts::{Acts, By, Deed};
use super::guard::Group;
use super::patience::Patience;
use super::voice::Voice;
use crate::clock;
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use shared::id::RobotId;
use shared::time::Millis;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a child that was asked to end may take before it is killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to start.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Its name for people, such as "the agent of r-1".
    pub name: String,
    /// The robot it belongs to; none for the server.
    pub robot: Option<RobotId>,
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Where its stdout and stderr go, appended.
    pub log: PathBuf,
}

/// Whether a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Life {
    /// It runs.
    Up {
        /// Its process id, for whoever wants to kill it.
        pid: i32,
        /// How often it was started.
        starts: u32,
    },
    /// It is dead, and is started again soon unless the demo is ending.
    Down {
        /// How often it was started.
        starts: u32,
    },
}

/// How a child is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Asked first (SIGTERM), and killed when it does not follow.
    InOrder,
    /// Killed at once, as by a power cut.
    PowerCut,
}

/// A child that is kept alive until [`Process::end`].
pub struct Process {
    life: watch::Receiver<Life>,
    ending: watch::Sender<Option<Ending>>,
    keeper: JoinHandle<()>,
}

/// What every child is started with.
#[derive(Clone)]
pub struct Nursery {
    /// The group they all belong to.
    pub group: Group,
    /// Where it is recorded that they were started and killed.
    pub acts: Arc<Acts>,
    /// Who is told when one has died.
    pub voice: Voice,
}

impl Process {
    /// Starts the child and keeps it alive.
    pub fn start(recipe: Recipe, nursery: Nursery) -> Self {
        let (tell, life) = watch::channel(Life::Down { starts: 0 });
        let (ending, wish) = watch::channel(None);
        let keeper = tokio::spawn(Keeper { recipe, nursery, tell, wish }.keep());
        Self { life, ending, keeper }
    }

    /// Whether it runs, for whoever wants to know from time to time.
    pub fn lives(&self) -> watch::Receiver<Life> {
        self.life.clone()
    }

    /// How often it was started.
    pub fn starts(&self) -> u32 {
        match *self.life.borrow() {
            Life::Up { starts, .. } | Life::Down { starts } => starts,
        }
    }

    /// Tells it to end for good, without waiting.
    pub fn wish(&self, how: Ending) {
        self.ending.send_replace(Some(how));
    }

    /// Ends it for good and waits until it is gone.
    pub async fn end(&mut self, how: Ending) {
        self.wish(how);
        // The keeper panics only by a bug, and then there is no child to wait for.
        let _ended = (&mut self.keeper).await;
    }

    /// Stops it where it stands (SIGSTOP), so that its files stay as they are. Whether it was running.
    pub fn freeze(&self) -> bool {
        let Life::Up { pid, .. } = *self.life.borrow() else { return false };
        signal(pid, Signal::STOP)
    }
}

fn signal(pid: i32, signal: Signal) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

// The sender lives in `Process`; when it was dropped, the demo is ending and a power cut is what is left.
async fn wished(wish: &mut watch::Receiver<Option<Ending>>) -> Ending {
    wish.wait_for(Option::is_some).await.ok().and_then(|how| *how).unwrap_or(Ending::PowerCut)
}

struct Keeper {
    recipe: Recipe,
    nursery: Nursery,
    tell: watch::Sender<Life>,
    wish: watch::Receiver<Option<Ending>>,
}

impl Keeper {
    async fn keep(mut self) {
        let (mut starts, mut patience) = (0, Patience::default());
        while self.wish.borrow().is_none() {
            starts += 1;
            let began = clock::now();
            let ended = match self.spawn(starts) {
                Ok(child) => self.watch(child).await,
                Err(fault) => Ended::NotStarted(fault),
            };
            self.tell.send_replace(Life::Down { starts });
            let wait = patience.after(clock::now().since(began), ended.is_by_itself());
            self.say_ended(&ended, wait, starts);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait.0)) => {}
                _ = wished(&mut self.wish) => {}
            }
        }
    }

    fn spawn(&self, starts: u32) -> std::io::Result<Child> {
        let acts = self.nursery.acts.begin(Deed::Spawn, self.recipe.robot.as_ref(), By::Script);
        let log = OpenOptions::new().create(true).append(true).open(&self.recipe.log)?;
        let mut command = Command::new(&self.recipe.program);
        command.args(&self.recipe.arguments).stdin(Stdio::null());
        command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log)).kill_on_drop(true);
        self.nursery.group.enclose(&mut command);
        let child = command.spawn()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
        acts.done();
        self.tell.send_replace(Life::Up { pid, starts });
        Ok(child)
    }

    async fn watch(&mut self, mut child: Child) -> Ended {
        let mut wish = self.wish.clone();
        tokio::select! {
            ended = child.wait() => ended.map_or(Ended::Unknown, Ended::With),
            how = wished(&mut wish) => {
                self.end(&mut child, how).await;
                Ended::Wished
            }
        }
    }

    async fn end(&self, child: &mut Child, how: Ending) {
        let asked = match (how, *self.tell.borrow()) {
            (Ending::InOrder, Life::Up { pid, .. }) => signal(pid, Signal::TERM),
            (Ending::InOrder | Ending::PowerCut, _) => false,
        };
        if asked && tokio::time::timeout(PATIENCE, child.wait()).await.is_ok() {
            return;
        }
        let acts = self.nursery.acts.begin(Deed::Kill, self.recipe.robot.as_ref(), By::Script);
        let _ended = child.kill().await;
        acts.done();
    }

    fn say_ended(&self, ended: &Ended, wait: Millis, starts: u32) {
        let how = match ended {
            Ended::Wished => return,
            Ended::NotStarted(fault) => format!("cannot be started: {fault}"),
            Ended::With(status) => format!("ended ({status})"),
            Ended::Unknown => "ended, nobody knows how".to_owned(),
        };
        let (name, log, again_s) = (&self.recipe.name, self.recipe.log.display(), wait.0 / 1_000);
        let sentence =
            format!("{name} {how} and is started again in {again_s} s (start {}); its log: {log}", starts + 1);
        self.nursery.voice.say(&sentence);
    }
}

/// How a child has ended.
enum Ended {
    /// The demo wanted it.
    Wished,
    /// There never was one.
    NotStarted(std::io::Error),
    /// With this status: an exit code of its own, or the signal that killed it.
    With(ExitStatus),
    /// The system does not tell.
    Unknown,
}

impl Ended {
    /// Whether it ended without anybody killing it.
    fn is_by_itself(&self) -> bool {
        match self {
            Self::Wished => false,
            Self::NotStarted(_) | Self::Unknown => true,
            Self::With(status) => status.code().is_some(),
        }
    }
}
