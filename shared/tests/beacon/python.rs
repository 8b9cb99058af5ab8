//! The page's other implementation, in Python's standard library alone, reads the vectors, and refuses a spoiled one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn run(vectors: &Path) -> Output {
    let mut command = Command::new("python3");
    command.arg(at_root("examples/beacon.py")).arg(vectors).output().expect("python3 has to be on the path")
}

#[test]
fn the_example_in_python_reads_the_vectors_and_refuses_a_changed_one() {
    let vectors = at_root("docs/beacon-vectors.txt");
    let read = run(&vectors);
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    assert_eq!(said.lines().filter(|line| line.contains("HUMANOID ROBOT r-0042")).count(), 3, "{said}");

    let text = std::fs::read_to_string(&vectors).unwrap();
    let line = text.lines().find(|line| line.starts_with("presence_ground = ")).unwrap();
    let last = if line.ends_with('0') { '1' } else { '0' };
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beacon-vectors.txt");
    std::fs::write(&dir, text.replace(line, &format!("{}{last}", &line[..line.len() - 1]))).unwrap();
    assert!(!run(&dir).status.success(), "a changed byte was taken");
}

#[test]
fn the_example_without_a_file_says_how_it_is_used() {
    let called = Command::new("python3").arg(at_root("examples/beacon.py")).output().unwrap();
    let said = String::from_utf8_lossy(&called.stderr).into_owned();
    assert!(!called.status.success() && said.starts_with("usage: ") && said.lines().count() == 1, "{said}");
}
