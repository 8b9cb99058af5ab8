//! The only place in this program that draws random numbers, and that asks which boot and which computer this is.

use rustix::rand::{GetRandomFlags, getrandom};
use shared::journal::Boot;
use shared::seal::Hash;

/// 64 random bits.
///
/// # Errors
/// When the kernel gives none.
pub fn random() -> std::io::Result<u64> {
    bytes().map(u64::from_ne_bytes)
}

/// Random bytes.
///
/// # Errors
/// When the kernel gives none.
pub fn bytes<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let count = getrandom(&mut bytes, GetRandomFlags::empty())?;
    if count < bytes.len() {
        return Err(std::io::Error::other("the kernel gave too few random bytes"));
    }
    Ok(bytes)
}

/// This boot of the computer, cut from the kernel's own boot id: the same for every process of one boot.
///
/// # Errors
/// When the kernel does not tell it.
pub fn boot() -> std::io::Result<Boot> {
    let id = std::fs::read("/proc/sys/kernel/random/boot_id")?;
    let hash = Hash::of(&[&id]);
    Ok(Boot(u64::from_be_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"))))
}

/// This computer, cut from the name that its installation was given (`machine-id(5)`). A computer without one is taken for
/// the same as every other such computer; the head beside the database and the server's watermark still tell copies apart.
#[must_use]
pub fn machine() -> Hash {
    let name = std::fs::read("/etc/machine-id").unwrap_or_default();
    Hash::of(&[b"bellwether-machine/v1\0", name.trim_ascii()])
}
