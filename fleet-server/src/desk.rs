//! The counter between readers and the writer: commands go in, answers and pictures come out.

use crate::store::Archive;
use crate::view::{Delta, View};
use fleet_core::{Answer, Command, Refusal};
use shared::zone::Hall;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// A command with the place for its answer.
#[derive(Debug)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Where the answer goes, after the commit.
    pub reply: oneshot::Sender<Result<Answer, Refusal>>,
}

/// What readers and people have of the writer.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Commands for the writer; bounded.
    pub commands: mpsc::Sender<Request>,
    /// The newest picture.
    pub view: watch::Receiver<Arc<View>>,
    /// Every change, for live feeds; a reader that falls behind takes a new picture.
    pub deltas: broadcast::Sender<Arc<Delta>>,
    /// The hall's map.
    pub hall: Arc<Hall>,
    /// What is on disk, for readers.
    pub archive: Archive,
}

/// The writer is gone: the process is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is shutting down")]
pub struct Closed;

impl Desk {
    /// Hands in a command and waits for what came of it.
    ///
    /// # Errors
    /// [`Closed`] when the process is ending; the inner result is the writer's answer or refusal.
    pub async fn ask(&self, command: Command) -> Result<Result<Answer, Refusal>, Closed> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Request { command, reply }).await.map_err(|_| Closed)?;
        answer.await.map_err(|_| Closed)
    }

    /// The newest picture.
    #[must_use]
    pub fn picture(&self) -> Arc<View> {
        self.view.borrow().clone()
    }
}
