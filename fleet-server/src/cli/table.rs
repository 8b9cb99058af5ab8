//! Tables for people: columns as wide as their widest cell.

use serde_json::Value;

/// A table with a header.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(|column| width(column).max(header[column].chars().count()));
    let head = line(&header.map(str::to_owned), &widths);
    let body = rows.iter().map(|row| line(row, &widths));
    std::iter::once(head).chain(body).collect::<Vec<_>>().join("\n")
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// A value as a cell; `-` for none.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An age as people say it; `never` for none.
pub fn age(ms: &Value) -> String {
    match ms.as_u64() {
        None => "never".into(),
        Some(ms) if ms < 2000 => format!("{ms}ms ago"),
        Some(ms) if ms < 120_000 => format!("{}s ago", ms / 1000),
        Some(ms) if ms < 7_200_000 => format!("{}m ago", ms / 60_000),
        Some(ms) => format!("{}h ago", ms / 3_600_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let rows = [["r-1".to_owned(), "ok".to_owned()], ["r-100".to_owned(), String::new()]];
        assert_eq!(table(["ROBOT", "STATE"], &rows), "ROBOT  STATE\nr-1    ok\nr-100");
    }

    #[test]
    fn silence_is_not_an_age() {
        assert_eq!(
            (age(&json!(null)), age(&json!(3000)), age(&json!(180_000))),
            ("never".into(), "3s ago".into(), "3m ago".into())
        );
    }
}
