//! The one writer of a site: owns the machine that decides and the database, and nobody else has either.
//!
//! A round takes what has come in, decides it all, commits it in one transaction, and only then tells. Many inputs share
//! one flush of the disk, so the rate is not bound by the disk's. A commit that fails ends the process: what was decided
//! in memory is not on disk, so nothing that follows could be true.

use crate::clock;
use crate::desk::Request;
use crate::merger;
use crate::store::{Fault, Store};
use crate::view::{Delta, View};
use fleet_core::{
    Answer, Change, Delivery, Event, Fleet, Input, Letter, Opened, Output, ReadFeed, Refusal, Tell, Token,
};
use shared::id::{RobotId, TaskId};
use shared::machine::Machine;
use shared::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Most inputs of a round. Beyond a few hundred rows a commit is no cheaper for each row, only later for the first.
const ROUND_MAX: usize = 256;

/// A message as the broker delivered it.
#[derive(Debug)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A message for the broker. One that finds no room or no connection is dropped: the protocol repeats what matters.
#[derive(Debug)]
pub struct Outgoing {
    /// The topic.
    pub topic: String,
    /// What it says, not sealed yet.
    pub letter: Letter,
    /// How hard to try.
    pub delivery: Delivery,
}

/// Where the writer's inputs come from.
#[derive(Debug)]
pub struct Inbox {
    /// From robots.
    pub messages: mpsc::Receiver<Box<Opened>>,
    /// From people.
    pub commands: mpsc::Receiver<Request>,
    /// From the process that merges notes.
    pub merged: mpsc::Receiver<merger::Answer>,
    /// True when the process should end.
    pub shutdown: watch::Receiver<bool>,
}

/// Where the writer's words go.
#[derive(Debug)]
pub struct Outlets {
    /// To robots.
    pub messages: mpsc::Sender<Outgoing>,
    /// To the process that merges notes; one is asked for at a time.
    pub merges: mpsc::Sender<merger::Ask>,
    /// The newest picture, for readers.
    pub view: watch::Sender<Arc<View>>,
    /// Every change, for live feeds.
    pub deltas: broadcast::Sender<Arc<Delta>>,
}

/// The one writer.
#[derive(Debug)]
pub struct Writer {
    fleet: Fleet,
    store: Store,
    view: View,
    outlets: Outlets,
    waiting: BTreeMap<Token, oneshot::Sender<Result<Answer, Refusal>>>,
    next_token: u64,
    #[cfg(debug_assertions)]
    plant: Option<crate::config::Plant>,
}

/// One input.
enum Work {
    Message(Box<Opened>),
    Request(Request),
    Merged(merger::Answer),
}

/// What a round has to tell once it is committed.
#[derive(Default)]
struct Round {
    changes: Vec<Change>,
    merges: Vec<merger::Ask>,
    reads: Vec<(RobotId, ReadFeed)>,
    sends: Vec<Outgoing>,
    answers: Vec<(Token, Result<Answer, Refusal>)>,
    tasks: BTreeSet<TaskId>,
    robots: BTreeSet<RobotId>,
}

impl Writer {
    /// A writer that starts with this fleet and this database.
    #[must_use]
    pub fn new(fleet: Fleet, store: Store, outlets: Outlets) -> Self {
        let view = View::of(&fleet, 1);
        let (waiting, next_token) = (BTreeMap::new(), 0);
        #[cfg(debug_assertions)]
        let plant = None;
        Self {
            fleet,
            store,
            view,
            outlets,
            waiting,
            next_token,
            #[cfg(debug_assertions)]
            plant,
        }
    }

    /// Plants a fault.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn with_plant(self, plant: Option<crate::config::Plant>) -> Self {
        Self { plant, ..self }
    }

    /// Works until the process should end; whatever had come in by then is still decided and committed.
    ///
    /// # Errors
    /// [`Fault`] when a commit fails.
    pub async fn run(mut self, mut inbox: Inbox) -> Result<(), Fault> {
        while let Some(works) = self.next_round(&mut inbox).await {
            self.round(works, clock::now())?;
        }
        Ok(())
    }

    async fn next_round(&self, inbox: &mut Inbox) -> Option<Vec<Work>> {
        let is_ending = *inbox.shutdown.borrow();
        let first = if is_ending { None } else { self.first(inbox).await };
        let mut works: Vec<Work> = first.into_iter().collect();
        // People before robots: a person waits for the answer, and their commands are few.
        while works.len() < ROUND_MAX
            && let Ok(request) = inbox.commands.try_recv()
        {
            works.push(Work::Request(request));
        }
        while works.len() < ROUND_MAX
            && let Ok(message) = inbox.messages.try_recv()
        {
            works.push(Work::Message(message));
        }
        let is_over = is_ending && works.is_empty();
        (!is_over).then_some(works)
    }

    /// The next input; none when a deadline comes first or the process should end.
    async fn first(&self, inbox: &mut Inbox) -> Option<Work> {
        let deadline = self.fleet.poll_timeout();
        tokio::select! {
            Some(request) = inbox.commands.recv() => Some(Work::Request(request)),
            Some(message) = inbox.messages.recv() => Some(Work::Message(message)),
            Some(merged) = inbox.merged.recv() => Some(Work::Merged(merged)),
            () = until(deadline) => None,
            _ = inbox.shutdown.wait_for(|is_ending| *is_ending) => None,
        }
    }

    fn round(&mut self, works: Vec<Work>, now: Instant) -> Result<(), Fault> {
        let mut round = Round::default();
        for work in works {
            let event = self.event(work);
            self.fleet.handle(Input { wall: clock::wall(), event }, now);
            self.drain(&mut round);
        }
        if self.fleet.poll_timeout().is_some_and(|at| at <= now) {
            self.fleet.handle_timeout(now);
            self.drain(&mut round);
        }
        if !round.changes.is_empty() {
            self.store.commit(&round.changes)?;
            traced(&round.changes);
        }
        self.read_back(&mut round, now)?;
        self.tell(round);
        Ok(())
    }

    /// Gives the fleet the rows that it asked for; it answers with words to robots and commits nothing.
    fn read_back(&mut self, round: &mut Round, now: Instant) -> Result<(), Fault> {
        for (robot, wanted) in std::mem::take(&mut round.reads) {
            let rows = self.store.feed_rows(&robot, wanted)?;
            let event = Event::FeedRows { robot, after: wanted.after, rows };
            self.fleet.handle(Input { wall: clock::wall(), event }, now);
            let committed = round.changes.len();
            self.drain(round);
            assert_eq!(round.changes.len(), committed, "rows that were read back change nothing");
        }
        Ok(())
    }

    fn event(&mut self, work: Work) -> Event {
        match work {
            Work::Message(opened) => Event::Opened(opened),
            Work::Merged((number, merged)) => Event::Merged { number, merged },
            Work::Request(Request { command, reply }) => {
                let token = Token(self.next_token);
                self.next_token += 1;
                self.waiting.insert(token, reply);
                Event::Command { token, command }
            }
        }
    }

    fn drain(&mut self, round: &mut Round) {
        while let Some(output) = self.fleet.poll_output() {
            match output {
                Output::Commit(changes) => {
                    #[cfg(debug_assertions)]
                    let changes = self.spoiled(changes);
                    round.changes.extend(changes);
                }
                Output::Merge { number, ask } => round.merges.push((number, ask)),
                Output::Read { robot, rows } => round.reads.push((robot, rows)),
                Output::Tell(Tell::TaskChanged(task)) => {
                    round.tasks.insert(task);
                }
                Output::Tell(Tell::RobotChanged(robot)) => {
                    round.robots.insert(robot);
                }
                Output::Tell(Tell::Answer { token, result }) => round.answers.push((token, result)),
                Output::Tell(Tell::Send { topic, letter, delivery }) => {
                    round.sends.push(Outgoing { topic: topic.to_string(), letter, delivery });
                }
            }
        }
    }

    /// Readers first, so that whoever gets an answer finds what they did.
    fn tell(&mut self, round: Round) {
        if !round.tasks.is_empty() || !round.robots.is_empty() {
            let delta = self.view.refresh(&self.fleet, &round.robots, &round.tasks);
            self.outlets.view.send_replace(Arc::new(self.view.clone()));
            // Without a reader nobody takes the change, which is no fault.
            let _readers = self.outlets.deltas.send(Arc::new(delta));
        }
        for merge in round.merges {
            if self.outlets.merges.try_send(merge).is_err() {
                tracing::error!("notes are not merged any more; they are on disk, and are merged after the next start");
            }
        }
        let dropped = round.sends.into_iter().filter_map(|send| self.outlets.messages.try_send(send).err()).count();
        if dropped > 0 {
            tracing::debug!(dropped, "{dropped} messages to robots found no room; they are repeated");
        }
        for (token, result) in round.answers {
            // A person who has gone away does not want the answer.
            let Some(reply) = self.waiting.remove(&token) else { continue };
            let _gone = reply.send(result);
        }
    }

    /// `plant = "lost"`: the first batch of work that comes is taken and acknowledged, and never written.
    #[cfg(debug_assertions)]
    fn spoiled(&mut self, changes: Vec<Change>) -> Vec<Change> {
        use shared::journal::Lane;
        let is_work = |change: &Change| match change {
            Change::Fact(row) => row.record.entry.lane == Lane::Work,
            Change::Watermark { mark, .. } => mark.lane == Lane::Work,
            _ => false,
        };
        if self.plant.is_none() || !changes.iter().any(is_work) {
            return changes;
        }
        self.plant = None;
        tracing::warn!("a planted fault drops one acknowledged batch of work");
        changes.into_iter().filter(|change| !is_work(change)).collect()
    }
}

/// One span for each entry, from the robot's write to this commit, as the server's calendar has both.
fn traced(changes: &[Change]) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let committed = clock::wall();
    for change in changes {
        let Change::Fact(row) = change else { continue };
        let (entry, written) = (&row.record.entry, row.stamp.wall());
        let span =
            tracing::debug_span!("entry", robot.id = %row.robot, lane = entry.lane.as_str(), seq = entry.lane_seq);
        let ms = |to: shared::time::WallTime| to.0.saturating_sub(written.0);
        let (received_ms, committed_ms) = (ms(row.received), ms(committed));
        span.in_scope(|| {
            tracing::debug!(received_ms, committed_ms, "committed {committed_ms} ms after it was written")
        });
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep(Duration::from_millis(at.since(clock::now()).0)).await,
        None => std::future::pending().await,
    }
}
