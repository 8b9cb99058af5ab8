//! `firmware-sim panel` without a word: the panel as a person sees it, and keys for what the hands do.
//!
//! A terminal tells of no key that is let go, so holding the reset takes two: one to hold, one to let go. Whoever quits
//! takes the hand away; the button stays where it is.

use super::client::Client;
use super::request::Act;
use super::terminal::{Key, Terminal};
use super::view::{Seen, lines};
use crate::fault::Fault;
use serde_json::Value;
use std::path::{Path, PathBuf};

const LOOK_EVERY_MS: u64 = 100;

/// Shows the panel until the person quits.
///
/// # Errors
/// [`Fault::Unusable`] when there is no terminal, [`Fault::Broken`] when it fails later.
pub fn run(socket: &Path) -> Result<(), Fault> {
    let terminal = Terminal::open().map_err(|e| Fault::Unusable(format!("the terminal cannot be used: {e}")))?;
    let mut hands = Hands { socket: socket.to_owned(), client: None, held_since_ms: None, is_pressing: false };
    let shown = show(&terminal, &mut hands);
    hands.let_go();
    shown.map_err(|e| Fault::Broken(format!("the terminal failed: {e}")))
}

fn show(terminal: &Terminal, hands: &mut Hands) -> std::io::Result<()> {
    loop {
        terminal.draw(&lines(&hands.look(), terminal.width()))?;
        for key in terminal.keys(LOOK_EVERY_MS)? {
            match key {
                Key::Press => hands.press(),
                Key::Release => hands.release(),
                Key::Reset => hands.reset(),
                Key::Quit => return Ok(()),
            }
        }
    }
}

struct Hands {
    socket: PathBuf,
    /// None after a failure: the next act connects anew, so a firmware that starts again is found again.
    client: Option<Client>,
    /// When this hand began to hold the reset, by the firmware's clock.
    held_since_ms: Option<u64>,
    /// The hand presses the button and nobody has answered yet: it goes on pressing.
    is_pressing: bool,
}

impl Hands {
    fn look(&mut self) -> Seen {
        let asked = if self.is_pressing { Act::Press } else { Act::Status };
        let answer = self.answer(asked).map_err(|fault| fault.to_string());
        self.is_pressing &= answer.is_err();
        let now_ms = answer.as_ref().ok().and_then(|status| status["t_ms"].as_u64());
        let held_ms = self.held_since_ms.zip(now_ms).map(|(since, now)| now.saturating_sub(since));
        Seen { answer, held_ms }
    }

    /// A press is repeated at every look until it is answered; until then the screen says that there is no answer.
    fn press(&mut self) {
        self.is_pressing = self.answer(Act::Press).is_err();
    }

    /// A release that fails is not repeated: that the button is still pressed shows at the next look, and is safe.
    fn release(&mut self) {
        self.is_pressing = false;
        let _shown_next = self.answer(Act::Release);
    }

    fn reset(&mut self) {
        if self.held_since_ms.is_some() {
            self.let_go();
        } else if let Ok(status) = self.answer(Act::ResetPress) {
            self.held_since_ms = status["t_ms"].as_u64();
        }
    }

    fn let_go(&mut self) {
        if self.held_since_ms.is_some() && self.answer(Act::ResetRelease).is_ok() {
            self.held_since_ms = None;
        }
    }

    fn answer(&mut self, act: Act) -> Result<Value, Fault> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => Client::connect(&self.socket)?,
        };
        let answer = client.act(act)?;
        self.client = Some(client);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;

    /// Reads what was asked and hangs up, with an answer or without.
    fn asked(door: &UnixListener, answer: Option<&str>) -> String {
        let (mut guest, _) = door.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&guest).read_line(&mut line).unwrap();
        answer.into_iter().for_each(|words| guest.write_all(words.as_bytes()).unwrap());
        line
    }

    #[test]
    fn a_press_that_nobody_answers_is_pressed_again() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("p.sock");
        let door = UnixListener::bind(&socket).unwrap();
        let firmware = std::thread::spawn(move || {
            [None, None, Some("{\"t_ms\":1}\n"), Some("{\"t_ms\":2}\n")].map(|answer| asked(&door, answer))
        });
        let mut hands = Hands { socket, client: None, held_since_ms: None, is_pressing: false };
        hands.press();
        assert!(hands.look().answer.is_err());
        assert!(hands.look().answer.is_ok());
        hands.client = None;
        assert!(hands.look().answer.is_ok());
        let said = firmware.join().unwrap();
        let is_press: Vec<bool> = said.iter().map(|line| line.contains("press")).collect();
        assert_eq!(is_press, [true, true, true, false], "{said:?}");
    }
}
