//! Bytes made smaller, and made whole again under a limit: the only file that names `zstd`.
//!
//! A few bytes can claim to be gigabytes. So the sender names the length, a reader refuses more than
//! [`UNPACKED_LEN_MAX`] before it reserves anything, and the decoder writes into exactly that room.

use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

/// Most bytes that packed ones may become: 1 MiB, many times the largest message.
pub const UNPACKED_LEN_MAX: usize = 1024 * 1024;

/// Bodies of at most this many bytes are not packed: there is nothing to win.
pub const UNPACKED_LEN_FREE: usize = 512;

/// The fastest level. On batches of facts the higher ones win a tenth and cost ten times the time.
const LEVEL: i32 = 1;

thread_local! {
    /// A context is half a megabyte that has to be reserved and cleared; one for each thread, used again, saves more than a
    /// small frame costs. Nothing of a frame stays in it.
    static PACKER: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::new(LEVEL).expect("the level exists, and without memory nothing goes on"));
    static UNPACKER: RefCell<Decompressor<'static>> =
        RefCell::new(Decompressor::new().expect("without memory nothing goes on"));
}

/// Why packed bytes are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPack {
    /// They claim to be longer than anything that is ever sent.
    #[error("packed bytes become at most {UNPACKED_LEN_MAX}, these claim {0}")]
    Bomb(u64),
    /// They become another number of bytes than they claim, or are no zstd frame.
    #[error("the packed bytes do not become the {claimed} that they claim: {why}")]
    Spoiled {
        /// How many were claimed.
        claimed: u64,
        /// What came instead.
        why: String,
    },
}

/// The bytes as one zstd frame, if that is shorter; `None` when they should travel as they are.
///
/// # Panics
/// Never: compressing in memory fails only when its output has no room, and the library reserves the bound.
#[must_use]
pub fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() <= UNPACKED_LEN_FREE || bytes.len() > UNPACKED_LEN_MAX {
        return None;
    }
    let packed = PACKER.with_borrow_mut(|packer| packer.compress(bytes));
    let packed = packed.expect("the library reserves what compressing can need");
    (packed.len() < bytes.len()).then_some(packed)
}

/// The bytes that were packed; `claimed` is their length as the sender names it.
///
/// # Errors
/// [`BadPack`] when they claim too much or are not what they claim.
pub fn unpack(packed: &[u8], claimed: u64) -> Result<Vec<u8>, BadPack> {
    let room = usize::try_from(claimed).ok().filter(|room| *room <= UNPACKED_LEN_MAX);
    let room = room.ok_or(BadPack::Bomb(claimed))?;
    let spoiled = |why: String| BadPack::Spoiled { claimed, why };
    let bytes = UNPACKER.with_borrow_mut(|unpacker| unpacker.decompress(packed, room));
    let bytes = bytes.map_err(|e| spoiled(e.to_string()))?;
    if bytes.len() != room {
        return Err(spoiled(format!("there are {}", bytes.len())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_bytes_come_back_and_short_or_dense_ones_are_left_alone() {
        let long = b"walk_to".repeat(1000);
        let packed = pack(&long).unwrap();
        assert!(packed.len() < 200);
        assert_eq!(unpack(&packed, 7000), Ok(long));
        assert_eq!(pack(&[7; UNPACKED_LEN_FREE]), None);
        let dense: Vec<u8> = (0..40u32).flat_map(|i| crate::seal::Hash::of(&[&i.to_be_bytes()]).0).collect();
        assert_eq!(pack(&dense), None);
    }

    #[test]
    fn a_bomb_is_refused_before_it_opens() {
        let bomb = zstd::bulk::compress(&vec![0; 64 * 1024 * 1024], 1).unwrap();
        assert!(bomb.len() < 16 * 1024);
        assert_eq!(unpack(&bomb, 64 * 1024 * 1024), Err(BadPack::Bomb(64 * 1024 * 1024)));
        assert_eq!(unpack(&bomb, u64::MAX), Err(BadPack::Bomb(u64::MAX)));
        // A liar that claims little gets the room of what it claims and no more.
        assert!(matches!(unpack(&bomb, 1000), Err(BadPack::Spoiled { claimed: 1000, .. })));
    }

    #[test]
    fn no_bytes_panic() {
        let packed = pack(&b"walk_to".repeat(100)).unwrap();
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut], 700).is_err());
        }
        assert!(unpack(&packed, 699).is_err() && unpack(&packed, 701).is_err());
        assert!(unpack(&[0xff; 40], 100).is_err());
        assert_eq!(unpack(&packed, 700), Ok(b"walk_to".repeat(100)), "nothing of a spoiled frame stays behind");
    }
}
