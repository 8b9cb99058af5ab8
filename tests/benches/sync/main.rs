//! `cargo xtask bench sync`: what the robot's side of the sync engine costs, each row against a floor of the same run.
//!
//! A *floor* does the least that could do the work, with nothing of ours, as fast as we can make it. Rows and floors take turns
//! within a run, so that a busy machine slows both. Each row has a file of its own.

mod clock;
mod floor;
mod local_write;
mod row;
mod strace;

use anyhow::{Result, ensure};
use row::Row;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, dir, count] = arguments.as_slice()
        && word == local_write::ONLY_WRITES
    {
        return local_write::only_writes(Path::new(dir), count.parse()?);
    }
    // `cargo bench` adds `--bench`.
    let known = |word: &&String| ["--json", "--bench"].contains(&word.as_str());
    ensure!(arguments.iter().all(|word| known(&word)), "only --json is known here");
    let rows = [local_write::measure(&disk()?)?];
    if arguments.iter().any(|word| word == "--json") {
        println!("{}", serde_json::to_string(&rows)?);
    } else {
        rows.iter().for_each(Row::print);
    }
    Ok(())
}

/// A folder on the disk that cargo builds on: a folder in memory would make every fsync free.
fn disk() -> Result<PathBuf> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-sync");
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}
