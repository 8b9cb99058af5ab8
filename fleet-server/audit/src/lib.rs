//! The offline verifier: checks what happened without trusting the operator, the server or the robot.
//!
//! It reads files and the air, knows the vocabulary and nothing of the fleet's programs. `fleet audit` calls the same code.

mod ca;
mod clock;
pub mod disclosure;
mod evidence;
mod firmware;
pub mod input;
pub mod invocation;
mod journal;
mod listen;
mod verdict;

use clap::Subcommand;
pub use listen::Listen;
pub use verdict::Verdict;

/// What can be checked.
#[derive(Clone, Debug, Subcommand)]
pub enum Audit {
    /// A robot's journal, as `robot-agent store export` wrote it: is it one unbroken chain, and does what a bystander captured
    /// stand in it?
    Journal(journal::Args),
    /// When robots had energy, moved, and were heard to say that they are machines: per day, with every gap and its cause.
    Disclosure(disclosure::Args),
    /// The air: which robots are near, and are they what they say? It needs no server.
    Listen(Listen),
    /// What a bystander kept: do the captures hold, and do two of them prove what the file claims?
    Evidence(evidence::Args),
}

/// Exit codes that more than one audit ends with.
mod exit {
    /// A part is not signed by the robot.
    pub const UNSIGNED: u8 = 5;
    /// Nothing was disproved, and something is missing.
    pub const INCOMPLETE: u8 = 6;
    /// An agent's record leaves out what its safety controller, or the rest of the record, tells.
    pub const CONTRADICTED: u8 = 8;
}

impl Audit {
    /// Carries out the audit.
    #[must_use]
    pub fn run(&self) -> Verdict {
        match self {
            Self::Journal(args) => args.run(),
            Self::Disclosure(args) => args.run(),
            Self::Listen(listen) => listen.run(),
            Self::Evidence(args) => args.run(),
        }
    }
}
