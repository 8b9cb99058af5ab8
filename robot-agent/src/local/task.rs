//! Words about a task at the agent's own door: `show`, `set`, `text`, `append`, `tick`, `untick`, then the task's number or
//! long id, then what is written, in hexadecimal digits. The answer is the task as it is here, in such digits too.

use robot_core::{LocalAsk, LocalEdit, ShownTask};
use shared::checklist::Content;
use shared::field::FieldValue;
use shared::seal::{from_hex, to_hex};
use shared::task::TaskRow;
use shared::wire::{from_bytes, to_bytes};

/// A task as the agent showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its fields.
    pub row: TaskRow,
    /// Its note.
    pub note: Content,
    /// How many edits of it the server has not settled.
    pub waiting: usize,
}

/// The question that says this.
#[must_use]
pub fn question(task: &str, edit: &LocalEdit) -> String {
    let (verb, written) = match edit {
        LocalEdit::Show => ("show", vec![]),
        LocalEdit::Set(value) => ("set", to_bytes(value)),
        LocalEdit::Text(text) => ("text", text.clone().into_bytes()),
        LocalEdit::Append(line) => ("append", line.clone().into_bytes()),
        LocalEdit::Check { item, done: true } => ("tick", item.clone().into_bytes()),
        LocalEdit::Check { item, done: false } => ("untick", item.clone().into_bytes()),
    };
    format!("{verb} {task} {}", to_hex(&written)).trim_end().to_owned()
}

/// What a question says.
pub(super) fn parse(verb: &str, task: &str, written: Option<&str>) -> Option<LocalAsk> {
    let bytes = from_hex(written.unwrap_or_default()).ok()?;
    let text = || String::from_utf8(bytes.clone()).ok();
    let edit = match verb {
        "show" if bytes.is_empty() => LocalEdit::Show,
        "set" => LocalEdit::Set(from_bytes::<FieldValue>(&bytes).ok()?),
        "text" => LocalEdit::Text(text()?),
        "append" => LocalEdit::Append(text()?),
        "tick" => LocalEdit::Check { item: text()?, done: true },
        "untick" => LocalEdit::Check { item: text()?, done: false },
        _ => return None,
    };
    Some(LocalAsk::Task(task.to_owned(), edit))
}

/// The answer's line.
pub(super) fn words(shown: &ShownTask) -> String {
    format!("task {} {} {}", to_hex(&to_bytes(&shown.row)), to_hex(&to_bytes(&shown.note)), shown.waiting)
}

/// The task in an answer.
///
/// # Errors
/// The answer itself when it is something else.
pub fn shown(answer: &str) -> Result<Shown, String> {
    read(answer).ok_or_else(|| answer.to_owned())
}

fn read(answer: &str) -> Option<Shown> {
    let mut words = answer.strip_prefix("task ")?.split(' ');
    let mut bytes = || from_hex(words.next()?).ok();
    let (row, note) = (from_bytes(&bytes()?).ok()?, from_bytes(&bytes()?).ok()?);
    Some(Shown { row, note, waiting: words.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_comes_back_and_another_is_none() {
        let edits = [
            LocalEdit::Show,
            LocalEdit::Set(FieldValue::Due(None)),
            LocalEdit::Text("two\nlines".into()),
            LocalEdit::Text(String::new()),
            LocalEdit::Append("ü".into()),
            LocalEdit::Check { item: "seal it".into(), done: true },
            LocalEdit::Check { item: "seal it".into(), done: false },
        ];
        for edit in edits {
            let asked = question("T-00001", &edit);
            let mut words = asked.split(' ');
            let (verb, task) = (words.next().unwrap(), words.next().unwrap());
            assert_eq!(parse(verb, task, words.next()), Some(LocalAsk::Task("T-00001".into(), edit)));
        }
        for (verb, written) in
            [("show", Some("00")), ("set", Some("zz")), ("set", None), ("text", Some("ff")), ("arm", None)]
        {
            assert_eq!(parse(verb, "T-00001", written), None, "{verb}");
        }
        assert!(shown("refused: no").is_err() && shown("task 00 00 0").is_err());
    }
}
