//! The panel as lines of text: a pure function of what the firmware answered.
//!
//! Colour only repeats a word that stands in the same line.

use crate::words::{as_sentence, reason_of};
use serde_json::Value;

/// Narrower than this a line is not broken.
const WIDTH_MIN: usize = 30;
/// Where the values begin.
const INDENT: usize = 12;

/// What a person at the panel sees.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The firmware's newest answer, or why there is none.
    pub answer: Result<Value, String>,
    /// For how long this hand holds the reset, in milliseconds of the firmware's clock.
    pub held_ms: Option<u64>,
}

/// The panel in lines of at most `width` columns.
#[must_use]
pub fn lines(seen: &Seen, width: usize) -> Vec<String> {
    let mut lines = match &seen.answer {
        Ok(status) => shown(status, seen.held_ms, width),
        Err(words) => broken(&format!("No answer. {}. Trying again.", as_sentence(words)), 0, width),
    };
    lines.push(String::new());
    lines.extend(broken("space press   r release   h hold the reset / let it go   q quit", 0, width));
    lines
}

fn shown(status: &Value, held_ms: Option<u64>, width: usize) -> Vec<String> {
    let word = |name: &str| status[name].as_str().unwrap_or("?").to_owned();
    let mut lines = vec![format!("Robot {}. Simulated hardware.", word("robot")), String::new()];
    lines.push(row("lamp", &coloured(&word("lamp"))));
    lines.extend(broken(&word("words"), INDENT, width));
    lines.push(String::new());
    let rows = [
        ("button", button(&word("button"))),
        ("reset", reset(&word("reset"), held_ms)),
        ("phase", format!("{}, trip {}", word("phase"), status["trip_epoch"])),
        ("last stop", reason_of(&word("cause")).unwrap_or("?").to_owned()),
        ("relays", either(status, "relays", "on", "off")),
        ("returns", format!("{} left by itself", status["returns_left"])),
        ("disclosure", either(status, "beacon_heard", "heard", "NOT heard: it may not move")),
        ("software", either(status, "agent_heard", "heard", "silent")),
        ("defect", word("defect")),
    ];
    lines.extend(rows.map(|(name, value)| row(name, &value)));
    lines
}

fn row(name: &str, value: &str) -> String {
    format!("{name:<INDENT$}{value}")
}

fn button(position: &str) -> String {
    match position {
        "pressed" => "PRESSED, latched".to_owned(),
        other => other.to_owned(),
    }
}

fn reset(position: &str, held_ms: Option<u64>) -> String {
    match (position, held_ms) {
        ("pressed", Some(ms)) => format!("held for {}.{} s; let go between 0.1 s and 3 s", ms / 1000, ms % 1000 / 100),
        ("pressed", None) => "pressed".to_owned(),
        (other, _) => other.to_owned(),
    }
}

fn either(status: &Value, name: &str, yes: &str, no: &str) -> String {
    match status[name].as_bool() {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => "?".to_owned(),
    }
}

fn coloured(lamp: &str) -> String {
    let code = match lamp {
        "red" => "97;41",
        "blue" => "97;44",
        "yellow" => "30;43",
        "green" => "30;42",
        _ => return lamp.to_owned(),
    };
    format!("\x1b[{code}m {lamp} \x1b[0m")
}

/// Breaks a text between its words.
fn broken(text: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.max(WIDTH_MIN) - indent;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| " ".repeat(indent) + &line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(changes: Value) -> Seen {
        let mut status = json!({
            "robot": "r-1", "lamp": "red", "button": "pressed", "reset": "released", "phase": "tripped", "cause": "button",
            "trip_epoch": 1004, "relays": false, "returns_left": 3, "beacon_heard": false, "agent_heard": true,
            "defect": "none", "words": "Stopped: the button was pressed. Release the button.",
        });
        let status_map = status.as_object_mut().unwrap();
        changes
            .as_object()
            .unwrap()
            .iter()
            .for_each(|(name, value)| drop(status_map.insert(name.clone(), value.clone())));
        Seen { answer: Ok(status), held_ms: None }
    }

    fn text(seen: &Seen) -> String {
        lines(seen, 80).join("\n")
    }

    #[test]
    fn it_shows_button_reset_lamp_phase_cause_returns_and_disclosure() {
        let text = text(&seen(json!({})));
        for words in [
            "Robot r-1. Simulated hardware.",
            "\x1b[97;41m red \x1b[0m",
            "Stopped: the button was pressed. Release the button.",
            "button      PRESSED, latched",
            "reset       released",
            "phase       tripped, trip 1004",
            "last stop   the button was pressed",
            "relays      off",
            "returns     3 left by itself",
            "disclosure  NOT heard",
            "software    heard",
            "q quit",
        ] {
            assert!(text.contains(words), "{words:?} is not in\n{text}");
        }
    }

    #[test]
    fn the_cause_of_the_last_stop_is_told_also_while_it_is_on() {
        let on = seen(json!({ "phase": "energised", "lamp": "green", "relays": true, "cause": "heartbeat" }));
        assert!(text(&on).contains("last stop   the robot's software was silent"));
    }

    #[test]
    fn a_held_reset_shows_for_how_long() {
        let mut held = seen(json!({ "reset": "pressed" }));
        held.held_ms = Some(1250);
        assert!(text(&held).contains("reset       held for 1.2 s; let go between 0.1 s and 3 s"));
    }

    #[test]
    fn no_answer_is_told_in_words_and_the_keys_stay() {
        let none = Seen { answer: Err("the panel does not answer: it is gone".into()), held_ms: None };
        let text = text(&none);
        assert!(
            text.starts_with("No answer. The panel does not answer: it is gone. Trying again.")
                && text.contains("q quit")
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_but_for_a_single_word() {
        for width in [0, 30, 40, 80] {
            let longest = broken(&"word ".repeat(40), INDENT, width).iter().map(String::len).max().unwrap();
            assert!(longest <= width.max(WIDTH_MIN));
        }
    }
}
