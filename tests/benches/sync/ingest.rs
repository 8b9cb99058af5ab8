//! The server takes what a hundred robots have written: verified, judged, on its disk, and acknowledged.
//!
//! Each robot has one batch under way, as a robot's outbox has. Batches are written and signed before the clock runs, because
//! robots do that on computers of their own; opening the acknowledgements is theirs too and stays outside for the same
//! reason. The entries are of the safety lane and change no task: what they cost is what any entry costs.

mod crowd;
mod floor;
mod pen;

use crate::clock::micros;
use crate::effort::Effort;
use crate::row::{Figure, Goal, Row, ratios};
use crate::server::Server;
use anyhow::{Context as _, Result, ensure};
use crowd::Crowd;
use pen::Pen;
use rusqlite::Connection;
use std::net::TcpListener;
use std::path::Path;
use tests::process::Running;

/// Asks this program for nothing but the floor's server; followed by a folder and a port.
pub const ONLY_FLOOR: &str = "only-ingest-floor";

pub use floor::serve as only_floor;

/// Bytes of the floor's rows: as many as an entry's head, body and hash.
const ROW_LEN: usize = 200;
/// The file that says that the floor listens.
const READY: &str = "ready";
/// Entries in a batch, and batches that a robot sends in a run.
const SMALL: (usize, usize) = (1, 100);
const LARGE: (usize, usize) = (32, 40);

/// Measures both sizes, the server and the floor in turns.
pub fn measure(disk: &Path, effort: Effort) -> Result<Row> {
    let robots = effort.size(100, 3);
    let (ones, ones_floor) = rates(disk, effort, robots, (SMALL.0, effort.size(SMALL.1, 2)))?;
    let (many, many_floor) = rates(disk, effort, robots, (LARGE.0, effort.size(LARGE.1, 2)))?;
    Ok(Row {
        name: "ingest",
        work: "server ingest: signed batches of 100 robots, on disk and acknowledged",
        floor: "broker, one consumer, group commit of as many unsigned rows, one answer a message",
        runs: effort.runs(),
        figures: vec![
            Figure::of("batches of 1", "entries/s", &ones),
            Figure::of("floor", "rows/s", &ones_floor),
            Figure::of("ratio", "", &ratios(&ones, &ones_floor)).with(Goal::AtLeast(0.45)),
            Figure::of("batches of 32", "entries/s", &many),
            Figure::of("floor", "rows/s", &many_floor),
            Figure::of("ratio", "", &ratios(&many, &many_floor)).with(Goal::AtLeast(0.5)),
        ],
    })
}

/// Entries a second in each run, of the server and of the floor.
fn rates(
    disk: &Path,
    effort: Effort,
    robots: usize,
    (entries, batches): (usize, usize),
) -> Result<(Vec<f64>, Vec<f64>)> {
    // Of one length, so that the order of the names is that of the numbers.
    let names: Vec<String> = (0..robots).map(|number| format!("r-{number:03}")).collect();
    let mut pens = names.iter().map(|name| Pen::new(name)).collect::<Result<Vec<Pen>>>()?;
    let server = Server::start(disk, &names, |_| Ok(()))?;
    let dir = tempfile::tempdir_in(disk)?;
    let floor = Floor::start(dir.path())?;
    let (mut crowd, mut rows) = (Crowd::connect(server.broker(), &names)?, Crowd::connect(floor.broker, &names)?);
    let (mut ours, mut floors) = (vec![], vec![]);
    let all = (robots * batches * entries) as f64 * 1e6;
    for _ in 0..effort.runs() {
        let signed = pens.iter_mut().map(|pen| (0..batches).map(|_| pen.batch(entries)).collect()).collect();
        let plain = vec![vec![vec![7; entries * ROW_LEN]; batches]; robots];
        ours.push(all / micros(|| crowd.hand_over(signed))?);
        floors.push(all / micros(|| rows.hand_over(plain))?);
    }
    crowd.last_words().iter().zip(&pens).try_for_each(|(ack, pen)| pen.is_all_stored(ack))?;
    let wanted = robots * batches * entries * effort.runs();
    expect_rows(&server.database(), "fact", wanted)?;
    expect_rows(&dir.path().join("floor.db"), "fact", wanted)?;
    Ok((ours, floors))
}

/// What was acknowledged is counted in the database, by somebody else.
fn expect_rows(database: &Path, table: &str, wanted: usize) -> Result<()> {
    let count = format!("SELECT count(*) FROM {table}");
    let found: i64 = Connection::open(database)?.query_row(&count, [], |row| row.get(0))?;
    ensure!(usize::try_from(found)? == wanted, "{} holds {found} rows, {wanted} were sent", database.display());
    Ok(())
}

/// The floor's process.
struct Floor {
    broker: std::net::SocketAddr,
    _running: Running,
}

impl Floor {
    fn start(dir: &Path) -> Result<Self> {
        let broker = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (folder, port) = (dir.display().to_string(), broker.port().to_string());
        let running = Running::start(&std::env::current_exe()?, &[ONLY_FLOOR, &folder, &port], &dir.join("floor.log"))?;
        tests::clock::until("the floor is ready", shared::time::Millis::secs(30), || {
            std::fs::exists(dir.join(READY)).ok().filter(|is_ready| *is_ready)
        })
        .with_context(|| running.last_words(5))?;
        Ok(Self { broker, _running: running })
    }
}
