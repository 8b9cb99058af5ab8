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
    let mut hands = Hands { socket: socket.to_owned(), client: None, held_since_ms: None };
    let shown = show(&terminal, &mut hands);
    hands.let_go();
    shown.map_err(|e| Fault::Broken(format!("the terminal failed: {e}")))
}

fn show(terminal: &Terminal, hands: &mut Hands) -> std::io::Result<()> {
    loop {
        terminal.draw(&lines(&hands.look(), terminal.width()))?;
        for key in terminal.keys(LOOK_EVERY_MS)? {
            match key {
                Key::Press => hands.act(Act::Press),
                Key::Release => hands.act(Act::Release),
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
}

impl Hands {
    fn look(&mut self) -> Seen {
        let answer = self.answer(Act::Status).map_err(|fault| fault.to_string());
        let now_ms = answer.as_ref().ok().and_then(|status| status["t_ms"].as_u64());
        let held_ms = self.held_since_ms.zip(now_ms).map(|(since, now)| now.saturating_sub(since));
        Seen { answer, held_ms }
    }

    /// What fails shows at the next look.
    fn act(&mut self, act: Act) {
        let _shown_next = self.answer(act);
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
