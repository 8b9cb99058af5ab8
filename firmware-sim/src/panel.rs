//! The face to a person at the robot: button, reset and lamps, as lines of JSON over a Unix socket.
//!
//! Only the firmware's own user and root may speak here: the folder is closed to others, and the kernel's word on who
//! connected is checked again. The agent has no way to this face.
//!
//! One thread serves all connections, so that a press never depends on another thread being made. Their number is
//! bounded, and so is the length of a line; whoever finds the panel full takes the place of the one that has been silent
//! for longest. A request is answered after the tick in which it took effect.

pub mod client;
mod guest;
pub mod live;
pub mod request;
pub mod status;
mod terminal;
pub mod view;

use crate::dropped::{Dropped, Reason};
use crate::fault::Fault;
use crate::{clock, socket, vital};
use guest::{Guest, Said};
use request::Act;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use status::PanelStatus;
use std::io::{ErrorKind, Write};
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
const LINE_LEN_MAX: usize = 256;
const ANSWER_WAIT_MS: u64 = 2000;
/// After an attempt that the machine had nothing left for, before the next.
const BREATH: Duration = Duration::from_millis(10);

/// Opens the panel's socket in its closed folder and starts its thread.
///
/// # Errors
/// [`Fault::Unusable`] when folder or socket cannot be made, [`Fault::Broken`] when its thread cannot.
pub fn open(path: &Path, dropped: Arc<Dropped>) -> Result<Receiver<Ask>, Fault> {
    let listener = socket::listen(path, socket::OWNER_ONLY)?;
    listener.set_nonblocking(true).map_err(|e| Fault::unusable("listening at", path, &e))?;
    let (asks, inbox) = sync_channel(ASKS_WAITING_MAX);
    let face = Face { listener, asks, guests: Vec::new(), dropped };
    vital::spawn("panel", move || face.serve())?;
    Ok(inbox)
}

struct Face {
    listener: UnixListener,
    asks: SyncSender<Ask>,
    guests: Vec<Guest>,
    dropped: Arc<Dropped>,
}

impl Face {
    fn serve(mut self) {
        loop {
            self.wait();
            self.accept();
            self.hear();
            self.answer();
        }
    }

    fn wait(&self) {
        if self.guests.iter().any(Guest::has_more) {
            return;
        }
        let streams = self.guests.iter().map(|guest| PollFd::new(guest.stream(), PollFlags::IN));
        let mut fds: Vec<_> = std::iter::once(PollFd::new(&self.listener, PollFlags::IN)).chain(streams).collect();
        if poll(&mut fds, None).is_err() {
            thread::sleep(BREATH);
        }
    }

    fn accept(&mut self) {
        for _ in 0..CONNECTIONS_MAX {
            match self.listener.accept() {
                Ok((stream, _)) => self.admit(stream),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return,
                // No descriptor is left: the one of a silent guest is given up for whoever wants to press.
                Err(_) => {
                    self.ask_one_to_leave();
                    thread::sleep(BREATH);
                }
            }
        }
    }

    fn admit(&mut self, stream: UnixStream) {
        let is_silent = stream.set_nonblocking(true).is_ok();
        let is_known = socket_peercred(&stream).is_ok_and(|peer| peer.uid == geteuid() || peer.uid.is_root());
        if !is_known || !is_silent {
            return turn_away(&stream, Reason::PanelStranger, &self.dropped);
        }
        if self.guests.len() >= CONNECTIONS_MAX {
            self.ask_one_to_leave();
        }
        self.guests.push(Guest::new(stream, clock::now()));
    }

    /// The one that has been silent for longest: a person's panel asks ten times a second.
    fn ask_one_to_leave(&mut self) {
        let silent = self.guests.iter().enumerate().min_by_key(|(_, guest)| guest.active_at).map(|(place, _)| place);
        if let Some(place) = silent {
            turn_away(self.guests.swap_remove(place).stream(), Reason::PanelBusy, &self.dropped);
        }
    }

    /// Hands on what all guests ask for, so that one of them waits for no other's answer.
    fn hear(&mut self) {
        let Self { guests, asks, dropped, .. } = self;
        guests.retain_mut(|guest| match guest.hear() {
            Said::Line(line) => ask(guest, &line, asks, dropped),
            Said::TooMuch => {
                dropped.count(Reason::PanelTooLong);
                guest.tell(&refusal("a request has at most 256 bytes"));
                false
            }
            Said::Nothing => true,
            Said::Gone => false,
        });
    }

    fn answer(&mut self) {
        let until = clock::now().0 + ANSWER_WAIT_MS;
        self.guests.retain_mut(|guest| {
            let Some(awaited) = guest.awaited.take() else { return true };
            let left = Duration::from_millis(until.saturating_sub(clock::now().0));
            let line =
                awaited.recv_timeout(left).map_or_else(|_| refusal("the firmware does not answer"), |s| s.line());
            guest.tell(&line)
        });
    }
}

/// `false` when the guest is gone.
fn ask(guest: &mut Guest, line: &[u8], asks: &SyncSender<Ask>, dropped: &Dropped) -> bool {
    guest.active_at = clock::now();
    match request::parse(line) {
        Ok(act) => {
            let (answer, awaited) = sync_channel(1);
            guest.awaited = Some(awaited);
            // A press waits for its place rather than being lost; the control thread makes room at every tick. Without a
            // control thread there is no process.
            asks.send(Ask { act, answer }).is_ok()
        }
        Err(words) => {
            dropped.count(Reason::PanelGarbage);
            guest.tell(&refusal(&words))
        }
    }
}

fn turn_away(mut stream: &UnixStream, reason: Reason, dropped: &Dropped) {
    dropped.count(reason);
    let words = match reason {
        Reason::PanelBusy => "the panel serves no more connections",
        _ => "this panel is for the person at the robot",
    };
    let _gone = stream.set_nonblocking(true).and_then(|()| stream.write_all(refusal(words).as_bytes()));
}

fn refusal(words: &str) -> String {
    format!("{}\n", serde_json::json!({ "error": words }))
}
