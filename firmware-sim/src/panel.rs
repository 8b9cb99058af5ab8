//! The face to a person at the robot: button, reset and lamps, as lines of JSON over a Unix socket.
//!
//! Only the firmware's own user and root may speak here: the folder is closed to others, and the kernel's word on who
//! connected is checked again. The agent has no way to this face.
//!
//! Each connection has a thread, their number is bounded, and so is the length of a line. A request is answered after
//! the tick in which it took effect.

pub mod client;
pub mod live;
pub mod request;
pub mod status;
mod terminal;
pub mod view;

use crate::dropped::{Dropped, Reason};
use crate::fault::Fault;
use crate::socket;
use request::Act;
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use status::PanelStatus;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// One request and the way back for its answer.
#[derive(Debug)]
pub struct Ask {
    /// What is asked.
    pub act: Act,
    /// Where the answer goes; has room for it, so that answering never waits.
    pub answer: SyncSender<PanelStatus>,
}

const CONNECTIONS_MAX: usize = 16;
const ASKS_WAITING_MAX: usize = 32;
const LINE_LEN_MAX: u64 = 256;
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// Opens the panel's socket in its closed folder and starts its thread.
///
/// # Errors
/// [`Fault::Unusable`] when folder or socket cannot be made.
pub fn open(path: &Path, dropped: Arc<Dropped>) -> Result<Receiver<Ask>, Fault> {
    let listener = socket::listen(path, socket::OWNER_ONLY)?;
    let (asks, inbox) = sync_channel(ASKS_WAITING_MAX);
    thread::spawn(move || serve(&listener, &asks, &dropped));
    Ok(inbox)
}

fn serve(listener: &UnixListener, asks: &SyncSender<Ask>, dropped: &Arc<Dropped>) {
    // Each connection holds a clone; the count of clones is the count of connections.
    let places = Arc::new(());
    loop {
        let Ok((stream, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        match admit(&stream, Arc::strong_count(&places) - 1) {
            Ok(()) => {
                let (place, asks, dropped) = (Arc::clone(&places), asks.clone(), Arc::clone(dropped));
                thread::spawn(move || {
                    let _gone = converse(&stream, &asks, &dropped);
                    drop(place);
                });
            }
            Err(reason) => turn_away(&stream, reason, dropped),
        }
    }
}

fn admit(stream: &UnixStream, connections: usize) -> Result<(), Reason> {
    let peer = socket_peercred(stream).map_err(|_| Reason::PanelStranger)?;
    let may_speak = peer.uid == geteuid() || peer.uid.is_root();
    if !may_speak {
        return Err(Reason::PanelStranger);
    }
    if connections < CONNECTIONS_MAX { Ok(()) } else { Err(Reason::PanelBusy) }
}

fn turn_away(mut stream: &UnixStream, reason: Reason, dropped: &Dropped) {
    dropped.count(reason);
    let words = match reason {
        Reason::PanelBusy => "the panel serves no more connections",
        _ => "this panel is for the person at the robot",
    };
    let _gone = stream.set_nonblocking(true).and_then(|()| stream.write_all(refusal(words).as_bytes()));
}

fn converse(stream: &UnixStream, asks: &SyncSender<Ask>, dropped: &Dropped) -> io::Result<()> {
    stream.set_write_timeout(Some(ANSWER_WAIT))?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let length = reader.by_ref().take(LINE_LEN_MAX).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        if length as u64 == LINE_LEN_MAX && line.last() != Some(&b'\n') {
            dropped.count(Reason::PanelTooLong);
            return reply(stream, &refusal("a request has at most 256 bytes"));
        }
        let answer = answer(&line, asks, dropped);
        reply(stream, &answer)?;
    }
}

fn answer(line: &[u8], asks: &SyncSender<Ask>, dropped: &Dropped) -> String {
    let act = match request::parse(line) {
        Ok(act) => act,
        Err(words) => {
            dropped.count(Reason::PanelGarbage);
            return refusal(&words);
        }
    };
    let (answer, status) = sync_channel(1);
    // A press waits for its place rather than being lost; the control thread makes room at every tick.
    let is_asked = asks.send(Ask { act, answer }).is_ok();
    match status.recv_timeout(ANSWER_WAIT) {
        Ok(status) if is_asked => status.line(),
        Ok(_) | Err(_) => refusal("the firmware does not answer"),
    }
}

fn refusal(words: &str) -> String {
    format!("{}\n", serde_json::json!({ "error": words }))
}

fn reply(mut stream: &UnixStream, line: &str) -> io::Result<()> {
    stream.write_all(line.as_bytes())
}
