//! Words that may stand in few places: heavy dependencies, topics, clocks, locks.
//!
//! A dependency named in one file can be changed in one file, and a reader knows where to look for what it does.

use super::finding::Finding;
use super::rust::{Line, is_word};
use super::tree::{File, Tree};
use std::collections::BTreeMap;

/// A rule about words.
struct Rule {
    name: &'static str,
    /// What it finds in a line, if anything.
    find: fn(&Line) -> Option<&'static str>,
    /// Where the words may stand; see [`File::is_at`].
    places: &'static [&'static str],
    /// Names of files that may hold them, wherever they lie.
    nouns: &'static [&'static str],
    /// Whether tests and benches may say them too.
    spares_tests: bool,
    why: &'static str,
}

const RULES: [Rule; 12] = [
    Rule {
        name: "topic",
        find: |line| line.literals.iter().find_map(|literal| topic(literal)),
        places: &["shared/src/wire/topic"],
        nouns: &[],
        spares_tests: false,
        why: "topics are one enum, in shared/src/wire/topic.rs",
    },
    Rule {
        name: "ring",
        find: |line| names_crate(&line.code, "ring"),
        places: &["shared/src/seal"],
        nouns: &[],
        spares_tests: false,
        why: "signatures and hashes are made in shared/src/seal.rs, where they can be read in one place",
    },
    Rule {
        name: "yrs",
        find: |line| names_crate(&line.code, "yrs"),
        places: &["shared/src/note"],
        nouns: &[],
        spares_tests: false,
        why: "notes are merged in shared/src/note.rs",
    },
    Rule {
        name: "mqtt",
        find: |line| names_crate(&line.code, "rumqttc"),
        places: &["robot-agent/src/mqtt", "fleet-server/src/mqtt"],
        nouns: &[],
        spares_tests: true,
        why: "each side speaks MQTT in its mqtt.rs",
    },
    Rule {
        name: "broker",
        find: |line| names_crate(&line.code, "mqtt5"),
        places: &["fleet-server/src/broker"],
        nouns: &[],
        spares_tests: true,
        why: "the embedded broker is fleet-server/src/broker.rs, so that it can be replaced",
    },
    Rule {
        name: "http",
        find: |line| names_crate(&line.code, "axum"),
        places: &["fleet-server/src/http", "fleet-server/src/demo/hardware"],
        nouns: &[],
        spares_tests: true,
        why: "HTTP stays in http/ and in the simulated hardware's page",
    },
    Rule {
        name: "sqlite",
        find: |line| names_crate(&line.code, "rusqlite"),
        places: &["robot-agent/src/replica", "fleet-server/src/store"],
        nouns: &[],
        spares_tests: true,
        why: "databases stay in replica/ and store/, behind plain structs",
    },
    Rule {
        name: "clock",
        find: |line| CLOCKS.into_iter().find(|clock| says(&line.code, clock)),
        places: &[],
        nouns: &["clock"],
        spares_tests: true,
        why: "time is a parameter; each program has one clock, in clock.rs",
    },
    Rule {
        name: "expect",
        find: |line| says(&line.code, "clippy::disallowed_methods").then_some("an exception from clippy.toml's bans"),
        places: &[],
        nouns: &["clock", "entropy", "config"],
        spares_tests: true,
        why: "clock, randomness and environment are each read in one file: clock.rs, entropy.rs, config.rs",
    },
    Rule {
        name: "lock",
        find: locked,
        places: &[],
        nouns: &[],
        spares_tests: true,
        why: "state has one owner; others send it messages",
    },
    Rule {
        name: "expect",
        find: |line| {
            says(&line.code, "unsafe_code").then_some("a word on unsafe code").filter(|_| !line.code.contains("forbid"))
        },
        places: &[],
        nouns: &[],
        spares_tests: false,
        why: "the workspace denies it, and no file asks for an exception",
    },
    Rule {
        name: "random",
        find: |line| ["rand", "getrandom"].into_iter().find_map(|name| names_crate(&line.code, name)),
        places: &[],
        nouns: &["entropy"],
        spares_tests: true,
        why: "randomness is a parameter; each program draws it in entropy.rs",
    },
];

/// What reads a clock.
const CLOCKS: [&str; 5] = ["Instant::now", "SystemTime::now", "clock_gettime", "Utc::now", "Timestamp::now"];

/// Locks around shared state, however the type is written.
const LOCKS: [&str; 4] = ["Arc<Mutex<", "Arc<std::sync::Mutex<", "Arc<tokio::sync::Mutex<", "Arc<sync::Mutex<"];

/// Every word that stands where it may not.
pub fn findings(file: &File) -> Vec<Finding> {
    if file.is_rule() {
        return Vec::new();
    }
    RULES.iter().filter(|rule| !rule.allows(file)).flat_map(|rule| rule.findings(file)).collect()
}

/// More than one clock in one program.
pub fn second_clocks(tree: &Tree) -> Vec<Finding> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let clocks = tree.files().iter().filter(|file| file.rust.is_some() && file.stem() == "clock" && !file.is_test());
    clocks.filter_map(|file| second_clock(file, &mut first)).collect()
}

fn second_clock<'a>(file: &'a File, first: &mut BTreeMap<&'a str, &'a str>) -> Option<Finding> {
    let (package, _) = file.path.split_once("/src/")?;
    let earlier = first.insert(package, &file.path)?;
    let why = "each program has one clock, so that a simulation can replace it".to_owned();
    Some(Finding {
        path: file.path.clone(),
        line: 1,
        rule: "clock",
        what: format!("a second clock beside {earlier}"),
        why,
    })
}

impl Rule {
    fn allows(&self, file: &File) -> bool {
        self.places.iter().any(|place| file.is_at(place))
            || self.nouns.contains(&file.stem())
            || (self.spares_tests && file.is_test())
    }

    fn findings(&self, file: &File) -> Vec<Finding> {
        let lines = file.rust.iter().flatten().enumerate();
        let judged = lines.filter(|(_, line)| !(self.spares_tests && line.is_test));
        let found = judged.filter_map(|(index, line)| Some((index + 1, (self.find)(line)?)));
        found.map(|(line, what)| self.at(file, line, what)).collect()
    }

    fn at(&self, file: &File, line: usize, what: &str) -> Finding {
        Finding { path: file.path.clone(), line, rule: self.name, what: what.to_owned(), why: self.why.to_owned() }
    }
}

fn locked(line: &Line) -> Option<&'static str> {
    let code: String = line.code.split_whitespace().collect();
    LOCKS.into_iter().find(|lock| code.contains(lock)).map(|_| "a shared lock around state")
}

/// `up` and `down` are words of other things too, for example of signatures, so a lane has to follow.
fn topic(literal: &str) -> Option<&'static str> {
    const LANES: [&str; 13] =
        ["safety", "work", "notes", "telemetry", "state", "session", "connection", "ack", "feed", "now", "{", "+", "#"];
    let leads_to_lane = |way: &str| {
        let mut rests = literal.match_indices(way).map(|(at, _)| &literal[at + way.len()..]);
        rests.any(|rest| rest.is_empty() || LANES.iter().any(|lane| rest.starts_with(lane)))
    };
    let is_topic = literal.contains("fleet/v1") || leads_to_lane("/up/") || leads_to_lane("/down/");
    is_topic.then_some("a topic in a string")
}

/// Whether `code` says `words`, not as a part of longer ones.
fn says(code: &str, words: &str) -> bool {
    let ends = |at: usize| !code[at + words.len()..].starts_with(is_word);
    code.match_indices(words).any(|(at, _)| !code[..at].ends_with(is_word) && ends(at))
}

/// Whether `code` names a crate: as the beginning of a path, or in a `use` of its own.
fn names_crate(code: &str, name: &'static str) -> Option<&'static str> {
    let is_named = code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        begins_path(before) && (after.starts_with("::") || (before.ends_with("use ") && after.starts_with([' ', ';'])))
    });
    is_named.then_some(name)
}

/// `crate::ring` is a module of ours, `::ring` is the crate.
fn begins_path(before: &str) -> bool {
    match before.strip_suffix("::") {
        Some(before) => !before.ends_with(is_word),
        None => !before.ends_with(is_word),
    }
}

#[cfg(test)]
mod tests;
