//! What a person's hands can do at the panel.

use crate::plant::Defect;
use serde::{Deserialize, Serialize};

/// One act. There are no others: nothing here starts a robot, and nothing here ends a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Look.
    Status,
    /// Push the button in; it latches.
    Press,
    /// Push the button for this many milliseconds. It latches, however short: the contacts and the latch are one piece.
    Tap {
        /// 1 to 10,000.
        ms: u32,
    },
    /// Pull the button out.
    Release,
    /// Hold the reset down.
    ResetPress,
    /// Let the reset go.
    ResetRelease,
    /// Break a part of the hardware, or put sound parts in.
    Inject(Defect),
    /// Take the power away and give it back.
    PowerBlip,
}

/// Longest tap, in milliseconds.
const TAP_MS_MAX: u32 = 10_000;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Status,
    Press,
    Tap,
    Release,
    ResetPress,
    ResetRelease,
    Inject,
    PowerBlip,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "do")]
    word: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<Defect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<u32>,
}

impl Request {
    fn act(&self) -> Option<Act> {
        match (self.word, self.fault, self.ms) {
            (Word::Status, None, None) => Some(Act::Status),
            (Word::Press, None, None) => Some(Act::Press),
            (Word::Tap, None, Some(ms @ 1..=TAP_MS_MAX)) => Some(Act::Tap { ms }),
            (Word::Release, None, None) => Some(Act::Release),
            (Word::ResetPress, None, None) => Some(Act::ResetPress),
            (Word::ResetRelease, None, None) => Some(Act::ResetRelease),
            (Word::Inject, Some(defect), None) => Some(Act::Inject(defect)),
            (Word::PowerBlip, None, None) => Some(Act::PowerBlip),
            _ => None,
        }
    }
}

impl From<Act> for Request {
    fn from(act: Act) -> Self {
        let plain = |word| Self { word, fault: None, ms: None };
        match act {
            Act::Status => plain(Word::Status),
            Act::Press => plain(Word::Press),
            Act::Tap { ms } => Self { ms: Some(ms), ..plain(Word::Tap) },
            Act::Release => plain(Word::Release),
            Act::ResetPress => plain(Word::ResetPress),
            Act::ResetRelease => plain(Word::ResetRelease),
            Act::Inject(defect) => Self { fault: Some(defect), ..plain(Word::Inject) },
            Act::PowerBlip => plain(Word::PowerBlip),
        }
    }
}

/// Reads one line.
///
/// # Errors
/// The sentence that goes back to whoever wrote it.
pub fn parse(line: &[u8]) -> Result<Act, String> {
    let request: Option<Request> = serde_json::from_slice(line).ok();
    request.and_then(|request| request.act()).ok_or_else(|| {
        r#"a request is {"do":"status"}, or press, release, reset_press, reset_release or power_blip instead of status; {"do":"tap","ms":5}; {"do":"inject","fault":"weld_1"}"#
            .to_owned()
    })
}

/// The act as a line.
#[must_use]
pub fn line(act: Act) -> String {
    let text = serde_json::to_string(&Request::from(act)).expect("an act always has a JSON form");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_comes_back_from_its_line() {
        let plain = [Act::Status, Act::Press, Act::Release, Act::ResetPress, Act::ResetRelease, Act::PowerBlip];
        let broken = Defect::ALL.map(Act::Inject);
        for act in plain.into_iter().chain(broken).chain([Act::Tap { ms: 1 }, Act::Tap { ms: TAP_MS_MAX }]) {
            assert_eq!(parse(line(act).as_bytes()), Ok(act));
        }
        assert_eq!(line(Act::ResetPress), "{\"do\":\"reset_press\"}\n");
        assert_eq!(line(Act::Inject(Defect::Weld1)), "{\"do\":\"inject\",\"fault\":\"weld_1\"}\n");
    }

    #[test]
    fn anything_else_is_refused_with_a_sentence() {
        let garbage = [
            &b""[..],
            b"\xff\xfe",
            b"press",
            b"{}",
            br#"{"do":"arm"}"#,
            br#"{"do":"press","x":1}"#,
            br#"{"do":"press","ms":5}"#,
            br#"{"do":"tap"}"#,
            br#"{"do":"tap","ms":0}"#,
            br#"{"do":"inject"}"#,
            br#"{"do":"inject","fault":"weld_3"}"#,
            b"[[[[[[[[",
        ];
        for line in garbage {
            assert!(parse(line).is_err());
        }
    }
}
