//! A log of JSON lines, whose last line may be torn.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// Reads every line. A last line without its end that cannot be read is left out: its writer was killed in it.
///
/// # Errors
/// When the file cannot be read, or another line than a torn last one cannot; the sentence names file and line.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&bytes).with_context(|| format!("cannot read {}", path.display()))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(value) => found.push(value),
            Err(_) if !line.ends_with(b"\n") => break,
            Err(error) => bail!("line {number}: {error}"),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::history::{Act, Deed, Event, Phase, Truth};

    #[test]
    fn a_torn_last_line_is_left_out_and_any_other_is_refused() {
        assert_eq!(parse::<u8>(b"1\n2\n3").unwrap(), [1, 2, 3]);
        assert_eq!(parse::<Vec<u8>>(b"[1]\n[2").unwrap(), [[1]]);
        let error = parse::<Vec<u8>>(b"[1]\n[2\n[3]\n").unwrap_err();
        assert!(error.to_string().starts_with("line 2"), "{error}");
        assert!(parse::<Vec<u8>>(b"[1]\n[2\n").is_err());
    }

    #[test]
    fn the_lines_of_body_controller_and_supervisor_are_understood() {
        let truth = br#"{"t_ms":1,"ev":"start","x_cm":1,"y_cm":2}
            {"t_ms":2,"ev":"line","on":true}
            {"t_ms":3,"ev":"moved","x_cm":1,"y_cm":2,"d_mm":12}
            {"t_ms":4,"ev":"begun","order":"00000000000000ff","step":1,"act":"pick"}
            {"t_ms":5,"ev":"finished","order":"00000000000000ff","step":1,"act":"pick","count":1}
            {"t_ms":6,"ev":"battery","permille":900}
            "#;
        let truth: Vec<Truth> = parse(truth).unwrap();
        let deeds: Vec<Deed> = truth.into_iter().map(|truth| truth.what).collect();
        let begun = Deed::Begun { order: 255, step: 1 };
        let finished = Deed::Finished { order: 255, step: 1, act: "pick".to_owned() };
        assert_eq!(deeds, [Deed::Other, Deed::Other, Deed::Moved { d_mm: 12 }, begun, finished, Deed::Other]);
        let event =
            br#"{"n":1,"t_ms":7,"boot":1,"trip_epoch":9,"ev":"trip","cause":"button","prev":"","hash":"","sig":""}"#;
        assert_eq!(parse::<Event>(event).unwrap(), [Event { t_ms: 7, ev: "trip".to_owned() }]);
        let act = br#"{"t_ms":8,"act":"cut","robot":null,"by":"script","phase":"before"}"#;
        assert_eq!(parse::<Act>(act).unwrap()[0].phase, Phase::Before);
    }
}
