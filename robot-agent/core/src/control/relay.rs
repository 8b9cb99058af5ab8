//! The firmware's own record on its way to the journal: fragments come in, whole lines go out.
//!
//! The firmware tells every line again and again, so whatever is lost here or behind comes once more. Which lines are new is
//! the driver's to say, who knows what is on disk.

use interlock_link::{Assembler, Fragment};

/// The line that is being put together, and those that are whole.
#[derive(Debug, Default)]
pub struct Relay {
    assembler: Assembler,
    lines: Vec<String>,
}

impl Relay {
    /// Takes the next fragment. What is no text is no line of a record, which is told again if it was one.
    pub fn take(&mut self, fragment: &Fragment) {
        let whole = self.assembler.take(fragment).and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        self.lines.extend(whole.map(str::to_owned));
    }

    /// The whole lines since the last call.
    pub fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_come_out_once_and_what_is_no_text_does_not() {
        let mut relay = Relay::default();
        for line in [&b"a line that takes more than one frame"[..], b"\xff\xfe", b"another"] {
            (0..).map_while(|place| Fragment::cut(1, line, place)).for_each(|fragment| relay.take(&fragment));
        }
        assert_eq!(relay.take_lines(), ["a line that takes more than one frame", "another"]);
        assert!(relay.take_lines().is_empty());
    }
}
