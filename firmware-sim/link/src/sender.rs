//! The sending half of one direction of a link.

use core::marker::PhantomData;

use crate::frame::{FRAME_LEN, Frame};
use crate::from_interlock::FromInterlock;
use crate::ids::Ids;
use crate::message::Message;
use crate::to_interlock::ToInterlock;

/// Makes the frames of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender<M> {
    ids: Ids,
    /// Number of the last frame.
    seq: u32,
    words: PhantomData<M>,
}

impl Sender<ToInterlock> {
    /// The agent's. It opens its session by sending `Hello` with a nonce never used before.
    #[must_use]
    pub const fn agent(ids: Ids) -> Self {
        Self { ids, seq: 0, words: PhantomData }
    }
}

impl Sender<FromInterlock> {
    /// The firmware's. It joins a session by sending the `Welcome` that answers a `Hello`.
    #[must_use]
    pub const fn firmware(ids: Ids) -> Self {
        Self { ids, seq: 0, words: PhantomData }
    }
}

impl<M: Message> Sender<M> {
    /// The word's frame. `t_ms` is the *firmware's* clock: its own at the firmware, [`crate::Receiver::firmware_ms`] at
    /// the agent (any number in the `Hello`, whose age is not judged).
    ///
    /// After 4 billion frames in one session the number stays where it is and every further frame is dropped as a
    /// repetition: the agent falls silent and has to open a new session.
    pub fn encode(&mut self, word: M, t_ms: u32) -> [u8; FRAME_LEN] {
        let greeting = word.greeting();
        if let Some(nonce) = greeting.filter(|nonce| *nonce != self.ids.nonce) {
            self.ids.nonce = nonce;
            self.seq = 0;
        }
        self.seq = self.seq.saturating_add(1);
        let (kind, payload) = word.write();
        let frame = Frame { kind, len: payload.len, seq: self.seq, t_ms, payload: payload.bytes };
        let nonce = if greeting.is_some() { 0 } else { self.ids.nonce };
        frame.seal(&self.ids.codename(nonce, M::DIRECTION))
    }
}
