//! Captures of the air on disk, and what they still prove when everybody has gone home.
//!
//! Two kinds of file: *captures*, one disclosure with its endorsement in a line of JSON, and *evidence*, two captures that
//! prove something together. Both are checked with the CA's public key and nothing else: no clock, no network, no server.

mod heard;

use crate::disclosure::calendar::moment;
use crate::{Verdict, ca, input, invocation};
use heard::Heard;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::beacon::{BeaconTime, Capture, Endorsement, Finding, FindingKind, Presence};
use shared::seal::{PublicKey, from_hex, to_hex};
use shared::time::WallTime;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The version of both files.
const VERSION: u8 = 1;

/// What stands in an evidence file beside the packs and cannot be checked against them.
const LISTENERS_WORD: [&str; 3] = ["heard_ms", "heard", "says"];

/// One capture as a line.
#[derive(Debug, Serialize, Deserialize)]
struct CaptureLine {
    /// When the listener heard it, in milliseconds since 1970 by the listener's clock.
    heard_ms: u64,
    /// The same, for people.
    #[serde(default, skip_deserializing)]
    heard: String,
    /// The link pack, in hexadecimal digits.
    link: String,
    /// The presence pack, in hexadecimal digits.
    presence: String,
}

/// Two captures as a file. Robot and id have to be those of the packs; the other words beside them are the listener's own.
#[derive(Debug, Serialize, Deserialize)]
struct EvidenceFile {
    v: u8,
    finding: String,
    says: String,
    robot: String,
    disclosure_id: String,
    first: CaptureLine,
    second: CaptureLine,
}

impl From<&Capture> for CaptureLine {
    fn from(capture: &Capture) -> Self {
        Self {
            heard_ms: capture.heard.to_wall().0,
            heard: moment(capture.heard.to_wall().0),
            link: to_hex(&capture.link.to_pack()),
            presence: to_hex(&capture.presence.to_pack()),
        }
    }
}

impl CaptureLine {
    fn capture(&self) -> Result<Capture, String> {
        let bytes = |hex: &str| from_hex(hex).map_err(|e| e.to_string());
        Ok(Capture {
            heard: BeaconTime::from_wall(WallTime(self.heard_ms)),
            link: Endorsement::read(&bytes(&self.link)?).map_err(|e| format!("the endorsement: {e}"))?,
            presence: Presence::read(&bytes(&self.presence)?).map_err(|e| format!("the disclosure: {e}"))?,
        })
    }
}

/// A capture as a line of a captures file.
#[must_use]
pub fn capture_line(capture: &Capture) -> String {
    serde_json::to_string(&CaptureLine::from(capture)).expect("numbers and texts always have a JSON form") + "\n"
}

/// A finding as an evidence file.
#[must_use]
pub fn evidence_text(finding: &Finding) -> String {
    let presence = &finding.second.presence;
    let file = EvidenceFile {
        v: VERSION,
        finding: finding.kind.word().to_owned(),
        says: finding.kind.sentence().to_owned(),
        robot: presence.name.robot().to_string(),
        disclosure_id: presence.id.to_string(),
        first: (&finding.first).into(),
        second: (&finding.second).into(),
    };
    serde_json::to_string_pretty(&file).expect("numbers and texts always have a JSON form") + "\n"
}

/// What is to be checked.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A file of `listen --dir`.
    file: PathBuf,
    /// The public key of the site's CA: 64 hexadecimal digits, or a file with them.
    #[arg(long, value_parser = ca::parse)]
    ca: PublicKey,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Args {
    /// As a command line with `--json` has it.
    #[cfg(test)]
    pub fn of(file: &Path, ca: PublicKey) -> Self {
        Self { file: file.to_owned(), ca, json: true }
    }

    /// Checks the file.
    #[must_use]
    pub fn run(&self) -> Verdict {
        let (claims, verdict) = judge(&self.file, &self.ca);
        if self.json {
            verdict.document(json!({"finding": claims.map(FindingKind::word), "listeners_word": LISTENERS_WORD}))
        } else {
            verdict
        }
    }
}

/// Checks a file of either kind.
#[cfg(test)]
pub fn check(path: &Path, ca: &PublicKey) -> Verdict {
    judge(path, ca).1
}

/// What the file claims to prove, and whether it holds.
fn judge(path: &Path, ca: &PublicKey) -> (Option<FindingKind>, Verdict) {
    let text = match input::text(path, input::JOURNAL_LEN_MAX) {
        Ok(text) => text,
        Err(error) => return (None, Verdict::Unreadable(format!("cannot read {}: {error}", path.display()))),
    };
    let (claims, checked) = match serde_json::from_str::<EvidenceFile>(&text) {
        Ok(file) => (FindingKind::of_word(&file.finding), check_evidence(&file, ca)),
        Err(_) => (None, check_captures(&text, ca)),
    };
    (claims, checked.unwrap_or_else(|words| Verdict::Unreadable(format!("{}: {words}", path.display()))))
}

fn check_evidence(file: &EvidenceFile, ca: &PublicKey) -> Result<Verdict, String> {
    if file.v != VERSION {
        return Err(format!("this is version {} of an evidence file, and {VERSION} is understood", file.v));
    }
    let kind = FindingKind::of_word(&file.finding).ok_or("it claims to prove something unknown")?;
    let finding = Finding { kind, first: file.first.capture()?, second: file.second.capture()? };
    if let Some(words) = misnamed(file, &finding) {
        return Ok(Verdict::Tampered(words));
    }
    Ok(match finding.check(ca) {
        Ok(()) if kind == FindingKind::Replay => Verdict::Claimed(claimed(&finding)),
        Ok(()) => Verdict::Holds(proven(&finding)),
        Err(bad) => Verdict::Tampered(bad.to_string()),
    })
}

/// Why the names beside the packs are not those that the packs have.
fn misnamed(file: &EvidenceFile, finding: &Finding) -> Option<String> {
    let packs = [&finding.first.presence, &finding.second.presence];
    let other = |what: &str, told: &str, signed: String| {
        (told != signed).then(|| format!("the file names {what} {told:?}, and the robot has signed {signed:?}"))
    };
    let id = packs.iter().find_map(|pack| other("the disclosure id", &file.disclosure_id, pack.id.to_string()));
    id.or_else(|| other("the robot", &file.robot, finding.second.presence.name.robot().to_string()))
}

/// Two histories under one key: the signatures say so, and nobody's word is needed.
fn proven(finding: &Finding) -> Vec<String> {
    let mut lines = lines(format!("PROVEN: {}: {}", finding.kind.word(), finding.kind.sentence()), finding);
    lines.push(format!("the listener's word, which nobody has signed: {}", LISTENERS_WORD.join(", ")));
    lines
}

/// A recording is told by when it was heard, and that the listener wrote down and nobody signed.
fn claimed(finding: &Finding) -> Vec<String> {
    let kind = finding.kind;
    let mut lines =
        lines(format!("CLAIMED BY THE LISTENER, not proven: {}: {}", kind.word(), kind.sentence()), finding);
    lines.push("signed: that this robot said both, and in which order it said them".into());
    lines.push(
        "the listener's word alone: when each was heard, so also that the older one was heard after the newer one"
            .into(),
    );
    lines
}

fn lines(first: String, finding: &Finding) -> Vec<String> {
    let second = &finding.second.presence;
    vec![
        first,
        format!("{}, disclosure id {}", second.name.text(), second.id),
        told("first", &finding.first),
        told("second", &finding.second),
    ]
}

fn told(which: &str, capture: &Capture) -> String {
    let presence = &capture.presence;
    format!(
        "{which}: made {}, heard (by the listener's word) {}, journal entry {} with the head {}",
        both(presence.time.to_wall()),
        both(capture.heard.to_wall()),
        presence.cseq,
        to_hex(&presence.head)
    )
}

/// A moment for people, and as the file has it.
fn both(at: WallTime) -> String {
    format!("{} ({} ms since 1970)", moment(at.0), at.0)
}

/// Every capture must hold, and none may stand against any before it.
fn check_captures(text: &str, ca: &PublicKey) -> Result<Verdict, String> {
    let mut captures: Vec<Capture> = Vec::new();
    let mut heard = Heard::default();
    for (number, line) in text.lines().enumerate() {
        let at = |words: String| format!("line {}: {words}", number + 1);
        let line: CaptureLine = serde_json::from_str(line).map_err(|e| at(format!("no capture: {e}")))?;
        let capture = line.capture().map_err(at)?;
        if let Err(reason) = capture.check(ca) {
            return Ok(Verdict::Tampered(at(reason.to_string())));
        }
        if let Some(finding) = heard.against(&captures, &capture) {
            return Ok(against(&finding, at));
        }
        heard.add(captures.len(), &capture);
        captures.push(capture);
    }
    if captures.is_empty() {
        return Ok(Verdict::Incomplete("there is no capture in it".into()));
    }
    Ok(Verdict::Holds(summary(&captures)))
}

/// What two lines of one file say against each other. Their signatures were checked before; hearing times have none.
fn against(finding: &Finding, at: impl Fn(String) -> String) -> Verdict {
    match finding.kind {
        FindingKind::Clone | FindingKind::Rollback => Verdict::Tampered(at(proven(finding).join("; "))),
        FindingKind::Replay => Verdict::Claimed(vec![at(claimed(finding).join("; "))]),
    }
}

fn summary(captures: &[Capture]) -> Vec<String> {
    let robots: BTreeSet<_> = captures.iter().map(|capture| capture.presence.name.text()).collect();
    let mut lines =
        vec![format!("captures that hold, signed by their robots and endorsed by this CA: {}", captures.len())];
    lines.extend(robots);
    lines.extend(captures.last().map(|last| told("newest", last)));
    let program = invocation::program();
    lines.push(format!("number and head can be given to `{program} journal FILE --head NUMBER:HEAD`"));
    lines
}
