//! `fleet robot telemetry`: a robot's history of measurements, as a table, a document or a spreadsheet.

use super::client::{Client, Failure, document, name};
use super::table::{cell, table};
use serde_json::{Value, json};

/// Rows of the table: the newest.
const SHOWN: usize = 20;

/// The columns of the spreadsheet, by their names in a document.
const COLUMNS: [&str; 18] = [
    "epoch",
    "number",
    "covers",
    "at_ms",
    "boot",
    "mono_ms",
    "x_cm",
    "y_cm",
    "battery_permille",
    "phase",
    "doing",
    "moving",
    "holds",
    "task",
    "fence",
    "step",
    "awaits_person",
    "heard",
];

/// Arguments of `fleet robot telemetry`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The robot.
    robot: String,
    /// Samples at or after this moment, in milliseconds since 1970.
    #[arg(long)]
    from: Option<u64>,
    /// Samples at or before this moment.
    #[arg(long)]
    to: Option<u64>,
    /// Print comma-separated values: one line for each sample, and one for each loss with its numbers.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Reads page by page and returns what is printed.
pub fn telemetry(client: &Client, args: &Args, is_json: bool) -> Result<String, Failure> {
    let whole = whole(client, args)?;
    Ok(match (is_json, args.csv) {
        (true, _) => document(&whole),
        (false, true) => csv(&whole),
        (false, false) => shown(&whole),
    })
}

fn whole(client: &Client, args: &Args) -> Result<Value, Failure> {
    let robot = name(&args.robot)?;
    let bound = |name: &str, value: Option<u64>| value.map_or(String::new(), |value| format!("&{name}={value}"));
    let window = bound("from", args.from) + &bound("to", args.to);
    let (mut samples, mut lost, mut after) = (vec![], vec![], 0);
    loop {
        let mut page = client.get(&format!("/v1/robots/{robot}/telemetry?after={after}{window}"))?;
        let mut take = |key: &str| page[key].as_array_mut().map(std::mem::take).unwrap_or_default();
        samples.append(&mut take("samples"));
        lost.append(&mut take("lost"));
        match page["next"].as_u64().filter(|next| *next > after) {
            Some(next) => after = next,
            None => return Ok(json!({ "robot": robot, "samples": samples, "lost": lost })),
        }
    }
}

fn list<'a>(whole: &'a Value, key: &str) -> &'a [Value] {
    whole[key].as_array().map_or(&[], Vec::as_slice)
}

fn shown(whole: &Value) -> String {
    let (samples, lost) = (list(whole, "samples"), list(whole, "lost"));
    let header = ["AT", "NUMBER", "X", "Y", "BATTERY", "INTERLOCK", "DOING", "STEP"];
    let columns = ["at_ms", "number", "x_cm", "y_cm", "battery_permille", "phase", "doing", "step"];
    let newest = &samples[samples.len().saturating_sub(SHOWN)..];
    let rows: Vec<[String; 8]> = newest.iter().map(|sample| columns.map(|column| cell(&sample[column]))).collect();
    let losses: Vec<String> =
        lost.iter().map(|loss| format!("{} to {}", cell(&loss["first"]), cell(&loss["last"]))).collect();
    let lost = if losses.is_empty() { "none".to_owned() } else { losses.join(", ") };
    format!("{} samples, numbers lost: {lost}; the newest:\n{}", samples.len(), table(header, &rows))
}

fn csv(whole: &Value) -> String {
    let line = |cells: Vec<String>| cells.join(",");
    let value = |value: &Value| if value.is_null() { String::new() } else { cell(value) };
    let head = line(COLUMNS.iter().map(ToString::to_string).chain(["lost_from".to_owned()]).collect());
    let samples = list(whole, "samples")
        .iter()
        .map(|sample| line(COLUMNS.iter().map(|column| value(&sample[*column])).chain([String::new()]).collect()));
    let losses = list(whole, "lost").iter().map(|loss| {
        let known = |column: &&str| match *column {
            "epoch" => value(&loss["epoch"]),
            "number" => value(&loss["last"]),
            _ => String::new(),
        };
        line(COLUMNS.iter().map(known).chain([value(&loss["first"])]).collect())
    });
    std::iter::once(head).chain(samples).chain(losses).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Value {
        json!({
            "samples": [{"epoch": "05", "number": 3, "covers": 2, "at_ms": 9000, "x_cm": -4, "phase": "energised", "heard": true}],
            "lost": [{"epoch": "05", "first": 4, "last": 4096, "received_ms": 1}],
        })
    }

    #[test]
    fn a_spreadsheet_has_as_many_cells_in_every_line_and_names_losses() {
        let csv = csv(&found());
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines.iter().all(|line| line.split(',').count() == COLUMNS.len() + 1), "{csv}");
        assert!(lines[1].starts_with("05,3,2,9000,") && lines[1].contains(",-4,,,energised,"));
        assert!(lines[2].starts_with("05,4096,") && lines[2].ends_with(",4"));
    }

    #[test]
    fn a_table_says_how_much_there_is_and_what_is_lost() {
        assert!(shown(&found()).starts_with("1 samples, numbers lost: 4 to 4096; the newest:\nAT"));
        assert!(shown(&json!({})).starts_with("0 samples, numbers lost: none"));
    }
}
