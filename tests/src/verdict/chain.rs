//! Is the record on each side the one that was written? Checked with the hash chain that runs through it.
//!
//! A robot has its whole chain. The server has each lane without a gap, so the chain there may lack only the tails of
//! lanes that have not arrived yet; wherever two neighbours are both there, the later names the earlier's hash.

use super::history::{History, Kept};
use shared::id::RobotId;
use shared::journal::{Chain, Epoch, Record};
use std::collections::BTreeMap;

/// One sentence for each chain that does not hold.
#[must_use]
pub fn broken_chains(history: &History) -> Vec<String> {
    let mut broken = Vec::new();
    for (id, robot) in &history.robots {
        for (epoch, entries) in by_epoch(&robot.replica.journal) {
            broken.extend(check_whole(id, epoch, &entries).err().map(|why| format!("the record on {id}: {why}")));
        }
    }
    for (id, facts) in &history.server.facts {
        for (epoch, entries) in by_epoch(facts) {
            let found = check_lanes(id, epoch, &entries).err();
            broken.extend(found.map(|why| format!("the server's record of {id}: {why}")));
        }
    }
    broken
}

fn by_epoch(entries: &[Kept]) -> BTreeMap<Epoch, Vec<&Kept>> {
    let mut epochs: BTreeMap<Epoch, Vec<&Kept>> = BTreeMap::new();
    for kept in entries {
        epochs.entry(kept.epoch).or_default().push(kept);
    }
    for entries in epochs.values_mut() {
        entries.sort_by_key(|kept| kept.cseq);
    }
    epochs
}

fn check_whole(robot: &RobotId, epoch: Epoch, entries: &[&Kept]) -> Result<(), String> {
    let mut chain = Chain::begin(robot, epoch);
    for kept in entries {
        let record = read(kept)?;
        if !chain.is_next(&record) {
            return Err(format!("entry {} does not follow entry {}", kept.cseq, chain.cseq));
        }
        chain.advance(&record);
    }
    Ok(())
}

fn check_lanes(robot: &RobotId, epoch: Epoch, entries: &[&Kept]) -> Result<(), String> {
    let begin = Chain::begin(robot, epoch);
    let (mut last, mut lane_seq) = ((0, begin.head), begin.lane_seq);
    for kept in entries {
        let record = read(kept)?;
        let newest = &mut lane_seq[kept.lane.index()];
        if kept.lane_seq != *newest + 1 {
            return Err(format!("{} comes after {} {newest}", kept.name(), kept.lane.as_str()));
        }
        if kept.cseq == last.0 + 1 && record.entry.prev != last.1 {
            return Err(format!("entry {} does not name the hash of entry {}", kept.cseq, last.0));
        }
        *newest = kept.lane_seq;
        last = (kept.cseq, record.hash);
    }
    Ok(())
}

fn read(kept: &Kept) -> Result<Record, String> {
    kept.record().map_err(|why| format!("entry {}: {why}", kept.cseq))
}
