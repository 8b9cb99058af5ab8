//! How many rows a robot lacks, and how far its chain is verified.

use super::heard::FLOWS_AFTER;
use super::said::Chain;
use super::seen::{Evidence, Robot};
use super::{Span, WAY};
use shared::id::RobotId;
use shared::time::Instant;

/// What is not so about the rows it lacks, if anything.
pub fn untrue(robot: &Robot, evidence: &Evidence, id: &RobotId, behind: Option<u64>, asked: Span) -> Option<String> {
    let behind = behind?;
    let head = |feeds: Option<&(Span, std::collections::BTreeMap<RobotId, u64>)>| {
        feeds.and_then(|(_, heads)| heads.get(id).copied())
    };
    let head_before = head(evidence.feeds.iter().rev().find(|(at, _)| at.to <= asked.from));
    let head_behind = head(evidence.feeds.iter().find(|(at, _)| at.from >= asked.to));
    let early = Instant(asked.from.0.saturating_sub(WAY.0));
    let cursor_before = robot.looks.iter().rev().find(|look| look.at.to <= early).map(|look| look.cursor);
    let cursor_behind = robot.looks.iter().find(|look| look.at.from >= asked.to).map(|look| look.cursor);
    let at_least = head_before.zip(cursor_behind).map_or(0, |(head, cursor)| head.saturating_sub(cursor));
    if behind < at_least {
        return Some(format!("it lacks {behind} rows, and it lacked {at_least} all the time"));
    }
    let at_most = head_behind.zip(cursor_before).map(|(head, cursor)| head.saturating_sub(cursor))?;
    let is_more = behind > at_most && robot.was_left_alone(asked, FLOWS_AFTER);
    is_more.then(|| format!("it lacks {behind} rows, and it never lacked more than {at_most}"))
}

/// What is not so about the chain, if anything. Nobody tampers with a run, so no chain may be called broken.
pub fn chain(robot: &Robot, chain: Chain, asked: Span) -> Option<String> {
    let newest = robot.journal.iter().filter(|entry| entry.at <= asked.to).map(|entry| entry.cseq).max().unwrap_or(0);
    match chain {
        Chain::Unknown => None,
        Chain::VerifiedTo(to) if to <= newest => None,
        Chain::VerifiedTo(to) => Some(format!("its chain is verified to {to}, and it had written {newest} entries")),
        Chain::Broken => Some("its chain is broken, and nobody has touched it".into()),
    }
}
