//! What the safety controller's own lines in a journal prove: they outrank what the agent saw, so it has to be told whether
//! anybody has checked who wrote them, and whether some are not there.

use super::journal::Journal;
use shared::fact::Fact;
use shared::firmware_record::list::check;
use shared::journal::Record;
use shared::seal::PublicKey;

/// One robot's controller, over all epochs of its journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controller {
    /// How many events.
    pub events: u64,
    /// How many are not there, inside.
    pub missing: u64,
    /// Whether each was found to be signed by the key that was given.
    pub is_signed: bool,
    /// Why they are not one controller's record, if that is proved.
    pub wrong: Option<String>,
}

impl Controller {
    /// Checks the lines of all journals of one robot; signatures where a key is given.
    #[must_use]
    pub fn of(journals: &[Journal], key: Option<&PublicKey>) -> Self {
        let line = |record: &Record| match record.fact() {
            Some(Fact::Firmware { line }) => Some(line),
            _ => None,
        };
        let lines: Vec<String> = journals.iter().flat_map(|journal| &journal.records).filter_map(line).collect();
        match check(lines.iter().map(String::as_str), key) {
            Ok(relayed) => {
                let missing = relayed.missing.iter().map(|(first, last)| last - first + 1);
                let missing = missing.fold(0, u64::saturating_add);
                Self { events: relayed.events, missing, is_signed: key.is_some(), wrong: None }
            }
            Err(why) => Self { events: lines.len() as u64, wrong: Some(why.to_string()), ..Self::default() },
        }
    }

    /// Whether there is none of a controller whose key was given: every controller writes its start.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.is_signed && self.events == 0
    }

    /// For people; `None` where the controller has told nothing.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        if let Some(why) = &self.wrong {
            return Some(format!("TAMPERED: {why}"));
        }
        if self.is_absent() {
            return Some("INCOMPLETE: there are no events of the safety controller".into());
        }
        let signed =
            if self.is_signed { "signed by its key" } else { "firmware's lines not checked: give --firmware-key" };
        let missing = if self.missing == 0 {
            "none missing between".to_owned()
        } else {
            format!("INCOMPLETE: {} between them are missing", self.missing)
        };
        (self.events > 0).then(|| format!("{} events of the safety controller, {missing}; {signed}", self.events))
    }

    /// In a word, for programs.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match (&self.wrong, self.events, self.is_signed) {
            (Some(_), ..) => "wrong",
            (None, 0, _) => "none",
            (None, _, true) => "signed",
            (None, _, false) => "not_checked",
        }
    }
}
