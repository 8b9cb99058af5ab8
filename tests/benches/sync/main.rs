//! `cargo xtask bench sync`: what the sync engine costs, each row against a floor of the same run.
//!
//! A *floor* does the least that could do the work, with nothing of ours, as fast as we can make it. Rows and floors take turns
//! within a run, so that a busy machine slows both. Each row has a file of its own, and its floor one beside it.
//!
//! Started by `cargo test`, which does not say `--bench`, every row runs once and small: it shows that the benches work, and
//! nothing is printed that could be taken for a measurement.

mod agent;
mod alone;
mod clock;
mod drain;
mod effort;
mod ingest;
mod initial_sync;
mod link;
mod local_read;
mod local_write;
mod made;
mod reconnect;
mod row;
mod server;
mod site;

use anyhow::{Context as _, Result, bail};
use effort::Effort;
use row::Row;
use std::path::{Path, PathBuf};

/// A row's word on the command line, and what measures it.
type Bench = (&'static str, fn(&Path, Effort) -> Result<Row>);

const BENCHES: [Bench; 7] = [
    ("local-write", local_write::measure),
    ("initial-sync", initial_sync::measure),
    ("initial-sync-bad-link", initial_sync::measure_on_bad_link),
    ("local-read", local_read::measure),
    ("ingest", ingest::measure),
    ("reconnect", reconnect::measure),
    ("drain", drain::measure),
];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [local_write::ONLY_WRITES, dir, count] => local_write::only_writes(Path::new(dir), count.parse()?),
        [ingest::ONLY_FLOOR, dir, port] => ingest::only_floor(Path::new(dir), port.parse()?),
        words => bench(&Wanted::read(words)?),
    }
}

/// What the command line asks for.
struct Wanted {
    row: Option<String>,
    is_json: bool,
    effort: Effort,
}

impl Wanted {
    fn read(words: &[&str]) -> Result<Self> {
        let mut wanted = Self { row: None, is_json: false, effort: Effort::Glance };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                // What `cargo bench` adds and `cargo test` does not.
                "--bench" => wanted.effort = Effort::Whole,
                "--json" => wanted.is_json = true,
                "--row" => wanted.row = Some((*words.next().context("--row needs a name")?).to_owned()),
                other => bail!("--json and --row NAME are known here, not {other}"),
            }
        }
        Ok(wanted)
    }

    fn benches(&self) -> Result<Vec<Bench>> {
        let is_wanted = |(name, _): &Bench| self.row.as_deref().is_none_or(|row| row == *name);
        let benches: Vec<Bench> = BENCHES.into_iter().filter(is_wanted).collect();
        if benches.is_empty() {
            bail!("there is no such row; there are {}", BENCHES.map(|(name, _)| name).join(", "));
        }
        Ok(benches)
    }
}

/// Rows are printed as they come: one takes half a minute.
fn bench(wanted: &Wanted) -> Result<()> {
    let disk = disk()?;
    let mut rows = vec![];
    for (name, measure) in wanted.benches()? {
        let row = measure(&disk, wanted.effort).with_context(|| format!("the row {name}"))?;
        match (wanted.effort, wanted.is_json) {
            (Effort::Whole, false) => row.print(),
            (Effort::Whole, true) => {}
            (Effort::Glance, _) => println!("{name} works"),
        }
        rows.push(row);
    }
    if wanted.effort == Effort::Whole && wanted.is_json {
        println!("{}", serde_json::to_string(&rows)?);
    }
    Ok(())
}

/// A folder on the disk that cargo builds on: a folder in memory would make every fsync free.
fn disk() -> Result<PathBuf> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-sync");
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}
