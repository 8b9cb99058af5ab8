//! The server of the world: the real core over the real store, with crashes between any two outputs.

use super::plant::Plant;
use super::robot::At;
use super::{SITE, hall, key_of, wall};
use anyhow::{Context, Result, bail};
use fleet_core::sync::SyncReport;
use fleet_core::{Answer, Command, Event, Fleet, Input, Output, Refusal, Site, Tell, Token};
use fleet_server::store::Store;
use shared::contribution::Merged;
use shared::hlc::Hlc;
use shared::id::{RobotId, SiteId};
use shared::machine::Machine;
use shared::task::TaskRow;
use shared::time::Instant;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The server.
pub struct Server {
    /// The tasks whose making somebody was told of.
    pub told: Vec<String>,
    dir: PathBuf,
    robots: Vec<RobotId>,
    fleet: Option<(Fleet, Store)>,
    back_ms: u64,
    fault: Fault,
    answers: BTreeMap<Token, Result<Answer, Refusal>>,
}

const WITNESS: &str = "fleet.witness";
const FILES: [&str; 4] = ["fleet.db", "fleet.db-wal", "fleet.db-shm", WITNESS];

fn copy(from: &Path, to: &Path, name: &str) -> Result<()> {
    fs::copy(from.join(name), to.join(name)).map(drop).with_context(|| format!("cannot copy {name}"))
}

/// What is wrong with the world on purpose, to show that the checkers find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It tells before it commits.
    TellsFirst,
    /// The robots' safety controllers do not mind that they do not hear their robot.
    MovesUnheard,
    /// Every second contribution to a note is said to be merged, and is not.
    ForgetsNotes,
    /// Whoever arrives last counts as who wrote last.
    BelievesArrival,
    /// The report of disclosure says something else than the record.
    Tells(Plant),
}

impl Server {
    /// A server that has not been started; its database lies in `dir`.
    pub fn new(dir: &Path, robots: Vec<RobotId>, fault: Fault) -> Self {
        Self { told: Vec::new(), dir: dir.to_owned(), robots, fleet: None, back_ms: 0, fault, answers: BTreeMap::new() }
    }

    /// What is wrong with the world on purpose.
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// Where its database lies.
    pub fn path(&self) -> PathBuf {
        self.dir.join("fleet.db")
    }

    /// Somebody asks for something; a dead server does not answer.
    pub fn command(&mut self, command: Command, at: &mut At<'_>) -> Result<()> {
        self.ask(Token(at.random.draw()), command, at)
    }

    /// The same for somebody who waits for the answer.
    pub fn ask(&mut self, token: Token, mut command: Command, at: &mut At<'_>) -> Result<()> {
        if let (Fault::BelievesArrival, Command::Ops(batch)) = (self.fault, &mut command) {
            batch.ops.iter_mut().for_each(|op| op.written = None);
        }
        self.handle(Event::Command { token, command }, at)
    }

    /// How synchronisation goes with a robot, as whoever asks is told.
    pub fn sync_report(&mut self, robot: &RobotId, at: &mut At<'_>) -> Result<Vec<SyncReport>> {
        let token = Token(at.random.draw());
        self.ask(token, Command::ShowSync { robot: Some(robot.clone()) }, at)?;
        match self.take_answer(token) {
            Some(Ok(Answer::Sync(reports))) => Ok(reports),
            other => bail!("the server answers {other:?}"),
        }
    }

    /// The answer, if it came.
    pub fn take_answer(&mut self, token: Token) -> Option<Result<Answer, Refusal>> {
        self.answers.remove(&token)
    }

    /// What readers see of the one task: its row, its note, and the newest stamp; a dead server shows nothing.
    pub fn published(&self) -> Option<(TaskRow, Vec<Vec<u8>>, Hlc)> {
        self.fleet.as_ref().and_then(|(fleet, _)| super::apart::published(fleet))
    }

    /// Something happens to the server, if it runs.
    pub fn handle(&mut self, event: Event, at: &mut At<'_>) -> Result<()> {
        let Some((fleet, _)) = &mut self.fleet else { return Ok(()) };
        fleet.handle(Input { wall: wall(at.now_ms), event }, Instant(at.now_ms));
        self.drain(at)
    }

    /// A moment passes: a dead server may come back, a living one acts on its deadlines.
    pub fn live(&mut self, at: &mut At<'_>) -> Result<()> {
        let now = Instant(at.now_ms);
        if self.fleet.is_none() && at.now_ms >= self.back_ms {
            self.start(at)?;
        }
        let is_due = |(fleet, _): &(Fleet, Store)| fleet.poll_timeout().is_some_and(|due| due <= now);
        if self.fleet.as_ref().is_some_and(is_due) {
            self.fleet.iter_mut().for_each(|(fleet, _)| fleet.handle_timeout(now));
            self.drain(at)?;
        }
        Ok(())
    }

    /// The process dies, and comes back after a while.
    pub fn stop(&mut self, at: &mut At<'_>) {
        self.fleet = None;
        self.back_ms = at.now_ms + at.random.below(3_000);
    }

    /// Copies its database elsewhere. The server does not run.
    pub fn copy_disk(&self, to: &Path) -> Result<()> {
        assert!(self.fleet.is_none(), "a copy of files that are written to is none");
        fs::create_dir_all(to)?;
        FILES.iter().filter(|name| self.dir.join(name).exists()).try_for_each(|name| copy(&self.dir, to, name))
    }

    /// Puts back what was copied, with the memory beside the database or without. The server does not run.
    pub fn put_back(&mut self, from: &Path, with_witness: bool) -> Result<()> {
        assert!(self.fleet.is_none(), "the disk of a running server stays in");
        for name in FILES.iter().filter(|name| with_witness || **name != WITNESS) {
            let there = self.dir.join(name);
            if there.exists() {
                fs::remove_file(there)?;
            }
            if from.join(name).exists() {
                copy(from, &self.dir, name)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, at: &mut At<'_>) -> Result<()> {
        let store = Store::open(&self.dir, at.random.draw())?;
        let robots = self.robots.iter().map(|robot| (robot.clone(), key_of(robot.as_str()).public())).collect();
        let site = Site { id: SiteId::parse(SITE)?, key: key_of(SITE), hall: hall()?, robots, endorser: None };
        self.fleet = Some((Fleet::new(site, store.load()?), store));
        Ok(())
    }

    fn drain(&mut self, at: &mut At<'_>) -> Result<()> {
        let outputs: Vec<Output> =
            self.fleet.iter_mut().flat_map(|(fleet, _)| std::iter::from_fn(|| fleet.poll_output())).collect();
        let (commits, tells): (Vec<Output>, Vec<Output>) =
            outputs.into_iter().partition(|output| matches!(output, Output::Commit(_)));
        let outputs = match self.fault {
            Fault::None | Fault::MovesUnheard | Fault::ForgetsNotes | Fault::BelievesArrival | Fault::Tells(_) => {
                [commits, tells]
            }
            Fault::TellsFirst => [tells, commits],
        };
        for output in outputs.into_iter().flatten() {
            if at.crash_once_in > 0 && at.random.once_in(at.crash_once_in) {
                self.fleet = None;
                self.back_ms = at.now_ms + at.random.below(3_000);
                return Ok(());
            }
            self.carry_out(output, at)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, output: Output, at: &mut At<'_>) -> Result<()> {
        match output {
            Output::Commit(changes) => {
                let Some((_, store)) = &mut self.fleet else { return Ok(()) };
                store.commit(&changes)?;
            }
            Output::Read { robot, rows } => {
                let Some((_, store)) = &self.fleet else { return Ok(()) };
                let found = store.feed_rows(&robot, rows)?;
                self.handle(Event::FeedRows { robot, after: rows.after, rows: found }, at)?;
            }
            Output::Tell(Tell::Send { topic, letter, .. }) => at.network.send(&(topic, letter.sealed()), at.now_ms),
            Output::Merge { number, ask } => {
                let is_forgotten = self.fault == Fault::ForgetsNotes && number.is_multiple_of(2);
                let merged = if is_forgotten { Merged::Same } else { shared::note::merge(&ask) };
                self.handle(Event::Merged { number, merged: Box::new(merged) }, at)?;
            }
            Output::Tell(Tell::Answer { token, result: result @ (Ok(Answer::Ops(_) | Answer::Sync(_)) | Err(_)) }) => {
                self.answers.insert(token, result);
            }
            Output::Tell(Tell::Answer { result: Ok(Answer::Task { row, .. }), .. }) => {
                self.told.push(row.id.to_string())
            }
            Output::Tell(Tell::Answer { .. } | Tell::TaskChanged(_) | Tell::RobotChanged(_)) => {}
        }
        Ok(())
    }
}
