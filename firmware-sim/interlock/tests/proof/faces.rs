//! I18: nothing turns bytes into pins. Read off the source, because it is a claim about what is not there.

use std::fs;
use std::path::Path;

/// Ways in which a value could come from somewhere else than its fields being named.
const DOORS: [&str; 8] =
    ["-> Pins", "-> Option<Pins>", "-> Result<Pins", "for Pins", "transmute", "unsafe {", "Deserialize", "from_bytes"];

/// The doors that were found: in the interlock's source one of the list, in the link's the word itself.
pub fn doors_to_pins() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    [found(&here.join("src"), &DOORS), found(&here.join("../link/src"), &["Pins", "unsafe {"])].concat()
}

fn found(folder: &Path, words: &[&str]) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the source lies beside the proof");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.flat_map(|path| if path.is_dir() { found(&path, words) } else { in_file(&path, words) }).collect()
}

fn in_file(path: &Path, words: &[&str]) -> Vec<String> {
    let text = fs::read_to_string(path).expect("source is text");
    let found = words.iter().filter(|word| text.contains(**word));
    found.map(|word| format!("{} has {word:?}", path.display())).collect()
}
