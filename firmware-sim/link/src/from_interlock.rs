//! Everything the safety controller says to the agent. None of it asks for an answer.

use crate::counters::{self, Counters};
use crate::frame::{Frame, Reject};
use crate::message::Message;
use crate::payload::{Reader, Writer};
use crate::record::{self, Fragment};
use crate::to_interlock::Act;

/// A word from the safety controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FromInterlock {
    /// The session with this nonce is open.
    Welcome {
        /// The session's name.
        nonce: u64,
    },
    /// The interlock as it is.
    Status(Status),
    /// The body as it is.
    Body(Body),
    /// How far the step is which the newest setpoint named.
    StepCount(StepCount),
    /// What was counted since ever: once a second, and at once after a press.
    Counters(Counters),
    /// A part of a line of the controller's own record; see [`Assembler`](crate::Assembler).
    Record(Fragment),
}

/// The interlock as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// Its phase.
    pub phase: Phase,
    /// Why the energy was last taken away.
    pub cause: Cause,
    /// Rises on every trip; an `Arm` has to name it.
    pub trip_epoch: u32,
    /// In Standby: the interlock's own conditions for a return are met.
    pub standby_ok: bool,
    /// The robot's own beacon was heard in time.
    pub beacon_heard: bool,
    /// At least one channel of the button is open.
    pub button_open: bool,
    /// The reset is being pressed.
    pub reset_pressed: bool,
    /// The button was pressed and released once since the power came on.
    pub proof_tested: bool,
    /// The relays are commanded on.
    pub energised: bool,
    /// How many more times the robot may return from Standby within the window.
    pub returns_left: u8,
}

/// The interlock's phase. The numbers are those of the fleet's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// Off. A person at the robot has to release and reset.
    Tripped = 0,
    /// Off; healthy, waiting for the reset to be pressed.
    ResetArmed = 1,
    /// Off; the reset is being pressed.
    ResetPressed = 2,
    /// Off; reset, may be armed.
    Released = 3,
    /// On: the only phase in which the robot may move.
    Energised = 4,
    /// On, ramping down under the interlock's timer, then off.
    Stopping = 5,
    /// Off after a machine-class stop; may be armed again by rule.
    Standby = 6,
    /// Off until the power is cycled: a fault was found.
    Locked = 7,
}

impl Phase {
    /// All phases, each at the place of its number.
    pub const ALL: [Self; 8] = [
        Self::Tripped,
        Self::ResetArmed,
        Self::ResetPressed,
        Self::Released,
        Self::Energised,
        Self::Stopping,
        Self::Standby,
        Self::Locked,
    ];

    /// The phase of a number.
    #[must_use]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Why the interlock last took the energy away. The numbers are those of the fleet's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The power came on: always tripped.
    PowerUp = 0,
    /// A person pressed the button.
    Button = 1,
    /// The two channels disagreed for too long.
    Discrepancy = 2,
    /// A relay's mirror contact did not follow.
    Mirror = 3,
    /// Software asked for a stop that needs a person.
    StopLatched = 4,
    /// Software asked for a stop.
    Stop = 5,
    /// The agent's heartbeat was not heard in time.
    Heartbeat = 6,
    /// The robot's own beacon was not heard in time.
    Beacon = 7,
    /// The link had too many errors.
    Link = 8,
    /// The agent started anew.
    Session = 9,
    /// Standby lasted too long.
    StandbyTimeout = 10,
    /// Too many returns from Standby within the window.
    TooManyReturns = 11,
}

impl Cause {
    /// All causes, each at the place of its number.
    pub const ALL: [Self; 12] = [
        Self::PowerUp,
        Self::Button,
        Self::Discrepancy,
        Self::Mirror,
        Self::StopLatched,
        Self::Stop,
        Self::Heartbeat,
        Self::Beacon,
        Self::Link,
        Self::Session,
        Self::StandbyTimeout,
        Self::TooManyReturns,
    ];

    /// The cause of a number.
    #[must_use]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether only a person at the robot ends the stop.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        match self {
            Self::PowerUp
            | Self::Button
            | Self::Discrepancy
            | Self::Mirror
            | Self::StopLatched
            | Self::StandbyTimeout
            | Self::TooManyReturns => true,
            Self::Stop | Self::Heartbeat | Self::Beacon | Self::Link | Self::Session => false,
        }
    }
}

/// The body as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Body {
    /// Where it stands, in centimetres of the hall.
    pub x_cm: i16,
    /// Where it stands, in centimetres of the hall.
    pub y_cm: i16,
    /// Charge of the battery, in thousandths.
    pub battery_permille: u16,
    /// What it is doing.
    pub act: Act,
    /// Whether it holds something.
    pub held: bool,
    /// Whether it moves.
    pub moving: bool,
}

/// How often a step was done, as the body counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StepCount {
    /// The order (`OrderRef::tag`).
    pub order: u64,
    /// The step's place in its order, from 0.
    pub step: u8,
    /// How often this step of this order was finished since ever.
    pub count: u8,
    /// How far it is, in thousandths.
    pub progress_permille: u16,
}

const WELCOME: u8 = 0x81;
const STATUS: u8 = 0x82;
const BODY: u8 = 0x83;
const STEP_COUNT: u8 = 0x84;
const COUNTERS: u8 = 0x85;
const RECORD: u8 = 0x86;

impl Message for FromInterlock {
    const DIRECTION: u8 = 1;
    const LEARNS_CLOCK: bool = true;
    const GREETING: u8 = WELCOME;

    fn greeting(&self) -> Option<u64> {
        match self {
            Self::Welcome { nonce } => Some(*nonce),
            Self::Status(_) | Self::Body(_) | Self::StepCount(_) | Self::Counters(_) | Self::Record(_) => None,
        }
    }

    fn write(&self) -> (u8, Writer) {
        match self {
            Self::Welcome { nonce } => (WELCOME, Writer::new().put(&nonce.to_le_bytes())),
            Self::Status(status) => (STATUS, write_status(status)),
            Self::Body(body) => (BODY, write_body(body)),
            Self::StepCount(count) => (STEP_COUNT, write_step_count(count)),
            Self::Counters(counted) => (COUNTERS, counters::write(counted)),
            Self::Record(fragment) => (RECORD, record::write(fragment)),
        }
    }

    fn read(frame: &Frame) -> Result<Self, Reject> {
        let mut payload = Reader::new(&frame.payload);
        let (len, word) = match frame.kind {
            WELCOME => (8, Some(Self::Welcome { nonce: payload.u64() })),
            STATUS => (8, read_status(&mut payload).map(Self::Status)),
            BODY => (8, read_body(&mut payload).map(Self::Body)),
            STEP_COUNT => (12, Some(Self::StepCount(read_step_count(&mut payload)))),
            COUNTERS => (counters::LEN, Some(Self::Counters(counters::read(&mut payload)))),
            RECORD => return record::read(frame).map(Self::Record),
            _ => return Err(Reject::Kind),
        };
        frame.expect_len(len)?;
        word.ok_or(Reject::Payload)
    }
}

fn write_status(status: &Status) -> Writer {
    Writer::new()
        .put(&[status.phase as u8, status.cause as u8])
        .put(&status.trip_epoch.to_le_bytes())
        .put_flags(&[
            status.standby_ok,
            status.beacon_heard,
            status.button_open,
            status.reset_pressed,
            status.proof_tested,
            status.energised,
        ])
        .put(&[status.returns_left])
}

fn read_status(payload: &mut Reader<'_>) -> Option<Status> {
    let phase = Phase::from_u8(payload.u8())?;
    let cause = Cause::from_u8(payload.u8())?;
    let trip_epoch = payload.u32();
    let [standby_ok, beacon_heard, button_open, reset_pressed, proof_tested, energised] = payload.flags()?;
    let returns_left = payload.u8();
    Some(Status {
        phase,
        cause,
        trip_epoch,
        standby_ok,
        beacon_heard,
        button_open,
        reset_pressed,
        proof_tested,
        energised,
        returns_left,
    })
}

fn write_body(body: &Body) -> Writer {
    Writer::new()
        .put(&body.x_cm.to_le_bytes())
        .put(&body.y_cm.to_le_bytes())
        .put(&body.battery_permille.to_le_bytes())
        .put(&[body.act as u8])
        .put_flags(&[body.held, body.moving])
}

fn read_body(payload: &mut Reader<'_>) -> Option<Body> {
    let (x_cm, y_cm, battery_permille) = (payload.i16(), payload.i16(), payload.u16());
    let act = Act::from_u8(payload.u8())?;
    let [held, moving] = payload.flags()?;
    Some(Body { x_cm, y_cm, battery_permille, act, held, moving })
}

fn write_step_count(count: &StepCount) -> Writer {
    Writer::new()
        .put(&count.order.to_le_bytes())
        .put(&[count.step, count.count])
        .put(&count.progress_permille.to_le_bytes())
}

fn read_step_count(payload: &mut Reader<'_>) -> StepCount {
    let order = payload.u64();
    let (step, count) = (payload.u8(), payload.u8());
    StepCount { order, step, count, progress_permille: payload.u16() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_and_causes_are_their_numbers() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_u8(phase as u8), Some(phase));
        }
        for cause in Cause::ALL {
            assert_eq!(Cause::from_u8(cause as u8), Some(cause));
        }
        assert_eq!((Phase::from_u8(8), Cause::from_u8(12)), (None, None));
    }
}
