//! What came in over the link since the last tick, boiled down to what the interlock takes.
//!
//! The link is drained at every tick, so that no word can wait in a queue behind others. However much the agent sends,
//! the interlock sees at most one word of it.

use crate::frame::{FRAME_LEN, Reject};
use crate::ids::Ids;
use crate::receiver::Receiver;
use crate::to_interlock::{STOP, Setpoint, ToInterlock};

/// Frames a tick that are judged; what comes on top is a flood. An agent has no reason for more than a handful.
pub const FLOOD_FRAMES: u32 = 64;

/// The one word of the agent that counts in a tick. The order is that of precedence: whatever takes energy away wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// The agent is there.
    Heartbeat,
    /// The agent wants the motors on.
    Arm {
        /// For this trip epoch only.
        epoch: u32,
    },
    /// Another agent, or another life of it, has opened a session.
    Session,
    /// The agent wants a stop.
    Stop {
        /// Whether only a person may end it.
        latch: bool,
    },
}

/// What the interlock is told of the link in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mail {
    /// The word that wins, if any came.
    pub word: Option<Word>,
    /// Frames that were dropped as link errors.
    pub link_errors: u8,
}

/// Frames since the start, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accepted.
    pub accepted: u32,
    /// Dropped: [`Reject::Length`].
    pub length: u32,
    /// Dropped: [`Reject::Version`].
    pub version: u32,
    /// Dropped: [`Reject::Crc`].
    pub crc: u32,
    /// Dropped: [`Reject::Kind`].
    pub kind: u32,
    /// Dropped: [`Reject::Payload`].
    pub payload: u32,
    /// Dropped: [`Reject::Session`].
    pub session: u32,
    /// Dropped: [`Reject::Sequence`].
    pub sequence: u32,
    /// Dropped: [`Reject::Age`].
    pub age: u32,
    /// Dropped without being judged: more than [`FLOOD_FRAMES`] in a tick.
    pub flood: u32,
}

impl Counts {
    /// All frames that came in.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.accepted.saturating_add(self.dropped())
    }

    /// All frames that were dropped.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        let damaged = self.length.saturating_add(self.version).saturating_add(self.crc).saturating_add(self.kind);
        let misplaced = self.payload.saturating_add(self.session).saturating_add(self.sequence);
        damaged.saturating_add(misplaced).saturating_add(self.age).saturating_add(self.flood)
    }

    fn count(&mut self, reject: Reject) {
        let counter = match reject {
            Reject::Length => &mut self.length,
            Reject::Version => &mut self.version,
            Reject::Crc => &mut self.crc,
            Reject::Kind => &mut self.kind,
            Reject::Payload => &mut self.payload,
            Reject::Session => &mut self.session,
            Reject::Sequence => &mut self.sequence,
            Reject::Age => &mut self.age,
        };
        *counter = counter.saturating_add(1);
    }
}

/// Takes the frames of a tick as they come and gives one [`Mail`] at its end.
///
/// Call [`Inbox::take`] once a tick, after every frame that has arrived was given to [`Inbox::push`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inbox {
    receiver: Receiver<ToInterlock>,
    counts: Counts,
    mail: Mail,
    setpoint: Option<Setpoint>,
    hello: Option<u64>,
    frames_this_tick: u32,
}

impl Inbox {
    /// Empty, without a session.
    #[must_use]
    pub const fn new(ids: Ids) -> Self {
        Self {
            receiver: Receiver::firmware(ids),
            counts: Counts {
                accepted: 0,
                length: 0,
                version: 0,
                crc: 0,
                kind: 0,
                payload: 0,
                session: 0,
                sequence: 0,
                age: 0,
                flood: 0,
            },
            mail: Mail { word: None, link_errors: 0 },
            setpoint: None,
            hello: None,
            frames_this_tick: 0,
        }
    }

    /// What became of all frames so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The nonce of the session, if there is one.
    #[must_use]
    pub const fn session(&self) -> Option<u64> {
        self.receiver.session()
    }

    /// Takes one frame that arrived at `t_ms` of the firmware's clock.
    pub fn push(&mut self, bytes: &[u8], t_ms: u32) {
        self.frames_this_tick = self.frames_this_tick.saturating_add(1);
        if self.frames_this_tick > FLOOD_FRAMES {
            self.push_flood(bytes, t_ms);
            return;
        }
        let session = self.receiver.session();
        match self.receiver.decode(bytes, t_ms) {
            Ok(word) => {
                self.counts.accepted = self.counts.accepted.saturating_add(1);
                self.accept(word, session);
            }
            Err(reject) => {
                self.counts.count(reject);
                let error = u8::from(reject.is_link_error());
                self.mail.link_errors = self.mail.link_errors.saturating_add(error);
            }
        }
    }

    /// The tick's mail; the next tick begins empty.
    pub fn take(&mut self) -> Mail {
        self.frames_this_tick = 0;
        core::mem::take(&mut self.mail)
    }

    /// The newest setpoint since it was last taken.
    pub fn take_setpoint(&mut self) -> Option<Setpoint> {
        self.setpoint.take()
    }

    /// The nonce of a `Hello` that waits for its `Welcome`.
    pub fn take_hello(&mut self) -> Option<u64> {
        self.hello.take()
    }

    /// A flood is dropped unseen, with one exception: it must not be able to hide a stop.
    fn push_flood(&mut self, bytes: &[u8], t_ms: u32) {
        let may_be_stop = bytes.len() == FRAME_LEN && bytes[1] == STOP;
        let session = self.receiver.session();
        match may_be_stop.then(|| self.receiver.decode(bytes, t_ms)) {
            Some(Ok(word)) => {
                self.counts.accepted = self.counts.accepted.saturating_add(1);
                self.accept(word, session);
            }
            Some(Err(_)) | None => self.counts.flood = self.counts.flood.saturating_add(1),
        }
    }

    /// `session` is the one before this word.
    fn accept(&mut self, word: ToInterlock, session: Option<u64>) {
        let word = match word {
            ToInterlock::Hello { nonce } => {
                self.hello = Some(nonce);
                (session != Some(nonce)).then(|| self.begin())
            }
            ToInterlock::Heartbeat => Some(Word::Heartbeat),
            ToInterlock::Stop { latch } => Some(Word::Stop { latch }),
            ToInterlock::Arm { epoch } => Some(Word::Arm { epoch }),
            ToInterlock::Setpoint(setpoint) => {
                self.setpoint = Some(setpoint);
                None
            }
        };
        self.mail.word = self.mail.word.max(word);
    }

    /// What the agent of before wanted is void in a new session.
    fn begin(&mut self) -> Word {
        self.setpoint = None;
        Word::Session
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sender;

    const IDS: Ids = Ids::of_robot("r-1", 0);

    /// An agent with an open session, and the inbox that has read its `Hello`.
    fn connected() -> (Sender<ToInterlock>, Inbox) {
        let (mut agent, mut inbox) = (Sender::agent(IDS), Inbox::new(IDS));
        inbox.push(&agent.encode(ToInterlock::Hello { nonce: 7 }, 0), 0);
        assert_eq!((inbox.take().word, inbox.take_hello()), (Some(Word::Session), Some(7)));
        (agent, inbox)
    }

    #[test]
    fn a_stop_wins_over_everything_in_any_order() {
        let words = [
            ToInterlock::Heartbeat,
            ToInterlock::Arm { epoch: u32::MAX },
            ToInterlock::Stop { latch: false },
            ToInterlock::Hello { nonce: 8 },
            ToInterlock::Heartbeat,
        ];
        for rotation in 0..words.len() {
            let (mut agent, mut inbox) = connected();
            for i in 0..words.len() {
                inbox.push(&agent.encode(words[(i + rotation) % words.len()], 0), 0);
            }
            assert_eq!(inbox.take(), Mail { word: Some(Word::Stop { latch: false }), link_errors: 0 });
            assert_eq!(inbox.take(), Mail::default());
        }
    }

    #[test]
    fn the_order_of_words_is_that_of_precedence() {
        let order = [
            Word::Heartbeat,
            Word::Arm { epoch: 0 },
            Word::Session,
            Word::Stop { latch: false },
            Word::Stop { latch: true },
        ];
        assert!(order.is_sorted());
    }

    #[test]
    fn a_flood_is_dropped_without_link_errors_and_hides_no_stop() {
        let (mut agent, mut inbox) = connected();
        for _ in 0..FLOOD_FRAMES {
            inbox.push(&agent.encode(ToInterlock::Heartbeat, 0), 0);
        }
        for _ in 0..1000 {
            inbox.push(&[0xFF; 32], 0);
        }
        inbox.push(&agent.encode(ToInterlock::Stop { latch: true }, 0), 0);
        inbox.push(&agent.encode(ToInterlock::Heartbeat, 0), 0);
        assert_eq!(inbox.take(), Mail { word: Some(Word::Stop { latch: true }), link_errors: 0 });
        assert_eq!(inbox.counts().flood, 1001);
        assert_eq!(inbox.counts().total(), 1 + 64 + 1000 + 1 + 1);
    }

    #[test]
    fn setpoints_collapse_to_the_newest_and_end_with_their_session() {
        let (mut agent, mut inbox) = connected();
        let setpoint = |step| Setpoint { act: crate::Act::Walk, step, order: 1, x_cm: 0, y_cm: 0, amount: 0 };
        inbox.push(&agent.encode(ToInterlock::Setpoint(setpoint(1)), 0), 0);
        inbox.push(&agent.encode(ToInterlock::Setpoint(setpoint(2)), 0), 0);
        assert_eq!(inbox.take(), Mail::default());
        assert_eq!(inbox.take_setpoint(), Some(setpoint(2)));
        inbox.push(&agent.encode(ToInterlock::Setpoint(setpoint(3)), 0), 0);
        inbox.push(&agent.encode(ToInterlock::Hello { nonce: 8 }, 0), 0);
        assert_eq!((inbox.take_setpoint(), inbox.session()), (None, Some(8)));
    }

    #[test]
    fn the_same_hello_again_is_no_new_session() {
        let (mut agent, mut inbox) = connected();
        inbox.push(&agent.encode(ToInterlock::Hello { nonce: 7 }, 0), 0);
        assert_eq!((inbox.take().word, inbox.take_hello()), (None, Some(7)));
    }
}
