//! The terminal of the live panel: every key at once, one picture in place of the other, and as it was at the end.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use std::io::{self, Read, Write};

use crate::clock::timeout_ms;

/// The other screen, without a cursor; and back.
const BEGIN: &str = "\x1b[?1049h\x1b[?25l";
const END: &str = "\x1b[?25h\x1b[?1049l";
/// Of a terminal that does not say how wide it is.
const WIDTH: usize = 80;

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Push the button in.
    Press,
    /// Pull the button out.
    Release,
    /// Hold the reset down, or let it go.
    Reset,
    /// Go away.
    Quit,
}

/// A terminal that was taken over; dropping it gives it back.
#[derive(Debug)]
pub struct Terminal {
    before: Termios,
}

impl Terminal {
    /// Takes it over.
    ///
    /// # Errors
    /// When standard input is no terminal, or cannot be drawn on.
    pub fn open() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        let terminal = Self { before };
        write(BEGIN)?;
        Ok(terminal)
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        tcgetwinsize(io::stdout()).ok().map_or(WIDTH, |size| if size.ws_col == 0 { WIDTH } else { size.ws_col.into() })
    }

    /// Draws these lines in place of the last ones.
    ///
    /// # Errors
    /// When nothing can be drawn any more.
    pub fn draw(&self, lines: &[String]) -> io::Result<()> {
        let rows: String = lines.iter().map(|line| format!("{line}\x1b[K\r\n")).collect();
        write(&format!("\x1b[H{rows}\x1b[J"))
    }

    /// The keys that were hit, after the first of them or after this time. The end of the input is a [`Key::Quit`].
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn keys(&self, wait_ms: u64) -> io::Result<Vec<Key>> {
        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut fds, Some(&timeout_ms(wait_ms)))? == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = [0; 64];
        let length = stdin.lock().read(&mut bytes)?;
        Ok(if length == 0 { vec![Key::Quit] } else { meant(&bytes[..length]) })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _gone = write(END);
        let _gone = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// What the bytes of some keys mean. A key that sends more than one byte begins with an escape and means nothing here.
fn meant(bytes: &[u8]) -> Vec<Key> {
    let until_escape = bytes.iter().take_while(|byte| **byte != 0x1b);
    until_escape
        .filter_map(|byte| match byte {
            b' ' | b'p' => Some(Key::Press),
            b'r' => Some(Key::Release),
            b'h' => Some(Key::Reset),
            // Also control-c and control-d, which are plain bytes here.
            b'q' | 0x03 | 0x04 => Some(Key::Quit),
            _ => None,
        })
        .collect()
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_they_say_and_an_arrow_is_none() {
        assert_eq!(meant(b" prhq"), [Key::Press, Key::Press, Key::Release, Key::Reset, Key::Quit]);
        assert_eq!(meant(b"\x03x\r\xff"), [Key::Quit]);
        assert_eq!(meant(b"\x1b[Apr"), []);
    }
}
