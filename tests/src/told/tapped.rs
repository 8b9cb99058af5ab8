//! What one life of a tap printed: all that the server took while it was connected, and nothing that nobody sent.

use super::WAY;
use super::seen::Evidence;
use serde_json::Value;
use shared::id::RobotId;
use shared::seal::to_hex;
use shared::time::WallTime;
use shared::wire::topic::Topic;
use std::collections::BTreeSet;

/// One line.
struct Line {
    at: WallTime,
    robot: RobotId,
    signature: String,
    body: Value,
}

/// How many entries it had to show, and what is not so.
pub fn untrue(text: &str, evidence: &Evidence) -> (usize, Vec<String>) {
    let (lines, mut found) = lines(text);
    let Some((first, last)) = lines.first().zip(lines.last()) else { return (0, found) };
    let mut shown = BTreeSet::new();
    for line in &lines {
        if line.signature != "good" {
            found.push(format!(
                "the tap calls a signature of {} {:?}, and nobody forged one",
                line.robot, line.signature
            ));
        }
        for hash in hashes(&line.body["entries"]) {
            found.extend(unsent(&line.robot, &hash, evidence));
            shown.insert((line.robot.clone(), hash));
        }
        found.extend(acknowledged(&line.body).iter().filter_map(|hash| unsent(&line.robot, hash, evidence)));
    }
    let wanted = committed(evidence, WallTime(first.at.0 + WAY.0), WallTime(last.at.0.saturating_sub(WAY.0)));
    let missing = wanted.iter().filter(|entry| !shown.contains(entry));
    found.extend(
        missing.map(|(robot, hash)| format!("the server took entry {hash} of {robot}, and the tap did not show it")),
    );
    (wanted.len(), found)
}

/// What a program says beside its lines, and a line that it was killed in, are not JSON.
fn lines(text: &str) -> (Vec<Line>, Vec<String>) {
    let (mut lines, mut found) = (Vec::new(), Vec::new());
    for line in text.split_inclusive('\n').filter(|line| line.starts_with('{') && line.ends_with('\n')) {
        match read(line) {
            Some(line) => lines.push(line),
            None => found.push(format!("the tap printed a line that cannot be read: {line}")),
        }
    }
    (lines, found)
}

fn read(line: &str) -> Option<Line> {
    let mut told: Value = serde_json::from_str(line).ok()?;
    Some(Line {
        at: WallTime(told["at_ms"].as_u64()?),
        robot: Topic::parse(told["topic"].as_str()?).ok()?.robot,
        signature: told["signature"].as_str()?.to_owned(),
        body: told["body"].take(),
    })
}

fn hashes(of: &Value) -> Vec<String> {
    of.as_array().into_iter().flatten().map(|one| one["hash"].as_str().unwrap_or("without a hash").to_owned()).collect()
}

/// The entries that the server says it has; a lane without one has no hash.
fn acknowledged(body: &Value) -> Vec<String> {
    let marks = [&body["stored"]["mark"]].into_iter().chain(body["welcome"]["marks"].as_array().into_iter().flatten());
    let with_entry = marks.filter(|mark| mark["seq"].as_u64().is_some_and(|seq| seq > 0));
    with_entry.map(|mark| mark["hash"].as_str().unwrap_or("without a hash").to_owned()).collect()
}

fn unsent(robot: &RobotId, hash: &str, evidence: &Evidence) -> Option<String> {
    let is_written = evidence.robots.get(robot).is_some_and(|robot| robot.hashes.contains(hash));
    (!is_written).then(|| format!("the tap shows entry {hash} of {robot}, which never wrote it"))
}

fn committed(evidence: &Evidence, from: WallTime, to: WallTime) -> Vec<(RobotId, String)> {
    let within = |at: WallTime| from < at && at < to;
    let of = |(id, robot): (&RobotId, &super::seen::Robot)| {
        let taken = robot.committed.iter().filter(|(_, at)| within(*at));
        taken.map(|(hash, _)| (id.clone(), to_hex(&hash.0))).collect::<Vec<_>>()
    };
    evidence.robots.iter().flat_map(of).collect()
}
