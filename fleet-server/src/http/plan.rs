//! A shift plan as comma-separated values (RFC 4180): read whole or refused with line, column and reason.

use super::problem::Problem;
use super::shape::usual_priority;
use fleet_core::NewTask;
use shared::id::{RobotId, TaskId, ZoneId};
use shared::task::TaskKind;
use shared::time::WallTime;

/// The columns, in any order in the file.
const COLUMNS: [&str; 7] = ["title", "kind", "zone", "from", "priority", "due", "robot"];

/// Latest wish for "due", in minutes from now: a year.
const DUE_MINUTES_MAX: u64 = 366 * 24 * 60;

/// A task with the line it stood on.
#[derive(Debug)]
pub struct PlanRow {
    /// From 1, the header's.
    pub line: u64,
    /// The task.
    pub task: NewTask,
}

/// Reads every row, or refuses all with the first that is wrong. `id` draws an identity for each.
pub fn read(bytes: &[u8], wall: WallTime, mut id: impl FnMut() -> TaskId) -> Result<Vec<PlanRow>, Problem> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let places = places(reader.headers().map_err(|e| unreadable(&e))?)?;
    let mut rows = vec![];
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { line, record: &record, places: &places };
        rows.push(PlanRow { line, task: row.task(wall, id())? });
    }
    Ok(rows)
}

fn places(header: &csv::StringRecord) -> Result<[usize; 7], Problem> {
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        let reason = format!("there is no such column; the columns are {}", COLUMNS.join(", "));
        return Err(Problem::cell(1, unknown, reason));
    }
    let mut places = [0; 7];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|column| column == name);
        *place = found.ok_or_else(|| Problem::cell(1, name, "the column is missing".into()))?;
    }
    Ok(places)
}

fn unreadable(error: &csv::Error) -> Problem {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Problem::cell(line, "-", format!("the row has {len} fields, the header {expected_len}"))
        }
        _ => Problem::cell(line, "-", error.to_string()),
    }
}

struct Row<'a> {
    line: u64,
    record: &'a csv::StringRecord,
    places: &'a [usize; 7],
}

impl Row<'_> {
    fn task(&self, wall: WallTime, id: TaskId) -> Result<NewTask, Problem> {
        Ok(NewTask {
            id,
            title: self.text("title").to_owned(),
            kind: self.kind()?,
            zone: self.parse("zone", ZoneId::parse)?,
            from: self.optional("from", ZoneId::parse)?,
            priority: self.optional("priority", str::parse::<u8>)?.unwrap_or_else(usual_priority),
            due_ms: self.due(wall)?,
            robot: self.optional("robot", RobotId::parse)?,
        })
    }

    fn text(&self, column: &str) -> &str {
        let place = COLUMNS.iter().position(|name| *name == column).expect("a column of ours");
        self.record.get(self.places[place]).unwrap_or_default()
    }

    fn parse<T, E: std::fmt::Display>(&self, column: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, Problem> {
        let text = self.text(column);
        parse(text).map_err(|e| self.bad(column, &e))
    }

    fn optional<T, E: std::fmt::Display>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        if self.text(column).is_empty() { Ok(None) } else { self.parse(column, parse).map(Some) }
    }

    fn kind(&self) -> Result<TaskKind, Problem> {
        match self.text("kind") {
            "kitting" => Ok(TaskKind::Kitting),
            "machine_tending" => Ok(TaskKind::MachineTending),
            "inspection" => Ok(TaskKind::Inspection),
            "charging" => Ok(TaskKind::Charging),
            other => {
                let reason = format!("{other:?} is none of kitting, machine_tending, inspection, charging");
                Err(self.bad("kind", &reason))
            }
        }
    }

    fn due(&self, wall: WallTime) -> Result<Option<u64>, Problem> {
        let minutes = self.optional("due", str::parse::<u64>)?;
        match minutes {
            Some(minutes) if minutes > DUE_MINUTES_MAX => {
                Err(self.bad("due", &format!("{minutes} minutes are more than {DUE_MINUTES_MAX}")))
            }
            Some(minutes) => Ok(Some(wall.0 + minutes * 60_000)),
            None => Ok(None),
        }
    }

    fn bad(&self, column: &str, reason: &dyn std::fmt::Display) -> Problem {
        Problem::cell(self.line, column, reason.to_string())
    }
}

/// The refusal of one row of an import as a problem of its line.
pub fn refused_row(lines: &[u64], refusal: fleet_core::Refusal) -> Problem {
    match refusal.row.and_then(|row| lines.get(row)) {
        Some(line) => {
            let column = refusal.field.unwrap_or("-");
            Problem::cell(*line, column, refusal.detail)
        }
        None => refusal.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::refusal::Code;

    const HEADER: &str = "title,kind,zone,from,priority,due,robot\n";

    fn read_text(text: &str) -> Result<Vec<PlanRow>, Problem> {
        read(text.as_bytes(), WallTime(1000), || TaskId::from_bytes([1; 16]))
    }

    fn place(text: &str) -> (u64, String) {
        let problem = read_text(text).unwrap_err();
        assert_eq!(problem.code, Code::BadRow);
        let cell = problem.cell.unwrap();
        (cell.line, cell.column)
    }

    #[test]
    fn a_good_plan_is_read_with_its_defaults() {
        let rows =
            read_text(&format!("{HEADER}Bring a kit,kitting,cell-a,kitting,1,30,r-1\nLook,inspection,gate,,,,\n"));
        let rows = rows.unwrap();
        assert_eq!((rows[0].task.priority, rows[0].task.due_ms), (1, Some(1000 + 30 * 60_000)));
        assert_eq!((rows[1].task.priority, rows[1].task.due_ms, rows[1].line), (3, None, 3));
    }

    #[test]
    fn the_first_wrong_cell_is_named() {
        assert_eq!(place(&format!("{HEADER}a,kitting,cell-a,b,1,,r-1\nb,dance,gate,,,,\n")), (3, "kind".into()));
        assert_eq!(place(&format!("{HEADER}a,inspection,GATE,,1,,\n")), (2, "zone".into()));
        assert_eq!(place(&format!("{HEADER}a,inspection,gate,,x,,\n")), (2, "priority".into()));
        assert_eq!(place(&format!("{HEADER}a,inspection,gate,,1,99999999999,\n")), (2, "due".into()));
        assert_eq!(place(&format!("{HEADER}a,inspection\n")), (2, "-".into()));
        assert_eq!(place("title,kind\n"), (1, "zone".into()));
        assert_eq!(place("title,colour\n"), (1, "colour".into()));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let bytes = [HEADER.as_bytes(), &[0xff, 0xfe, b'\n']].concat();
        assert!(read(&bytes, WallTime(0), || TaskId::from_bytes([1; 16])).is_err());
    }
}
