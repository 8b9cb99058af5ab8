//! The driver's loop: one input, decide, rest, commit or exit, tell.

use crate::clock;
use crate::control::{DriverPulse, Order};
use crate::endorsement;
use crate::mqtt::Transport;
use crate::replica::{Fault, Room, Vault};
use robot_core::{Input, LocalAnswer, LocalToken, Output, Robot, Tell};
use shared::machine::Machine;
use shared::time::{Instant, Millis};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Longest wait for an input. Below the time after which the control loop calls the driver stuck.
const WAIT_MAX: Millis = Millis(500);
/// Between two readings of the wall clock.
const WALL_EVERY: Millis = Millis::secs(1);
/// Between two times at which the head remembered beside the database is brought to the disk.
const HEAD_SYNC_EVERY: Millis = Millis::secs(10);

/// Between two measurements of the storage.
const STORAGE_EVERY: Millis = Millis::secs(5);

/// Why the driver cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum End {
    /// A commit failed.
    #[error(transparent)]
    Replica(#[from] Fault),
    /// The control loop's thread is gone.
    #[error("the control loop is gone")]
    ControlLoop,
}

/// The driver and what it drives.
pub struct Driver {
    /// Decides.
    pub robot: Robot,
    /// Keeps.
    pub vault: Vault,
    /// Tells the server.
    pub transport: Transport,
    /// Tells the control loop.
    pub orders: SyncSender<Order>,
    /// Answers whoever asks at the robot.
    pub answers: SyncSender<(LocalToken, LocalAnswer)>,
    /// Shows the control loop that the driver lives.
    pub pulse: DriverPulse,
    /// A planted fault.
    #[cfg(debug_assertions)]
    pub hang: Option<crate::plant::Hang>,
}

impl Driver {
    /// Runs until the process is asked to end.
    ///
    /// # Errors
    /// [`End`] when the process has to end; the firmware then stops the robot.
    pub fn run(mut self, inputs: &Receiver<Input>) -> Result<(), End> {
        let mut wall_read = clock::now();
        let mut head_synced = wall_read;
        // Measured at once: a start on a full disk takes no work.
        let mut measured = Instant(0);
        loop {
            let now = clock::now();
            if now.since(wall_read) >= WALL_EVERY {
                wall_read = now;
                self.robot.handle(Input::Wall(clock::wall()), now);
            }
            if now.since(head_synced) >= HEAD_SYNC_EVERY {
                head_synced = now;
                self.vault.replica().sync_head()?;
            }
            if now.since(measured) >= STORAGE_EVERY {
                measured = now;
                let reading = self.vault.measure()?;
                self.robot.handle(Input::Storage(reading), now);
            }
            match inputs.recv_timeout(self.wait(now)) {
                Ok(input) => {
                    let ends = matches!(input, Input::Shutdown);
                    self.robot.handle(input, clock::now());
                    if ends {
                        self.drain()?;
                        return Ok(self.vault.replica().sync_head()?);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.robot.handle_timeout(clock::now()),
                Err(RecvTimeoutError::Disconnected) => return self.drain(),
            }
            #[cfg(debug_assertions)]
            self.hang.iter().for_each(crate::plant::Hang::if_asked);
            self.drain()?;
        }
    }

    fn wait(&self, now: Instant) -> Duration {
        let left = self.robot.poll_timeout().map_or(WAIT_MAX, |at| at.since(now));
        Duration::from_millis(left.min(WAIT_MAX).0)
    }

    /// Carries out everything that was decided. Called once before the control loop starts, so that the start is on disk.
    ///
    /// # Errors
    /// [`End`] when a commit fails or there is no control loop.
    pub fn drain(&mut self) -> Result<(), End> {
        while let Some(output) = self.robot.poll_output() {
            match output {
                Output::Rest => self.order(Order::Rest)?,
                Output::ForbidArm => self.order(Order::MayNotArm)?,
                Output::Commit(changes) => {
                    let room = self.vault.commit(&changes)?;
                    self.note(room);
                }
                Output::Keep(keeps) => {
                    let room = self.vault.keep(&keeps)?;
                    self.note(room);
                }
                Output::Tell(tell) => self.tell(tell)?,
            }
        }
        self.pulse.store(clock::now().0, Ordering::Release);
        Ok(())
    }

    fn note(&mut self, room: Room) {
        match room {
            Room::Enough => {}
            Room::Reserve => self.robot.handle(Input::StorageFull, clock::now()),
        }
    }

    fn tell(&mut self, tell: Tell) -> Result<(), End> {
        match tell {
            Tell::Publish { channel, payload } => self.transport.publish(channel, payload),
            Tell::Act(activity) => self.order(Order::Act(activity))?,
            Tell::MayArm { trip_epoch } => self.order(Order::MayArm { trip_epoch })?,
            Tell::Local { token, answer } => self.answer(token, answer),
            Tell::Head { cseq, head } => self.order(Order::Head { cseq, head })?,
            Tell::Endorsed { validity, pack } => self.order(Order::Endorsed { validity, pack })?,
            Tell::Clock(clock, server) => self.order(Order::Clock(clock, server))?,
            Tell::SitDown => self.order(Order::SitDown)?,
            Tell::Stage(stage) => endorsement::say(stage),
            Tell::Reconnect => self.transport.reconnect(),
            Tell::Telemetry(wanted) => {
                let read = self.vault.read(wanted)?;
                self.robot.handle(Input::Telemetry(wanted, read), clock::now());
            }
            Tell::Recall { lane, range } => {
                let records = self.vault.replica().recall(lane, range)?;
                self.robot.handle(Input::Recalled(lane, records), clock::now());
            }
            Tell::Seated(seat) => endorsement::say_where(seat),
        }
        Ok(())
    }

    /// Whoever asked may be gone; the answer is theirs to ask for again.
    fn answer(&self, token: LocalToken, answer: LocalAnswer) {
        if self.answers.try_send((token, answer)).is_err() {
            tracing::warn!("nobody waits for an answer at the robot");
        }
    }

    /// The control loop empties its channel twenty times a second. One that is gone has stopped the robot by its silence;
    /// what it saw last would be told for ever, so the process ends.
    fn order(&self, order: Order) -> Result<(), End> {
        self.orders.send(order).map_err(|_| End::ControlLoop)
    }
}
