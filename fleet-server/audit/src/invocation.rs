//! How this program was called: a command that is printed can be run as it is printed, from where the person stands.

use std::path::Path;

/// The words before an audit's name, `fleet audit` or `fleet-audit`, as this process was called.
#[must_use]
pub fn program() -> String {
    let called = std::env::args_os().next().unwrap_or_else(|| "fleet-audit".into());
    prefix(Path::new(&called))
}

fn prefix(called: &Path) -> String {
    let audit = if called.file_name().is_some_and(|name| name == "fleet") { " audit" } else { "" };
    word(called) + audit
}

/// A path as one word of a command line: quoted if a shell would make something else of it, and never an option.
#[must_use]
pub fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_printed_as_the_program_was_called() {
        assert_eq!(prefix(Path::new("target/release/fleet")), "target/release/fleet audit");
        assert_eq!(prefix(Path::new("fleet-audit")), "fleet-audit");
    }

    #[test]
    fn a_path_is_one_word_for_a_shell_and_no_option() {
        for path in ["a b/it's", "-x", "plain/r-1.json", "$(date)", "`x`", "*", "", "ä"] {
            let script = format!("printf %s {}", word(Path::new(path)));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(printed.strip_prefix("./").unwrap_or(&printed), path);
            assert!(!printed.starts_with('-'));
        }
    }
}
