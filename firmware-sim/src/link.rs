//! The face to the agent: bytes of one Unix stream socket, cut into frames.
//!
//! One agent at a time; a new connection takes the place of the old one. This thread judges nothing: frames go to the
//! control thread, which drains them at every tick. A sender that is faster than that is made to wait by the socket,
//! an agent that does not read loses what it does not read.
//!
//! Leaves to others: what a frame is and which are dropped (`interlock-link`), what they do (`control`).

mod connection;

use crate::fault::Fault;
use crate::socket;
use connection::Connection;
use interlock_link::FRAME_LEN;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fd::OwnedFd;
use rustix::net::sockopt::socket_peercred;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::dropped::{Dropped, Reason};

/// Frames that wait for a tick. At 5 ms a tick this is 400,000 frames a second.
pub const FRAMES_WAITING_MAX: usize = 2048;
const OUTGOING_MAX: usize = 256;

/// What comes from the agent's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromAgent {
    /// A process connected, as this user; whoever was connected before is gone.
    Connected {
        /// Its user.
        uid: u32,
    },
    /// What stood before a delimiter.
    Frame(Cut),
    /// The process is gone.
    Gone,
}

/// Bytes between two delimiters; one more than a frame has says that there were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    bytes: [u8; FRAME_LEN + 1],
    len: usize,
}

impl Cut {
    /// Takes as much as matters.
    #[must_use]
    pub fn new(found: &[u8]) -> Self {
        let mut bytes = [0; FRAME_LEN + 1];
        let len = found.len().min(bytes.len());
        bytes[..len].copy_from_slice(&found[..len]);
        Self { bytes, len }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// What goes to the agent's side.
#[derive(Clone, Copy, Debug)]
pub enum ToAgent {
    /// A frame for the agent of one connection.
    Frame {
        /// Number of the connection, as the control thread counts `Connected`.
        connection: u64,
        /// The frame.
        frame: [u8; FRAME_LEN],
    },
    /// A frame that is said again some time: it is left out when the agent has not taken what was said before, so that
    /// it never delays another.
    Spare {
        /// Number of the connection.
        connection: u64,
        /// The frame.
        frame: [u8; FRAME_LEN],
    },
    /// The connection ends.
    HangUp {
        /// Its number.
        connection: u64,
    },
}

/// The control thread's end of the face.
#[derive(Debug)]
pub struct Link {
    /// What came in, oldest first.
    pub incoming: Receiver<FromAgent>,
    outgoing: SyncSender<ToAgent>,
    bell: Arc<OwnedFd>,
    dropped: Arc<Dropped>,
}

impl Link {
    /// Hands a word over; never waits. The link's thread writes it after the next [`Link::ring`].
    pub fn send(&self, word: ToAgent) {
        if self.outgoing.try_send(word).is_err() {
            self.dropped.count(Reason::LinkUnread);
        }
    }

    /// Wakes the link's thread.
    pub fn ring(&self) {
        let _rung_already = rustix::io::write(&*self.bell, &1_u64.to_ne_bytes());
    }
}

/// Opens the agent's socket and starts its thread.
///
/// # Errors
/// [`Fault::Unusable`] when folder or socket cannot be made.
pub fn open(path: &Path, dropped: Arc<Dropped>) -> Result<Link, Fault> {
    let listener = socket::listen(path, socket::OWNER_AND_GROUP)?;
    listener.set_nonblocking(true).map_err(|e| Fault::unusable("listening at", path, &e))?;
    let bell = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)
        .map_err(|e| Fault::Unusable(format!("making the link's bell failed: {e}")))?;
    let (frames, incoming) = sync_channel(FRAMES_WAITING_MAX);
    let (outgoing, to_agent) = sync_channel(OUTGOING_MAX);
    let bell = Arc::new(bell);
    let link = Link { incoming, outgoing, bell: Arc::clone(&bell), dropped: Arc::clone(&dropped) };
    let face = Face { listener, bell, frames, to_agent, connection: None, connections: 0, dropped };
    thread::spawn(move || face.serve());
    Ok(link)
}

struct Face {
    listener: UnixListener,
    bell: Arc<OwnedFd>,
    frames: SyncSender<FromAgent>,
    to_agent: Receiver<ToAgent>,
    connection: Option<Connection>,
    connections: u64,
    dropped: Arc<Dropped>,
}

/// The control thread is gone, so the process is about to end.
struct Ended;

impl Face {
    fn serve(mut self) {
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> Result<(), Ended> {
        self.wait();
        self.accept()?;
        self.write();
        self.read()
    }

    fn wait(&self) {
        let mut fds = vec![PollFd::new(&self.listener, PollFlags::IN), PollFd::new(&*self.bell, PollFlags::IN)];
        if let Some(connection) = &self.connection {
            fds.push(PollFd::new(connection.stream(), connection.wanted()));
        }
        let _interrupted = poll(&mut fds, None);
        let _was_silent = rustix::io::read(&*self.bell, &mut [0; 8]);
    }

    fn accept(&mut self) -> Result<(), Ended> {
        while let Ok((stream, _)) = self.listener.accept() {
            let Some(uid) = uid_of(&stream) else { continue };
            self.connections += 1;
            self.connection = Some(Connection::new(stream));
            self.tell(FromAgent::Connected { uid })?;
        }
        Ok(())
    }

    fn write(&mut self) {
        let has_taken_all = self.connection.as_mut().is_some_and(Connection::flush);
        while let Ok(word) = self.to_agent.try_recv() {
            match word {
                ToAgent::Frame { connection, frame } if connection == self.connections => self.queue(&frame),
                ToAgent::Spare { connection, frame } if connection == self.connections && has_taken_all => {
                    self.queue(&frame);
                }
                ToAgent::HangUp { connection } if connection == self.connections => self.connection = None,
                // Meant for a connection that was replaced, or without room.
                ToAgent::Frame { .. } | ToAgent::Spare { .. } | ToAgent::HangUp { .. } => {}
            }
        }
        if let Some(connection) = &mut self.connection {
            connection.flush();
        }
    }

    fn queue(&mut self, frame: &[u8; FRAME_LEN]) {
        let Some(connection) = &mut self.connection else { return };
        if !connection.queue(frame) {
            self.dropped.count(Reason::LinkUnread);
        }
    }

    fn read(&mut self) -> Result<(), Ended> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let frames = &self.frames;
        let mut is_control_gone = false;
        let is_open = connection.read(|cut| {
            // Waits for the next tick when 2,048 frames wait already; the sender then waits for us.
            is_control_gone |= frames.send(FromAgent::Frame(Cut::new(cut))).is_err();
        });
        if !is_open {
            self.connection = None;
            self.tell(FromAgent::Gone)?;
        }
        if is_control_gone { Err(Ended) } else { Ok(()) }
    }

    fn tell(&self, word: FromAgent) -> Result<(), Ended> {
        self.frames.send(word).map_err(|_| Ended)
    }
}

fn uid_of(stream: &UnixStream) -> Option<u32> {
    stream.set_nonblocking(true).ok()?;
    socket_peercred(stream).ok().map(|peer| peer.uid.as_raw())
}
