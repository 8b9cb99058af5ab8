//! `journal`: one robot's exported chain: is it unbroken, and does a head that a bystander captured stand in it?
//!
//! It says as plainly what it could not check: an export from the robot carries no signatures.

mod chain;
mod head;
#[cfg(test)]
mod tests;
mod unchecked;

use crate::{Verdict, firmware, input};
use chain::Whole;
use head::Head;
use serde_json::{Value, json};
use shared::audit::JournalExport;
use shared::seal::PublicKey;
use std::path::{Path, PathBuf};
use unchecked::Unchecked;

/// What is to be checked.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The export.
    file: PathBuf,
    /// A head that a beacon or another copy has shown, as HEAD or NUMBER:HEAD in hexadecimal digits: does it stand in this chain?
    #[arg(long)]
    head: Option<Head>,
    /// The public key of the robot's safety controller, in hexadecimal digits: has it signed the events in the journal that
    /// are its own?
    #[arg(long, value_parser = PublicKey::parse)]
    firmware_key: Option<PublicKey>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Reads an export for its entries; its chain is for the reader to check.
///
/// # Errors
/// What is wrong with it, for people.
pub fn read(file: &Path) -> Result<JournalExport, String> {
    let bytes = bytes(file)?;
    shared::wire::from_whole(&bytes).map_err(|e| format!("{} is not a journal: {e}", file.display()))
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    input::bytes(file, input::JOURNAL_LEN_MAX).map_err(|e| format!("cannot read {}: {e}", file.display()))
}

impl Args {
    /// Checks the export.
    #[must_use]
    pub fn run(&self) -> Verdict {
        let read = bytes(&self.file).map_err(Verdict::Unreadable);
        match read.and_then(|bytes| Whole::read(&bytes)) {
            Err(verdict) if self.json => verdict.document(json!({})),
            Err(verdict) => verdict,
            Ok(whole) if self.json => self.judge(&whole).document(self.about(&whole)),
            Ok(whole) => self.judge(&whole),
        }
    }

    fn judge(&self, whole: &Whole) -> Verdict {
        let found = self.head.as_ref().map_or_else(|| Verdict::Holds(vec![]), |head| stands(whole, head));
        let said = Verdict::Holds(words(whole)).and_then(|| found);
        let unchecked = self.unchecked(whole).iter().map(Unchecked::sentence).collect();
        said.and_then(|| firmware::judge(&whole.export, self.firmware_key.as_ref()))
            .and_then(|| Verdict::Holds(unchecked))
    }

    fn number_of_head(&self, whole: &Whole) -> Option<u64> {
        let head = self.head.as_ref()?;
        whole.heads().find(|(_, hash)| head.is_of(hash)).map(|(number, _)| number)
    }

    fn unchecked(&self, whole: &Whole) -> Vec<Unchecked> {
        let author = self.number_of_head(whole).map_or(Unchecked::Author, |number| Unchecked::AuthorOfHead { number });
        let beginning = || Unchecked::Beginning { behind: whole.behind, head: whole.ends().0 };
        let of_controller = self.firmware_key.is_none() && firmware::is_in(&whole.export);
        let all = [
            Some(author),
            (whole.behind > 0).then(beginning),
            self.head.is_none().then_some(Unchecked::End),
            of_controller.then_some(Unchecked::ControllerSignatures),
        ];
        all.into_iter().flatten().collect()
    }

    fn about(&self, whole: &Whole) -> Value {
        let unchecked: Vec<Value> = self.unchecked(whole).iter().map(Unchecked::document).collect();
        json!({"robot": whole.export.robot.as_str(), "epoch": format!("{:?}", whole.export.epoch), "behind": whole.behind,
            "last": whole.last(), "head": whole.ends().1, "captured": self.number_of_head(whole), "not_checked": unchecked})
    }
}

fn words(whole: &Whole) -> Vec<String> {
    let (export, behind) = (&whole.export, whole.behind);
    let from = if behind > 0 { format!(" behind entry {behind}") } else { String::new() };
    vec![
        format!(
            "robot {}, epoch {:?}: {} entries form one chain{from}",
            export.robot,
            export.epoch,
            export.entries.len()
        ),
        format!("its head is {}", whole.ends().1),
    ]
}

/// Whether the journal has the head that somebody captured: then it is what the robot was committed to, up to there.
fn stands(whole: &Whole, head: &Head) -> Verdict {
    let last = whole.last();
    match whole.heads().find(|(_, hash)| head.is_of(hash)) {
        None => Verdict::HeadNowhere(head.why_nowhere(whole.behind, last)),
        Some((number, _)) if head.is_misnumbered(number) => Verdict::HeadNowhere(format!(
            "entry {number} has that head, and the capture is said to be of another entry: one of both was copied wrongly"
        )),
        Some((number, _)) => Verdict::Holds(vec![format!(
            "the capture commits to entry {number} of {last}, and the journal holds it{}",
            if number == last { ": nothing is missing at the end, as of the capture" } else { "" }
        )]),
    }
}
