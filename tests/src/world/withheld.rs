//! Whoever holds a journal takes every entry of a kind out of it and chains the rest anew: does the report tell?
//!
//! No signature of the robot is left in such a journal, as in any export. The report has to say what it said of the whole one, or
//! that the record leaves something out, or (where only signs of life are gone) that it knows less.

use super::key_of;
use super::robot::Node;
use anyhow::{Context, Result, bail};
use fleet_audit::Verdict;
use fleet_audit::disclosure::Args;
use fleet_audit::disclosure::journal::Source;
use fleet_server::store::Archive;
use serde_json::Value;
use shared::hlc::Hlc;
use shared::journal::{Chain, Record, Stamp};
use shared::time::Instant;
use shared::wire::robot_to_fleet::Carried;
use std::collections::BTreeMap;
use std::path::Path;

/// What happened when a kind of entries was withheld, by its number; one kind or two together.
pub type Withheld = BTreeMap<Vec<u16>, Outcomes>;

/// How often each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The report says what it said.
    pub same: u64,
    /// It names what is left out, and does not end with 0.
    pub named: u64,
    /// It names nothing and does not end with 0: something is unknown (6) or uncovered (4).
    pub unknown: u64,
    /// It says something else, and nobody would know.
    pub unnoticed: u64,
}

/// Withholds each kind of entry from each robot's journal.
///
/// # Errors
/// When the server's database cannot be read, or no report is printed.
pub fn withhold(server: &Path, robots: &[Node]) -> Result<Withheld> {
    let mut withheld = Withheld::new();
    for node in robots {
        let archive = Archive::of(server);
        let key = key_of(node.id.as_str()).public();
        let mut sources = Vec::new();
        for (epoch, _) in archive.epochs(&node.id).context("the epochs of a journal")? {
            sources.push(archive.source(&node.id, epoch, key).context("a journal")?);
        }
        let whole = judged(node, &without(&sources, &[]))?;
        if whole.1 != 0 && whole.1 != 6 || !left_out(&whole.0).is_empty() {
            bail!("{}: the whole journal ends with {} and {:?}", node.id, whole.1, left_out(&whole.0));
        }
        for kinds in kinds(&sources) {
            let told = judged(node, &without(&sources, &kinds))?;
            withheld.entry(kinds).or_default().count(&whole, &told);
        }
    }
    Ok(withheld)
}

impl Outcomes {
    fn count(&mut self, whole: &(Value, u8), told: &(Value, u8)) {
        let says = |robot: &Value| (robot["days"].clone(), robot["disclosure_ids"].clone());
        if says(&told.0) == says(&whole.0) {
            self.same += 1;
        } else if told.1 != 0 && !left_out(&told.0).is_empty() {
            self.named += 1;
        } else if matches!(told.1, 4 | 6) {
            self.unknown += 1;
        } else {
            self.unnoticed += 1;
        }
    }
}

/// Every kind that is there, and the pairs that begin and end one thing.
fn kinds(sources: &[Source]) -> Vec<Vec<u16>> {
    let facts =
        sources.iter().flat_map(|source| &source.entries).filter_map(|carried| Some(record(carried)?.fact()?.kind()));
    let mut kinds: Vec<Vec<u16>> = facts.map(|kind| vec![kind]).collect();
    kinds.extend([vec![15, 16], vec![17, 18], vec![15, 16, 17, 18]]);
    kinds.sort();
    kinds.dedup();
    kinds
}

fn record(carried: &Carried) -> Option<Record> {
    Record::read(carried.entry.clone(), carried.body.clone()).ok()
}

/// The same journals without some kinds, chained anew.
fn without(sources: &[Source], kinds: &[u16]) -> Vec<Source> {
    let one = |source: &Source| {
        let mut chain = Chain::begin(&source.robot, source.epoch);
        let mut records: Vec<Record> = source.entries.iter().filter_map(record).collect();
        records.sort_by_key(|record| record.entry.cseq);
        let kept = records.iter().filter_map(|record| Some((record, record.fact()?)));
        let kept = kept.filter(|(_, fact)| !kinds.contains(&fact.kind()));
        let entries = kept.map(|(record, fact)| {
            let entry = &record.entry;
            let stamp = Stamp { boot: entry.boot, mono: Instant(entry.mono_ms), hlc: Hlc(entry.hlc.0) };
            Carried::from(&chain.append(&fact, stamp))
        });
        Source { entries: entries.collect(), seals: vec![], key: None, ..source.clone() }
    };
    sources.iter().map(one).collect()
}

fn judged(node: &Node, sources: &[Source]) -> Result<(Value, u8)> {
    let firmware_key = super::body::controllers_key(node.id.as_str()).public();
    let args = Args {
        exports: vec![],
        robot: None,
        day: None,
        key: vec![],
        keys: None,
        firmware_key: vec![format!("{}={}", node.id, firmware_key.to_text()).parse().map_err(anyhow::Error::msg)?],
        json: true,
        csv: false,
    };
    let Verdict::Report { text, exit } = args.judge(sources) else { bail!("no report") };
    let document: Value = serde_json::from_str(&text)?;
    Ok((document["robots"][0].clone(), exit))
}

fn left_out(robot: &Value) -> Vec<&str> {
    let found = robot["contradictions"].as_array().into_iter().flatten();
    found.filter_map(|found| found["left_out"].as_str()).collect()
}
