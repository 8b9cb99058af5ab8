//! I18: nothing turns bytes into pins. Read off the source, because it is a claim about what is not there.

use std::fs;
use std::path::Path;

/// Ways in which a value could come from somewhere else than its fields being named.
const DOORS: [&str; 8] =
    ["-> Pins", "-> Option<Pins>", "-> Result<Pins", "for Pins", "transmute", "unsafe {", "Deserialize", "from_bytes"];

/// Whether the interlock's source has none of the doors and the link's source does not know the word.
pub fn no_pins_from_bytes() -> bool {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = has_none(&here.join("src"), &DOORS);
    let link = has_none(&here.join("../link/src"), &["Pins", "unsafe {"]);
    let holds = own && link;
    println!("  {} I18 no function makes pins from bytes", if holds { "holds   " } else { "VIOLATED" });
    holds
}

fn has_none(folder: &Path, words: &[&str]) -> bool {
    let files = fs::read_dir(folder).expect("the source lies beside the proof");
    files.map(|file| file.expect("the folder can be read").path()).all(|path| {
        let text = fs::read_to_string(&path).expect("source is text");
        words.iter().all(|word| {
            let found = text.contains(word);
            if found {
                println!("{} has {word:?}", path.display());
            }
            !found
        })
    })
}
