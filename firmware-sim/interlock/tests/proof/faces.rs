//! I18: nothing turns bytes into pins. Read off the source, because it is a claim about what is not there.

use std::fs;
use std::path::{Path, PathBuf};

/// Ways in which a value could come from somewhere else than its fields being named.
const DOORS: [&str; 7] = ["for Pins", "&mut Pins", "<Pins", "transmute", "unsafe {", "Deserialize", "from_bytes"];

/// The one place of the simulator that makes pins, from the contacts of its plant.
const MAKER: &str = "control.rs";

/// What the search has to find if it stood there.
const KNOWN_DOORS: [&str; 3] = ["fn a() -> Pins {", "fn b() -> (u8, Pins)", "fn c(bytes: &[u8]) -> Option<Vec<Pins>>"];

/// The doors that were found: in the interlock's source one of the list or a function that answers with pins, in the
/// link's the word itself, in the simulator's any second maker.
pub fn doors_to_pins() -> Vec<String> {
    assert!(KNOWN_DOORS.iter().all(|line| answers_with_pins(line)), "a search that finds no known door finds none");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_door = |line: &str| DOORS.iter().any(|door| line.contains(door)) || answers_with_pins(line);
    let is_word = |line: &str| line.contains("Pins") || line.contains("unsafe {");
    let is_maker = |line: &str| answers_with_pins(line) || line.contains("Pins {") || line.contains("&mut Pins");
    let mut makers = lines_below(&here.join("../src"), &is_maker);
    makers.retain(|(path, _)| path.file_name().is_none_or(|name| name != MAKER));
    let found = [lines_below(&here.join("src"), &is_door), lines_below(&here.join("../link/src"), &is_word), makers];
    found.concat().into_iter().map(|(path, line)| format!("{} has {line:?}", path.display())).collect()
}

/// Alone or among other things.
fn answers_with_pins(line: &str) -> bool {
    line.split_once("->").is_some_and(|(_, answer)| answer.contains("Pins"))
}

fn lines_below(folder: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).expect("the source lies beside the proof");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { lines_below(&path, is_wanted) } else { lines_in(&path, is_wanted) })
        .collect()
}

fn lines_in(path: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<(PathBuf, String)> {
    let text = fs::read_to_string(path).expect("source is text");
    text.lines().filter(|line| is_wanted(line)).map(|line| (path.to_owned(), line.trim().to_owned())).collect()
}
