//! The committed numbers of states, so that a model which shrank by mistake is not taken for a proof.

use std::fmt::Write;
use std::fs;

use crate::search::Outcome;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proof/counts.toml");

/// Whether the search came across exactly as many states and transitions as the committed file says.
pub fn agree(outcome: &Outcome, bless: bool) -> bool {
    let text = fs::read_to_string(PATH).expect("counts.toml lies beside the proof");
    if bless {
        fs::write(PATH, with(&text, outcome)).expect("counts.toml can be written");
        return true;
    }
    let found = section(&text, outcome.name);
    if found != entry(outcome) {
        eprintln!("{}: counts.toml says\n{found}but the search found\n{}", outcome.name, entry(outcome));
        return false;
    }
    true
}

/// The file with this search's section replaced, the others as they were.
fn with(text: &str, outcome: &Outcome) -> String {
    let header = format!("\n[{}]\n", outcome.name);
    let before = text.split(&header).next().unwrap_or_default();
    let rest = text.split_once(&header).map_or("", |(_, rest)| rest);
    let after = rest.find("\n[").map_or("", |at| &rest[at..]);
    format!("{before}{header}{}{after}", entry(outcome))
}

fn section(text: &str, name: &str) -> String {
    let lines = text.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
    lines.take_while(|line| !line.trim().is_empty()).fold(String::new(), |mut section, line| {
        writeln!(section, "{line}").expect("a string takes every line");
        section
    })
}

fn entry(outcome: &Outcome) -> String {
    format!("states = {}\ntransitions = {}\n", outcome.states, outcome.transitions)
}
