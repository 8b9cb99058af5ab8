//! Why a robot is behind, in words: what happened, what it means, what to do.

use super::breaks;
use super::{SyncReport, What};
use crate::judge::Rule;
use crate::roster::HEARD;
use shared::wire::robot_to_fleet::Connection;

/// Every reason that applies, the most telling first; one sentence that all is well when none does. Then what happened to the
/// record, and to the calendars of boots that are over.
pub fn reasons(report: &SyncReport) -> Vec<String> {
    let all = [
        silence(report),
        hole(report),
        bad_batch(report),
        upload(report),
        ahead(report),
        download(report),
        chain(report),
        clock(report),
        storage(report),
    ];
    let mut reasons: Vec<String> = all.into_iter().flatten().collect();
    if reasons.is_empty() {
        reasons.push(format!(
            "{}everything that it wrote was acknowledged, and it had every row.",
            at_its_last_word(report)
        ));
    }
    reasons.extend(report.breaks.iter().filter_map(breaks::sentence));
    reasons.extend(earlier_clock(report));
    reasons
}

/// What a robot told is as old as its last word, and says so.
fn at_its_last_word(report: &SyncReport) -> String {
    let ms = report.heard_age_ms.unwrap_or(0);
    format!("At its last word, {}.{} s ago, ", ms / 1000, ms % 1000 / 100)
}

fn silence(report: &SyncReport) -> Option<String> {
    let Some(age_ms) = report.heard_age_ms else { return Some(no_state(report)) };
    let connection = match report.connection {
        Some(Connection::ConnectionBroken) => " The broker lost its connection.",
        Some(Connection::Offline) => " Its agent ended in order.",
        Some(Connection::Online) | None => "",
    };
    let seconds = age_ms / 1000;
    (age_ms > HEARD.0).then(|| {
        format!(
            "Nothing was heard of it for {seconds} s.{connection} What it wrote since stands on its own disk, and comes when \
             it is heard again."
        )
    })
}

/// Nothing is known of a robot that told no state, and that is another thing when it talks.
fn no_state(report: &SyncReport) -> String {
    match report.talked_age_ms {
        Some(ms) => format!(
            "It has not told its state since the server started, although a message of it came {}.{} s ago: what waits on \
             its disk is not known. An agent tells its state every second.",
            ms / 1000,
            ms % 1000 / 100
        ),
        None => {
            "It was not heard since the server started. Look whether it is switched on, and whether its configuration \
                 names this site and this broker."
                .into()
        }
    }
}

/// A hole in a lane that nothing has closed since it was seen.
fn hole(report: &SyncReport) -> Option<String> {
    let gap = |what: &What| if let What::Gap { lane, has, first } = what { Some((*lane, *has, *first)) } else { None };
    let (lane, has, first) = report.lines.iter().rev().find_map(|line| gap(&line.what))?;
    let is_open = report.lanes.iter().any(|mark| mark.lane == lane && mark.seq == has);
    is_open.then(|| {
        format!(
            "It sends its {} lane from {first} on, and the server has it up to {has}. Either this database is an older copy \
             of one that acknowledged what is in between, or the robot left it out. Nothing behind it is taken until the robot \
             sends it.",
            lane.as_str()
        )
    })
}

/// What comes next in a lane is not what it claims to be, and nothing better has come since.
fn bad_batch(report: &SyncReport) -> Option<String> {
    let bad = |what: &What| {
        if let What::BadBatch { lane, acked, reason } = what { Some((*lane, *acked, reason.clone())) } else { None }
    };
    let (lane, acked, reason) = report.lines.iter().rev().find_map(|line| bad(&line.what))?;
    let still_stands = report.lanes.iter().any(|mark| mark.lane == lane && mark.seq == acked);
    still_stands.then(|| {
        format!(
            "The server has its {} lane up to {acked} and cannot take what comes next: {reason}. What came is kept in \
             quarantine.",
            lane.as_str()
        )
    })
}

/// A robot that names a row which its feed does not have was served by another history of this database.
fn ahead(report: &SyncReport) -> Option<String> {
    let named = report.named.filter(|named| *named > report.feed_head)?;
    Some(format!(
        "It named row {named} of its feed, and the newest row is {}: the server was put back, or the robot is not yet told of \
         the server's new life. Its next hello settles it.",
        report.feed_head
    ))
}

fn upload(report: &SyncReport) -> Option<String> {
    let count = report.unacked.filter(|count| *count > 0)?;
    let age = match report.oldest_unacked_ms {
        Some(ms) => format!("the oldest is {} s old", ms / 1000),
        None => "how old they are it does not tell".into(),
    };
    Some(format!("{}{count} entries of its record were not acknowledged; {age}.", at_its_last_word(report)))
}

fn download(report: &SyncReport) -> Option<String> {
    if report.lacks_forgotten && report.snapshot.is_none() {
        return Some(
            "It lacks rows that the server has forgotten, and did not say that it takes a snapshot. Update its program."
                .into(),
        );
    }
    if let Some((applied, of)) = report.snapshot {
        return Some(format!("It is getting all its rows anew: {applied} of {of} chunks are applied."));
    }
    let Some(cursor) = report.cursor else {
        return report.heard_age_ms.map(|_| "It did not say yet how far it has applied its feed.".into());
    };
    let behind = report.feed_head.saturating_sub(cursor);
    (behind > 0).then(|| format!("It has not applied the newest {behind} rows of its feed."))
}

fn chain(report: &SyncReport) -> Option<String> {
    let chain = report.chain.as_ref().filter(|chain| chain.is_broken)?;
    Some(format!(
        "Its record hangs together up to entry {} and not beyond: an auditor should look. This holds nothing back.",
        chain.cseq
    ))
}

fn storage(report: &SyncReport) -> Option<String> {
    let percent = report.storage_permille.filter(|permille| *permille >= 800)? / 10;
    let refuses = match percent {
        100.. => " It refuses all new work.",
        95.. => " It refuses new work of low priority.",
        _ => "",
    };
    Some(format!(
        "Its storage is used to {percent} %: it thins its telemetry.{refuses} Keep it connected, or give it more."
    ))
}

fn clock(report: &SyncReport) -> Option<String> {
    let (skew_ms, _) = report.clock_skew.filter(|(_, is_suspect)| *is_suspect)?;
    let (seconds, side) = (skew_ms.unsigned_abs() / 1000, if skew_ms > 0 { "ahead" } else { "behind" });
    Some(format!("Its calendar is {seconds} s {side}; its stamps are corrected. Set its clock."))
}

/// A calendar of an earlier boot that was off, or that nobody can tell about. One that is off now is told by `clock`.
fn earlier_clock(report: &SyncReport) -> Option<String> {
    let is_told = report.clock_skew.is_some_and(|(_, is_suspect)| is_suspect);
    let was_suspect = report.lines.iter().any(|line| line.what == What::Flag(Rule::ClockSuspect));
    (was_suspect && !is_told).then(|| {
        "It wrote entries by a calendar that was off, or of a boot that is over (clock_suspect): their order is its own, \
         and their times are estimated."
            .into()
    })
}
