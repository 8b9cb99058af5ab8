//! The one abstraction: a decision maker that is handed its inputs and asked for its outputs.

use crate::time::Instant;

/// A pure state machine. The shell hands it one input, then drains [`poll_output`](Machine::poll_output) to `None`,
/// then sleeps until [`poll_timeout`](Machine::poll_timeout) or the next input.
///
/// Outputs of one drain come in this order: *stop* (only takes energy away, may overtake a commit), *commit*, *tell*.
/// A shell may tell only after the commit before it is on disk; a commit that fails ends the process.
pub trait Machine {
    /// What may happen to the machine.
    type Input;
    /// What the machine wants done.
    type Output;

    /// Takes one input. Call [`poll_output`](Machine::poll_output) until it is empty afterwards.
    fn handle(&mut self, input: Self::Input, now: Instant);

    /// Acts on every deadline that has passed by `now`.
    fn handle_timeout(&mut self, now: Instant);

    /// The next thing to do, oldest first.
    fn poll_output(&mut self) -> Option<Self::Output>;

    /// The earliest moment at which [`handle_timeout`](Machine::handle_timeout) would act, if any.
    fn poll_timeout(&self) -> Option<Instant>;
}
