//! What a person has done to the antenna: nothing, cut it off, drowned it in noise, or put a recorder in between.
//!
//! It happens before a packet is verified, as on a real radio. The panel sets it; nothing on the agent's side can. Of a
//! packet that is jammed nothing but its length arrives: the rest is noise, drawn anew for each, so that nobody can choose a
//! packet that comes out whole.

use crate::plant::Defect;
use serde::Serialize;
use shared::time::{Instant, Millis};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// How late a delayed packet is heard: longer than the interlock lets a robot be silent.
pub const DELAY: Millis = Millis(2000);

/// Packets on their way; what finds no room is lost.
const DELAYED_MAX: usize = 1024;

/// How the air reaches the receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reception {
    /// As it was sent.
    #[default]
    Clear,
    /// Not at all.
    Muted,
    /// Noise in place of every packet.
    Jammed,
    /// Every packet late by [`DELAY`].
    Delayed,
}

impl Reception {
    const ALL: [Self; 4] = [Self::Clear, Self::Muted, Self::Jammed, Self::Delayed];

    /// What a defect of the hardware does to the reception.
    #[must_use]
    pub const fn with(defect: Defect) -> Self {
        match defect {
            Defect::Mute => Self::Muted,
            Defect::Jam => Self::Jammed,
            Defect::Delay => Self::Delayed,
            Defect::None
            | Defect::StuckA
            | Defect::StuckB
            | Defect::Weld1
            | Defect::Weld2
            | Defect::StuckMirror1
            | Defect::StuckMirror2
            | Defect::Bounce => Self::Clear,
        }
    }
}

/// The antenna's state and the power's, set by the control thread and read by the receiver's: plain numbers, no lock.
#[derive(Debug, Default)]
pub struct Antenna {
    reception: AtomicU8,
    power_ups: AtomicU64,
}

impl Antenna {
    /// Changes the reception.
    pub fn set(&self, reception: Reception) {
        self.reception.store(reception as u8, Ordering::Relaxed);
    }

    /// The reception now.
    #[must_use]
    pub fn reception(&self) -> Reception {
        let place = usize::from(self.reception.load(Ordering::Relaxed));
        Reception::ALL.get(place).copied().unwrap_or_default()
    }

    /// The power went and came: what the receiver remembers is gone.
    pub fn lose_power(&self) {
        self.power_ups.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the power came back.
    #[must_use]
    pub fn power_ups(&self) -> u64 {
        self.power_ups.load(Ordering::Relaxed)
    }
}

/// What lies between the air and the receiver.
#[derive(Debug, Default)]
pub struct Path {
    on_the_way: VecDeque<(Instant, Vec<u8>)>,
}

impl Path {
    /// One packet from the air; what of it arrives at once. `noise` is that many bytes of it.
    pub fn pass(
        &mut self,
        packet: &[u8],
        reception: Reception,
        now: Instant,
        noise: impl FnOnce(usize) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        self.follow(reception);
        match reception {
            Reception::Clear => Some(packet.to_vec()),
            Reception::Muted => None,
            Reception::Jammed => noise(packet.len()),
            Reception::Delayed => {
                if self.on_the_way.len() < DELAYED_MAX {
                    self.on_the_way.push_back((now + DELAY, packet.to_vec()));
                }
                None
            }
        }
    }

    /// The next delayed packet that arrives by now; what was on its way when the recorder was taken out is lost.
    pub fn arrived(&mut self, reception: Reception, now: Instant) -> Option<Vec<u8>> {
        self.follow(reception);
        let is_due = self.on_the_way.front().is_some_and(|(due, _)| *due <= now);
        if is_due { self.on_the_way.pop_front().map(|(_, packet)| packet) } else { None }
    }

    fn follow(&mut self, reception: Reception) {
        if reception != Reception::Delayed {
            self.on_the_way.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defect_of_the_antenna_comes_through_the_one_number() {
        let antenna = Antenna::default();
        for defect in Defect::ALL {
            antenna.set(Reception::with(defect));
            assert_eq!(antenna.reception(), Reception::with(defect));
        }
        assert_eq!(Reception::with(Defect::Weld1), Reception::Clear);
    }

    #[test]
    fn a_packet_passes_is_lost_is_spoiled_or_comes_late() {
        let mut path = Path::default();
        let mut pass = |reception| path.pass(&[7; 20], reception, Instant(5), |_| Some(vec![1, 2, 3]));
        assert_eq!(pass(Reception::Clear), Some(vec![7; 20]));
        assert_eq!(pass(Reception::Muted), None);
        assert_eq!(pass(Reception::Jammed), Some(vec![1, 2, 3]), "the noise, and nothing of the packet");
        assert_eq!(pass(Reception::Delayed), None);
        let mut arrived = |after| path.arrived(Reception::Delayed, Instant(5) + after);
        assert_eq!(arrived(Millis(0)), None);
        assert_eq!(arrived(DELAY), Some(vec![7; 20]));
        assert_eq!(arrived(DELAY), None);
    }

    #[test]
    fn what_is_on_its_way_does_not_arrive_through_an_antenna_that_was_muted_meanwhile() {
        for reception in [Reception::Muted, Reception::Jammed, Reception::Clear] {
            let mut path = Path::default();
            assert_eq!(path.pass(&[7; 20], Reception::Delayed, Instant(5), |_| None), None);
            assert_eq!(path.arrived(reception, Instant(5) + DELAY), None);
            assert_eq!(path.arrived(Reception::Delayed, Instant(5) + DELAY), None, "and not later either");
        }
    }

    #[test]
    fn a_jammer_without_noise_lets_nothing_through() {
        assert_eq!(Path::default().pass(&[7; 20], Reception::Jammed, Instant(5), |_| None), None);
    }
}
