//! What the words of either direction have in common. Which words there are is told in `to_interlock` and `from_interlock`.

use crate::frame::{Frame, Reject};
use crate::payload::Writer;

/// The words of one direction. It cannot be named outside this crate: its two enums are all there is.
pub trait Message: Sized + Copy {
    /// Enters the checksum, so that a reflected frame fails it.
    const DIRECTION: u8;
    /// Whether the receiver of this direction has to learn the firmware's clock from the frames.
    const LEARNS_CLOCK: bool;
    /// The kind of the word that opens a session; it is checked with nonce 0 and carries the nonce.
    const GREETING: u8;

    /// The nonce, if this word opens a session.
    fn greeting(&self) -> Option<u64>;
    /// Kind and payload.
    fn write(&self) -> (u8, Writer);
    /// The word of a frame; refuses with [`Reject::Kind`] or [`Reject::Payload`].
    fn read(frame: &Frame) -> Result<Self, Reject>;
}
