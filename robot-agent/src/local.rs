//! The agent's own door for a person at the robot: which challenge waits, an officer's answer to it, an endorsement.
//!
//! A Unix socket in the agent's folder, for its own user only. One question a connection, one line each way: `challenge`,
//! `clear` and the clearance in hexadecimal digits, `endorse` and a link pack in such digits, or a word about a task (`task`).
//! It has no word that moves or energises anything.

mod task;

use robot_core::{Input, LocalAnswer, LocalAsk, LocalToken};
use shared::clearance::{Challenge, Clearance};
use shared::refusal::Code;
use shared::seal::{from_hex, to_hex};
use shared::wire::{from_bytes, to_bytes};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

/// Longest line that is read: a note's text or a whole note in hexadecimal digits.
const LINE_LEN_MAX: u64 = 1024 * 1024;
/// How long a question or its answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the door is, in the agent's folder.
#[must_use]
pub fn path(dir: &Path) -> PathBuf {
    dir.join("local.sock")
}

/// Opens the door, for this user only.
///
/// # Errors
/// When the socket cannot be made.
pub fn open(path: &Path) -> std::io::Result<UnixListener> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves one question after the other until the driver is gone.
pub fn serve(listener: &UnixListener, driver: &SyncSender<Input>, answers: &Receiver<(LocalToken, LocalAnswer)>) {
    for (number, stream) in (1..).zip(listener.incoming()) {
        let served = stream.and_then(|stream| answer(stream, LocalToken(number), driver, answers));
        if let Err(e) = served {
            tracing::debug!("a question at the robot was not answered: {e}");
        }
    }
}

fn answer(
    mut stream: UnixStream,
    token: LocalToken,
    driver: &SyncSender<Input>,
    answers: &Receiver<(LocalToken, LocalAnswer)>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let words = match parse(&read_line(&stream)?) {
        None => "error: this is no question of mine".to_owned(),
        Some(ask) => match driver.send(Input::Local(token, ask)) {
            Err(_) => "error: the agent is ending".to_owned(),
            Ok(()) => wait_for(token, answers).map_or_else(|| "error: no answer in time".to_owned(), |a| words(&a)),
        },
    };
    writeln!(stream, "{words}")
}

/// Answers to questions that were given up are passed over.
fn wait_for(token: LocalToken, answers: &Receiver<(LocalToken, LocalAnswer)>) -> Option<LocalAnswer> {
    loop {
        let (answered, answer) = answers.recv_timeout(PATIENCE).ok()?;
        if answered == token {
            return Some(answer);
        }
    }
}

fn read_line(stream: &UnixStream) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(LINE_LEN_MAX)).read_line(&mut line)?;
    Ok(line)
}

fn parse(line: &str) -> Option<LocalAsk> {
    let mut words = line.split_whitespace();
    let parts = (words.next()?, words.next(), words.next());
    if words.next().is_some() {
        return None;
    }
    match parts {
        ("challenge", None, None) => Some(LocalAsk::Challenge),
        ("clear", Some(hex), None) => {
            let clearance = Clearance::read(&from_hex(hex).ok()?).ok()?;
            Some(LocalAsk::Clear(Box::new(clearance)))
        }
        ("endorse", Some(hex), None) => from_hex(hex).ok().map(LocalAsk::Endorse),
        (verb, Some(task), more) => task::parse(verb, task, more),
        (_, None, _) => None,
    }
}

fn words(answer: &LocalAnswer) -> String {
    match answer {
        LocalAnswer::Challenge(None) => "none".into(),
        LocalAnswer::Challenge(Some(challenge)) => format!("challenge {}", to_hex(&to_bytes(challenge))),
        LocalAnswer::Cleared(Ok(())) => "cleared".into(),
        LocalAnswer::Cleared(Err(why)) => format!("refused: {why}"),
        LocalAnswer::Endorsed(Ok(until_s)) => format!("endorsed {until_s}"),
        LocalAnswer::Task(Ok(shown)) => task::words(shown),
        LocalAnswer::Task(Err(code)) => format!("refused: {} {} ({code})", code.sentence(), code.what_to_do()),
        LocalAnswer::Endorsed(Err(why)) => format!("refused: {} {why}", Code::BadEndorsement.sentence()),
    }
}

/// Asks the agent that runs in this folder.
///
/// # Errors
/// When no agent answers there.
pub fn ask(dir: &Path, question: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(path(dir))?;
    stream.set_read_timeout(Some(PATIENCE + PATIENCE))?;
    writeln!(stream, "{question}")?;
    Ok(read_line(&stream)?.trim().to_owned())
}

/// The challenge in an answer; `None` when no clearance is due.
///
/// # Errors
/// The answer itself when it is something else.
pub fn challenge(answer: &str) -> Result<Option<Challenge>, String> {
    match answer.split_once(' ') {
        None if answer == "none" => Ok(None),
        Some(("challenge", hex)) => {
            let read = from_hex(hex).ok().and_then(|bytes| from_bytes(&bytes).ok());
            read.map(Some).ok_or_else(|| answer.to_owned())
        }
        _ => Err(answer.to_owned()),
    }
}

pub use task::{Shown, question, shown};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_questions_is_one() {
        assert_eq!(parse("challenge\n"), Some(LocalAsk::Challenge));
        assert_eq!(parse("endorse 00ff\n"), Some(LocalAsk::Endorse(vec![0, 255])));
        for line in
            ["", "arm", "challenge x", "clear", "clear zz", "clear 00", "reset\n", "clear a b", "endorse", "endorse 0"]
        {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let waiting = Challenge { trip_epoch: 3, random: [7; 16] };
        assert_eq!(challenge(&words(&LocalAnswer::Challenge(Some(waiting)))), Ok(Some(waiting)));
        assert_eq!(challenge(&words(&LocalAnswer::Challenge(None))), Ok(None));
        assert!(challenge("error: no").is_err());
    }
}
