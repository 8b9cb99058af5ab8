//! Everything an agent can say to the safety controller.
//!
//! There is no word for reset, release, fault acknowledge, override, mask, timer, clock, "beacon ok" or relay, so no
//! agent, however broken, can say one.

use crate::frame::{Frame, Reject};
use crate::message::Message;
use crate::payload::{Reader, Writer};

/// A word from the agent. These five, and nothing else has an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToInterlock {
    /// A new life of the agent begins: a session with this nonce (not 0, never used before).
    Hello {
        /// The session's name.
        nonce: u64,
    },
    /// The agent's control loop is on time.
    Heartbeat,
    /// Stop under control, then take the power away.
    Stop {
        /// Whether only a person at the robot may end it.
        latch: bool,
    },
    /// Give the motors power, if everything else allows it.
    Arm {
        /// The trip epoch the agent has read: an `Arm` meant for an earlier stop has no effect.
        epoch: u32,
    },
    /// What the body should do while motion is allowed.
    Setpoint(Setpoint),
}

/// What the body should do. Naming is a question, moving is not: without permission to move it only names a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setpoint {
    /// The kind of work.
    pub act: Act,
    /// The step's place in its order, from 0.
    pub step: u8,
    /// The order (`OrderRef::tag`).
    pub order: u64,
    /// Where to, in centimetres of the hall.
    pub x_cm: i16,
    /// Where to, in centimetres of the hall.
    pub y_cm: i16,
    /// Tenths of a second of work, or percent for [`Act::Charge`].
    pub amount: u16,
}

impl Setpoint {
    /// Longest work one setpoint can ask for: 10 minutes, in tenths of a second. A wrong number must end by itself.
    pub const WORK_DS_MAX: u16 = 6_000;

    /// The setpoint with its amount inside the bounds of its act.
    #[must_use]
    pub const fn clamped(self) -> Self {
        let max = match self.act {
            Act::Rest | Act::Walk | Act::Crouch => 0,
            Act::Pick | Act::Place | Act::Inspect | Act::Tend => Self::WORK_DS_MAX,
            Act::Charge => 100,
        };
        Self { amount: if self.amount < max { self.amount } else { max }, ..self }
    }
}

/// A kind of work of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Act {
    /// Stand still.
    Rest = 0,
    /// Walk in a straight line.
    Walk = 1,
    /// Take hold of something.
    Pick = 2,
    /// Put down what is held.
    Place = 3,
    /// Look at something.
    Inspect = 4,
    /// Tend a machine.
    Tend = 5,
    /// Charge at a station.
    Charge = 6,
    /// Go down into a stable posture.
    Crouch = 7,
}

impl Act {
    /// All acts, each at the place of its number.
    pub const ALL: [Self; 8] =
        [Self::Rest, Self::Walk, Self::Pick, Self::Place, Self::Inspect, Self::Tend, Self::Charge, Self::Crouch];

    /// The act of a number.
    #[must_use]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

const HELLO: u8 = 1;
const HEARTBEAT: u8 = 2;
pub(crate) const STOP: u8 = 3;
const ARM: u8 = 4;
const SETPOINT: u8 = 5;

impl Message for ToInterlock {
    const DIRECTION: u8 = 0;
    const LEARNS_CLOCK: bool = false;
    const GREETING: u8 = HELLO;

    fn greeting(&self) -> Option<u64> {
        match self {
            Self::Hello { nonce } => Some(*nonce),
            Self::Heartbeat | Self::Stop { .. } | Self::Arm { .. } | Self::Setpoint(_) => None,
        }
    }

    fn write(&self) -> (u8, Writer) {
        let empty = Writer::new();
        match self {
            Self::Hello { nonce } => (HELLO, empty.put(&nonce.to_le_bytes())),
            Self::Heartbeat => (HEARTBEAT, empty),
            Self::Stop { latch } => (STOP, empty.put_flags(&[*latch])),
            Self::Arm { epoch } => (ARM, empty.put(&epoch.to_le_bytes())),
            Self::Setpoint(setpoint) => (SETPOINT, write_setpoint(setpoint)),
        }
    }

    fn read(frame: &Frame) -> Result<Self, Reject> {
        let mut payload = Reader::new(&frame.payload);
        let (len, word) = match frame.kind {
            HELLO => (8, Some(Self::Hello { nonce: payload.u64() }).filter(|hello| hello.greeting() != Some(0))),
            HEARTBEAT => (0, Some(Self::Heartbeat)),
            STOP => (1, payload.flags().map(|[latch]| Self::Stop { latch })),
            ARM => (4, Some(Self::Arm { epoch: payload.u32() })),
            SETPOINT => (16, read_setpoint(&mut payload).map(Self::Setpoint)),
            _ => return Err(Reject::Kind),
        };
        frame.expect_len(len)?;
        word.ok_or(Reject::Payload)
    }
}

fn write_setpoint(setpoint: &Setpoint) -> Writer {
    Writer::new()
        .put(&[setpoint.act as u8, setpoint.step])
        .put(&setpoint.order.to_le_bytes())
        .put(&setpoint.x_cm.to_le_bytes())
        .put(&setpoint.y_cm.to_le_bytes())
        .put(&setpoint.amount.to_le_bytes())
}

fn read_setpoint(payload: &mut Reader<'_>) -> Option<Setpoint> {
    let act = Act::from_u8(payload.u8())?;
    let (step, order) = (payload.u8(), payload.u64());
    let (x_cm, y_cm, amount) = (payload.i16(), payload.i16(), payload.u16());
    Some(Setpoint { act, step, order, x_cm, y_cm, amount }.clamped())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_its_number() {
        for act in Act::ALL {
            assert_eq!(Act::from_u8(act as u8), Some(act));
        }
        assert_eq!(Act::from_u8(8), None);
    }

    #[test]
    fn amounts_are_clamped_to_what_the_act_allows() {
        let setpoint = |act, amount| Setpoint { act, step: 0, order: 1, x_cm: 0, y_cm: 0, amount };
        assert_eq!(setpoint(Act::Charge, 101).clamped().amount, 100);
        assert_eq!(setpoint(Act::Charge, 99).clamped().amount, 99);
        assert_eq!(setpoint(Act::Pick, u16::MAX).clamped().amount, Setpoint::WORK_DS_MAX);
        assert_eq!(setpoint(Act::Walk, 5).clamped().amount, 0);
    }
}
