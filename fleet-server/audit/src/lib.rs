//! The offline verifier: checks what happened without trusting the operator, the server or the robot.
//!
//! It reads files and the air, knows the vocabulary and nothing of the fleet's programs. `fleet audit` calls the same code.

mod anchored;
mod ca;
mod clock;
pub mod disclosure;
mod evidence;
mod firmware;
mod listen;

use clap::Subcommand;
pub use listen::Listen;
use shared::audit::{Audited, JournalExport, check};
use shared::seal::{PublicKey, to_hex};
use shared::wire::Decode;
use std::path::{Path, PathBuf};

/// What can be checked.
#[derive(Clone, Debug, Subcommand)]
pub enum Audit {
    /// A robot's journal, as `robot-agent store export` wrote it: is it one unbroken chain?
    Journal {
        /// The file.
        file: PathBuf,
        /// The head that a beacon or another copy has shown, in hexadecimal digits: is it the end of this chain?
        #[arg(long)]
        head: Option<String>,
        /// The public key of the robot's safety controller, in hexadecimal digits: has it signed the events in the journal that
        /// are its own?
        #[arg(long)]
        firmware_key: Option<String>,
    },
    /// When robots had energy, moved, and were heard to say that they are machines: per day, with every gap and its cause.
    Disclosure(disclosure::Args),
    /// The air: which robots are near, and are they what they say? It needs no server.
    Listen(Listen),
    /// What a bystander kept: do the captures hold, and do two of them prove what the file claims?
    Evidence {
        /// A file of `listen --dir`.
        file: PathBuf,
        /// The public key of the site's CA: 64 hexadecimal digits, or a file with them.
        #[arg(long, value_parser = ca::parse)]
        ca: PublicKey,
    },
}

/// How an audit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that was checked holds; the lines say what that was, and what was not.
    Holds(Vec<String>),
    /// Proof that something was changed, or is missing inside.
    Tampered(String),
    /// Nothing was disproved, and something is missing.
    Incomplete(String),
    /// The file is not what it should be.
    Unreadable(String),
    /// A document that says what holds and what does not.
    Report {
        /// The document.
        text: String,
        /// As the others' codes; 4 for a promise that was broken, 5 for a part that the robot has not signed.
        exit: u8,
    },
    /// Everything was shown while it went on.
    Shown {
        /// How it ends: 0, 1 or 2 as above.
        code: u8,
        /// The last line.
        last: String,
    },
}

impl Verdict {
    /// 0 holds, 1 tampered, 2 incomplete, 3 unreadable, 4 a promise was broken, 5 a part is not signed by the robot.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Holds(_) => 0,
            Self::Tampered(_) => 1,
            Self::Incomplete(_) => 2,
            Self::Unreadable(_) => 3,
            Self::Shown { code, .. } => *code,
            Self::Report { exit, .. } => *exit,
        }
    }

    /// The same with what a further check says, unless this one has failed already.
    fn and_then(self, further: impl FnOnce() -> Self) -> Self {
        let Self::Holds(mut lines) = self else { return self };
        match further() {
            Self::Holds(more) => {
                lines.extend(more);
                Self::Holds(lines)
            }
            failed @ (Self::Tampered(_)
            | Self::Incomplete(_)
            | Self::Unreadable(_)
            | Self::Report { .. }
            | Self::Shown { .. }) => failed,
        }
    }

    /// What to print.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Holds(lines) => lines.clone(),
            Self::Tampered(words) => vec![format!("TAMPERED: {words}")],
            Self::Incomplete(words) => vec![format!("INCOMPLETE: {words}")],
            Self::Unreadable(words) => vec![format!("UNREADABLE: {words}")],
            Self::Report { text, .. } => vec![text.clone()],
            Self::Shown { last, .. } => vec![last.clone()],
        }
    }
}

impl Audit {
    /// Carries out the audit.
    #[must_use]
    pub fn run(&self) -> Verdict {
        match self {
            Self::Journal { file, head, firmware_key } => {
                journal_in(file, head.as_deref(), firmware_key.as_deref()).unwrap_or_else(Verdict::Unreadable)
            }
            Self::Disclosure(args) => args.run(),
            Self::Listen(listen) => listen.run(),
            Self::Evidence { file, ca } => evidence::check(file, ca),
        }
    }
}

fn journal_in(file: &Path, head: Option<&str>, firmware_key: Option<&str>) -> Result<Verdict, String> {
    let key = firmware_key.map(PublicKey::parse).transpose().map_err(|e| format!("--firmware-key is no key: {e}"))?;
    let export: JournalExport = read(file)?;
    // A journal without its beginning is read by the same reader, and has more to say.
    let verdict = if export.v == 2 { anchored::journal(&read_as(file)?, head) } else { journal(&export, head) };
    Ok(verdict.and_then(|| firmware::judge(&export, key.as_ref())))
}

fn read(file: &Path) -> Result<JournalExport, String> {
    read_as(file)
}

fn read_as<T: for<'b> Decode<'b, ()>>(file: &Path) -> Result<T, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    shared::wire::from_bytes(&bytes).map_err(|e| format!("{} is not a journal: {e}", file.display()))
}

fn journal(export: &JournalExport, head: Option<&str>) -> Verdict {
    match check(export) {
        Err(broken) => Verdict::Tampered(format!("robot {}: {broken}", export.robot)),
        Ok(audited) => compare(export, &audited, head),
    }
}

fn compare(export: &JournalExport, audited: &Audited, head: Option<&str>) -> Verdict {
    let found = to_hex(&audited.chain.head.0);
    let lines = vec![
        format!("robot {}, epoch {:?}: {} entries form one chain", export.robot, export.epoch, audited.chain.cseq),
        format!("its head is {found}"),
    ];
    at_the_end(lines, &found, head)
}

/// Whether anything is missing at the end.
fn at_the_end(mut lines: Vec<String>, found: &str, head: Option<&str>) -> Verdict {
    match head {
        // A beacon carries the first half of the head.
        Some(wanted) if wanted.len() >= 32 && found.starts_with(&wanted.to_ascii_lowercase()) => {
            lines.push("the head is the one that was given: nothing is missing at the end".into());
            Verdict::Holds(lines)
        }
        Some(wanted) => Verdict::Incomplete(format!(
            "the chain holds and ends at {found}; the head that was given is {wanted}: entries are missing at the end, or it is \
             of another moment"
        )),
        None => {
            lines.push("not checked: whether entries are missing at the end (give --head from a beacon)".into());
            Verdict::Holds(lines)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::fact::Fact;
    use shared::hlc::Hlc;
    use shared::id::RobotId;
    use shared::journal::{Boot, Chain, Epoch, Stamp};
    use shared::time::Instant;
    use shared::wire::robot_to_fleet::Carried;

    fn export(count: u64) -> (JournalExport, String) {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        let entries = (0..count).map(|number| Carried::from(&chain.append(&Fact::Resumed { number }, stamp))).collect();
        (JournalExport { v: 1, robot, epoch: Epoch(1), entries }, to_hex(&chain.head.0))
    }

    #[test]
    fn a_cut_tail_is_found_by_the_head_that_a_beacon_has_shown() {
        let (whole, head) = export(3);
        assert_eq!(journal(&whole, Some(&head[..32])).exit_code(), 0);
        let (cut, _) = export(2);
        assert_eq!(journal(&cut, Some(&head[..32])).exit_code(), 2);
        assert_eq!(journal(&cut, Some("")).exit_code(), 2, "an empty head proves nothing");
        assert_eq!(journal(&cut, None).exit_code(), 0);
    }

    #[test]
    fn a_changed_entry_is_tampering_and_any_other_file_unreadable() {
        let (mut changed, _) = export(3);
        changed.entries[1].body[1] ^= 1;
        assert_eq!(journal(&changed, None).exit_code(), 1);
        assert_eq!(Audit::Journal { file: "/nowhere".into(), head: None, firmware_key: None }.run().exit_code(), 3);
    }
}
