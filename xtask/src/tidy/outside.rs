//! Nothing in the repository points out of it: it must make sense wherever it is cloned.

use super::finding::Finding;
use super::tree::File;

/// Folders of one machine. Put together here, so that this file keeps its own rule.
const MACHINE: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/home", "/"), concat!("CONTRACT", ".md")];

/// Paths of somebody's machine, and paths that climb above the repository's root.
pub fn findings(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().enumerate();
    lines.filter_map(|(index, line)| outside(file, line).map(|path| at(file, index + 1, path))).collect()
}

fn outside(file: &File, line: &str) -> Option<String> {
    let machine = MACHINE.iter().find(|path| begins_in(line, path)).map(|path| (*path).to_owned());
    machine.or_else(|| climbs_out(file, line))
}

/// `/x/` in `a/x/b` is no path of a machine.
fn begins_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(is_path))
}

fn climbs_out(file: &File, line: &str) -> Option<String> {
    let depth = file.path.matches('/').count();
    let starts = line.match_indices("../").map(|(at, _)| at).filter(|at| !line[..*at].ends_with(is_path));
    let mut paths = starts.map(|at| line[at..].split(|character| !is_path(character)).next().unwrap_or_default());
    paths.find(|path| path.matches("../").count() > depth && !is_attack(path)).map(str::to_owned)
}

/// Tests of servers ask for files that nobody may have.
fn is_attack(path: &str) -> bool {
    path.contains("../etc/") || path.ends_with("../")
}

fn is_path(character: char) -> bool {
    character.is_alphanumeric() || "/._-$}".contains(character)
}

fn at(file: &File, line: usize, path: String) -> Finding {
    let why = "nothing here may depend on what lies outside the repository".to_owned();
    Finding { path: file.path.clone(), line, rule: "outside", what: format!("names {path}"), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        findings(&File::new(path, text.to_owned())).len()
    }

    #[test]
    fn a_folder_of_one_machine_is_refused() {
        assert_eq!(found("README.md", &format!("see {}main/x", MACHINE[0])), 1);
        assert_eq!(found("README.md", &format!("see a{}b", MACHINE[0])), 0);
    }

    #[test]
    fn a_path_above_the_root_is_refused() {
        let above = format!("see `{}shared/DESIGN.md`", "../");
        assert_eq!(found("README.md", &above), 1);
        assert_eq!(found("docs/ARCHITECTURE.md", &above), 0);
        assert_eq!(found("docs/ARCHITECTURE.md", &above.replace("../", "../../")), 1);
    }

    #[test]
    fn an_attack_in_a_test_is_no_path_of_ours() {
        assert_eq!(found("x.rs", &format!("get(\"{}etc/passwd\")", "../")), 0);
    }
}
