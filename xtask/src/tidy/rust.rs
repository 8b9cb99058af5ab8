//! Rust taken apart line by line: code without comments, and string literals.
//!
//! Only as much of the language is understood as tells the three apart: comments (nested too), strings (raw ones too),
//! and characters, which must not be taken for lifetimes.

/// One line of a Rust file.
#[derive(Default)]
pub struct Line {
    /// The code, with comments left out and every literal emptied.
    pub code: String,
    /// The string literals that begin on this line.
    pub literals: Vec<String>,
    /// Whether it belongs to a `#[cfg(test)]` module, which in this house ends its file.
    pub is_test: bool,
}

/// The lines of a Rust file, from the first.
pub fn lines(text: &str) -> Vec<Line> {
    let mut reader = Reader { rest: text, lines: vec![Line::default()] };
    while !reader.rest.is_empty() {
        reader.step();
    }
    mark_tests(&mut reader.lines);
    reader.lines
}

fn mark_tests(lines: &mut [Line]) {
    let is_attribute = |line: &Line| line.code.trim() == "#[cfg(test)]";
    let is_module = |line: &Line| line.code.trim_start().starts_with("mod ") && line.code.contains('{');
    let first = lines.windows(2).position(|pair| is_attribute(&pair[0]) && is_module(&pair[1]));
    for line in lines.iter_mut().skip(first.unwrap_or(usize::MAX)) {
        line.is_test = true;
    }
}

/// Walks through the text; `lines` always ends with the line it is on.
struct Reader<'a> {
    rest: &'a str,
    lines: Vec<Line>,
}

impl Reader<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some((opening, body, all)) = literal(self.rest, self.follows_word()) {
            let contents = self.rest[opening..opening + body].to_owned();
            self.line().literals.push(contents);
            self.line().code.push_str("\"\"");
            self.skip(all);
        } else if let Some(length) = character(self.rest) {
            self.line().code.push_str("' '");
            self.skip(length);
        } else {
            self.copy();
        }
    }

    fn line(&mut self) -> &mut Line {
        self.lines.last_mut().expect("there is a line from the start, and none is taken away")
    }

    fn follows_word(&mut self) -> bool {
        self.line().code.ends_with(is_word)
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.lines.extend(skipped.matches('\n').map(|_| Line::default()));
    }

    fn copy(&mut self) {
        let Some(next) = self.rest.chars().next() else { return };
        if next != '\n' {
            self.line().code.push(next);
        }
        self.skip(next.len_utf8());
    }
}

/// Whether this character may stand in a name.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Length of the block comment at the start of `text`; comments in comments count.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The string literal at the start of `text`: length of its opening, of its contents, and of all of it.
fn literal(text: &str, follows_word: bool) -> Option<(usize, usize, usize)> {
    let prefix = ["br", "cr", "r", "b", "c"].into_iter().find(|prefix| text.starts_with(prefix) && !follows_word);
    let prefix = prefix.unwrap_or("");
    let hashes = text[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let is_raw = prefix.ends_with('r');
    let opening = prefix.len() + hashes + 1;
    if !text[prefix.len() + hashes..].starts_with('"') || (hashes > 0 && !is_raw) {
        return None;
    }
    let body = if is_raw { raw_body(&text[opening..], hashes) } else { escaped_body(&text[opening..]) };
    Some((opening, body, (opening + body + 1 + hashes).min(text.len())))
}

fn raw_body(text: &str, hashes: usize) -> usize {
    text.find(&format!("\"{}", "#".repeat(hashes))).unwrap_or(text.len())
}

fn escaped_body(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !is_escaped => return at,
            _ => is_escaped = character == '\\' && !is_escaped,
        }
    }
    text.len()
}

/// Length of the character literal at the start of `text`; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.strip_prefix('\'')?.char_indices();
    match characters.next()? {
        (_, '\\') => Some(characters.skip(1).find(|(_, character)| *character == '\'')?.0 + 2),
        _ => characters.next().filter(|(_, character)| *character == '\'').map(|(at, _)| at + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let lines: Vec<String> = lines(text).into_iter().map(|line| line.code).collect();
        lines.join("\n")
    }

    fn literals(text: &str) -> Vec<String> {
        lines(text).into_iter().flat_map(|line| line.literals).collect()
    }

    #[test]
    fn comments_are_left_out_and_lines_kept() {
        assert_eq!(code("a // tokio\nb /* x\n /* y */ z */ c"), "a \nb \n c");
    }

    #[test]
    fn strings_are_taken_out() {
        assert_eq!(code(r#"f("a\"b // no", 'c')"#), "f(\"\", ' ')");
        assert_eq!(literals(r#"f("a\"b // no", "d")"#), [r#"a\"b // no"#, "d"]);
    }

    #[test]
    fn raw_and_byte_strings_are_strings() {
        assert_eq!(literals("r#\"x\"y\"# br\"z\" b\"w\" for\"v\""), ["x\"y", "z", "w", "v"]);
        assert_eq!(code("r#type"), "r#type");
    }

    #[test]
    fn a_quote_character_opens_no_string() {
        assert_eq!(code(r#"'"' '\'' '\u{1F}' <'a> x"#), "' ' ' ' ' ' <'a> x");
    }

    #[test]
    fn a_string_over_two_lines_belongs_to_its_first() {
        let lines = lines("f(\"a\nb\");\ng");
        assert_eq!(lines[0].literals, ["a\nb"]);
        assert_eq!(lines[2].code, "g");
    }

    #[test]
    fn the_tests_at_the_end_are_marked() {
        let lines = lines("a\n#[cfg(test)]\nimpl A {}\n#[cfg(test)]\nmod tests {\n}\n");
        let marks: Vec<bool> = lines.iter().map(|line| line.is_test).collect();
        assert_eq!(marks, [false, false, false, true, true, true, true]);
    }
}
