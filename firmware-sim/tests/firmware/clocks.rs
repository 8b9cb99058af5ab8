//! A wall clock may jump by years: nothing in the firmware can notice, because nothing in it reads one.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries.flat_map(each).collect()
}

#[test]
fn a_wall_clock_that_jumps_by_years_reaches_neither_firmware_nor_interlock_nor_link() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> =
        ["src", "interlock/src", "link/src"].iter().flat_map(|place| sources(&root.join(place))).collect();
    assert!(files.len() > 50, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let is_the_clock = file.ends_with("src/clock.rs");
        for word in ["SystemTime", "Realtime", "UNIX_EPOCH", "time::Instant::now", "Tai"] {
            assert!(!text.contains(word), "{} reads a clock: {word}", file.display());
        }
        assert_eq!(text.contains("ClockId"), is_the_clock, "{}", file.display());
        if is_the_clock {
            let read: Vec<_> = text.split("ClockId::").skip(1).collect();
            assert!(read.len() >= 2 && read.iter().all(|rest| rest.starts_with("Boottime")));
        }
    }
}
