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
mod verdict;

use clap::Subcommand;
pub use listen::Listen;
use shared::audit::{Audited, JournalExport, check};
use shared::seal::{PublicKey, to_hex};
use shared::wire::Decode;
use std::path::{Path, PathBuf};
pub use verdict::Verdict;

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
        /// Print one JSON document, also when the file does not hold or cannot be read.
        #[arg(long)]
        json: bool,
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
        /// Print one JSON document, also when the file does not hold or cannot be read.
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    /// Carries out the audit.
    #[must_use]
    pub fn run(&self) -> Verdict {
        match self {
            Self::Journal { file, head, firmware_key, json } => {
                let found = journal_in(file, head.as_deref(), firmware_key.as_deref());
                found.unwrap_or_else(Verdict::Unreadable).printed(*json)
            }
            Self::Disclosure(args) => args.run(),
            Self::Listen(listen) => listen.run(),
            Self::Evidence { file, ca, json } => evidence::check(file, ca).printed(*json),
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
    fn a_program_reads_a_code_whatever_is_wrong_with_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let told = |bytes: &[u8]| {
            let file = dir.path().join("r-1.journal");
            std::fs::write(&file, bytes).unwrap();
            let verdict = Audit::Journal { file, head: None, firmware_key: None, json: true }.run();
            let document: serde_json::Value = serde_json::from_str(&verdict.lines().join("\n")).unwrap();
            assert_eq!(document["exit"], verdict.exit_code());
            assert!(document["words"][0].is_string());
            document["code"].as_str().unwrap().to_owned()
        };
        let (whole, _) = export(3);
        let mut changed = whole.clone();
        changed.entries[1].body[1] ^= 1;
        let bytes = shared::wire::to_bytes(&whole);
        assert_eq!(told(&bytes), "holds");
        assert_eq!(told(&shared::wire::to_bytes(&changed)), "tampered");
        assert_eq!(told(&bytes[..bytes.len() / 2]), "unreadable");
        assert_eq!(told(b"not a journal"), "unreadable");
    }

    #[test]
    fn a_changed_entry_is_tampering_and_any_other_file_unreadable() {
        let (mut changed, _) = export(3);
        changed.entries[1].body[1] ^= 1;
        assert_eq!(journal(&changed, None).exit_code(), 1);
        let nowhere = |json| Audit::Journal { file: "/nowhere".into(), head: None, firmware_key: None, json };
        assert_eq!((nowhere(false).run().exit_code(), nowhere(true).run().exit_code()), (3, 3));
    }
}
