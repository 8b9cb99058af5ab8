//! What a person's hands can do at the panel.

use serde::{Deserialize, Serialize};

/// One act. There are no others: nothing here starts a robot, and nothing here ends a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Look.
    Status,
    /// Push the button in; it latches.
    Press,
    /// Pull the button out.
    Release,
    /// Hold the reset down.
    ResetPress,
    /// Let the reset go.
    ResetRelease,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "do")]
    act: Act,
}

/// Reads one line.
///
/// # Errors
/// The sentence that goes back to whoever wrote it.
pub fn parse(line: &[u8]) -> Result<Act, String> {
    let request: Result<Request, _> = serde_json::from_slice(line);
    request.map(|request| request.act).map_err(|_| {
        r#"a request is {"do":"status"}, or press, release, reset_press, reset_release instead of status"#.to_owned()
    })
}

/// The act as a line.
#[must_use]
pub fn line(act: Act) -> String {
    let text = serde_json::to_string(&Request { act }).expect("an act always has a JSON form");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_comes_back_from_its_line() {
        for act in [Act::Status, Act::Press, Act::Release, Act::ResetPress, Act::ResetRelease] {
            assert_eq!(parse(line(act).as_bytes()), Ok(act));
        }
        assert_eq!(line(Act::ResetPress), "{\"do\":\"reset_press\"}\n");
    }

    #[test]
    fn anything_else_is_refused_with_a_sentence() {
        for garbage in
            [&b""[..], b"\xff\xfe", b"press", b"{}", br#"{"do":"arm"}"#, br#"{"do":"press","x":1}"#, b"[[[[[[[["]
        {
            assert!(parse(garbage).is_err());
        }
    }
}
