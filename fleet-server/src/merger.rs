//! Merges notes where a failure harms nothing else: in a child process with little memory and a deadline.
//!
//! The library that merges has panicked on some bytes and asked for terabytes on others, which ends a process whatever it
//! catches. So the child is this program again, with its memory limited before it reads anything; whoever does not answer in
//! time is killed. A contribution that has cost two children their lives is refused, and everything else goes on.

mod child;

pub use child::run as run_child;

use child::Child;
use shared::contribution::{MergeAsk, Merged};
use shared::refusal::Code;
use std::path::PathBuf;
use tokio::sync::mpsc::{Receiver, Sender};

/// What the writer wants merged: its number and the contribution.
pub type Ask = (u64, Box<MergeAsk>);
/// What came of it.
pub type Answer = (u64, Box<Merged>);

/// How often a contribution is tried: a child may also die of something else.
const TRIES: u32 = 2;

/// Has contributions merged by a child, and starts another where one is gone.
#[derive(Debug)]
pub struct Merger {
    program: PathBuf,
    child: Option<Child>,
    deaths: u64,
}

impl Merger {
    /// A merger whose children are this program: the binary `fleet`.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), child: None, deaths: 0 }
    }

    /// How many children have died, or were killed because they did not answer.
    #[must_use]
    pub const fn deaths(&self) -> u64 {
        self.deaths
    }

    /// Merges one contribution.
    pub fn merge(&mut self, ask: &MergeAsk) -> Merged {
        for _ in 0..TRIES {
            match self.tried(ask) {
                Ok(merged) => return merged,
                Err(e) => {
                    // Dropped, and with it killed.
                    self.child = None;
                    self.deaths += 1;
                    tracing::error!(op = %ask.op, "merging a contribution to a note ended its process: {e}");
                }
            }
        }
        Merged::Refused { why: Code::BadNote }
    }

    fn tried(&mut self, ask: &MergeAsk) -> std::io::Result<Merged> {
        let running = match self.child.take() {
            Some(running) => running,
            None => Child::start(&self.program)?,
        };
        self.child.insert(running).merge(ask)
    }
}

/// Merges one contribution after the other until the writer is gone. The children are this process's own program, also when
/// its file was replaced meanwhile.
pub fn serve(mut asks: Receiver<Ask>, answers: &Sender<Answer>) {
    let mut merger = Merger::new("/proc/self/exe");
    while let Some((number, ask)) = asks.blocking_recv() {
        let merged = merger.merge(&ask);
        if answers.blocking_send((number, Box::new(merged))).is_err() {
            return;
        }
    }
}
