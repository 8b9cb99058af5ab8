//! The truth log: what the body really did, one JSON line each, and the body's memory.
//!
//! Nobody but the body writes it, and it is never rewritten. It is not forced to disk with every line: it has to
//! survive the death of a process, which a write does, not of the machine, whose body would be lost anyway.

use super::goal::Deed;
use super::physics::{Memory, held_after};
use crate::lines;
use interlock_link::Act;
use serde::{Deserialize, Serialize};
use shared::time::Instant;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// One line: what happened, and when by the machine's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Milliseconds since the machine's boot.
    pub t_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen to a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum Event {
    /// The process began; the body stands here, its line is off.
    Start {
        /// Centimetres east.
        x_cm: i16,
        /// Centimetres north.
        y_cm: i16,
    },
    /// The motor line went on or off.
    Line {
        /// Whether there is torque now.
        on: bool,
    },
    /// It began to come to rest in a crouch, with the torque that is left to it for that.
    Crouch,
    /// It moved.
    Moved {
        /// Where to, centimetres east.
        x_cm: i16,
        /// Where to, centimetres north.
        y_cm: i16,
        /// Millimetres since the last such line.
        d_mm: u32,
    },
    /// The first torque was spent on a step.
    Begun {
        /// The order, as 16 hexadecimal digits.
        order: String,
        /// The step.
        step: u8,
        /// What is done.
        act: String,
    },
    /// A step was finished.
    Finished {
        /// The order, as 16 hexadecimal digits.
        order: String,
        /// The step.
        step: u8,
        /// What was done.
        act: String,
        /// How often it is done now.
        count: u8,
    },
    /// The battery's charge.
    Battery {
        /// 0 to 1000.
        permille: u16,
    },
}

/// The log, open for the next line.
#[derive(Debug)]
pub struct Truth {
    file: File,
}

/// What the log says about the past.
#[derive(Debug, Default, PartialEq)]
pub struct Past {
    /// The body's memory; `None` when the log had no usable line.
    pub memory: Option<Memory>,
    /// Whether the last process died with its line on.
    pub line_on: bool,
    /// Lines that are not of this kind; they are left where they are.
    pub unreadable: usize,
    /// Bytes of a line that a kill tore off; kept in a file beside.
    pub torn: usize,
}

impl Truth {
    /// Opens the log and replays it.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<(Self, Past)> {
        let lines = lines::open(path)?;
        let mut past = replay(&lines.whole);
        past.torn = lines.torn.len();
        Ok((Self { file: lines.file }, past))
    }

    /// Writes one line.
    ///
    /// # Errors
    /// When the file cannot be written: a body whose deeds leave no trace must not go on.
    pub fn write(&mut self, at: Instant, event: Event) -> io::Result<()> {
        let mut line = serde_json::to_string(&Line { t_ms: at.0, event })?;
        line.push('\n');
        self.file.write_all(line.as_bytes())
    }
}

impl From<Deed> for Event {
    fn from(deed: Deed) -> Self {
        let name = |order: u64| format!("{order:016x}");
        match deed {
            Deed::Begun { order, step, act } => Self::Begun { order: name(order), step, act: act_word(act).into() },
            Deed::Finished { order, step, act, count } => {
                Self::Finished { order: name(order), step, act: act_word(act).into(), count }
            }
        }
    }
}

/// The word of an act in the truth log.
#[must_use]
pub const fn act_word(act: Act) -> &'static str {
    match act {
        Act::Rest => "rest",
        Act::Walk => "walk",
        Act::Pick => "pick",
        Act::Place => "place",
        Act::Inspect => "inspect",
        Act::Tend => "tend",
        Act::Charge => "charge",
        Act::Crouch => "crouch",
    }
}

fn act_named(word: &str) -> Option<Act> {
    Act::ALL.into_iter().find(|act| act_word(*act) == word)
}

fn replay(lines: &[String]) -> Past {
    let mut past = Past::default();
    for line in lines {
        match serde_json::from_str::<Line>(line) {
            Ok(line) => past.take(line.event),
            Err(_) => past.unreadable += 1,
        }
    }
    past
}

impl Past {
    fn take(&mut self, event: Event) {
        if let Event::Line { on } = event {
            self.line_on = on;
            return;
        }
        let full = || Memory { battery_permille: 1000.0, ..Memory::default() };
        let memory = self.memory.get_or_insert_with(full);
        match event {
            Event::Start { x_cm, y_cm } | Event::Moved { x_cm, y_cm, .. } => {
                memory.x_mm = f64::from(x_cm) * 10.0;
                memory.y_mm = f64::from(y_cm) * 10.0;
            }
            Event::Battery { permille } => memory.battery_permille = f64::from(permille),
            Event::Finished { order, step, act, count } => remember(memory, &order, step, &act, count),
            Event::Begun { .. } | Event::Line { .. } | Event::Crouch => {}
        }
    }
}

fn remember(memory: &mut Memory, order: &str, step: u8, act: &str, count: u8) {
    let Ok(order) = u64::from_str_radix(order, 16) else { return };
    memory.counts.insert((order, step), count);
    if let Some(act) = act_named(act) {
        memory.held = held_after(act, memory.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_have_the_agreed_form() {
        let deed = Deed::Finished { order: 0xab, step: 3, act: Act::Pick, count: 2 };
        let line = Line { t_ms: 5, event: deed.into() };
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(text, r#"{"t_ms":5,"ev":"finished","order":"00000000000000ab","step":3,"act":"pick","count":2}"#);
        let line = Line { t_ms: 6, event: Event::Moved { x_cm: -1, y_cm: 2, d_mm: 30 } };
        assert_eq!(serde_json::to_string(&line).unwrap(), r#"{"t_ms":6,"ev":"moved","x_cm":-1,"y_cm":2,"d_mm":30}"#);
    }

    #[test]
    fn a_body_killed_in_the_middle_of_a_line_remembers_all_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("truth.jsonl");
        let (mut truth, past) = Truth::open(&path).unwrap();
        assert_eq!(past, Past::default());
        let pick = Deed::Finished { order: 7, step: 1, act: Act::Pick, count: 1 };
        for event in [
            Event::Start { x_cm: 10, y_cm: 20 },
            Event::Line { on: true },
            Event::Moved { x_cm: 30, y_cm: 40, d_mm: 283 },
            pick.into(),
            Event::Battery { permille: 640 },
        ] {
            truth.write(Instant(1), event).unwrap();
        }
        truth.file.write_all(br#"{"t_ms":9,"ev":"moved","x_cm":99"#).unwrap();
        let (_, past) = Truth::open(&path).unwrap();
        let memory = past.memory.unwrap();
        assert_eq!((memory.x_mm, memory.y_mm, memory.battery_permille, memory.held), (300.0, 400.0, 640.0, true));
        assert_eq!(memory.counts.get(&(7, 1)), Some(&1));
        assert!(past.line_on && past.torn > 0 && past.unreadable == 0);
    }

    #[test]
    fn a_line_of_another_kind_is_counted_and_passed_over() {
        let lines = ["{\"ev\":\"flew\"}".to_owned(), r#"{"t_ms":1,"ev":"battery","permille":5}"#.to_owned()];
        let past = replay(&lines);
        assert_eq!((past.unreadable, past.memory.map(|m| m.battery_permille)), (1, Some(5.0)));
    }
}
