//! The bytes between firmware and body: one record of fixed length for each direction, numbers little-endian.
//!
//! A record is far smaller than what a pipe writes at once, so a write is done whole or not at all and a reader never
//! sees half a record of a writer that lives.

use super::goal::{Goal, Torque};
use interlock_link::Act;

/// Bytes of a [`Drive`].
pub const DRIVE_LEN: usize = 32;
/// Bytes of a [`Report`].
pub const REPORT_LEN: usize = 24;

/// Firmware to body: the motor line of one tick, and the step that is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// When it was written, in milliseconds since the machine's boot: an old permission is worth nothing.
    pub t_ms: u64,
    /// What the motors may do.
    pub torque: Torque,
    /// What the agent wants done.
    pub goal: Goal,
}

/// Body to firmware: how the body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Order of the step that the two numbers at the end are about.
    pub order: u64,
    /// That step.
    pub step: u8,
    /// Centimetres east.
    pub x_cm: i16,
    /// Centimetres north.
    pub y_cm: i16,
    /// Charge of the battery, 0 to 1000.
    pub battery_permille: u16,
    /// What it is doing, as the number of an [`Act`].
    pub act: u8,
    /// Whether its hands hold something.
    pub held: bool,
    /// Whether it is moving.
    pub moving: bool,
    /// How often it has finished the step, since ever.
    pub count: u8,
    /// How much of the step is done, 0 to 1000.
    pub progress_permille: u16,
}

impl Drive {
    /// The record as bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; DRIVE_LEN] {
        let goal = &self.goal;
        let mut bytes = [0; DRIVE_LEN];
        bytes[..8].copy_from_slice(&self.t_ms.to_le_bytes());
        bytes[8..16].copy_from_slice(&goal.order.to_le_bytes());
        bytes[16..20].copy_from_slice(&goal.session.to_le_bytes());
        bytes[20..22].copy_from_slice(&goal.x_cm.to_le_bytes());
        bytes[22..24].copy_from_slice(&goal.y_cm.to_le_bytes());
        bytes[24..26].copy_from_slice(&goal.amount.to_le_bytes());
        bytes[26..29].copy_from_slice(&[goal.step, goal.act as u8, self.torque as u8]);
        bytes
    }

    /// The record that the bytes are; `None` when a number names nothing.
    #[must_use]
    pub fn decode(bytes: &[u8; DRIVE_LEN]) -> Option<Self> {
        let goal = Goal {
            order: u64_at(bytes, 8),
            step: bytes[26],
            act: Act::from_u8(bytes[27])?,
            x_cm: i16_at(bytes, 20),
            y_cm: i16_at(bytes, 22),
            amount: u16_at(bytes, 24),
            session: u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]),
        };
        Some(Self { t_ms: u64_at(bytes, 0), torque: torque_of(bytes[28])?, goal })
    }
}

impl Report {
    /// The record as bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; REPORT_LEN] {
        let mut bytes = [0; REPORT_LEN];
        bytes[..8].copy_from_slice(&self.order.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.x_cm.to_le_bytes());
        bytes[10..12].copy_from_slice(&self.y_cm.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.battery_permille.to_le_bytes());
        bytes[14..16].copy_from_slice(&self.progress_permille.to_le_bytes());
        bytes[16..21].copy_from_slice(&[self.step, self.count, self.act, u8::from(self.held), u8::from(self.moving)]);
        bytes
    }

    /// The record that the bytes are.
    #[must_use]
    pub fn decode(bytes: &[u8; REPORT_LEN]) -> Self {
        Self {
            order: u64_at(bytes, 0),
            step: bytes[16],
            x_cm: i16_at(bytes, 8),
            y_cm: i16_at(bytes, 10),
            battery_permille: u16_at(bytes, 12),
            act: bytes[18],
            held: bytes[19] == 1,
            moving: bytes[20] == 1,
            count: bytes[17],
            progress_permille: u16_at(bytes, 14),
        }
    }
}

fn torque_of(number: u8) -> Option<Torque> {
    [Torque::Off, Torque::Ramp, Torque::On].into_iter().find(|torque| *torque as u8 == number)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a slice of 8 has 8 bytes"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn i16_at(bytes: &[u8], at: usize) -> i16 {
    i16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_records_come_back_from_their_bytes() {
        let goal =
            Goal { order: u64::MAX - 5, step: 3, act: Act::Crouch, x_cm: -7, y_cm: 300, amount: 9, session: 70_000 };
        let drive = Drive { t_ms: 1 << 40, torque: Torque::Ramp, goal };
        assert_eq!(Drive::decode(&drive.encode()), Some(drive));
        let report = Report {
            order: 1 << 60,
            step: 200,
            x_cm: -32_768,
            y_cm: 5,
            battery_permille: 999,
            act: 4,
            held: true,
            moving: false,
            count: 255,
            progress_permille: 1000,
        };
        assert_eq!(Report::decode(&report.encode()), report);
    }

    #[test]
    fn a_number_that_names_nothing_is_no_record() {
        let mut bytes = Drive { t_ms: 0, torque: Torque::On, goal: Goal::default() }.encode();
        bytes[28] = 3;
        assert_eq!(Drive::decode(&bytes), None);
        bytes[28] = 0;
        bytes[27] = 8;
        assert_eq!(Drive::decode(&bytes), None);
    }
}
