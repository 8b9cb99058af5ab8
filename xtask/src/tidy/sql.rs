//! No SQL outside `replica/` and `store/`.
//!
//! A literal counts as SQL when it begins like a statement or a clause: in capitals or in small letters, as SQL is
//! written, but not like the first word of a sentence.

use super::finding::Finding;
use super::tree::File;

/// Where databases are spoken to. Tests read them as evidence.
const PLACES: [&str; 2] = ["robot-agent/src/replica", "fleet-server/src/store"];

/// First word, and a word that has to follow it.
const STATEMENTS: [(&str, &str); 14] = [
    ("select", "from"),
    ("insert", "into"),
    ("insert", "or"),
    ("update", "set"),
    ("delete", "from"),
    ("replace", "into"),
    ("create", "table"),
    ("create", "index"),
    ("create", "unique"),
    ("create", "trigger"),
    ("alter", "table"),
    ("drop", "table"),
    ("begin", "immediate"),
    ("pragma", ""),
];

/// Statements in the wrong place, and files of them.
pub fn findings(file: &File) -> Vec<Finding> {
    if PLACES.iter().any(|place| file.is_at(place)) || file.is_test() || file.is_rule() {
        return Vec::new();
    }
    if file.path.ends_with(".sql") {
        return vec![at(file, 1, "a file of SQL".to_owned())];
    }
    let mut findings = Vec::new();
    for (index, line) in file.rust.iter().flatten().enumerate().filter(|(_, line)| !line.is_test) {
        let statements = line.literals.iter().filter(|literal| is_sql(literal));
        findings.extend(statements.map(|literal| at(file, index + 1, format!("{:?}", beginning(literal)))));
    }
    findings
}

fn is_sql(literal: &str) -> bool {
    let mut words = literal.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let is_sentence = first.chars().any(char::is_lowercase) && first.chars().any(char::is_uppercase);
    let rest: Vec<&str> =
        words.filter(|word| word.chars().all(char::is_lowercase) || word.chars().all(char::is_uppercase)).collect();
    let fits = |(start, follows): &(&str, &str)| {
        first.eq_ignore_ascii_case(start)
            && (follows.is_empty() || rest.iter().any(|word| word.eq_ignore_ascii_case(follows)))
    };
    !is_sentence && STATEMENTS.iter().any(fits)
}

fn beginning(literal: &str) -> String {
    literal.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

fn at(file: &File, line: usize, what: String) -> Finding {
    let why = "SQL stays in replica/ and store/, behind plain structs".to_owned();
    Finding { path: file.path.clone(), line, rule: "sql", what, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&File::new(path, text.to_owned())).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_statement_is_refused_outside_its_place() {
        let text = "//! x\nlet a = \"\n  SELECT id\n FROM task\";\nlet b = \"pragma user_version\";\n";
        assert_eq!(found("fleet-server/src/writer.rs", text), ["\"SELECT id FROM task\"", "\"pragma user_version\""]);
    }

    #[test]
    fn it_may_stand_in_its_place_and_in_tests() {
        let text = "f(\"INSERT INTO fact VALUES (?1)\");";
        assert_eq!(found("fleet-server/src/store/fact.rs", text), Vec::<String>::new());
        assert_eq!(found("tests/src/evidence.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_sentence_is_no_statement() {
        let text =
            "f(\"Select a robot from the list\"); g(\"update the robot\"); h(\"select: none\"); // SELECT 1 FROM x";
        assert_eq!(found("fleet-server/src/cli/task.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_file_of_sql_is_refused_too() {
        assert_eq!(found("fleet-server/src/001.sql", "whatever"), ["a file of SQL"]);
        assert_eq!(found("robot-agent/src/replica/001.sql", "whatever"), Vec::<String>::new());
    }
}
