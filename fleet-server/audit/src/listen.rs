//! The bystander: who is near, whether they are what they say, and since when. It needs the CA's public key and a clock;
//! server, broker and network may be down.
//!
//! Leaves to others: what a disclosure is and what holds (`shared::beacon`), checking what was kept (`evidence`).

mod ears;
mod folder;
mod session;
#[cfg(test)]
mod tests;
mod view;

use crate::{Verdict, ca, clock, exit, input};
use clap::Args;
use ears::Ears;
use folder::Folder;
use serde_json::json;
use session::{Proof, Session};
use shared::beacon::{BeaconTime, Revoked, simulated_air};
use shared::seal::PublicKey;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::time::Duration;
use view::table;

/// How long to wait for a packet before looking at the clock.
const PATIENCE: Duration = Duration::from_millis(100);
/// How many packets are looked at, and how many signatures checked, before the other is done again: a few milliseconds of each.
const PACKETS_AT_ONCE: usize = 1024;
const CHECKS_AT_ONCE: usize = 64;
/// How much of the air may wait while this program does not run, in bytes: a few seconds of a flood, so that a robot's rare
/// endorsement is not lost in it.
const ROOM_LEN: usize = 4 << 20;
/// Between two tables or two lines, in tenths of a second.
const SHOW_EVERY_DS: u64 = 10;

/// Listen on the air: who is near, and is it true?
#[derive(Clone, Debug, Args)]
pub struct Listen {
    /// The public key of the site's CA: 64 hexadecimal digits, or a file with them.
    #[arg(long, value_parser = ca::parse)]
    ca: PublicKey,
    /// The site's list of keys that count no more, as `fleet robot revoke` wrote it.
    #[arg(long)]
    revoked: Option<PathBuf>,
    /// The multicast group and port that stand for the radio. A simulated site's follow from its CA's key.
    #[arg(long)]
    air: Option<SocketAddrV4>,
    /// A folder to keep captures and evidence in.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// How much of the folder captures may fill, in MiB; the oldest make room. Evidence is never counted and never removed.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    keep_mib: u64,
    /// How long to listen, in seconds; for ever if it is not given.
    #[arg(long)]
    seconds: Option<u64>,
    /// One line of JSON each second and for each finding, instead of a table.
    #[arg(long)]
    json: bool,
}

impl Listen {
    /// Listens until the time is over.
    #[must_use]
    pub fn run(&self) -> Verdict {
        self.listen().unwrap_or_else(Verdict::Unreadable).printed(self.json)
    }

    fn listen(&self) -> Result<Verdict, String> {
        let group = self.air.unwrap_or_else(|| simulated_air(&self.ca));
        // A Bluetooth adapter takes this line's place.
        let radio = air_sim::Receiver::open(group).and_then(|radio| radio.with_room(ROOM_LEN));
        let radio = radio.map_err(|e| e.to_string())?;
        let folder = self.dir.as_deref().map(|dir| Folder::open(dir, self.keep_mib << 20)).transpose();
        let folder = folder.map_err(|e| format!("cannot keep captures: {e}"))?;
        let began = clock::now();
        let mut session = Session::begin(self.ca, folder, began);
        if let Some(path) = &self.revoked {
            session.carry(revoked(path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        let ears = Ears::open(radio, clock::now);
        let mut screen = Screen::new(self.json, group);
        loop {
            let now = attend(&ears, &mut session)?;
            let is_watched = screen.show(&mut session, now).is_ok();
            let is_over = self.seconds.is_some_and(|seconds| is_over(began, now, seconds));
            if is_over || !is_watched {
                return Ok(self.verdict(&session, group, now));
            }
        }
    }

    /// 0 when somebody was heard and everybody near is verified, 1 when something was found, 6 otherwise.
    fn verdict(&self, session: &Session, group: SocketAddrV4, now: BeaconTime) -> Verdict {
        let rows = session.rows(now);
        let verified = rows.iter().filter(|row| row.standing == "verified").count();
        let exit = match () {
            () if !session.proofs().is_empty() => 1,
            () if verified > 0 && verified == rows.len() => 0,
            () => exit::INCOMPLETE,
        };
        let text = if self.json {
            let (rejected, after_s) = (session.rejected(), session.verified_after_s());
            json!({"ev": "end", "near": rows.len(), "verified": verified, "verified_after_s": after_s,
                "findings": session.proofs().len(), "rejected": rejected, "checked": session.checked()})
            .to_string()
        } else if session.has_heard_nothing() {
            nothing_on(group)
        } else {
            format!("{verified} of {} robots near are verified; {} findings", rows.len(), session.proofs().len())
        };
        Verdict::Report { text, exit }
    }
}

fn revoked(path: &Path) -> Result<Revoked, String> {
    let text = input::text(path, input::LIST_LEN_MAX).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Revoked::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Whether so many seconds have passed. More than a clock can count never do.
const fn is_over(began: BeaconTime, now: BeaconTime, seconds: u64) -> bool {
    now.ds() >= began.ds().saturating_add(seconds.saturating_mul(10))
}

/// Looks at what has come, and judges some of what waits; returns when.
fn attend(ears: &Ears, session: &mut Session) -> Result<BeaconTime, String> {
    let patience = if session.is_idle() { PATIENCE } else { Duration::ZERO };
    let packets = ears.hear(patience, PACKETS_AT_ONCE).map_err(|e| e.to_string())?;
    packets.iter().for_each(|(heard, packet)| session.take(packet, *heard));
    session.miss(ears.take_lost());
    let now = clock::now();
    session.judge(CHECKS_AT_ONCE, now).map_err(|e| format!("cannot keep what was heard: {e}"))?;
    Ok(now)
}

/// Where it is shown. A reader that has had enough ends the listening.
struct Screen {
    is_json: bool,
    group: SocketAddrV4,
    shown: Option<BeaconTime>,
}

impl Screen {
    const fn new(is_json: bool, group: SocketAddrV4) -> Self {
        Self { is_json, group, shown: None }
    }

    fn show(&mut self, session: &mut Session, now: BeaconTime) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let is_due = self.shown.is_none_or(|shown| now.ds() >= shown.ds() + SHOW_EVERY_DS || now < shown);
        if self.is_json {
            let ca = session.ca();
            for proof in session.news() {
                writeln!(out, "{}", finding_line(proof, &ca, now))?;
            }
        }
        if is_due {
            self.shown = Some(now);
            let text = if self.is_json { second_line(session, now) } else { screen(session, self.group, now) };
            writeln!(out, "{text}")?;
            out.flush()?;
        }
        Ok(())
    }
}

fn finding_line(proof: &Proof, ca: &PublicKey, now: BeaconTime) -> String {
    let presence = &proof.finding.second.presence;
    json!({"ev": "finding", "t_ms": now.to_wall().0, "kind": proof.finding.kind.word(),
        "robot": presence.name.robot(), "disclosure_id": presence.id.to_string(), "evidence": proof.path, "check": proof.check(ca)})
    .to_string()
}

fn finding_words(proof: &Proof, ca: &PublicKey) -> Vec<String> {
    let check = proof.check(ca).map(|command| format!("  Check it with: {command}"));
    [Some(proof.words()), check].into_iter().flatten().collect()
}

fn second_line(session: &Session, now: BeaconTime) -> String {
    json!({"ev": "near", "t_ms": now.to_wall().0, "robots": session.rows(now), "rejected": session.rejected()})
        .to_string()
}

/// Robots of another CA are not heard at all where each site has an air of its own: then silence is what a wrong key looks
/// like.
fn nothing_on(group: SocketAddrV4) -> String {
    format!(
        "Nothing is heard on the air at {group}. A simulated site's air follows from its CA's key: with the key of another CA \
         you listen to another site's air. --air GROUP:PORT names one."
    )
}

fn screen(session: &Session, group: SocketAddrV4, now: BeaconTime) -> String {
    const CLEAR: &str = "\x1b[2J\x1b[H";
    let rows = session.rows(now);
    let mut lines = vec![match rows.is_empty() {
        true if session.has_heard_nothing() => nothing_on(group),
        true => "Nobody is near.".to_owned(),
        false => table(&rows),
    }];
    let refused: Vec<String> = session.rejected().iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    if !refused.is_empty() {
        lines.push(format!("Refused: {}", refused.join(", ")));
    }
    lines.extend(session.proofs().iter().rev().take(10).flat_map(|proof| finding_words(proof, &session.ca())));
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    format!("{clear}{}\n", lines.join("\n"))
}
