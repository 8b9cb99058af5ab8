//! What was printed, read as a person reads it. A form that is not known is a finding: whatever it says was not judged.

use shared::id::RobotId;
use shared::time::Millis;

/// An age as it was printed: not less, not more, in milliseconds.
pub type Age = (Millis, Millis);

/// A row of `fleet sync status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub robot: RobotId,
    /// Age of the oldest entry that waits; nothing for none, or when it is not known.
    pub oldest: Option<Age>,
    pub unacked: Option<u64>,
    /// Age of the robot's last word.
    pub heard: Option<Age>,
    pub behind: Option<u64>,
    pub chain: Chain,
    /// Whether a break of its record is named.
    pub is_broken_off: bool,
}

/// What is said of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    Unknown,
    VerifiedTo(u64),
    Broken,
}

/// What `fleet sync explain` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub robot: RobotId,
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// At its last word, so old, nothing waited and it had every row.
    AllWasWell(Age),
    /// At its last word, so old, so many entries waited, the oldest of this age now.
    Waited {
        word: Age,
        count: u64,
        oldest: Age,
    },
    NotHeardFor(Age),
    NotHeardSinceTheStart,
    /// So many rows of its feed are not applied.
    Behind(u64),
    BehindUnknown,
    /// It is getting all its rows anew.
    Snapshot,
    /// A hole in a lane, or a broken chain: nothing of a disturbed network makes either.
    Damage,
    /// Its clock or its storage.
    Other,
}

/// The rows of a printed table.
pub fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let columns = ["ROBOT", "OLDEST UNACKED", "UNACKED", "HEARD", "BEHIND", "CHAIN", "CLOCK", "BREAKS"];
    if cells(header) != columns {
        return Err(format!("the table has another header: {header}"));
    }
    lines.map(|line| row(&cells(line)).ok_or_else(|| format!("a row that cannot be read: {line}"))).collect()
}

/// Columns are two blanks apart or more; no cell has two.
fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

fn row(cells: &[&str]) -> Option<Row> {
    let [robot, oldest, unacked, heard, behind, chain, _clock, breaks] = cells else { return None };
    let number = |cell: &str, none: &str| if cell == none { Some(None) } else { cell.parse().ok().map(Some) };
    Some(Row {
        robot: RobotId::parse(robot).ok()?,
        oldest: if ["none", "unknown"].contains(oldest) { None } else { Some(seconds(oldest.strip_suffix(" s")?)?) },
        unacked: number(unacked, "-")?,
        heard: if *heard == "never" { None } else { Some(age(heard.strip_suffix(" ago")?)?) },
        behind: number(behind, "unknown")?,
        chain: match (*chain, chain.strip_prefix("verified to ")) {
            ("-", _) => Chain::Unknown,
            (_, Some(to)) => Chain::VerifiedTo(to.parse().ok()?),
            (broken, None) if broken.starts_with("broken after ") => Chain::Broken,
            _ => return None,
        },
        is_broken_off: *breaks != "-",
    })
}

/// `480ms`, `12s`, `3m`, `2h`: rounded down.
fn age(text: &str) -> Option<Age> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = (text[..digits].parse::<u64>().ok()?, &text[digits..]);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some((Millis(count * unit_ms), Millis((count + 1) * unit_ms - 1)))
}

/// `12.3` or `12`: rounded down.
fn seconds(text: &str) -> Option<Age> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, ""));
    let at_least =
        whole.parse::<u64>().ok()? * 1_000 + if tenth.is_empty() { 0 } else { tenth.parse::<u64>().ok()? * 100 };
    Some((Millis(at_least), Millis(at_least + if tenth.is_empty() { 999 } else { 99 })))
}

/// The reasons of a printed explanation.
pub fn explanation(text: &str) -> Result<Explanation, String> {
    let (head, _log) = text.split_once("\n\n").ok_or_else(|| format!("an explanation of another form: {text}"))?;
    let (robot, reasons) = head.split_once(": ").ok_or_else(|| format!("an explanation without a robot: {head}"))?;
    let robot = RobotId::parse(robot).map_err(|e| e.to_string())?;
    let mut found: Vec<Reason> = Vec::new();
    for sentence in reasons.split_inclusive(". ").map(|sentence| sentence.trim_end_matches([' ', '.'])) {
        found.extend(reason(sentence).ok_or_else(|| format!("a sentence that is not known: {sentence}"))?);
    }
    Ok(Explanation { robot, reasons: found })
}

/// What a sentence claims; nothing for advice and for what the sentence before it has said already.
fn reason(sentence: &str) -> Option<Option<Reason>> {
    let between = |from: &str, to: &str| Some(sentence.strip_prefix(from)?.split_once(to)?.0);
    let word = between("At its last word, ", " s ago, ").and_then(seconds);
    if let Some(word) = word {
        if sentence.contains("ago, everything that it wrote was acknowledged, and it had every row") {
            return Some(Some(Reason::AllWasWell(word)));
        }
        let (_, rest) = sentence.split_once(" s ago, ")?;
        let (count, rest) = rest.split_once(" entries of its record were not acknowledged; the oldest is ")?;
        let oldest = seconds(rest.strip_suffix(" s old")?)?;
        return Some(Some(Reason::Waited { word, count: count.parse().ok()?, oldest }));
    }
    if let Some(count) = between("It has not applied the newest ", " rows of its feed") {
        return Some(Some(Reason::Behind(count.parse().ok()?)));
    }
    if let Some(silence) = between("Nothing was heard of it for ", " s") {
        return Some(Some(Reason::NotHeardFor(seconds(silence)?)));
    }
    const KNOWN: [(&str, Option<Reason>); 21] = [
        ("It was not heard since the server started", Some(Reason::NotHeardSinceTheStart)),
        ("It has not told its state since the server started", Some(Reason::NotHeardSinceTheStart)),
        ("It did not say yet how far it has applied its feed", Some(Reason::BehindUnknown)),
        ("It is getting all its rows anew", Some(Reason::Snapshot)),
        ("Its record hangs together up to entry", Some(Reason::Damage)),
        ("It sends its ", Some(Reason::Damage)),
        ("Either this database is an older copy of one that ", None),
        ("The server has its ", Some(Reason::Damage)),
        ("It named row ", Some(Reason::Damage)),
        ("Its calendar is ", Some(Reason::Other)),
        ("Its storage is used to ", Some(Reason::Other)),
        ("Look whether it is switched on", None),
        ("What it wrote since stands on its own disk", None),
        ("The broker lost its connection", None),
        ("Its agent ended in order", None),
        ("This holds nothing back", None),
        ("Nothing behind it is taken until the robot sends it", None),
        ("What came is kept in quarantine", None),
        ("Its next hello settles it", None),
        ("An agent tells its state every second", None),
        ("Set its clock", None),
    ];
    KNOWN.iter().find(|(begins, _)| sentence.starts_with(begins)).map(|(_, reason)| *reason)
}
