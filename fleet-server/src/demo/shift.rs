//! What the demo is about: the hall's map and the plan of the shift, by example or from files.
//!
//! Leaves to others: reading the plan's rows in earnest (the server's import), giving the work out (the server).

use anyhow::Context;
use shared::id::RobotId;
use shared::zone::Hall;
use std::path::Path;

const EXAMPLE_HALL: &str = include_str!("../../../examples/hall.json");
const EXAMPLE_SHIFT: &str = include_str!("../../../examples/shift.csv");

/// The map of a file, or the example.
///
/// # Errors
/// When the file cannot be read or is not a hall.
pub fn hall(file: Option<&Path>) -> anyhow::Result<Hall> {
    let Some(path) = file else { return example_hall() };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the hall {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not the map of a hall", path.display()))
}

/// The map of the example.
///
/// # Errors
/// Never: a test reads it.
pub fn example_hall() -> anyhow::Result<Hall> {
    serde_json::from_str(EXAMPLE_HALL).context("the example is not the map of a hall")
}

/// A plan to import, and how many rows were left out because their robot takes no part.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// As CSV.
    pub csv: String,
    /// Rows it has.
    pub rows: usize,
    /// Rows of robots that are not here.
    pub left_out: usize,
}

/// The plan of a file, or the example, for these robots. Rows that name none, or are malformed, are left for the server
/// to judge.
///
/// # Errors
/// When the file cannot be read.
pub fn plan(file: Option<&Path>, robots: &[RobotId]) -> anyhow::Result<Plan> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read the shift {}", path.display()))?
        }
        None => EXAMPLE_SHIFT.to_owned(),
    };
    Ok(for_robots(&text, robots))
}

// A plan in which the demo cannot tell the robots' column goes to the server as it is, which says what is wrong.
fn for_robots(text: &str, robots: &[RobotId]) -> Plan {
    select(text, robots).unwrap_or_else(|_| Plan { csv: text.to_owned(), rows: 0, left_out: 0 })
}

fn select(text: &str, robots: &[RobotId]) -> anyhow::Result<Plan> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let column = header.iter().position(|name| name == "robot").context("no column for robots")?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    let (mut rows, mut left_out) = (0, 0);
    for record in reader.records() {
        let record = record?;
        let name = record.get(column).unwrap_or_default();
        if is_absent_demo_robot(name, robots) {
            left_out += 1;
        } else {
            writer.write_record(&record)?;
            rows += 1;
        }
    }
    Ok(Plan { csv: String::from_utf8(writer.into_inner()?)?, rows, left_out })
}

// Only names the demo could have given: a name it never gives is a mistake that the server is to report.
fn is_absent_demo_robot(name: &str, robots: &[RobotId]) -> bool {
    let given = name.strip_prefix("r-").is_some_and(|number| number.parse::<u8>().is_ok());
    given && !robots.iter().any(|robot| robot.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::id::ZoneId;
    use shared::zone::Point;
    use std::collections::BTreeMap;

    fn robots(count: usize) -> Vec<RobotId> {
        (1..=count).map(|number| RobotId::parse(&format!("r-{number}")).unwrap()).collect()
    }

    #[test]
    fn the_example_has_forty_tasks_eight_for_each_robot() {
        let plan = plan(None, &robots(5)).unwrap();
        assert_eq!((plan.rows, plan.left_out), (40, 0));
        for robot in robots(5) {
            assert_eq!(plan.csv.lines().filter(|line| line.ends_with(robot.as_str())).count(), 8);
        }
    }

    #[test]
    fn a_smaller_demo_leaves_out_the_rows_of_absent_robots_only() {
        let one = plan(None, &robots(1)).unwrap();
        assert_eq!((one.rows, one.left_out), (8, 32));
        let strange = for_robots("title,robot\nx,forklift\ny,r-9\nz,\n", &robots(1));
        assert_eq!(strange.csv, "title,robot\nx,forklift\nz,\n");
        let malformed = "title\n\"unclosed";
        assert_eq!(for_robots(malformed, &robots(1)).csv, malformed);
    }

    #[test]
    fn the_examples_zones_have_their_stations_inside_and_do_not_overlap() {
        let hall = example_hall().unwrap();
        assert_eq!(hall.zones.len(), 6);
        for (place, zone) in hall.zones.iter().enumerate() {
            let inside = |at: Point| {
                zone.from.x_cm <= at.x_cm
                    && at.x_cm <= zone.to.x_cm
                    && zone.from.y_cm <= at.y_cm
                    && at.y_cm <= zone.to.y_cm
            };
            assert!(inside(zone.station), "{}", zone.id);
            for other in &hall.zones[place + 1..] {
                let apart = zone.to.x_cm < other.from.x_cm
                    || other.to.x_cm < zone.from.x_cm
                    || zone.to.y_cm < other.from.y_cm
                    || other.to.y_cm < zone.from.y_cm;
                assert!(apart, "{} and {}", zone.id, other.id);
            }
        }
    }

    // Seconds of a robot's whole plan at 1.5 m/s, by the lengths of work that the server gives each kind.
    fn seconds(rows: &[csv::StringRecord], hall: &Hall) -> f64 {
        let station = |name: &str| hall.zone(&ZoneId::parse(name).unwrap()).unwrap().station;
        let mut at = station(&rows[0][2]);
        let mut walk = |to: Point| {
            let (dx, dy) = (f64::from(to.x_cm - at.x_cm), f64::from(to.y_cm - at.y_cm));
            at = to;
            dx.hypot(dy) / 150.0
        };
        let mut one = |row: &csv::StringRecord| match &row[1] {
            "kitting" => walk(station(&row[3])) + 2.0 + walk(station(&row[2])) + 2.0,
            "machine_tending" => walk(station(&row[2])) + 4.0,
            "inspection" => walk(station(&row[2])) + 3.0,
            "charging" => walk(station(&row[2])) + 1.0,
            other => panic!("{other} is no kind of work"),
        };
        rows.iter().map(&mut one).sum()
    }

    #[test]
    fn a_task_takes_about_ten_seconds_and_the_battery_lasts_the_shift() {
        let hall = example_hall().unwrap();
        let mut by_robot: BTreeMap<String, Vec<csv::StringRecord>> = BTreeMap::new();
        for row in csv::Reader::from_reader(EXAMPLE_SHIFT.as_bytes()).records().map(Result::unwrap) {
            by_robot.entry(row[6].to_owned()).or_default().push(row);
        }
        for (robot, rows) in by_robot {
            let seconds = seconds(&rows, &hall);
            assert!((60.0..=100.0).contains(&seconds), "{robot} needs {seconds} s");
            assert!(seconds * 2.5 < 500.0, "{robot} would use up more than half of its battery");
        }
    }
}
