//! The only file of the server that draws random numbers.

use rustix::rand::{GetRandomFlags, getrandom};

/// `N` random bytes from the kernel.
///
/// # Panics
/// When the kernel has no random numbers, which Linux does not report once it has booted.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    let mut filled = 0;
    while filled < N {
        match getrandom(&mut out[filled..], GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("the kernel gives no random numbers: {error}"),
        }
    }
    out
}

/// A random number of 64 bits.
#[must_use]
pub fn number() -> u64 {
    u64::from_be_bytes(bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<16>(), bytes::<16>());
    }
}
