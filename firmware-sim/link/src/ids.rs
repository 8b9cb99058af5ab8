//! Which link a frame belongs to.

/// Who speaks with whom in which session. Never transmitted; it enters the checksum, so that a frame which strays
/// from another robot's link, or from an earlier life of the agent, is dropped (SR-17: misaddressing, masquerade).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ids {
    /// The safety controller.
    pub firmware: u32,
    /// The agent.
    pub agent: u32,
    /// The session; 0 = none yet.
    pub nonce: u64,
}

impl Ids {
    /// The ids of a robot's link in a session.
    #[must_use]
    pub const fn of_robot(name: &str, nonce: u64) -> Self {
        let (firmware, agent) = for_robot(name);
        Self { firmware, agent, nonce }
    }

    /// What both ends know and neither sends: 17 bytes.
    pub(crate) fn codename(self, nonce: u64, direction: u8) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[..4].copy_from_slice(&self.firmware.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.agent.to_le_bytes());
        bytes[8..16].copy_from_slice(&nonce.to_le_bytes());
        bytes[16] = direction;
        bytes
    }
}

/// The ids `(firmware, agent)` of a robot's two ends: a fixed hash of its name, the same on every machine.
#[must_use]
pub const fn for_robot(name: &str) -> (u32, u32) {
    (hash(b'f', name.as_bytes()), hash(b'a', name.as_bytes()))
}

/// FNV-1a over the end's letter and the name.
const fn hash(end: u8, name: &[u8]) -> u32 {
    let mut hash = (0x811C_9DC5 ^ end as u32).wrapping_mul(0x0100_0193);
    let mut i = 0;
    while i < name.len() {
        hash = (hash ^ name[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_robot_and_every_end_has_its_own_id() {
        let (f1, a1) = for_robot("r-1");
        let (f2, a2) = for_robot("r-2");
        assert!(f1 != a1 && f1 != f2 && a1 != a2 && f2 != a2);
        assert_eq!(for_robot("r-1"), (f1, a1));
    }

    #[test]
    fn the_codename_differs_in_session_and_direction() {
        let ids = Ids::of_robot("r-1", 7);
        assert_ne!(ids.codename(7, 0), ids.codename(8, 0));
        assert_ne!(ids.codename(7, 0), ids.codename(7, 1));
    }
}
