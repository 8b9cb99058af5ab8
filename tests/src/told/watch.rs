//! Asks the programs again and again, and looks into the databases, beside a run that goes on.

use super::Span;
use super::seen::{Evidence, Look};
use crate::clock::now;
use crate::history::table::{Database, epoch, lane, seq};
use crate::process::{Part, Running, Site, programs, tool};
use anyhow::{Context, Result, anyhow, ensure};
use shared::id::RobotId;
use shared::time::WallTime;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Between two looks into the databases, and between two looks at whether the tap still runs.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Between two questions: the programs that are watched need the machine as well.
const ASK_EVERY: Duration = Duration::from_millis(300);
/// The exit code of a question that no server answered.
const UNANSWERED: i32 = 1;

/// What was printed, and when it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// Whole tables of `fleet sync status`.
    pub statuses: Vec<(Span, String)>,
    /// Whole texts of `fleet sync explain`.
    pub explanations: Vec<(Span, String)>,
    /// Everything that each life of a tap printed.
    pub taps: Vec<String>,
}

type Feeds = Vec<(Span, BTreeMap<RobotId, u64>)>;
type Looks = BTreeMap<RobotId, Vec<Look>>;

/// Three threads beside a site.
pub struct Watch {
    dir: PathBuf,
    is_over: Arc<AtomicBool>,
    asking: JoinHandle<Result<Printed>>,
    looking: JoinHandle<(Looks, Feeds)>,
    tapping: JoinHandle<Result<Vec<String>>>,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the programs are not built or a name is none.
    pub fn beside(site: &Site, robots: &[&str]) -> Result<Self> {
        let fleet = programs()?.join("fleet");
        let dir = site.folder().to_owned();
        let names: Vec<RobotId> = robots.iter().map(|robot| RobotId::parse(robot)).collect::<Result<_, _>>()?;
        let (server, config) = (site.address(), site.dir_of(Part::Fleet).join("fleet.toml"));
        let is_over = Arc::<AtomicBool>::default();
        let over = || Arc::clone(&is_over);
        let (asker, looker, tapper) = (over(), over(), over());
        let (for_asking, for_looking) = (names.clone(), dir.clone());
        Ok(Self {
            dir,
            asking: thread::spawn(move || ask(&server, &for_asking, &asker)),
            looking: thread::spawn(move || look(&for_looking, &names, &looker)),
            tapping: thread::spawn(move || tap(&fleet, &config, &tapper)),
            is_over,
        })
    }

    /// Ends watching; what was printed, and what was so.
    ///
    /// # Errors
    /// When a thread could not do its work, or what the run has left cannot be read.
    pub fn end(self) -> Result<(Printed, Evidence)> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut printed = self.asking.join().map_err(|_| anyhow!("the asking thread panicked"))??;
        let (looks, feeds) = self.looking.join().map_err(|_| anyhow!("the looking thread panicked"))?;
        printed.taps = self.tapping.join().map_err(|_| anyhow!("the tapping thread panicked"))??;
        let history = crate::history::read(&self.dir)?;
        let evidence = Evidence::of(&history, looks, feeds, &receipts(&self.dir)?).map_err(anyhow::Error::msg)?;
        Ok((printed, evidence))
    }
}

fn goes_on(is_over: &AtomicBool) -> bool {
    !is_over.load(Ordering::SeqCst)
}

fn ask(server: &str, robots: &[RobotId], is_over: &AtomicBool) -> Result<Printed> {
    let mut printed = Printed::default();
    while goes_on(is_over) {
        printed.statuses.extend(answer(&["sync", "status", "--server", server])?);
        for robot in robots {
            printed.explanations.extend(answer(&["sync", "explain", robot.as_str(), "--server", server])?);
        }
        thread::sleep(ASK_EVERY);
    }
    Ok(printed)
}

/// What was answered, if a server was there.
fn answer(words: &[&str]) -> Result<Option<(Span, String)>> {
    let from = now();
    let (code, text) = tool::run("fleet", words)?;
    let span = Span { from, to: now() };
    ensure!(code == 0 || code == UNANSWERED, "{words:?} ended with {code}: {text}");
    Ok((code == 0).then_some((span, text)))
}

/// A database whose owner was killed a moment ago may be locked while another mends it: then there is no look at it.
fn look(dir: &Path, robots: &[RobotId], is_over: &AtomicBool) -> (Looks, Feeds) {
    let (mut looks, mut feeds) = (Looks::new(), Feeds::new());
    while goes_on(is_over) {
        for robot in robots {
            looks
                .entry(robot.clone())
                .or_default()
                .extend(look_at(&dir.join("robots").join(robot.as_str()).join("replica.db")));
        }
        feeds.extend(heads(&dir.join("fleet").join("fleet.db")));
        thread::sleep(LOOK_EVERY);
    }
    (looks, feeds)
}

fn look_at(path: &Path) -> Result<Look> {
    let (from, db) = (now(), Database::open(path)?);
    let epoch = db.rows("SELECT value FROM meta WHERE key = 'epoch'", |row| epoch(row, 0))?;
    let cursor = db.meta("cursor")?.unwrap_or(0);
    let mut acked = [0; 3];
    for (lane, number) in db.rows("SELECT lane, seq FROM acked", |row| Ok((lane(row, 0)?, seq(row, 1)?)))? {
        acked[lane.index()] = number;
    }
    Ok(Look { at: Span { from, to: now() }, epoch: *epoch.first().context("no epoch")?, acked, cursor })
}

fn heads(path: &Path) -> Result<(Span, BTreeMap<RobotId, u64>)> {
    let from = now();
    let heads = Database::open(path)?.rows("SELECT robot, max(seq) FROM feed GROUP BY robot", |row| {
        Ok((RobotId::parse(&row.get::<_, String>(0)?)?, seq(row, 1)?))
    })?;
    Ok((Span { from, to: now() }, heads.into_iter().collect()))
}

/// When the server took each entry, by its hash.
fn receipts(dir: &Path) -> Result<BTreeMap<Vec<u8>, WallTime>> {
    let db = Database::open(&dir.join("fleet").join("fleet.db"))?;
    let rows = db.rows("SELECT hash, received_ms FROM fact", |row| Ok((row.get(0)?, WallTime(seq(row, 1)?))))?;
    Ok(rows.into_iter().collect())
}

/// A tap ends with its broker, and is started anew.
fn tap(fleet: &Path, config: &Path, is_over: &AtomicBool) -> Result<Vec<String>> {
    let folder = tempfile::Builder::new().prefix("taps-").tempdir()?;
    let config = config.display().to_string();
    let mut taps = Vec::new();
    while goes_on(is_over) {
        let log = folder.path().join(format!("{}.jsonl", taps.len()));
        let mut running = Running::start(fleet, &["tap", "--config", &config], &log)?;
        while goes_on(is_over) && running.ended().is_none() {
            thread::sleep(LOOK_EVERY);
        }
        drop(running);
        taps.push(std::fs::read_to_string(&log)?);
    }
    Ok(taps)
}
